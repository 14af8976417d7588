//! What one model response used.

use super::{Key, Timestamp, Tokens, Usd, Workspace};
use crate::text::Safe;

/// Identity of a counted response: a 64-bit hash of what makes it the same response in all files of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UsageKey(pub u64);

/// Responses that belong to the same agent and workspace: as much as one [`UsageRecord`] each, told at a fraction of the
/// cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsageBlock {
    /// What they stand in place of from now on, at once: sums that were told while the responses were not known yet.
    pub instead_of: Vec<UsageKey>,
    /// The agent they belong to.
    pub agent: Option<Key>,
    /// Where.
    pub workspace: Option<Workspace>,
    /// Models and tasks that responses name by number.
    pub models: Vec<Safe>,
    /// Tasks.
    pub tasks: Vec<Key>,
    /// The session whose transcript its owner deleted: its usage is remembered and marked, and what others say of the
    /// session's usage does not count, as when the transcript was there.
    pub remembered: Option<Safe>,
    /// The responses.
    pub list: Vec<Response>,
}

/// One response of a [`UsageBlock`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Identity within the source.
    pub key: UsageKey,
    /// When.
    pub at: Option<Timestamp>,
    /// Number of its task in the block.
    pub task: Option<u32>,
    /// Number of its model in the block.
    pub model: u32,
    /// Tokens by kind.
    pub tokens: Tokens,
    /// Responses it stands for, as [`UsageRecord::responses`].
    pub responses: u32,
    /// What the source says it cost.
    pub recorded_cost: Option<Usd>,
    /// Answered at the dearer speed.
    pub fast: bool,
}

/// Tokens (and recorded cost) of one response. A second record with the same key **replaces** the first.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageRecord {
    /// Identity within the source.
    pub key: UsageKey,
    /// When; without a time it counts in totals and in no period.
    pub at: Option<Timestamp>,
    /// The agent it belongs to.
    pub agent: Option<Key>,
    /// The task it belongs to.
    pub task: Option<Key>,
    /// Where.
    pub workspace: Option<Workspace>,
    /// Model id; empty = not known.
    pub model: Safe,
    /// Tokens by kind.
    pub tokens: Tokens,
    /// Responses it stands for: 1 for one response, the number of turns (or 0 when not known) for a sum.
    pub responses: u32,
    /// What the source says it cost; `None` = compute it.
    pub recorded_cost: Option<Usd>,
    /// Part of the price that a dearer speed multiplies (`speed: fast`).
    pub fast: bool,
}
