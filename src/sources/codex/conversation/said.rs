//! What was asked, said and thought, in either layer.

use serde_json::Value;

use super::{Spot, Teller, Voice};
use crate::{
    model::{EntryKind, Notice},
    sources::{
        ConversationSink,
        codex::prompts::typed,
        conversation::{
            items::said,
            value::{list, text},
        },
    },
};

/// What the program put into the person's place and a person wants to know, by its element.
const TOLD: [(&str, Notice); 2] =
    [("subagent_notification", Notice::Background), ("user_shell_command", Notice::Command)];
/// Thoughts that are remembered.
const MOST: usize = 64;

/// Thoughts stand in events and in items of responses: each is told once.
#[derive(Default)]
pub(super) struct Thoughts {
    /// Told by one of them and not heard from the other yet; whether it was an event.
    open: Vec<(bool, String)>,
}

impl Thoughts {
    /// Whether this is the first time that a thought is heard.
    fn is_new(&mut self, thought: &str, is_event: bool) -> bool {
        let twin = self.open.iter().position(|(event, open)| *event != is_event && open == thought);
        if let Some(twin) = twin {
            self.open.remove(twin);
            return false;
        }
        if self.open.len() >= MOST {
            self.open.remove(0);
        }
        self.open.push((is_event, thought.to_owned()));
        true
    }

    /// Another turn.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }
}

impl Teller {
    /// A text in the person's place.
    pub(super) fn asked(&mut self, spot: &mut Spot, raw: &str, out: &mut ConversationSink<'_>) {
        match typed(raw) {
            Some(own) => {
                self.give_up(spot, out);
                self.thoughts.clear();
                let entry = spot.entry(EntryKind::Prompt, own);
                self.put(spot, entry, out);
            }
            None => self.injected(spot, raw, out),
        }
    }

    /// What the program put into the person's place.
    pub(super) fn injected(&mut self, spot: &mut Spot, raw: &str, out: &mut ConversationSink<'_>) {
        let raw = raw.trim();
        for (name, notice) in TOLD {
            let inside = raw.strip_prefix(&format!("<{name}>"));
            if let Some(inside) = inside {
                let inside = inside.trim_end_matches(&format!("</{name}>")).trim().to_owned();
                self.notice(spot, notice, &inside, out);
            }
        }
    }

    /// Words of the model.
    pub(super) fn answered(&mut self, spot: &mut Spot, words: &str, out: &mut ConversationSink<'_>) {
        if !words.trim().is_empty() {
            let entry = spot.entry(EntryKind::Answer, words);
            self.put(spot, entry, out);
        }
    }

    /// What the model thought.
    pub(super) fn thought(
        &mut self,
        spot: &mut Spot,
        words: &str,
        is_event: Option<bool>,
        out: &mut ConversationSink<'_>,
    ) {
        let is_new = |is_event| self.thoughts.is_new(words, is_event);
        if !words.trim().is_empty() && is_event.is_none_or(is_new) {
            let entry = spot.entry(EntryKind::Thinking, words);
            self.put(spot, entry, out);
        }
    }

    /// An item of a response: thoughts, calls and their results, messages between agents, what the program said.
    pub(super) fn response_item(&mut self, spot: &mut Spot, item: &Value, out: &mut ConversationSink<'_>) {
        match text(item, "type").unwrap_or_default() {
            // Prompts and answers stand in events, which tell them as they were typed.
            "message" if text(item, "role") == Some("user") => {
                let words = said(item.get("content"));
                if typed(&words).is_none() {
                    self.injected(spot, &words, out);
                }
            }
            "reasoning" if !self.rollout.has_items() => self.reasoning(spot, item, out),
            "agent_message" => self.between_agents(spot, item, out),
            kind => self.call_or_result(spot, kind, item, out),
        }
    }

    fn reasoning(&mut self, spot: &mut Spot, item: &Value, out: &mut ConversationSink<'_>) {
        let summary = list(item, "summary");
        let pieces = if summary.is_empty() { list(item, "content") } else { summary };
        for piece in pieces.iter().filter_map(|piece| text(piece, "text")) {
            self.thought(spot, piece, Some(false), out);
        }
    }

    /// A line of a very old file.
    pub(super) fn bare(&mut self, spot: &mut Spot, item: &Value, out: &mut ConversationSink<'_>) {
        match (text(item, "type").unwrap_or_default(), text(item, "role").unwrap_or_default()) {
            ("message", "user") => self.asked(spot, &said(item.get("content")), out),
            ("message", "assistant") => self.answered(spot, &said(item.get("content")), out),
            ("reasoning", _) => self.reasoning(spot, item, out),
            (kind, _) => self.call_or_result(spot, kind, item, out),
        }
    }
}
