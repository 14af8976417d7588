//! Reads the folders of parallel sessions: small files, written in place, so half a file is looked at again soon and is no
//! error.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    super::place::{is_session, listing},
    Touch,
    session::{Doc, Session, parse},
};
use crate::{
    model::{Health, Timestamp},
    sources::read::document::Kept,
    text::Safe,
};

/// Folders of a session whose files matter; the empty one is the session itself.
const FOLDERS: [&str; 5] = ["", "status", "queue", "results", "logs"];
/// Looks at a torn file that are not worth a wake-up any more: it is broken, and the next touch or sweep sees it.
const TRIES: u32 = 8;

/// One session's folder.
pub(in super::super) struct SessionDir {
    path: PathBuf,
    files: BTreeMap<String, Kept<Doc>>,
    tries: u32,
    /// Lines of its log that were told.
    pub(in super::super) told: usize,
    /// What it says.
    pub(in super::super) session: Session,
}

/// All sessions of a place.
pub(in super::super) struct Sessions {
    folder: PathBuf,
    /// The place is one session.
    single: bool,
    dirs: BTreeMap<String, SessionDir>,
}

impl Sessions {
    /// The sessions in `folder`, or the one it is.
    pub(in super::super) fn new(folder: PathBuf, single: bool) -> Self {
        Self { folder, single, dirs: BTreeMap::new() }
    }

    /// Looks where something was touched; names of sessions that say something else, come or go.
    pub(in super::super) fn look(
        &mut self,
        touch: Touch<'_>,
        now: Timestamp,
        health: &mut Health,
    ) -> Vec<String> {
        let mut changed = Vec::new();
        let is_due = self.dirs.values().any(SessionDir::must_retry);
        if !touch.hits(&self.folder) && !is_due {
            return changed;
        }
        for (name, path) in self.found() {
            self.dirs.entry(name.clone()).or_insert_with(|| {
                changed.push(name.clone());
                SessionDir::new(path, &name)
            });
        }
        self.dirs.retain(|name, dir| {
            if !dir.path.is_dir() {
                changed.push(name.clone());
                return false;
            }
            if (touch.hits(&dir.path) || dir.must_retry()) && dir.look(now, health) {
                changed.push(name.clone());
            }
            true
        });
        changed.dedup();
        changed
    }

    fn found(&self) -> Vec<(String, PathBuf)> {
        if self.single {
            let name = self.folder.file_name().map(|name| name.to_string_lossy().into_owned());
            return vec![(name.unwrap_or_else(|| "session".to_owned()), self.folder.clone())];
        }
        let names = listing(&self.folder).into_iter().filter(|name| name.starts_with("session-"));
        let paths = names.map(|name| (name.clone(), self.folder.join(name)));
        paths.filter(|(_, path)| path.is_dir() && is_session(path)).collect()
    }

    /// Sessions by name.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = (&str, &SessionDir)> {
        self.dirs.iter().map(|(name, dir)| (name.as_str(), dir))
    }

    /// One to change.
    pub(in super::super) fn get_mut(&mut self, name: &str) -> Option<&mut SessionDir> {
        self.dirs.get_mut(name)
    }

    /// One.
    pub(in super::super) fn get(&self, name: &str) -> Option<&SessionDir> {
        self.dirs.get(name)
    }

    /// The folder they lie in.
    pub(in super::super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Half a file wants to be looked at soon.
    pub(in super::super) fn must_retry(&self) -> bool {
        self.dirs.values().any(SessionDir::must_retry)
    }
}

impl SessionDir {
    fn new(path: PathBuf, name: &str) -> Self {
        let session = Session { name: Safe::line(name), ..Session::default() };
        Self { path, files: BTreeMap::new(), tries: 0, told: 0, session }
    }

    /// Where it is.
    pub(in super::super) fn path(&self) -> &Path {
        &self.path
    }

    /// Files that were read.
    pub(in super::super) fn len(&self) -> usize {
        self.files.len()
    }

    fn must_retry(&self) -> bool {
        self.tries < TRIES && self.files.values().any(Kept::must_retry)
    }

    fn look(&mut self, now: Timestamp, health: &mut Health) -> bool {
        for folder in FOLDERS {
            for name in listing(&self.path.join(folder)) {
                let place = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if parse(&place, b"").is_some() {
                    let path = self.path.join(&place);
                    self.files.entry(place).or_insert_with(|| Kept::new(path));
                }
            }
        }
        let mut is_new = false;
        self.files.retain(|place, kept| {
            // A mark says what it says by being there.
            let seen = kept.refresh(now, false, health, &mut |bytes| {
                parse(place, bytes).unwrap_or_else(|| Err("it says nothing".to_owned()))
            });
            is_new |= seen.is_news();
            kept.path().exists()
        });
        let is_torn = self.files.values().any(Kept::must_retry);
        self.tries = if is_torn && !is_new { self.tries + 1 } else { 0 };
        let session = self.read();
        let changed = session != self.session;
        self.session = session;
        changed
    }

    fn read(&self) -> Session {
        let mut session = Session { name: self.session.name.clone(), ..Session::default() };
        for (place, kept) in &self.files {
            if kept.must_retry() {
                session.torn.push(place.clone());
            }
            let Some(doc) = kept.value() else { continue };
            match doc.clone() {
                Doc::Config(config) => session.config = Some(config),
                Doc::Plan(plan) => session.plans.push(plan),
                Doc::Progress(agent, percent, at) => drop(session.progress.insert(agent, (percent, at))),
                Doc::Queued(queued) => drop(session.queued.insert(queued.agent.clone(), *queued)),
                Doc::Result(outcome) => drop(session.results.insert(outcome.agent.clone(), *outcome)),
                Doc::Spawned(names) => session.spawned = names,
                Doc::Flat(flat) => session.flat = flat,
                Doc::Log(log) => session.log = log,
                Doc::Mark => {
                    let name = place.trim_start_matches("status/").trim_end_matches(".active");
                    session.active.insert(Safe::line(name), kept.modified_at());
                }
            }
        }
        session.plans.sort_by_key(|plan| plan.number);
        session
    }
}
