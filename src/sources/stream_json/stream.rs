//! One stream of lines, taken as they come: which session each speaks of, what is no record, what is a document over several
//! lines. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{
    codex,
    doer::When,
    limit,
    run::Run,
    spoken::Spoken,
    value::{id, word},
};
use crate::{
    model::{PlanLimit, Timestamp},
    sources::read::{follow::Counts, json, tail::Line},
    text::Safe,
};

/// Longest document over several lines.
const DOCUMENT: usize = 16 * 1024 * 1024;
/// Different kinds of lines that are counted by themselves.
const KINDS: usize = 100;
/// Lines that speak of no session, before one was named, belong to nobody.
const KNOWN: [&str; 7] =
    ["assistant", "user", "system", "stream_event", "result", "tool_progress", "rate_limit_event"];

/// What a stream said until now.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Where it comes from.
    place: String,
    pub(super) runs: Vec<Run>,
    index: HashMap<Safe, usize>,
    /// The run of the newest line.
    current: Option<usize>,
    pub(super) limits: BTreeMap<Safe, PlanLimit>,
    /// Lines by kind.
    pub(super) counts: BTreeMap<Safe, u64>,
    /// Records of kinds that nobody knows.
    pub(super) unknown: BTreeMap<Safe, u64>,
    /// Records that speak of no session.
    pub(super) homeless: u64,
    spoken: Vec<Spoken>,
    after: Option<Timestamp>,
    /// A document whose end did not come yet.
    document: Vec<u8>,
}

impl Stream {
    /// A stream of which nothing is known yet.
    pub(super) fn new(place: &str) -> Self {
        Self { place: place.to_owned(), ..Self::default() }
    }

    /// Takes one line that came, or whose file was written, at `seen`; adds the sessions it speaks of.
    pub(super) fn take(
        &mut self,
        line: Line<'_>,
        seen: Timestamp,
        counts: &mut Counts,
        dirty: &mut BTreeSet<Safe>,
    ) {
        let bytes = line.bytes.trim_ascii_end();
        if bytes.is_empty() {
            return;
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            self.take_text(text, line.offset, seen, counts, dirty);
        } else {
            counts.repaired += 1;
            self.take_text(&String::from_utf8_lossy(bytes), line.offset, seen, counts, dirty);
        }
    }

    fn take_text(
        &mut self,
        text: &str,
        offset: u64,
        seen: Timestamp,
        counts: &mut Counts,
        dirty: &mut BTreeSet<Safe>,
    ) {
        let is_json = looks_like_json(text);
        let is_whole_record = text.starts_with('{') && text.len() > 1;
        if is_whole_record {
            self.drop_document(counts);
        }
        if !self.document.is_empty() || matches!(text, "{" | "[") {
            self.collect(text, offset, seen, counts, dirty);
            return;
        }
        if !is_json {
            let when = self.when(&Value::Null, seen);
            self.count("text");
            let run = self.current.and_then(|at| self.runs.get(at));
            self.spoken.push(Spoken::beside(run.map(|run| &run.session), text, &when));
            return;
        }
        // The elements of an array that has one on each line.
        let text = text.strip_suffix(',').unwrap_or(text);
        match serde_json::from_str::<Value>(text) {
            Ok(value) => self.value(&value, offset, seen, counts, dirty),
            Err(_) => counts.skipped += 1,
        }
    }

    /// Lines of a document that was made for people to read: it begins and ends with a bracket that stands alone.
    fn collect(
        &mut self,
        text: &str,
        offset: u64,
        seen: Timestamp,
        counts: &mut Counts,
        dirty: &mut BTreeSet<Safe>,
    ) {
        if self.document.len() + text.len() > DOCUMENT {
            self.drop_document(counts);
        }
        self.document.extend_from_slice(text.as_bytes());
        self.document.push(b'\n');
        if matches!(text, "}" | "]") && json::is_complete(&self.document) {
            let document = std::mem::take(&mut self.document);
            match serde_json::from_slice::<Value>(&document) {
                Ok(value) => self.value(&value, offset, seen, counts, dirty),
                Err(_) => counts.skipped += 1,
            }
        }
    }

    /// The document that was begun is none.
    fn drop_document(&mut self, counts: &mut Counts) {
        // The opening bracket of an array with a record on each line is no loss.
        if self.document.len() > 2 {
            counts.skipped += 1;
        }
        self.document.clear();
    }

    /// A document was begun and its end did not come.
    pub(super) fn is_in_document(&self) -> bool {
        self.document.len() > 2
    }

    /// A record, or an array of them.
    fn value(
        &mut self,
        value: &Value,
        offset: u64,
        seen: Timestamp,
        counts: &mut Counts,
        dirty: &mut BTreeSet<Safe>,
    ) {
        match value {
            Value::Array(records) => {
                self.count("array");
                for (at, record) in records.iter().enumerate() {
                    // Records of one line are told apart by their place in it where they have no id.
                    self.record(record, offset + at as u64, seen, counts, dirty);
                }
            }
            record => self.record(record, offset, seen, counts, dirty),
        }
    }

    fn when(&mut self, record: &Value, seen: Timestamp) -> When {
        let stamp = record["timestamp"].as_str().and_then(Timestamp::parse);
        let when = When { stamp, after: self.after, seen };
        self.after = self.after.max(stamp);
        when
    }

    fn count(&mut self, kind: &str) {
        let kind = Safe::line(kind);
        let kind = if self.counts.len() < KINDS || self.counts.contains_key(&kind) {
            kind
        } else {
            Safe::line("other kinds")
        };
        *self.counts.entry(kind).or_default() += 1;
    }

    fn record(
        &mut self,
        record: &Value,
        offset: u64,
        seen: Timestamp,
        counts: &mut Counts,
        dirty: &mut BTreeSet<Safe>,
    ) {
        let kind = word(record, "type");
        if !record.is_object() || kind.is_empty() {
            counts.skipped += 1;
            return;
        }
        let detail = match kind {
            "stream_event" => word(&record["event"], "type"),
            _ => word(record, "subtype"),
        };
        self.count(format!("{kind} {detail}").trim_end());
        let is_codex = codex::is_line(kind) || kind == "error" && self.is_codex();
        if !KNOWN.contains(&kind) && !is_codex && self.unknown.len() < KINDS {
            *self.unknown.entry(Safe::line(kind)).or_default() += 1;
        }
        let when = self.when(record, seen);
        if kind == "rate_limit_event" {
            for window in limit::windows(&record["rate_limit_info"], Some(when.at())) {
                self.limits.insert(window.name.clone(), window);
            }
        }
        let session = if is_codex { id(&record["thread_id"]) } else { id(&record["session_id"]) };
        let Some(at) = session.map_or(self.current, |session| Some(self.run(session, record, offset))) else {
            self.homeless += 1;
            return;
        };
        self.current = Some(at);
        let Some(run) = self.runs.get_mut(at) else { return };
        dirty.insert(run.session.clone());
        let before = run.answers.repaired;
        if is_codex {
            run.take_codex(record, offset, &when, &mut self.spoken);
        } else {
            run.take(record, offset, &when, &mut self.spoken);
        }
        counts.repaired += run.answers.repaired - before;
    }

    fn is_codex(&self) -> bool {
        self.current.and_then(|at| self.runs.get(at)).is_some_and(|run| run.program == "codex")
    }

    fn run(&mut self, session: Safe, record: &Value, offset: u64) -> usize {
        if let Some(at) = self.index.get(&session) {
            return *at;
        }
        let at = self.runs.len();
        self.runs.push(Run::new(session.clone(), record, &self.place, offset));
        self.index.insert(session, at);
        at
    }

    /// What it says of a session.
    pub(super) fn of(&self, session: &Safe) -> Option<&Run> {
        self.runs.get(*self.index.get(session)?)
    }

    /// What it says of a session, to take what changed.
    pub(super) fn of_mut(&mut self, session: &Safe) -> Option<&mut Run> {
        self.runs.get_mut(*self.index.get(session)?)
    }

    /// Sessions it speaks of.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &Safe> {
        self.runs.iter().map(|run| &run.session)
    }

    /// Lines for the log since the last call.
    pub(super) fn take_spoken(&mut self) -> Vec<Spoken> {
        std::mem::take(&mut self.spoken)
    }
}

/// An object or an array of objects begins, whole or torn. `[WARN] …`, `[1/4] …` and `{x}` are text.
pub(super) fn looks_like_json(text: &str) -> bool {
    fn after(text: &str, open: char) -> Option<&str> {
        text.trim_start().strip_prefix(open).map(str::trim_start)
    }
    let object = |text: &str| after(text, '{').is_some_and(|rest| rest.starts_with(['"', '}']));
    object(text) || after(text, '[').is_some_and(|rest| object(rest) || rest.starts_with(']'))
}
