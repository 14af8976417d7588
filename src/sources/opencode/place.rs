//! What lies at a given path: databases and the old store of files. Looks at names only; opens nothing. Beside them lie
//! files with credentials: they are never named here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::book::FILES;
use crate::sources::Surroundings;

/// Folders of the old store.
pub(super) const KINDS: [&str; 5] = ["project", "session", "message", "part", "todo"];

/// The data folder of this machine's user.
pub(super) fn usual_places(around: &Surroundings) -> Vec<PathBuf> {
    if let Some(path) = around.var("OPENCODE_DATA_DIR") {
        return vec![around.cwd.join(path)];
    }
    let data = around.var("XDG_DATA_HOME").map(Path::new).filter(|path| path.is_absolute());
    let data = data.map_or_else(|| around.home.join(".local/share"), Path::to_path_buf);
    vec![data.join("opencode")]
}

/// Whether a file is a database by its name: `opencode.db`, or that of a channel (`opencode-dev.db`).
pub(super) fn is_database(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".db") else { return false };
    stem == "opencode" || stem.strip_prefix("opencode-").is_some_and(|channel| !channel.is_empty())
}

/// The databases at `path`, which is one or a folder that holds some.
pub(super) fn databases(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| is_database(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// The old store of a data folder.
pub(super) fn files(path: &Path) -> PathBuf {
    path.join(FILES)
}

/// Whether something of it is at `path`.
pub(super) fn exists(path: &Path) -> bool {
    if path.is_file() {
        return path.file_name().is_some_and(|name| is_database(&name.to_string_lossy()));
    }
    // Any program may have a folder of this name; sessions and messages by project are this one's.
    let storage = files(path);
    !databases(path).is_empty() || storage.join("session").is_dir() && storage.join("message").is_dir()
}
