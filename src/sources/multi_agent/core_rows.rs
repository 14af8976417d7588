//! Decoding of the core library's rows. Pure: from cells to values, no I/O.

use super::{
    cells::{dollars, json, list, word},
    rows::{AgentRow, Counted, TaskRow, ZONE},
};
use crate::{model::Usd, sources::read::sqlite::Fields, text::Safe};

/// A row of the core library's `agents`; `None` without an id.
pub(super) fn agent(cells: &mut Fields<'_>) -> Option<AgentRow> {
    let cost = dollars(cells, "total_cost");
    Some(AgentRow {
        id: cells.line("agent_id")?,
        name: cells.line("name"),
        role: word(cells, "role"),
        status: cells.line("status"),
        model: cells.line("model"),
        created: cells.time("created_at", ZONE),
        updated: None,
        completed: cells.time("completed_at", ZONE),
        deleted: cells.time("deleted_at", ZONE),
        tokens: cells.count("total_tokens").map(Counted::Total),
        cost_unread: cost.clone().err(),
        cost: cost.ok().flatten(),
        messages: cells.count("messages_sent").and_then(|count| u32::try_from(count).ok()),
        task: None,
    })
}

/// A row of the core library's `tasks`; `None` without an id.
pub(super) fn task(cells: &mut Fields<'_>) -> Option<TaskRow> {
    let outcome = Outcome::of(cells);
    Some(TaskRow {
        id: cells.line("task_id")?,
        description: cells.text("description").unwrap_or_default(),
        kind: word(cells, "task_type"),
        status: cells.line("status"),
        created: cells.time("created_at", ZONE),
        completed: cells.time("completed_at", ZONE),
        cost: dollars(cells, "total_cost").ok().flatten().filter(|cost| *cost != Usd::ZERO),
        result: outcome.output,
        error: outcome.error,
        agents: list(cells, "assigned_agents"),
        ..TaskRow::default()
    })
}

/// The `result` column: free text, or the JSON of the library's result object.
struct Outcome {
    output: Option<Safe>,
    error: Option<Safe>,
}

impl Outcome {
    fn of(cells: &mut Fields<'_>) -> Self {
        let text = |value: Option<&serde_json::Value>| {
            value.and_then(serde_json::Value::as_str).filter(|text| !text.is_empty()).map(Safe::text)
        };
        match json(cells, "result") {
            Some(serde_json::Value::Object(object)) => {
                Self { output: text(object.get("output")), error: text(object.get("error")) }
            }
            _ => Self { output: cells.text("result"), error: None },
        }
    }
}
