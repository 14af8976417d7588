//! The rows of one session in a database: those that are new or were updated, and which are gone.

use std::{
    collections::{HashMap, HashSet},
    hash::BuildHasher as _,
    path::{Path, PathBuf},
};

use foldhash::fast::FixedState;
use rusqlite::{Connection, params};
use serde_json::Value;

use super::{Gone, News, Piece, Written};
use crate::{
    model::{RawRef, Zone},
    sources::{
        SourceError,
        opencode::message::Message,
        read::{
            json,
            sqlite::{Database, Fields, columns},
        },
    },
    text::Safe,
};

/// Rows a read.
const PAGE: usize = 200;

/// One row of a long table.
struct Row {
    id: String,
    message: String,
    updated: i64,
    at: Option<crate::model::Timestamp>,
    data: String,
}

/// What one read brought.
struct Page {
    rows: Vec<Row>,
    is_last: bool,
}

/// A row that was read.
struct Known {
    /// The message it belongs to.
    message: String,
    /// It was of use.
    is_good: bool,
    /// What it said.
    hash: u64,
}

/// A table, followed.
#[derive(Default)]
struct Table {
    /// The newest time of writing.
    newest: i64,
    /// Rows that were read.
    known: HashMap<String, Known>,
}

/// The rows of one session.
pub(super) struct Rows {
    database: Database,
    session: Safe,
    messages: Table,
    parts: Table,
    /// Answers that go on: their parts are read whatever their time says.
    open: HashSet<String>,
}

impl Rows {
    /// A database that was not read yet.
    pub(super) fn new(path: PathBuf, session: &Safe) -> Self {
        Self {
            database: Database::new(path),
            session: session.clone(),
            messages: Table::default(),
            parts: Table::default(),
            open: HashSet::new(),
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.database.path()
    }

    /// Nothing was read.
    pub(super) fn forget(&mut self) {
        self.messages = Table::default();
        self.parts = Table::default();
        self.open.clear();
    }

    /// What is new since the last look, and why that may not be all.
    pub(super) fn look(&mut self) -> (News, Option<SourceError>) {
        let mut news = News::default();
        let read = self.table("message", &mut news).and_then(|()| self.table("part", &mut news));
        let unusable = |table: &Table| table.known.values().filter(|row| !row.is_good).count() as u64;
        news.skipped = unusable(&self.messages) + unusable(&self.parts);
        (news, read.err())
    }

    fn table(&mut self, name: &'static str, news: &mut News) -> Result<(), SourceError> {
        let is_message = name == "message";
        let since = self.of(is_message).newest;
        let open: Vec<String> = self.open.iter().map(|id| format!("'{}'", id.replace('\'', "''"))).collect();
        let (mut after, mut newest) = (String::new(), since);
        loop {
            let session = &self.session;
            let page =
                self.database.read(|conn| page(conn, name, session, since, &open.join(","), &after))?;
            for row in page.rows {
                after.clone_from(&row.id);
                newest = newest.max(row.updated);
                let hash = FixedState::with_seed(23).hash_one(&row.data);
                if self.of(is_message).known.get(&row.id).is_some_and(|known| known.hash == hash) {
                    continue;
                }
                let is_good = if is_message { self.message(&row, news) } else { self.part(&row, news) };
                let known = Known { message: row.message, is_good, hash };
                self.of(is_message).known.insert(row.id, known);
            }
            if page.is_last {
                break;
            }
        }
        let session = &self.session;
        let there = self.database.read(|conn| ids(conn, name, session))?;
        let table = self.of(is_message);
        // Not before everything up to there was read.
        table.newest = newest;
        table.known.retain(|id, known| {
            let is_there = there.contains(id);
            if !is_there {
                news.gone.push(if is_message {
                    Gone::Message(Safe::line(id))
                } else {
                    Gone::Part(Safe::line(&known.message), Safe::line(id))
                });
            }
            is_there
        });
        Ok(())
    }

    fn of(&mut self, is_message: bool) -> &mut Table {
        if is_message { &mut self.messages } else { &mut self.parts }
    }

    fn raw(&self, table: &'static str, id: &Safe) -> RawRef {
        let path = Safe::line(&self.database.path().to_string_lossy());
        RawRef::Row { path, table, column: "id", key: id.clone() }
    }

    /// Takes a message; `false` when it is none.
    fn message(&mut self, row: &Row, news: &mut News) -> bool {
        let value = json::lenient(row.data.as_bytes());
        let is_summary =
            value.is_some_and(|value| value.get("summary").and_then(Value::as_bool) == Some(true));
        let message = Message::parse(row.data.as_bytes(), Some(self.session.clone()), None).ok().flatten();
        let Some(mut message) = message else { return false };
        message.created = message.created.or(row.at);
        if message.is_open() {
            self.open.insert(row.id.clone());
        } else {
            self.open.remove(&row.id);
        }
        let id = Safe::line(&row.id);
        let raw = self.raw("message", &id);
        news.messages.push(Written { id, message, is_summary, raw });
        true
    }

    /// Takes a part; `false` when it is none.
    fn part(&mut self, row: &Row, news: &mut News) -> bool {
        let value = json::lenient(row.data.as_bytes()).filter(Value::is_object);
        let Some(value) = value else { return false };
        let id = Safe::line(&row.id);
        let raw = self.raw("part", &id);
        news.parts.push(Piece { message: Safe::line(&row.message), id, value, raw });
        true
    }
}

/// The condition on rows of the session; `None` when the table does not have what is needed.
fn of_session(conn: &Connection, table: &str, there: &[String]) -> rusqlite::Result<Option<&'static str>> {
    let has = |column: &str| there.iter().any(|name| name == column);
    if !has("id") || !has("data") {
        return Ok(None);
    }
    if has("session_id") {
        return Ok(Some("session_id = ?1"));
    }
    let messages = columns(conn, "message")?;
    let by_message = table == "part" && has("message_id") && messages.iter().any(|name| name == "session_id");
    Ok(by_message.then_some("message_id IN (SELECT id FROM message WHERE session_id = ?1)"))
}

fn page(
    conn: &Connection,
    table: &str,
    session: &str,
    since: i64,
    open: &str,
    after: &str,
) -> rusqlite::Result<Page> {
    let there = columns(conn, table)?;
    let has = |column: &str| there.iter().any(|name| name == column);
    let Some(of_session) = of_session(conn, table, &there)? else {
        return Ok(Page { rows: Vec::new(), is_last: true });
    };
    let message = if table == "message" { "id" } else { "message_id" };
    let created = if has("time_created") { "time_created" } else { "NULL" };
    let (updated, is_new) = if has("time_updated") {
        ("time_updated", format!("(time_updated >= ?2 OR time_updated IS NULL OR {message} IN ({open}))"))
    } else {
        // Nothing says what is new: everything is read, and only differences are told.
        ("0", "?2 = ?2".to_owned())
    };
    if table == "part" && !has("message_id") {
        return Ok(Page { rows: Vec::new(), is_last: true });
    }
    let sql = format!(
        "SELECT id, {message} AS message, {updated} AS updated, {created} AS created, data FROM \"{table}\"
         WHERE {of_session} AND {is_new} AND id > ?3 ORDER BY id LIMIT {PAGE}"
    );
    let mut statement = conn.prepare(&sql)?;
    let mut found = statement.query(params![session, since, after])?;
    let (mut rows, mut count) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let mut fields = Fields::new(row);
        count += 1;
        let texts = (fields.raw("id"), fields.raw("message"), fields.raw("data"));
        let (Some(id), Some(message), data) = texts else { continue };
        let (id, message) = (id.into_owned(), message.into_owned());
        let data = data.map(std::borrow::Cow::into_owned).unwrap_or_default();
        let updated = fields.integer("updated").unwrap_or(0);
        rows.push(Row { id, message, updated, at: fields.time("created", Zone::UTC), data });
    }
    Ok(Page { rows, is_last: count < PAGE })
}

fn ids(conn: &Connection, table: &str, session: &str) -> rusqlite::Result<HashSet<String>> {
    let there = columns(conn, table)?;
    let Some(of_session) = of_session(conn, table, &there)? else { return Ok(HashSet::new()) };
    let mut statement = conn.prepare(&format!("SELECT id FROM \"{table}\" WHERE {of_session}"))?;
    let mut found = statement.query(params![session])?;
    let mut ids = HashSet::new();
    while let Some(row) = found.next()? {
        ids.extend(Fields::new(row).raw("id").map(std::borrow::Cow::into_owned));
    }
    Ok(ids)
}
