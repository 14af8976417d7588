//! Searching in changes: in the lines of all of them, also of those that are not shown now.

use super::{
    DiffPage, Outcome,
    lay::{self, Row},
};
use crate::{overlays::finding::Finding, viewer::went_on};

/// A search: the place is a change and a line of it.
pub(super) type Search = Finding<(usize, usize)>;

impl DiffPage {
    /// Looks for what is typed everywhere.
    pub(super) fn recount(&mut self) {
        self.hits.clear();
        let Some(pattern) = self.search.compile() else { return };
        let texts = self.texts.get_or_insert_with(|| {
            self.changes.iter().map(|shown| lay::texts(&shown.touch, self.revealed)).collect()
        });
        for (change, lines) in texts.iter().enumerate() {
            let found = lines.iter().enumerate().filter(|(_, line)| pattern.hits(line.as_bytes()));
            self.hits.extend(found.map(|(line, _)| (change, line)));
        }
        self.search.found = self.hits.len();
    }

    /// Secrets are shown or hidden now: other texts are looked through.
    pub(super) fn forget_texts(&mut self) {
        self.texts = None;
        if self.search.has_line() {
            self.recount();
        }
    }

    /// What was typed is looked for, from what is shown on; from the beginning when nothing follows.
    pub(super) fn accept(&mut self) -> Outcome {
        self.search.accept();
        let here = self.here();
        let next = self.hits.iter().find(|at| **at >= here).or(self.hits.first());
        if let Some(at) = next.copied() {
            self.arrive(at);
        }
        Outcome::Stay
    }

    /// Goes to the next or previous line where it is found; after the last one comes the first one.
    pub(super) fn next_match(&mut self, forward: bool) -> Outcome {
        if self.search.pattern.is_none() {
            return Outcome::Toast("nothing is looked for yet".to_owned());
        }
        let (from, was_there) = self.search.at.map_or_else(|| (self.here(), false), |at| (at, true));
        let next = if forward {
            self.hits.iter().find(|at| **at > from || (!was_there && **at == from))
        } else {
            self.hits.iter().rev().find(|at| **at < from)
        };
        if let Some(at) = next.copied() {
            self.arrive(at);
            return Outcome::Stay;
        }
        let beyond = if forward { self.hits.first() } else { self.hits.last() };
        let Some(at) = beyond.copied() else { return Outcome::Toast("not found".to_owned()) };
        self.arrive(at);
        Outcome::Toast(went_on(forward).to_owned())
    }

    fn arrive(&mut self, (change, line): (usize, usize)) {
        if change != self.at {
            self.show(change);
        }
        let layout = self.layout();
        let row = layout.rows.iter().position(|row| row.lines().any(|at| at == line)).unwrap_or(0);
        self.bring(row);
        self.search.at = Some((change, line));
    }

    /// The change and line at the top of the screen.
    fn here(&self) -> (usize, usize) {
        let layout = self.layout();
        let line = layout.rows.iter().skip(self.top).find_map(|row| row.lines().min());
        (self.at, line.unwrap_or(usize::MAX))
    }
}

impl Row {
    /// The lines of the change that stand in it.
    fn lines(&self) -> impl Iterator<Item = usize> {
        let (one, other) = match self {
            Self::Whole(cell) => (Some(cell.at), None),
            Self::Sides(old, new) => (old.as_ref().map(|cell| cell.at), new.as_ref().map(|cell| cell.at)),
            Self::Head(_) | Self::Note(..) => (None, None),
        };
        one.into_iter().chain(other)
    }
}
