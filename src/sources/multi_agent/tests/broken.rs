//! Databases that cannot be read: a message, and the logs all the same.

use std::fs;

use rusqlite::Connection;

use super::{BUILDER, Bench, TASK, result};
use crate::sources::SourceError;

const NONE: &str = "0, 0, 0, 0, '$0.00'";

fn with_log() -> Bench {
    let bench = Bench::new();
    let dir = format!("{TASK}/22222222_Builder_Agent_20251120_110010");
    bench.log(&format!("{dir}/summary.jsonl"), &result("11:02:59", false, "done"));
    bench
}

#[test]
fn logs_are_told_without_a_database() {
    let mut bench = with_log();
    bench.read().unwrap();
    assert_eq!((bench.agents.len(), bench.tasks.len()), (1, 1));
    assert_eq!(bench.health.error, None);
    assert!(bench.health.notes.iter().any(|note| note.contains("no database")));
}

#[test]
fn broken_files_are_named_and_the_logs_told() {
    let garbage = vec![b'x'; 5000];
    for (content, word) in [(&b""[..], "empty"), (&garbage, "not an SQLite database")] {
        let mut bench = with_log();
        fs::write(bench.path("orchestrator.db"), content).unwrap();
        bench.read().unwrap();
        let error = bench.health.error.as_deref().unwrap().to_owned();
        assert!(error.contains("orchestrator.db") && error.contains(word), "{error}");
        assert!(bench.health.remedy.is_some());
        assert_eq!(bench.agents.len(), 1);
    }
}

#[test]
fn another_programs_tables_are_unsupported() {
    let mut bench = Bench::new();
    bench.sql("CREATE TABLE agents (number INTEGER); CREATE TABLE alembic_version (version_num TEXT);");
    let error = bench.read().unwrap_err();
    assert!(
        matches!(&error, SourceError::Unsupported { reason, .. } if reason.contains("agent_id")),
        "{error}"
    );
    let mut bench = Bench::new();
    bench.sql("CREATE TABLE alembic_version (version_num TEXT);");
    assert!(matches!(bench.read(), Err(SourceError::Unsupported { .. })));
}

#[test]
fn nothing_at_all_is_missing_until_it_appears() {
    let mut bench = Bench::new();
    assert!(matches!(bench.read(), Err(SourceError::Missing(_))));
    bench.tables();
    bench.agent_row(BUILDER, "BUILDER", "ACTIVE", "10:00:10", NONE);
    bench.rescan().unwrap();
    assert_eq!(bench.agents.len(), 1);
}

#[test]
fn a_replaced_database_replaces_what_was_told() {
    let mut bench = Bench::new();
    bench.tables();
    bench.task_row("PENDING", "[]", "");
    bench.read().unwrap();
    assert_eq!(bench.tasks.len(), 1);
    fs::remove_file(bench.path("orchestrator.db")).unwrap();
    bench.tables();
    bench.agent_row(BUILDER, "BUILDER", "IDLE", "10:00:10", NONE);
    bench.touch(&["orchestrator.db"]).unwrap();
    assert_eq!((bench.tasks.len(), bench.agents.len()), (0, 1));

    fs::write(bench.path("orchestrator.db"), "now something else entirely, and no database").unwrap();
    assert!(matches!(bench.touch(&["orchestrator.db"]), Err(SourceError::Unsupported { .. })));
    assert!(bench.agents.is_empty());
    assert!(
        matches!(bench.touch(&["else"]), Err(SourceError::Unsupported { .. })),
        "still so when nothing changes"
    );
}

#[test]
fn a_locked_database_keeps_what_was_told_and_is_tried_again() {
    let mut bench = Bench::new();
    bench.tables();
    bench.task_row("PENDING", "[]", "");
    bench.read().unwrap();
    let writer = Connection::open(bench.path("orchestrator.db")).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE; UPDATE tasks SET status = 'IN_PROGRESS';").unwrap();
    bench.rescan().unwrap();
    assert_eq!(bench.task().status_raw.as_deref(), Some("PENDING"));
    assert!(bench.health.error.is_some());
    assert!(bench.source.as_ref().unwrap().next_wake(bench.now).is_some());
    writer.execute_batch("COMMIT").unwrap();
    drop(writer);
    bench.touch(&[]).unwrap();
    assert_eq!(bench.task().status_raw.as_deref(), Some("IN_PROGRESS"));
    assert_eq!(bench.health.error, None);
}

#[test]
fn missing_columns_and_a_missing_table_are_remarks() {
    let mut bench = Bench::new();
    bench.sql(&format!(
        "CREATE TABLE tasks (id TEXT, description TEXT, task_type TEXT, status TEXT);
         INSERT INTO tasks VALUES ('{TASK}', 'Old', 'CUSTOM', 'PENDING');"
    ));
    bench.read().unwrap();
    assert_eq!(bench.task().title.as_str(), "Old");
    assert!(bench.health.notes.iter().any(|note| note.contains("no created_at")), "{:?}", bench.health.notes);
    assert_eq!(bench.health.error, None);
}

#[test]
fn a_journal_left_by_a_crash_is_said_and_nothing_is_rolled_back() {
    let mut bench = with_log();
    bench.tables();
    bench.task_row("PENDING", "[]", "");
    let db = bench.path("orchestrator.db");
    let writer = Connection::open(&db).unwrap();
    writer.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;").unwrap();
    for number in 0..400 {
        let text = "x".repeat(2000);
        writer
            .execute_batch(&format!(
                "INSERT INTO tasks (id, description, status) VALUES ('{number}', '{text}', 'PENDING')"
            ))
            .unwrap();
    }
    let crashed = tempfile::tempdir().unwrap();
    let copy = crashed.path().join("orchestrator.db");
    fs::copy(&db, &copy).unwrap();
    fs::copy(bench.path("orchestrator.db-journal"), crashed.path().join("orchestrator.db-journal")).unwrap();
    drop(writer);
    let before = fs::read(&copy).unwrap();
    bench.open(crashed.path()).unwrap();
    let said = bench.health.error.iter().chain(&bench.health.notes).any(|text| text.contains("commit"));
    assert!(said, "{:?} {:?}", bench.health.error, bench.health.notes);
    assert_eq!(fs::read(&copy).unwrap(), before);
}
