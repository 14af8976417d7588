//! A message and its parts as entries. Pure.

use serde_json::Value;

use super::{Held, calls};
use crate::{
    model::{Entry, EntryKind, Notice, RawRef, ResponseUsage, Timestamp, price::ModelName},
    sources::{
        conversation::value::{list, number, text},
        opencode::{
            message::{Message, Role},
            value::{member, time},
        },
    },
    text::Safe,
};

/// What stands for words that are not there.
const LOST: &str = "[its words are not stored]";

/// What comes before a message.
pub(super) struct Surroundings {
    /// The model of the answer before.
    pub(super) model: Option<Safe>,
    /// It is a prompt that waits.
    pub(super) is_queued: bool,
}

/// The entries of a message.
pub(super) fn of(id: &Safe, held: &Held, around: &mut Surroundings) -> Vec<Entry> {
    let Some((_, (message, is_summary, raw))) = held.copies.first_key_value() else { return Vec::new() };
    let parts = held.parts.iter().filter_map(|(id, copies)| {
        let (value, raw) = copies.first_key_value()?.1;
        Some(Part { id, value, raw })
    });
    let mut made = Made { id, message, raw, entries: Vec::new() };
    match message.role {
        Role::User => made.prompt(parts.collect(), around.is_queued),
        Role::Assistant => {
            made.model(around);
            made.answer(&parts.collect::<Vec<_>>(), *is_summary);
        }
    }
    made.entries
}

struct Part<'a> {
    id: &'a Safe,
    value: &'a Value,
    raw: &'a RawRef,
}

impl Part<'_> {
    fn kind(&self) -> &str {
        text(self.value, "type").unwrap_or("?")
    }

    fn text(&self) -> &str {
        text(self.value, "text").unwrap_or_default()
    }

    /// The program put it there.
    fn is_synthetic(&self) -> bool {
        let is = |field: &str| self.value.get(field).and_then(Value::as_bool) == Some(true);
        is("synthetic") || is("ignored")
    }

    fn at(&self) -> Option<Timestamp> {
        time(member(member(self.value, "time"), "start"))
    }
}

struct Made<'a> {
    id: &'a Safe,
    message: &'a Message,
    raw: &'a RawRef,
    entries: Vec<Entry>,
}

impl Made<'_> {
    fn put(&mut self, id: &str, at: Option<Timestamp>, kind: EntryKind, said: &str, raw: &RawRef) {
        let mut entry = Entry::said(Safe::line(id), at.or(self.message.created), kind, said);
        entry.raw = Some(raw.clone());
        self.entries.push(entry);
    }

    fn notice(&mut self, id: &str, notice: Notice, said: &str, raw: &RawRef) {
        self.put(id, None, EntryKind::Notice(notice), said, raw);
    }

    /// What was asked; a message of the program in the person's place asks nothing.
    fn prompt(&mut self, parts: Vec<Part<'_>>, is_queued: bool) {
        let mut said: Vec<String> = Vec::new();
        for part in &parts {
            let named = |field: &str| text(part.value, field).unwrap_or_default();
            match part.kind() {
                "text" if !part.is_synthetic() && !part.text().is_empty() => {
                    said.push(part.text().to_owned());
                }
                "file" => said.push(format!("[file {}]", named("filename"))),
                "agent" => said.push(format!("[agent {}]", named("name"))),
                "subtask" => said.push(format!("[subtask {}]", named("description"))),
                _ => {}
            }
        }
        let raw = self.raw;
        if !said.is_empty() || parts.is_empty() {
            let words = if said.is_empty() { LOST.to_owned() } else { said.join("\n") };
            let kind = if is_queued { EntryKind::QueuedPrompt } else { EntryKind::Prompt };
            self.put(self.id.as_str(), None, kind, &words, raw);
        }
        for part in parts {
            if part.kind() == "compaction" {
                self.compaction(&part);
            }
        }
    }

    fn compaction(&mut self, part: &Part<'_>) {
        let by = match part.value.get("auto").and_then(Value::as_bool) {
            Some(false) => "the person had the context cut down",
            _ => "the context was cut down",
        };
        self.notice(part.id, Notice::Compaction, by, part.raw);
    }

    /// Another model than before answers.
    fn model(&mut self, around: &mut Surroundings) {
        let Some(model) = &self.message.model else { return };
        let before = around.model.replace(model.clone()).filter(|before| before != model);
        if let Some(before) = before {
            let said =
                format!("{} answers, no longer {}", ModelName::short(model), ModelName::short(&before));
            let raw = self.raw;
            self.notice(&format!("{}.model", self.id), Notice::Model, &said, raw);
        }
    }

    fn answer(&mut self, parts: &[Part<'_>], is_summary: bool) {
        let before = self.entries.len();
        for part in parts {
            self.part(part, is_summary);
        }
        let tokens = self.message.figures.tokens;
        if self.entries.len() == before && tokens.total() > 0 {
            let raw = self.raw;
            let words = if parts.is_empty() { LOST } else { "" };
            self.put(self.id.as_str(), None, EntryKind::Answer, words, raw);
        }
        let context = Some(tokens.context()).filter(|context| *context > 0);
        let usage = ResponseUsage {
            response: self.id.clone(),
            tokens,
            context,
            model: self.message.model.clone().unwrap_or_default(),
            fast: false,
            copied: false,
        };
        for entry in self.entries.iter_mut().skip(before) {
            if matches!(
                entry.kind,
                EntryKind::Answer | EntryKind::Thinking | EntryKind::Call | EntryKind::Summary
            ) {
                entry.usage = Some(usage.clone());
                entry.recorded_cost = self.message.figures.cost;
            }
        }
        self.ends();
    }

    fn part(&mut self, part: &Part<'_>, is_summary: bool) {
        let (id, raw) = (part.id.as_str(), part.raw);
        match part.kind() {
            "text" if part.text().trim().is_empty() || part.is_synthetic() => {}
            "text" => {
                let kind = if is_summary { EntryKind::Summary } else { EntryKind::Answer };
                self.put(id, part.at(), kind, part.text(), raw);
            }
            "reasoning" => self.put(id, part.at(), EntryKind::Thinking, part.text(), raw),
            "tool" => {
                let call = calls::of(part.id, part.value, self.message, raw);
                let at = time(member(member(member(part.value, "state"), "time"), "start"));
                self.put(id, at, EntryKind::Call, "", raw);
                if let Some(entry) = self.entries.last_mut() {
                    entry.call = Some(call);
                }
            }
            "patch" => {
                let files = list(part.value, "files");
                let files: Vec<&str> = files.iter().filter_map(Value::as_str).collect();
                if !files.is_empty() {
                    self.notice(id, Notice::Other, &format!("changed {}", files.join(", ")), raw);
                }
            }
            "retry" => {
                let error = member(part.value, "error");
                let words = text(member(error, "data"), "message").or_else(|| text(error, "message"));
                let words = words.or_else(|| error.as_str()).unwrap_or("the service failed");
                let attempt = number(part.value, "attempt").unwrap_or(1);
                self.notice(id, Notice::Error, &format!("{words}, attempt {attempt}"), raw);
            }
            "compaction" => self.compaction(part),
            "subtask" => {
                let said = text(part.value, "description").unwrap_or("a subtask");
                self.notice(id, Notice::Background, said, raw);
            }
            "step-start" | "step-finish" | "snapshot" | "file" | "agent" => {}
            other => self.notice(id, Notice::Other, &format!("[{other}]"), raw),
        }
    }

    /// How the answer ended, when that was not well.
    fn ends(&mut self) {
        let (name, raw) = (format!("{}.end", self.id), self.raw);
        if let Some(failure) = &self.message.failure {
            if failure.is_abort() {
                self.notice(&name, Notice::Interruption, "the person stopped the answer", raw);
            } else {
                let words = failure.words();
                let said = if words == failure.name {
                    words.to_string()
                } else {
                    format!("{}: {words}", failure.name)
                };
                self.notice(&name, Notice::Error, &said, raw);
            }
            return;
        }
        let why = match self.message.finish.as_deref() {
            Some("length") => "the answer was cut at its limit of tokens",
            Some("content-filter") => "the model refused to go on",
            _ => return,
        };
        self.notice(&name, Notice::Error, why, raw);
    }
}
