//! The conversation of one transcript file, told entry by entry: on demand, and on while the file grows.
//!
//! What a line is, is decided by the same readers as everywhere in this source; here its words are kept too.

mod blocks;
mod calls;
mod notices;
mod queue;
mod results;
mod said;

use std::path::Path;

use serde_json::Value;

use super::{file::File, line::Line};
use crate::{
    model::{ConversationDelta, ConversationRef, Entry, RawRef, Timestamp},
    sources::{
        ConversationSink,
        conversation::{
            lines::{LineReader, LineTeller},
            value::{number, shown, text},
        },
        read::{json, tail},
    },
    text::Safe,
};
use queue::Queue;

/// Where the conversation of a transcript lies.
pub(super) fn place(file: &File, session: &Safe) -> ConversationRef {
    ConversationRef {
        source: "claude-code",
        places: vec![file.path.clone()],
        session: session.clone(),
        agent: file.agent.clone(),
        ahead: None,
    }
}

/// Follows the conversation of one file.
pub(super) type Reader = LineReader<Teller>;

impl Reader {
    /// A reader of a conversation; `None` when no file is named.
    pub(super) fn open(place: &ConversationRef) -> Option<Self> {
        let path = place.places.first()?;
        Some(Self::new(
            Path::new(path.as_str()),
            Teller::new(place.session.clone(), place.agent.is_some(), path.clone()),
        ))
    }
}

/// Makes entries of lines.
pub(super) struct Teller {
    path: Safe,
    session: Safe,
    agent: bool,
    cwd: Option<String>,
    entrypoint: Option<String>,
    model: Option<Safe>,
    permission_mode: Option<String>,
    queue: Queue,
    /// Calls without an answer, oldest first.
    pending: Vec<Safe>,
    /// What state lines said last, by their kind: they are written again and again.
    states: Vec<(Vec<u8>, String)>,
}

/// One line on its way to entries.
struct Spot<'a> {
    line: &'a Line<'a>,
    value: &'a Value,
    at: Option<Timestamp>,
    offset: u64,
    /// Entries made of it so far.
    made: u32,
}

impl LineTeller for Teller {
    fn forget(&mut self) {
        *self = Self::new(self.session.clone(), self.agent, self.path.clone());
    }

    fn take(&mut self, line: tail::Line<'_>, out: &mut ConversationSink<'_>) -> bool {
        // A crash can leave a run of zeros before the next line.
        let start = line.bytes.iter().position(|byte| *byte != 0 && !byte.is_ascii_whitespace());
        let Some(bytes) = start.and_then(|start| line.bytes.get(start..)) else { return true };
        let (Ok(parsed), Some(value)) = (Line::parse(bytes), json::lenient(bytes)) else { return false };
        let at = std::str::from_utf8(parsed.timestamp).ok().and_then(Timestamp::parse);
        let mut spot = Spot { line: &parsed, value: &value, at, offset: line.offset, made: 0 };
        self.common(&spot);
        match parsed.kind {
            b"user" => self.user(&mut spot, out),
            b"assistant" => self.assistant(&mut spot, out),
            b"system" => self.system(&mut spot, out),
            _ => self.state_line(&mut spot, out),
        }
        true
    }
}

impl Teller {
    fn new(session: Safe, agent: bool, path: Safe) -> Self {
        Self {
            path,
            session,
            agent,
            cwd: None,
            entrypoint: None,
            model: None,
            permission_mode: None,
            queue: Queue::default(),
            pending: Vec::new(),
            states: Vec::new(),
        }
    }

    fn common(&mut self, spot: &Spot<'_>) {
        if let Some(cwd) = text(spot.value, "cwd") {
            self.cwd = Some(cwd.to_owned());
        }
        if let Some(entrypoint) = text(spot.value, "entrypoint").filter(|_| !spot.line.is_copied()) {
            self.entrypoint = Some(entrypoint.to_owned());
        }
    }

    /// Tells an entry made of a line.
    fn put(&self, spot: &mut Spot<'_>, mut entry: Entry, out: &mut ConversationSink<'_>) {
        entry.id = spot.next_id();
        entry.side = spot.line.side && !self.agent;
        entry.raw = Some(RawRef::Line { path: self.path.clone(), offset: spot.offset });
        out.push(ConversationDelta::Put(Box::new(entry)));
    }

    /// A path as one would name it in the folder of the session.
    fn short<'a>(&self, path: &'a str) -> &'a str {
        let inside = self.cwd.as_deref().and_then(|cwd| path.strip_prefix(cwd)?.strip_prefix('/'));
        inside.filter(|path| !path.is_empty()).unwrap_or(path)
    }
}

impl Spot<'_> {
    /// The file only grows, so the place of a line tells its entries apart.
    fn next_id(&mut self) -> Safe {
        let id = format!("{}.{}", self.offset, self.made);
        self.made += 1;
        Safe::line(&id)
    }

    /// An entry of this line that says something.
    fn entry(&self, kind: crate::model::EntryKind, said: &str) -> Entry {
        Entry::said(Safe::default(), self.at, kind, said)
    }
}

#[cfg(test)]
mod tests;
