//! What conversations say was done to files: a fold over their news that keeps only calls that read or changed files, and the
//! lists made of it. What the text of a change is, is kept once and shared.
//!
//! Nothing is looked up on the disk: this is what was recorded, not what is there now.

mod list;
mod markdown;
mod shell;
#[cfg(test)]
mod tests;
mod unified;
mod who;

use std::{
    collections::{HashMap, VecDeque},
    rc::Rc,
};

pub use list::{FileRow, Listing, done, list};
pub use markdown::markdown;
pub use shell::{is_shell, written};
pub use unified::{notes, unified};
pub use who::{Subject, agents_of};

use super::diff;
use crate::{
    model::{
        Body, Call, CallOutcome, CallResult, ChangeText, ConversationDelta, Entry, FileChange, FileOp,
        RawRef, Timestamp,
    },
    text::Safe,
};

/// Bytes of changes that are kept in all; beyond that the text of the oldest is left out and counted.
const MOST: usize = 64 * 1024 * 1024;
/// Calls that touched files that are kept; older ones are dropped and counted.
const MOST_CALLS: usize = 100_000;

/// Bytes of a command that are looked at.
const COMMAND: usize = 8 * 1024;

/// What one call did to one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    /// The file: its whole path where the folder is known, else as it was named.
    pub path: Safe,
    /// What happened, its lines and its text.
    pub change: FileChange,
    /// Lines added and removed; `None` = not known.
    pub lines: Option<(u64, u64)>,
    /// A command of the shell did it.
    pub by_shell: bool,
    /// When the call was made.
    pub at: Option<Timestamp>,
    /// The part of the page whose conversation it stands in.
    pub part: u32,
    /// The call's id.
    pub call: Safe,
    /// Tool and headline.
    pub line: Safe,
    /// How the call ended.
    pub outcome: CallOutcome,
    /// The records of call and answer.
    pub raw: Vec<RawRef>,
}

/// A call that may have touched files, without its output.
#[derive(Clone, Debug)]
struct Act {
    entry: Safe,
    at: Option<Timestamp>,
    call: Call,
    raw: Option<RawRef>,
    touches: Vec<Rc<Touch>>,
    bytes: usize,
}

/// The calls of one conversation.
#[derive(Clone, Debug, Default)]
struct Part {
    /// The folder relative paths start from.
    folder: Option<Safe>,
    acts: VecDeque<Act>,
    /// Number of the first act that is kept.
    first: usize,
    by_call: HashMap<Safe, usize>,
    by_entry: HashMap<Safe, usize>,
    /// Bytes of changes that are kept.
    bytes: usize,
    /// Changes before this number were cut.
    cut_to: usize,
}

/// What was done to files in several conversations.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    parts: Vec<Part>,
    cut: u64,
    dropped: u64,
    revision: u64,
}

impl Touched {
    /// A fold over as many conversations as there are folders; each folder is where relative paths of that one start.
    pub fn new(folders: Vec<Option<Safe>>) -> Self {
        let parts = folders.into_iter().map(|folder| Part { folder, ..Part::default() }).collect();
        Self { parts, ..Self::default() }
    }

    /// Takes a piece of news of one conversation.
    pub fn apply(&mut self, part: u32, delta: ConversationDelta) {
        let Some(of) = self.parts.get_mut(part as usize) else { return };
        match delta {
            ConversationDelta::Restart => {
                *of = Part { folder: of.folder.clone(), ..Part::default() };
            }
            ConversationDelta::Put(entry) => self.put(part, *entry),
            ConversationDelta::Result { call, result } => {
                if let Some(number) = of.by_call.get(&call).copied() {
                    self.answer(part, number, *result);
                }
            }
            ConversationDelta::Gone(id) => {
                if let Some(number) = of.by_entry.get(&id).copied() {
                    self.forget(part, number);
                }
            }
            ConversationDelta::Usage { .. } | ConversationDelta::Skipped(_) => return,
        }
        self.revision += 1;
        self.bound();
    }

    fn put(&mut self, part: u32, entry: Entry) {
        let Some(of) = self.parts.get_mut(part as usize) else { return };
        let known = of.by_entry.get(&entry.id).copied();
        let Some(mut call) = entry.call else { return };
        // Outputs are not needed; of inputs only what a shell was told.
        let told = if is_shell(&call.tool) { &*call.input.text } else { "" };
        call.input = Body::bounded(told, COMMAND);
        let result = call.result.take();
        let number = known.unwrap_or(of.first + of.acts.len());
        let act = Act { entry: entry.id, at: entry.at, call, raw: entry.raw, touches: Vec::new(), bytes: 0 };
        of.by_call.insert(act.call.id.clone(), number);
        of.by_entry.insert(act.entry.clone(), number);
        if known.is_some() {
            let Some(old) = number.checked_sub(of.first).and_then(|at| of.acts.get_mut(at)) else { return };
            of.bytes -= old.bytes;
            *old = act;
        } else {
            of.acts.push_back(act);
        }
        match result {
            Some(result) => self.answer(part, number, result),
            None => self.touch(part, number),
        }
    }

    fn answer(&mut self, part: u32, number: usize, result: CallResult) {
        let slim = CallResult { output: Body::default(), ..result };
        let Some(of) = self.parts.get_mut(part as usize) else { return };
        if let Some(act) = number.checked_sub(of.first).and_then(|at| of.acts.get_mut(at)) {
            act.call.result = Some(slim);
        }
        self.touch(part, number);
    }

    /// Works out anew what a call did. One that ended without touching a file stays as an empty place.
    fn touch(&mut self, part: u32, number: usize) {
        let Some(of) = self.parts.get_mut(part as usize) else { return };
        let Some(act) = number.checked_sub(of.first).and_then(|at| of.acts.get_mut(at)) else { return };
        act.touches = touches(&act.call, act.at, act.raw.as_ref(), of.folder.as_deref(), part);
        let new = act.touches.iter().map(|touch| weight(&touch.change)).sum();
        of.bytes = of.bytes + new - act.bytes;
        act.bytes = new;
        // What they said is in the touches now.
        if let Some(result) = &mut act.call.result {
            result.changes = Vec::new();
            act.call.changes = Vec::new();
        }
    }

    fn forget(&mut self, part: u32, number: usize) {
        let Some(of) = self.parts.get_mut(part as usize) else { return };
        let Some(act) = number.checked_sub(of.first).and_then(|at| of.acts.get_mut(at)) else { return };
        of.bytes -= std::mem::take(&mut act.bytes);
        act.touches = Vec::new();
    }

    fn bound(&mut self) {
        for part in &mut self.parts {
            while part.acts.len() > MOST_CALLS {
                let Some(act) = part.acts.pop_front() else { break };
                part.by_call.remove(&act.call.id);
                part.by_entry.remove(&act.entry);
                part.first += 1;
                part.bytes -= act.bytes;
                self.dropped += u64::from(!act.touches.is_empty());
            }
        }
        while self.parts.iter().map(|part| part.bytes).sum::<usize>() > MOST {
            let Some(part) = self.parts.iter_mut().max_by_key(|part| part.bytes) else { return };
            part.cut_to = part.cut_to.max(part.first);
            let Some(act) = part.acts.get_mut(part.cut_to - part.first) else { return };
            part.cut_to += 1;
            if act.bytes == 0 {
                continue;
            }
            for touch in &mut act.touches {
                let touch = Rc::make_mut(touch);
                touch.change.cut += weight(&touch.change) as u64;
                touch.change.text = ChangeText::Unknown;
            }
            part.bytes -= std::mem::take(&mut act.bytes);
            self.cut += 1;
        }
    }

    /// All touches, conversation by conversation, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Rc<Touch>> {
        self.parts.iter().flat_map(|part| &part.acts).flat_map(|act| &act.touches)
    }

    /// Grows whenever something was told.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What is not here, in words; `None` when nothing is missing.
    pub fn missing(&self) -> Option<String> {
        let facts = [(self.dropped, "older calls dropped"), (self.cut, "older changes without their text")];
        let words =
            facts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// What a call of a conversation did to files: as its answer says, else as it was called, else what a command of the shell
/// plainly writes.
pub fn touches(
    call: &Call,
    at: Option<Timestamp>,
    raw: Option<&RawRef>,
    folder: Option<&str>,
    part: u32,
) -> Vec<Rc<Touch>> {
    let by_shell = is_shell(&call.tool);
    let mut changes = call.changes().to_vec();
    let ended_well = matches!(call.outcome(), CallOutcome::Ok | CallOutcome::Spilled);
    if by_shell && changes.is_empty() && ended_well {
        changes = written(&call.input.text);
    }
    let answer = call.result.as_ref().and_then(|result| result.raw.clone());
    let line = Safe::line(&call.line());
    let touch = |change: FileChange| {
        let op = match &change.op {
            FileOp::Rename { from } => FileOp::Rename { from: whole(from, folder) },
            op => op.clone(),
        };
        Rc::new(Touch {
            path: whole(&change.path, folder),
            lines: diff::counts(&change),
            change: FileChange { op, ..change },
            by_shell,
            at,
            part,
            call: call.id.clone(),
            line: line.clone(),
            outcome: call.outcome(),
            raw: raw.cloned().into_iter().chain(answer.clone()).collect(),
        })
    };
    changes.into_iter().map(touch).collect()
}

/// A path with its folder, without `.` and without steps that go back.
fn whole(path: &Safe, folder: Option<&str>) -> Safe {
    let is_whole = path.starts_with('/') || path.starts_with('~');
    let joined = match folder {
        Some(folder) if !is_whole => format!("{}/{}", folder.trim_end_matches('/'), &**path),
        _ => path.to_string(),
    };
    if !joined.contains("./") && !joined.ends_with("/.") && !joined.contains("//") && !joined.ends_with("/..")
    {
        return if is_whole || folder.is_none() { path.clone() } else { Safe::line(&joined) };
    }
    let mut parts: Vec<&str> = Vec::new();
    for (at, part) in joined.split('/').enumerate() {
        match part {
            "" if at > 0 => {}
            "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "..")) => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    Safe::line(&parts.join("/"))
}

/// Bytes of a change's text.
fn weight(change: &FileChange) -> usize {
    match &change.text {
        ChangeText::Unknown => 0,
        ChangeText::Hunks(hunks) => hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.len()).sum(),
        ChangeText::Texts(texts) => {
            texts.iter().map(|(old, new)| old.as_ref().map_or(0, |old| old.len()) + new.len()).sum()
        }
    }
}
