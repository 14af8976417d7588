//! Files and changes through the whole application: opened from rows, from conversations and back, and headless.

use std::{fs, process::Command};

use orchdash::{
    app::{App, Effect, Message, Setup},
    input::key::parse_sequence,
    model::{ConversationRef, Reading, Timestamp},
    overlays::Handout,
    sources::{self, conversation::read_all},
    store::Store,
};
use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::{Value, json};

use crate::{foreign, recorded::recorded, rig::Rig, talk::joined};

const NOW: &str = "2026-11-18T15:30:00Z";
const SESSION: &str = "0a5a9e7c-aaaa-4bbb-8ccc-0123456789ab";
const SIZE: (u16, u16) = (100, 30);

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

/// A config folder with a session that reads, makes, edits and removes files, by its tools and by the shell.
fn folder() -> tempfile::TempDir {
    let calls = [
        ("Read", json!({"file_path": "/w/src/pay.rs"}), json!({"file": {"filePath": "/w/src/pay.rs"}})),
        (
            "Edit",
            json!({"file_path": "/w/src/pay.rs", "old_string": "a", "new_string": "b"}),
            json!({"filePath": "/w/src/pay.rs", "oldString": "a", "newString": "b", "structuredPatch": [
                {"oldStart": 3, "oldLines": 2, "newStart": 3, "newLines": 3,
                 "lines": [" fn pay() {", "-    take(total)", "+    take(total, key)", "+    // API_KEY=hunter2hunter2"]}]}),
        ),
        (
            "Write",
            json!({"file_path": "/w/src/key.rs", "content": "fn key() {}\n"}),
            json!({"type": "create", "filePath": "/w/src/key.rs", "content": "fn key() {}\n", "structuredPatch": []}),
        ),
        (
            "Bash",
            json!({"command": "cargo fmt"}),
            json!({"stdout": "", "stderr": "", "bashEditDiff": {"files": [{"filePath": "/w/src/lib.rs", "hunks": [
                {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-mod  a;", "+mod a;"]}]}]}}),
        ),
        ("Bash", json!({"command": "rm notes.md"}), json!({"stdout": "", "stderr": ""})),
    ];
    let mut lines = vec![json!({"type": "user", "promptSource": "typed",
        "message": {"role": "user", "content": "Pay with a key"}})];
    for (at, (tool, input, result)) in calls.into_iter().enumerate() {
        let id = format!("toolu_{at}");
        lines.push(
            json!({"type": "assistant", "message": {"id": format!("msg_{at}"), "model": "claude-opus-5-5",
            "content": [{"type": "tool_use", "id": id, "name": tool, "input": input}],
            "usage": {"input_tokens": 2, "output_tokens": 9}}}),
        );
        let mut answer = json!({"type": "user", "message": {"role": "user",
            "content": [{"type": "tool_result", "tool_use_id": id, "content": "done"}]}});
        answer["toolUseResult"] = result;
        lines.push(answer);
    }
    let place = tempfile::tempdir().unwrap();
    let slug = place.path().join("projects/-w");
    fs::create_dir_all(&slug).unwrap();
    for (number, line) in lines.iter_mut().enumerate() {
        line["sessionId"] = json!(SESSION);
        line["cwd"] = json!("/w");
        line["uuid"] = json!(format!("u{number}"));
        line["timestamp"] = json!(format!("2026-11-18T14:00:{number:02}.000Z"));
    }
    fs::write(slug.join(format!("{SESSION}.jsonl")), joined(&lines)).unwrap();
    place
}

fn app(store: Store) -> App {
    let setup = Setup { now: now(), ..crate::fleet::setup("fleet") };
    App::new(setup, store).0
}

/// Presses keys, drawing after each one, and reads what the application wants read; what else it wants.
fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let mut others = Vec::new();
    for chord in parse_sequence(keys).unwrap() {
        for effect in app.update(now(), Message::Key(chord)) {
            if let Effect::OpenConversation { talk, place } = effect {
                let message = Message::Conversation { talk, news: told(&place), reading: Reading::Live };
                others.extend(app.update(now(), message));
            } else {
                others.push(effect);
            }
        }
        draw(app);
    }
    others
}

fn told(place: &ConversationRef) -> Vec<orchdash::model::ConversationDelta> {
    let mut reader = sources::kind(place.source).unwrap().conversation(place).unwrap();
    read_all(&mut *reader).unwrap()
}

fn draw(app: &App) -> Buffer {
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = Buffer::empty(area);
    app.render(area, &mut buffer);
    buffer
}

fn text(app: &App) -> String {
    crate::fleet::lines(&draw(app)).join("\n")
}

#[test]
fn from_a_row_to_files_to_a_change_to_its_call_and_back() {
    let place = folder();
    let mut app = app(Rig::open("claude-code", place.path(), NOW).unwrap().store);
    press(&mut app, "e a");
    let files = text(&app);
    assert!(files.contains("1 read · 4 written") && files.contains("2 by shell"), "{files}");
    for row in
        ["- deleted  notes.md", "~ edited   src/lib.rs", "+ added    src/key.rs", "~ edited   src/pay.rs"]
    {
        assert!(files.contains(row), "{row}\n{files}");
    }
    press(&mut app, "G enter");
    let diff = text(&app);
    assert!(
        diff.contains("4 of 4") && diff.contains("take(total, key)") && !diff.contains("hunter2"),
        "{diff}"
    );
    // To the call, unfolded; its change with one key; and back again without a second page of the conversation.
    press(&mut app, "c");
    let call = text(&app);
    assert!(call.contains("▾ Edit src/pay.rs  +2 -1"), "{call}");
    assert!(call.contains("▌") && call.contains("@@ -3,2 +3,3 @@"), "{call}");
    press(&mut app, "=");
    assert!(text(&app).contains("1 of 4"), "{}", text(&app));
    press(&mut app, "d d");
    assert!(text(&app).contains("3 of 4") && text(&app).contains("mod a;"), "{}", text(&app));
    press(&mut app, "c");
    assert!(text(&app).contains("▾ Bash cargo fmt  +1 -1"), "{}", text(&app));
    let closed = press(&mut app, "esc");
    assert!(closed.iter().any(|effect| matches!(effect, Effect::CloseConversations { .. })));
    assert!(text(&app).contains("4 of 4"), "the change one came from\n{}", text(&app));
    press(&mut app, "esc");
    assert!(text(&app).contains("1 read · 4 written"));
    // From the conversation to its files.
    press(&mut app, "esc c a");
    assert!(text(&app).contains("1 read · 4 written"));
}

#[test]
fn what_is_handed_out_is_a_file_of_the_workspace_or_clean_text() {
    let place = folder();
    let mut app = app(Rig::open("claude-code", place.path(), NOW).unwrap().store);
    press(&mut app, "e a G");
    let effects = press(&mut app, "O");
    let [Effect::Edit(Handout::File { path, within, .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((path.as_str(), within.as_str()), ("/w/src/pay.rs", "/w"));
    for keys in ["enter", "c g g", "esc esc i"] {
        press(&mut app, keys);
        let effects = press(&mut app, "o");
        let [Effect::Page(Handout::Text { text, .. })] = effects.as_slice() else {
            panic!("{keys}: {effects:?}")
        };
        assert!(!text.contains("hunter2"), "{keys}: {text}");
    }
}

#[test]
fn what_is_too_long_for_a_terminal_is_not_copied() {
    let place = folder();
    let mut app = app(Rig::open("claude-code", place.path(), NOW).unwrap().store);
    let effects = press(&mut app, "e i");
    let [Effect::LoadRaw(record)] = effects.as_slice() else { panic!("{effects:?}") };
    let record = record.clone();
    let mut copied = |length: usize| {
        let text = orchdash::model::Record::new(&"a line of a record\n".repeat(length / 19), 0);
        app.update(now(), Message::Raw(record.clone(), Ok(text)));
        (press(&mut app, "y"), self::text(&app))
    };
    assert!(matches!(copied(70_000).0.as_slice(), [Effect::Copy(_)]));
    let (effects, screen) = copied(90_000);
    assert!(effects.is_empty() && screen.contains("terminals take 75kB at most (OSC 52)"), "{screen}");
}

fn headless(place: &std::path::Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_orchdash"))
        .args([
            "--no-state",
            "--tz",
            "UTC",
            "--now",
            NOW,
            "--source",
            &format!("claude-code={}", place.display()),
        ])
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn headless_says_the_same() {
    let place = folder();
    let before = foreign::snapshot(place.path());
    let (code, table, _) = headless(place.path(), &["files", SESSION]);
    assert_eq!(code, 0);
    insta::assert_snapshot!("files_headless", table);
    let (_, document, _) = headless(place.path(), &["files", SESSION, "--json"]);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!((&document["read"], &document["written"]), (&json!(1), &json!(4)));
    let ops = |of: &Value| {
        of["files"].as_array().unwrap().iter().map(|file| file["op"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ops(&document), ["delete", "edit", "add", "edit"]);
    let pay = &document["files"][3];
    assert_eq!((&pay["added"], &pay["removed"], &pay["reads"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(document["files"][0]["history"][0]["doubt"], json!("read off the command"));
    let (code, diff, _) = headless(place.path(), &["diff", SESSION]);
    assert_eq!(code, 0);
    insta::assert_snapshot!("diff_headless", diff);
    let (_, one, _) = headless(place.path(), &["diff", SESSION, "src/key.rs", "--json"]);
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one["changes"].as_array().unwrap().len(), 1);
    assert_eq!(one["changes"][0]["op"], json!("add"));
    assert!(headless(place.path(), &["diff", SESSION, "--reveal"]).1.contains("hunter2"));
    for (args, said) in [
        (&["files", "nobody"][..], "no agent or session is called `nobody`"),
        (&["files", "--task", "none"], "no task is called `none`"),
        (&["files"], "AGENT"),
        (&["diff", SESSION, "none.rs"], "no change of `none.rs` is recorded"),
    ] {
        let (code, out, error) = headless(place.path(), args);
        assert!(code == 2 && out.is_empty() && error.contains(said), "{args:?}: {code} {error}");
    }
    assert!(before == foreign::snapshot(place.path()), "the folder was changed");
}

/// The written diff applies: what other programs make of it is the new text.
#[test]
fn the_unified_diff_applies() {
    let place = folder();
    let (_, diff, _) = headless(place.path(), &["diff", SESSION, "src/lib.rs"]);
    let work = tempfile::tempdir().unwrap();
    fs::create_dir_all(work.path().join("w/src")).unwrap();
    fs::write(work.path().join("w/src/lib.rs"), "mod  a;\n").unwrap();
    fs::write(work.path().join("p.diff"), diff).unwrap();
    let Ok(done) = Command::new("git").args(["apply", "p.diff"]).current_dir(work.path()).output() else {
        return println!("skipped: no git");
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(fs::read_to_string(work.path().join("w/src/lib.rs")).unwrap(), "mod a;\n");
}

/// Every recorded session: what was read and written is told, and the counts of the list are those of its history.
#[test]
fn recorded_sessions_have_files() {
    let Some(place) = recorded("claude-code") else { return };
    let copy = tempfile::tempdir().unwrap();
    foreign::copy(&place.join("dot-claude"), copy.path());
    let rig = Rig::open("claude-code", copy.path(), NOW).unwrap();
    let (mut read, mut written) = (0, 0);
    for (_, agent) in rig.store.agents.iter() {
        let Some(place) = &agent.conversation else { continue };
        let mut touched = orchdash::query::files::Touched::new(vec![None]);
        for delta in told(place) {
            touched.apply(0, delta);
        }
        let listing = orchdash::query::files::list(touched.iter(), "");
        read += listing.read.len();
        written += listing.written.len();
    }
    println!("{read} files read, {written} written");
    assert!(read > 0 && written > 0, "the recorded sessions read and wrote files");
}
