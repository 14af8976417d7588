//! The own ledger: what orchdash remembers of the files it read, in one SQLite file of its own in the state directory. A
//! warm start takes from it what a file said instead of reading the file again, and what a file used stays in the totals
//! after its owner deleted it.
//!
//! It is a cache of the sources and the memory of what they deleted, never the truth. What is not exactly as it was written
//! is not used: a file that is no database or of another program, of a newer form or damaged is moved aside and begun anew;
//! a row with a wrong checksum is dropped. A directory that is not the person's own, or in which others may write, is not
//! used at all.
//!
//! Rows are pure functions of a file at a place in it, so two running programs may write the same row: the last one wins and
//! both were right. One thread writes, a few rows a transaction; nobody waits for it.

mod file;
mod place;
mod rows;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    model::Millis,
    sources::memory::{Memory, Record},
};

pub use place::Refusal;
use writer::Writer;

/// Name of the database in the state directory.
pub const FILE: &str = "ledger.db";
/// Usage of files that are gone is kept response by response for so many days, unless the person wants otherwise.
pub const DETAIL_DAYS: u32 = 90;

/// The ledger as sources see it.
#[derive(Debug)]
pub struct Ledger {
    file: Arc<Mutex<file::File>>,
    writer: Writer,
    detail: Millis,
}

/// How the ledger is, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Where it lies.
    pub path: PathBuf,
    /// Bytes it takes, its log included.
    pub bytes: u64,
    /// Files that are there and remembered.
    pub files: u64,
    /// Files that were deleted and whose usage is remembered.
    pub gone: u64,
    /// What was not as it should be, as sentences.
    pub remarks: Vec<String>,
}

impl Ledger {
    /// Opens the ledger in a state directory, which is made if it is not there. Costs a few system calls and the first page.
    ///
    /// # Errors
    /// Why nothing is remembered: the directory is not the person's own, or the system refuses.
    pub fn open(dir: &Path, detail_days: u32) -> Result<Arc<Self>, Refusal> {
        let file = Arc::new(Mutex::new(file::File::open(dir)?));
        let writer = Writer::start(Arc::clone(&file)).map_err(Refusal::Io)?;
        Ok(Arc::new(Self { file, writer, detail: Millis::days(i64::from(detail_days)) }))
    }

    /// Waits until everything that was given is written, but not longer than this; whether it is.
    pub fn settle(&self, patience: Duration) -> bool {
        self.writer.settle(patience)
    }

    /// As [`Ledger::settle`], at the end of a run: what is written moves from the log into the file.
    pub fn finish(&self, patience: Duration) {
        if self.settle(patience) {
            self.file.lock().unwrap_or_else(PoisonError::into_inner).finish();
        }
    }

    /// What was not as it should be so far, as sentences. Costs nothing; [`Ledger::status`] looks at every row.
    pub fn remarks(&self) -> Vec<String> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).remarks().to_vec()
    }

    /// How it is.
    pub fn status(&self) -> Status {
        self.settle(Duration::from_secs(1));
        self.file.lock().unwrap_or_else(PoisonError::into_inner).status()
    }
}

impl Memory for Ledger {
    fn recall(&self, kind: &str) -> Vec<Record> {
        // Started anew in the middle of a run, a source must see what it gave before.
        self.settle(Duration::from_secs(2));
        self.file.lock().unwrap_or_else(PoisonError::into_inner).recall(kind)
    }

    fn recall_sums(&self, kind: &str) -> Vec<(PathBuf, Vec<u8>)> {
        self.settle(Duration::from_secs(2));
        self.file.lock().unwrap_or_else(PoisonError::into_inner).recall_sums(kind)
    }

    fn keep(&self, kind: &'static str, records: Vec<Record>, patient: bool) -> bool {
        self.writer.keep(kind, records, patient)
    }

    fn detail(&self) -> Millis {
        self.detail
    }
}
