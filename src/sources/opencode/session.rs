//! Sessions, projects and entries of work lists as both stores write them. Pure.

use serde::Deserialize;
use serde_json::Value;

use super::{
    message::parse,
    value::{self, Object, member},
};
use crate::{
    model::{LineCounts, PlanItem, Status, Timestamp, Zone},
    sources::read::sqlite::Fields,
    text::Safe,
};

/// Times without zone do not occur: they are numbers.
const ZONE: Zone = Zone::UTC;

/// Columns of `session` that are read where they exist.
pub(super) const SESSION: [&str; 13] = [
    "id",
    "project_id",
    "parent_id",
    "slug",
    "directory",
    "title",
    "version",
    "summary_additions",
    "summary_deletions",
    "summary_files",
    "time_created",
    "time_updated",
    "time_archived",
];
/// Columns of `project` that are read where they exist.
pub(super) const PROJECT: [&str; 6] = ["id", "worktree", "vcs", "name", "time_created", "time_updated"];
/// Columns of `todo` that are read where they exist.
pub(super) const TODO: [&str; 4] = ["session_id", "content", "status", "priority"];

/// A session.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Session {
    /// The project it belongs to.
    pub(super) project: Option<Safe>,
    /// The session whose agent started it.
    pub(super) parent: Option<Safe>,
    /// Two words that stand for its id.
    pub(super) slug: Option<Safe>,
    /// Where it works.
    pub(super) directory: Option<Safe>,
    /// Its title; the one it is born with says nothing and is none.
    pub(super) title: Option<Safe>,
    /// The program that made it.
    pub(super) version: Option<Safe>,
    /// Lines changed.
    pub(super) lines: Option<LineCounts>,
    /// Files changed.
    pub(super) files: Option<u64>,
    /// When it was made.
    pub(super) created: Option<Timestamp>,
    /// When its record was written last.
    pub(super) updated: Option<Timestamp>,
    /// When the person put it away.
    pub(super) archived: Option<Timestamp>,
    /// The folder its file lies in, in the old store.
    pub(super) folder: Option<Safe>,
}

impl Session {
    /// A row; nothing without an id.
    pub(super) fn of_row(fields: &mut Fields<'_>) -> Option<(Safe, Self)> {
        let id = fields.line("id")?;
        let (added, removed) = (fields.count("summary_additions"), fields.count("summary_deletions"));
        let session = Self {
            project: fields.line("project_id"),
            parent: fields.line("parent_id").filter(|parent| *parent != id),
            slug: fields.line("slug"),
            directory: fields.line("directory"),
            title: fields.line("title").filter(is_title),
            version: fields.line("version"),
            lines: lines(added, removed),
            files: fields.count("summary_files"),
            created: fields.time("time_created", ZONE),
            updated: fields.time("time_updated", ZONE),
            archived: fields.time("time_archived", ZONE),
            folder: None,
        };
        Some((id, session))
    }

    /// A file.
    ///
    /// # Errors
    /// When it is no JSON. `Ok(None)` = JSON, but no session.
    pub(super) fn parse(bytes: &[u8], id: &Safe, folder: Safe) -> Result<Option<Self>, String> {
        let Some(raw) = parse::<RawSession>(bytes)? else { return Ok(None) };
        if raw.id.as_str().is_none() {
            return Ok(None);
        }
        let (time, summary) = (&raw.time, &raw.summary.0);
        Ok(Some(Self {
            project: value::line(&raw.project_id).or_else(|| Some(folder.clone())),
            parent: value::line(&raw.parent_id).filter(|parent| parent != id),
            slug: value::line(&raw.slug),
            directory: value::line(&raw.directory),
            title: value::line(&raw.title).filter(is_title),
            version: value::line(&raw.version),
            lines: lines(summary.additions.as_u64(), summary.deletions.as_u64()),
            files: summary.files.as_u64(),
            created: value::time(member(time, "created")),
            updated: value::time(member(time, "updated")),
            archived: value::time(member(time, "archived")),
            folder: Some(folder),
        }))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawSession {
    id: Value,
    #[serde(rename = "projectID")]
    project_id: Value,
    #[serde(rename = "parentID")]
    parent_id: Value,
    slug: Value,
    directory: Value,
    title: Value,
    version: Value,
    time: Value,
    summary: Object<RawSummary>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawSummary {
    additions: Value,
    deletions: Value,
    files: Value,
}

fn lines(added: Option<u64>, removed: Option<u64>) -> Option<LineCounts> {
    added.or(removed)?;
    Some(LineCounts { added: added.unwrap_or(0), removed: removed.unwrap_or(0) })
}

/// Sessions are born as `New session - 2026-11-18T09:00:00.000Z` and `Child session - …`.
fn is_title(title: &Safe) -> bool {
    let rest = title.strip_prefix("New session - ").or_else(|| title.strip_prefix("Child session - "));
    rest.is_none_or(|rest| Timestamp::parse(rest).is_none())
}

/// A project.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Project {
    /// Its directory.
    pub(super) worktree: Option<Safe>,
    /// Its version control.
    pub(super) vcs: Option<Safe>,
    /// Its name, if the person gave one.
    pub(super) name: Option<Safe>,
    /// When it was seen first.
    pub(super) created: Option<Timestamp>,
    /// When its record was written last.
    pub(super) updated: Option<Timestamp>,
}

impl Project {
    /// A row; nothing without an id.
    pub(super) fn of_row(fields: &mut Fields<'_>) -> Option<(Safe, Self)> {
        let id = fields.line("id")?;
        let project = Self {
            worktree: fields.line("worktree"),
            vcs: fields.line("vcs"),
            name: fields.line("name"),
            created: fields.time("time_created", ZONE),
            updated: fields.time("time_updated", ZONE),
        };
        Some((id, project))
    }

    /// A file.
    ///
    /// # Errors
    /// When it is no JSON. `Ok(None)` = JSON, but no project.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<Self>, String> {
        let Some(raw) = parse::<RawProject>(bytes)? else { return Ok(None) };
        if raw.id.as_str().is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            worktree: value::line(&raw.worktree),
            vcs: value::line(&raw.vcs),
            name: value::line(&raw.name),
            created: value::time(member(&raw.time, "created")),
            updated: value::time(member(&raw.time, "updated")),
        }))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawProject {
    id: Value,
    worktree: Value,
    vcs: Value,
    name: Value,
    time: Value,
}

/// An entry of a session's work list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Todo {
    /// What is to be done, and how far it is.
    pub(super) item: PlanItem,
    /// How urgent it is, as written.
    pub(super) priority: Option<Safe>,
}

impl Todo {
    fn new(text: Safe, status: Option<&str>, priority: Option<Safe>) -> Self {
        let status = match status {
            Some("pending") => Status::Queued,
            Some("in_progress") => Status::Running,
            Some("completed") => Status::Succeeded,
            Some("cancelled") => Status::Cancelled,
            _ => Status::Unknown,
        };
        Self { item: PlanItem { text, status, owner: None }, priority }
    }

    /// A row; nothing without session or text.
    pub(super) fn of_row(fields: &mut Fields<'_>) -> Option<(Safe, Self)> {
        let (session, text) = (fields.line("session_id")?, fields.line("content")?);
        let status = fields.line("status");
        Some((session, Self::new(text, status.as_deref(), fields.line("priority"))))
    }

    /// A file: the list of one session. Entries without text are left out and counted.
    ///
    /// # Errors
    /// When it is no JSON. `Ok(None)` = JSON, but no list.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Vec<Self>, u64)>, String> {
        let Some(value) = parse::<Value>(bytes)? else { return Ok(None) };
        let Some(list) = value.as_array() else { return Ok(None) };
        let todos: Vec<Self> = list
            .iter()
            .filter_map(|todo| {
                let text = value::line(member(todo, "content"))?;
                let status = member(todo, "status").as_str();
                Some(Self::new(text, status, value::line(member(todo, "priority"))))
            })
            .collect();
        let left_out = (list.len() - todos.len()) as u64;
        Ok(Some((todos, left_out)))
    }
}
