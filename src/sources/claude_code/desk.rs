//! Reading files on several threads. Files stand in portions behind each other: while one portion is told, others read the
//! next one.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use super::{
    answers::Candidate,
    file::{File, Polled},
};
use crate::model::{Health, Timestamp};

/// Bytes above which reading is worth a second thread.
const WORTH_A_THREAD: u64 = 1024 * 1024;
/// Answers that may wait to be taken in: five megabytes.
const MOST_WAITING: usize = 50_000;

/// A file to be read.
struct Job {
    portion: usize,
    unread: u64,
    file: Box<File>,
}

/// A file that was read.
pub(super) struct Read {
    pub file: Box<File>,
    pub unread: u64,
    /// It had been read before.
    pub known: bool,
    /// First time in it before this read.
    pub before: Option<Timestamp>,
    pub polled: Polled,
    pub candidates: Vec<Candidate>,
    /// What was counted.
    pub health: Health,
    portion: usize,
}

impl Job {
    fn read(self, buffer: &mut Vec<u8>) -> Read {
        let Self { portion, unread, mut file } = self;
        let (mut health, mut candidates) = (Health::default(), Vec::new());
        let (known, before) = (file.is_known(), file.transcript.first_at);
        let polled = file.poll(buffer, &mut health, &mut candidates);
        Read { file, unread, known, before, polled, candidates, health, portion }
    }
}

#[derive(Default)]
struct Inner {
    /// The next one is the last.
    queue: Vec<Job>,
    read: Vec<Read>,
    /// Answers in `read`.
    waiting: usize,
    /// By portion: files that were not taken in.
    open: Vec<usize>,
    /// The portion that is wanted now; the one behind it is read too.
    present: usize,
    stop: bool,
    panic: Option<Box<dyn Any + Send>>,
}

/// Files to be read and files that were read.
#[derive(Default)]
pub(super) struct Desk {
    inner: Mutex<Inner>,
    bell: Condvar,
    bytes: u64,
}

/// Nothing more is wanted, also when the one who wanted it panics.
struct Closing<'a>(&'a Desk);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.lock().stop = true;
        self.0.bell.notify_all();
    }
}

impl Desk {
    /// Of portions of files, each with the bytes that are to be read of it.
    pub(super) fn new(portions: Vec<Vec<(u64, Box<File>)>>) -> Self {
        let mut inner = Inner { open: portions.iter().map(Vec::len).collect(), ..Inner::default() };
        let mut bytes = 0;
        for (portion, mut files) in portions.into_iter().enumerate().rev() {
            // The largest first: the end of a portion waits for the last file.
            files.sort_by_key(|(unread, _)| *unread);
            bytes += files.iter().map(|(unread, _)| unread).sum::<u64>();
            inner.queue.extend(files.into_iter().map(|(unread, file)| Job { portion, unread, file }));
        }
        Self { inner: Mutex::new(inner), bell: Condvar::new(), bytes }
    }

    /// Does this while others read, if it is worth it.
    pub(super) fn with_help<T>(&self, work: impl FnOnce() -> T) -> T {
        let cores = || thread::available_parallelism().map_or(1, |count| count.get().min(4));
        let threads = if self.bytes < WORTH_A_THREAD { 1 } else { cores() };
        thread::scope(|scope| {
            let _closing = Closing(self);
            for _ in 1..threads {
                // Without it everything is read by the one who wants it.
                let _ = thread::Builder::new().spawn_scoped(scope, || self.help());
            }
            work()
        })
    }

    fn help(&self) {
        let mut buffer = Vec::new();
        while let Some(job) = self.next() {
            let read = catch_unwind(AssertUnwindSafe(|| job.read(&mut buffer)));
            let mut inner = self.lock();
            match read {
                Ok(read) => {
                    inner.waiting += read.candidates.len();
                    inner.read.push(read);
                }
                Err(panic) => (inner.panic, inner.stop) = (Some(panic), true),
            }
            drop(inner);
            self.bell.notify_all();
        }
    }

    /// The next file for one who helps; waits until it may be read.
    fn next(&self) -> Option<Job> {
        let mut inner = self.lock();
        loop {
            if inner.stop {
                return None;
            }
            let portion = inner.queue.last()?.portion;
            if portion <= inner.present + 1 && inner.waiting < MOST_WAITING {
                return inner.queue.pop();
            }
            inner = self.bell.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A file of this portion that was read; none when all of them were taken.
    pub(super) fn take(&self, portion: usize, buffer: &mut Vec<u8>) -> Option<Read> {
        let mut inner = self.lock();
        if inner.present != portion {
            inner.present = portion;
            self.bell.notify_all();
        }
        loop {
            if let Some(panic) = inner.panic.take() {
                drop(inner);
                resume_unwind(panic);
            }
            // What belongs to the next portion waits: what is newest is told first.
            let place = inner.read.iter().rposition(|read| read.portion <= portion);
            let mut read = place.map(|place| inner.read.swap_remove(place));
            inner.waiting -= read.as_ref().map_or(0, |read| read.candidates.len());
            if read.is_none() && inner.queue.last().is_some_and(|job| job.portion <= portion) {
                let job = inner.queue.pop();
                drop(inner);
                read = job.map(|job| job.read(buffer));
                inner = self.lock();
            }
            if let Some(read) = read {
                if let Some(open) = inner.open.get_mut(read.portion) {
                    *open -= 1;
                }
                drop(inner);
                self.bell.notify_all();
                return Some(read);
            }
            if inner.open.get(portion).is_none_or(|open| *open == 0) {
                return None;
            }
            inner = self.bell.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes back what nobody began to read.
    pub(super) fn take_back(&self) -> impl Iterator<Item = Box<File>> {
        let mut inner = self.lock();
        let jobs = std::mem::take(&mut inner.queue);
        for job in &jobs {
            if let Some(open) = inner.open.get_mut(job.portion) {
                *open -= 1;
            }
        }
        jobs.into_iter().map(|job| job.file)
    }

    /// Portions.
    pub(super) fn portions(&self) -> usize {
        self.lock().open.len()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
