//! Reads a whole database in one short look: both programs write few rows and rewrite them, so comparing whole tables is
//! cheaper and safer than any cursor. Nothing stays open; while an agent works the writer commits nothing for minutes.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    core_rows,
    follow::Counts,
    rows::{self, AgentRow, TaskRow},
    schema::Layout,
};
use crate::{
    model::Health,
    sources::{
        SourceError,
        read::sqlite::{Database, Fields, columns},
    },
    text::Safe,
};

/// Both tables.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Content {
    /// Who wrote them.
    pub(super) layout: Layout,
    /// Agents, in order of creation.
    pub(super) agents: Vec<AgentRow>,
    /// Tasks, in order of creation.
    pub(super) tasks: Vec<TaskRow>,
    /// Columns that newer versions have and this database lacks.
    pub(super) missing: Vec<&'static str>,
}

/// What a refresh did.
#[derive(Debug)]
pub(super) enum Refreshed {
    /// It says what it said before.
    Same,
    /// It says something else now.
    Changed {
        /// What it said before.
        before: Option<Content>,
    },
}

/// What one look at the tables found; counts are of this look alone.
#[derive(Default)]
struct Look {
    content: Option<Content>,
    rows: u64,
    unusable: u64,
    repaired: u64,
    tables: usize,
}

/// The database and what it said last.
#[derive(Debug)]
pub(super) struct Db {
    database: Database,
    content: Option<Content>,
    error: Option<SourceError>,
    /// Its absence was noticed.
    absent: bool,
    /// What the last look could not use.
    counts: Counts,
}

impl Db {
    /// A database that was not read yet and need not exist.
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            database: Database::new(path),
            content: None,
            error: None,
            absent: false,
            counts: Counts::default(),
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.database.path()
    }

    /// What was read last; old data while it cannot be read for the moment.
    pub(super) fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    /// Why it cannot be read now.
    pub(super) fn error(&self) -> Option<&SourceError> {
        self.error.as_ref()
    }

    /// The reason once more, to report it as the whole source's.
    pub(super) fn error_again(&self) -> Option<SourceError> {
        Some(match self.error.as_ref()? {
            SourceError::Io { path, error } => {
                SourceError::Io { path: path.clone(), error: io::Error::new(error.kind(), error.to_string()) }
            }
            SourceError::Database { path, reason, passing } => {
                SourceError::Database { path: path.clone(), reason: reason.clone(), passing: *passing }
            }
            SourceError::Unsupported { path, reason } => {
                SourceError::Unsupported { path: path.clone(), reason: reason.clone() }
            }
            SourceError::Missing(path) => SourceError::Missing(path.clone()),
            SourceError::Panicked(text) => SourceError::Panicked(text.clone()),
            SourceError::Closed => SourceError::Closed,
        })
    }

    /// How it had to be read, when not plainly.
    pub(super) fn note(&self) -> Option<&Safe> {
        self.database.note()
    }

    /// The last attempt failed for a reason that may pass.
    pub(super) fn must_retry(&self) -> bool {
        self.error.as_ref().is_some_and(|error| matches!(error, SourceError::Database { passing: true, .. }))
    }

    /// Reads it if it may have changed.
    pub(super) fn refresh(&mut self, force: bool, health: &mut Health) -> Refreshed {
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
                health.rows_read += look.rows;
                self.count(Counts::of_rows(look.unusable, look.repaired), health);
                self.take(look)
            }
            Err(error) => {
                // A foreign or broken file says nothing about our agents; a busy one still does.
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

    fn take(&mut self, look: Look) -> Refreshed {
        let path = self.path().to_owned();
        self.error = match (&look.content, look.tables) {
            (Some(_), _) => None,
            (None, 0) => {
                let reason = "it holds no tables yet (neither agents nor tasks)".to_owned();
                Some(SourceError::Unsupported { path, reason })
            }
            (None, _) => {
                let reason = "agents has neither id nor agent_id: another program's database".to_owned();
                Some(SourceError::Unsupported { path, reason })
            }
        };
        self.replace(look.content)
    }

    fn replace(&mut self, content: Option<Content>) -> Refreshed {
        if self.content == content {
            return Refreshed::Same;
        }
        Refreshed::Changed { before: std::mem::replace(&mut self.content, content) }
    }
}

fn look(conn: &Connection) -> rusqlite::Result<Look> {
    let agents = columns(conn, "agents")?;
    let tasks = columns(conn, "tasks")?;
    let tables = usize::from(!agents.is_empty()) + usize::from(!tasks.is_empty());
    let mut look = Look { tables, ..Look::default() };
    let Some(layout) = Layout::of(&agents, &tasks) else { return Ok(look) };
    let (agent, task): (Decode<AgentRow>, Decode<TaskRow>) = match layout {
        Layout::Dashboard => (rows::agent, rows::task),
        Layout::Core => (core_rows::agent, core_rows::task),
    };
    let missing = layout.task_columns().iter().filter(|name| !tasks.iter().any(|there| there == *name));
    let missing = if tasks.is_empty() { vec!["tasks"] } else { missing.copied().collect() };
    let mut agent_rows = table(conn, "agents", layout.agent_columns(), &agents, agent, &mut look)?;
    let task_rows = table(conn, "tasks", layout.task_columns(), &tasks, task, &mut look)?;
    // The library's agents do not name their task; its tasks name their agents.
    let assigned: HashMap<&Safe, &Safe> =
        task_rows.iter().flat_map(|task| task.agents.iter().map(move |agent| (agent, &task.id))).collect();
    for agent in agent_rows.iter_mut().filter(|agent| agent.task.is_none()) {
        agent.task = assigned.get(&agent.id).map(|task| (*task).clone());
    }
    look.content = Some(Content { layout, agents: agent_rows, tasks: task_rows, missing });
    Ok(look)
}

type Decode<T> = fn(&mut Fields<'_>) -> Option<T>;

fn table<T>(
    conn: &Connection,
    name: &str,
    wanted: &[&str],
    there: &[String],
    decode: Decode<T>,
    look: &mut Look,
) -> rusqlite::Result<Vec<T>> {
    let select: Vec<&str> =
        wanted.iter().copied().filter(|column| there.iter().any(|name| name == column)).collect();
    if select.is_empty() {
        return Ok(Vec::new());
    }
    let order = if select.contains(&"created_at") { "created_at, rowid" } else { "rowid" };
    let mut statement =
        conn.prepare(&format!("SELECT {} FROM {name} ORDER BY {order}", select.join(", ")))?;
    let mut rows = statement.query([])?;
    let mut decoded = Vec::new();
    while let Some(row) = rows.next()? {
        let mut fields = Fields::new(row);
        let value = decode(&mut fields);
        look.rows += 1;
        look.unusable += u64::from(value.is_none());
        look.repaired += fields.repaired;
        decoded.extend(value);
    }
    Ok(decoded)
}
