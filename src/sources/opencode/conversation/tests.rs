#![expect(clippy::needless_pass_by_value, reason = "values are written in place")]

use std::{fs, path::Path};

use rusqlite::Connection;
use serde_json::{Value, json};

use super::*;
use crate::{
    model::Conversation,
    sources::conversation::{
        read_all,
        words::{described, read, whole},
    },
};

/// A row of one of the long tables.
#[derive(Clone)]
struct Row {
    table: &'static str,
    id: String,
    message: String,
    data: Value,
}

fn message(id: &str, at: i64, mut data: Value) -> Row {
    data["time"]["created"] = at.into();
    Row { table: "message", id: id.to_owned(), message: id.to_owned(), data }
}

fn part(message: &str, id: &str, data: Value) -> Row {
    Row { table: "part", id: id.to_owned(), message: message.to_owned(), data }
}

fn answer(id: &str, at: i64, rest: Value) -> Row {
    let mut data = json!({"role": "assistant", "modelID": "claude-sonnet-4-5", "providerID": "anthropic",
        "path": {"cwd": "/w/app"}, "time": {"completed": at + 9000}, "finish": "stop",
        "tokens": {"input": 900, "output": 120, "reasoning": 5, "cache": {"read": 8000, "write": 500}}});
    for (name, value) in rest.as_object().unwrap() {
        data[name] = value.clone();
    }
    message(id, at, data)
}

fn tool(message: &str, id: &str, name: &str, state: Value) -> Row {
    let mut state = state;
    if state["status"].is_null() {
        state["status"] = "completed".into();
    }
    state["time"] = json!({"start": 1_795_000_001_000_i64, "end": 1_795_000_003_500_i64});
    part(message, id, json!({"type": "tool", "tool": name, "callID": format!("call_{id}"), "state": state}))
}

const AT: i64 = 1_795_000_000_000;

/// A session with every kind of part and tool, in the order in which it was written.
fn every_kind() -> Vec<Row> {
    let text = |text: &str| json!({"type": "text", "text": text});
    let diff = "Index: /w/app/a.rs\n===\n--- /w/app/a.rs\n+++ /w/app/a.rs\n@@ -3,1 +3,2 @@\n-x\n+y\n+z\n";
    vec![
        message("m1", AT, json!({"role": "user"})),
        part("m1", "p01", text("Fix the import")),
        part("m1", "p02", json!({"type": "text", "text": "put there", "synthetic": true})),
        part("m1", "p03", json!({"type": "file", "filename": "a.rs"})),
        answer("m2", AT + 1000, json!({})),
        part("m2", "p04", json!({"type": "step-start"})),
        part("m2", "p05", json!({"type": "reasoning", "text": "Hm.", "time": {"start": AT + 1500}})),
        part("m2", "p06", text("I **will**.")),
        tool(
            "m2",
            "p07",
            "bash",
            json!({"input": {"command": "ls -l\nls", "description": "list"}, "output": "a.rs", "title": "list"}),
        ),
        tool("m2", "p08", "read", json!({"input": {"filePath": "/w/app/a.rs"}, "output": "1| x"})),
        tool(
            "m2",
            "p09",
            "edit",
            json!({"input": {"filePath": "/w/app/a.rs", "oldString": "x", "newString": "y\nz"}, "output": "ok", "metadata": {"diff": diff}}),
        ),
        tool(
            "m2",
            "p10",
            "write",
            json!({"input": {"filePath": "/w/app/b.rs", "content": "one\n"}, "output": "", "metadata": {"exists": false}}),
        ),
        tool(
            "m2",
            "p11",
            "apply_patch",
            json!({"input": {"patchText": "*** Begin Patch\n*** Delete File: c.rs\n*** End Patch"}, "output": "ok"}),
        ),
        tool(
            "m2",
            "p12",
            "grep",
            json!({"input": {"pattern": "fn main"}, "output": "Found 1", "metadata": {"outputPath": "/tmp/all"}}),
        ),
        tool(
            "m2",
            "p13",
            "todowrite",
            json!({"input": {"todos": [{"content": "A", "status": "completed"}, {"content": "B", "status": "in_progress"}]}, "output": "[1]"}),
        ),
        tool(
            "m2",
            "p14",
            "task",
            json!({"input": {"description": "Explore", "prompt": "look", "subagent_type": "general"}, "output": "found", "metadata": {"sessionId": "ses_kid"}}),
        ),
        tool(
            "m2",
            "p15",
            "webfetch",
            json!({"input": {"url": "https://example.org"}, "status": "error", "error": "404"}),
        ),
        tool(
            "m2",
            "p16",
            "bash",
            json!({"input": {"command": "rm x"}, "status": "error", "error": "The user rejected permission to use this specific tool call."}),
        ),
        tool(
            "m2",
            "p17",
            "bash",
            json!({"input": {"command": "rm y"}, "status": "error", "error": "The user has specified a rule which prevents you from using this specific tool call."}),
        ),
        tool(
            "m2",
            "p18",
            "bash",
            json!({"input": {"command": "sleep 9"}, "status": "error", "error": "Tool execution aborted"}),
        ),
        part("m2", "p19", json!({"type": "patch", "hash": "x", "files": ["/w/app/a.rs", "/w/app/b.rs"]})),
        part(
            "m2",
            "p20",
            json!({"type": "retry", "attempt": 2, "error": {"data": {"message": "overloaded"}}}),
        ),
        part("m2", "p21", json!({"type": "step-finish", "cost": 1, "tokens": {}})),
        part("m2", "p22", json!({"type": "not-invented-yet"})),
        message("m3", AT + 20_000, json!({"role": "user"})),
        part("m3", "p23", json!({"type": "compaction", "auto": true})),
        answer("m4", AT + 21_000, json!({"summary": true, "modelID": "gpt-5.1"})),
        part("m4", "p24", text("What was said.")),
        answer(
            "m5",
            AT + 30_000,
            json!({"error": {"name": "MessageAbortedError", "data": {"message": "stopped"}}}),
        ),
        tool("m5", "p25", "bash", json!({"input": {"command": "make"}, "status": "running"})),
        answer(
            "m6",
            AT + 40_000,
            json!({"error": {"name": "ProviderAuthError", "data": {"message": "no key"}}}),
        ),
        message("m7", AT + 50_000, json!({"role": "user"})),
        answer("m8", AT + 60_000, json!({"finish": "length"})),
        message("m9", AT + 70_000, json!({"role": "user"})),
        part("m9", "p26", text("And now?")),
        answer("n1", AT + 71_000, json!({"time": {}, "finish": null, "tokens": {}})),
        part("n1", "p27", text("Going")),
        tool(
            "n1",
            "p28",
            "task",
            json!({"input": {"description": "Sub", "prompt": "x"}, "status": "running", "metadata": {"sessionId": "ses_two"}}),
        ),
        message("n2", AT + 72_000, json!({"role": "user"})),
        part("n2", "p29", text("This waits")),
        // It comes late, before the prompt that waits.
        part("n1", "p30", text("on and on")),
    ]
}

struct Desk {
    place: tempfile::TempDir,
    now: i64,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { place: tempfile::tempdir().unwrap(), now: 1 };
        desk.sql(
            "CREATE TABLE session (id text primary key, title text);
             CREATE TABLE message (id text primary key, session_id text, time_created integer, time_updated integer, data text);
             CREATE TABLE part (id text primary key, message_id text, session_id text, time_created integer, time_updated integer, data text);",
        );
        desk
    }

    fn db(&self) -> std::path::PathBuf {
        self.place.path().join("opencode.db")
    }

    fn sql(&self, text: &str) {
        Connection::open(self.db()).unwrap().execute_batch(text).unwrap();
    }

    fn write(&mut self, row: &Row) {
        self.now += 1;
        let conn = Connection::open(self.db()).unwrap();
        let (data, now) = (row.data.to_string(), self.now);
        let done = if row.table == "message" {
            conn.execute("INSERT OR REPLACE INTO message VALUES (?1, 's', ?2, ?2, ?3)", (&row.id, now, data))
        } else {
            conn.execute(
                "INSERT OR REPLACE INTO part VALUES (?1, ?2, 's', ?3, ?3, ?4)",
                (&row.id, &row.message, now, data),
            )
        };
        done.unwrap();
    }

    fn file(&self, row: &Row) {
        let (kind, folder) =
            if row.table == "message" { ("message", "s") } else { ("part", row.message.as_str()) };
        let folder = self.place.path().join("storage").join(kind).join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{}.json", row.id)), row.data.to_string()).unwrap();
    }

    fn reader(&self) -> Reader {
        reader(self.place.path())
    }

    fn scratch(&self) -> Conversation {
        let mut all = Conversation::default();
        read(&mut self.reader(), &mut all);
        all
    }
}

fn reader(folder: &Path) -> Reader {
    Reader::open(&super::place(folder, std::iter::empty(), &Safe::line("s"))).unwrap()
}

fn filled() -> Desk {
    let mut desk = Desk::new();
    for row in &every_kind() {
        desk.write(row);
    }
    desk
}

#[test]
fn every_part_and_tool_is_told() {
    let all = filled().scratch();
    assert_eq!(all.skipped(), 0);
    insta::assert_snapshot!(described(&all));
    // Of the answers those that used something.
    assert_eq!(all.responses().iter().filter(|(_, usage)| usage.tokens.total() > 0).count(), 5);
    assert_eq!(all.tokens().total(), 5 * 9525);
}

#[test]
fn the_files_of_older_versions_say_the_same_and_the_database_wins() {
    let mut desk = Desk::new();
    for row in &every_kind() {
        desk.file(row);
    }
    let old = desk.scratch();
    assert_eq!(described(&old), described(&filled().scratch()));
    let mut newer = every_kind()[1].clone();
    newer.data["text"] = "by the database".into();
    desk.write(&every_kind()[0]);
    desk.write(&newer);
    assert!(described(&desk.scratch()).contains("by the database⏎[file a.rs]"));
}

#[test]
fn read_step_by_step_it_says_the_same_as_read_at_once() {
    let mut desk = Desk::new();
    let (mut live, mut reader) = (Conversation::default(), desk.reader());
    for (step, row) in every_kind().iter().enumerate() {
        desk.write(row);
        // Not after every row, so that several come at once, too.
        if step % 3 != 1 {
            read(&mut reader, &mut live);
            assert_eq!(whole(&live), whole(&desk.scratch()), "after {}", row.id);
        }
    }
    read(&mut reader, &mut live);
    // The turn ends: its row is updated, the prompt that waited is asked and answered.
    let updates = [
        answer("n1", AT + 71_000, json!({})),
        tool(
            "n1",
            "p28",
            "task",
            json!({"input": {"description": "Sub", "prompt": "x"}, "output": "done", "metadata": {"sessionId": "ses_two"}}),
        ),
        answer("n3", AT + 90_000, json!({"time": {}})),
        part("n3", "p31", json!({"type": "text", "text": "Answered"})),
        answer("n3", AT + 90_000, json!({})),
    ];
    for row in &updates {
        desk.write(row);
        read(&mut reader, &mut live);
        assert_eq!(whole(&live), whole(&desk.scratch()), "after {}", row.id);
    }
    assert!(!described(&live).contains("queued prompt"));
    // A revert takes rows away.
    for gone in
        ["DELETE FROM part WHERE id = 'p31'", "DELETE FROM message WHERE id >= 'm9'", "DELETE FROM message"]
    {
        desk.sql(gone);
        read(&mut reader, &mut live);
        assert_eq!(whole(&live), whole(&desk.scratch()), "{gone}");
    }
    assert!(live.is_empty());
}

#[test]
fn a_look_tells_only_what_is_different() {
    let mut desk = filled();
    let mut reader = desk.reader();
    assert!(read_all(&mut reader).unwrap().len() > 30);
    assert_eq!(read_all(&mut reader).unwrap(), []);
    desk.write(&part("n1", "p27", json!({"type": "text", "text": "Going on"})));
    let told = read_all(&mut reader).unwrap();
    assert!(matches!(&told[..], [ConversationDelta::Put(entry)] if &*entry.id == "p27"), "{told:?}");
}

#[test]
fn a_long_session_is_followed_at_its_end_and_changed_at_its_beginning() {
    let mut desk = Desk::new();
    let (mut live, mut reader) = (Conversation::default(), desk.reader());
    for turn in 0..80_i64 {
        desk.write(&message(&format!("a{turn:03}"), AT + turn * 1000, json!({"role": "user"})));
        desk.write(&part(
            &format!("a{turn:03}"),
            &format!("q{turn:03}"),
            json!({"type": "text", "text": "?"}),
        ));
        if turn % 9 == 0 {
            read(&mut reader, &mut live);
        }
    }
    read(&mut reader, &mut live);
    assert_eq!((live.len(), reader.held.values().filter(|held| held.is_settled).count()), (80, 16));
    desk.write(&part("a000", "q000", json!({"type": "text", "text": "changed"})));
    read(&mut reader, &mut live);
    assert_eq!(whole(&live), whole(&desk.scratch()));
    desk.sql("DELETE FROM message WHERE id = 'a001'");
    read(&mut reader, &mut live);
    assert_eq!(whole(&live), whole(&desk.scratch()));
    assert_eq!(live.len(), 79);
}

#[test]
fn broken_records_are_counted_and_other_schemas_read_as_far_as_they_go() {
    let mut desk = filled();
    desk.sql("INSERT INTO message VALUES ('z1', 's', 1, 1, '{half'); INSERT INTO message VALUES ('z2', 's', 1, 1, '[1]');
        INSERT INTO part VALUES ('z3', 'n1', 's', 1, 1, NULL); INSERT INTO part VALUES ('z4', 'nobody', 's', 1, 1, '{\"type\": 7}');");
    let all = desk.scratch();
    assert_eq!(all.skipped(), 3);
    assert_eq!(described(&all), described(&filled().scratch()));
    desk.sql("ALTER TABLE part DROP COLUMN session_id; ALTER TABLE part DROP COLUMN time_updated; ALTER TABLE message DROP COLUMN time_created;");
    assert_eq!(described(&desk.scratch()), described(&all));
    desk.sql("DROP TABLE part");
    assert!(described(&desk.scratch()).contains("its words are not stored"));
    desk.sql("DROP TABLE message");
    assert!(desk.scratch().is_empty());
    fs::write(desk.db(), "no database at all, but something that is long enough to be looked at").unwrap();
    assert!(read_all(&mut desk.reader()).is_err());
    fs::remove_file(desk.db()).unwrap();
    assert!(matches!(read_all(&mut desk.reader()), Err(SourceError::Missing(_))));
    desk.now = 0;
}
