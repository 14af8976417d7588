//! The conversation of one session in a stream that was redirected to a file; on demand, and on while the file grows.

mod blocks;
mod exec;
mod notices;

use std::path::Path;

use serde_json::Value;

use super::{codex, stream::looks_like_json, value::word};
use crate::{
    model::{CallResult, ConversationRef, Notice, Timestamp, Tokens},
    sources::{
        ConversationSink,
        conversation::{
            lines::{LineReader, LineTeller},
            spot::{Spot, Voice},
            value::text,
        },
        read::{json, tail},
    },
    text::Safe,
};

/// Longest document over several lines.
const DOCUMENT: usize = 16 * 1024 * 1024;

/// Where the conversation of a session lies, or that of the sub-agent that a call started.
pub(super) fn place(path: &Safe, session: &Safe, call: Option<&Safe>) -> ConversationRef {
    ConversationRef {
        source: "stream-json",
        places: vec![path.clone()],
        session: session.clone(),
        agent: call.cloned(),
        ahead: None,
    }
}

/// Follows the conversation of one session in one file.
pub(super) type Reader = LineReader<Teller>;

impl Reader {
    /// A reader of a conversation; `None` when no file is named.
    pub(super) fn open(place: &ConversationRef) -> Option<Self> {
        let path = place.places.first()?;
        let teller = Teller {
            path: path.clone(),
            session: place.session.clone(),
            agent: place.agent.clone(),
            ..Teller::default()
        };
        Some(Self::new(Path::new(path.as_str()), teller))
    }
}

/// Makes entries of lines.
#[derive(Default)]
pub(super) struct Teller {
    path: Safe,
    session: Safe,
    agent: Option<Safe>,
    /// The session of the newest line that named one.
    current: Option<Safe>,
    is_codex: bool,
    cwd: Option<String>,
    model: Option<Safe>,
    /// What a sub-agent was asked by the call that started it.
    asked: String,
    /// The message whose pieces come, and the newest entry of each message.
    message: Option<Safe>,
    entries: Vec<(Safe, Safe)>,
    /// Figures of the turn until now: of each response the largest.
    turn: Vec<(Safe, Tokens)>,
    denied: Vec<String>,
    /// Calls that failed, with what they said: a rule may have been the reason.
    failed: Vec<(Safe, CallResult)>,
    steps: String,
    begun: Vec<(Safe, Safe)>,
    document: Vec<u8>,
}

impl Voice for Teller {
    fn path(&self) -> &Safe {
        &self.path
    }
}

impl LineTeller for Teller {
    fn forget(&mut self) {
        *self = Self {
            path: self.path.clone(),
            session: self.session.clone(),
            agent: self.agent.clone(),
            ..Self::default()
        };
    }

    fn take(&mut self, line: tail::Line<'_>, out: &mut ConversationSink<'_>) -> bool {
        let said = String::from_utf8_lossy(line.bytes.trim_ascii_end());
        let mut spot = Spot::new(None, line.offset);
        if said.is_empty() {
            return true;
        }
        let is_whole = said.starts_with('{') && said.len() > 1;
        let mut is_good = true;
        if is_whole && !self.document.is_empty() {
            // The opening bracket of an array with a record on each line is no loss.
            is_good = self.document.len() <= 2;
            self.document.clear();
        }
        if !self.document.is_empty() || matches!(&*said, "{" | "[") {
            return self.collect(&said, &mut spot, out);
        }
        if !looks_like_json(&said) {
            self.beside(&mut spot, &said, out);
            return is_good;
        }
        // The elements of an array that has one on each line.
        let record = json::lenient(said.strip_suffix(',').unwrap_or(&said).as_bytes());
        is_good & record.is_some_and(|record| self.value(&mut spot, &record, out))
    }
}

impl Teller {
    /// Lines of a document that was made for people to read.
    fn collect(&mut self, said: &str, spot: &mut Spot, out: &mut ConversationSink<'_>) -> bool {
        if self.document.len() + said.len() > DOCUMENT {
            self.document.clear();
            return false;
        }
        self.document.extend_from_slice(said.as_bytes());
        self.document.push(b'\n');
        if !matches!(said, "}" | "]") || !json::is_complete(&self.document) {
            return true;
        }
        let document = std::mem::take(&mut self.document);
        json::lenient(&document).is_some_and(|value| self.value(spot, &value, out))
    }

    fn value(&mut self, spot: &mut Spot, value: &Value, out: &mut ConversationSink<'_>) -> bool {
        match value {
            Value::Array(records) => {
                records.iter().fold(true, |good, record| good & self.record(spot, record, out))
            }
            record => self.record(spot, record, out),
        }
    }

    fn record(&mut self, spot: &mut Spot, record: &Value, out: &mut ConversationSink<'_>) -> bool {
        let kind = word(record, "type");
        if kind.is_empty() {
            return false;
        }
        let is_codex = codex::is_line(kind) || kind == "error" && self.is_codex;
        self.is_codex = is_codex;
        let named =
            text(record, if is_codex { "thread_id" } else { "session_id" }).filter(|id| !id.is_empty());
        if let Some(named) = named {
            self.current = Some(Safe::line(named));
        }
        if self.current.as_ref() != Some(&self.session) {
            return true;
        }
        spot.at = text(record, "timestamp").and_then(Timestamp::parse);
        if is_codex {
            self.exec(spot, kind, record, out);
            return true;
        }
        let caller = text(record, "parent_tool_use_id").filter(|id| !id.is_empty());
        let is_mine = caller == self.agent.as_deref();
        match kind {
            "assistant" if is_mine => self.assistant(spot, record, out),
            "assistant" => self.asked_by(spot, record, out),
            "user" if is_mine => self.user(spot, record, out),
            "stream_event" if is_mine => self.stream_event(record, out),
            "system" => self.system(spot, record, out),
            "rate_limit_event" if self.agent.is_none() => self.limited(spot, record, out),
            "result" if self.agent.is_none() => self.result(spot, record, out),
            _ => {}
        }
        true
    }

    /// A line that is no record: what a program printed beside the stream.
    fn beside(&mut self, spot: &mut Spot, said: &str, out: &mut ConversationSink<'_>) {
        if self.current.as_ref() == Some(&self.session) && self.agent.is_none() {
            self.notice(spot, Notice::Other, said, out);
        }
    }
}

#[cfg(test)]
mod tests;
