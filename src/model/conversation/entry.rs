//! One entry of a conversation.

use super::{Body, FileChange};
use crate::{
    model::{Millis, RawRef, Timestamp, Tokens, Usd},
    text::Safe,
};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// The context was cut down.
    Compaction,
    /// The person stopped the turn.
    Interruption,
    /// Another model answers from here on.
    Model,
    /// A hook said something.
    Hook,
    /// Something failed outside of a call (the maker's service, a limit).
    Error,
    /// A command of the person to the program, or what it answered.
    Command,
    /// A task in the background started, went on or ended.
    Background,
    /// The session moved, goes on elsewhere, or was started by a plan.
    Session,
    /// A turn ended.
    TurnEnd,
    /// Anything else.
    Other,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Compaction,
        Self::Interruption,
        Self::Model,
        Self::Hook,
        Self::Error,
        Self::Command,
        Self::Background,
        Self::Session,
        Self::TurnEnd,
        Self::Other,
    ];

    /// The word on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compaction => "compaction",
            Self::Interruption => "interruption",
            Self::Model => "model",
            Self::Hook => "hook",
            Self::Error => "error",
            Self::Command => "command",
            Self::Background => "background",
            Self::Session => "session",
            Self::TurnEnd => "turn end",
            Self::Other => "notice",
        }
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// What a person, a script or another agent asked.
    Prompt,
    /// A prompt that waits for the turn to end.
    QueuedPrompt,
    /// What the model said.
    Answer,
    /// What the model thought.
    Thinking,
    /// A tool was called.
    Call,
    /// The program or its maker said something.
    Notice(Notice),
    /// What was said before, in short, after the context was cut down.
    Summary,
}

impl EntryKind {
    /// The word on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::QueuedPrompt => "queued prompt",
            Self::Answer => "answer",
            Self::Thinking => "thinking",
            Self::Call => "call",
            Self::Notice(notice) => notice.word(),
            Self::Summary => "summary",
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallOutcome {
    /// It runs, or waits for a permission.
    Running,
    /// It went well.
    Ok,
    /// It failed.
    Failed,
    /// A rule, a mode or a hook did not let it run.
    Denied,
    /// A person did not let it run.
    Rejected,
    /// A person stopped it.
    Interrupted,
    /// It goes on in the background.
    Background,
    /// It went well; what it said is too long and lies elsewhere.
    Spilled,
}

impl CallOutcome {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Running,
        Self::Ok,
        Self::Failed,
        Self::Denied,
        Self::Rejected,
        Self::Interrupted,
        Self::Background,
        Self::Spilled,
    ];

    /// The words on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Denied => "denied by rule",
            Self::Rejected => "rejected by the person",
            Self::Interrupted => "interrupted",
            Self::Background => "in the background",
            Self::Spilled => "spilled",
        }
    }

    /// Something to look at when one looks for what went wrong.
    pub fn is_trouble(self) -> bool {
        matches!(self, Self::Failed | Self::Denied | Self::Rejected | Self::Interrupted)
    }
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallResult {
    /// How it ended.
    pub outcome: CallOutcome,
    /// When the answer was written.
    pub at: Option<Timestamp>,
    /// How long it took, where recorded; else the screen counts from call to answer.
    pub duration: Option<Millis>,
    /// What it said: text, or indented JSON.
    pub output: Body,
    /// What it did to files.
    pub changes: Vec<FileChange>,
    /// The agent it started: its key's local part in the same source.
    pub spawned: Option<Safe>,
    /// Where a long output or a growing one lies.
    pub elsewhere: Option<Safe>,
    /// The record of the answer.
    pub raw: Option<RawRef>,
}

impl CallResult {
    /// What is known when only the outcome is.
    pub fn new(outcome: CallOutcome, at: Option<Timestamp>) -> Self {
        Self {
            outcome,
            at,
            duration: None,
            output: Body::default(),
            changes: Vec::new(),
            spawned: None,
            elsewhere: None,
            raw: None,
        }
    }
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its id, unique in the conversation.
    pub id: Safe,
    /// The tool, such as `Bash` or `mcp__server__tool`.
    pub tool: Safe,
    /// What it does, one line without the tool's name (`src/pay.rs`, `npm test`).
    pub headline: Safe,
    /// What it was called with: indented JSON, or text.
    pub input: Body,
    /// It starts an agent of its own; which one is known by this call's id or by [`CallResult::spawned`].
    pub spawns: bool,
    /// What it means to do to files, until its result says what it did.
    pub changes: Vec<FileChange>,
    /// What came of it; none = it runs.
    pub result: Option<CallResult>,
}

impl Call {
    /// How it ended.
    pub fn outcome(&self) -> CallOutcome {
        self.result.as_ref().map_or(CallOutcome::Running, |result| result.outcome)
    }

    /// What it did to files: what its result says, else what it was called with; nothing when it did not run or failed.
    pub fn changes(&self) -> &[FileChange] {
        match &self.result {
            Some(result) if !result.changes.is_empty() => &result.changes,
            Some(result) if result.outcome.is_trouble() => &[],
            _ => &self.changes,
        }
    }

    /// The tool and what it does, one line.
    pub fn line(&self) -> String {
        if self.headline.is_empty() {
            self.tool.to_string()
        } else {
            format!("{} {}", self.tool, self.headline)
        }
    }
}

/// Tokens of the model response an entry belongs to; entries of one response repeat it, the largest counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseUsage {
    /// What tells responses apart.
    pub response: Safe,
    /// Its tokens.
    pub tokens: Tokens,
    /// Tokens before the model at that point; none = not known.
    pub context: Option<u64>,
    /// The model.
    pub model: Safe,
    /// It was answered at a higher speed and price.
    pub fast: bool,
    /// It was counted elsewhere (copied from another session): no part of the cost here.
    pub copied: bool,
}

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What tells it apart in the conversation; the same when it is told again.
    pub id: Safe,
    /// When.
    pub at: Option<Timestamp>,
    /// What it is.
    pub kind: EntryKind,
    /// What was said. Markdown where a model or a person speaks.
    pub text: Body,
    /// The call, of [`EntryKind::Call`].
    pub call: Option<Call>,
    /// Tokens of the response it is a part of.
    pub usage: Option<ResponseUsage>,
    /// What the source recorded as the cost of that response.
    pub recorded_cost: Option<Usd>,
    /// Said in a side chain of the same file (a sub-agent of old versions, a side question).
    pub side: bool,
    /// The record.
    pub raw: Option<RawRef>,
}

impl Entry {
    /// An entry that says something.
    pub fn said(id: Safe, at: Option<Timestamp>, kind: EntryKind, text: &str) -> Self {
        let text = Body::of(text);
        Self { id, at, kind, text, call: None, usage: None, recorded_cost: None, side: false, raw: None }
    }

    /// Something to look at when one looks for what went wrong.
    pub fn is_trouble(&self) -> bool {
        match self.kind {
            EntryKind::Call => self.call.as_ref().is_some_and(|call| call.outcome().is_trouble()),
            EntryKind::Notice(notice) => matches!(notice, Notice::Error | Notice::Interruption),
            _ => false,
        }
    }

    /// Somebody asked something.
    pub fn is_prompt(&self) -> bool {
        matches!(self.kind, EntryKind::Prompt | EntryKind::QueuedPrompt)
    }

    /// It changed files.
    pub fn is_edit(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.changes().iter().any(|change| change.op.writes()))
    }

    /// Bytes of the texts that are kept.
    pub fn bytes(&self) -> usize {
        let call = self.call.as_ref().map_or(0, |call| {
            let result = call.result.as_ref();
            let output = result.map_or(0, |result| result.output.text.len());
            let changes = result.map_or(&[][..], |result| &result.changes).iter().chain(&call.changes);
            call.input.text.len() + output + changes.map(FileChange::bytes).sum::<usize>()
        });
        self.text.text.len() + call
    }

    /// Keeps only the beginning of each text; how many bytes that saved.
    pub(super) fn shorten(&mut self, most: usize) -> usize {
        let mut saved = self.text.shorten(most);
        if let Some(call) = &mut self.call {
            saved += call.input.shorten(most);
            saved += call.changes.iter_mut().map(FileChange::shorten).sum::<usize>();
            if let Some(result) = &mut call.result {
                saved += result.output.shorten(most);
                saved += result.changes.iter_mut().map(FileChange::shorten).sum::<usize>();
            }
        }
        saved
    }
}
