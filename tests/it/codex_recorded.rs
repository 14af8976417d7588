//! The recorded threads of Codex: every figure of what is expected is reached through the headless commands, over copies;
//! a live read, line by line, equals a read from scratch.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    foreign::snapshot,
    machine::{Machine, counted},
    recorded::recorded,
    rig::Rig,
};

const NOW: &str = "2026-11-18T15:30:00Z";

/// Both recorded homes with what is expected of them.
fn homes() -> Vec<(&'static str, Value)> {
    let Some(root) = recorded("claude-code") else { return Vec::new() };
    [("codex-home", "expected.json"), ("late-2026/codex-home", "late-2026/expected.json")]
        .into_iter()
        .map(|(home, expected)| {
            (home, serde_json::from_slice(&fs::read(root.join(expected)).unwrap()).unwrap())
        })
        .collect()
}

/// Headless answers about a copy of a home, which stays as it was.
fn ask(home: &str, commands: &[&[&str]]) -> Vec<Value> {
    let machine = Machine::with_recorded("claude-code", NOW, &[home]).unwrap();
    let place = format!("place/{home}");
    commands.iter().map(|command| machine.ask_about("codex", &place, command)).collect()
}

fn find<'a>(list: &'a Value, id: &str) -> Option<&'a Value> {
    list.as_array().unwrap().iter().find(|one| one["id"] == id)
}

/// A fact of an agent that is a number.
fn fact(agent: &Value, label: &str) -> Option<u64> {
    agent["facts"][label].as_str()?.parse().ok()
}

#[test]
fn every_thread_has_the_figures_that_are_expected() {
    for (home, expected) in homes() {
        let answers = ask(home, &[&["agents"], &["tasks"], &["sources"]]);
        let (agents, tasks) = (&answers[0]["agents"], &answers[1]["tasks"]);
        let health = &answers[2]["sources"][0];
        assert_eq!(
            (&health["state"], &health["skipped"], &health["repaired"]),
            (&"live".into(), &0.into(), &0.into())
        );
        let threads = expected["codex"].as_array().unwrap();
        let own = threads.iter().filter(|thread| thread["imported"] != true);
        assert_eq!(agents.as_array().unwrap().len(), own.count());
        for want in threads {
            let id = want["id"].as_str().unwrap();
            let Some(agent) = find(agents, id) else {
                assert_eq!(want["imported"], true, "{id} is listed");
                continue;
            };
            assert_eq!((&agent["model"], &agent["session"]), (&want["model"], &want["id"]), "{id}");
            assert_eq!(agent["parent"], want["parent"], "{id}");
            let usage = if want["totals"].is_object() { &want["totals"] } else { &want["usage"] };
            let tokens = &agent["tokens"];
            let figure = |name: &str| tokens[name].as_u64().unwrap();
            assert_eq!(
                figure("input") + figure("cache_read") + figure("cache_write_5m"),
                usage["input_tokens"],
                "{id}"
            );
            assert_eq!(tokens["cache_read"], usage["cached_input_tokens"], "{id}");
            assert_eq!(tokens["output"], usage["output_tokens"], "{id}");
            assert_eq!(fact(agent, "reasoning tokens"), usage["reasoning_output_tokens"].as_u64(), "{id}");
            assert_eq!(agent["cost_usd"], Value::Null, "{id} has no price and does not cost 0");
            if let Some(turns) = want["turns"].as_u64() {
                let own = tasks
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|task| task["id"].as_str().unwrap().starts_with(&format!("{id}#")));
                assert_eq!(own.count() as u64, turns, "{id}");
            }
            check_rest(agent, want, id);
        }
    }
}

fn check_rest(agent: &Value, want: &Value, id: &str) {
    if let Some(lines) = want["token_count_lines"].as_u64() {
        assert_eq!(fact(agent, "token counts"), Some(lines), "{id}");
    }
    if let Some(calls) = want["commands"].as_u64() {
        let tools = agent["tools"].as_array().unwrap();
        let tool = tools.iter().find(|tool| tool["name"] == "CommandExecution").unwrap();
        assert_eq!((&tool["calls"], &tool["failed"]), (&calls.into(), &want["commands_failed"]), "{id}");
        assert_eq!(agent["files_written"], want["files_changed"], "{id}");
        assert_eq!(
            (&agent["lines_added"], &agent["lines_removed"]),
            (&want["lines_added"], &want["lines_removed"])
        );
    }
    if let Some(lines) = want["replayed_lines"].as_u64() {
        let counts = want["replayed_token_count_lines"].as_u64().unwrap();
        let text = format!("{lines} lines, {counts} of them token counts: not counted");
        assert_eq!(agent["facts"]["copied from another thread"], text, "{id}");
    }
    if want["compressed"] == true {
        assert_eq!(agent["facts"]["file"], "compressed", "{id}");
    }
    match want["state"].as_str() {
        Some(_) => assert_eq!(agent["status_raw"], "quiet", "{id}"),
        None => assert_eq!(agent["status"], "succeeded", "{id}"),
    }
}

#[test]
fn sums_limits_and_what_is_left_out_are_those_expected() {
    let homes = homes();
    let Some((home, expected)) = homes.last() else { return };
    let answers = ask(home, &[&["usage", "--by", "model"], &["status"], &["sources"]]);
    let totals = &answers[0]["totals"];
    let want = &expected["codex_totals"];
    let figure = |name: &str| totals[name].as_u64().unwrap();
    assert_eq!(figure("input") + figure("cache_read"), want["input"]);
    assert_eq!((&totals["cache_read"], &totals["output"]), (&want["cached"], &want["output"]));
    assert_eq!(totals["unpriced_responses"], totals["responses"]);
    let plan = answers[1]["plan"].as_array().unwrap();
    let percent = |name: &str| plan.iter().find(|window| window["name"] == name).unwrap()["percent"].clone();
    assert_eq!(percent("codex 5 h"), expected["codex_limits"]["primary"]);
    assert_eq!(percent("codex week"), expected["codex_limits"]["secondary"]);
    let count = |what: &str| counted(&answers[2], "", what);
    assert_eq!(count("imported turns"), Some(1));
    assert_eq!(count("threads with nothing of their own"), Some(1));
    assert_eq!(count("compressed files"), Some(1));
}

#[test]
fn names_of_threads_come_from_the_index() {
    let homes = homes();
    let Some((home, _)) = homes.first() else { return };
    let answers = ask(home, &[&["agents"]]);
    let mut titles: Vec<&str> = answers[0]["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| agent["title"].as_str().unwrap())
        .collect();
    titles.sort_unstable();
    assert_eq!(titles, ["Old parts", "Three parts", "Two parts"]);
}

/// Every file of a tree.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = snapshot(root).into_keys().filter(|path| path.is_file()).collect();
    found.sort();
    found
}

#[test]
fn a_live_read_line_by_line_equals_a_read_from_scratch() {
    let Some(root) = recorded("claude-code") else { return };
    for home in homes().into_iter().map(|(home, _)| root.join(home)) {
        let live = tempfile::tempdir().unwrap();
        let root = live.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("sessions")).unwrap();
        let mut rig = Rig::open("codex", &root, NOW).unwrap();
        // Children before their parents, so that what is known of them changes afterwards.
        for file in files(&home).into_iter().rev() {
            let target = root.join(file.strip_prefix(&home).unwrap());
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            let bytes = fs::read(&file).unwrap();
            let pieces: Vec<&[u8]> = if file.extension().is_some_and(|ext| ext == "zst") {
                vec![&bytes]
            } else {
                bytes.split_inclusive(|byte| *byte == b'\n').collect()
            };
            let mut written = Vec::new();
            for piece in pieces {
                written.extend_from_slice(piece);
                fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&target)
                    .and_then(|mut file| std::io::Write::write_all(&mut file, piece))
                    .unwrap();
                rig.touch(std::slice::from_ref(&target)).unwrap();
            }
        }
        let scratch = Rig::open("codex", &root, NOW).unwrap();
        assert_eq!(rig.facts(), scratch.facts());
        assert_eq!((rig.health.lines_read, rig.health.skipped), (scratch.health.lines_read, 0));
        assert_eq!(rig.health.contents, scratch.health.contents);
    }
}
