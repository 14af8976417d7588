//! The tables that grow without end: what hooks note at every step, and series of metrics. Kept as what they add up to.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{
    super::{show, when::Cell},
    collab::{ErrorRow, Event, Start, ToolUse},
    dash::{self, Series},
    grown::Grown,
    select::{Table, json, said},
};
use crate::{
    sources::read::sqlite::{Counted, Fields},
    text::Safe,
};

/// Agent and session.
type Pair = (Safe, Safe);
/// Errors or successes of each agent in each session.
type Tally = BTreeMap<Pair, ErrorRow>;

/// What the long tables add up to so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Long {
    /// By agent, session and tool.
    pub(super) tools: Grown<BTreeMap<(Safe, Safe, Safe), ToolUse>>,
    pub(super) progress: Grown<Progress>,
    pub(super) errors: Grown<Tally>,
    pub(super) successes: Grown<Tally>,
    pub(super) metrics: Grown<Series>,
}

/// Events of progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Progress {
    /// The newest of each agent, task and session.
    pub(super) newest: BTreeMap<(Safe, Option<Safe>, Safe), Event>,
    /// The newest start of each task.
    pub(super) starts: BTreeMap<Safe, Start>,
}

impl Long {
    /// With what came since.
    pub(super) fn read(&self, conn: &Connection, counted: &mut Counted) -> rusqlite::Result<Self> {
        let tally = |before: &Grown<Tally>, name: &'static str, counted: &mut Counted| {
            let wanted = ["agent_id", "session_id", "timestamp"];
            before.read(&Table::open(conn, name)?, &wanted, counted, |sum, _, cells| add_one(sum, cells))
        };
        Ok(Self {
            tools: self.tools.read(
                &Table::open(conn, "hook_tool_usage")?,
                &[
                    "agent_id",
                    "session_id",
                    "tool_name",
                    "tool_parameters",
                    "task_context",
                    "hook_timestamp",
                    "success",
                ],
                counted,
                add_call,
            )?,
            progress: self.progress.read(
                &Table::open(conn, "hook_progress_events")?,
                &[
                    "agent_id",
                    "task_id",
                    "session_id",
                    "event_type",
                    "progress_percentage",
                    "milestone_name",
                    "milestone_details",
                    "timestamp",
                ],
                counted,
                add_event,
            )?,
            errors: tally(&self.errors, "hook_error_events", counted)?,
            successes: tally(&self.successes, "hook_success_events", counted)?,
            metrics: dash::series(conn, &self.metrics, counted)?,
        })
    }
}

/// What the hooks write when the environment is silent.
const SESSION: &str = "default";

/// The session of a row.
pub(super) fn session(cells: &mut Fields<'_>) -> Safe {
    cells.line("session_id").unwrap_or_else(|| Safe::line(SESSION))
}

fn add_call(sum: &mut BTreeMap<(Safe, Safe, Safe), ToolUse>, order: i64, cells: &mut Fields<'_>) -> bool {
    let Some(agent) = cells.line("agent_id") else { return false };
    let session = session(cells);
    let tool = cells.line("tool_name").unwrap_or_else(|| Safe::line("unknown"));
    let parameters = json(cells, "tool_parameters");
    let about = ["file_path", "path", "notebook_path", "url"].iter().find_map(|name| {
        let text = parameters.as_ref()?.get(name)?.as_str()?;
        Some(if *name == "url" { dash::address(text) } else { show::line(text) })
    });
    let failed = u32::from(cells.flag("success") == Some(false));
    let known = sum.entry((agent.clone(), session.clone(), tool.clone())).or_default();
    *known = ToolUse {
        agent,
        session,
        tool,
        calls: known.calls.saturating_add(1),
        failed: known.failed.saturating_add(failed),
        newest: Cell::of(cells, "hook_timestamp").at,
        order,
        about,
        task: cells.line("task_context"),
    };
    true
}

fn add_event(sum: &mut Progress, order: i64, cells: &mut Fields<'_>) -> bool {
    let Some(agent) = cells.line("agent_id") else { return false };
    let (session, task) = (session(cells), cells.line("task_id"));
    let details = json(cells, "milestone_details");
    let detail = |name: &str| details.as_ref()?.get(name)?.as_str().map(show::line);
    let kind = cells.line("event_type").unwrap_or_default();
    let at = Cell::of(cells, "timestamp").at;
    if let (Some(task), "task_start") = (&task, kind.as_str()) {
        sum.starts.insert(task.clone(), Start { title: detail("task_title"), at });
    }
    let event = Event {
        agent: agent.clone(),
        session: session.clone(),
        task: task.clone(),
        kind,
        percent: cells.integer("progress_percentage"),
        name: detail("name").or_else(|| said(cells, "milestone_name")),
        reason: detail("reason"),
        at,
        order,
    };
    sum.newest.insert((agent, task, session), event);
    true
}

fn add_one(sum: &mut Tally, cells: &mut Fields<'_>) -> bool {
    let Some(agent) = cells.line("agent_id") else { return false };
    let session = session(cells);
    let row = sum.entry((agent.clone(), session.clone())).or_default();
    *row = ErrorRow { agent, session, count: row.count + 1, newest: Cell::of(cells, "timestamp").at };
    true
}
