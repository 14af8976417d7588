//! `orchdash batches`: what became of tasks that were asked together?

use serde_json::{Map, Value, json};

use super::{Inputs, agents::facts, by_status, table};
use crate::{
    query::{
        Range,
        batches::{self, Batch},
    },
    text::format,
};

fn rows<'a>(inputs: &'a Inputs<'_>, range: Range) -> Vec<Batch<'a>> {
    let mut rows = batches::rows(inputs.store, inputs.selection, inputs.now);
    rows.retain(|batch| range.holds(batch.created_at(inputs.store)));
    rows
}

/// The JSON document, newest first.
pub fn json(inputs: &Inputs<'_>, range: Range) -> Value {
    let batches: Vec<Value> = rows(inputs, range).iter().map(|batch| one(inputs, batch)).collect();
    json!({ "batches": batches })
}

fn one(inputs: &Inputs<'_>, batch: &Batch<'_>) -> Value {
    let record = batch.record;
    let members: Vec<_> =
        batch.members.iter().filter_map(|id| Some(&inputs.store.tasks.key(*id)?.local)).collect();
    let raw: Map<String, Value> =
        batch.raw.iter().map(|(word, count)| (word.to_string(), json!(count))).collect();
    json!({
        "id": batch.key.local,
        "source": inputs.store.source_kind(batch.key.source),
        "recorded": record.is_some(),
        "status": batch.status.word(),
        "status_raw": record.and_then(|record| record.status_raw.as_ref()),
        "status_note": batch.note,
        "cancelled": record.is_some_and(|record| record.cancelled),
        "created_at": record.and_then(|record| record.created_at),
        "max_parallel": record.and_then(|record| record.max_parallel),
        "stated_tasks": record.and_then(|record| record.stated_tasks),
        "members": members,
        "by_status": by_status(&batch.counts),
        "by_status_raw": raw,
        "facts": record.map_or_else(|| facts(&[]), |record| facts(&record.facts)),
    })
}

/// The table for people.
pub fn text(inputs: &Inputs<'_>, range: Range) -> String {
    let columns = [
        table::left("STATUS"),
        table::left("RECORDED"),
        table::right("TASKS"),
        table::right("STATED"),
        table::left("MEMBERS"),
        table::right("PARALLEL"),
        table::right("CREATED"),
        table::left("NOTE"),
        table::left("ID"),
    ];
    let dash = || "-".to_owned();
    let number = |number: Option<u32>| number.map_or_else(dash, |number| number.to_string());
    let rows: Vec<Vec<String>> = rows(inputs, range)
        .iter()
        .map(|batch| {
            let record = batch.record;
            let counts: Vec<String> =
                batch.counts.present().map(|(status, count)| format!("{count} {}", status.word())).collect();
            vec![
                batch.status.word().to_owned(),
                record.and_then(|record| record.status_raw.as_ref()).map_or_else(dash, ToString::to_string),
                batch.members.len().to_string(),
                number(record.and_then(|record| record.stated_tasks)),
                if counts.is_empty() { dash() } else { counts.join(", ") },
                number(record.and_then(|record| record.max_parallel)),
                batch.created_at(inputs.store).map_or_else(dash, |at| format::ago(inputs.now, at)),
                batch.note.map_or_else(dash, ToOwned::to_owned),
                batch.key.local.to_string(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}
