//! The selected row: a thing, not a place, so it stays the same when rows move.
//!
//! The scroll offset and page size are remembered from the last frame; they decide where things are drawn and how far a
//! page goes, never what is selected by a step.

use std::cell::Cell;

use crate::{input::Action, widgets::data_table::scroll_to};

/// A selection in a list of things `K`. As long as nothing was selected by hand the first row is.
#[derive(Debug)]
pub(super) struct Cursor<K> {
    selected: Option<K>,
    row: Cell<usize>,
    offset: Cell<usize>,
    page: Cell<usize>,
}

impl<K> Default for Cursor<K> {
    fn default() -> Self {
        Self { selected: None, row: Cell::new(0), offset: Cell::new(0), page: Cell::new(10) }
    }
}

impl<K: Clone + PartialEq> Cursor<K> {
    /// The row of the selected thing; where it vanished, the row that took its place.
    pub(super) fn row(&self, rows: usize, key: &dyn Fn(usize) -> Option<K>) -> Option<usize> {
        if rows == 0 {
            return None;
        }
        let hint = self.row.get().min(rows - 1);
        let Some(selected) = &self.selected else { return Some(0) };
        if key(hint).as_ref() == Some(selected) {
            return Some(hint);
        }
        let found = (0..rows).find(|row| key(*row).as_ref() == Some(selected)).unwrap_or(hint);
        self.row.set(found);
        Some(found)
    }

    /// Selects a thing.
    pub(super) fn select(&mut self, thing: K) {
        self.selected = Some(thing);
    }

    /// Selects a row.
    pub(super) fn select_row(&mut self, row: usize, key: &dyn Fn(usize) -> Option<K>) {
        self.selected = key(row);
        self.row.set(row);
    }

    /// Selects the first row again, whatever it is.
    pub(super) fn reset(&mut self) {
        self.selected = None;
        self.row.set(0);
        self.offset.set(0);
    }

    /// Moves; whether the action was a movement.
    pub(super) fn act(&mut self, action: Action, rows: usize, key: &dyn Fn(usize) -> Option<K>) -> bool {
        let page = self.page.get().max(2) - 1;
        let here = self.row(rows, key).unwrap_or(0);
        let last = rows.saturating_sub(1);
        let row = match action {
            Action::Up => here.saturating_sub(1),
            Action::Down => here + 1,
            Action::PageUp => here.saturating_sub(page),
            Action::PageDown => here + page,
            Action::Top => 0,
            Action::Bottom => last,
            _ => return false,
        };
        if action == Action::Top {
            self.reset();
        } else if rows > 0 {
            self.select_row(row.min(last), key);
        }
        true
    }

    /// The first row to draw into `height` rows.
    pub(super) fn offset(&self, rows: usize, height: usize, selected: Option<usize>) -> usize {
        let offset = scroll_to(self.offset.get(), selected, rows, height);
        self.offset.set(offset);
        self.page.set(height);
        offset
    }

    /// Rows drawn last: the first and the one after the last.
    pub(super) fn visible(&self, rows: usize) -> std::ops::Range<usize> {
        let from = self.offset.get().min(rows);
        from..(from + self.page.get()).min(rows)
    }
}
