//! Store → rows of the Backlog panel: lists of wishes, then what waits to be started. Pure; built once a change.

use crate::{
    model::{Id, SourceId, Task},
    panels::Cx,
    query::{
        Selection,
        backlog::{self, List},
        filter::{BACKLOG_FIELDS, Field},
        queue::{self, Late, Silent, Waiting},
    },
    text::Safe,
};

/// What a row is about: what stays selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RowKey {
    /// A list: its source, the identity of its workspace, its name.
    List(SourceId, Option<Safe>, Safe),
    /// A task.
    Task(Id<Task>),
}

/// A task of the queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held {
    /// It waits to be started.
    Waits(Waiting),
    /// It runs and gave no sign of life for long.
    Silent(Silent),
}

impl Held {
    pub(super) fn task(&self) -> Id<Task> {
        match self {
            Self::Waits(row) => row.task,
            Self::Silent(row) => row.task,
        }
    }
}

/// Counts of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) waiting: usize,
    pub(super) longer: usize,
    pub(super) stuck: usize,
    pub(super) silent: usize,
}

/// Everything the panel shows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) lists: Vec<List>,
    /// What is stuck or silent first, then by how late it is.
    pub(super) queue: Vec<Held>,
    pub(super) counts: Counts,
    /// Terms of the filter that say nothing about wishes.
    pub(super) idle: Vec<&'static str>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.lists.len() + self.queue.len()
    }

    /// What the row with this number is about, in the order of the screen.
    pub(super) fn key(&self, row: usize) -> Option<RowKey> {
        match self.lists.get(row) {
            Some(list) => {
                let place = list.workspace.as_ref().map(|workspace| workspace.identity().clone());
                Some(RowKey::List(list.source, place, list.name.clone()))
            }
            None => self.queue.get(row - self.lists.len()).map(|held| RowKey::Task(held.task())),
        }
    }
}

pub(super) fn build(cx: &Cx<'_>) -> Rows {
    let selection = Selection::of(cx.view, cx.store);
    let waiting = queue::waiting(cx.store, &selection, cx.now);
    let silent = queue::silent(cx.store, &selection, cx.now);
    let late = |late: Late| waiting.iter().filter(|row| row.late == late).count();
    let counts = Counts {
        waiting: waiting.len(),
        longer: late(Late::Longer),
        stuck: late(Late::Stuck),
        silent: silent.len(),
    };
    let (stuck, rest): (Vec<Waiting>, Vec<Waiting>) =
        waiting.into_iter().partition(|row| row.late == Late::Stuck);
    let waits = |rows: Vec<Waiting>| rows.into_iter().map(Held::Waits);
    Rows {
        lists: backlog::lists(cx.store, &selection, cx.now),
        queue: waits(stuck).chain(silent.into_iter().map(Held::Silent)).chain(waits(rest)).collect(),
        counts,
        idle: selection.idle_fields(&BACKLOG_FIELDS).into_iter().map(Field::word).collect(),
    }
}
