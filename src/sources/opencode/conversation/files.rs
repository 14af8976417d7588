//! The files of one session in the old store: `message/<session>/<message>.json`, `part/<message>/<part>.json`.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde_json::Value;

use super::{Gone, News, Piece, Written};
use crate::{
    model::RawRef,
    sources::{opencode::message::Message, read::json},
    text::Safe,
};

/// A state of a file.
type Stamp = (u64, Option<SystemTime>);

/// The files of one session.
pub(super) struct Files {
    root: PathBuf,
    session: Safe,
    /// (message, part) and how it was when it was read, and whether it was of use.
    known: BTreeMap<(String, Option<String>), (Stamp, bool)>,
    is_torn: bool,
}

impl Files {
    /// A store that need not exist.
    pub(super) fn new(root: &Path, session: &Safe) -> Self {
        Self { root: root.to_path_buf(), session: session.clone(), known: BTreeMap::new(), is_torn: false }
    }

    /// Nothing was read.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// The session has files.
    pub(super) fn is_there(&self) -> bool {
        !self.known.is_empty()
    }

    /// Something was half written.
    pub(super) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Folders to watch: the session's, and that of its newest message.
    pub(super) fn watches(&self) -> Vec<PathBuf> {
        let messages = self.root.join("message").join(self.session.as_str());
        if !messages.is_dir() {
            return Vec::new();
        }
        let newest = self.known.keys().next_back().map(|(message, _)| self.root.join("part").join(message));
        std::iter::once(messages).chain(newest).collect()
    }

    /// What is new since the last look.
    pub(super) fn look(&mut self) -> News {
        let mut news = News::default();
        self.is_torn = false;
        let mut there = HashSet::new();
        for (message, path, stamp) in listed(&self.root.join("message").join(self.session.as_str())) {
            self.file((message.clone(), None), &path, stamp, &mut there, &mut news);
            for (part, path, stamp) in listed(&self.root.join("part").join(&message)) {
                self.file((message.clone(), Some(part)), &path, stamp, &mut there, &mut news);
            }
        }
        self.known.retain(|name, _| {
            let is_there = there.contains(name);
            if !is_there {
                let message = Safe::line(&name.0);
                news.gone.push(match &name.1 {
                    Some(part) => Gone::Part(message, Safe::line(part)),
                    None => Gone::Message(message),
                });
            }
            is_there
        });
        news.skipped = self.known.values().filter(|(_, is_good)| !is_good).count() as u64;
        news
    }

    fn file(
        &mut self,
        name: (String, Option<String>),
        path: &Path,
        stamp: Stamp,
        there: &mut HashSet<(String, Option<String>)>,
        news: &mut News,
    ) {
        there.insert(name.clone());
        if self.known.get(&name).is_some_and(|(known, is_good)| *known == stamp && *is_good) {
            return;
        }
        let raw = RawRef::File { path: Safe::line(&path.to_string_lossy()) };
        let is_good = match json::read::<Value>(path) {
            Ok(value) if value.is_object() => match &name.1 {
                Some(part) => {
                    let (message, id) = (Safe::line(&name.0), Safe::line(part));
                    news.parts.push(Piece { message, id, value, raw });
                    true
                }
                None => self.message(&name.0, &value, raw, news),
            },
            Ok(_) => false,
            Err(_) => {
                self.is_torn = true;
                false
            }
        };
        self.known.insert(name, (stamp, is_good));
    }

    fn message(&self, id: &str, value: &Value, raw: RawRef, news: &mut News) -> bool {
        let bytes = value.to_string();
        let message = Message::parse(bytes.as_bytes(), Some(self.session.clone()), None).ok().flatten();
        let is_summary = value.get("summary").and_then(Value::as_bool) == Some(true);
        let written = message.map(|message| Written { id: Safe::line(id), message, is_summary, raw });
        let is_good = written.is_some();
        news.messages.extend(written);
        is_good
    }
}

/// The documents in a folder, with their names without ending.
fn listed(folder: &Path) -> Vec<(String, PathBuf, Stamp)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().strip_suffix(".json")?.to_owned();
            let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((name, entry.path(), (meta.len(), meta.modified().ok())))
        })
        .collect();
    found.sort();
    found
}
