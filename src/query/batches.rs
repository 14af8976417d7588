//! Task batches: what was asked together, and what became of it as a whole.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{counts::ByStatus, view::Selection};
use crate::{
    model::{Id, Key, Status, Task, TaskBatch, Timestamp},
    store::Store,
    text::Safe,
};

/// A batch with its members.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// Its key.
    pub key: Key,
    /// Its record; none when only its tasks speak of it.
    pub record: Option<&'a TaskBatch>,
    /// Its tasks in the order in which they were asked.
    pub members: Vec<Id<Task>>,
    /// Its state, as its members tell.
    pub status: Status,
    /// What the state's word does not say.
    pub note: Option<&'static str>,
    /// Members by state.
    pub counts: ByStatus,
    /// Members by state as the source wrote it.
    pub raw: BTreeMap<&'a Safe, usize>,
}

impl<'a> Batch<'a> {
    /// When it was asked: as recorded, else its first member.
    pub fn created_at(&self, store: &Store) -> Option<Timestamp> {
        let members = || self.members.iter().filter_map(|id| store.tasks.get(*id)?.created_at);
        self.record.and_then(|record| record.created_at).or_else(|| members().min())
    }

    /// The recorded word, when it says something else than the members.
    pub fn contradiction(&self) -> Option<&'a Safe> {
        let raw = self.record?.status_raw.as_ref().filter(|raw| !raw.trim().is_empty())?;
        (!agrees(raw, self.status)).then_some(raw)
    }
}

/// Whether a recorded word means this state, as far as orchestrators use the same words.
fn agrees(raw: &str, status: Status) -> bool {
    let raw = raw.trim().to_ascii_lowercase();
    match status {
        // `complete` says that it is over, not how well it went.
        _ if matches!(&*raw, "complete" | "completed" | "done" | "finished") => status.is_over(),
        Status::Succeeded => matches!(&*raw, "succeeded" | "success"),
        Status::Running => matches!(&*raw, "running" | "in_progress" | "in-progress" | "active" | "started"),
        Status::Queued => matches!(&*raw, "queued" | "pending" | "scheduled"),
        Status::Failed => matches!(&*raw, "failed" | "error"),
        Status::Cancelled => matches!(&*raw, "cancelled" | "canceled" | "stopped"),
        Status::Waiting | Status::Blocked | Status::Idle | Status::Unknown => {
            Status::from_word(&raw) == Some(status)
        }
    }
}

/// The state of a batch whose members are in these states, and what the word does not say.
pub fn state(counts: &ByStatus, cancelled: bool) -> (Status, Option<&'static str>) {
    let of = |status| counts.of(status);
    for status in [Status::Running, Status::Waiting, Status::Blocked, Status::Idle] {
        if of(status) > 0 {
            return (status, None);
        }
    }
    if of(Status::Queued) > 0 {
        return (if cancelled { Status::Cancelled } else { Status::Queued }, None);
    }
    if of(Status::Failed) > 0 {
        let some = (of(Status::Succeeded) > 0).then_some("completed with failures");
        return (Status::Failed, some);
    }
    if of(Status::Unknown) > 0 || counts.total() == 0 {
        return (if cancelled { Status::Cancelled } else { Status::Unknown }, None);
    }
    match (of(Status::Succeeded), of(Status::Cancelled)) {
        (0, _) => (Status::Cancelled, None),
        (_, 0) => (Status::Succeeded, None),
        (_, _) if cancelled => (Status::Cancelled, None),
        (_, _) => (Status::Succeeded, Some("some were cancelled")),
    }
}

/// All batches by key, wanted or not.
pub fn by_key(store: &Store) -> BTreeMap<Key, Batch<'_>> {
    type Member = (Option<Timestamp>, Id<Task>);
    let mut members: BTreeMap<Key, Vec<Member>> = BTreeMap::new();
    for (_, key, _) in store.task_batches.entries() {
        members.entry(key.clone()).or_default();
    }
    for (id, key, task) in store.tasks.entries() {
        if let Some(batch) = &task.batch {
            let batch = Key::new(key.source, batch.clone());
            members.entry(batch).or_default().push((task.created_at, id));
        }
    }
    members
        .into_iter()
        .map(|(key, mut members)| {
            members.sort_by_key(|(at, id)| (at.is_none(), *at, store.tasks.key(*id)));
            let record = store.task_batches.find(&key);
            let members = members.into_iter().map(|(_, id)| id).collect();
            (key.clone(), batch(store, key, record, members))
        })
        .collect()
}

fn batch<'a>(store: &'a Store, key: Key, record: Option<&'a TaskBatch>, members: Vec<Id<Task>>) -> Batch<'a> {
    let mut counts = ByStatus::default();
    let mut raw: BTreeMap<&Safe, usize> = BTreeMap::new();
    for task in members.iter().filter_map(|id| store.tasks.get(*id)) {
        counts.count(task.status);
        if let Some(word) = &task.status_raw {
            *raw.entry(word).or_default() += 1;
        }
    }
    let (status, note) = state(&counts, record.is_some_and(|record| record.cancelled));
    Batch { key, record, members, status, note, counts, raw }
}

/// Batches of which a member is wanted, whole, the newest first. One without members is shown when nothing is filtered out.
pub fn rows<'a>(store: &'a Store, selection: &Selection, now: Timestamp) -> Vec<Batch<'a>> {
    let wants =
        |id: &Id<Task>| store.tasks.get(*id).is_some_and(|task| selection.wants_task(store, *id, task, now));
    let mut rows: Vec<Batch<'a>> = by_key(store)
        .into_values()
        .filter(|batch| selection.is_everything() || batch.members.iter().any(wants))
        .collect();
    rows.sort_by_cached_key(|batch| (Reverse(batch.created_at(store)), batch.key.clone()));
    rows
}

#[cfg(test)]
mod tests;
