//! Lines that are no conversation: marks of the program, titles, costs, the queue.

use serde::{Deserialize, Serialize};

use super::{Ending, QUEUE, Transcript, notices, set};
use crate::{
    model::{Timestamp, Usd},
    sources::claude_code::{answers::entry_hash, line::Line, scan},
    text::Safe,
};

/// What a session is called, by who named it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Titles {
    pub agent_name: Option<Safe>,
    pub custom: Option<Safe>,
    pub made_up: Option<Safe>,
    /// Summaries and the entries (hashes of their ids) they end at, possibly in other files.
    pub summaries: Vec<(u64, Safe)>,
}

impl Titles {
    /// The title of §8 without summaries: the newest of the best kind.
    pub(in super::super) fn own(&self) -> Option<&Safe> {
        self.agent_name.as_ref().or(self.custom.as_ref()).or(self.made_up.as_ref())
    }
}

impl Transcript {
    pub(super) fn system(&mut self, line: &Line<'_>, at: Option<Timestamp>) {
        if line.side && !self.is_agent {
            return;
        }
        match line.subtype {
            b"turn_duration" | b"stop_hook_summary" | b"away_summary" => self.turn_mark(line, at),
            b"api_error" => {
                self.ending = Ending::Retrying;
                self.retry_attempt = scan::number(line.state.retry_attempt).unwrap_or(0);
            }
            b"compact_boundary" => {
                self.compactions += 1;
                if let Some(tokens) = scan::number(line.state.post_tokens) {
                    self.context = tokens;
                }
            }
            b"agents_killed" => notices::kill_agents(&mut self.background, at),
            _ => {}
        }
    }

    fn turn_mark(&mut self, line: &Line<'_>, at: Option<Timestamp>) {
        if line.subtype == b"turn_duration" {
            let count = |raw| scan::number(raw).unwrap_or(0);
            self.pending_background =
                count(line.state.pending_agents).saturating_add(count(line.state.pending_workflows));
        }
        self.calls.clear();
        self.ending = Ending::Over;
        self.end_turn(at);
    }

    pub(super) fn state_line(&mut self, line: &Line<'_>, at: Option<Timestamp>) {
        let state = &line.state;
        match line.kind {
            b"agent-name" => set(&mut self.titles.agent_name, state.agent_name),
            b"custom-title" => set(&mut self.titles.custom, state.custom_title),
            b"ai-title" => set(&mut self.titles.made_up, state.ai_title),
            b"summary" => {
                let text = Safe::line(&scan::text(state.summary, 500));
                let leaf = entry_hash(state.leaf);
                self.titles.summaries.retain(|(old, _)| *old != leaf);
                self.titles.summaries.push((leaf, text));
            }
            b"cost-state" => self.cost_state(line),
            b"pr-link" => set(&mut self.pr_url, state.pr_url),
            b"continued-in" => set(&mut self.continued_in, state.continued_in),
            b"relocated" => set(&mut self.cwd, state.relocated),
            b"worktree-state" => set(&mut self.branch, state.worktree),
            b"queue-operation" => self.queue_line(line, at),
            b"attachment" if state.attachment_prompt.starts_with(b"<task-notification>") => {
                notices::notify(&mut self.background, state.attachment_prompt, at);
            }
            b"progress" if state.progress == b"agent_progress" => {
                self.calls.link_agent(state.progress_agent, state.parent_tool_use);
            }
            _ => {}
        }
    }

    fn cost_state(&mut self, line: &Line<'_>) {
        // A branch copies its origin's cost.
        if !line.session.is_empty() && line.session != self.session.as_bytes() {
            return;
        }
        if let Some(cost) = scan::decimal(line.state.total_cost).and_then(Usd::from_dollars) {
            self.recorded_cost = Some(cost);
            self.cost_is_floor = false;
            self.clean_end = true;
        }
    }

    fn queue_line(&mut self, line: &Line<'_>, at: Option<Timestamp>) {
        let raw = line.state.content;
        if raw.starts_with(b"<task-notification>") && line.state.operation == b"enqueue" {
            notices::notify(&mut self.background, raw, at);
        }
        match line.state.operation {
            b"enqueue" if self.queue.len() < QUEUE => self.queue.push(Safe::line(&scan::text(raw, 200))),
            b"dequeue" if !self.queue.is_empty() => {
                self.queue.remove(0);
            }
            b"remove" => {
                let text = Safe::line(&scan::text(raw, 200));
                if let Some(place) = self.queue.iter().position(|queued| *queued == text) {
                    self.queue.remove(place);
                }
            }
            b"popAll" => self.queue.clear(),
            _ => {}
        }
    }
}
