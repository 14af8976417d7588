//! Prompts: what a person, a headless start or a schedule asked, and what became of it.

use serde::{Deserialize, Serialize};

use super::{Ending, packed};
use crate::{
    model::Timestamp,
    sources::claude_code::{line::Line, scan},
    text::Safe,
};

/// Bytes of a prompt that are kept.
pub(super) const MOST_PROMPT: usize = 4096;
/// Bytes of a result that are kept.
pub(super) const MOST_RESULT: usize = 2048;

/// Texts in the person's place that the program wrote.
const INJECTED: [&[u8]; 14] = [
    b"<command-name>",
    b"<command-message>",
    b"<local-command-",
    b"<bash-input>",
    b"<bash-stdout>",
    b"<system-reminder>",
    b"<task-notification>",
    b"[SYSTEM NOTIFICATION",
    b"[Request interrupted",
    b"[Image:",
    b"Stop hook feedback:",
    b"Base directory for this skill:",
    b"Another Claude session sent a message",
    b"Caveat:",
];

/// All that [`kind`] can answer, and nothing.
const KINDS: [&str; 4] = ["", "prompt", "headless", "scheduled"];

/// One of [`KINDS`]. By this name, because a reference would make what is read back borrow from what it is read from.
type Word = &'static str;

/// How a prompt ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) enum Outcome {
    /// Not yet.
    #[default]
    Open,
    Done,
    Interrupted,
    Failed,
}

/// One prompt.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Prompt {
    #[serde(deserialize_with = "known_kind")]
    pub kind: Word,
    pub title: Safe,
    #[serde(deserialize_with = "crate::text::safe::lines")]
    pub text: Safe,
    pub at: Option<Timestamp>,
    pub offset: u64,
    /// Hash of its entry's id; 0 = it has none.
    pub entry: u64,
    pub outcome: Outcome,
    pub ended_at: Option<Timestamp>,
    /// The last words, as escaped in the file: decoded when they are told.
    #[serde(with = "packed::bytes")]
    raw_result: Vec<u8>,
    pub error: Option<Safe>,
}

impl Prompt {
    /// The last words of its answer.
    pub(in super::super) fn result(&self) -> Option<Safe> {
        (!self.raw_result.is_empty()).then(|| Safe::text(&scan::text(&self.raw_result, MOST_RESULT)))
    }
}

/// The prompts of a file, in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Prompts {
    list: Vec<Prompt>,
    /// Prompts before this one did not change since they were told.
    pub settled: usize,
}

impl Prompts {
    /// All of them.
    pub(in super::super) fn list(&self) -> &[Prompt] {
        &self.list
    }

    /// Number of the newest prompt, from 1; 0 = none yet.
    pub(in super::super) fn turn(&self) -> u32 {
        self.list.len() as u32
    }

    pub(super) fn ask(
        &mut self,
        kind: &'static str,
        raw: &[u8],
        at: Option<Timestamp>,
        offset: u64,
        entry: u64,
    ) {
        let text = scan::text(raw, MOST_PROMPT);
        let title = Safe::line(&one_line(&text, 200));
        self.list.push(Prompt {
            kind,
            title,
            text: Safe::text(&text),
            at,
            offset,
            entry,
            ..Prompt::default()
        });
    }

    /// The next prompt is about to begin.
    pub(super) fn supersede(&mut self, ending: Ending, at: Option<Timestamp>, result: &[u8]) {
        self.settled = self.settled.min(self.list.len().saturating_sub(1));
        if ending != Ending::Interrupted {
            self.finish(at, result);
        }
    }

    /// The turn is over.
    pub(super) fn finish(&mut self, at: Option<Timestamp>, result: &[u8]) {
        let Some(prompt) = self.list.last_mut().filter(|prompt| prompt.outcome == Outcome::Open) else {
            return;
        };
        prompt.outcome = Outcome::Done;
        prompt.ended_at = at;
        if !result.is_empty() {
            prompt.raw_result = result.into();
        }
    }

    /// The person stopped it; after its end that means nothing.
    pub(super) fn interrupt(&mut self, at: Option<Timestamp>) {
        if let Some(prompt) = self.list.last_mut().filter(|prompt| prompt.outcome == Outcome::Open) {
            prompt.outcome = Outcome::Interrupted;
            prompt.ended_at = at;
        }
    }

    /// An error of the service or a limit ended it.
    pub(super) fn fail(&mut self, at: Option<Timestamp>, error: Safe) {
        if let Some(prompt) = self.list.last_mut() {
            prompt.outcome = Outcome::Failed;
            prompt.ended_at = at;
            prompt.error = Some(error);
        }
    }

    /// Work goes on (a background task woke it, or it was tried again).
    pub(super) fn reopen(&mut self) {
        if let Some(prompt) = self.list.last_mut() {
            prompt.outcome = Outcome::Open;
            prompt.ended_at = None;
            prompt.error = None;
        }
    }
}

/// A kind read back: one of those that [`kind`] tells.
fn known_kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
    let word = std::borrow::Cow::<str>::deserialize(deserializer)?;
    let known = KINDS.into_iter().find(|known| *known == word);
    known.ok_or_else(|| serde::de::Error::custom("no kind of prompt"))
}

/// What sort of prompt a text in the person's place is; `None` when the program put it there.
pub(in super::super) fn kind(line: &Line<'_>, raw: &[u8], entrypoint: Option<&str>) -> Option<&'static str> {
    if line.turn_origin == b"scheduled" {
        return Some("scheduled");
    }
    match line.prompt_source {
        b"typed" | b"queued" => return Some("prompt"),
        b"sdk" => return Some("headless"),
        b"" => {}
        _ => return None,
    }
    let head = raw.trim_ascii_start();
    if line.meta || head.is_empty() || INJECTED.iter().any(|beginning| head.starts_with(beginning)) {
        return None;
    }
    if !matches!(line.origin_kind, b"" | b"human" | b"unclassified") {
        return None;
    }
    let headless = entrypoint.is_some_and(|entrypoint| entrypoint.starts_with("sdk"));
    Some(if headless { "headless" } else { "prompt" })
}

/// The first line of a prompt that says something: a leading block of context in tags is passed over.
fn one_line(text: &str, most: usize) -> String {
    let own = after_context(text.trim()).unwrap_or(text);
    let line = own.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().take(most).collect()
}

fn after_context(text: &str) -> Option<&str> {
    let name = text.strip_prefix('<')?.split([' ', '>', '\n']).next().filter(|name| !name.is_empty())?;
    let (_, rest) = text.split_once(&format!("</{name}>"))?;
    Some(rest.trim()).filter(|rest| !rest.is_empty())
}
