//! The recorded streams of headless runs: every figure of their index is reached through the headless commands, from files,
//! from the folder and through a pipe; and a run is shown once beside its transcript.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::{
    machine::{Machine, counted},
    recorded::recorded,
};

const NOW: &str = "2026-11-18T15:00:00Z";
/// The folders of the recording, and where their index lies.
const SETS: [(&str, &str); 2] =
    [("stream-json", "expected.json"), ("late-2026/stream-json", "late-2026/expected.json")];

/// What is said of a session whose pipe ended too early.
const CUT: &str = "the pipe ended without a result: killed, or cut off";

/// Every file of the recording: its folder, its name, what the index says of it.
fn files() -> Vec<(&'static str, String, Value)> {
    let Some(root) = recorded("claude-code") else { return Vec::new() };
    let of_set = |(folder, index): (&'static str, &str)| {
        let text = fs::read_to_string(root.join(index)).unwrap();
        let index: Value = serde_json::from_str(&text).unwrap();
        let files = index["stream_json"].as_object().unwrap().clone();
        files.into_iter().map(move |(name, figures)| (folder, name, figures)).collect::<Vec<_>>()
    };
    SETS.into_iter().flat_map(of_set).collect()
}

fn machine(folder: &str, name: &str) -> Machine {
    Machine::with_recorded("claude-code", NOW, &[&format!("{folder}/{name}")]).unwrap()
}

fn check(figures: &Value, tasks: &Value, agents: &Value, sources: &Value) {
    let tasks = tasks["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 1);
    let task = &tasks[0];
    let all = agents["agents"].as_array().unwrap();
    let session = all.iter().find(|agent| agent["parent"].is_null()).unwrap();
    if let Some(result) = figures.get("result") {
        if let Some(word) = result.as_str() {
            assert_eq!(task["status_raw"], word);
        } else {
            // The copy is young, so it may go on; a pipe has ended.
            let note = task["status_note"].as_str().unwrap();
            assert!(["no result yet: still running or killed", CUT].contains(&note), "{note}");
        }
    }
    if let Some(cost) = figures.get("cost").or_else(|| figures.get("final_cost_usd")) {
        assert_eq!((&session["cost_usd"], &session["cost_kind"]), (cost, &json!("recorded")));
        assert_eq!(session["cost_is_floor"], false);
    }
    if let Some(turns) = figures["turns"].as_u64() {
        assert_eq!(task["facts"]["turns"], turns.to_string());
    }
    if let Some(text) = figures["text"].as_str() {
        assert_eq!(task["result"], text);
    }
    if let Some(results) = figures["results"].as_u64() {
        assert_eq!(task["facts"]["results"], results.to_string());
        assert_eq!(counted(sources, "", "result success"), Some(results));
    }
    if let Some(inits) = figures["init_lines"].as_u64() {
        assert_eq!(counted(sources, "", "system init"), Some(inits));
    }
    for (id, word) in figures["tasks"].as_object().into_iter().flatten() {
        let executions = task["executions"].as_array().unwrap();
        let run = executions
            .iter()
            .find(|run| run["id"].as_str().unwrap().ends_with(&format!("/task/{id}")))
            .unwrap();
        assert_eq!(&run["status_raw"], word, "{id}");
    }
    if let Some(failed) = figures["mcp_failed"].as_array() {
        let names: Vec<&str> = failed.iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(session["facts"]["servers failed"], names.join(", "));
    }
    assert_eq!(
        (&sources["sources"][0]["skipped"], &sources["sources"][0]["error"]),
        (&json!(0), &Value::Null)
    );
}

#[test]
fn every_figure_of_the_index_is_reached_from_files() {
    for (folder, name, figures) in files() {
        let machine = machine(folder, &name);
        let file = format!("place/{folder}/{name}");
        let parent = format!("place/{folder}");
        for place in [&file, &parent] {
            let ask = |command| machine.ask_about("stream-json", place, &[command]);
            check(&figures, &ask("tasks"), &ask("agents"), &ask("sources"));
        }
    }
}

/// Asks about what is piped in.
fn pipe(machine: &Machine, stream: &[u8], args: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_orchdash"))
        .args(args)
        .args(["--json", "--no-state", "--now", NOW, "--tz", "UTC"])
        .env_clear()
        .env("HOME", machine.path("person"))
        .current_dir(machine.path("person"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stream).unwrap();
    child.wait_with_output().unwrap()
}

fn ask_pipe(machine: &Machine, stream: &[u8], args: &[&str]) -> Value {
    let output = pipe(machine, stream, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_figure_of_the_index_is_reached_through_a_pipe() {
    for (folder, name, figures) in files() {
        let machine = machine(folder, &name);
        let stream = fs::read(machine.path(&format!("place/{folder}/{name}"))).unwrap();
        let ask = |command| ask_pipe(&machine, &stream, &["-", command]);
        check(&figures, &ask("tasks"), &ask("agents"), &ask("sources"));
        let named = ask_pipe(&machine, &stream, &["tasks", "--source", "stream-json=-"]);
        assert_eq!(named["tasks"][0]["id"], ask("tasks")["tasks"][0]["id"]);
    }
}

#[test]
fn sub_agents_windows_and_usage_of_the_recording_are_told() {
    let Some(root) = recorded("claude-code") else { return };
    let machine = machine("stream-json", "success-with-subagent.jsonl");
    let ask = |args: &[&str]| machine.ask_about("stream-json", "place/stream-json", args);
    let agents = ask(&["agents"]);
    let helper =
        agents["agents"].as_array().unwrap().iter().find(|agent| agent["role"] == "Explore").unwrap();
    assert_eq!((&helper["status"], &helper["name"]), (&json!("succeeded"), &json!("Find callers")));
    let limits = ask(&["status"]);
    assert!(limits.to_string().contains("\"percent\":82.0"), "{limits}");
    // The sums by model of the result, side calls included, and not one token twice.
    let text = fs::read_to_string(root.join("stream-json/success-with-subagent.jsonl")).unwrap();
    let result: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let usage = ask(&["usage", "--by", "model"]);
    for (model, sums) in result["modelUsage"].as_object().unwrap() {
        let group = usage["groups"].as_array().unwrap().iter().find(|group| group["key"] == *model).unwrap();
        let told = ["input", "output", "cache_read", "cache_write_5m"].map(|kind| group[kind].as_u64());
        let stated = ["inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens"];
        assert_eq!(told, stated.map(|kind| sums[kind].as_u64()), "{model}");
    }
}

#[test]
fn a_pipe_that_is_cut_off_says_so() {
    let machine = Machine::new(NOW);
    let init = r#"{"type":"system","subtype":"init","cwd":"/w/shop","session_id":"s-1","uuid":"u"}"#;
    let stream = format!("{init}\n{{\"type\":\"assistant\",\"mess");
    let sources = ask_pipe(&machine, stream.as_bytes(), &["-", "sources"]);
    let source = &sources["sources"][0];
    assert_eq!((&source["skipped"], &source["state"]), (&json!(1), &json!("live")));
    let notes = source["notes"].to_string();
    assert!(notes.contains("the pipe ended in the middle of a line"), "{notes}");
    assert!(notes.contains("1 session had no result (killed, or cut off): s-1"), "{notes}");
    let agents = ask_pipe(&machine, stream.as_bytes(), &["-", "agents"]);
    assert_eq!(agents["agents"][0]["status"], "failed");
    assert_eq!(agents["agents"][0]["status_note"], CUT);
    let nothing = ask_pipe(&machine, b"", &["-", "sources"]);
    assert_eq!(nothing["sources"][0]["state"], "empty");
}

#[test]
fn the_monitor_wants_a_terminal_beside_the_pipe_and_a_word_that_is_no_command_is_refused() {
    let machine = Machine::new(NOW);
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchdash"));
        command.args(args).env_clear().env("HOME", machine.path("person")).stdin(Stdio::null());
        command.output().unwrap()
    };
    for args in [["-", "--no-state"], ["nonsense", "--no-state"]] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty());
    }
}

/// A transcript of the run whose stream says `one`: it knows what the answer really used.
fn transcript(machine: &Machine) {
    let line = |kind: &str, second: u32, message: Value| {
        json!({"type": kind, "uuid": format!("t{second}"), "sessionId": "one", "cwd": "/home/dev/shop", "isSidechain": false,
            "timestamp": format!("2026-11-18T12:00:{second:02}Z"), "version": "2.1.233", "entrypoint": "sdk-cli",
            "promptSource": "sdk", "message": message})
    };
    let asked = line("user", 0, json!({"role": "user", "content": "Look at the shop"}));
    let usage = json!({"input_tokens": 5, "output_tokens": 777});
    let message = json!({"id": "m1", "role": "assistant", "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "Done."}], "usage": usage});
    let answered = line("assistant", 1, message);
    machine.write("place/claude/projects/-home-dev-shop/one.jsonl", &format!("{asked}\n{answered}\n"));
}

#[test]
fn a_run_is_shown_once_beside_its_transcript() {
    let machine = Machine::new(NOW);
    crate::places::stream_json(&machine.path("place/streams"));
    transcript(&machine);
    let source = |kind: &str, place: &str| format!("{kind}={}", machine.path(place).display());
    let (stream, claude) = (source("stream-json", "place/streams"), source("claude-code", "place/claude"));
    for order in [[&stream, &claude], [&claude, &stream]] {
        let ask = |command: &str| machine.ask(&[], &[command, "--source", order[0], "--source", order[1]]);
        let agents = ask("agents");
        let ones: Vec<&Value> = agents["agents"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|agent| agent["session"] == "one" && agent["parent"].is_null())
            .collect();
        assert_eq!(ones.len(), 1, "{agents:#}");
        assert_eq!(ones[0]["tokens"]["output"], 777, "as the transcript counts");
        assert_eq!(ones[0]["links"].as_array().unwrap().len(), 1);
        let tasks = ask("tasks");
        let of_one = |task: &&Value| task["id"].as_str().unwrap().starts_with("one#");
        assert_eq!(tasks["tasks"].as_array().unwrap().iter().filter(of_one).count(), 1, "{tasks:#}");
        assert!(Path::new(order[0].split('=').nth(1).unwrap()).exists());
    }
}
