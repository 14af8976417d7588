//! What was said and done in one session, message by message: where it lies, its entries, and what a reader tells of them.
//!
//! Read on demand, when somebody opens it; the store knows only where it lies.

mod body;
mod change;
mod entry;
mod told;

pub use body::{Body, MAX_BODY};
pub use change::{ChangeText, FileChange, FileOp, Hunk};
pub use entry::{Call, CallOutcome, CallResult, Entry, EntryKind, Notice, ResponseUsage};
pub use told::{Conversation, MAX_ENTRIES, MAX_KEPT, Row};

use crate::{model::Millis, text::Safe};

/// Where a conversation lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConversationRef {
    /// Kind of the source that reads it (`claude-code`).
    pub source: &'static str,
    /// Files, or the database, in the order in which they are read.
    pub places: Vec<Safe>,
    /// The session or thread.
    pub session: Safe,
    /// The sub-agent in the session; none = the session's own conversation.
    pub agent: Option<Safe>,
    /// How far the clock of its times is ahead of UTC; none = they are instants.
    pub ahead: Option<Millis>,
}

/// News of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum ConversationDelta {
    /// Everything is told again from the beginning: forget what was told.
    Restart,
    /// An entry: at the end, or in the place of the one with the same id.
    Put(Box<Entry>),
    /// A call of an earlier entry was answered.
    Result {
        /// The call's id.
        call: Safe,
        /// What came of it.
        result: Box<CallResult>,
    },
    /// A response was counted after its entries were told; in the place of what was said of the same response before.
    Usage {
        /// The entry that is a part of it.
        entry: Safe,
        /// Its tokens.
        usage: Box<ResponseUsage>,
    },
    /// The entry with this id is not there any more (a queued prompt that was taken back or has become a prompt).
    Gone(Safe),
    /// Records that could not be read, in all until now.
    Skipped(u64),
}

/// A conversation that is open on the screen, and which part of it: the conversation itself or one of a sub-agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TalkId {
    /// Number of the page since the start.
    pub page: u32,
    /// Part: 0 is the conversation itself, then sub-agents in the order in which they were unfolded.
    pub part: u32,
}

/// How far the reading of a conversation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// There is more.
    Going,
    /// Everything there is was told; what is written from now on follows.
    Live,
    /// It cannot be read now, and why; it is tried again.
    Failed(Safe),
}

#[cfg(test)]
mod tests;
