//! The command line as scripts meet it: documents on standard output, notes on standard error, exit codes.

use std::process::{Command, Output};

use serde_json::Value;

const NOW: [&str; 5] = ["--now", "2026-11-18T15:30:00Z", "--tz", "UTC", "--no-state"];

fn run(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    run_in(home.path(), args)
}

fn run_in(home: &std::path::Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orchdash"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .env("TZ", "UTC")
        .current_dir(home)
        .output()
        .unwrap()
}

fn demo(command: &[&str]) -> Output {
    run(&[command, &NOW, &["--source", "demo=any"]].concat())
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Fields that scripts lean on, by command: renaming or dropping one is a breaking change.
#[test]
fn documents_have_the_promised_fields() {
    let cases: [(&[&str], &str, &[&str]); 3] = [
        (
            &["sources", "--json"],
            "sources",
            &[
                "kind",
                "path",
                "state",
                "error",
                "agents",
                "tasks",
                "usage_records",
                "lines_read",
                "skipped",
                "repaired",
                "watch",
                "last_change",
            ],
        ),
        (
            &["agents", "--json"],
            "agents",
            &[
                "id",
                "source",
                "name",
                "role",
                "status",
                "status_raw",
                "model",
                "workspace",
                "workspace_path",
                "task",
                "session",
                "parent",
                "started_at",
                "updated_at",
                "ended_at",
                "tokens",
                "cost_usd",
                "cost_kind",
                "context",
                "tool_calls",
                "files_read",
                "files_written",
                "waiting_for",
                "title",
            ],
        ),
        (
            &["tasks", "--json"],
            "tasks",
            &[
                "id",
                "source",
                "title",
                "prompt",
                "type",
                "status",
                "status_raw",
                "workspace",
                "model",
                "priority",
                "complexity",
                "mode",
                "created_at",
                "started_at",
                "ended_at",
                "duration_s",
                "steps",
                "agents",
                "batch",
                "tokens",
                "cost_usd",
                "cost_kind",
                "result",
                "error",
                "retries",
            ],
        ),
    ];
    for (command, list, fields) in cases {
        let document = json(&demo(command));
        let rows = document[list].as_array().unwrap();
        assert!(!rows.is_empty(), "{command:?}");
        for row in rows {
            for field in fields {
                assert!(row.get(field).is_some(), "{command:?}: no `{field}` in {row}");
            }
        }
    }
    let usage = json(&demo(&["usage", "--json"]));
    for field in [
        "responses",
        "input",
        "output",
        "cache_read",
        "cache_write_5m",
        "cache_write_1h",
        "total",
        "cost_usd",
        "cost_kind",
        "unpriced_responses",
    ] {
        assert!(usage["totals"].get(field).is_some(), "usage: no `{field}`");
    }
    assert_eq!(usage["range"]["tz"], "UTC");
    let status = json(&demo(&["status", "--json"]));
    for field in ["agents", "tasks", "cost_today_usd", "plan", "alerts_firing", "sources_not_live", "waiting"]
    {
        assert!(status.get(field).is_some(), "status: no `{field}`");
    }
}

#[test]
fn groups_sum_to_the_totals_and_stand_in_order() {
    for by in ["model", "workspace", "agent", "task", "role", "source", "hour", "day", "week", "month"] {
        let usage = json(&demo(&["usage", "--json", "--by", by]));
        let groups = usage["groups"].as_array().unwrap();
        for field in ["responses", "input", "output", "cache_read", "total", "unpriced_responses"] {
            let sum: u64 = groups.iter().map(|group| group[field].as_u64().unwrap()).sum();
            assert_eq!(sum, usage["totals"][field].as_u64().unwrap(), "--by {by}: {field}");
        }
        let cost: f64 = groups.iter().filter_map(|group| group["cost_usd"].as_f64()).sum();
        let total = usage["totals"]["cost_usd"].as_f64().unwrap();
        // Each group is rounded to whole micro-dollars.
        assert!((cost - total).abs() <= 1e-6 * groups.len() as f64, "--by {by}: {cost} against {total}");
        let keys: Vec<&str> = groups.iter().map(|group| group["key"].as_str().unwrap()).collect();
        if ["hour", "day", "week", "month"].contains(&by) {
            assert!(keys.is_sorted(), "--by {by}: {keys:?}");
        } else {
            assert!(
                groups.is_sorted_by(|a, b| a["cost_usd"].as_f64() >= b["cost_usd"].as_f64()),
                "--by {by}"
            );
        }
    }
}

#[test]
fn a_workspace_filters_every_command() {
    let all = json(&demo(&["usage", "--json", "--by", "workspace"]));
    let key = all["groups"][0]["key"].as_str().unwrap().to_owned();
    let one = json(&run(&[
        &["usage", "--json", "--by", "workspace", "--source", "demo=any", "-w", &key],
        &NOW[..],
    ]
    .concat()));
    assert_eq!(one["groups"].as_array().unwrap().len(), 1);
    assert_eq!(one["totals"]["total"], all["groups"][0]["total"]);
    let agents = json(&run(&[&["agents", "--json", "--source", "demo=any", "-w", &key], &NOW[..]].concat()));
    let agents = agents["agents"].as_array().unwrap();
    assert!(!agents.is_empty());
    assert!(agents.iter().all(|agent| agent["workspace_path"] == key.as_str()), "{agents:?}");
    let stranger = run(&[&["agents", "--json", "--source", "demo=any", "-w", "nowhere"], &NOW[..]].concat());
    assert!(text(&stranger.stderr).contains("nowhere"), "a workspace that matches nothing is spoken of");
}

#[test]
fn exit_codes_tell_what_happened() {
    let nothing = run(&["status", "--json"]);
    assert_eq!(nothing.status.code(), Some(3));
    serde_json::from_slice::<Value>(&nothing.stdout).unwrap();
    let failed = run(&["sources", "--json", "--source", "multi-agent=/nowhere/at/all"]);
    assert_eq!(failed.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&failed.stdout).unwrap();
    assert_eq!(document["sources"][0]["state"], "failed");
    assert!(document["sources"][0]["error"].as_str().unwrap().contains("/nowhere/at/all"));
    let wrong: [&[&str]; 7] = [
        &["agents", "--source", "nonsense"],
        &["agents", "--source", "no-such-kind=/tmp"],
        &["agents", "--tz", "Mars/Olympus"],
        &["agents", "--since", "yesterday-ish"],
        &["agents", "--filter", "status:"],
        &["frame", "no-such-panel", "--source", "demo=any"],
        &["no-such-command"],
    ];
    for args in wrong {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{args:?} wrote to standard output");
        assert!(!output.stderr.is_empty(), "{args:?} said nothing");
    }
}

#[test]
fn the_monitor_needs_a_terminal_and_says_so() {
    let output = run(&["demo"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("terminal"), "{}", text(&output.stderr));
}

#[test]
fn doctor_reads_like_an_answer() {
    let empty = run(&["doctor"]);
    assert_eq!(empty.status.code(), Some(3));
    let answer = text(&empty.stdout);
    assert!(answer.contains("claude-code"), "{answer}");
    assert!(answer.contains("not there"), "{answer}");
    assert!(answer.contains("orchdash demo"), "{answer}");
    let full = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(full.path().join(".claude/projects")).unwrap();
    let found = text(&run_in(full.path(), &["doctor"]).stdout);
    assert!(found.contains("found, in use"), "{found}");
}

#[test]
fn lists_come_from_the_registries() {
    let keys = text(&run(&["keys"]).stdout);
    assert!(keys.contains("next-waiting"), "{keys}");
    let themes = json(&run(&["themes", "--json"]));
    let names: Vec<&str> =
        themes["themes"].as_array().unwrap().iter().map(|theme| theme["name"].as_str().unwrap()).collect();
    for name in ["ansi", "daylight", "high-contrast", "midnight", "mono"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let sample = text(&run(&["config", "--default"]).stdout);
    assert!(sample.contains("theme"), "{sample}");
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&run(&["completions", shell]).stdout).contains("orchdash"), "{shell}");
    }
    assert!(text(&run(&["man"]).stdout).contains(".TH"));
}

#[test]
fn a_frame_needs_no_terminal() {
    let output = demo(&["frame", "overview", "--size", "100x30"]);
    assert!(output.status.success());
    let frame = text(&output.stdout);
    assert_eq!(frame.lines().count(), 30);
    assert!(frame.contains("NEEDS YOU"), "{frame}");
    assert!(!frame.contains('\u{1b}'));
    assert!(text(&demo(&["frame", "fleet", "--color"]).stdout).contains('\u{1b}'));
}
