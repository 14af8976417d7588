//! Codex threads made here, as they come, grow, are put away, compressed, reverted and broken.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use orchdash::{
    model::{Agent, Execution, Level, Status, Task, Timestamp, Tokens},
    store::Totals,
    text::Safe,
};
use serde_json::{Value, json};

use crate::{foreign::snapshot, machine, rig::Rig, values::key};

const NOW: &str = "2026-11-18T15:30:00Z";
const P: &str = "00000000-0000-7000-8000-00000000000a";
const C: &str = "00000000-0000-7000-8000-00000000000c";
const Z: &str = "00000000-0000-7000-8000-00000000000f";
const A: &str = "00000000-0000-7000-8000-00000000000e";

pub(crate) const PARENT: &str =
    "sessions/2026/11/18/rollout-2026-11-18T15-00-00-00000000-0000-7000-8000-00000000000a.jsonl";
pub(crate) const CHILD: &str =
    "sessions/2026/11/18/rollout-2026-11-18T15-20-10-00000000-0000-7000-8000-00000000000c.jsonl";
pub(crate) const PACKED: &str =
    "sessions/2026/11/03/rollout-2026-11-03T08-00-00-00000000-0000-7000-8000-00000000000f.jsonl.zst";
pub(crate) const ARCHIVED: &str =
    "archived_sessions/rollout-2026-09-01T08-00-00-00000000-0000-7000-8000-00000000000e.jsonl";

/// A line at a minute and second after three o'clock.
fn line(minute: u32, second: u32, kind: &str, payload: &Value) -> String {
    let at = format!("2026-11-18T15:{minute:02}:{second:02}.000Z");
    format!("{}\n", json!({"timestamp": at, "type": kind, "payload": payload}))
}

fn event(minute: u32, second: u32, payload: &Value) -> String {
    line(minute, second, "event_msg", payload)
}

fn meta(minute: u32, id: &str, rest: &Value) -> String {
    let at = format!("2026-11-18T15:{minute:02}:00.000Z");
    let mut meta = json!({"id": id, "timestamp": at, "cwd": "/w/app", "source": "cli", "originator": "codex-tui",
        "cli_version": "0.153.4", "git": {"branch": "main", "repository_url": "https://user:sesame@host/x.git"}});
    for (name, value) in rest.as_object().unwrap() {
        meta[name] = value.clone();
    }
    line(minute, 0, "session_meta", &meta)
}

fn total(minute: u32, second: u32, input: u64) -> String {
    let usage = json!({"input_tokens": input, "cached_input_tokens": 0, "output_tokens": 1, "total_tokens": input + 1});
    event(
        minute,
        second,
        &json!({"type": "token_count", "info": {"total_token_usage": usage, "last_token_usage": usage,
        "model_context_window": 1000}, "rate_limits": {"primary": {"used_percent": minute, "window_minutes": 300}}}),
    )
}

fn record(minute: u32, second: u32, id: &str, input: u64) -> String {
    let usage = json!({"input_tokens": input, "cached_input_tokens": 0, "output_tokens": 1});
    line(minute, second, "token_usage_record", &json!({"response_id": id, "usage": usage}))
}

fn turn(minute: u32, prompt: &str) -> String {
    event(minute, 1, &json!({"type": "task_started", "turn_id": format!("turn-{minute}")}))
        + &line(
            minute,
            2,
            "turn_context",
            &json!({"model": "gpt-x", "cwd": "/w/app", "turn_id": format!("turn-{minute}")}),
        )
        + &event(minute, 3, &json!({"type": "user_message", "message": prompt}))
}

fn over(minute: u32, words: &str) -> String {
    event(minute, 50, &json!({"type": "agent_message", "message": words}))
        + &event(minute, 51, &json!({"type": "task_complete", "last_agent_message": words}))
}

fn spawned(minute: u32, child: &str, kind: &str) -> String {
    event(
        minute,
        10,
        &json!({"type": "sub_agent_activity", "kind": kind, "agent_thread_id": child, "agent_path": "/root/look"}),
    )
}

fn parent() -> String {
    meta(0, P, &json!({}))
        + &turn(0, "First wish")
        + &total(0, 9, 100)
        + &over(0, "done")
        + &turn(20, "Second wish")
        + &spawned(20, C, "started")
}

fn child() -> String {
    let source = json!({"subagent": {"thread_spawn": {"parent_thread_id": P, "depth": 1, "agent_path": "/root/look", "agent_nickname": "Finch"}}});
    meta(20, C, &json!({"source": source, "thread_source": "subagent"}))
        + &event(20, 10, &json!({"type": "task_started"}))
        + &event(20, 12, &json!({"type": "user_message", "message": "Look around"}))
        + &total(20, 30, 40)
}

fn one_turn(id: &str, prompt: &str, input: u64) -> String {
    meta(0, id, &json!({})) + &turn(1, prompt) + &total(1, 5, input) + &over(1, "done")
}

fn write(root: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn pack(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).unwrap()
}

/// A home with a parent and its child, a compressed thread and one put away.
pub(crate) fn build(root: &Path) {
    write(root, PARENT, parent());
    write(root, CHILD, child());
    write(root, PACKED, pack(&one_turn(Z, "Old wish", 7)));
    write(root, ARCHIVED, one_turn(A, "Older wish", 5));
    write(
        root,
        "session_index.jsonl",
        format!(
            "{}\n{}\n",
            json!({"id": P, "thread_name": "Wishes"}),
            json!({"id": Z, "thread_name": "Old"})
        ),
    );
}

struct Home {
    dir: tempfile::TempDir,
    rig: Rig,
}

impl Home {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("sessions")).unwrap();
        for (name, bytes) in files {
            write(dir.path(), name, bytes);
        }
        let rig = Rig::open("codex", dir.path(), NOW).unwrap();
        Self { dir, rig }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    fn put(&mut self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = write(&self.root(), name, bytes);
        self.rig.touch(&[path]).unwrap();
    }

    fn append(&mut self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(text.as_bytes()).unwrap();
        self.rig.touch(&[path]).unwrap();
    }

    fn remove(&mut self, name: &str) {
        let path = self.root().join(name);
        fs::remove_file(&path).unwrap();
        self.rig.touch(&[path]).unwrap();
    }

    fn agent(&self, id: &str) -> Option<&Agent> {
        self.rig.agent(id)
    }

    fn usage(&self, id: &str) -> Totals {
        self.rig.usage_of(id)
    }

    fn task(&self, id: &str) -> Option<&Task> {
        self.rig.store.tasks.find(&key(id))
    }

    fn execution(&self, id: &str) -> Option<&Execution> {
        self.rig.store.executions.find(&key(id))
    }

    fn input(&self) -> u64 {
        self.rig.store.usage().tokens.input
    }

    /// A live read equals a read from scratch, and leaves no trace.
    fn check(&mut self) {
        let before = snapshot(self.dir.path());
        self.rig.rescan().unwrap();
        let scratch = Rig::open("codex", self.dir.path(), &self.rig.now.to_string()).unwrap();
        assert_eq!(self.rig.facts(), scratch.facts());
        assert_eq!(self.rig.health.contents, scratch.health.contents);
        assert_eq!(self.rig.health.skipped, scratch.health.skipped);
        assert_eq!(snapshot(self.dir.path()), before);
    }
}

fn name(minute: u32, id: &str) -> String {
    format!("sessions/2026/11/18/rollout-2026-11-18T15-{minute:02}-00-{id}.jsonl")
}

#[test]
fn a_thread_its_prompts_and_its_sub_agent() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path());
    let rig = Rig::open("codex", dir.path(), NOW).unwrap();
    let mut home = Home { dir, rig };
    let agent = home.agent(P).unwrap();
    assert_eq!((agent.title.as_deref(), agent.session.as_deref()), (Some("Wishes"), Some(P)));
    assert_eq!(agent.workspace.as_ref().unwrap().path.as_deref(), Some("/w/app"));
    assert_eq!(
        (agent.branch.as_deref(), agent.started_at),
        (Some("main"), Timestamp::parse("2026-11-18T15:00:00Z"))
    );
    assert_eq!((agent.status, agent.activity.as_deref()), (Status::Running, Some("thinking")));
    let context = agent.context.unwrap();
    assert_eq!((context.used, context.window), (100, 1000));
    assert!(agent.waiting_for.is_none());
    let finch = home.agent(C).unwrap();
    assert_eq!(
        (finch.name.as_str(), finch.role.as_deref(), finch.parent.clone()),
        ("Finch", Some("look"), Some(key(P)))
    );
    assert_eq!(finch.task, Some(key(&format!("{P}#2"))));
    assert!(finch.facts.contains(&("first prompt", Safe::line("Look around"))));
    let first = home.task(&format!("{P}#1")).unwrap();
    assert_eq!(
        (&*first.prompt, first.status, first.result.as_deref()),
        ("First wish", Status::Succeeded, Some("done"))
    );
    assert_eq!(first.agents, [key(P)]);
    let second = home.task(&format!("{P}#2")).unwrap();
    assert_eq!((second.status, second.agents.clone()), (Status::Running, vec![key(P), key(C)]));
    let run = home.execution(&format!("{P}/agent/{C}")).unwrap();
    assert_eq!((run.status, run.name.as_str(), run.agent.clone()), (Status::Running, "look", Some(key(C))));
    // A parent's figures do not hold its children's; the task's do.
    assert_eq!((home.usage(P).tokens.input, home.usage(C).tokens.input), (100, 40));
    let second = home.rig.store.tasks.id(&key(&format!("{P}#2"))).unwrap();
    assert_eq!(home.rig.store.task_usage(second).tokens.input, 40);
    assert_eq!(home.agent(Z).unwrap().title.as_deref(), Some("Old"));
    assert_eq!(home.agent(A).unwrap().title.as_deref(), Some("Older wish"));
    // Nothing of an address with a password in it is told.
    assert!(!format!("{:?}", home.rig.facts()).contains("sesame"));
    home.check();
}

#[test]
fn what_comes_late_is_put_right() {
    let mut home = Home::new(&[(CHILD, child().as_bytes())]);
    assert_eq!(home.agent(C).unwrap().task, None);
    for part in [meta(0, P, &json!({})) + &turn(0, "First wish"), over(0, "done"), turn(20, "Second wish")] {
        if home.root().join(PARENT).exists() {
            home.append(PARENT, &part);
        } else {
            home.put(PARENT, part);
        }
        home.check();
    }
    // By its start, the second prompt is the one it serves.
    assert_eq!(home.agent(C).unwrap().task, Some(key(&format!("{P}#1"))), "it started before the second");
    home.append(PARENT, &spawned(20, C, "started"));
    assert_eq!(home.agent(C).unwrap().task, Some(key(&format!("{P}#2"))), "its caller says so");
    home.append(PARENT, &spawned(21, C, "interrupted"));
    assert_eq!(
        (home.agent(C).unwrap().status, home.agent(C).unwrap().status_raw.as_deref()),
        (Status::Cancelled, Some("aborted"))
    );
    home.check();
    home.put("session_index.jsonl", format!("{}\n", json!({"id": P, "thread_name": "A"})));
    home.append("session_index.jsonl", &format!("{}\nnonsense\n", json!({"id": P, "thread_name": "B"})));
    assert_eq!(home.agent(P).unwrap().title.as_deref(), Some("B"));
    home.check();
    home.remove("session_index.jsonl");
    assert_eq!(home.agent(P).unwrap().title.as_deref(), Some("First wish"));
    home.remove(PARENT);
    assert_eq!(
        (home.agent(P), home.task(&format!("{P}#1")), home.agent(C).unwrap().task.clone()),
        (None, None, None)
    );
    home.check();
}

#[test]
fn a_thread_that_lies_twice_counts_once() {
    let text = one_turn(P, "Wish", 100);
    let plain = name(0, P);
    let put_away = format!("archived_sessions/2026/11/18/rollout-2026-11-18T15-00-00-{P}.jsonl");
    let mut home = Home::new(&[(&plain, text.as_bytes())]);
    assert_eq!(home.input(), 100);
    // Compressed: first both are there, then only the compressed one.
    home.put(&format!("{plain}.zst"), pack(&text));
    assert_eq!(home.input(), 100);
    home.check();
    home.remove(&plain);
    assert_eq!(
        (home.input(), home.agent(P).unwrap().facts.contains(&("file", Safe::line("compressed")))),
        (100, true)
    );
    home.check();
    // Put away, while the compressed one is there and when it is not.
    home.put(&put_away, one_turn(P, "Wish", 999));
    assert_eq!(home.input(), 100, "the one at work speaks");
    home.check();
    home.remove(&format!("{plain}.zst"));
    assert_eq!(home.input(), 999);
    assert_eq!(home.agent(P).unwrap().status, Status::Succeeded);
    home.check();
    // It comes back and goes on.
    home.put(&plain, one_turn(P, "Wish", 100) + &turn(29, "More") + &total(29, 9, 130));
    assert_eq!((home.input(), home.agent(P).unwrap().status), (130, Status::Running));
    home.check();
}

#[test]
fn after_a_revert_the_newest_file_speaks() {
    let first = name(0, P);
    let mut home = Home::new(&[(&first, (parent() + &total(21, 0, 500)).as_bytes())]);
    assert_eq!(home.input(), 500);
    let again = |minute: u32, tag: &str| {
        format!("sessions/2026/11/18/rollout-2026-11-18T15-{minute:02}-00-{P}_{tag}.jsonl")
    };
    home.put(&again(22, "b"), one_turn(P, "First wish", 100) + &total(2, 0, 120));
    assert_eq!((home.input(), home.task(&format!("{P}#2"))), (120, None));
    assert!(home.execution(&format!("{P}/agent/{C}")).is_none());
    home.check();
    home.put(&again(23, "a"), one_turn(P, "First wish", 100));
    assert_eq!(home.input(), 100);
    home.check();
    home.remove(&again(23, "a"));
    home.remove(&again(22, "b"));
    assert_eq!((home.input(), home.task(&format!("{P}#2")).is_some()), (500, true));
    home.check();
}

#[test]
fn a_broken_compressed_file_gives_way_to_a_whole_one_and_is_named() {
    let text = one_turn(P, "Wish", 100);
    let packed = format!("{}.zst", name(0, P));
    let mut home = Home::new(&[(&packed, b"no zstd at all")]);
    assert_eq!(home.agent(P), None);
    assert!(home.rig.health.notes.iter().any(|note| note.contains("cannot be decompressed")));
    assert_eq!(home.rig.health.skipped, 1);
    home.put(&format!("archived_sessions/rollout-2026-11-18T15-00-00-{P}.jsonl"), &text);
    assert_eq!(home.input(), 100, "a whole one put away beats a broken one at work");
    home.check();
    home.put(&packed, pack(&one_turn(P, "Wish", 70)));
    assert_eq!((home.input(), home.rig.health.skipped, home.rig.health.notes.len()), (70, 0, 0));
    home.check();
    // Cut: what stands in it until then is told.
    let long = (0..4000).fold(one_turn(P, "Wish", 70), |text, number| {
        text + &event(
            2,
            0,
            &json!({"type": "agent_reasoning", "text": format!("{:x}", number * 2_654_435_761_u64)}),
        )
    });
    let whole = pack(&long);
    home.put(&packed, &whole[..whole.len() - 9]);
    home.remove(&format!("archived_sessions/rollout-2026-11-18T15-00-00-{P}.jsonl"));
    assert_eq!((home.input(), home.rig.health.skipped), (70, 1));
    home.check();
}

#[test]
fn a_response_in_two_threads_counts_in_the_first() {
    let early = meta(0, P, &json!({})) + &turn(0, "Wish") + &record(0, 9, "r1", 100);
    let late =
        meta(10, C, &json!({})) + &turn(10, "Wish") + &record(10, 9, "r1", 100) + &record(11, 9, "r2", 5);
    let (first, second) = (name(0, P), name(10, C));
    let mut home = Home::new(&[(&second, late.as_bytes())]);
    assert_eq!(home.usage(C).tokens.input, 105);
    home.put(&first, &early);
    assert_eq!((home.usage(P).tokens.input, home.usage(C).tokens.input, home.input()), (100, 5, 105));
    home.check();
    home.append(&second, &record(12, 9, "r1", 100));
    assert_eq!(home.input(), 105);
    home.remove(&first);
    assert_eq!((home.usage(C).tokens.input, home.input()), (105, 105));
    home.check();
}

#[test]
fn a_copy_whose_end_is_seen_late_is_taken_back() {
    let source = json!({"subagent": {"thread_spawn": {"parent_thread_id": P, "agent_path": "/root/look"}}});
    let number = |ordinal: u64, line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        line["ordinal"] = ordinal.into();
        format!("{line}\n")
    };
    let call = line(
        10,
        0,
        "response_item",
        &json!({"type": "agent_message", "recipient": "/root/look", "content": []}),
    );
    let text = number(0, &meta(10, C, &json!({"source": source, "subagent_history_start_ordinal": 9})))
        + &number(1, &record(10, 0, "r1", 100))
        + &number(2, &call)
        + &number(3, &record(10, 9, "r2", 40));
    let mut home = Home::new(&[(&name(10, C), text.as_bytes())]);
    assert_eq!(home.input(), 40);
    home.check();
    home.append(&name(10, C), &number(9, &record(11, 0, "r3", 7)));
    assert_eq!(home.input(), 7);
    home.check();
    home.append(&name(10, C), &number(10, &record(11, 5, "r4", 1)));
    assert_eq!(home.input(), 8);
    home.check();
}

#[test]
fn records_that_repeat_told_totals_take_their_place() {
    let file = name(0, P);
    let mut home = Home::new(&[(
        &file,
        (meta(0, P, &json!({})) + &turn(0, "Wish") + &total(1, 0, 100) + &total(2, 0, 150)).as_bytes(),
    )]);
    assert_eq!((home.input(), home.usage(P).responses), (150, 2));
    let record = |minute, id: &str, input: u64, thread: u64| {
        let usage = |input: u64| json!({"input_tokens": input, "cached_input_tokens": 0, "output_tokens": 0});
        line(
            minute,
            1,
            "token_usage_record",
            &json!({"response_id": id, "usage": usage(input), "thread_token_usage": usage(thread)}),
        )
    };
    home.append(&file, &record(3, "r1", 100, 100));
    assert_eq!((home.input(), home.usage(P).responses), (100, 1));
    home.append(&file, &record(3, "r2", 50, 150));
    assert_eq!((home.input(), home.usage(P).responses), (150, 2));
    home.check();
}

#[test]
fn time_alone_makes_a_thread_quiet_and_ended() {
    let mut home = Home::new(&[(&name(29, P), (meta(29, P, &json!({})) + &turn(29, "Wish")).as_bytes())]);
    let (agent, wake) = (home.agent(P).unwrap(), home.rig.next_wake());
    assert_eq!((agent.status, agent.status_raw.as_deref()), (Status::Running, Some("working")));
    home.rig.now = wake.unwrap();
    home.rig.touch(&[]).unwrap();
    assert_eq!(home.agent(P).unwrap().status_raw.as_deref(), Some("quiet"));
    assert_eq!((home.task(&format!("{P}#1")).unwrap().status, home.rig.next_wake()), (Status::Unknown, None));
    home.check();
    home.append(&name(29, P), &over(55, "done"));
    assert_eq!(home.agent(P).unwrap().status, Status::Idle);
    home.rig.now = home.rig.next_wake().unwrap();
    home.rig.touch(&[]).unwrap();
    assert_eq!(home.agent(P).unwrap().status_raw.as_deref(), Some("ended"));
    home.check();
}

#[test]
fn limits_go_with_the_files_that_tell_them() {
    let mut home = Home::new(&[(&name(0, P), (meta(0, P, &json!({})) + &total(5, 0, 10)).as_bytes())]);
    let percent = |home: &Home| {
        home.rig.store.limits.iter().map(|(_, limit)| limit.percent.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(percent(&home), [5.0]);
    home.put(&name(1, C), meta(1, C, &json!({})) + &total(9, 0, 10));
    assert_eq!(percent(&home), [9.0]);
    home.append(&name(0, P), &total(8, 0, 11));
    assert_eq!(percent(&home), [9.0], "an older reading says nothing");
    home.remove(&name(1, C));
    assert_eq!(percent(&home), [8.0]);
    home.remove(&name(0, P));
    assert_eq!(percent(&home), Vec::<f64>::new());
    home.check();
}

#[test]
fn errors_stand_in_the_log_once() {
    let error = |minute, text: &str| event(minute, 5, &json!({"type": "error", "message": text}));
    let mut home = Home::new(&[(
        &name(0, P),
        (meta(0, P, &json!({})) + &turn(0, "Wish") + &error(0, "no network")).as_bytes(),
    )]);
    let said = |home: &Home| {
        home.rig
            .store
            .logs()
            .map(|line| (line.level, line.text.to_string(), line.task.clone()))
            .collect::<Vec<_>>()
    };
    let first = (Level::Error, "no network".to_owned(), Some(key(&format!("{P}#1"))));
    assert_eq!(said(&home), std::slice::from_ref(&first));
    assert_eq!(home.task(&format!("{P}#1")).unwrap().error.as_deref(), Some("no network"));
    home.append(&name(0, P), &error(1, "no \u{1b}[31mluck"));
    home.rig.rescan().unwrap();
    assert_eq!(said(&home), [first, (Level::Error, "no luck".to_owned(), Some(key(&format!("{P}#1"))))]);
    home.check();
}

#[test]
fn a_torn_line_waits_and_a_broken_one_is_counted() {
    let file = name(0, P);
    let mut home = Home::new(&[(&file, (meta(0, P, &json!({})) + &turn(0, "Wish")).as_bytes())]);
    let line = total(1, 0, 100);
    let (head, tail) = line.split_at(line.len() / 2);
    home.append(&file, head);
    assert_eq!((home.input(), home.rig.health.skipped), (0, 0));
    home.append(&file, tail);
    assert_eq!((home.input(), home.rig.health.skipped), (100, 0));
    home.append(&file, "half a line {\"timestamp\n");
    let mut odd = total(2, 0, 130).replace('\n', "\r\n").into_bytes();
    odd.splice(3..3, *b"");
    fs::OpenOptions::new().append(true).open(home.root().join(&file)).unwrap().write_all(&odd).unwrap();
    home.append(&file, "");
    assert_eq!((home.input(), home.rig.health.skipped), (130, 1));
    home.check();
}

#[test]
fn a_headless_run_redirected_into_the_tree_gives_way_to_its_thread() {
    let stream = [
        json!({"type": "thread.started", "thread_id": P}),
        json!({"type": "turn.started"}),
        json!({"type": "item.completed", "item": {"id": "1", "type": "agent_message", "text": "ok"}}),
        json!({"type": "turn.completed", "usage": {"input_tokens": 90, "cached_input_tokens": 0, "output_tokens": 1}}),
    ]
    .iter()
    .map(ToString::to_string)
    .collect::<Vec<_>>()
    .join("\n");
    let mut home = Home::new(&[("sessions/run.jsonl", stream.as_bytes())]);
    assert_eq!((home.input(), home.agent(P).unwrap().status), (90, Status::Succeeded));
    home.put(&name(0, P), one_turn(P, "Wish", 100));
    assert_eq!((home.input(), home.rig.store.agents.iter().count()), (100, 1));
    home.check();
}

#[test]
fn what_is_read_is_what_changed() {
    let (file, packed) = (name(0, P), format!("{}.zst", name(1, C)));
    let mut home = Home::new(&[(&file, parent().as_bytes()), (&packed, &pack(&one_turn(C, "Wish", 1)))]);
    let before = home.rig.health.bytes_read;
    home.rig.rescan().unwrap();
    assert_eq!(home.rig.health.bytes_read, before, "a look at everything reads nothing again");
    let line = total(29, 0, 900);
    home.append(&file, &line);
    assert_eq!(home.rig.health.bytes_read, before + line.len() as u64);
    home.check();
}

#[test]
fn a_home_without_threads_is_empty_and_one_that_is_missing_is_said_to_be() {
    let mut home = Home::new(&[]);
    assert_eq!(home.rig.health.state, orchdash::model::HealthState::Empty);
    home.put(&name(0, P), one_turn(P, "Wish", 1));
    assert_eq!(home.rig.health.state, orchdash::model::HealthState::Live);
    assert!(Rig::open("codex", Path::new("/nowhere/at/all"), NOW).is_err());
    // A whole folder goes and comes.
    let (day, aside) = (home.root().join("sessions/2026"), home.root().join("aside"));
    fs::rename(&day, &aside).unwrap();
    home.rig.touch(std::slice::from_ref(&day)).unwrap();
    assert_eq!(home.agent(P), None);
    fs::rename(&aside, &day).unwrap();
    home.rig.touch(std::slice::from_ref(&day)).unwrap();
    assert!(home.agent(P).is_some());
    home.check();
}

#[test]
fn the_home_is_found_where_the_variable_says() {
    let dir = tempfile::tempdir().unwrap();
    build(&dir.path().join("codex"));
    write(&dir.path().join("codex"), "auth.json", "{\"OPENAI_API_KEY\": \"sesame\"}");
    let (home, variable) = (dir.path(), ("CODEX_HOME", &*dir.path().join("codex")));
    let args = ["agents", "--json", "--now", NOW, "--tz", "UTC", "--no-state"];
    let output = machine::run(home, home, "/nowhere", &[variable], &args);
    let text = String::from_utf8(output.stdout).unwrap();
    let agents: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(agents["agents"].as_array().unwrap().len(), 4);
    assert!(agents["agents"][0]["source"] == "codex" && !text.contains("sesame"));
}

#[test]
fn tokens_are_those_of_the_model_in_force() {
    let text = meta(0, P, &json!({})) + &total(0, 1, 10) + &turn(1, "Wish") + &total(1, 5, 30);
    let home = Home::new(&[(&name(0, P), text.as_bytes())]);
    let ledger = home.rig.store.ledger();
    let models: Vec<(String, Tokens)> = ledger
        .iter()
        .map(|entry| (home.rig.store.symbols().name(entry.model).to_owned(), entry.totals().tokens))
        .collect();
    assert_eq!(models.len(), 2);
    assert_eq!(
        (models[0].0.as_str(), models[1].0.as_str()),
        ("", "gpt-x"),
        "no model was named before the first"
    );
}
