//! Rows of the collaboration database: what hooks noted, the registry, the task list, requests to people. JSON in these
//! tables is often malformed, because shell text is pasted into it; what cannot be read is then simply not known.

use rusqlite::Connection;
use serde_json::Value;

use super::{
    super::when::Cell,
    select::{Table, json, names},
};
use crate::{
    model::Timestamp,
    sources::read::sqlite::{Counted, Fields},
    text::Safe,
};

/// What hooks and scripts noted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Collab {
    pub(in super::super) sessions: Vec<HookSession>,
    pub(in super::super) tools: Vec<ToolUse>,
    /// The newest of each agent, task and session.
    pub(in super::super) progress: Vec<Event>,
    /// Titles given at starts.
    pub(in super::super) titles: Vec<(Safe, Safe)>,
    pub(in super::super) errors: Vec<ErrorRow>,
    pub(in super::super) successes: Vec<ErrorRow>,
    pub(in super::super) tasks: Vec<Assigned>,
    pub(in super::super) outputs: Vec<(Safe, Option<Safe>, Option<Safe>)>,
    pub(in super::super) approvals: Vec<Approval>,
    pub(in super::super) missing: Vec<Safe>,
    pub(in super::super) registry: Vec<Registered>,
    pub(in super::super) handed: Vec<Handed>,
    pub(in super::super) runs: Vec<StoredRun>,
}

/// A row of `hook_agent_sessions`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct HookSession {
    pub(in super::super) session: Safe,
    pub(in super::super) agent: Safe,
    pub(in super::super) started: Option<Timestamp>,
    pub(in super::super) ended: Option<Timestamp>,
}

/// Calls of one tool by one agent in one session.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct ToolUse {
    pub(in super::super) agent: Safe,
    pub(in super::super) session: Safe,
    pub(in super::super) tool: Safe,
    pub(in super::super) calls: u32,
    pub(in super::super) failed: u32,
    pub(in super::super) newest: Option<Timestamp>,
    /// Rowid of the newest call.
    pub(in super::super) order: i64,
    /// What the newest call was about: a file, never a command.
    pub(in super::super) about: Option<Safe>,
    pub(in super::super) task: Option<Safe>,
}

/// A row of `hook_progress_events`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Event {
    pub(in super::super) agent: Safe,
    pub(in super::super) session: Safe,
    pub(in super::super) task: Option<Safe>,
    pub(in super::super) kind: Safe,
    pub(in super::super) percent: Option<i64>,
    pub(in super::super) name: Option<Safe>,
    pub(in super::super) reason: Option<Safe>,
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) order: i64,
}

/// Errors or successes of an agent in a session, and the newest of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct ErrorRow {
    pub(in super::super) agent: Safe,
    pub(in super::super) session: Safe,
    pub(in super::super) count: u64,
    pub(in super::super) newest: Option<Timestamp>,
}

/// A row of `agent_tasks` of the storage tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Assigned {
    pub(in super::super) id: Safe,
    pub(in super::super) agent: Option<Safe>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) priority: Option<Safe>,
    pub(in super::super) title: Option<Safe>,
    pub(in super::super) description: Option<Safe>,
    pub(in super::super) deliverables: Vec<Safe>,
    pub(in super::super) dependencies: Vec<Safe>,
    pub(in super::super) parent: Option<Safe>,
    pub(in super::super) created: Option<Timestamp>,
    pub(in super::super) started: Cell,
    pub(in super::super) completed: Cell,
}

/// A pending row of `approval_queue`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Approval {
    pub(in super::super) id: Safe,
    pub(in super::super) action: Safe,
    pub(in super::super) details: Option<Value>,
    pub(in super::super) agent: Option<Safe>,
    pub(in super::super) risk: Option<Safe>,
    pub(in super::super) created: Option<Timestamp>,
}

/// A row of `agent_registry`, put right where the migration shifted its columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Registered {
    pub(in super::super) name: Safe,
    pub(in super::super) description: Option<Safe>,
    pub(in super::super) expertise: Vec<Safe>,
    pub(in super::super) tools: Vec<Safe>,
    pub(in super::super) shifted: bool,
}

/// A row of `agent_coordination_queue`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Handed {
    pub(in super::super) id: Safe,
    pub(in super::super) from: Option<Safe>,
    pub(in super::super) to: Option<Safe>,
    pub(in super::super) kind: Option<Safe>,
    pub(in super::super) data: Option<Value>,
    pub(in super::super) priority: Option<Safe>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) created: Option<Timestamp>,
    pub(in super::super) started: Cell,
    pub(in super::super) completed: Cell,
    pub(in super::super) result: Option<Safe>,
    pub(in super::super) error: Option<Safe>,
}

/// A row of `orchestration_sessions`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct StoredRun {
    pub(in super::super) id: Safe,
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) level: Option<i64>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) agents: Vec<Safe>,
    pub(in super::super) started: Cell,
    pub(in super::super) ended: Cell,
}

/// What the hooks write when the environment is silent.
const SESSION: &str = "default";

fn session(cells: &mut Fields<'_>) -> Safe {
    cells.line("session_id").unwrap_or_else(|| Safe::line(SESSION))
}

/// Reads what there is of them.
pub(super) fn read(conn: &Connection, counted: &mut Counted) -> rusqlite::Result<Collab> {
    let table = |name| Table::open(conn, name);
    let (missing, approvals) = (table("missing_capabilities")?, table("approval_queue")?);
    Ok(Collab {
        sessions: table("hook_agent_sessions")?.rows(
            &["session_id", "agent_id", "start_time", "end_time"],
            &[],
            "ORDER BY rowid",
            counted,
            |cells| {
                Some(HookSession {
                    session: session(cells),
                    agent: cells.line("agent_id")?,
                    started: Cell::of(cells, "start_time").at,
                    ended: Cell::of(cells, "end_time").at,
                })
            },
        )?,
        tools: tools(&table("hook_tool_usage")?, counted)?,
        progress: progress(&table("hook_progress_events")?, counted)?,
        titles: titles(&table("hook_progress_events")?, counted)?,
        errors: tally(&table("hook_error_events")?, counted)?,
        successes: tally(&table("hook_success_events")?, counted)?,
        tasks: assigned(&table("agent_tasks")?, counted)?,
        outputs: table("agent_outputs")?.rows(
            &["task_id", "status", "next_steps"],
            &[],
            "ORDER BY rowid",
            counted,
            |cells| Some((cells.line("task_id")?, cells.line("status"), cells.text("next_steps"))),
        )?,
        approvals: approvals.rows(
            &["approval_id", "action_type", "action_details", "requested_by", "risk_assessment", "created_at"],
            &[],
            if approvals.has("status") { "WHERE lower(status) = 'pending' ORDER BY rowid" } else { "WHERE 0" },
            counted,
            approval,
        )?,
        missing: missing.rows(
            &["capability_type", "capability_name", "requested_by_agent", "frequency"],
            &[],
            if missing.has("resolution_status") {
                "WHERE resolution_status IS NULL OR lower(resolution_status) IN ('pending', 'investigating') ORDER BY rowid"
            } else {
                "ORDER BY rowid"
            },
            counted,
            |cells| {
                let kind = cells.line("capability_type").unwrap_or_default();
                let name = cells.line("capability_name")?;
                let agent = cells.line("requested_by_agent").map(|agent| format!(", asked for by {agent}"));
                let often = cells.count("frequency").filter(|count| *count > 1);
                let often = often.map(|count| format!(" {count} times"));
                let (agent, often) = (agent.unwrap_or_default(), often.unwrap_or_default());
                Some(Safe::line(&format!("missing {kind} {name}{agent}{often}")))
            },
        )?,
        registry: registry(&table("agent_registry")?, counted)?,
        handed: handed(&table("agent_coordination_queue")?, counted)?,
        runs: table("orchestration_sessions")?.rows(
            &[
                "session_id",
                "project_name",
                "project_level",
                "status",
                "participating_agents",
                "start_time",
                "end_time",
            ],
            &[],
            "ORDER BY rowid",
            counted,
            |cells| {
                let agents = json(cells, "participating_agents");
                Some(StoredRun {
                    id: cells.line("session_id")?,
                    project: cells.line("project_name"),
                    level: cells.integer("project_level"),
                    status: cells.line("status"),
                    agents: names(agents.as_ref()),
                    started: Cell::of(cells, "start_time"),
                    ended: Cell::of(cells, "end_time"),
                })
            },
        )?,
    })
}

fn tools(table: &Table<'_>, counted: &mut Counted) -> rusqlite::Result<Vec<ToolUse>> {
    table.rows(
        &["agent_id", "session_id", "tool_name", "tool_parameters", "task_context", "hook_timestamp"],
        &[
            "COUNT(*) AS calls",
            if table.has("success") {
                "SUM(success IN (0, '0', 'false')) AS failed"
            } else {
                "NULL AS failed"
            },
            "MAX(rowid) AS newest",
        ],
        "GROUP BY 1, 2, 3",
        counted,
        |cells| {
            let parameters = json(cells, "tool_parameters");
            let about = ["file_path", "path", "notebook_path", "url"].iter().find_map(|name| {
                let text = parameters.as_ref()?.get(name)?.as_str()?;
                Some(if *name == "url" { super::dash::address(text) } else { Safe::line(text) })
            });
            Some(ToolUse {
                agent: cells.line("agent_id")?,
                session: session(cells),
                tool: cells.line("tool_name").unwrap_or_else(|| Safe::line("unknown")),
                calls: cells.count("calls").unwrap_or(0) as u32,
                failed: cells.count("failed").unwrap_or(0) as u32,
                newest: Cell::of(cells, "hook_timestamp").at,
                order: cells.integer("newest").unwrap_or(0),
                about,
                task: cells.line("task_context"),
            })
        },
    )
}

fn progress(table: &Table<'_>, counted: &mut Counted) -> rusqlite::Result<Vec<Event>> {
    table.rows(
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
        &["MAX(rowid) AS newest"],
        "GROUP BY 1, 2, 3",
        counted,
        |cells| {
            let details = json(cells, "milestone_details");
            let detail = |name: &str| details.as_ref()?.get(name)?.as_str().map(Safe::line);
            Some(Event {
                agent: cells.line("agent_id")?,
                session: session(cells),
                task: cells.line("task_id"),
                kind: cells.line("event_type").unwrap_or_default(),
                percent: cells.integer("progress_percentage"),
                name: detail("name").or_else(|| cells.line("milestone_name")),
                reason: detail("reason"),
                at: Cell::of(cells, "timestamp").at,
                order: cells.integer("newest").unwrap_or(0),
            })
        },
    )
}

fn titles(table: &Table<'_>, counted: &mut Counted) -> rusqlite::Result<Vec<(Safe, Safe)>> {
    if !table.has("event_type") {
        return Ok(Vec::new());
    }
    let mut ignored = Counted::default();
    let found = table.rows(
        &["task_id", "milestone_details"],
        &["MAX(rowid) AS newest"],
        "WHERE event_type = 'task_start' GROUP BY 1",
        &mut ignored,
        |cells| {
            let details = json(cells, "milestone_details")?;
            Some((cells.line("task_id")?, Safe::line(details.get("task_title")?.as_str()?)))
        },
    );
    // A start without a title is a whole row all the same.
    counted.rows += ignored.rows;
    found
}

fn tally(table: &Table<'_>, counted: &mut Counted) -> rusqlite::Result<Vec<ErrorRow>> {
    table.rows(
        &["agent_id", "session_id", "timestamp"],
        &["COUNT(*) AS n", "MAX(rowid) AS newest"],
        "GROUP BY 1, 2",
        counted,
        |cells| {
            Some(ErrorRow {
                agent: cells.line("agent_id")?,
                session: session(cells),
                count: cells.count("n").unwrap_or(0),
                newest: Cell::of(cells, "timestamp").at,
            })
        },
    )
}

fn assigned(table: &Table<'_>, counted: &mut Counted) -> rusqlite::Result<Vec<Assigned>> {
    if !table.has("agent_id") || table.has("execution_id") {
        return Ok(Vec::new());
    }
    let wanted = [
        "task_id",
        "agent_id",
        "status",
        "priority",
        "title",
        "description",
        "deliverables",
        "dependencies",
        "parent_task_id",
        "created_at",
        "started_at",
        "completed_at",
    ];
    table.rows(&wanted, &[], "ORDER BY rowid", counted, |cells| {
        let (deliverables, dependencies) = (json(cells, "deliverables"), json(cells, "dependencies"));
        Some(Assigned {
            id: cells.line("task_id")?,
            agent: cells.line("agent_id"),
            status: cells.line("status"),
            priority: cells.line("priority"),
            title: cells.line("title"),
            description: cells.text("description"),
            deliverables: names(deliverables.as_ref()),
            dependencies: names(dependencies.as_ref()),
            parent: cells.line("parent_task_id"),
            created: Cell::of(cells, "created_at").at,
            started: Cell::of(cells, "started_at"),
            completed: Cell::of(cells, "completed_at"),
        })
    })
}

fn approval(cells: &mut Fields<'_>) -> Option<Approval> {
    let risk = json(cells, "risk_assessment");
    Some(Approval {
        id: cells.line("approval_id")?,
        action: cells.line("action_type").unwrap_or_else(|| Safe::line("an action")),
        details: json(cells, "action_details"),
        agent: cells.line("requested_by"),
        risk: risk.as_ref().and_then(|risk| risk.get("risk")?.as_str().map(Safe::line)),
        created: Cell::of(cells, "created_at").at,
    })
}

/// The shipped migration numbers agents by their place in the registry and shifts the other columns left by one, so that
/// the description holds the list of what an agent is able to do.
fn registry(table: &Table<'_>, counted: &mut Counted) -> rusqlite::Result<Vec<Registered>> {
    table.rows(
        &[
            "agent_id",
            "name",
            "description",
            "expertise_areas",
            "collaboration_patterns",
            "tool_requirements",
        ],
        &[],
        "ORDER BY rowid",
        counted,
        |cells| {
            let id = cells.line("agent_id");
            let description = json(cells, "description");
            let is_number = id.as_ref().is_some_and(|id| id.parse::<u32>().is_ok());
            let shifted = is_number && matches!(description, Some(Value::Array(_)));
            let expertise = if shifted { description.clone() } else { json(cells, "expertise_areas") };
            let tools = json(cells, if shifted { "collaboration_patterns" } else { "tool_requirements" });
            Some(Registered {
                name: cells.line("name").or(id)?,
                description: cells.text("description").filter(|_| !shifted),
                expertise: names(expertise.as_ref())
                    .into_iter()
                    .filter(|name| name.as_str() != "{}")
                    .collect(),
                tools: names(tools.as_ref()).into_iter().filter(|name| name.as_str() != "{}").collect(),
                shifted,
            })
        },
    )
}

fn handed(table: &Table<'_>, counted: &mut Counted) -> rusqlite::Result<Vec<Handed>> {
    let wanted = [
        "coordination_id",
        "from_agent",
        "to_agent",
        "task_type",
        "task_data",
        "priority",
        "status",
        "created_at",
        "claimed_at",
        "completed_at",
        "result",
        "error_details",
    ];
    table.rows(&wanted, &[], "ORDER BY rowid", counted, |cells| {
        Some(Handed {
            id: cells.line("coordination_id")?,
            from: cells.line("from_agent"),
            to: cells.line("to_agent"),
            kind: cells.line("task_type"),
            data: json(cells, "task_data"),
            priority: cells.line("priority"),
            status: cells.line("status"),
            created: Cell::of(cells, "created_at").at,
            started: Cell::of(cells, "claimed_at"),
            completed: Cell::of(cells, "completed_at"),
            result: cells.text("result"),
            error: cells.text("error_details"),
        })
    })
}
