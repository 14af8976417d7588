//! A foreign database that is read whole in one short look whenever it changed, and what it said last. For programs that
//! write few rows and rewrite them: comparing whole tables is cheaper and safer than any cursor. Nothing stays open.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{Database, Fields};
use crate::{
    model::Health,
    sources::{SourceError, read::follow::Counts},
    text::Safe,
};

/// What a refresh did.
#[derive(Debug)]
pub enum Refreshed<T> {
    /// It says what it said before.
    Same,
    /// It says something else now.
    Changed {
        /// What it said before.
        before: Option<T>,
    },
}

/// What one look at the tables found; counts are of this look alone.
#[derive(Debug)]
pub struct Look<T> {
    /// What it says, or why it is not what this source reads.
    pub content: Result<T, String>,
    /// What was counted while reading.
    pub counted: Counted,
}

/// Rows and values of one look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// Rows read.
    pub rows: u64,
    /// Rows that could not be used.
    pub skipped: u64,
    /// Values that were read after a repair.
    pub repaired: u64,
}

/// The database and what it said last.
#[derive(Debug)]
pub struct Kept<T> {
    database: Database,
    content: Option<T>,
    error: Option<SourceError>,
    /// Its absence was noticed.
    absent: bool,
    /// What the last look could not use.
    counts: Counts,
}

impl<T: PartialEq> Kept<T> {
    /// A database that was not read yet and need not exist.
    pub fn new(path: PathBuf) -> Self {
        Self {
            database: Database::new(path),
            content: None,
            error: None,
            absent: false,
            counts: Counts::default(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.database.path()
    }

    /// What was read last; old data while it cannot be read for the moment.
    pub fn content(&self) -> Option<&T> {
        self.content.as_ref()
    }

    /// Why it cannot be read now.
    pub fn error(&self) -> Option<&SourceError> {
        self.error.as_ref()
    }

    /// How it had to be read, when not plainly.
    pub fn note(&self) -> Option<&Safe> {
        self.database.note()
    }

    /// The last attempt failed for a reason that may pass.
    pub fn must_retry(&self) -> bool {
        matches!(self.error, Some(SourceError::Database { passing: true, .. }))
    }

    /// A path that is the database or one of its side files.
    pub fn concerns(&self, path: &Path) -> bool {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let (Some(own), Some(name)) = (name(self.path()), name(path)) else { return false };
        path.parent() == self.path().parent() && name.starts_with(&own)
    }

    /// Reads it with `look` if it may have changed. `look` may run several times: it starts from scratch each time.
    pub fn refresh(
        &mut self,
        force: bool,
        health: &mut Health,
        look: impl FnMut(&Connection) -> rusqlite::Result<Look<T>>,
    ) -> Refreshed<T> {
        if !self.path().exists() {
            self.absent = true;
            self.error = Some(SourceError::Missing(self.path().to_owned()));
            self.count(Counts::default(), health);
            return self.replace(None);
        }
        let appeared = std::mem::take(&mut self.absent);
        if !appeared && !self.database.changed(force) {
            return Refreshed::Same;
        }
        match self.database.read(look) {
            Ok(look) => {
                let Counted { rows, skipped, repaired } = look.counted;
                health.rows_read += rows;
                self.count(Counts::of_rows(skipped, repaired), health);
                let path = self.path().to_owned();
                let (content, error) = match look.content {
                    Ok(content) => (Some(content), None),
                    Err(reason) => (None, Some(SourceError::Unsupported { path, reason })),
                };
                self.error = error;
                self.replace(content)
            }
            Err(error) => {
                // A foreign or broken file says nothing of ours; a busy one still does.
                let is_passing = error.is_passing();
                self.error = Some(error);
                if is_passing {
                    return Refreshed::Same;
                }
                self.count(Counts::default(), health);
                self.replace(None)
            }
        }
    }

    /// Every look sees all rows, so its counts replace those of the look before.
    fn count(&mut self, counts: Counts, health: &mut Health) {
        std::mem::replace(&mut self.counts, counts).take_from(health);
        counts.add_to(health);
    }

    fn replace(&mut self, content: Option<T>) -> Refreshed<T> {
        if self.content == content {
            return Refreshed::Same;
        }
        Refreshed::Changed { before: std::mem::replace(&mut self.content, content) }
    }
}

/// Reads a table: of the columns `wanted` those that are `there`, ordered by `order` (an expression of our own). A row that
/// `decode` refuses is counted as skipped. No rows when none of the columns is there.
pub fn read_table<T>(
    conn: &Connection,
    name: &str,
    wanted: &[&str],
    there: &[String],
    order: &str,
    decode: impl FnMut(&mut Fields<'_>) -> Option<T>,
    counted: &mut Counted,
) -> rusqlite::Result<Vec<T>> {
    let select: Vec<&str> =
        wanted.iter().copied().filter(|column| there.iter().any(|name| name == column)).collect();
    if select.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {} FROM {} ORDER BY {order}", select.join(", "), super::quoted(name));
    read_rows(conn, &sql, decode, counted)
}

/// Reads the rows of a statement of our own. A row that `decode` refuses is counted as skipped.
pub fn read_rows<T>(
    conn: &Connection,
    sql: &str,
    mut decode: impl FnMut(&mut Fields<'_>) -> Option<T>,
    counted: &mut Counted,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut decoded = Vec::new();
    while let Some(row) = rows.next()? {
        let mut fields = Fields::new(row);
        let value = decode(&mut fields);
        counted.rows += 1;
        counted.skipped += u64::from(value.is_none());
        counted.repaired += fields.repaired;
        decoded.extend(value);
    }
    Ok(decoded)
}
