//! The opened source: notices what changed, reads it into the book, tells the difference.

use std::path::{Path, PathBuf};

use super::{
    book::Book,
    db::Db,
    files::Files,
    place,
    report::{self, Parts},
    tell::Teller,
};
use crate::{
    model::{Millis, Timestamp},
    sources::{Hint, Moment, Sink, Source, SourceError, SourceSettings, WatchSpec},
};

/// When a database that was busy, or a file that was half written, is tried again.
const RETRY: Millis = Millis::seconds(2);

/// One data folder.
#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    /// A database given by itself; else a folder.
    is_file: bool,
    databases: Vec<Db>,
    files: Files,
    book: Book,
    teller: Teller,
}

impl Reader {
    /// Opens a place; reads nothing yet.
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, SourceError> {
        let Some(given) = settings.paths.first() else {
            return Err(SourceError::Missing(PathBuf::new()));
        };
        // Events name files by the path that is watched: one spelling for all.
        let path = given.canonicalize().unwrap_or_else(|_| given.clone());
        let is_file = path.is_file();
        let folder = if is_file { path.parent().unwrap_or(&path).to_owned() } else { path.clone() };
        // A database given by itself has no old store beside it.
        let storage = if is_file { path.join(super::book::FILES) } else { place::files(&path) };
        let mut reader = Self {
            is_file,
            databases: Vec::new(),
            files: Files::new(storage),
            book: Book::default(),
            teller: Teller::new(settings.id, folder),
            path,
        };
        // What is watched depends on whether there are any.
        reader.find_databases();
        Ok(reader)
    }

    fn look(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) {
        self.find_databases();
        for database in &mut self.databases {
            let is_named = hint.paths.iter().any(|path| database.concerns(path));
            if hint.rescan || is_named || database.must_retry() || !database.is_read() {
                database.look(hint.rescan, &mut self.book, out.health);
            }
        }
        // A database that is gone has nothing to say.
        self.databases.retain(|database| database.is_read() || database.path().symlink_metadata().is_ok());
        let only = (!hint.rescan).then_some(&hint.paths[..]);
        self.files.look(only, at.now, &mut self.book, out.health);
    }

    fn find_databases(&mut self) {
        let found = if self.is_file { vec![self.path.clone()] } else { place::databases(&self.path) };
        for path in found {
            if !self.databases.iter().any(|database| database.path() == path) {
                self.databases.push(Db::new(path));
            }
        }
        self.databases.sort_by(|a, b| a.path().cmp(b.path()));
    }

    fn finish(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.teller.tell(&mut self.book, at.now, out);
        let parts = Parts {
            databases: &self.databases,
            files: &self.files,
            book: &self.book,
            is_empty: self.teller.is_empty(),
            now: at.now,
        };
        report::write(&parts, out.health);
        self.failure().map_or(Ok(()), Err)
    }

    /// Nothing is there, or nothing of it can be read.
    fn failure(&self) -> Option<SourceError> {
        let is_something =
            !self.teller.is_empty() || self.databases.iter().any(Db::is_read) || self.files.root().is_dir();
        if is_something {
            return None;
        }
        let error = self.databases.iter().find_map(Db::error);
        Some(error.map_or_else(|| SourceError::Missing(self.path.clone()), SourceError::again))
    }
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        let spec = |path: &Path, recursive| WatchSpec { path: path.to_owned(), recursive };
        if self.is_file {
            return vec![spec(self.path.parent().unwrap_or(&self.path), false)];
        }
        let mut specs = vec![spec(&self.path, false)];
        // Parts lie in a folder for each message. Where a database took over, that many watches would guard what does not
        // change any more; the sweep looks there, and a message that is touched is looked at with its parts.
        let is_left_over = !self.databases.is_empty();
        let kinds = place::KINDS.iter().filter(|kind| !is_left_over || **kind != "part");
        specs.extend(kinds.map(|kind| spec(&self.files.root().join(kind), true)));
        specs
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.look(at, &Hint { paths: Vec::new(), rescan: true }, out);
        self.teller.forget();
        self.book.mark_all();
        self.finish(at, out)
    }

    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.look(at, hint, out);
        self.finish(at, out)
    }

    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let is_waiting = self.files.must_retry() || self.databases.iter().any(Db::must_retry);
        let retry = is_waiting.then(|| now.plus(RETRY));
        retry.into_iter().chain(self.teller.until()).min()
    }
}
