//! Batches: what their record says. Their state is not taken from it, for it is written at the beginning and at the end
//! only, if at all. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{record::BatchRecord, task::Frame};
use crate::{
    model::{RawRef, Status, Task, TaskBatch},
    text::Safe,
};

/// Which batch names a task as its member, by the task's id.
pub(super) fn membership(batches: &[(Safe, Arc<BatchRecord>)]) -> BTreeMap<&Safe, &Safe> {
    batches.iter().flat_map(|(key, batch)| batch.members.iter().map(move |member| (member, key))).collect()
}

/// All batches that have a record. Those that only their members name follow from the members.
pub(super) fn batches(
    records: &[(Safe, Arc<BatchRecord>)],
    tasks: &[(Safe, Task)],
    frame: &Frame<'_>,
) -> Vec<(Safe, TaskBatch)> {
    let ids: BTreeSet<&Safe> = tasks.iter().map(|(key, _)| key).collect();
    records.iter().map(|(key, record)| (key.clone(), batch(record, &ids, frame))).collect()
}

fn batch(record: &BatchRecord, ids: &BTreeSet<&Safe>, frame: &Frame<'_>) -> TaskBatch {
    let mut facts = Vec::new();
    let [done, failed, pending] = record.counted;
    if done.or(failed).or(pending).is_some() {
        let count = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        let words = format!(
            "{} done, {} failed, {} pending (written when it was asked and when it ended)",
            count(done),
            count(failed),
            count(pending)
        );
        facts.push(("as recorded", Safe::line(&words)));
    }
    let missing: Vec<&str> =
        record.members.iter().filter(|member| !ids.contains(*member)).map(Safe::as_str).collect();
    if !missing.is_empty() {
        facts.push(("members without a record", Safe::line(&missing.join(", "))));
    }
    let status = super::words::status(record.status.as_ref()).status;
    TaskBatch {
        status_raw: record.status.clone(),
        cancelled: status == Status::Cancelled,
        stated_tasks: record
            .tasks
            .or_else(|| u32::try_from(record.members.len()).ok().filter(|count| *count > 0)),
        max_parallel: record.max_parallel,
        created_at: record.created,
        facts,
        raw: Some(match &record.id {
            Some(id) => RawRef::Element { path: frame.file.clone(), field: "id", value: id.clone() },
            None => RawRef::File { path: frame.file.clone() },
        }),
    }
}
