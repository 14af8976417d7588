//! The recorded data folder of opencode: every figure of its index is reached through the headless commands, over copies,
//! for each store by itself and for both; a live read equals a read from scratch.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    foreign::snapshot,
    machine::{Machine, counted},
    recorded::recorded,
    rig::Rig,
};

const NOW: &str = "2026-11-18T15:30:00Z";
const FOLDER: &str = "opencode-data";
const OLD: &str = "ses_cbd7a085a368932ff2b2d409dd";
const NEW: &str = "ses_52757ec8bcbd2c7d5df4c453ff";

/// The data folder, and what is expected of it.
fn recordings() -> Option<(PathBuf, Value)> {
    let root = recorded("claude-code")?;
    let text = fs::read_to_string(root.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    Some((root.join(FOLDER), expected["opencode"].clone()))
}

/// Asks about a copy of some of the stores.
fn ask(stores: &[&str], args: &[&str]) -> Value {
    let files: Vec<String> = stores.iter().map(|store| format!("{FOLDER}/{store}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let machine = Machine::with_recorded("claude-code", NOW, &files).unwrap();
    machine.ask_about("opencode", &format!("place/{FOLDER}"), args)
}

/// Sums over agents: responses, input, output without reasoning (as the index counts it), cache read and written.
fn sums(agents: &Value) -> [u64; 5] {
    let mut sums = [0; 5];
    for agent in agents["agents"].as_array().unwrap() {
        let tokens = &agent["tokens"];
        let reasoning: u64 =
            agent["facts"]["reasoning tokens"].as_str().map_or(0, |text| text.parse().unwrap());
        let figures = [
            agent["responses"].as_u64().unwrap(),
            tokens["input"].as_u64().unwrap(),
            tokens["output"].as_u64().unwrap() - reasoning,
            tokens["cache_read"].as_u64().unwrap(),
            tokens["cache_write_5m"].as_u64().unwrap(),
        ];
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
    }
    sums
}

fn wanted(expected: &Value, name: &str) -> u64 {
    expected[name].as_u64().unwrap()
}

#[test]
fn every_figure_of_the_index_is_reached() {
    let Some((_, expected)) = recordings() else { return };
    let tree = &expected["json_tree"];
    let alone = sums(&ask(&["storage"], &["agents"]));
    let names = ["messages", "input", "output", "cache_read", "cache_write"];
    assert_eq!(alone, names.map(|name| wanted(tree, name)));
    let usage = ask(&["storage"], &["usage", "--by", "model"]);
    let computed = (40.0 * 3.0 + 70.0 * 15.0 + 9000.0 * 0.3) / 1e6;
    let cost = usage["totals"]["cost_usd"].as_f64().unwrap();
    assert!(
        (cost - computed - tree["cost"].as_f64().unwrap()).abs() < 1e-6,
        "the recorded cost and what has none: {cost}"
    );

    let sqlite = &expected["sqlite"];
    let sources = ask(&["opencode.db", "storage"], &["sources"]);
    assert_eq!(
        counted(&sources, "opencode.db", "message with usage"),
        sqlite["messages_with_usage"].as_u64()
    );
    assert_eq!(counted(&sources, "", "message in several stores"), sqlite["of_which_also_in_json"].as_u64());
    assert_eq!(counted(&sources, "storage", "message with usage"), tree["messages"].as_u64());

    let merged = &expected["merged_after_dedup"];
    let both = sums(&ask(&["opencode.db", "storage"], &["agents"]));
    assert_eq!(both[..3], ["messages", "input", "output"].map(|name| wanted(merged, name)));
}

#[test]
fn every_table_and_file_is_counted() {
    if recordings().is_none() {
        return;
    }
    let sources = ask(&["opencode.db", "storage"], &["sources"]);
    let health = &sources["sources"][0];
    assert_eq!(
        (&health["state"], &health["error"], &health["skipped"]),
        (&json!("live"), &json!(null), &json!(0))
    );
    for (place, what, count) in [
        ("opencode.db", "project", 1),
        ("opencode.db", "session", 1),
        ("opencode.db", "message", 3),
        ("opencode.db", "part", 0),
        ("opencode.db", "todo", 1),
        ("storage", "project", 1),
        ("storage", "session", 1),
        ("storage", "message", 6),
        ("storage", "part", 6),
    ] {
        assert_eq!(counted(&sources, place, what), Some(count), "{place} {what}");
    }
}

#[test]
fn sessions_prompts_and_the_project_are_told() {
    if recordings().is_none() {
        return;
    }
    let both = ["opencode.db", "storage"];
    let agents = ask(&both, &["agents"]);
    let agent = |id: &str| {
        agents["agents"].as_array().unwrap().iter().find(|agent| agent["id"] == id).unwrap().clone()
    };
    let (old, new) = (agent(OLD), agent(NEW));
    for (found, name, wanted) in [
        (&old, "title", json!("Add export")),
        (&old, "status", json!("failed")),
        (&old, "model", json!("claude-sonnet-4-5")),
        (&old, "workspace_path", json!("/home/dev/code/notes_app")),
        (&old, "session", json!(OLD)),
        (&old, "started_at", json!("2026-11-18T09:00:00.000Z")),
        (&old, "tools", json!([{"name": "bash", "calls": 3, "failed": 0}])),
        (&old, "lines_added", json!(12)),
        (&old, "lines_removed", json!(3)),
        (&old, "cost_kind", json!("mixed")),
        (&new, "title", json!("Fix import")),
        (&new, "status", json!("succeeded")),
        (&new, "role", json!("build")),
        (&new, "model", json!("gpt-5.1")),
        (&new, "cost_usd", json!(0.004)),
    ] {
        assert_eq!(found[name], wanted, "{name} of {}", found["id"]);
    }
    assert!(old["status_note"].as_str().unwrap().contains("killed"), "its last answer has no end");
    let tasks = ask(&both, &["tasks"]);
    let states: Vec<(&str, &str)> = tasks["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| (task["id"].as_str().unwrap(), task["status"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        [
            ("msg_db0", "succeeded"),
            ("msg_04312f12fa5a2bcc9b86ad34", "failed"),
            ("msg_026e87316a58a2b4d98ebd9d", "succeeded"),
            ("msg_00311ca871902316d9841aab", "succeeded"),
        ]
    );
    assert_eq!(tasks["tasks"][0]["steps"], json!({"done": 0, "total": 1}));
    let projects = ask(&both, &["projects"]);
    let project = &projects["projects"][0];
    assert_eq!((&project["name"], &project["agents_total"]), (&json!("notes_app"), &json!(2)));
}

#[test]
fn store_by_store_and_file_by_file_equals_a_read_from_scratch() {
    let Some((root, _)) = recordings() else { return };
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("storage/session")).unwrap();
    let base = place.path().canonicalize().unwrap();
    let mut rig = Rig::open("opencode", &base, NOW).unwrap();
    let mut files: Vec<PathBuf> = snapshot(&root).into_keys().filter(|path| path.is_file()).collect();
    // Against their order, so that parts come before their messages and those before their session.
    files.reverse();
    for file in files {
        let target = base.join(file.strip_prefix(&root).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, &target).unwrap();
        rig.touch(std::slice::from_ref(&target)).unwrap();
        let fresh = Rig::open("opencode", &base, NOW).unwrap();
        assert_eq!(rig.facts(), fresh.facts(), "{}", target.display());
        assert_eq!(rig.health.contents, fresh.health.contents, "{}", target.display());
    }
    assert_eq!(rig.store.usage().responses, 3);
}
