//! The recorded data of the agent orchestrator, read by the program itself: every figure of its manifest through the headless
//! commands, over copies that must stay as they are.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{machine::Machine, recorded::recorded};

/// A copy of the recorded set and its manifest.
struct Recorded {
    machine: Machine,
    manifest: Value,
}

impl Recorded {
    fn find() -> Option<Self> {
        let manifest = fs::read_to_string(recorded("agent-orchestrator")?.join("MANIFEST.json")).unwrap();
        let machine = Machine::with_recorded("agent-orchestrator", "2025-08-01T18:30:00Z", &["."])?;
        Some(Self { machine, manifest: serde_json::from_str(&manifest).unwrap() })
    }

    fn path(&self, part: &str) -> PathBuf {
        self.machine.path("place").join(part)
    }

    fn file(&self, name: &str) -> &Value {
        let value = &self.manifest["files"][name];
        assert!(!value.is_null(), "{name}");
        value
    }

    /// What a command answers about one place.
    fn ask(&self, part: &str, command: &[&str]) -> Value {
        let answer = self.machine.ask_about("agent-orchestrator", &format!("place/{part}"), command);
        let text = answer.to_string();
        for secret in
            ["x-not-a-real-hash", "REDACTED", "X-Token", "hooks.example.com", "T000/B000", "<token>"]
        {
            assert!(!text.contains(secret), "{part} {command:?} tells {secret}");
        }
        answer
    }

    /// What was found below a place: place and thing, and how many.
    fn contents(&self, part: &str) -> BTreeMap<(String, String), u64> {
        let answer = self.ask(part, &["sources"]);
        let contents = answer["sources"][0]["contents"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        contents
            .iter()
            .map(|one| ((text(&one["place"]), text(&one["what"])), one["count"].as_u64().unwrap()))
            .collect()
    }
}

/// How often each text occurs under `key`.
fn counts(list: &Value, key: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for one in list.as_array().unwrap() {
        let word = one[key].as_str().unwrap_or("null").to_owned();
        *counts.entry(word).or_default() += 1;
    }
    counts
}

fn expected(value: &Value) -> BTreeMap<String, u64> {
    let members = value.as_object().unwrap().iter();
    members.map(|(key, count)| (key.clone(), count.as_u64().unwrap())).collect()
}

const DATABASES: [&str; 2] = ["home/.claude/orchestrator.db", "dashboard/data/orchestrator.db"];
const COLLABORATION: &str = "home/.claude/agent-memory/agent-collaboration.db";

#[test]
fn every_table_is_counted() {
    let Some(set) = Recorded::find() else { return };
    for name in DATABASES.into_iter().chain([COLLABORATION]) {
        let found = set.contents(name).into_iter().map(|((place, table), rows)| {
            assert_eq!(place, "", "a file is the place itself");
            (table, rows)
        });
        assert_eq!(found.collect::<BTreeMap<_, _>>(), expected(&set.file(name)["rows"]), "{name}");
    }
    let wal = "dashboard/data-live-wal/orchestrator.db";
    let found = set.contents(wal);
    for (table, rows) in expected(&set.file(wal)["rows_through_wal"]) {
        assert_eq!(found[&(String::new(), table.clone())], rows, "{table}");
    }
}

#[test]
fn every_stored_state_is_told_as_stored() {
    let Some(set) = Recorded::find() else { return };
    for name in DATABASES {
        let status = &set.file(name)["status"];
        let told = |command: &[&str], list: &str| counts(&set.ask(name, command)[list], "status_raw");
        assert_eq!(told(&["projects"], "projects"), expected(&status["projects"]), "{name}");
        assert_eq!(told(&["agents"], "agents"), expected(&status["agent_executions"]), "{name}");
        assert_eq!(told(&["tasks"], "tasks"), expected(&status["agent_tasks"]), "{name}");
        let servers = told(&["catalog", "--kind", "mcp-server"], "items");
        assert_eq!(servers, expected(&status["mcp_servers"]), "{name}");
        let logs = set.ask(name, &["logs", "--limit", "1000"]);
        assert_eq!(counts(&logs["lines"], "level"), expected(&status["agent_logs.level"]), "{name}");
        assert_eq!(logs["lines"].as_array().unwrap().len(), 72);
    }
    let tasks = set.ask(COLLABORATION, &["tasks"]);
    let stored = expected(&set.file(COLLABORATION)["agent_tasks.status"]);
    assert_eq!(counts(&tasks["tasks"], "status_raw"), stored);
}

#[test]
fn a_failed_start_is_empty_and_says_why() {
    let Some(set) = Recorded::find() else { return };
    for part in ["dashboard/data-failed-start/orchestrator.db", "dashboard/data-failed-start"] {
        let answer = set.ask(part, &["sources"]);
        let source = &answer["sources"][0];
        assert_eq!((&source["state"], &source["error"]), (&"empty".into(), &Value::Null), "{part}");
        assert!(source["notes"].to_string().contains("failed to start"), "{part}");
        assert_eq!(source["contents"].as_array().unwrap().len(), 1, "{part}");
    }
}

#[test]
fn plan_and_timeline_are_counted() {
    let Some(set) = Recorded::find() else { return };
    let contents = set.contents("home/.claude");
    let count = |place: &str, what: &str| contents[&(format!("agent-workspaces/{place}"), what.to_owned())];
    let timeline = set.file("home/.claude/agent-workspaces/orchestration-timeline.jsonl");
    assert_eq!(count("orchestration-timeline.jsonl", "lines"), timeline["lines"].as_u64().unwrap());
    let plan = set.file("home/.claude/agent-workspaces/orchestration-plan.md");
    for what in ["items", "checked"] {
        assert_eq!(count("orchestration-plan.md", what), plan[what].as_u64().unwrap(), "{what}");
    }
    let projects = set.ask("home/.claude", &["projects"]);
    let shop: Vec<&Value> =
        projects["projects"].as_array().unwrap().iter().filter(|one| one["name"] == "shop-mvp").collect();
    let [shop] = shop[..] else { panic!("one project, told by the database and by files: {shop:?}") };
    assert_eq!(shop["status_raw"], "active", "as the database says");
    let level = plan["level"].as_u64().unwrap().to_string();
    assert!(shop["facts"]["level"].as_str().unwrap().contains(&level));
    let plans = shop["plans"].as_array().unwrap();
    let file = plans.iter().find(|one| one["name"] == "orchestration-plan.md").unwrap();
    assert_eq!(file["status_raw"], plan["status"]);
    let phases = file["phases"].as_array().unwrap();
    let told: Vec<Value> = phases
        .iter()
        .map(|phase| serde_json::json!([phase["name"], phase["done"], phase["total"]]))
        .collect();
    assert_eq!(Value::from(told), plan["phases"]);
    assert!(phases.iter().all(|phase| phase["stated"]["total"] == phase["total"]));
}

#[test]
fn sessions_are_counted_and_judged() {
    let Some(set) = Recorded::find() else { return };
    let contents = set.contents("home/.claude");
    let tasks = set.ask("home/.claude", &["tasks"]);
    let agents = set.ask("home/.claude", &["agents"]);
    let sessions = set.file("home/.claude/orchestration").as_object().unwrap();
    assert_eq!(sessions.len(), 3);
    for (id, figures) in sessions {
        let count = |what: &str| contents[&(format!("orchestration/session-{id}"), what.to_owned())];
        let figure = |name: &str| figures[name].as_u64().unwrap_or(0);
        assert_eq!(count("planned agents"), figure("planned"), "{id}");
        assert_eq!(count("completed"), figure("completed"), "{id}");
        assert_eq!(count("failed"), figure("failed"), "{id}");
        assert_eq!(count("active files"), figure("active") + figure("active_files"), "{id}");
        if figures["tasks_left_in_queue"].is_u64() {
            assert_eq!(count("tasks in queue"), figure("tasks_left_in_queue"), "{id}");
        }
        let task = tasks["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == format!("session-{id}"))
            .unwrap();
        let expected = if figures["running"] == true {
            "running"
        } else if figures["meaning"].is_string() {
            "cancelled"
        } else {
            "failed"
        };
        assert_eq!(task["status"], expected, "{id}");
        assert_eq!(task["steps"]["total"].as_u64().unwrap(), figure("planned"), "{id}");
        assert_eq!(task["steps"]["done"].as_u64().unwrap(), figure("completed") + figure("failed"), "{id}");
        assert_eq!(task["executions"].as_array().unwrap().len() as u64, figure("planned"), "{id}");
        let own = |status: &str| {
            let all = agents["agents"].as_array().unwrap().iter();
            let prefix = format!("session-{id}/");
            all.filter(|one| one["id"].as_str().unwrap().starts_with(&prefix) && one["status"] == status)
                .count() as u64
        };
        assert_eq!(
            (own("running"), own("succeeded"), own("failed")),
            (figure("active"), figure("completed"), figure("failed"))
        );
    }
}

#[test]
fn the_whole_folder_is_one_picture() {
    let Some(set) = Recorded::find() else { return };
    let agents = set.ask("home/.claude", &["agents"]);
    let waiting: Vec<&Value> =
        agents["agents"].as_array().unwrap().iter().filter(|one| one["status"] == "waiting").collect();
    assert_eq!(waiting.len(), 1, "one person is asked one thing");
    assert_eq!(waiting[0]["name"], "database-architect");
    assert!(waiting[0]["waiting_for"].as_str().unwrap().contains("permission_change"));
    // 40 calls of four agents; 21 executions, 5 agents of hooks, 3 + 4 + 3 of sessions.
    let calls: u64 =
        agents["agents"].as_array().unwrap().iter().filter_map(|one| one["tool_calls"].as_u64()).sum();
    assert_eq!((calls, agents["agents"].as_array().unwrap().len()), (40, 36));
    let catalog = set.ask("home/.claude", &["catalog"]);
    let of = |name: &str| {
        catalog["items"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
    };
    assert_eq!(of("backend-expert")["capabilities"], serde_json::json!(["engineering"]));
    assert!(of("memory")["status_note"].as_str().unwrap().contains("not configured"));
    assert_eq!(of("postgres")["status_note"], "never checked");
    let hooks = catalog["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "webhook").count();
    assert_eq!(hooks, 3);
    let run = set.ask("home/.claude", &["tasks"]);
    let run = run["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == "run/2025-08-01T17:32:00")
        .unwrap()
        .clone();
    assert_eq!(
        (&run["status"], &run["steps"]),
        (&"running".into(), &serde_json::json!({"done": 2, "total": 4}))
    );
}

/// Of two databases in one folder each is told once, and the same data under two places never collides.
#[test]
fn a_dashboards_folder_is_read_with_its_logs() {
    let Some(set) = Recorded::find() else { return };
    let contents = set.contents("dashboard");
    assert_eq!(contents[&("data/orchestrator.db".to_owned(), "agent_logs".to_owned())], 72);
    assert_eq!(contents[&("backend/combined.log".to_owned(), "lines".to_owned())], 6);
    let lines = set.ask("dashboard", &["logs", "--limit", "1000"]);
    // 72 rows; six lines of the server, one of them with a place in its stack; what error.log repeats is told once.
    assert_eq!(lines["lines"].as_array().unwrap().len(), 72 + 7);
    let texts: Vec<&str> =
        lines["lines"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert!(texts.iter().any(|text| text.ends_with("🎭 Claude Code Agent Orchestrator")), "{texts:?}");
}

/// What the server answered about its database when it was recorded.
#[test]
fn the_recorded_server_answers_the_same() {
    let Some(set) = Recorded::find() else { return };
    let answers: Value =
        serde_json::from_str(&fs::read_to_string(set.path("recorded/api-responses.json")).unwrap()).unwrap();
    let db = "recorded/server-orchestrator.db";
    let agents = set.ask(db, &["agents"]);
    let find = |list: &Value, id: &Value| {
        list.as_array().unwrap().iter().find(|one| one["id"] == *id).unwrap().clone()
    };
    let stamp = |text: &Value| text.as_str().map(|text| format!("{}.000Z", text.replace(' ', "T")));
    let executions = answers["GET /api/executions"].as_array().unwrap();
    for row in executions {
        let agent = find(&agents["agents"], &row["id"]);
        assert_eq!((&agent["status_raw"], &agent["workspace"]), (&row["status"], &row["project_name"]));
        assert_eq!(agent["name"], row["agent_name"]);
        let _ = stamp(&row["started_at"]);
    }
    let tasks = set.ask(db, &["tasks"]);
    for row in answers["GET /api/executions/{id}"]["tasks"].as_array().unwrap() {
        let task = find(&tasks["tasks"], &row["id"]);
        assert_eq!(task["status_raw"], row["status"]);
        assert_eq!(task["agents"], serde_json::json!([row["execution_id"]]));
    }
    let projects = set.ask(db, &["projects"]);
    for name in ["POST /api/projects", "POST /api/projects (name only)"] {
        let row = &answers[name];
        let id = Value::from(format!("project/{}", row["id"].as_str().unwrap()));
        let project = find(&projects["projects"], &id);
        assert_eq!((&project["name"], &project["description"]), (&row["name"], &row["description"]));
        assert_eq!(project["status_raw"], row["status"]);
    }
    let hooks = set.ask(db, &["catalog", "--kind", "webhook"]);
    assert_eq!(hooks["items"][0]["name"], answers["POST /api/webhooks"]["url"]);
    assert_eq!(hooks["items"][0]["capabilities"], answers["POST /api/webhooks"]["events"]);
}

/// A real run of three: one was stopped, one had five levels.
#[test]
fn recorded_runs_and_sessions_are_told() {
    let Some(set) = Recorded::find() else { return };
    let tasks = set.ask("recorded/agent-workspaces", &["tasks"]);
    let runs: Vec<(String, Value)> = tasks["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["title"].as_str().unwrap().to_owned(), one["steps"].clone()))
        .collect();
    let steps = |title: &str| &runs.iter().find(|(name, _)| name.starts_with(title)).unwrap().1;
    let of = |done: u32, total: u32| serde_json::json!({"done": done, "total": total});
    assert_eq!((steps("shop-mvp"), steps("pricing-tool")), (&of(4, 4), &of(1, 4)));
    assert_eq!(steps("data-lake"), &of(15, 15));
    for (part, running, done) in
        [("recorded/orchestration-finished", 0, 4), ("recorded/orchestration-running", 2, 0)]
    {
        let agents = counts(&set.ask(part, &["agents"])["agents"], "status");
        assert_eq!(agents.get("running").copied().unwrap_or(0), running, "{part}");
        assert_eq!(agents.get("succeeded").copied().unwrap_or(0), done, "{part}");
        let session = fs::read_dir(set.path(part)).unwrap().next().unwrap().unwrap().file_name();
        let single = Path::new(part).join(session);
        let alone = counts(&set.ask(single.to_str().unwrap(), &["agents"])["agents"], "status");
        assert_eq!(alone, agents, "a session by itself says the same");
    }
    for (db, memories) in [
        ("recorded/agent-memories.db", 3),
        ("recorded/memory-keeper-test-memory.db", 2),
        ("recorded/agent-collaboration-with-example-memories.db", 14),
    ] {
        let notes = set.ask(db, &["sources"])["sources"][0]["notes"].to_string();
        assert!(notes.contains(&format!("{memories} memories")), "{db}: {notes}");
    }
    let answer = set.ask("recorded/agent-collaboration-after-hook-setup.db", &["sources"]);
    assert_eq!(answer["sources"][0]["contents"].as_array().unwrap().len(), 15);
}
