//! Pause: the screen stays as it was at one moment while news wait in a bounded queue.

use std::collections::VecDeque;

use crate::model::{Batch, Delta, Timestamp};

/// Pieces of news that wait at most; more are applied, and the header says so.
const MOST: usize = 100_000;

/// The state of a paused screen.
#[derive(Debug)]
pub(super) struct Pause {
    /// The moment that is shown.
    pub(super) at: Timestamp,
    queue: VecDeque<Batch>,
    waiting: usize,
    weight: usize,
    /// The queue was full once: what is shown is newer than `at`.
    pub(super) overflowed: bool,
}

impl Pause {
    pub(super) fn new(at: Timestamp) -> Self {
        Self { at, queue: VecDeque::new(), waiting: 0, weight: 0, overflowed: false }
    }

    /// Lets a batch wait; returns the oldest ones when there is no more room.
    pub(super) fn hold(&mut self, batch: Batch) -> Vec<Batch> {
        self.weight += batch.deltas.len();
        self.waiting += changes(&batch);
        self.queue.push_back(batch);
        let mut out = Vec::new();
        while self.weight > MOST {
            let Some(oldest) = self.queue.pop_front() else { break };
            self.weight -= oldest.deltas.len();
            self.waiting -= changes(&oldest);
            self.overflowed = true;
            out.push(oldest);
        }
        out
    }

    /// Changes that wait; a source's word about its own health is none.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Everything that waited, in order.
    pub(super) fn release(self) -> impl Iterator<Item = Batch> {
        self.queue.into_iter()
    }
}

fn changes(batch: &Batch) -> usize {
    batch.deltas.iter().filter(|delta| !matches!(delta, Delta::Health(_))).count()
}
