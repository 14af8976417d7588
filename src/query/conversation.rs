//! Questions about a conversation that page, headless answer and export have in common: what it cost until where, what is
//! found in it, and the whole of it as Markdown.

mod costs;
mod markdown;
mod search;

pub use costs::{Costs, Standing};
pub use markdown::{Head, entry_markdown, markdown};
pub(super) use markdown::{code_span, fence};
pub use search::{Needle, hunk_text};

use crate::model::{Conversation, Entry, EntryKind, Millis};

/// Figures of a whole conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Prompts.
    pub prompts: usize,
    /// Answers in words.
    pub answers: usize,
    /// Calls.
    pub calls: usize,
    /// What went wrong: calls that failed or were not allowed, errors, interruptions.
    pub errors: usize,
    /// Calls that changed files.
    pub edits: usize,
    /// Calls that were not answered yet.
    pub running: usize,
}

/// Counts what is in a conversation.
pub fn counts(told: &Conversation) -> Counts {
    let mut counts = Counts::default();
    for (_, entry) in told.iter() {
        counts.prompts += usize::from(entry.kind == EntryKind::Prompt);
        counts.answers += usize::from(entry.kind == EntryKind::Answer);
        counts.errors += usize::from(entry.is_trouble());
        counts.edits += usize::from(entry.is_edit());
        if let Some(call) = &entry.call {
            counts.calls += 1;
            counts.running += usize::from(call.result.is_none());
        }
    }
    counts
}

/// How long a call took: as recorded, else from call to answer.
pub fn took(entry: &Entry) -> Option<Millis> {
    let result = entry.call.as_ref()?.result.as_ref()?;
    let between = || Some(result.at?.since(entry.at?)).filter(|span| span.0 >= 0);
    result.duration.or_else(between)
}

#[cfg(test)]
mod tests;
