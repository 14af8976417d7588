//! All agent directories under one `agent_logs` root, by task and flat. Symbolic links are not followed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use super::{AgentDir, DirName};
use crate::{model::Health, text::Safe};

/// The directories by their path below the root.
#[derive(Debug)]
pub(in super::super) struct Tree {
    root: PathBuf,
    dirs: BTreeMap<String, AgentDir>,
    buffer: Vec<u8>,
}

/// What a look found.
#[derive(Debug, Default)]
pub(in super::super) struct Looked {
    /// Directories that said something new, appeared or went away, with the task they belong(ed) to.
    pub(in super::super) touched: BTreeMap<String, Option<Safe>>,
    /// What could not be read, in words.
    pub(in super::super) errors: Vec<String>,
}

impl Tree {
    /// A tree that was not read yet.
    pub(in super::super) fn new(root: PathBuf) -> Self {
        Self { root, dirs: BTreeMap::new(), buffer: Vec::new() }
    }

    /// Where it is.
    pub(in super::super) fn root(&self) -> &Path {
        &self.root
    }

    /// Number of directories.
    pub(in super::super) fn len(&self) -> usize {
        self.dirs.len()
    }

    /// The directories with their paths below the root.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = (&str, &AgentDir)> {
        self.dirs.iter().map(|(relative, dir)| (relative.as_str(), dir))
    }

    /// One directory.
    pub(in super::super) fn get_mut(&mut self, relative: &str) -> Option<&mut AgentDir> {
        self.dirs.get_mut(relative)
    }

    /// Looks at everything.
    pub(in super::super) fn rescan(&mut self, health: &mut Health) -> Looked {
        let mut looked = Looked::default();
        self.list(health, &mut looked);
        let all: Vec<String> = self.dirs.keys().cloned().collect();
        self.read(all, health, &mut looked);
        looked
    }

    /// Looks only where `paths` point; at the listing too when one of them is no known directory.
    pub(in super::super) fn touch(&mut self, paths: &[PathBuf], health: &mut Health) -> Looked {
        let mut looked = Looked::default();
        let mut known = BTreeSet::new();
        let mut unknown = false;
        for path in paths {
            let Ok(relative) = path.strip_prefix(&self.root) else { continue };
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            let found = (1..=2.min(parts.len()))
                .filter_map(|depth| parts.get(..depth).map(|parts| parts.join("/")))
                .find(|candidate| self.dirs.contains_key(candidate));
            match found {
                // The directory itself was touched: perhaps it is gone.
                Some(found) if found.split('/').count() == parts.len() => {
                    unknown = true;
                    known.insert(found);
                }
                Some(found) => {
                    known.insert(found);
                }
                None => unknown = true,
            }
        }
        if unknown {
            self.list(health, &mut looked);
            known.extend(looked.touched.keys().cloned());
        }
        self.read(known, health, &mut looked);
        looked
    }

    fn read(&mut self, which: impl IntoIterator<Item = String>, health: &mut Health, looked: &mut Looked) {
        for relative in which {
            let Some(dir) = self.dirs.get_mut(&relative) else { continue };
            let (changed, errors) = dir.refresh(&mut self.buffer, health);
            looked.errors.extend(errors.iter().map(|error| format!("{}: {error}", dir.path.display())));
            if changed {
                looked.touched.insert(relative, dir.task.clone());
            }
        }
    }

    /// Compares the directories with what is on disk.
    fn list(&mut self, health: &mut Health, looked: &mut Looked) {
        let mut found = BTreeSet::new();
        let root = self.root.clone();
        for (name, path) in subdirectories(&root, looked) {
            if let Some(parsed) = DirName::parse(&name) {
                self.meet(name, path, parsed, None, &mut found, looked);
                continue;
            }
            let task = Safe::line(&name);
            for (inner, path) in subdirectories(&path, looked) {
                if let Some(parsed) = DirName::parse(&inner) {
                    let relative = format!("{name}/{inner}");
                    self.meet(relative, path, parsed, Some(task.clone()), &mut found, looked);
                }
            }
        }
        self.dirs.retain(|relative, dir| {
            let there = found.contains(relative);
            if !there {
                dir.forget(health);
                looked.touched.insert(relative.clone(), dir.task.clone());
            }
            there
        });
    }

    fn meet(
        &mut self,
        relative: String,
        path: PathBuf,
        name: DirName,
        task: Option<Safe>,
        found: &mut BTreeSet<String>,
        looked: &mut Looked,
    ) {
        if !self.dirs.contains_key(&relative) {
            looked.touched.insert(relative.clone(), task.clone());
            self.dirs.insert(relative.clone(), AgentDir::new(path, name, task));
        }
        found.insert(relative);
    }
}

fn subdirectories(path: &Path, looked: &mut Looked) -> Vec<(String, PathBuf)> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            looked.errors.push(format!("{}: {error}", path.display()));
            return Vec::new();
        }
    };
    entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect()
}
