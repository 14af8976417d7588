//! Homes of the task dispatcher as the program meets them on a machine: found in the usual places, several at once, with
//! every sort of crontab program.

use std::path::Path;

use orchdash::model::{Timestamp, Zone};
use serde_json::{Value, json};

use crate::machine::{Machine, counted};

/// A machine whose crontab program answers that there is no crontab.
fn machine() -> Machine {
    let mut machine = Machine::new("2026-11-18T15:30:00Z");
    machine.zone = "Asia/Tokyo";
    machine.program("crontab", "echo 'no crontab for person' >&2; exit 1");
    machine
}

const COPY: &str = "0 17 * * * {{ORCHESTRATOR_HOME}}/scripts/orchestrator.sh daily-report\n";

fn list<'a>(document: &'a Value, name: &str) -> Vec<&'a Value> {
    document[name].as_array().unwrap().iter().collect()
}

#[test]
fn homes_are_found_in_the_usual_places_and_read_side_by_side() {
    let machine = machine();
    let task = |id: &str| json!([{"id": id, "task": id, "status": "pending"}]).to_string();
    machine.write("person/JARVIS/logs/dispatches.json", &task("one"));
    machine.write("person/claude-orchestrator/logs/dispatches.json", &task("one"));
    machine.write(
        "elsewhere/config/orchestrator/workspaces.json",
        r#"{"workspaces": {"web": {"path": "~/web"}}}"#,
    );
    let elsewhere = machine.path("elsewhere");
    let named: [(&str, &Path); 1] = [("ORCHESTRATOR_HOME", &elsewhere)];
    let document = machine.ask(&named, &["sources"]);
    let kinds: Vec<&str> =
        list(&document, "sources").iter().filter_map(|source| source["kind"].as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "dispatcher").count(), 3, "{kinds:?}");
    let tasks = machine.ask(&[], &["tasks"]);
    assert_eq!(list(&tasks, "tasks").len(), 2, "the same id in two homes is two tasks");
    let projects = machine.ask(&named, &["projects"]);
    let path = machine.path("person/web").display().to_string();
    assert!(list(&projects, "projects").iter().any(|project| project["workspace_path"] == path.as_str()));
}

/// What the schedule of the home's copy says about itself, and the notes of the source.
fn with_crontab(script: Option<&str>) -> (Value, Vec<String>) {
    let machine = machine();
    let script = script.unwrap_or("echo 'crontab: command not found' >&2; exit 127");
    machine.program("crontab", &script.replace("HOME_DIR", &machine.path("home").display().to_string()));
    machine.write("home/logs/dispatches.json", "[]").write("home/config/cron/orchestrator.cron", COPY);
    let schedules = machine.ask_about("dispatcher", "home", &["schedules"]);
    let sources = machine.ask_about("dispatcher", "home", &["sources"]);
    let notes =
        list(&sources["sources"][0], "notes").iter().map(|note| note.as_str().unwrap().to_owned()).collect();
    assert_eq!(list(&schedules, "schedules").len(), 1);
    (schedules["schedules"][0].clone(), notes)
}

#[test]
fn every_answer_of_the_crontab_program_is_understood() {
    let in_force = "echo '0 17 * * * HOME_DIR/scripts/orchestrator.sh daily-report'";
    let (job, notes) = with_crontab(Some(in_force));
    assert_eq!((job["planned_in"].as_str(), &job["status_note"]), (Some("crontab"), &Value::Null));
    let next = Timestamp::parse(job["next_run"].as_str().unwrap()).unwrap();
    let zone = iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Zone::UTC);
    assert_eq!(next.clock(zone), "17:00:00", "cron counts in the zone of the machine, not of the screen");
    assert!(notes.is_empty(), "{notes:?}");

    let note = "from config/cron/orchestrator.cron, not from this machine's crontab";
    for silent in ["echo 'no crontab for person' >&2; exit 1", "exit 0", "echo '0 1 * * * /usr/bin/other'"] {
        let (job, notes) = with_crontab(Some(silent));
        assert_eq!(job["status_note"], note, "{silent}");
        assert!(notes.is_empty(), "{silent}: {notes:?}");
    }
    let (job, notes) =
        with_crontab(Some("echo 'You (person) are not allowed to use this program' >&2; exit 1"));
    assert_eq!(job["status_note"], note);
    assert!(
        notes[0].contains("the crontab cannot be read: crontab -l: You (person) are not allowed"),
        "{notes:?}"
    );
    let (_, notes) = with_crontab(None);
    assert!(notes[0].contains("command not found"), "{notes:?}");
    let (job, notes) = with_crontab(Some("exec sleep 600"));
    assert_eq!(job["status_note"], note);
    assert!(notes[0].contains("crontab -l does not answer"), "{notes:?}");
    // It gets nothing to read and speaks plainly.
    let (_, notes) = with_crontab(Some(
        "test \"$LC_ALL\" = C && test \"$*\" = -l && ! read line && exit 0; echo bad >&2; exit 1",
    ));
    assert!(notes.is_empty(), "{notes:?}");
}

const RECORDS: &str = "home/logs/dispatches.json";

fn task(id: &str, status: &str, batch: Option<&str>) -> Value {
    json!({"id": id, "batch_id": batch, "task": id, "status": status, "workspace": "web", "created_at": "2026-11-18T15:00:00Z",
        "updated_at": "2026-11-18T15:20:00Z", "started_at": null, "completed_at": null})
}

#[test]
fn the_state_of_a_batch_is_that_of_its_members_whatever_its_record_says() {
    let cases: [(&str, &[&str], &str); 10] = [
        ("pending", &["pending", "pending"], "queued"),
        ("pending", &["pending", "running"], "running"),
        ("completed", &["complete", "verifying"], "running"),
        ("running", &["complete", "complete"], "succeeded"),
        ("running", &["complete", "failed"], "failed"),
        ("running", &["failed", "failed"], "failed"),
        ("cancelled", &["pending", "complete"], "cancelled"),
        ("cancelled", &["failed", "failed"], "failed"),
        ("cancelled", &["running", "failed"], "running"),
        ("completed_with_failures", &["complete", "timeout"], "failed"),
    ];
    for (stored, members, state) in cases {
        let machine = machine();
        let ids: Vec<String> = (0..members.len()).map(|n| format!("d{n}")).collect();
        let mut records: Vec<Value> =
            members.iter().zip(&ids).map(|(status, id)| task(id, status, Some("b"))).collect();
        // Its counters are stale, and it comes after its members.
        records.push(json!({"id": "b", "type": "batch", "status": stored, "created_at": "2026-11-18T15:00:00Z",
            "task_count": 2, "tasks_completed": 0, "tasks_failed": 0, "tasks_pending": 2, "dispatches": ids}));
        machine.write(RECORDS, &json!(records).to_string());
        let batches = machine.ask_about("dispatcher", "home", &["batches"]);
        let batch = &batches["batches"][0];
        assert_eq!((&batch["status"], &batch["status_raw"]), (&state.into(), &stored.into()), "{members:?}");
        assert_eq!(batch["members"], json!(ids));
        let tasks = machine.ask_about("dispatcher", "home", &["tasks"]);
        assert_eq!(list(&tasks, "tasks").len(), 2, "a batch is no task");
    }
}

#[test]
fn what_nobody_wrote_is_not_known_and_no_zero() {
    let machine = machine();
    let mut told = task("told", "complete", None);
    told["tokens_used"] = json!(51233);
    let mut used = task("used", "complete", None);
    used["execution_time_seconds"] = json!(354);
    machine.write(RECORDS, &json!([task("silent", "pending", None), told, used]).to_string());
    machine.write(
        "home/logs/usage.json",
        &json!({"usage": [{"dispatch_id": "used", "tokens": {"input": 7, "output": 3}, "cost_usd": 0.25}]})
            .to_string(),
    );
    let tasks = machine.ask_about("dispatcher", "home", &["tasks"]);
    let find = |id: &str| list(&tasks, "tasks").into_iter().find(|task| task["id"] == id).unwrap();
    let silent = find("silent");
    for field in
        ["recorded_tokens", "cost_usd", "duration_s", "started_at", "ended_at", "result", "error", "model"]
    {
        assert!(silent[field].is_null(), "{field}: {silent}");
    }
    assert_eq!((&find("told")["recorded_tokens"], &find("told")["cost_usd"]), (&51233.into(), &Value::Null));
    let used = find("used");
    assert_eq!((&used["tokens"]["total"], &used["cost_usd"]), (&10.into(), &0.25.into()));
    assert_eq!((&used["cost_kind"], &used["duration_s"]), (&"recorded".into(), &354.0.into()));
}

#[test]
fn a_home_in_which_only_helpers_write() {
    let machine = machine();
    let line = |kind: &str, task: &str, workspace: &str, seconds: Option<u32>| {
        let end = "2026-11-18T12:00:00.000Z";
        let mut line = json!({"type": kind, "task": task, "workspace": workspace, "model": "none", "status": "complete",
            "created_at": end, "started_at": end, "completed_at": end});
        if let Some(seconds) = seconds {
            line["duration_seconds"] = json!(seconds);
        }
        line
    };
    let records = json!([
        line("pr-fetch", "Fetch", "orchestrator", None),
        line("pr-fetch", "Fetch", "orchestrator", None),
        line("vk-health", "Health check", "acme.health", Some(90)),
        line("health-monthly", "Consolidate", "acme.health", Some(0)),
    ]);
    machine.write(RECORDS, &records.to_string());
    let tasks = machine.ask_about("dispatcher", "home", &["tasks"]);
    let tasks = list(&tasks, "tasks");
    let ids: std::collections::BTreeSet<&str> = tasks.iter().filter_map(|task| task["id"].as_str()).collect();
    assert_eq!(ids.len(), 4, "exact duplicates are two");
    let health = tasks.iter().find(|task| task["type"] == "vk-health").unwrap();
    assert_eq!(
        (&health["started_at"], &health["duration_s"]),
        (&"2026-11-18T11:58:30.000Z".into(), &90.0.into())
    );
    assert!(health["model"].is_null());
    let projects = machine.ask_about("dispatcher", "home", &["projects"]);
    let notes: Vec<&Value> =
        list(&projects, "projects").iter().map(|project| &project["status_note"]).collect();
    assert_eq!(notes, [&Value::from("not in workspaces.json"); 2]);
    let sources = machine.ask_about("dispatcher", "home", &["sources"]);
    assert_eq!(counted(&sources, "logs/dispatches.json", "tasks without id"), Some(4));
}

#[test]
fn starts_of_the_shell_dispatcher_are_told_but_are_no_tasks() {
    let machine = machine();
    machine.write(RECORDS, &json!([task("recorded", "complete", None)]).to_string());
    machine.write(
        "home/logs/dispatches.log",
        "[2026-11-18T15:00:00+00:00] workspace=web model=m complexity=simple task=\"recorded\"\n\
         [2026-11-18T15:10:00+00:00] workspace=lost model=m complexity=simple task=\"say \"hi\"\nand go\"\n",
    );
    let tasks = machine.ask_about("dispatcher", "home", &["tasks"]);
    assert_eq!(list(&tasks, "tasks").len(), 1);
    let projects = machine.ask_about("dispatcher", "home", &["projects"]);
    assert_eq!(list(&projects, "projects").len(), 1, "no workspace of its own either");
    let logs = machine.ask_about("dispatcher", "home", &["logs"]);
    let texts: Vec<&Value> = list(&logs, "lines").iter().map(|line| &line["text"]).collect();
    let wanted = [
        "shell dispatch · web · recorded (simple, m)",
        "shell dispatch · lost · say \"hi\" and go (simple, m)",
    ];
    assert_eq!(texts, wanted);
    let sources = machine.ask_about("dispatcher", "home", &["sources"]);
    assert_eq!(counted(&sources, "logs/dispatches.log", "starts"), Some(2));
    assert_eq!(counted(&sources, "logs/dispatches.log", "starts without a record"), Some(1));
}

#[test]
fn an_empty_home_and_a_torn_one_say_what_they_are() {
    let machine = machine();
    machine.write(RECORDS, "[]");
    let source =
        |machine: &Machine| machine.ask_about("dispatcher", "home", &["sources"])["sources"][0].clone();
    assert_eq!(source(&machine)["state"], "empty");
    machine.write(
        "home/config/orchestrator/workspaces.json",
        &json!({"workspaces": {"web": {"path": "/x"}}}).to_string(),
    );
    // Cut in the middle, and a writer's left-over beside it that is whole.
    machine.write(RECORDS, "[{\"id\": \"a\", \"sta");
    machine.write("home/logs/dispatches.json.tmp.4711", &json!([task("left", "pending", None)]).to_string());
    let torn = source(&machine);
    assert_eq!(torn["state"], "stale");
    assert!(torn["error"].as_str().unwrap().contains("logs/dispatches.json"), "{torn}");
    assert!(torn["remedy"].is_string());
    let tasks = machine.ask_about("dispatcher", "home", &["tasks"]);
    assert_eq!(list(&tasks, "tasks").len(), 0, "what is left over is no data");
    let projects = machine.ask_about("dispatcher", "home", &["projects"]);
    assert_eq!(list(&projects, "projects").len(), 1, "the rest is told");
}
