//! `orchdash activity`: when the fleet works, how long, and how it ends.

use serde_json::{Map, Value, json};

use super::{Inputs, cost_text, dollars, table};
use crate::{
    model::{Millis, Timestamp},
    query::{
        Cost, Range,
        activity::{
            self, Flow, Group, Heat, Measure, Outcome, Run, Spread, Trend, errors, flow, heat, runs, trend,
        },
        axis::{Axis, Step},
        tools,
        usage::By,
    },
    text::format,
};

/// Everything the answers are made from.
struct Facts<'a> {
    heat: Heat,
    tasks: Vec<Run<'a>>,
    agents: Vec<Run<'a>>,
    range: Range,
}

impl<'a> Facts<'a> {
    fn of(inputs: &Inputs<'a>, range: Range) -> Self {
        Self {
            heat: heat::heat(inputs.store, inputs.selection, range, inputs.now, inputs.zone),
            tasks: runs::tasks(inputs.store, inputs.selection, inputs.now),
            agents: runs::agents(inputs.store, inputs.selection, inputs.now),
            range,
        }
    }

    fn groups(&self, by: By) -> Vec<Group> {
        runs::by(if runs::is_of_agents(by) { &self.agents } else { &self.tasks }, self.range, by)
    }

    fn flow(&self, inputs: &Inputs<'_>) -> (Step, Vec<Flow>) {
        let Some((since, until)) = flow::extent(&self.tasks, &self.agents, self.range, inputs.now) else {
            return (Step::Day, Vec::new());
        };
        let step = Step::fitting(until.since(since));
        let axis = Axis::new(step.floor(since, inputs.zone), until, step, inputs.zone);
        (axis.step, flow::flow(&self.tasks, &self.agents, &axis))
    }

    fn trends(&self, inputs: &Inputs<'_>) -> Vec<Trend> {
        let runs = (self.tasks.as_slice(), self.agents.as_slice());
        let one = |days| trend::trend(inputs.store, inputs.selection, runs, days, inputs.now, inputs.zone);
        trend::DAYS.into_iter().map(one).collect()
    }
}

fn seconds(span: Option<Millis>) -> Value {
    span.map_or(Value::Null, |span| json!(span.0 as f64 / 1000.0))
}

/// A share of percent as the contract has it: 0 to 1, to the thousandth.
fn rate(percent: Option<f64>) -> Value {
    percent.map_or(Value::Null, |percent| json!((percent * 10.0).round() / 1000.0))
}

fn spread(spread: &Spread) -> Map<String, Value> {
    [
        ("count", json!(spread.count)),
        ("unknown", json!(spread.unknown)),
        ("p50_s", seconds(spread.p50)),
        ("p95_s", seconds(spread.p95)),
        ("p99_s", seconds(spread.p99)),
        ("longest_s", seconds(spread.longest)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn outcome(outcome: &Outcome) -> Map<String, Value> {
    [
        ("succeeded", json!(outcome.succeeded)),
        ("failed", json!(outcome.failed)),
        ("cancelled", json!(outcome.cancelled)),
        ("rate", rate(outcome.success_percent())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The JSON document. `hours` are responses; a histogram step holds what took longer than the step before and no longer than
/// `le_s`, the last one (`null`) everything above.
pub fn json(inputs: &Inputs<'_>, range: Range) -> Value {
    let facts = Facts::of(inputs, range);
    let days: Vec<Value> =
        facts.heat.days.iter().map(|(date, count)| day(&date.to_string(), count)).collect();
    let together = runs::together(&facts.tasks, range);
    let steps = runs::STEPS.into_iter().map(|end| json!(end)).chain([Value::Null]);
    let histogram: Vec<Value> =
        steps.zip(together.histogram).map(|(end, count)| json!({"le_s": end, "count": count})).collect();
    let mut durations = spread(&together.spread);
    durations.insert("histogram".to_owned(), json!(histogram));
    durations.insert("by".to_owned(), by(&facts, |group| spread(&group.spread)));
    let mut success = outcome(&together.outcome);
    success.insert("by".to_owned(), by(&facts, |group| outcome(&group.outcome)));
    let (step, flow) = facts.flow(inputs);
    let grids: Map<String, Value> = Measure::ALL
        .into_iter()
        .map(|measure| (measure.word().to_owned(), hours(&facts.heat, measure)))
        .collect();
    json!({
        "range": {"since": range.since, "until": range.until, "tz": inputs.zone.name()},
        "days": days,
        "undated": {
            "tasks": facts.heat.undated.tasks,
            "responses": facts.heat.undated.usage.responses,
            "tokens": facts.heat.undated.usage.tokens.total(),
            "cost_usd": dollars(facts.heat.undated.usage.known_cost()),
        },
        "hours": hours(&facts.heat, Measure::Responses),
        "hours_by": grids,
        "durations": durations,
        "success": success,
        "errors": error_kinds(inputs, range),
        "tool_failures": tools::by_tool(inputs.store, inputs.selection, range, inputs.now).failing().iter().map(|tool| json!({
            "tool": tool.name, "calls": tool.calls, "failed": tool.failed,
        })).collect::<Vec<_>>(),
        "flow": {"step": step.word(), "steps": flow.iter().map(|flow| json!({
            "start": flow.start, "asked": flow.asked, "done": flow.done, "failed": flow.failed,
            "tasks_at_once": flow.tasks_at_once, "agents_at_once": flow.agents_at_once,
        })).collect::<Vec<_>>()},
        "trends": facts.trends(inputs).iter().map(one_trend).collect::<Vec<_>>(),
    })
}

fn day(date: &str, count: &activity::Count) -> Value {
    json!({
        "date": date,
        "tasks": count.tasks,
        "responses": count.usage.responses,
        "tokens": count.usage.tokens.total(),
        "cost_usd": dollars(count.usage.known_cost()),
    })
}

fn hours(heat: &Heat, measure: Measure) -> Value {
    let value = |count: &activity::Count| match measure {
        Measure::Cost => json!(count.usage.cost.dollars_micro()),
        measure => json!(count.of(measure)),
    };
    heat.hours.iter().map(|hours| hours.iter().map(value).collect::<Value>()).collect()
}

fn by(facts: &Facts<'_>, figures: impl Fn(&Group) -> Map<String, Value>) -> Value {
    let one = |by: By| {
        let groups = facts.groups(by);
        let rows: Vec<Value> = groups
            .iter()
            .map(|group| {
                let mut fields = figures(group);
                fields.insert("key".to_owned(), json!(group.key));
                Value::Object(fields)
            })
            .collect();
        (by.word().to_owned(), json!(rows))
    };
    Value::Object(runs::BY.into_iter().map(one).collect())
}

fn error_kinds(inputs: &Inputs<'_>, range: Range) -> Vec<Value> {
    let local = |id| inputs.store.tasks.key(id).map(|key| &key.local);
    errors::errors(inputs.store, inputs.selection, range, inputs.now)
        .iter()
        .map(|error| {
            json!({
                "kind": error.kind,
                "count": error.count,
                "newest": error.newest,
                "example": error.example.as_ref().map(crate::text::Safe::first_line),
                "task": error.task.and_then(local),
            })
        })
        .collect()
}

fn period(period: &trend::Period) -> Map<String, Value> {
    let mut fields = outcome(&period.outcome);
    fields.extend([
        ("cost_usd".to_owned(), dollars(period.usage.known_cost())),
        ("tokens".to_owned(), json!(period.usage.tokens.total())),
        ("responses".to_owned(), json!(period.usage.responses)),
        ("tasks".to_owned(), json!(period.tasks)),
        ("agents".to_owned(), json!(period.agents)),
        ("p50_s".to_owned(), seconds(period.median)),
    ]);
    fields
}

fn one_trend(trend: &Trend) -> Value {
    let daily: Vec<Value> = trend
        .daily
        .iter()
        .map(|day| {
            let mut fields = period(&day.period);
            fields.insert("date".to_owned(), json!(day.date.to_string()));
            Value::Object(fields)
        })
        .collect();
    json!({"days": trend.days, "now": period(&trend.now), "before": period(&trend.before), "daily": daily})
}

/// What people read: the days, the run times and outcomes by type, and what failed.
pub fn text(inputs: &Inputs<'_>, range: Range) -> String {
    let facts = Facts::of(inputs, range);
    let mut parts = vec![days_text(&facts.heat), groups_text(&facts)];
    let errors = errors_text(inputs, range);
    if !errors.is_empty() {
        parts.push(errors);
    }
    parts.push(trends_text(&facts.trends(inputs)));
    parts.join("\n")
}

fn days_text(heat: &Heat) -> String {
    let columns = [
        table::left("DAY"),
        table::right("TASKS"),
        table::right("RESPONSES"),
        table::right("TOKENS"),
        table::right("COST"),
    ];
    let row = |name: String, count: &activity::Count| {
        vec![
            name,
            count.tasks.to_string(),
            count.usage.responses.to_string(),
            format::count(count.usage.tokens.total()),
            cost_text(&Cost::of(&count.usage)),
        ]
    };
    let mut rows: Vec<Vec<String>> =
        heat.days.iter().map(|(date, count)| row(date.to_string(), count)).collect();
    if heat.undated != activity::Count::default() {
        rows.push(row("no date".to_owned(), &heat.undated));
    }
    table::layout(&columns, &rows)
}

fn or_dash(span: Option<Millis>) -> String {
    span.map_or_else(|| "-".to_owned(), format::duration)
}

fn percent(outcome: &Outcome) -> String {
    outcome.success_percent().map_or_else(|| "-".to_owned(), format::percent)
}

fn groups_text(facts: &Facts<'_>) -> String {
    let columns = [
        table::left("BY"),
        table::left("KEY"),
        table::right("RUNS"),
        table::right("P50"),
        table::right("P95"),
        table::right("P99"),
        table::right("SUCCEEDED"),
        table::right("FAILED"),
        table::right("CANCELLED"),
        table::right("SUCCESS"),
    ];
    let row = |by: &str, group: &Group| {
        vec![
            by.to_owned(),
            if group.key.is_empty() { "-".to_owned() } else { group.key.clone() },
            group.outcome.total().to_string(),
            or_dash(group.spread.p50),
            or_dash(group.spread.p95),
            or_dash(group.spread.p99),
            group.outcome.succeeded.to_string(),
            group.outcome.failed.to_string(),
            group.outcome.cancelled.to_string(),
            percent(&group.outcome),
        ]
    };
    let mut rows = vec![row("all tasks", &runs::together(&facts.tasks, facts.range))];
    for by in runs::BY.into_iter().filter(|by| *by != By::Agent) {
        rows.extend(facts.groups(by).iter().map(|group| row(by.word(), group)));
    }
    table::layout(&columns, &rows)
}

fn errors_text(inputs: &Inputs<'_>, range: Range) -> String {
    let errors = errors::errors(inputs.store, inputs.selection, range, inputs.now);
    if errors.is_empty() {
        return String::new();
    }
    let columns =
        [table::left("ERROR"), table::right("COUNT"), table::right("NEWEST"), table::left("WHICH SAYS")];
    let ago = |at: Timestamp| format::ago(inputs.now, at);
    let rows: Vec<Vec<String>> = errors
        .iter()
        .map(|error| {
            vec![
                error.kind.to_owned(),
                error.count.to_string(),
                error.newest.map_or_else(|| "-".to_owned(), ago),
                error.example.as_ref().map_or("-", crate::text::Safe::first_line).to_owned(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}

fn trends_text(trends: &[Trend]) -> String {
    let columns = [
        table::left("LAST"),
        table::left("PERIOD"),
        table::right("COST"),
        table::right("TOKENS"),
        table::right("TASKS"),
        table::right("AGENTS"),
        table::right("MEDIAN"),
        table::right("SUCCESS"),
    ];
    let row = |days: u64, name: &str, period: &trend::Period| {
        vec![
            format!("{days} days"),
            name.to_owned(),
            cost_text(&Cost::of(&period.usage)),
            format::count(period.usage.tokens.total()),
            period.tasks.to_string(),
            period.agents.to_string(),
            or_dash(period.median),
            percent(&period.outcome),
        ]
    };
    let rows: Vec<Vec<String>> = trends
        .iter()
        .flat_map(|trend| [row(trend.days, "now", &trend.now), row(trend.days, "before", &trend.before)])
        .collect();
    table::layout(&columns, &rows)
}
