//! Results: cost that is cumulative, failures, several of them, none.

use super::*;
use crate::model::{Usd, Witness};

fn dollars(text: f64) -> Option<Usd> {
    Usd::from_dollars(text)
}

#[test]
fn a_run_is_an_agent_and_a_task() {
    let bench = said(
        &[INIT, &answer("m1", 5, &text("Done."), 1), &result(r#","total_cost_usd":0.02,"uuid":"x1""#)]
            .concat(),
    );
    assert_status(&bench, Status::Succeeded, "success");
    let agent = bench.agent("s-1");
    assert_eq!(agent.recorded_cost, dollars(0.02));
    assert!(!agent.recorded_cost_is_floor);
    assert_eq!(agent.session.as_deref(), Some("s-1"));
    assert_eq!(agent.witness, Witness::Output);
    assert_eq!(agent.model.as_deref(), Some("claude-sonnet-5-5"));
    assert_eq!(agent.workspace.as_ref().unwrap().path.as_deref(), Some("/w/shop"));
    let fact =
        |label: &str| agent.facts.iter().find(|(known, _)| *known == label).map(|(_, value)| value.as_str());
    assert_eq!(fact("servers failed"), Some("bad"));
    assert_eq!(fact("servers connected"), Some("good"));
    assert_eq!(fact("servers otherwise"), Some("shy needs-auth"));
    let task = bench.task();
    assert_eq!(task.result.as_deref(), Some("Done."));
    assert_eq!(task.agents, [Key::new(SourceId(0), Safe::line("s-1"))]);
    assert_eq!((task.duration, task.witness), (Some(Millis(5000)), Witness::Output));
    assert_eq!(task.ended_at, Timestamp::parse("2026-11-18T12:00:50Z"));
}

#[test]
fn cumulative_cost_is_taken_once_and_a_woken_turn_goes_on_with_its_task() {
    let sums = r#""modelUsage":{"claude-sonnet-5-5":{"inputTokens":10,"outputTokens":OUT,"cacheReadInputTokens":3000,"cacheCreationInputTokens":300,"costUSD":0.02,"contextWindow":1000000}}"#;
    let first =
        format!(r#","total_cost_usd":0.02,"result_index":0,"uuid":"x1",{}"#, sums.replace("OUT", "90"));
    let second = format!(
        r#","total_cost_usd":0.026,"result_index":1,"uuid":"x2","origin":{{"kind":"task-notification"}},{}"#,
        sums.replace("OUT", "150")
    );
    let again = INIT.replace("u-init", "u-init-2").replace("12:00:00", "12:00:51");
    let bench = said(
        &[
            INIT,
            &answer("m1", 5, &text("Started."), 1),
            &result(&first),
            &again,
            &answer("m2", 55, &text("It says so."), 1),
            &result(&second).replace("12:00:50", "12:00:59"),
        ]
        .concat(),
    );
    let agent = bench.agent("s-1");
    assert_eq!(agent.recorded_cost, dollars(0.026), "the last one, never added");
    assert_eq!(bench.task().recorded_cost, dollars(0.026));
    assert_eq!(bench.task().duration, Some(Millis(10_000)), "durations are of one turn each");
    let tokens = bench.tokens("s-1");
    assert_eq!((tokens.input, tokens.output, tokens.cache_read, tokens.cache_write()), (10, 150, 3000, 300));
    assert_eq!(bench.responses("s-1"), 2);
    assert_eq!(agent.context.unwrap().window, 1_000_000);
    assert_eq!(bench.count("result success"), 2);
    assert_eq!(bench.count("system init"), 2);
}

#[test]
fn a_result_of_its_own_is_a_task_of_its_own() {
    let again = INIT.replace("u-init", "u-init-2").replace("12:00:00", "12:00:51");
    let bench = said(
        &[
            INIT,
            &answer("m1", 5, &text("One."), 10),
            &result(r#","total_cost_usd":0.02,"result_index":0,"uuid":"x1""#),
            &again,
            &answer("m2", 55, &text("Two."), 20),
            &result(r#","total_cost_usd":0.05,"result_index":1,"uuid":"x2""#).replace("12:00:50", "12:00:59"),
        ]
        .concat(),
    );
    let costs: Vec<_> = bench.tasks().iter().map(|task| task.recorded_cost).collect();
    assert_eq!(costs, [dollars(0.02), dollars(0.03)]);
    assert_eq!(bench.agent("s-1").recorded_cost, dollars(0.05));
    let outputs: Vec<u64> =
        bench.store.tasks.entries().map(|(id, ..)| bench.store.task_usage(id).tokens.output).collect();
    assert_eq!(outputs.iter().sum::<u64>(), 30);
    assert_eq!(outputs.len(), 2, "{outputs:?}");
}

#[test]
fn a_new_process_of_the_session_begins_its_cost_anew() {
    let sums = |output: u64| {
        format!(
            r#","modelUsage":{{"claude-sonnet-5-5[1m]":{{"inputTokens":2,"outputTokens":{output},"cacheReadInputTokens":1000,"cacheCreationInputTokens":100}}}}"#
        )
    };
    let again = INIT.replace("u-init", "u-init-2").replace("12:00:00", "12:00:51");
    let bench = said(
        &[
            INIT,
            &answer("m1", 5, &text("One."), 1),
            &result(&format!(r#","total_cost_usd":0.05,"uuid":"x1"{}"#, sums(40))),
            &again,
            &answer("m2", 55, &text("Two."), 1),
            &result(&format!(r#","total_cost_usd":0.01,"uuid":"x2"{}"#, sums(60)))
                .replace("12:00:50", "12:00:59"),
        ]
        .concat(),
    );
    assert_eq!(bench.agent("s-1").recorded_cost, dollars(0.06));
    assert_eq!(bench.tokens("s-1").output, 100);
    assert_eq!(bench.tokens("s-1").cache_read, 2000);
}

#[test]
fn the_same_result_twice_counts_once() {
    let end = result(r#","total_cost_usd":0.02,"uuid":"x1""#);
    let bench = said(&[INIT, &answer("m1", 5, &text("One."), 1), &end, &end].concat());
    assert_eq!(bench.agent("s-1").recorded_cost, dollars(0.02));
    assert_eq!(bench.task().duration, Some(Millis(5000)));
}

#[test]
fn failures_are_told_with_their_reasons() {
    for (subtype, is_error) in [
        ("error_during_execution", true),
        ("error_max_turns", true),
        ("error_max_budget_usd", true),
        ("error_max_structured_output_retries", true),
        ("error_max_turns", false),
    ] {
        let end = format!(
            r#"{{"type":"result","subtype":"{subtype}","is_error":{is_error},"num_turns":20,"session_id":"s-1","cost_usd":1.5,"errors":["Reached the end","of it"],"permission_denials":[{{"tool_name":"Bash"}}],"uuid":"x1"}}
"#
        );
        let bench = said(&[INIT, &answer("m1", 5, &text("Well."), 1), &end].concat());
        assert_status(&bench, Status::Failed, subtype);
        let task = bench.task();
        assert_eq!(task.error.as_deref(), Some("Reached the end\nof it"));
        assert_eq!(task.status_note.as_deref(), Some("Reached the end"));
        assert_eq!(bench.agent("s-1").recorded_cost, dollars(1.5), "the older name of the cost");
        assert!(task.facts.iter().any(|(label, value)| *label == "denied calls" && &**value == "1"));
        let errors: Vec<_> =
            bench.log.iter().filter(|line| line.level == crate::model::Level::Error).collect();
        assert_eq!(errors.len(), 1);
    }
}

#[test]
fn success_can_be_an_error() {
    let end = result(r#","uuid":"x1""#)
        .replace("\"is_error\":false", "\"is_error\":true")
        .replace("Done.", "API Error: 500");
    let bench = said(&[INIT, &end].concat());
    assert_status(&bench, Status::Failed, "success");
    assert_eq!(bench.task().error.as_deref(), Some("API Error: 500"));
}

#[test]
fn without_a_result_it_runs_or_was_killed_and_both_are_said() {
    let lines = [INIT, &answer("m1", 5, &text("Hello"), 1)].concat();
    let young = said_ago(&lines, Millis::minutes(2));
    assert_status(&young, Status::Running, "running");
    let note = young.agent("s-1").status_note.clone().unwrap();
    assert_eq!(&*note, "no result yet: still running or killed");
    let mut old = said_ago(&lines, Millis::hours(2));
    assert_status(&old, Status::Unknown, "no result");
    assert!(old.agent("s-1").status_note.as_ref().unwrap().contains("still running or killed"));
    assert!(
        old.notes().contains("1 session has no result (still running or killed): s-1"),
        "{}",
        old.notes()
    );
    assert_eq!(old.task().result.as_deref(), Some("Hello"), "what it said last");
    assert_eq!(old.agent("s-1").ended_at, None);
    // Time alone makes the young one quiet.
    let mut young = young;
    let due = young.source.next_wake(young.now).unwrap();
    assert_eq!(due, young.now.plus(Millis::minutes(8)));
    young.now = due;
    young.look(Some(&Hint::default()));
    assert_status(&young, Status::Unknown, "no result");
    old.rescan();
}

#[test]
fn answers_after_the_newest_result_make_its_cost_a_lower_bound() {
    let end = result(r#","total_cost_usd":0.02,"uuid":"x1""#);
    let bench = said(&[INIT, &end, &answer("m1", 55, &text("More"), 1)].concat());
    assert!(bench.agent("s-1").recorded_cost_is_floor);
}

#[test]
fn a_lone_object_is_a_whole_run() {
    let sums = r#","usage":{"input_tokens":3,"output_tokens":70,"cache_read_input_tokens":11},"total_cost_usd":0.3,"uuid":"x1""#;
    let bench = said(&result(sums));
    assert_status(&bench, Status::Succeeded, "success");
    assert_eq!(bench.tokens("s-1").output, 70, "no model is known: the usage of the turn");
    let start = bench.agent("s-1").started_at;
    assert_eq!(start, Timestamp::parse("2026-11-18T12:00:45Z"), "its end less its duration");
}
