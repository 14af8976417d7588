//! One thread per source: opens it, reads it, and reads again what changed. Its errors and panics stay with it: the data
//! read before stays, its health says what is wrong and what to do, and it is tried again.
//!
//! The thread sleeps until something changes, a state of the source is due, or the sweep is; when nothing happens that is
//! one wake-up in 30 s. It knows neither the store nor the screen: batches go to a callback that may block (then the source
//! waits: back-pressure) and answers whether anybody listens.

mod backoff;
mod life;
mod outcome;
#[cfg(test)]
mod tests;

use std::{io, sync::Arc, thread};

use super::{SourceKind, SourceSettings, watch::Signal};
use crate::model::{Batch, Timestamp};

/// Tells the time; given by the program.
pub type Clock = fn() -> Timestamp;

/// How the threads' names begin; a panic in one of them is caught and becomes health, so whoever reports panics leaves them
/// alone.
pub const THREAD: &str = "source ";

/// What a source's thread needs.
pub struct Job {
    /// Its kind.
    pub kind: &'static dyn SourceKind,
    /// How it is opened.
    pub settings: SourceSettings,
    /// The time.
    pub clock: Clock,
    /// Takes batches in order; blocks while the program is behind; `false` = nobody listens any more.
    pub send: Box<dyn FnMut(Batch) -> bool + Send>,
}

/// A running source. Dropping it asks its thread to end and does not wait.
#[derive(Debug)]
pub struct Actor {
    signal: Arc<Signal>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Actor {
    /// Starts the thread, named [`THREAD`] and the kind.
    pub fn start(job: Job) -> io::Result<Self> {
        let signal = Arc::new(Signal::default());
        let theirs = Arc::clone(&signal);
        let thread = thread::Builder::new()
            .name(format!("{THREAD}{}", job.kind.id()))
            .spawn(move || life::Life::new(job, theirs).run())?;
        Ok(Self { signal, thread: Some(thread) })
    }

    /// Asks for a look at everything now.
    pub fn refresh(&self) {
        self.signal.rescan();
    }

    /// Whether its thread has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(thread::JoinHandle::is_finished)
    }

    /// Ends the thread and waits for it. Whoever takes its batches must go on taking them, or answer `false`, meanwhile.
    pub fn stop(mut self) {
        self.signal.stop();
        if let Some(thread) = self.thread.take() {
            // Panics of the source were caught; one of the callback was printed and ended only this thread.
            let _ = thread.join();
        }
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.signal.stop();
    }
}
