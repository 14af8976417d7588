//! The store → lines and files that are wanted, in their order.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::{
    model::{LogLine, SourceId, Timestamp},
    panels::Cx,
    query::{
        Selection,
        logs::{self, FileRow},
    },
};

/// What a line is known by: two that say the same at the same time are the same to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineKey(SourceId, Option<Timestamp>, u64);

/// A line that a source said.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) source: SourceId,
    pub(super) line: LogLine,
}

impl Kept {
    pub(super) fn key(&self) -> LineKey {
        let mut hasher = DefaultHasher::new();
        self.line.text.hash(&mut hasher);
        LineKey(self.source, self.line.at, hasher.finish())
    }
}

/// Lines that are wanted, newest first.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) list: Vec<Kept>,
    /// All there are.
    pub(super) all: usize,
}

/// What files are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileOrder {
    Name,
    Kind,
    Source,
    Size,
    Written,
}

/// Files that are wanted.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) list: Vec<FileRow>,
    /// All there are.
    pub(super) all: usize,
}

pub(super) fn lines(cx: &Cx<'_>) -> Lines {
    let selection = Selection::of(cx.view, cx.store);
    let wanted = logs::lines(cx.store, &selection, cx.now);
    let list = wanted.into_iter().map(|row| Kept { source: row.source, line: row.line.clone() }).collect();
    Lines { list, all: cx.store.logs().count() }
}

pub(super) fn files(cx: &Cx<'_>, (order, descending): (FileOrder, bool)) -> Files {
    let mut list = logs::files(cx.store, &Selection::of(cx.view, cx.store), cx.now);
    match order {
        FileOrder::Name => list.sort_by(|a, b| a.name.cmp(&b.name)),
        FileOrder::Kind => list.sort_by_key(|file| file.kind),
        FileOrder::Source => list.sort_by_key(|file| cx.store.source_kind(file.source)),
        FileOrder::Size => list.sort_by_key(|file| file.size),
        FileOrder::Written => list.sort_by_key(|file| file.newest),
    }
    if descending {
        list.reverse();
    }
    let all = if cx.view.is_everything() {
        list.len()
    } else {
        logs::files(cx.store, &Selection::default(), cx.now).len()
    };
    Files { list, all }
}
