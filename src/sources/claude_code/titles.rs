//! Summaries name the entry they end at, which can lie in another file: this finds the sessions they are about.

use std::collections::HashMap;

use super::files::File;
use crate::text::Safe;

/// Summaries whose entry was not in their own file.
#[derive(Debug, Default)]
pub(super) struct ForeignTitles {
    waiting: HashMap<u64, (Safe, Safe)>,
    found: HashMap<Safe, (Safe, Safe)>,
}

impl ForeignTitles {
    /// The title that another file gave a session.
    pub(super) fn of(&self, session: &str) -> Option<&Safe> {
        self.found.get(session).map(|(_, title)| title)
    }

    /// Looks into changed files for new summaries, and for the entries that summaries wait for.
    pub(super) fn look(&mut self, changed: &[&File], all: &[&File]) -> Vec<Safe> {
        let mut searched = changed;
        for file in changed {
            for (leaf, title) in &file.transcript.titles.summaries {
                let is_new = !file.transcript.uuids.contains(leaf)
                    && self.waiting.get(leaf).is_none_or(|(path, old)| *path <= file.path && old != title);
                if is_new {
                    self.waiting.insert(*leaf, (file.path.clone(), title.clone()));
                    searched = all;
                }
            }
        }
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let mut named = Vec::new();
        for file in searched.iter().filter(|file| file.agent.is_none()) {
            let Some(session) = file.session() else { continue };
            for leaf in &file.transcript.uuids {
                let Some(title) = self.waiting.get(leaf) else { continue };
                if self.found.get(session).is_none_or(|old| old <= title && old != title) {
                    self.found.insert(session.clone(), title.clone());
                    named.push(session.clone());
                }
            }
        }
        named
    }

    /// Forgets everything (all files are read again).
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The summary in a file that ends at one of its own entries; the newest.
pub(super) fn own_summary(file: &File) -> Option<&Safe> {
    let transcript = &file.transcript;
    let mut newest_first = transcript.titles.summaries.iter().rev();
    newest_first.find(|(leaf, _)| transcript.uuids.iter().rev().any(|uuid| uuid == leaf)).map(|(_, title)| title)
}
