//! A machine on which several tools and orchestrators work in one folder, found without being told: what belongs together
//! is shown once and counted once, under whatever spelling its folder goes, and one `--workspace` filters all of it.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    foreign::{copy, snapshot},
    machine,
    recorded::recorded,
    suite::sql,
};

const NOW: &str = "2026-11-18T15:30:00Z";
/// Tokens of every answer that is written here.
const ANSWER: u64 = 100 + 20;

/// A home directory, made here.
struct Desk {
    place: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { place: tempfile::tempdir().unwrap() };
        fs::create_dir_all(desk.home("code/shop")).unwrap();
        symlink(desk.home("code/shop"), desk.home("s")).unwrap();
        desk
    }

    fn home(&self, part: &str) -> PathBuf {
        self.place.path().canonicalize().unwrap().join(part)
    }

    fn text(&self, part: &str) -> String {
        self.home(part).display().to_string()
    }

    fn write(&self, part: &str, text: &str) {
        let path = self.home(part);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A session of Claude Code: one prompt, one answer.
    fn claude(&self, session: &str, cwd: &str, prompt: &str, time: &str) {
        let line = |kind: &str, uuid: &str, message: Value| {
            json!({"type": kind, "uuid": format!("{session}-{uuid}"), "sessionId": session, "cwd": cwd,
                "timestamp": format!("2026-11-18T{time}Z"), "version": "2.1.233", "isSidechain": false,
                "entrypoint": "sdk-cli", "message": message})
        };
        let asked = line("user", "1", json!({"role": "user", "content": prompt}));
        let usage = json!({"input_tokens": 100, "output_tokens": 20});
        let answer = json!({"id": format!("msg_{session}"), "role": "assistant", "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": "Done."}], "stop_reason": "end_turn", "usage": usage});
        let mut answered = line("assistant", "2", answer);
        answered["requestId"] = format!("req_{session}").into();
        self.write(
            &format!(".claude/projects/-home-dev-shop/{session}.jsonl"),
            &format!("{asked}\n{answered}\n"),
        );
    }

    /// A dispatch that runs since 15:00, with usage of its own that somebody wrote down.
    fn dispatch(&self, id: &str, prompt: &str) {
        let shop = self.text("code/shop");
        self.write(
            "claude-orchestrator/config/orchestrator/workspaces.json",
            &json!({"workspaces": {"acme.shop": {"path": shop}}}).to_string(),
        );
        let record = json!({"id": id, "task": prompt, "original_task": prompt, "workspace": "acme.shop",
            "workspace_path": shop, "status": "running", "model": "claude-sonnet-4-5", "type": "task",
            "created_at": "2026-11-18T14:59:50.000Z", "started_at": "2026-11-18T15:00:00.000Z"});
        self.write("claude-orchestrator/logs/dispatches.json", &json!({"dispatches": [record]}).to_string());
        let used = json!({"dispatch_id": id, "timestamp": "2026-11-18T15:00:40.000Z", "model": "claude-sonnet-4-5",
            "workspace": "acme.shop", "tokens": {"input": 90, "output": 20, "total": 110}, "cost_usd": 0.01});
        self.write("claude-orchestrator/logs/usage.json", &json!({"usage": [used]}).to_string());
    }

    /// A worker of the multi-agent orchestrator in the current directory, whose log names its session.
    fn worker(&self, session: &str) {
        let shop = self.text("code/shop/");
        sql(
            &self.home("work/orchestrator.db"),
            &format!(
                "CREATE TABLE agents (id TEXT PRIMARY KEY, role TEXT, status TEXT, task_id TEXT, created_at DATETIME,
                   updated_at DATETIME, completed_at DATETIME, custom_instructions TEXT, total_input_tokens INTEGER,
                   total_output_tokens INTEGER, cache_creation_tokens INTEGER, cache_read_tokens INTEGER, total_cost TEXT);
                 CREATE TABLE tasks (id TEXT PRIMARY KEY, description TEXT, task_type TEXT, status TEXT,
                   created_at DATETIME, updated_at DATETIME, completed_at DATETIME, workflow JSON, current_step INTEGER,
                   complexity TEXT, total_cost INTEGER, duration_seconds INTEGER, result TEXT, error TEXT,
                   task_metadata JSON);
                 INSERT INTO tasks (id, description, task_type, status, created_at, updated_at, workflow, current_step,
                   task_metadata) VALUES ('t1', 'Cap retries', 'BUG_FIX', 'IN_PROGRESS', '2026-11-18 15:10:00',
                   '2026-11-18 15:11:00', '[]', 0, '{{\"workspace\": \"{shop}\"}}');
                 INSERT INTO agents (id, role, status, task_id, created_at, updated_at)
                   VALUES ('22222222-0000-4000-8000-000000000000', 'BUILDER', 'ACTIVE', 't1', '2026-11-18 15:10:10',
                   '2026-11-18 15:10:11');"
            ),
        );
        let result = json!({"timestamp": "2026-11-18T15:12:59", "type": "ResultMessage", "is_error": false,
            "result": "done", "duration_ms": 1000, "num_turns": 3, "session_id": session, "total_cost_usd": 0.25,
            "usage": {"input_tokens": 95, "output_tokens": 20}});
        self.write(
            "work/agent_logs/t1/22222222_Builder_Agent_20261118_151010/summary.jsonl",
            &format!("{result}\n"),
        );
    }

    /// A thread of Codex: one prompt, one answer.
    fn codex(&self, thread: &str, cwd: &str, prompt: &str) {
        let line = |second: u32, kind: &str, payload: Value| {
            let time = format!("2026-11-18T15:20:{second:02}.000Z");
            format!("{}\n", json!({"timestamp": time, "type": kind, "payload": payload}))
        };
        let used = json!({"input_tokens": 100, "cached_input_tokens": 0, "output_tokens": 20,
            "reasoning_output_tokens": 0, "total_tokens": 120});
        let lines = [
            line(
                0,
                "session_meta",
                json!({"id": thread, "cwd": cwd, "cli_version": "0.50.0", "source": "cli"}),
            ),
            line(1, "turn_context", json!({"turn_id": "a", "cwd": cwd, "model": "gpt-5-codex"})),
            line(1, "event_msg", json!({"type": "task_started", "turn_id": "a"})),
            line(1, "event_msg", json!({"type": "user_message", "message": prompt})),
            line(
                4,
                "event_msg",
                json!({"type": "token_count", "info": {"total_token_usage": used,
                "last_token_usage": used}}),
            ),
            line(
                5,
                "event_msg",
                json!({"type": "task_complete", "turn_id": "a", "last_agent_message": "Done."}),
            ),
        ];
        let path = format!(".codex/sessions/2026/11/18/rollout-2026-11-18T15-20-00-{thread}.jsonl");
        self.write(&path, &lines.concat());
    }

    /// A session of opencode: one prompt, one answer, in its database.
    fn opencode(&self, session: &str, directory: &str, prompt: &str) {
        let asked = json!({"role": "user", "time": {"created": 1_795_015_500_000_i64}});
        let answered = json!({"role": "assistant", "modelID": "claude-sonnet-4-5", "providerID": "anthropic",
            "parentID": "m1", "time": {"created": 1_795_015_501_000_i64, "completed": 1_795_015_509_000_i64},
            "tokens": {"input": 100, "output": 20, "reasoning": 0, "cache": {"read": 0, "write": 0}}, "cost": 0,
            "finish": "stop"});
        let text = json!({"type": "text", "text": prompt});
        sql(
            &self.home(".local/share/opencode/opencode.db"),
            &format!(
                "CREATE TABLE session (id text primary key, project_id text, parent_id text, directory text, title text,
                   version text, time_created integer, time_updated integer, time_archived integer);
                 CREATE TABLE message (id text primary key, session_id text, time_created integer,
                   time_updated integer, data text);
                 CREATE TABLE part (id text primary key, message_id text, session_id text, time_created integer,
                   time_updated integer, data text);
                 INSERT INTO session VALUES ('{session}', 'p', NULL, '{directory}', 'Cart', '1.2.4', 1795015500000,
                   1795015509000, NULL);
                 INSERT INTO message VALUES ('m1', '{session}', 1795015500000, 1795015500000, '{asked}');
                 INSERT INTO message VALUES ('m2', '{session}', 1795015501000, 1795015509000, '{answered}');
                 INSERT INTO part VALUES ('p1', 'm1', '{session}', 1795015500000, 1795015500000, '{text}');"
            ),
        );
    }

    fn run(&self, arguments: &[&str]) -> Output {
        fs::create_dir_all(self.home("work")).unwrap();
        let before = snapshot(self.place.path());
        let all = [arguments, &["--now", NOW, "--tz", "UTC", "--no-state"]].concat();
        let output = machine::run(&self.home(""), &self.home("work"), "/nowhere", &[], &all);
        assert_eq!(snapshot(self.place.path()), before, "{arguments:?} leaves no trace");
        output
    }

    fn ask(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn tokens(&self, arguments: &[&str]) -> u64 {
        self.ask(&[&["usage"], arguments].concat())["totals"]["total"].as_u64().unwrap()
    }

    /// Things by source and id.
    fn list(&self, what: &str, arguments: &[&str]) -> BTreeMap<String, Value> {
        let answer = self.ask(&[&[what], arguments].concat());
        let all = answer[what].as_array().unwrap().iter();
        all.map(|one| {
            let text = |field: &str| one[field].as_str().unwrap_or("").to_owned();
            (format!("{}/{}", text("source"), text("id")), one.clone())
        })
        .collect()
    }
}

fn links(one: &Value) -> Vec<String> {
    let all = one["links"].as_array().unwrap().iter();
    all.map(|link| format!("{} {} ({})", link["source"], link["id"], link["evidence"]).replace('"', ""))
        .collect()
}

#[test]
fn a_dispatch_and_the_session_it_started_are_one() {
    let desk = Desk::new();
    desk.dispatch("dispatch-1-abc", "Fix the cart");
    assert_eq!(desk.tokens(&[]), 110, "nobody else speaks of it");
    desk.claude("s1", &desk.text("code/shop"), "Fix the cart", "15:00:20.000");
    let tasks = desk.list("tasks", &[]);
    assert_eq!(tasks.len(), 1, "{:?}", tasks.keys());
    let task = &tasks["dispatcher/dispatch-1-abc"];
    assert_eq!(links(task), ["claude-code s1#1 (same folder, prompt and time)"]);
    assert_eq!((&task["agents"], &task["tokens"]["total"]), (&json!(["s1"]), &json!(ANSWER)));
    assert_eq!(desk.list("agents", &[])["claude-code/s1"]["task"], "dispatch-1-abc");
    assert_eq!(desk.tokens(&[]), ANSWER, "counted once, from the transcript");
    let sources = desk.ask(&["sources"]);
    let covered: Vec<&Value> =
        sources["sources"].as_array().unwrap().iter().map(|source| &source["covered_records"]).collect();
    assert!(covered.contains(&&json!(1)), "what is in no sum is counted: {covered:?}");
    // A second session with the same words at the same time: nobody can tell.
    desk.claude("s2", &desk.text("code/shop"), "Fix the cart", "15:00:40.000");
    let tasks = desk.list("tasks", &[]);
    let task = &tasks["dispatcher/dispatch-1-abc"];
    assert_eq!((tasks.len(), links(task)), (3, vec![]));
    assert_eq!(task["candidates"].as_array().unwrap().len(), 2);
    assert_eq!(desk.tokens(&[]), 2 * ANSWER, "one of the two is its own, whichever it is");
    // In another folder nothing fits.
    desk.claude("s1", "/elsewhere", "Fix the cart", "15:00:20.000");
    desk.claude("s2", "/elsewhere", "Fix the cart", "15:00:40.000");
    let tasks = desk.list("tasks", &[]);
    assert_eq!((tasks.len(), &tasks["dispatcher/dispatch-1-abc"]["candidates"]), (3, &json!([])));
    assert_eq!(desk.tokens(&[]), 2 * ANSWER + 110);
}

#[test]
fn a_worker_and_its_transcript_are_one() {
    let desk = Desk::new();
    desk.worker("s9");
    assert_eq!(desk.tokens(&[]), 115);
    desk.claude("s9", &desk.text("s"), "You are the builder …", "15:10:12.000");
    let agents = desk.list("agents", &[]);
    assert_eq!(agents.len(), 1, "{:?}", agents.keys());
    let worker = &agents["multi-agent/22222222-0000-4000-8000-000000000000"];
    assert_eq!(links(worker), ["claude-code s9 (same session)"]);
    assert_eq!((&worker["role"], &worker["tokens"]["total"]), (&json!("builder"), &json!(ANSWER)));
    let tasks = desk.list("tasks", &[]);
    assert_eq!(tasks.keys().collect::<Vec<_>>(), ["multi-agent/t1"], "its prompt is part of the task");
    assert_eq!(tasks["multi-agent/t1"]["tokens"]["total"], ANSWER);
    assert_eq!(desk.tokens(&[]), ANSWER);
}

/// What a run printed and the transcript it wrote: the end from the one, the usage from the other.
#[test]
fn an_output_and_its_transcript_are_one() {
    let desk = Desk::new();
    let shop = desk.text("code/shop");
    desk.claude("s5", &shop, "Fix the cart", "15:00:20.000");
    let usage = json!({"input_tokens": 100, "output_tokens": 1});
    let used = json!({"claude-sonnet-4-5": {"inputTokens": 130, "outputTokens": 25, "cacheReadInputTokens": 0,
        "cacheCreationInputTokens": 0, "costUSD": 0.3}});
    let lines = [
        json!({"type": "system", "subtype": "init", "cwd": shop, "session_id": "s5", "model": "claude-sonnet-4-5",
            "uuid": "i"}),
        json!({"type": "assistant", "session_id": "s5", "uuid": "s5-2", "parent_tool_use_id": null,
            "message": {"id": "msg_s5", "role": "assistant", "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": "Done."}], "usage": usage}}),
        json!({"type": "result", "subtype": "error_max_turns", "is_error": true, "num_turns": 1, "session_id": "s5",
            "total_cost_usd": 0.3, "modelUsage": used, "uuid": "r"}),
    ];
    desk.write("work/out.jsonl", &lines.map(|line| format!("{line}\n")).concat());
    let sources = ["--source", "stream-json=out.jsonl", "--source", "claude-code=../.claude"];
    let alone = desk.list("agents", &sources[..2]);
    assert_eq!(
        (&alone["stream-json/s5"]["status"], &alone["stream-json/s5"]["links"]),
        (&json!("failed"), &json!([]))
    );
    let agents = desk.list("agents", &sources);
    assert_eq!(agents.len(), 1, "{:?}", agents.keys());
    let agent = &agents["claude-code/s5"];
    assert_eq!(links(agent), ["stream-json s5 (same session)"]);
    assert_eq!((&agent["status"], &agent["tokens"]["total"]), (&json!("failed"), &json!(ANSWER)));
    assert_eq!((&agent["cost_usd"], &agent["cost_kind"]), (&json!(0.3), &json!("recorded")));
    let tasks = desk.list("tasks", &sources);
    assert_eq!(tasks.keys().collect::<Vec<_>>(), ["claude-code/s5#1"]);
    assert_eq!(desk.tokens(&sources), ANSWER, "counted once, from the transcript");
}

#[test]
fn one_folder_has_one_name_and_one_filter() {
    let desk = Desk::new();
    desk.dispatch("dispatch-1-abc", "Fix the cart");
    desk.claude("s1", &desk.text("code/shop"), "Fix the cart", "15:00:20.000");
    desk.claude("s2", &desk.text("s"), "Through the link", "15:05:00.000");
    desk.claude("s3", &desk.text("code/shop/"), "With a slash", "15:06:00.000");
    desk.claude("s4", "/elsewhere", "Not here", "15:07:00.000");
    let places: Vec<Value> = desk
        .list("agents", &[])
        .values()
        .map(|agent| json!([agent["workspace"], agent["workspace_path"]]))
        .collect();
    let shop = json!(["acme.shop", desk.text("code/shop")]);
    assert_eq!(places, [shop.clone(), shop.clone(), shop, json!(["elsewhere", "/elsewhere"])]);
    let groups = desk.ask(&["usage", "--by", "workspace"]);
    let groups: Vec<(&Value, &Value)> =
        groups["groups"].as_array().unwrap().iter().map(|group| (&group["key"], &group["total"])).collect();
    assert_eq!(
        groups,
        [(&json!(desk.text("code/shop")), &json!(3 * ANSWER)), (&json!("/elsewhere"), &json!(ANSWER))]
    );
    for name in ["acme.shop", "shop", "s", &desk.text("s"), &desk.text("code/shop"), "*/shop"] {
        assert_eq!(desk.list("agents", &["--workspace", name]).len(), 3, "{name}");
        assert_eq!(desk.list("tasks", &["--workspace", name]).len(), 3, "{name}");
        assert_eq!(desk.tokens(&["--workspace", name]), 3 * ANSWER, "{name}");
        let status = desk.ask(&["status", "--workspace", name]);
        assert!(!status.to_string().contains("elsewhere"), "{name}");
    }
}

#[test]
fn one_workspace_used_by_five_tools_is_one_picture() {
    let desk = Desk::new();
    desk.dispatch("dispatch-1-abc", "Fix the cart");
    desk.claude("s1", &desk.text("code/shop"), "Fix the cart", "15:00:20.000");
    desk.claude("s4", "/elsewhere", "Not here", "15:07:00.000");
    desk.worker("s9");
    desk.claude("s9", &desk.text("s"), "You are the builder …", "15:10:12.000");
    desk.codex("0199-c", &desk.text("s/"), "Look at the cart");
    desk.opencode("ses_o", &desk.text("code/shop"), "Name the cart");
    let everything = ["claude-code", "codex", "multi-agent", "opencode"];
    let kinds = |arguments: &[&str]| -> Vec<String> {
        let mut kinds: Vec<String> = desk
            .list("agents", arguments)
            .keys()
            .map(|key| key.split('/').next().unwrap().to_owned())
            .collect();
        kinds.dedup();
        kinds
    };
    assert_eq!(kinds(&[]), everything);
    for name in ["acme.shop", "shop", &desk.text("s")] {
        assert_eq!(kinds(&["--workspace", name]), everything, "{name}");
        let tasks = desk.list("tasks", &["--workspace", name]);
        let sources: Vec<&str> = tasks.keys().map(|key| key.split('/').next().unwrap()).collect();
        assert_eq!(sources, ["codex", "dispatcher", "multi-agent", "opencode"], "{name}");
        assert_eq!(desk.tokens(&["--workspace", name]), 4 * ANSWER, "{name}");
    }
    assert_eq!(desk.tokens(&[]), 5 * ANSWER);
    let filtered = desk.list("tasks", &["--filter", "source:claude-code"]);
    assert!(
        filtered.contains_key("dispatcher/dispatch-1-abc"),
        "its transcript is of claude-code: {filtered:?}"
    );
    let doctor = desk.ask(&["doctor"]);
    assert_eq!(
        doctor["joined"],
        json!({"agents": 1, "tasks": 2, "undecided_tasks": 0, "covered_usage_records": 2})
    );
}

/// The recorded pair: a running dispatch and its transcript, which lie in two recordings.
#[test]
fn the_recorded_dispatch_is_its_recorded_session() {
    let (Some(dispatcher), Some(claude)) = (recorded("dispatcher"), recorded("claude-code")) else { return };
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(claude.join("expected.json")).unwrap()).unwrap();
    let session = expected["session_list"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["dispatch"].is_string())
        .unwrap();
    let (id, dispatch) = (session["sessionId"].as_str().unwrap(), session["dispatch"].as_str().unwrap());
    let desk = Desk::new();
    copy(&dispatcher.join("home"), &desk.home("JARVIS"));
    copy(&claude.join("dot-claude"), &desk.home(".claude"));
    let apart = |source: &str| desk.ask(&["usage", "--source", source])["totals"]["total"].as_u64().unwrap();
    let sum = apart("dispatcher=../JARVIS") + apart("claude-code=../.claude");
    let tasks = desk.list("tasks", &[]);
    let task = &tasks[&format!("dispatcher/{dispatch}")];
    assert_eq!(task["agents"][0], id);
    assert_eq!(links(task), [format!("claude-code {id}#1 (same folder, task and time)")]);
    // Its own answers and those of its sub-agent.
    let responses =
        session["responses"].as_u64().unwrap() + expected["sub_agent"]["responses"].as_u64().unwrap();
    assert_eq!(task["responses"], responses);
    let agents = desk.list("agents", &[]);
    let agent = &agents[&format!("claude-code/{id}")];
    assert_eq!((&agent["task"], &agent["workspace"]), (&json!(dispatch), &task["workspace"]));
    assert_eq!(desk.tokens(&[]), sum, "the record has no usage of its own that could be counted twice");
}

#[test]
fn doctor_says_what_was_looked_for_found_and_why_not() {
    let desk = Desk::new();
    let empty = String::from_utf8(desk.run(&["doctor"]).stdout).unwrap();
    assert!(empty.contains("nothing found to watch") && empty.contains("not there"), "{empty}");
    desk.dispatch("dispatch-1-abc", "Fix the cart");
    desk.claude("s1", &desk.text("code/shop"), "Fix the cart", "15:00:20.000");
    desk.worker("s9");
    let looked = desk.ask(&["doctor"]);
    let used: Vec<&str> = looked["looked"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["used"] == true)
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(used, ["claude-code", "multi-agent", "dispatcher"]);
    let read: Vec<(&str, u64)> = looked["read"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["usage_records"].as_u64().unwrap()))
        .collect();
    assert_eq!(read, [("claude-code", 1), ("multi-agent", 1), ("dispatcher", 1)]);
    let full = String::from_utf8(desk.run(&["doctor"]).stdout).unwrap();
    assert!(Path::new(&desk.text(".claude")).is_dir() && full.contains(&desk.text(".claude")), "{full}");
}
