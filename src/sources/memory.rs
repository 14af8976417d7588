//! What sources remember of files between two runs: handed down with the settings, kept by the shell.
//!
//! A record is a pure function of a file as it was when it was read: whoever writes it last is right. Whatever the memory
//! answers is a help, never the truth: a source compares with what is on disk.

use std::{fmt, path::PathBuf};

use crate::model::Millis;

/// What is kept of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The file.
    pub path: PathBuf,
    /// Its owner deleted it: what it used is remembered.
    pub gone: bool,
    /// Version of the code that made `state`: another one cannot use it.
    pub parser: u64,
    /// How far it was read and what it said, for reading on. Empty = nothing to go on with.
    pub state: Vec<u8>,
    /// What it used; outlives the version that wrote it.
    pub usage: Vec<u8>,
    /// What it used in few sums: what the next run shows first. Answered by [`Memory::recall_sums`] alone.
    pub sums: Vec<u8>,
}

impl Record {
    /// Nothing is left to be remembered: the record goes.
    pub fn is_void(&self) -> bool {
        self.state.is_empty() && self.usage.is_empty()
    }
}

/// Remembers records by kind of source and path.
pub trait Memory: fmt::Debug + Send + Sync {
    /// Everything that is remembered for a kind of source, as it was kept; nothing when it cannot be read.
    fn recall(&self, kind: &str) -> Vec<Record>;

    /// The sums of all records of a kind by their paths; few and small, for the first moment of a run.
    fn recall_sums(&self, kind: &str) -> Vec<(PathBuf, Vec<u8>)>;

    /// Takes records to be kept in the background: all of one call, or none. Answers `false`, and takes none, when it is
    /// behind; `patient` waits instead.
    fn keep(&self, kind: &'static str, records: Vec<Record>, patient: bool) -> bool;

    /// How long usage of files that are gone is kept response by response; then as sums.
    fn detail(&self) -> Millis;
}
