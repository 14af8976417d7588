//! Reads the rows of the collaboration database, long tables as their newest row a group.

use rusqlite::Connection;
use serde_json::Value;

use super::{
    super::{files::output::Output, show, when::Cell},
    collab::{
        Approval, Assigned, Collab, ErrorRow, Event, Handed, HookSession, Registered, StoredRun, ToolUse,
    },
    dash,
    select::{Table, json, names, prose, said},
};
use crate::{
    sources::read::sqlite::{Counted, Fields},
    text::Safe,
};

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
        outputs: outputs(&table("agent_outputs")?, counted)?,
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
                Some(if *name == "url" { dash::address(text) } else { Safe::line(text) })
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
            let detail = |name: &str| details.as_ref()?.get(name)?.as_str().map(show::line);
            Some(Event {
                agent: cells.line("agent_id")?,
                session: session(cells),
                task: cells.line("task_id"),
                kind: cells.line("event_type").unwrap_or_default(),
                percent: cells.integer("progress_percentage"),
                name: detail("name").or_else(|| said(cells, "milestone_name")),
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
            Some((cells.line("task_id")?, show::line(details.get("task_title")?.as_str()?)))
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

/// What agents handed over, in columns; the columns are those of the object in files.
fn outputs(table: &Table<'_>, counted: &mut Counted) -> rusqlite::Result<Vec<(Safe, Output)>> {
    const MEMBERS: [(&str, &str); 7] = [
        ("status", "status"),
        ("deliverables", "deliverables"),
        ("insights", "insights"),
        ("metrics", "metrics"),
        ("suggested_agents", "suggestedAgents"),
        ("next_steps", "nextSteps"),
        ("error_details", "error"),
    ];
    let mut wanted = vec!["task_id"];
    wanted.extend(MEMBERS.map(|(column, _)| column));
    table.rows(&wanted, &[], "ORDER BY rowid", counted, |cells| {
        let task = cells.line("task_id")?;
        let members =
            MEMBERS.iter().filter_map(|(column, name)| Some(((*name).to_owned(), json(cells, column)?)));
        Some((task, Output::of(&Value::Object(members.collect()))?))
    })
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
            title: said(cells, "title"),
            description: prose(cells, "description"),
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
            result: prose(cells, "result"),
            error: prose(cells, "error_details"),
        })
    })
}
