//! Scenarios on small databases and logs made here: what is told of states, defects and broken files.

mod broken;
mod logs;
mod states;
mod units;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use tempfile::TempDir;

use super::MultiAgent;
use crate::{
    model::{Agent, Delta, Health, Kind, LogLine, SourceId, Task, Timestamp, UsageKey, UsageRecord, Usd},
    sources::{Hint, Moment, Source, SourceError, SourceKind, SourceSettings, bench},
};

const AGENTS: &str = "CREATE TABLE agents (id VARCHAR(36) PRIMARY KEY, role VARCHAR(10), status VARCHAR(9), task_id VARCHAR(36),
    created_at DATETIME, updated_at DATETIME, completed_at DATETIME, custom_instructions VARCHAR, total_input_tokens INTEGER,
    total_output_tokens INTEGER, cache_creation_tokens INTEGER, cache_read_tokens INTEGER, total_cost VARCHAR);";
const TASKS: &str = "CREATE TABLE tasks (id VARCHAR(36) PRIMARY KEY, description TEXT, task_type VARCHAR, status VARCHAR,
    created_at DATETIME, updated_at DATETIME, completed_at DATETIME, workflow JSON, current_step INTEGER, complexity VARCHAR,
    total_cost INTEGER, duration_seconds INTEGER, result TEXT, error TEXT, task_metadata JSON);";

const TASK: &str = "11111111-aaaa-4000-8000-000000000000";
const BUILDER: &str = "22222222-aaaa-4000-8000-000000000000";
const TESTER: &str = "33333333-aaaa-4000-8000-000000000000";

/// A place made here, the source that reads it, and everything it told.
struct Bench {
    place: TempDir,
    source: Option<Box<dyn Source>>,
    health: Health,
    seq: u64,
    now: Timestamp,
    agents: BTreeMap<String, Agent>,
    tasks: BTreeMap<String, Task>,
    usage: BTreeMap<UsageKey, UsageRecord>,
    logs: Vec<LogLine>,
}

impl Bench {
    fn new() -> Self {
        Self {
            place: tempfile::tempdir().unwrap(),
            source: None,
            health: Health::default(),
            seq: 0,
            now: Timestamp::parse("2025-11-20T10:10:00Z").unwrap(),
            agents: BTreeMap::new(),
            tasks: BTreeMap::new(),
            usage: BTreeMap::new(),
            logs: Vec::new(),
        }
    }

    fn path(&self, part: &str) -> PathBuf {
        self.place.path().canonicalize().unwrap().join(part)
    }

    fn sql(&self, text: &str) {
        Connection::open(self.path("orchestrator.db")).unwrap().execute_batch(text).unwrap();
    }

    /// The two tables of the newest dashboard.
    fn tables(&self) {
        self.sql(&format!("{AGENTS}{TASKS}"));
    }

    fn task_row(&self, status: &str, workflow: &str, error: &str) {
        self.sql(&format!(
            "INSERT OR REPLACE INTO tasks (id, description, task_type, status, created_at, updated_at, workflow, current_step,
             error, task_metadata) VALUES ('{TASK}', 'Add a limit', 'BUG_FIX', '{status}', '2025-11-20 10:00:00.000000',
             '2025-11-20 10:06:00.000000', '{workflow}', 0, nullif('{error}', ''), 'null')"
        ));
    }

    fn agent_row(&self, id: &str, role: &str, status: &str, start: &str, figures: &str) {
        self.sql(&format!(
            "INSERT OR REPLACE INTO agents VALUES ('{id}', '{role}', '{status}', '{TASK}', '2025-11-20 {start}.250000',
             '2025-11-20 {start}.260000', NULL, NULL, {figures})"
        ));
    }

    /// Appends to a file below the log root.
    fn log(&self, file: &str, text: &str) {
        let path = self.path("agent_logs").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn open(&mut self, path: &Path) -> Result<(), SourceError> {
        let settings = SourceSettings {
            id: SourceId(0),
            paths: vec![path.to_owned()],
            zone: chrono_tz::Tz::Europe__Berlin,
            options: Vec::new(),
            memory: None,
        };
        self.source = Some(MultiAgent.open(&settings)?);
        self.run(None)
    }

    fn read(&mut self) -> Result<(), SourceError> {
        let path = self.place.path().to_owned();
        self.open(&path)
    }

    fn touch(&mut self, parts: &[&str]) -> Result<(), SourceError> {
        let paths = parts.iter().map(|part| self.path(part)).collect();
        self.run(Some(&Hint { paths, rescan: false }))
    }

    fn rescan(&mut self) -> Result<(), SourceError> {
        self.run(Some(&Hint { paths: Vec::new(), rescan: true }))
    }

    fn run(&mut self, hint: Option<&Hint>) -> Result<(), SourceError> {
        let mut batches = Vec::new();
        let Self { source, seq, health, .. } = self;
        let at = Moment { now: self.now, fixed: true };
        let source = source.as_mut().unwrap();
        let mut hear = |batch| batches.push(batch);
        let outcome = bench::look(&mut **source, &at, hint, (seq, health), &mut hear);
        for delta in batches.into_iter().flat_map(|batch| batch.deltas) {
            self.apply(delta);
        }
        outcome
    }

    fn apply(&mut self, delta: Delta) {
        match delta {
            Delta::Agent(key, agent) => drop(self.agents.insert(key.local.to_string(), *agent)),
            Delta::Task(key, task) => drop(self.tasks.insert(key.local.to_string(), *task)),
            Delta::Usage(record) => drop(self.usage.insert(record.key, *record)),
            Delta::UsageGone(key) => drop(self.usage.remove(&key)),
            Delta::Log(line) => self.logs.push(*line),
            Delta::Gone(Kind::Agent, key) => drop(self.agents.remove(key.local.as_str())),
            Delta::Gone(Kind::Task, key) => drop(self.tasks.remove(key.local.as_str())),
            _ => {}
        }
    }

    fn agent(&self, key: &str) -> &Agent {
        self.agents.get(key).unwrap_or_else(|| panic!("{key} among {:?}", self.agents.keys()))
    }

    fn note(&self, key: &str) -> &str {
        self.agent(key).status_note.as_deref().unwrap_or("")
    }

    fn task(&self) -> &Task {
        self.tasks.get(TASK).unwrap()
    }

    fn task_note(&self) -> &str {
        self.task().status_note.as_deref().unwrap_or("")
    }

    fn cost(&self) -> Usd {
        self.usage.values().filter_map(|record| record.recorded_cost).sum()
    }
}

fn fact<'a>(facts: &'a [(&'static str, crate::text::Safe)], label: &str) -> &'a str {
    facts.iter().find(|(known, _)| *known == label).map_or("", |(_, text)| text.as_str())
}

/// A result line of a turn that cost a quarter dollar.
fn result(time: &str, is_error: bool, text: &str) -> String {
    format!(
        "{{\"timestamp\": \"2025-11-20T{time}\", \"type\": \"ResultMessage\", \"is_error\": {is_error}, \"result\": \"{text}\", \
         \"duration_ms\": 1000, \"num_turns\": 3, \"session_id\": \"s\", \"total_cost_usd\": 0.25, \"usage\": \
         {{\"input_tokens\": 10, \"cache_creation_input_tokens\": 20, \"cache_read_input_tokens\": 30, \"output_tokens\": 40}}}}\n"
    )
}
