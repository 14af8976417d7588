//! Reading somebody else's SQLite database so that its writer never notices.
//!
//! A plain read-only open is not harmless: on a WAL database that nobody has open it creates `-wal` and `-shm` and leaves
//! them behind (as another user: the writer can then no longer write), and a connection that stays open prevents the
//! writer's last checkpoint. So every read decides anew how to open, reads, and closes; nothing is created, changed or
//! locked for longer than a statement's budget. Where that is impossible, a private copy is read and [`Database::note`]
//! says so.
//!
//! Invariant: in this process a database file is opened by `std::fs` only while no connection to it is open, because POSIX
//! drops all locks of a process when any descriptor of the file is closed. `gate` enforces it for all readers here.

mod budget;
mod copy;
mod decode;
mod failure;
mod gate;
mod kept;
mod names;
mod open;
mod page;
mod pin;
mod place;
mod raw;
mod retry;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use decode::{Fields, instant_of_number};
pub use kept::{Counted, Kept, Look, Refreshed, read_rows, read_table};
pub use names::tables_named;
pub use page::{PAGE, Page, page};
pub use raw::raw_row;

use self::{
    budget::Budget,
    failure::Failure,
    open::Way,
    place::{Place, Stamp},
    retry::Retry,
};
use crate::{sources::SourceError, text::Safe};

/// A foreign database. Holds no connection between reads.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    seen: Option<Stamp>,
    note: Option<Safe>,
}

impl Database {
    /// The database at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), seen: None, note: None }
    }

    /// Its path as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it had to be read in the last successful read, when that was not the plain way.
    pub fn note(&self) -> Option<&Safe> {
        self.note.as_ref()
    }

    /// Whether it may have changed since the last successful read, by stat of the database and its journals and by what its
    /// writer counts. Not everybody who writes counts, so pass `force` every 30 s.
    pub fn changed(&self, force: bool) -> bool {
        let now = || {
            let place = Place::find(&self.path).ok()?;
            let gate = gate::of(&place.db);
            let _one_reader = gate::enter(&gate);
            Some(Stamp::of(&place))
        };
        force || self.seen.is_none() || now() != self.seen
    }

    /// Opens, runs `body`, closes. `body` may run several times (the writer was in the way): it must start from scratch
    /// each time, return what it read, and neither wait for anybody nor tell anybody while it holds rows.
    pub fn read<T>(
        &mut self,
        mut body: impl FnMut(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, SourceError> {
        let mut retry = Retry::default();
        loop {
            match self.attempt(&retry, &mut body) {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => {
                    self.seen = None;
                    return Err(error);
                }
                Err(failure) => {
                    if let Some(error) = retry.next(failure) {
                        self.seen = None;
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Reads the rows of an append-only table that come after rowid `after`, [`PAGE`] at a time, handing each page to
    /// `each` when nothing is open. `columns` is the select list. Answers the newest rowid seen.
    pub fn read_pages<T>(
        &mut self,
        table: &str,
        columns: &str,
        after: i64,
        mut decode: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
        mut each: impl FnMut(Vec<T>) -> Result<(), SourceError>,
    ) -> Result<i64, SourceError> {
        let mut after = after;
        loop {
            let found = self.read(|conn| page(conn, table, columns, after, &mut decode))?;
            after = found.last;
            each(found.rows)?;
            if !found.more {
                return Ok(after);
            }
        }
    }

    fn attempt<T>(
        &mut self,
        retry: &Retry,
        body: &mut impl FnMut(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        let place = Place::find(&self.path)?;
        let gate = gate::of(&place.db);
        let _one_reader = gate::enter(&gate);
        let before = Stamp::of(&place);
        let way = if retry.gave_up_live() {
            Way::Copy("the writer's shared memory cannot be used")
        } else {
            Way::choose(&place)?
        };
        let value = match way {
            Way::Live => {
                let _pinned = pin::Pin::hold(&place.db)?;
                if !(place.wal.exists() && place.shm.exists()) {
                    return Err(Failure::busy(&self.path, "its last writer is closing it"));
                }
                run(&open::live(&place, Budget::WAL.times(retry.widening()))?, body)?
            }
            Way::Rollback => {
                match run(&open::live(&place, Budget::ROLLBACK.times(retry.widening()))?, body) {
                    Err(error) if failure::is_hot_journal(&error) => {
                        return self.read_copy(
                            &place,
                            before,
                            "its writer died in the middle of a commit",
                            body,
                        );
                    }
                    result => result?,
                }
            }
            Way::Immutable => {
                let result = run(&open::immutable(&place)?, body);
                if Stamp::of(&place) != before {
                    return Err(Failure::busy(&self.path, "it changed while it was read"));
                }
                result?
            }
            Way::Copy(reason) => return self.read_copy(&place, before, reason, body),
        };
        self.note = None;
        self.seen = Some(before);
        Ok(value)
    }

    fn read_copy<T>(
        &mut self,
        place: &Place,
        before: Stamp,
        reason: &str,
        body: &mut impl FnMut(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        let copy = copy::PrivateCopy::of(place)?;
        if Stamp::of(place) != before {
            return Err(Failure::busy(&self.path, "it changed while it was copied"));
        }
        let value = run(&open::own(copy.db())?, body)?;
        self.note = Some(Safe::line(&format!("{}: {reason}; a private copy is read", self.path.display())));
        self.seen = Some(before);
        Ok(value)
    }
}

fn run<T>(
    conn: &Opened<'_>,
    body: &mut impl FnMut(&Connection) -> rusqlite::Result<T>,
) -> Result<T, Failure> {
    body(&conn.conn).map_err(|error| failure::classify(conn.path, &error))
}

/// A connection and the path that errors should name.
struct Opened<'a> {
    conn: Connection,
    path: &'a Path,
}

/// The columns of a table, in order; none when there is no such table. For probing, since schemas drift.
pub fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

/// The name as an SQL identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
