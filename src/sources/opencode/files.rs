//! The old store: one small JSON file a project, session, message, part and work list, rewritten in place.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    book::{Book, FILES, Place},
    message::Message,
    part::Part,
    place::KINDS,
    session::{Project, Session, Todo},
};
use crate::{
    model::{Health, Timestamp},
    sources::read::{document::Kept, follow::Counts},
    text::Safe,
};

/// What a file says.
enum Said {
    Project(Project),
    Session(Session),
    Message(Message),
    Part(Part),
    Todos(Vec<Todo>, u64),
    /// JSON of another shape.
    Nothing,
}

#[derive(Debug)]
struct File {
    kept: Kept<()>,
    /// Records in it that could not be used.
    skipped: u64,
    repaired: u64,
}

/// A file's place: kind, folder (for kinds that have folders) and name without ending.
type Spot = (&'static str, String, String);

/// The files.
#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    place: Place,
    known: BTreeMap<Spot, File>,
    /// Files that are torn: looked at again.
    torn: BTreeSet<Spot>,
    /// Files that cannot be read now, torn ones among them.
    troubled: BTreeSet<Spot>,
    /// Files by kind.
    by_kind: BTreeMap<&'static str, u64>,
    skipped: u64,
    repaired: u64,
    counts: Counts,
    /// Folders that are not read, with their entries.
    others: Vec<(Safe, u64)>,
}

impl Files {
    /// The store in `root`, which need not exist.
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            place: Safe::line(FILES),
            known: BTreeMap::new(),
            torn: BTreeSet::new(),
            troubled: BTreeSet::new(),
            by_kind: BTreeMap::new(),
            skipped: 0,
            repaired: 0,
            counts: Counts::default(),
            others: Vec::new(),
        }
    }

    /// Its folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Files that are followed.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Some are half written: look again soon.
    pub(super) fn must_retry(&self) -> bool {
        !self.torn.is_empty()
    }

    /// Kinds with their files, then folders that are not read.
    pub(super) fn contents(&self) -> Vec<(Safe, u64)> {
        let own = self.by_kind.iter().map(|(kind, count)| (Safe::line(kind), *count));
        own.chain(self.others.iter().cloned()).collect()
    }

    /// Files that cannot be read now, and whether they are half written.
    pub(super) fn complaints(&self, now: Timestamp) -> Vec<(String, bool)> {
        let told = self.troubled.iter().filter_map(|spot| {
            let file = self.known.get(spot)?;
            let torn = file.kept.must_retry();
            Some((file.kept.complaint(now)?, torn))
        });
        told.collect()
    }

    /// Reads what changed into the book: everything, or below these paths.
    pub(super) fn look(
        &mut self,
        only: Option<&[PathBuf]>,
        now: Timestamp,
        book: &mut Book,
        health: &mut Health,
    ) {
        let mut spots = std::mem::take(&mut self.torn);
        match only {
            None => {
                self.list(&[], &mut spots);
                self.others = self.foreign();
            }
            Some(paths) => {
                for path in paths {
                    let Ok(below) = path.strip_prefix(&self.root) else {
                        if self.root.starts_with(path) {
                            self.list(&[], &mut spots);
                        }
                        continue;
                    };
                    let parts: Vec<String> =
                        below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                    self.list(&parts, &mut spots);
                    // Parts are not watched where the store is a left-over of an upgrade.
                    if let ["message", _, name] = parts[..] {
                        self.list(&["part", name.trim_end_matches(".json")], &mut spots);
                    }
                }
            }
        }
        for spot in spots {
            self.read(spot, now, book, health);
        }
        let counts = Counts::of_rows(self.skipped, self.repaired);
        std::mem::replace(&mut self.counts, counts).take_from(health);
        counts.add_to(health);
    }

    /// The files at or below a path (its parts below the root), known ones and those that are there.
    fn list(&self, below: &[&str], spots: &mut BTreeSet<Spot>) {
        for kind in KINDS {
            let is_deep = has_folders(kind);
            let (folder, name) = match *below {
                [first, ..] if first != kind => continue,
                [] | [_] => (None, None),
                [_, folder] if is_deep => (Some(folder), None),
                [_, folder, name] if is_deep => (Some(folder), Some(name)),
                [_, name] => (Some(""), Some(name)),
                _ => continue,
            };
            let stem = name.map(|name| name.strip_suffix(".json").unwrap_or(name));
            match (folder, stem) {
                (Some(folder), Some(stem)) => {
                    let is_json = name.is_some_and(|name| name.len() > stem.len());
                    if is_json {
                        spots.insert((kind, folder.to_owned(), stem.to_owned()));
                    }
                }
                (Some(folder), None) => {
                    let from = (kind, folder.to_owned(), String::new());
                    let known =
                        self.known.range(from..).take_while(|(spot, _)| spot.0 == kind && spot.1 == folder);
                    spots.extend(known.map(|(spot, _)| spot.clone()));
                    spots.extend(self.names(kind, folder));
                }
                _ => {
                    let from = (kind, String::new(), String::new());
                    let known = self.known.range(from..).take_while(|(spot, _)| spot.0 == kind);
                    spots.extend(known.map(|(spot, _)| spot.clone()));
                    let folders = if is_deep { listing(&self.root.join(kind)) } else { vec![String::new()] };
                    spots.extend(folders.iter().flat_map(|folder| self.names(kind, folder)));
                }
            }
        }
    }

    fn names(&self, kind: &'static str, folder: &str) -> Vec<Spot> {
        let names = listing(&self.root.join(kind).join(folder));
        let stems = names.iter().filter_map(|name| name.strip_suffix(".json"));
        stems.map(|stem| (kind, folder.to_owned(), stem.to_owned())).collect()
    }

    fn read(&mut self, spot: Spot, now: Timestamp, book: &mut Book, health: &mut Health) {
        let path = self.root.join(spot.0).join(&spot.1).join(format!("{}.json", spot.2));
        let file = self.known.entry(spot.clone()).or_insert_with(|| {
            *self.by_kind.entry(spot.0).or_default() += 1;
            File { kept: Kept::new(path), skipped: 0, repaired: 0 }
        });
        let before = (file.skipped, file.repaired);
        let mut said = None;
        let seen = file.kept.refresh(now, false, health, &mut |bytes| {
            said = Some(parse(&spot, bytes)?);
            Ok(())
        });
        let (is_good, is_troubled) = (file.kept.value().is_some(), file.kept.trouble().is_some());
        if seen.is_news() {
            let said = if is_good { said } else { None };
            (file.skipped, file.repaired) = match &said {
                Some(Said::Nothing) => (1, 0),
                Some(Said::Todos(_, left_out)) => (*left_out, 0),
                Some(Said::Message(message)) => (0, message.repaired),
                _ => (0, 0),
            };
            put(&self.place, &spot, said, book);
        } else if !is_good && is_troubled {
            // It never could be read.
            file.skipped = 1;
        }
        self.skipped = (self.skipped + file.skipped).saturating_sub(before.0);
        self.repaired = (self.repaired + file.repaired).saturating_sub(before.1);
        if file.kept.must_retry() {
            self.torn.insert(spot.clone());
        }
        if is_troubled {
            self.troubled.insert(spot);
            return;
        }
        self.troubled.remove(&spot);
        if !is_good && let Some(file) = self.known.remove(&spot) {
            self.skipped = self.skipped.saturating_sub(file.skipped);
            if let Some(count) = self.by_kind.get_mut(spot.0) {
                *count = count.saturating_sub(1);
            }
            self.by_kind.retain(|_, count| *count > 0);
        }
    }

    /// Folders beside those that are read.
    fn foreign(&self) -> Vec<(Safe, u64)> {
        let names = listing(&self.root).into_iter().filter(|name| !KINDS.contains(&name.as_str()));
        let folders = names.filter(|name| self.root.join(name).is_dir());
        folders.map(|name| (Safe::line(&name), listing(&self.root.join(&name)).len() as u64)).collect()
    }
}

/// Sessions lie in folders of their project, messages of their session, parts of their message.
fn has_folders(kind: &str) -> bool {
    matches!(kind, "session" | "message" | "part")
}

fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn parse(spot: &Spot, bytes: &[u8]) -> Result<Said, String> {
    let (folder, name) = (Safe::line(&spot.1), Safe::line(&spot.2));
    Ok(match spot.0 {
        "project" => Project::parse(bytes)?.map(Said::Project),
        "session" => Session::parse(bytes, &name, folder)?.map(Said::Session),
        "message" => Message::parse(bytes, Some(folder), None)?.map(Said::Message),
        "part" => Part::parse(bytes)?.map(Said::Part),
        _ => Todo::parse(bytes)?.map(|(todos, left_out)| Said::Todos(todos, left_out)),
    }
    .unwrap_or(Said::Nothing))
}

/// Tells the book what a file says now.
fn put(place: &Place, spot: &Spot, said: Option<Said>, book: &mut Book) {
    let (folder, name) = (Safe::line(&spot.1), Safe::line(&spot.2));
    macro_rules! of {
        ($sort:path) => {
            match said {
                Some($sort(value)) => Some(value),
                _ => None,
            }
        };
    }
    match spot.0 {
        "project" => book.project(place, &name, of!(Said::Project)),
        "session" => book.session(place, &name, of!(Said::Session)),
        "message" => book.message(place, &name, of!(Said::Message)),
        "part" => book.part(place, &folder, &name, of!(Said::Part), None),
        _ => {
            let todos = match said {
                Some(Said::Todos(todos, _)) => Some(todos),
                _ => None,
            };
            book.todos(place, &name, todos);
        }
    }
}
