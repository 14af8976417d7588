//! Sub-agents: who was started by which call, and what passes between agents.

use serde_json::Value;

use super::{Spot, Teller, Voice};
use crate::{
    model::{Body, Call, CallOutcome, CallResult, ConversationDelta, Entry, EntryKind, Notice},
    sources::{
        ConversationSink,
        conversation::{items::said, results::unanswered, value::text},
    },
    text::Safe,
};

/// Sub-agents that are remembered.
const MOST: usize = 4096;

/// Sub-agents and the calls that started them.
#[derive(Default)]
pub(super) struct Spawned {
    /// Calls that start an agent which is not known yet.
    calls: Vec<Safe>,
    /// (thread, call)
    known: Vec<(Safe, Safe)>,
}

impl Spawned {
    /// A call that starts an agent.
    pub(super) fn called(&mut self, call: &Safe) {
        if self.calls.len() < MOST {
            self.calls.push(call.clone());
        }
    }

    /// The thread that a call started.
    pub(super) fn of(&self, call: &Safe) -> Option<Safe> {
        self.known.iter().find(|(_, known)| known == call).map(|(thread, _)| thread.clone())
    }

    fn call_of(&self, thread: &Safe) -> Option<Safe> {
        self.known.iter().find(|(known, _)| known == thread).map(|(_, call)| call.clone())
    }
}

impl Teller {
    /// What became of a sub-agent.
    pub(super) fn sub_agent(&mut self, spot: &mut Spot, item: &Value, out: &mut ConversationSink<'_>) {
        let thread = Safe::line(text(item, "agent_thread_id").unwrap_or_default());
        let word = text(item, "kind").unwrap_or_default();
        if thread.is_empty() {
            return;
        }
        let path = text(item, "agent_path").unwrap_or_default();
        let known = self.agents.call_of(&thread);
        match (word, known) {
            ("started", None) => self.started(spot, item, thread, path, out),
            // Told by both layers.
            ("started", Some(_)) => {}
            ("completed" | "interrupted", Some(call)) => {
                let is_done = word == "completed";
                let outcome = if is_done { CallOutcome::Ok } else { CallOutcome::Interrupted };
                let raw = Some(self.raw(spot));
                let result = CallResult { outcome, spawned: Some(thread), raw, ..unanswered(spot.at) };
                out.push(ConversationDelta::Result { call, result: Box::new(result) });
            }
            _ => {
                let name = if path.is_empty() { thread.as_str() } else { path };
                let said = format!("{name} {}", if word == "interacted" { "was spoken to" } else { word });
                self.notice(spot, Notice::Background, &said, out);
            }
        }
    }

    fn started(
        &mut self,
        spot: &mut Spot,
        item: &Value,
        thread: Safe,
        path: &str,
        out: &mut ConversationSink<'_>,
    ) {
        let named = ["call_id", "id"].into_iter().find_map(|field| text(item, field)).map(Safe::line);
        let at = self.agents.calls.iter().position(|call| Some(call) == named.as_ref());
        // An activity without the call's name is that of the oldest call whose agent is not known.
        let at = at.or_else(|| (named.is_none() && !self.agents.calls.is_empty()).then_some(0));
        let result = CallResult {
            outcome: CallOutcome::Background,
            spawned: Some(thread.clone()),
            raw: Some(self.raw(spot)),
            ..unanswered(spot.at)
        };
        let call = if let Some(at) = at {
            let call = self.agents.calls.remove(at);
            self.calls.settle(&call);
            out.push(ConversationDelta::Result { call: call.clone(), result: Box::new(result) });
            call
        } else {
            let call = named.unwrap_or_else(|| Safe::line(&format!("{}.spawn", spot.offset)));
            let call = Call {
                id: call.clone(),
                tool: Safe::line("spawn_agent"),
                headline: Safe::line(path),
                input: Body::default(),
                spawns: true,
                changes: Vec::new(),
                result: Some(result),
            };
            let id = call.id.clone();
            let entry = Entry { call: Some(call), ..spot.entry(EntryKind::Call, "") };
            self.put(spot, entry, out);
            id
        };
        if self.agents.known.len() < MOST {
            self.agents.known.push((thread, call));
        }
    }

    /// A message between agents: what this one was asked, or what it heard from another.
    pub(super) fn between_agents(&mut self, spot: &mut Spot, item: &Value, out: &mut ConversationSink<'_>) {
        let words = said(item.get("content"));
        let words =
            if words.is_empty() { text(item, "message").unwrap_or_default().to_owned() } else { words };
        let recipient = text(item, "recipient").unwrap_or_default();
        let is_mine = self.rollout.head.agent_path.as_deref() == Some(recipient);
        if is_mine && !words.trim().is_empty() {
            let entry = spot.entry(EntryKind::Prompt, words.trim());
            self.put(spot, entry, out);
        } else if !words.trim().is_empty() {
            let author = text(item, "author").unwrap_or("?");
            self.notice(spot, Notice::Background, &format!("{author} to {recipient}: {words}"), out);
        }
    }
}
