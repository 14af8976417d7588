//! What it does right now, and plan windows.

use super::*;
use crate::model::Level;

fn now_of(lines: &str) -> Bench {
    said_ago(&[INIT, lines].concat(), Millis::minutes(1))
}

#[test]
fn a_session_that_waits_on_a_person_says_so() {
    let asks = system("session_state_changed", r#","state":"requires_action""#);
    let bench = now_of(&asks);
    assert_status(&bench, Status::Waiting, "requires_action");
    assert_eq!(bench.agent("s-1").waiting_for.as_deref(), Some("a person"));
    let call = answer("m1", 5, &call("c1", "Bash", r#"{"command":"rm -rf build"}"#), 1);
    let bench = now_of(&[&*call, &asks].concat());
    assert_eq!(bench.agent("s-1").waiting_for.as_deref(), Some("Bash rm -rf build"));
    let runs = system("session_state_changed", r#","state":"running""#);
    assert_status(&now_of(&[&*asks, &runs].concat()), Status::Running, "running");
    let idle = system("session_state_changed", r#","state":"idle""#);
    assert_status(&now_of(&idle), Status::Idle, "idle");
    assert_status(&now_of(&[&*asks, &result(r#","uuid":"x""#)].concat()), Status::Succeeded, "success");
    let after = now_of(&[&*result(r#","uuid":"x""#), &asks].concat());
    assert_status(&after, Status::Waiting, "requires_action");
}

#[test]
fn retries_block_until_an_answer_comes() {
    let retry = system(
        "api_retry",
        r#","attempt":1,"max_retries":10,"retry_delay_ms":542,"error_status":529,"error":"overloaded""#,
    );
    let bench = now_of(&retry);
    assert_status(&bench, Status::Blocked, "api_retry");
    let words = "retrying, attempt 1 of 10 (529 overloaded)";
    assert_eq!(bench.agent("s-1").status_note.as_deref(), Some(words));
    assert_eq!((bench.log[0].level, bench.log[0].text.as_str()), (Level::Warn, words));
    let on = now_of(&[&*retry, &answer("m1", 5, &text("x"), 1)].concat());
    assert_status(&on, Status::Running, "running");
}

#[test]
fn compactions_hooks_and_denials_are_told() {
    let compacting = system("status", r#","status":"compacting""#);
    assert_status(&now_of(&compacting), Status::Running, "compacting");
    let done = [
        answer("m1", 5, &text("x"), 1),
        compacting,
        system("status", r#","status":null"#),
        system(
            "compact_boundary",
            r#","compact_metadata":{"trigger":"auto","pre_tokens":180000,"post_tokens":9000}"#,
        ),
        system("hook_started", r#","hook_name":"lint""#),
        system("hook_progress", r#","hook_name":"lint""#),
        system("hook_response", r#","hook_name":"lint","exit_code":2"#),
        system("permission_denied", r#","tool_name":"Bash","message":"denied by rule""#),
        system("thinking_tokens", r#","tokens":5"#),
    ]
    .concat();
    let bench = now_of(&done);
    assert_status(&bench, Status::Running, "running");
    let texts: Vec<&str> = bench.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        texts,
        ["the context was compacted", "the hook lint failed", "Bash was denied: denied by rule"]
    );
    assert_eq!(bench.log[2].tool.as_deref(), Some("Bash"));
    let facts = &bench.agent("s-1").facts;
    assert!(facts.iter().any(|(label, value)| *label == "compactions" && &**value == "1"));
    assert!(facts.iter().any(|(label, value)| *label == "denied calls" && &**value == "1"));
    assert_eq!(bench.count("system hook_response"), 1);
    assert!(!bench.notes().contains("unknown"), "{}", bench.notes());
}

#[test]
fn tools_that_run_long_are_the_activity() {
    let line = r#"{"type":"tool_progress","tool_use_id":"c9","tool_name":"Bash","parent_tool_use_id":null,"elapsed_time_seconds":30,"session_id":"s-1"}
"#;
    assert_eq!(now_of(line).agent("s-1").activity.as_deref(), Some("Bash"));
}

fn limit(info: &str) -> String {
    format!(
        r#"{{"type":"rate_limit_event","rate_limit_info":{info},"session_id":"s-1","timestamp":"2026-11-18T12:00:30Z"}}
"#
    )
}

#[test]
fn plan_windows_are_told_and_a_rejection_blocks() {
    let warning = limit(
        r#"{"status":"allowed_warning","rateLimitType":"seven_day","utilization":0.82,"resetsAt":1795248000,"unifiedWindows":{"five_hour":{"utilization":0.46,"resetsAt":1795021200},"seven_day":{"utilization":0.81,"resetsAt":1795248000}}}"#,
    );
    let bench = now_of(&warning);
    let week = bench.limit("week").unwrap();
    assert_eq!((week.percent, week.active), (Some(82.0), false));
    assert_eq!(week.resets_at, Some(Timestamp::from_secs(1_795_248_000)));
    assert_eq!(week.read_at, Timestamp::parse("2026-11-18T12:00:30Z"));
    assert_eq!(bench.limit("5 h").unwrap().percent, Some(46.0));
    assert_status(&bench, Status::Running, "running");
    let rejected = limit(
        r#"{"status":"rejected","rateLimitType":"seven_day_opus","resetsAt":1795248000,"isUsingOverage":false}"#,
    );
    let bench = now_of(&[&*warning, &rejected].concat());
    let opus = bench.limit("week Opus").unwrap();
    assert_eq!((opus.percent, opus.active), (Some(100.0), true));
    assert_status(&bench, Status::Blocked, "limited");
    let overage = limit(
        r#"{"status":"rejected","rateLimitType":"five_hour","resetsAt":1795248000,"isUsingOverage":true}"#,
    );
    assert_status(&now_of(&overage), Status::Running, "running");
}

#[test]
fn times_are_those_of_the_lines_else_of_the_file() {
    let bare = |line: &str| {
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        value.as_object_mut().unwrap().remove("timestamp");
        format!("{value}\n")
    };
    let lines = [bare(INIT), bare(&answer("m1", 5, &text("x"), 1))].concat();
    let bench = said_ago(&lines, Millis::minutes(4));
    let written = bench.now.minus(Millis::minutes(4));
    assert_eq!(bench.agent("s-1").started_at, Some(written));
    assert_eq!(bench.agent("s-1").updated_at, Some(written));
    // A time written in a line is better than that of the file, also for the lines around it.
    let bench =
        said(&[&*bare(INIT), &answer("m1", 5, &text("x"), 1), &bare(&result(r#","uuid":"x""#))].concat());
    let agent = bench.agent("s-1");
    assert_eq!(agent.ended_at, Timestamp::parse("2026-11-18T12:00:05Z"));
    assert_eq!(agent.started_at, Timestamp::parse("2026-11-18T12:00:00Z"), "its end less its duration");
}
