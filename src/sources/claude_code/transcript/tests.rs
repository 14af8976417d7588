use serde_json::{Value, json};

use super::*;
use crate::model::{ExecutionKind, LineCounts};

fn read(lines: &[Value]) -> Transcript {
    let mut transcript = Transcript { session: Safe::line("s"), ..Transcript::default() };
    let mut health = Health::default();
    for (at, line) in lines.iter().enumerate() {
        transcript.take(line.to_string().as_bytes(), at as u64, at as u64 + 1, &mut health, &mut Vec::new());
    }
    assert_eq!(health.skipped, 0);
    transcript
}

fn user(content: &Value) -> Value {
    json!({"type": "user", "message": {"role": "user", "content": content}})
}

fn call(id: &str, name: &str, input: &Value) -> Value {
    json!({"type": "assistant", "message": {"id": format!("m{id}"), "model": "claude-opus-5-5", "stop_reason": "tool_use",
        "content": [{"type": "tool_use", "id": id, "name": name, "input": input}],
        "usage": {"input_tokens": 1, "cache_read_input_tokens": 20}}})
}

fn result(id: &str, is_error: bool) -> Value {
    user(&json!([{"type": "tool_result", "tool_use_id": id, "content": "x", "is_error": is_error}]))
}

fn set(mut line: Value, key: &str, value: Value) -> Value {
    line[key] = value;
    line
}

#[test]
fn endings_follow_the_last_meaningful_line() {
    let ending = |lines: &[Value]| read(lines).ending;
    let ask = call("1", "AskUserQuestion", &json!({"questions": [{"question": "Which?"}]}));
    let bash = call("1", "Bash", &json!({"command": "ls"}));
    assert_eq!(ending(&[json!({"type": "mode"})]), Ending::Nothing);
    assert_eq!(ending(&[user(&json!("go"))]), Ending::Prompted);
    assert_eq!(ending(&[ask]), Ending::Asking);
    assert_eq!(ending(&[bash.clone(), json!({"type": "permission-mode"})]), Ending::Calling);
    assert_eq!(ending(&[bash, result("1", false)]), Ending::Thinking);
    assert_eq!(ending(&[json!({"type": "system", "subtype": "turn_duration"})]), Ending::Over);
    assert_eq!(ending(&[json!({"type": "system", "subtype": "api_error", "retryAttempt": 2})]), Ending::Retrying);
    assert_eq!(ending(&[user(&json!([{"type": "text", "text": "[Request interrupted by user]"}]))]), Ending::Interrupted);
    let limit = json!({"type": "assistant", "isApiErrorMessage": true, "error": "rate_limit",
        "message": {"model": "<synthetic>", "content": [{"type": "text", "text": "You've hit your limit"}]}});
    assert_eq!(ending(&[limit]), Ending::Limited);
}

#[test]
fn only_what_somebody_asked_is_a_prompt() {
    let texts = [
        "<command-name>/compact</command-name>",
        "<local-command-stdout></local-command-stdout>",
        "Caveat: x",
        "[Request interrupted by user]",
        "real words",
    ];
    let lines: Vec<Value> = texts.iter().map(|text| user(&json!(text))).collect();
    let transcript = read(&lines);
    assert_eq!(transcript.prompts.list().len(), 1);
    let with = |key: &str, value: Value| read(&[set(user(&json!("x")), key, value)]).prompts.list().first().map(|p| p.kind);
    assert_eq!(with("promptSource", json!("typed")), Some("prompt"));
    assert_eq!(with("promptSource", json!("sdk")), Some("headless"));
    assert_eq!(with("promptSource", json!("system")), None);
    assert_eq!(with("isMeta", json!(true)), None);
    assert_eq!(with("isCompactSummary", json!(true)), None);
    assert_eq!(with("entrypoint", json!("sdk-cli")), Some("headless"));
    assert_eq!(with("isSidechain", json!(true)), None);
    let scheduled = set(set(user(&json!("x")), "isMeta", json!(true)), "turnOrigin", json!("scheduled"));
    assert_eq!(read(&[scheduled]).prompts.list().first().map(|prompt| prompt.kind), Some("scheduled"));
}

#[test]
fn a_leading_block_of_context_does_not_make_the_title() {
    let transcript = read(&[user(&json!("<context a=\"b\">\n# notes\n</context>\n\nDo the thing\nand more"))]);
    assert_eq!(&*transcript.prompts.list().first().unwrap().title, "Do the thing");
}

#[test]
fn five_outcomes_of_a_call_are_told_apart() {
    let bash = |id: &str| call(id, "Bash", &json!({"command": "x"}));
    let transcript = read(&[
        bash("1"),
        set(result("1", true), "toolDenialKind", json!("permission-rule")),
        bash("2"),
        set(result("2", true), "toolUseResult", json!("User rejected tool use")),
        bash("3"),
        set(result("3", true), "toolUseResult", json!("Error: Exit code 1")),
        bash("4"),
        set(result("4", false), "toolUseResult", json!({"backgroundTaskId": "b1"})),
        bash("5"),
        set(result("5", false), "toolUseResult", json!({"persistedOutputPath": "/x"})),
    ]);
    let tools = transcript.tools();
    assert_eq!(tools.first().map(|tool| (tool.calls, tool.failed)), Some((5, 1)));
    assert_eq!(transcript.background.first().map(|task| (&*task.id, task.kind)), Some(("b1", ExecutionKind::Shell)));
}

#[test]
fn lines_fall_back_to_the_call_when_the_result_says_nothing() {
    let edit = call("1", "Edit", &json!({"file_path": "/a", "old_string": "a\nb", "new_string": "a\nc\nd"}));
    let write = call("2", "Write", &json!({"file_path": "/b", "content": "1\n2\n3\n"}));
    let failed = call("3", "Write", &json!({"file_path": "/c", "content": "1\n"}));
    let transcript = read(&[edit, result("1", false), write, result("2", false), failed, result("3", true)]);
    assert_eq!(transcript.lines(), LineCounts { added: 5, removed: 1 });
    assert_eq!(transcript.files().written.len(), 2);
}

#[test]
fn notifications_update_the_task_and_never_add_one() {
    let start = set(result("1", false), "toolUseResult", json!({"status": "async_launched", "agentId": "a1", "description": "Look"}));
    let notice = |text: &str| json!({"type": "queue-operation", "operation": "enqueue", "content": text});
    let transcript = read(&[
        call("1", "Agent", &json!({"prompt": "x"})),
        start,
        notice("<task-notification>\n<status>failed</status>"),
        notice("<task-notification><task-id>zz</task-id><status>failed</status></task-notification>"),
        notice("<task-notification>\n<task-id>a1</task-id>\n<task-id>a1</task-id>\n<summary>a &lt;b&gt; &amp; c"),
    ]);
    let task = transcript.background.first().unwrap();
    assert_eq!((transcript.background.len(), &*task.status), (1, "running"));
    assert_eq!(task.summary.as_deref(), Some("a <b> & c"));
    assert_eq!(transcript.queue.len(), 3);
    let mut transcript = transcript;
    notices::notify(&mut transcript.background, br"<task-notification>\n<task-id>a1</task-id>\n<status>completed</status>", None);
    assert_eq!(transcript.background.first().map(|task| &*task.status), Some("completed"));
}

#[test]
fn the_newest_numeric_cost_counts_and_is_a_floor_when_work_goes_on() {
    let cost = |value: Value| json!({"type": "cost-state", "sessionId": "s", "totalCostUSD": value});
    assert_eq!(read(&[cost(Value::Null)]).recorded_cost, None);
    let transcript = read(&[cost(json!(0.1)), cost(json!(0.25)), cost(json!("x"))]);
    assert_eq!((transcript.recorded_cost, transcript.cost_is_floor), (Usd::from_dollars(0.25), false));
    assert!(read(&[cost(json!(0.1)), call("1", "Bash", &json!({}))]).cost_is_floor);
    let foreign = json!({"type": "cost-state", "sessionId": "other", "totalCostUSD": 1});
    assert_eq!(read(&[foreign]).recorded_cost, None);
}

#[test]
fn the_context_is_cut_to_its_window_and_falls_with_a_compaction() {
    let answer = |model: &str, read: u64| {
        json!({"type": "assistant", "message": {"id": "m", "model": model,
            "usage": {"input_tokens": 1, "cache_read_input_tokens": read}}})
    };
    let window = |model: &str, tokens: u64| read(&[answer(model, tokens)]).context().map(|context| (context.used, context.window));
    assert_eq!(window("claude-haiku-4-5-20251001", 99), Some((100, 200_000)));
    assert_eq!(window("claude-opus-5-5", 99), Some((100, 1_000_000)));
    assert_eq!(window("claude-sonnet-4-5-20250929", 300_000), Some((300_001, 1_000_000)));
    assert_eq!(window("claude-opus-5", 2_000_000), Some((1_000_000, 1_000_000)));
    let cut = json!({"type": "system", "subtype": "compact_boundary", "compactMetadata": {"postTokens": 50}});
    let transcript = read(&[answer("claude-opus-5-5", 99), cut]);
    assert_eq!((transcript.context().unwrap().used, transcript.compactions), (50, 1));
}
