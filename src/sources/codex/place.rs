//! Where threads lie and what the names of their files say. Follows no symbolic link, opens no file.

use std::{
    cmp::Reverse,
    fs,
    path::{Path, PathBuf},
};

use crate::text::Safe;

/// Folders with rollouts, below the home: those at work and those put away.
pub(super) const FOLDERS: [&str; 2] = ["sessions", "archived_sessions"];
/// Folders below those that are looked into: year, month, day, and a little more.
const DEPTH: usize = 6;
/// Letters of a UUID.
const UUID: usize = 36;

/// One file of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub path: PathBuf,
    /// Where it lies below the home.
    pub below: Safe,
    /// It was put away.
    pub is_archived: bool,
    /// It is compressed.
    pub is_packed: bool,
    /// The thread by the file's name.
    pub thread: Option<Safe>,
    /// The time in the name (local, so only good to compare), and which rewriting of the thread it is after a revert.
    version: (String, Option<String>),
}

impl Place {
    /// What a path is; `None` when it is no file of a thread.
    pub(super) fn of(path: &Path, home: &Path) -> Option<Self> {
        let below = path.strip_prefix(home).ok()?;
        let folder = below.iter().next()?.to_str()?;
        if !FOLDERS.contains(&folder) || below.iter().count() < 2 {
            return None;
        }
        let name = path.file_name()?.to_string_lossy();
        let (stem, is_packed) = match (name.strip_suffix(".jsonl"), name.strip_suffix(".jsonl.zst")) {
            (Some(stem), _) => (stem, false),
            (_, Some(stem)) => (stem, true),
            _ => return None,
        };
        let (thread, version) = named(stem);
        Some(Self {
            path: path.to_path_buf(),
            below: Safe::line(&below.to_string_lossy()),
            is_archived: folder == "archived_sessions",
            is_packed,
            thread: thread.map(Safe::line),
            version,
        })
    }

    /// Which of several files of a thread speaks for it, the greatest: one at work before one put away, the newest after a
    /// revert, a plain one before a compressed one.
    pub(super) fn rank(&self) -> impl Ord {
        (!self.is_archived, self.version.clone(), !self.is_packed, Reverse(self.path.clone()))
    }
}

/// `rollout-<time>-<thread>` or `rollout-<time>-<thread>_<rewriting>`.
fn named(stem: &str) -> (Option<&str>, (String, Option<String>)) {
    let Some(rest) = stem.strip_prefix("rollout-") else { return (None, (String::new(), None)) };
    let (rest, again) = match rest.split_once('_') {
        Some((rest, again)) => (rest, Some(again.to_owned())),
        None => (rest, None),
    };
    let split = rest.len().checked_sub(UUID).filter(|at| rest.is_char_boundary(*at));
    let Some((time, thread)) = split.map(|at| rest.split_at(at)) else {
        return (None, (rest.to_owned(), again));
    };
    let is_id = thread.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    (is_id.then_some(thread), (time.to_owned(), again))
}

/// The home behind a path that may name one of its folders of threads.
pub(super) fn home(path: &Path) -> PathBuf {
    let is_folder =
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| FOLDERS.contains(&name));
    match path.parent().filter(|_| is_folder && !FOLDERS.iter().any(|folder| path.join(folder).is_dir())) {
        Some(parent) => parent.to_path_buf(),
        None => path.to_path_buf(),
    }
}

/// All files of threads, and folders that cannot be listed.
pub(super) fn walk(home: &Path) -> (Vec<Place>, Vec<PathBuf>) {
    let (mut found, mut closed) = (Vec::new(), Vec::new());
    for folder in FOLDERS {
        look(&home.join(folder), home, DEPTH, &mut found, &mut closed);
    }
    (found, closed)
}

fn look(folder: &Path, home: &Path, depth: usize, found: &mut Vec<Place>, closed: &mut Vec<PathBuf>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            if error.kind() == std::io::ErrorKind::PermissionDenied {
                closed.push(folder.to_path_buf());
            }
            return;
        }
    };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_file() {
            found.extend(Place::of(&entry.path(), home));
        } else if kind.is_dir() && depth > 0 {
            look(&entry.path(), home, depth - 1, found, closed);
        }
    }
}
