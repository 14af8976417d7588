//! `orchdash usage`: tokens and cost by model, workspace, agent, task, role, source or period.

use serde_json::{Map, Value, json};

use super::{Inputs, cost_text, dollars, table};
use crate::{
    query::{Cost, Range, usage, usage::By},
    store::Totals,
    text::format,
};

/// The JSON document. The sum of the groups is the total.
pub fn json(inputs: &Inputs<'_>, range: Range, by: Option<By>) -> Value {
    let grouped =
        usage::by(inputs.store, inputs.selection, range, by.unwrap_or(By::Model), inputs.now, inputs.zone);
    let groups: Vec<Value> = grouped
        .groups
        .iter()
        .filter(|_| by.is_some())
        .map(|group| {
            let mut fields = figures(&group.totals);
            fields.insert("key".to_owned(), json!(group.key));
            Value::Object(fields)
        })
        .collect();
    json!({
        "range": {"since": range.since, "until": range.until, "tz": inputs.zone.name()},
        "totals": figures(&grouped.totals),
        "groups": groups,
    })
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

/// The table for people: one row a group, then the total.
pub fn text(inputs: &Inputs<'_>, range: Range, by: Option<By>) -> String {
    let by = by.unwrap_or(By::Model);
    let grouped = usage::by(inputs.store, inputs.selection, range, by, inputs.now, inputs.zone);
    let columns = [
        table::left(head(by)),
        table::right("RESPONSES"),
        table::right("INPUT"),
        table::right("OUTPUT"),
        table::right("CACHE READ"),
        table::right("CACHE WRITE"),
        table::right("TOTAL"),
        table::right("COST"),
        table::right("NO PRICE"),
        table::right("REMEMBERED"),
    ];
    let mut rows: Vec<Vec<String>> =
        grouped.groups.iter().map(|group| row(&group.key, &group.totals)).collect();
    rows.push(row("total", &grouped.totals));
    table::layout(&columns, &rows)
}

fn row(name: &str, totals: &Totals) -> Vec<String> {
    let tokens = &totals.tokens;
    vec![
        name.to_owned(),
        totals.responses.to_string(),
        format::count(tokens.input),
        format::count(tokens.output),
        format::count(tokens.cache_read),
        format::count(tokens.cache_write()),
        format::count(tokens.total()),
        cost_text(&Cost::of(totals)),
        some(totals.unpriced),
        some(totals.remembered),
    ]
}

/// A number of what is rarely there.
fn some(count: u64) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}

fn head(by: By) -> &'static str {
    match by {
        By::Model => "MODEL",
        By::Workspace => "WORKSPACE",
        By::Agent => "AGENT",
        By::Task => "TASK",
        By::Role => "ROLE",
        By::Source => "SOURCE",
        By::Hour => "HOUR",
        By::Day => "DAY",
        By::Week => "WEEK",
        By::Month => "MONTH",
    }
}
