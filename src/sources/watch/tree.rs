//! The watched directories: each is watched first and listed afterwards, so that a file cannot appear unseen in between.

use std::{
    collections::BTreeMap,
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    backend::{Backend, Refusal},
    filter::{is_noise, main_file},
    signal::Signal,
    stamps::{Stamps, range_below},
};

/// Entries one walk visits at most; a hostile or mistaken root must not eat all time and memory.
const MAX_ENTRIES: usize = 200_000;

/// What makes it the same directory.
pub(super) type Identity = (u64, u64);

/// How a walk treats what it meets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    /// Goes below the directory.
    pub(super) recursive: bool,
    /// Asks the system for events; otherwise only looks.
    pub(super) arm: bool,
}

/// Watched directories and known files of all roots of a source.
pub(super) struct Tree {
    signal: Arc<Signal>,
    backend: Option<Result<Backend, String>>,
    armed: BTreeMap<PathBuf, Identity>,
    pub(super) stamps: Stamps,
    /// Directories that could not be listed in the last walks.
    pub(super) unreadable: usize,
    /// A walk stopped at [`MAX_ENTRIES`].
    pub(super) cut: bool,
}

impl Tree {
    /// Watched folders.
    pub(super) fn armed(&self) -> usize {
        self.armed.len()
    }

    /// Watched folders below a path.
    pub(super) fn armed_below(&self, path: &Path) -> usize {
        let below =
            self.armed.range::<Path, _>((std::ops::Bound::Excluded(path), std::ops::Bound::Unbounded));
        below.take_while(|(other, _)| other.starts_with(path)).count()
    }

    pub(super) fn new(signal: Arc<Signal>) -> Self {
        Self {
            signal,
            backend: None,
            armed: BTreeMap::new(),
            stamps: Stamps::default(),
            unreadable: 0,
            cut: false,
        }
    }

    pub(super) fn is_armed(&self, directory: &Path) -> bool {
        self.armed.contains_key(directory)
    }

    /// Watches one directory, unless it is already watched and still the same.
    pub(super) fn arm(&mut self, directory: &Path) -> Result<(), Refusal> {
        let Some(identity) = identity(directory) else { return Err(Refusal::Unreadable) };
        if self.armed.get(directory) == Some(&identity) {
            return Ok(());
        }
        let known = self.armed.remove(directory).is_some();
        let backend = self
            .backend
            .get_or_insert_with(|| {
                Backend::start(Arc::clone(&self.signal)).map_err(|refusal| match refusal {
                    Refusal::Limit(text) => text,
                    Refusal::Unreadable => "no watcher can be started".into(),
                })
            })
            .as_mut()
            .map_err(|text| Refusal::Limit(text.clone()))?;
        if known {
            // A moved directory's watch goes on telling of it under the old name.
            backend.unwatch(directory);
        }
        backend.watch(directory)?;
        self.armed.insert(directory.to_path_buf(), identity);
        Ok(())
    }

    /// Walks a directory, noting what is new or changed in `news`. When the system's limit is reached it goes on without
    /// events and answers why.
    pub(super) fn walk(&mut self, top: &Path, walk: Walk, news: &mut Vec<PathBuf>) -> Option<String> {
        let mut refused = None;
        let mut left = MAX_ENTRIES;
        let mut stack = vec![top.to_path_buf()];
        while let Some(directory) = stack.pop() {
            if walk.arm && refused.is_none() {
                match self.arm(&directory) {
                    Err(Refusal::Limit(text)) => refused = Some(text),
                    // Gone meanwhile, or not readable: the listing below tells which.
                    Ok(()) | Err(Refusal::Unreadable) => {}
                }
            }
            let entries = match fs::read_dir(&directory) {
                Ok(entries) => entries,
                Err(error) => {
                    self.unreadable += usize::from(error.kind() == std::io::ErrorKind::PermissionDenied);
                    continue;
                }
            };
            for entry in entries.flatten() {
                if left == 0 {
                    self.cut = true;
                    return refused;
                }
                left -= 1;
                // Links are noted as what they are and never followed out of the root.
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() {
                    if walk.recursive {
                        stack.push(entry.path());
                    }
                } else if !is_noise(&entry.file_name())
                    && let Ok(meta) = entry.metadata()
                {
                    self.note(&entry.path(), &meta, news);
                }
            }
        }
        refused
    }

    /// Notes a watched single file with the journals beside it.
    pub(super) fn look_at_file(&mut self, path: &Path, news: &mut Vec<PathBuf>) {
        for ending in ["", "-wal", "-journal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            let part = PathBuf::from(name);
            if let Ok(meta) = fs::metadata(&part) {
                self.note(&part, &meta, news);
            }
        }
    }

    fn note(&mut self, path: &Path, meta: &Metadata, news: &mut Vec<PathBuf>) {
        if self.stamps.note(path, meta) {
            news.push(path.to_path_buf());
        }
    }

    /// A directory is gone, perhaps for another of the same name (even with the same inode): forgets it and all below,
    /// telling the files it held.
    pub(super) fn forget(&mut self, directory: &Path, news: &mut Vec<PathBuf>) {
        let mut below: Vec<PathBuf> =
            range_below(&self.armed, directory).map(|(path, _)| path.clone()).collect();
        if self.armed.contains_key(directory) {
            below.push(directory.to_path_buf());
        }
        for path in below {
            self.unarm(&path);
        }
        news.extend(self.stamps.forget_below(directory));
    }

    /// Events were lost, so removals may have been: no watch is trusted any more.
    pub(super) fn distrust(&mut self) {
        for path in std::mem::take(&mut self.armed).into_keys() {
            self.unwatch(&path);
        }
    }

    /// Stops watching what `wanted` does not hold for.
    pub(super) fn keep(&mut self, wanted: impl Fn(&Path) -> bool) {
        let gone: Vec<PathBuf> = self.armed.keys().filter(|path| !wanted(path)).cloned().collect();
        for path in gone {
            self.unarm(&path);
        }
    }

    fn unarm(&mut self, path: &Path) {
        self.armed.remove(path);
        self.unwatch(path);
    }

    fn unwatch(&mut self, path: &Path) {
        if let Some(Ok(backend)) = &mut self.backend {
            backend.unwatch(path);
        }
    }
}

/// The identity of a directory (through links, so that a root may be one).
pub(super) fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().filter(Metadata::is_dir).map(|meta| (meta.dev(), meta.ino()))
}

/// Paths as a source knows them: journals as their database, each once.
pub(super) fn main_files(news: &[PathBuf]) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = news.iter().map(|path| main_file(path)).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}
