//! The life of a source's thread.

use std::{sync::Arc, time::Duration};

use super::{
    Job,
    backoff::Backoff,
    outcome::{Reading, Voice, Watched, guarded, newborn},
};
use crate::{
    model::{Health, Timestamp},
    sources::{
        Hint, Moment, Source, SourceError, WatchSpec,
        real_paths::RealPaths,
        watch::{Signal, Watch, Woken},
    },
};

/// A state that is due "now" again and again must not spin.
const SHORTEST: Duration = Duration::from_millis(20);
/// A sleep that took this much longer than asked for was a suspend of the machine: events may be lost.
const SUSPEND_MS: i64 = 10_000;

pub(super) struct Life {
    job: Job,
    signal: Arc<Signal>,
    watched: Watched,
    health: Health,
    seq: u64,
    told: u64,
    backoff: Backoff,
    /// When the change that is read next was noticed.
    noticed: Timestamp,
    real_paths: RealPaths,
}

impl Life {
    pub(super) fn new(job: Job, signal: Arc<Signal>) -> Self {
        let health = newborn(job.kind, &job.settings);
        let watched = Watched::new(Watch::new(Arc::clone(&signal)));
        let noticed = Timestamp::default();
        Self {
            job,
            signal,
            watched,
            health,
            seq: 0,
            told: 0,
            backoff: Backoff::default(),
            noticed,
            real_paths: RealPaths::default(),
        }
    }

    /// Lives until the end is asked for or nobody listens.
    pub(super) fn run(mut self) {
        if !self.with_voice(|voice| Ok(voice.tell())).unwrap_or(false) {
            return;
        }
        loop {
            let Err(error) = self.open_and_follow();
            if matches!(error, SourceError::Closed) || !self.rest_after(&error) {
                return;
            }
        }
    }

    /// Opens, tells everything, then what changes; ends with an error that needs a new start.
    fn open_and_follow(&mut self) -> Result<std::convert::Infallible, SourceError> {
        let (kind, settings) = (self.job.kind, self.job.settings.clone());
        let mut source = guarded(|| kind.open(&settings)).inspect_err(|_| self.wait_for_paths())?;
        let signal = Arc::clone(&self.signal);
        guarded(|| {
            source.listen(Box::new(move || signal.rescan()));
            Ok(())
        })?;
        // A snapshot alone does not end the back-off: a source whose every refresh fails would be read anew without rest.
        self.noticed = (self.job.clock)();
        self.read(&mut *source, &Reading::Snapshot)?;
        let mut pending = look_again(self.follow(&*source)?);
        loop {
            pending = match pending {
                Some(hint) => look_again(self.refresh(&mut *source, &hint)?),
                None => self.sleep(&*source)?,
            };
        }
    }

    /// Reads what the hint points to. Answers whether to look at everything next: after an error that passes (the source is
    /// kept, so that not all is read anew), or when new places are watched.
    fn refresh(&mut self, source: &mut dyn Source, hint: &Hint) -> Result<bool, SourceError> {
        let failed = match self.read(source, &Reading::Refresh(hint)) {
            Ok(()) => {
                self.backoff.reset();
                false
            }
            Err(error) if error.is_passing() => {
                if !self.rest_after(&error) {
                    return Err(SourceError::Closed);
                }
                true
            }
            Err(error) => return Err(error),
        };
        Ok(self.follow(source)? || failed)
    }

    /// Sleeps until something happens and answers what may have changed; nothing when it was a false alarm.
    fn sleep(&mut self, source: &dyn Source) -> Result<Option<Hint>, SourceError> {
        let before = (self.job.clock)();
        let wake = guarded(|| Ok(source.next_wake(before)))?;
        let limit = [wake.map(|at| until(at, before).max(SHORTEST)), self.watched.watch.rest(before)];
        let limit = limit.into_iter().flatten().min();
        let woken = self.signal.wait(limit);
        self.noticed = (self.job.clock)();
        if woken == Woken::Touched {
            self.signal.settle();
        }
        if self.signal.is_stopped() {
            return Err(SourceError::Closed);
        }
        let now = (self.job.clock)();
        let mut hint = self.watched.watch.collect(now);
        let due = self.watched.watch.due(now);
        hint.paths.extend(due.paths);
        hint.rescan |= due.rescan || overslept(before, now, limit);
        let wanted = hint.rescan || !hint.paths.is_empty() || wake.is_some_and(|at| at <= now);
        Ok(wanted.then_some(hint))
    }

    fn read(&mut self, source: &mut dyn Source, reading: &Reading<'_>) -> Result<(), SourceError> {
        let clock = self.job.clock;
        let at = Moment { now: clock(), fixed: false };
        self.with_voice(|voice| voice.read(source, reading, &at, &clock))
    }

    /// Calls with everything that telling needs. When the end was asked for, nobody is told any more.
    fn with_voice<T>(
        &mut self,
        call: impl FnOnce(&mut Voice<'_>) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        self.watched.note(&mut self.health);
        let Self { job, signal, watched, health, seq, told, noticed, real_paths, .. } = self;
        let mut send = |batch| !signal.is_stopped() && (job.send)(batch);
        let mut voice = Voice {
            source: job.settings.id,
            seq,
            health,
            told,
            noticed: *noticed,
            real_paths,
            watch: watched,
            send: &mut send,
        };
        guarded(|| call(&mut voice))
    }

    /// Watches what the source wants watched now; whether there are new places.
    fn follow(&mut self, source: &dyn Source) -> Result<bool, SourceError> {
        let now = (self.job.clock)();
        guarded(|| Ok(self.watched.follow(source, now)))
    }

    /// It could not be opened: perhaps its places are not there yet.
    fn wait_for_paths(&mut self) {
        let specs: Vec<WatchSpec> = self
            .job
            .settings
            .paths
            .iter()
            .map(|path| WatchSpec { path: path.clone(), recursive: false })
            .collect();
        self.watched.watch.follow(&specs, (self.job.clock)());
    }

    /// Tells the error and rests, until something changes at the latest; a source that panicked rests in any case. Whether
    /// to go on.
    fn rest_after(&mut self, error: &SourceError) -> bool {
        if matches!(self.with_voice(|voice| Ok(voice.fail(error))), Ok(false) | Err(_)) {
            return false;
        }
        let start = (self.job.clock)();
        let rest = self.backoff.next();
        loop {
            let slept = u64::try_from((self.job.clock)().0 - start.0).unwrap_or(0);
            let Some(left) = rest.checked_sub(Duration::from_millis(slept)) else { return true };
            match self.signal.wait(Some(left)) {
                Woken::Stopped => return false,
                Woken::Time => return true,
                Woken::Touched => {
                    self.signal.settle();
                    let hint = self.watched.watch.collect((self.job.clock)());
                    let news = hint.rescan || !hint.paths.is_empty();
                    if news && !matches!(error, SourceError::Panicked(_)) {
                        return true;
                    }
                }
            }
        }
    }
}

fn look_again(everything: bool) -> Option<Hint> {
    everything.then(|| Hint { paths: Vec::new(), rescan: true })
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(at.0.saturating_sub(now.0)).unwrap_or(0))
}

/// Whether the clock went on much longer than the sleep was meant to last.
fn overslept(before: Timestamp, now: Timestamp, limit: Option<Duration>) -> bool {
    let slept = now.0.saturating_sub(before.0);
    limit.is_some_and(|limit| i64::try_from(limit.as_millis()).is_ok_and(|limit| slept > limit + SUSPEND_MS))
}
