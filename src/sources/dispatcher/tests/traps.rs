//! What surprises a reader of such a home: records of the first version, states that go back, huge and coloured texts,
//! rotated logs, links that lead nowhere yet, reviews and lessons.

use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
};

use serde_json::{Value, json};

use super::{Bench, at, dispatch, fact};
use crate::model::{Level, Millis, Status};

#[test]
fn records_of_the_first_version_and_what_a_migration_makes_of_them() {
    let old = json!({"id": "old", "workspace": "acme.api", "task": "Old", "complexity": "simple", "priority": "low",
        "model": "claude-haiku-4-5", "status": "complete", "created_at": "2026-03-01T10:00:00.000Z",
        "updated_at": "2026-03-01T10:20:00.000Z"});
    let mut bench = Bench::new();
    bench.dispatches(&json!([old]));
    bench.read();
    let before = bench.only_task().clone();
    assert_eq!((before.status, before.title.as_str()), (Status::Succeeded, "Old"));
    assert_eq!((before.started_at, before.ended_at, before.duration), (None, None, None), "never written");
    assert_eq!(before.updated_at, Some(at("2026-03-01T10:20:00Z")));

    let mut migrated = old;
    for field in ["started_at", "completed_at", "error_message", "verification_log"] {
        migrated[field] = Value::Null;
    }
    migrated["acceptance_criteria"] = json!([]);
    migrated["status_history"] = json!([{"status": "complete", "timestamp": "2026-11-18T15:00:00.000Z",
        "note": "Migrated from legacy record"}]);
    bench.dispatches(&json!([migrated]));
    bench.touch("logs/dispatches.json");
    let after = bench.only_task();
    assert_eq!((after.started_at, after.ended_at), (None, None), "the migration is no end");
    assert_eq!(after.retries, 0);
    assert!(fact(&after.facts, "history").unwrap().ends_with("complete: Migrated from legacy record"));
}

#[test]
fn a_status_that_is_missing_or_no_text_is_counted_and_not_invented() {
    let mut none = dispatch("none", "x", &json!({}));
    none.as_object_mut().unwrap().remove("status");
    let bench = {
        let mut bench = Bench::new();
        bench.dispatches(&json!([
            none,
            dispatch("null", "x", &json!({"status": null})),
            dispatch("list", "x", &json!({"status": ["running"]})),
            dispatch("number", "x", &json!({"status": 3})),
            dispatch("tricky", "Running ", &json!({"id": null, "dispatch_id": "blank"})),
        ]));
        bench.read();
        bench
    };
    for id in ["none", "null", "list", "number"] {
        assert_eq!(bench.task(id).status, Status::Unknown, "{id}");
    }
    assert_eq!(bench.task("number").status_raw.as_deref(), Some("3"));
    assert_eq!(bench.task("none").status_raw, None);
    assert_eq!(bench.task("blank").status, Status::Running, "an old name counts where the new one is null");
    assert_eq!(bench.health.repaired, 1, "the list");
    assert!(bench.has_note("4 status words of tasks mean nothing here: (none) 3×, `3` 1×"));
}

#[test]
fn a_record_can_go_back_and_a_writer_can_start_from_nothing() {
    let mut bench = Bench::new();
    let done = json!({"started_at": "2026-11-18T15:00:00Z", "completed_at": "2026-11-18T15:10:00Z"});
    bench.dispatches(&json!([dispatch("d", "complete", &done), dispatch("e", "complete", &done)]));
    bench.read();
    // Another writer read the file before this one wrote it, and wins.
    bench.dispatches(&json!([
        dispatch("d", "running", &json!({"started_at": "2026-11-18T15:00:00Z"})),
        dispatch("e", "complete", &done)
    ]));
    bench.touch("logs/dispatches.json");
    let task = bench.task("d");
    assert_eq!((task.status, task.ended_at), (Status::Running, None));
    assert_eq!(bench.news, 2, "the task, and the project it works for");
    // The dispatcher takes an unreadable file for an empty list and writes that back with its own record.
    bench.write("logs/dispatches.json", "[{");
    bench.touch("logs/dispatches.json");
    assert_eq!(bench.told.tasks.len(), 2, "the last good copy stays");
    bench.dispatches(&json!([dispatch("new", "pending", &json!({}))]));
    bench.touch("logs/dispatches.json");
    assert_eq!(bench.told.tasks.keys().collect::<Vec<_>>(), ["new"], "what is written is told");
    assert_eq!(bench.told, bench.afresh());
}

#[test]
fn members_of_a_batch_that_was_stopped_say_so() {
    let mut bench = Bench::new();
    let member = |id: &str, error: &str| {
        dispatch(
            id,
            "failed",
            &json!({"batch_id": "b", "error_message": error, "completed_at": "2026-11-18T13:00:00Z"}),
        )
    };
    bench.dispatches(&json!([
        member("cancelled", "Batch cancelled"),
        member("stopped", "Batch interrupted by signal"),
        member("own", "npm test failed"),
        dispatch("on", "running", &json!({"batch_id": "b"})),
        {"id": "b", "type": "batch", "status": "cancelled", "dispatches": ["cancelled", "stopped", "own", "on"]},
    ]));
    bench.read();
    let note = |id: &str| bench.task(id).status_note.as_ref().map(ToString::to_string);
    assert_eq!(note("cancelled").as_deref(), Some("its batch was cancelled"));
    assert_eq!(note("stopped").as_deref(), Some("its batch was interrupted"));
    assert_eq!((note("own"), note("on")), (None, None));
    assert_eq!(bench.task("on").status, Status::Running, "running members go on");
    assert_eq!(bench.task("stopped").error.as_deref(), Some("Batch interrupted by signal"));
    let stopped = bench.task("cancelled");
    assert!(stopped.ended_at.is_some());
    assert_eq!(stopped.run_time(bench.now), None, "it waited and never ran");
}

#[test]
fn huge_and_coloured_texts_are_told_harmless() {
    let context =
        format!("<product-context product=\"shop\">\n{}\n</product-context>\n\n", "word \n".repeat(100_000));
    let more = json!({
        "task": format!("{context}\u{1b}[1mFix\u{1b}[0m\u{202e} it\u{0}\r\nnow"), "original_task": null,
        "error_message": "\u{1b}]0;title\u{7}\u{1b}[31mnpm ERR!\u{1b}[0m", "verification_log": "[FAIL] file_exists: e.g.\n\u{9b}2J",
        "acceptance_criteria": [{"type": "test_pass", "command": null, "source": "extracted"},
            {"type": "file_exists", "path": "e.g", "source": "extracted"}, "plain"],
    });
    let mut bench = Bench::new();
    bench.dispatches(&json!([dispatch("d", "failed", &more)]));
    bench.read();
    let task = bench.only_task();
    assert!(task.prompt.len() > 100_000 && task.prompt.ends_with('…'), "a prompt beyond all measure is cut");
    assert!(task.title.starts_with("Fix") && task.title.contains("it"), "{}: behind its context", task.title);
    let told = format!("{} {:?} {:?} {:?}", task.title, task.error, task.result, task.facts);
    assert!(!told.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{0}']), "{told}");
    assert!(task.error.as_ref().unwrap().contains("npm ERR!"));
    assert_eq!(
        fact(&task.facts, "criteria"),
        Some("test_pass (extracted) · file_exists e.g (extracted) · plain")
    );
}

#[test]
fn a_log_of_cron_that_is_rotated_by_copy_and_truncate_starts_anew() {
    let mut bench = Bench::new();
    bench.dispatches(&json!([]));
    let log = "logs/cron-health.log";
    bench.write(log, "[WARN] one\n[ERROR] two\n[WARN] three\n");
    bench.read();
    assert_eq!((bench.count(log, "warnings"), bench.count(log, "errors")), (Some(2), Some(1)));
    let inode = fs::metadata(bench.path(log)).unwrap().ino();
    fs::copy(bench.path(log), bench.path("logs/cron-health.log.1")).unwrap();
    bench.logs.clear();
    bench.write(log, "");
    bench.touch(log);
    assert_eq!((bench.count(log, "warnings"), bench.count(log, "errors")), (Some(0), Some(0)));
    bench.write(log, "[WARN] four\n");
    bench.touch(log);
    assert_eq!(fs::metadata(bench.path(log)).unwrap().ino(), inode, "the same file");
    let lines: Vec<&str> = bench.logs.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["cron-health.log: four"], "nothing is told twice");
    assert_eq!(bench.count(log, "warnings"), Some(1));
    assert_eq!(bench.health.error, None);
}

#[test]
fn a_list_of_messages_that_drops_its_oldest_tells_only_the_new() {
    let mut bench = Bench::new();
    bench.dispatches(&json!([]));
    let message = |n: i64| {
        let when = at("2026-11-18T10:00:00Z").plus(Millis::minutes(n)).to_string();
        json!({"eventType": "task_started", "message": format!("number {n}"), "timestamp": when})
    };
    let list = |from: i64| (from..from + 500).map(message).collect::<Value>();
    bench.json("logs/notifications.json", &list(0));
    bench.read();
    assert_eq!(bench.logs.len(), 400, "the newest of what was there before");
    bench.logs.clear();
    bench.json("logs/notifications.json", &list(2));
    bench.touch("logs/notifications.json");
    let lines: Vec<&str> = bench.logs.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["task started · number 500", "task started · number 501"]);
    assert_eq!(bench.count("logs/notifications.json", "notifications"), Some(500));
}

#[test]
fn a_link_into_a_folder_that_comes_later_is_read_when_it_is_there() {
    let mut bench = Bench::new();
    bench.dispatches(&json!([]));
    symlink("../data/messaging/notifications.json", bench.path("logs/notifications.json")).unwrap();
    bench.read();
    assert_eq!((bench.health.error.clone(), bench.logs.len()), (None, 0));
    bench.json(
        "data/messaging/notifications.json",
        &json!([{"eventType": "task_timeout", "message": "too long"}]),
    );
    bench.touch("data/messaging/notifications.json");
    let lines: Vec<_> = bench.logs.iter().map(|line| (line.level, line.text.as_str())).collect();
    assert_eq!(lines, [(Level::Error, "task timeout · too long")]);
}

#[test]
fn schedule_tasks_and_modes_of_the_script_are_paired() {
    let pairs = [
        ("process_backlogs", "process-backlogs"),
        ("refresh_backlog_cache", "refresh-backlog-cache"),
        ("generate_daily_report", "daily-report"),
        ("generate_weekly_report", "weekly-report"),
        ("suggest_weekly_goals", "suggest-goals"),
    ];
    for (task, mode) in pairs {
        let mut bench = Bench::new();
        bench.crontab(&format!("0 9 * * * HOME_DIR/scripts/orchestrator.sh {mode}\n"));
        bench.json(
            "config/orchestrator/schedules.json",
            &json!({"schedules": {"daily": [{"time": "09:00", "task": task, "workspaces": ["all"]}]}}),
        );
        bench.read();
        let job = bench.schedule(&format!("orchestrator.sh {mode}"));
        let told = fact(&job.facts, "schedules.json").unwrap_or_else(|| panic!("{task}"));
        assert_eq!(told, format!("daily 09:00 ({task})"));
        assert_eq!(bench.told.schedules.len(), 1, "{task}: one job, told once");
    }
}

#[test]
fn reviews_tell_their_verdict() {
    let mut bench = Bench::new();
    bench.dispatches(&json!([]));
    let review = |verdict: &str| {
        format!("Some words first.\n\n# Review\n**bold**\n\n## Verdict\n\n{verdict}\nmore **bold**\n")
    };
    bench.write("reports/pr-reviews/web-9.md", &review("**CHANGES REQUESTED** – see above"));
    bench.write("reports/pr-reviews/web-10.md", &review("**APPROVE WITH COMMENTS**"));
    bench.write("reports/pr-reviews/api-1.md", "# Review\nnot done\n");
    bench.write("reports/pr-reviews/archived/old-1.md", &review("**APPROVE**"));
    bench.json(
        "reports/pr-inbox.json",
        &json!([{"repo": "web", "number": 10, "title": "Split", "review_decision": ""}]),
    );
    bench.read();
    let mut lines: Vec<_> = bench.logs.iter().map(|line| (line.level, line.text.as_str())).collect();
    lines.sort_by_key(|(_, text)| *text);
    assert_eq!(
        lines,
        [
            (Level::Info, "pull request web#10 · Split · no decision"),
            (Level::Info, "review of api-1 · no verdict"),
            (Level::Info, "review of web-10 · approve with comments"),
            (Level::Warn, "review of web-9 · changes requested"),
        ]
    );
    assert_eq!(bench.count("reports/pr-reviews", "pull request reviews"), Some(4));
    bench.logs.clear();
    bench.write("reports/pr-reviews/api-1.md", &review("**APPROVE**"));
    bench.touch("reports/pr-reviews/api-1.md");
    let lines: Vec<&str> = bench.logs.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["review of api-1 · approve"]);
}

#[test]
fn lessons_about_models_stand_at_the_models() {
    let mut bench = Bench::new();
    bench.dispatches(&json!([]));
    let row = |complexity: &str, good: u32, all: u32| json!({"complexity": complexity, "model": "claude-haiku", "successes": good, "total": all, "confidence": 0.1});
    bench.json(
        "logs/model-learning.json",
        &json!({"total_dispatches_analyzed": 9, "by_complexity": [row("simple", 3, 8), row("medium", 1, 1), {"model": "x"}],
            "by_keyword": [{"keyword": "api"}, {"keyword": "db"}],
            "suggestions": [{"id": "s", "type": "missing_rule", "description": "No rule for \"fix\"",
                "suggested_action": "add_keyword_rule"}, 7],
            "suggestions_generated_at": "2026-11-18T09:00:00.000Z"}),
    );
    bench.read();
    let model = &bench.told.catalog["claude-haiku"];
    assert_eq!(
        fact(&model.facts, "outcomes"),
        Some("3 of 8 simple tasks succeeded · 1 of 1 medium task succeeded")
    );
    let lines: Vec<_> = bench.logs.iter().map(|line| (line.at, line.text.as_str())).collect();
    assert_eq!(
        lines,
        [(Some(at("2026-11-18T09:00:00Z")), "suggestion: No rule for \"fix\" → add_keyword_rule")]
    );
    assert_eq!(bench.health.skipped, 2, "the row without figures, the suggestion that is none");
    let counts = ["dispatches analyzed", "models by complexity", "models by keyword", "suggestions"];
    assert_eq!(
        counts.map(|what| bench.count("logs/model-learning.json", what)),
        [Some(9), Some(3), Some(2), Some(1)]
    );
}
