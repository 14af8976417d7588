use std::{fs, io::Write as _, path::Path};

use super::*;
use crate::{
    model::{CallOutcome, Conversation, EntryKind},
    sources::{
        ConversationReader, SourceError,
        conversation::words::{described, place, read, told},
    },
};

#[path = "../../../../tests/support/talk.rs"]
mod talk;
use talk::{every_kind, joined};

fn open(path: &Path) -> Reader {
    Reader::open(&place("claude-code", path)).unwrap()
}

fn scratch(path: &Path) -> Conversation {
    told(open(path))
}

#[test]
fn every_block_tool_and_line_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    fs::write(&path, joined(&every_kind())).unwrap();
    let all = scratch(&path);
    assert_eq!(all.skipped(), 0);
    insta::assert_snapshot!(described(&all));
}

#[test]
fn every_outcome_occurs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    fs::write(&path, joined(&every_kind())).unwrap();
    let all = scratch(&path);
    for outcome in CallOutcome::ALL {
        let found =
            all.iter().filter_map(|(_, entry)| entry.call.as_ref()).any(|call| call.outcome() == outcome);
        assert!(found, "no call is {}", outcome.word());
    }
}

#[test]
fn read_step_by_step_it_says_the_same_as_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    let text = joined(&every_kind());
    for step in [1_usize, 3, 7, 40] {
        let _ = fs::remove_file(&path);
        fs::File::create(&path).unwrap();
        let (mut live, mut reader) = (Conversation::default(), open(&path));
        let mut writer = fs::File::options().append(true).open(&path).unwrap();
        // Cut inside lines and characters too.
        for part in text.as_bytes().chunks(text.len() / (step * 10) + 1) {
            writer.write_all(part).unwrap();
            read(&mut reader, &mut live);
        }
        assert!(live == scratch(&path), "in steps of {step}");
    }
}

#[test]
fn a_replaced_file_is_told_anew_and_a_missing_one_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    let mut reader = open(&path);
    assert!(matches!(crate::sources::conversation::read_all(&mut reader), Err(SourceError::Missing(_))));
    let lines = every_kind();
    fs::write(&path, joined(&lines)).unwrap();
    let mut live = Conversation::default();
    read(&mut reader, &mut live);
    let other = dir.path().join("other");
    fs::write(&other, joined(&lines[3..20])).unwrap();
    fs::rename(&other, &path).unwrap();
    read(&mut reader, &mut live);
    assert!(live == scratch(&path));
    fs::write(&path, "").unwrap();
    read(&mut reader, &mut live);
    assert!(live.is_empty());
}

#[test]
fn what_is_broken_is_counted_and_the_rest_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    let mut bytes =
        b"\xef\xbb\xbf\0\0\0{\"type\":\"user\",\"message\":{\"content\":\"with a mark\"}}\r\n".to_vec();
    bytes.extend(b"{\"type\":\"user\",\"message\":{\"content\":\"half\n");
    bytes.extend(b"{\"type\":\"user\",\"message\":{\"content\":\"bad \xff bytes and \\ud83d half\"}}\n");
    bytes.extend(b"not json\n{\"type\":\"user\",\"message\":7}\n{\"type\":\"assistant\"}\n");
    bytes.extend(
        format!("{{\"type\":\"user\",\"message\":{{\"content\":\"{}\"}}}}\n", "x".repeat(1 << 20)).bytes(),
    );
    fs::write(&path, bytes).unwrap();
    let all = scratch(&path);
    assert_eq!(all.skipped(), 2);
    let said: Vec<_> = all.iter().map(|(_, entry)| entry).collect();
    assert_eq!(said.len(), 3, "{}", described(&all));
    assert_eq!(&*said[0].text.text, "with a mark");
    assert!(said[1].text.text.contains("bad \u{fffd} bytes and \u{fffd} half"));
    assert!(said[2].text.cut > 900_000);
}

#[test]
fn the_newest_is_the_end_of_the_whole_and_goes_on_like_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.jsonl");
    fs::write(&path, joined(&every_kind())).unwrap();
    // With less than the last line asked for, more is looked at.
    for bytes in [1, 200, 4096, 20_000, 1 << 30] {
        let mut reader = open(&path);
        reader.newest(bytes);
        let mut newest = Conversation::newest(200);
        read(&mut reader, &mut newest);
        let whole = scratch(&path);
        assert!(!newest.is_empty(), "{bytes}");
        // Notices of a change are missing where what was before was not read.
        let lines = |all: &Conversation| -> Vec<Safe> {
            let words = all.iter().filter(|(_, entry)| !matches!(entry.kind, EntryKind::Notice(_)));
            words
                .map(|(_, entry)| {
                    entry.raw.as_ref().map(|raw| Safe::line(&format!("{raw:?}"))).unwrap_or_default()
                })
                .collect()
        };
        let (some, all) = (lines(&newest), lines(&whole));
        assert!(all.ends_with(&some), "{bytes}: {some:?} of {all:?}");
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"and then\"},\"promptSource\":\"typed\"}\n")
            .unwrap();
        read(&mut reader, &mut newest);
        assert_eq!(
            newest.iter().next_back().map(|(_, entry)| entry.text.text.to_string()).as_deref(),
            Some("and then")
        );
    }
}
