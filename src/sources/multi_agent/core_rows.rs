//! Decoding of the core library's rows. Pure: from cells to values, no I/O.

use super::{
    cells::Cells,
    rows::{AgentRow, Counted, TaskRow},
};
use crate::{model::Usd, text::Safe};

/// A row of the core library's `agents`; `None` without an id.
pub(super) fn agent(cells: &Cells) -> Option<AgentRow> {
    let cost = cells.dollars("total_cost");
    Some(AgentRow {
        id: cells.line("agent_id")?,
        name: cells.line("name"),
        role: cells.word("role"),
        status: cells.line("status"),
        model: cells.line("model"),
        created: cells.time("created_at"),
        updated: None,
        completed: cells.time("completed_at"),
        deleted: cells.time("deleted_at"),
        tokens: cells.count("total_tokens").map(Counted::Total),
        cost,
        cost_unread: if cost.is_none() { cells.line("total_cost") } else { None },
        messages: cells.count("messages_sent").and_then(|count| u32::try_from(count).ok()),
        task: None,
    })
}

/// A row of the core library's `tasks`; `None` without an id.
pub(super) fn task(cells: &Cells) -> Option<TaskRow> {
    let outcome = Outcome::of(cells);
    Some(TaskRow {
        id: cells.line("task_id")?,
        description: Safe::text(&cells.text("description").unwrap_or_default()),
        kind: cells.word("task_type"),
        status: cells.line("status"),
        created: cells.time("created_at"),
        completed: cells.time("completed_at"),
        cost: cells.dollars("total_cost").filter(|cost| *cost != Usd::ZERO),
        result: outcome.output,
        error: outcome.error,
        agents: cells.list("assigned_agents"),
        ..TaskRow::default()
    })
}

/// The `result` column: free text, or the JSON of the library's result object.
struct Outcome {
    output: Option<Safe>,
    error: Option<Safe>,
}

impl Outcome {
    fn of(cells: &Cells) -> Self {
        let text = |value: Option<&serde_json::Value>| {
            value.and_then(serde_json::Value::as_str).filter(|text| !text.is_empty()).map(Safe::text)
        };
        match cells.json("result") {
            Some(serde_json::Value::Object(object)) => {
                Self { output: text(object.get("output")), error: text(object.get("error")) }
            }
            _ => Self { output: cells.text("result").map(|plain| Safe::text(&plain)), error: None },
        }
    }
}
