//! Results and outputs of the command line.

use super::{Bench, fact};
use crate::model::Status;

const RESULT: &str = r#"{"executionId": "x", "status": "failed", "steps": {
    "zeta": {"stepId": "zeta", "status": "completed", "output": {"n": 1, "apiKey": "sesame"},
             "startTime": "2025-08-22T04:10:00.000Z", "endTime": "2025-08-22T04:10:01.000Z", "truncated": false},
    "alpha": {"stepId": "alpha", "status": "failed", "output": {"from": "cache"},
              "error": {"code": "TIMEOUT", "message": "too slow", "timestamp": "2025-08-22T04:10:02.000Z", "context": {"timeoutMs": 50}},
              "startTime": "2025-08-22T04:10:03.000Z", "endTime": "2025-08-22T04:10:03.000Z"},
    "cache": {"stepId": "cache", "status": "completed", "aliasFor": "alpha", "truncated": true, "originalSize": 700000, "retainedBytes": 400000,
              "startTime": "2025-08-22T04:10:03.000Z", "endTime": "2025-08-22T04:10:04.000Z"},
    "void": {"stepId": "void", "status": "completed", "truncated": true, "retainedBytes": 0,
             "startTime": "2025-08-22T04:10:03.000Z", "endTime": "2025-08-22T04:10:04.000Z"},
    "tests": {"stepId": "tests", "status": "failed", "error": {"code": "RETRYABLE", "message": "Retry exhausted", "context": {"attempts": 3}}},
    "stopped": {"stepId": "stopped", "status": "cancelled", "error": {"code": "CANCELLED", "message": "sibling failed"}},
    "s1": {"status": "skipped", "skipReason": "dependency-not-completed"},
    "s2": {"status": "skipped", "skipReason": "condition-not-met"},
    "s3": {"status": "skipped", "skipReason": "invalid-condition"},
    "s4": {"status": "skipped", "skipReason": "level-failure"},
    "s5": {"status": "skipped", "skipReason": "workflow-cancelled"},
    "s6": {"status": "skipped"}},
    "variables": {"pr": 812, "githubToken": "sesame"},
    "startTime": "2025-08-22T04:10:00.000Z", "endTime": "2025-08-22T04:10:05.000Z", "duration": 5000,
    "errors": [{"code": "RETRYABLE", "message": "Retry exhausted", "stepId": "tests"}]}"#;

#[test]
fn a_result_is_told_in_its_order_with_every_odd_step() {
    let bench = Bench::with(&[("r.json", RESULT)]);
    let task = bench.task("x");
    assert_eq!((task.status, task.status_raw.as_deref()), (Status::Failed, Some("failed")));
    assert_eq!(task.steps.map(|steps| (steps.done, steps.total)), Some((3, 12)));
    assert_eq!(task.duration.map(|span| span.0), Some(5000));
    assert_eq!(task.error.as_deref(), Some("tests: RETRYABLE: Retry exhausted"));
    assert_eq!(
        bench.steps("x"),
        "zeta:completed alpha:failed cache:completed void:completed tests:failed stopped:cancelled s1:skipped s2:skipped \
         s3:skipped s4:skipped s5:skipped s6:skipped"
    );
    let alpha = bench.step("x/alpha");
    assert_eq!(alpha.started_at, None, "its times were overwritten by its fallback");
    assert_eq!(alpha.ended_at, crate::model::Timestamp::parse("2025-08-22T04:10:02.000Z"));
    assert_eq!(fact(&alpha.facts, "output of its fallback"), r#"{"from":"cache"}"#);
    assert!(fact(&alpha.facts, "times").contains("overwrote"));
    let cache = bench.step("x/cache");
    assert_eq!(fact(&cache.facts, "stands in for"), "alpha");
    assert!(cache.summary.as_deref().unwrap().contains("700000 bytes"));
    assert_eq!(bench.step("x/void").summary.as_deref(), Some("it returned nothing"));
    assert_eq!(fact(&bench.step("x/tests").facts, "attempts"), "3");
    assert_eq!(bench.step("x/s3").summary.as_deref(), Some("invalid-condition"));
    assert_eq!((bench.step("x/s6").status, &bench.step("x/s6").summary), (Status::Cancelled, &None));
    let told = super::all(&bench.store).join("\n");
    assert!(!told.contains("sesame"), "{told}");
    assert!(told.contains("githubToken"));
}

#[test]
fn a_completed_run_may_contain_failed_steps() {
    let bench = Bench::with(&[(
        "r.json",
        r#"{"executionId": "x", "status": "completed", "steps": {"a": {"status": "failed", "error": {"code": "UNKNOWN", "message": "no"}}}}"#,
    )]);
    assert_eq!(bench.task("x").status, Status::Succeeded);
    assert!(bench.note("x").contains("completed although a step failed: a"), "{}", bench.note("x"));
    assert_eq!(bench.task("x").error, None);
}

#[test]
fn a_cancelled_run_may_have_errors_and_an_invalid_graph_no_steps() {
    let bench = Bench::with(&[
        (
            "c.json",
            r#"{"executionId": "c", "status": "cancelled", "steps": {}, "errors": [{"code": "UNKNOWN", "message": "aborted"}]}"#,
        ),
        (
            "i.json",
            r#"{"executionId": "i", "status": "failed", "steps": {}, "errors": [{"code": "VALIDATION", "message": "Circular"}]}"#,
        ),
    ]);
    assert_eq!(
        (bench.task("c").status, bench.task("c").error.as_deref()),
        (Status::Cancelled, Some("UNKNOWN: aborted"))
    );
    assert_eq!(bench.task("i").error.as_deref(), Some("VALIDATION: Circular"));
    assert_eq!(bench.store.executions.len(), 0);
}

fn cli(run: &str, status: &str, workflow: &str) -> String {
    let text = serde_json::to_string(workflow).unwrap();
    format!(
        r#"{{"runId": "{run}", "workflow": {text}, "status": "{status}", "steps": {{"b": {{"status": "{status}",
            "output": {{"output": {{}}}}}}, "a": {{"status": "completed"}}}}, "variables": {{}}, "duration": 4000,
            "timestamp": "2025-08-22T04:10:05.000Z"}}"#
    )
}

const GRAPH: &str = r#"{"id": "w", "name": "Graph", "version": "2.0.0", "steps": [
    {"id": "a", "name": "First", "type": "agent", "agentId": "@x/a"},
    {"id": "b", "name": "Second", "type": "agent", "agentId": "@x/b", "dependsOn": ["a", "missing"]},
    {"id": "m", "name": "Marker", "type": "parallel"}]}"#;

#[test]
fn output_of_the_command_line_brings_its_graph() {
    let bench = Bench::with(&[("out.json", &cli("x", "completed", GRAPH))]);
    let task = bench.task("x");
    assert_eq!(&*task.title, "Graph");
    assert_eq!(task.started_at.map(|at| at.to_string()).as_deref(), Some("2025-08-22T04:10:01.000Z"));
    assert_eq!(bench.steps("x"), "b:completed a:completed");
    let second = bench.step("x/b");
    assert_eq!(&*second.name, "Second");
    assert_eq!(second.depends_on, [super::key("x/a")]);
    assert_eq!(fact(&second.facts, "depends on what is no step"), "missing");
    let agent = bench.agent("x/b").unwrap();
    assert_eq!((agent.role.as_deref(), agent.status), (Some("@x/b"), Status::Succeeded));
    assert_eq!(agent.task, Some(super::key("x")));
    assert!(bench.agent("x/m").is_none(), "a marker is no agent");
    assert_eq!(task.agents.len(), 2);
}

#[test]
fn older_and_odd_outputs_are_read() {
    let bench = Bench::with(&[
        (
            "old.json",
            r#"{"runId": "old", "workflow": "{\"id\": \"w\", \"name\": \"Old\"}", "status": "completed", "duration": 10, "timestamp": "2025-08-22T04:10:00.000Z"}"#,
        ),
        ("odd.json", &cli("odd", "failed", "not { json")),
    ]);
    assert_eq!((&*bench.task("old").title, bench.task("old").status), ("Old", Status::Succeeded));
    assert!(fact(&bench.task("old").facts, "older layout").contains("no step results"));
    assert_eq!((&*bench.task("odd").title, bench.task("odd").status), ("not { json", Status::Failed));
    assert!(fact(&bench.task("odd").facts, "workflow").contains("no JSON"));
}

#[test]
fn a_rewritten_output_replaces_its_run() {
    let mut bench = Bench::with(&[("out.json", &cli("one", "completed", GRAPH))]);
    bench.write("out.json", "");
    bench.look(&["out.json"]);
    assert_eq!(bench.task("one").status, Status::Succeeded, "an empty file is being written");
    let next = cli("two", "failed", GRAPH);
    bench.write("out.json", &next[..next.len() / 2]);
    bench.look(&["out.json"]);
    assert_eq!(bench.task("one").status, Status::Succeeded);
    assert!(bench.health.error.as_deref().unwrap().contains("out.json"));
    bench.write("out.json", &next);
    bench.look(&["out.json"]);
    assert_eq!(bench.task("two").status, Status::Failed);
    assert!(bench.store.tasks.find(&super::key("one")).is_none());
    assert_eq!(bench.health.error, None);
    bench.assert_as_from_scratch();
}
