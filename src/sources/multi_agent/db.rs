//! Reads both tables of a database in one short look: both programs write few rows and rewrite them. While an agent works
//! the writer commits nothing for minutes.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{
    core_rows,
    rows::{self, AgentRow, TaskRow},
    schema::Layout,
};
use crate::{
    sources::read::sqlite::{Counted, Fields, Kept, Look, columns, read_table},
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

/// The database and what it said last.
pub(super) type Db = Kept<Content>;

/// Reads everything.
pub(super) fn look(conn: &Connection) -> rusqlite::Result<Look<Content>> {
    let agents = columns(conn, "agents")?;
    let tasks = columns(conn, "tasks")?;
    let mut counted = Counted::default();
    let Some(layout) = Layout::of(&agents, &tasks) else {
        let reason = if agents.is_empty() && tasks.is_empty() {
            "it holds no tables yet (neither agents nor tasks)"
        } else {
            "agents has neither id nor agent_id: another program's database"
        };
        return Ok(Look { content: Err(reason.to_owned()), counted });
    };
    let (agent, task): (Decode<AgentRow>, Decode<TaskRow>) = match layout {
        Layout::Dashboard => (rows::agent, rows::task),
        Layout::Core => (core_rows::agent, core_rows::task),
    };
    let missing = layout.task_columns().iter().filter(|name| !tasks.iter().any(|there| there == *name));
    let missing = if tasks.is_empty() { vec!["tasks"] } else { missing.copied().collect() };
    let mut agent_rows =
        read_table(conn, "agents", layout.agent_columns(), &agents, order(&agents), agent, &mut counted)?;
    let task_rows =
        read_table(conn, "tasks", layout.task_columns(), &tasks, order(&tasks), task, &mut counted)?;
    // The library's agents do not name their task; its tasks name their agents.
    let assigned: HashMap<&Safe, &Safe> =
        task_rows.iter().flat_map(|task| task.agents.iter().map(move |agent| (agent, &task.id))).collect();
    for agent in agent_rows.iter_mut().filter(|agent| agent.task.is_none()) {
        agent.task = assigned.get(&agent.id).map(|task| (*task).clone());
    }
    Ok(Look { content: Ok(Content { layout, agents: agent_rows, tasks: task_rows, missing }), counted })
}

type Decode<T> = fn(&mut Fields<'_>) -> Option<T>;

fn order(there: &[String]) -> &'static str {
    if there.iter().any(|name| name == "created_at") { "created_at, rowid" } else { "rowid" }
}
