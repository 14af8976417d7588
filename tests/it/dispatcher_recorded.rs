//! The recorded home of the task dispatcher, read by the headless commands as scripts run them: every figure that an
//! independent count found must come out, and the home must stay as it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use orchdash::model::{Millis, Timestamp};
use serde_json::Value;

use crate::{
    machine::{Machine, counted},
    recorded::recorded,
};

/// A machine with a copy of the recording, whose crontab is the recorded one, and what a right reader finds.
struct Recorded {
    machine: Machine,
    expected: Value,
}

impl Recorded {
    fn find() -> Option<Self> {
        let text = fs::read_to_string(recorded("dispatcher")?.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let machine = Machine::with_recorded(
            "dispatcher",
            expected["now"].as_str().unwrap(),
            &["home", "crontab.txt"],
        )?;
        let table = machine.path("place/crontab.txt");
        machine.program("crontab", &format!("test \"$*\" = -l && exec cat '{}'", table.display()));
        Some(Self { machine, expected })
    }

    /// The document of a command, read as of the recording's moment.
    fn ask(&self, args: &[&str]) -> Value {
        self.machine.ask_about("dispatcher", "place/home", args)
    }

    fn now(&self) -> Timestamp {
        time(&self.expected["now"]).unwrap()
    }

    /// What was counted in a place of the home.
    fn count(&self, place: &str, what: &str) -> u64 {
        counted(&self.ask(&["sources"]), place, what).unwrap_or_else(|| panic!("{what} of {place}"))
    }

    fn tasks(&self) -> Vec<Value> {
        self.ask(&["tasks"])["tasks"].as_array().unwrap().clone()
    }
}

/// Every figure of the recording; each is reached by a test below.
const FIGURES: &str = "now timezone records_total batches tasks tasks_without_id task_status task_type task_model_family \
    task_workspace complexity created_last_24h created_last_7d created_last_30d settled_last_24h settled_last_7d \
    failed_last_24h running verifying pending batch_member_status workspace_last_activity workspaces_idle_over_7_days \
    workspaces_idle_over_30_days workspace_ids_not_in_registry tasks_per_day_utc usage_by_model usage_last_7d \
    usage_month_2026_11 backlogs cron_active";

#[test]
fn no_figure_is_left_out() {
    let Some(recording) = Recorded::find() else { return };
    let known: BTreeSet<&str> = FIGURES.split_whitespace().collect();
    let found: BTreeSet<&str> = recording.expected.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(found, known);
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|text| Timestamp::parse(text).unwrap())
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} of {value}"))
}

fn counts<'a>(things: &'a [Value], word: impl Fn(&'a Value) -> String) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for thing in things {
        *counts.entry(word(thing)).or_default() += 1;
    }
    counts
}

fn map(value: &Value) -> BTreeMap<String, u64> {
    value.as_object().unwrap().iter().map(|(name, count)| (name.clone(), count.as_u64().unwrap())).collect()
}

fn ids(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn those(tasks: &[Value], wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    tasks.iter().filter(|task| wanted(task)).map(|task| text(task, "id").to_owned()).collect()
}

fn within(recording: &Recorded, value: &Value, days: i64) -> bool {
    time(value).is_some_and(|at| recording.now().since(at) <= Millis::days(days))
}

fn family(model: &Value) -> String {
    let name = model.as_str().unwrap_or("none");
    let known = ["haiku", "sonnet", "opus"].into_iter().find(|family| name.contains(family));
    known.unwrap_or(name).to_owned()
}

#[test]
fn tasks_are_as_counted() {
    let Some(recording) = Recorded::find() else { return };
    let expected = &recording.expected;
    let tasks = recording.tasks();
    let of = |field: &'static str| move |task: &Value| task[field].as_str().unwrap_or("-").to_owned();
    assert_eq!(tasks.len() as u64, expected["tasks"].as_u64().unwrap());
    assert_eq!(counts(&tasks, of("status_raw")), map(&expected["task_status"]));
    assert_eq!(counts(&tasks, of("type")), map(&expected["task_type"]));
    assert_eq!(counts(&tasks, of("workspace")), map(&expected["task_workspace"]));
    assert_eq!(counts(&tasks, of("complexity")), map(&expected["complexity"]));
    assert_eq!(counts(&tasks, |task| family(&task["model"])), map(&expected["task_model_family"]));
    let days = counts(&tasks, |task| text(task, "created_at")[..10].to_owned());
    assert_eq!(days, map(&expected["tasks_per_day_utc"]));
    for (figure, field, days) in [
        ("created_last_24h", "created_at", 1),
        ("created_last_7d", "created_at", 7),
        ("created_last_30d", "created_at", 30),
        ("settled_last_24h", "ended_at", 1),
        ("settled_last_7d", "ended_at", 7),
    ] {
        let found = those(&tasks, |task| within(&recording, &task[field], days)).len() as u64;
        assert_eq!(Some(found), expected[figure].as_u64(), "{figure}");
    }
    let failed = those(&tasks, |task| task["status"] == "failed" && within(&recording, &task["ended_at"], 1));
    assert_eq!(failed, ids(&expected["failed_last_24h"]));
    assert_eq!(those(&tasks, |task| task["status"] == "queued"), ids(&expected["pending"]));
    let checking = |task: &Value| task["status"] == "running" && task["activity"].is_string();
    assert_eq!(those(&tasks, checking), ids(&expected["verifying"]));
}

#[test]
fn running_tasks_are_as_old_as_counted() {
    let Some(recording) = Recorded::find() else { return };
    let tasks = recording.tasks();
    let running = recording.expected["running"].as_array().unwrap();
    let found = those(&tasks, |task| task["status_raw"] == "running");
    assert_eq!(found.len(), running.len());
    for wanted in running {
        let task = tasks.iter().find(|task| task["id"] == wanted["id"]).unwrap();
        assert_eq!(task["workspace"], wanted["workspace"]);
        assert_eq!(time(&task["started_at"]), time(&wanted["started_at"]));
        assert_eq!(task["duration_s"].as_f64(), wanted["elapsed_seconds"].as_f64());
        assert!(
            task["ended_at"].is_null() && task["error"].is_null(),
            "what is left of a try before is no end"
        );
    }
}

#[test]
fn places_hold_what_was_counted() {
    let Some(recording) = Recorded::find() else { return };
    let source = recording.ask(&["sources"])["sources"][0].clone();
    assert_eq!((text(&source, "state"), &source["error"]), ("live", &Value::Null));
    let records = "logs/dispatches.json";
    for (what, figure) in [
        ("records", "records_total"),
        ("batches", "batches"),
        ("tasks", "tasks"),
        ("tasks without id", "tasks_without_id"),
    ] {
        assert_eq!(recording.count(records, what), recording.expected[figure], "{what}");
    }
    let jobs = recording.expected["cron_active"].as_array().unwrap().len();
    assert_eq!(recording.count("crontab", "jobs"), jobs as u64);
    for (name, list) in recording.expected["backlogs"].as_object().unwrap() {
        assert_eq!(recording.count(text(list, "file"), "pending items"), list["pending"], "{name}");
        assert_eq!(recording.count(text(list, "file"), "done items"), list["done"], "{name}");
    }
}

#[test]
fn starts_of_the_shell_dispatcher_are_lines_of_the_log() {
    let Some(recording) = Recorded::find() else { return };
    assert_eq!(recording.count("logs/dispatches.log", "starts without a record"), 2);
    let logs = recording.ask(&["logs"]);
    let said = |text: &str| logs["lines"].as_array().unwrap().iter().any(|line| line["text"] == text);
    assert!(said(
        "shell dispatch · acme.warehouse · Explain the stock schema (medium, claude-sonnet-4-5-20250929)"
    ));
    assert!(said("shell dispatch · api-backend · Bump node to 20 in CI (simple, claude-haiku-4-5-20251001)"));
}

#[test]
fn batches_follow_from_their_members() {
    let Some(recording) = Recorded::find() else { return };
    let batches = recording.ask(&["batches"])["batches"].as_array().unwrap().clone();
    let wanted = recording.expected["batch_member_status"].as_object().unwrap();
    assert_eq!(batches.len(), wanted.len());
    for (id, wanted) in wanted {
        let batch = batches.iter().find(|batch| batch["id"] == **id).unwrap();
        assert_eq!(batch["status_raw"], wanted["recorded"], "{id}");
        let mut found = map(&batch["by_status_raw"]);
        found.retain(|_, count| *count > 0);
        assert_eq!(found, map(&wanted["members"]), "{id}");
    }
}

#[test]
fn workspaces_were_active_when_counted() {
    let Some(recording) = Recorded::find() else { return };
    let projects = recording.ask(&["projects"])["projects"].as_array().unwrap().clone();
    let (unknown, known): (Vec<&Value>, Vec<&Value>) =
        projects.iter().partition(|project| project["status_note"] == "not in workspaces.json");
    let names = |projects: &[&Value]| -> BTreeSet<String> {
        projects.iter().map(|project| text(project, "name").to_owned()).collect()
    };
    assert_eq!(names(&unknown), ids(&recording.expected["workspace_ids_not_in_registry"]));
    let work: BTreeMap<String, u64> = projects
        .iter()
        .map(|project| (text(project, "name").to_owned(), project["tasks_total"].as_u64().unwrap()))
        .collect();
    assert_eq!(work, map(&recording.expected["task_workspace"]), "tasks of each workspace");
    let wanted = recording.expected["workspace_last_activity"].as_object().unwrap();
    assert_eq!(known.len(), wanted.len());
    for project in &known {
        let name = text(project, "name");
        assert_eq!(time(&project["updated_at"]), time(&wanted[name]), "{name}");
    }
    for (figure, days) in [("workspaces_idle_over_7_days", 7), ("workspaces_idle_over_30_days", 30)] {
        let idle: Vec<&Value> = known
            .iter()
            .copied()
            .filter(|project| !within(&recording, &project["updated_at"], days))
            .collect();
        assert_eq!(names(&idle), ids(&recording.expected[figure]), "{figure}");
    }
}

fn same_dollars(found: &Value, wanted: &Value) {
    let (found, wanted) = (found.as_f64().unwrap(), wanted.as_f64().unwrap());
    assert!((found - wanted).abs() < 1e-6, "{found} is not {wanted}");
}

#[test]
fn usage_is_as_recorded() {
    let Some(recording) = Recorded::find() else { return };
    let expected = &recording.expected;
    let groups = recording.ask(&["usage", "--by", "model"])["groups"].as_array().unwrap().clone();
    let wanted = expected["usage_by_model"].as_object().unwrap();
    assert_eq!(groups.len(), wanted.len());
    for group in &groups {
        let wanted = &wanted[text(group, "key")];
        for (field, figure) in [
            ("input", "input"),
            ("output", "output"),
            ("cache_read", "cache_read"),
            ("cache_write_5m", "cache_write"),
        ] {
            assert_eq!(group[field], wanted[figure], "{field} of {}", group["key"]);
        }
        assert_eq!(group["cost_kind"], "recorded");
        same_dollars(&group["cost_usd"], &wanted["cost_usd"]);
    }
    for (model, wanted) in wanted {
        let count = recording.count("logs/usage.json", &format!("usage records of {model}"));
        assert_eq!(count, wanted["records"], "{model}");
    }
    // Every record of that week is of another task.
    let week = recording.ask(&["usage", "--by", "task", "--since", "7d"])["groups"].clone();
    assert_eq!(week.as_array().unwrap().len(), expected["usage_last_7d"]["records"]);
    let source = recording.ask(&["sources"])["sources"][0].clone();
    let records: u64 = wanted.values().map(|wanted| wanted["records"].as_u64().unwrap()).sum();
    assert_eq!(source["usage_records"], records);
    let week = recording.ask(&["usage", "--since", "7d"])["totals"].clone();
    let in_out = week["input"].as_u64().unwrap() + week["output"].as_u64().unwrap();
    assert_eq!(Some(in_out), expected["usage_last_7d"]["tokens_in_out"].as_u64());
    same_dollars(&week["cost_usd"], &expected["usage_last_7d"]["cost_usd"]);
    let month = recording.ask(&["usage", "--since", "2026-11-01"])["totals"].clone();
    same_dollars(&month["cost_usd"], &expected["usage_month_2026_11"]["cost_usd"]);
}

#[test]
fn backlogs_are_as_counted() {
    let Some(recording) = Recorded::find() else { return };
    let lists = recording.ask(&["backlog"])["workspaces"].as_array().unwrap().clone();
    let wanted = recording.expected["backlogs"].as_object().unwrap();
    let files: Vec<&Value> =
        lists.iter().filter(|list| text(list, "list").starts_with("backlogs/")).collect();
    assert_eq!(files.len(), wanted.len());
    for (name, wanted) in wanted {
        let list = files.iter().find(|list| list["workspace"] == **name).unwrap();
        assert_eq!(list["list"], wanted["file"], "{name}");
        assert_eq!((&list["pending_total"], &list["done"]), (&wanted["pending"], &wanted["done"]), "{name}");
        for (section, count) in wanted["pending_by_section"].as_object().unwrap() {
            // A section that names no priority gives none.
            let priority = if section == "product" { "none" } else { section.as_str() };
            assert_eq!(list["pending"][priority], *count, "{section} of {name}");
        }
    }
    let issues = lists.iter().find(|list| list["list"] == "GitHub issues of acme/storefront").unwrap();
    assert_eq!((text(issues, "workspace"), &issues["pending_total"]), ("acme.storefront", &Value::from(3)));
}

#[test]
fn jobs_run_next_when_counted() {
    let Some(recording) = Recorded::find() else { return };
    let schedules = recording.ask(&["schedules"])["schedules"].as_array().unwrap().clone();
    let (paused, active): (Vec<&Value>, Vec<&Value>) =
        schedules.iter().partition(|job| job["paused"] == true);
    let wanted = recording.expected["cron_active"].as_array().unwrap();
    assert_eq!(active.len(), wanted.len());
    for wanted in wanted {
        let tail = text(wanted, "command_tail");
        let ends = |job: &Value| {
            let command = text(job, "command");
            command.split(" >>").next().unwrap_or_default().ends_with(tail)
        };
        let job = active
            .iter()
            .find(|job| job["cron"] == wanted["expr"] && ends(job))
            .unwrap_or_else(|| panic!("{tail}"));
        assert_eq!(time(&job["next_run"]), time(&wanted["next_utc"]), "{tail}");
    }
    let names: BTreeSet<&str> = paused.iter().map(|job| text(job, "name")).collect();
    assert_eq!(names, BTreeSet::from(["fetch-open-prs.sh", "trends.sh lyon-1"]));
    let of = |name: &str| schedules.iter().find(|job| job["name"] == name).unwrap();
    let report = of("orchestrator.sh daily-report");
    assert_eq!((text(report, "last_status"), &report["missed"]), ("succeeded", &Value::from(false)));
    assert_eq!(time(&report["last_run"]), Timestamp::parse("2026-11-17T17:00:12Z"));
    let backlogs = of("orchestrator.sh process-backlogs");
    assert_eq!((&backlogs["last_status"], &backlogs["missed"]), (&Value::Null, &Value::from(true)));
}
