//! Stored states and the evidence beside them.

use super::{BUILDER, Bench, TASK, TESTER, fact, result};
use crate::model::{Status, Timestamp, Usd};

const NONE: &str = "0, 0, 0, 0, '$0.00'";
const SOME: &str = "1000, 2000, 30, 40, '$0.0330'";
const PAIR: &str = "[\"BUILDER\", \"TESTER\"]";
const KNOWN: &str = "can''t subtract offset-naive and offset-aware datetimes";

fn dir(prefix: &str, name: &str, time: &str) -> String {
    format!("{TASK}/{prefix}_{name}_20251120_{time}")
}

#[test]
fn a_failed_task_whose_work_is_done_stays_failed_and_says_so() {
    let mut bench = Bench::new();
    bench.tables();
    bench.task_row("FAILED", PAIR, KNOWN);
    bench.agent_row(BUILDER, "BUILDER", "COMPLETED", "10:00:10", SOME);
    bench.agent_row(TESTER, "TESTER", "COMPLETED", "10:03:00", SOME);
    bench.read().unwrap();
    assert_eq!(bench.task().status, Status::Failed);
    assert!(
        bench.task_note().starts_with("work finished; bookkeeping failed: can't subtract"),
        "{}",
        bench.task_note()
    );
    assert_eq!(bench.task().steps.map(|steps| (steps.done, steps.total)), Some((2, 2)));

    bench.agent_row(TESTER, "TESTER", "FAILED", "10:03:00", NONE);
    bench.touch(&["orchestrator.db"]).unwrap();
    assert!(
        bench.task_note().starts_with("work finished (1 of 2 agents failed); bookkeeping"),
        "{}",
        bench.task_note()
    );

    bench.task_row("FAILED", "[\"BUILDER\", \"TESTER\", \"REVIEWER\"]", KNOWN);
    bench.touch(&["orchestrator.db-journal"]).unwrap();
    assert!(bench.task_note().starts_with("bookkeeping failed"), "{}", bench.task_note());
}

#[test]
fn active_agents_are_told_as_stored_with_what_their_logs_prove() {
    let mut bench = Bench::new();
    bench.tables();
    bench.task_row("IN_PROGRESS", "[\"BUILDER\", \"TESTER\", \"REVIEWER\"]", "");
    bench.agent_row(BUILDER, "BUILDER", "ACTIVE", "10:00:10", NONE);
    bench.agent_row(TESTER, "TESTER", "ACTIVE", "10:03:00", NONE);
    let builder = dir("22222222", "Builder_Agent", "110010");
    let tester = dir("33333333", "Tester_Agent", "110300");
    bench.log(&format!("{builder}/summary.jsonl"), &result("11:02:59.000001", false, "done"));
    bench.log(
        &format!("{tester}/tools.jsonl"),
        "{\"timestamp\": \"2025-11-20T11:04:00\", \"type\": \"tool_use\", \"tool_name\": \"Bash\", \"tool_use_id\": \"t\", \
         \"input\": {\"command\": \"make test\"}}\n",
    );
    bench.read().unwrap();
    assert_eq!(bench.agent(BUILDER).status, Status::Running);
    assert_eq!(bench.agent(BUILDER).status_raw.as_deref(), Some("ACTIVE"));
    assert_eq!(bench.note(BUILDER), "finished its turn (log)");
    assert_eq!(bench.agent(BUILDER).ended_at, Timestamp::parse("2025-11-20T10:02:59Z"));
    assert_eq!(bench.note(TESTER), "");
    assert_eq!(bench.agent(TESTER).activity.as_deref(), Some("Bash make test"));
    assert_eq!(bench.task().activity.as_deref(), Some("Tester Agent: Bash make test"));
    assert_eq!(bench.task().steps.map(|steps| (steps.done, steps.total)), Some((1, 3)));
    assert_eq!(fact(&bench.task().facts, "current_step stored"), "0 (stuck: by its agents it is 1)");
    assert_eq!(fact(&bench.agent(BUILDER).facts, "zone of the logs"), "UTC+1 (from the database)");

    let wake = bench.source.as_ref().unwrap().next_wake(bench.now).unwrap();
    assert_eq!(wake, Timestamp::parse("2025-11-20T10:19:00Z").unwrap());
    bench.now = wake;
    bench.touch(&[]).unwrap();
    assert_eq!(bench.note(TESTER), "no sign of life for 15m");
    assert_eq!(bench.task_note(), "", "its row was written later");
    bench.now = Timestamp::parse("2025-11-20T10:21:00Z").unwrap();
    bench.touch(&[]).unwrap();
    assert_eq!(bench.task_note(), "no sign of life for 15m");
}

#[test]
fn an_active_agent_with_a_successor_ended_without_result() {
    let mut bench = Bench::new();
    bench.tables();
    bench.task_row("IN_PROGRESS", PAIR, "");
    bench.agent_row(BUILDER, "BUILDER", "ACTIVE", "10:00:10", NONE);
    bench.agent_row(TESTER, "TESTER", "ACTIVE", "10:03:00", NONE);
    bench.read().unwrap();
    assert!(bench.note(BUILDER).starts_with("ended without result"), "{}", bench.note(BUILDER));
    assert_eq!(bench.task().steps.map(|steps| steps.done), Some(1));
}

#[test]
fn exactly_one_evidence_counts_and_is_named() {
    let mut bench = Bench::new();
    bench.tables();
    bench.task_row("COMPLETED", PAIR, "");
    bench.agent_row(BUILDER, "BUILDER", "COMPLETED", "10:00:10", SOME);
    bench.agent_row(TESTER, "TESTER", "COMPLETED", "10:03:00", SOME);
    bench.read().unwrap();
    assert_eq!(bench.usage.len(), 2);
    assert_eq!(bench.cost(), Usd(66_000_000));
    assert_eq!(fact(&bench.agent(BUILDER).facts, "cost from"), "database estimate (input × 3 + output × 15)");

    let summary = format!("{}/summary.jsonl", dir("22222222", "Builder_Agent", "110010"));
    bench.log(&summary, &result("11:02:59", true, "limit"));
    bench.touch(&[&format!("agent_logs/{summary}")]).unwrap();
    assert_eq!(bench.usage.len(), 2, "the log's record replaces the row's");
    assert_eq!(bench.cost(), Usd(283_000_000));
    let tokens: u64 = bench.usage.values().map(|record| record.tokens.total()).sum();
    assert_eq!(tokens, 100 + 3070);
    assert_eq!(fact(&bench.agent(BUILDER).facts, "cost from"), "log (true cost)");
    assert_eq!(bench.note(BUILDER), "counted as completed, but ended in an error: limit");
    assert_eq!(bench.task_note(), "counted as completed although 1 of 2 agents failed");
}

#[test]
fn rows_and_directories_that_go_are_taken_back() {
    let mut bench = Bench::new();
    bench.tables();
    bench.task_row("COMPLETED", PAIR, "");
    bench.agent_row(BUILDER, "BUILDER", "COMPLETED", "10:00:10", SOME);
    let builder = dir("22222222", "Builder_Agent", "110010");
    bench.log(&format!("{builder}/summary.jsonl"), &result("11:02:59", false, "done"));
    bench.read().unwrap();
    bench.sql("DELETE FROM tasks");
    bench.touch(&["orchestrator.db"]).unwrap();
    assert_eq!(bench.task().status_raw, None, "the logs still tell of the task");
    assert_eq!(bench.task_note(), "deleted from the database; its logs remain");
    assert!(bench.agents.contains_key(BUILDER));

    std::fs::remove_dir_all(bench.path("agent_logs").join(TASK)).unwrap();
    bench.touch(&[&format!("agent_logs/{TASK}")]).unwrap();
    assert!(bench.tasks.is_empty());
    assert_eq!(bench.agent(BUILDER).task, None);
    assert_eq!(fact(&bench.agent(BUILDER).facts, "task (not there any more)"), TASK);
    assert_eq!(bench.cost(), Usd(33_000_000), "the row's figures are the evidence again");

    bench.sql("DELETE FROM agents");
    bench.rescan().unwrap();
    assert!(bench.agents.is_empty() && bench.usage.is_empty());
}

#[test]
fn two_agents_with_one_prefix_are_told_apart_by_role_and_time() {
    let mut bench = Bench::new();
    let other = "22222222-bbbb-4000-8000-000000000000";
    let third = "22222222-cccc-4000-8000-000000000000";
    bench.tables();
    bench.task_row("IN_PROGRESS", "[]", "");
    bench.agent_row(BUILDER, "BUILDER", "ACTIVE", "10:00:10", NONE);
    bench.agent_row(other, "TESTER", "ACTIVE", "10:00:12", NONE);
    bench.agent_row(third, "BUILDER", "ACTIVE", "10:07:05", NONE);
    bench.log(&format!("{}/prompt.txt", dir("22222222", "Builder_Agent", "110705")), "third");
    bench.log(&format!("{}/prompt.txt", dir("22222222", "Tester_Agent", "110012")), "other");
    bench.log(&format!("{}/prompt.txt", dir("22222222", "Builder_Agent", "110010")), "first");
    bench.read().unwrap();
    assert_eq!(bench.agents.len(), 3);
    let prompts = [BUILDER, other, third].map(|id| fact(&bench.agent(id).facts, "prompt").to_owned());
    assert_eq!(prompts, ["first", "other", "third"]);
}

#[test]
fn unknown_words_wrong_types_and_foreign_costs_keep_the_row() {
    let mut bench = Bench::new();
    bench.tables();
    bench.task_row("Paused", "[\"BUILDER\", 7, null]", "");
    bench.agent_row(BUILDER, "WIZARD", "active", "10:00:10", "NULL, 'many', -5, 9000000000, 'a lot'");
    bench.sql("UPDATE agents SET created_at = 'yesterday', updated_at = NULL");
    bench.read().unwrap();
    assert_eq!((bench.task().status, bench.task().status_raw.as_deref()), (Status::Unknown, Some("Paused")));
    assert_eq!(
        bench.task().workflow.iter().map(crate::text::Safe::as_str).collect::<Vec<_>>(),
        ["builder", "7", "null"]
    );
    let agent = bench.agent(BUILDER);
    assert_eq!(
        (agent.status, agent.role.as_deref(), agent.started_at),
        (Status::Running, Some("wizard"), None)
    );
    assert_eq!(fact(&agent.facts, "cost stored"), "a lot");
    assert_eq!(bench.usage.values().map(|record| record.tokens.cache_read).sum::<u64>(), 9_000_000_000);
    let repaired = bench.health.repaired;
    bench.sql("INSERT INTO agents (id, role) VALUES (NULL, 'BUILDER')");
    for _ in 0..3 {
        bench.rescan().unwrap();
        assert_eq!((bench.health.skipped, bench.health.repaired), (1, repaired), "as it is now, not by look");
    }
    bench.sql("DELETE FROM agents WHERE id IS NULL");
    bench.rescan().unwrap();
    assert_eq!(bench.health.skipped, 0);
}

#[test]
fn the_librarys_database_is_told_by_its_own_columns() {
    let mut bench = Bench::new();
    bench.sql(&format!(
        "CREATE TABLE agents (agent_id TEXT, name TEXT, role TEXT, model TEXT, status TEXT, total_cost REAL, total_tokens INTEGER,
             messages_sent INTEGER, created_at TEXT, completed_at TEXT, deleted_at TEXT);
         CREATE TABLE tasks (task_id TEXT, description TEXT, task_type TEXT, status TEXT, assigned_agents TEXT, total_cost REAL,
             created_at TEXT, completed_at TEXT, result TEXT);
         INSERT INTO agents VALUES ('{BUILDER}', 'Night Watch', 'builder', 'sonnet', 'waiting', 0.5, 1200, 2,
             '2025-11-20T10:00:00+00:00', NULL, NULL);
         INSERT INTO tasks VALUES ('{TASK}', 'Look', 'auto', 'completed', '[\"{BUILDER}\"]', 0.5, '2025-11-20T10:00:00+00:00',
             '2025-11-20T12:03:00.5+02:00', '{{\"output\": \"all fine\", \"error\": null}}');"
    ));
    bench.read().unwrap();
    let agent = bench.agent(BUILDER);
    assert_eq!(
        (agent.status, agent.name.as_str(), agent.messages),
        (Status::Waiting, "Night Watch", Some(2))
    );
    assert_eq!(agent.task.as_ref().map(|key| key.local.as_str()), Some(TASK));
    assert!(fact(&agent.facts, "tokens from").contains("kinds are not stored"));
    assert_eq!(bench.cost(), Usd(500_000_000));
    assert_eq!(bench.task().result.as_deref(), Some("all fine"));
    assert_eq!(bench.task().ended_at, Timestamp::parse("2025-11-20T10:03:00.500Z"));
}
