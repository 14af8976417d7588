//! Tables of any length: read in pages, each a statement of its own, because a statement that runs for long keeps the
//! writer waiting and is ended; and what the rows of a table that only grows add up to, so that a look reads what came.

use std::ops::ControlFlow;

use rusqlite::ErrorCode;

use super::select::Table;
use crate::sources::read::sqlite::{Counted, Fields};

/// Rows of a page.
const PAGE: usize = 500;

impl Table<'_> {
    /// Every row after rowid `after`, in order. `each` answers whether it could use the row; the rowid of the last one.
    pub(super) fn pages(
        &self,
        wanted: &[&str],
        after: i64,
        counted: &mut Counted,
        mut each: impl FnMut(i64, &mut Fields<'_>) -> bool,
    ) -> rusqlite::Result<i64> {
        let mut last = after;
        while self.exists() {
            if let ControlFlow::Break(()) = self.page(wanted, &mut last, counted, &mut each)? {
                break;
            }
        }
        Ok(last)
    }

    fn page(
        &self,
        wanted: &[&str],
        last: &mut i64,
        counted: &mut Counted,
        each: &mut impl FnMut(i64, &mut Fields<'_>) -> bool,
    ) -> rusqlite::Result<ControlFlow<()>> {
        let select = self.select(wanted, &["rowid AS place"]);
        let mut statement =
            self.prepare(&format!("{select} WHERE rowid > ?1 ORDER BY rowid LIMIT {PAGE}"))?;
        let mut rows = statement.query([*last])?;
        let mut read = 0;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) if read < PAGE => return Ok(ControlFlow::Break(())),
                Ok(None) => return Ok(ControlFlow::Continue(())),
                // It ran out of time; what it brought counts.
                Err(error)
                    if read > 0 && error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) =>
                {
                    return Ok(ControlFlow::Continue(()));
                }
                Err(error) => return Err(error),
            };
            *last = row.get("place")?;
            let mut fields = Fields::new(row);
            let is_used = each(*last, &mut fields);
            read += 1;
            counted.rows += 1;
            counted.skipped += u64::from(!is_used);
            counted.repaired += fields.repaired;
        }
    }

    /// Every row that `decode` can use.
    pub(super) fn all<T>(
        &self,
        wanted: &[&str],
        counted: &mut Counted,
        mut decode: impl FnMut(&mut Fields<'_>) -> Option<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut all = Vec::new();
        self.pages(wanted, i64::MIN, counted, |_, cells| {
            let value = decode(cells);
            let is_used = value.is_some();
            all.extend(value);
            is_used
        })?;
        Ok(all)
    }
}

/// What the rows of a table add up to so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grown<T> {
    last: i64,
    rows: u64,
    skipped: u64,
    repaired: u64,
    pub(super) sum: T,
}

impl<T: Default> Default for Grown<T> {
    fn default() -> Self {
        Self { last: i64::MIN, rows: 0, skipped: 0, repaired: 0, sum: T::default() }
    }
}

impl<T: Clone + Default> Grown<T> {
    /// The sum with what came since; of all rows when some of those that it is of went away.
    pub(super) fn read(
        &self,
        table: &Table<'_>,
        wanted: &[&str],
        counted: &mut Counted,
        mut add: impl FnMut(&mut T, i64, &mut Fields<'_>) -> bool,
    ) -> rusqlite::Result<Self> {
        if !table.exists() {
            return Ok(Self::default());
        }
        let (rows, newest) = table.extent()?;
        let mut grown = if rows >= self.rows && newest >= self.last { self.clone() } else { Self::default() };
        grown.append(table, wanted, counted, &mut add)?;
        if grown.rows != rows {
            grown = Self::default();
            grown.append(table, wanted, counted, &mut add)?;
        }
        // Of what was read before, too: a look stands for the whole table.
        counted.skipped += grown.skipped;
        counted.repaired += grown.repaired;
        Ok(grown)
    }

    fn append(
        &mut self,
        table: &Table<'_>,
        wanted: &[&str],
        counted: &mut Counted,
        add: &mut impl FnMut(&mut T, i64, &mut Fields<'_>) -> bool,
    ) -> rusqlite::Result<()> {
        let mut new = Counted::default();
        let sum = &mut self.sum;
        self.last = table.pages(wanted, self.last, &mut new, |row, cells| add(sum, row, cells))?;
        self.rows += new.rows;
        self.skipped += new.skipped;
        self.repaired += new.repaired;
        counted.rows += new.rows;
        Ok(())
    }
}
