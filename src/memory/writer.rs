//! The thread that writes: takes records in portions and writes each portion in one transaction.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::file::File;
use crate::sources::memory::Record;

/// Bytes that may wait; whoever brings more waits, or keeps them.
const MOST: usize = 16 * 1024 * 1024;
/// How often who waits looks again.
const LOOK: Duration = Duration::from_millis(2);
/// Looks for the end of the thread before it is left to itself: a second in all.
const LAST_LOOKS: usize = 500;

enum Order {
    Keep(&'static str, Vec<Record>, usize),
    /// Answers when everything before it is done.
    Tell(Sender<()>),
    /// Nothing comes after it.
    End,
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct Writer {
    orders: Sender<Order>,
    /// Bytes that wait.
    waiting: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread. It ends, and lets go of the file, when the writer is dropped and everything is written.
    pub(super) fn start(file: Arc<Mutex<File>>) -> io::Result<Self> {
        let (orders, inbox) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&waiting);
        let thread = thread::Builder::new().name("ledger".to_owned()).spawn(move || {
            while let Ok(order) = inbox.recv() {
                match order {
                    Order::Keep(kind, records, bytes) => {
                        file.lock().unwrap_or_else(PoisonError::into_inner).put(kind, &records);
                        theirs.fetch_sub(bytes, Ordering::Relaxed);
                    }
                    Order::Tell(done) => drop(done.send(())),
                    Order::End => break,
                }
            }
        })?;
        Ok(Self { orders, waiting, thread })
    }

    pub(super) fn keep(&self, kind: &'static str, records: Vec<Record>, patient: bool) -> bool {
        let size = |record: &Record| record.state.len() + record.usage.len() + record.sums.len() + 100;
        let bytes: usize = records.iter().map(size).sum();
        while self.waiting.load(Ordering::Relaxed) > MOST {
            if !patient {
                return false;
            }
            thread::sleep(LOOK);
        }
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        // Without the thread there is no memory; nobody is to keep for ever what it will not take.
        let _ = self.orders.send(Order::Keep(kind, records, bytes));
        true
    }

    /// Waits until everything given before is written; whether it is.
    pub(super) fn settle(&self, patience: Duration) -> bool {
        let (done, told) = mpsc::channel();
        if self.orders.send(Order::Tell(done)).is_err() {
            return true;
        }
        !matches!(told.recv_timeout(patience), Err(RecvTimeoutError::Timeout))
    }
}

impl Drop for Writer {
    /// A connection that closes later would take away the log of whatever lies at its path by then.
    fn drop(&mut self) {
        // Without the thread there is nothing to end.
        let _ = self.orders.send(Order::End);
        for _ in 0..LAST_LOOKS {
            if self.thread.is_finished() {
                return;
            }
            thread::sleep(LOOK);
        }
    }
}
