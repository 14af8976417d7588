//! Which paths matter. Pure: looks at names only.

use std::{
    ffi::OsStr,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use crate::sources::WatchSpec;

/// The places that are watched.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    roots: Vec<WatchSpec>,
}

impl Filter {
    pub(super) fn new(roots: &[WatchSpec]) -> Self {
        Self { roots: roots.to_vec() }
    }

    /// Whether an event of `path` may matter: it is (a journal of) something in a root, or a root, or above one.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        if is_noise(name) && !self.roots.iter().any(|root| root.path == path) {
            return false;
        }
        let path = main_file(path);
        self.roots.iter().any(|root| covers(root, &path)) || self.is_root_or_above(&path)
    }

    /// Whether `path` is a root or a folder above one.
    pub(super) fn is_root_or_above(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| root.path.starts_with(path))
    }

    /// Whether `directory` is strictly inside a root that is watched with everything below it.
    pub(super) fn covers_directory(&self, directory: &Path) -> bool {
        self.roots.iter().any(|root| {
            root.recursive && directory != root.path.as_path() && directory.starts_with(&root.path)
        })
    }
}

/// Whether a path is the root or inside what the root watches.
pub(super) fn covers(root: &WatchSpec, path: &Path) -> bool {
    if root.recursive {
        path.starts_with(&root.path)
    } else {
        path == root.path || path.parent() == Some(root.path.as_path())
    }
}

/// Files that never mean news: SQLite's shared memory (readers change it), editors' swap and backup files, files that are
/// still being written under another name.
pub(super) fn is_noise(name: &OsStr) -> bool {
    let name = name.as_bytes();
    [b"-shm".as_slice(), b".swp", b".swx", b"~", b".tmp"].iter().any(|ending| name.ends_with(ending))
}

/// The database behind a journal (`x.db-wal` → `x.db`); any other path as it is.
pub(super) fn main_file(path: &Path) -> PathBuf {
    let bytes = path.as_os_str().as_bytes();
    for ending in [b"-wal".as_slice(), b"-journal"] {
        if let Some(stem) = bytes.strip_suffix(ending) {
            return PathBuf::from(std::ffi::OsString::from_vec(stem.to_vec()));
        }
    }
    path.to_path_buf()
}
