//! The queue: tasks that wait to be started, and whether they wait longer than tasks usually do there.

use std::{cmp::Reverse, collections::HashMap};

use super::view::Selection;
use crate::{
    model::{Id, Key, Millis, SourceId, Status, Task, Timestamp},
    store::Store,
    text::Safe,
};

/// How far back waits are looked at to say what is usual.
const LOOK_BACK: Millis = Millis::days(30);
/// Fewer waits say nothing.
const FEWEST: usize = 5;
/// A task that runs without a sign of life for so long may be stuck.
pub const SILENT: Millis = Millis::hours(1);

/// How a wait compares with what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Late {
    /// Above ten times the usual wait and an hour, or above a day where nothing is known to be usual.
    Stuck,
    /// Above twice the usual wait and ten minutes.
    Longer,
    /// Not long enough to speak of.
    Usual,
    /// Nothing is known to compare with.
    Unknown,
}

impl Late {
    /// The word on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Longer => "longer",
            Self::Usual => "usual",
            Self::Unknown => "unknown",
        }
    }

    /// What a wait is, where `usual` is the usual one.
    pub fn of(waits: Option<Millis>, usual: Option<Millis>) -> Self {
        let Some(waits) = waits else { return Self::Unknown };
        match usual {
            None if waits > Millis::hours(24) => Self::Stuck,
            None => Self::Unknown,
            Some(usual) if waits.0 > usual.0.saturating_mul(10) && waits > Millis::hours(1) => Self::Stuck,
            Some(usual) if waits.0 > usual.0.saturating_mul(2) && waits > Millis::minutes(10) => Self::Longer,
            Some(_) => Self::Usual,
        }
    }

    /// A person should look.
    pub fn is_late(self) -> bool {
        matches!(self, Self::Stuck | Self::Longer)
    }
}

/// A task that waits to be started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    /// The task.
    pub task: Id<Task>,
    /// Since when: its creation.
    pub since: Option<Timestamp>,
    /// How long until now.
    pub waits: Option<Millis>,
    /// How long tasks usually wait there.
    pub usual: Option<Millis>,
    /// How both compare.
    pub late: Late,
}

/// Wanted tasks that wait, the latest first, then those that wait longest; each once.
pub fn waiting(store: &Store, selection: &Selection, now: Timestamp) -> Vec<Waiting> {
    let mut usual = None;
    let mut rows: Vec<(&Key, Waiting)> = Vec::new();
    for (id, key, task) in store.tasks.entries() {
        if task.status != Status::Queued || !selection.wants_task(store, id, task, now) {
            continue;
        }
        let usual = usual.get_or_insert_with(|| Usual::of(store, now)).wait(key, task);
        let waits = task.created_at.map(|at| Millis(now.since(at).0.max(0)));
        let late = Late::of(waits, usual);
        rows.push((key, Waiting { task: id, since: task.created_at, waits, usual, late }));
    }
    rows.sort_by_key(|(key, row)| (row.late, Reverse(row.waits), *key));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// How long tasks usually wait: the median of recent waits, by workspace and by source.
#[derive(Debug, Default)]
struct Usual {
    workspaces: HashMap<Safe, Millis>,
    sources: HashMap<SourceId, Millis>,
}

impl Usual {
    fn of(store: &Store, now: Timestamp) -> Self {
        let mut workspaces: HashMap<Safe, Vec<Millis>> = HashMap::new();
        let mut sources: HashMap<SourceId, Vec<Millis>> = HashMap::new();
        for (_, key, task) in store.tasks.entries() {
            let Some((created, started)) = task.created_at.zip(task.started_at) else { continue };
            // A start before the creation, or one to come, is a clock that differs: no wait to learn from.
            if started < created || started > now || now.since(started) > LOOK_BACK {
                continue;
            }
            let wait = started.since(created);
            sources.entry(key.source).or_default().push(wait);
            if let Some(workspace) = &task.workspace {
                workspaces.entry(workspace.identity().clone()).or_default().push(wait);
            }
        }
        Self { workspaces: medians(workspaces), sources: medians(sources) }
    }

    fn wait(&self, key: &Key, task: &Task) -> Option<Millis> {
        let here = task.workspace.as_ref().and_then(|workspace| self.workspaces.get(workspace.identity()));
        here.or_else(|| self.sources.get(&key.source)).copied()
    }
}

fn medians<K: std::hash::Hash + Eq>(waits: HashMap<K, Vec<Millis>>) -> HashMap<K, Millis> {
    waits.into_iter().filter_map(|(place, waits)| Some((place, median(waits)?))).collect()
}

/// The middle of at least [`FEWEST`] spans; of an even number the mean of the two in the middle.
fn median(mut spans: Vec<Millis>) -> Option<Millis> {
    if spans.len() < FEWEST {
        return None;
    }
    spans.sort_unstable();
    let upper = spans.get(spans.len() / 2)?.0;
    let lower = spans.get((spans.len() - 1) / 2)?.0;
    Some(Millis(lower + (upper - lower) / 2))
}

/// A task that runs and gave no sign of life for [`SILENT`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Silent {
    /// The task.
    pub task: Id<Task>,
    /// Its newest sign of life, its agents' included.
    pub since: Timestamp,
    /// How long ago that was.
    pub silent: Millis,
}

/// Wanted tasks that run and are silent, the longest silence first. Where no sign of life is recorded nothing is said.
pub fn silent(store: &Store, selection: &Selection, now: Timestamp) -> Vec<Silent> {
    let mut rows: Vec<Silent> = store
        .tasks
        .iter()
        .filter(|(id, task)| task.status == Status::Running && selection.wants_task(store, *id, task, now))
        .filter_map(|(id, task)| {
            let since = sign_of_life(store, task)?;
            let silent = now.since(since);
            (silent > SILENT).then_some(Silent { task: id, since, silent })
        })
        .collect();
    rows.sort_by_key(|row| (Reverse(row.silent), row.task));
    rows
}

fn sign_of_life(store: &Store, task: &Task) -> Option<Timestamp> {
    let agents = task.agents.iter().filter_map(|key| store.agents.find(key)?.updated_at);
    agents.chain(task.updated_at).max()
}

#[cfg(test)]
mod tests;
