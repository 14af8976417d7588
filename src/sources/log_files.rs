//! The logs a source knows, told as files that can be read: where they are, whose they are, how large, how new. What stands
//! in them is nobody's business here.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{Hint, Sink};
use crate::{
    model::{Delta, Key, Kind, LogFile, LogKind, RawRef, Timestamp},
    text::Safe,
};

/// What a source knows of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// What it is called.
    pub name: Safe,
    /// What it is.
    pub kind: LogKind,
    /// Who wrote it.
    pub agent: Option<Key>,
    /// For which task.
    pub task: Option<Key>,
}

impl Known {
    /// A log of the source itself, named by its path below `root`.
    pub fn below(root: &Path, path: &Path) -> Self {
        let name = path.strip_prefix(root).unwrap_or(path);
        Self { name: Safe::line(&name.to_string_lossy()), ..Self::default() }
    }
}

/// Logs as they were told.
#[derive(Debug, Default)]
pub struct LogFiles {
    told: BTreeMap<PathBuf, (Known, LogFile)>,
}

impl LogFiles {
    /// Tells the logs there are now, and takes back those that are not among them. Only what a hint points at, what is new
    /// and what is known otherwise now is looked at again; `everything` tells all of it anew.
    pub fn tell(
        &mut self,
        files: impl IntoIterator<Item = (PathBuf, Known)>,
        hint: &Hint,
        everything: bool,
        out: &mut Sink<'_>,
    ) {
        let mut now = BTreeMap::new();
        for (path, known) in files {
            let old = self.told.get(&path);
            let is_same = old.is_some_and(|(before, _)| *before == known);
            let is_touched = hint.rescan || hint.paths.contains(&path);
            let file = match old {
                Some((_, file)) if is_same && !is_touched && !everything => file.clone(),
                _ => match look(&path, &known) {
                    Some(file) => file,
                    None => continue,
                },
            };
            if everything || old.map(|(_, file)| file) != Some(&file) {
                out.push(Delta::LogFile(key(&path, out), Box::new(file.clone())));
            }
            now.insert(path, (known, file));
        }
        for path in self.told.keys().filter(|path| !now.contains_key(*path)) {
            out.push(Delta::Gone(Kind::LogFile, key(path, out)));
        }
        self.told = now;
    }
}

fn key(path: &Path, out: &Sink<'_>) -> Key {
    Key::new(out.source(), Safe::line(&path.to_string_lossy()))
}

/// None when it is not there or no regular file.
fn look(path: &Path, known: &Known) -> Option<LogFile> {
    let meta = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    let written = meta.mtime().saturating_mul(1000).saturating_add(meta.mtime_nsec() / 1_000_000);
    Some(LogFile {
        name: known.name.clone(),
        kind: known.kind,
        place: RawRef::File { path: Safe::line(&path.to_string_lossy()) },
        agent: known.agent.clone(),
        task: known.task.clone(),
        size: Some(meta.len()),
        newest: Some(Timestamp(written)),
    })
}
