//! Where things lie below a home. Pure: names only, but for [`is_home`].

use std::path::{Path, PathBuf};

/// Files that make a directory a home.
const MARKS: [&str; 3] =
    ["logs/dispatches.json", "config/orchestrator/workspaces.json", "config/workspaces.json"];

/// Whether the directory is a home.
pub(super) fn is_home(path: &Path) -> bool {
    path.is_dir() && MARKS.iter().any(|mark| path.join(mark).is_file())
}

/// Folders of a home that are watched, and whether with all below them.
pub(super) fn watched(home: &Path) -> Vec<(PathBuf, bool)> {
    let below = [
        ("logs", true),
        ("config", true),
        ("backlogs", true),
        ("data", true),
        ("changelogs", false),
        ("reports", true),
        (".git", false),
    ];
    std::iter::once((home.to_owned(), false))
        .chain(below.map(|(name, deep)| (home.join(name), deep)))
        .collect()
}

/// Whether a file's name ends in `.md`, `.log` and the like, as its writers spell it.
pub(super) fn has_ending(path: impl AsRef<Path>, ending: &str) -> bool {
    path.as_ref().extension().is_some_and(|found| found == ending)
}

/// A path as it is called below the home; the whole path when it lies elsewhere.
pub(super) fn below(home: &Path, path: &Path) -> String {
    path.strip_prefix(home).unwrap_or(path).to_string_lossy().into_owned()
}
