//! Tasks: what was asked.

use super::{Key, Millis, RawRef, Status, Timestamp, Usd, Workspace};
use crate::text::Safe;

/// Progress in steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Steps {
    /// Steps finished.
    pub done: u32,
    /// Steps planned.
    pub total: u32,
}

/// What was asked, by a person, a script or a schedule, and what became of it. Tokens and cost are in the ledger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// One line.
    pub title: Safe,
    /// The whole prompt, with line breaks.
    pub prompt: Safe,
    /// Its type as the source names it (`bug_fix`, `headless`, …).
    pub kind: Option<Safe>,
    /// State.
    pub status: Status,
    /// State as the source wrote it.
    pub status_raw: Option<Safe>,
    /// What other evidence says about the state, in words.
    pub status_note: Option<Safe>,
    /// Where.
    pub workspace: Option<Workspace>,
    /// Model, when it is one.
    pub model: Option<Safe>,
    /// Priority as written.
    pub priority: Option<Safe>,
    /// Complexity as written.
    pub complexity: Option<Safe>,
    /// How it is run (`sequential`, `headless`, `interactive`, …).
    pub mode: Option<Safe>,
    /// Agents that work or worked on it, in order of start.
    pub agents: Vec<Key>,
    /// The planned workflow: role names in order.
    pub workflow: Vec<Safe>,
    /// Progress.
    pub steps: Option<Steps>,
    /// What happens right now.
    pub activity: Option<Safe>,
    /// When it was asked.
    pub created_at: Option<Timestamp>,
    /// When work began.
    pub started_at: Option<Timestamp>,
    /// Its source writes down when work starts: without a start it did not run, and its creation is none.
    pub start_is_recorded: bool,
    /// Newest sign of life.
    pub updated_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its run time, where the source says so; else derived from the times.
    pub duration: Option<Millis>,
    /// The [`TaskBatch`](super::TaskBatch) it belongs to, by its id in the same source.
    pub batch: Option<Safe>,
    /// The project it belongs to.
    pub project: Option<Key>,
    /// What came out, with line breaks.
    pub result: Option<Safe>,
    /// What went wrong.
    pub error: Option<Safe>,
    /// How often it was tried again.
    pub retries: u32,
    /// Cost as the source recorded it for the whole task; used when no usage record speaks of it.
    pub recorded_cost: Option<Usd>,
    /// Tokens as the source recorded them for the whole task, as one number of all kinds; used when no usage record speaks
    /// of it, and never added to any sum.
    pub recorded_tokens: Option<u64>,
    /// Further facts of the source, label and value.
    pub facts: Vec<(&'static str, Safe)>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}

impl Task {
    /// Run time: as stated, else from start (or creation, where no starts are recorded) to end, else to `now` while it is
    /// active.
    pub fn run_time(&self, now: Timestamp) -> Option<Millis> {
        if self.duration.is_some() {
            return self.duration;
        }
        let start = self.started_at.or(self.created_at.filter(|_| !self.start_is_recorded))?;
        match self.ended_at {
            Some(end) => Some(end.since(start)),
            None if self.status.is_active() => Some(now.since(start)),
            None => None,
        }
    }
}
