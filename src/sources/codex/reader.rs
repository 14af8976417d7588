//! The opened source: notices what changed, reads it, and tells the threads it concerns.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::{
    file::{File, Looked},
    limits,
    names::Names,
    owners::Owners,
    place::{self, FOLDERS, Place},
    report::{self, Parts, Tally},
    tell::{View, task_key, thread_key},
    threads::Threads,
    told::Told,
};
use crate::{
    model::{Delta, Key, Kind, LogLine, Millis, PlanLimit, Timestamp},
    sources::{Hint, Moment, Sink, Source, SourceError, SourceSettings, WatchSpec},
    text::Safe,
};

/// Bytes of the newest files that are told before the rest is read.
const FIRST_SIGHT: u64 = 32 * 1024 * 1024;
/// Lines for the log at the first read.
const FIRST_LINES: usize = 400;
/// When a file that cannot be read is looked at again.
const RETRY: Millis = Millis::seconds(30);

/// One home.
#[derive(Debug)]
pub(super) struct Reader {
    home: PathBuf,
    given: PathBuf,
    threads: Threads,
    names: Names,
    owners: Owners,
    told: BTreeMap<Safe, Told>,
    told_limits: BTreeMap<Key, PlanLimit>,
    wakes: BTreeSet<(Timestamp, Safe)>,
    tally: Tally,
    closed: Vec<PathBuf>,
    beside: Vec<(Safe, &'static str)>,
    newest: Option<Timestamp>,
    retry_at: Option<Timestamp>,
    buffer: Vec<u8>,
}

impl Reader {
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, SourceError> {
        let Some(given) = settings.paths.first() else { return Err(SourceError::Missing(PathBuf::new())) };
        let home = real_home(given);
        Ok(Self {
            names: Names::new(&home),
            home,
            given: given.clone(),
            threads: Threads::default(),
            owners: Owners::default(),
            told: BTreeMap::new(),
            told_limits: BTreeMap::new(),
            wakes: BTreeSet::new(),
            tally: Tally::default(),
            closed: Vec::new(),
            beside: Vec::new(),
            newest: None,
            retry_at: None,
            buffer: Vec::new(),
        })
    }

    /// Follows all files there are.
    fn find(&mut self) -> Result<(), SourceError> {
        if let Err(error) = std::fs::read_dir(&self.home) {
            return Err(match error.kind() {
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
                    SourceError::Missing(self.given.clone())
                }
                _ => SourceError::io(self.home.clone(), error),
            });
        }
        let (found, closed) = place::walk(&self.home);
        for place in found {
            self.follow(place);
        }
        self.closed = closed;
        self.beside = beside(&self.home);
        Ok(())
    }

    fn follow(&mut self, place: Place) {
        self.threads.files.entry(place.path.clone()).or_insert_with(|| File::new(place));
    }

    /// The files that touched paths mean: the file itself, or all below a folder that came or went.
    fn touched(&mut self, hint: &Hint) -> BTreeSet<PathBuf> {
        let mut touched = BTreeSet::new();
        if hint.paths.iter().any(|path| path.parent() == Some(&self.home)) {
            self.beside = beside(&self.home);
        }
        for path in &hint.paths {
            if self.threads.files.contains_key(path) {
                touched.insert(path.clone());
                continue;
            }
            if path.is_dir() {
                for place in place::walk(&self.home).0 {
                    if place.path.starts_with(path) {
                        touched.insert(place.path.clone());
                        self.follow(place);
                    }
                }
            } else if let Some(place) = Place::of(path, &self.home)
                && path.symlink_metadata().is_ok_and(|meta| meta.is_file())
            {
                touched.insert(path.clone());
                self.follow(place);
            }
            // A folder that is gone takes its files with it.
            let below = self.threads.files.keys().filter(|file| file.starts_with(path));
            touched.extend(below.cloned());
        }
        touched
    }

    /// Reads these files; the threads that are concerned.
    fn read(&mut self, paths: &BTreeSet<PathBuf>, out: &mut Sink<'_>) -> BTreeSet<Safe> {
        let mut dirty = BTreeSet::new();
        // Threads whose sub-agents may serve another prompt now.
        let mut moved = BTreeSet::new();
        for path in paths {
            let Some(file) = self.threads.files.get_mut(path) else { continue };
            let (thread, figures) = (file.thread(), file.figures());
            let (before, was_known) = (stand(file), file.is_known);
            match file.look(&mut self.buffer, out.health) {
                Looked::Same => {}
                Looked::News => {
                    let now = file.thread();
                    self.newest = self.newest.max(file.rollout.last_at);
                    self.tally.settle(if was_known { figures } else { Vec::new() }, file.figures());
                    file.is_known = true;
                    if stand(file) != before {
                        moved.extend([thread.clone(), now.clone()]);
                    }
                    self.threads.settle(path, was_known.then_some(&thread), Some(&now));
                    dirty.extend([thread, now]);
                }
                Looked::Gone => {
                    self.threads.files.remove(path);
                    if was_known {
                        self.tally.settle(figures, Vec::new());
                    }
                    self.threads.settle(path, Some(&thread), None);
                    moved.insert(thread.clone());
                    dirty.insert(thread);
                }
            }
        }
        dirty.extend(self.threads.below(&moved));
        dirty
    }

    fn tell(&mut self, dirty: BTreeSet<Safe>, is_first: bool, at: &Moment, out: &mut Sink<'_>) {
        let mut lines: Vec<LogLine> = Vec::new();
        let mut todo: BTreeSet<Safe> = dirty;
        let mut is_everything = false;
        while !todo.is_empty() {
            let mut next = BTreeSet::new();
            let mut is_contested = false;
            for thread in &todo {
                let was_listed = self.told.get(thread).is_some_and(Told::is_listed);
                is_contested |= self.tell_thread(thread, at, &mut lines, out);
                let is_listed = self.told.contains_key(thread);
                if was_listed != is_listed {
                    next.extend(self.threads.above(thread));
                    next.extend(self.threads.below(&BTreeSet::from([thread.clone()])));
                }
            }
            if is_contested && !is_everything {
                is_everything = true;
                self.told.values_mut().for_each(Told::forget_usage);
                next.extend(self.told.keys().cloned());
            }
            todo = next;
        }
        lines.sort_by_key(|line| line.at);
        let skip = if is_first { lines.len().saturating_sub(FIRST_LINES) } else { 0 };
        for line in lines.into_iter().skip(skip) {
            out.push(Delta::Log(Box::new(line)));
        }
        self.tell_limits(out);
    }

    /// Tells one thread; whether a response was given up that another thread has, too.
    fn tell_thread(
        &mut self,
        thread: &Safe,
        at: &Moment,
        lines: &mut Vec<LogLine>,
        out: &mut Sink<'_>,
    ) -> bool {
        let mut told = self.told.remove(thread).unwrap_or_default();
        if let Some(until) = told.until.take() {
            self.wakes.remove(&(until, thread.clone()));
        }
        let source = out.source();
        let Some(file) = self.threads.listed(thread) else {
            return told.take_back(thread, &mut self.owners, out);
        };
        let view = View {
            source,
            thread,
            file,
            names: &self.names,
            now: at.now,
            word: self.threads.word(thread),
            serves: self.threads.serves(source, thread),
            helpers: self.threads.helpers(source, thread),
        };
        let is_contested = told.tell(&view, &mut self.owners, out);
        let path = file.place.path.clone();
        let has_tasks = view.turns() > 0;
        if let Some(file) = self.threads.files.get_mut(&path) {
            file.rollout.prompts.settled = file.rollout.prompts.list().len().saturating_sub(1);
            file.rollout.responses.is_revised = false;
            for spoken in std::mem::take(&mut file.rollout.spoken) {
                if spoken.at < told.spoken {
                    continue;
                }
                told.spoken = told.spoken.max(spoken.at);
                lines.push(LogLine {
                    at: spoken.at,
                    level: spoken.level,
                    agent: Some(thread_key(source, thread)),
                    task: (has_tasks && spoken.turn > 0).then(|| task_key(source, thread, spoken.turn)),
                    tool: None,
                    text: spoken.text,
                });
            }
        }
        if let Some(until) = told.until {
            self.wakes.insert((until, thread.clone()));
        }
        self.told.insert(thread.clone(), told);
        is_contested
    }

    fn tell_limits(&mut self, out: &mut Sink<'_>) {
        let windows = limits::newest(self.threads.files.values().map(|file| &file.rollout.limits));
        let mut told = BTreeMap::new();
        for limit in windows {
            let key = Key::new(out.source(), limit.name.clone());
            if self.told_limits.get(&key) != Some(&limit) {
                out.push(Delta::Limit(key.clone(), Box::new(limit.clone())));
            }
            told.insert(key, limit);
        }
        for key in self.told_limits.keys().filter(|key| !told.contains_key(*key)) {
            out.push(Delta::Gone(Kind::Limit, key.clone()));
        }
        self.told_limits = told;
    }

    fn report(&mut self, at: &Moment, out: &mut Sink<'_>) {
        let children =
            |thread: &&Safe| self.threads.chosen(thread).is_some_and(|file| file.rollout.head.is_child);
        let threads = self.told.len() as u64;
        let kids = self.told.keys().filter(children).count() as u64;
        let all = self.threads.all().count() as u64;
        let parts = Parts {
            files: &self.threads.files,
            tally: &self.tally,
            threads: (threads, kids, all.saturating_sub(threads)),
            twins: (self.threads.files.len() as u64).saturating_sub(all),
            names: self.names.lines,
            closed: &self.closed,
            beside: &self.beside,
            newest: self.newest,
            now: at.now,
        };
        report::write(&parts, out.health);
        let is_troubled =
            self.threads.files.values().any(|file| file.trouble.is_some() && !file.place.is_packed);
        self.retry_at = is_troubled.then(|| at.now.plus(RETRY));
    }

    /// The newest files, as many as are told before the rest, and the rest.
    fn newest_first(&self) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        let mut dated: Vec<_> =
            self.threads.files.values().map(|file| (file.size(), file.place.path.clone())).collect();
        dated.sort_unstable_by(|a, b| b.cmp(a));
        let total: u64 = dated.iter().map(|((_, size), _)| size).sum();
        let mut sum = 0;
        let (first, rest): (Vec<_>, Vec<_>) = dated.into_iter().partition(|((_, size), _)| {
            sum += size;
            sum <= FIRST_SIGHT || total <= 2 * FIRST_SIGHT
        });
        let path = |(_, path)| path;
        (first.into_iter().map(path).collect(), rest.into_iter().map(path).collect())
    }

    fn due(&self, now: Timestamp) -> BTreeSet<Safe> {
        self.wakes.iter().take_while(|(due, _)| *due <= now).map(|(_, thread)| thread.clone()).collect()
    }
}

/// What other threads' news depend on: whether it is listed, its prompts, its sub-agents, its parent.
fn stand(file: &File) -> (bool, u32, u64, Option<Safe>, u64) {
    let rollout = &file.rollout;
    let parent = rollout.head.parent.clone();
    (rollout.is_listed(), rollout.prompts.turn(), rollout.spawn_news, parent, file.generation)
}

/// Events name files by the path that is watched: one spelling for all.
fn real_home(given: &Path) -> PathBuf {
    let home = place::home(given);
    home.canonicalize().unwrap_or(home)
}

/// Files in the home that are known and not read.
fn beside(home: &Path) -> Vec<(Safe, &'static str)> {
    let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
    let mut found: Vec<(Safe, &'static str)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let what = if name == "history.jsonl" {
                "history of prompts (not read: they stand in the threads)"
            } else if name.starts_with("state_") && name.ends_with(".sqlite") {
                "view of the threads (not read: it is made of them)"
            } else {
                return None;
            };
            Some((Safe::line(&name), what))
        })
        .collect();
    found.sort();
    found
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        let below = FOLDERS.map(|folder| WatchSpec { path: self.home.join(folder), recursive: true });
        let home = WatchSpec { path: self.home.clone(), recursive: false };
        std::iter::once(home).chain(below).collect()
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        // A snapshot names everything: nothing that was told before is taken for granted.
        self.told.clear();
        self.told_limits.clear();
        self.owners = Owners::default();
        self.wakes.clear();
        self.find()?;
        let mut dirty: BTreeSet<Safe> = self.names.read(&mut self.buffer, out.health);
        let (first, rest) = self.newest_first();
        dirty.extend(self.read(&first, out));
        if !rest.is_empty() {
            self.tell(dirty, true, at, out);
            out.flush();
            if out.is_closed() {
                return Err(SourceError::Closed);
            }
            dirty = self.read(&rest, out);
        }
        dirty.extend(self.threads.all().filter(|thread| !self.told.contains_key(*thread)).cloned());
        self.tell(dirty, true, at, out);
        self.report(at, out);
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        let retries = self.retry_at.is_some_and(|due| due <= at.now);
        let paths = if hint.rescan || retries {
            self.find()?;
            self.threads.files.keys().cloned().collect()
        } else {
            self.touched(hint)
        };
        let mut dirty = self.read(&paths, out);
        if hint.rescan || hint.paths.iter().any(|path| path == self.names.path()) {
            dirty.extend(self.names.read(&mut self.buffer, out.health));
        }
        dirty.extend(self.due(at.now));
        self.tell(dirty, false, at, out);
        self.report(at, out);
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn next_wake(&self, _now: Timestamp) -> Option<Timestamp> {
        self.wakes.first().map(|(due, _)| *due).into_iter().chain(self.retry_at).min()
    }
}
