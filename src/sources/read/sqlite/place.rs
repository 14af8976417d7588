//! Where a database and its side files lie, and whether they changed.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::sources::SourceError;

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

/// What stat says of a database and its journals; equal stamps mean (nearly surely) equal content. The shared memory is not
/// part of it: readers change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    db: Option<FileStamp>,
    wal: Option<FileStamp>,
    journal: Option<FileStamp>,
}

impl Stamp {
    pub(super) fn of(place: &Place) -> Self {
        Self {
            db: FileStamp::of(&place.db),
            wal: FileStamp::of(&place.wal),
            journal: FileStamp::of(&place.journal),
        }
    }
}
