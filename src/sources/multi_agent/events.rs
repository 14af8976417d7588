//! The structured event log: one JSON object a line between plain text lines, every line several times when a process had
//! several orchestrators. Knows what each event means; knows nothing of files.

use std::collections::{HashMap, VecDeque};

use super::logs::Object;
use crate::{
    model::{Level, Timestamp, Usd},
    text::{Safe, format},
};

/// Entries kept until they are told.
const PENDING: usize = 400;
/// Lines that are remembered to drop repetitions: the copies of one line stand close together.
const RECENT: usize = 64;

/// What events said about an agent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct EventAgent {
    pub(super) name: Safe,
    pub(super) role: Option<Safe>,
    pub(super) model: Option<Safe>,
    pub(super) error: Option<Safe>,
    pub(super) context: Option<f64>,
    pub(super) deleted: Option<Timestamp>,
    /// Its full id, and the file that spoke of it last.
    pub(super) heard: Option<(Safe, Safe)>,
}

/// What events said about a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct EventTask {
    pub(super) prompt: Option<Safe>,
    pub(super) kind: Option<Safe>,
    pub(super) started: Option<Timestamp>,
    pub(super) steps: Option<u32>,
    pub(super) success: Option<bool>,
    pub(super) ended: Option<Timestamp>,
    pub(super) cost: Option<Usd>,
    pub(super) error: Option<Safe>,
}

/// One entry for the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// When; plain text lines have no time.
    pub(super) at: Option<Timestamp>,
    /// Time of the event before it, for the order among other logs.
    pub(super) after: Option<Timestamp>,
    /// How much it matters.
    pub(super) level: Level,
    /// Full id of the agent.
    pub(super) agent: Option<Safe>,
    /// Id of the task.
    pub(super) task: Option<Safe>,
    /// In words.
    pub(super) text: Safe,
}

/// Everything the event logs said so far.
#[derive(Debug, Default)]
pub(super) struct Events {
    agents: HashMap<Safe, EventAgent>,
    tasks: HashMap<Safe, EventTask>,
    recent: VecDeque<String>,
    pending: VecDeque<Entry>,
    last: Option<Timestamp>,
}

impl Events {
    /// Adds a line; the ids of the task and the agent it changed.
    pub(super) fn add(&mut self, line: &str) -> Option<(Option<Safe>, Option<Safe>)> {
        let line = line.trim();
        if line.is_empty() {
            return None;
        }
        let Some(object) = Object::parse(line).filter(|object| object.raw("event").is_some()) else {
            self.plain(line);
            return None;
        };
        if self.recent.iter().any(|recent| recent == line) {
            return None;
        }
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(line.to_owned());
        let entry = self.event(&object);
        let ids = (entry.task.clone(), entry.agent.clone());
        self.last = entry.at.or(self.last);
        self.keep(entry);
        Some(ids)
    }

    fn keep(&mut self, entry: Entry) {
        if self.pending.len() >= PENDING {
            self.pending.pop_front();
        }
        self.pending.push_back(entry);
    }

    fn plain(&mut self, line: &str) {
        let lower = line.to_lowercase();
        let bad = ["error", "fail", "traceback", "exception"].iter().any(|word| lower.contains(word));
        let level = if bad { Level::Warn } else { Level::Info };
        let text = Safe::line(line);
        self.keep(Entry { at: None, after: self.last, level, agent: None, task: None, text });
    }

    fn event(&mut self, object: &Object<'_>) -> Entry {
        let name = object.text("event").unwrap_or_default();
        let line = |key: &str| object.text(key).map(|text| Safe::line(&text));
        let at = object.text("timestamp").as_deref().and_then(Timestamp::parse);
        let (agent, task) = (line("agent_id"), line("task_id"));
        if let Some(id) = &agent {
            let known = self.agents.entry(id.clone()).or_default();
            note_agent(known, &name, object, at);
        }
        if let (Some(id), None) = (&task, &agent) {
            let known = self.tasks.entry(id.clone()).or_default();
            note_task(known, &name, object, at);
        }
        let (level, text) = words(&name, object, agent.is_some());
        Entry { at, after: at, level, agent, task, text: Safe::line(&text) }
    }

    /// What is known of the agent with this full id, or of the one with this prefix and name.
    pub(super) fn agent(&self, id: Option<&Safe>, prefix: &str, name: &str) -> Option<&EventAgent> {
        id.and_then(|id| self.agents.get(id)).or_else(|| {
            let same = |agent: &EventAgent| agent.name.replace([' ', '/'], "_") == name;
            self.agents
                .iter()
                .find(|(id, agent)| id.starts_with(prefix) && same(agent))
                .map(|(_, agent)| agent)
        })
    }

    /// A file spoke of an agent.
    pub(super) fn heard(&mut self, id: &Safe, file: &Safe) {
        let heard = Some((id.clone(), file.clone()));
        if let Some(agent) = self.agents.get_mut(id).filter(|agent| agent.heard != heard) {
            agent.heard = heard;
        }
    }

    /// What is known of a task.
    pub(super) fn task(&self, id: &Safe) -> Option<&EventTask> {
        self.tasks.get(id)
    }

    /// Ids of all tasks.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &Safe> {
        self.tasks.keys()
    }

    /// Ids of all agents.
    pub(super) fn agents(&self) -> impl Iterator<Item = &Safe> {
        self.agents.keys()
    }

    /// Forgets everything, to be told all again; the entries that were not told yet.
    pub(super) fn restart(&mut self) -> VecDeque<Entry> {
        std::mem::take(self).pending
    }

    /// Everything was told again: only these entries are news.
    pub(super) fn resume(&mut self, pending: VecDeque<Entry>) {
        self.pending = pending;
    }

    /// There are entries that were not told yet.
    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Takes the entries that were not told yet.
    pub(super) fn take_pending(&mut self) -> impl Iterator<Item = Entry> {
        std::mem::take(&mut self.pending).into_iter()
    }
}

fn note_agent(agent: &mut EventAgent, event: &str, object: &Object<'_>, at: Option<Timestamp>) {
    let line = |key: &str| object.text(key).map(|text| Safe::line(&text));
    if let Some(name) = line("name") {
        agent.name = name;
    }
    match event {
        "agent_created" => {
            agent.role = line("role");
            agent.model = line("model");
        }
        "agent_error" => agent.error = line("error"),
        "high_context_usage" => agent.context = object.number("usage_percentage"),
        "agent_deleted" => agent.deleted = at,
        _ => {}
    }
}

fn note_task(task: &mut EventTask, event: &str, object: &Object<'_>, at: Option<Timestamp>) {
    match event {
        "task_started" => {
            task.prompt = object.text("prompt").map(|text| Safe::text(&text));
            task.kind = object.text("task_type").map(|text| Safe::line(&text));
            task.started = at;
        }
        "task_planned" => {
            task.steps = object.count("subtasks").and_then(|count| u32::try_from(count).ok());
        }
        "task_completed" => {
            task.success = object.flag("success");
            task.cost = object.number("total_cost").and_then(Usd::from_dollars);
            task.ended = at;
        }
        "task_failed" => {
            task.success = Some(false);
            task.error = object.text("error").map(|text| Safe::text(&text));
            task.ended = at;
        }
        _ => {}
    }
}

fn words(event: &str, object: &Object<'_>, of_agent: bool) -> (Level, String) {
    let text = |key: &str| object.text(key).unwrap_or_default();
    let count = |key: &str| object.count(key).unwrap_or(0);
    let dollars = |key: &str| {
        object.number(key).and_then(Usd::from_dollars).map_or_else(|| "–".to_owned(), format::money)
    };
    let name = text("name");
    match event {
        "task_started" => (Level::Info, format!("task started: {}", text("prompt"))),
        "task_planned" => {
            (Level::Info, format!("task planned: {}", format::plural(count("subtasks") as usize, "step")))
        }
        "agent_created" => (Level::Info, format!("{name} created ({})", text("model"))),
        "task_completed" if of_agent => {
            let tokens = format::count(count("tokens"));
            (Level::Info, format!("{name} ended: {} ({}, {tokens} tokens)", text("task"), dollars("cost")))
        }
        "task_completed" if object.flag("success") == Some(false) => {
            (Level::Error, format!("task failed ({})", dollars("total_cost")))
        }
        "task_completed" => (Level::Info, format!("task completed ({})", dollars("total_cost"))),
        "task_failed" => (Level::Error, format!("task failed: {}", text("error"))),
        "agent_error" => (Level::Error, format!("{name}: {}", text("error"))),
        "high_context_usage" => {
            let used = object.number("usage_percentage").unwrap_or(0.0);
            (Level::Warn, format!("{name}: context {} used", format::percent(used)))
        }
        "agent_status_changed" => {
            (Level::Info, format!("{name}: {} → {}", text("old_status"), text("new_status")))
        }
        // Agents are throw-away: their deletion is no news.
        "agent_deleted" => (Level::Debug, format!("{name} deleted")),
        "workflow_cleanup" | "orchestrator_stopped" => {
            let deleted = format::plural(count("agents_deleted") as usize, "agent");
            (Level::Debug, format!("{}: {deleted} deleted", event.replace('_', " ")))
        }
        other => (Level::Debug, other.replace('_', " ")),
    }
}
