//! Marks and tones of what stands in a conversation; always beside its word.

use super::{Glyphs, Tone};
use crate::model::{CallOutcome, EntryKind, Notice};

impl Glyphs {
    /// The mark and tone of a kind of entry; none for calls, whose outcome has one.
    pub fn entry(&self, kind: EntryKind) -> (&'static str, Tone) {
        let (unicode, ascii, tone) = match kind {
            EntryKind::Prompt => ("❯", ">", Tone::Accent),
            EntryKind::QueuedPrompt => ("○", "o", Tone::Queued),
            EntryKind::Answer => ("●", "*", Tone::Info),
            EntryKind::Thinking => ("∴", "~", Tone::Muted),
            EntryKind::Summary => ("≡", "=", Tone::Warning),
            EntryKind::Call => ("", "", Tone::Muted),
            EntryKind::Notice(Notice::Error) => ("✗", "x", Tone::Failed),
            EntryKind::Notice(Notice::Interruption | Notice::Compaction) => ("◆", "#", Tone::Warning),
            EntryKind::Notice(Notice::Model | Notice::Session) => ("◆", "#", Tone::Info),
            EntryKind::Notice(Notice::TurnEnd) => ("◆", "#", Tone::Faint),
            EntryKind::Notice(_) => ("◆", "#", Tone::Muted),
        };
        (if self.ascii { ascii } else { unicode }, tone)
    }

    /// Mark, word and tone of the outcome of a call. One of an agent that is `over` runs no more: nobody answered it.
    pub fn outcome(&self, outcome: CallOutcome, over: bool) -> (String, Tone) {
        if over && outcome == CallOutcome::Running {
            let mark = if self.ascii { "o" } else { "○" };
            return (format!("{mark} no answer"), Tone::Muted);
        }
        let (mark, tone) = self.outcome_mark(outcome);
        (format!("{mark} {}", outcome.word()), tone)
    }

    fn outcome_mark(&self, outcome: CallOutcome) -> (&'static str, Tone) {
        let (unicode, ascii, tone) = match outcome {
            CallOutcome::Running => ("●", "*", Tone::Running),
            CallOutcome::Ok => ("✓", "+", Tone::Succeeded),
            CallOutcome::Failed => ("✗", "x", Tone::Failed),
            CallOutcome::Denied => ("⊘", "/", Tone::Blocked),
            CallOutcome::Rejected => ("⊗", "X", Tone::Warning),
            CallOutcome::Interrupted => ("◼", "#", Tone::Warning),
            CallOutcome::Background => ("◌", "&", Tone::Info),
            CallOutcome::Spilled => ("↓", "v", Tone::Succeeded),
        };
        (if self.ascii { ascii } else { unicode }, tone)
    }
}
