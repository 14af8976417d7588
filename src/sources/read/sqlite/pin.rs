//! Keeps a living WAL from going away while it is joined.
//!
//! SQLite opens a `-wal` with `O_CREAT` even read-only. If the last writer closes between our look and that open, an empty
//! `-wal` of ours is left behind (measured: once in 3,000 closes), and a writer of another user cannot write any more. The
//! last writer removes the log only under an exclusive lock of the database, so a shared lock, which SQLite's own reader
//! would take a moment later anyway, keeps it in place.

use std::{fs::File, path::Path};

use rustix::fs::{FlockOperation, fcntl_lock};

use super::failure::Failure;
use crate::sources::SourceError;

/// A shared lock of the database file. Must outlive the connection: closing it drops all locks this process has on the
/// file.
#[derive(Debug)]
pub(super) struct Pin {
    _file: File,
}

impl Pin {
    /// Takes the lock without waiting.
    pub(super) fn hold(db: &Path) -> Result<Self, Failure> {
        let file = File::open(db).map_err(|error| SourceError::io(db, error))?;
        fcntl_lock(&file, FlockOperation::NonBlockingLockShared)
            .map_err(|_| Failure::busy(db, "the database is locked by its writer"))?;
        Ok(Self { _file: file })
    }
}
