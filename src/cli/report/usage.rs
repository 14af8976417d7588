//! `orchdash usage`: tokens and cost by model, workspace, agent, task, role, source or period.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Inputs, cost_text, dollars, table, windows};
use crate::{
    query::{
        Cost, Range,
        axis::{Axis, Step},
        bands::{self, Bands},
        cache, cost,
        shares::{self, Users},
        tools,
        usage::{self, By},
    },
    store::Totals,
    text::{Safe, format},
};

/// The JSON document. The sum of the groups is the total, and so is that of the parts together with what has no time.
pub fn json(inputs: &Inputs<'_>, range: Range, by: Option<By>, step: Option<Step>) -> Value {
    let Inputs { store, selection, now, zone } = *inputs;
    let model = by.unwrap_or(By::Model);
    let grouped = usage::by(store, selection, range, model, now, zone);
    let (users, of_groups) = shares::users(store, selection, range, model, now, zone);
    let groups: Vec<Value> = grouped
        .groups
        .iter()
        .filter(|_| by.is_some())
        .map(|group| {
            let mut fields = figures(&group.totals);
            fields.insert("key".to_owned(), json!(group.key));
            fields.extend(behind(of_groups.get(&group.key).copied().unwrap_or_default()));
            Value::Object(fields)
        })
        .collect();
    let mut totals = figures(&grouped.totals);
    totals.extend(behind(users));
    let per_task = shares::per_task(store, selection, range, now);
    let tools = tools::by_tool(store, selection, range, now);
    let mut document = json!({
        "range": {"since": range.since, "until": range.until, "tz": zone.name()},
        "totals": totals,
        "groups": groups,
        "windows": windows::json(inputs),
        "cache": cache_json(inputs, range),
        "per_task": {"tasks": per_task.tasks, "median_tokens": some(per_task.tasks, per_task.median_tokens),
            "p90_tokens": some(per_task.tasks, per_task.p90_tokens), "median_cost_usd": dollars(per_task.median_cost)},
        "tools": {"agents": tools.known, "agents_unknown": tools.unknown, "calls": tools.calls(),
            "tools": tools.tools.iter().map(|tool| json!({"name": Safe::line(&tool.name), "calls": tool.calls,
                "failed": tool.failed, "agents": tool.agents})).collect::<Vec<_>>()},
    });
    if let (Some(step), Some(document)) = (step, document.as_object_mut()) {
        let (parts, undated) = parts(inputs, range, by, step);
        document.insert("step".to_owned(), json!(step.word()));
        document.insert("parts".to_owned(), parts);
        document.insert("undated".to_owned(), Value::Object(figures(&undated)));
    }
    document
}

/// Nobody has no middle.
fn some(count: u64, value: u64) -> Option<u64> {
    (count > 0).then_some(value)
}

fn behind(users: Users) -> [(String, Value); 2] {
    [("tasks".to_owned(), json!(users.tasks)), ("agents".to_owned(), json!(users.agents))]
}

fn cache_json(inputs: &Inputs<'_>, range: Range) -> Value {
    let Inputs { store, selection, now, zone } = *inputs;
    let cache = cache::of(store, &usage::by(store, selection, range, By::Model, now, zone), now);
    let round = |value: Option<f64>| value.map(|value| (value * 100.0).round() / 100.0);
    json!({"hit_percent": round(cache.hit_percent), "reads_per_write": round(cache.reads_per_write),
        "saved_usd": dollars(cache.saved)})
}

/// The course of a range in steps; nothing where nothing that was used has a time.
pub fn course(inputs: &Inputs<'_>, range: Range, by: Option<By>, step: Step) -> Option<(Axis, Bands)> {
    let Inputs { store, selection, now, zone } = *inputs;
    let (first, last) = store.rollup().span()?;
    let since = range.since.unwrap_or_else(|| step.floor(first, zone));
    let until = range.until.unwrap_or(last).max(since);
    let axis = Axis::new(since, until, step, zone);
    let size = |totals: &Totals| u64::try_from(totals.cost.0).unwrap_or(0).max(totals.tokens.total());
    let bands = bands::over(store, selection, (range, &axis), by, size, now);
    Some((axis, bands))
}

/// The range in steps, each with its sum and, where it is grouped, the largest groups and all others (`key` null); and what
/// has no time, which counts in all of time only.
fn parts(inputs: &Inputs<'_>, range: Range, by: Option<By>, step: Step) -> (Value, Totals) {
    let Some((axis, bands)) = course(inputs, range, by, step) else {
        return (json!([]), cost::sum(inputs.store, inputs.selection, range, inputs.now));
    };
    let parts = (0..axis.len()).map(|part| {
        let mut fields = figures(&bands.part(part));
        let range = axis.part(part).unwrap_or_default();
        fields.insert("since".to_owned(), json!(range.since));
        fields.insert("until".to_owned(), json!(range.until));
        if by.is_some() {
            let groups = bands.bands.iter().filter_map(|band| Some((&band.name, band.parts.get(part)?)));
            let groups = groups.filter(|(_, totals)| !totals.is_empty()).map(|(name, totals)| {
                let mut fields = figures(totals);
                fields.insert("key".to_owned(), json!(name));
                Value::Object(fields)
            });
            fields.insert("groups".to_owned(), groups.collect());
        }
        Value::Object(fields)
    });
    (parts.collect(), bands.undated)
}

/// The figures of a sum, as the contract names them.
pub(super) fn figures(totals: &Totals) -> Map<String, Value> {
    let tokens = &totals.tokens;
    [
        ("responses", json!(totals.responses)),
        ("input", json!(tokens.input)),
        ("output", json!(tokens.output)),
        ("cache_read", json!(tokens.cache_read)),
        ("cache_write_5m", json!(tokens.cache_write_5m)),
        ("cache_write_1h", json!(tokens.cache_write_1h)),
        ("total", json!(tokens.total())),
        ("cost_usd", dollars(totals.known_cost())),
        ("cost_kind", json!(totals.cost_kind().word())),
        ("unpriced_responses", json!(totals.unpriced)),
        ("remembered_responses", json!(totals.remembered)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The table for people: one row a group, then the total; below it windows and cache.
pub fn text(inputs: &Inputs<'_>, range: Range, by: Option<By>) -> String {
    let by = by.unwrap_or(By::Model);
    let grouped = usage::by(inputs.store, inputs.selection, range, by, inputs.now, inputs.zone);
    let columns = [
        table::left(head(by)),
        table::right("TASKS"),
        table::right("RESPONSES"),
        table::right("INPUT"),
        table::right("OUTPUT"),
        table::right("CACHE READ"),
        table::right("CACHE WRITE"),
        table::right("TOTAL"),
        table::right("COST"),
        table::right("SHARE"),
        table::right("NO PRICE"),
        table::right("REMEMBERED"),
    ];
    let (users, of_groups) =
        shares::users(inputs.store, inputs.selection, range, by, inputs.now, inputs.zone);
    let all = grouped.totals.tokens.total();
    let mut rows: Vec<Vec<String>> = grouped
        .groups
        .iter()
        .map(|group| {
            row(&group.key, of_groups.get(&group.key).copied().unwrap_or_default(), &group.totals, all)
        })
        .collect();
    rows.push(row("total", users, &grouped.totals, all));
    let mut out = table::layout(&columns, &rows);
    for line in windows::text(inputs) {
        out.push_str(&line);
        out.push('\n');
    }
    if let Some(percent) = cache::hit_percent(&grouped.totals.tokens) {
        let _ = writeln!(out, "cache   {} of prompts were read from it", format::percent(percent));
    }
    out
}

fn row(name: &str, users: Users, totals: &Totals, all: u64) -> Vec<String> {
    let tokens = &totals.tokens;
    let some = |count: u64, text: String| if count == 0 { String::new() } else { text };
    vec![
        name.to_owned(),
        some(users.tasks, users.tasks.to_string()),
        totals.responses.to_string(),
        format::count(tokens.input),
        format::count(tokens.output),
        format::count(tokens.cache_read),
        format::count(tokens.cache_write()),
        format::count(tokens.total()),
        cost_text(&Cost::of(totals)),
        some(all, format::percent(tokens.total() as f64 / all as f64 * 100.0)),
        some(totals.unpriced, totals.unpriced.to_string()),
        some(totals.remembered, totals.remembered.to_string()),
    ]
}

pub(super) fn head(by: By) -> &'static str {
    match by {
        By::Model => "MODEL",
        By::Workspace => "WORKSPACE",
        By::Agent => "AGENT",
        By::Task => "TASK",
        By::Role => "ROLE",
        By::Type => "TYPE",
        By::Source => "SOURCE",
        By::Hour => "HOUR",
        By::Day => "DAY",
        By::Week => "WEEK",
        By::Month => "MONTH",
    }
}
