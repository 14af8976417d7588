//! Events: turns, the older layer of the conversation, errors, what happened to the context.

use serde_json::Value;

use super::{Spot, Teller, Voice, items::Stage};
use crate::{
    model::{EntryKind, Millis, Notice},
    sources::{
        ConversationSink,
        conversation::value::{list, number, text},
    },
    text::format,
};

impl Teller {
    pub(super) fn event(&mut self, spot: &mut Spot, event: &Value, out: &mut ConversationSink<'_>) {
        let message = text(event, "message").unwrap_or_default();
        let is_legacy = !self.rollout.has_items();
        match text(event, "type").unwrap_or_default() {
            "task_started" | "turn_started" => {
                self.give_up(spot, out);
                self.drop_items(spot, out);
                self.thoughts.clear();
            }
            "task_complete" | "turn_complete" => self.turn_ends(spot, event, out),
            "turn_aborted" => self.aborted(spot, event, out),
            "user_message" if is_legacy => self.asked(spot, &with_images(event, message), out),
            "agent_message" if is_legacy => self.answered(spot, message, out),
            "agent_reasoning" if is_legacy => {
                let words = text(event, "text").unwrap_or(message).to_owned();
                self.thought(spot, &words, Some(true), out);
            }
            "item_started" => self.item(spot, event, Stage::Begun, out),
            "item_completed" => self.item(spot, event, Stage::Done, out),
            "sub_agent_activity" => self.sub_agent(spot, event, out),
            // Newer versions tell it as an item, too.
            "context_compacted" if is_legacy => {
                self.notice(spot, Notice::Compaction, "the context was cut down", out);
            }
            "error" => self.notice(spot, Notice::Error, or(message, "an error without words"), out),
            "stream_error" => self.notice(spot, Notice::Error, or(message, "the connection broke"), out),
            "warning" => self.notice(spot, Notice::Other, message, out),
            "thread_rolled_back" => {
                let turns = number(event, "num_turns").unwrap_or(1) as usize;
                let said = format!("the last {} taken back", format::plural(turns, "turn"));
                self.notice(spot, Notice::Session, &said, out);
            }
            _ => {}
        }
    }

    /// The context in short, as it goes on from here.
    pub(super) fn compacted(&mut self, spot: &mut Spot, payload: &Value, out: &mut ConversationSink<'_>) {
        let summary = text(payload, "message").unwrap_or_default();
        if !summary.trim().is_empty() {
            let entry = spot.entry(EntryKind::Summary, summary);
            self.put(spot, entry, out);
        }
    }

    fn turn_ends(&mut self, spot: &mut Spot, event: &Value, out: &mut ConversationSink<'_>) {
        self.give_up(spot, out);
        self.drop_items(spot, out);
        let took = number(event, "duration_ms").and_then(|millis| i64::try_from(millis).ok());
        let said = took.map_or_else(
            || "the turn ended".to_owned(),
            |took| format!("the turn took {}", format::duration(Millis(took))),
        );
        self.notice(spot, Notice::TurnEnd, &said, out);
    }

    fn aborted(&mut self, spot: &mut Spot, event: &Value, out: &mut ConversationSink<'_>) {
        self.give_up(spot, out);
        self.drop_items(spot, out);
        let said = match text(event, "reason") {
            None | Some("" | "interrupted") => "the person stopped the turn".to_owned(),
            Some(reason) => format!("the turn was stopped: {reason}"),
        };
        self.notice(spot, Notice::Interruption, &said, out);
    }
}

fn or<'a>(said: &'a str, instead: &'a str) -> &'a str {
    if said.trim().is_empty() { instead } else { said }
}

/// A prompt with a mark for each picture that was handed over.
fn with_images(event: &Value, message: &str) -> String {
    let images = list(event, "images").len() + list(event, "local_images").len();
    let marks = vec!["[image]"; images].join("\n");
    match (message.is_empty(), images) {
        (_, 0) => message.to_owned(),
        (true, _) => marks,
        _ => format!("{message}\n{marks}"),
    }
}
