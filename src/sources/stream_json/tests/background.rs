//! Sub-agents and tasks beside the main conversation.

use super::*;
use crate::model::{AgentKind, ExecutionKind};

fn spawned() -> String {
    let spawn = call(
        "t1",
        "Agent",
        r#"{"description":"Find callers","prompt":"p","subagent_type":"Explore","model":"haiku"}"#,
    );
    [INIT, &answer("m1", 5, &spawn, 1)].concat()
}

fn started(rest: &str) -> String {
    system(
        "task_started",
        &format!(
            r#","task_id":"b1","tool_use_id":"t1","description":"Find callers","subagent_type":"Explore","task_type":"local_agent"{rest}"#
        ),
    )
}

fn ended(status: &str) -> String {
    system(
        "task_notification",
        &format!(
            r#","task_id":"b1","tool_use_id":"t1","status":"{status}","summary":"One caller.","usage":{{"total_tokens":4824,"tool_uses":1,"duration_ms":2400}}"#
        ),
    )
}

#[test]
fn a_sub_agent_is_told_by_the_call_that_started_it() {
    let inner = answer_of("\"t1\"", "m2", 8, &call("g1", "Grep", r#"{"pattern":"pay"}"#), 20);
    let lines = [spawned(), started(""), inner].concat();
    let running = said_ago(&lines, Millis::minutes(1));
    let agent = running.agent("s-1/t1");
    assert_eq!((agent.status, agent.kind), (Status::Running, AgentKind::SubAgent));
    assert_eq!(agent.call.as_deref(), Some("t1"));
    assert_eq!(agent.session.as_deref(), Some("s-1"));
    assert_eq!(agent.role.as_deref(), Some("Explore"));
    assert_eq!(agent.title.as_deref(), Some("Find callers"));
    assert_eq!(agent.parent, Some(Key::new(SourceId(0), Safe::line("s-1"))));
    assert_eq!(agent.activity.as_deref(), Some("Grep pay"));
    assert_eq!(running.tokens("s-1/t1").output, 20);
    assert_eq!(running.tokens("s-1").output, 1);
    let progress = system(
        "task_progress",
        r#","task_id":"b1","tool_use_id":"t1","usage":{"total_tokens":4000,"tool_uses":1,"duration_ms":2100},"last_tool_name":"Grep""#,
    );
    let bench = said(
        &[
            &*lines,
            &progress,
            &ended("completed"),
            &answered("null", "t1", 20, r#","tool_use_result":{"status":"completed","agentId":"b1"}"#),
            &result(r#","uuid":"x1""#),
        ]
        .concat(),
    );
    let agent = bench.agent("s-1/t1");
    assert_eq!((agent.status, agent.status_raw.as_deref()), (Status::Succeeded, Some("completed")));
    assert_eq!(agent.ended_at, Timestamp::parse("2026-11-18T12:00:20Z"));
    let run = bench.execution("s-1/task/b1");
    assert_eq!(
        (run.kind, run.status, run.summary.as_deref()),
        (ExecutionKind::Agent, Status::Succeeded, Some("One caller."))
    );
    assert_eq!(run.agent, Some(Key::new(SourceId(0), Safe::line("s-1/t1"))));
    let fact =
        |label: &str| run.facts.iter().find(|(known, _)| *known == label).map(|(_, value)| value.as_str());
    assert_eq!(
        (fact("tokens"), fact("tool calls"), fact("last tool")),
        (Some("4824"), Some("1"), Some("Grep"))
    );
    let agents: Vec<&str> = bench.task().agents.iter().map(|key| key.local.as_str()).collect();
    assert_eq!(agents, ["s-1", "s-1/t1"]);
}

#[test]
fn every_end_of_a_task_has_its_state() {
    for (word, status) in [
        ("completed", Status::Succeeded),
        ("failed", Status::Failed),
        ("stopped", Status::Cancelled),
        ("exploded", Status::Unknown),
    ] {
        let bench = said(&[&*spawned(), &started(""), &ended(word)].concat());
        assert_eq!(bench.execution("s-1/task/b1").status, status, "{word}");
        assert_eq!(bench.execution("s-1/task/b1").status_raw.as_deref(), Some(word));
        assert_eq!(bench.agent("s-1/t1").status, status, "{word}");
    }
}

#[test]
fn a_background_agent_outlives_the_turn_that_started_it() {
    let launched = answered(
        "null",
        "t1",
        6,
        r#","tool_use_result":{"isAsync":true,"status":"async_launched","agentId":"b1"}"#,
    );
    let list = |tasks: &str| system("background_tasks_changed", &format!(r#","tasks":[{tasks}]"#));
    let entry = r#"{"task_id":"b1","task_type":"local_agent","description":"Find callers"}"#;
    let lines = [
        spawned(),
        started(r#","is_backgrounded":true"#),
        list(entry),
        launched,
        result(r#","total_cost_usd":0.01,"uuid":"x1""#),
    ]
    .concat();
    let bench = said_ago(&lines, Millis::minutes(1));
    assert_status(&bench, Status::Idle, "idle");
    assert_eq!(bench.agent("s-1").status_note.as_deref(), Some("idle, background work"));
    assert_eq!(bench.agent("s-1/t1").status, Status::Running);
    let late = answer_of("\"t1\"", "m2", 51, &text("One."), 20);
    let updated =
        system("task_updated", r#","task_id":"b1","patch":{"status":"completed","end_time":1795010410100}"#);
    let bench = said_ago(&[&*lines, &late, &updated, &list("")].concat(), Millis::minutes(1));
    assert_status(&bench, Status::Succeeded, "success");
    assert_eq!(bench.agent("s-1/t1").status, Status::Succeeded);
    assert_eq!(bench.execution("s-1/task/b1").ended_at, Some(Timestamp(1_795_010_410_100)));
    assert_eq!(bench.tasks().len(), 1, "a line of a sub-agent begins no turn");
    // The list alone says that something ended, not how.
    let bench = said_ago(&[&*lines, &list("")].concat(), Millis::minutes(1));
    let run = bench.execution("s-1/task/b1");
    assert_eq!((run.status, run.status_raw.as_deref()), (Status::Unknown, Some("ended")));
    // Without any end, and long ago.
    let bench = said(&lines);
    assert_status(&bench, Status::Succeeded, "success");
    assert_eq!(bench.agent("s-1").status_note.as_deref(), Some("1 task of the background had not ended"));
    assert_eq!(bench.agent("s-1/t1").status, Status::Cancelled);
}

#[test]
fn agents_of_agents_hang_under_them() {
    let inner = answer_of("\"t1\"", "m2", 8, &call("t2", "Task", r#"{"description":"Deeper"}"#), 2);
    let deepest = answer_of("\"t2\"", "m3", 9, &text("Here."), 3);
    let failed = answered("\"t1\"", "t2", 10, "")
        .replace("\"content\":\"done\"", "\"content\":\"no\",\"is_error\":true");
    let bench = said(&[&*spawned(), &inner, &deepest, &failed].concat());
    assert_eq!(bench.agent("s-1/t2").parent, Some(Key::new(SourceId(0), Safe::line("s-1/t1"))));
    assert_eq!(bench.agent("s-1/t2").status, Status::Failed);
    assert_eq!(bench.agent("s-1/t1").tools.as_ref().unwrap()[0].failed, 1);
    // A sub-agent whose start is not in the stream.
    let orphan = answer_of("\"t7\"", "m4", 9, &text("Here."), 3).replace(
        "\"session_id\"",
        "\"subagent_type\":\"Plan\",\"task_description\":\"Think\",\"session_id\"",
    );
    let bench = said(&[INIT, &orphan].concat());
    let agent = bench.agent("s-1/t7");
    assert_eq!((agent.role.as_deref(), agent.title.as_deref()), (Some("Plan"), Some("Think")));
}

#[test]
fn shells_in_the_background_are_executions_of_the_session() {
    let shell = system(
        "task_started",
        r#","task_id":"c1","tool_use_id":"t9","description":"npm test","task_type":"local_bash","is_backgrounded":true"#,
    );
    let bench = said_ago(&[INIT, &shell].concat(), Millis::minutes(1));
    let run = bench.execution("s-1/task/c1");
    assert_eq!(
        (run.kind, run.status, run.name.as_str()),
        (ExecutionKind::Shell, Status::Running, "npm test")
    );
    assert_eq!(run.agent, Some(Key::new(SourceId(0), Safe::line("s-1"))));
}

#[test]
fn what_was_touched_and_called_is_counted() {
    let calls = [
        call("c1", "Read", r#"{"file_path":"/w/a.rs"}"#),
        call("c2", "Edit", r#"{"file_path":"/w/b.rs"}"#),
        call("c3", "Bash", r#"{"command":"cargo test\nmore"}"#),
    ]
    .join(",");
    let failed =
        answered("null", "c3", 7, "").replace("\"content\":\"done\"", "\"content\":\"no\",\"is_error\":true");
    let bench = said_ago(
        &[INIT, &answer("m1", 5, &calls, 1), &answered("null", "c1", 6, "")].concat(),
        Millis::minutes(1),
    );
    let agent = bench.agent("s-1");
    assert_eq!(agent.activity.as_deref(), Some("Bash cargo test"));
    let files = agent.files.as_ref().unwrap();
    assert_eq!((files.read.len(), files.written.len()), (1, 1));
    let bench = said(&[INIT, &answer("m1", 5, &calls, 1), &failed].concat());
    let tools = bench.agent("s-1").tools.clone().unwrap();
    let bash = tools.iter().find(|tool| &*tool.name == "Bash").unwrap();
    assert_eq!((bash.calls, bash.failed, tools.len()), (1, 1, 3));
}
