//! The databases of a place, each read by itself: one that is broken hides none of the others.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    sync::Arc,
};

use super::{
    db::{self, Content, Cursors, Db, LineRow},
    files::Touch,
    place::{self, Found},
};
use crate::{
    model::Health,
    sources::{SourceError, read::sqlite::Refreshed},
    text::Safe,
};

/// A database and what was told of its growing tables.
pub(super) struct Slot {
    pub(super) found: Found,
    db: Db,
    cursors: Cursors,
    /// Device and number of the file that the cursors belong to.
    identity: Option<(u64, u64)>,
    /// The newest line of each execution.
    pub(super) latest: HashMap<Safe, LineRow>,
    /// Rows of logs that were passed over, because newer ones fill the log.
    pub(super) passed: u64,
}

/// What a look at one database brought.
pub(super) struct Looked {
    /// Its place below the source's.
    pub(super) place: String,
    /// New lines of its logs.
    pub(super) lines: Vec<LineRow>,
}

impl Slot {
    fn new(found: Found) -> Self {
        let db = Db::new(found.path.clone());
        Self { found, db, cursors: Cursors::new(), identity: None, latest: HashMap::new(), passed: 0 }
    }

    /// What it said last.
    pub(super) fn content(&self) -> Option<&Content> {
        self.db.content()
    }

    /// Why it cannot be read.
    pub(super) fn error(&self) -> Option<&SourceError> {
        self.db.error()
    }

    /// How it had to be read.
    pub(super) fn note(&self) -> Option<&Safe> {
        self.db.note()
    }

    /// It was busy.
    pub(super) fn must_retry(&self) -> bool {
        self.db.must_retry()
    }

    /// Where it is.
    pub(super) fn path(&self) -> Safe {
        Safe::line(&self.found.path.to_string_lossy())
    }

    /// Reads it if it may have changed; what is new, when anything is.
    fn look(
        &mut self,
        touch: Touch<'_>,
        paths: &[std::path::PathBuf],
        health: &mut Health,
    ) -> Option<Looked> {
        let is_touched = touch.is_all()
            || paths.iter().any(|path| self.db.concerns(path) || self.found.path.starts_with(path));
        if !is_touched && !self.db.must_retry() {
            return None;
        }
        // Another file under the name: nothing of it was told.
        let identity = fs::metadata(&self.found.path).ok().map(|meta| (meta.dev(), meta.ino()));
        let is_another = identity != self.identity;
        if is_another {
            self.identity = identity;
            self.cursors.clear();
            self.latest.clear();
            self.passed = 0;
        }
        let cursors = &self.cursors;
        let before = self.db.content().filter(|_| !is_another).map(|content| Arc::clone(&content.long));
        let before = before.unwrap_or_default();
        let refreshed = self.db.refresh(touch.is_all(), health, |conn| db::look(conn, &before, cursors));
        if matches!(refreshed, Refreshed::Same) {
            return None;
        }
        let mut lines = Vec::new();
        match self.db.content() {
            Some(content) => {
                lines.clone_from(&content.lines.rows);
                self.passed += content.lines.passed;
                self.cursors.clone_from(&content.lines.cursors);
            }
            None => self.latest.clear(),
        }
        for line in &lines {
            if let Some(execution) = &line.execution {
                self.latest.insert(execution.clone(), line.clone());
            }
        }
        // What a reader from scratch would not see is forgotten.
        let newest = self.cursors.get("agent_logs").copied().unwrap_or(0);
        self.latest.retain(|_, line| line.order > newest.saturating_sub(db::TAIL));
        Some(Looked { place: self.found.place.clone(), lines })
    }
}

/// All databases of a place, by where they are.
#[derive(Default)]
pub(super) struct Slots {
    pub(super) all: BTreeMap<String, Slot>,
}

impl Slots {
    /// Looks where something was touched. A database that came is opened, one that went is let go after it said so.
    pub(super) fn look(
        &mut self,
        root: &Path,
        touch: Touch<'_>,
        paths: &[std::path::PathBuf],
        health: &mut Health,
    ) -> Vec<Looked> {
        for found in place::databases(root) {
            self.all.entry(found.place.clone()).or_insert_with(|| Slot::new(found));
        }
        let mut looked = Vec::new();
        for slot in self.all.values_mut() {
            looked.extend(slot.look(touch, paths, health));
        }
        // What is given as the place itself is waited for.
        self.all.retain(|place, slot| {
            let stays = slot.found.path.exists() || place.is_empty();
            if !stays && looked.iter().all(|looked| looked.place != *place) {
                looked.push(Looked { place: place.clone(), lines: Vec::new() });
            }
            stays
        });
        looked
    }

    /// What each said last.
    pub(super) fn contents(&self) -> impl Iterator<Item = (&Slot, &Content)> {
        self.all.values().filter_map(|slot| Some((slot, slot.content()?)))
    }

    /// Whether one was busy.
    pub(super) fn must_retry(&self) -> bool {
        self.all.values().any(Slot::must_retry)
    }
}
