use serde_json::json;

use super::*;
use crate::{model::Status, sources::codex::prompts::Outcome};

fn user(second: u32, text: &str) -> String {
    item(second, json!({"type": "UserMessage", "content": [{"type": "text", "text": text}]}))
}

fn answer(second: u32, text: &str, phase: &str) -> String {
    item(second, json!({"type": "AgentMessage", "phase": phase, "content": [{"type": "Text", "text": text}]}))
}

fn titles(rollout: &super::super::rollout::Rollout) -> Vec<String> {
    rollout.prompts.list().iter().map(|prompt| prompt.title.to_string()).collect()
}

#[test]
fn one_layer_of_the_conversation_and_never_both() {
    let both = |mode: serde_json::Value| {
        read(&[
            meta("t", mode),
            event(1, "task_started", json!({"turn_id": "a"})),
            event(2, "user_message", json!({"message": "by the old layer"})),
            user(2, "by the new layer"),
            line(
                3,
                "response_item",
                json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]}),
            ),
            line(
                4,
                "response_item",
                json!({"type": "function_call", "name": "shell_command", "call_id": "1", "arguments": "{\"command\":\"ls\"}"}),
            ),
            line(
                5,
                "response_item",
                json!({"type": "function_call_output", "call_id": "1", "output": "Exit code: 1\nno"}),
            ),
            item(
                5,
                json!({"type": "CommandExecution", "command": ["ls"], "status": "failed", "exit_code": 1}),
            ),
            event(6, "agent_message", json!({"message": "old words"})),
            answer(6, "new words", "final_answer"),
        ])
    };
    let old = both(json!({"history_mode": "legacy"}));
    assert_eq!((titles(&old), old.messages), (vec!["by the old layer".to_owned()], 2));
    let tools: Vec<_> =
        old.calls.tools().into_iter().map(|tool| (tool.name.to_string(), tool.calls, tool.failed)).collect();
    assert_eq!(tools, [("shell_command".to_owned(), 1, 1)]);
    let new = both(json!({"history_mode": "paginated"}));
    assert_eq!((titles(&new), new.messages), (vec!["by the new layer".to_owned()], 2));
    let tools: Vec<_> =
        new.calls.tools().into_iter().map(|tool| (tool.name.to_string(), tool.calls, tool.failed)).collect();
    assert_eq!(tools, [("CommandExecution".to_owned(), 1, 1)]);
    // Not said: the first message of a turn decides.
    assert_eq!(titles(&both(json!({}))), ["by the old layer"]);
}

#[test]
fn a_thread_that_a_newer_version_goes_on_with_changes_its_layer_between_turns() {
    let rollout = read(&[
        meta("t", json!({})),
        event(1, "task_started", json!({})),
        event(2, "user_message", json!({"message": "one"})),
        event(3, "task_complete", json!({"last_agent_message": "done"})),
        event(11, "task_started", json!({"turn_id": "b"})),
        user(12, "two"),
        answer(13, "fine", "final_answer"),
        event(
            14,
            "task_complete",
            json!({"turn_id": "b", "last_agent_message": "fine", "duration_ms": 3000}),
        ),
    ]);
    assert_eq!(titles(&rollout), ["one", "two"]);
    let last = &rollout.prompts.list()[1];
    assert_eq!(
        (last.outcome, last.duration.unwrap().0, last.result.as_ref().unwrap().as_str()),
        (Outcome::Done, 3000, "fine")
    );
}

#[test]
fn what_the_program_put_in_the_persons_place_is_no_prompt() {
    let asked = |text: &str| titles(&read(&[event(1, "user_message", json!({"message": text}))]));
    for injected in [
        "<environment_context>\n<cwd>/x</cwd></environment_context>",
        "<user_instructions>x",
        "# AGENTS.md instructions",
        " ",
    ] {
        assert_eq!(asked(injected), Vec::<String>::new(), "{injected}");
    }
    assert_eq!(
        asked("# Context from my IDE:\n- a.rs\n\n## My request for Codex:\nFix the test\nplease"),
        ["Fix the test"]
    );
    assert_eq!(asked("<environment_context>x</environment_context>\n## My request for Codex:\nGo"), ["Go"]);
    assert_eq!(asked("\n\n  What is new?\n"), ["What is new?"]);
}

#[test]
fn items_tell_calls_files_and_lines() {
    let rollout = read(&[
        meta("t", json!({"history_mode": "paginated"})),
        user(1, "go"),
        item(
            2,
            json!({"type": "CommandExecution", "command": "npm test", "status": "completed", "exit_code": 0,
            "parsed_cmd": [{"type": "read", "name": "a.ts", "path": "src/a.ts"}, {"type": "unknown", "cmd": "x"}]}),
        ),
        item(3, json!({"type": "CommandExecution", "command": ["rm", "x"], "status": "declined"})),
        item(
            4,
            json!({"type": "FileChange", "status": "completed", "changes": {
            "src/a.ts": {"type": "update", "unified_diff": "--- a\n+++ b\n@@ -1 +1,2 @@\n-old\n+new\n--- a comment that went\n+more\n"},
            "b.ts": {"type": "update", "unified_diff": "@@ -1 +0,0 @@\n-x\n", "move_path": "c.ts"},
            "new.ts": {"type": "add", "content": "one\ntwo\n"}, "gone.ts": {"type": "delete", "content": "one\n"}}}),
        ),
        item(
            5,
            json!({"type": "FileChange", "status": "failed", "changes": {"z": {"type": "add", "content": "x"}}}),
        ),
        item(6, json!({"type": "McpToolCall", "server": "db", "tool": "ask", "status": "failed"})),
        item(7, json!({"type": "WebSearch", "query": "x"})),
        item(8, json!({"type": "Reasoning", "summary_text": ["**Looking**"]})),
        item(9, json!({"type": "NotInventedYet"})),
        event(9, "item_completed", json!({"item": "torn"})),
    ]);
    let tools: Vec<_> =
        rollout.calls.tools().iter().map(|tool| (tool.name.to_string(), tool.calls, tool.failed)).collect();
    let want =
        [("CommandExecution", 2, 0), ("FileChange", 2, 1), ("WebSearch", 1, 0), ("mcp__db__ask", 1, 1)];
    assert_eq!(tools, want.map(|(name, calls, failed)| (name.to_owned(), calls, failed)));
    let names =
        |files: &[crate::text::Safe]| files.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let mut written: Vec<_> = rollout.calls.files.written.iter().map(crate::text::Safe::as_str).collect();
    written.sort_unstable();
    assert_eq!(written, ["c.ts", "gone.ts", "new.ts", "src/a.ts"]);
    assert_eq!(names(&rollout.calls.files.read), "src/a.ts");
    assert_eq!((rollout.calls.lines.added, rollout.calls.lines.removed), (4, 4));
}

#[test]
fn calls_of_old_threads_tell_what_runs_and_what_came_of_it() {
    let call = |second, name: &str, id: &str, arguments: serde_json::Value| {
        let arguments = arguments.to_string();
        line(
            second,
            "response_item",
            json!({"type": "function_call", "name": name, "call_id": id, "arguments": arguments}),
        )
    };
    let result = |second, id: &str, output: serde_json::Value| {
        line(
            second,
            "response_item",
            json!({"type": "function_call_output", "call_id": id, "output": output}),
        )
    };
    let patch =
        "*** Begin Patch\n*** Update File: a.rs\n@@\n-x\n+y\n+z\n*** Add File: b.rs\n+one\n*** End Patch\n";
    let mut lines = vec![
        event(0, "task_started", json!({})),
        event(1, "user_message", json!({"message": "go"})),
        call(2, "shell", "1", json!({"command": ["bash", "-lc", "cargo test"]})),
    ];
    assert_eq!(read(&lines).calls.running().unwrap().as_str(), "shell cargo test");
    lines.push(result(3, "1", json!("{\"output\":\"no\",\"metadata\":{\"exit_code\":101}}")));
    assert_eq!(read(&lines).calls.running(), None);
    lines.extend([
        call(4, "update_plan", "2", json!({"plan": [{"step": "Read", "status": "completed"}, {"step": "Write", "status": "in_progress"}]})),
        result(5, "2", json!("Plan updated")),
        line(6, "response_item", json!({"type": "custom_tool_call", "name": "apply_patch", "call_id": "3", "input": patch})),
    ]);
    assert_eq!(read(&lines).calls.running().unwrap().as_str(), "apply_patch a.rs b.rs");
    lines.extend([
        line(7, "response_item", json!({"type": "custom_tool_call_output", "call_id": "3", "output": "{\"output\":\"Success\",\"metadata\":{\"exit_code\":0}}"})),
        line(8, "response_item", json!({"type": "local_shell_call", "call_id": "4", "action": {"type": "exec", "command": ["ls", "-l"]}})),
        result(9, "4", json!({"content": "no", "success": false})),
        line(9, "response_item", json!({"type": "web_search_call", "action": {"type": "search", "query": "rust"}})),
        call(10, "exec_command", "5", json!({"cmd": "make"})),
        result(11, "5", json!([{"type": "input_text", "text": "Wall time: 1\nProcess exited with code 2\n"}])),
    ]);
    let rollout = read(&lines);
    let tools: Vec<_> =
        rollout.calls.tools().iter().map(|tool| (tool.name.to_string(), tool.calls, tool.failed)).collect();
    let want = [
        ("apply_patch", 1, 0),
        ("exec_command", 1, 1),
        ("local_shell", 1, 1),
        ("shell", 1, 1),
        ("update_plan", 1, 0),
        ("web_search", 1, 0),
    ];
    assert_eq!(tools, want.map(|(name, calls, failed)| (name.to_owned(), calls, failed)));
    assert_eq!(rollout.calls.files.written.len(), 2);
    assert_eq!((rollout.calls.lines.added, rollout.calls.lines.removed), (3, 1));
    let plan: Vec<_> = rollout.plan.iter().map(|step| (step.text.as_str(), step.status)).collect();
    assert_eq!(plan, [("Read", Status::Succeeded), ("Write", Status::Running)]);
}

#[test]
fn very_old_files_have_no_envelopes_and_no_times() {
    let (rollout, broken) = read_all(&[
        json!({"id": "old", "timestamp": "2025-06-01T10:00:00Z", "instructions": null, "git": {"branch": "main"}}).to_string(),
        json!({"record_type": "state"}).to_string(),
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<environment_context>\n<cwd>/w/old</cwd>\n</environment_context>"}]}).to_string(),
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Do it"}]}).to_string(),
        json!({"type": "reasoning", "summary": []}).to_string(),
        json!({"type": "function_call", "name": "shell", "call_id": "1", "arguments": "{}"}).to_string(),
        json!({"type": "function_call_output", "call_id": "1", "output": "ok"}).to_string(),
        json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done"}]}).to_string(),
        json!({"surely": "something else"}).to_string(),
        "{\"type\":\"message\",\"ro".to_owned(),
        "[1, 2]".to_owned(),
    ]);
    assert_eq!(broken, 3);
    assert_eq!((titles(&rollout), rollout.messages), (vec!["Do it".to_owned()], 2));
    assert_eq!(rollout.head.cwd.as_ref().unwrap().as_str(), "/w/old");
    assert_eq!(rollout.head.branch.as_ref().unwrap().as_str(), "main");
    assert_eq!(rollout.prompts.list()[0].result.as_ref().unwrap().as_str(), "Done");
    assert!(rollout.responses.list().is_empty());
}

#[test]
fn a_headless_stream_in_the_tree_is_read_too() {
    let lines: Vec<String> = [
        json!({"type": "thread.started", "thread_id": "h"}),
        json!({"type": "turn.started"}),
        json!({"type": "item.started", "item": {"id": "1", "type": "command_execution", "command": "bash -lc ls", "status": "in_progress"}}),
        json!({"type": "item.completed", "item": {"id": "1", "type": "command_execution", "command": "bash -lc ls", "exit_code": 2, "status": "failed"}}),
        json!({"type": "item.updated", "item": {"id": "2", "type": "todo_list", "items": [{"text": "a", "completed": true}, {"text": "b", "completed": false}]}}),
        json!({"type": "item.completed", "item": {"id": "3", "type": "agent_message", "text": "Done"}}),
        json!({"type": "turn.completed", "usage": {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 9}}),
        json!({"type": "turn.started"}),
        json!({"type": "turn.failed", "error": {"message": "no more"}}),
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    let running = read(&lines[..3]);
    assert_eq!(running.calls.running().unwrap().as_str(), "command_execution bash -lc ls");
    let rollout = read(&lines);
    assert_eq!(
        (sum(&rollout), rollout.is_stream, rollout.head.id.as_ref().unwrap().as_str()),
        ((60, 40, 9), true, "h")
    );
    assert_eq!((rollout.calls.tools()[0].failed, rollout.plan.len()), (1, 2));
    assert_eq!(rollout.reason.as_ref().unwrap().as_str(), "no more");
}

#[test]
fn unusual_lines_are_counted_and_harm_nobody() {
    let (rollout, broken) = read_all(&[
        String::new(),
        "\0\0\0".to_owned(),
        format!("\0\0{}", event(1, "user_message", json!({"message": "x"}))),
        line(2, "world_state", json!({"huge": [1, 2, 3]})),
        line(2, "inter_agent_communication_metadata", json!({})),
        line(3, "event_msg", json!("text")),
        json!({"type": "event_msg", "payload": null, "timestamp": 5}).to_string(),
        json!({"type": 7, "payload": {}}).to_string(),
        json!({"timestamp": "never", "type": "event_msg", "payload": {"type": "agent_message", "message": 5}}).to_string(),
        "[".repeat(5000),
    ]);
    assert_eq!(broken, 4);
    assert_eq!(rollout.prompts.turn(), 1);
    assert_eq!(rollout.types.get("world_state"), Some(&1));
}
