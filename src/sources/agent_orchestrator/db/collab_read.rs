//! Reads the rows of the collaboration database, long tables as their newest row a group.

use rusqlite::Connection;
use serde_json::Value;

use super::{
    super::{files::output::Output, when::Cell},
    Long,
    collab::{Approval, Assigned, Collab, Handed, HookSession, Registered, StoredRun},
    long::session,
    select::{Table, json, names, prose, said},
};
use crate::{
    sources::read::sqlite::{Counted, Fields},
    text::Safe,
};

/// Reads what there is of them.
pub(super) fn read(conn: &Connection, long: &Long, counted: &mut Counted) -> rusqlite::Result<Collab> {
    let table = |name| Table::open(conn, name);
    let (missing, approvals) = (table("missing_capabilities")?, table("approval_queue")?);
    Ok(Collab {
        sessions: table("hook_agent_sessions")?.all(&["session_id", "agent_id", "start_time", "end_time"], counted,
            |cells| {
                Some(HookSession {
                    session: session(cells),
                    agent: cells.line("agent_id")?,
                    started: Cell::of(cells, "start_time").at,
                    ended: Cell::of(cells, "end_time").at,
                })
            },
        )?,
        tools: long.tools.sum.values().cloned().collect(),
        progress: long.progress.sum.newest.values().cloned().collect(),
        starts: long.progress.sum.starts.clone(),
        errors: long.errors.sum.values().cloned().collect(),
        successes: long.successes.sum.values().cloned().collect(),
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
        runs: table("orchestration_sessions")?.all(&[
                "session_id",
                "project_name",
                "project_level",
                "status",
                "participating_agents",
                "start_time",
                "end_time",
            ], counted,
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
    table.all(&wanted, counted, |cells| {
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
    table.all(&wanted, counted, |cells| {
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
    table.all(
        &[
            "agent_id",
            "name",
            "description",
            "expertise_areas",
            "collaboration_patterns",
            "tool_requirements",
        ],
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
    table.all(&wanted, counted, |cells| {
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
