//! Execution states and the runs they describe.

use super::{Bench, fact};
use crate::model::Status;

fn result(id: &str, second: u32) -> String {
    format!(
        r#"{{"executionId": "{id}", "status": "completed", "steps": {{"a": {{"status": "failed", "error": {{"code": "UNKNOWN", "message": "no"}},
            "startTime": "2025-08-22T04:10:{second:02}.100Z", "endTime": "2025-08-22T04:10:{second:02}.200Z"}}}},
            "startTime": "2025-08-22T04:10:{second:02}.000Z", "endTime": "2025-08-22T04:10:{second:02}.300Z"}}"#
    )
}

fn state(second: u32, steps: &str, status: &str) -> String {
    format!(
        r#"{{"executionId": "s", "workflowId": "wf", "status": "{status}", "startTime": "2025-08-22T04:10:{second:02}.600Z", "currentLevel": 0,
            "completedSteps": [], "failedSteps": ["a"], "skippedSteps": [], "cancelledSteps": [], "stepResults": {{{steps}}},
            "variables": {{}}, "metadata": {{}}, "errors": []}}"#
    )
}

const STEP: &str = r#""a": {"status": "failed", "startTime": "2025-08-22T04:10:01.100Z", "endTime": "2025-08-22T04:10:01.200Z"}"#;

#[test]
fn the_times_of_steps_tell_which_run_a_state_describes() {
    let mut bench = Bench::with(&[
        ("one.json", &result("one", 1)),
        ("two.json", &result("two", 2)),
        ("s.json", &state(1, STEP, "failed")),
    ]);
    assert!(bench.store.tasks.find(&super::key("s")).is_none(), "it is no run of its own");
    let task = bench.task("one");
    assert_eq!(task.status, Status::Succeeded, "the cruder rule of the state is not believed");
    assert_eq!(fact(&task.facts, "execution state"), "s says failed (by a cruder rule)");
    assert_eq!(fact(&task.facts, "workflow"), "wf");
    assert_eq!(fact(&bench.task("two").facts, "execution state"), "");
    std::fs::remove_file(bench.path("one.json")).unwrap();
    bench.look(&["one.json"]);
    assert_eq!(bench.task("s").status, Status::Failed);
    assert!(bench.note("s").contains("known from an execution state only"));
    bench.assert_as_from_scratch();
    bench.write("again.json", result("one", 1));
    bench.rescan();
    assert!(bench.store.tasks.find(&super::key("s")).is_none());
    bench.assert_as_from_scratch();
}

#[test]
fn without_steps_workflow_and_time_must_fit_one_run_only() {
    let events = |run: &str, at: u64| {
        format!(
            "{{\"type\":\"execution.queued\",\"executionId\":\"{run}\",\"workflowId\":\"wf\"}}\n\
             {{\"type\":\"workflow.started\",\"workflowId\":\"wf\",\"timestamp\":{at}}}\n\
             {{\"type\":\"execution.started\",\"executionId\":\"{run}\"}}\n"
        )
    };
    let mut bench =
        Bench::with(&[("e.jsonl", &events("one", 1_755_835_801_000)), ("s.json", &state(1, "", "pending"))]);
    assert_eq!(bench.store.tasks.len(), 1);
    assert!(fact(&bench.task("one").facts, "execution state").starts_with("s says pending"));
    assert_eq!(bench.task("one").status, Status::Running);
    bench.append("e.jsonl", events("two", 1_755_835_801_100));
    bench.look(&["e.jsonl"]);
    assert_eq!(bench.task("s").status, Status::Unknown, "two runs fit: it is told by itself");
    assert_eq!(fact(&bench.task("one").facts, "execution state"), "");
}

#[test]
fn a_state_that_was_derived_from_a_journal_is_read() {
    let bench = Bench::with(&[(
        "s.json",
        r#"{"executionId": "s", "status": "failed", "startTime": "2025-08-22T04:10:01.000Z", "completedSteps": ["a"], "failedSteps": ["b"],
            "skippedSteps": [], "cancelledSteps": [], "stepResults": {"a": {"rows": 1}, "c": 5}, "errors": [{"name": "TIMEOUT", "message": "late"}],
            "metadata": {"totalEvents": 9}}"#,
    )]);
    assert_eq!(bench.steps("s"), "a:completed c:completed b:failed");
    assert_eq!(bench.task("s").error.as_deref(), Some("TIMEOUT: late"));
    assert_eq!(bench.step("s/a").summary.as_deref(), Some("{\"rows\":1}"));
}
