//! Work beside the main conversation: sub-agents, and what the program calls tasks (agents and shells in the background).

use serde_json::Value;

use super::{
    doer::{Doer, Spawn, When},
    value::{count, id, line, text, word},
};
use crate::{
    model::{ExecutionKind, Timestamp},
    text::Safe,
};

/// A sub-agent, known by the call that started it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Helper {
    pub(super) call: Safe,
    pub(super) role: Option<Safe>,
    pub(super) description: Option<Safe>,
    pub(super) asked_model: Option<Safe>,
    /// The call of the sub-agent that started it; none = the session.
    pub(super) parent: Option<Safe>,
    pub(super) doer: Doer,
    pub(super) turn: usize,
    /// How it ended, as its caller was told.
    pub(super) word: Option<Safe>,
    pub(super) ended_at: Option<Timestamp>,
}

impl Helper {
    /// What a call, or a line of its own, says of it.
    pub(super) fn learn(&mut self, spawn: Spawn) {
        self.role = spawn.role.or(self.role.take());
        self.description = spawn.description.or(self.description.take());
        self.asked_model = spawn.model.or(self.asked_model.take());
    }
}

/// A task of the program.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Background {
    pub(super) id: Safe,
    pub(super) call: Option<Safe>,
    pub(super) kind: ExecutionKind,
    pub(super) name: Safe,
    pub(super) word: Safe,
    pub(super) turn: usize,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) summary: Option<Safe>,
    pub(super) facts: Vec<(&'static str, Safe)>,
    /// It stood in the list of what runs.
    is_listed: bool,
}

impl Background {
    /// A task that is heard of.
    pub(super) fn new(name: Safe, turn: usize, when: &When) -> Self {
        let word = Safe::line("running");
        Self { name: name.clone(), id: name, word, turn, started_at: Some(when.at()), ..Self::default() }
    }

    /// It goes on, as far as is known.
    pub(super) fn is_running(&self) -> bool {
        matches!(&*self.word, "running" | "pending" | "paused")
    }

    /// Takes what a `task_started`, `task_progress`, `task_updated` or `task_notification` says.
    pub(super) fn hear(&mut self, event: &Value, when: &When) {
        if let Some(name) = line(&event["description"]) {
            self.name = name;
        }
        self.call = id(&event["tool_use_id"]).or(self.call.take());
        self.summary = text(&event["summary"]).or(self.summary.take());
        match word(event, "task_type") {
            "" => {}
            kind if kind.contains("bash") || kind.contains("shell") => self.kind = ExecutionKind::Shell,
            kind if kind.contains("workflow") => self.kind = ExecutionKind::Workflow,
            _ => self.kind = ExecutionKind::Agent,
        }
        if event["is_backgrounded"].as_bool() == Some(true) {
            self.fact("in background", Some(Safe::line("yes")));
        }
        let usage = &event["usage"];
        let figure = |key: &str| count(&usage[key]).map(|figure| Safe::line(&figure.to_string()));
        self.fact("tokens", figure("total_tokens"));
        self.fact("tool calls", figure("tool_uses"));
        self.fact("milliseconds", figure("duration_ms"));
        self.fact("last tool", line(&event["last_tool_name"]));
        self.fact("spawn depth", count(&event["spawn_depth"]).map(|depth| Safe::line(&depth.to_string())));
        let patch = &event["patch"];
        if let Some(word) = id(&event["status"]).or_else(|| id(&patch["status"])) {
            self.word = word;
            if !self.is_running() {
                let stated = patch["end_time"].as_i64().map(Timestamp);
                let before = self.ended_at;
                self.ended_at = stated.or(before).or(Some(when.at()));
            }
        }
    }

    fn fact(&mut self, label: &'static str, value: Option<Safe>) {
        let Some(value) = value else { return };
        match self.facts.iter_mut().find(|(known, _)| *known == label) {
            Some((_, known)) => *known = value,
            None => self.facts.push((label, value)),
        }
    }

    /// The whole list of what runs: whether it stands in it. What stood in it and does not any more has ended, nobody said
    /// how.
    pub(super) fn listed(&mut self, is_listed: bool, when: &When) {
        if self.is_listed && !is_listed && self.is_running() {
            self.word = Safe::line("ended");
            self.ended_at = Some(when.at());
        }
        self.is_listed |= is_listed;
    }
}
