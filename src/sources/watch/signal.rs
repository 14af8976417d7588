//! What happened since the last look, in bounded memory, and the one thing a source's thread sleeps on.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::filter::Filter;

/// Paths that are kept; more mean "look at everything".
pub(super) const MAX_DIRTY: usize = 10_000;
/// A burst has ended when this long nothing was touched.
const QUIET: Duration = Duration::from_millis(40);
/// A burst is handed on after this many quiet times at the latest: a writer that never rests must not starve the screen.
const SLICES: u32 = 4;

/// What events said about a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Touch {
    /// Not only owner, mode or times changed (our own reading as root changes the owner of a `-wal`).
    pub(super) content: bool,
    /// It was removed or renamed away, perhaps for a new one of the same name.
    pub(super) gone: bool,
}

/// Collected news.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) touched: HashMap<PathBuf, Touch>,
    /// Events were lost: trust no watch.
    pub(super) lost: bool,
    /// Somebody asked to look at everything.
    pub(super) rescan: bool,
}

#[derive(Debug, Default)]
struct State {
    taken: Taken,
    filter: Filter,
    events: u64,
    stopped: bool,
}

impl State {
    fn is_dirty(&self) -> bool {
        self.taken.lost || self.taken.rescan || !self.taken.touched.is_empty()
    }
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// The end was asked for.
    Stopped,
    /// Something was touched or a look was asked for.
    Touched,
    /// The time is over.
    Time,
}

/// Where the watcher's callback, the program and the source's thread meet.
#[derive(Debug, Default)]
pub struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete in itself, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn touch(&self, path: &Path, touch: Touch) {
        let mut state = self.lock();
        if !state.filter.concerns(path) {
            return;
        }
        state.events += 1;
        let was_dirty = state.is_dirty();
        let taken = &mut state.taken;
        if let Some(known) = taken.touched.get_mut(path) {
            known.content |= touch.content;
            known.gone |= touch.gone;
        } else if taken.touched.len() >= MAX_DIRTY {
            taken.touched.clear();
            taken.lost = true;
        } else if !taken.lost {
            taken.touched.insert(path.to_path_buf(), touch);
        }
        if !was_dirty {
            self.changed.notify_all();
        }
    }

    /// Events were lost.
    pub(super) fn lose(&self) {
        let mut state = self.lock();
        state.events += 1;
        state.taken.lost = true;
        self.changed.notify_all();
    }

    pub(super) fn set_filter(&self, filter: Filter) {
        self.lock().filter = filter;
    }

    /// Asks the source to look at everything now.
    pub fn rescan(&self) {
        let mut state = self.lock();
        state.events += 1;
        state.taken.rescan = true;
        self.changed.notify_all();
    }

    /// Asks the source's thread to end.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Whether the end was asked for.
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Sleeps until something happens, at most `limit` (`None` = for ever).
    pub fn wait(&self, limit: Option<Duration>) -> Woken {
        let asleep = |state: &mut State| !state.stopped && !state.is_dirty();
        let state = self.lock();
        let state = match limit {
            Some(limit) => {
                self.changed
                    .wait_timeout_while(state, limit, asleep)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
            None => self.changed.wait_while(state, asleep).unwrap_or_else(PoisonError::into_inner),
        };
        match () {
            () if state.stopped => Woken::Stopped,
            () if state.is_dirty() => Woken::Touched,
            () => Woken::Time,
        }
    }

    /// Lets a burst end: returns when nothing was touched for `QUIET`, or `SLICES` times that after the first touch.
    pub fn settle(&self) {
        let mut state = self.lock();
        for _ in 0..SLICES {
            let before = state.events;
            state = self
                .changed
                .wait_timeout_while(state, QUIET, |state| !state.stopped)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            if state.stopped || state.events == before {
                return;
            }
        }
    }

    pub(super) fn take(&self) -> Taken {
        std::mem::take(&mut self.lock().taken)
    }
}
