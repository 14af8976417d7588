//! One database: its short tables are read whole whenever it changed, messages and parts row by row as they change.

mod follow;
mod rows;

use std::{
    collections::{HashMap, HashSet},
    fs,
    ops::ControlFlow,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use self::{
    follow::{Brought, Follow, Record},
    rows::{MessageRow, PartRow},
};
use super::{
    book::{Book, Place},
    session::{PROJECT, Project, SESSION, Session, TODO, Todo},
};
use crate::{
    model::Health,
    sources::{
        SourceError,
        read::{
            follow::Counts,
            sqlite::{Counted, Database, columns, read_table},
        },
    },
    text::Safe,
};

/// Tables that are read.
const TABLES: [&str; 5] = ["project", "session", "message", "part", "todo"];
/// Reads of a database whose writer adds more than a page between two of them.
const ROUNDS: usize = 100;

/// Columns by table.
type Schema = HashMap<&'static str, Vec<String>>;

/// The short tables.
#[derive(Debug, Default)]
struct Short {
    projects: HashMap<Safe, Project>,
    sessions: HashMap<Safe, Session>,
    todos: HashMap<Safe, Vec<Todo>>,
    counted: Counted,
}

/// What one read brought.
#[derive(Debug)]
struct Read {
    schema: Schema,
    short: Short,
    messages: Option<Brought<MessageRow>>,
    parts: Option<Brought<PartRow>>,
}

/// A database and what it said last.
#[derive(Debug)]
pub(super) struct Db {
    database: Database,
    /// Its file name.
    place: Place,
    identity: Option<(u64, u64)>,
    schema: Schema,
    short: Short,
    messages: Follow<MessageRow>,
    parts: Follow<PartRow>,
    /// Tables that are not read, with their rows.
    others: Vec<(Safe, u64)>,
    /// It was read since the last whole look.
    is_due: bool,
    /// It says something.
    is_read: bool,
    error: Option<SourceError>,
    counts: Counts,
}

impl Db {
    /// A database that was not read yet and need not exist.
    pub(super) fn new(path: PathBuf) -> Self {
        let name = path.file_name().map(|name| Safe::line(&name.to_string_lossy())).unwrap_or_default();
        Self {
            database: Database::new(path),
            place: name,
            identity: None,
            schema: Schema::new(),
            short: Short::default(),
            messages: Follow::default(),
            parts: Follow::default(),
            others: Vec::new(),
            is_due: true,
            is_read: false,
            error: None,
            counts: Counts::default(),
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.database.path()
    }

    /// Its name in the book.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Why it cannot be read now.
    pub(super) fn error(&self) -> Option<&SourceError> {
        self.error.as_ref()
    }

    /// How it had to be read, when not plainly.
    pub(super) fn note(&self) -> Option<&Safe> {
        self.database.note()
    }

    /// It says something.
    pub(super) fn is_read(&self) -> bool {
        self.is_read
    }

    /// The last attempt failed for a reason that may pass.
    pub(super) fn must_retry(&self) -> bool {
        matches!(self.error, Some(SourceError::Database { passing: true, .. }))
    }

    /// A path that is the database or one of its side files.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        path.parent() == self.path().parent() && name.starts_with(&*self.place)
    }

    /// Tables with their rows.
    pub(super) fn tables(&self) -> impl Iterator<Item = (Safe, u64)> {
        let todos: usize = self.short.todos.values().map(Vec::len).sum();
        let rows = move |table: &str| match table {
            "project" => self.short.projects.len(),
            "session" => self.short.sessions.len(),
            "message" => self.messages.len(),
            "part" => self.parts.len(),
            _ => todos,
        };
        let own = TABLES.iter().filter(|table| self.has(table));
        own.map(move |table| (Safe::line(table), rows(table) as u64)).chain(self.others.iter().cloned())
    }

    fn has(&self, table: &str) -> bool {
        self.schema.get(table).is_some_and(|columns| !columns.is_empty())
    }

    /// Tables and columns that are looked for and are not there.
    pub(super) fn missing(&self) -> Vec<String> {
        let wanted: [(&str, &[&str]); 5] = [
            ("project", &PROJECT),
            ("session", &SESSION),
            ("message", MessageRow::COLUMNS),
            ("part", PartRow::COLUMNS),
            ("todo", &TODO),
        ];
        let mut missing = Vec::new();
        for (table, columns) in wanted.into_iter().filter(|_| self.is_read) {
            let there = self.schema.get(table).map(Vec::as_slice).unwrap_or_default();
            if there.is_empty() {
                missing.push(table.to_owned());
                continue;
            }
            let gone = columns.iter().filter(|column| !there.iter().any(|name| name == *column));
            missing.extend(gone.map(|column| format!("{table}.{column}")));
        }
        missing
    }

    /// Reads what changed into the book. `all` = look at everything: what no time tells, too.
    pub(super) fn look(&mut self, all: bool, book: &mut Book, health: &mut Health) {
        let identity = fs::metadata(self.path()).ok().map(|meta| (meta.dev(), meta.ino()));
        if identity.is_none() {
            self.error = Some(SourceError::Missing(self.path().to_owned()));
            self.forget(book);
        } else {
            if identity != self.identity {
                self.forget(book);
                self.identity = identity;
            }
            let is_changed = self.database.changed(false);
            if is_changed || all {
                self.is_due |= is_changed;
                let read = self.read(all, book, &mut health.rows_read);
                self.settle(read, book);
            }
        }
        self.count(health);
    }

    fn read(&mut self, all: bool, book: &mut Book, rows: &mut u64) -> Result<(), SourceError> {
        if all && self.is_due || !self.is_read || self.is_timeless() {
            self.whole(book, rows)?;
            self.is_due = false;
        }
        // Ends with a read that sees everything at one moment: what it finds unchanged until the next look is known.
        let mut is_passed = false;
        for _ in 0..ROUNDS {
            let Self { database, messages, parts, .. } = self;
            let read = database.read(|conn| look(conn, messages, parts))?;
            let is_whole = self.take(read, book, rows)?;
            match is_whole {
                ControlFlow::Continue(true) => return Ok(()),
                ControlFlow::Continue(false) => {}
                // Ids that are not unique, or a writer that deletes all the time: the next look sees.
                ControlFlow::Break(()) if is_passed => return Ok(()),
                ControlFlow::Break(()) => {
                    self.whole(book, rows)?;
                    is_passed = true;
                }
            }
        }
        Ok(())
    }

    /// One of the long tables does not say when its rows were written.
    fn is_timeless(&self) -> bool {
        let lacks = |table: &str| {
            let columns = self.schema.get(table).map(Vec::as_slice).unwrap_or_default();
            !columns.is_empty() && !columns.iter().any(|name| name == "time_updated")
        };
        lacks("message") || lacks("part")
    }

    /// Takes one read; `Continue(true)` when it brought all there is, `Break` when only a whole look can tell.
    fn take(
        &mut self,
        read: Read,
        book: &mut Book,
        rows: &mut u64,
    ) -> Result<ControlFlow<(), bool>, SourceError> {
        let has = |table: &str| read.schema.get(table).is_some_and(|columns| !columns.is_empty());
        if !has("session") && !has("message") {
            let reason = if read.schema.values().all(Vec::is_empty) {
                "it holds none of the tables of opencode (or none yet)"
            } else {
                "it holds neither sessions nor messages: another program's database"
            };
            return Err(SourceError::Unsupported { path: self.path().to_owned(), reason: reason.to_owned() });
        }
        *rows += read.short.counted.rows;
        self.schema = read.schema;
        self.is_read = true;
        self.put_short(read.short, book);
        let mut is_whole = true;
        let place = &self.place;
        if let Some(brought) = read.messages {
            let each =
                &mut |id: &Safe, row: Option<MessageRow>| book.message(place, id, row.map(|row| row.message));
            match self.messages.take(brought, rows, each) {
                ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
                ControlFlow::Continue(more) => is_whole &= more.is_none(),
            }
        }
        if let Some(brought) = read.parts {
            let each = &mut |name: &(Safe, Safe), row: Option<PartRow>| put_part(book, place, name, row);
            match self.parts.take(brought, rows, each) {
                ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
                ControlFlow::Continue(more) => is_whole &= more.is_none(),
            }
        }
        Ok(ControlFlow::Continue(is_whole))
    }

    fn put_short(&mut self, short: Short, book: &mut Book) {
        let place = &self.place;
        changes(&self.short.projects, &short.projects, |id, project| book.project(place, id, project));
        changes(&self.short.sessions, &short.sessions, |id, session| book.session(place, id, session));
        changes(&self.short.todos, &short.todos, |id, todos| book.todos(place, id, todos));
        self.short = short;
    }

    /// Passes over every row of the long tables.
    fn whole(&mut self, book: &mut Book, rows: &mut u64) -> Result<(), SourceError> {
        let place = &self.place;
        let each =
            &mut |id: &Safe, row: Option<MessageRow>| book.message(place, id, row.map(|row| row.message));
        pass(&mut self.database, &mut self.messages, rows, each)?;
        let each = &mut |name: &(Safe, Safe), row: Option<PartRow>| put_part(book, place, name, row);
        pass(&mut self.database, &mut self.parts, rows, each)?;
        self.others = self.database.read(others)?;
        Ok(())
    }

    fn settle(&mut self, read: Result<(), SourceError>, book: &mut Book) {
        self.error = read.err();
        // A foreign or broken file says nothing; a busy one still says what it said.
        if self.error.as_ref().is_some_and(|error| !error.is_passing()) {
            self.forget(book);
        }
    }

    /// It says nothing any more.
    pub(super) fn forget(&mut self, book: &mut Book) {
        if !self.is_read {
            return;
        }
        self.put_short(Short::default(), book);
        let place = &self.place;
        self.messages.clear(&mut |id, _| book.message(place, id, None));
        self.parts.clear(&mut |name, _| put_part(book, place, name, None));
        self.others.clear();
        self.schema.clear();
        (self.is_read, self.is_due) = (false, true);
    }

    fn count(&mut self, health: &mut Health) {
        let short = self.short.counted;
        let skipped = short.skipped + self.messages.skipped + self.parts.skipped;
        let repaired = short.repaired + self.messages.repaired + self.parts.repaired;
        let counts = Counts::of_rows(skipped, repaired);
        std::mem::replace(&mut self.counts, counts).take_from(health);
        counts.add_to(health);
    }
}

fn put_part(book: &mut Book, place: &Place, name: &(Safe, Safe), row: Option<PartRow>) {
    let at = row.as_ref().and_then(|row| row.at);
    book.part(place, &name.0, &name.1, row.map(|row| row.part), at);
}

/// Tells what is new or different, and what is gone.
fn changes<T: PartialEq + Clone>(
    before: &HashMap<Safe, T>,
    after: &HashMap<Safe, T>,
    mut each: impl FnMut(&Safe, Option<T>),
) {
    for id in before.keys().filter(|id| !after.contains_key(*id)) {
        each(id, None);
    }
    for (id, value) in after.iter().filter(|(id, value)| before.get(*id) != Some(*value)) {
        each(id, Some(value.clone()));
    }
}

/// One read: the short tables and what is new in the long ones.
fn look(conn: &Connection, messages: &Follow<MessageRow>, parts: &Follow<PartRow>) -> rusqlite::Result<Read> {
    let mut schema = Schema::new();
    for table in TABLES {
        schema.insert(table, columns(conn, table)?);
    }
    let there = |table: &str| schema.get(table).map(Vec::as_slice).unwrap_or_default();
    let mut short = Short::default();
    let counted = &mut short.counted;
    let projects =
        read_table(conn, "project", &PROJECT, there("project"), "rowid", Project::of_row, counted)?;
    let sessions =
        read_table(conn, "session", &SESSION, there("session"), "rowid", Session::of_row, counted)?;
    let has_position = there("todo").iter().any(|column| column == "position");
    let order = if has_position { "position, rowid" } else { "rowid" };
    let todos = read_table(conn, "todo", &TODO, there("todo"), order, Todo::of_row, counted)?;
    short.projects.extend(projects);
    short.sessions.extend(sessions);
    for (session, todo) in todos {
        short.todos.entry(session).or_default().push(todo);
    }
    let messages = messages.newest(conn, there("message"), true)?;
    let parts = parts.newest(conn, there("part"), false)?;
    Ok(Read { schema, short, messages, parts })
}

/// Passes over every row of a table, a page a read.
fn pass<T: Record>(
    database: &mut Database,
    follow: &mut Follow<T>,
    rows: &mut u64,
    each: &mut dyn FnMut(&T::Name, Option<T>),
) -> Result<(), SourceError> {
    let (mut after, mut there) = (0, HashSet::new());
    loop {
        let brought = database.read(|conn| follow.after(conn, &columns(conn, T::TABLE)?, after))?;
        let Some(brought) = brought else {
            follow.clear(each);
            return Ok(());
        };
        match follow.pass(brought, &mut there, rows, each) {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// Tables that are not read, with their rows; a table that takes long to count is left out.
fn others(conn: &Connection) -> rusqlite::Result<Vec<(Safe, u64)>> {
    let mut statement = conn.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )?;
    let names: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let foreign = names.into_iter().filter(|name| !TABLES.contains(&name.as_str()));
    let count = |name: &String| {
        let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
        conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).ok()
    };
    Ok(foreign.filter_map(|name| Some((Safe::line(&name), count(&name)? as u64))).collect())
}
