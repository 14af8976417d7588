//! Where a database and its side files lie, and whether they changed.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::sources::{SourceError, read::open};

/// Paths of one database. SQLite names side files after the file that links lead to, so the path is resolved first.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) db: PathBuf,
    pub(super) wal: PathBuf,
    pub(super) shm: PathBuf,
    pub(super) journal: PathBuf,
}

impl Place {
    pub(super) fn find(path: &Path) -> Result<Self, SourceError> {
        let db = fs::canonicalize(path).map_err(|error| SourceError::io(path, error))?;
        let beside = |suffix: &str| {
            let mut name = OsString::from(&db);
            name.push(suffix);
            PathBuf::from(name)
        };
        Ok(Self { wal: beside("-wal"), shm: beside("-shm"), journal: beside("-journal"), db })
    }
}

/// What stat says of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    dev: u64,
    inode: u64,
    size: u64,
    mtime: (i64, i64),
}

impl FileStamp {
    fn of(path: &Path) -> Option<Self> {
        let meta = fs::metadata(path).ok()?;
        Some(Self {
            dev: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            mtime: (meta.mtime(), meta.mtime_nsec()),
        })
    }
}

/// What stat says of a database and its journals, and what its writer counts with every commit; equal stamps mean (nearly
/// surely) equal content. The counter because a log that was restarted and a page that is written again keep their sizes, and
/// a tick of the file system's clock (4 ms) hides a second write: a look in the middle of a commit would be the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    db: Option<FileStamp>,
    wal: Option<FileStamp>,
    journal: Option<FileStamp>,
    commits: Option<[u8; COUNTER]>,
}

/// Bytes of the index header at the beginning of the shared memory (walformat.html 2.1); only what follows it is changed by
/// readers.
const COUNTER: usize = 48;
/// Where the file change counter lies in a database that has no log (fileformat.html 1.3.7), and its bytes.
const CHANGES: (u64, usize) = (24, 4);

impl Stamp {
    /// Of a database to which this process has no connection.
    pub(super) fn of(place: &Place) -> Self {
        Self {
            db: FileStamp::of(&place.db),
            wal: FileStamp::of(&place.wal),
            journal: FileStamp::of(&place.journal),
            commits: commits(place),
        }
    }
}

/// What the writer counts, as it is now; none when it cannot be read.
fn commits(place: &Place) -> Option<[u8; COUNTER]> {
    let mut counter = [0; COUNTER];
    if let Ok(file) = open::regular(&place.shm) {
        open::read_at(&file, &mut counter, 0).ok()?;
    } else {
        let (at, length) = CHANGES;
        open::read_at(&open::regular(&place.db).ok()?, counter.get_mut(..length)?, at).ok()?;
    }
    Some(counter)
}
