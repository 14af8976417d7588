//! Which files lie below a place. Looks at names and listings only; opens nothing. Bounded in depth and number, and away
//! from hidden folders and installed packages.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Folders below the place that are entered.
const DEPTH: usize = 8;
/// Files that are looked at.
const FILES: usize = 4000;
/// Folders that are listed.
const FOLDERS: usize = 2000;
/// Folders below which everything may be watched at once.
const FEW: usize = 256;

/// What lies below a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) files: Vec<PathBuf>,
    pub(super) folders: Vec<PathBuf>,
    /// Folders that could not be listed.
    pub(super) unreadable: Vec<PathBuf>,
    /// Folders were left out on purpose.
    pub(super) has_left_out: bool,
    /// There was more than is looked at.
    pub(super) is_cut: bool,
}

impl Found {
    /// The whole tree may be watched: it is small and nothing in it is none of our business.
    pub(super) fn is_small(&self) -> bool {
        !self.has_left_out && !self.is_cut && self.folders.len() <= FEW
    }
}

/// Walks a folder; the error is that of the folder itself.
pub(super) fn walk(root: &Path) -> io::Result<Found> {
    let mut found = Found::default();
    let mut todo = vec![(root.to_owned(), 0_usize)];
    while let Some((folder, depth)) = todo.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(error),
            Err(error) => {
                if error.kind() == io::ErrorKind::PermissionDenied {
                    found.unreadable.push(folder);
                }
                continue;
            }
        };
        found.folders.push(folder);
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if kind.is_dir() {
                if name.starts_with('.') || name == "node_modules" {
                    found.has_left_out = true;
                } else if depth < DEPTH && found.folders.len() + todo.len() < FOLDERS {
                    todo.push((entry.path(), depth + 1));
                } else {
                    found.is_cut = true;
                }
            } else if kind.is_file() && is_candidate(&name) {
                found.files.push(entry.path());
            }
        }
    }
    found.files.sort_unstable();
    found.folders.sort_unstable();
    found.is_cut |= found.files.len() > FILES;
    found.files.truncate(FILES);
    Ok(found)
}

/// A file whose ending says that it may be ours; a rotated log carries a number behind it.
pub(super) fn is_candidate(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut stem = lower.as_str();
    if let Some((before, number)) = lower.rsplit_once('.')
        && number.len() <= 4
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        stem = before;
    }
    !lower.starts_with('.')
        && ["json", "jsonl", "ndjson", "log"].iter().any(|ending| has_ending(stem, ending))
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(before, found)| !before.is_empty() && found == ending)
}

/// A file that by its name holds one document.
pub(super) fn is_document_name(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".json")
}
