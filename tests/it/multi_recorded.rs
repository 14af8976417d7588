//! The recorded directories of the multi-agent orchestrator, read by the source into a store and compared with what an
//! independent script counted in them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::values::key;
use orchdash::{
    model::{Agent, Id, Status, Task, Timestamp, Usd},
    sources::kind,
    text::Safe,
};
use serde_json::Value;

use crate::{
    foreign::{copy, snapshot},
    recorded::recorded,
    rig::Rig,
};

fn open(path: &Path, now: &str) -> Rig {
    Rig::open("multi-agent", path, now).expect("opens")
}

fn agent<'a>(rig: &'a Rig, local: &str) -> &'a Agent {
    rig.agent(local).unwrap_or_else(|| panic!("agent {local}"))
}

fn task<'a>(rig: &'a Rig, local: &str) -> &'a Task {
    rig.store.tasks.find(&key(local)).unwrap_or_else(|| panic!("task {local}"))
}

/// The agent of a directory: by its path, or by the row with its prefix.
fn of_dir<'a>(rig: &'a Rig, task: Option<&str>, dir: &str) -> (Id<Agent>, &'a Agent) {
    let path = task.map_or_else(|| dir.to_owned(), |task| format!("{task}/{dir}"));
    let prefix = dir.get(..8).expect("a prefix");
    let mut found = rig.store.agents.entries().filter(|(_, key, agent)| {
        let logs = agent.facts.iter().find(|(label, _)| *label == "logs");
        key.local.as_str() == path
            || key.local.starts_with(prefix) && logs.is_some_and(|(_, logs)| logs.ends_with(&path))
    });
    let (id, _, agent) = found.next().unwrap_or_else(|| panic!("agent of {path}"));
    assert!(found.next().is_none(), "one agent for {path}");
    (id, agent)
}

fn recordings() -> Option<(PathBuf, Value)> {
    let root = recorded("multi-agent")?;
    let text = fs::read_to_string(root.join("expected.json")).unwrap();
    Some((root, serde_json::from_str(&text).unwrap()))
}

fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("{key} in {value}"))
}

fn counts<'a>(words: impl Iterator<Item = Option<&'a Safe>>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for word in words.flatten() {
        *counts.entry(word.to_string()).or_default() += 1;
    }
    counts
}

fn expected_counts(value: &Value) -> BTreeMap<String, u64> {
    value
        .as_object()
        .expect("an object")
        .iter()
        .map(|(k, v)| (k.clone(), v.as_u64().expect("a count")))
        .collect()
}

fn lower(counts: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    counts.into_iter().map(|(word, count)| (word.to_lowercase(), count)).collect()
}

fn is_close(left: f64, right: f64) -> bool {
    (left - right).abs() < 5e-7
}

fn fact<'a>(facts: &'a [(&'static str, Safe)], label: &str) -> Option<&'a Safe> {
    facts.iter().find(|(known, _)| *known == label).map(|(_, value)| value)
}

/// Rows only: what stands in no database has no stored word.
fn check_database(opened: &Rig, expected: &Value) {
    let rows =
        || opened.store.agents.iter().map(|(_, agent)| agent).filter(|agent| agent.status_raw.is_some());
    let tasks = || opened.store.tasks.iter().map(|(_, task)| task).filter(|task| task.status_raw.is_some());
    let (agents, stored) = (&expected["agents"], &expected["tasks"]);
    assert_eq!(rows().count() as u64, number(agents, "total"));
    assert_eq!(tasks().count() as u64, number(stored, "total"));
    assert_eq!(counts(rows().map(|agent| agent.status_raw.as_ref())), expected_counts(&agents["by_status"]));
    assert_eq!(counts(rows().map(|agent| agent.role.as_ref())), lower(expected_counts(&agents["by_role"])));
    assert_eq!(counts(tasks().map(|task| task.status_raw.as_ref())), expected_counts(&stored["by_status"]));
    assert_eq!(counts(tasks().map(|task| task.kind.as_ref())), lower(expected_counts(&stored["by_type"])));
    for agent in rows() {
        assert_eq!(agent.status, meaning(agent.status_raw.as_deref().unwrap_or("")), "{:?}", agent.name);
    }
    check_stored_sums(&rows().collect::<Vec<_>>(), &tasks().collect::<Vec<_>>(), expected);
    for orphan in expected["orphan_agents"].as_array().into_iter().flatten() {
        let agent = agent(opened, orphan.as_str().expect("an id"));
        let is_told = agent.task.as_ref().is_some_and(|task| opened.store.task_id(task).is_some());
        assert!(agent.task.is_none() || is_told, "an orphan points at nothing");
    }
    for task in expected["per_task"].as_array().into_iter().flatten() {
        check_task(opened, task);
    }
}

fn meaning(stored: &str) -> Status {
    match stored {
        "ACTIVE" | "running" => Status::Running,
        "IDLE" => Status::Idle,
        "COMPLETED" | "completed" => Status::Succeeded,
        "FAILED" | "failed" => Status::Failed,
        "created" => Status::Queued,
        "waiting" => Status::Waiting,
        "deleted" => Status::Cancelled,
        other => panic!("{other}"),
    }
}

fn check_stored_sums(agents: &[&Agent], tasks: &[&Task], expected: &Value) {
    let dollars = |agent: &&Agent| {
        let text = fact(&agent.facts, "cost stored")?;
        text.trim_start_matches('$').parse::<f64>().ok()
    };
    let cost: f64 = agents.iter().filter_map(dollars).sum();
    let stored = |agent: &&Agent| -> Vec<u64> {
        let text = fact(&agent.facts, "tokens stored").map(ToString::to_string).unwrap_or_default();
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
    };
    let task_cost: Usd = tasks.iter().filter_map(|task| task.recorded_cost).sum();
    let expected_agents = &expected["agents"];
    if expected["kind"] == "core" {
        assert!(is_close(cost, expected_agents["cost_sum"].as_f64().expect("a sum")));
        assert_eq!(agents.iter().flat_map(stored).sum::<u64>(), number(expected_agents, "token_sum"));
        let deleted = agents.iter().filter(|agent| fact(&agent.facts, "deleted").is_some()).count();
        assert_eq!(deleted as u64, number(expected_agents, "deleted"));
        assert!(is_close(task_cost.dollars(), expected["tasks"]["cost_sum"].as_f64().expect("a sum")));
        return;
    }
    assert!(is_close(cost, expected_agents["cost_usd_sum_of_parseable"].as_f64().expect("a sum")));
    let sums = &expected_agents["token_sums"];
    let columns = ["total_input_tokens", "total_output_tokens", "cache_creation_tokens", "cache_read_tokens"];
    for (at, column) in columns.into_iter().enumerate() {
        let sum: u64 = agents.iter().filter_map(|agent| stored(agent).get(at).copied()).sum();
        assert_eq!(sum, number(sums, column), "{column}");
    }
    assert_eq!(task_cost.0, number(&expected["tasks"], "total_cost_cents_sum") as i64 * 10_000_000);
    let seconds: i64 = tasks.iter().filter_map(|task| task.duration).map(|span| span.0 / 1000).sum();
    assert_eq!(seconds as u64, number(&expected["tasks"], "duration_seconds_sum"));
}

fn check_task(opened: &Rig, expected: &Value) {
    let id = expected["id"].as_str().expect("an id");
    let task = task(opened, id);
    assert_eq!(task.status_raw.as_deref(), expected["status"].as_str());
    assert_eq!(task.kind.as_deref().map(str::to_uppercase).as_deref(), expected["task_type"].as_str());
    let workflow: Vec<String> =
        serde_json::from_str(expected["workflow"].as_str().unwrap_or("[]")).expect("JSON");
    if !workflow.is_empty() {
        assert_eq!(
            task.workflow.iter().map(|role| role.to_uppercase()).collect::<Vec<_>>(),
            workflow,
            "{id}"
        );
    }
    let told: Vec<(String, String, String)> = task
        .agents
        .iter()
        .filter_map(|key| {
            let agent = opened.store.agents.find(key).expect("told");
            let raw = agent.status_raw.as_ref()?;
            Some((key.local.to_string(), agent.role.as_ref()?.to_uppercase(), raw.to_string()))
        })
        .collect();
    let rows: Vec<(String, String, String)> = expected["agents"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| serde_json::from_value(row.clone()).expect("three words"))
        .collect();
    assert_eq!(told, rows, "agents of {id} in order");
    for (row, ..) in &rows {
        assert_eq!(agent(opened, row).task, Some(key(id)));
    }
}

fn check_logs(opened: &Rig, expected: &[Value]) {
    let mut cost = 0.0;
    let (mut lines, mut bad) = (0, 0);
    for dir in expected {
        let name = dir["dir"].as_str().expect("a name");
        let (id, agent) = of_dir(opened, dir["task_id"].as_str(), name);
        check_tools(agent, &dir["tools"], name);
        let texts = &dir["text_header_lines"];
        let summary = &dir["summary"];
        let used = opened.store.agent_usage(id);
        if summary.is_null() {
            assert_eq!(used.tokens.total(), 0, "{name}");
            continue;
        }
        let sums = &summary["usage_sum"];
        if number(summary, "results") > 0 && number(sums, "output_tokens") > 0 {
            assert_eq!(used.tokens.input, number(sums, "input_tokens"), "{name}");
            assert_eq!(used.tokens.output, number(sums, "output_tokens"), "{name}");
            assert_eq!(used.tokens.cache_write(), number(sums, "cache_creation_input_tokens"), "{name}");
            assert_eq!(used.tokens.cache_read, number(sums, "cache_read_input_tokens"), "{name}");
        }
        let stated = summary["cost_usd_sum"].as_f64().expect("a sum");
        cost += stated;
        assert!(is_close(used.cost.dollars(), stated), "{name}: {} for {stated}", used.cost.dollars());
        if number(summary, "results") == 0 {
            assert_eq!(
                u64::from(agent.messages.expect("counted")),
                texts["AssistantMessage"].as_u64().unwrap_or(0)
            );
            assert_eq!(fact(&agent.facts, "tokens from").map(|text| text.starts_with("log")), Some(false));
        }
        for file in [&dir["tools"], summary] {
            lines += file["lines"].as_u64().unwrap_or(0);
            bad += file["not_objects"].as_u64().unwrap_or(0);
        }
        assert!(agent.started_at.is_some(), "{name}");
    }
    assert!(opened.health.lines_read >= lines, "{} of {lines}", opened.health.lines_read);
    assert_eq!(opened.health.skipped, bad);
    let database: f64 = opened
        .store
        .agents
        .iter()
        .filter(|(_, agent)| {
            fact(&agent.facts, "tokens from").is_some_and(|from| from.starts_with("database"))
        })
        .map(|(id, _)| opened.store.agent_usage(id).cost.dollars())
        .sum();
    assert!(is_close(opened.store.usage().cost.dollars(), cost + database));
}

fn check_tools(agent: &Agent, expected: &Value, name: &str) {
    if expected.is_null() {
        assert_eq!(agent.tool_calls(), Some(0), "{name}");
        return;
    }
    let tools = agent.tools.as_ref().expect("counted");
    let told: BTreeMap<String, u64> =
        tools.iter().map(|tool| (tool.name.to_string(), u64::from(tool.calls))).collect();
    assert_eq!(told, expected_counts(&expected["by_tool"]), "{name}");
    assert_eq!(agent.tool_calls(), Some(number(expected, "tool_use")), "{name}");
    assert_eq!(
        tools.iter().map(|tool| u64::from(tool.failed)).sum::<u64>(),
        number(expected, "errors"),
        "{name}"
    );
    let files = agent.files.as_ref().expect("counted");
    assert_eq!(files.read.len() as u64, number(expected, "files_read"), "{name}");
    assert_eq!(files.written.len() as u64, number(expected, "files_written"), "{name}");
}

#[test]
fn every_recorded_directory_is_read_as_counted() {
    let Some((root, expected)) = recordings() else { return };
    let mut checked = 0;
    for (name, expected) in expected.as_object().expect("an object") {
        if name == "live-head" || expected.as_object().is_none_or(serde_json::Map::is_empty) {
            continue;
        }
        println!("{name}");
        let place = tempfile::tempdir().expect("a directory");
        copy(&root.join(name), place.path());
        assert!(kind("multi-agent").is_some_and(|kind| kind.probe(place.path())));
        let before = snapshot(place.path());
        let opened = open(place.path(), "2026-11-20T12:00:00Z");
        assert_eq!(opened.health.error, None);
        if let Some(database) = expected["db"].get("orchestrator.db") {
            check_database(&opened, database);
        }
        if let Some(logs) = expected["agent_logs"].get("agent_logs") {
            check_logs(&opened, logs.as_array().expect("a list"));
        }
        assert_eq!(snapshot(place.path()), before, "reading leaves no trace");
        checked += 1;
    }
    assert_eq!(checked, 9);
}

#[test]
fn event_logs_are_told_line_by_line() {
    let Some((root, expected)) = recordings() else { return };
    for (dir, file) in [("core-library", "logs/orchestrator.log"), ("cli-run", "stderr.log")] {
        let place = tempfile::tempdir().expect("a directory");
        let target = place.path().join(file);
        fs::create_dir_all(target.parent().expect("a parent")).expect("made");
        fs::write(&target, fs::read(root.join(dir).join(file)).expect("bytes")).expect("written");
        let opened = open(place.path(), "2026-11-20T12:00:00Z");
        let expected = &expected[dir]["structured_log"][file];
        let events: u64 = expected_counts(&expected["events"]).values().sum();
        let timed = opened.store.logs().filter(|line| line.at.is_some()).count() as u64;
        let plain = opened.store.logs().filter(|line| line.at.is_none()).count() as u64;
        assert_eq!((timed, plain), (events, number(expected, "other_lines")));
    }
}

fn steps() -> [(&'static str, &'static str); 5] {
    [
        ("step-003", "2025-11-19T14:00:08Z"),
        ("step-017", "2025-11-19T14:02:00Z"),
        ("step-027", "2025-11-19T14:03:00Z"),
        ("step-043", "2025-11-19T14:05:00Z"),
        ("step-end", "2025-11-19T14:05:44Z"),
    ]
}

#[test]
fn a_live_run_read_step_by_step_equals_a_read_from_scratch() {
    let Some((root, expected)) = recordings() else { return };
    let place = tempfile::tempdir().expect("a directory");
    let mut live: Option<Rig> = None;
    for (step, now) in steps() {
        let from = root.join("live-head").join(step);
        copy(&from, place.path());
        let opened = match &mut live {
            None => live.insert(open(place.path(), now)),
            Some(opened) => {
                opened.now = Timestamp::parse(now).expect("a time");
                opened.touch(&files(place.path())).expect("refreshes");
                opened
            }
        };
        let fresh = open(place.path(), now);
        assert_eq!(opened.facts(), fresh.facts(), "{step}");
        check_database(opened, &expected["live-head"]["db"][format!("{step}/orchestrator.db")]);
        let logs =
            expected["live-head"]["agent_logs"][format!("{step}/agent_logs")].as_array().expect("a list");
        check_logs(opened, logs);
    }
    let told = live.expect("read");
    let task = task(&told, "bdd640fb-0667-4ad1-9c80-317fa3b1799d");
    let note = task.status_note.as_deref().unwrap_or("");
    assert!(note.starts_with("work finished; bookkeeping failed"), "{note}");
    assert_eq!(task.steps.map(|steps| (steps.done, steps.total)), Some((3, 3)));
}

fn files(root: &Path) -> Vec<PathBuf> {
    let root = root.canonicalize().expect("there");
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a listing").flatten() {
            if entry.file_type().expect("a type").is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found
}
