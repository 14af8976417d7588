//! Finds and follows the files of structured events: `logs/*.log`, `*.log` beside the rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::events::Events;
use crate::{
    model::Health,
    sources::read::follow::{Followed, Follower},
    text::Safe,
};

/// Files that are followed at most: a folder of other people's logs is not ours to read.
const FILES: usize = 64;

/// The files by path.
#[derive(Debug, Default)]
pub(super) struct EventFiles {
    folders: Vec<PathBuf>,
    single: Option<PathBuf>,
    followed: BTreeMap<PathBuf, Follower>,
    buffer: Vec<u8>,
}

/// Ids of tasks and agents that new lines spoke of.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    pub(super) tasks: BTreeSet<Safe>,
    pub(super) agents: BTreeSet<Safe>,
    pub(super) errors: Vec<String>,
}

impl EventFiles {
    /// Looks into these folders (not below them), and at one file.
    pub(super) fn new(folders: Vec<PathBuf>, single: Option<PathBuf>) -> Self {
        Self { folders, single, ..Self::default() }
    }

    /// Where files may appear.
    pub(super) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// A file that was given by itself.
    pub(super) fn single(&self) -> Option<&Path> {
        self.single.as_deref()
    }

    /// Where the followed files are.
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.followed.keys()
    }

    /// Files followed.
    pub(super) fn len(&self) -> usize {
        self.followed.len()
    }

    /// Reads what is new: in all files, or in those of `only`.
    pub(super) fn refresh(
        &mut self,
        only: Option<&[PathBuf]>,
        events: &mut Events,
        health: &mut Health,
    ) -> Spoken {
        let mut spoken = Spoken::default();
        let ours = |path: &PathBuf| {
            is_log(path) && path.parent().is_some_and(|p| self.folders.iter().any(|f| f == p))
        };
        let relevant = only.is_none_or(|paths| {
            paths
                .iter()
                .any(|path| ours(path) || self.single.as_ref() == Some(path) || self.folders.contains(path))
        });
        if !relevant {
            return spoken;
        }
        self.find();
        if self.poll(events, health, &mut spoken) {
            self.retell(events, health, &mut spoken);
        }
        spoken
    }

    /// Reads what is new in all files; whether something that was told before is void now.
    fn poll(&mut self, events: &mut Events, health: &mut Health, spoken: &mut Spoken) -> bool {
        let mut is_void = false;
        let buffer = &mut self.buffer;
        self.followed.retain(|path, file| {
            let name = Safe::line(&path.to_string_lossy());
            let result = file.poll(buffer, health, &mut |line, _| {
                if let Some((task, agent)) = events.add(&String::from_utf8_lossy(line.bytes)) {
                    if let Some(agent) = &agent {
                        events.heard(agent, &name);
                    }
                    spoken.tasks.extend(task);
                    spoken.agents.extend(agent);
                }
            });
            match result {
                Ok(followed) => {
                    is_void |= matches!(followed, Followed::Anew | Followed::Gone);
                    !matches!(followed, Followed::Gone | Followed::Absent)
                }
                Err(error) => {
                    spoken.errors.push(format!("{}: {error}", path.display()));
                    true
                }
            }
        });
        is_void
    }

    /// Events of several files add up to one picture, so what one of them said cannot be taken out of it: it is drawn anew
    /// from the files that are there. The log is not told again.
    fn retell(&mut self, events: &mut Events, health: &mut Health, spoken: &mut Spoken) {
        spoken.tasks.extend(events.tasks().cloned());
        spoken.agents.extend(events.agents().cloned());
        for file in self.followed.values_mut() {
            file.forget(health);
        }
        let paths: Vec<PathBuf> = self.followed.keys().cloned().collect();
        self.followed = paths.into_iter().map(|path| (path.clone(), Follower::new(path))).collect();
        let pending = events.restart();
        self.poll(events, health, spoken);
        events.resume(pending);
    }

    fn find(&mut self) {
        let listed = self.folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let found = listed
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            .map(|entry| entry.path())
            .filter(|path| is_log(path))
            .chain(self.single.clone());
        for path in found {
            if self.followed.len() < FILES {
                self.followed.entry(path.clone()).or_insert_with(|| Follower::new(path));
            }
        }
    }
}

/// A file that may hold structured events.
pub(super) fn is_log(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "log")
}
