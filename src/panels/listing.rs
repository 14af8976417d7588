//! A table whose rows can be chosen, sorted by their columns and opened: what such panels do alike with keys and mouse.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Offer, cursor::Cursor, detail::Detail};
use crate::{
    input::Action,
    widgets::{self, Column, DataTable, Ink},
};

/// A column, the order it stands for, and whether downwards comes first.
pub(super) type Sortable<O> = (Column, O, bool);

/// The choice among rows `K` that can be sorted by `O`.
#[derive(Debug)]
pub(super) struct Listing<K, O> {
    pub(super) cursor: Cursor<K>,
    pub(super) detail: Detail,
    /// What the rows are sorted by, and whether downwards.
    pub(super) sort: (O, bool),
}

/// The rows there are, by number.
pub(super) struct Rows<'a, K> {
    pub(super) count: usize,
    pub(super) key: &'a dyn Fn(usize) -> Option<K>,
}

impl<K: Clone + PartialEq, O: Copy + PartialEq> Listing<K, O> {
    /// A choice of the first row.
    pub(super) fn new(order: O) -> Self {
        Self { cursor: Cursor::default(), detail: Detail::default(), sort: (order, false) }
    }

    /// The chosen row.
    pub(super) fn selected(&self, rows: &Rows<'_, K>) -> Option<usize> {
        self.cursor.row(rows.count, rows.key)
    }

    fn table<'a>(
        &self,
        columns: &'a [Column],
        at: Option<usize>,
        rows: &Rows<'_, K>,
        height: u16,
    ) -> DataTable<'a> {
        let selected = self.selected(rows);
        DataTable {
            columns,
            rows: rows.count,
            offset: self.cursor.offset(rows.count, usize::from(height.saturating_sub(1)), selected),
            selected,
            sort: at.map(|at| (at, self.sort.1)),
        }
    }

    fn sorted_by(&self, columns: &[Sortable<O>]) -> Option<usize> {
        columns.iter().position(|(_, order, _)| *order == self.sort.0)
    }

    /// Draws head and rows into `area`.
    pub(super) fn render(
        &self,
        columns: &[Sortable<O>],
        rows: &Rows<'_, K>,
        area: Rect,
        buf: &mut Buffer,
        ink: Ink<'_>,
        row: &mut dyn FnMut(usize) -> widgets::Row,
    ) {
        let plain: Vec<Column> = columns.iter().map(|(column, ..)| *column).collect();
        self.table(&plain, self.sorted_by(columns), rows, area.height).render(area, buf, ink, row);
    }

    /// Moves, sorts, opens, scrolls; whether the action was one of these.
    pub(super) fn act(&mut self, action: Action, columns: &[Sortable<O>], rows: &Rows<'_, K>) -> bool {
        if self.cursor.act(action, rows.count, rows.key) {
            self.detail.rewind();
            return true;
        }
        match action {
            Action::Open if rows.count == 0 => return false,
            _ if self.detail.act(action) => {}
            Action::SortNext => {
                let next = self.sorted_by(columns).map_or(0, |at| (at + 1) % columns.len().max(1));
                if let Some((_, order, down)) = columns.get(next) {
                    self.sort = (*order, *down);
                }
            }
            Action::SortReverse => self.sort.1 = !self.sort.1,
            _ => return false,
        }
        true
    }

    /// What can be done: with the chosen row (or why not), then `more`.
    pub(super) fn offers(&self, disabled: Option<&'static str>, more: &[Action]) -> Vec<Offer> {
        let on_row = |action| Offer { action, disabled };
        let mut offers = vec![on_row(Action::Open)];
        if self.detail.is_open() {
            offers.extend([Offer::of(Action::DetailDown), Offer::of(Action::DetailUp)]);
        }
        offers.extend(more.iter().copied().map(Offer::of));
        offers.extend([Offer::of(Action::SortNext), Offer::of(Action::SortReverse)]);
        offers.extend([on_row(Action::Inspect), on_row(Action::Copy)]);
        offers
    }

    /// A click at a place of the table drawn into `area`: sorts by a head, chooses a row, answers `true` for the row that
    /// is chosen already.
    pub(super) fn click(
        &mut self,
        (x, y): (u16, u16),
        columns: &[Sortable<O>],
        rows: &Rows<'_, K>,
        area: Rect,
    ) -> bool {
        if y == area.y {
            let plain: Vec<Column> = columns.iter().map(|(column, ..)| *column).collect();
            let table = self.table(&plain, None, rows, area.height);
            let column = table.column_at(area.width, area.height, x - area.x);
            if let Some((_, order, down)) = column.and_then(|at| columns.get(at)) {
                self.sort = if self.sort.0 == *order { (*order, !self.sort.1) } else { (*order, *down) };
            }
            return false;
        }
        let row = self.cursor.visible(rows.count).start + usize::from(y - area.y - 1);
        if row >= rows.count {
            return false;
        }
        if self.selected(rows) == Some(row) {
            return true;
        }
        self.cursor.select_row(row, rows.key);
        self.detail.rewind();
        false
    }
}
