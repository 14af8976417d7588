//! The conversation of one thread, told entry by entry: on demand, and on while its file grows.
//!
//! What a line is (the thread's own or a copy, which layer tells the conversation, which response it counts) is decided by
//! the same [`Rollout`] as everywhere in this source; here its words are kept, too.

mod agents;
mod calls;
mod events;
mod items;
mod said;
mod stream;
mod usage;

use std::path::Path;

use serde_json::Value;

use super::{
    file::File,
    line::{Line, Part},
    rollout::Rollout,
};
use crate::{
    model::{ConversationDelta, ConversationRef, Entry, Notice, Timestamp, price::ModelName},
    sources::{
        ConversationSink,
        conversation::{
            lines::{LineReader, LineTeller},
            spot::{Spot, Voice},
        },
        read::tail,
    },
    text::Safe,
};

/// Where the conversation of a thread lies.
pub(super) fn place(file: &File, thread: &Safe) -> ConversationRef {
    ConversationRef {
        source: "codex",
        places: vec![file.path.clone()],
        session: thread.clone(),
        agent: None,
        ahead: None,
    }
}

/// Follows the conversation of one file, plain or compressed.
pub(super) type Reader = LineReader<Teller>;

impl Reader {
    /// A reader of a conversation; `None` when no file is named.
    pub(super) fn open(place: &ConversationRef) -> Option<Self> {
        let path = place.places.first()?;
        Some(Self::new(Path::new(path.as_str()), Teller { path: path.clone(), ..Teller::default() }))
    }
}

/// Makes entries of lines.
#[derive(Default)]
pub(super) struct Teller {
    path: Safe,
    rollout: Rollout,
    model: Option<Safe>,
    calls: calls::Pending,
    agents: agents::Spawned,
    thoughts: said::Thoughts,
    items: items::Begun,
    usage: usage::Counted,
    totals: stream::Totals,
}

impl Voice for Teller {
    fn path(&self) -> &Safe {
        &self.path
    }

    fn tell(&mut self, entry: Entry, out: &mut ConversationSink<'_>) {
        self.usage.told(&entry);
        let held = self.usage.release(&entry.id);
        out.push(ConversationDelta::Put(Box::new(entry)));
        for delta in held {
            out.push(delta);
        }
    }
}

impl LineTeller for Teller {
    fn forget(&mut self) {
        *self = Self { path: self.path.clone(), ..Self::default() };
    }

    fn take(&mut self, line: tail::Line<'_>, out: &mut ConversationSink<'_>) -> bool {
        let text = String::from_utf8_lossy(line.bytes);
        // A crash can leave a run of zeros before the next line.
        let text = text.trim_start_matches(|ch: char| ch == '\0' || ch.is_whitespace());
        if text.is_empty() {
            return true;
        }
        let had_head = self.rollout.head.id.is_some();
        if self.rollout.take(text, line.offset).is_err() {
            return false;
        }
        let Ok(parsed) = serde_json::from_str::<Line<'_>>(text) else { return false };
        let at = parsed.timestamp.text().and_then(Timestamp::parse);
        let mut spot = Spot::new(at, line.offset);
        match (parsed.kind.text(), parsed.payload) {
            (Some("session_meta"), Some(_)) if !had_head => self.begins(&mut spot, out),
            (Some(kind), Some(payload)) => {
                if kind != "session_meta" && !self.rollout.is_foreign() {
                    self.note_model(&mut spot, out);
                    self.line(&mut spot, kind, Some(payload), out);
                }
            }
            // Neither has an envelope.
            (kind, None) => {
                let Ok(value) = serde_json::from_str::<Value>(text) else { return true };
                match kind.filter(|_| self.rollout.is_stream) {
                    Some(kind) => self.streamed(&mut spot, kind, &value, out),
                    None => self.bare(&mut spot, &value, out),
                }
            }
            (None, Some(_)) => {}
        }
        self.count(&mut spot, out);
        true
    }

    fn knows_better(&mut self) -> bool {
        let must_rewind = self.rollout.copying.must_rewind;
        if must_rewind {
            *self = Self { path: self.path.clone(), rollout: Rollout::by_number(), ..Self::default() };
        }
        must_rewind
    }
}

impl Teller {
    /// A line of the thread itself.
    fn line(&mut self, spot: &mut Spot, kind: &str, payload: Part<'_>, out: &mut ConversationSink<'_>) {
        // The state of the world and usage may be large and say nothing here.
        if !matches!(kind, "response_item" | "event_msg" | "compacted") {
            return;
        }
        let Some(value) = payload.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok()) else {
            return;
        };
        match kind {
            "response_item" => self.response_item(spot, &value, out),
            "event_msg" => self.event(spot, &value, out),
            _ => self.compacted(spot, &value, out),
        }
    }

    /// The head: where a thread comes from that did not begin by itself.
    fn begins(&mut self, spot: &mut Spot, out: &mut ConversationSink<'_>) {
        let head = &self.rollout.head;
        let said = match (&head.parent, &head.forked_from) {
            (Some(parent), _) if head.is_child => {
                let path = head.agent_path.as_ref().map(|path| format!(" as {path}")).unwrap_or_default();
                format!("started by thread {parent}{path}")
            }
            (_, Some(origin)) => format!("goes on from thread {origin}; what was said there is left out"),
            _ => return,
        };
        self.notice(spot, Notice::Session, &said, out);
    }

    /// Another model than before answers.
    fn note_model(&mut self, spot: &mut Spot, out: &mut ConversationSink<'_>) {
        let Some(model) = self.rollout.newest_model().filter(|model| self.model.as_ref() != Some(model))
        else {
            return;
        };
        let model = model.clone();
        let before = self.model.replace(model.clone());
        if let Some(before) = before {
            let said =
                format!("{} answers, no longer {}", ModelName::short(&model), ModelName::short(&before));
            self.notice(spot, Notice::Model, &said, out);
        }
    }
}

#[cfg(test)]
mod tests;
