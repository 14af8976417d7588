//! Finds and follows the files of structured events: `logs/*.log`, `*.log` beside the rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use super::events::Events;
use crate::{
    model::Health,
    sources::read::tail::{Tail, TailChange},
    text::Safe,
};

/// Files that are followed at most: a folder of other people's logs is not ours to read.
const FILES: usize = 64;

/// The files by path.
#[derive(Debug, Default)]
pub(super) struct EventFiles {
    folders: Vec<PathBuf>,
    single: Option<PathBuf>,
    tails: BTreeMap<PathBuf, Tail>,
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

    /// Files followed.
    pub(super) fn len(&self) -> usize {
        self.tails.len()
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
        let mut gone = Vec::new();
        for (path, tail) in &mut self.tails {
            let result = tail.poll_with(&mut self.buffer, health, &mut |line| {
                let text = String::from_utf8_lossy(line.bytes);
                if let Some((task, agent)) = events.add(&text) {
                    spoken.tasks.extend(task);
                    spoken.agents.extend(agent);
                }
            });
            match result {
                Ok(TailChange::Unchanged | TailChange::Grown | TailChange::Replaced) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => gone.push(path.clone()),
                Err(error) => spoken.errors.push(format!("{}: {error}", path.display())),
            }
        }
        for path in gone {
            self.tails.remove(&path);
        }
        spoken
    }

    fn find(&mut self) {
        let listed = self.folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let found = listed
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            .map(|entry| entry.path())
            .filter(|path| is_log(path))
            .chain(self.single.clone());
        for path in found {
            if self.tails.len() < FILES {
                self.tails.entry(path.clone()).or_insert_with(|| Tail::new(path));
            }
        }
    }
}

/// A file that may hold structured events.
pub(super) fn is_log(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "log")
}
