//! The own ledger: what is remembered between runs, and that it is never trusted further than it deserves.

mod sums;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use orchdash::{
    memory::{FILE, Ledger},
    model::{Delta, Health, PriceTable, SourceId, Timestamp, Tokens, Zone},
    query::{self, Range, usage},
    sources::{
        self, Moment, Sink, SourceSettings,
        memory::{Memory, Record},
        once,
    },
    store::{Store, Totals},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{foreign, rig::Rig};

const NOW: &str = "2026-11-18T15:30:00Z";

fn at(now: &str, fixed: bool) -> Moment {
    Moment { now: Timestamp::parse(now).unwrap(), fixed }
}

/// A config folder with transcripts, and a state directory.
struct Place {
    home: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { home: tempfile::tempdir().unwrap() };
        fs::create_dir_all(place.folder().join("projects/-work-web")).unwrap();
        place
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("claude")
    }

    fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    fn database(&self) -> PathBuf {
        self.state().join(FILE)
    }

    fn session(&self, name: &str) -> PathBuf {
        self.folder().join(format!("projects/-work-web/{name}.jsonl"))
    }

    fn write(&self, name: &str, lines: &[String]) {
        fs::write(self.session(name), lines.concat()).unwrap();
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.session(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn ledger(&self) -> Arc<Ledger> {
        Ledger::open(&self.state(), 90).unwrap()
    }

    /// Another run: opens the ledger, reads everything, keeps what is new.
    fn run(&self, now: &str) -> Rig {
        self.run_at(at(now, false))
    }

    fn run_at(&self, moment: Moment) -> Rig {
        let ledger = self.ledger();
        let rig =
            Rig::open_remembering(&[self.folder()], moment, Some(Arc::clone(&ledger) as Arc<dyn Memory>));
        assert!(ledger.settle(Duration::from_mins(1)), "what was read is kept");
        rig
    }

    /// What a run without any memory reads.
    fn cold(&self, now: &str) -> Rig {
        Rig::open_remembering(&[self.folder()], at(now, false), None)
    }
}

fn prompt(session: &str, when: &str, text: &str) -> String {
    let line = json!({"type": "user", "sessionId": session, "uuid": format!("p-{session}-{when}"), "timestamp": when,
        "cwd": "/work/web", "message": {"role": "user", "content": text}});
    format!("{line}\n")
}

fn answer(session: &str, id: &str, when: &str, output: u64) -> String {
    model_answer(session, id, when, output, "claude-opus-5-5")
}

fn model_answer(session: &str, id: &str, when: &str, output: u64, model: &str) -> String {
    let line = json!({"type": "assistant", "sessionId": session, "uuid": format!("u-{session}-{id}"),
        "timestamp": when, "cwd": "/work/web", "message": {"id": id, "model": model, "role": "assistant",
        "stop_reason": "end_turn", "content": [{"type": "text", "text": format!("answer {id}")}],
        "usage": {"input_tokens": 10, "output_tokens": output, "cache_read_input_tokens": 1000}}});
    format!("{line}\n")
}

/// A session of some answers, one a minute.
fn talk(session: &str, day: &str, count: u64) -> Vec<String> {
    let mut lines = vec![prompt(session, &format!("{day}T10:00:00.000Z"), "build it")];
    lines.extend((0..count).map(|n| {
        answer(session, &format!("{session}-{n}"), &format!("{day}T10:{:02}:30.000Z", n % 60), 100 + n)
    }));
    lines
}

fn by_day(rig: &Rig, zone: Zone) -> Vec<(String, u64, i64)> {
    let selection = query::Selection::of(&query::View::default(), &rig.store);
    let days = usage::by(&rig.store, &selection, Range::default(), usage::By::Day, rig.now, zone);
    days.groups.into_iter().map(|day| (day.key, day.totals.tokens.output, day.totals.cost.0)).collect()
}

/// What does not depend on how it was read.
fn facts(rig: &Rig) -> BTreeMap<String, String> {
    let mut facts = rig.facts();
    let health = &rig.health;
    facts.insert("counts".into(), format!("{} {} {}", health.files, health.skipped, health.repaired));
    facts.insert("lines".into(), health.lines_read.to_string());
    facts
}

#[test]
fn a_warm_start_reads_nothing_and_says_the_same() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 30));
    place.write("b", &[talk("b", "2026-11-18", 3).concat(), "no json\n".to_owned()]);
    place.append("b", r#"{"type":"user","sessionId":"b","torn"#);
    let cold = place.run(NOW);
    assert!(cold.health.bytes_read > 5000);
    assert_eq!(cold.health.skipped, 1);
    let warm = place.run(NOW);
    assert_eq!(warm.health.bytes_read, 0, "nothing changed: not a byte is read");
    assert_eq!(facts(&warm), facts(&cold));
    assert_eq!(facts(&place.cold(NOW)), facts(&warm));
}

#[test]
fn a_file_that_grew_is_read_from_where_it_was() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-18", 500));
    place.run(NOW);
    let new = [
        prompt("a", "2026-11-18T12:00:00.000Z", "and now?"),
        answer("a", "z", "2026-11-18T12:01:00.000Z", 7),
    ];
    place.append("a", &new.concat());
    let warm = place.run(NOW);
    let size = fs::metadata(place.session("a")).unwrap().len();
    assert_eq!(warm.health.bytes_read, new.concat().len() as u64, "of {size} bytes");
    assert_eq!(facts(&warm), facts(&place.cold(NOW)));
    assert_eq!(place.run(NOW).health.bytes_read, 0);
}

#[test]
fn a_replaced_file_replaces_what_it_contributed() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-18", 20));
    place.write("b", &talk("b", "2026-11-18", 2));
    let before = place.run(NOW).store.usage();
    // Another inode; the same inode with other bytes; shorter; touched only.
    fs::remove_file(place.session("a")).unwrap();
    place.write("a", &talk("a2", "2026-11-18", 21));
    let warm = place.run(NOW);
    assert_ne!(warm.store.usage(), before);
    assert_eq!(facts(&warm), facts(&place.cold(NOW)));
    for lines in [talk("a3", "2026-11-18", 40), talk("a3", "2026-11-18", 4), talk("a4", "2026-11-18", 4)] {
        place.write("a", &lines);
        let warm = place.run(NOW);
        assert_eq!(facts(&warm), facts(&place.cold(NOW)));
        assert_eq!(warm.store.usage().remembered, 0, "what was replaced was not deleted");
    }
}

#[test]
fn deleted_files_stay_in_the_totals_and_are_marked() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 20));
    place.write("b", &talk("b", "2026-11-18", 5));
    let all = place.run(NOW).store.usage();
    fs::remove_file(place.session("a")).unwrap();
    for _ in 0..3 {
        let warm = place.run(NOW);
        let usage = warm.store.usage();
        assert_eq!((usage.tokens, usage.cost, usage.responses), (all.tokens, all.cost, all.responses));
        assert_eq!(usage.remembered, 20);
        assert_eq!(warm.store.source_remembered_records(SourceId(0)), 20);
        assert!(warm.agent("a").is_none(), "the session itself is not there");
        assert!(warm.agent("b").is_some());
        assert_eq!(warm.health.files, 1);
    }
    // It comes back, from a backup: counted as what is there.
    place.write("a", &talk("a", "2026-11-17", 20));
    let back = place.run(NOW);
    assert_eq!(facts(&back), facts(&place.cold(NOW)));
    assert_eq!(back.store.usage().remembered, 0);
}

#[test]
fn a_file_that_is_deleted_while_we_look_is_remembered_too() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 20));
    place.write("b", &talk("b", "2026-11-18", 5));
    let ledger = place.ledger();
    let memory = Some(Arc::clone(&ledger) as Arc<dyn Memory>);
    let mut rig = Rig::open_remembering(&[place.folder()], at(NOW, false), memory);
    let all = rig.store.usage();
    // Grown by a little since it was kept, then gone.
    place.append("b", &answer("b", "late", "2026-11-18T11:00:00.000Z", 9));
    rig.touch(&[place.session("b")]).unwrap();
    fs::remove_file(place.session("b")).unwrap();
    rig.touch(&[place.session("b")]).unwrap();
    let usage = rig.store.usage();
    assert_eq!(usage.tokens.output, all.tokens.output + 9);
    assert_eq!(usage.remembered, 6);
    assert!(rig.agent("b").is_none());
    // Back again in the same run.
    place.write("b", &talk("b", "2026-11-18", 5));
    rig.touch(&[place.session("b")]).unwrap();
    assert_eq!((rig.store.usage(), rig.agent("b").is_some()), (all, true));
    fs::remove_file(place.session("b")).unwrap();
    rig.rescan().unwrap();
    drop(rig);
    ledger.settle(Duration::from_mins(1));
    drop(ledger);
    let warm = place.run(NOW).store.usage();
    assert_eq!((warm.tokens, warm.remembered), (all.tokens, 5));
}

#[test]
fn an_answer_in_a_deleted_and_a_living_file_counts_once() {
    let place = Place::new();
    let origin = talk("a", "2026-11-17", 10);
    place.write("a", &origin);
    place.write("b", &[origin.concat(), answer("b", "own", "2026-11-17T11:00:00.000Z", 5)]);
    let all = place.run(NOW).store.usage();
    fs::remove_file(place.session("a")).unwrap();
    let warm = place.run(NOW);
    let usage = warm.store.usage();
    assert_eq!((usage.tokens, usage.responses, usage.remembered), (all.tokens, all.responses, 0));
    assert_eq!(warm.usage_of("b"), place.cold(NOW).usage_of("b"), "what is there has the better claim");
    fs::remove_file(place.session("b")).unwrap();
    let usage = place.run(NOW).store.usage();
    assert_eq!((usage.tokens, usage.responses, usage.remembered), (all.tokens, all.responses, 11));
}

#[test]
fn old_usage_of_deleted_files_becomes_sums_that_are_right_in_every_zone() {
    let place = Place::new();
    let mut lines = vec![prompt("a", "2026-06-01T00:00:00.000Z", "long ago")];
    // Every seven minutes for two days, with two models: days of every zone begin in between.
    for n in 0..400_u64 {
        let when = Timestamp(Timestamp::parse("2026-06-01T00:00:00Z").unwrap().0 + n as i64 * 420_000);
        let model = if n % 3 == 0 { "claude-haiku-4-5" } else { "claude-opus-5-5" };
        lines.push(model_answer("a", &format!("m{n}"), &when.to_string(), n + 1, model));
    }
    place.write("a", &lines);
    let cold = place.run("2026-06-04T00:00:00Z");
    fs::remove_file(place.session("a")).unwrap();
    let zones = [
        "UTC",
        "Asia/Kathmandu",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Pacific/Chatham",
    ];
    for now in ["2026-06-05T00:00:00Z", "2026-09-01T00:00:00Z", "2027-03-01T00:00:00Z"] {
        let warm = place.run(now);
        assert_eq!(warm.by_model().keys().collect::<Vec<_>>(), cold.by_model().keys().collect::<Vec<_>>());
        for zone in zones {
            let zone = zone.parse().unwrap();
            assert_eq!(by_day(&warm, zone), by_day(&cold, zone), "{zone} at {now}");
        }
        assert_eq!(warm.store.usage().cost, cold.store.usage().cost);
        assert_eq!(warm.store.usage().remembered, 400);
        for entry in warm.store.ledger().iter() {
            let place = warm.store.workspace(entry.workspace).unwrap();
            assert_eq!(place.path.as_deref(), Some("/work/web"));
        }
    }
    let records = place.run("2027-03-01T00:00:00Z").store.source_remembered_records(SourceId(0));
    assert!((100..400).contains(&records), "{records} sums of 400 answers");
    // A pretended moment sums nothing up for good.
    place.write("c", &talk("c", "2026-11-17", 20));
    place.run(NOW);
    fs::remove_file(place.session("c")).unwrap();
    place.run_at(at("2036-01-01T00:00:00Z", true));
    let warm = place.run(NOW);
    assert_eq!(warm.store.source_remembered_records(SourceId(0)), records + 20);
    // Back from a backup after it became sums.
    place.write("a", &lines);
    assert_eq!(
        place.run(NOW).store.usage().tokens.output,
        cold.store.usage().tokens.output + (100..120).sum::<u64>()
    );
}

#[test]
fn shared_answers_of_deleted_files_become_one_sum() {
    let place = Place::new();
    let origin = talk("a", "2026-05-01", 10);
    place.write("a", &origin);
    place.write("b", &origin);
    place.write("c", &[origin[..4].concat(), answer("c", "own", "2026-05-02T11:00:00.000Z", 5)]);
    let all = place.run("2026-05-03T00:00:00Z").store.usage();
    for name in ["a", "b"] {
        fs::remove_file(place.session(name)).unwrap();
    }
    for (now, remembered) in [("2026-05-03T00:00:00Z", 7), (NOW, 7), (NOW, 7)] {
        let usage = place.run(now).store.usage();
        assert_eq!(
            (usage.tokens, usage.cost, usage.responses),
            (all.tokens, all.cost, all.responses),
            "{now}"
        );
        assert_eq!(usage.remembered, remembered);
    }
    // Those that `c` shared were not summed up while it was there.
    fs::remove_file(place.session("c")).unwrap();
    for _ in 0..3 {
        let usage = place.run(NOW).store.usage();
        assert_eq!((usage.tokens, usage.responses, usage.remembered), (all.tokens, all.responses, 11));
    }
}

/// Damages the file and checks that everything is read as if there were no ledger, and that the next run is warm again.
fn survives(place: &Place, what: &str, damage: impl FnOnce(&Path)) {
    let cold = facts(&place.cold(NOW));
    damage(&place.database());
    let run = place.run(NOW);
    assert_eq!(facts(&run), cold, "{what}");
    let warm = place.run(NOW);
    assert_eq!((facts(&warm), warm.health.bytes_read), (cold, 0), "{what}: warm again");
    assert_eq!(fs::metadata(place.database()).unwrap().mode() & 0o777, 0o600, "{what}");
}

fn sql(path: &Path, text: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(text).unwrap();
    // So that nothing is left in the log.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

#[test]
fn what_is_not_as_it_was_written_is_not_trusted() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 300));
    place.write("b", &talk("b", "2026-11-18", 5));
    place.run(NOW);
    survives(&place, "no database", |path| {
        fs::write(path, "not a database, but long enough to look like a file").unwrap();
    });
    survives(&place, "empty", |path| fs::write(path, "").unwrap());
    survives(&place, "cut", |path| {
        sql(path, "");
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    });
    survives(&place, "noise in the middle", |path| {
        sql(path, "");
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 2000].fill(0xa5);
        fs::write(path, &bytes).unwrap();
    });
    survives(&place, "a newer form", |path| sql(path, "PRAGMA user_version = 999"));
    survives(&place, "an older form", |path| sql(path, "PRAGMA user_version = 0"));
    survives(&place, "another program's", |path| sql(path, "PRAGMA application_id = 7"));
    survives(&place, "no tables", |path| sql(path, "DROP TABLE files"));
    survives(&place, "other tables", |path| sql(path, "ALTER TABLE files RENAME COLUMN usage TO used"));
    survives(&place, "a wrong checksum", |path| sql(path, "UPDATE files SET sum = sum + 1"));
    survives(&place, "another state", |path| sql(path, "UPDATE files SET state = x'00010203'"));
    survives(&place, "another parser", |path| sql(path, "UPDATE files SET parser = parser + 1"));
    survives(&place, "another file's row", |path| {
        sql(path, "UPDATE files SET path = CAST(replace(path, 'a.jsonl', 'c.jsonl') AS BLOB)");
    });
    survives(&place, "a folder in its place", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    });
    survives(&place, "a link in its place", |path| {
        let elsewhere = path.with_file_name("elsewhere.db");
        fs::rename(path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, path).unwrap();
    });
    survives(&place, "writable for others", |path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
    });
    if rustix::process::geteuid().is_root() {
        survives(&place, "another user's", |path| std::os::unix::fs::chown(path, Some(4321), None).unwrap());
    }
}

/// A connection that closes later takes the log of whatever lies at its path by then along.
#[test]
fn a_ledger_that_was_let_go_is_closed() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 30));
    for _ in 0..50 {
        drop(place.run(NOW));
        let open: Vec<PathBuf> = fs::read_dir("/proc/self/fd")
            .into_iter()
            .flatten()
            .filter_map(|fd| fs::read_link(fd.ok()?.path()).ok())
            .filter(|path| path.starts_with(place.state()))
            .collect();
        assert_eq!(open, Vec::<PathBuf>::new());
    }
}

#[test]
fn the_checksum_covers_every_column() {
    let place = Place::new();
    let record = || Record {
        path: PathBuf::from("/x/a.jsonl"),
        gone: false,
        parser: 5,
        state: b"state".to_vec(),
        usage: b"usage of a file".to_vec(),
        sums: Vec::new(),
    };
    for change in [
        "gone = 1",
        "parser = 6",
        "state = x'737461746500'",
        "usage = x'00'",
        "path = x'2f78'",
        "kind = 'kine'",
        // The border between two columns.
        "state = CAST('stateu' AS BLOB), usage = CAST('sage of a file' AS BLOB)",
    ] {
        let ledger = place.ledger();
        assert!(ledger.keep("kind", vec![record()], true));
        assert_eq!(ledger.recall("kind"), [record()]);
        drop(ledger);
        sql(&place.database(), &format!("UPDATE files SET {change}"));
        let ledger = place.ledger();
        assert!(ledger.recall("kind").is_empty() && ledger.recall("kine").is_empty(), "{change}");
        assert_eq!(ledger.status().remarks.len(), 1, "{change}");
        drop(ledger);
        sql(&place.database(), "DELETE FROM files");
    }
}

#[test]
fn a_place_that_is_not_the_persons_own_is_not_used() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 3));
    fs::create_dir(place.state()).unwrap();
    fs::set_permissions(place.state(), fs::Permissions::from_mode(0o777)).unwrap();
    let refused = Ledger::open(&place.state(), 90).unwrap_err();
    assert!(refused.to_string().contains("others may write in"), "{refused}");
    assert_eq!(fs::read_dir(place.state()).unwrap().count(), 0, "nothing is left there");
    assert_eq!(fs::metadata(place.state()).unwrap().mode() & 0o777, 0o777, "its mode is not ours to change");
    if rustix::process::geteuid().is_root() {
        fs::set_permissions(place.state(), fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::chown(place.state(), Some(4321), None).unwrap();
        let refused = Ledger::open(&place.state(), 90).unwrap_err();
        assert!(refused.to_string().contains("another user"), "{refused}");
        assert_eq!(fs::read_dir(place.state()).unwrap().count(), 0);
    }
    let file = place.home.path().join("file");
    fs::write(&file, "").unwrap();
    Ledger::open(&file, 90).unwrap_err();
    Ledger::open(&file.join("below"), 90).unwrap_err();
}

#[test]
fn everything_in_the_state_directory_is_for_its_owner_only() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 3));
    let ledger = place.ledger();
    let memory = Some(Arc::clone(&ledger) as Arc<dyn Memory>);
    let _rig = Rig::open_remembering(&[place.folder()], at(NOW, false), memory);
    ledger.settle(Duration::from_mins(1));
    assert_eq!(fs::metadata(place.state()).unwrap().mode() & 0o777, 0o700);
    let names: Vec<String> = fs::read_dir(place.state())
        .unwrap()
        .flatten()
        .map(|entry| {
            assert_eq!(entry.metadata().unwrap().mode() & 0o077, 0, "{:?}", entry.file_name());
            entry.file_name().to_string_lossy().into_owned()
        })
        .collect();
    assert!(names.contains(&FILE.to_owned()) && names.len() >= 2, "{names:?}");
}

#[test]
fn two_at_once_do_not_harm_each_other() {
    let place = Place::new();
    for n in 0..20 {
        place.write(&format!("s{n}"), &talk(&format!("s{n}"), "2026-11-17", 30));
    }
    let cold = facts(&place.cold(NOW));
    // Several that begin the ledger at once, read, and keep.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(facts(&place.run(NOW)), cold));
        }
    });
    let warm = place.run(NOW);
    assert_eq!((facts(&warm), warm.health.bytes_read), (cold, 0));
    // One that stands at an older place writes last: the next run reads on from there.
    let (old, new) = (place.ledger(), place.ledger());
    let rig = |ledger: &Arc<Ledger>| {
        Rig::open_remembering(&[place.folder()], at(NOW, false), Some(Arc::clone(ledger) as Arc<dyn Memory>))
    };
    let behind = rig(&old);
    place.append("s1", &answer("s1", "late", "2026-11-18T11:00:00.000Z", 9));
    drop(rig(&new));
    drop(behind);
    assert!(old.settle(Duration::from_mins(1)) && new.settle(Duration::from_mins(1)));
    assert_eq!(facts(&place.run(NOW)), facts(&place.cold(NOW)));
    // One finds it damaged and begins it anew under the other.
    drop(old);
    fs::write(place.database(), "gone mad").unwrap();
    let again = place.ledger();
    drop(rig(&again));
    drop(rig(&new));
    assert!(again.settle(Duration::from_mins(1)) && new.settle(Duration::from_mins(1)));
    drop((again, new));
    let warm = place.run(NOW);
    assert_eq!((facts(&warm), warm.health.bytes_read), (facts(&place.cold(NOW)), 0));
}

fn orchdash(place: &Place, arguments: &[&str]) -> (Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_orchdash"))
        .args(arguments)
        .args(["--now", NOW, "--tz", "UTC", "--source"])
        .arg(format!("claude-code={}", place.folder().display()))
        .arg("--state-dir")
        .arg(place.state())
        .env("HOME", place.home.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    (serde_json::from_str(&text).unwrap_or_default(), text)
}

#[test]
fn the_program_remembers_and_says_so() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 20));
    place.write("b", &talk("b", "2026-11-18", 5));
    let tree = foreign::snapshot(&place.folder());
    let (cold, _) = orchdash(&place, &["usage", "--json"]);
    assert_eq!(cold["totals"]["responses"], 25);
    let (sources, _) = orchdash(&place, &["sources", "--json"]);
    assert_eq!(sources["sources"][0]["bytes_read"], 0, "the second run is warm");
    assert_eq!(foreign::snapshot(&place.folder()), tree);
    fs::remove_file(place.session("a")).unwrap();
    let (usage, _) = orchdash(&place, &["usage", "--json"]);
    assert_eq!(
        (&usage["totals"]["responses"], &usage["totals"]["remembered_responses"]),
        (&json!(25), &json!(20))
    );
    let (sources, _) = orchdash(&place, &["sources", "--json"]);
    assert_eq!(sources["sources"][0]["remembered_records"], 20);
    for command in ["usage", "sources"] {
        let (_, text) = orchdash(&place, &[command]);
        let mut lines = text.lines();
        let column = lines.next().and_then(|head| head.find("REMEMBERED")).unwrap();
        // Of usage the sum, of sources the only one.
        let last =
            lines.rfind(|line| line.starts_with("total ") || line.starts_with("claude-code ")).unwrap();
        assert_eq!(last[column..].split_whitespace().next(), Some("20"), "{text}");
    }
    let (_, text) = orchdash(&place, &["doctor"]);
    assert!(text.contains(&place.database().display().to_string()), "{text}");
    assert!(text.contains("1 file remembered") && text.contains("1 deleted file"), "{text}");
    let (doctor, _) = orchdash(&place, &["doctor", "--json"]);
    assert_eq!((&doctor["ledger"]["files"], &doctor["ledger"]["gone"]), (&json!(1), &json!(1)));
    fs::write(place.database(), "broken").unwrap();
    let (_, text) = orchdash(&place, &["doctor"]);
    assert!(text.contains("a new one was begun"), "{text}");
}

#[test]
fn without_state_nothing_is_written_or_remembered() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 20));
    for command in [&["usage", "--json"][..], &["doctor"], &["sources", "--json"]] {
        orchdash(&place, &[command, &["--no-state"]].concat());
    }
    assert!(!place.state().exists());
    orchdash(&place, &["usage", "--json"]);
    let state = foreign::snapshot(&place.state());
    fs::remove_file(place.session("a")).unwrap();
    let (usage, _) = orchdash(&place, &["usage", "--json", "--no-state"]);
    assert_eq!(usage["totals"]["responses"], 0);
    assert_eq!(foreign::snapshot(&place.state()), state, "not even looked at");
}

#[derive(Clone, Debug)]
enum Deed {
    Append(usize, u8),
    Tear(usize),
    Replace(usize, u8),
    Delete(usize),
    Copy(usize, usize),
    Run,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let file = 0..4_usize;
    let deed = prop_oneof![
        4 => (file.clone(), 1..6_u8).prop_map(|(file, count)| Deed::Append(file, count)),
        1 => file.clone().prop_map(Deed::Tear),
        1 => (file.clone(), 0..6_u8).prop_map(|(file, count)| Deed::Replace(file, count)),
        1 => file.clone().prop_map(Deed::Delete),
        1 => (file.clone(), file).prop_map(|(from, to)| Deed::Copy(from, to)),
        3 => Just(Deed::Run),
    ];
    proptest::collection::vec(deed, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever happens to files between runs and while one looks: what is there is told as by a run that never saw it
    /// before, and what was deleted is still in the totals.
    #[test]
    fn cold_warm_and_step_by_step_agree(deeds in deeds()) {
        let place = Place::new();
        let ledger = place.ledger();
        let memory = || Some(Arc::clone(&ledger) as Arc<dyn Memory>);
        let mut live = Rig::open_remembering(&[place.folder()], at(NOW, false), memory());
        let mut next = 0_u64;
        for deed in deeds {
            let name = |file: &usize| format!("f{file}");
            let mut lines = |file: &usize, count: &u8| {
                (0..*count).map(|_| {
                    next += 1;
                    answer(&name(file), &format!("m{next}"), "2026-11-18T10:00:00.000Z", next)
                }).collect::<String>()
            };
            match &deed {
                Deed::Append(file, count) => place.append(&name(file), &format!("\n{}", lines(file, count))),
                Deed::Tear(file) => place.append(&name(file), r#"{"type":"user","#),
                Deed::Replace(file, count) => {
                    // What is replaced is not remembered, so its figures are not expected below.
                    let _ = fs::remove_file(place.session(&name(file)));
                    place.append(&name(file), &lines(file, count));
                }
                Deed::Delete(file) => drop(fs::remove_file(place.session(&name(file)))),
                Deed::Copy(from, to) => {
                    let _ = fs::copy(place.session(&name(from)), place.session(&name(to)));
                }
                Deed::Run => {
                    let warm = Rig::open_remembering(&[place.folder()], at(NOW, false), memory());
                    let cold = place.cold(NOW);
                    prop_assert_eq!(agents(&warm), agents(&cold));
                    prop_assert_eq!(living(&warm), cold.store.usage().tokens);
                }
            }
            live.rescan().unwrap();
            let cold = place.cold(NOW);
            prop_assert_eq!(agents(&live), agents(&cold), "{:?}", deed);
            prop_assert_eq!(living(&live), cold.store.usage().tokens, "{:?}", deed);
        }
        let warm = Rig::open_remembering(&[place.folder()], at(NOW, false), memory());
        prop_assert_eq!(living(&warm), place.cold(NOW).store.usage().tokens);
        drop((live, warm));
        // Nothing changes any more: no figure but the right one is ever shown.
        let quiet = Rig::open_remembering(&[place.folder()], at(NOW, false), memory());
        for seen in quiet.seen.iter().filter(|totals| totals.responses > 0) {
            let all = quiet.store.usage();
            prop_assert_eq!((seen.tokens, seen.responses, seen.cost), (all.tokens, all.responses, all.cost));
        }
    }
}

/// What a person sees while everything is read, each time it is something else.
fn watched<T: PartialEq>(
    place: &Place,
    memory: Option<Arc<dyn Memory>>,
    look: impl Fn(&Store) -> T,
) -> Vec<T> {
    let (id, paths) = (SourceId(0), vec![place.folder()]);
    let settings = SourceSettings { id, paths, zone: Zone::UTC, options: Vec::new(), memory };
    let mut store = Store::new(PriceTable::built_in());
    let mut seen = Vec::new();
    let mut send = |batch| {
        store.apply(batch);
        let now = look(&store);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        true
    };
    let (mut seq, mut health) = (0, Health::default());
    let mut source = sources::kind("claude-code").unwrap().open(&settings).unwrap();
    let mut sink = Sink::new(id, &mut seq, &mut health, true, &mut send);
    source.preview(&mut sink);
    source.snapshot(&at(NOW, false), &mut sink).unwrap();
    sink.health.progress = None;
    sink.finish();
    seen
}

#[test]
fn a_warm_start_tells_the_totals_before_the_sessions() {
    let place = Place::new();
    for (name, day) in [("a", "2026-11-17"), ("b", "2026-11-18")] {
        place.write(name, &talk(name, day, 5));
    }
    let look = |store: &Store| (store.usage().responses, store.agents.iter().count());
    let ledger = || Some(place.ledger() as Arc<dyn Memory>);
    assert_eq!(watched(&place, ledger(), look), [(0, 0), (10, 2)]);
    assert_eq!(watched(&place, ledger(), look), [(0, 0), (10, 0), (10, 2)]);
    // What did not change comes first. Of what is new it is not known yet whose it is.
    place.append("b", &answer("b", "late", "2026-11-18T11:00:00.000Z", 9));
    place.write("c", &talk("c", "2026-11-18", 3));
    assert_eq!(watched(&place, ledger(), look), [(0, 0), (5, 0), (11, 0), (14, 3)]);
}

#[test]
fn long_history_fills_in_behind_what_is_new() {
    let place = Place::new();
    let padding = format!("{}\n", "x".repeat(1024 * 1024)).repeat(40);
    let old = std::time::SystemTime::now() - Duration::from_hours(1000);
    for (name, day) in [("new", "2026-11-18"), ("old", "2026-10-01")] {
        place.write(name, &[padding.clone(), talk(name, day, 3).concat()]);
    }
    fs::File::options().write(true).open(place.session("old")).unwrap().set_modified(old).unwrap();
    let seen = watched(&place, None, |store| {
        let (_, health) = store.sources().next().unwrap();
        (health.progress.map(|(done, all)| done * 100 / all), store.usage().responses)
    });
    assert_eq!(seen, [(None, 0), (Some(50), 0), (Some(50), 3), (Some(100), 3), (None, 6)]);
}

/// Agents with what they did and used.
fn agents(rig: &Rig) -> Vec<String> {
    let facts = rig.facts();
    facts
        .into_iter()
        .filter(|(key, _)| !key.starts_with("usage"))
        .map(|(key, fact)| format!("{key} {fact}"))
        .collect()
}

/// Usage of what is there.
fn living(rig: &Rig) -> orchdash::model::Tokens {
    let mut sum = orchdash::model::Tokens::default();
    for entry in rig.store.ledger().iter().filter(|entry| !entry.remembered) {
        sum += entry.tokens;
    }
    sum
}

#[test]
fn usage_of_a_session_keeps_its_name() {
    let place = Place::new();
    place.write("a", &talk("a", "2026-11-17", 20));
    place.run(NOW);
    fs::remove_file(place.session("a")).unwrap();
    let warm = place.run(NOW);
    let selection = query::Selection::of(&query::View::default(), &warm.store);
    let agents = usage::by(&warm.store, &selection, Range::default(), usage::By::Agent, warm.now, Zone::UTC);
    let agents: Vec<_> = agents.groups.iter().map(|group| (&*group.key, group.totals.responses)).collect();
    assert_eq!(agents, [("a", 20)]);
}

/// Config folders below a directory.
fn config_folders(dir: &Path, found: &mut Vec<PathBuf>) {
    if dir.join("projects").is_dir() {
        found.push(dir.to_owned());
        return;
    }
    for entry in fs::read_dir(dir).unwrap().flatten().filter(|entry| entry.file_type().unwrap().is_dir()) {
        config_folders(&entry.path(), found);
    }
}

fn transcripts(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            transcripts(&entry.path(), found);
        } else if kind.is_file() && entry.path().extension().is_some_and(|ending| ending == "jsonl") {
            found.push(entry.path());
        }
    }
}

#[test]
fn recorded_sets_are_the_same_cold_warm_and_from_the_middle_of_each_file() {
    let Some(root) = crate::recorded::recorded("claude-code") else { return };
    let mut folders = Vec::new();
    config_folders(&root, &mut folders);
    assert!(!folders.is_empty());
    for folder in folders {
        let place = Place::new();
        foreign::copy(&folder, &place.folder());
        let mut files = Vec::new();
        transcripts(&place.folder().join("projects"), &mut files);
        let cold = facts(&place.cold(NOW));
        let usage = place.cold(NOW).store.usage();
        // The first halves, wherever they end, then the whole.
        let whole: Vec<(PathBuf, Vec<u8>)> =
            files.into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
        for (path, bytes) in &whole {
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }
        assert_eq!(facts(&place.run(NOW)), facts(&place.cold(NOW)), "halves of {}", folder.display());
        for (path, bytes) in &whole {
            let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
            file.write_all(&bytes[bytes.len() / 2..]).unwrap();
        }
        assert_eq!(facts(&place.run(NOW)), cold, "the rest of {}", folder.display());
        let warm = place.run(NOW);
        assert_eq!((facts(&warm), warm.health.bytes_read), (cold, 0), "warm {}", folder.display());
        // All deleted: the totals stay.
        fs::remove_dir_all(place.folder().join("projects")).unwrap();
        fs::create_dir(place.folder().join("projects")).unwrap();
        let past = place.run(NOW).store.usage();
        assert_eq!((past.tokens, past.cost, past.responses), (usage.tokens, usage.cost, usage.responses));
    }
}
