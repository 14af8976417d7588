//! `orchdash cost`: periods, burn rate, budgets, where the money went, the dearest, what roles bring for it.

use serde_json::{Map, Value, json};

use super::{Inputs, cost_text, dollars, table, usage::figures};
use crate::{
    model::{Budgets, Timestamp, Usd},
    query::{
        Cost, Range,
        breakdown::{self, Breakdown, Question, Row},
        budgets::{self, Standing},
        cost, recorded,
        returns::{self, Figures},
        usage::By,
        window::Window,
    },
    store::Totals,
    text::format,
};

/// Rows of the lists of the dearest.
const TOP: usize = 10;

/// What is asked.
pub struct Asked {
    /// Range of the breakdown, the dearest and the returns; periods and budgets follow the clock.
    pub range: Range,
    /// One grouping more.
    pub by: Option<By>,
    /// Budgets.
    pub budgets: Budgets,
}

/// The lists of the contract with their word there.
const LISTS: [(&str, By); 6] = [
    ("model", By::Model),
    ("workspace", By::Workspace),
    ("role", By::Role),
    ("task_type", By::Type),
    ("source", By::Source),
    ("day", By::Day),
];

/// The periods with their word in the contract.
const PERIODS: [(&str, Window); 6] = [
    ("session", Window::FiveHours),
    ("today", Window::Today),
    ("yesterday", Window::Yesterday),
    ("week", Window::Week),
    ("month", Window::Month),
    ("all_time", Window::All),
];

/// A period and the same part of the one before.
struct Period {
    word: &'static str,
    totals: Totals,
    before: Option<Totals>,
}

fn periods(inputs: &Inputs<'_>) -> Vec<Period> {
    let sum = |range| cost::sum(inputs.store, inputs.selection, range, inputs.now);
    PERIODS
        .into_iter()
        .map(|(word, window)| Period {
            word,
            totals: sum(window.range(inputs.now, inputs.zone)),
            before: window.before(inputs.now, inputs.zone).map(sum),
        })
        .collect()
}

/// What a sum costs: nothing used costs nothing, what only has no price is not known.
fn amount(totals: &Totals) -> Value {
    if totals.is_empty() { json!(0.0) } else { dollars(totals.known_cost()) }
}

fn grouped(inputs: &Inputs<'_>, range: Range, by: By) -> Breakdown {
    let question =
        Question { selection: inputs.selection, range, within: &[], now: inputs.now, zone: inputs.zone };
    breakdown::by(inputs.store, &question, by)
}

fn row(inputs: &Inputs<'_>, row: &Row) -> Value {
    let mut fields = figures(&row.totals);
    fields.insert("key".to_owned(), json!(breakdown::name(inputs.store, row, inputs.zone)));
    fields.insert("id".to_owned(), json!(breakdown::id(inputs.store, &row.part)));
    fields.insert("recorded_usd".to_owned(), json!(row.recorded.dollars_micro()));
    fields.insert("computed_usd".to_owned(), json!(row.computed().dollars_micro()));
    Value::Object(fields)
}

fn rows(inputs: &Inputs<'_>, breakdown: &Breakdown) -> Value {
    breakdown.rows.iter().map(|one| row(inputs, one)).collect()
}

/// The dearest of a grouping; what belongs to none is no member.
fn top(breakdown: &Breakdown) -> impl Iterator<Item = &Row> {
    let known =
        |row: &&Row| !matches!(row.part, breakdown::Part::Unknown(_)) && row.totals.known_cost().is_some();
    breakdown.rows.iter().filter(known).take(TOP)
}

/// The JSON document.
pub fn json(inputs: &Inputs<'_>, asked: &Asked) -> Value {
    let mut out = Map::new();
    let mut detail = Map::new();
    for period in periods(inputs) {
        let mut fields = figures(&period.totals);
        fields.insert("before_usd".to_owned(), period.before.as_ref().map_or(Value::Null, amount));
        detail.insert(period.word.to_owned(), Value::Object(fields));
        out.insert(period.word.to_owned(), amount(&period.totals));
    }
    out.insert("periods".to_owned(), Value::Object(detail));
    let summary = cost::summary(inputs.store, inputs.selection, inputs.now, inputs.zone);
    out.insert("projected_month".to_owned(), dollars(summary.projected_month));
    out.insert("burn_usd_per_day".to_owned(), dollars(summary.burn_per_day));
    let standings = budgets::standings(inputs.store, &asked.budgets.list, inputs.now, inputs.zone);
    out.insert("budgets".to_owned(), standings.iter().map(budget).collect());
    out.insert("budget_changes".to_owned(), changes(&asked.budgets));
    let models = grouped(inputs, asked.range, By::Model);
    let lists = LISTS.into_iter().map(|(word, by)| {
        let list = if by == By::Model {
            rows(inputs, &models)
        } else {
            rows(inputs, &grouped(inputs, asked.range, by))
        };
        (word.to_owned(), list)
    });
    out.insert("by".to_owned(), Value::Object(lists.collect()));
    out.insert(
        "range".to_owned(),
        json!({"since": asked.range.since, "until": asked.range.until, "tz": inputs.zone.name()}),
    );
    let mut totals = figures(&models.totals);
    totals.insert("recorded_usd".to_owned(), json!(models.recorded.dollars_micro()));
    totals.insert("computed_usd".to_owned(), json!((models.totals.cost - models.recorded).dollars_micro()));
    out.insert("totals".to_owned(), Value::Object(totals));
    if let Some(by) = asked.by {
        out.insert("groups".to_owned(), rows(inputs, &grouped(inputs, asked.range, by)));
    }
    let dearest = |by| top(&grouped(inputs, asked.range, by)).map(|one| row(inputs, one)).collect::<Value>();
    out.insert("top_tasks".to_owned(), dearest(By::Task));
    out.insert("top_agents".to_owned(), dearest(By::Agent));
    out.insert("unpriced_models".to_owned(), unpriced(inputs, &models));
    out.insert("recorded".to_owned(), compared(inputs));
    out.insert("returns".to_owned(), brought(inputs, asked.range));
    Value::Object(out)
}

fn budget(standing: &Standing) -> Value {
    let scope = &standing.budget.scope;
    json!({
        "scope": scope.words(),
        "workspace": scope.workspace,
        "model": scope.model,
        "period": scope.period.word(),
        "limit_usd": standing.budget.limit.dollars_micro(),
        "used_usd": amount(&standing.used),
        "unpriced_responses": standing.used.unpriced,
        "percent": (standing.percent() * 100.0).round() / 100.0,
        "projected_usd": dollars(standing.projected),
        "burn_usd_per_day": dollars(standing.rate),
        "since": standing.range.since,
        "until": standing.range.until,
        "full": standing.is_full(),
        "full_at": standing.full_at,
        "periods": standing.periods.iter().map(|cost| cost.dollars_micro()).collect::<Vec<f64>>(),
        "set_in": if standing.budget.in_settings { "settings" } else { "state" },
    })
}

fn changes(budgets: &Budgets) -> Value {
    let change = |change: &crate::model::BudgetChange| {
        json!({"at": change.at, "scope": change.scope.words(), "period": change.scope.period.word(),
            "before_usd": dollars(change.before), "after_usd": dollars(change.after)})
    };
    budgets.changes.iter().map(change).collect()
}

fn unpriced(inputs: &Inputs<'_>, models: &Breakdown) -> Value {
    let without = models.rows.iter().filter(|row| row.totals.unpriced > 0);
    without
        .map(|row| {
            json!({"model": breakdown::name(inputs.store, row, inputs.zone), "responses": row.totals.unpriced,
                "tokens": row.totals.tokens.total()})
        })
        .collect()
}

fn compared(inputs: &Inputs<'_>) -> Value {
    let found = recorded::compare(inputs.store, inputs.selection, inputs.now);
    json!({
        "agents": found.agents,
        "recorded_usd": found.recorded.dollars_micro(),
        "computed_usd": found.computed.dollars_micro(),
        "beside": {"agents": found.agents_beside, "agents_usd": found.recorded_beside.dollars_micro(),
            "tasks": found.tasks_beside, "tasks_usd": found.tasks_recorded_beside.dollars_micro()},
    })
}

fn brought(inputs: &Inputs<'_>, range: Range) -> Value {
    let found = returns::of(inputs.store, inputs.selection, range, inputs.now);
    let shapes: Vec<Value> = found
        .shapes
        .iter()
        .map(|shape| {
            let mut fields = brought_by(&shape.figures);
            fields.insert("roles".to_owned(), json!(shape.roles));
            Value::Object(fields)
        })
        .collect();
    let roles: Vec<Value> = found
        .roles
        .iter()
        .map(|role| {
            json!({"role": role.name, "with": brought_by(&role.with), "without": brought_by(&role.without),
                "gain_points": role.gain(), "own_usd": dollars(role.own.amount), "own_kind": role.own.kind.word(),
                "share_percent": role.share(), "median_s": role.median.map(|span| span.0 as f64 / 1000.0)})
        })
        .collect();
    json!({
        "all": brought_by(&found.all),
        "with_analyst": brought_by(&found.with_analyst),
        "without_analyst": brought_by(&found.without_analyst),
        "workflows": shapes,
        "roles": roles,
    })
}

fn brought_by(figures: &Figures) -> Map<String, Value> {
    [
        ("tasks", json!(figures.tasks)),
        ("succeeded", json!(figures.succeeded)),
        ("failed", json!(figures.failed)),
        ("cancelled", json!(figures.cancelled)),
        ("success_percent", json!(figures.success_percent())),
        ("cost_usd", dollars(figures.cost.amount)),
        ("cost_kind", json!(figures.cost.kind.word())),
        ("cost_per_task_usd", dollars(figures.cost_per_task())),
        ("cost_per_success_usd", dollars(figures.cost_per_success())),
        ("tokens_per_task", json!(figures.tokens_per_task())),
        ("median_s", json!(figures.median.map(|span| span.0 as f64 / 1000.0))),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Tables for people: periods, budgets, one breakdown, the dearest.
pub fn text(inputs: &Inputs<'_>, asked: &Asked) -> String {
    let mut out = period_table(inputs);
    let summary = cost::summary(inputs.store, inputs.selection, inputs.now, inputs.zone);
    if let Some(burn) = summary.burn_per_day {
        let month = summary.projected_month.map(|usd| format!(", {} this month", format::money(usd)));
        out.extend(["\nburn ", &format::money(burn), " a day", &month.unwrap_or_default(), "\n"]);
    }
    let standings = budgets::standings(inputs.store, &asked.budgets.list, inputs.now, inputs.zone);
    if !standings.is_empty() {
        out.push('\n');
        out.push_str(&budget_table(inputs, &standings));
    }
    let by = asked.by.unwrap_or(By::Model);
    out.push('\n');
    out.push_str(&group_table(inputs, asked.range, by));
    for (head, by) in [("DEAREST TASKS", By::Task), ("DEAREST AGENTS", By::Agent)] {
        let columns = [table::left(head), table::left("ID"), table::right("COST")];
        let list = grouped(inputs, asked.range, by);
        let rows: Vec<Vec<String>> = top(&list)
            .map(|row| {
                let id = breakdown::id(inputs.store, &row.part).unwrap_or_default();
                vec![breakdown::name(inputs.store, row, inputs.zone), id, cost_text(&Cost::of(&row.totals))]
            })
            .collect();
        if !rows.is_empty() {
            out.push('\n');
            out.push_str(&table::layout(&columns, &rows));
        }
    }
    out
}

fn period_table(inputs: &Inputs<'_>) -> String {
    let columns =
        [table::left("PERIOD"), table::right("COST"), table::right("BEFORE"), table::right("CHANGE")];
    let rows: Vec<Vec<String>> = periods(inputs)
        .iter()
        .map(|period| {
            let before = period.before.as_ref().map(|before| before.cost);
            let change =
                before.and_then(|before| format::trend(period.totals.cost.dollars(), before.dollars()));
            vec![
                period.word.replace('_', " "),
                cost_text(&Cost::of(&period.totals)),
                before.map(format::money).unwrap_or_default(),
                change.unwrap_or_default(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}

fn budget_table(inputs: &Inputs<'_>, standings: &[Standing]) -> String {
    let columns = [
        table::left("BUDGET"),
        table::left("PER"),
        table::right("LIMIT"),
        table::right("USED"),
        table::right("SHARE"),
        table::right("PROJECTED"),
        table::left("FULL"),
    ];
    let money = |usd: Option<Usd>| usd.map(format::money).unwrap_or_default();
    let full = |at: Option<Timestamp>| at.map(|at| at.short(inputs.zone)).unwrap_or_default();
    let rows: Vec<Vec<String>> = standings
        .iter()
        .map(|standing| {
            vec![
                standing.budget.scope.words(),
                standing.budget.scope.period.word().to_owned(),
                format::money(standing.budget.limit),
                format::money(standing.used.cost),
                format::percent(standing.percent()),
                money(standing.projected),
                full(standing.full_at),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}

fn group_table(inputs: &Inputs<'_>, range: Range, by: By) -> String {
    let columns = [
        table::left(super::usage::head(by)),
        table::right("COST"),
        table::right("SHARE"),
        table::right("RECORDED"),
        table::right("COMPUTED"),
        table::right("TOKENS"),
        table::right("$/MTOK"),
        table::right("NO PRICE"),
    ];
    let list = grouped(inputs, range, by);
    let line = |name: String, totals: &Totals, recorded: Usd| {
        let (tokens, all) = (totals.tokens.total(), list.totals.cost.0.max(1) as f64);
        vec![
            name,
            cost_text(&Cost::of(totals)),
            format::percent(totals.cost.0 as f64 / all * 100.0),
            format::money(recorded),
            format::money(totals.cost - recorded),
            format::count(tokens),
            cost::per_million(totals).map(|dollars| format!("{dollars:.2}")).unwrap_or_default(),
            if totals.unpriced == 0 { String::new() } else { totals.unpriced.to_string() },
        ]
    };
    let mut rows: Vec<Vec<String>> = list
        .rows
        .iter()
        .map(|row| line(breakdown::name(inputs.store, row, inputs.zone), &row.totals, row.recorded))
        .collect();
    rows.push(line("total".to_owned(), &list.totals, list.recorded));
    table::layout(&columns, &rows)
}
