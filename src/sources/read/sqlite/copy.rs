//! A private copy of a database and its journals, for when reading in place could change something.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    hash::{BuildHasher, Hasher, RandomState},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::place::Place;
use crate::sources::SourceError;

/// Largest database (with its journals) that is copied.
const MAX_BYTES: u64 = 256 << 20;

/// The copy; removed when dropped.
#[derive(Debug)]
pub(super) struct PrivateCopy {
    directory: PathBuf,
    db: PathBuf,
}

impl PrivateCopy {
    /// Copies; the caller checks that nothing changed meanwhile and holds the database's gate.
    pub(super) fn of(place: &Place) -> Result<Self, SourceError> {
        let parts =
            [(&place.db, "copy.db"), (&place.wal, "copy.db-wal"), (&place.journal, "copy.db-journal")];
        let bytes: u64 =
            parts.iter().filter_map(|(path, _)| fs::metadata(path).ok()).map(|meta| meta.len()).sum();
        if bytes > MAX_BYTES {
            return Err(SourceError::Database {
                path: place.db.clone(),
                reason: format!(
                    "it can be read only through a copy, and {} MB are too much to copy",
                    bytes >> 20
                ),
                passing: false,
            });
        }
        let directory = private_directory(&place.db)?;
        let copy = Self { db: directory.join("copy.db"), directory };
        for (from, name) in parts {
            match copy_file(from, &copy.directory.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && *from != place.db => {}
                result => result.map_err(|error| SourceError::io(from, error))?,
            }
        }
        Ok(copy)
    }

    pub(super) fn db(&self) -> &Path {
        &self.db
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        // Nobody can be told here; what stays behind is in the temporary directory and readable only by us.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut reader = File::open(from)?;
    let mut writer = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut reader, &mut writer).map(|_| ())
}

/// A new directory only we can enter, not in or below the directory of `db`.
fn private_directory(db: &Path) -> Result<PathBuf, SourceError> {
    let foreign = db.parent().unwrap_or(db);
    let bases = [std::env::temp_dir(), PathBuf::from("/var/tmp"), PathBuf::from("/dev/shm")];
    let mut last = io::Error::other("no temporary directory outside the database's own directory");
    for base in bases {
        let Ok(base) = fs::canonicalize(base) else { continue };
        if base.starts_with(foreign) {
            continue;
        }
        let random = RandomState::new().build_hasher().finish();
        let directory = base.join(format!("orchdash-{}-{random:016x}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) => last = error,
        }
    }
    Err(SourceError::Database {
        path: db.into(),
        reason: format!("it can be read only through a copy, and none can be made: {last}"),
        passing: true,
    })
}
