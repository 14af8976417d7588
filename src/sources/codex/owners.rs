//! Whose a response is that stands in several threads: a fork that was not recognised holds its origin's. It is counted
//! once, in the thread that began first.

use std::collections::HashMap;

use crate::{
    model::{Timestamp, UsageKey},
    text::Safe,
};

/// What decides between threads; the least one owns.
pub(super) type Rank = (Option<Timestamp>, Safe);

#[derive(Debug)]
struct Owner {
    rank: Rank,
    /// Another thread has it, too.
    is_contested: bool,
}

/// All owners of responses that name themselves.
#[derive(Debug, Default)]
pub(super) struct Owners(HashMap<UsageKey, Owner, foldhash::fast::RandomState>);

/// What became of a response that a thread gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Released {
    /// It was another thread's.
    Foreign,
    /// Nobody has it now.
    Gone,
    /// Nobody has it now, but another thread could.
    Contested,
}

impl Owners {
    /// Whether the thread owns the response (from now on).
    pub(super) fn claim(&mut self, key: UsageKey, rank: &Rank) -> bool {
        let owner = self.0.entry(key).or_insert_with(|| Owner { rank: rank.clone(), is_contested: false });
        if owner.rank.1 == rank.1 {
            owner.rank.0 = rank.0;
            return true;
        }
        owner.is_contested = true;
        if *rank < owner.rank {
            owner.rank = rank.clone();
            return true;
        }
        false
    }

    /// The thread has it no more.
    pub(super) fn release(&mut self, key: UsageKey, thread: &Safe) -> Released {
        match self.0.get(&key) {
            Some(owner) if owner.rank.1 != *thread => Released::Foreign,
            Some(owner) if owner.is_contested => {
                self.0.remove(&key);
                Released::Contested
            }
            _ => {
                self.0.remove(&key);
                Released::Gone
            }
        }
    }
}
