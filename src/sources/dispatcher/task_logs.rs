//! `logs/<batch>/<dispatch>.log`: what one task of a batch printed, written once when it ended.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    files::{Look, Trouble, end_of},
    run_log::task_error,
};
use crate::{model::Health, text::Safe};

/// Bytes of a log that are read, from its end.
const MOST: u64 = 64 * 1024;
/// Logs whose lines are read; of older ones only the path is known.
const READ: usize = 200;
/// Lines that are told of one log.
const LINES: usize = 20;

/// One log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TaskLog {
    pub(super) path: PathBuf,
    stamp: (u64, i64, i64),
    /// Lines that say that something went wrong; `None` = not read.
    pub(super) errors: Option<Vec<Safe>>,
}

/// Logs by the id of their task.
#[derive(Debug, Default)]
pub(super) struct TaskLogs {
    folders: BTreeMap<PathBuf, BTreeMap<String, TaskLog>>,
    troubles: Vec<Trouble>,
}

impl TaskLogs {
    /// Looks where the hint points; whether anything is new.
    pub(super) fn refresh(&mut self, logs: &Path, look: &Look<'_>, health: &mut Health) -> bool {
        if !look.concerns(logs) {
            return false;
        }
        let mut there: Vec<PathBuf> = fs::read_dir(logs)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .collect();
        there.sort();
        let before = self.folders.len();
        self.folders.retain(|path, _| there.contains(path));
        let mut changed = self.folders.len() != before;
        self.troubles.clear();
        for folder in there {
            if look.hint.rescan || look.concerns(&folder) || !self.folders.contains_key(&folder) {
                changed |= self.list(&folder);
            }
        }
        self.read_newest(health);
        changed
    }

    fn list(&mut self, folder: &Path) -> bool {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.troubles.extend(Trouble::of(folder, &error));
                return false;
            }
        };
        let old = self.folders.remove(folder).unwrap_or_default();
        let mut new = BTreeMap::new();
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let (Some(id), Ok(meta)) = (name.strip_suffix(".log"), fs::metadata(entry.path())) else {
                continue;
            };
            if !meta.is_file() {
                continue;
            }
            let stamp = (meta.len(), meta.mtime(), meta.mtime_nsec());
            let known = old.get(id).filter(|log| log.stamp == stamp).cloned();
            let log = known.unwrap_or_else(|| TaskLog { path: entry.path(), stamp, errors: None });
            new.insert(id.to_owned(), log);
        }
        let changed = new != old;
        self.folders.insert(folder.to_owned(), new);
        changed
    }

    fn read_newest(&mut self, health: &mut Health) {
        let mut logs: Vec<&mut TaskLog> = self.folders.values_mut().flat_map(BTreeMap::values_mut).collect();
        logs.sort_by_key(|log| std::cmp::Reverse((log.stamp.1, log.stamp.2)));
        for log in logs.into_iter().take(READ).filter(|log| log.errors.is_none()) {
            match end_of(&log.path, MOST) {
                Ok(bytes) => {
                    health.bytes_read += bytes.len() as u64;
                    log.errors = Some(errors(&bytes));
                }
                Err(error) => self.troubles.extend(Trouble::of(&log.path, &error)),
            }
        }
    }

    /// The log of a task.
    pub(super) fn get(&self, task: &str) -> Option<&TaskLog> {
        self.folders.values().find_map(|logs| logs.get(task))
    }

    /// All logs by task.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &TaskLog)> {
        self.folders.values().flatten()
    }

    pub(super) fn troubles(&self) -> impl Iterator<Item = Trouble> {
        self.troubles.iter().cloned()
    }
}

fn errors(bytes: &[u8]) -> Vec<Safe> {
    let text = String::from_utf8_lossy(bytes);
    let found: Vec<Safe> = text.lines().map(Safe::line).filter(|line| task_error(line)).collect();
    found.get(found.len().saturating_sub(LINES)..).unwrap_or_default().to_vec()
}
