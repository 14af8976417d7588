//! Rows of the collaboration database: what hooks noted, the registry, the task list, requests to people. JSON in these
//! tables is often malformed, because shell text is pasted into it; what cannot be read is then simply not known.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::{files::output::Output, when::Cell};
use crate::{model::Timestamp, text::Safe};

/// What hooks and scripts noted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Collab {
    pub(in super::super) sessions: Vec<HookSession>,
    pub(in super::super) tools: Vec<ToolUse>,
    /// The newest of each agent, task and session.
    pub(in super::super) progress: Vec<Event>,
    /// The newest start of each task.
    pub(in super::super) starts: BTreeMap<Safe, Start>,
    pub(in super::super) errors: Vec<ErrorRow>,
    pub(in super::super) successes: Vec<ErrorRow>,
    pub(in super::super) tasks: Vec<Assigned>,
    /// What was handed over, by task.
    pub(in super::super) outputs: Vec<(Safe, Output)>,
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

/// A start of a task that a hook noted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Start {
    pub(in super::super) title: Option<Safe>,
    pub(in super::super) at: Option<Timestamp>,
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
