//! Bus events, most of which name no execution.

use super::{Bench, fact};
use crate::model::{Status, Timestamp};

fn queued(run: &str, workflow: &str) -> String {
    format!(
        "{{\"type\":\"execution.queued\",\"executionId\":\"{run}\",\"workflowId\":\"{workflow}\"}}\n\
         {{\"type\":\"workflow.started\",\"workflowId\":\"{workflow}\",\"timestamp\":1755835800000}}\n\
         {{\"type\":\"execution.started\",\"executionId\":\"{run}\"}}\n"
    )
}

fn started(run: &str, step: &str) -> String {
    format!("{{\"type\":\"step.started\",\"stepId\":\"{step}\",\"executionId\":\"{run}\"}}\n")
}

fn ended(kind: &str, step: &str, rest: &str) -> String {
    format!("{{\"type\":\"step.{kind}\",\"stepId\":\"{step}\"{rest}}}\n")
}

fn finished(kind: &str, workflow: &str) -> String {
    format!("{{\"type\":\"workflow.{kind}\",\"workflowId\":\"{workflow}\",\"duration\":2000}}\n")
}

fn read(lines: &[String]) -> Bench {
    Bench::with(&[("e.jsonl", &lines.concat())])
}

#[test]
fn a_full_run_with_a_silent_skip_and_a_fallback_that_began_twice() {
    let bench = read(&[
        queued("x", "w"),
        started("x", "fetch"),
        "{\"type\":\"retry.attempted\",\"stepId\":\"fetch\",\"attempt\":1,\"delay\":25.6895}\n".to_owned(),
        "{\"type\":\"retry.attempted\",\"stepId\":\"fetch\",\"attempt\":2,\"delay\":4.3}\n".to_owned(),
        ended("failed", "fetch", ",\"error\":{\"name\":\"TIMEOUT\"},\"retryable\":true"),
        "{\"type\":\"timeout.exceeded\",\"stepId\":\"fetch\",\"duration\":50}\n".to_owned(),
        "{\"type\":\"circuitBreaker.opened\",\"key\":\"w:fetch\",\"failures\":4}\n".to_owned(),
        started("x", "cache"),
        ended("completed", "cache", ",\"output\":{\"password\":\"sesame\",\"rows\":1}"),
        started("x", "cache"),
        started("x", "skipped"),
        finished("completed", "w"),
    ]);
    let task = bench.task("x");
    assert_eq!((task.status, &task.status_raw), (Status::Succeeded, &None));
    assert_eq!(task.ended_at, Timestamp::parse("2025-08-22T04:10:02.000Z"), "start and duration make an end");
    assert_eq!(task.retries, 2);
    assert_eq!(bench.steps("x"), "fetch:failed cache:completed skipped:skipped");
    let fetch = bench.step("x/fetch");
    assert_eq!(fact(&fetch.facts, "attempts"), "3");
    assert_eq!(fact(&fetch.facts, "error code"), "TIMEOUT");
    assert_eq!(fact(&fetch.facts, "timeouts"), "1 (limit 50 ms)");
    assert_eq!(fact(&fetch.facts, "breaker"), "opened after 4 failures");
    assert!(fact(&bench.step("x/skipped").facts, "state").contains("inferred"));
    assert_eq!(bench.step("x/cache").summary.as_deref(), Some("{\"password\":\"***\",\"rows\":1}"));
    assert_eq!(fetch.started_at, None, "events carry no times and none is made up");
    assert_eq!(bench.health.skipped, 0);
}

#[test]
fn a_cancelled_run_has_no_end_of_its_workflow() {
    let bench = read(&[
        queued("x", "w"),
        started("x", "a"),
        started("x", "b"),
        ended("completed", "a", ""),
        "{\"type\":\"execution.cancelled\",\"executionId\":\"x\",\"reason\":\"User requested cancellation\"}\n".to_owned(),
    ]);
    assert_eq!(bench.task("x").status, Status::Cancelled);
    assert_eq!(bench.steps("x"), "a:completed b:cancelled");
    assert_eq!(fact(&bench.task("x").facts, "cancelled because"), "User requested cancellation");
    assert_eq!(bench.task("x").steps, None, "nobody knows how many steps it would have had");
}

#[test]
fn interleaved_runs_get_their_events_by_what_runs_and_the_rest_is_marked() {
    let bench = read(&[
        queued("one", "w"),
        started("one", "a"),
        queued("two", "w"),
        ended("completed", "a", ",\"output\":1"),
        started("one", "b"),
        started("two", "a"),
        started("two", "only-two"),
        ended("failed", "only-two", ",\"error\":{\"name\":\"UNKNOWN\"}"),
        ended("completed", "a", ",\"output\":2"),
        started("two", "b"),
        ended("completed", "b", ",\"output\":\"first\""),
        finished("completed", "w"),
        ended("completed", "b", ",\"output\":\"second\""),
        finished("failed", "w"),
    ]);
    assert_eq!(bench.steps("one"), "a:completed b:completed");
    assert_eq!(bench.steps("two"), "a:completed only-two:failed b:completed");
    assert_eq!(bench.step("one/a").summary.as_deref(), Some("1"));
    assert_eq!(bench.step("two/b").summary.as_deref(), Some("second"));
    assert_eq!((bench.task("one").status, bench.task("two").status), (Status::Succeeded, Status::Failed));
    assert!(fact(&bench.task("one").facts, "attribution").starts_with("2 events"), "b and the end");
    assert_eq!(fact(&bench.task("two").facts, "attribution"), "");
}

#[test]
fn nothing_takes_back_an_end() {
    let lines = [
        queued("x", "w"),
        ended("completed", "early", ",\"output\":1"),
        started("x", "early"),
        started("x", "a"),
        ended("completed", "a", ""),
        ended("completed", "a", ""),
        ended("failed", "a", ",\"error\":{\"name\":\"UNKNOWN\"}"),
        started("x", "b"),
        ended("failed", "b", ",\"error\":{\"name\":\"UNKNOWN\"}"),
        ended("completed", "b", ""),
        started("x", "late"),
        finished("completed", "w"),
        finished("completed", "w"),
        ended("completed", "late", ""),
        "{\"type\":\"execution.started\",\"executionId\":\"x\"}\n".to_owned(),
    ];
    let bench = read(&lines);
    assert_eq!(bench.task("x").status, Status::Succeeded);
    assert_eq!(bench.steps("x"), "early:completed a:completed b:completed late:completed");
}

#[test]
fn what_is_no_event_is_counted() {
    let mut text = "\u{feff}".to_owned();
    text.push_str(&queued("x", "w").replace('\n', "\r\n"));
    text.push_str("42\r\n[1]\r\nnot json\r\n{\"stepId\":\"a\"}\r\n\r\n{\"type\":\"moon.rose\"}\r\n");
    text.push_str(&started("x", "a").replace('\n', "\r\n"));
    text.push_str("{\"type\":\"step.completed\",\"stepId\":\"stranger\"}\r\n{\"type\":\"workflow.failed\",\"workflowId\":\"other\"}\r\n");
    text.push_str("{\"type\":\"step.compl");
    let mut bench = Bench::with(&[("e.jsonl", &text)]);
    assert_eq!(bench.health.skipped, 4);
    assert_eq!(bench.figure("e.jsonl", "bus-events-jsonl lines"), Some(7));
    assert!(bench.says("1 events of unknown types: moon.rose"), "{:?}", bench.health.notes);
    assert!(bench.says("1 events name no execution"), "{:?}", bench.health.notes);
    bench.append("e.jsonl", "eted\",\"stepId\":\"a\",\"output\":null}\r\n");
    bench.look(&["e.jsonl"]);
    assert_eq!(bench.steps("x"), "a:completed stranger:completed");
    assert_eq!(bench.health.skipped, 4);
}

#[test]
fn a_stream_without_its_beginning_is_followed() {
    let bench = read(&[started("x", "a"), ended("completed", "a", ""), finished("completed", "w")]);
    assert_eq!((bench.task("x").status, bench.steps("x").as_str()), (Status::Succeeded, "a:completed"));
    assert_eq!(&*bench.task("x").title, "w");
}

#[test]
fn times_of_lines_that_come_in_before_our_eyes_are_theirs_and_marked() {
    let mut bench = read(&[queued("x", "w"), started("x", "a")]);
    assert_eq!(bench.step("x/a").started_at, None);
    assert_eq!(bench.task("x").status, Status::Running);
    bench.append("e.jsonl", ended("completed", "a", "") + &started("x", "b"));
    bench.look(&["e.jsonl"]);
    assert_eq!(bench.step("x/a").ended_at, Some(bench.now));
    assert_eq!(bench.step("x/b").started_at, Some(bench.now));
    assert!(fact(&bench.task("x").facts, "times").contains("came in"));
    bench.write("e.jsonl", queued("y", "w"));
    bench.look(&["e.jsonl"]);
    assert!(bench.store.tasks.find(&super::key("x")).is_none(), "another file now");
    assert_eq!(bench.store.executions.len(), 0);
    bench.assert_as_from_scratch();
}

#[test]
fn a_run_that_was_heard_of_long_ago_is_not_believed_to_go_on() {
    let mut bench = read(&[queued("x", "w"), started("x", "a")]);
    assert_eq!(bench.task("x").activity.as_deref(), Some("running a"));
    let due = bench.source.as_ref().unwrap().next_wake(bench.now).unwrap();
    assert_eq!(due, Timestamp::parse("2025-08-22T06:10:00.000Z").unwrap());
    bench.now = due;
    bench.look(&[]);
    assert_eq!((bench.task("x").status, bench.step("x/a").status), (Status::Unknown, Status::Unknown));
    assert!(bench.note("x").starts_with("running when last heard of at 2025-08-22T04:10:00.000Z"));
    bench.assert_as_from_scratch();
}

#[test]
fn dropped_events_are_spoken_of() {
    let bench = Bench::with(&[(
        "m.json",
        r#"{"droppedCount": 17, "lastDropTimestamp": null, "highWaterMark": 1000, "queueSize": 3, "dropRate": 2, "listeners": {}}"#,
    )]);
    assert!(bench.says("dropped 17 events"));
    assert_eq!(bench.figure("m.json", "bus-metrics droppedCount"), Some(17));
}
