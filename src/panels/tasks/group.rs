//! Tasks in groups: by workspace, batch, state or source. The head of a batch says what became of it as a whole.

use std::collections::BTreeMap;

use ratatui::text::Line;

use crate::{
    model::{Id, Key, SourceId, Status, Task},
    panels::{
        Cx, cells,
        groups::{self, Folds, Grouping},
    },
    query::{
        batches::{self, Batch},
        cost::{self, Cost},
    },
    text::{Safe, format},
    theme::Tone,
};

/// What tasks can be grouped by.
pub(super) const GROUPINGS: [Grouping; 5] =
    [Grouping::None, Grouping::Workspace, Grouping::Batch, Grouping::Status, Grouping::Source];

/// What a row is about: what stays selected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum RowKey {
    Task(Id<Task>),
    Group(Group),
}

/// A group: its name, and of a batch the source, for two sources may use the same id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Group {
    pub(super) source: Option<SourceId>,
    pub(super) name: Safe,
}

impl Group {
    /// The key of the batch it is, if it is one.
    pub(super) fn batch(&self) -> Option<Key> {
        Some(Key::new(self.source?, self.name.clone()))
    }
}

/// What became of a batch.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    status: Status,
    note: Option<&'static str>,
    /// Members by state, those that are out of sight included.
    counts: Vec<(Status, usize)>,
    /// The recorded word, when it says something else.
    recorded: Option<Safe>,
    /// Members as recorded, when that is another number than is known.
    stated: Option<u32>,
}

/// A row of the list.
#[derive(Clone, Debug)]
pub(super) enum Row {
    /// Head of a group.
    Group { key: Group, tasks: usize, live: usize, cost: Cost, whole: Option<Box<Whole>>, folded: bool },
    /// A task.
    Task(Id<Task>),
}

impl Row {
    pub(super) fn key(&self) -> RowKey {
        match self {
            Self::Group { key, .. } => RowKey::Group(key.clone()),
            Self::Task(id) => RowKey::Task(*id),
        }
    }
}

/// The rows of sorted tasks; with `all` also the heads of batches of which no task is known.
pub(super) fn rows(
    cx: &Cx<'_>,
    grouping: Grouping,
    tasks: &[Id<Task>],
    folds: &Folds<RowKey>,
    all: bool,
) -> Vec<Row> {
    if grouping == Grouping::None {
        return tasks.iter().map(|id| Row::Task(*id)).collect();
    }
    let batches = if grouping == Grouping::Batch { batches::by_key(cx.store) } else { BTreeMap::new() };
    let whole = |group: &Group| batches.get(&group.batch()?).map(|batch| Box::new(Whole::of(batch)));
    let mut out = Vec::with_capacity(tasks.len());
    let mut groups = groups::by(tasks, |id| group_of(cx, grouping, id));
    // Most tasks are in no batch: who groups by batch does not look for them first.
    groups.sort_by_key(|(group, _)| grouping == Grouping::Batch && group.source.is_none());
    for (group, members) in groups {
        let key = RowKey::Group(group.clone());
        let folded = folds.holds(&key);
        let whole = whole(&group);
        out.push(head(cx, group, &members, whole, folded));
        if !folded {
            out.extend(members.into_iter().map(Row::Task));
        }
    }
    for batch in batches.values().filter(|batch| all && batch.members.is_empty()) {
        let group = Group { source: Some(batch.key.source), name: batch.key.local.clone() };
        out.push(head(cx, group, &[], Some(Box::new(Whole::of(batch))), false));
    }
    out
}

fn group_of(cx: &Cx<'_>, grouping: Grouping, id: Id<Task>) -> Group {
    let named = |name: Option<Safe>| {
        let name = name.filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| Safe::line(&format!("no {}", grouping.word())));
        Group { source: None, name }
    };
    let (Some(task), Some(key)) = (cx.store.tasks.get(id), cx.store.tasks.key(id)) else {
        return named(None);
    };
    match grouping {
        Grouping::Workspace => named(task.workspace.as_ref().map(|workspace| workspace.name.clone())),
        Grouping::Batch => match &task.batch {
            Some(batch) => Group { source: Some(key.source), name: batch.clone() },
            None => named(None),
        },
        Grouping::Status => named(Some(Safe::line(task.status.word()))),
        Grouping::Source => named(Some(Safe::line(cx.store.source_kind(key.source)))),
        Grouping::None | Grouping::Role | Grouping::Task => named(None),
    }
}

fn head(cx: &Cx<'_>, key: Group, members: &[Id<Task>], whole: Option<Box<Whole>>, folded: bool) -> Row {
    let is_live = |id: &&Id<Task>| cx.store.tasks.get(**id).is_some_and(|task| task.status.is_live());
    Row::Group {
        key,
        tasks: members.len(),
        live: members.iter().filter(is_live).count(),
        cost: Cost::together(members.iter().map(|id| cost::task_cost(cx.store, *id))),
        whole,
        folded,
    }
}

impl Whole {
    /// What became of a batch.
    pub(super) fn of(batch: &Batch<'_>) -> Self {
        let stated = batch.record.and_then(|record| record.stated_tasks);
        Self {
            status: batch.status,
            note: batch.note,
            counts: batch.counts.present().collect(),
            recorded: batch.contradiction().cloned(),
            stated: stated.filter(|stated| *stated as usize != batch.members.len()),
        }
    }

    /// `● running · 1 running · 2 queued · recorded: complete`.
    pub(super) fn push(&self, cx: &Cx<'_>, line: &mut Line<'static>) {
        let ink = cx.ink();
        let dot = || ink.span(format!(" {} ", cx.glyphs.dot), Tone::Muted);
        line.push_span(ink.span("  ", Tone::Text));
        line.spans.extend(cells::status(ink, self.status).spans);
        if let Some(note) = self.note {
            line.push_span(ink.span(format!(", {note}"), Tone::from(self.status)));
        }
        // One state is what the word says already.
        for (status, count) in self.counts.iter().filter(|_| self.counts.len() > 1) {
            line.push_span(dot());
            line.push_span(ink.span(format!("{count} {}", status.word()), Tone::from(*status)));
        }
        if let Some(recorded) = &self.recorded {
            line.push_span(dot());
            line.push_span(ink.span(format!("recorded: {recorded}"), Tone::Warning));
        }
        if let Some(stated) = self.stated {
            line.push_span(dot());
            let stated = format::plural(stated as usize, "task");
            line.push_span(ink.span(format!("recorded: {stated}"), Tone::Warning));
        }
    }
}

/// The head of a group as a line.
pub(super) fn line(cx: &Cx<'_>, row: &Row) -> Line<'static> {
    let Row::Group { key, tasks, live, cost, whole, folded } = row else { return Line::default() };
    let mut line = groups::head(cx, &key.name, *folded, &format::plural(*tasks, "task"));
    match whole {
        Some(whole) => whole.push(cx, &mut line),
        None if *live > 0 && live != tasks => {
            line.push_span(cx.ink().span(format!(" {} {live} live", cx.glyphs.dot), Tone::Muted));
        }
        None => {}
    }
    groups::push_cost(cx, &mut line, cost);
    line
}
