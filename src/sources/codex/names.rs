//! Names that people gave their threads: `session_index.jsonl`, where the last line of an id wins.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use super::line::Named;
use crate::{
    model::Health,
    sources::read::follow::{Followed, Follower},
    text::Safe,
};

/// The index.
#[derive(Debug)]
pub(super) struct Names {
    path: PathBuf,
    follower: Follower,
    of: BTreeMap<Safe, Safe>,
    last_line: u64,
    /// Lines of the index.
    pub lines: u64,
}

impl Names {
    /// The index of a home; nothing is read yet.
    pub(super) fn new(home: &Path) -> Self {
        let path = home.join("session_index.jsonl");
        Self { follower: Follower::new(&path), path, of: BTreeMap::new(), last_line: 0, lines: 0 }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The name of a thread.
    pub(super) fn of(&self, thread: &Safe) -> Option<&Safe> {
        self.of.get(thread)
    }

    /// Reads what is new; the threads whose name is another one now.
    pub(super) fn read(&mut self, buffer: &mut Vec<u8>, health: &mut Health) -> BTreeSet<Safe> {
        let before = self.of.clone();
        let mut has_restarted = false;
        let Self { of: names, last_line, follower, .. } = self;
        let result = follower.poll(buffer, health, &mut |line, counts| {
            if line.number == 1 {
                names.clear();
                has_restarted = true;
            }
            *last_line = line.number;
            let text = String::from_utf8_lossy(line.bytes);
            match serde_json::from_str::<Named<'_>>(&text) {
                Ok(named) if named.id.text().is_some() => {
                    let id = Safe::line(named.id.word());
                    match named.thread_name.text().map(str::trim).filter(|name| !name.is_empty()) {
                        Some(name) => drop(names.insert(id, Safe::line(name))),
                        None => drop(names.remove(&id)),
                    }
                }
                _ if line.bytes.trim_ascii().is_empty() => {}
                _ => counts.skipped += 1,
            }
        });
        match result {
            Ok(Followed::Anew) if !has_restarted => {
                self.of.clear();
                self.last_line = 0;
            }
            Ok(Followed::Gone) => self.forget(),
            Err(error) if is_no_file(&error) => {
                self.follower.forget(health);
                self.forget();
            }
            _ => {}
        }
        self.lines = self.last_line;
        let ids = before.keys().chain(self.of.keys());
        ids.filter(|id| before.get(*id) != self.of.get(*id)).cloned().collect()
    }

    fn forget(&mut self) {
        self.of.clear();
        self.last_line = 0;
        self.follower = Follower::new(&self.path);
    }
}

/// There is no file there (any more): nothing, a folder, a link.
pub(super) fn is_no_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory
    ) || error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
