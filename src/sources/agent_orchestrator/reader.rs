//! The opened source: notices what changed, tells the parts concerned anew, and of them only the difference.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use super::{
    files::{Touch, session_dir::Sessions, workspace::Workspace},
    place, report,
    side::Side,
    slots::Slots,
    tell::{
        self, Evidence, Scene,
        catalog::{self, Shelf},
        dash::{self, Board},
        evidence::Said,
        homes::Homes,
        log::{Line, Names, Who},
        projects::Gathered,
    },
    told::{Namer, Told},
    words,
};
use crate::{
    model::{Delta, Millis, SourceId, Timestamp, Zone},
    sources::{
        Hint, Moment, Sink, Source, SourceError, SourceSettings, WatchSpec,
        log_files::{Known, LogFiles},
    },
    text::Safe,
};

/// Lines for the log at the first read: the newest of all places.
const FIRST_LINES: usize = 2000;
/// When a busy database or half a file is looked at again.
const RETRY: Millis = Millis::seconds(1);
/// Errors that are remembered, so that a table and a file do not tell the same one twice.
const REMEMBERED: usize = 5000;

/// A part of the place that is told as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Database(String),
    Session(String),
    Files,
    Archives,
    Projects,
    Catalog,
}

/// One place of the orchestrator.
pub(super) struct Reader {
    root: PathBuf,
    zone: Zone,
    is_file: bool,
    slots: Slots,
    sessions: Sessions,
    files: Workspace,
    side: Side,
    evidence: Evidence,
    told: BTreeMap<Part, Told>,
    errors_told: HashSet<(Option<Timestamp>, String, Safe)>,
    log_files: LogFiles,
}

impl Reader {
    /// Opens a place; reads nothing yet.
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, SourceError> {
        let Some(given) = settings.paths.first() else {
            return Err(SourceError::Missing(PathBuf::new()));
        };
        // Events name files by the path that is watched: one spelling for all.
        let root = given.canonicalize().unwrap_or_else(|_| given.clone());
        let is_file = root.is_file();
        // A database has nothing beside it that would be its own.
        let base = if is_file { root.join("nothing") } else { root.clone() };
        let single = !is_file && place::is_session(&root);
        let folder = if single { root.clone() } else { place::sessions_folder(&base) };
        Ok(Self {
            zone: settings.zone,
            is_file,
            slots: Slots::default(),
            sessions: Sessions::new(folder, single),
            files: Workspace::new(place::workspaces_folder(&base), settings.zone),
            side: Side::new(&base),
            evidence: Evidence::default(),
            told: BTreeMap::new(),
            errors_told: HashSet::new(),
            log_files: LogFiles::default(),
            root,
        })
    }

    /// Looks where the hint points: parts that say something else, and new lines.
    fn look(
        &mut self,
        at: &Moment,
        hint: &Hint,
        is_first: bool,
        out: &mut Sink<'_>,
    ) -> (BTreeSet<Part>, Vec<Line>) {
        let touch = if hint.rescan { Touch::ALL } else { Touch::of(&hint.paths) };
        let (mut dirty, mut lines, mut has_exits) = (BTreeSet::new(), Vec::new(), false);
        let health = &mut *out.health;
        for looked in self.slots.look(&self.root, touch, &hint.paths, health) {
            lines.extend(looked.lines.iter().map(Line::of_row));
            dirty.extend([Part::Database(looked.place), Part::Catalog, Part::Projects]);
        }
        if !self.is_file {
            for name in self.sessions.look(touch, at.now, health) {
                lines.extend(self.session_lines(&name, out.source()));
                dirty.extend([Part::Session(name), Part::Projects]);
            }
            let health = &mut *out.health;
            if self.files.look(touch, at.now, health) {
                dirty.extend([Part::Files, Part::Projects]);
            }
            lines.extend(self.files.pending.drain(..).map(Line::of_event));
            let looked = self.side.look(touch, at.now, health);
            lines.extend(looked.lines);
            has_exits = looked.exits;
            dirty.extend(looked.catalog.then_some(Part::Catalog));
            dirty.extend(looked.archives.then_some(Part::Archives));
        }
        if is_first || has_exits || !dirty.is_empty() {
            let evidence = self.conclude();
            if evidence != self.evidence {
                self.evidence = evidence;
                dirty.extend(self.all_but_catalog());
            }
        }
        let due = self.told.iter().filter(|(_, told)| told.wake.is_some_and(|wake| wake <= at.now));
        dirty.extend(due.map(|(part, _)| part.clone()));
        (dirty, lines)
    }

    /// Every part that evidence has to do with.
    fn all_but_catalog(&self) -> impl Iterator<Item = Part> {
        let databases = self.slots.all.keys().cloned().map(Part::Database);
        let sessions = self.sessions.iter().map(|(name, _)| Part::Session(name.to_owned()));
        databases.chain(sessions).chain([Part::Files, Part::Archives, Part::Projects])
    }

    fn session_lines(&mut self, name: &str, source: SourceId) -> Vec<Line> {
        let Some(dir) = self.sessions.get_mut(name) else { return Vec::new() };
        let log = &dir.session.log;
        // A log that became shorter is another one.
        let from = if dir.told <= log.len() { dir.told } else { 0 };
        let lines = log.get(from..).unwrap_or_default().iter().map(|(at, text)| {
            let agent = text
                .split_whitespace()
                .nth(1)
                .filter(|_| text.starts_with("Spawned ") || text.starts_with("Completed "));
            let key = agent.map(|agent| Namer::new(source, "").key(&format!("{name}/{agent}")));
            Line { at: *at, who: key.map_or(Who::Nobody, Who::Known), text: text.clone(), ..Line::default() }
        });
        let lines: Vec<Line> = lines.collect();
        dir.told = log.len();
        lines
    }

    /// What is beside the databases, and what they know.
    fn conclude(&self) -> Evidence {
        let mut evidence = Evidence::default();
        evidence.exits.extend(self.side.exits().map(|exit| (exit.execution.clone(), exit.clone())));
        for (name, file, path) in self.files.agents.values() {
            let stem = name.get("Agent-".len()..name.len() - ".md".len()).unwrap_or(name);
            let path = Safe::line(&path.to_string_lossy());
            evidence.add(Said { file: file.clone(), path, spelled: Safe::line(stem) });
        }
        let databases = self.slots.contents();
        evidence.homes = Homes::of(
            databases.map(|(slot, content)| (slot.found.prefix.as_str(), &content.dash.projects[..])),
        );
        for (_, content) in self.slots.contents() {
            let executions = content.dash.executions.iter().filter_map(|row| row.agent.as_ref());
            evidence.known_agents.extend(executions.map(|name| words::agent(name)));
            evidence.known_agents.extend(tell::collab::newest_sessions(&content.collab).into_keys());
            evidence.known_tasks.extend(content.collab.tasks.iter().map(|row| row.id.clone()));
        }
        evidence
    }

    /// Tells the parts that say something else.
    fn tell(&mut self, dirty: BTreeSet<Part>, now: Timestamp, out: &mut Sink<'_>) {
        for part in dirty {
            let told = self.part(&part, now, out.source());
            let before = self.told.remove(&part).unwrap_or_default();
            told.tell(&before, out);
            if told != Told::default() {
                self.told.insert(part, told);
            }
        }
    }

    fn part(&self, part: &Part, now: Timestamp, source: SourceId) -> Told {
        let mut told = Told::default();
        let prefix = match part {
            Part::Database(place) => self.slots.all.get(place).map_or("", |slot| &slot.found.prefix),
            _ => "",
        };
        let (own, shared) = (Namer::new(source, prefix), Namer::new(source, "files/"));
        let scene = Scene { own, shared, now, evidence: &self.evidence };
        match part {
            Part::Database(place) => {
                let Some(slot) = self.slots.all.get(place) else { return told };
                let Some(content) = slot.content() else { return told };
                let path = slot.path();
                dash::tell(
                    Board { dash: &content.dash, path: &path, latest: &slot.latest },
                    scene,
                    &mut told,
                );
                tell::collab::tell(
                    tell::collab::Desk { collab: &content.collab, path: &path },
                    scene,
                    &mut told,
                );
            }
            Part::Session(name) => {
                if let Some(dir) = self.sessions.get(name) {
                    tell::sessions::tell(&dir.session, dir.path(), scene, self.zone, &mut told);
                }
            }
            Part::Files => tell::runs::tell(&self.files, scene, &mut told),
            Part::Archives => tell::archives::tell(&self.side.archives, scene, &mut told),
            Part::Projects => {
                let mut all = Gathered::default();
                for (slot, content) in self.slots.contents() {
                    let own = Namer::new(source, &slot.found.prefix);
                    let board = Board { dash: &content.dash, path: &slot.path(), latest: &slot.latest };
                    all.database(board, Scene { own, ..scene });
                    all.stored_runs(&content.collab);
                }
                all.files(&self.files, scene, &mut told);
                all.sessions(self.sessions.iter().map(|(_, dir)| &dir.session), scene, &mut told);
                all.tell(scene, &mut told);
            }
            Part::Catalog => catalog::tell(&self.shelf(), scene, &mut told),
        }
        told
    }

    fn shelf(&self) -> Shelf<'_> {
        let mut shelf = Shelf::default();
        for (slot, content) in self.slots.contents() {
            shelf.databases.push((content, slot.path(), slot.found.prefix.clone()));
        }
        self.side.stock(&mut shelf);
        shelf
    }

    /// What things are called elsewhere, for lines of logs.
    fn names(&self, source: SourceId) -> Names {
        let mut names = Names::default();
        for (slot, content) in self.slots.contents() {
            let own = Namer::new(source, &slot.found.prefix);
            for row in &content.dash.executions {
                names.executions.insert(row.id.clone(), own.key(&row.id));
            }
            names.agents.extend(
                dash::newest_of_name(&content.dash).into_iter().map(|(name, id)| (name, own.key(id))),
            );
            for (name, (session, agent)) in tell::collab::newest_sessions(&content.collab) {
                names.sessions.insert(name, own.key(&format!("{session}/{agent}")));
            }
            let listed = content.collab.tasks.iter().map(|row| &row.id);
            let spoken_of = content.collab.progress.iter().filter_map(|event| event.task.as_ref());
            names.tasks.extend(listed.chain(spoken_of).map(|id| (id.clone(), own.key(id))));
        }
        names
    }

    fn tell_lines(&mut self, mut lines: Vec<Line>, is_first: bool, out: &mut Sink<'_>) {
        if lines.is_empty() {
            return;
        }
        if self.errors_told.len() > REMEMBERED {
            self.errors_told.clear();
        }
        lines.retain(|line| line.identity().is_none_or(|error| self.errors_told.insert(error)));
        lines.sort_by_key(|line| line.at);
        let names = self.names(out.source());
        let skip = if is_first { lines.len().saturating_sub(FIRST_LINES) } else { 0 };
        for line in lines.into_iter().skip(skip) {
            out.push(Delta::Log(Box::new(line.resolve(&names))));
        }
    }

    /// Tells where logs are: of the workspace, of hooks and server, of sessions.
    fn tell_files(&mut self, hint: &Hint, is_first: bool, out: &mut Sink<'_>) {
        let sessions = self.sessions.iter().map(|(_, dir)| dir.path().join("logs/orchestration.log"));
        let paths = self.files.log_paths().chain(self.side.log_paths()).chain(sessions);
        let known: Vec<_> = paths.map(|path| (path.clone(), Known::below(&self.root, &path))).collect();
        self.log_files.tell(known, hint, is_first, out);
    }

    fn report(&self, out: &mut Sink<'_>) {
        let doubles = self.told.values().map(|told| told.doubles).sum();
        let things: usize = self.told.values().map(Told::len).sum();
        let parts = report::Parts {
            root: &self.root,
            slots: &self.slots,
            sessions: &self.sessions,
            files: &self.files,
            side: &self.side,
            evidence: &self.evidence,
            doubles,
            is_empty: things == 0,
        };
        report::write(&parts, out.health);
    }

    /// Nothing is there, or the only thing that is cannot be read.
    fn failure(&self, is_first: bool) -> Option<SourceError> {
        if !self.root.exists() {
            return Some(SourceError::Missing(self.root.clone()));
        }
        let others = self.sessions.iter().count() + self.files.len() + self.side.len();
        let mut slots = self.slots.all.values();
        match (slots.next(), slots.next()) {
            (Some(only), None) if others == 0 && only.content().is_none() => {
                only.error().map(SourceError::again)
            }
            // What goes away later may come again; what never was is most likely another place.
            (None, _) if others == 0 && !self.is_file && is_first => Some(SourceError::Unsupported {
                path: self.root.clone(),
                reason: "it holds no database, session or workspace of this orchestrator".to_owned(),
            }),
            _ => None,
        }
    }

    fn read(
        &mut self,
        at: &Moment,
        hint: &Hint,
        is_first: bool,
        out: &mut Sink<'_>,
    ) -> Result<(), SourceError> {
        let (mut dirty, lines) = self.look(at, hint, is_first, out);
        if is_first {
            self.told.clear();
            dirty.extend(self.all_but_catalog().chain([Part::Catalog]));
        }
        self.tell(dirty, at.now, out);
        self.tell_lines(lines, is_first, out);
        self.tell_files(hint, is_first, out);
        self.report(out);
        self.failure(is_first).map_or(Ok(()), Err)
    }
}

/// The place and folders of it that are there; of a configuration folder never everything below it, for Claude Code's own
/// transcripts lie there.
fn specs(reader: &Reader) -> Vec<WatchSpec> {
    let mut specs: Vec<WatchSpec> = Vec::new();
    let mut add = |path: &Path, recursive: bool| {
        let known =
            specs.iter().any(|spec| spec.path == path || spec.recursive && path.starts_with(&spec.path));
        if path.is_dir() && !known {
            specs.push(WatchSpec { path: path.to_owned(), recursive });
        }
    };
    if reader.is_file {
        add(reader.root.parent().unwrap_or(&reader.root), false);
        return specs;
    }
    let sessions = reader.sessions.folder();
    // The place itself may hold sessions beside much else; then each of them is watched.
    if sessions == reader.root && !place::is_session(&reader.root) {
        add(&reader.root, false);
        reader.sessions.iter().for_each(|(_, dir)| add(dir.path(), true));
    } else {
        add(sessions, true);
    }
    add(&reader.root, false);
    for slot in reader.slots.all.values() {
        add(slot.found.path.parent().unwrap_or(&reader.root), false);
    }
    add(reader.files.folder(), false);
    for folder in ["data", "backend", "backend/data", place::MEMORY] {
        add(&reader.root.join(folder), false);
    }
    for folder in reader.side.deep_folders() {
        add(folder, true);
    }
    for folder in reader.side.folders() {
        add(folder, false);
    }
    specs
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        let specs = specs(self);
        if specs.is_empty() { vec![WatchSpec { path: self.root.clone(), recursive: false }] } else { specs }
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.read(at, &Hint { paths: Vec::new(), rescan: true }, true, out)
    }

    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.read(at, hint, false, out)
    }

    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let words = self.told.values().filter_map(|told| told.wake).min();
        let must_retry = self.slots.must_retry() || self.sessions.must_retry();
        words.into_iter().chain(must_retry.then(|| now.plus(RETRY))).min()
    }
}
