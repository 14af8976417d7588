//! All threads: which files speak of each, which one is believed, and how they hang together.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
};

use super::{
    file::File,
    rollout::Rollout,
    tell::{Helper, task_key, thread_key},
};
use crate::{
    model::{Key, SourceId, Timestamp},
    text::Safe,
};

/// Agents start agents no deeper than this.
const DEPTH: usize = 16;

/// The files and the threads in them.
#[derive(Debug, Default)]
pub(super) struct Threads {
    pub files: BTreeMap<PathBuf, File>,
    of: HashMap<Safe, BTreeSet<PathBuf>>,
    children: HashMap<Safe, BTreeSet<Safe>>,
}

impl Threads {
    /// A file tells of this thread now, and of that one before.
    pub(super) fn settle(&mut self, path: &Path, before: Option<&Safe>, now: Option<&Safe>) {
        if let Some(before) = before.filter(|before| Some(*before) != now)
            && let Some(paths) = self.of.get_mut(before)
        {
            paths.remove(path);
            if paths.is_empty() {
                self.of.remove(before);
            }
        }
        if let Some(now) = now {
            self.of.entry(now.clone()).or_default().insert(path.to_owned());
            let parent = self.files.get(path).and_then(|file| file.rollout.head.parent.clone());
            if let Some(parent) = parent {
                self.children.entry(parent).or_default().insert(now.clone());
            }
        }
    }

    /// All threads.
    pub(super) fn all(&self) -> impl Iterator<Item = &Safe> {
        self.of.keys()
    }

    /// The file that speaks for a thread.
    pub(super) fn chosen(&self, thread: &Safe) -> Option<&File> {
        self.of
            .get(thread)?
            .iter()
            .filter_map(|path| self.files.get(path))
            .max_by(|a, b| a.rank().cmp(&b.rank()))
    }

    /// The file of a thread that has something of its own.
    pub(super) fn listed(&self, thread: &Safe) -> Option<&File> {
        self.chosen(thread).filter(|file| file.rollout.is_listed())
    }

    /// The prompt of `parent` that its sub-agent serves: as the parent says, else the one before the sub-agent's start.
    fn turn_in(parent: &Rollout, child: &Safe, start: Option<Timestamp>) -> u32 {
        if let Some(spawned) = parent.spawned.get(child) {
            return spawned.turn;
        }
        let before = |at: Option<Timestamp>| at.is_some() && at <= start;
        parent.prompts.list().iter().take_while(|prompt| before(prompt.at)).count() as u32
    }

    /// The prompt of the outermost thread that a sub-agent serves.
    pub(super) fn serves(&self, source: SourceId, thread: &Safe) -> Option<Key> {
        let mut thread = thread.clone();
        for _ in 0..DEPTH {
            let head = &self.chosen(&thread)?.rollout.head;
            let parent = head.parent.clone()?;
            let above = &self.listed(&parent)?.rollout;
            if !above.head.is_child {
                let turn = Self::turn_in(above, &thread, head.at);
                return (turn > 0).then(|| task_key(source, &parent, turn));
            }
            thread = parent;
        }
        None
    }

    /// What the parent of a thread says of it, and when.
    pub(super) fn word(&self, thread: &Safe) -> Option<(&str, Option<Timestamp>)> {
        let parent = self.chosen(thread)?.rollout.head.parent.as_ref()?;
        let spawned = self.listed(parent)?.rollout.spawned.get(thread)?;
        Some((&spawned.word, spawned.ended_at))
    }

    /// Sub-agents below a thread that are listed, at any depth, in order of start.
    pub(super) fn helpers(&self, source: SourceId, thread: &Safe) -> Vec<Helper> {
        let mut found: Vec<(Option<Timestamp>, Helper)> = Vec::new();
        let Some(root) = self.listed(thread) else { return Vec::new() };
        let mut seen = HashSet::from([thread]);
        let mut todo: Vec<(&Safe, Option<u32>)> = vec![(thread, None)];
        while let Some((at, turn)) = todo.pop() {
            for child in self.children.get(at).into_iter().flatten() {
                let Some(file) =
                    self.listed(child).filter(|file| file.rollout.head.parent.as_ref() == Some(at))
                else {
                    continue;
                };
                if seen.insert(child) {
                    let start = file.rollout.head.at;
                    let turn = turn.unwrap_or_else(|| Self::turn_in(&root.rollout, child, start));
                    found.push((start, Helper { key: thread_key(source, child), turn }));
                    todo.push((child, Some(turn)));
                }
            }
        }
        found.sort_by(|a, b| (a.0, &a.1.key.local).cmp(&(b.0, &b.1.key.local)));
        found.into_iter().map(|(_, helper)| helper).collect()
    }

    /// All threads below these.
    pub(super) fn below(&self, threads: &BTreeSet<Safe>) -> BTreeSet<Safe> {
        let mut found = BTreeSet::new();
        let mut todo: Vec<&Safe> = threads.iter().collect();
        while let Some(at) = todo.pop() {
            for child in self.children.get(at).into_iter().flatten() {
                if found.insert(child.clone()) {
                    todo.push(child);
                }
            }
        }
        found
    }

    /// All threads above one.
    pub(super) fn above(&self, thread: &Safe) -> Vec<Safe> {
        let mut found = Vec::new();
        let mut at = thread.clone();
        while let Some(parent) = self.chosen(&at).and_then(|file| file.rollout.head.parent.clone()) {
            if found.len() >= DEPTH || found.contains(&parent) {
                break;
            }
            found.push(parent.clone());
            at = parent;
        }
        found
    }
}
