//! Documents of the home and folders full of them: read again only where a hint points, or everywhere on a sweep.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    model::{Health, Timestamp},
    sources::{
        Hint,
        read::{document::Kept, open},
    },
};

/// Where to look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) now: Timestamp,
    pub(super) hint: &'a Hint,
}

impl Look<'_> {
    /// The hint names this file. Links and files that are renamed into place are named by what they are called.
    pub(super) fn names(&self, path: &Path) -> bool {
        self.hint.paths.iter().any(|hinted| hinted == path || hinted.file_name() == path.file_name())
    }

    /// Something at or below this path may have changed.
    pub(super) fn concerns(&self, folder: &Path) -> bool {
        self.hint.rescan
            || self.hint.paths.iter().any(|path| path.starts_with(folder) || folder.starts_with(path))
    }
}

/// How a document is understood.
type Parse<T> = Box<dyn FnMut(&[u8]) -> Result<T, String> + Send>;

/// A document that its owner rewrites.
pub(super) struct Doc<T> {
    kept: Kept<T>,
    parse: Parse<T>,
}

impl<T> Doc<T> {
    pub(super) fn new(path: PathBuf, parse: impl FnMut(&[u8]) -> Result<T, String> + Send + 'static) -> Self {
        Self { kept: Kept::new(path), parse: Box::new(parse) }
    }

    /// Looks again when there is reason to; whether its value is another one.
    pub(super) fn refresh(&mut self, look: &Look<'_>, health: &mut Health) -> bool {
        let named = look.names(self.kept.path());
        if !(named || look.hint.rescan || self.kept.must_retry()) {
            return false;
        }
        self.kept.refresh(look.now, named, health, &mut self.parse).is_news()
    }

    pub(super) fn value(&self) -> Option<&T> {
        self.kept.value()
    }

    pub(super) fn path(&self) -> &Path {
        self.kept.path()
    }

    /// What is wrong with it, how it can be helped, and whether it is to be looked at again soon.
    pub(super) fn trouble(&self, now: Timestamp) -> Option<Trouble> {
        let trouble = self.kept.trouble()?;
        let text = self.kept.complaint(now)?;
        Some(Trouble { text, forbidden: trouble.forbidden, retry: trouble.torn })
    }
}

/// What is wrong with a file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) text: String,
    pub(super) forbidden: bool,
    pub(super) retry: bool,
}

impl Trouble {
    /// An error of a path; none when it just is not there.
    pub(super) fn of(path: &Path, error: &io::Error) -> Option<Self> {
        let text = format!("cannot read {}: {error}", path.display());
        let forbidden = error.kind() == io::ErrorKind::PermissionDenied;
        let absent = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
        (!absent).then_some(Self { text, forbidden, retry: false })
    }
}

/// A folder of documents of one sort.
pub(super) struct Folder<T> {
    root: PathBuf,
    /// Folders within folders that are looked into.
    depth: usize,
    accepts: fn(&Path) -> bool,
    parse: fn(&[u8]) -> Result<T, String>,
    docs: BTreeMap<PathBuf, Doc<T>>,
    trouble: Option<Trouble>,
}

impl<T: 'static> Folder<T> {
    /// Documents below `root` whose path below it is accepted.
    pub(super) fn new(
        root: PathBuf,
        depth: usize,
        accepts: fn(&Path) -> bool,
        parse: fn(&[u8]) -> Result<T, String>,
    ) -> Self {
        Self { root, depth, accepts, parse, docs: BTreeMap::new(), trouble: None }
    }

    /// Looks again when there is reason to; whether anything in it is another.
    pub(super) fn refresh(&mut self, look: &Look<'_>, health: &mut Health) -> bool {
        let mut changed = false;
        if look.concerns(&self.root) {
            let mut found = Vec::new();
            self.trouble = list(&self.root, self.depth, &mut found).err();
            if self.trouble.is_none() {
                let (root, accepts) = (self.root.clone(), self.accepts);
                found.retain(|path| path.strip_prefix(&root).is_ok_and(accepts));
                let before = self.docs.len();
                self.docs.retain(|path, _| found.contains(path));
                changed |= self.docs.len() != before;
                for path in found {
                    let parse = self.parse;
                    let rescan = Hint { paths: Vec::new(), rescan: true };
                    let new = !self.docs.contains_key(&path);
                    let doc = self.docs.entry(path.clone()).or_insert_with(|| Doc::new(path, parse));
                    if new {
                        changed |= doc.refresh(&Look { hint: &rescan, ..*look }, health);
                    }
                }
            }
        }
        for doc in self.docs.values_mut() {
            changed |= doc.refresh(look, health);
        }
        changed
    }

    /// Documents with their paths below the folder.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &Doc<T>)> {
        self.docs.iter().filter_map(|(path, doc)| Some((path.strip_prefix(&self.root).ok()?, doc)))
    }

    pub(super) fn len(&self) -> usize {
        self.docs.len()
    }

    pub(super) fn troubles(&self, now: Timestamp) -> impl Iterator<Item = Trouble> {
        self.trouble.iter().cloned().chain(self.docs.values().filter_map(move |doc| doc.trouble(now)))
    }
}

/// All files below a folder, links to files included; a folder that is not there has none. What a rewriter left behind is
/// no file.
pub(super) fn list(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return Trouble::of(folder, &error).map_or(Ok(()), Err),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && depth > 0 {
            list(&path, depth - 1, found)?;
        } else if !is_folder && !entry.file_name().to_string_lossy().contains(".tmp.") {
            found.push(path);
        }
    }
    Ok(())
}

/// The last bytes of a file, at most so many.
pub(super) fn end_of(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open::regular(&fs::canonicalize(path)?)?;
    let size = file.metadata()?.len();
    let start = size.saturating_sub(most);
    let mut bytes = vec![0; (size - start) as usize];
    let count = open::read_at(&file, &mut bytes, start)?;
    bytes.truncate(count);
    Ok(bytes)
}
