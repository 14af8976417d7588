//! Where one is in the records: items of very different heights, of which only those near the screen are laid out.

use std::{collections::HashMap, ops::Range, rc::Rc};

use super::{Inspector, State};
use crate::text::Long;

/// Laid out pieces that are kept.
const KEPT: usize = 512;

/// The first row that is shown: an item, and a byte of its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) item: usize,
    /// Where in the record's text; 0 for items that are no text.
    pub(super) byte: usize,
}

/// What is shown, from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// Between two records.
    Blank,
    /// The place of a record among several.
    Place(usize),
    /// A piece of a record.
    Piece(usize, usize),
    /// What is to be said of a record: it is being read, why it cannot be, what is left out.
    Note(usize),
}

impl Inspector {
    /// Rows that the search takes.
    pub(super) fn searched_rows(&self, inside: usize) -> usize {
        usize::from(self.search.has_line() && inside > 1)
    }

    /// Rows of text that are shown.
    pub(super) fn height(&self) -> usize {
        let inside = self.size.get().1;
        (inside - self.searched_rows(inside)).max(1)
    }

    /// Items of a record.
    fn length(&self, record: usize) -> usize {
        let several = self.records.len() > 1;
        let head = if several { 1 + usize::from(record > 0) } else { 0 };
        let body = match self.records.get(record).map(|entry| &entry.state) {
            Some(State::Shown(shown)) => {
                self.text(record).map_or(0, Long::pieces) + usize::from(shown.left_out > 0)
            }
            _ => 1,
        };
        head + body
    }

    pub(super) fn items(&self) -> usize {
        (0..self.records.len()).map(|record| self.length(record)).sum()
    }

    pub(super) fn item(&self, number: usize) -> Option<Item> {
        let mut left = number;
        for record in 0..self.records.len() {
            let length = self.length(record);
            if left >= length {
                left -= length;
                continue;
            }
            if self.records.len() > 1 {
                if record > 0 {
                    if left == 0 {
                        return Some(Item::Blank);
                    }
                    left -= 1;
                }
                if left == 0 {
                    return Some(Item::Place(record));
                }
                left -= 1;
            }
            let pieces = self.text(record).map_or(0, Long::pieces);
            return Some(if left < pieces { Item::Piece(record, left) } else { Item::Note(record) });
        }
        None
    }

    /// The item of a piece of a record.
    pub(super) fn item_of(&self, record: usize, piece: usize) -> usize {
        let before: usize = (0..record).map(|record| self.length(record)).sum();
        let head = if self.records.len() > 1 { 1 + usize::from(record > 0) } else { 0 };
        before + head + piece
    }

    /// Where the rows of an item begin in the text of its record; at least one.
    pub(super) fn rows(&self, item: usize) -> Rc<Vec<u32>> {
        let Some(Item::Piece(record, piece)) = self.item(item) else { return Rc::new(vec![0]) };
        let columns = self.size.get().0;
        let mut laid = self.laid.borrow_mut();
        if laid.0 != columns || laid.1.len() >= KEPT {
            *laid = (columns, HashMap::new());
        }
        let rows = || self.text(record).map(|text| Rc::new(text.rows(piece, columns)));
        let known = laid.1.get(&(record, piece)).cloned();
        let Some(rows) = known.or_else(rows) else { return Rc::new(vec![0]) };
        laid.1.insert((record, piece), Rc::clone(&rows));
        rows
    }

    /// The bytes of row `row` of a piece.
    pub(super) fn bytes(&self, record: usize, piece: usize, rows: &[u32], row: usize) -> Range<usize> {
        let start = rows.get(row).map_or(0, |at| *at as usize);
        let end = self.text(record).map_or(start, |text| text.range(piece).end);
        start..rows.get(row + 1).map_or(end, |at| *at as usize).max(start)
    }

    /// The row of a spot in its item, as it is laid out now.
    fn row_of(&self, spot: Spot) -> usize {
        self.rows(spot.item).partition_point(|start| *start as usize <= spot.byte).saturating_sub(1)
    }

    fn spot(&self, item: usize, row: usize) -> Spot {
        Spot { item, byte: self.rows(item).get(row).map_or(0, |at| *at as usize) }
    }

    /// The row that is `by` rows away, as far as there is one.
    fn moved(&self, from: Spot, by: isize) -> Spot {
        let (mut item, mut row) = (from.item, self.row_of(from));
        let mut left = by.unsigned_abs();
        let items = self.items();
        while left > 0 {
            if by < 0 {
                let step = left.min(row);
                (row, left) = (row - step, left - step);
                if left > 0 {
                    let Some(before) = item.checked_sub(1) else { break };
                    item = before;
                    row = self.rows(item).len().saturating_sub(1);
                    left -= 1;
                }
            } else {
                let last = self.rows(item).len().saturating_sub(1);
                let step = left.min(last - row.min(last));
                (row, left) = (row + step, left - step);
                if left > 0 {
                    if item + 1 >= items {
                        break;
                    }
                    (item, row, left) = (item + 1, 0, left - 1);
                }
            }
        }
        self.spot(item, row)
    }

    /// The first row to show so that the end is at the bottom.
    pub(super) fn last_top(&self) -> Spot {
        let last = self.items().saturating_sub(1);
        let end = self.spot(last, self.rows(last).len().saturating_sub(1));
        self.moved(end, 1 - self.height() as isize)
    }

    pub(super) fn scroll(&mut self, by: isize) {
        self.top = self.moved(self.top, by).min(self.last_top());
    }

    /// The first row to show, as things are laid out now.
    pub(super) fn first(&self) -> Spot {
        let top = self.top.min(self.last_top());
        self.spot(top.item, self.row_of(top))
    }

    /// Shows a byte of a record: where it is seen already nothing moves.
    pub(super) fn show(&mut self, record: usize, byte: usize) {
        let Some(piece) = self.text(record).map(|text| text.piece_at(byte)) else { return };
        let wanted = Spot { item: self.item_of(record, piece), byte };
        let height = self.height() as isize;
        let top = self.first();
        let is_seen = wanted >= top && wanted < self.moved(top, height);
        if !is_seen {
            self.top = self.moved(wanted, -height / 3).min(self.last_top());
        }
    }

    /// Shows secrets or hides them again; the same line stays at the top.
    pub(super) fn reveal(&mut self) {
        let Some(Item::Piece(record, piece)) = self.item(self.top.item) else {
            self.revealed = !self.revealed;
            return self.forget();
        };
        let old = self.text(record).map_or(0, |text| text.range(piece).start);
        let within = self.top.byte.saturating_sub(old);
        self.revealed = !self.revealed;
        self.forget();
        let pieces = self.text(record).map_or(1, Long::pieces);
        let piece = piece.min(pieces.saturating_sub(1));
        let start = self.text(record).map_or(0, |text| text.range(piece).start);
        self.top = Spot { item: self.item_of(record, piece), byte: start + within };
    }

    fn forget(&mut self) {
        self.laid.borrow_mut().1.clear();
        self.recount();
    }
}
