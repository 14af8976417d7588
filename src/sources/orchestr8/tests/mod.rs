//! Scenarios on small files made here: what is told of runs, steps, definitions and broken files.

mod definitions;
mod events;
mod files;
mod journals;
mod links;
mod logs;
mod results;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::Orchestr8;
use crate::{
    model::{Agent, CatalogItem, Execution, Health, Key, SourceId, Status, Task, Timestamp, Zone},
    sources::{Hint, Moment, Source, SourceError, SourceKind, SourceSettings, bench},
    store::Store,
    text::Safe,
};

const NOW: &str = "2025-08-22T04:12:00Z";

/// A place made here, the source that reads it, and everything it told.
struct Bench {
    place: TempDir,
    target: PathBuf,
    source: Option<Box<dyn Source>>,
    store: Store,
    health: Health,
    seq: u64,
    now: Timestamp,
    fixed: bool,
}

impl Bench {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().canonicalize().unwrap();
        Self::at(place, target)
    }

    fn at(place: TempDir, target: PathBuf) -> Self {
        Self {
            place,
            target,
            source: None,
            store: Store::default(),
            health: Health::default(),
            seq: 0,
            now: Timestamp::parse(NOW).unwrap(),
            fixed: true,
        }
    }

    /// With these files, read.
    fn with(files: &[(&str, &str)]) -> Self {
        let mut bench = Self::new();
        for (name, text) in files {
            bench.write(name, text);
        }
        bench.read();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn append(&self, name: &str, text: impl AsRef<[u8]>) {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    /// Reads everything.
    fn read(&mut self) {
        self.call(None).unwrap();
    }

    /// Looks at these files, as events would tell.
    fn look(&mut self, names: &[&str]) {
        let paths = names.iter().map(|name| self.path(name)).collect();
        self.call(Some(&Hint { paths, rescan: false })).unwrap();
    }

    fn rescan(&mut self) {
        self.call(Some(&Hint { paths: Vec::new(), rescan: true })).unwrap();
    }

    fn call(&mut self, hint: Option<&Hint>) -> Result<(), SourceError> {
        let at = Moment { now: self.now, fixed: self.fixed };
        let mut source = match self.source.take() {
            Some(source) => source,
            None => Orchestr8.open(&settings(&self.target))?,
        };
        let Self { store, seq, health, .. } = self;
        let mut hear = |batch| {
            store.apply(batch);
        };
        let outcome = bench::look(&mut *source, &at, hint, (seq, health), &mut hear);
        self.source = Some(source);
        outcome
    }

    /// The same place read from scratch must tell the same.
    fn assert_as_from_scratch(&self) {
        let mut store = Store::default();
        let mut health = Health::default();
        let mut source = Orchestr8.open(&settings(&self.target)).unwrap();
        let mut seq = 0;
        let at = Moment { now: self.now, fixed: self.fixed };
        let mut hear = |batch| {
            store.apply(batch);
        };
        bench::look(&mut *source, &at, None, (&mut seq, &mut health), &mut hear).unwrap();
        assert_eq!(all(&self.store), all(&store));
        assert_eq!(self.health.contents, health.contents);
        assert_eq!(self.health.notes, health.notes);
        assert_eq!((self.health.skipped, self.health.repaired), (health.skipped, health.repaired));
    }

    fn task(&self, id: &str) -> &Task {
        let ids: Vec<_> = self.store.tasks.entries().map(|(_, key, _)| key.local.clone()).collect();
        self.store.tasks.find(&key(id)).unwrap_or_else(|| panic!("{id} among {ids:?}"))
    }

    fn step(&self, id: &str) -> &Execution {
        let ids: Vec<_> = self.store.executions.entries().map(|(_, key, _)| key.local.clone()).collect();
        self.store.executions.find(&key(id)).unwrap_or_else(|| panic!("{id} among {ids:?}"))
    }

    fn agent(&self, id: &str) -> Option<&Agent> {
        self.store.agents.find(&key(id))
    }

    fn item(&self, id: &str) -> &CatalogItem {
        let ids: Vec<_> = self.store.catalog.entries().map(|(_, key, _)| key.local.clone()).collect();
        self.store.catalog.find(&key(id)).unwrap_or_else(|| panic!("{id} among {ids:?}"))
    }

    fn note(&self, id: &str) -> &str {
        self.task(id).status_note.as_deref().unwrap_or("")
    }

    /// `id:status:word` of all steps of a run, in order.
    fn steps(&self, run: &str) -> String {
        let prefix = format!("{run}/");
        let steps = self.store.executions.entries().filter_map(|(_, key, step)| {
            let id = key.local.strip_prefix(&prefix)?;
            Some(format!("{id}:{}", step.status_raw.as_deref().unwrap_or("?")))
        });
        steps.collect::<Vec<_>>().join(" ")
    }

    fn figure(&self, place: &str, what: &str) -> Option<u64> {
        let found = self.health.contents.iter().find(|found| &*found.place == place && &*found.what == what);
        found.map(|found| found.count)
    }

    fn says(&self, text: &str) -> bool {
        self.health.notes.iter().any(|note| note.contains(text))
    }
}

fn settings(path: &Path) -> SourceSettings {
    SourceSettings {
        id: SourceId(0),
        paths: vec![path.to_owned()],
        zone: Zone::UTC,
        options: Vec::new(),
        memory: None,
    }
}

fn key(local: &str) -> Key {
    Key::new(SourceId(0), Safe::line(local))
}

/// Everything told, in an order of its own.
fn all(store: &Store) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    told.extend(store.tasks.entries().map(|(_, key, row)| format!("{key:?} {row:?}")));
    told.extend(store.executions.entries().map(|(_, key, row)| format!("{key:?} {row:?}")));
    told.extend(store.agents.entries().map(|(_, key, row)| format!("{key:?} {row:?}")));
    told.extend(store.catalog.entries().map(|(_, key, row)| format!("{key:?} {row:?}")));
    told.sort();
    told
}

fn fact<'a>(facts: &'a [(&'static str, Safe)], label: &str) -> &'a str {
    facts.iter().find(|(known, _)| *known == label).map_or("", |(_, text)| text.as_str())
}

/// A log line of the console dialect, at a second of 04:10.
fn console(second: u32, level: &str, msg: &str, run: &str, rest: &str) -> String {
    format!(
        "{{\"timestamp\":\"2025-08-22T04:10:{second:02}.000Z\",\"level\":\"{level}\",\"msg\":\"{msg}\",\"name\":\"orchestr8\",\
         \"executionId\":\"{run}\",\"workflowId\":\"wf\",\"workflowVersion\":\"1.0.0\"{rest}}}\n"
    )
}

#[test]
fn a_place_without_anything_is_empty_and_one_that_is_not_there_is_missing() {
    let mut bench = Bench::new();
    bench.read();
    assert_eq!(bench.health.state, crate::model::HealthState::Empty);
    assert_eq!(bench.health.error, None);
    let mut gone = Bench::new();
    gone.target = gone.path("nowhere");
    assert!(matches!(gone.call(None), Err(SourceError::Missing(_))));
}

#[test]
fn an_unknown_word_stays_as_it_is() {
    let bench = Bench::with(&[(
        "r.json",
        r#"{"executionId": "x", "status": "paused", "steps": {"a": {"status": "napping"}}, "startTime": "2025-08-22T04:10:00.000Z"}"#,
    )]);
    assert_eq!(
        (bench.task("x").status, bench.task("x").status_raw.as_deref()),
        (Status::Unknown, Some("paused"))
    );
    assert_eq!(bench.step("x/a").status_raw.as_deref(), Some("napping"));
    assert_eq!(bench.step("x/a").status, Status::Unknown);
}
