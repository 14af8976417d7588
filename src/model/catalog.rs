//! The catalog: what can be put to work, whether or not it works now.

use super::{Key, RawRef, Status, Timestamp, Workspace};
use crate::text::Safe;

/// What sort of thing stands in the catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CatalogKind {
    /// A definition of an agent: its role, tools, model.
    #[default]
    Agent,
    /// A definition of a workflow: steps and what they depend on.
    Workflow,
    /// An MCP server.
    McpServer,
    /// An address that is told about events.
    Webhook,
    /// A model, with what the orchestrator knows of it.
    Model,
}

impl CatalogKind {
    /// All, in the order of the lists.
    pub const ALL: [Self; 5] = [Self::Agent, Self::Workflow, Self::McpServer, Self::Webhook, Self::Model];

    /// Its name on the command line and in JSON: the word without blanks.
    pub fn id(self) -> &'static str {
        match self {
            Self::McpServer => "mcp-server",
            other => other.word(),
        }
    }

    /// The word on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Workflow => "workflow",
            Self::McpServer => "mcp server",
            Self::Webhook => "webhook",
            Self::Model => "model",
        }
    }
}

/// A step of a workflow's definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepDefinition {
    /// Its id within the workflow.
    pub id: Safe,
    /// What it is called.
    pub name: Option<Safe>,
    /// `agent`, or what the definition says (`parallel`, `sequential`, `action`).
    pub kind: Option<Safe>,
    /// The agent that does it.
    pub agent: Option<Safe>,
    /// Ids of steps that must end before it; as written, so they may name no step, itself, or a ring.
    pub depends_on: Vec<Safe>,
    /// The step that takes over when it fails.
    pub fallback: Option<Safe>,
    /// What is odd about it (an unknown step in its dependencies, a ring), in words.
    pub problem: Option<Safe>,
}

/// Something that can be put to work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CatalogItem {
    /// What sort of thing.
    pub kind: CatalogKind,
    /// Its name: for agents the role that agents at work have.
    pub name: Safe,
    /// What it is for.
    pub description: Option<Safe>,
    /// Group it belongs to (`engineering`), or the version of a definition.
    pub category: Option<Safe>,
    /// State, for what has one (servers, webhooks): `Running`, `Failed`, `Cancelled` = switched off, `Unknown`.
    pub status: Status,
    /// State as the source wrote it.
    pub status_raw: Option<Safe>,
    /// What else there is to know about the state (required but not configured, never checked), in words.
    pub status_note: Option<Safe>,
    /// When the state was checked.
    pub checked_at: Option<Timestamp>,
    /// Model it asks for.
    pub model: Option<Safe>,
    /// What it is able to do, as the source names it.
    pub capabilities: Vec<Safe>,
    /// Tools it may use; empty = not said.
    pub tools: Vec<Safe>,
    /// Steps, of workflows.
    pub steps: Vec<StepDefinition>,
    /// Where it is valid; none = everywhere.
    pub workspace: Option<Workspace>,
    /// The project it belongs to.
    pub project: Option<Key>,
    /// Further facts of the source, label and value. Never a secret.
    pub facts: Vec<(&'static str, Safe)>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}
