//! What stat said of every watched file at the last look, to tell what changed without events.

use std::{
    collections::BTreeMap,
    fs::Metadata,
    ops::Bound,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Identity and state of a file. Owner and mode belong to it because a file may become readable; times of access and of
/// status change do not, because our own reading changes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    dev: u64,
    inode: u64,
    size: u64,
    mtime: (i64, i64),
    owner: u32,
    mode: u32,
}

impl Stamp {
    pub(super) fn of(meta: &Metadata) -> Self {
        Self {
            dev: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            mtime: (meta.mtime(), meta.mtime_nsec()),
            owner: meta.uid(),
            mode: meta.mode(),
        }
    }
}

/// Stamps by path.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    files: BTreeMap<PathBuf, (Stamp, u32)>,
    round: u32,
}

impl Stamps {
    /// Begins a look at everything; what it does not meet is [`unmet`](Self::unmet).
    pub(super) fn begin_round(&mut self) {
        self.round = self.round.wrapping_add(1);
    }

    /// Notes a file; whether it is new or changed.
    pub(super) fn note(&mut self, path: &Path, meta: &Metadata) -> bool {
        let stamp = Stamp::of(meta);
        if let Some((known, round)) = self.files.get_mut(path) {
            *round = self.round;
            return std::mem::replace(known, stamp) != stamp;
        }
        self.files.insert(path.to_path_buf(), (stamp, self.round));
        true
    }

    /// Forgets one file; whether it was known.
    pub(super) fn forget(&mut self, path: &Path) -> bool {
        self.files.remove(path).is_some()
    }

    /// Forgets all files below a directory and tells them.
    pub(super) fn forget_below(&mut self, directory: &Path) -> Vec<PathBuf> {
        let below: Vec<PathBuf> = range_below(&self.files, directory).map(|(path, _)| path.clone()).collect();
        for path in &below {
            self.files.remove(path);
        }
        below
    }

    /// Forgets and tells what this round did not meet among the files that `looked_at` holds for.
    pub(super) fn unmet(&mut self, looked_at: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let round = self.round;
        let unmet: Vec<PathBuf> = self
            .files
            .iter()
            .filter(|(path, (_, met))| *met != round && looked_at(path))
            .map(|(path, _)| path.clone())
            .collect();
        for path in &unmet {
            self.files.remove(path);
        }
        unmet
    }
}

/// Everything strictly below a directory: paths order by component, so it is one run.
pub(super) fn range_below<'a, V>(
    map: &'a BTreeMap<PathBuf, V>,
    directory: &'a Path,
) -> impl Iterator<Item = (&'a PathBuf, &'a V)> {
    map.range::<Path, _>((Bound::Excluded(directory), Bound::Unbounded))
        .take_while(move |(path, _)| path.starts_with(directory))
}
