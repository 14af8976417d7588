//! Workspaces as projects: what the registry says, what their tasks do, who holds their lock, what changed in them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    changelog::Change,
    fields::{once_each, workspace},
    registry::{Lock, Registry},
    task::Frame,
};
use crate::{
    model::{Millis, Project, ProjectNote, RawRef, Status, Task, Timestamp, Zone, time::start_of},
    text::Safe,
};

/// A lock is believed no longer than this.
const LOCK: Millis = Millis::minutes(30);
/// Changes that are told of one workspace.
const NOTES: usize = 200;

/// What is known of all workspaces.
pub(super) struct Known<'a> {
    pub(super) registry: &'a Registry,
    /// The registry's file.
    pub(super) file: Option<Safe>,
    pub(super) locks: &'a BTreeMap<Safe, Lock>,
    pub(super) changes: BTreeMap<Safe, &'a [Change]>,
    /// Whether a path is there.
    pub(super) exists: &'a dyn Fn(&str) -> bool,
    /// Whether a process runs; nothing where that cannot be told.
    pub(super) is_alive: &'a dyn Fn(u64) -> Option<bool>,
}

#[derive(Default)]
struct Work {
    running: bool,
    pending: bool,
    newest: Option<Timestamp>,
}

/// Projects by id, and when one would be told otherwise although nothing is written.
pub(super) fn projects<'a>(
    known: &Known<'_>,
    tasks: impl Iterator<Item = &'a Task>,
    frame: &Frame<'_>,
) -> (Vec<(Safe, Project)>, Option<Timestamp>) {
    let mut work: BTreeMap<Safe, Work> = BTreeMap::new();
    for task in tasks {
        let Some(id) = task.project.as_ref().map(|key| &key.local) else { continue };
        let entry = work.entry(id.clone()).or_default();
        entry.running |= task.status == Status::Running;
        entry.pending |= task.status == Status::Queued;
        // What was asked last, as the orchestrator's own overview counts activity.
        entry.newest = entry.newest.max(task.created_at);
    }
    let ids: BTreeSet<&Safe> = known.registry.iter().map(|(id, _)| id).chain(work.keys()).collect();
    let mut wake: Option<Timestamp> = None;
    let idle = Work::default();
    let projects = ids
        .into_iter()
        .map(|id| {
            let (project, due) = project(id, work.get(id).unwrap_or(&idle), known, frame);
            wake = [wake, due].into_iter().flatten().min();
            (id.clone(), project)
        })
        .collect();
    (projects, wake)
}

fn project(id: &Safe, work: &Work, known: &Known<'_>, frame: &Frame<'_>) -> (Project, Option<Timestamp>) {
    let entry = known.registry.get(id);
    let path = entry.and_then(|entry| entry.path.as_ref());
    let mut facts = entry.map(|entry| entry.facts.clone()).unwrap_or_default();
    if let Some(path) = path.filter(|path| path.starts_with('/') && !(known.exists)(path)) {
        facts.push(("path missing", path.clone()));
    }
    let mut wake = None;
    if let Some(lock) = known.locks.get(id) {
        let (words, due) = lock_words(lock, known, frame);
        facts.push(("locked", Safe::line(&words)));
        wake = due;
    }
    let status = if work.running {
        Status::Running
    } else if work.pending {
        Status::Queued
    } else {
        Status::Idle
    };
    let changes = known.changes.get(id).copied().unwrap_or_default();
    let project = Project {
        name: id.clone(),
        status,
        status_note: entry.is_none().then(|| Safe::line("not in workspaces.json")),
        workspace: Some(workspace(id, path)),
        updated_at: work.newest,
        notes: changes.iter().take(NOTES).map(|change| note(change, frame.zone)).collect(),
        facts: once_each(facts),
        raw: entry.and(known.file.clone()).map(|path| RawRef::File { path }),
        ..Project::default()
    };
    (project, wake)
}

fn note(change: &Change, zone: Zone) -> ProjectNote {
    ProjectNote {
        at: change.date.map(|date| start_of(zone, date)),
        kind: change.sort.clone(),
        text: change.text.clone(),
    }
}

fn lock_words(lock: &Lock, known: &Known<'_>, frame: &Frame<'_>) -> (String, Option<Timestamp>) {
    let mut words = Vec::new();
    let mut wake = None;
    words.extend(lock.pid.map(|pid| format!("by process {pid}")));
    if let Some(since) = lock.since {
        words.push(format!("since {}", frame.shown(since)));
        if frame.now.since(since) > LOCK {
            words.push("stale: older than 30 minutes".to_owned());
        } else {
            wake = Some(since.plus(LOCK).plus(Millis(1)));
        }
    }
    if lock.pid.is_some_and(|pid| (known.is_alive)(pid) == Some(false)) {
        words.push("stale: that process is gone".to_owned());
    }
    (words.join(", "), wake)
}
