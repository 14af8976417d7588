//! The source `claude-code` over small trees, one case a test: config folders, live processes, jobs, work lists, plan
//! windows, branches and workflows.

use std::{
    fs,
    path::{Path, PathBuf},
};

use orchdash::{
    model::{Execution, Key, SourceId, Status, Timestamp},
    sources::Moment,
    text::Safe,
};
use serde_json::{Value, json};

use crate::{
    claude_rig::{open, open_at, sessions},
    rig::Rig,
};

const NOW: &str = "2026-11-18T10:00:30Z";
const FIRST: &str = "00000000-0000-4000-a000-000000000001";
const SECOND: &str = "00000000-0000-4000-a000-000000000002";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("claude")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn session(&self, id: &str, lines: &[Value]) -> PathBuf {
        self.write(&format!("projects/-home-dev-x/{id}.jsonl"), &joined(lines))
    }

    fn open(&self) -> Rig {
        open(&[self.root()], NOW)
    }

    fn open_live(&self) -> Rig {
        let at = Moment { now: Timestamp::parse(NOW).unwrap(), fixed: false };
        open_at(&[self.root()], at)
    }
}

fn joined(lines: &[Value]) -> String {
    lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect()
}

fn prompt(session: &str, uuid: &str, text: &str) -> Value {
    json!({"type": "user", "uuid": uuid, "sessionId": session, "cwd": "/home/dev/x", "isSidechain": false,
        "timestamp": "2026-11-18T09:59:00.000Z", "message": {"role": "user", "content": text}})
}

fn call(session: &str, id: &str, name: &str, input: &Value) -> Value {
    json!({"type": "assistant", "uuid": format!("c-{id}"), "sessionId": session, "timestamp": "2026-11-18T09:59:10.000Z",
        "isSidechain": false, "message": {"id": format!("m-{id}"), "role": "assistant", "model": "claude-opus-5",
            "stop_reason": "tool_use", "content": [{"type": "tool_use", "id": id, "name": name, "input": input}],
            "usage": {"input_tokens": 1, "output_tokens": 1}}})
}

fn result(session: &str, id: &str, value: &Value) -> Value {
    json!({"type": "user", "uuid": format!("r-{id}"), "sessionId": session, "timestamp": "2026-11-18T09:59:20.000Z",
        "isSidechain": false, "toolUseResult": value,
        "message": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "ok"}]}})
}

fn execution(rig: &Rig, key: &str) -> Execution {
    rig.store
        .executions
        .find(&Key::new(SourceId(0), Safe::line(key)))
        .cloned()
        .unwrap_or_else(|| panic!("no {key}"))
}

fn plan(rig: &Rig, session: &str) -> Vec<(String, Status)> {
    let plan = &rig.agent(session).unwrap().plan;
    plan.iter().map(|item| (item.text.to_string(), item.status)).collect()
}

fn limits(rig: &Rig) -> Vec<(String, Option<f64>)> {
    rig.store.limits.iter().map(|(_, limit)| (limit.name.to_string(), limit.percent)).collect()
}

fn task_keys(rig: &Rig) -> Vec<String> {
    let mut keys: Vec<String> = rig.store.tasks.entries().map(|(_, key, _)| key.local.to_string()).collect();
    keys.sort();
    keys
}

#[test]
fn a_branch_without_marks_lists_only_its_own_prompts() {
    let common = |session| vec![prompt(session, "p1", "one"), prompt(session, "p2", "two")];
    let mut longer = common(SECOND);
    longer.push(prompt(SECOND, "p3", "three"));
    let want = [format!("{FIRST}#1"), format!("{FIRST}#2"), format!("{SECOND}#3")];

    let place = Place::new();
    place.session(FIRST, &common(FIRST));
    place.session(SECOND, &longer);
    assert_eq!(task_keys(&place.open()), want);

    let place = Place::new();
    place.session(SECOND, &longer);
    let mut rig = place.open();
    assert_eq!(task_keys(&rig).len(), 3);
    let original = place.session(FIRST, &common(FIRST));
    rig.rescan().unwrap();
    assert_eq!(task_keys(&rig), want);

    fs::remove_file(original).unwrap();
    rig.rescan().unwrap();
    assert_eq!(task_keys(&rig).len(), 3);
}

/// Files come and go, some with prompts and answers that others have too: what is left is what a new look finds.
#[test]
fn sessions_that_came_and_went_leave_nothing_behind() {
    let place = Place::new();
    place.session(FIRST, &[prompt(FIRST, "own", "stays"), call(FIRST, "own", "Read", &json!({}))]);
    let picture = |rig: &Rig| {
        let mut usage: Vec<String> = rig
            .store
            .agents
            .entries()
            .map(|(id, key, agent)| format!("{} {} {:?}", key.local, agent.name, rig.store.agent_usage(id)))
            .collect();
        usage.sort();
        (usage, task_keys(rig), rig.store.usage(), rig.store.ledger().len())
    };
    let mut rig = place.open();
    for round in 0..12_usize {
        let mut paths = Vec::new();
        for at in 0..4_usize {
            let id = format!("00000000-0000-4000-b000-{:012}", round * 4 + at);
            // Every third has the beginning of its neighbour, as branches do.
            let origin = if (round + at) % 3 == 0 { round * 4 } else { round * 4 + at };
            let call = call(&id, &format!("c{origin}"), "Read", &json!({}));
            paths.push(
                place.session(&id, &[prompt(&id, &format!("p{origin}"), &format!("do {origin}")), call]),
            );
            if at % 2 == 0 {
                rig.rescan().unwrap();
            }
        }
        rig.rescan().unwrap();
        assert_eq!(picture(&rig), picture(&place.open()), "round {round}, all there");
        let stays = round % 5;
        paths
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != stays)
            .for_each(|(_, path)| fs::remove_file(path).unwrap());
        rig.rescan().unwrap();
        assert_eq!(picture(&rig), picture(&place.open()), "round {round}, most gone");
    }
}

#[test]
fn agents_of_a_workflow_serve_the_prompt_that_started_it() {
    let place = Place::new();
    let started = json!({"status": "async_launched", "taskId": "w1", "taskType": "local_workflow", "runId": "wf_ab12",
        "workflowName": "check"});
    place.session(
        FIRST,
        &[
            prompt(FIRST, "p1", "one"),
            prompt(FIRST, "p2", "two"),
            call(FIRST, "t1", "Workflow", &json!({"script": "x"})),
            result(FIRST, "t1", &started),
        ],
    );
    let mut line = prompt(FIRST, "a1", "look");
    line["isSidechain"] = json!(true);
    place.write(
        &format!("projects/-home-dev-x/{FIRST}/subagents/workflows/wf_ab12/agent-a0001.jsonl"),
        &joined(&[line]),
    );
    let rig = place.open();
    let agent = rig.agent(&format!("{FIRST}/a0001")).unwrap();
    assert_eq!(agent.task.as_ref().map(|key| key.local.to_string()), Some(format!("{FIRST}#2")));
}

#[test]
fn a_list_without_files_is_read_from_the_calls() {
    let place = Place::new();
    let todos = json!({"todos": [{"content": "a", "status": "completed"}, {"content": "b", "status": "in_progress"}]});
    place.session(FIRST, &[prompt(FIRST, "p1", "x"), call(FIRST, "t1", "TodoWrite", &todos)]);
    let create = |id: &str, subject: &str| call(SECOND, id, "TaskCreate", &json!({"subject": subject}));
    let made = |id: &str, number: Value| result(SECOND, id, &json!({"task": {"id": number, "subject": "s"}}));
    let update = |id: &str, number: &str, status: &str| {
        call(SECOND, id, "TaskUpdate", &json!({"taskId": number, "status": status}))
    };
    place.session(
        SECOND,
        &[
            prompt(SECOND, "p2", "y"),
            create("t2", "index"),
            made("t2", json!("1")),
            create("t3", "search"),
            made("t3", json!(2)),
            create("t4", "wrong"),
            made("t4", json!("3")),
            update("t5", "1", "completed"),
            update("t6", "3", "deleted"),
            update("t7", "99", "completed"),
        ],
    );
    let rig = place.open();
    assert_eq!(plan(&rig, FIRST), [("a".into(), Status::Succeeded), ("b".into(), Status::Running)]);
    assert_eq!(plan(&rig, SECOND), [("index".into(), Status::Succeeded), ("search".into(), Status::Queued)]);

    place.write(&format!("todos/{FIRST}-agent-{FIRST}.json"), r#"[{"content":"file","status":"pending"}]"#);
    assert_eq!(plan(&place.open(), FIRST), [("file".into(), Status::Queued)]);
}

#[test]
fn lists_in_files_know_text_ids_blockers_and_what_is_hidden() {
    let place = Place::new();
    place.session(FIRST, &[prompt(FIRST, "p1", "x")]);
    let task =
        |name: &str, value: &Value| place.write(&format!("tasks/{FIRST}/{name}.json"), &value.to_string());
    task("1", &json!({"id": "10", "subject": "last", "status": "pending", "blockedBy": ["2"]}));
    task("2", &json!({"id": "2", "subject": "first", "status": "in_progress"}));
    task("3", &json!({"id": "x-1", "subject": "text id", "status": "pending", "blockedBy": ["404"]}));
    task("4", &json!({"id": "5", "subject": "gone", "status": "deleted"}));
    task("5", &json!({"id": "6", "subject": "own", "status": "pending", "metadata": {"_internal": true}}));
    let want = [("first", Status::Running), ("last", Status::Blocked), ("text id", Status::Queued)];
    assert_eq!(plan(&place.open(), FIRST), want.map(|(text, status)| (text.to_owned(), status)));
}

#[test]
fn a_member_that_asks_makes_its_lead_wait() {
    let place = Place::new();
    place.session(FIRST, &[prompt(FIRST, "p1", "x")]);
    let team = json!({"name": "t", "leadAgentId": "team-lead@t", "leadSessionId": FIRST,
        "members": [{"name": "team-lead"}, {"name": "index-dev"}]});
    place.write("teams/t/config.json", &team.to_string());
    let letter = |text: &Value, read: bool| json!({"from": "index-dev", "text": text, "read": read});
    let request = json!(json!({"type": "permission_request", "tool": "Bash"}).to_string());
    let idle = json!(json!({"type": "idle_notification"}).to_string());
    let inbox = |letters: &[Value]| {
        place.write("teams/t/inboxes/team-lead.json", &json!(letters).to_string());
    };
    inbox(&[letter(&json!("plain words"), false), letter(&idle, false), letter(&request, true)]);
    let mut rig = place.open();
    assert_eq!(rig.agent(FIRST).unwrap().status, Status::Running);
    inbox(&[letter(&json!("plain words"), false), letter(&request, false)]);
    rig.rescan().unwrap();
    let agent = rig.agent(FIRST).unwrap();
    assert_eq!(agent.status, Status::Waiting);
    assert_eq!(agent.waiting_for.as_deref(), Some("index-dev asks: permission"));
}

#[test]
fn only_processes_that_surely_live_count() {
    let own = std::process::id();
    let start = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().nth(19).unwrap().to_owned()
    };
    let state = |text: &str, name: &str| {
        let place = Place::new();
        place.session(FIRST, &[prompt(FIRST, "p1", "x")]);
        place.write(&format!("sessions/{name}"), text);
        let rig = place.open_live();
        let agent = rig.agent(FIRST).unwrap();
        (agent.status, agent.status_raw.as_deref().unwrap_or_default().to_owned())
    };
    let entry = |pid: u32, changes: &[(&str, Value)]| {
        let mut entry = json!({"pid": pid, "sessionId": FIRST, "status": "busy", "procStart": start(own)});
        for (key, value) in changes {
            entry[*key] = value.clone();
        }
        entry.to_string()
    };
    let none = (Status::Failed, "ended".to_owned());
    assert_eq!(state(&entry(own, &[]), "1.json"), (Status::Running, "busy".to_owned()));
    assert_eq!(state(&entry(own, &[("status", json!("waiting"))]), "1.json").0, Status::Waiting);
    assert_eq!(
        state(&entry(own, &[("status", json!("pondering"))]), "1.json"),
        (Status::Unknown, "pondering".to_owned())
    );
    assert_eq!(state(&entry(4_000_000_000, &[]), "1.json"), none);
    assert_eq!(state(&entry(own, &[("procStart", json!("1"))]), "1.json"), none);
    assert_eq!(state(&entry(own, &[("pidDomain", json!("linux:boot:pid:[1]"))]), "1.json"), none);
    for text in ["[]", "", r#"{"pid": 1, "sess"#] {
        assert_eq!(state(text, "1.json"), none, "{text}");
    }
    assert_eq!(state(&entry(own, &[]), "1.key.json"), none);
}

#[test]
fn jobs_are_not_believed_alone() {
    let place = Place::new();
    place.session(FIRST, &[prompt(FIRST, "p1", "x")]);
    let job = |id: &str, value: &Value| place.write(&format!("jobs/{id}/state.json"), &value.to_string());
    let recent = "2026-11-18T09:50:00Z";
    job("aaaaaaaa", &json!({"state": "working", "updatedAt": "2026-11-17T09:00:00Z"}));
    job("bbbbbbbb", &json!({"state": "working", "updatedAt": recent}));
    job(
        "cccccccc",
        &json!({"state": "blocked", "detail": "Fix", "intent": "Fix the build", "updatedAt": recent}),
    );
    job(
        "dddddddd",
        &json!({"state": "blocked", "detail": "which one?", "intent": "Fix", "updatedAt": recent}),
    );
    job("eeeeeeee", &json!({"state": "done", "output": {"result": "all green"}, "updatedAt": recent}));
    job("ffffffff", &json!({"state": "done", "output": "plain", "updatedAt": recent}));
    fs::create_dir_all(place.root().join("jobs/99999999")).unwrap();
    let rig = place.open();
    let status = |id: &str| execution(&rig, &format!("job/{id}")).status;
    assert_eq!(status("aaaaaaaa"), Status::Unknown);
    assert_eq!(status("bbbbbbbb"), Status::Running);
    assert_eq!(status("cccccccc"), Status::Idle);
    assert_eq!(status("dddddddd"), Status::Blocked);
    assert_eq!(execution(&rig, "job/eeeeeeee").summary.as_deref(), Some("all green"));
    assert_eq!(execution(&rig, "job/ffffffff").summary.as_deref(), Some("plain"));
    assert_eq!(rig.store.executions.len(), 6);
    place.write("sessions/1.json", "[]");
    let live = place.open_live();
    assert_eq!(execution(&live, "job/bbbbbbbb").status, Status::Unknown);
}

#[test]
fn plan_windows_are_found_at_home_and_say_what_they_know() {
    let cache = |fetched: i64| {
        json!({"oauthAccount": {"emailAddress": "x"}, "cachedUsageUtilization": {"fetchedAtMs": fetched,
            "utilization": {"five_hour": {"utilization": 46, "resets_at": "2026-11-18T05:00:00Z"}, "seven_day": null,
                "seven_day_opus": {"utilization": 100, "resets_at": "2026-11-21T08:00:00Z"}}}})
        .to_string()
    };
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join(".config/claude");
    fs::create_dir_all(root.join("projects")).unwrap();
    let file = home.path().join(".claude.json");
    let write = |path: &Path, text: &str| fs::write(path, text).unwrap();
    let read_at = 1_795_015_080_000;
    write(&file, &cache(read_at));
    write(&root.join(".claude.json"), r#"{"numStartups": 1}"#);
    let mut rig = open(std::slice::from_ref(&root), NOW);
    assert_eq!(limits(&rig), [("5 h".into(), Some(46.0)), ("week Opus".into(), Some(100.0))]);
    assert!(rig.store.limits.iter().all(|(_, limit)| limit.read_at == Some(Timestamp(read_at))));

    write(&file, "{\"cachedUsageUtil");
    rig.rescan().unwrap();
    assert_eq!(limits(&rig).len(), 2, "a torn file keeps what was read");
    // A clock that is ahead: newer than anything, and not an error.
    write(&file, &cache(1_995_015_080_000));
    rig.rescan().unwrap();
    assert_eq!(limits(&rig).len(), 2);
    write(&file, r#"{"numStartups": 2}"#);
    rig.rescan().unwrap();
    assert!(limits(&rig).is_empty());
}

#[test]
fn config_folders_may_be_projects_folders_doubled_or_missing() {
    let place = Place::new();
    place.session(FIRST, &[prompt(FIRST, "p1", "x"), call(FIRST, "t1", "Bash", &json!({"command": "ls"}))]);
    let other = Place::new();
    other
        .session(SECOND, &[prompt(SECOND, "p2", "y"), call(SECOND, "t2", "Bash", &json!({"command": "ls"}))]);
    let paths = [place.root().join("projects"), place.root(), other.root(), place.0.path().join("missing")];
    let rig = open(&paths, NOW);
    assert_eq!(sessions(&rig).len(), 2);
    assert_eq!(rig.store.usage().responses, 2);
}

#[test]
fn notifications_name_tasks_and_the_queue_keeps_what_is_left() {
    let place = Place::new();
    let started = |id: &str| json!({"backgroundTaskId": id});
    let queue = |operation: &str, text: &str| {
        json!({"type": "queue-operation", "operation": operation, "content": text, "sessionId": FIRST,
            "timestamp": "2026-11-18T09:59:30.000Z"})
    };
    let bash = |id: &str| call(FIRST, id, "Bash", &json!({"command": "make"}));
    place.session(
        FIRST,
        &[
            prompt(FIRST, "p1", "x"),
            bash("t1"),
            result(FIRST, "t1", &started("b1")),
            bash("t2"),
            result(FIRST, "t2", &started("b2")),
            queue("enqueue", "<task-notification>\n<task-id>b1</task-id><task-id>b2</task-id>\n<status>completed</status>\n<summary>a &lt; b</summary>"),
            queue("dequeue", ""),
            queue("enqueue", "later"),
        ],
    );
    let rig = place.open();
    for id in ["b1", "b2"] {
        let task = execution(&rig, &format!("{FIRST}/task/{id}"));
        assert_eq!((task.status, task.summary.as_deref()), (Status::Succeeded, Some("a < b")));
    }
    let facts = &rig.agent(FIRST).unwrap().facts;
    assert!(facts.iter().any(|(label, value)| *label == "queued prompts" && &**value == "1"));
}
