//! Journals: both populations, rings, arrays, the basic one, the state model's, the sequenced one.

use std::{
    fs::File,
    time::{Duration, UNIX_EPOCH},
};

use super::{Bench, fact};
use crate::model::{Status, Timestamp};

fn entry(at: &str, kind: &str, rest: &str) -> String {
    format!(
        r#"{{"timestamp": {at}, "executionId": "x", "type": "{kind}", "data": {{"type": "{kind}"{rest}}}}}"#
    )
}

fn export(entries: &[String], status: &str, rest: &str) -> String {
    format!(
        r#"{{"executionId": "x", "workflowId": "w", "entries": [{}], "summary": {{"totalEvents": {}, "stepCount": 1, "retryCount": 0,
            "errorCount": 0, "status": "{status}"{rest}}}}}"#,
        entries.join(","),
        entries.len()
    )
}

fn bus_fed() -> String {
    export(
        &[
            entry("1755835800000", "execution.queued", ""),
            entry("1755835800001", "execution.started", ""),
            entry("1755835800002", "step.started", r#", "stepId": "a""#),
        ],
        "running",
        "",
    )
}

#[test]
fn a_journal_that_hears_of_starts_only_is_no_live_run() {
    let bench = Bench::with(&[("j.json", &bus_fed())]);
    let task = bench.task("x");
    assert_eq!((task.status, task.status_raw.as_deref()), (Status::Unknown, Some("running")));
    assert!(bench.note("x").starts_with("outcome unknown"), "{}", bench.note("x"));
    assert_eq!(bench.step("x/a").status, Status::Unknown);
    assert_eq!(bench.agent("x/a"), None);
    assert!(bench.says("1 journal hears of starts only"), "{:?}", bench.health.notes);
}

#[test]
fn it_is_live_while_its_file_changes() {
    let mut bench = Bench::new();
    bench.fixed = false;
    bench.write("j.json", bus_fed());
    let touch = |bench: &Bench, at: &str| {
        let at = UNIX_EPOCH + Duration::from_millis(Timestamp::parse(at).unwrap().0.unsigned_abs());
        File::options().append(true).open(bench.path("j.json")).unwrap().set_modified(at).unwrap();
    };
    touch(&bench, "2025-08-22T04:11:30Z");
    bench.read();
    assert_eq!(bench.task("x").status, Status::Running);
    assert!(bench.note("x").starts_with("live as far as its journal changes"));
    bench.assert_as_from_scratch();
    bench.now = bench.source.as_ref().unwrap().next_wake(bench.now).unwrap();
    bench.look(&[]);
    assert_eq!(bench.task("x").status, Status::Unknown);
    bench.assert_as_from_scratch();
}

#[test]
fn other_evidence_beats_it_and_a_users_cancel_is_heard() {
    let result = r#"{"executionId": "x", "status": "failed", "steps": {"a": {"status": "failed", "error": {"code": "UNKNOWN", "message": "no"}}}}"#;
    let bench = Bench::with(&[("j.json", &bus_fed()), ("r.json", result)]);
    assert_eq!((bench.task("x").status, bench.steps("x").as_str()), (Status::Failed, "a:failed"));
    assert!(fact(&bench.task("x").facts, "disagrees").contains("never hears of ends"));
    let cancelled = export(
        &[
            entry("1755835800000", "step.started", r#", "stepId": "a""#),
            entry("null", "execution.cancelled", r#", "reason": "User""#),
        ],
        "cancelled",
        "",
    );
    let bench = Bench::with(&[("j.json", &cancelled)]);
    assert_eq!(bench.task("x").status, Status::Cancelled);
    assert_eq!(bench.step("x/a").status, Status::Unknown, "it began, and its end would not be heard");
}

#[test]
fn an_enriched_journal_is_believed() {
    let text = export(
        &[
            entry("1755835800000", "execution.started", ""),
            entry("null", "step.started", r#", "stepId": "a""#),
            entry("1755835800500", "retry.attempted", r#", "stepId": "a", "attempt": 1, "delay": 3.5"#),
            entry(
                "1755835801000",
                "step.failed",
                r#", "stepId": "a", "error": {"name": "RETRYABLE", "message": "token sk-abc123def456ghi789", "stack": "x"}"#,
            ),
            entry(
                "1755835801500",
                "step.completed",
                r#", "stepId": "big", "output": {"truncated": true, "originalSize": 9008, "message": "Object too large to store"}"#,
            ),
            entry(
                "1755835801600",
                "step.failed",
                r#", "stepId": "cut", "error": {"truncated": true, "error": "Failed to serialize"}"#,
            ),
            entry("1755835801700", "custom.thing", ""),
            entry(
                "1755835802000",
                "workflow.failed",
                r#", "workflowId": "w", "error": {"name": "RETRYABLE", "message": "gone"}"#,
            ),
        ],
        "failed",
        r#", "validationWarning": "Export data failed schema validation""#,
    );
    let bench = Bench::with(&[("j.json", &text)]);
    let task = bench.task("x");
    assert_eq!((task.status, task.status_raw.as_deref()), (Status::Failed, Some("failed")));
    assert_eq!(task.error.as_deref(), Some("RETRYABLE: gone"));
    assert_eq!((bench.step("x/a").started_at, task.retries), (None, 1));
    assert_eq!(fact(&bench.step("x/a").facts, "error"), "token ***");
    assert!(bench.step("x/big").summary.as_deref().unwrap().contains("9008 bytes"));
    assert_eq!(bench.step("x/cut").summary.as_deref(), Some("too large to be kept"));
    assert_eq!(fact(&task.facts, "unknown events"), "custom.thing");
    assert!(fact(&task.facts, "journal warning").contains("schema validation"));
    assert_eq!(bench.figure("j.json", "journal-export totalEvents"), Some(8));
    assert_eq!(bench.figure("j.json", "journal-export status failed"), Some(1));
}

#[test]
fn a_ring_without_its_beginning_and_an_array_and_an_unknown_id() {
    let ring = export(&[entry("1755835802000", "step.completed", r#", "stepId": "z""#)], "completed", "");
    let bench = Bench::with(&[
        ("ring.json", &ring),
        (
            "all.json",
            &format!("[{}, {}]", bus_fed().replace("\"x\"", "\"y\""), bus_fed().replace("\"x\"", "\"z\"")),
        ),
        ("missing.json", r#"{"error": "No entries found for execution 123"}"#),
        ("list.json", r#"{"executionIds": []}"#),
    ]);
    assert_eq!(bench.task("x").status, Status::Succeeded, "its summary knows what the ring lost");
    assert!(fact(&bench.task("x").facts, "journal").contains("beginning is lost"));
    assert_eq!(bench.task("y").status, Status::Unknown);
    assert_eq!(bench.figure("all.json", "journal-export-array executions"), Some(2));
    assert_eq!(bench.figure("", "journal-export-missing"), Some(1));
    assert_eq!(bench.figure("", "inspect-list"), Some(1));
    assert_eq!(bench.store.tasks.len(), 3);
}

#[test]
fn the_basic_journal_adds_times_to_events() {
    let one = |at: &str, data: &str| {
        format!(r#"{{"timestamp": {at}, "type": "{}", "data": {{{data}}}}}"#, data.split('"').nth(3).unwrap())
    };
    let text = format!(
        "[{}, {}, {}, {}, 7]",
        one("1755835800000", r#""type": "execution.queued", "executionId": "x", "workflowId": "w""#),
        one("1755835800100", r#""type": "step.started", "executionId": "x", "stepId": "a""#),
        one("1755835800400", r#""type": "step.completed", "stepId": "a", "output": 5"#),
        one("1755835800500", r#""type": "workflow.completed", "workflowId": "w", "duration": 500"#),
    );
    let bench = Bench::with(&[("b.json", &text)]);
    assert_eq!(bench.task("x").status, Status::Succeeded);
    assert_eq!(bench.step("x/a").ended_at, Some(Timestamp(1_755_835_800_400)));
    assert_eq!(bench.figure("b.json", "basic-journal entries"), Some(5));
    assert_eq!(bench.health.skipped, 1, "an entry that is no object");
}

#[test]
fn the_state_models_journal() {
    let bench = Bench::with(&[(
        "m.json",
        r#"[{"timestamp": "2025-08-22T04:10:00.000Z", "executionId": "s", "event": "journal.truncated", "data": {"removedEntries": 9}},
            {"timestamp": "2025-08-22T04:10:00.000Z", "executionId": "s", "event": "execution.created", "data": {"workflowId": "w", "variables": {}}},
            {"timestamp": "2025-08-22T04:10:01.000Z", "executionId": "s", "event": "step.skipped", "data": {"stepId": "a"}},
            {"timestamp": "2025-08-22T04:10:01.000Z", "executionId": "s", "event": "step.completed", "stepId": "b", "data": {}},
            {"timestamp": "2025-08-22T04:10:02.000Z", "executionId": "s", "event": "execution.finalized", "data": {"status": "completed", "duration": 7}}]"#,
    )]);
    assert_eq!(bench.task("s").status, Status::Succeeded);
    assert!(bench.note("s").contains("known from an execution state only"));
    assert_eq!(bench.steps("s"), "a:skipped b:completed");
    assert!(fact(&bench.task("s").facts, "journal").starts_with("9 entries"));
}

#[test]
fn the_sequenced_journal_and_messages_to_browsers_are_told_as_what_they_are() {
    let line = |number: u32, kind: &str, rest: &str| {
        format!(
            "{{\"sequence\":{number},\"timestamp\":1.5,\"correlationId\":\"o8-1\",\"type\":\"{kind}\",\"level\":\"info\",\"data\":{{}}{rest}}}\n"
        )
    };
    let bench = Bench::with(&[
        (
            "s.jsonl",
            &(line(1, "execution-start", "")
                + &line(2, "step-start", ",\"stepId\":\"a\"")
                + &line(5, "step-failed", ",\"stepId\":\"a\"")
                + &line(6, "execution-failed", "")),
        ),
        (
            "ws.jsonl",
            "{\"type\":\"connection.established\",\"timestamp\":\"2025-08-22T04:10:00Z\"}\n\
             {\"type\":\"workflow.started\",\"workflowId\":\"w\",\"executionId\":\"e\",\"timestamp\":\"2025-08-22T04:11:00Z\"}\n\
             {\"type\":\"step.started\",\"executionId\":\"e\",\"stepId\":\"a\",\"agentId\":\"linter\",\"timestamp\":\"2025-08-22T04:11:01Z\"}\n\
             {\"type\":\"moon.rose\",\"executionId\":\"e\",\"timestamp\":\"2025-08-22T04:11:02Z\"}\n{\"type\":\"pong\"}\n",
        ),
    ]);
    assert_eq!((bench.task("o8-1").status, bench.steps("o8-1").as_str()), (Status::Failed, "a:failed"));
    assert!(bench.note("o8-1").contains("design documents only"));
    assert!(bench.says("2 numbers are missing"), "{:?}", bench.health.notes);
    assert_eq!(bench.task("e").status, Status::Running);
    assert_eq!(bench.agent("e/a").unwrap().role.as_deref(), Some("linter"));
    assert_eq!(bench.figure("ws.jsonl", "ws-server-jsonl lines"), Some(5));
}

#[test]
fn forms_of_the_design_documents() {
    let bench = Bench::with(&[
        (
            "list.json",
            r#"{"executions": [{"id": "e1", "workflowId": "w", "status": "cancelling", "startedAt": "2025-08-22T04:11:00Z", "duration": null,
            "steps": [{"id": "a", "status": "pending", "duration": null}], "metadata": {"name": "W"}}], "total": 1}"#,
        ),
        (
            "bare.json",
            r#"[{"id": "e2", "workflowId": "w", "status": "failed", "steps": [{"id": "a", "status": "failed", "error": "no"}]}]"#,
        ),
        (
            "env.json",
            r#"{"status": "error", "correlationId": "c", "executionId": "e3", "error": {"code": "CANCELLED", "message": "x"},
            "cost": {"inputTokens": 10, "outputTokens": 5, "totalCost": 0.25}}"#,
        ),
        (
            "health.json",
            r#"{"healthy": true, "service": "@orchestr8", "name": "orchestr8", "pid": 1, "startedAt": "x"}"#,
        ),
    ]);
    assert_eq!(
        (bench.task("e1").status, bench.task("e1").status_raw.as_deref()),
        (Status::Running, Some("cancelling"))
    );
    assert_eq!(&*bench.task("e1").title, "W");
    assert_eq!(bench.step("e2/a").summary.as_deref(), Some("no"));
    let paid = bench.task("e3");
    assert_eq!((paid.status, paid.recorded_tokens), (Status::Cancelled, Some(15)));
    assert!((paid.recorded_cost.unwrap().dollars() - 0.25).abs() < 1e-9);
    assert_eq!(bench.figure("", "api-health"), Some(1));
}
