//! `orchdash conversation`: lines, a JSON document, Markdown; secrets hidden; wrong ids refused.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::talk::{every_kind, joined};

const SESSION: &str = "0a5a9e7c-aaaa-4bbb-8ccc-0123456789ab";

fn run(place: &Path, args: &[&str]) -> (String, String, i32) {
    let source = format!("claude-code={}", place.display());
    let output = Command::new(env!("CARGO_BIN_EXE_orchdash"))
        .args([
            "conversation",
            "--no-state",
            "--tz",
            "UTC",
            "--now",
            "2026-11-18T15:30:00Z",
            "--source",
            &source,
        ])
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
}

fn folder() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let slug = place.path().join("projects/-w");
    fs::create_dir_all(&slug).unwrap();
    let mut lines = every_kind();
    lines.push(json!({"type": "user", "promptSource": "typed", "timestamp": "2026-11-18T14:30:00.000Z",
        "message": {"content": "the key is sk-ant-0123456789abcdef"}}));
    fs::write(slug.join(format!("{SESSION}.jsonl")), joined(&lines)).unwrap();
    place
}

#[test]
fn json_says_everything_and_hides_secrets() {
    let place = folder();
    let (out, _, code) = run(place.path(), &[SESSION, "--json"]);
    assert_eq!(code, 0);
    let answer: Value = serde_json::from_str(&out).unwrap();
    let entries = answer["entries"].as_array().unwrap();
    let calls: Vec<&Value> =
        entries.iter().map(|entry| &entry["call"]).filter(|call| call.is_object()).collect();
    assert_eq!(answer["counts"]["calls"], calls.len());
    let edit = calls.iter().find(|call| call["tool"] == "Edit").unwrap();
    assert_eq!((&edit["headline"], &edit["outcome"]), (&json!("src/pay.rs"), &json!("ok")));
    assert_eq!(
        edit["changes"][0]["diff"],
        "@@ -12,2 +12,3 @@\n a\n-b\n+B\n+c\n\\ No newline at end of file\n"
    );
    assert_eq!(entries.last().unwrap()["text"], "the key is ***");
    assert!(!out.contains("sk-ant-"));
    let (shown, ..) = run(place.path(), &[SESSION, "--json", "--reveal"]);
    assert!(shown.contains("sk-ant-0123456789abcdef"));
}

#[test]
fn markdown_and_lines_are_for_people() {
    let place = folder();
    let (out, _, code) = run(place.path(), &[SESSION, "--markdown"]);
    assert_eq!(code, 0);
    assert!(out.contains("### `Edit src/pay.rs` · ok") && out.contains("```diff"), "{out}");
    assert!(!out.contains("sk-ant-"));
    let (out, ..) = run(place.path(), &[SESSION]);
    assert!(out.starts_with("TIME") && out.contains("rejected by the person"), "{out}");
    assert!(!out.contains("sk-ant-"));
}

#[test]
fn a_wrong_id_is_refused() {
    let place = folder();
    let (out, error, code) = run(place.path(), &["nobody"]);
    assert_eq!((out.as_str(), code), ("", 2));
    assert!(error.contains("`nobody`") && error.contains("orchdash agents"), "{error}");
    assert_eq!(run(place.path(), &[SESSION, "--json", "--markdown"]).2, 2);
}
