//! Records of `dispatches.json` in all their shapes, batches, usage.

use serde_json::{Value, json};

use super::{Bench, at, dispatch, fact};
use crate::model::{Millis, Status, Tokens, Usd};

fn of(record: &Value) -> Bench {
    let mut bench = Bench::new();
    bench.dispatches(&json!([record]));
    bench.read();
    bench
}

#[test]
fn words_of_the_status_mean_what_they_mean_in_any_letter_case() {
    let cases: [(&str, Status, Option<&str>); 14] = [
        ("pending", Status::Queued, None),
        ("running", Status::Running, None),
        ("verifying", Status::Running, None),
        ("Complete", Status::Succeeded, None),
        ("completed", Status::Succeeded, None),
        ("COMPLETE", Status::Succeeded, None),
        ("partial", Status::Succeeded, Some("done with problems")),
        ("completed_with_failures", Status::Succeeded, Some("done with problems")),
        ("failed", Status::Failed, None),
        ("error", Status::Failed, None),
        ("timeout", Status::Failed, None),
        ("cancelled", Status::Cancelled, None),
        ("paused", Status::Unknown, None),
        ("", Status::Unknown, None),
    ];
    for (word, status, note) in cases {
        let bench = of(&dispatch("d", word, &json!({})));
        let task = bench.only_task();
        assert_eq!(task.status, status, "{word}");
        assert_eq!(task.status_note.as_deref(), note, "{word}");
        assert_eq!(task.status_raw.as_deref(), Some(word).filter(|word| !word.is_empty()));
        assert_eq!(bench.has_note("mean nothing here"), status == Status::Unknown, "{word}");
    }
    let bench = of(&dispatch("d", "verifying", &json!({"verification_log": "[PASS] a: b\nTests running\n"})));
    assert_eq!(bench.only_task().activity.as_deref(), Some("checks: Tests running"));
}

#[test]
fn a_retried_task_keeps_its_old_end_and_error_as_facts_only() {
    let history = json!([
        {"status": "pending", "timestamp": "2026-11-18T12:00:00Z", "note": "Task dispatched"},
        {"status": "running", "timestamp": "2026-11-18T12:01:00Z", "note": "go"},
        {"status": "failed", "timestamp": "2026-11-18T12:31:00Z", "note": "no"},
        {"status": "verification_run", "timestamp": "2026-11-18T12:31:01Z", "note": "Verification: 1/2 passed"},
        {"status": "pending", "timestamp": "2026-11-18T15:02:00Z", "note": "Retry requested"},
        {"status": "running", "timestamp": "2026-11-18T15:03:00Z", "note": "go"},
    ]);
    let more = json!({
        "started_at": "2026-11-18T12:01:00Z", "completed_at": "2026-11-18T12:31:00Z", "status_history": history,
        "error_message": "2 of 41 tests failing", "execution_time_seconds": 1800,
    });
    let bench = of(&dispatch("d", "running", &more));
    let task = bench.only_task();
    assert_eq!((task.ended_at, task.error.as_deref(), task.retries), (None, None, 1));
    assert_eq!(task.run_time(at(super::NOW)), Some(Millis::minutes(209)), "from the first start until now");
    assert_eq!(fact(&task.facts, "ended before"), Some("2026-11-18 12:31:00"));
    assert_eq!(fact(&task.facts, "failed before"), Some("2 of 41 tests failing"));

    let mut good = dispatch("d", "complete", &more);
    good["completed_at"] = json!("2026-11-18T15:10:00Z");
    let bench = of(&good);
    let task = bench.only_task();
    assert_eq!((task.error.as_deref(), task.ended_at), (None, Some(at("2026-11-18T15:10:00Z"))));
    assert_eq!(fact(&task.facts, "failed before"), Some("2 of 41 tests failing"));

    let bench = of(&dispatch("d", "failed", &more));
    assert_eq!(bench.only_task().error.as_deref(), Some("2 of 41 tests failing"));
}

#[test]
fn run_times_come_from_the_first_number_that_is_one() {
    let cases = [
        (json!({"duration_seconds": 5, "execution_time_seconds": 7, "duration_ms": 9000}), Some(5_000)),
        (json!({"execution_time_seconds": 7.5, "duration_ms": 9000}), Some(7_500)),
        (json!({"duration_ms": 9001}), Some(9_001)),
        (json!({"duration_seconds": -3, "duration_ms": 9000}), Some(9_000)),
        (json!({"duration_seconds": "soon", "duration_ms": 9000}), Some(9_000)),
        (json!({"started_at": "2026-11-18T12:00:00Z", "completed_at": "2026-11-18T12:00:30Z"}), Some(30_000)),
        (json!({"started_at": "2026-11-18T12:00:30Z", "completed_at": "2026-11-18T12:00:00Z"}), None),
        (json!({"started_at": "2026-11-18T12:00:30Z"}), None),
    ];
    for (more, millis) in cases {
        let bench = of(&dispatch("d", "complete", &more));
        assert_eq!(bench.only_task().duration, millis.map(Millis), "{more}");
    }
    let bench =
        of(&dispatch("d", "complete", &json!({"duration_seconds": "soon", "created_at": "yesterday"})));
    assert_eq!(bench.health.repaired, 2, "values of no use are counted");
}

#[test]
fn helpers_write_afterwards_and_without_id() {
    let end = "2026-11-12T20:46:16.545Z";
    let line = json!({"type": "health-api", "task": "Health check", "workspace": "acme.health", "model": "opus",
        "status": "complete", "created_at": end, "started_at": end, "completed_at": end, "duration_seconds": 8174});
    let plain = json!({"type": "orchestrator", "task": "orchestrator.sh daily-report", "workspace": "orchestrator",
        "model": "none", "status": "complete", "created_at": end, "started_at": end, "completed_at": end});
    let mut bench = Bench::new();
    bench.dispatches(&json!([line, line, plain]));
    bench.read();
    assert_eq!(bench.told.tasks.len(), 3, "exact duplicates stay apart");
    let keys: Vec<String> = bench.told.tasks.keys().cloned().collect();
    let health = bench.told.tasks.values().find(|task| task.kind.as_deref() == Some("health-api")).unwrap();
    assert_eq!(health.ended_at, Some(at(end)));
    assert_eq!(health.started_at, Some(at(end).minus(Millis::seconds(8174))));
    assert_eq!((health.duration, health.model.as_deref()), (Some(Millis::seconds(8174)), Some("opus")));
    let script = bench.told.tasks.values().find(|task| task.kind.as_deref() == Some("orchestrator")).unwrap();
    assert_eq!((script.model.as_deref(), script.duration, script.started_at), (None, None, None));
    assert_eq!(script.run_time(at(super::NOW)), None, "times that are all equal are no run time of 0");
    assert_eq!(script.workspace.as_ref().unwrap().name.as_str(), "orchestrator");
    assert_eq!(script.workspace.as_ref().unwrap().path, None);

    bench.dispatches(&json!([line, line, plain, line, dispatch("d", "pending", &json!({}))]));
    bench.touch("logs/dispatches.json");
    assert!(keys.iter().all(|key| bench.told.tasks.contains_key(key)), "keys stay when the array grows");
    assert_eq!(bench.news, 3, "two tasks, and the project that is new");
}

#[test]
fn what_the_user_asked_is_shown_without_its_context() {
    let context = "<workspace-context>\n# api\n</workspace-context>\n\n<product-context product=\"x\">\nbig\n</product-context>\n\n";
    let cases = [
        (json!({"task": format!("{context}Do the thing"), "original_task": "Do the thing"}), "Do the thing"),
        (json!({"task": format!("{context}Do the thing\nand more"), "original_task": null}), "Do the thing"),
        (
            json!({"task": "<product-context product=\"x\"> never closed", "original_task": null}),
            "<product-context product=\"x\"> never closed",
        ),
        (json!({"task": "\u{1b}[31mred\u{1b}[0m\u{7} alert", "original_task": null}), "red␇ alert"),
    ];
    for (more, title) in cases {
        let bench = of(&dispatch("d", "pending", &more));
        assert_eq!(bench.only_task().title.as_str(), title, "{more}");
    }
    let bench = of(&dispatch("d", "pending", &json!({"task": format!("{context}Do it")})));
    assert!(bench.only_task().prompt.contains("big") && bench.only_task().prompt.ends_with("Do it"));
}

#[test]
fn older_and_planned_shapes_are_read() {
    let mut bench = Bench::new();
    bench.dispatches(&json!({"dispatches": [
        {"dispatch_id": "old", "task_description": "Old one", "timestamp": "2026-01-02T03:04:05Z", "duration_ms": 1500,
            "retry_count": 2, "status": "completed", "workspace": "api"},
        {"dispatch_id": "older", "task_description": "Older", "dispatched_at": "2026-01-02T03:04:05", "status": "error"},
        {"id": "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "timestamp": "2026-01-02T03:04:05Z", "status": "failed",
            "task": {"description": "Planned", "complexity": "complex", "priority": "low", "source": "cron"},
            "duration_seconds": 12, "exit_code": 3, "log_file": "logs/x.log",
            "result": {"success": false, "files_changed": ["a.rs", "b.rs"], "tests_passed": true,
                "changelog_updated": false, "error": "boom"},
            "verification_results": {"verified_at": "2026-01-02T03:05:00Z", "passed": false, "criteria_results": [
                {"criterion": {"type": "tests_pass", "description": "all tests"}, "passed": false, "output": "1 failed"}]}},
    ]}));
    bench.read();
    let old = bench.task("old");
    assert_eq!((old.title.as_str(), old.retries, old.duration), ("Old one", 2, Some(Millis(1500))));
    assert_eq!(old.created_at, Some(at("2026-01-02T03:04:05Z")));
    assert_eq!(bench.task("older").created_at, Some(at("2026-01-02T03:04:05Z")), "no zone means UTC");
    let planned = bench.task("6f9619ff-8b86-d011-b42d-00cf4fc964ff");
    assert_eq!(planned.title.as_str(), "Planned");
    assert_eq!(planned.complexity.as_deref(), Some("complex"));
    assert_eq!((planned.priority.as_deref(), planned.error.as_deref()), (Some("low"), Some("boom")));
    for (label, value) in [
        ("asked by", "cron"),
        ("exit code", "3"),
        ("log", "logs/x.log"),
        ("files changed", "a.rs, b.rs"),
        ("tests passed", "true"),
        ("verification", "failed"),
    ] {
        assert_eq!(fact(&planned.facts, label), Some(value), "{label}");
    }
    assert!(planned.result.as_ref().unwrap().contains("[FAIL] tests_pass – all tests: 1 failed"));
    assert_eq!(bench.count("logs/dispatches.json", "records"), Some(3));
}

#[test]
fn criteria_checks_outcome_and_history_are_readable() {
    let more = json!({
        "started_at": "2026-11-18T12:01:00Z", "completed_at": "2026-11-18T12:31:00Z",
        "status_history": [{"status": "pending", "timestamp": "2026-11-18T12:00:00Z", "note": "Task dispatched"}],
        "verification_log": "[PASS] command_success: ok\nmore output\n[FAIL] file_exists: docs/x.md",
        "acceptance_criteria": [{"type": "command_success", "command": "npm test", "source": "universal"},
            {"type": "content_match", "pattern": "## Install", "path": "README.md", "source": "extracted"}],
        "outcome": "partial", "outcome_updated_at": "2026-11-18T12:40:00Z", "outcome_notes": "Follow-up needed",
        "tokens_used": 51233, "task_keywords": ["api", "db"],
    });
    let bench = of(&dispatch("d", "complete", &more));
    let task = bench.only_task();
    assert_eq!(task.recorded_tokens, Some(51233));
    assert_eq!(
        fact(&task.facts, "criteria"),
        Some("command_success npm test (universal) · content_match \"## Install\" in README.md (extracted)")
    );
    assert_eq!(fact(&task.facts, "checks"), Some("1 of 2 passed"));
    assert_eq!(fact(&task.facts, "history"), Some("2026-11-18 12:00:00 pending: Task dispatched"));
    assert_eq!(fact(&task.facts, "keywords"), Some("api, db"));
    let result = task.result.as_ref().unwrap();
    assert!(result.starts_with("outcome: partial\nnotes: Follow-up needed\nchecks:\n[PASS]"), "{result}");
    assert_eq!(task.workspace.as_ref().unwrap().path.as_deref(), Some("/home/person/work/api"));
    assert_eq!(task.workspace.as_ref().unwrap().name.as_str(), "acme.api");
}

#[test]
fn silence_is_told_in_hours_then_days_and_wakes_when_its_words_change() {
    let quiet = |status: &str, since: &str| {
        let mut bench = Bench::new();
        bench.dispatches(&json!([dispatch("d", status, &json!({"created_at": since, "updated_at": since}))]));
        bench.read();
        (bench.only_task().status_note.clone().map(|note| note.to_string()), bench.wake())
    };
    assert_eq!(
        quiet("running", "2026-11-17T13:00:00Z"),
        (Some("no sign of life for 26h".to_owned()), Some(at("2026-11-18T16:00:00Z")))
    );
    assert_eq!(quiet("running", "2026-11-18T15:00:00Z"), (None, Some(at("2026-11-18T16:00:00Z"))));
    assert_eq!(
        quiet("pending", "2026-08-20T08:00:00Z"),
        (Some("nothing started it for 90d".to_owned()), Some(at("2026-11-19T08:00:00Z")))
    );
    assert_eq!(quiet("pending", "2026-11-18T08:00:00Z"), (None, Some(at("2026-11-19T08:00:00Z"))));
    assert_eq!(quiet("complete", "2026-08-20T08:00:00Z"), (None, None));
}

#[test]
fn elements_that_are_no_records_are_counted_and_doubled_ids_stay_apart() {
    let mut bench = Bench::new();
    bench.dispatches(&json!([
        dispatch("d", "pending", &json!({})),
        7,
        null,
        "x",
        dispatch("d", "failed", &json!({}))
    ]));
    bench.read();
    assert_eq!(bench.task("d").status, Status::Queued);
    assert_eq!(bench.task("d~2").status, Status::Failed);
    assert_eq!(bench.health.skipped, 3);
    assert!(bench.has_note("3 records in dispatches.json are no objects"));
    for empty in ["[]", "{\"dispatches\": []}"] {
        bench.write("logs/dispatches.json", empty);
        bench.sweep();
        assert_eq!((bench.told.tasks.len(), bench.health.skipped), (0, 0), "{empty}");
    }
}

#[test]
fn batches_are_no_tasks_and_their_members_name_them() {
    let batch = |id: &str, status: &str, members: Value| {
        json!({"id": id, "type": "Batch", "status": status, "created_at": "2026-11-18T12:00:00Z", "max_parallel": 2,
            "task_count": 2, "tasks_completed": 0, "tasks_failed": 0, "tasks_pending": 2, "dispatches": members,
            "started_at": null, "status_history": [{"status": status, "note": "Migrated from legacy record"}]})
    };
    let mut bench = Bench::new();
    bench.dispatches(&json!([
        dispatch("a", "complete", &json!({"batch_id": "b1"})),
        dispatch("b", "failed", &json!({"error_message": "Batch cancelled"})),
        dispatch("c", "running", &json!({"batch_id": "b9"})),
        batch("b1", "running", json!(["a", "b", "gone"])),
        batch("b2", "cancelled", json!([])),
    ]));
    bench.read();
    assert_eq!(bench.told.tasks.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(bench.task("a").batch.as_deref(), Some("b1"));
    assert_eq!(bench.task("b").batch.as_deref(), Some("b1"), "named by the batch only");
    assert_eq!(bench.task("b").status_note.as_deref(), Some("its batch was cancelled"));
    let first = &bench.told.batches["b1"];
    assert_eq!((first.status_raw.as_deref(), first.cancelled), (Some("running"), false));
    assert_eq!((first.stated_tasks, first.max_parallel), (Some(2), Some(2)));
    assert_eq!(fact(&first.facts, "members without a record"), Some("gone"));
    assert!(fact(&first.facts, "as recorded").unwrap().starts_with("0 done, 0 failed, 2 pending"));
    assert!(bench.told.batches["b2"].cancelled);
    assert!(!bench.told.batches.contains_key("b9"), "only its members name it, and they do");
    assert_eq!(bench.task("c").batch.as_deref(), Some("b9"));
    assert_eq!(bench.count("logs/dispatches.json", "batches"), Some(2));
}

#[test]
fn usage_is_read_in_all_its_shapes_and_is_absent_when_nobody_wrote_it() {
    let entry = json!({"dispatch_id": "d", "timestamp": "2026-11-18T12:00:00.000Z", "workspace": "acme.api",
        "model": "m", "tokens": {"input": 10, "output": 20, "total": 30}, "cache": {"read": 40, "write": 50}, "cost_usd": 0.5});
    let flat = json!({"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3,
        "cache_creation_input_tokens": 4});
    let total = json!({"dispatch_id": "d", "tokens": {"total": 99}});
    let mut bench = Bench::new();
    bench.dispatches(&json!([dispatch("d", "complete", &json!({}))]));
    bench.read();
    assert!(bench.told.usage.is_empty());
    for shape in [json!({"usage": [entry, flat, total]}), json!([entry, flat, total])] {
        bench.json("logs/usage.json", &shape);
        bench.sweep();
        assert_eq!(bench.told.usage.len(), 2);
        assert_eq!(bench.health.skipped, 1);
        let full = bench.told.usage.values().find(|record| record.at.is_some()).unwrap();
        let kinds = Tokens { input: 10, output: 20, cache_read: 40, cache_write_5m: 50, cache_write_1h: 0 };
        assert_eq!((full.tokens, full.recorded_cost), (kinds, Usd::from_dollars(0.5)));
        assert_eq!(full.task.as_ref().unwrap().local.as_str(), "d");
        assert_eq!(full.workspace.as_ref().unwrap().path.as_deref(), Some("/home/person/work/api"));
        let bare = bench.told.usage.values().find(|record| record.at.is_none()).unwrap();
        assert_eq!((bare.tokens.total(), bare.recorded_cost, bare.task.clone()), (10, None, None));
    }
    bench.json("logs/usage.json", &json!([]));
    bench.sweep();
    assert!(bench.told.usage.is_empty());
}
