//! Executions: runs, nested like spans.

use super::{Key, RawRef, Status, Timestamp};
use crate::text::Safe;

/// What runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum ExecutionKind {
    /// One agent's part in a task.
    #[default]
    Agent,
    /// A shell in the background.
    Shell,
    /// A workflow of several agents.
    Workflow,
    /// A planned step.
    Step,
}

impl ExecutionKind {
    /// The word on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Shell => "shell",
            Self::Workflow => "workflow",
            Self::Step => "step",
        }
    }
}

/// One run of one agent, shell or step on a task. Its fields are those of a span (parent, start, end, status); the name
/// differs because `Span` is a word of the drawing library.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Execution {
    /// What runs.
    pub kind: ExecutionKind,
    /// In words.
    pub name: Safe,
    /// The task it serves.
    pub task: Option<Key>,
    /// The agent that runs, if it is one.
    pub agent: Option<Key>,
    /// The execution around it.
    pub parent: Option<Key>,
    /// Executions that must end before it can start.
    pub depends_on: Vec<Key>,
    /// State.
    pub status: Status,
    /// State as the source wrote it.
    pub status_raw: Option<Safe>,
    /// Start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Option<Timestamp>,
    /// One line about how it ended or what it does.
    pub summary: Option<Safe>,
    /// Further facts of the source, label and value (attempts, reason of a skip, what it stands in for).
    pub facts: Vec<(&'static str, Safe)>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}
