//! A transcript with every kind of content block, tool and line.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// Every kind of content block, tool and line that the format knows, one line each; times go on by ten seconds.
pub(crate) fn every_kind() -> Vec<Value> {
    let user = |content: Value| json!({"type": "user", "message": {"role": "user", "content": content}});
    let typed = |content: Value| {
        let mut line = user(content);
        line["promptSource"] = json!("typed");
        line
    };
    let says = |id: &str, block: Value| {
        json!({"type": "assistant", "message": {"id": id, "model": "claude-opus-5-5", "content": [block],
            "usage": {"input_tokens": 2, "cache_read_input_tokens": 16000, "output_tokens": 90}}})
    };
    let calls = |id: &str, name: &str, input: Value| {
        says(&format!("msg_{id}"), json!({"type": "tool_use", "id": id, "name": name, "input": input}))
    };
    let answers = |id: &str, content: Value, result: Value| {
        let mut line = user(json!([{"type": "tool_result", "tool_use_id": id, "content": content}]));
        line["toolUseResult"] = result;
        line
    };
    let fails = |id: &str, content: &str, denial: &str| {
        let mut line =
            user(json!([{"type": "tool_result", "tool_use_id": id, "content": content, "is_error": true}]));
        line["toolUseResult"] = json!(content);
        if !denial.is_empty() {
            line["toolDenialKind"] = json!(denial);
        }
        line
    };
    let system = |subtype: &str, rest: Value| {
        let mut line = json!({"type": "system", "subtype": subtype});
        for (key, value) in rest.as_object().unwrap() {
            line[key] = value.clone();
        }
        line
    };
    let patch = json!([{"oldStart": 12, "oldLines": 2, "newStart": 12, "newLines": 3,
        "lines": [" a", "-b", "+B", "+c", "\\ No newline at end of file"]}]);
    let mut lines = vec![
        json!({"type": "summary", "summary": "not this session's", "leafUuid": "x"}),
        json!({"type": "permission-mode", "permissionMode": "default"}),
        json!({"type": "queue-operation", "operation": "enqueue", "content": "fix the export"}),
        json!({"type": "queue-operation", "operation": "dequeue"}),
        typed(json!("fix the export")),
        typed(
            json!([{"type": "text", "text": "see this"}, {"type": "image", "source": {}}, {"type": "document"}]),
        ),
        user(json!("typed in an old version")),
        says("m1", json!({"type": "thinking", "thinking": "Let me think.", "signature": "s"})),
        says("m1", json!({"type": "thinking", "thinking": "", "signature": "s"})),
        says("m1", json!({"type": "redacted_thinking", "data": "x"})),
        says("m1", json!({"type": "text", "text": "# Plan\n\n- **one**\n- `two`"})),
        calls("b1", "Bash", json!({"command": "npm test\necho done", "description": "Run tests"})),
        answers(
            "b1",
            json!("ok 12"),
            json!({"stdout": "ok 12", "stderr": "", "interrupted": false,
            "bashEditDiff": {"files": [
                {"filePath": "/w/src/a.ts", "hunks": [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-a", "+b"]}]},
                {"filePath": "/w/new.ts", "created": true, "hunks": [{"oldStart": 0, "oldLines": 0, "newStart": 1, "newLines": 1, "lines": ["+x"]}]},
                {"filePath": "/w/old.ts", "deleted": true}, {"filePath": "/w/shared.ts", "shared": true}],
                "changedFiles": ["/w/src/a.ts", "/w/more.ts"]}}),
        ),
        calls("b2", "Bash", json!({"command": "false"})),
        fails("b2", "Exit code 1\nboom", ""),
        calls("b3", "Bash", json!({"command": "rm -rf /"})),
        fails("b3", "Permission to use Bash has been denied.", "permission-rule"),
        calls("b4", "Bash", json!({"command": "curl x"})),
        fails("b4", "blocked", "automode-blocked"),
        calls("b5", "Bash", json!({"command": "git push"})),
        fails("b5", "User rejected tool use", "user-rejected"),
        calls("b6", "Bash", json!({"command": "sleep 100"})),
        fails("b6", "[Request interrupted by user for tool use]", "interrupted"),
        calls("b7", "Bash", json!({"command": "npm run dev", "run_in_background": true})),
        answers(
            "b7",
            json!("Command running in background with ID: b584dd095"),
            json!({"stdout": "", "stderr": "", "backgroundTaskId": "b584dd095"}),
        ),
        calls("b8", "Bash", json!({"command": "make"})),
        answers("b8", json!("moved"), json!({"stdout": "", "stderr": "", "timedOutAfterMs": 120_000})),
        calls("b9", "Bash", json!({"command": "cat big"})),
        answers(
            "b9",
            json!("<persisted-output>\nOutput too large"),
            json!({"stdout": "x", "persistedOutputPath": "/r/tool-results/b9.txt", "persistedOutputSize": 99}),
        ),
        calls("r1", "Read", json!({"file_path": "/w/src/pay.rs"})),
        answers(
            "r1",
            json!("1\tfn main() {}"),
            json!({"type": "text", "file": {"filePath": "/w/src/pay.rs", "content": "fn main() {}", "numLines": 1}}),
        ),
        calls("e1", "Edit", json!({"file_path": "/w/src/pay.rs", "old_string": "b", "new_string": "B\nc"})),
        answers(
            "e1",
            json!("The file has been updated."),
            json!({"filePath": "/w/src/pay.rs", "oldString": "b", "newString": "B\nc", "structuredPatch": patch, "originalFile": null}),
        ),
        calls(
            "e2",
            "MultiEdit",
            json!({"file_path": "/w/a", "edits": [{"old_string": "1", "new_string": "2"}, {"old_string": "3", "new_string": ""}]}),
        ),
        user(json!([{"type": "tool_result", "tool_use_id": "e2"}])),
        calls("w1", "Write", json!({"file_path": "/w/new.md", "content": "# New\ntext\n"})),
        answers(
            "w1",
            json!("created"),
            json!({"type": "create", "filePath": "/w/new.md", "content": "# New\ntext\n", "structuredPatch": [], "originalFile": null}),
        ),
        calls("w2", "Write", json!({"file_path": "/w/new.md", "content": "B"})),
        answers(
            "w2",
            json!("updated"),
            json!({"type": "update", "filePath": "/w/new.md", "content": "B", "structuredPatch": patch}),
        ),
        calls("n1", "NotebookEdit", json!({"notebook_path": "/w/x.ipynb", "new_source": "print(1)"})),
        calls("g1", "Glob", json!({"pattern": "**/*.rs"})),
        answers(
            "g1",
            json!("a.rs\nb.rs"),
            json!({"filenames": ["a.rs", "b.rs"], "numFiles": 2, "durationMs": 31}),
        ),
        calls("g2", "Grep", json!({"pattern": "fn main", "path": "src"})),
        calls(
            "a1",
            "Agent",
            json!({"description": "Write stream tests", "subagent_type": "tester", "prompt": "Write **tests**", "run_in_background": true}),
        ),
        answers(
            "a1",
            json!([{"type": "text", "text": "launched"}]),
            json!({"status": "async_launched", "isAsync": true, "agentId": "a0123456789abcdef", "outputFile": "/tmp/a.output"}),
        ),
        calls("a2", "Task", json!({"description": "Explore", "prompt": "Look around"})),
        answers(
            "a2",
            json!([{"type": "text", "text": "found it"}]),
            json!({"status": "completed", "agentId": "a2", "content": [], "totalDurationMs": 41_200}),
        ),
        calls("wf", "Workflow", json!({"script": "review.js"})),
        answers(
            "wf",
            json!("started"),
            json!({"status": "async_launched", "taskId": "w1", "runId": "wf_1", "workflowName": "review"}),
        ),
        calls(
            "t1",
            "TodoWrite",
            json!({"todos": [{"content": "A", "status": "completed"}, {"content": "B", "status": "in_progress", "activeForm": "Doing B"}]}),
        ),
        calls("t2", "TaskCreate", json!({"subject": "Write docs", "description": "long"})),
        answers("t2", json!("Task #1 created"), json!({"task": {"id": "1", "subject": "Write docs"}})),
        calls("t3", "TaskUpdate", json!({"taskId": "1", "status": "completed"})),
        calls("t4", "TaskOutput", json!({"task_id": "b584dd095"})),
        calls("t5", "TaskStop", json!({"task_id": "b584dd095"})),
        calls("f1", "WebFetch", json!({"url": "https://example.org", "prompt": "what"})),
        answers(
            "f1",
            json!("a page"),
            json!({"url": "https://example.org", "code": 200, "bytes": 10, "durationMs": 1200}),
        ),
        calls("f2", "WebSearch", json!({"query": "ratatui"})),
        answers(
            "f2",
            json!("{\"hits\":[1,2]}"),
            json!({"query": "ratatui", "results": [], "durationSeconds": 2.5}),
        ),
        calls("q1", "AskUserQuestion", json!({"questions": [{"question": "Which colour?", "options": []}]})),
        answers("q1", json!("User answered"), json!({"questions": [], "answers": {"Which colour?": "blue"}})),
        calls("p1", "ExitPlanMode", json!({"plan": "1. Do\n2. Test"})),
        fails("p1", "The user doesn't want to proceed", "user-rejected"),
        calls("s1", "Skill", json!({"skill": "pdf"})),
        user(json!("Base directory for this skill: /skills/pdf\n\nlong text")),
        calls("s2", "SendMessage", json!({"to": "lead", "message": "done"})),
        calls("c1", "CronCreate", json!({"schedule": "0 9 * * *", "prompt": "audit"})),
        calls("x1", "mcp__github__create_issue", json!({"title": "Broken", "labels": ["a"]})),
        answers(
            "x1",
            json!([{"type": "text", "text": "{\"number\": 7}"}, {"type": "image", "source": {}}]),
            json!([{"type": "text", "text": "{\"number\": 7}"}]),
        ),
        calls("x2", "ToolSearch", json!({"query": "select:Read"})),
        answers("x2", json!([{"type": "tool_reference", "tool_name": "Read"}]), json!({})),
        calls("x3", "NewTool", json!({"mode": 3, "what": "anything"})),
        answers("nobody", json!("an answer of a call that is not here"), json!({})),
        calls("l1", "Read", json!({"file_path": "/w/huge"})),
        answers(
            "l1",
            json!(
                "Error: result (90,000 characters) exceeds maximum allowed tokens. Output has been saved to /r/tool-results/l1.txt."
            ),
            json!({}),
        ),
        says(
            "m2",
            json!({"type": "server_tool_use", "id": "srv1", "name": "web_search", "input": {"query": "x"}}),
        ),
        says(
            "m2",
            json!({"type": "web_search_tool_result", "tool_use_id": "srv1", "content": [{"type": "web_search_result", "title": "T"}]}),
        ),
        says(
            "m2",
            json!({"type": "server_tool_use", "id": "srv2", "name": "web_search", "input": {"query": "y"}}),
        ),
        says(
            "m2",
            json!({"type": "web_search_tool_result", "tool_use_id": "srv2", "content": {"type": "web_search_tool_result_error", "error_code": "unavailable"}}),
        ),
        says("m2", json!({"type": "hologram", "data": 1})),
        json!({"type": "assistant", "message": {"id": "m3", "model": "claude-sonnet-5-5", "content": "an old plain answer", "stop_reason": "max_tokens"}}),
        json!({"type": "assistant", "isApiErrorMessage": true, "error": "rate_limit", "message": {"model": "<synthetic>", "content": [{"type": "text", "text": "You have reached your limit"}]}}),
        json!({"type": "assistant", "message": {"model": "<synthetic>", "content": [{"type": "text", "text": "No response requested."}]}}),
        user(json!("<command-name>/compact</command-name><command-args>keep tests</command-args>")),
        user(json!("<local-command-stdout>Compacted</local-command-stdout>")),
        user(json!("<bash-input>ls</bash-input>")),
        user(json!("<bash-stdout>a\nb</bash-stdout><bash-stderr></bash-stderr>")),
        user(json!("<system-reminder>hidden</system-reminder>")),
        user(json!("Stop hook feedback:\n[lint]: failed")),
        user(json!(
            "<task-notification>\n<task-id>b584dd095</task-id>\n<status>failed</status>\n<summary>\"npm run dev\" failed &amp; ended</summary>\n</task-notification>"
        )),
        json!({"type": "user", "isMeta": true, "message": {"role": "user", "content": "Caveat: hidden"}}),
        json!({"type": "user", "origin": {"kind": "peer", "from": "lead"}, "message": {"role": "user", "content": "Another Claude session sent a message: hello"}}),
        json!({"type": "attachment", "attachment": {"type": "queued_command", "prompt": "and the docs, please"}}),
        json!({"type": "attachment", "attachment": {"type": "hook_success", "hookName": "PreToolUse:Bash", "content": "checked"}}),
        json!({"type": "attachment", "attachment": {"type": "todo", "content": []}}),
        json!({"type": "progress", "data": {"type": "bash_progress", "output": "x"}}),
        system("turn_duration", json!({"durationMs": 41_200, "pendingBackgroundAgentCount": 1})),
        system(
            "stop_hook_summary",
            json!({"hookCount": 1, "hookErrors": [], "preventedContinuation": false}),
        ),
        system(
            "stop_hook_summary",
            json!({"hookCount": 1, "hookErrors": ["lint failed"], "preventedContinuation": true}),
        ),
        system(
            "api_error",
            json!({"error": {"status": 529, "error": {"error": {"message": "Overloaded"}}}, "retryInMs": 1234.5, "retryAttempt": 2, "maxRetries": 10}),
        ),
        system(
            "compact_boundary",
            json!({"content": "Conversation compacted", "compactMetadata": {"trigger": "auto", "preTokens": 180_000, "postTokens": 22_000}}),
        ),
        json!({"type": "user", "isCompactSummary": true, "message": {"role": "user", "content": "This session is being continued: ..."}}),
        system("microcompact_boundary", json!({})),
        system(
            "local_command",
            json!({"content": "<command-name>/model</command-name>", "commandRun": {"command": "/model", "args": "opus"}}),
        ),
        system(
            "scheduled_task_fire",
            json!({"taskId": "1", "cron": "0 9 * * *", "prompt": "audit", "content": "fired"}),
        ),
        system("informational", json!({"content": "Using the large window", "level": "info"})),
        system("informational", json!({"content": "Limit almost reached", "level": "warning"})),
        system("away_summary", json!({"content": "While you were away …"})),
        system("agents_killed", json!({})),
        json!({"type": "system", "content": "a note"}),
        json!({"type": "pr-link", "prNumber": 7, "prUrl": "https://example.org/pr/7"}),
        json!({"type": "pr-link", "prNumber": 7, "prUrl": "https://example.org/pr/7"}),
        json!({"type": "frame-link", "frameUrl": "https://example.org/f"}),
        json!({"type": "worktree-state", "worktreeSession": {"worktreeBranch": "fix-1"}}),
        json!({"type": "worktree-state", "worktreeSession": null}),
        json!({"type": "relocated", "relocatedCwd": "/w2"}),
        json!({"type": "continued-in", "continuedInSessionId": "s2"}),
        json!({"type": "permission-mode", "permissionMode": "plan"}),
        json!({"type": "mode", "mode": "x"}),
        json!({"type": "file-history-snapshot", "snapshot": {}}),
        user(json!([{"type": "text", "text": "[Request interrupted by user]"}])),
        json!({"type": "user", "isSidechain": true, "message": {"role": "user", "content": "a side prompt"}}),
        json!({"type": "queue-operation", "operation": "enqueue", "content": "later"}),
        json!({"type": "queue-operation", "operation": "enqueue", "content": "taken back"}),
        json!({"type": "queue-operation", "operation": "enqueue", "content": "<task-notification><task-id>b1</task-id></task-notification>"}),
        json!({"type": "queue-operation", "operation": "remove", "content": "taken back"}),
        calls("b10", "Bash", json!({"command": "cargo test"})),
    ];
    for (number, line) in lines.iter_mut().enumerate() {
        line["sessionId"] = json!("s");
        line["cwd"] = json!("/w");
        line["uuid"] = json!(format!("u{number}"));
        line["timestamp"] = json!(format!("2026-11-18T14:{:02}:{:02}.000Z", number / 6, number % 6 * 10));
    }
    lines
}

/// The lines as a file has them.
pub(crate) fn joined(lines: &[Value]) -> String {
    lines.iter().fold(String::new(), |mut all, line| {
        writeln!(all, "{line}").unwrap();
        all
    })
}
