//! `orchdash sources`: can I trust this screen?

use serde_json::{Value, json};

use super::{Inputs, table};
use crate::{
    model::{Health, SourceId},
    text::format,
};

/// The JSON document.
pub fn json(inputs: &Inputs<'_>) -> Value {
    let sources: Vec<Value> = inputs.store.sources().map(|(id, health)| source(inputs, id, health)).collect();
    json!({ "sources": sources })
}

fn source(inputs: &Inputs<'_>, id: SourceId, health: &Health) -> Value {
    json!({
        "kind": health.kind,
        "path": health.path,
        "state": health.state.word(),
        "error": health.error,
        "remedy": health.remedy,
        "agents": inputs.store.agents.told_by(id),
        "tasks": inputs.store.tasks.told_by(id),
        "usage_records": inputs.store.source_usage_records(id),
        "covered_records": inputs.store.source_covered_records(id),
        "remembered_records": inputs.store.source_remembered_records(id),
        "files": health.files,
        "bytes_read": health.bytes_read,
        "lines_read": health.lines_read,
        "rows_read": health.rows_read,
        "skipped": health.skipped,
        "repaired": health.repaired,
        "watch": health.watch.word(),
        "watch_note": health.watch_note,
        "last_change": health.last_change,
        "last_good": health.last_good,
        "contents": contents(health),
        "notes": health.notes,
    })
}

/// What was found, place by place.
fn contents(health: &Health) -> Vec<Value> {
    health
        .contents
        .iter()
        .map(|found| json!({"place": found.place, "what": found.what, "count": found.count}))
        .collect()
}

/// The table for people.
pub fn text(inputs: &Inputs<'_>) -> String {
    let columns = [
        table::left("KIND"),
        table::left("STATE"),
        table::right("AGENTS"),
        table::right("TASKS"),
        table::right("USAGE"),
        table::right("REMEMBERED"),
        table::right("READ"),
        table::right("SKIPPED"),
        table::right("REPAIRED"),
        table::left("CHANGED"),
        table::left("PATH"),
        table::left("ERROR"),
    ];
    let rows: Vec<Vec<String>> = inputs
        .store
        .sources()
        .map(|(id, health)| {
            vec![
                health.kind.to_owned(),
                health.state.word().to_owned(),
                inputs.store.agents.told_by(id).to_string(),
                inputs.store.tasks.told_by(id).to_string(),
                inputs.store.source_usage_records(id).to_string(),
                inputs.store.source_remembered_records(id).to_string(),
                (health.lines_read + health.rows_read).to_string(),
                health.skipped.to_string(),
                health.repaired.to_string(),
                health.last_change.map_or_else(|| "-".to_owned(), |at| format::ago(inputs.now, at)),
                health.path.to_string(),
                health.error.as_ref().map(ToString::to_string).unwrap_or_default(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}
