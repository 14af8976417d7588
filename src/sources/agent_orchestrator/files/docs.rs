//! Small files that are rewritten in place, all of one folder that are of one sort, each with its last good value.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{super::place::listing, Touch};
use crate::{
    model::{Health, Timestamp},
    sources::read::document::Kept,
};

/// Files of a sort that are looked at; a folder with more is not ours.
const FILES: usize = 2000;

/// Which names count, and what a file says.
pub(in super::super) struct Sort<T> {
    /// A name belongs to it.
    pub(in super::super) accepts: fn(&str) -> bool,
    /// What the bytes say; an error means that the file is being written.
    pub(in super::super) parse: fn(&[u8]) -> Result<T, String>,
}

/// The files of a folder and what they say.
pub(in super::super) struct Docs<T> {
    folder: PathBuf,
    /// Files lie one folder deeper, in folders of any name.
    deep: bool,
    sort: Sort<T>,
    kept: BTreeMap<String, Kept<T>>,
}

impl<T> Docs<T> {
    /// The files of `folder`, which need not exist.
    pub(in super::super) fn new(folder: PathBuf, deep: bool, sort: Sort<T>) -> Self {
        Self { folder, deep, sort, kept: BTreeMap::new() }
    }

    /// Looks where something was touched; whether any file says something else now.
    pub(in super::super) fn look(&mut self, touch: Touch<'_>, now: Timestamp, health: &mut Health) -> bool {
        if !touch.hits(&self.folder) {
            return false;
        }
        for name in self.names() {
            if self.kept.len() < FILES {
                let path = self.folder.join(&name);
                self.kept.entry(name).or_insert_with(|| Kept::new(path));
            }
        }
        let mut is_news = false;
        let parse = self.sort.parse;
        self.kept.retain(|_, kept| {
            if !touch.hits(kept.path()) && !kept.must_retry() {
                return true;
            }
            is_news |= kept.refresh(now, false, health, &mut |bytes| parse(bytes)).is_news();
            kept.path().exists()
        });
        is_news
    }

    fn names(&self) -> Vec<String> {
        let accepts = self.sort.accepts;
        if !self.deep {
            return listing(&self.folder).into_iter().filter(|name| accepts(name)).collect();
        }
        let folders = listing(&self.folder);
        folders
            .into_iter()
            .flat_map(|folder| {
                let names = listing(&self.folder.join(&folder)).into_iter().filter(|name| accepts(name));
                names.map(|name| format!("{folder}/{name}")).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Names with what the files say.
    pub(in super::super) fn values(&self) -> impl Iterator<Item = (&str, &T, &Path)> {
        self.kept.iter().filter_map(|(name, kept)| Some((name.as_str(), kept.value()?, kept.path())))
    }

    /// What one file says.
    pub(in super::super) fn value(&self, name: &str) -> Option<&T> {
        self.kept.get(name)?.value()
    }

    /// Files that say something.
    pub(in super::super) fn len(&self) -> usize {
        self.values().count()
    }

    /// Files that cannot be read now: half written, broken, or forbidden.
    pub(in super::super) fn troubles(&self) -> impl Iterator<Item = (&Path, &str, bool)> {
        self.kept.values().filter_map(|kept| {
            let trouble = kept.trouble()?;
            Some((kept.path(), trouble.text.as_str(), trouble.torn))
        })
    }

    /// The folder.
    pub(in super::super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// For [`Sort::parse`]: JSON as it is.
pub(in super::super) fn value(bytes: &[u8]) -> Result<serde_json::Value, String> {
    crate::sources::read::document::json(bytes)
}
