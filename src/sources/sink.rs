//! Where a source puts its news: collects deltas into batches and hands them on; waits when the program is behind
//! (sources wait, they never drop).

use crate::model::{Batch, Delta, Health, Mode, SourceId};

/// Deltas a batch at most.
const BATCH: usize = 2000;

/// The ear of the program during one snapshot or refresh.
pub struct Sink<'a> {
    source: SourceId,
    seq: &'a mut u64,
    mode: Mode,
    pending: Vec<Delta>,
    /// Pieces of news that are pending.
    weight: usize,
    send: &'a mut dyn FnMut(Batch) -> bool,
    closed: bool,
    told: u64,
    /// What was read, skipped and repaired: sources count here while reading; it is told with every batch.
    pub health: &'a mut Health,
}

impl<'a> Sink<'a> {
    /// A sink of `source` that counts batches in `seq` and hands them to `send`, which answers whether anybody listens.
    pub fn new(
        source: SourceId,
        seq: &'a mut u64,
        health: &'a mut Health,
        snapshot: bool,
        send: &'a mut dyn FnMut(Batch) -> bool,
    ) -> Self {
        let mode = if snapshot { Mode::Snapshot } else { Mode::Append };
        let mut sink =
            Self { source, seq, mode, pending: Vec::new(), weight: 0, send, closed: false, told: 0, health };
        if snapshot {
            sink.emit(Mode::SnapshotBegin);
        }
        sink
    }

    /// The source's number, for keys.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// One piece of news.
    pub fn push(&mut self, delta: Delta) {
        let count = delta.count();
        self.pending.push(delta);
        self.told += count as u64;
        self.weight += count;
        if self.weight >= BATCH {
            self.flush();
        }
    }

    /// Several pieces of news that are one: nobody sees a part of them.
    pub fn push_together(&mut self, deltas: Vec<Delta>) {
        self.told += deltas.iter().map(|delta| delta.count() as u64).sum::<u64>();
        self.pending.extend(deltas);
        self.flush();
    }

    /// Hands on what was collected (with the present health), for example to show progress in a long read.
    pub fn flush(&mut self) {
        self.emit(self.mode);
    }

    /// Pieces of news pushed until now.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// Ends a successful read: hands on the rest and closes a snapshot.
    pub fn finish(mut self) {
        let mode = if self.mode == Mode::Snapshot { Mode::SnapshotEnd } else { Mode::Append };
        self.emit(mode);
    }

    /// Nobody listens any more: give up with [`SourceError::Closed`](super::SourceError::Closed).
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn emit(&mut self, mode: Mode) {
        let mut deltas = std::mem::take(&mut self.pending);
        self.weight = 0;
        deltas.push(Delta::Health(Box::new(self.health.clone())));
        *self.seq += 1;
        if !self.closed && !(self.send)(Batch { source: self.source, seq: *self.seq, mode, deltas }) {
            self.closed = true;
        }
    }
}
