//! A long table whose rows are written again while something happens, read so that a look costs what changed: rows that are
//! new stand behind the newest one, rows that still change are known by name, and the time of a row's writing tells whether
//! it is worth decoding. Knows nothing of what is in the rows.
//!
//! A short look sees the newest rows and those that are open. A whole look passes over every row (without decoding those
//! that are known) and so finds also what was deleted or written long after its time.

use std::{
    collections::{HashMap, HashSet},
    fmt::Debug,
    hash::{DefaultHasher, Hash, Hasher},
    ops::ControlFlow,
};

use rusqlite::{Connection, OptionalExtension, Row};

use crate::{
    sources::read::sqlite::{Fields, Page, page},
    text::Safe,
};

/// Rows before the newest that a short look sees once more.
const WINDOW: i64 = 500;

/// What a row says.
pub(super) trait Record: Sized + Debug {
    /// What it is called, for taking it back.
    type Name: Clone + PartialEq + Debug;
    /// The table.
    const TABLE: &'static str;
    /// Columns that are read where they exist; the first is the id.
    const COLUMNS: &'static [&'static str];
    /// Reads a row; nothing when it cannot be used.
    fn of_row(id: &Safe, fields: &mut Fields<'_>) -> Option<Self>;
    /// Its name.
    fn name(&self) -> Self::Name;
    /// It may be written again any moment.
    fn is_open(&self) -> bool;
    /// Values in it that were no values.
    fn repaired(&self) -> u64;
}

/// A row as a look found it.
#[derive(Debug)]
enum Seen<T> {
    Same(u64),
    News { key: u64, id: Option<Safe>, at: Option<i64>, record: Option<T>, repaired: u64 },
}

impl<T> Seen<T> {
    fn key(&self) -> u64 {
        match self {
            Self::Same(key) | Self::News { key, .. } => *key,
        }
    }
}

#[derive(Debug)]
struct Known<N> {
    /// When it was written, as stored.
    at: Option<i64>,
    /// Its name, if it could be used.
    name: Option<N>,
    repaired: u64,
}

/// The rows that one read brought.
#[derive(Debug)]
pub(super) struct Brought<T> {
    page: Page<Seen<T>>,
    open: Vec<Seen<T>>,
    /// The newest row there is.
    newest: i64,
    /// Rows in all at that moment, where they were counted.
    count: Option<usize>,
    /// Rows of the page that came after that moment.
    later: usize,
}

/// A table that is followed.
#[derive(Debug)]
pub(super) struct Follow<T: Record> {
    known: HashMap<u64, Known<T::Name>>,
    /// Rows that may be written again any moment.
    open: HashMap<u64, Safe>,
    /// The newest row that was seen.
    last: i64,
    /// Rows that could not be used.
    pub(super) skipped: u64,
    /// Values that were read after a repair.
    pub(super) repaired: u64,
}

impl<T: Record> Default for Follow<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), open: HashMap::new(), last: 0, skipped: 0, repaired: 0 }
    }
}

/// Columns that are there.
#[derive(Debug)]
struct Select {
    list: String,
    has_time: bool,
}

impl Select {
    /// Nothing when rows cannot be told apart.
    fn of<T: Record>(there: &[String]) -> Option<Self> {
        let is_there = |column: &str| there.iter().any(|name| name == column);
        T::COLUMNS.first().filter(|id| is_there(id))?;
        let list: Vec<&str> = T::COLUMNS.iter().copied().filter(|column| is_there(column)).collect();
        Some(Self { list: list.join(", "), has_time: is_there("time_updated") })
    }
}

impl<T: Record> Follow<T> {
    /// The newest rows and those that are open. `there` are the columns of the table.
    pub(super) fn newest(
        &self,
        conn: &Connection,
        there: &[String],
        counts: bool,
    ) -> rusqlite::Result<Option<Brought<T>>> {
        // Without the time of their writing only a whole look can tell.
        let Some(select) = Select::of::<T>(there).filter(|select| select.has_time) else { return Ok(None) };
        let after = self.last.saturating_sub(WINDOW).max(0);
        // Before the rows: what a writer adds meanwhile stands behind the newest and is not taken for a missing one.
        let what = if counts { "max(rowid), count(*)" } else { "max(rowid), NULL" };
        let (newest, count) = conn.query_row(&format!("SELECT {what} FROM {}", T::TABLE), [], |row| {
            Ok((row.get::<_, Option<i64>>(0)?.unwrap_or(0), row.get::<_, Option<i64>>(1)?))
        })?;
        let mut later = 0;
        let page = page(conn, T::TABLE, &select.list, after, |row| {
            later += usize::from(row.get::<_, i64>(0)? > newest);
            self.see(row, &select)
        })?;
        let seen: HashSet<u64> = page.rows.iter().map(Seen::key).collect();
        let mut open = Vec::new();
        let sql = format!("SELECT rowid, {} FROM {} WHERE id = ?1", select.list, T::TABLE);
        let mut statement = conn.prepare(&sql)?;
        for (_, id) in self.open.iter().filter(|(key, _)| !seen.contains(*key)) {
            open.extend(statement.query_row([id.as_str()], |row| self.see(row, &select)).optional()?);
        }
        Ok(Some(Brought { page, open, newest, count: count.map(|count| count as usize), later }))
    }

    /// The rows after `after`, in order.
    pub(super) fn after(
        &self,
        conn: &Connection,
        there: &[String],
        after: i64,
    ) -> rusqlite::Result<Option<Brought<T>>> {
        let Some(select) = Select::of::<T>(there) else { return Ok(None) };
        let page = page(conn, T::TABLE, &select.list, after, |row| self.see(row, &select))?;
        Ok(Some(Brought { page, open: Vec::new(), newest: i64::MAX, count: None, later: 0 }))
    }

    fn see(&self, row: &Row<'_>, select: &Select) -> rusqlite::Result<Seen<T>> {
        let rowid: i64 = row.get(0)?;
        let mut fields = Fields::new(row);
        let id = fields.raw("id").filter(|id| !id.trim().is_empty());
        let key = id.as_deref().map_or_else(|| hash(rowid), hash);
        let at = if select.has_time { fields.integer("time_updated") } else { None };
        let is_same = self.known.get(&key).is_some_and(|known| known.at == at);
        if select.has_time && is_same && !self.open.contains_key(&key) {
            return Ok(Seen::Same(key));
        }
        let id = id.map(|id| Safe::line(&id));
        let record = id.as_ref().and_then(|id| T::of_row(id, &mut fields));
        Ok(Seen::News { key, id, at, record, repaired: fields.repaired })
    }

    /// Takes what a read brought; `each` gets a name with what it says now, nothing when it is gone. Answers whether there
    /// is more: go on from there; breaks off when only a whole look can tell what happened.
    pub(super) fn take(
        &mut self,
        brought: Brought<T>,
        rows: &mut u64,
        each: &mut dyn FnMut(&T::Name, Option<T>),
    ) -> ControlFlow<(), Option<i64>> {
        let Brought { page, open, newest, count, later } = brought;
        *rows += (page.rows.len() + open.len()) as u64;
        for seen in page.rows.into_iter().chain(open) {
            self.learn(seen, each);
        }
        if newest < self.last {
            return ControlFlow::Break(());
        }
        self.last = self.last.max(page.last);
        if page.more {
            return ControlFlow::Continue(Some(page.last));
        }
        let is_complete = count.is_none_or(|count| count + later == self.known.len());
        if is_complete { ControlFlow::Continue(None) } else { ControlFlow::Break(()) }
    }

    /// As [`Follow::take`], for a whole look: notes in `there` which rows are there.
    pub(super) fn pass(
        &mut self,
        brought: Brought<T>,
        there: &mut HashSet<u64>,
        rows: &mut u64,
        each: &mut dyn FnMut(&T::Name, Option<T>),
    ) -> Option<i64> {
        there.extend(brought.page.rows.iter().map(Seen::key));
        *rows += brought.page.rows.len() as u64;
        let (last, more) = (brought.page.last, brought.page.more);
        for seen in brought.page.rows {
            self.learn(seen, each);
        }
        if more {
            return Some(last);
        }
        // Rows can be numbered anew.
        self.last = last;
        let gone: Vec<u64> = self.known.keys().filter(|key| !there.contains(*key)).copied().collect();
        for key in gone {
            self.forget(key, each);
        }
        None
    }

    fn learn(&mut self, seen: Seen<T>, each: &mut dyn FnMut(&T::Name, Option<T>)) {
        let Seen::News { key, id, at, record, repaired } = seen else { return };
        let name = record.as_ref().map(T::name);
        let repaired = repaired + record.as_ref().map_or(0, T::repaired);
        match id.filter(|_| record.as_ref().is_some_and(T::is_open)) {
            Some(id) => drop(self.open.insert(key, id)),
            None => drop(self.open.remove(&key)),
        }
        self.repaired += repaired;
        self.skipped += u64::from(name.is_none());
        let before = self.known.insert(key, Known { at, name: name.clone(), repaired });
        if let Some(before) = before {
            self.repaired = self.repaired.saturating_sub(before.repaired);
            self.skipped = self.skipped.saturating_sub(u64::from(before.name.is_none()));
            if let Some(old) = before.name.filter(|old| Some(old) != name.as_ref()) {
                each(&old, None);
            }
        }
        if let (Some(name), record @ Some(_)) = (&name, record) {
            each(name, record);
        }
    }

    fn forget(&mut self, key: u64, each: &mut dyn FnMut(&T::Name, Option<T>)) {
        self.open.remove(&key);
        let Some(known) = self.known.remove(&key) else { return };
        self.repaired = self.repaired.saturating_sub(known.repaired);
        self.skipped = self.skipped.saturating_sub(u64::from(known.name.is_none()));
        if let Some(name) = known.name {
            each(&name, None);
        }
    }

    /// Forgets all rows.
    pub(super) fn clear(&mut self, each: &mut dyn FnMut(&T::Name, Option<T>)) {
        for name in std::mem::take(self).known.into_values().filter_map(|known| known.name) {
            each(&name, None);
        }
    }

    /// Rows.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
