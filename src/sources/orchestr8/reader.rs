//! The opened source: notices what changed, concludes anew for the runs concerned, tells the difference.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use super::{
    file::File,
    index::Index,
    place::{self, Found},
    report::{self, Parts},
    tell::step_local,
};
use crate::{
    model::{Delta, Key, Kind, LogLine, Millis, Timestamp},
    sources::{
        Hint, Moment, Sink, Source, SourceError, SourceSettings, WatchSpec,
        log_files::{Known, LogFiles},
        told::{Told, difference, named},
    },
    text::Safe,
};

mod plans;
mod runs;

use plans::Plans;

/// Lines for the log at the first read: the newest of all files.
const FIRST_LINES: usize = 400;
/// When a torn file is looked at again.
const RETRY: Millis = Millis::seconds(1);

/// One place of the orchestrator.
#[derive(Debug)]
pub(super) struct Reader {
    root: PathBuf,
    is_alone: bool,
    files: BTreeMap<PathBuf, File>,
    found: Found,
    index: Index,
    plans: Plans,
    told: BTreeMap<Safe, Told>,
    told_catalog: Told,
    log_files: LogFiles,
    wakes: BTreeSet<(Timestamp, Safe)>,
    wake_of: BTreeMap<Safe, Timestamp>,
    retry_at: Option<Timestamp>,
    buffer: Vec<u8>,
}

/// What a round of looking found.
#[derive(Debug, Default)]
struct Round {
    dirty: BTreeSet<Safe>,
    /// Files whose definition, agent or settings are others now.
    plans: BTreeSet<PathBuf>,
    /// Something was looked at.
    has_looked: bool,
}

impl Reader {
    /// Opens a place; reads nothing yet.
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, SourceError> {
        let Some(given) = settings.paths.first() else {
            return Err(SourceError::Missing(PathBuf::new()));
        };
        // Events name files by the path that is watched: one spelling for all.
        let root = given.canonicalize().unwrap_or_else(|_| given.clone());
        Ok(Self {
            is_alone: root.is_file(),
            root,
            files: BTreeMap::new(),
            found: Found::default(),
            index: Index::default(),
            plans: Plans::default(),
            told: BTreeMap::new(),
            told_catalog: Told::new(),
            log_files: LogFiles::default(),
            wakes: BTreeSet::new(),
            wake_of: BTreeMap::new(),
            retry_at: None,
            buffer: Vec::new(),
        })
    }

    /// Which files there are now. The error is that of the place itself.
    fn find(&mut self) -> Result<(), SourceError> {
        self.is_alone = self.root.is_file();
        if self.is_alone {
            let known = self.files.contains_key(&self.root);
            if !known {
                self.files.insert(self.root.clone(), File::new(self.root.clone(), Safe::default(), true));
            }
            return Ok(());
        }
        self.found = place::walk(&self.root).map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => SourceError::Missing(self.root.clone()),
            _ => SourceError::io(self.root.clone(), error),
        })?;
        for path in &self.found.files {
            if !self.files.contains_key(path) {
                let below = path.strip_prefix(&self.root).unwrap_or(path);
                let relative = Safe::line(&below.to_string_lossy());
                self.files.insert(path.clone(), File::new(path.clone(), relative, false));
            }
        }
        Ok(())
    }

    /// Looks where the hint points.
    fn look(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<Round, SourceError> {
        let mut round = Round::default();
        let everything = hint.rescan || hint.paths.iter().any(|path| self.is_folder(path));
        if everything || hint.paths.iter().any(|path| self.may_be_new(path)) {
            self.find()?;
        }
        let retries = self.retry_at.is_some_and(|due| due <= at.now);
        let told: BTreeSet<&Path> = hint.paths.iter().map(PathBuf::as_path).collect();
        let mut gone = Vec::new();
        for (path, file) in &mut self.files {
            let is_told = told.contains(path.as_path());
            if !(everything || is_told || file.is_new() || retries && file.must_retry()) {
                continue;
            }
            round.has_looked = true;
            let looked = file.look(at, is_told, &mut self.buffer, out.health);
            self.index.hear(path, &looked.runs, &|id| file.speaks_of(id));
            round.dirty.extend(looked.runs);
            if looked.has_new_plan {
                round.plans.insert(path.clone());
            }
            if looked.is_gone {
                gone.push(path.clone());
            }
        }
        for path in gone {
            self.lose(&path, &mut round, out);
        }
        let torn = self.files.values().any(File::must_retry);
        self.retry_at = torn.then(|| at.now.plus(RETRY));
        round.dirty.extend(self.wakes.iter().take_while(|(due, _)| *due <= at.now).map(|(_, id)| id.clone()));
        Ok(round)
    }

    /// Something may have come or gone below it.
    fn is_folder(&self, path: &Path) -> bool {
        path == self.root && !self.is_alone || self.found.folders.iter().any(|folder| folder == path)
    }

    fn may_be_new(&self, path: &Path) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        !self.files.contains_key(path) && (self.is_alone || place::is_candidate(&name) || path.is_dir())
    }

    fn lose(&mut self, path: &Path, round: &mut Round, out: &mut Sink<'_>) {
        let Some(mut file) = self.files.remove(path) else { return };
        file.forget(out.health);
        let ids = file.ids();
        self.index.hear(path, &ids, &|_| false);
        round.dirty.extend(ids);
        round.plans.insert(path.to_owned());
    }

    /// Tells what changed, and takes back what is not true any more.
    fn tell(&mut self, round: Round, is_first: bool, at: &Moment, out: &mut Sink<'_>) {
        let Round { mut dirty, plans, has_looked } = round;
        if !plans.is_empty() {
            let changed = self.plans.update(&self.files, &plans);
            if changed.has_settings {
                dirty.extend(self.index.ids().cloned());
            }
            for workflow in &changed.workflows {
                dirty.extend(self.index.of_workflow(workflow).cloned());
            }
        }
        if is_first {
            self.told.clear();
            self.told_catalog.clear();
            dirty.extend(self.index.ids().cloned());
        }
        if is_first || !plans.is_empty() {
            let told = named(self.plans.catalog(&self.files, out.source()));
            let before = std::mem::replace(&mut self.told_catalog, told);
            difference(&before, &self.told_catalog, out);
        }
        self.settle(&mut dirty);
        for id in dirty {
            let (deltas, wake) = self.conclude(&id, at, out.source());
            self.wake(&id, wake);
            let told = named(deltas);
            let before = self.told.remove(&id).unwrap_or_default();
            difference(&before, &told, out);
            if !told.is_empty() {
                self.told.insert(id, told);
            }
        }
        self.tell_log(is_first, out);
        let parts = Parts {
            files: &self.files,
            unreadable: &self.found.unreadable,
            is_cut: self.found.is_cut,
            is_empty: self.told.is_empty() && self.told_catalog.is_empty(),
            now: at.now,
        };
        if is_first || has_looked {
            report::write(&parts, out.health);
        } else {
            report::state(&parts, out.health);
        }
    }

    /// Tells where lines are written.
    fn tell_files(&mut self, hint: &Hint, is_first: bool, out: &mut Sink<'_>) {
        let folder = if self.is_alone { self.root.parent().unwrap_or(&self.root) } else { &self.root };
        let files = self.files.iter().filter(|(_, file)| file.lines().is_some());
        let known: Vec<_> = files.map(|(path, _)| (path.clone(), Known::below(folder, path))).collect();
        self.log_files.tell(known, hint, is_first, out);
    }

    fn wake(&mut self, id: &Safe, wake: Option<Timestamp>) {
        if let Some(old) = self.wake_of.remove(id) {
            self.wakes.remove(&(old, id.clone()));
        }
        if let Some(wake) = wake {
            self.wakes.insert((wake, id.clone()));
            self.wake_of.insert(id.clone(), wake);
        }
    }

    /// Tells what the logs said since the last time, oldest first.
    fn tell_log(&mut self, is_first: bool, out: &mut Sink<'_>) {
        let source = out.source();
        let mut lines: Vec<LogLine> = Vec::new();
        for file in self.files.values_mut() {
            for spoken in file.take_spoken() {
                let told = spoken.execution.as_ref().and_then(|id| self.told.get(id));
                let run = spoken.execution.as_ref().filter(|_| told.is_some());
                let agent =
                    run.zip(spoken.step.as_ref()).map(|(run, step)| Key::new(source, step_local(run, step)));
                let is_told = |key: &Key| {
                    let agents = told.into_iter().flatten().filter(|(kind, ..)| *kind == Kind::Agent);
                    agents.into_iter().any(|(_, known, _)| known == key)
                };
                lines.push(LogLine {
                    at: spoken.at,
                    level: spoken.level,
                    agent: agent.filter(is_told),
                    task: run.map(|run| Key::new(source, run.clone())),
                    tool: None,
                    text: spoken.text,
                });
            }
        }
        lines.sort_by_key(|line| line.at);
        let skip = if is_first { lines.len().saturating_sub(FIRST_LINES) } else { 0 };
        for line in lines.into_iter().skip(skip) {
            out.push(Delta::Log(Box::new(line)));
        }
    }
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        let spec = |path: &Path, recursive| WatchSpec { path: path.to_owned(), recursive };
        if self.is_alone {
            return self.root.parent().map(|folder| vec![spec(folder, false)]).unwrap_or_default();
        }
        if self.found.is_small() {
            return vec![spec(&self.root, !self.found.folders.is_empty())];
        }
        self.found.folders.iter().map(|folder| spec(folder, false)).collect()
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.find()?;
        let mut round = self.look(at, &Hint { paths: Vec::new(), rescan: true }, out)?;
        round.plans.extend(self.files.keys().cloned());
        self.tell(round, true, at, out);
        self.tell_files(&Hint { paths: Vec::new(), rescan: true }, true, out);
        Ok(())
    }

    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        let round = self.look(at, hint, out)?;
        self.tell(round, false, at, out);
        self.tell_files(hint, false, out);
        Ok(())
    }

    fn next_wake(&self, _now: Timestamp) -> Option<Timestamp> {
        self.wakes.first().map(|(due, _)| *due).into_iter().chain(self.retry_at).min()
    }
}
