//! What one transcript file says so far: taken line by line, so that growing files cost what grew.
//!
//! Only what is shown is kept. A transcript knows nothing of other files: who spawned it, which answers count and whether
//! its process lives is decided by those who see all of them.

pub(super) mod calls;
pub(super) mod notices;
mod packed;
mod plan;
pub(super) mod prompts;
mod replies;
mod states;

use serde::{Deserialize, Serialize};

use crate::{
    model::{Context, FileCounts, Health, LineCounts, PlanItem, Timestamp, ToolCount, Usd},
    text::Safe,
};

use super::{
    answers::{Candidate, entry_hash, hash},
    line::Line,
    scan,
};
use calls::Calls;
use notices::Background;
use plan::Plan;
use prompts::Prompts;
pub(super) use states::Titles;

/// Prompts waiting in a queue that are remembered.
const QUEUE: usize = 100;

/// What the last line that means something says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ending {
    /// No conversation yet.
    #[default]
    Nothing,
    /// A prompt waits for its answer.
    Prompted,
    /// A tool answered; the model goes on.
    Thinking,
    /// A part of an answer.
    Streaming,
    /// A tool runs, or waits for permission.
    Calling,
    /// A question or a plan waits for the person.
    Asking,
    /// The turn is over.
    Over,
    /// The person stopped the turn.
    Interrupted,
    /// The maker's service failed; it is tried again.
    Retrying,
    /// A plan limit stopped it.
    Limited,
    /// The maker's service failed for good.
    Failed,
}

/// A limit that was hit, in the program's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LimitWord {
    pub at: Option<Timestamp>,
    pub text: Safe,
}

/// One transcript.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of the file")]
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Transcript {
    /// It is a sub-agent's own file.
    pub is_agent: bool,
    /// Session of the file by its name.
    pub session: Safe,
    /// Hash of the path, for lines without any id.
    pub path_hash: u64,
    pub models: Vec<Safe>,
    pub first_at: Option<Timestamp>,
    pub own_first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
    pub last_offset: u64,
    pub line_session: Option<Safe>,
    pub cwd: Option<Safe>,
    pub branch: Option<Safe>,
    pub version: Option<Safe>,
    pub entrypoint: Option<Safe>,
    pub session_kind: Option<Safe>,
    pub permission_mode: Option<Safe>,
    pub forked_from: Option<Safe>,
    pub continued_in: Option<Safe>,
    pub pr_url: Option<Safe>,
    pub titles: Titles,
    #[serde(with = "packed::short_hashes")]
    pub uuids: Vec<u64>,
    pub model: Option<Safe>,
    pub context: u64,
    pub context_most: u64,
    pub messages: u32,
    pub compactions: u32,
    pub has_conversation: bool,
    pub answers: u64,
    pub ending: Ending,
    pub clean_end: bool,
    pub pending_background: u64,
    pub retry_attempt: u64,
    pub recorded_cost: Option<Usd>,
    pub cost_is_floor: bool,
    pub limit: Option<LimitWord>,
    pub queue: Vec<Safe>,
    pub prompts: Prompts,
    pub calls: Calls,
    pub background: Vec<Background>,
    pub plan: Plan,
    /// First prompt of a sub-agent.
    pub first_prompt: Option<Safe>,
    pub last_answer: u64,
    #[serde(with = "packed::bytes")]
    pub last_text: Vec<u8>,
}

impl Transcript {
    /// Takes one line.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        offset: u64,
        number: u64,
        health: &mut Health,
        out: &mut Vec<Candidate>,
    ) {
        // A crash can leave a run of zeros before the next line.
        let start = bytes.iter().position(|byte| *byte != 0 && !byte.is_ascii_whitespace());
        let Some(bytes) = start.and_then(|start| bytes.get(start..)) else { return };
        let Ok(line) = Line::parse(bytes) else {
            health.skipped += 1;
            return;
        };
        let at = std::str::from_utf8(line.timestamp).ok().and_then(Timestamp::parse);
        let copied = line.is_copied();
        self.common(&line, at, copied);
        match line.kind {
            b"assistant" => self.assistant(&line, at, number, copied, health, out),
            b"user" if !copied => self.user(&line, at, offset),
            b"system" if !copied => self.system(&line, at),
            b"user" | b"system" => {}
            _ => self.state_line(&line, at),
        }
        if matches!(line.kind, b"assistant" | b"user" | b"system") {
            self.last_offset = offset;
        }
    }

    fn common(&mut self, line: &Line<'_>, at: Option<Timestamp>, copied: bool) {
        self.first_at = self.first_at.or(at);
        self.last_at = self.last_at.max(at);
        if !copied {
            self.own_first_at = self.own_first_at.or(at);
        }
        if let Some(from) = line.forked_from {
            set(&mut self.forked_from, from);
        } else if copied {
            set(&mut self.forked_from, line.writer_session);
        }
        if self.line_session.is_none() {
            set(&mut self.line_session, line.session);
        }
        if self.cwd.is_none() && !copied {
            set(&mut self.cwd, line.cwd);
        }
        set(&mut self.branch, line.branch);
        set(&mut self.version, line.version);
        if !copied {
            set(&mut self.entrypoint, line.entrypoint);
        }
        set(&mut self.session_kind, line.session_kind);
        set(&mut self.permission_mode, line.permission_mode);
        if !line.uuid.is_empty() && !copied && !self.is_agent {
            self.uuids.push(entry_hash(line.uuid));
        }
    }

    fn user(&mut self, line: &Line<'_>, at: Option<Timestamp>, offset: u64) {
        if line.side && !self.is_agent {
            return;
        }
        self.has_conversation = true;
        self.clean_end = false;
        let message = &line.message;
        let mut is_result = false;
        for block in message.blocks.iter().filter(|block| block.kind == b"tool_result") {
            is_result = true;
            let turn = self.calls.finish(block, line);
            self.plan.result(block, line);
            if let Some(background) = Background::started(line, block, turn, at, self.calls.activity()) {
                notices::put(&mut self.background, background);
            }
        }
        if is_result {
            self.prompts.reopen();
            self.ending = if self.calls.asks() {
                Ending::Asking
            } else if self.calls.is_pending() {
                Ending::Calling
            } else {
                Ending::Thinking
            };
            return;
        }
        let raw = message
            .text
            .or_else(|| message.blocks.iter().find(|block| block.kind == b"text").map(|block| block.text));
        self.said(line, raw.unwrap_or(if message.blocks.is_empty() { b"" } else { b"[image]" }), at, offset);
    }

    /// A text in the person's place: a prompt, a mark, or words put in by the program.
    fn said(&mut self, line: &Line<'_>, raw: &[u8], at: Option<Timestamp>, offset: u64) {
        if line.compact_summary {
            return;
        }
        if raw.starts_with(b"[Request interrupted by user") {
            self.calls.clear();
            self.ending = Ending::Interrupted;
            self.prompts.interrupt(at);
            return;
        }
        if raw.starts_with(b"<task-notification>") {
            notices::notify(&mut self.background, raw, at);
        }
        if self.is_agent {
            if self.first_prompt.is_none() {
                self.first_prompt = Some(Safe::line(&scan::text(raw, 400)));
            }
            self.ending = Ending::Prompted;
            return;
        }
        if let Some(kind) = prompts::kind(line, raw, self.entrypoint.as_deref()) {
            let text = std::mem::take(&mut self.last_text);
            self.prompts.supersede(self.ending, self.last_at, &text);
            self.calls.clear();
            let entry = if line.uuid.is_empty() { 0 } else { hash(b'u', line.uuid) };
            self.prompts.ask(kind, raw, at, offset, entry);
            self.messages += 1;
            self.ending = Ending::Prompted;
        } else if !line.prompt_source.is_empty() || !line.turn_origin.is_empty() {
            self.ending = Ending::Prompted;
        }
    }

    fn say(&mut self, raw: &[u8]) {
        if !raw.is_empty() {
            self.last_text.clear();
            self.last_text
                .extend_from_slice(raw.get(..raw.len().min(prompts::MOST_RESULT)).unwrap_or_default());
        }
    }

    fn end_turn(&mut self, at: Option<Timestamp>) {
        self.prompts.finish(at, &self.last_text);
    }

    /// The newest words of the model, decoded.
    pub(super) fn last_words(&self) -> Option<Safe> {
        (!self.last_text.is_empty()).then(|| Safe::text(&scan::text(&self.last_text, prompts::MOST_RESULT)))
    }

    /// How full the context is.
    pub(super) fn context(&self) -> Option<Context> {
        if self.context == 0 {
            return None;
        }
        let model = self.model.as_deref().unwrap_or_default();
        Some(Context::of_model(model, self.context, self.context_most))
    }

    /// Calls by tool, most first.
    pub(super) fn tools(&self) -> Vec<ToolCount> {
        self.calls.tools()
    }

    /// The work list by its own calls.
    pub(super) fn plan(&self) -> Vec<PlanItem> {
        self.plan.items()
    }

    /// Files touched.
    pub(super) fn files(&self) -> FileCounts {
        self.calls.files.clone()
    }

    /// Lines changed.
    pub(super) fn lines(&self) -> LineCounts {
        self.calls.lines
    }
}

/// Sets a field to a raw string, if there is one and it is new.
fn set(field: &mut Option<Safe>, raw: &[u8]) {
    if !raw.is_empty() && field.as_ref().is_none_or(|old| old.as_bytes() != raw) {
        *field = Some(Safe::line(&scan::text(raw, 4096)));
    }
}

#[cfg(test)]
mod tests;
