//! Scenarios on small homes made here: what is told of records, workspaces, schedules, lists and broken files.

mod backlogs;
mod broken;
mod crontabs;
mod live;
mod others;
mod records;
mod traps;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Dispatcher;
use crate::{
    model::{
        BacklogItem, Batch, CatalogItem, Delta, Health, Kind, LogFile, LogLine, Project, Schedule, SourceId,
        Task, TaskBatch, Timestamp, UsageKey, UsageRecord, Zone,
    },
    sources::{Hint, Moment, Source, SourceError, SourceKind, SourceSettings, bench},
};

/// Everything a source told, as it stands after all news.
#[derive(Debug, Default, PartialEq)]
struct Told {
    tasks: BTreeMap<String, Task>,
    batches: BTreeMap<String, TaskBatch>,
    projects: BTreeMap<String, Project>,
    schedules: BTreeMap<String, Schedule>,
    backlog: BTreeMap<String, BacklogItem>,
    catalog: BTreeMap<String, CatalogItem>,
    usage: BTreeMap<UsageKey, UsageRecord>,
    files: BTreeMap<String, LogFile>,
}

impl Told {
    fn take(&mut self, batch: Batch, logs: &mut Vec<LogLine>) -> usize {
        let mut news = 0;
        for delta in batch.deltas {
            news += usize::from(!matches!(delta, Delta::Health(_) | Delta::LogFile(..)));
            match delta {
                Delta::Task(key, task) => drop(self.tasks.insert(key.local.to_string(), *task)),
                Delta::TaskBatch(key, batch) => drop(self.batches.insert(key.local.to_string(), *batch)),
                Delta::Project(key, project) => drop(self.projects.insert(key.local.to_string(), *project)),
                Delta::Schedule(key, job) => drop(self.schedules.insert(key.local.to_string(), *job)),
                Delta::Backlog(key, item) => drop(self.backlog.insert(key.local.to_string(), *item)),
                Delta::Catalog(key, item) => drop(self.catalog.insert(key.local.to_string(), *item)),
                Delta::Usage(record) => drop(self.usage.insert(record.key, *record)),
                Delta::UsageGone(key) => drop(self.usage.remove(&key).expect("was told")),
                Delta::LogFile(key, file) => drop(self.files.insert(key.local.to_string(), *file)),
                Delta::Log(line) => logs.push(*line),
                Delta::Gone(kind, key) => self.forget(kind, &key.local),
                Delta::Health(_) => {}
                other => panic!("a dispatcher does not tell {other:?}"),
            }
        }
        news
    }

    fn forget(&mut self, kind: Kind, key: &str) {
        let known = match kind {
            Kind::Task => self.tasks.remove(key).is_some(),
            Kind::TaskBatch => self.batches.remove(key).is_some(),
            Kind::Project => self.projects.remove(key).is_some(),
            Kind::Schedule => self.schedules.remove(key).is_some(),
            Kind::Backlog => self.backlog.remove(key).is_some(),
            Kind::Catalog => self.catalog.remove(key).is_some(),
            Kind::LogFile => self.files.remove(key).is_some(),
            _ => false,
        };
        assert!(known, "{kind:?} {key} was told");
    }
}

/// A home made here, the source that reads it, and everything it told.
struct Bench {
    place: TempDir,
    source: Option<Box<dyn Source>>,
    health: Health,
    seq: u64,
    now: Timestamp,
    zone: Zone,
    fixed: bool,
    told: Told,
    logs: Vec<LogLine>,
    /// Pieces of news of the last look.
    news: usize,
}

const NOW: &str = "2026-11-18T15:30:00Z";

impl Bench {
    fn new() -> Self {
        let bench = Self {
            place: tempfile::tempdir().unwrap(),
            source: None,
            health: Health::default(),
            seq: 0,
            now: at(NOW),
            zone: Zone::UTC,
            fixed: false,
            told: Told::default(),
            logs: Vec::new(),
            news: 0,
        };
        fs::create_dir_all(bench.home()).unwrap();
        bench
    }

    fn root(&self) -> PathBuf {
        self.place.path().canonicalize().unwrap()
    }

    fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    fn path(&self, below: &str) -> PathBuf {
        self.home().join(below)
    }

    fn write(&self, below: &str, text: &str) -> &Self {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn json(&self, below: &str, value: &Value) -> &Self {
        self.write(below, &value.to_string())
    }

    fn dispatches(&self, records: &Value) -> &Self {
        self.json("logs/dispatches.json", records)
    }

    fn crontab(&self, text: &str) -> &Self {
        let home = self.home();
        fs::write(self.root().join("crontab"), text.replace("HOME_DIR", &home.to_string_lossy())).unwrap();
        self
    }

    fn settings(&self) -> SourceSettings {
        let option = |name: &str, value: String| (name.to_owned(), value);
        SourceSettings {
            id: SourceId(0),
            paths: vec![self.home()],
            zone: self.zone,
            options: vec![
                option("crontab", self.root().join("crontab").display().to_string()),
                option("home", "/home/person".to_owned()),
                option("machine-zone", self.zone.name().to_owned()),
            ],
            memory: None,
        }
    }

    /// Reads everything from scratch.
    fn read(&mut self) -> &mut Self {
        self.source = Some(Dispatcher.open(&self.settings()).unwrap());
        (self.told, self.logs) = (Told::default(), Vec::new());
        self.look(None).unwrap();
        self
    }

    /// Looks at everything that changed.
    fn sweep(&mut self) -> &mut Self {
        self.look(Some(&Hint { paths: Vec::new(), rescan: true })).unwrap();
        self
    }

    /// Looks where an event points.
    fn touch(&mut self, below: &str) -> &mut Self {
        let path = self.path(below);
        self.look(Some(&Hint { paths: vec![path], rescan: false })).unwrap();
        self
    }

    fn look(&mut self, hint: Option<&Hint>) -> Result<(), SourceError> {
        let Self { source, health, seq, told, logs, now, fixed, news, .. } = self;
        *news = 0;
        let at = Moment { now: *now, fixed: *fixed };
        let source = source.as_mut().unwrap();
        bench::look(&mut **source, &at, hint, (seq, health), &mut |batch| *news += told.take(batch, logs))
    }

    /// What a second source says that reads everything now.
    fn afresh(&self) -> Told {
        let mut source = Dispatcher.open(&self.settings()).unwrap();
        let (mut told, mut logs, mut seq, mut health) = (Told::default(), Vec::new(), 0, Health::default());
        let at = Moment { now: self.now, fixed: self.fixed };
        let mut hear = |batch| {
            told.take(batch, &mut logs);
        };
        bench::look(&mut *source, &at, None, (&mut seq, &mut health), &mut hear).unwrap();
        told
    }

    fn wake(&self) -> Option<Timestamp> {
        self.source.as_ref().unwrap().next_wake(self.now)
    }

    fn task(&self, key: &str) -> &Task {
        self.told.tasks.get(key).unwrap_or_else(|| panic!("task {key} of {:?}", self.told.tasks.keys()))
    }

    fn only_task(&self) -> &Task {
        assert_eq!(self.told.tasks.len(), 1);
        self.told.tasks.values().next().unwrap()
    }

    fn schedule(&self, name: &str) -> &Schedule {
        let mut found = self.told.schedules.values().filter(|job| job.name.as_str() == name);
        let job = found.next().unwrap_or_else(|| panic!("{name} of {:?}", self.told.schedules.keys()));
        assert!(found.next().is_none(), "one schedule called {name}");
        job
    }

    fn has_note(&self, part: &str) -> bool {
        self.health.notes.iter().any(|note| note.contains(part))
    }

    fn count(&self, place: &str, what: &str) -> Option<u64> {
        let mut found = self.health.contents.iter();
        found
            .find(|found| found.place.as_str() == place && found.what.as_str() == what)
            .map(|found| found.count)
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn fact<'a>(facts: &'a [(&'static str, crate::text::Safe)], label: &str) -> Option<&'a str> {
    facts.iter().find(|(known, _)| *known == label).map(|(_, value)| value.as_str())
}

/// A task as the dispatcher writes it; `more` replaces fields.
fn dispatch(id: &str, status: &str, more: &Value) -> Value {
    let mut record = json!({
        "id": id, "workspace": "acme.api", "workspace_path": "~/work/api", "task": "Fix it", "original_task": "Fix it",
        "complexity": "medium", "priority": "high", "model": "claude-sonnet-4-5-20250929", "status": status,
        "created_at": "2026-11-18T12:00:00.000Z", "updated_at": "2026-11-18T15:20:00.000Z", "started_at": null,
        "completed_at": null, "status_history": [], "error_message": null, "verification_log": null,
        "acceptance_criteria": [], "universal_criteria": true,
    });
    for (name, value) in more.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

fn sorted(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}
