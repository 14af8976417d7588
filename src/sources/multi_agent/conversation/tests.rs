use std::{fs, io::Write as _};

use serde_json::{Value, json};

use super::*;
use crate::{
    model::Conversation,
    sources::conversation::{
        read_all,
        words::{described, read, whole},
    },
};

const NAME: &str = "22222222_Builder_Agent_20251120_110010";

const EVENT_LOG: &str = "orchestrator.log";

struct Desk {
    place: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join(NAME)).unwrap();
        Self { place }
    }

    fn add(&self, file: &str, text: &str) {
        let folder =
            if file == EVENT_LOG { self.place.path().to_owned() } else { self.place.path().join(NAME) };
        let path = folder.join(file);
        let mut file = fs::File::options().append(true).create(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn reader(&self) -> Reader {
        let place = ConversationRef {
            source: "multi-agent",
            places: [NAME, "orchestrator.log"]
                .map(|name| Safe::line(&self.place.path().join(name).to_string_lossy()))
                .to_vec(),
            session: Safe::line(NAME),
            agent: Some(Safe::line("2222-full-id")),
            ahead: Some(Millis(3_600_000)),
        };
        Reader::open(&place).unwrap()
    }

    fn scratch(&self) -> Conversation {
        let mut all = Conversation::default();
        read(&mut self.reader(), &mut all);
        all
    }
}

fn record(second: u32, mut rest: Value) -> String {
    rest["timestamp"] = format!("2025-11-20T11:01:{second:02}.500000").into();
    format!("{rest}\n")
}

fn block(second: u32, kind: &str, text: &str) -> String {
    format!("[2025-11-20T11:01:{second:02}] {kind}:\n{text}\n\n")
}

/// What an agent writes, in the order in which it is written: file and text.
fn everything() -> Vec<(&'static str, String)> {
    let call = |second, id: &str, tool: &str, input: Value| {
        record(second, json!({"type": "tool_use", "tool_name": tool, "tool_use_id": id, "input": input}))
    };
    let result = |second, id: &str, content: &str, is_error: Value| {
        record(
            second,
            json!({"type": "tool_result", "tool_use_id": id, "content": content, "is_error": is_error}),
        )
    };
    let system = |second, subtype: &str, message: &str| {
        record(second, json!({"type": "SystemMessage", "subtype": subtype, "message": message}))
    };
    let event = |second: u32, kind: &str, mut rest: Value| {
        rest["timestamp"] = format!("2025-11-20T10:01:{second:02}.250000+00:00").into();
        rest["event"] = kind.into();
        if rest["agent_id"].is_null() {
            rest["agent_id"] = "2222-full-id".into();
        }
        format!("{rest}\n")
    };
    let used =
        |second, percent: f64| event(second, "high_context_usage", json!({"usage_percentage": percent}));
    vec![
        (EVENT_LOG, "PLANNER complexity assessment: simple\n".to_owned()),
        (EVENT_LOG, event(0, "agent_created", json!({"role": "builder", "model": "claude-sonnet-4-5"}))),
        (EVENT_LOG, event(0, "agent_created", json!({"agent_id": "another", "role": "tester"}))),
        ("prompt.txt", "Make the change: add tests".to_owned()),
        (
            "summary.jsonl",
            system(1, "init", "SystemMessage(data={'model': 'claude-sonnet-4-5', 'cwd': '/w'})"),
        ),
        ("text.txt", block(2, "THINKING", "Which file?")),
        ("text.txt", block(3, "AssistantMessage", "I'll write\n\nthe **checks**.")),
        ("tools.jsonl", call(4, "t1", "Bash", json!({"command": "npm test"}))),
        ("tools.jsonl", result(6, "t1", "out... (truncated 900 chars)", Value::Null)),
        (
            "tools.jsonl",
            call(7, "t2", "Edit", json!({"file_path": "/w/a.py", "old_string": "a", "new_string": "b"})),
        ),
        ("tools.jsonl", result(8, "t2", "no such file", json!(true))),
        ("tools.jsonl", call(9, "t3", "Task", json!({"description": "find", "prompt": "Find callers"}))),
        ("text.txt", block(10, "UserMessage", "Find callers")),
        ("tools.jsonl", result(12, "t3", "[{'type': 'text', 'text': \"Three\"}]", Value::Null)),
        (EVENT_LOG, used(12, 87.0) + &used(12, 87.0)),
        ("summary.jsonl", system(13, "compact_boundary", "")),
        // Written late: it belongs before the notice.
        ("text.txt", block(12, "AssistantMessage", "Three callers.")),
        ("summary.jsonl", system(14, "status", "")),
        (
            "summary.jsonl",
            record(
                20,
                json!({"type": "ResultMessage", "is_error": false, "result": "Done", "duration_ms": 84_287, "num_turns": 4,
                "usage": {"input_tokens": 18, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 1000, "output_tokens": 60}}),
            ),
        ),
        ("text.txt", block(19, "AssistantMessage", "Written before the result, seen after it.")),
        ("tools.jsonl", call(22, "t4", "Read", json!({"file_path": "/w/b.py"}))),
        (
            "summary.jsonl",
            record(
                30,
                json!({"type": "ResultMessage", "is_error": true, "result": "turn limit", "usage": null}),
            ),
        ),
        (
            EVENT_LOG,
            event(31, "task_completed", json!({"task": "Make the change", "cost": 0.15, "tokens": 49_771})),
        ),
        (EVENT_LOG, event(31, "agent_error", json!({"error": "crashed"}))),
        (
            EVENT_LOG,
            event(32, "agent_status_changed", json!({"old_status": "running", "new_status": "failed"})),
        ),
        (EVENT_LOG, event(33, "agent_deleted", json!({"total_cost": 0.15}))),
    ]
}

#[test]
fn the_files_of_an_agent_are_one_conversation() {
    let desk = Desk::new();
    for (file, text) in everything() {
        desk.add(file, &text);
    }
    let all = desk.scratch();
    assert_eq!(all.skipped(), 0);
    insta::assert_snapshot!(described(&all));
    assert_eq!(all.tokens().total(), 1178);
    let cut: Vec<u64> =
        all.iter().filter_map(|(_, entry)| Some(entry.call.as_ref()?.result.as_ref()?.output.cut)).collect();
    assert_eq!(cut, [900, 0, 0]);
    // The writer's clock is an hour ahead.
    let first = all.iter().find(|(_, entry)| entry.kind == EntryKind::Thinking).unwrap().1;
    assert_eq!(first.at, Timestamp::parse("2025-11-20T10:01:02Z"));
}

#[test]
fn an_agent_without_a_directory_has_what_the_event_log_says_of_it() {
    let desk = Desk::new();
    for (_, text) in everything().into_iter().filter(|(file, _)| *file == EVENT_LOG) {
        desk.add(EVENT_LOG, &text);
    }
    let place = ConversationRef {
        source: "multi-agent",
        places: vec![Safe::line(&desk.place.path().join(EVENT_LOG).to_string_lossy())],
        session: Safe::line("2222-full-id"),
        agent: Some(Safe::line("2222-full-id")),
        ahead: Some(Millis(0)),
    };
    let mut all = Conversation::default();
    read(&mut Reader::open(&place).unwrap(), &mut all);
    assert_eq!(
        described(&all),
        "session: created as builder, model claude-sonnet-4-5\n\
         notice: 87 % of the context is used\n\
         turn end: was asked: Make the change, $0.15, 50k tokens\n\
         error: crashed\nsession: failed, no longer running\nsession: deleted\n"
    );
    assert_eq!(all.iter().next().unwrap().1.at, Timestamp::parse("2025-11-20T10:01:00.250Z"));
}

#[test]
fn read_step_by_step_it_says_the_same_as_read_at_once() {
    let desk = Desk::new();
    let (mut live, mut reader) = (Conversation::default(), desk.reader());
    for (file, text) in everything() {
        for part in text.as_bytes().chunks(40) {
            desk.add(file, std::str::from_utf8(part).unwrap());
            read(&mut reader, &mut live);
        }
        assert_eq!(whole(&live), whole(&desk.scratch()), "after {text}");
    }
    // A follow-up takes the place of the prompt.
    fs::write(desk.place.path().join(NAME).join("prompt.txt"), "[CONTINUE] and more").unwrap();
    read(&mut reader, &mut live);
    assert_eq!(whole(&live), whole(&desk.scratch()));
    assert_eq!(read_all(&mut reader).unwrap(), []);
    for file in ["text.txt", "tools.jsonl"] {
        fs::remove_file(desk.place.path().join(NAME).join(file)).unwrap();
        read(&mut reader, &mut live);
        assert_eq!(whole(&live), whole(&desk.scratch()), "without {file}");
    }
}

#[test]
fn evil_lines_are_counted_and_harm_nobody() {
    let desk = Desk::new();
    desk.add("text.txt", "before any block\n[2025-11-20T11:01:02] AssistantMessage:\n\u{1b}[31mred\u{1b}[0m\n[not a time] AssistantMessage:\n");
    desk.add("tools.jsonl", "\n[1, 2]\n{\"type\": \"tool_use\", \"tool_na{\"type\": 1}\n");
    desk.add("tools.jsonl", "{\"type\": \"tool_use\", \"tool_use_id\": \"x\", \"input\": {\"file_path\": \"\\ud83d\"}, \"tool_name\": \"Read\", \"timestamp\": 5}\n");
    desk.add("tools.jsonl", &"[".repeat(5000));
    desk.add(
        "summary.jsonl",
        "{\"type\": \"Never\"}\n{\"type\": \"ResultMessage\", \"usage\": {\"input_tokens\": -1}}\n",
    );
    let all = desk.scratch();
    assert_eq!(all.skipped(), 3, "{}", described(&all));
    let said = described(&all);
    assert!(
        said.contains("answer: red⏎[not a time] AssistantMessage:") && said.contains("Read \u{fffd}"),
        "{said}"
    );
    fs::remove_dir_all(desk.place.path().join(NAME)).unwrap();
    assert!(matches!(read_all(&mut desk.reader()), Err(SourceError::Missing(_))));
}
