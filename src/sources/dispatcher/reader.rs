//! The opened source: notices what changed, concludes anew, tells the difference.

use std::{collections::HashMap, path::PathBuf};

use super::{
    conclude::{Line, Picture},
    files::{Look, Trouble},
    home::Home,
    place,
    report::{self, Counted},
    told::{Ledger, Once},
};
use crate::{
    model::{
        BacklogItem, CatalogItem, Delta, Key, Kind, LogKind, LogLine, Millis, Project, Schedule, Task,
        TaskBatch, Timestamp, UsageKey, UsageRecord,
    },
    sources::{
        Hint, Moment, Sink, Source, SourceError, SourceSettings, WatchSpec,
        log_files::{Known, LogFiles},
    },
    text::Safe,
};

/// Lines for the log at the first read: the newest of all.
const FIRST_LINES: usize = 400;
/// When a torn file is looked at again, and at most how seldom while it stays torn.
const RETRY: Millis = Millis(100);
const LONGEST_RETRY: u32 = 9;

/// One home of the orchestrator.
pub(super) struct Reader {
    home: Home,
    picture: Picture,
    tasks: Ledger<Task>,
    batches: Ledger<TaskBatch>,
    projects: Ledger<Project>,
    schedules: Ledger<Schedule>,
    backlog: Ledger<BacklogItem>,
    catalog: Ledger<CatalogItem>,
    usage: HashMap<UsageKey, UsageRecord>,
    lines: Once<Line>,
    counted: Counted,
    troubles: Vec<Trouble>,
    log_files: LogFiles,
    /// Looks in a row that found a torn file.
    torn: u32,
}

impl Reader {
    /// Opens a home; reads nothing yet.
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, SourceError> {
        let Some(given) = settings.paths.first() else {
            return Err(SourceError::Missing(PathBuf::new()));
        };
        // Events name files by the path that is watched: one spelling for all.
        let path = given.canonicalize().unwrap_or_else(|_| given.clone());
        Ok(Self {
            home: Home::new(path, given.clone(), settings),
            picture: Picture::default(),
            tasks: Ledger::new(Kind::Task, Delta::Task),
            batches: Ledger::new(Kind::TaskBatch, Delta::TaskBatch),
            projects: Ledger::new(Kind::Project, Delta::Project),
            schedules: Ledger::new(Kind::Schedule, Delta::Schedule),
            backlog: Ledger::new(Kind::Backlog, Delta::Backlog),
            catalog: Ledger::new(Kind::Catalog, Delta::Catalog),
            usage: HashMap::new(),
            lines: Once::default(),
            counted: Counted::default(),
            troubles: Vec::new(),
            log_files: LogFiles::default(),
            torn: 0,
        })
    }

    fn read(&mut self, at: &Moment, hint: &Hint, first: bool, out: &mut Sink<'_>) -> Result<(), SourceError> {
        if first {
            self.counted = Counted::default();
        }
        let look = Look { now: at.now, hint };
        let changed = self.home.refresh(&look, at, out.health);
        let due = self.picture.wake.is_some_and(|wake| wake <= at.now);
        self.troubles = self.home.troubles(at);
        let torn = self.troubles.iter().any(|trouble| trouble.retry);
        self.torn = if torn { (self.torn + 1).min(LONGEST_RETRY) } else { 0 };
        if changed || due || first {
            let picture = Picture::of(&self.home, out.source(), at);
            self.tell(picture, first, out);
        }
        self.tell_files(hint, first, out);
        report::write(&self.home, &self.picture, &self.troubles, at, &mut self.counted, out.health);
        if self.home.exists() { Ok(()) } else { Err(SourceError::Missing(self.home.path.clone())) }
    }

    fn tell(&mut self, mut picture: Picture, first: bool, out: &mut Sink<'_>) {
        self.projects.tell(std::mem::take(&mut picture.projects), first, out);
        self.batches.tell(std::mem::take(&mut picture.batches), first, out);
        self.tasks.tell(std::mem::take(&mut picture.tasks), first, out);
        self.schedules.tell(std::mem::take(&mut picture.schedules), first, out);
        self.backlog.tell(std::mem::take(&mut picture.backlog), first, out);
        self.catalog.tell(std::mem::take(&mut picture.catalog), first, out);
        self.tell_usage(std::mem::take(&mut picture.usage), first, out);
        self.tell_lines(std::mem::take(&mut picture.lines), first, out);
        self.picture = picture;
    }

    fn tell_usage(&mut self, records: Vec<UsageRecord>, first: bool, out: &mut Sink<'_>) {
        let mut now = HashMap::with_capacity(records.len());
        for record in records {
            if first || self.usage.get(&record.key) != Some(&record) {
                out.push(Delta::Usage(Box::new(record.clone())));
            }
            now.insert(record.key, record);
        }
        for key in self.usage.keys().filter(|key| !now.contains_key(*key)) {
            out.push(Delta::UsageGone(*key));
        }
        self.usage = now;
    }

    /// Tells where logs are: of the shell dispatcher, of planned runs, of tasks.
    fn tell_files(&mut self, hint: &Hint, first: bool, out: &mut Sink<'_>) {
        let root = &self.home.path;
        let own =
            self.home.run_logs.iter().map(|(path, _)| path.clone()).chain([root.join("logs/dispatches.log")]);
        let mut files: Vec<(PathBuf, Known)> =
            own.map(|path| (path.clone(), Known::below(root, &path))).collect();
        for (task, log) in self.home.task_logs.iter() {
            let task = Some(Key::new(out.source(), Safe::line(task)));
            let known = Known { kind: LogKind::Output, task, ..Known::below(root, &log.path) };
            files.push((log.path.clone(), known));
        }
        self.log_files.tell(files, hint, first, out);
    }

    fn tell_lines(&mut self, lines: Vec<Line>, first: bool, out: &mut Sink<'_>) {
        let mut news = self.lines.news(lines);
        news.extend(self.home.run_logs.take_said().into_iter().map(|line| (line, None)));
        news.sort_by_key(|(line, _)| line.at);
        let skip = if first { news.len().saturating_sub(FIRST_LINES) } else { 0 };
        let source = out.source();
        for (line, task) in news.into_iter().skip(skip) {
            out.push(Delta::Log(Box::new(LogLine {
                at: line.at,
                level: line.level(),
                agent: None,
                task: task.map(|task| Key::new(source, task)),
                tool: None,
                text: line.text,
            })));
        }
    }
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        let copies = self.home.copies.values().filter_map(|doc| doc.path().parent());
        let copies = copies.filter(|folder| folder.is_dir()).map(|folder| (folder.to_owned(), false));
        place::watched(&self.home.path)
            .into_iter()
            .chain(copies)
            .map(|(path, recursive)| WatchSpec { path, recursive })
            .collect()
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.read(at, &Hint { paths: Vec::new(), rescan: true }, true, out)
    }

    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.read(at, hint, false, out)
    }

    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let retry = (self.torn > 0).then(|| now.plus(Millis(RETRY.0 << (self.torn - 1))));
        [self.picture.wake, retry].into_iter().flatten().min()
    }
}
