//! Rows in groups that fold: one way for all lists.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use ratatui::text::{Line, Span};

use super::Cx;
use crate::{query::Cost, theme::Tone};

/// What rows can be grouped by; each list offers some of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Grouping {
    #[default]
    None,
    Workspace,
    Role,
    Task,
    Batch,
    Status,
    Source,
}

impl Grouping {
    /// The next one of those a list offers.
    pub(super) fn next(self, offered: &[Self]) -> Self {
        let at = offered.iter().position(|grouping| *grouping == self).map_or(0, |at| at + 1);
        offered.get(at % offered.len().max(1)).copied().unwrap_or_default()
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Workspace => "workspace",
            Self::Role => "role",
            Self::Task => "task",
            Self::Batch => "batch",
            Self::Status => "status",
            Self::Source => "source",
        }
    }
}

/// Things in groups, in the order in which a group is met first.
pub(super) fn by<T: Copy, G: Clone + Eq + Hash>(things: &[T], group: impl Fn(T) -> G) -> Vec<(G, Vec<T>)> {
    let mut order: Vec<(G, Vec<T>)> = Vec::new();
    let mut index: HashMap<G, usize> = HashMap::new();
    for thing in things {
        let group = group(*thing);
        let at = *index.entry(group.clone()).or_insert_with(|| {
            order.push((group, Vec::new()));
            order.len() - 1
        });
        if let Some((_, members)) = order.get_mut(at) {
            members.push(*thing);
        }
    }
    order
}

/// What is folded.
#[derive(Debug)]
pub(super) struct Folds<K> {
    folded: HashSet<K>,
    count: u64,
}

impl<K> Default for Folds<K> {
    fn default() -> Self {
        Self { folded: HashSet::new(), count: 0 }
    }
}

impl<K: Eq + Hash> Folds<K> {
    pub(super) fn holds(&self, key: &K) -> bool {
        self.folded.contains(key)
    }

    /// Counts up with every fold, so that a memo need not compare the set.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Folds, or unfolds.
    pub(super) fn turn(&mut self, key: K) {
        if self.folded.contains(&key) {
            self.folded.remove(&key);
        } else {
            self.folded.insert(key);
        }
        self.count += 1;
    }

    /// Folds all of these when nothing is folded, else unfolds everything.
    pub(super) fn turn_all(&mut self, keys: impl Iterator<Item = K>) {
        if self.folded.is_empty() {
            self.folded = keys.collect();
            self.count += 1;
        } else {
            self.clear();
        }
    }

    /// Unfolds everything.
    pub(super) fn clear(&mut self) {
        self.folded.clear();
        self.count += 1;
    }
}

/// The beginning of a group's head: `▾ checkout  12 tasks`.
pub(super) fn head(cx: &Cx<'_>, name: &str, folded: bool, members: &str) -> Line<'static> {
    let ink = cx.ink();
    let mark = if folded { cx.glyphs.folded } else { cx.glyphs.unfolded };
    Line::from(vec![
        ink.span(format!("{mark} "), Tone::Muted),
        Span::styled(name.to_owned(), ink.bold(Tone::Title)),
        ink.span(format!("  {members}"), Tone::Muted),
    ])
}

/// The end of a group's head: what it cost.
pub(super) fn push_cost(cx: &Cx<'_>, line: &mut Line<'static>, cost: &Cost) {
    if let Some(text) = cost.text() {
        line.push_span(cx.ink().span(format!(" {} ", cx.glyphs.dot), Tone::Muted));
        line.push_span(cx.ink().span(text, Tone::Money));
    }
}
