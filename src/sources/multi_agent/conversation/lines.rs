//! Lines of the log files as entries. Pure.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{EVENTS, FILES, entry};
use crate::{
    model::{
        Body, Call, CallOutcome, CallResult, Entry, EntryKind, Millis, Notice, RawRef, ResponseUsage,
        Timestamp,
    },
    sources::{
        conversation::{
            changes,
            results::unanswered,
            tools,
            value::{number, pretty, text},
        },
        multi_agent::{
            clock::Local,
            logs::{block, model_of, tokens_of},
        },
        read::json,
    },
    text::{Safe, format},
};

/// Text of a cut output before its length.
const CUT: &str = "... (truncated ";

/// An entry and its place: local time, then file, then offset.
pub(super) struct Row {
    pub(super) order: (Local, usize, u64),
    pub(super) entry: Entry,
    pub(super) is_told: bool,
}

/// A block of `text.txt` whose end is not known.
struct Block {
    at: Local,
    offset: u64,
    kind: EntryKind,
    text: String,
}

/// Makes entries of lines.
pub(super) struct Maker {
    /// The files by number.
    paths: Vec<Safe>,
    /// The agent in the event log.
    pub(super) agent: Option<Safe>,
    /// It has a directory, which knows better how its turns went.
    pub(super) has_folder: bool,
    ahead: Millis,
    made: Local,
    open: Option<Block>,
    results: Vec<(Safe, CallResult)>,
    model: Safe,
    /// Lines of the event log that were told: every line can stand there several times.
    pub(super) recent: Vec<String>,
}

impl Maker {
    pub(super) fn new(
        files: &[(usize, PathBuf)],
        agent: Option<Safe>,
        has_folder: bool,
        (ahead, made): (Millis, Local),
    ) -> Self {
        let mut paths = vec![Safe::default(); EVENTS + 1];
        for (number, path) in files {
            if let Some(slot) = paths.get_mut(*number) {
                *slot = Safe::line(&path.to_string_lossy());
            }
        }
        Self {
            paths,
            agent,
            has_folder,
            ahead,
            made,
            open: None,
            results: Vec::new(),
            model: Safe::default(),
            recent: Vec::new(),
        }
    }

    /// Nothing was read.
    pub(super) fn forget(&mut self) {
        (self.open, self.model) = (None, Safe::default());
        self.results.clear();
        self.recent.clear();
    }

    /// Answers of calls since the last call of this.
    pub(super) fn take_results(&mut self) -> Vec<(Safe, CallResult)> {
        std::mem::take(&mut self.results)
    }

    /// The writer's local time of an instant.
    pub(super) fn local(&self, at: Timestamp) -> Local {
        Local(at.0.saturating_add(self.ahead.0))
    }

    fn raw(&self, file: usize, offset: u64) -> RawRef {
        RawRef::Line { path: self.paths.get(file).cloned().unwrap_or_default(), offset }
    }

    fn instant(&self, at: Local) -> Timestamp {
        Timestamp(at.0.saturating_sub(self.ahead.0))
    }

    /// What the agent was told: first of all.
    pub(super) fn prompt(&self, said: &str, path: &Path) -> Row {
        let raw = RawRef::File { path: Safe::line(&path.to_string_lossy()) };
        let entry = entry("prompt", Some(self.instant(self.made)), EntryKind::Prompt, said.trim_end(), raw);
        Row { order: (Local(i64::MIN), 0, 0), entry, is_told: false }
    }

    /// Takes a line of a file; `false` when it is no record.
    pub(super) fn line(&mut self, file: usize, said: &str, offset: u64, rows: &mut Vec<Row>) -> bool {
        if file == EVENTS {
            rows.extend(self.event(said, offset));
            return true;
        }
        if file == 0 {
            self.text(said, offset, rows);
            return true;
        }
        if said.trim().is_empty() {
            return true;
        }
        let Some(value) = json::lenient(said.as_bytes()).filter(Value::is_object) else { return false };
        let at = text(&value, "timestamp").and_then(Local::parse);
        let spot = Spot { file, offset, at: at.unwrap_or(self.made) };
        match (file, text(&value, "type")) {
            (1, Some("tool_use")) => rows.push(self.called(&spot, &value)),
            (1, Some("tool_result")) => return self.returned(&spot, &value),
            (2, Some("SystemMessage")) => rows.extend(self.system(&spot, &value)),
            (2, Some("ResultMessage")) => rows.push(self.result(&spot, &value)),
            _ => return false,
        }
        true
    }

    fn text(&mut self, said: &str, offset: u64, rows: &mut Vec<Row>) {
        if let Some((at, kind)) = block(said) {
            rows.extend(self.open_block());
            self.open = Some(Block { at, offset, kind, text: String::new() });
        } else if let Some(open) = &mut self.open {
            open.text.push_str(said);
            open.text.push('\n');
        }
    }

    /// The newest block as far as it was written.
    pub(super) fn open_block(&self) -> Option<Row> {
        let open = self.open.as_ref()?;
        let said = open.text.trim_end();
        let spot = Spot { file: 0, offset: open.offset, at: open.at };
        (!said.is_empty()).then(|| {
            let mut row = self.row(&spot, open.kind, said);
            // Only sub-agents are asked while an agent works.
            row.entry.side = open.kind == EntryKind::Prompt;
            row
        })
    }

    pub(super) fn row(&self, spot: &Spot, kind: EntryKind, said: &str) -> Row {
        let name = FILES.get(spot.file).copied().unwrap_or("events");
        let raw = self.raw(spot.file, spot.offset);
        let entry = entry(&format!("{name}.{}", spot.offset), Some(self.instant(spot.at)), kind, said, raw);
        Row { order: (spot.at, spot.file, spot.offset), entry, is_told: false }
    }

    fn called(&self, spot: &Spot, value: &Value) -> Row {
        let tool = text(value, "tool_name").unwrap_or("?");
        let input = value.get("input").unwrap_or(&Value::Null);
        let id = text(value, "tool_use_id").map_or_else(|| spot.offset.to_string(), str::to_owned);
        let call = Call {
            id: Safe::line(&id),
            tool: Safe::line(tool),
            headline: Safe::line(&tools::headline(tool, input, None)),
            input: Body::of(&tools::spoken(tool, input)),
            // Its sub-agents have no directory of their own.
            spawns: false,
            changes: changes::meant(tool, input),
            result: None,
        };
        let mut row = self.row(spot, EntryKind::Call, "");
        row.entry.call = Some(call);
        row
    }

    fn returned(&mut self, spot: &Spot, value: &Value) -> bool {
        let Some(call) = text(value, "tool_use_id").map(Safe::line) else { return false };
        let is_error = value.get("is_error").and_then(Value::as_bool) == Some(true);
        let said = text(value, "content").unwrap_or_default();
        let mut output = Body::of(&pretty(said.to_owned()));
        output.cut += left_out(said).unwrap_or(0);
        let raw = self.raw(spot.file, spot.offset);
        let outcome = if is_error { CallOutcome::Failed } else { CallOutcome::Ok };
        let at = Some(self.instant(spot.at));
        let result = CallResult { output, raw: Some(raw), ..CallResult { outcome, ..unanswered(at) } };
        self.results.push((call, result));
        true
    }

    fn system(&mut self, spot: &Spot, value: &Value) -> Option<Row> {
        let said = match text(value, "subtype").unwrap_or_default() {
            "init" => {
                if let Some(model) = model_of(text(value, "message").unwrap_or_default()) {
                    self.model = Safe::line(model);
                }
                return None;
            }
            "compact_boundary" => (Notice::Compaction, "the context was cut down"),
            "task_started" => (Notice::Background, "a task in the background started"),
            "task_notification" => (Notice::Background, "a task in the background ended"),
            "api_retry" | "api_error" => (Notice::Error, "the service failed"),
            _ => return None,
        };
        Some(self.row(spot, EntryKind::Notice(said.0), said.1))
    }

    /// The end of a turn, with what it used.
    fn result(&self, spot: &Spot, value: &Value) -> Row {
        let is_error = value.get("is_error").and_then(Value::as_bool) == Some(true);
        let took = number(value, "duration_ms").and_then(|took| i64::try_from(took).ok());
        let took = took.map(|took| format!("the turn took {}", format::duration(Millis(took))));
        let took = took.unwrap_or_else(|| "the turn ended".to_owned());
        let (notice, said) = match text(value, "result").filter(|_| is_error) {
            Some(why) => (Notice::Error, why.to_owned()),
            None if is_error => (Notice::Error, "the turn failed".to_owned()),
            None => (Notice::TurnEnd, took),
        };
        let mut row = self.row(spot, EntryKind::Notice(notice), &said);
        row.entry.usage = value.get("usage").filter(|usage| usage.is_object()).map(|usage| ResponseUsage {
            response: row.entry.id.clone(),
            tokens: tokens_of(&usage.to_string()),
            // The sum of several responses.
            context: None,
            model: self.model.clone(),
            fast: false,
            copied: false,
        });
        row
    }
}

/// A line on its way to an entry.
pub(super) struct Spot {
    pub(super) file: usize,
    pub(super) offset: u64,
    pub(super) at: Local,
}

/// Characters that the program left out of an output.
fn left_out(said: &str) -> Option<u64> {
    let (_, rest) = said.rsplit_once(CUT)?;
    rest.strip_suffix(" chars)")?.parse().ok()
}
