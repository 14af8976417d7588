//! What lies at a given path: a database, log directories, event logs. Looks at names and directory listings only; opens
//! nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{event_files::is_log, logs::DirName};
use crate::sources::read::sqlite::tables_named;

/// Name of the database of both programs.
pub(super) const DATABASE: &str = "orchestrator.db";
/// Name of the log root; it cannot be configured.
pub(super) const LOGS: &str = "agent_logs";

/// The parts of one place; each may be missing or appear later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The database.
    pub(super) database: Option<PathBuf>,
    /// The log root.
    pub(super) logs: Option<PathBuf>,
    /// Folders that may hold event logs.
    pub(super) event_folders: Vec<PathBuf>,
    /// An event log given by itself.
    pub(super) event_file: Option<PathBuf>,
}

impl Place {
    /// The parts at `path`: a database file, an event log file, a log root, or a folder with any of them.
    pub(super) fn at(path: &Path) -> Self {
        let nothing = Self { database: None, logs: None, event_folders: Vec::new(), event_file: None };
        if path.is_file() {
            return if is_log(path) {
                Self { event_file: Some(path.to_owned()), ..nothing }
            } else {
                Self { database: Some(path.to_owned()), ..nothing }
            };
        }
        if is_log_root(path) {
            return Self { logs: Some(path.to_owned()), ..nothing };
        }
        // Also what is not there yet: it is looked for again at each sweep.
        Self {
            database: Some(path.join(DATABASE)),
            logs: Some(path.join(LOGS)),
            event_folders: vec![path.to_owned(), path.join("logs")],
            event_file: None,
        }
    }

    /// Whether anything of it is there; a database of another program with the same file name does not count.
    pub(super) fn exists(&self) -> bool {
        let some = |path: &Option<PathBuf>| path.as_ref().is_some_and(|path| path.exists());
        self.database.as_ref().is_some_and(|path| path.exists() && !is_foreign(path))
            || some(&self.logs)
            || some(&self.event_file)
            || self.has_event_log()
    }

    fn has_event_log(&self) -> bool {
        let logs =
            self.event_folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        // Any program writes `*.log`; alone they count only under the name that the documentation suggests.
        logs.map(|entry| entry.path()).any(|path| path.ends_with("orchestrator.log"))
    }
}

/// Whether a database says by its tables that another orchestrator wrote it; one that says nothing may be ours.
pub(super) fn is_foreign(path: &Path) -> bool {
    let names = tables_named(path);
    let has = |name: &str| names.contains(name);
    let migrations_only =
        has("migrations") && names.iter().all(|name| name == "migrations" || name.starts_with("sqlite_"));
    !has("agents") && !has("tasks") && (has("agent_executions") || migrations_only)
}

/// A log root: called so, or holding agents' directories.
fn is_log_root(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name == LOGS {
        return path.is_dir();
    }
    if path.join(LOGS).is_dir() || path.join(DATABASE).is_file() {
        return false;
    }
    // A migration's copy is named like an agent's directory.
    let is_agent = |name: &str| !name.starts_with("agent_logs_backup_") && DirName::parse(name).is_some();
    fs::read_dir(path)
        .is_ok_and(|entries| entries.flatten().any(|entry| is_agent(&entry.file_name().to_string_lossy())))
}
