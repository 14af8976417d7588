#![expect(clippy::needless_pass_by_value, reason = "values are written in place")]

use std::{fs, io::Write as _, path::Path};

use serde_json::json;

use super::*;
use crate::{
    model::{CallOutcome, Conversation},
    sources::conversation::words::{described, read, whole},
};

fn scratch(path: &Path, session: &str, call: Option<&str>) -> Conversation {
    let place =
        place(&Safe::line(&path.to_string_lossy()), &Safe::line(session), call.map(Safe::line).as_ref());
    let mut all = Conversation::default();
    read(&mut Reader::open(&place).unwrap(), &mut all);
    all
}

fn of(lines: &[String], session: &str, call: Option<&str>) -> Conversation {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.jsonl");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    scratch(&path, session, call)
}

fn line(mut rest: Value) -> String {
    rest["session_id"] = "s".into();
    rest.to_string()
}

fn says(id: &str, parent: Value, block: Value) -> String {
    line(
        json!({"type": "assistant", "parent_tool_use_id": parent, "uuid": id, "timestamp": "2026-11-18T10:00:01.000Z",
        "message": {"id": id, "model": "claude-sonnet-5-5", "content": [block],
            "usage": {"input_tokens": 2, "cache_read_input_tokens": 15000, "output_tokens": 1}}}),
    )
}

fn calls(id: &str, name: &str, input: Value) -> String {
    says(
        &format!("msg_{id}"),
        Value::Null,
        json!({"type": "tool_use", "id": id, "name": name, "input": input}),
    )
}

fn answers(parent: Value, id: &str, content: &str, is_error: bool, result: Value) -> String {
    line(
        json!({"type": "user", "parent_tool_use_id": parent, "tool_use_result": result, "timestamp": "2026-11-18T10:00:03.000Z",
        "message": {"content": [{"type": "tool_result", "tool_use_id": id, "content": content, "is_error": is_error}]}}),
    )
}

fn system(subtype: &str, mut rest: Value) -> String {
    rest["type"] = "system".into();
    rest["subtype"] = subtype.into();
    line(rest)
}

/// A run with every kind of line.
fn every_kind() -> Vec<String> {
    let user =
        |text: &str| line(json!({"type": "user", "parent_tool_use_id": null, "message": {"content": text}}));
    let event =
        |event: Value| line(json!({"type": "stream_event", "parent_tool_use_id": null, "event": event}));
    vec![
        "npm notice before everything".to_owned(),
        system("init", json!({"cwd": "/w", "model": "claude-sonnet-5-5"})),
        user("Do **it**"),
        user("<system-reminder>not typed</system-reminder>"),
        event(json!({"type": "message_start", "message": {"id": "m1", "usage": {"output_tokens": 1}}})),
        says("m1", Value::Null, json!({"type": "thinking", "thinking": "Hm.", "signature": "s"})),
        says("m1", Value::Null, json!({"type": "text", "text": "I will."})),
        event(json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "I w"}})),
        event(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 80}})),
        calls("b1", "Bash", json!({"command": "npm test"})),
        "npm WARN between".to_owned(),
        line(json!({"type": "tool_progress", "tool_use_id": "b1", "tool_name": "Bash", "elapsed_time_seconds": 2})),
        answers(Value::Null, "b1", "Exit code 1\nboom", true, json!("Exit code 1")),
        calls("e1", "Edit", json!({"file_path": "/w/a.rs", "old_string": "x", "new_string": "y"})),
        answers(Value::Null, "e1", "ok", false, json!({"filePath": "/w/a.rs", "oldString": "x", "newString": "y",
            "structuredPatch": [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-x", "+y"]}]})),
        calls("b2", "Bash", json!({"command": "rm x"})),
        system("permission_denied", json!({"tool_name": "Bash", "tool_use_id": "b2", "message": "a rule"})),
        answers(Value::Null, "b2", "denied", true, json!("denied")),
        calls("b3", "Bash", json!({"command": "rm y"})),
        answers(Value::Null, "b3", "denied", true, json!("denied")),
        calls("a1", "Agent", json!({"description": "Explore", "subagent_type": "Explore", "prompt": "Look around"})),
        system("task_started", json!({"task_id": "t", "tool_use_id": "a1", "description": "Explore", "subagent_type": "Explore"})),
        line(json!({"type": "user", "parent_tool_use_id": "a1", "message": {"content": [{"type": "text", "text": "Look around"}]}})),
        says("k1", json!("a1"), json!({"type": "tool_use", "id": "k2", "name": "Read", "input": {"file_path": "/w/b.rs"}})),
        answers(json!("a1"), "k2", "text", false, json!({"file": {"filePath": "/w/b.rs"}})),
        says("k3", json!("a1"), json!({"type": "text", "text": "Found."})),
        answers(Value::Null, "a1", "Found.", false, json!({"status": "completed", "totalDurationMs": 4100})),
        system("task_notification", json!({"task_id": "t", "status": "completed", "summary": "explored"})),
        system("api_retry", json!({"attempt": 1, "max_retries": 10, "error_status": 529, "error": "overloaded"})),
        system("status", json!({"status": "compacting"})),
        system("compact_boundary", json!({"compact_metadata": {"pre_tokens": 150_000, "post_tokens": 9000}})),
        system("hook_response", json!({"hook_name": "lint", "exit_code": 2})),
        line(json!({"type": "rate_limit_event", "rate_limit_info": {"status": "rejected", "rateLimitType": "five_hour"}})),
        user("[Request interrupted by user]"),
        line(json!({"type": "result", "subtype": "success", "is_error": false, "duration_ms": 6100, "result": "Done.",
            "usage": {"input_tokens": 12, "output_tokens": 600, "cache_read_input_tokens": 90000},
            "permission_denials": [{"tool_name": "Bash", "tool_use_id": "b3"}]})),
        says("o1", Value::Null, json!({"type": "text", "text": "Woken."})).replace("claude-sonnet-5-5", "claude-opus-5-5"),
        line(json!({"type": "result", "subtype": "error_max_turns", "is_error": true, "errors": ["too many turns"], "duration_ms": 1})),
        calls("b9", "Bash", json!({"command": "sleep 9"})),
        json!({"type": "assistant", "session_id": "another", "message": {"id": "x", "content": [{"type": "text", "text": "not ours"}]}}).to_string(),
        line(json!({"type": "never_heard_of"})),
    ]
}

fn exec() -> Vec<String> {
    let lines = [
        json!({"type": "thread.started", "thread_id": "h"}),
        json!({"type": "turn.started"}),
        json!({"type": "item.completed", "item": {"id": "0", "type": "reasoning", "text": "hm"}}),
        json!({"type": "item.started", "item": {"id": "1", "type": "command_execution", "command": "ls", "status": "in_progress"}}),
        json!({"type": "item.completed", "item": {"id": "1", "type": "command_execution", "command": "ls", "aggregated_output": "no", "exit_code": 2, "status": "failed"}}),
        json!({"type": "item.updated", "item": {"id": "2", "type": "todo_list", "items": [{"text": "a", "completed": true}]}}),
        json!({"type": "item.completed", "item": {"id": "4", "type": "file_change", "status": "completed", "changes": [{"path": "a.rs", "kind": "update"}]}}),
        json!({"type": "item.completed", "item": {"id": "3", "type": "agent_message", "text": "Done"}}),
        json!({"type": "turn.completed", "usage": {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 9}}),
        json!({"type": "error", "message": "again"}),
        json!({"type": "item.started", "item": {"id": "5", "type": "web_search", "query": "q"}}),
        json!({"type": "turn.failed", "error": {"message": "no more"}}),
    ];
    lines.iter().map(ToString::to_string).collect()
}

#[test]
fn every_kind_of_line_is_told() {
    for (name, lines, session, call) in [
        ("main", every_kind(), "s", None),
        ("helper", every_kind(), "s", Some("a1")),
        ("another", every_kind(), "another", None),
        ("exec", exec(), "h", None),
    ] {
        let all = of(&lines, session, call);
        assert_eq!(all.skipped(), 0, "{name}");
        insta::assert_snapshot!(name, described(&all));
    }
}

#[test]
fn placeholders_are_filled_up_by_what_comes_later() {
    let all = of(&every_kind(), "s", None);
    let first = all.responses().first().unwrap();
    assert_eq!((&*first.1.response, first.1.tokens.output, first.1.tokens.cache_read), ("m1", 80, 15_000));
    // The first result states 600 of output, the second states nothing; two messages came after the first.
    assert_eq!(all.tokens().output, 600 + 2);
}

#[test]
fn read_step_by_step_it_says_the_same_as_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.jsonl");
    for (lines, session, call) in
        [(every_kind(), "s", None), (every_kind(), "s", Some("a1")), (exec(), "h", None)]
    {
        let text = lines.join("\n") + "\n";
        fs::write(&path, "").unwrap();
        let place =
            place(&Safe::line(&path.to_string_lossy()), &Safe::line(session), call.map(Safe::line).as_ref());
        let (mut live, mut reader) = (Conversation::default(), Reader::open(&place).unwrap());
        let mut writer = fs::File::options().append(true).open(&path).unwrap();
        for part in text.as_bytes().chunks(97) {
            writer.write_all(part).unwrap();
            read(&mut reader, &mut live);
        }
        assert_eq!(whole(&live), whole(&scratch(&path, session, call)));
        assert!(!live.is_empty());
    }
}

#[test]
fn arrays_and_documents_over_several_lines_say_the_same() {
    let records: Vec<Value> =
        every_kind().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let one_each = of(&records.iter().map(ToString::to_string).collect::<Vec<_>>(), "s", None);
    for text in [Value::Array(records.clone()).to_string(), serde_json::to_string_pretty(&records).unwrap()] {
        let array = of(&[text], "s", None);
        assert_eq!((described(&array), array.skipped()), (described(&one_each), 0));
    }
}

#[test]
fn evil_lines_are_counted_and_harm_nobody() {
    let mut lines = vec![
        "{\"type\": \"assistant\", \"sess".to_owned(),
        "[".repeat(3000) + "{\"a\": 1}",
        "{\"no\": \"type\"}".to_owned(),
        line(json!({"type": "assistant", "message": 7})),
        line(json!({"type": "user", "message": {"content": {"a": 1}}, "tool_use_result": []})),
        line(json!({"type": "result", "usage": "much", "permission_denials": {"a": 1}})),
        says("m", Value::Null, json!({"type": "text", "text": "x".repeat(1 << 20)})),
        says("n", Value::Null, json!({"type": "tool_use", "name": 7, "input": "text"})),
        answers(Value::Null, "nobody's", "x", false, Value::Null),
    ];
    lines.insert(3, system("init", json!({})));
    let all = of(&lines, "s", None);
    assert_eq!(all.skipped(), 2);
    let said: Vec<_> = all.iter().map(|(_, entry)| entry).collect();
    assert_eq!(said.iter().filter(|entry| entry.text.cut > 900_000).count(), 1);
    assert!(
        said.iter()
            .filter_map(|entry| entry.call.as_ref())
            .all(|call| call.outcome() == CallOutcome::Running)
    );
}
