//! The same ill treatment for every source that reads files others rewrite: torn, empty, foreign, missing, replaced, locked,
//! short of a column. Whatever happens to one file, the source goes on, says so, and knows everything again when the file
//! is whole.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

use rusqlite::Connection;

use crate::{foreign::snapshot, places, rig::Rig};
use orchdash::sources::SourceError;

/// A place of one kind, made here.
struct Subject {
    kind: &'static str,
    now: &'static str,
    /// Writes the place.
    build: fn(&Path),
    /// Options of the kind, for a place.
    options: fn(&Path) -> Vec<(String, String)>,
    /// Files that their owner rewrites or appends to, below the place.
    files: &'static [&'static str],
    /// Databases below the place.
    databases: &'static [&'static str],
}

impl Subject {
    fn open(&self, place: &Path) -> Result<Rig, SourceError> {
        Rig::open_with(self.kind, place, self.now, (self.options)(place))
    }
}

fn none(_: &Path) -> Vec<(String, String)> {
    Vec::new()
}

const SUBJECTS: &[Subject] = &[
    Subject {
        kind: "dispatcher",
        now: "2026-11-18T15:30:00Z",
        build: places::dispatcher,
        // Not the crontab of the machine that tests run on.
        options: |place| vec![("crontab".to_owned(), place.join("crontab").display().to_string())],
        files: &[
            "logs/dispatches.json",
            "logs/usage.json",
            "logs/workspace-locks.json",
            "logs/notifications.json",
            "logs/inbox.json",
            "logs/model-learning.json",
            "logs/dispatches.log",
            "logs/cron-report.log",
            "logs/b/d2.log",
            "config/orchestrator/workspaces.json",
            "config/orchestrator/schedules.json",
            "config/orchestrator/models.json",
            "config/orchestrator/pricing.json",
            "config/cron/orchestrator.cron",
            "backlogs/products/web.md",
            "data/backlog-cache/acme__web.json",
            "changelogs/web-changelog.md",
            "reports/pr-inbox.json",
            "reports/pr-reviews/web-9.md",
        ],
        databases: &[],
    },
    Subject {
        kind: "multi-agent",
        now: "2025-11-20T10:10:00Z",
        build: multi_agent,
        options: none,
        files: &["agent_logs/t1/22222222_Builder_Agent_20251120_100010/summary.jsonl"],
        databases: &["orchestrator.db"],
    },
    Subject {
        kind: "agent-orchestrator",
        now: "2025-08-01T18:30:00Z",
        build: crate::agent_orchestrator_bench::build,
        options: none,
        files: &[
            "agent-workspaces/orchestration.log",
            "agent-workspaces/orchestration-timeline.jsonl",
            "agent-workspaces/orchestration-plan.md",
            "agent-workspaces/Agent-loner.md",
            "orchestration/session-orch-20250801-180000/config.json",
            "orchestration/session-orch-20250801-180000/results/a.json",
            "orchestration/session-orch-20250801-180000/phase-2-plan.json",
            "orchestration/session-orch-20250801-180000/queue/b.task",
            "orchestration/session-orch-20250801-180000/status/b.progress",
            "orchestration/session-orch-20250801-180000/status/active_agents.txt",
            "orchestration/session-orch-20250801-180000/status/orchestration.yaml",
            "orchestration/session-orch-20250801-180000/logs/orchestration.log",
            "agent-workspaces/Agent-orchestration.md",
            "agent-progress-backup/Agent-tester-progress.log",
            "agent-tracking-backup/errors.log",
            "backend/combined.log",
            "agent-archives/2025-07/X-1.json",
            "agents/agent-registry.json",
            "agents/builder.md",
            "agents/mcp-requirements.json",
            "hooks/config.json",
            "claude_code_config.json",
        ],
        databases: &["orchestrator.db", "agent-memory/agent-collaboration.db"],
    },
    Subject {
        kind: "orchestr8",
        now: "2025-08-22T04:12:00Z",
        build: places::orchestr8,
        options: none,
        files: &[
            "orchestr8.config.json",
            "agents/linter.json",
            "workflows/w.json",
            "results/r.json",
            "out/journal.json",
            "out/state.json",
            "out/events.jsonl",
            "out/engine.log",
        ],
        databases: &[],
    },
    Subject {
        kind: "stream-json",
        now: "2026-11-18T15:00:00Z",
        build: places::stream_json,
        options: none,
        files: &["one.jsonl", "nightly/two.log"],
        databases: &[],
    },
    Subject {
        kind: "codex",
        now: "2026-11-18T15:30:00Z",
        build: crate::codex_cases::build,
        files: &[
            "session_index.jsonl",
            crate::codex_cases::PARENT,
            crate::codex_cases::CHILD,
            crate::codex_cases::PACKED,
            crate::codex_cases::ARCHIVED,
        ],
        databases: &[],
        options: none,
    },
    Subject {
        kind: "opencode",
        now: "2026-11-18T15:30:00Z",
        build: crate::opencode_cases::build,
        options: none,
        files: &[
            "storage/session/prj/ses_o.json",
            "storage/message/ses_o/msg_2.json",
            "storage/part/msg_1/prt_1.json",
            "storage/todo/ses_o.json",
        ],
        databases: &["opencode.db"],
    },
];

fn multi_agent(root: &Path) {
    let log = root.join("agent_logs/t1/22222222_Builder_Agent_20251120_100010");
    fs::create_dir_all(&log).unwrap();
    fs::write(
        log.join("summary.jsonl"),
        "{\"timestamp\": \"2025-11-20T10:02:59\", \"type\": \"ResultMessage\", \"is_error\": false, \"result\": \"done\", \
         \"duration_ms\": 1000, \"num_turns\": 3, \"session_id\": \"s\", \"total_cost_usd\": 0.25, \"usage\": \
         {\"input_tokens\": 10, \"output_tokens\": 40}}\n",
    )
    .unwrap();
    sql(
        &root.join("orchestrator.db"),
        "CREATE TABLE agents (id TEXT PRIMARY KEY, role TEXT, status TEXT, task_id TEXT, created_at DATETIME,
           updated_at DATETIME, completed_at DATETIME, custom_instructions TEXT, total_input_tokens INTEGER,
           total_output_tokens INTEGER, cache_creation_tokens INTEGER, cache_read_tokens INTEGER, total_cost TEXT);
         CREATE TABLE tasks (id TEXT PRIMARY KEY, description TEXT, task_type TEXT, status TEXT, created_at DATETIME,
           updated_at DATETIME, completed_at DATETIME, workflow JSON, current_step INTEGER, complexity TEXT,
           total_cost INTEGER, duration_seconds INTEGER, result TEXT, error TEXT, task_metadata JSON);
         INSERT INTO tasks (id, description, task_type, status, created_at, updated_at, workflow, current_step)
           VALUES ('t2', 'Cap retries', 'BUG_FIX', 'IN_PROGRESS', '2025-11-20 10:00:00', '2025-11-20 10:06:00', '[]', 0);
         INSERT INTO agents (id, role, status, task_id, created_at, updated_at)
           VALUES ('a2', 'BUILDER', 'ACTIVE', 't2', '2025-11-20 10:00:10', '2025-11-20 10:00:11');",
    );
}

/// Runs a script on a database and closes it. Nobody needs these to survive a power cut.
pub(crate) fn sql(path: &Path, script: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(&format!("PRAGMA synchronous = off; {script}")).unwrap();
}

/// What can happen to a file, and the name of it.
type Blow = (&'static str, fn(&Path));

const BLOWS: [Blow; 8] = [
    ("torn", |path| {
        let whole = fs::read(path).unwrap();
        fs::write(path, &whole[..whole.len() / 2]).unwrap();
    }),
    ("empty", |path| fs::write(path, "").unwrap()),
    ("foreign bytes", |path| {
        let bytes: Vec<u8> = (0..20_000_u32).map(|at| (at * 7 % 251) as u8).collect();
        fs::write(path, bytes).unwrap();
    }),
    ("another document", |path| {
        fs::write(path, "{\"surely\": [\"not\", {\"what\": \"was\"}], \"meant\": null}\n").unwrap();
    }),
    ("deep brackets", |path| fs::write(path, "[".repeat(100_000)).unwrap()),
    ("gone", |path| fs::remove_file(path).unwrap()),
    ("a folder", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }),
    ("a link into nowhere", |path| {
        fs::remove_file(path).unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", path).unwrap();
    }),
];

fn remove(path: &Path) {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    }
}

/// A source and its place, whole.
struct Patient {
    place: tempfile::TempDir,
    rig: Rig,
    well: BTreeMap<String, String>,
}

impl Patient {
    fn new(subject: &Subject) -> Self {
        let place = tempfile::tempdir().unwrap();
        (subject.build)(place.path());
        let rig = subject.open(place.path()).unwrap();
        let well = rig.facts();
        assert!(well.len() > 2, "{}: {well:?}", subject.kind);
        assert_eq!(rig.health.error, None, "{}", subject.kind);
        Self { place, rig, well }
    }

    fn path(&self, part: &str) -> PathBuf {
        self.place.path().canonicalize().unwrap().join(part)
    }

    /// Looks at one path, then at everything; the place is left as it is. What the source calls an error of its whole place
    /// is fine, a panic is not.
    fn look(&mut self, path: &Path, what: &str) {
        let before = snapshot(self.place.path());
        let _ = self.rig.touch(&[path.to_owned()]);
        let _ = self.rig.rescan();
        assert_eq!(snapshot(self.place.path()), before, "{what}: reading leaves no trace");
    }

    fn is_well_again(&mut self, path: &Path, what: &str) {
        self.rig.touch(&[path.to_owned()]).unwrap_or_else(|error| panic!("{what}: {error}"));
        self.rig.rescan().unwrap_or_else(|error| panic!("{what}: {error}"));
        let facts = self.rig.facts();
        for (key, value) in &self.well {
            assert_eq!(facts.get(key), Some(value), "{what}: {key}");
        }
        assert_eq!(facts.len(), self.well.len(), "{what}: {:?}", facts.keys());
        assert_eq!(self.rig.health.error, None, "{what}");
    }
}

/// Every file of every subject, side by side: a look at a torn file waits for its writer.
fn each_file(check: fn(&Subject, &str)) {
    thread::scope(|scope| {
        for subject in SUBJECTS {
            for file in subject.files.iter().chain(subject.databases) {
                scope.spawn(move || check(subject, file));
            }
        }
    });
}

#[test]
fn no_broken_file_takes_a_source_down() {
    each_file(|subject, file| {
        let mut patient = Patient::new(subject);
        let path = patient.path(file);
        let whole = fs::read(&path).unwrap();
        for (name, blow) in BLOWS {
            let what = format!("{}: {file} {name}", subject.kind);
            blow(&path);
            patient.look(&path, &what);
            // Started anew on it, the source says what it can or why not, and does not panic.
            match subject.open(patient.place.path()) {
                Ok(_) => {}
                Err(error) => assert!(!error.to_string().is_empty() && !error.remedy().is_empty()),
            }
            remove(&path);
            fs::write(&path, &whole).unwrap();
            patient.is_well_again(&path, &what);
        }
        // Replaced as careful writers do: another file under the same name, with the same content.
        let beside = path.with_extension("tmp.4711");
        fs::write(&beside, &whole).unwrap();
        fs::rename(&beside, &path).unwrap();
        patient.is_well_again(&path, &format!("{}: {file} renamed over", subject.kind));
    });
}

#[test]
fn other_files_stay_while_one_is_broken() {
    each_file(|subject, file| {
        // What is known without the file at all is known with a broken one, too.
        let without = tempfile::tempdir().unwrap();
        (subject.build)(without.path());
        fs::remove_file(without.path().join(file)).unwrap();
        let Ok(least) = subject.open(without.path()) else { return };
        for (name, blow) in BLOWS.into_iter().filter(|(name, _)| *name != "gone") {
            let place = tempfile::tempdir().unwrap();
            (subject.build)(place.path());
            blow(&place.path().join(file));
            let rig = subject
                .open(place.path())
                .unwrap_or_else(|error| panic!("{}: {file} {name}: {error}", subject.kind));
            let found = rig.facts();
            for key in least.facts().keys() {
                assert!(found.contains_key(key), "{}: {file} {name}: {key} is lost", subject.kind);
            }
        }
    });
}

#[test]
fn a_locked_database_keeps_what_was_told_and_says_so() {
    for subject in SUBJECTS {
        for file in subject.databases {
            let mut patient = Patient::new(subject);
            let path = patient.path(file);
            let writer = Connection::open(&path).unwrap();
            writer
                .execute_batch("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE; CREATE TABLE mark (x);")
                .unwrap();
            let _ = patient.rig.rescan();
            let facts = patient.rig.facts();
            assert!(patient.well.keys().all(|key| facts.contains_key(key)), "{}: {file}", subject.kind);
            let error = patient.rig.health.error.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(error.contains(file.rsplit('/').next().unwrap()), "{}: {file}: {error:?}", subject.kind);
            assert!(patient.rig.next_wake().is_some(), "{}: {file} is tried again", subject.kind);
            writer.execute_batch("ROLLBACK").unwrap();
            drop(writer);
            patient.is_well_again(&path, &format!("{}: {file} unlocked", subject.kind));
        }
    }
}

/// Tables of a database with their columns.
fn schema(path: &Path) -> BTreeMap<String, Vec<String>> {
    let connection = Connection::open(path).unwrap();
    let mut tables = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    names
        .into_iter()
        .map(|table| {
            let mut columns =
                connection.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk = 0").unwrap();
            let columns =
                columns.query_map([&table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            (table, columns)
        })
        .collect()
}

#[test]
fn a_missing_column_or_table_is_no_reason_to_stop() {
    for subject in SUBJECTS {
        for file in subject.databases {
            let patient = Patient::new(subject);
            let path = patient.path(file);
            let whole = fs::read(&path).unwrap();
            let without = |script: &str| {
                fs::write(&path, &whole).unwrap();
                sql(&path, script);
                subject.open(patient.place.path())
            };
            for (table, columns) in schema(&path) {
                for column in columns {
                    let rig = without(&format!("ALTER TABLE {table} RENAME COLUMN {column} TO renamed_away"))
                        .unwrap_or_else(|error| panic!("{}: {table}.{column}: {error}", subject.kind));
                    assert!(!rig.facts().is_empty());
                }
                if let Err(error) = without(&format!("PRAGMA foreign_keys = off; DROP TABLE {table}")) {
                    assert!(error.to_string().contains(file), "{}: without {table}: {error}", subject.kind);
                }
            }
        }
    }
}
