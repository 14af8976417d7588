//! How to open without disturbing: decided per read from the header and the side files.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::Read,
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, OpenOptionsExt},
    },
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use rustix::fs::{Access, OFlags};

use super::{Opened, budget::Budget, failure, failure::Failure, place::Place};
use crate::sources::{SourceError, filesystem::FileSystem};

/// The ways to read a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// WAL with a writer's shared memory: join it without writing to it.
    Live,
    /// Rollback journal: a shared lock for one statement.
    Rollback,
    /// Cleanly closed WAL: nobody has it open and opening it normally would create files. No locks; the result counts only
    /// if nothing changed meanwhile.
    Immutable,
    /// Reading in place could create or change files: read a private copy, because of this.
    Copy(&'static str),
}

impl Way {
    /// Looks at the files. No connection to the database may be open in this process (see [`super`]).
    pub(super) fn choose(place: &Place) -> Result<Self, SourceError> {
        let wal_mode = header_is_wal(&place.db)?;
        if let FileSystem::Remote(_) = FileSystem::of(&place.db) {
            return Ok(Self::Copy("it lies on a network file system, where locks cannot be trusted"));
        }
        let size = |path: &Path| fs::metadata(path).ok().map(|meta| meta.size());
        match (size(&place.wal), place.shm.exists()) {
            (Some(_), true) => {
                must_read(&place.wal)?;
                Ok(if can_read(&place.shm) {
                    Self::Live
                } else {
                    Self::Copy("its -shm file cannot be read by this user")
                })
            }
            (Some(1..), false) => Ok(Self::Copy(
                "its -shm file is missing (its writer stopped hard, or keeps the database to itself)",
            )),
            // An empty WAL holds nothing; a normal open would create the shared memory beside it.
            (Some(0), false) | (None, _) if wal_mode || size(&place.wal).is_some() => {
                Ok(if size(&place.journal).is_some_and(|bytes| bytes > 0) {
                    Self::Copy("it has both modes' side files")
                } else {
                    Self::Immutable
                })
            }
            _ => Ok(Self::Rollback),
        }
    }
}

/// Whether the header says WAL (file format versions at bytes 18 and 19). Opening an empty database is avoided because
/// SQLite then deletes a `-wal` beside it, even read-only.
fn header_is_wal(db: &Path) -> Result<bool, SourceError> {
    let unsupported = |reason: &str| SourceError::Unsupported { path: db.into(), reason: reason.into() };
    let io = |error| SourceError::io(db, error);
    // A FIFO must not block us.
    let file =
        OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(db).map_err(io)?;
    let meta = file.metadata().map_err(io)?;
    if !meta.is_file() {
        return Err(unsupported("it is not a regular file"));
    }
    if meta.len() == 0 {
        return Err(unsupported("it is empty (0 bytes): nothing was written to it yet"));
    }
    let mut header = [0; 20];
    let mut limited: std::io::Take<&File> = (&file).take(20);
    match limited.read_exact(&mut header) {
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => return Err(io(error)),
        Ok(()) if header.starts_with(b"SQLite format 3\0") => {}
        _ => return Err(unsupported("it is not an SQLite database (or it is encrypted)")),
    }
    let [.., write_version, read_version] = header;
    Ok(write_version == 2 || read_version == 2)
}

fn can_read(path: &Path) -> bool {
    rustix::fs::access(path, Access::READ_OK).is_ok()
}

fn must_read(path: &Path) -> Result<(), SourceError> {
    rustix::fs::access(path, Access::READ_OK).map_err(|error| SourceError::io(path, error.into()))
}

/// Joins writers. `readonly_shm` keeps SQLite from creating or changing the shared memory; it is harmless in rollback mode
/// and guards against a switch to WAL between our look and our open.
pub(super) fn live(place: &Place, budget: Budget) -> Result<Opened<'_>, Failure> {
    uri(&place.db, "mode=ro&readonly_shm=1", budget)
}

/// Takes no locks and looks at no side files.
pub(super) fn immutable(place: &Place) -> Result<Opened<'_>, Failure> {
    uri(&place.db, "mode=ro&immutable=1", Budget::UNLOCKED)
}

fn uri<'a>(db: &'a Path, query: &str, budget: Budget) -> Result<Opened<'a>, Failure> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    connect(&format!("file:{}?{query}", encoded(db)), db, flags, budget)
}

/// Opens our own private copy for writing, so that SQLite can recover it.
pub(super) fn own(db: &Path) -> Result<Opened<'_>, Failure> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    connect(&format!("file:{}", encoded(db)), db, flags, Budget::UNLOCKED)
}

fn connect<'a>(uri: &str, path: &'a Path, flags: OpenFlags, budget: Budget) -> Result<Opened<'a>, Failure> {
    let open = || {
        let mut conn = Connection::open_with_flags(uri, flags)?;
        // rusqlite waits 5 s by default; we retry ourselves, so that waiting holds nothing.
        conn.busy_timeout(Duration::ZERO)?;
        // The schema is foreign: its views and triggers may not call functions with side effects.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        budget.bound(&mut conn)?;
        Ok(conn)
    };
    open().map(|conn| Opened { conn, path }).map_err(|error| failure::classify(path, &error))
}

/// The path for an SQLite URI: everything but unreserved characters and slashes as `%XX`.
fn encoded(path: &Path) -> String {
    let mut out = String::new();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            out.push(byte as char);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
