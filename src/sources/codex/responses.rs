//! The counted responses of one file: each record once, else differences of running totals, never both.

use std::{
    collections::HashSet,
    hash::{Hash, Hasher},
};

use foldhash::fast::FixedState;

use super::usage::Figures;
use crate::model::{Timestamp, Tokens, UsageKey};

/// One response, as far as the file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub key: UsageKey,
    pub at: Option<Timestamp>,
    /// The model in force, by its place in the file's list; none = not known.
    pub model: Option<u32>,
    /// The prompt it serves, from 1; 0 = none.
    pub turn: u32,
    pub tokens: Tokens,
    /// Of its output: what the person does not see.
    reasoning: u64,
    /// Its key is that of the response itself, so a copy of it in another thread has the same.
    pub is_shared: bool,
}

/// Where a response stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stand {
    pub at: Option<Timestamp>,
    pub model: Option<u32>,
    pub turn: u32,
    pub offset: u64,
    /// It is, or may be, a copy of another thread's: it only tells where the totals begin.
    pub is_copy: bool,
}

/// The responses of a file.
#[derive(Debug, Default)]
pub(super) struct Responses {
    list: Vec<Response>,
    /// Running totals behind the responses that were found by differences.
    totals: Vec<Figures>,
    previous: Option<Figures>,
    restarts: u32,
    seen: HashSet<u64>,
    has_records: bool,
    /// Of the output of all.
    pub reasoning: u64,
    /// Totals without a word about kinds: they cannot be told.
    pub unsplit: u64,
    /// Responses that were told may be gone.
    pub is_revised: bool,
}

/// A hash that is the same in every run.
pub(super) fn hash(kind: u8, what: impl Hash) -> u64 {
    let mut hasher = std::hash::BuildHasher::build_hasher(&FixedState::with_seed(17));
    kind.hash(&mut hasher);
    what.hash(&mut hasher);
    hasher.finish()
}

impl Responses {
    /// All of them, in order.
    pub(super) fn list(&self) -> &[Response] {
        &self.list
    }

    /// A `token_usage_record`: `usage` of the response, `thread` of the thread with it.
    pub(super) fn record(
        &mut self,
        id: &str,
        usage: Figures,
        thread: Option<Figures>,
        thread_id: &str,
        stand: Stand,
    ) {
        if !self.has_records && !stand.is_copy {
            self.has_records = true;
            self.drop_repeats(usage, thread);
        }
        let key = if id.is_empty() { hash(b'o', (thread_id, stand.offset)) } else { hash(b'r', id) };
        if !stand.is_copy && self.seen.insert(key) {
            self.push(key, usage, stand, !id.is_empty());
        }
    }

    /// What was counted by totals before the first record, and is in the records, too, goes away. What the thread had used
    /// before it, when an older version kept no records, stays.
    fn drop_repeats(&mut self, usage: Figures, thread: Option<Figures>) {
        let before = thread.map(|thread| thread.since(usage));
        while let Some(total) = self.totals.pop() {
            if before.is_some_and(|before| !total.exceeds(before)) {
                break;
            }
            let gone = self.list.pop().map_or(0, |response| response.reasoning);
            self.reasoning = self.reasoning.saturating_sub(gone);
            self.is_revised = true;
        }
        self.totals = Vec::new();
    }

    /// The total of a `token_count`.
    pub(super) fn total(&mut self, total: Figures, thread_id: &str, stand: Stand) {
        let previous = self.previous.replace(total);
        if self.has_records || stand.is_copy || previous == Some(total) {
            return;
        }
        let base = previous.unwrap_or_default();
        let has_restarted = base.exceeds(total);
        self.restarts += u32::from(has_restarted);
        let step = if has_restarted { total } else { total.since(base) };
        if step.tokens().total() == 0 {
            self.unsplit += u64::from(step.total > 0);
            return;
        }
        let key = hash(b't', (thread_id, self.restarts, total));
        self.push(key, step, stand, false);
        self.totals.push(total);
    }

    /// A `token_count` without a total.
    pub(super) fn last(&mut self, usage: Figures, thread_id: &str, stand: Stand) {
        if self.has_records || stand.is_copy || usage.tokens().total() == 0 {
            return;
        }
        let key = hash(b'l', (thread_id, stand.offset));
        self.push(key, usage, stand, false);
        self.totals.push(self.previous.unwrap_or_default());
    }

    /// The figures before, for a total that leaves some out.
    pub(super) fn previous(&self) -> Figures {
        self.previous.unwrap_or_default()
    }

    fn push(&mut self, key: u64, usage: Figures, stand: Stand, is_shared: bool) {
        self.reasoning = self.reasoning.saturating_add(usage.reasoning);
        self.list.push(Response {
            key: UsageKey(key),
            at: stand.at,
            model: stand.model,
            turn: stand.turn,
            tokens: usage.tokens(),
            reasoning: usage.reasoning,
            is_shared,
        });
    }
}
