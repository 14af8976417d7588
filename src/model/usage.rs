//! What one model response used.

use super::{Key, Timestamp, Tokens, Usd, Workspace};
use crate::text::Safe;

/// Identity of a counted response: a 64-bit hash of what makes it the same response in all files of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UsageKey(pub u64);

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
