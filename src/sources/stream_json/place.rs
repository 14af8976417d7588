//! Which files lie in a folder of streams, by name: it and the folders right below it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Folders below the place that are entered.
const DEPTH: usize = 3;
/// Files that are looked at.
const FILES: usize = 4000;
/// Folders that are listed.
const FOLDERS: usize = 500;

/// What lies below a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) files: Vec<PathBuf>,
    pub(super) folders: Vec<PathBuf>,
    /// Folders that could not be listed.
    pub(super) unreadable: Vec<PathBuf>,
    /// There was more than is looked at.
    pub(super) is_cut: bool,
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
            if kind.is_dir() && !name.starts_with('.') && name != "node_modules" {
                if depth < DEPTH && found.folders.len() + todo.len() < FOLDERS {
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

/// A file whose ending says that it may hold a stream.
pub(super) fn is_candidate(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let endings = ["json", "jsonl", "ndjson", "log", "txt", "out"];
    !name.starts_with('.') && ending.is_some_and(|ending| endings.contains(&ending.as_str()))
}
