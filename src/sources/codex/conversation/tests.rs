use std::{fs, io::Write as _, path::Path};

use serde_json::{Value, json};

use super::*;
use crate::{
    model::{CallOutcome, Conversation},
    sources::{
        codex::tests::{event, item, line, meta, model, numbered},
        conversation::words::{described, place, read, told, whole},
    },
};

fn open(path: &Path) -> Reader {
    Reader::open(&place("codex", path)).unwrap()
}

fn scratch(path: &Path) -> Conversation {
    told(open(path))
}

fn of(lines: &[String]) -> Conversation {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rollout.jsonl");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    scratch(&path)
}

fn used(second: u32, input: u64, total: u64) -> String {
    event(
        second,
        "token_count",
        json!({"info": {"total_token_usage": {"input_tokens": total, "cached_input_tokens": 10, "output_tokens": 20},
            "last_token_usage": {"input_tokens": input, "output_tokens": 5}, "model_context_window": 1000}}),
    )
}

fn response(second: u32, rest: Value) -> String {
    line(second, "response_item", rest)
}

/// A thread of an old version with everything it can say.
fn legacy() -> Vec<String> {
    let call = |second, name: &str, id: &str, arguments: Value| {
        response(
            second,
            json!({"type": "function_call", "name": name, "call_id": id, "arguments": arguments.to_string()}),
        )
    };
    let result = |second, id: &str, output: Value| {
        response(second, json!({"type": "function_call_output", "call_id": id, "output": output}))
    };
    let patch = "*** Begin Patch\n*** Update File: a.rs\n@@ fn main\n-x\n+y\n+z\n*** Add File: b.rs\n+one\n*** Delete File: c.rs\n*** Update File: d.rs\n*** Move to: e.rs\n*** End Patch\n";
    vec![
        meta("t", json!({"history_mode": "legacy"})),
        model(0, "gpt-5.1-codex"),
        event(1, "task_started", json!({"turn_id": "a"})),
        response(
            1,
            json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<environment_context>x</environment_context>"}]}),
        ),
        event(
            2,
            "user_message",
            json!({"message": "# Context\n\n## My request for Codex:\nFix the test", "images": ["x"]}),
        ),
        response(
            2,
            json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix the test"}]}),
        ),
        event(3, "agent_reasoning", json!({"text": "**Planning**"})),
        response(
            3,
            json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "**Planning**"}]}),
        ),
        response(4, json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "Only here"}]})),
        call(5, "shell", "1", json!({"command": ["bash", "-lc", "cargo test\ncargo doc"]})),
        result(
            6,
            "1",
            json!("{\"output\":\"no\",\"metadata\":{\"exit_code\":101,\"duration_seconds\":2.5}}"),
        ),
        call(7, "shell_command", "2", json!({"command": "ls", "workdir": "/w"})),
        result(8, "2", json!("Exit code: 0\nWall time: 2.1 seconds\nOutput:\nok")),
        call(
            9,
            "update_plan",
            "3",
            json!({"plan": [{"step": "Read", "status": "completed"}, {"step": "Write", "status": "in_progress"}]}),
        ),
        result(9, "3", json!("Plan updated")),
        response(
            10,
            json!({"type": "custom_tool_call", "name": "apply_patch", "call_id": "4", "input": patch}),
        ),
        response(
            11,
            json!({"type": "custom_tool_call_output", "call_id": "4", "output": "{\"output\":\"Success\",\"metadata\":{\"exit_code\":0}}"}),
        ),
        response(
            12,
            json!({"type": "local_shell_call", "call_id": "5", "action": {"type": "exec", "command": ["ls", "-l"]}}),
        ),
        result(13, "5", json!({"content": "no", "success": false})),
        response(14, json!({"type": "web_search_call", "action": {"type": "search", "query": "rust tail"}})),
        call(15, "exec_command", "6", json!({"cmd": "sleep 100"})),
        result(
            16,
            "6",
            json!([{"type": "input_text", "text": "Wall time: 1\nProcess running with session ID 7\n"}]),
        ),
        call(17, "shell", "7", json!({"command": ["rm", "x"]})),
        result(17, "7", json!("exec command rejected by user")),
        call(18, "shell", "8", json!({"command": ["rm", "y"]})),
        result(18, "8", json!("approval required by policy, but nobody may be asked")),
        used(19, 900, 1000),
        event(20, "agent_message", json!({"message": "It is **done**."})),
        event(21, "task_complete", json!({"last_agent_message": "It is done.", "duration_ms": 61_000})),
        model(22, "gpt-6-sol"),
        event(22, "task_started", json!({})),
        event(23, "user_message", json!({"message": "Again"})),
        call(24, "shell", "9", json!({"command": ["sleep", "9"]})),
        event(25, "turn_aborted", json!({"reason": "interrupted"})),
        event(26, "context_compacted", json!({})),
        line(26, "compacted", json!({"message": "What was said until now."})),
        event(27, "stream_error", json!({"message": "reconnecting, 1 of 5"})),
        event(28, "error", json!({"message": "no more quota"})),
        event(29, "thread_rolled_back", json!({"num_turns": 2})),
        used(30, 100, 1500),
        response(
            31,
            json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<user_shell_command>ls</user_shell_command>"}]}),
        ),
        event(32, "warning", json!({"message": "old version"})),
        event(33, "task_started", json!({})),
        event(34, "user_message", json!({"message": "Still running"})),
        call(35, "shell", "10", json!({"command": ["make"]})),
    ]
}

/// A thread of a new version with every kind of item.
fn items() -> Vec<String> {
    let started = |second, item: Value| event(second, "item_started", json!({"item": item, "turn_id": "b"}));
    vec![
        meta("t", json!({"history_mode": "paginated"})),
        model(1, "gpt-6-sol"),
        event(1, "task_started", json!({"turn_id": "b"})),
        item(
            2,
            json!({"type": "UserMessage", "content": [{"type": "text", "text": "Speed it up"}, {"type": "image", "url": "x"}]}),
        ),
        item(3, json!({"type": "Reasoning", "summary_text": ["**Looking**", "and thinking"]})),
        item(3, json!({"type": "Reasoning", "summary_text": []})),
        response(
            3,
            json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "**Looking**"}]}),
        ),
        response(
            4,
            json!({"type": "custom_tool_call", "call_id": "c1", "name": "exec", "input": "await tools.exec_command({})"}),
        ),
        item(
            5,
            json!({"id": "exec-1", "type": "CommandExecution", "command": ["/bin/bash", "-lc", "npm test"], "cwd": "file:///w/app",
            "parsed_cmd": [{"type": "read", "name": "a.ts", "path": "src/a.ts"}], "status": "failed", "exit_code": 1,
            "duration": {"secs": 2, "nanos": 500_000_000}, "stdout": "1 failed", "stderr": "oh"}),
        ),
        response(
            6,
            json!({"type": "custom_tool_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "Script completed"}]}),
        ),
        response(
            6,
            json!({"type": "function_call", "call_id": "c2", "name": "update_plan", "arguments": "{\"plan\":[]}"}),
        ),
        response(6, json!({"type": "function_call_output", "call_id": "c2", "output": "Plan updated"})),
        started(
            7,
            json!({"id": "exec-2", "type": "CommandExecution", "command": ["ls"], "status": "in_progress"}),
        ),
        item(
            8,
            json!({"id": "exec-2", "type": "CommandExecution", "command": ["ls"], "status": "completed", "exit_code": 0, "aggregated_output": "a b"}),
        ),
        item(8, json!({"id": "exec-3", "type": "CommandExecution", "command": "rm x", "status": "declined"})),
        item(
            9,
            json!({"id": "patch", "type": "FileChange", "status": "completed", "stdout": "Patch applied", "changes": {
            "src/a.ts": {"type": "update", "unified_diff": "@@ -4 +4,2 @@\n-old\n+new\n+more\n", "move_path": null},
            "b.ts": {"type": "update", "unified_diff": "@@ -1 +0,0 @@\n-x\n", "move_path": "c.ts"},
            "new.ts": {"type": "add", "content": "one\ntwo\n"}, "gone.ts": {"type": "delete", "content": "one\n"}}}),
        ),
        item(
            10,
            json!({"id": "m", "type": "McpToolCall", "server": "db", "tool": "ask", "status": "failed", "arguments": {"q": "who"}, "error": {"message": "gone"}}),
        ),
        item(
            10,
            json!({"id": "m2", "type": "McpToolCall", "server": "db", "tool": "ask", "status": "completed", "arguments": {"q": "who"},
            "result": {"content": [{"type": "text", "text": "nobody"}]}}),
        ),
        item(11, json!({"id": "w", "type": "WebSearch", "query": "rust"})),
        item(11, json!({"id": "v", "type": "ImageView", "path": "/tmp/a.png"})),
        item(11, json!({"id": "e", "type": "Extension", "name": "x"})),
        item(
            11,
            json!({"id": "d", "type": "DynamicToolCall", "tool": "lookup", "arguments": {"key": "k"}, "status": "completed", "success": true}),
        ),
        item(
            11,
            json!({"id": "co", "type": "CollabAgentToolCall", "tool": "spawnAgent", "status": "completed", "prompt": "go", "receiver_thread_ids": ["kid-2"]}),
        ),
        line(
            12,
            "token_usage_record",
            json!({"thread_id": "t", "response_id": "r1", "usage": {"input_tokens": 500, "cached_input_tokens": 400, "output_tokens": 9}}),
        ),
        response(
            12,
            json!({"type": "function_call", "name": "spawn_agent", "call_id": "c3", "arguments": "{\"task_name\":\"explore\",\"message\":\"look\"}"}),
        ),
        item(
            13,
            json!({"id": "c3", "type": "SubAgentActivity", "kind": "started", "agent_thread_id": "kid", "agent_path": "/root/explore"}),
        ),
        event(
            13,
            "sub_agent_activity",
            json!({"kind": "started", "agent_thread_id": "kid", "agent_path": "/root/explore"}),
        ),
        item(
            14,
            json!({"type": "SubAgentActivity", "kind": "interacted", "agent_thread_id": "kid", "agent_path": "/root/explore"}),
        ),
        response(
            14,
            json!({"type": "agent_message", "author": "/root/explore", "recipient": "/root", "content": [{"type": "input_text", "text": "found it"}]}),
        ),
        item(
            15,
            json!({"type": "SubAgentActivity", "kind": "completed", "agent_thread_id": "kid", "agent_path": "/root/explore"}),
        ),
        item(15, json!({"type": "ContextCompaction", "id": "x"})),
        item(16, json!({"type": "Plan", "text": "1. do it"})),
        item(16, json!({"type": "NotInventedYet"})),
        item(
            17,
            json!({"type": "AgentMessage", "phase": "final_answer", "content": [{"type": "Text", "text": "Faster."}]}),
        ),
        event(
            18,
            "task_complete",
            json!({"turn_id": "b", "last_agent_message": "Faster.", "duration_ms": 3000}),
        ),
    ]
}

/// A sub-agent that begins with its parent's lines, whose border is reached late.
fn child() -> Vec<String> {
    let head = meta(
        "kid",
        json!({"history_mode": "paginated", "thread_source": "subagent", "subagent_history_start_ordinal": 6,
        "source": {"subagent": {"thread_spawn": {"parent_thread_id": "t", "agent_path": "/root/explore"}}}}),
    );
    let to_me = response(
        4,
        json!({"type": "agent_message", "author": "/root", "recipient": "/root/explore", "content": [{"type": "input_text", "text": "look around"}]}),
    );
    let said = |second, text: &str| {
        item(second, json!({"type": "AgentMessage", "content": [{"type": "Text", "text": text}]}))
    };
    [
        head,
        meta("t", json!({})),
        item(1, json!({"type": "UserMessage", "content": [{"type": "text", "text": "the parent's"}]})),
        said(2, "the parent's answer"),
        to_me.clone(),
        said(5, "a copy after all"),
        to_me,
        said(7, "my own"),
    ]
    .iter()
    .enumerate()
    .map(|(ordinal, line)| numbered(ordinal as u64, line))
    .collect()
}

/// The output of a headless run.
fn stream() -> Vec<String> {
    let lines = [
        json!({"type": "thread.started", "thread_id": "h"}),
        json!({"type": "turn.started"}),
        json!({"type": "item.completed", "item": {"id": "0", "type": "reasoning", "text": "hm"}}),
        json!({"type": "item.started", "item": {"id": "1", "type": "command_execution", "command": "bash -lc ls", "status": "in_progress"}}),
        json!({"type": "item.completed", "item": {"id": "1", "type": "command_execution", "command": "bash -lc ls", "aggregated_output": "no", "exit_code": 2, "status": "failed"}}),
        json!({"type": "item.updated", "item": {"id": "2", "type": "todo_list", "items": [{"text": "a", "completed": true}, {"text": "b", "completed": false}]}}),
        json!({"type": "item.completed", "item": {"id": "2", "type": "todo_list", "items": [{"text": "a", "completed": true}, {"text": "b", "completed": false}]}}),
        json!({"type": "item.completed", "item": {"id": "4", "type": "file_change", "status": "completed", "changes": [{"path": "a.rs", "kind": "add"}]}}),
        json!({"type": "item.completed", "item": {"id": "3", "type": "agent_message", "text": "Done"}}),
        json!({"type": "turn.completed", "usage": {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 9}}),
        json!({"type": "turn.started"}),
        json!({"type": "item.started", "item": {"id": "5", "type": "web_search", "query": "q"}}),
        json!({"type": "error", "message": "again"}),
        json!({"type": "turn.failed", "error": {"message": "no more"}}),
    ];
    lines.iter().map(ToString::to_string).collect()
}

fn bare() -> Vec<String> {
    let lines = [
        json!({"id": "old", "timestamp": "2025-06-01T10:00:00Z", "instructions": null}),
        json!({"record_type": "state"}),
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<environment_context>x</environment_context>"}]}),
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Do it"}]}),
        json!({"type": "reasoning", "summary": [{"text": "hm"}]}),
        json!({"type": "function_call", "name": "shell", "call_id": "1", "arguments": "{\"command\":[\"ls\"]}"}),
        json!({"type": "function_call_output", "call_id": "1", "output": "ok"}),
        json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done"}]}),
    ];
    lines.iter().map(ToString::to_string).collect()
}

fn files() -> [(&'static str, Vec<String>); 5] {
    [("legacy", legacy()), ("items", items()), ("child", child()), ("stream", stream()), ("bare", bare())]
}

#[test]
fn every_kind_of_line_is_told() {
    for (name, lines) in files() {
        let all = of(&lines);
        assert_eq!(all.skipped(), 0, "{name}");
        insta::assert_snapshot!(name, described(&all));
    }
}

#[test]
fn responses_are_counted_once_at_the_entries_they_belong_to() {
    let all = of(&legacy());
    let found: Vec<_> = all
        .responses()
        .iter()
        .map(|(number, usage)| {
            let entry = &all.get(*number).unwrap().entry;
            (entry.kind.word(), usage.tokens.total(), usage.context, usage.model.to_string())
        })
        .collect();
    // The second total rose by 500, all of it input that was not cached.
    assert_eq!(
        found,
        [
            ("call", 1020, Some(1000), "gpt-5.1-codex".to_owned()),
            ("call", 500, Some(500), "gpt-6-sol".to_owned())
        ]
    );
    assert_eq!(of(&items()).tokens().total(), 509);
}

#[test]
fn a_record_takes_the_place_of_the_total_that_was_told_before() {
    let mut lines = items()[..3].to_vec();
    lines.extend([
        item(4, json!({"type": "AgentMessage", "content": [{"type": "Text", "text": "hm"}]})),
        used(5, 500, 500),
        line(
            6,
            "token_usage_record",
            json!({"thread_id": "t", "response_id": "r1",
                "usage": {"input_tokens": 500, "cached_input_tokens": 10, "output_tokens": 20, "total_tokens": 520},
                "thread_token_usage": {"input_tokens": 500, "cached_input_tokens": 10, "output_tokens": 20, "total_tokens": 520}}),
        ),
    ]);
    let all = of(&lines);
    assert_eq!(all.tokens().total(), 520);
}

#[test]
fn read_step_by_step_it_says_the_same_as_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for (name, lines) in files() {
        let path = dir.path().join(format!("{name}.jsonl"));
        let text = lines.join("\n") + "\n";
        for steps in [1, 7, 60] {
            fs::write(&path, "").unwrap();
            let (mut live, mut reader) = (Conversation::default(), open(&path));
            let mut writer = fs::File::options().append(true).open(&path).unwrap();
            // Cut inside lines, too.
            for part in text.as_bytes().chunks(text.len() / steps + 1) {
                writer.write_all(part).unwrap();
                read(&mut reader, &mut live);
            }
            assert_eq!(whole(&live), whole(&scratch(&path)), "{name} in {steps} steps");
        }
    }
}

#[test]
fn a_compressed_file_and_its_twin_say_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (plain, packed) = (dir.path().join("r.jsonl"), dir.path().join("r.jsonl.zst"));
    let text = legacy().join("\n") + "\n";
    fs::write(&plain, &text).unwrap();
    let (mut live, mut reader) = (Conversation::default(), open(&plain));
    read(&mut reader, &mut live);
    let before = described(&live);
    fs::write(&packed, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
    fs::remove_file(&plain).unwrap();
    read(&mut reader, &mut live);
    assert_eq!(described(&live), before);
    assert_eq!(described(&scratch(&packed)), before);
    fs::write(&plain, text + &event(60, "error", json!({"message": "gone on with"})) + "\n").unwrap();
    fs::remove_file(&packed).unwrap();
    read(&mut reader, &mut live);
    assert_eq!(described(&live), before + "error: gone on with\n");
}

#[test]
fn evil_lines_are_counted_and_harm_nobody() {
    let all = of(&[
        String::new(),
        "\0\0\0".to_owned(),
        format!("\0\0{}", event(1, "user_message", json!({"message": "x \u{1b}[31m red"}))),
        line(2, "world_state", json!({"huge": [1, 2, 3]})),
        line(3, "event_msg", json!("text")),
        json!({"type": "event_msg", "payload": null, "timestamp": 5}).to_string(),
        json!({"timestamp": "never", "type": "event_msg", "payload": {"type": "agent_message", "message": 5}}).to_string(),
        response(4, json!({"type": "function_call", "name": 7, "call_id": [], "arguments": "{{"})),
        response(5, json!({"type": "function_call_output", "call_id": "nobody's", "output": {"a": 1}})),
        event(6, "item_completed", json!({"item": "torn"})),
        event(6, "item_completed", json!({"item": {"type": "FileChange", "changes": {"x": 5, "y": {"type": "update", "unified_diff": "@@"}}}})),
        event(7, "agent_message", json!({"message": "x".repeat(1 << 20)})),
        "[".repeat(5000),
        "{\"type\":\"event_msg\",\"pay".to_owned(),
    ]);
    assert_eq!(all.skipped(), 4);
    let said: Vec<_> = all.iter().map(|(_, entry)| entry).collect();
    assert_eq!(&*said[0].text.text, "x  red");
    assert!(said.last().unwrap().text.cut > 900_000);
    let calls: Vec<_> = said.iter().filter_map(|entry| entry.call.as_ref()).map(Call::outcome).collect();
    assert_eq!(calls, [CallOutcome::Running]);
}

use crate::model::Call;
