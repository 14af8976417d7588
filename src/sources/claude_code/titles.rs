//! Summaries name the entry they end at, which can lie in another file: this finds the sessions they are about.

use std::collections::{HashMap, HashSet};

use super::file::File;
use crate::text::Safe;

/// Summaries whose entry was not in their own file.
#[derive(Debug, Default)]
pub(super) struct ForeignTitles {
    waiting: HashMap<u64, Waiting>,
    found: HashMap<Safe, (Safe, Safe)>,
    /// Entries that turned out to lie in another file than the summary.
    elsewhere: HashSet<u64>,
}

#[derive(Debug)]
struct Waiting {
    path: Safe,
    /// Session of the summary's own file.
    writer: Option<Safe>,
    title: Safe,
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
                    && self
                        .waiting
                        .get(leaf)
                        .is_none_or(|known| known.path <= file.path && known.title != *title);
                if is_new {
                    let writer = file.session().cloned();
                    let waiting = Waiting { path: file.path.clone(), writer, title: title.clone() };
                    self.waiting.insert(*leaf, waiting);
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
                let Some(waiting) = self.waiting.get(leaf) else { continue };
                if self.elsewhere.insert(*leaf) {
                    named.extend(waiting.writer.clone());
                }
                let title = (waiting.path.clone(), waiting.title.clone());
                if self.found.get(session).is_none_or(|old| *old < title) {
                    self.found.insert(session.clone(), title);
                    named.push(session.clone());
                }
            }
        }
        named
    }

    /// The newest summary in a session's own file: one that ends at an entry of it, else one whose entry lies nowhere.
    pub(super) fn own<'a>(&self, file: &'a File) -> Option<&'a Safe> {
        let transcript = &file.transcript;
        let newest_first = || transcript.titles.summaries.iter().rev();
        newest_first()
            .find(|(leaf, _)| transcript.uuids.iter().rev().any(|uuid| uuid == leaf))
            .or_else(|| newest_first().find(|(leaf, _)| !self.elsewhere.contains(leaf)))
            .map(|(_, title)| title)
    }

    /// Forgets everything (all files are read again).
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
