//! The source `claude-code` over trees made here: what counts once, what is repaired, and that reading at once, reading as
//! it grows and reading again all say the same.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use orchdash::model::{Status, Tokens};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{claude_rig::open, rig::Rig};

const NOW: &str = "2026-11-18T15:30:00Z";
const FIRST: &str = "00000000-0000-4000-a000-000000000001";
const SECOND: &str = "00000000-0000-4000-a000-000000000002";

/// A config folder that is thrown away.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("claude")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root().join("projects/-home-dev-x").join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn lines(&self, name: &str, lines: &[Value]) -> PathBuf {
        self.write(name, &join(lines))
    }

    fn open(&self) -> Rig {
        open(&[self.root()], NOW)
    }
}

fn join(lines: &[Value]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

fn append(path: &Path, bytes: &[u8]) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(bytes).unwrap();
}

fn usage(input: u64, output: u64, write: u64, read: u64) -> Value {
    json!({"input_tokens": input, "output_tokens": output, "cache_creation_input_tokens": write,
        "cache_read_input_tokens": read})
}

/// An answer's line.
fn answer(id: &str, usage: &Value) -> Value {
    json!({"type": "assistant", "uuid": format!("u-{id}"), "sessionId": FIRST, "cwd": "/home/dev/x", "version": "2.1.10",
        "timestamp": "2026-11-18T10:00:00.000Z", "isSidechain": false, "requestId": format!("req_{id}"),
        "message": {"id": format!("msg_{id}"), "role": "assistant", "model": "claude-sonnet-4-5-20250929",
            "stop_reason": "end_turn", "content": [{"type": "text", "text": "ok"}], "usage": usage}})
}

fn prompt(text: &str) -> Value {
    json!({"type": "user", "uuid": "p1", "sessionId": FIRST, "cwd": "/home/dev/x", "isSidechain": false,
        "timestamp": "2026-11-18T09:59:00.000Z", "message": {"role": "user", "content": text}})
}

fn with(mut line: Value, changes: &[(&str, Value)]) -> Value {
    for (path, value) in changes {
        *line.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value.clone();
    }
    line
}

fn plus(mut line: Value, key: &str, value: Value) -> Value {
    line[key] = value;
    line
}

fn figures(rig: &Rig) -> (u64, u64, u64, u64) {
    let Tokens { input, output, cache_read, .. } = rig.store.usage().tokens;
    (input, output, rig.store.usage().tokens.cache_write(), cache_read)
}

fn main_file() -> String {
    format!("{FIRST}.jsonl")
}

#[test]
fn growing_copies_count_once_with_the_largest_also_when_it_is_not_the_last() {
    let tree = Tree::new();
    let line = |output| answer("a", &usage(100, output, 1000, 5000));
    tree.lines(&main_file(), &[line(1), line(500), line(9)]);
    let rig = tree.open();
    assert_eq!(figures(&rig), (100, 500, 1000, 5000));
    assert_eq!(rig.store.usage().responses, 1);
}

#[test]
fn forks_of_all_three_kinds_belong_to_the_original() {
    let first =
        with(answer("a", &usage(100, 50, 0, 0)), &[("/timestamp", json!("2026-11-18T09:00:00.000Z"))]);
    let own = with(answer("b", &usage(7, 5, 0, 0)), &[("/sessionId", json!(SECOND))]);
    let restamped = with(first.clone(), &[("/sessionId", json!(SECOND))]);
    let copies = [
        plus(first.clone(), "forkedFrom", json!({"sessionId": FIRST, "messageUuid": "u-a"})),
        with(
            plus(first.clone(), "forkedFrom", json!({"sessionId": FIRST, "messageUuid": "u-a"})),
            &[("/uuid", json!("new")), ("/timestamp", json!("2026-11-18T12:00:00.000Z"))],
        ),
        plus(restamped.clone(), "session_id", json!(FIRST)),
        restamped,
    ];
    for copy in copies {
        let tree = Tree::new();
        tree.lines(&format!("{SECOND}.jsonl"), &[copy.clone(), own.clone()]);
        tree.lines(&main_file(), std::slice::from_ref(&first));
        let rig = tree.open();
        assert_eq!(figures(&rig).0, 107, "{copy}");
        assert_eq!(rig.usage_of(FIRST).tokens.input, 100, "{copy}");
        assert_eq!(rig.usage_of(SECOND).tokens.input, 7, "{copy}");
    }
}

#[test]
fn a_side_question_does_not_beat_the_main_copy() {
    let tree = Tree::new();
    let side = with(
        answer("a", &usage(100, 50, 0, 900_000)),
        &[("/isSidechain", json!(true)), ("/requestId", json!("req_other"))],
    );
    tree.lines(&main_file(), &[answer("a", &usage(100, 50, 0, 5000))]);
    tree.lines(&format!("{FIRST}/subagents/agent-side.jsonl"), &[plus(side, "agentId", json!("side"))]);
    let rig = tree.open();
    assert_eq!(figures(&rig), (100, 50, 0, 5000));
    assert_eq!(rig.usage_of(FIRST).responses, 1);
}

#[test]
fn answers_without_ids_count_by_what_they_have() {
    let tree = Tree::new();
    let mut by_request = answer("a", &usage(1, 1, 0, 0));
    by_request["message"].as_object_mut().unwrap().remove("id");
    let mut by_uuid = by_request.clone();
    by_uuid.as_object_mut().unwrap().remove("requestId");
    let mut by_place = by_uuid.clone();
    by_place.as_object_mut().unwrap().remove("uuid");
    by_place.as_object_mut().unwrap().remove("timestamp");
    by_place["message"].as_object_mut().unwrap().remove("model");
    let lines = [by_request.clone(), by_request, by_uuid.clone(), by_uuid, by_place.clone(), by_place];
    tree.lines(&main_file(), &lines);
    let rig = tree.open();
    assert_eq!(rig.store.usage().responses, 4);
    let timeless = rig.store.ledger().iter().filter(|entry| entry.at.is_none()).count();
    assert_eq!((timeless, rig.store.usage().unpriced), (2, 2));
}

#[test]
fn figures_that_are_none_count_nothing_and_are_counted_as_repaired() {
    let tree = Tree::new();
    let odd = json!({"input_tokens": -5, "output_tokens": 10, "cache_read_input_tokens": "many",
        "cache_creation_input_tokens": 1.5});
    let mut nothing = answer("b", &usage(1, 1, 1, 1));
    nothing["message"]["usage"] = Value::Null;
    tree.lines(&main_file(), &[answer("a", &odd), nothing]);
    let rig = tree.open();
    assert_eq!(figures(&rig), (0, 10, 0, 0));
    assert_eq!(rig.health.repaired, 3);
}

#[test]
fn cache_writes_split_by_life_time_beat_the_flat_figure() {
    let tree = Tree::new();
    let mut split = usage(0, 1, 1000, 0);
    split["cache_creation"] = json!({"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 690});
    tree.lines(&main_file(), &[answer("a", &split)]);
    let tokens = tree.open().store.usage().tokens;
    assert_eq!((tokens.cache_write_5m, tokens.cache_write_1h), (300, 690));
}

#[test]
fn other_usage_objects_and_usage_in_strings_are_not_usage() {
    let tree = Tree::new();
    let fake = answer("z", &usage(9, 9, 9, 9)).to_string();
    let progress = json!({"type": "progress", "uuid": "x", "data": {"type": "agent_progress", "agentId": "a1",
        "message": answer("y", &usage(9, 9, 9, 9))}});
    let mut result = prompt(&fake);
    result["toolUseResult"] = json!({"usage": usage(9, 9, 9, 9), "totalTokens": 36});
    let mut twice = answer("a", &usage(100, 50, 0, 0));
    twice["extra"] = json!({"usage": usage(9, 9, 9, 9)});
    twice["message"]["usage"]["iterations"] = json!([usage(60, 20, 0, 0), usage(40, 30, 0, 0)]);
    tree.lines(&main_file(), &[result, progress, twice]);
    assert_eq!(figures(&tree.open()), (100, 50, 0, 0));
}

#[test]
fn spaced_bom_crlf_and_unfinished_lines_are_read() {
    let tree = Tree::new();
    let spaced =
        answer("a", &usage(100, 50, 0, 0)).to_string().replace("\":", "\" : ").replace(",\"", " , \"");
    let text = format!(
        "\u{feff}{spaced}\r\n{}\r\n{}",
        answer("b", &usage(7, 5, 0, 0)),
        answer("c", &usage(1, 1, 0, 0))
    );
    tree.write(&main_file(), text.as_bytes());
    let rig = tree.open();
    assert_eq!(figures(&rig), (108, 56, 0, 0));
    assert_eq!(rig.health.skipped, 0);
}

#[test]
fn broken_lines_are_counted_and_passed_over() {
    let tree = Tree::new();
    let good = answer("a", &usage(100, 50, 0, 0)).to_string();
    let other = answer("b", &usage(7, 5, 0, 0)).to_string();
    let (head, tail) = good.split_at(good.len() / 2);
    let text = format!("\nnot json\nnull\n[1,2]\n{{}}\n{head}{other}{tail}\n{other}\n{good}\n{head}");
    tree.write(&main_file(), text.as_bytes());
    let rig = tree.open();
    assert_eq!(figures(&rig), (107, 55, 0, 0));
    assert_eq!(rig.health.skipped, 4);
}

#[test]
fn invalid_utf8_deep_nesting_and_huge_lines_do_not_lose_usage() {
    let tree = Tree::new();
    let bad = answer("a", &usage(100, 50, 0, 0)).to_string().replace("\"ok\"", "\"A_B\"");
    let mut bytes: Vec<u8> = bad.into_bytes();
    let place = bytes.windows(3).position(|three| three == b"A_B").unwrap();
    bytes[place + 1] = 0xff;
    bytes.push(b'\n');
    let nested = "[".repeat(5000) + &"]".repeat(5000);
    let deep = answer("b", &usage(7, 5, 0, 0))
        .to_string()
        .replace("{\"text\":\"ok\"", &format!("{{\"deep\":{nested},\"text\":\"ok\""));
    assert!(deep.contains("deep"));
    bytes.extend(deep.into_bytes());
    bytes.push(b'\n');
    bytes.extend(vec![b'x'; 17 * 1024 * 1024]);
    bytes.push(b'\n');
    bytes.extend(join(&[answer("c", &usage(1, 1, 0, 0))]));
    tree.write(&main_file(), &bytes);
    let rig = tree.open();
    assert_eq!(figures(&rig), (108, 56, 0, 0));
    assert_eq!(rig.health.skipped, 1);
}

#[test]
fn local_messages_and_empty_answers_do_not_count() {
    let tree = Tree::new();
    let synthetic = with(answer("x", &usage(0, 0, 0, 0)), &[("/message/model", json!("<synthetic>"))]);
    tree.lines(&main_file(), &[prompt("go"), synthetic, answer("b", &usage(0, 0, 0, 0))]);
    assert_eq!(tree.open().store.usage().responses, 0);
}

#[test]
fn old_costs_are_recorded_costs() {
    let tree = Tree::new();
    tree.lines(&main_file(), &[plus(answer("a", &usage(100, 50, 0, 0)), "costUSD", json!(0.5))]);
    let usage = tree.open().store.usage();
    assert_eq!((usage.cost.dollars(), usage.recorded), (0.5, 1));
}

#[test]
fn sub_agents_in_all_three_places_hang_on_their_session() {
    let tree = Tree::new();
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": "Agent", "input": {"description": "Look", "prompt": "look"}});
    let mut line = answer("a", &usage(1, 1, 0, 0));
    line["message"]["content"] = json!([call]);
    line["message"]["stop_reason"] = json!("tool_use");
    tree.lines(&main_file(), &[prompt("go"), line]);
    let side = |id: &str, agent: &str| {
        let line = with(answer(id, &usage(10, 1, 0, 0)), &[("/isSidechain", json!(true))]);
        plus(line, "agentId", json!(agent))
    };
    let asked = plus(with(prompt("look"), &[("/isSidechain", json!(true))]), "agentId", json!("a1"));
    tree.lines(&format!("{FIRST}/subagents/agent-a1.jsonl"), &[asked.clone(), side("s1", "a1")]);
    tree.write(
        &format!("{FIRST}/subagents/agent-a1.meta.json"),
        br#"{"agentType":"Explore","toolUseId":"toolu_1"}"#,
    );
    tree.lines(
        &format!("{FIRST}/subagents/workflows/wf_1/agent-a2.jsonl"),
        &[asked.clone(), side("s2", "a2")],
    );
    tree.write(&format!("{FIRST}/subagents/workflows/wf_1/agent-a2.meta.json"), b"{\"agentType\":");
    tree.write(&format!("{FIRST}/subagents/workflows/wf_1/journal.jsonl"), b"{\"type\":\"assistant\"}\n");
    tree.lines("agent-77aa01cd.jsonl", &[asked, side("s3", "77aa01cd")]);
    let warm = with(prompt("Warmup"), &[("/isSidechain", json!(true))]);
    tree.lines("agent-00000001.jsonl", &[warm, side("s4", "00000001")]);
    fs::create_dir_all(tree.path("folder.jsonl")).unwrap();
    tree.write("x.jsonl.save", &join(&[answer("q", &usage(99, 1, 0, 0))]));
    let rig = tree.open();
    assert_eq!(rig.store.agents.len(), 4);
    for (agent, task) in [("a1", true), ("a2", false), ("77aa01cd", false)] {
        let agent = rig.agent(&format!("{FIRST}/{agent}")).unwrap();
        assert_eq!(agent.parent.as_ref().map(|key| key.local.to_string()).as_deref(), Some(FIRST));
        assert_eq!(agent.task.is_some(), task);
    }
    assert_eq!(rig.agent(&format!("{FIRST}/a1")).unwrap().role.as_deref(), Some("Explore"));
    assert_eq!(rig.usage_of(FIRST).tokens.input, 11, "the warm-up's usage counts for its session");
    assert_eq!(figures(&rig).0, 41);
    let (task, _) = rig.store.tasks.iter().next().unwrap();
    assert_eq!(rig.store.task_usage(task).tokens.input, 11);
}

#[test]
fn sessions_without_conversation_are_not_listed() {
    let tree = Tree::new();
    tree.lines(&main_file(), &[json!({"type": "mode", "mode": "normal"})]);
    tree.write(&format!("{SECOND}.jsonl"), b"");
    assert_eq!(tree.open().store.agents.len(), 0);
}

#[test]
fn two_folders_in_one_slug_and_two_roots_are_kept_apart_and_merged() {
    let tree = Tree::new();
    tree.lines(&main_file(), &[prompt("a"), answer("a", &usage(1, 0, 0, 0))]);
    let moved = |line| with(with(line, &[("/cwd", json!("/home/dev.x"))]), &[("/sessionId", json!(SECOND))]);
    tree.lines(&format!("{SECOND}.jsonl"), &[moved(prompt("b")), moved(answer("b", &usage(2, 0, 0, 0)))]);
    let other = Tree::new();
    other.lines(&main_file(), &[prompt("a"), answer("a", &usage(1, 0, 0, 0))]);
    let roots = [
        tree.root(),
        other.root().join("projects"),
        tree.root().join("projects"),
        PathBuf::from("/not/there"),
    ];
    let rig = open(&roots, NOW);
    assert_eq!(rig.store.agents.len(), 2);
    assert_eq!(figures(&rig).0, 3);
    let folder = |id| rig.agent(id).unwrap().workspace.clone().unwrap().path.unwrap().to_string();
    assert_eq!((folder(FIRST), folder(SECOND)), ("/home/dev/x".to_owned(), "/home/dev.x".to_owned()));
}

#[test]
fn files_that_go_or_change_take_their_usage_along() {
    let tree = Tree::new();
    let copy = plus(answer("a", &usage(100, 0, 0, 0)), "forkedFrom", json!({"sessionId": FIRST}));
    let first = tree.lines(&main_file(), &[prompt("go"), answer("a", &usage(100, 0, 0, 0))]);
    let own = with(answer("b", &usage(7, 0, 0, 0)), &[("/sessionId", json!(SECOND))]);
    let second = tree.lines(&format!("{SECOND}.jsonl"), &[copy, own]);
    let mut rig = tree.open();
    assert_eq!(figures(&rig).0, 107);
    fs::remove_file(&first).unwrap();
    rig.touch(&[first]).unwrap();
    assert_eq!(rig.facts(), tree.open().facts());
    assert_eq!((figures(&rig).0, rig.usage_of(SECOND).tokens.input), (107, 107));
    fs::write(&second, join(&[answer("b", &usage(3, 0, 0, 0))])).unwrap();
    rig.rescan().unwrap();
    assert_eq!(rig.facts(), tree.open().facts());
    assert_eq!(figures(&rig).0, 3);
    fs::remove_dir_all(tree.root().join("projects")).unwrap();
    rig.rescan().unwrap();
    assert_eq!((figures(&rig).0, rig.store.agents.len()), (0, 0));
}

#[test]
fn a_question_makes_a_young_session_wait_and_an_interruption_ends_its_task() {
    let tree = Tree::new();
    let fresh = |line: Value| with(line, &[("/timestamp", json!("2026-11-18T15:29:00.000Z"))]);
    let mut ask = fresh(answer("a", &usage(1, 1, 0, 0)));
    ask["message"]["stop_reason"] = json!("tool_use");
    ask["message"]["content"] = json!([{"type": "tool_use", "id": "t", "name": "AskUserQuestion", "input": {"questions": [{"question": "Which?"}]}}]);
    let path = tree.lines(&main_file(), &[fresh(prompt("go")), ask]);
    let mut rig = tree.open();
    let agent = rig.agent(FIRST).unwrap();
    assert_eq!((agent.status, agent.waiting_for.as_deref()), (Status::Waiting, Some("Which?")));
    append(&path, &join(&[fresh(prompt("[Request interrupted by user for tool use]"))]));
    rig.touch(&[path]).unwrap();
    assert_eq!(rig.agent(FIRST).unwrap().status, Status::Idle);
    let (_, task) = rig.store.tasks.iter().next().unwrap();
    assert_eq!((task.status, rig.store.tasks.len()), (Status::Cancelled, 1));
}

/// A conversation with everything that can span lines: repeated answers, calls and results, a fork, a sub-agent.
fn conversation() -> Vec<Value> {
    let mut call = answer("b", &usage(5, 5, 50, 500));
    call["message"]["stop_reason"] = json!("tool_use");
    call["message"]["content"] = json!([{"type": "tool_use", "id": "toolu_1", "name": "Edit",
        "input": {"file_path": "/x/a.rs", "old_string": "a\nb", "new_string": "a\nc\nd"}}]);
    let result = json!({"type": "user", "uuid": "r1", "sessionId": FIRST, "isSidechain": false,
        "timestamp": "2026-11-18T10:00:05.000Z", "message": {"role": "user", "content":
        [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}]}});
    vec![
        json!({"type": "summary", "summary": "Old words", "leafUuid": "u-b"}),
        prompt("first thing — ü 漢字"),
        answer("a", &usage(10, 1, 100, 1000)),
        answer("a", &usage(10, 40, 100, 1000)),
        call,
        result,
        answer("c", &usage(1, 2, 3, 4)),
        json!({"type": "system", "subtype": "turn_duration", "durationMs": 5, "timestamp": "2026-11-18T10:00:09.000Z"}),
        with(
            prompt("second thing"),
            &[("/uuid", json!("p2")), ("/timestamp", json!("2026-11-18T10:01:00.000Z"))],
        ),
        answer("d", &usage(7, 7, 7, 7)),
        json!({"type": "cost-state", "sessionId": FIRST, "totalCostUSD": 0.25}),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn reading_at_once_and_reading_as_it_grows_say_the_same(cuts in proptest::collection::vec(0_usize..4000, 0..8)) {
        let bytes = join(&conversation());
        let copied: Vec<Value> = conversation().into_iter().take(6).map(|line| {
            let mut line = line;
            line["forkedFrom"] = json!({"sessionId": FIRST});
            line
        }).collect();
        let tree = Tree::new();
        tree.lines(&format!("{SECOND}.jsonl"), &copied);
        let path = tree.write(&main_file(), b"");
        let mut rig = tree.open();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % bytes.len()).chain([bytes.len()]).collect();
        cuts.sort_unstable();
        let mut from = 0;
        for cut in cuts {
            append(&path, &bytes[from..cut]);
            rig.touch(std::slice::from_ref(&path)).unwrap();
            from = cut;
        }
        prop_assert_eq!(rig.facts(), tree.open().facts());
    }
}

/// The generator of synthetic trees, where it is at hand: beside the recorded data.
fn generator() -> Option<PathBuf> {
    let tool = crate::recorded::recorded("claude-code")?.join("../../tools/gen-claude-corpus");
    if !tool.is_file() {
        println!("skipped: no generator of trees");
        return None;
    }
    Some(tool)
}

fn generate(tool: &Path, arguments: &[&str]) {
    let output = Command::new("python3").arg(tool).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn generated_edge_trees_have_the_true_totals() {
    let Some(tool) = generator() else { return };
    let folder = tempfile::tempdir().unwrap();
    generate(&tool, &["--edge", "--out", folder.path().to_str().unwrap()]);
    let truth: Value =
        serde_json::from_slice(&fs::read(folder.path().join("edge_truth.json")).unwrap()).unwrap();
    for (name, want) in truth.as_object().unwrap() {
        let rig = open(&[folder.path().join(name).join(".claude")], NOW);
        let (input, output, write, read) = figures(&rig);
        let got = json!({"input": input, "output": output, "cache_create": write, "cache_read": read});
        for (key, figure) in got.as_object().unwrap() {
            assert_eq!(figure, &want[key], "{name} {key}");
        }
        if let Some(cost) = want["cost"].as_f64() {
            assert!((rig.store.usage().cost.dollars() - cost).abs() < 1e-9, "{name}");
        }
    }
}

#[test]
fn a_generated_tree_is_the_same_cold_warm_and_grown() {
    let Some(tool) = generator() else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("tree");
    generate(&tool, &["--out", out.to_str().unwrap(), "--mb", "4", "--seed", "3"]);
    let truth: Value = serde_json::from_slice(&fs::read(out.join("truth.json")).unwrap()).unwrap();
    let mut rig = open(&[out.join(".claude")], NOW);
    assert_eq!(Some(rig.store.usage().tokens.total()), truth["final"]["total"].as_u64());
    let cost = truth["final"]["cost_split"].as_f64().unwrap();
    assert!((rig.store.usage().cost.dollars() - cost).abs() < 1e-6);
    rig.rescan().unwrap();
    assert_eq!(Some(rig.store.usage().tokens.total()), truth["final"]["total"].as_u64());
    generate(&tool, &["--append", out.to_str().unwrap(), "--mb", "0.2"]);
    rig.rescan().unwrap();
    assert_eq!(rig.facts(), open(&[out.join(".claude")], NOW).facts());
}
