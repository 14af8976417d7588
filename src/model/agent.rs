//! Agents: workers, that is sessions and sub-agents.

use super::{ConversationRef, Key, RawRef, Status, Timestamp, Usd, Witness, Workspace, price::ModelName};
use crate::text::Safe;

/// What sort of worker it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AgentKind {
    /// A session of its own, started by a person, a script or a schedule.
    #[default]
    Session,
    /// Started by another agent.
    SubAgent,
    /// A worker that an orchestrator started for a task.
    Worker,
}

/// How full the context window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// Tokens before the model at its newest response.
    pub used: u64,
    /// Size of the window in tokens.
    pub window: u64,
}

/// Window of Claude models before the fifth generation, in tokens.
const SMALL_WINDOW: u64 = 200_000;
/// Window of newer ones, and of those that are served with the large one.
const LARGE_WINDOW: u64 = 1_000_000;

impl Context {
    /// What a Claude model has before it. `most` is the most the same session ever had: above the small window it has the
    /// large one.
    pub fn of_model(model: &str, used: u64, most: u64) -> Self {
        let newer = ModelName::parse(model).version.is_some_and(|(major, _)| major >= 5);
        let large = newer || model.contains("[1m]") || most > SMALL_WINDOW;
        let window = if large { LARGE_WINDOW } else { SMALL_WINDOW };
        Self { used: used.min(window), window }
    }

    /// Percent used, 0 for a window of unknown size.
    pub fn percent(&self) -> f64 {
        if self.window == 0 { 0.0 } else { self.used as f64 / self.window as f64 * 100.0 }
    }
}

/// Calls of one tool.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ToolCount {
    /// The tool, such as `Bash` or `mcp__server__tool`.
    pub name: Safe,
    /// Calls.
    pub calls: u32,
    /// Calls that failed (not those that were denied or went to the background).
    pub failed: u32,
}

/// Files an agent touched, in the order of the first touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileCounts {
    /// Distinct files read.
    pub read: Vec<Safe>,
    /// Distinct files written or edited.
    pub written: Vec<Safe>,
}

/// Lines added and removed by edits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LineCounts {
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
}

/// One entry of an agent's own work list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PlanItem {
    /// What is to be done.
    pub text: Safe,
    /// How far it is.
    pub status: Status,
    /// Who has it, in teams.
    pub owner: Option<Safe>,
}

/// A worker with role, model and status. Tokens and cost are not here: the ledger has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agent {
    /// What sort of worker.
    pub kind: AgentKind,
    /// Short name.
    pub name: Safe,
    /// What it is about, in words (a session's title).
    pub title: Option<Safe>,
    /// Its role: `builder`, `Explore`, … in lower case as far as the source allows.
    pub role: Option<Safe>,
    /// State.
    pub status: Status,
    /// State as the source wrote it.
    pub status_raw: Option<Safe>,
    /// What other evidence says about the state (logs against a database, a dead process), in words.
    pub status_note: Option<Safe>,
    /// Model id of the newest response, or the model asked for.
    pub model: Option<Safe>,
    /// Where it works.
    pub workspace: Option<Workspace>,
    /// The task it works on or worked on last.
    pub task: Option<Key>,
    /// The project it works for.
    pub project: Option<Key>,
    /// Session id of the underlying program.
    pub session: Option<Safe>,
    /// Id of the tool call in that session that started it, for sub-agents.
    pub call: Option<Safe>,
    /// Who speaks of it.
    pub witness: Witness,
    /// The agent that started it.
    pub parent: Option<Key>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// Newest sign of life.
    pub updated_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Since when it has the present state, where the source says so.
    pub status_since: Option<Timestamp>,
    /// For what it waits, when waiting.
    pub waiting_for: Option<Safe>,
    /// What it does right now (`Edit src/pay.rs`, `thinking`).
    pub activity: Option<Safe>,
    /// How full its context is.
    pub context: Option<Context>,
    /// Calls by tool; `None` = not known.
    pub tools: Option<Vec<ToolCount>>,
    /// Files touched; `None` = not known.
    pub files: Option<FileCounts>,
    /// Lines changed; `None` = not known.
    pub lines: Option<LineCounts>,
    /// Messages or turns; `None` = not known.
    pub messages: Option<u32>,
    /// Cost as the source recorded it for the whole agent, sub-agents included; beats the sum of its responses.
    pub recorded_cost: Option<Usd>,
    /// The agent went on after `recorded_cost` was written: it is a lower bound.
    pub recorded_cost_is_floor: bool,
    /// Git branch.
    pub branch: Option<Safe>,
    /// Its own work list.
    pub plan: Vec<PlanItem>,
    /// Further facts of the source, label and value, for the detail view.
    pub facts: Vec<(&'static str, Safe)>,
    /// Where its conversation lies, when it can be read.
    pub conversation: Option<ConversationRef>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}

impl Agent {
    /// Calls of all tools together.
    pub fn tool_calls(&self) -> Option<u64> {
        self.tools.as_ref().map(|tools| tools.iter().map(|tool| u64::from(tool.calls)).sum())
    }

    /// Title, else name.
    pub fn label(&self) -> &Safe {
        self.title.as_ref().unwrap_or(&self.name)
    }
}
