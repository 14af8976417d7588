//! Prompts: what a person or a headless start asked, and what became of it.

use crate::{
    model::{Millis, Timestamp},
    text::Safe,
};

/// Letters of a prompt that are kept.
const MOST_PROMPT: usize = 4096;
/// Letters of a result that are kept.
const MOST_RESULT: usize = 2048;
/// Letters of a title.
const MOST_TITLE: usize = 200;

/// Beginnings of texts in the person's place that the program wrote.
const INJECTED: [&str; 8] = [
    "<environment_context>",
    "<user_instructions>",
    "# AGENTS.md",
    "<INSTRUCTIONS>",
    "<permissions instructions>",
    "<turn_aborted>",
    "<subagent_notification>",
    "<user_shell_command>",
];
/// What stands before the person's own words when an editor added its own.
const REQUEST: &str = "## My request for Codex:";

/// How a prompt ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Not yet.
    #[default]
    Open,
    Done,
    Aborted,
    Failed,
    /// The next turn began, and the file says nothing of its end.
    Lost,
}

/// One prompt.
#[derive(Clone, Debug, Default)]
pub(super) struct Prompt {
    pub title: Safe,
    pub text: Safe,
    pub at: Option<Timestamp>,
    pub offset: u64,
    pub model: Option<u32>,
    pub outcome: Outcome,
    pub ended_at: Option<Timestamp>,
    pub duration: Option<Millis>,
    pub result: Option<Safe>,
    pub error: Option<Safe>,
    /// Why it was stopped, in the program's word.
    pub reason: Option<Safe>,
}

/// The prompts of a file, in order.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    list: Vec<Prompt>,
    /// Prompts before this one did not change since they were told.
    pub settled: usize,
}

impl Prompts {
    /// All of them.
    pub(super) fn list(&self) -> &[Prompt] {
        &self.list
    }

    /// Number of the newest prompt, from 1; 0 = none yet.
    pub(super) fn turn(&self) -> u32 {
        self.list.len() as u32
    }

    /// The next prompt; what was still open is over with it.
    pub(super) fn ask(&mut self, text: &str, at: Option<Timestamp>, offset: u64, model: Option<u32>) {
        self.settled = self.settled.min(self.list.len().saturating_sub(1));
        if let Some(open) = self.open() {
            (open.outcome, open.ended_at) = (Outcome::Done, at);
        }
        let title = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        self.list.push(Prompt {
            title: Safe::line(&cut(title, MOST_TITLE)),
            text: Safe::text(&cut(text, MOST_PROMPT)),
            at,
            offset,
            model,
            ..Prompt::default()
        });
    }

    fn open(&mut self) -> Option<&mut Prompt> {
        self.list.last_mut().filter(|prompt| prompt.outcome == Outcome::Open)
    }

    /// The newest words of the model.
    pub(super) fn answer(&mut self, text: &str) {
        if let Some(prompt) = self.list.last_mut().filter(|_| !text.trim().is_empty()) {
            prompt.result = Some(Safe::text(&cut(text, MOST_RESULT)));
        }
    }

    /// The turn is over.
    pub(super) fn finish(&mut self, outcome: Outcome, at: Option<Timestamp>) {
        if let Some(prompt) = self.list.last_mut().filter(|prompt| prompt.outcome != Outcome::Aborted) {
            prompt.outcome = outcome;
            prompt.ended_at = at.or(prompt.ended_at);
        }
    }

    /// The next turn begins; what is still open has no end.
    pub(super) fn lose(&mut self, at: Option<Timestamp>) {
        if let Some(open) = self.open() {
            (open.outcome, open.ended_at) = (Outcome::Lost, at);
        }
    }

    /// Something of the newest prompt.
    pub(super) fn newest(&mut self) -> Option<&mut Prompt> {
        self.list.last_mut()
    }

    /// Work on it goes on.
    pub(super) fn reopen(&mut self) {
        if let Some(prompt) = self.list.last_mut() {
            (prompt.outcome, prompt.ended_at, prompt.duration) = (Outcome::Open, None, None);
            (prompt.error, prompt.reason) = (None, None);
        }
    }
}

/// What the person typed of a text in the person's place; `None` when the program put it there.
pub(super) fn typed(text: &str) -> Option<&str> {
    let text = text.trim();
    let own = match text.split_once(REQUEST) {
        Some((_, own)) => own.trim(),
        None if INJECTED.iter().any(|beginning| text.starts_with(beginning)) => "",
        None => text,
    };
    (!own.is_empty()).then_some(own)
}

/// The first letters of a text.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
