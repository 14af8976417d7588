//! Backlog health: how much waits to be asked, how old it is, and whether it grows.

use std::collections::{BTreeMap, HashMap};

use super::view::Selection;
use crate::{
    model::{BacklogItem, Id, Key, Millis, Priority, SourceId, Timestamp, Workspace},
    store::Store,
    text::Safe,
};

/// The span over which it is judged whether a list grows.
pub const WEEK: Millis = Millis::days(7);

/// How many of each priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByPriority([usize; 4]);

impl ByPriority {
    fn count(&mut self, priority: Priority) {
        if let Some(slot) = self.0.get_mut(priority as usize) {
            *slot += 1;
        }
    }

    /// How many have this priority.
    pub fn of(&self, priority: Priority) -> usize {
        self.0.get(priority as usize).copied().unwrap_or(0)
    }

    /// All together.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

/// Which way a list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// More was added than done.
    Growing,
    /// More was done than added.
    Shrinking,
    /// As much was added as done.
    Even,
    /// Dates are missing.
    Unknown,
}

/// One list of one workspace, as one source tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Who tells.
    pub source: SourceId,
    /// Where.
    pub workspace: Option<Workspace>,
    /// What it is called.
    pub name: Safe,
    /// What waits, by priority.
    pub pending: ByPriority,
    /// The oldest item that waits and has a date.
    pub oldest: Option<(Timestamp, Id<BacklogItem>)>,
    /// Items that wait and have no date.
    pub undated: usize,
    /// Items that are done.
    pub done: usize,
    /// Items done in the last seven days; `None` = items are done and none says when.
    pub completed: Option<usize>,
    /// Items added in the last seven days; `None` = of no item is known when it was added.
    pub added: Option<usize>,
    /// Its wanted items, those that wait and those that are done.
    pub items: Vec<Id<BacklogItem>>,
}

impl List {
    /// What was added less what was done in the last seven days.
    pub fn change(&self) -> Option<i64> {
        Some(self.added? as i64 - self.completed? as i64)
    }

    /// Which way it goes.
    pub fn balance(&self) -> Balance {
        match self.change() {
            None => Balance::Unknown,
            Some(0) => Balance::Even,
            Some(1..) => Balance::Growing,
            Some(_) => Balance::Shrinking,
        }
    }
}

fn within_a_week(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now.since(at) < WEEK
}

/// Dates met while a list is counted.
#[derive(Default)]
struct Dates {
    creations: bool,
    completions: bool,
    added: usize,
    completed: usize,
}

/// Wanted lists by workspace and name; what has no workspace comes last.
pub fn lists(store: &Store, selection: &Selection, now: Timestamp) -> Vec<List> {
    type Place<'a> = (bool, &'a str, &'a str, &'a Safe, SourceId);
    let mut groups: BTreeMap<Place<'_>, Vec<(Id<BacklogItem>, &BacklogItem)>> = BTreeMap::new();
    for (id, key, item) in store.backlog.entries() {
        if selection.wants_backlog(store, key, item, now) {
            let place = item.workspace.as_ref();
            let name = place.map_or("", |workspace| &workspace.name);
            let identity = place.map_or("", |workspace| workspace.identity());
            groups
                .entry((place.is_none(), name, identity, &item.list, key.source))
                .or_default()
                .push((id, item));
        }
    }
    groups.into_iter().map(|((.., name, source), items)| list(source, name, &items, now)).collect()
}

fn list(source: SourceId, name: &Safe, items: &[(Id<BacklogItem>, &BacklogItem)], now: Timestamp) -> List {
    let mut pending = ByPriority::default();
    let (mut done, mut undated, mut oldest, mut dates) = (0, 0, None, Dates::default());
    for (id, item) in items {
        dates.creations |= item.created_at.is_some();
        dates.added += usize::from(item.created_at.is_some_and(|at| within_a_week(at, now)));
        if item.done {
            done += 1;
            dates.completions |= item.completed_at.is_some();
            dates.completed += usize::from(item.completed_at.is_some_and(|at| within_a_week(at, now)));
            continue;
        }
        pending.count(item.priority);
        match item.created_at {
            None => undated += 1,
            Some(at) if oldest.is_none_or(|(oldest, _)| at < oldest) => oldest = Some((at, *id)),
            Some(_) => {}
        }
    }
    List {
        source,
        workspace: items.first().and_then(|(_, item)| item.workspace.clone()),
        name: name.clone(),
        pending,
        oldest,
        undated,
        done,
        completed: (done == 0 || dates.completions).then_some(dates.completed),
        added: dates.creations.then_some(dates.added),
        items: items.iter().map(|(id, _)| *id).collect(),
    }
}

/// The oldest item that waits, of all lists.
pub fn oldest(lists: &[List]) -> Option<(Timestamp, Id<BacklogItem>, Option<&Workspace>)> {
    lists
        .iter()
        .filter_map(|list| list.oldest.map(|(at, id)| (at, id, list.workspace.as_ref())))
        .min_by_key(|(at, ..)| *at)
}

/// Items of a list in the order of a person's eye: what waits by priority and age (what has no date last), then what is done,
/// the newest first.
pub fn in_order(store: &Store, items: &[Id<BacklogItem>]) -> Vec<Id<BacklogItem>> {
    let keys: HashMap<Id<BacklogItem>, &Key> =
        items.iter().filter_map(|id| Some((*id, store.backlog.key(*id)?))).collect();
    let mut rows: Vec<(Id<BacklogItem>, &BacklogItem)> =
        items.iter().filter_map(|id| Some((*id, store.backlog.get(*id)?))).collect();
    rows.sort_by_cached_key(|(id, item)| {
        let time = if item.done {
            item.completed_at.map_or(i64::MAX, |at| -at.0)
        } else {
            item.created_at.map_or(i64::MAX, |at| at.0)
        };
        let priority = if item.done { Priority::None } else { item.priority };
        (item.done, priority, time, keys.get(id).map(|key| key.local.clone()))
    });
    rows.into_iter().map(|(id, _)| id).collect()
}

#[cfg(test)]
mod tests;
