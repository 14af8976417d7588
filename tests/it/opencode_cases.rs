//! opencode on places made here: prompts, answers, agents and lists in databases and in files of older versions, as they
//! grow and as they are joined. After every step a live read equals a read from scratch.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use orchdash::{
    model::{Agent, AgentKind, Status, Task, Timestamp, Tokens, Usd},
    text::Safe,
};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{foreign::snapshot, machine::Machine, rig::Rig, suite::sql, values::key};

const NOW: &str = "2026-11-18T15:30:00Z";
/// A few minutes before.
const T: i64 = 1_795_015_500_000;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS project (id text primary key, worktree text not null, vcs text, name text,
      time_created integer not null, time_updated integer not null, sandboxes text not null);
    CREATE TABLE IF NOT EXISTS session (id text primary key, project_id text not null, parent_id text, slug text not null,
      directory text not null, title text not null, version text not null, summary_additions integer,
      summary_deletions integer, summary_files integer, time_created integer not null, time_updated integer not null,
      time_archived integer);
    CREATE TABLE IF NOT EXISTS message (id text primary key, session_id text not null, time_created integer not null,
      time_updated integer not null, data text not null);
    CREATE TABLE IF NOT EXISTS part (id text primary key, message_id text not null, session_id text not null,
      time_created integer not null, time_updated integer not null, data text not null);
    CREATE TABLE IF NOT EXISTS todo (session_id text not null, content text not null, status text not null,
      priority text not null, position integer not null, time_created integer not null, time_updated integer not null);";

/// A data folder made here and, once it was opened, who reads it.
struct Desk {
    place: TempDir,
    database: &'static str,
    rig: Option<Rig>,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { place: tempfile::tempdir().unwrap(), database: "opencode.db", rig: None };
        desk.sql(&format!("PRAGMA journal_mode = wal; {SCHEMA}"));
        desk
    }

    fn files_only() -> Self {
        Self { place: tempfile::tempdir().unwrap(), database: "opencode.db", rig: None }
    }

    fn path(&self, part: &str) -> PathBuf {
        self.place.path().canonicalize().unwrap().join(part)
    }

    fn sql(&self, text: &str) {
        sql(&self.path(self.database), text);
    }

    fn session(&self, id: &str, parent: Option<&str>, title: &str) {
        let parent = parent.map_or_else(|| "NULL".to_owned(), |parent| format!("'{parent}'"));
        self.sql(&format!(
            "INSERT OR REPLACE INTO session VALUES ('{id}', 'prj', {parent}, 'calm-finch', '/home/dev/shop', '{title}',
             '1.2.4', 4, 1, 2, {T}, {T}, NULL)"
        ));
    }

    fn message(&self, id: &str, session: &str, at: i64, data: &Value) {
        let data = data.to_string().replace('\'', "''");
        self.sql(&format!(
            "INSERT INTO message VALUES ('{id}', '{session}', {at}, {at}, '{data}') ON CONFLICT (id) DO UPDATE SET
             data = excluded.data, time_updated = max(time_updated + 1, excluded.time_updated)"
        ));
    }

    fn part(&self, id: &str, message: &str, at: i64, data: &Value) {
        let data = data.to_string().replace('\'', "''");
        self.sql(&format!(
            "INSERT INTO part VALUES ('{id}', '{message}', '', {at}, {at}, '{data}') ON CONFLICT (id) DO UPDATE SET
             data = excluded.data, time_updated = max(time_updated + 1, excluded.time_updated)"
        ));
    }

    /// A prompt with its text.
    fn asks(&self, id: &str, session: &str, at: i64, text: &str) {
        self.message(
            id,
            session,
            at,
            &json!({"role": "user", "time": {"created": at}, "agent": "build",
            "model": {"providerID": "anthropic", "modelID": "claude-sonnet-4-5"}}),
        );
        self.part(&format!("prt_{id}"), id, at, &json!({"type": "text", "text": text}));
    }

    fn write(&self, name: &str, value: &Value) {
        let path = self.path("storage").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, value.to_string()).unwrap();
    }

    fn rig(&self) -> &Rig {
        self.rig.as_ref().unwrap()
    }

    /// Reads what changed as after events for these files (of the database by default), and compares with a new read.
    fn look(&mut self, names: &[&str]) {
        let names = if names.is_empty() { &[self.database][..] } else { names };
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        match &mut self.rig {
            Some(rig) => rig.touch(&paths).unwrap(),
            None => self.rig = Some(Rig::open("opencode", self.place.path(), NOW).unwrap()),
        }
        self.is_as_if_new();
    }

    fn is_as_if_new(&self) {
        let before = snapshot(self.place.path());
        let fresh = Rig::open("opencode", self.place.path(), NOW).unwrap();
        assert_eq!(snapshot(self.place.path()), before, "reading leaves no trace");
        let (live, fresh_facts) = (self.rig().facts(), fresh.facts());
        for key in live.keys().chain(fresh_facts.keys()) {
            assert_eq!(live.get(key), fresh_facts.get(key), "{key}");
        }
        let figures = |rig: &Rig| (rig.health.skipped, rig.health.repaired, rig.health.contents.clone());
        assert_eq!(figures(self.rig()), figures(&fresh));
    }

    fn agent(&self, id: &str) -> Agent {
        let store = &self.rig().store;
        store.agents.get(store.agents.id(&key(id)).unwrap()).unwrap().clone()
    }

    fn has_agent(&self, id: &str) -> bool {
        self.rig().facts().contains_key(&format!("agent {id}"))
    }

    fn task(&self, id: &str) -> Task {
        let store = &self.rig().store;
        store.tasks.get(store.tasks.id(&key(id)).unwrap()).unwrap().clone()
    }

    fn responses(&self) -> u64 {
        self.rig().store.usage().responses
    }
}

/// An answer: `rest` is put over what all have.
fn answer(at: i64, rest: &Value) -> Value {
    let mut data = json!({"role": "assistant", "time": {"created": at}, "modelID": "claude-sonnet-4-5",
        "providerID": "anthropic", "mode": "build", "agent": "build", "path": {"cwd": "/home/dev/shop", "root": "/"},
        "cost": 0, "tokens": {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}});
    for (name, value) in rest.as_object().unwrap() {
        data[name] = value.clone();
    }
    data
}

fn done(at: i64, cost: f64) -> Value {
    answer(
        at,
        &json!({"time": {"created": at, "completed": at + 9000}, "cost": cost, "finish": "stop",
        "tokens": {"input": 900, "output": 120, "reasoning": 30, "cache": {"read": 8000, "write": 500}}}),
    )
}

fn call(tool: &str, state: &Value) -> Value {
    json!({"type": "tool", "tool": tool, "callID": "c", "state": state})
}

#[test]
fn a_turn_is_followed_from_the_prompt_to_its_end() {
    let mut desk = Desk::new();
    desk.sql(&format!("INSERT INTO project VALUES ('prj', '/home/dev/shop', 'git', NULL, {T}, {T}, '[]')"));
    desk.session("ses_1", None, "New session - 2026-11-18T15:25:00.000Z");
    desk.asks("msg_1", "ses_1", T, "Cap the retries\nat five");
    desk.look(&[]);
    let agent = desk.agent("ses_1");
    assert_eq!((agent.kind, agent.status), (AgentKind::Session, Status::Running));
    assert_eq!((agent.name.as_str(), agent.title.as_ref()), ("Cap the retries", None));
    assert_eq!(agent.session.as_deref(), Some("ses_1"));
    assert_eq!(agent.workspace.unwrap().path.as_deref(), Some("/home/dev/shop"));
    assert_eq!(agent.started_at, Some(Timestamp(T)));
    assert_eq!(agent.project, Some(key("prj")));
    assert_eq!(agent.activity.as_deref(), Some("thinking"));
    let task = desk.task("msg_1");
    assert_eq!((task.title.as_str(), task.prompt.as_str()), ("Cap the retries", "Cap the retries\nat five"));
    assert_eq!(
        (task.status, task.created_at, task.kind.as_deref()),
        (Status::Running, Some(Timestamp(T)), Some("prompt"))
    );

    // The answer begins, calls a tool, and is not complete.
    desk.message("msg_2", "ses_1", T + 500, &answer(T + 500, &json!({})));
    desk.part("prt_a", "msg_2", T + 600, &json!({"type": "step-start"}));
    desk.part(
        "prt_b",
        "msg_2",
        T + 700,
        &call(
            "bash",
            &json!({"status": "running", "input": {"command": "cargo test"},
        "time": {"start": T + 700}}),
        ),
    );
    desk.look(&[]);
    let agent = desk.agent("ses_1");
    assert_eq!((agent.status, agent.activity.as_deref()), (Status::Running, Some("bash cargo test")));
    assert_eq!((desk.responses(), agent.tool_calls(), agent.messages), (0, Some(1), Some(2)));

    // Both rows are written again when the turn ends.
    desk.part(
        "prt_b",
        "msg_2",
        T + 5000,
        &call(
            "bash",
            &json!({"status": "completed", "input": {"command": "cargo test"},
        "output": "ok", "time": {"start": T + 700, "end": T + 5000}}),
        ),
    );
    desk.part(
        "prt_c",
        "msg_2",
        T + 6000,
        &call("edit", &json!({"status": "completed", "input": {"filePath": "/s/pay.rs"}})),
    );
    desk.part(
        "prt_d",
        "msg_2",
        T + 7000,
        &json!({"type": "text", "text": "Capped.", "time": {"start": 1, "end": 2}}),
    );
    desk.part(
        "prt_e",
        "msg_2",
        T + 8000,
        &json!({"type": "step-finish", "cost": 0.5, "tokens": {"input": 900, "output": 1}}),
    );
    desk.message("msg_2", "ses_1", T + 9000, &done(T + 500, 0.0123));
    desk.session("ses_1", None, "Cap retries");
    desk.look(&[]);
    let agent = desk.agent("ses_1");
    assert_eq!(
        (agent.status, agent.title.as_deref(), agent.activity),
        (Status::Idle, Some("Cap retries"), None)
    );
    assert_eq!(agent.status_raw.as_deref(), Some("stop"));
    assert_eq!(agent.files.unwrap().written, [Safe::line("/s/pay.rs")]);
    assert_eq!(agent.lines.map(|lines| (lines.added, lines.removed)), Some((4, 1)));
    assert_eq!(agent.context.map(|context| (context.used, context.window)), Some((9400, 200_000)));
    let task = desk.task("msg_1");
    assert_eq!((task.status, task.result.as_deref()), (Status::Succeeded, Some("Capped.")));
    assert_eq!(task.ended_at, Some(Timestamp(T + 9500)));
    let usage = desk.rig().store.usage();
    let wanted = Tokens { input: 900, output: 150, cache_read: 8000, cache_write_5m: 500, cache_write_1h: 0 };
    assert_eq!(
        (usage.responses, usage.tokens),
        (1, wanted),
        "once, with reasoning, without the step's figures"
    );
    assert_eq!(desk.rig().store.usage().cost, Usd(12_300_000));
}

#[test]
fn unpriced_models_are_unpriced_and_never_free() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "Local");
    desk.asks("msg_1", "ses_1", T, "Hi");
    let local = |at: i64, model: &str| {
        let mut data = done(at, 0.0);
        data["modelID"] = json!(model);
        data
    };
    desk.message("msg_2", "ses_1", T + 1, &local(T + 1, "qwen3-coder"));
    desk.message("msg_3", "ses_1", T + 2, &local(T + 2, "claude-sonnet-4-5"));
    desk.look(&[]);
    let agents = ask(&desk.path(""), &["agents"]);
    let agent = &agents["agents"][0];
    assert_eq!((&agent["unpriced_responses"], &agent["cost_kind"]), (&json!(1), &json!("computed")));
    assert_eq!(agent["context"]["percent"], json!(4.7));
    let usage = ask(&desk.path(""), &["usage", "--by", "model"]);
    let groups = usage["groups"].as_array().unwrap();
    let cost = |model: &str| groups.iter().find(|group| group["key"] == model).unwrap()["cost_usd"].clone();
    assert_eq!(cost("qwen3-coder"), Value::Null);
    assert!(cost("claude-sonnet-4-5").as_f64().unwrap() > 0.0);
}

#[test]
fn errors_and_stops_are_told_apart() {
    let mut desk = Desk::new();
    for (number, (error, raw, status, words)) in [
        (
            json!({"name": "MessageAbortedError", "data": {"message": "Aborted"}}),
            "MessageAbortedError",
            Status::Cancelled,
            None,
        ),
        (
            json!({"name": "ProviderAuthError", "data": {"message": "no key"}}),
            "ProviderAuthError",
            Status::Failed,
            Some("no key"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (session, prompt) = (format!("ses_{number}"), format!("msg_{number}"));
        desk.session(&session, None, "T");
        desk.asks(&prompt, &session, T, "Go");
        desk.message(&format!("msg_a{number}"), &session, T + 1, &answer(T + 1, &json!({"error": error})));
        desk.look(&[]);
        let (agent, task) = (desk.agent(&session), desk.task(&prompt));
        assert_eq!((agent.status, agent.status_raw.as_deref()), (Status::Idle, Some(raw)));
        assert_eq!((task.status, task.error.as_deref()), (status, words));
    }
}

#[test]
fn an_answer_without_an_end_runs_or_was_killed() {
    let mut desk = Desk::new();
    let old = T - 7_200_000;
    for (session, at) in [("ses_now", T), ("ses_old", old), ("ses_left", old)] {
        desk.session(session, None, "T");
        desk.sql(&format!(
            "UPDATE session SET time_created = {at}, time_updated = {at} WHERE id = '{session}'"
        ));
        desk.asks(&format!("{session}_1"), session, at, "Go");
        desk.message(&format!("{session}_2"), session, at + 1, &answer(at + 1, &json!({})));
    }
    // The person went on after the program was killed.
    desk.asks("ses_left_3", "ses_left", old + 2, "Again");
    desk.message("ses_left_4", "ses_left", old + 3, &done(old + 3, 0.1));
    desk.look(&[]);
    assert_eq!(desk.agent("ses_now").status, Status::Running);
    assert_eq!(
        (desk.agent("ses_old").status, desk.task("ses_old_1").status),
        (Status::Failed, Status::Failed)
    );
    assert!(desk.agent("ses_old").status_note.unwrap().contains("killed"));
    assert_eq!(desk.task("ses_left_1").status, Status::Cancelled);
    assert_eq!(
        (desk.task("ses_left_3").status, desk.agent("ses_left").status),
        (Status::Succeeded, Status::Succeeded)
    );
    desk.sql(&format!("UPDATE session SET time_archived = {T} WHERE id = 'ses_now'"));
    desk.look(&[]);
    let agent = desk.agent("ses_now");
    assert_eq!(agent.status, Status::Cancelled, "put away in the middle of a turn");
    assert!(agent.facts.iter().any(|(label, _)| *label == "archived"));
}

#[test]
fn questions_wait_and_permissions_are_not_claimed() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "T");
    desk.asks("msg_1", "ses_1", T, "Go");
    desk.message("msg_2", "ses_1", T + 1, &answer(T + 1, &json!({})));
    desk.part(
        "prt_2",
        "msg_2",
        T + 2,
        &call(
            "question",
            &json!({"status": "running",
        "input": {"questions": [{"question": "Which one?"}]}}),
        ),
    );
    desk.look(&[]);
    let agent = desk.agent("ses_1");
    assert_eq!((agent.status, agent.waiting_for.as_deref()), (Status::Waiting, Some("Which one?")));
    desk.part("prt_2", "msg_2", T + 3, &call("question", &json!({"status": "completed"})));
    desk.part(
        "prt_3",
        "msg_2",
        T + 3,
        &call("bash", &json!({"status": "pending", "input": {"command": "rm x"}})),
    );
    desk.look(&[]);
    let agent = desk.agent("ses_1");
    assert_eq!((agent.status, agent.waiting_for, agent.status_note), (Status::Running, None, None));
    desk.part(
        "prt_3",
        "msg_2",
        T + 4,
        &call(
            "bash",
            &json!({"status": "error",
        "error": "The user rejected permission to use this specific tool call."}),
        ),
    );
    desk.part("prt_4", "msg_2", T + 4, &call("bash", &json!({"status": "error", "error": "exit code 1"})));
    desk.part(
        "prt_5",
        "msg_2",
        T + 5,
        &json!({"type": "retry", "attempt": 2, "error": {"name": "APIError"}}),
    );
    desk.look(&[]);
    let agent = desk.agent("ses_1");
    let tools = agent.tools.unwrap();
    assert_eq!(
        (tools[0].name.as_str(), tools[0].calls, tools[0].failed),
        ("bash", 2, 1),
        "a refused call has not failed"
    );
    assert_eq!((agent.status, agent.status_note.as_deref()), (Status::Blocked, Some("retrying, attempt 2")));
}

#[test]
fn agents_hang_under_the_session_and_prompt_that_started_them() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "Ship it");
    desk.asks("msg_1", "ses_1", T, "First");
    desk.message("msg_2", "ses_1", T + 1, &answer(T + 1, &json!({})));
    desk.part(
        "prt_2",
        "msg_2",
        T + 2,
        &call(
            "task",
            &json!({"status": "running", "input": {"description": "Look around",
        "prompt": "Find all callers"}, "metadata": {"sessionId": "ses_2"}}),
        ),
    );
    desk.session("ses_2", Some("ses_1"), "Look around (@explore subagent)");
    desk.message(
        "msg_c1",
        "ses_2",
        T + 3,
        &json!({"role": "user", "time": {"created": T + 3}, "agent": "Explore"}),
    );
    desk.part("prt_c1", "msg_c1", T + 3, &json!({"type": "text", "text": "Find all callers"}));
    let mut reply = done(T + 4, 0.02);
    reply["agent"] = json!("Explore");
    reply["time"] = json!({"created": T + 4});
    desk.message("msg_c2", "ses_2", T + 4, &reply);
    desk.look(&[]);
    let (session, agent) = (desk.agent("ses_1"), desk.agent("ses_2"));
    assert_eq!((session.activity.as_deref(), session.kind), (Some("task Look around"), AgentKind::Session));
    assert_eq!(
        (agent.kind, agent.status, agent.role.as_deref()),
        (AgentKind::SubAgent, Status::Running, Some("explore"))
    );
    assert_eq!((agent.parent, agent.task), (Some(key("ses_1")), Some(key("msg_1"))));
    assert!(agent.facts.contains(&("prompt", Safe::line("Find all callers"))), "{:?}", agent.facts);
    let task = desk.task("msg_1");
    assert_eq!(task.agents, [key("ses_1"), key("ses_2")]);
    assert!(!desk.rig().facts().contains_key("task msg_c1"), "a caller's words are no person's");
    let store = &desk.rig().store;
    assert_eq!(
        store.task_usage(store.tasks.id(&key("msg_1")).unwrap()).responses,
        1,
        "its usage is the prompt's, too"
    );

    // It ends; later prompts are asked; then its session is deleted.
    desk.message("msg_c2", "ses_2", T + 8, &done(T + 4, 0.02));
    desk.part(
        "prt_2",
        "msg_2",
        T + 9,
        &call("task", &json!({"status": "completed", "metadata": {"sessionId": "ses_2"}})),
    );
    desk.message("msg_2", "ses_1", T + 9, &done(T + 1, 0.1));
    desk.look(&[]);
    assert_eq!(desk.agent("ses_2").status, Status::Succeeded);
    for turn in 3..8 {
        desk.asks(&format!("msg_{turn}0"), "ses_1", T + turn * 1000, "More");
        desk.message(&format!("msg_{turn}1"), "ses_1", T + turn * 1000 + 1, &done(T + turn * 1000 + 1, 0.1));
        desk.look(&[]);
    }
    assert_eq!(desk.task("msg_1").agents.len(), 2);
    desk.sql("DELETE FROM session WHERE id = 'ses_2'; DELETE FROM message WHERE session_id = 'ses_2'");
    desk.look(&[]);
    assert!(!desk.has_agent("ses_2"));
    assert_eq!(desk.task("msg_1").agents.len(), 1);
    // Nothing is left of a session that is deleted.
    desk.sql("DELETE FROM session; DELETE FROM message; DELETE FROM part; DELETE FROM todo");
    desk.look(&[]);
    assert_eq!((desk.responses(), desk.has_agent("ses_1")), (0, false));
}

#[test]
fn circles_and_missing_parents_hide_nobody() {
    let mut desk = Desk::new();
    desk.session("ses_a", Some("ses_b"), "A");
    desk.session("ses_b", Some("ses_a"), "B");
    desk.session("ses_c", Some("ses_gone"), "C");
    desk.asks("msg_1", "ses_c", T, "Go");
    desk.look(&[]);
    for (id, parent) in [("ses_a", None), ("ses_b", None), ("ses_c", None)] {
        assert_eq!(desk.agent(id).parent, parent, "{id}");
        assert_eq!(desk.agent(id).kind, AgentKind::SubAgent);
    }
    assert!(desk.agent("ses_c").facts.contains(&("started by", Safe::line("ses_gone"))));
    desk.session("ses_gone", None, "Found");
    desk.look(&[]);
    assert_eq!(desk.agent("ses_c").parent, Some(key("ses_gone")));
    desk.session("ses_c", None, "C");
    desk.look(&[]);
    assert_eq!(desk.agent("ses_c").parent, None);
}

#[test]
fn the_work_list_is_the_sessions_plan() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "T");
    desk.asks("msg_1", "ses_1", T, "Go");
    let todo = |text: &str, status: &str, position: u32| {
        format!("INSERT INTO todo VALUES ('ses_1', '{text}', '{status}', 'high', {position}, {T}, {T});")
    };
    desk.sql(&(todo("second", "pending", 1) + &todo("first", "completed", 0)));
    desk.look(&[]);
    let plan = desk.agent("ses_1").plan;
    let items: Vec<_> = plan.iter().map(|item| (item.text.as_str(), item.status)).collect();
    assert_eq!(items, [("first", Status::Succeeded), ("second", Status::Queued)]);
    let steps = desk.task("msg_1").steps.unwrap();
    assert_eq!((steps.done, steps.total), (1, 2));
    // The program deletes a list and writes it anew.
    desk.sql(&format!("DELETE FROM todo; {}", todo("second", "in_progress", 0)));
    desk.look(&[]);
    assert_eq!(desk.agent("ses_1").plan[0].status, Status::Running);
    desk.sql("DELETE FROM todo");
    desk.look(&[]);
    assert!(desk.agent("ses_1").plan.is_empty());
}

#[test]
fn words_of_the_program_are_no_prompts() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "T");
    desk.asks("msg_1", "ses_1", T, "Go");
    desk.message("msg_2", "ses_1", T + 1, &done(T + 1, 0.1));
    let user = |at: i64| json!({"role": "user", "time": {"created": at}});
    desk.message("msg_3", "ses_1", T + 2, &user(T + 2));
    desk.part("prt_3", "msg_3", T + 2, &json!({"type": "compaction", "auto": true}));
    desk.message("msg_4", "ses_1", T + 3, &done(T + 3, 0.1));
    desk.message("msg_5", "ses_1", T + 4, &user(T + 4));
    desk.part("prt_5", "msg_5", T + 4, &json!({"type": "text", "text": "Continue", "synthetic": true}));
    desk.message("msg_6", "ses_1", T + 5, &done(T + 5, 0.1));
    desk.look(&[]);
    let facts = desk.rig().facts();
    assert_eq!(facts.keys().filter(|key| key.starts_with("task ")).collect::<Vec<_>>(), ["task msg_1"]);
    let store = &desk.rig().store;
    assert_eq!(store.task_usage(store.tasks.id(&key("msg_1")).unwrap()).responses, 3);
    assert!(desk.agent("ses_1").facts.contains(&("compactions", Safe::line("1"))));
    // A part that comes late makes it one.
    desk.part("prt_6", "msg_5", T + 6, &json!({"type": "text", "text": "And this"}));
    desk.look(&[]);
    assert_eq!(desk.task("msg_5").title.as_str(), "And this");
}

/// A session of the old store with a prompt, an answer and a list.
fn old_session(desk: &Desk) {
    desk.write(
        "project/prj.json",
        &json!({"id": "prj", "worktree": "/home/dev/shop", "vcs": "git", "time": {"created": T}}),
    );
    desk.write(
        "session/prj/ses_o.json",
        &json!({"id": "ses_o", "projectID": "prj", "directory": "/home/dev/shop",
        "title": "Old", "version": "1.0.9", "time": {"created": T, "updated": T}}),
    );
    desk.write(
        "message/ses_o/msg_1.json",
        &json!({"id": "msg_1", "sessionID": "ses_o", "role": "user", "time": {"created": T}}),
    );
    desk.write("part/msg_1/prt_1.json", &json!({"id": "prt_1", "type": "text", "text": "Do it"}));
    desk.write("message/ses_o/msg_2.json", &done(T + 1, 0.1));
    desk.write("part/msg_2/prt_2.json", &call("bash", &json!({"status": "completed"})));
    desk.write(
        "todo/ses_o.json",
        &json!([{"content": "old item", "status": "pending", "priority": "low", "id": "1"}]),
    );
}

#[test]
fn the_old_store_is_followed_file_by_file() {
    let mut desk = Desk::files_only();
    old_session(&desk);
    desk.look(&[]);
    let agent = desk.agent("ses_o");
    assert_eq!((agent.status, agent.title.as_deref(), agent.plan.len()), (Status::Idle, Some("Old"), 1));
    assert_eq!((desk.task("msg_1").prompt.as_str(), desk.responses()), ("Do it", 1));
    // A new answer, being written; then complete.
    desk.write("message/ses_o/msg_3.json", &answer(T + 20_000, &json!({})));
    desk.write(
        "part/msg_3/prt_3.json",
        &call("read", &json!({"status": "running", "input": {"filePath": "/a.rs"}})),
    );
    desk.look(&["storage/message/ses_o/msg_3.json", "storage/part/msg_3/prt_3.json"]);
    assert_eq!(desk.agent("ses_o").activity.as_deref(), Some("read /a.rs"));
    desk.write(
        "part/msg_3/prt_3.json",
        &call("read", &json!({"status": "completed", "input": {"filePath": "/a.rs"}})),
    );
    desk.write("message/ses_o/msg_3.json", &done(T + 20_000, 0.2));
    desk.look(&["storage/message/ses_o", "storage/part"]);
    assert_eq!((desk.responses(), desk.agent("ses_o").files.unwrap().read.len()), (2, 1));
    // Torn, it says what it said; then it goes.
    let path = desk.path("storage/message/ses_o/msg_3.json");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    desk.rig.as_mut().unwrap().touch(std::slice::from_ref(&path)).unwrap();
    assert_eq!(desk.responses(), 2);
    assert!(
        desk.rig().health.notes.iter().any(|note| note.contains("msg_3.json")),
        "{:?}",
        desk.rig().health.notes
    );
    assert!(desk.rig().next_wake().is_some());
    fs::remove_file(&path).unwrap();
    desk.look(&["storage/message/ses_o/msg_3.json"]);
    assert_eq!(desk.responses(), 1);
    fs::remove_dir_all(desk.path("storage")).unwrap();
    fs::create_dir_all(desk.path("storage/session")).unwrap();
    desk.look(&["storage"]);
    assert_eq!((desk.responses(), desk.has_agent("ses_o")), (0, false));
}

#[test]
fn after_an_upgrade_a_message_counts_once_and_the_database_wins() {
    let mut desk = Desk::files_only();
    old_session(&desk);
    desk.look(&[]);
    // The upgrade copies; afterwards only the database goes on.
    desk.sql(SCHEMA);
    desk.session("ses_o", None, "Newer title");
    desk.message("msg_1", "ses_o", T, &json!({"role": "user", "time": {"created": T}}));
    let mut copy = done(T + 1, 0.3);
    copy["tokens"]["input"] = json!(1000);
    desk.message("msg_2", "ses_o", T + 1, &copy);
    desk.part("prt_2", "msg_2", T + 1, &call("bash", &json!({"status": "error", "error": "exit code 1"})));
    desk.sql(&format!("INSERT INTO todo VALUES ('ses_o', 'new item', 'completed', 'low', 0, {T}, {T})"));
    desk.look(&[]);
    let usage = desk.rig().store.usage();
    assert_eq!((usage.responses, usage.tokens.input, usage.cost), (1, 1000, Usd(300_000_000)));
    let agent = desk.agent("ses_o");
    assert_eq!(agent.title.as_deref(), Some("Newer title"));
    assert_eq!(agent.plan.iter().map(|item| item.text.as_str()).collect::<Vec<_>>(), ["new item"]);
    let tools = agent.tools.unwrap();
    assert_eq!((tools[0].calls, tools[0].failed), (1, 1), "parts are joined one by one");
    assert_eq!(desk.task("msg_1").prompt.as_str(), "Do it", "what only the old store has stays");
    let figure =
        |what: &str| desk.rig().health.contents.iter().find(|found| &*found.what == what).unwrap().count;
    assert_eq!(figure("message in several stores"), 2);
    // The database goes away again.
    fs::remove_file(desk.path("opencode.db")).unwrap();
    desk.look(&[]);
    assert_eq!((desk.rig().store.usage().tokens.input, desk.agent("ses_o").plan.len()), (900, 1));
}

#[test]
fn databases_of_channels_are_joined_and_the_newest_record_wins() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "Stable");
    desk.asks("msg_1", "ses_1", T, "Go");
    desk.message("msg_2", "ses_1", T + 1, &done(T + 1, 0.1));
    desk.look(&[]);
    desk.database = "opencode-dev.db";
    desk.sql(SCHEMA);
    desk.session("ses_2", None, "Dev");
    desk.message("msg_2", "ses_1", T + 5, &done(T + 1, 0.2));
    desk.message("msg_9", "ses_2", T + 5, &done(T + 5, 0.4));
    desk.look(&[]);
    let usage = desk.rig().store.usage();
    assert_eq!((usage.responses, usage.cost), (2, Usd(600_000_000)));
    assert!(desk.has_agent("ses_2"));
    fs::rename(desk.path("opencode-dev.db"), desk.path("elsewhere.db")).unwrap();
    desk.look(&[]);
    assert_eq!((desk.rig().store.usage().cost, desk.has_agent("ses_2")), (Usd(100_000_000), false));
}

#[test]
fn columns_that_other_versions_have_are_asked_for() {
    let mut desk = Desk::files_only();
    desk.sql(
        "CREATE TABLE session (id text primary key, title text, workspace_id text, permission text, time_created integer);
         CREATE TABLE message (id text primary key, session_id text, data text);
         CREATE TABLE session_share (session_id text, id text, secret text, url text);
         CREATE TABLE account (id text, access_token text);
         INSERT INTO session VALUES ('ses_1', 'T', 'w', 'p', 1795015500000);
         INSERT INTO session_share VALUES ('ses_1', 'x', 'sesame-1', 'https://host/sesame-2');
         INSERT INTO account VALUES ('me', 'sesame-3');",
    );
    let insert = |id: &str, data: &Value| {
        desk.sql(&format!("INSERT OR REPLACE INTO message VALUES ('{id}', 'ses_1', '{data}')"));
    };
    insert("msg_1", &json!({"role": "user", "time": {"created": T}}));
    insert("msg_2", &answer(T + 1, &json!({})));
    desk.look(&[]);
    assert_eq!(desk.agent("ses_1").status, Status::Running);
    assert_eq!(
        desk.agent("ses_1").workspace.unwrap().path.as_deref(),
        Some("/home/dev/shop"),
        "as its answers say"
    );
    let insert = |id: &str, data: &Value| {
        desk.sql(&format!("INSERT OR REPLACE INTO message VALUES ('{id}', 'ses_1', '{data}')"));
    };
    insert("msg_2", &done(T + 1, 0.1));
    desk.look(&[]);
    assert_eq!(desk.responses(), 1);
    let notes = format!("{:?}", desk.rig().health.notes);
    assert!(notes.contains("message.time_updated") && notes.contains("todo"), "{notes}");
    let everything = format!("{:?} {:?}", desk.rig().facts(), desk.rig().health);
    assert!(!everything.contains("sesame"), "{everything}");
    assert!(everything.contains("session_share"), "counted, never read");
}

#[test]
fn files_with_credentials_are_never_opened() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "T");
    // A pipe that is opened for reading would block.
    let secret = desk.path("auth.json");
    assert!(Command::new("mkfifo").arg(&secret).status().unwrap().success());
    let rig = Rig::open("opencode", desk.place.path(), NOW).unwrap();
    assert!(rig.facts().contains_key("agent ses_1"));
    desk.rig = Some(rig);
    desk.rig.as_mut().unwrap().touch(&[secret]).unwrap();
    desk.rig.as_mut().unwrap().rescan().unwrap();
    assert!(!format!("{:?}", desk.rig().health).contains("auth.json"));
}

#[test]
fn a_writer_that_stays_is_followed_commit_by_commit() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "T");
    let writer = Connection::open(desk.path("opencode.db")).unwrap();
    for turn in 0..5 {
        let at = T + turn * 1000;
        let data = done(at, 0.1).to_string();
        writer
            .execute(
                "INSERT INTO message VALUES (?1, 'ses_1', ?2, ?2, ?3)",
                (format!("msg_{turn}"), at, data),
            )
            .unwrap();
        assert!(desk.path("opencode.db-wal").exists());
        desk.look(&["opencode.db-wal"]);
        assert_eq!(desk.responses(), turn as u64 + 1);
    }
    let data = done(T, 0.5).to_string();
    writer
        .execute("UPDATE message SET data = ?1, time_updated = time_updated + 1 WHERE id = 'msg_0'", [data])
        .unwrap();
    desk.look(&["opencode.db-wal"]);
    assert_eq!(desk.rig().store.usage().cost, Usd(900_000_000));
}

#[test]
fn unknown_kinds_of_parts_are_named() {
    let mut desk = Desk::new();
    desk.session("ses_1", None, "T");
    desk.asks("msg_1", "ses_1", T, "Go");
    desk.part("prt_x", "msg_1", T, &json!({"type": "hologram"}));
    desk.look(&[]);
    let notes = |desk: &Desk| format!("{:?}", desk.rig().health.notes);
    assert!(notes(&desk).contains("hologram (1)"), "{}", notes(&desk));
    desk.sql("DELETE FROM part WHERE id = 'prt_x'");
    desk.rig.as_mut().unwrap().rescan().unwrap();
    assert!(!notes(&desk).contains("hologram"));
}

#[test]
fn a_database_alone_can_be_named() {
    let desk = Desk::new();
    old_session(&desk);
    desk.session("ses_1", None, "T");
    let path = desk.path("opencode.db");
    let rig = Rig::open("opencode", &path, NOW).unwrap();
    let facts = rig.facts();
    assert!(facts.contains_key("agent ses_1") && !facts.contains_key("agent ses_o"));
    let agents = ask(&path, &["agents"]);
    assert_eq!(agents["agents"][0]["id"], "ses_1");
}

#[test]
fn a_home_is_found_by_itself() {
    let machine = Machine::new(NOW);
    let folder = machine.path("person/.local/share/opencode");
    sql(&folder.join("opencode.db"), SCHEMA);
    let elsewhere = machine.path("place");
    fs::create_dir_all(elsewhere.join("storage/session")).unwrap();
    fs::create_dir_all(elsewhere.join("storage/message")).unwrap();
    let places = |variables: &[(&str, &Path)]| -> Vec<String> {
        let answer = machine.ask(variables, &["sources"]);
        let sources = answer["sources"].as_array().unwrap();
        let own = sources.iter().filter(|source| source["kind"] == "opencode");
        own.map(|source| source["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(places(&[]), [folder.display().to_string()]);
    assert_eq!(places(&[("OPENCODE_DATA_DIR", &elsewhere)]), [elsewhere.display().to_string()]);
}

/// A headless answer about a place.
fn ask(place: &Path, args: &[&str]) -> Value {
    let source = format!("opencode={}", place.display());
    Machine::new(NOW).ask(&[], &[args, &["--source", &source]].concat())
}

/// Numbers without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides) as i64
    }
}

#[test]
fn whatever_happens_a_live_read_equals_a_read_from_scratch() {
    for seed in 1..=3 {
        walk(&mut Dice(seed), 80);
    }
}

fn walk(dice: &mut Dice, steps: i64) {
    let mut desk = Desk::new();
    desk.session("ses_0", None, "T");
    desk.look(&[]);
    for step in 0..steps {
        let (session, message) = (format!("ses_{}", dice.roll(4)), format!("msg_{:03}", dice.roll(40)));
        let at = T + step * 1000;
        let mut names = Vec::new();
        match dice.roll(14) {
            0..=2 => desk.asks(&format!("msg_{:03}", 100 + step), &session, at, "Go on"),
            3 | 4 => desk.message(&format!("msg_{:03}", 100 + step), &session, at, &done(at, 0.01)),
            5 => desk.message(&message, &session, at, &answer(at, &json!({}))),
            6 => desk.message(&message, &session, at, &done(at - 50_000 * dice.roll(3), 0.02)),
            7 => {
                let child = format!("ses_{}", dice.roll(4));
                let state = json!({"status": "running", "metadata": {"sessionId": child}});
                desk.part(&format!("prt_{step:03}"), &message, at, &call("task", &state));
            }
            8 => desk.part(
                &format!("prt_{:03}", dice.roll(40)),
                &message,
                at,
                &call("bash", &json!({"status": "completed"})),
            ),
            9 => desk.sql(&format!("DELETE FROM message WHERE id = '{message}'")),
            10 => {
                let parent = format!("ses_{}", dice.roll(4));
                desk.session(&session, Some(&parent).filter(|_| dice.roll(2) == 0).map(String::as_str), "T");
            }
            11 => desk.sql(&format!("DELETE FROM session WHERE id = '{session}'; VACUUM")),
            12 => {
                // A message lies in one session's folder.
                let name = format!(
                    "message/ses_{}/{message}.json",
                    message.len() + usize::from(message.ends_with('1'))
                );
                desk.write(&name, &done(at, 0.03));
                names = vec![format!("storage/{name}")];
            }
            _ => {
                names = vec![format!("storage/part/{message}/prt_f.json")];
                desk.write(
                    &format!("part/{message}/prt_f.json"),
                    &json!({"type": "text", "text": "Said", "synthetic": step % 2 == 0}),
                );
            }
        }
        desk.look(&names.iter().map(String::as_str).collect::<Vec<_>>());
    }
    assert!(desk.rig().facts().len() > 8);
}

/// The place of the suite: a database and files of the old store.
pub(crate) fn build(root: &Path) {
    sql(&root.join("opencode.db"), SCHEMA);
    let place = TempDir::with_prefix("opencode-build").unwrap();
    let desk = Desk { place, database: "opencode.db", rig: None };
    desk.sql(SCHEMA);
    desk.sql(&format!("INSERT INTO project VALUES ('prj', '/home/dev/shop', 'git', NULL, {T}, {T}, '[]')"));
    desk.session("ses_1", None, "Cap retries");
    desk.asks("msg_d1", "ses_1", T, "Cap the retries");
    desk.message("msg_d2", "ses_1", T + 1, &done(T + 1, 0.1));
    desk.part(
        "prt_d2",
        "msg_d2",
        T + 2,
        &call("bash", &json!({"status": "completed", "input": {"command": "ls"}})),
    );
    desk.sql(&format!("INSERT INTO todo VALUES ('ses_1', 'Write test', 'in_progress', 'high', 0, {T}, {T})"));
    old_session(&desk);
    crate::foreign::copy(desk.place.path(), root);
}
