//! One short look at everything a database of the family can hold.

use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};
use serde_json::Value;

use super::{
    super::{when::Cell, words},
    Content, Cursors, LineRow, Lines, Long, collab_read, dash, memory,
    select::{Table, json},
};
use crate::{
    model::Level,
    sources::read::sqlite::{Counted, Fields, Look},
    text::{Safe, mask},
};

/// Newest log rows of one table that are read at once and remembered; the program keeps no more.
pub(in super::super) const TAIL: i64 = 2000;
/// Tables of any of the five kinds; one is enough.
const OURS: [&str; 18] = [
    "agent_executions",
    "projects",
    "execution_plans",
    "agent_tasks",
    "agent_logs",
    "execution_metrics",
    "mcp_servers",
    "webhooks",
    "migrations",
    "hook_tool_usage",
    "hook_progress_events",
    "hook_agent_sessions",
    "agent_registry",
    "agent_coordination_queue",
    "approval_queue",
    "orchestration_sessions",
    "agent_memories",
    "memories",
];

/// Reads everything; of long tables what came since `before`, of logs what comes after `cursors`.
pub(in super::super) fn look(
    conn: &Connection,
    before: &Long,
    cursors: &Cursors,
) -> rusqlite::Result<Look<Content>> {
    let mut counted = Counted::default();
    let tables = tables(conn)?;
    if !tables.iter().any(|(name, _)| OURS.contains(&name.as_str())) {
        let reason = if tables.is_empty() {
            "it holds no tables yet"
        } else {
            "it holds none of this orchestrator's tables: another program's database"
        };
        return Ok(Look { content: Err(reason.to_owned()), counted });
    }
    let long = before.read(conn, &mut counted)?;
    let content = Content {
        tables,
        dash: dash::read(conn, &long, &mut counted)?,
        collab: collab_read::read(conn, &long, &mut counted)?,
        long: Arc::new(long),
        memories: memory::read(conn, &mut counted)?,
        lines: lines(conn, cursors, &mut counted)?,
    };
    Ok(Look { content: Ok(content), counted })
}

/// Tables with their numbers of rows. One that only its maker's program can read counts as empty.
fn tables(conn: &Connection) -> rusqlite::Result<Vec<(Safe, u64)>> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1";
    let names: Vec<String> = conn
        .prepare(sql)?
        .query_map([], |row| Ok(Fields::new(row).raw(0_usize).map(std::borrow::Cow::into_owned)))?
        .filter_map(Result::transpose)
        .collect::<rusqlite::Result<_>>()?;
    let mut tables = Vec::new();
    for name in names {
        let sql = format!("SELECT COUNT(*) FROM \"{}\"", name.replace('"', "\"\""));
        let count = conn.query_row(&sql, [], |row| row.get::<_, i64>(0));
        let count = match count {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => 0,
            other => other?,
        };
        tables.push((Safe::line(&name), count.max(0) as u64));
    }
    Ok(tables)
}

type Decode = fn(&mut Fields<'_>) -> LineRow;

/// New rows of the tables that are logs.
fn lines(conn: &Connection, cursors: &Cursors, counted: &mut Counted) -> rusqlite::Result<Lines> {
    const LOGS: [(&str, &[&str], Decode); 3] = [
        ("agent_logs", &["execution_id", "agent_name", "level", "message", "metadata", "created_at"], said),
        (
            "hook_error_events",
            &["agent_id", "error_type", "error_message", "error_context", "impact_level", "timestamp"],
            failed,
        ),
        (
            "collaboration_events",
            &["from_agent", "to_agent", "event_type", "task_id", "created_at"],
            collaborated,
        ),
    ];
    let mut lines = Lines::default();
    for (name, wanted, decode) in LOGS {
        let table = Table::open(conn, name)?;
        if !table.exists() {
            continue;
        }
        let newest = table.extent()?.1.max(0);
        // Rows that went back mean another table: everything is new.
        let after = cursors.get(name).copied().filter(|after| *after <= newest).unwrap_or(0);
        let from = after.max(newest.saturating_sub(TAIL));
        table.pages(wanted, from, counted, |order, cells| {
            lines.rows.push(LineRow { order, ..decode(cells) });
            true
        })?;
        lines.passed += from.saturating_sub(after) as u64;
        lines.cursors.insert(name, newest);
    }
    Ok(lines)
}

fn said(cells: &mut Fields<'_>) -> LineRow {
    let message = cells.raw("message").map(|text| mask::text(&text).into_owned()).unwrap_or_default();
    let metadata =
        json(cells, "metadata").filter(|value| !matches!(value, Value::Object(map) if map.is_empty()));
    let text = match metadata {
        Some(value) => format!("{message} {}", mask::compact(&value)),
        None => message,
    };
    LineRow {
        at: Cell::of(cells, "created_at").at,
        level: words::level(cells.line("level").as_deref()),
        execution: cells.line("execution_id"),
        agent: cells.line("agent_name"),
        text: Safe::line(text.trim()),
        ..LineRow::default()
    }
}

fn failed(cells: &mut Fields<'_>) -> LineRow {
    let context = json(cells, "error_context");
    let known =
        |name: &str| context.as_ref()?.get(name)?.as_str().filter(|text| !text.is_empty()).map(Safe::line);
    let kind = cells.line("error_type").unwrap_or_else(|| Safe::line("general_error"));
    let impact = cells.line("impact_level");
    let message =
        cells.raw("error_message").map(|text| mask::text(text.trim()).into_owned()).unwrap_or_default();
    LineRow {
        at: Cell::of(cells, "timestamp").at,
        level: Level::Error,
        agent: cells.line("agent_id"),
        task: known("task").or_else(|| known("task_id")),
        tool: known("tool"),
        text: Safe::line(&error_text(&kind, impact.as_deref(), &message)),
        hooked: true,
        wrong: Some(Safe::line(&message)),
        ..LineRow::default()
    }
}

/// One wording for an error, whether a table or a file tells it.
pub(in super::super) fn error_text(kind: &str, impact: Option<&str>, message: &str) -> String {
    match impact {
        Some(impact) => format!("{kind} ({impact}): {message}"),
        None => format!("{kind}: {message}"),
    }
}

fn collaborated(cells: &mut Fields<'_>) -> LineRow {
    let to = cells.line("to_agent").map(|to| format!(" → {to}")).unwrap_or_default();
    let from = cells.line("from_agent");
    let kind = cells.line("event_type").unwrap_or_default();
    LineRow {
        at: Cell::of(cells, "created_at").at,
        agent: from.clone(),
        task: cells.line("task_id"),
        text: Safe::line(&format!("{}{to}: {kind}", from.unwrap_or_default())),
        ..LineRow::default()
    }
}
