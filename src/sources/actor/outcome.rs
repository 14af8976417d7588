//! What became of one call of a watched source, put into its health.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::sources::{
    Hint, Moment, Sink, Source, SourceError, SourceKind, SourceSettings,
    once::{panic_text, place},
    real_paths::RealPaths,
    watch::Watch,
};
use crate::{
    model::{Batch, Delta, Health, HealthState, Mode, SourceId, Timestamp},
    text::Safe,
};

/// Calls into a source; a panic there is an error of that source and of nothing else.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, SourceError>) -> Result<T, SourceError> {
    // What the call touched is dropped (the source) or complete in itself (health, sequence number).
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|panic| Err(SourceError::Panicked(panic_text(panic.as_ref()))))
}

/// How a source is told of, apart from what it reads.
pub(super) struct Voice<'a> {
    pub(super) source: SourceId,
    pub(super) seq: &'a mut u64,
    pub(super) health: &'a mut Health,
    /// Pieces of news told since the source was started, to know whether it holds anything.
    pub(super) told: &'a mut u64,
    /// When the change that is read was noticed.
    pub(super) noticed: Timestamp,
    pub(super) real_paths: &'a mut RealPaths,
    pub(super) watch: &'a mut Watched,
    pub(super) send: &'a mut dyn FnMut(Batch) -> bool,
}

/// What is watched, as it was told last.
pub(super) struct Watched {
    pub(super) watch: Watch,
    told: (usize, usize, usize),
}

impl Watched {
    pub(super) fn new(watch: Watch) -> Self {
        Self { watch, told: (0, 0, 0) }
    }

    /// Watches what the source wants watched now; whether there are new places.
    pub(super) fn follow(&mut self, source: &dyn Source, now: Timestamp) -> bool {
        self.watch.follow(&source.watches(), now)
    }

    pub(super) fn note(&mut self, health: &mut Health) {
        (health.watch, health.watch_note) = self.watch.mode();
        let size = self.watch.size();
        if self.told != size {
            self.told = size;
            health.watched = self.watch.places();
        }
    }
}

/// What is read.
pub(super) enum Reading<'a> {
    Snapshot,
    Refresh(&'a Hint),
}

impl Voice<'_> {
    /// Reads and hands on; health says how it went. `clock` tells the time after reading, for the lag.
    pub(super) fn read(
        &mut self,
        source: &mut dyn Source,
        reading: &Reading<'_>,
        at: &Moment,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<(), SourceError> {
        let mut heard = true;
        let (send, real_paths) = (&mut self.send, &mut self.real_paths);
        let mut deliver = |mut batch: Batch| {
            real_paths.add_to(&mut batch);
            heard = send(batch);
            heard
        };
        let Health { error, remedy, .. } = &mut *self.health;
        (*error, *remedy) = (None, None);
        let snapshot = matches!(reading, Reading::Snapshot);
        let first = snapshot && self.health.last_good.is_none();
        self.health.state = if first { HealthState::CatchingUp } else { HealthState::Live };
        if snapshot {
            forget_counts(self.health);
        }
        let mut sink = Sink::new(self.source, self.seq, self.health, snapshot, &mut deliver);
        let outcome = match reading {
            Reading::Snapshot => {
                if first && *self.told == 0 {
                    source.preview(&mut sink);
                }
                // Watched before it is read, so that nothing is written unseen in between.
                self.watch.follow(source, at.now);
                self.watch.note(sink.health);
                source.snapshot(at, &mut sink)
            }
            Reading::Refresh(hint) => source.refresh(at, hint, &mut sink),
        };
        *self.told += sink.told();
        if let Err(error) = outcome {
            // The source believes that what it told before the error was heard: it will not say it again.
            sink.flush();
            return Err(error);
        }
        let news = sink.told() > 0;
        let health = &mut *sink.health;
        // A source that calls itself stale or failed in part knows better.
        if !matches!(health.state, HealthState::Stale | HealthState::Failed) {
            health.state = if *self.told == 0 { HealthState::Empty } else { HealthState::Live };
        }
        health.progress = None;
        if !matches!(health.state, HealthState::Stale | HealthState::Failed) {
            health.last_good = Some(at.now);
        }
        if !snapshot {
            health.refreshes += 1;
            if news {
                health.last_change = Some(at.now);
                health.lag_ms = u64::try_from(clock().0.saturating_sub(self.noticed.0)).ok();
            }
        }
        sink.finish();
        if heard { Ok(()) } else { Err(SourceError::Closed) }
    }

    /// Tells an error: what was read before stays and is called stale.
    pub(super) fn fail(&mut self, error: &SourceError) -> bool {
        self.health.state =
            if self.health.last_good.is_some() { HealthState::Stale } else { HealthState::Failed };
        self.health.error = Some(Safe::line(&error.to_string()));
        self.health.remedy = Some(Safe::line(error.remedy()));
        self.health.progress = None;
        self.tell()
    }

    /// Tells the health alone; whether anybody listens.
    pub(super) fn tell(&mut self) -> bool {
        *self.seq += 1;
        let deltas = vec![Delta::Health(Box::new(self.health.clone()))];
        (self.send)(Batch { source: self.source, seq: *self.seq, mode: Mode::Append, deltas })
    }
}

/// A snapshot tells everything anew, so it also counts anew what it read and could not use.
fn forget_counts(health: &mut Health) {
    *health = Health {
        files: 0,
        bytes_read: 0,
        lines_read: 0,
        rows_read: 0,
        skipped: 0,
        repaired: 0,
        ..std::mem::take(health)
    };
}

/// Health before anything was read.
pub(super) fn newborn(kind: &dyn SourceKind, settings: &SourceSettings) -> Health {
    Health { kind: kind.id(), path: place(settings), ..Health::default() }
}
