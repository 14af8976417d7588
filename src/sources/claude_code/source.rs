//! The opened source: notices what changed, reads it, and tells the sessions it concerns.

mod keeping;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    ClaudeCode,
    definitions::{self, Definitions},
    file::{self, File},
    files::{Files, Round},
    jobs::{Job, Jobs},
    limits::{self, Limits},
    owners::Owners,
    progress::{Progress, portions},
    registry::Registry,
    sums::Promises,
    tell::Teller,
    titles::ForeignTitles,
    tree::{self, Found},
    worklist::WorkLists,
};
use crate::{
    model::{Delta, HealthState, Key, Kind, Millis, SourceId, Timestamp, Zone},
    sources::{Hint, Moment, Sink, Source, SourceError, SourceSettings, WatchSpec, memory::Memory},
    text::Safe,
};

/// A process can end without a trace in any file: live ones are looked up this often.
const CHECK_PROCESSES: Millis = Millis::seconds(10);
/// Files that changed a little are kept this often; those that grew much at once.
const KEEP: Millis = Millis::minutes(1);
/// Folders beside `projects` that are read.
const STATE_FOLDERS: [&str; 6] = ["sessions", "jobs", "tasks", "teams", "todos", definitions::FOLDER];

/// The remark about files that the system does not let us read, after their number.
const UNREADABLE: &str = " transcripts cannot be read: check their permissions";

/// Files of one session: numbers of its transcripts and of its sub-agents'.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub mains: BTreeSet<u32>,
    pub agents: BTreeSet<u32>,
}

/// The source.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) id: SourceId,
    pub(super) zone: Zone,
    pub(super) files: Files,
    pub(super) registry: Registry,
    pub(super) jobs: Jobs,
    pub(super) lists: WorkLists,
    pub(super) limits: Limits,
    definitions: Definitions,
    pub(super) titles: ForeignTitles,
    pub(super) owners: Owners,
    pub(super) groups: HashMap<Safe, Group>,
    /// When time alone may change a session's state.
    pub(super) until: HashMap<Safe, Timestamp>,
    pub(super) told: Told,
    paths: Vec<PathBuf>,
    roots: Vec<PathBuf>,
    fixed: bool,
    memory: Option<Arc<dyn Memory>>,
    /// What another run remembered, while it is asked for.
    recall: Option<keeping::Recall>,
    /// Sums that were told before everything else.
    promises: Option<Promises>,
    /// When everything was kept last.
    kept_at: Timestamp,
}

/// Keys that were told, so that they can be taken back.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub sessions: HashMap<Safe, ToldSession>,
    pub limits: HashSet<Key>,
}

/// What was told of one session.
#[derive(Clone, Debug, Default)]
pub(super) struct ToldSession {
    pub agents: HashSet<Key>,
    pub executions: HashSet<Key>,
    /// Prompts, numbered from 1.
    pub prompts: u32,
}

impl Reader {
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, SourceError> {
        let roots = tree::roots(&settings.paths);
        if let (true, Some(path)) = (roots.is_empty(), settings.paths.first()) {
            return Err(SourceError::Missing(path.clone()));
        }
        Ok(Self {
            id: settings.id,
            zone: settings.zone,
            files: Files::default(),
            registry: Registry::default(),
            jobs: Jobs::default(),
            lists: WorkLists::default(),
            limits: Limits::default(),
            definitions: Definitions::default(),
            titles: ForeignTitles::default(),
            owners: Owners::default(),
            groups: HashMap::new(),
            until: HashMap::new(),
            told: Told::default(),
            paths: settings.paths.clone(),
            roots,
            fixed: false,
            memory: settings.memory.clone(),
            recall: None,
            promises: None,
            kept_at: Timestamp::default(),
        })
    }

    /// The transcript files of a session.
    pub(super) fn mains<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a File> {
        group.mains.iter().filter_map(|number| self.files.get(*number))
    }

    /// The sub-agent files of a session.
    pub(super) fn agents<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a File> {
        group.agents.iter().filter_map(|number| self.files.get(*number))
    }

    fn follow_all(&mut self) -> Vec<u32> {
        self.roots = tree::roots(&self.paths);
        self.follow(self.walk())
    }

    /// The transcripts that are there.
    fn walk(&self) -> Vec<Found> {
        self.roots.iter().flat_map(|root| tree::transcripts(root)).collect()
    }

    /// Follows files that are not followed yet; the numbers of all.
    fn follow(&mut self, found: Vec<Found>) -> Vec<u32> {
        for found in found {
            self.files.follow(found);
        }
        self.files.all()
    }

    /// Takes in what a round of reading found in so many files and answers which sessions it concerns. Starts over when
    /// counted answers cannot be corrected in place.
    fn digest(
        &mut self,
        mut round: Round,
        looked_at: usize,
        progress: &mut Progress,
        out: &mut Sink<'_>,
    ) -> BTreeSet<Safe> {
        let mut dirty: BTreeSet<Safe> = std::mem::take(&mut round.lost).into_iter().collect();
        let are_gone = round.anew || round.replaced;
        if round.anew {
            self.files.rewind(out.health);
            self.titles.clear();
            progress.unreadable = 0;
            dirty.extend(self.groups.drain().map(|(session, _)| session));
            let all = self.files.waiting(&self.files.all());
            round = self.files.read(all, progress, out);
            dirty.append(&mut round.lost.drain(..).collect());
        }
        progress.unreadable += round.unreadable;
        // A read of a few touched files says nothing of the others.
        if progress.unreadable > 0 || looked_at >= self.files.len() {
            out.health.notes.retain(|note| !note.ends_with(UNREADABLE));
        }
        if progress.unreadable > 0 {
            out.health.notes.push(Safe::line(&format!("{}{UNREADABLE}", progress.unreadable)));
        }
        if are_gone {
            self.regroup();
        }
        self.files.know(&round.changed);
        for number in &round.changed {
            let Some(file) = self.files.get(*number) else { continue };
            let Some(session) = file.session().cloned() else { continue };
            let is_agent = file.agent.is_some();
            let group = self.groups.entry(session.clone()).or_default();
            if is_agent { &mut group.agents } else { &mut group.mains }.insert(*number);
            dirty.insert(session);
        }
        let changed: Vec<&File> = round.changed.iter().filter_map(|number| self.files.get(*number)).collect();
        let all: Vec<&File> = self.files.iter().collect();
        dirty.extend(self.titles.look(&changed, &all));
        let moved = if are_gone {
            self.owners.look_anew(&self.files)
        } else {
            self.owners.look(&round.changed, &self.files)
        };
        for number in
            moved.iter().filter_map(|session| self.groups.get(session)).flat_map(|group| &group.mains)
        {
            if let Some(file) = self.files.get_mut(*number) {
                file.transcript.prompts.settled = 0;
            }
        }
        dirty.extend(moved);
        out.health.files = self.files.len() as u64;
        dirty
    }

    /// Drops files that are gone from all groups, as their numbers will be others', and groups of which nothing is left.
    fn regroup(&mut self) {
        let files = &self.files;
        self.groups.retain(|_, group| {
            group.mains.retain(|number| files.get(*number).is_some());
            group.agents.retain(|number| files.get(*number).is_some());
            !group.mains.is_empty() || !group.agents.is_empty()
        });
    }

    /// Reads the small state files that are concerned; which sessions they speak of.
    fn read_state(&mut self, which: &Touched, at: &Moment, out: &mut Sink<'_>) -> BTreeSet<Safe> {
        let mut dirty = BTreeSet::new();
        if which.sessions {
            dirty.extend(self.registry.sessions().cloned());
            self.registry.read(&self.roots);
            dirty.extend(self.registry.sessions().cloned());
        }
        dirty.extend(self.registry.check(at));
        if which.lists {
            dirty.extend(self.lists.read(&self.roots));
        }
        if which.jobs {
            for id in self.jobs.read(&self.roots) {
                out.push(Delta::Gone(Kind::Execution, Job::key(self.id, &id)));
            }
        }
        if which.limits {
            self.limits.read(&self.roots);
        }
        if which.definitions {
            self.definitions.read(&self.roots, &which.paths, at.now, out.health);
            self.definitions.tell(self.id, out);
        }
        dirty
    }

    fn tell(&mut self, dirty: &BTreeSet<Safe>, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        Teller::new(self, at).tell(dirty, out);
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn note_health(&self, at: &Moment, out: &mut Sink<'_>) {
        let newest = file::newest(self.files.iter());
        out.health.last_change = out.health.last_change.max(newest);
        out.health.last_good = Some(at.now);
        out.health.state = if self.files.len() == 0 && !self.definitions.any() {
            HealthState::Empty
        } else {
            HealthState::Live
        };
    }
}

/// Which state files a hint points at.
#[expect(clippy::struct_excessive_bools, reason = "a set of places, each of which is read or not")]
#[derive(Debug, Default)]
struct Touched {
    sessions: bool,
    jobs: bool,
    lists: bool,
    limits: bool,
    definitions: bool,
    /// The paths themselves, when the hint names some.
    paths: Vec<PathBuf>,
}

impl Touched {
    const ALL: Self =
        Self { sessions: true, jobs: true, lists: true, limits: true, definitions: true, paths: Vec::new() };

    fn of(hint: &Hint, roots: &[PathBuf]) -> Self {
        if hint.rescan {
            return Self::ALL;
        }
        let mut touched = Self { paths: hint.paths.clone(), ..Self::default() };
        for path in &hint.paths {
            for root in roots {
                touched.limits |= limits::places(root).contains(path);
                let inside = path.strip_prefix(root).ok().and_then(|inside| inside.iter().next());
                match inside.and_then(|name| name.to_str()) {
                    Some("sessions") => touched.sessions = true,
                    Some("jobs") => touched.jobs = true,
                    Some("tasks" | "teams" | "todos") => touched.lists = true,
                    Some(definitions::FOLDER) => touched.definitions = true,
                    _ => {}
                }
            }
        }
        touched
    }
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        let mut watches = Vec::new();
        for root in &self.roots {
            watches.push(WatchSpec { path: root.clone(), recursive: false });
            watches.push(WatchSpec { path: root.join("projects"), recursive: true });
            for folder in STATE_FOLDERS {
                watches.push(WatchSpec { path: root.join(folder), recursive: folder != "sessions" });
            }
            watches.extend(limits::places(root).into_iter().map(|path| WatchSpec { path, recursive: false }));
        }
        watches
    }

    fn preview(&mut self, out: &mut Sink<'_>) {
        self.tell_first(out);
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.fixed = at.fixed;
        // A snapshot names everything: nothing that was told before is taken for granted.
        self.keep(true, true);
        self.roots = tree::roots(&self.paths);
        let (found, recalled) = self.look_around();
        self.files = recalled
            .map_or_else(Files::default, |records| Files::remembering(self.id, records))
            .promised(self.promises.take());
        self.groups.clear();
        self.titles.clear();
        self.owners = Owners::default();
        self.until.clear();
        self.told = Told::default();
        self.definitions.forget_told();
        let numbers = self.follow(found);
        let mut dirty = self.read_state(&Touched::ALL, at, out);
        let waiting = self.files.waiting(&numbers);
        let mut progress = Progress::of(waiting.iter().map(|file| file.unread).sum());
        let mut portions = portions(waiting);
        let gone = self.files.raise_gone(&self.roots);
        if !gone.is_empty() {
            portions.push(self.files.waiting(&gone));
        }
        let desk = self.files.lend(&portions);
        desk.with_help(|| {
            for (number, portion) in portions.iter().enumerate() {
                let round = self.files.take(&desk, number, &mut progress, out);
                dirty.extend(self.digest(round, portion.len(), &mut progress, out));
                let is_last = number + 1 == portions.len();
                if is_last {
                    // Which answers nobody else has is known only now.
                    self.fold(at);
                    self.files.promises.end();
                }
                if self.memory.is_some() {
                    Teller::new(self, at).tell_known_usage(out);
                    out.flush();
                }
                self.tell(&std::mem::take(&mut dirty), at, out)?;
                if !is_last {
                    out.flush();
                }
            }
            Ok(())
        })?;
        self.note_health(at, out);
        if self.memory.is_some() {
            // The screen first.
            out.flush();
            self.keep(true, false);
            self.kept_at = at.now;
        }
        Ok(())
    }

    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.fixed = at.fixed;
        let numbers = if hint.rescan { self.follow_all() } else { self.touched_files(&hint.paths) };
        let mut dirty = self.read_state(&Touched::of(hint, &self.roots), at, out);
        // A note can change while its transcript does not.
        let noted = hint.paths.iter().filter_map(|path| self.files.get(self.files.number(&note_of(path)?)?));
        dirty.extend(noted.filter_map(|file| file.session().cloned()).collect::<Vec<_>>());
        let waiting = self.files.waiting(&numbers);
        let (looked_at, mut progress) = (waiting.len(), Progress::default());
        let round = self.files.read(waiting, &mut progress, out);
        dirty.extend(self.digest(round, looked_at, &mut progress, out));
        let due =
            self.until.iter().filter(|(_, until)| **until <= at.now).map(|(session, _)| session.clone());
        dirty.extend(due.collect::<Vec<_>>());
        self.tell(&dirty, at, out)?;
        self.note_health(at, out);
        let all = at.now.since(self.kept_at) >= KEEP;
        self.keep(all, false);
        if all {
            self.kept_at = at.now;
        }
        Ok(())
    }

    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let check = (!self.fixed && self.registry.any_alive()).then(|| now.plus(CHECK_PROCESSES));
        self.until.values().copied().chain(check).min().map(|at| at.max(now.plus(Millis::seconds(1))))
    }
}

impl Reader {
    /// The transcripts that touched paths mean: the file itself, the transcript beside a note, or all below a folder.
    fn touched_files(&mut self, paths: &[PathBuf]) -> Vec<u32> {
        let mut numbers = BTreeSet::new();
        for path in paths {
            let path = note_of(path).unwrap_or_else(|| path.clone());
            if let Some(number) = self.files.number(&path) {
                if let Some(file) = self.files.get_mut(number) {
                    file.read_meta();
                }
                numbers.insert(number);
            } else if path.is_dir() {
                let below: Vec<_> = self.roots.iter().flat_map(|root| tree::transcripts(root)).collect();
                for found in below.into_iter().filter(|found| found.path.starts_with(&path)) {
                    let place = found.path.clone();
                    self.files.follow(found);
                    numbers.extend(self.files.number(&place));
                }
            } else if let Some(found) = tree::classify_touched(&path, &self.roots) {
                if path.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
                    self.files.follow(found);
                    numbers.extend(self.files.number(&path));
                }
            } else {
                // A folder that is gone takes its files with it.
                numbers.extend(
                    self.files
                        .iter()
                        .filter(|file| Path::new(&*file.path).starts_with(&path))
                        .map(|f| f.number),
                );
            }
        }
        numbers.into_iter().collect()
    }
}

/// The transcript that a note (`agent-x.meta.json`) is about.
fn note_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?.strip_suffix(".meta.json")?;
    Some(path.with_file_name(format!("{name}.jsonl")))
}
