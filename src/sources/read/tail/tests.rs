use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use super::*;

/// What a reader that obeys the contract holds after every look.
#[derive(Default)]
struct Reader {
    lines: Vec<String>,
    health: Health,
}

impl Reader {
    fn poll(&mut self, tail: &mut Tail) -> TailChange {
        let lines = &mut self.lines;
        let change = tail
            .poll(&mut self.health, &mut |line| {
                if line.number == 1 {
                    lines.clear();
                }
                assert_eq!(line.number, lines.len() as u64 + 1);
                lines.push(String::from_utf8_lossy(line.bytes).into_owned());
            })
            .unwrap();
        if change == TailChange::Replaced && tail.offset() == 0 && tail.size() == 0 {
            self.lines.clear();
        }
        change
    }
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.jsonl");
    (folder, path)
}

#[test]
fn tells_each_line_once_as_the_file_grows() {
    let (_folder, path) = file();
    append(&path, "\u{feff}{\"a\":1}\r\nfoo");
    let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
    assert_eq!(reader.poll(&mut tail), TailChange::Grown);
    assert_eq!(reader.lines, ["{\"a\":1}"]);
    assert_eq!(reader.poll(&mut tail), TailChange::Unchanged);
    append(&path, "bar\n\nlast\n");
    assert_eq!(reader.poll(&mut tail), TailChange::Grown);
    assert_eq!(reader.lines, ["{\"a\":1}", "foobar", "", "last"]);
    assert_eq!(tail.offset(), fs::metadata(&path).unwrap().len());
}

#[test]
fn takes_a_complete_last_line_without_newline_once() {
    let (_folder, path) = file();
    append(&path, "{\"a\":1}");
    let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
    reader.poll(&mut tail);
    assert_eq!(reader.lines, ["{\"a\":1}"]);
    append(&path, "\n{\"b\":2}");
    assert_eq!(reader.poll(&mut tail), TailChange::Grown);
    append(&path, "\r\n");
    reader.poll(&mut tail);
    assert_eq!(reader.lines, ["{\"a\":1}", "{\"b\":2}"]);
}

#[test]
fn starts_over_when_a_told_last_line_goes_on() {
    let (_folder, path) = file();
    append(&path, "{\"z\":0}\n{\"a\":1}");
    let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
    reader.poll(&mut tail);
    append(&path, "tail");
    assert_eq!(reader.poll(&mut tail), TailChange::Replaced);
    assert_eq!(reader.lines, ["{\"z\":0}"]);
    append(&path, "\n");
    reader.poll(&mut tail);
    assert_eq!(reader.lines, ["{\"z\":0}", "{\"a\":1}tail"]);
}

#[test]
fn notices_shrinking_and_other_contents() {
    let (_folder, path) = file();
    append(&path, "one\ntwo\nthree\n");
    let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
    reader.poll(&mut tail);
    fs::write(&path, "one\n").unwrap();
    assert_eq!(reader.poll(&mut tail), TailChange::Replaced);
    assert_eq!(reader.lines, ["one"]);
    fs::write(&path, "ONE\nTWO\nTHREE\n").unwrap();
    assert_eq!(reader.poll(&mut tail), TailChange::Replaced);
    assert_eq!(reader.lines, ["ONE", "TWO", "THREE"]);
    let other = path.with_extension("new");
    append(&other, "ONE\nTWO\nTHREE\nFOUR\n");
    fs::rename(&other, &path).unwrap();
    assert_eq!(reader.poll(&mut tail), TailChange::Replaced);
    assert_eq!(reader.lines.len(), 4);
    fs::write(&path, "").unwrap();
    assert_eq!(reader.poll(&mut tail), TailChange::Replaced);
    assert!(reader.lines.is_empty());
}

#[test]
fn a_rewrite_behind_an_equal_head_is_noticed_by_the_border() {
    let (_folder, path) = file();
    let head = "h".repeat(3000);
    append(&path, &format!("{head}\none\n"));
    let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
    reader.poll(&mut tail);
    fs::write(&path, format!("{head}\ntwo\nthree\n")).unwrap();
    assert_eq!(reader.poll(&mut tail), TailChange::Replaced);
    assert_eq!(reader.lines.get(1).map(String::as_str), Some("two"));
}

#[test]
fn overlong_lines_are_counted_and_passed_over() {
    let (_folder, path) = file();
    append(&path, "a\n");
    append(&path, &"x".repeat(MAX_LINE + 5));
    let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
    reader.poll(&mut tail);
    append(&path, &"x".repeat(MAX_LINE));
    reader.poll(&mut tail);
    append(&path, "\nb\n");
    let mut seen = Vec::new();
    tail.poll(&mut reader.health, &mut |line| seen.push((line.number, line.bytes.to_vec()))).unwrap();
    assert_eq!(seen, [(3, b"b".to_vec())]);
    assert_eq!(reader.health.skipped, 1);
}

#[test]
fn lines_across_read_borders_arrive_whole() {
    let (_folder, path) = file();
    let lines: Vec<String> = (0..40).map(|n| format!("{n}:{}", "y".repeat(n * 7919 % 60_000))).collect();
    append(&path, &(lines.join("\n") + "\n"));
    let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
    reader.poll(&mut tail);
    assert_eq!(reader.lines, lines);
}

#[test]
fn refuses_what_is_no_regular_file() {
    let (folder, path) = file();
    assert!(Tail::new(&path).poll(&mut Health::default(), &mut |_| {}).is_err());
    assert!(Tail::new(folder.path()).poll(&mut Health::default(), &mut |_| {}).is_err());
}

/// As another run: with what is kept of a place.
fn resume(path: &Path, tail: &Tail) -> Tail {
    let kept = postcard::to_allocvec(&tail.place().unwrap()).unwrap();
    Tail::resume(path, postcard::from_bytes(&kept).unwrap())
}

#[test]
fn another_run_goes_on_where_one_stood() {
    let (_folder, path) = file();
    assert!(Tail::new(&path).place().is_none(), "nothing was looked at");
    append(&path, "one\ntwo\nthr");
    let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
    reader.poll(&mut tail);
    let mut later = resume(&path, &tail);
    let read = reader.health.bytes_read;
    assert_eq!(reader.poll(&mut later), TailChange::Unchanged);
    assert_eq!(reader.health.bytes_read, read, "not a byte");
    append(&path, "ee\nfour\n");
    let mut later = resume(&path, &later);
    assert_eq!(reader.poll(&mut later), TailChange::Grown);
    assert_eq!(reader.lines, ["one", "two", "three", "four"]);
    assert_eq!(reader.health.bytes_read, read + "three\nfour\n".len() as u64);
}

#[test]
fn another_run_starts_over_when_the_file_is_not_surely_the_same() {
    let changes: [(&str, &str); 5] = [
        ("first bytes", "ONE\ntwo\nthree\nfour\n"),
        ("bytes before the place", "one\ntwo\nTHREE\nfour\n"),
        ("shorter", "one\n"),
        // Its middle may be another; only its time tells.
        ("same size", "one\nTWO\nthree\n"),
        ("empty", ""),
    ];
    for (what, text) in changes {
        let (_folder, path) = file();
        append(&path, "one\ntwo\nthree\n");
        let (mut tail, mut reader) = (Tail::new(&path), Reader::default());
        reader.poll(&mut tail);
        fs::write(&path, text).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(reader.poll(&mut resume(&path, &tail)), TailChange::Replaced, "{what}");
        assert_eq!(reader.lines, text.lines().collect::<Vec<_>>(), "{what}");
    }
}

#[test]
fn the_newest_lines_are_told_from_the_first_that_begins_in_the_last_bytes() {
    let (_folder, path) = file();
    append(&path, "one\ntwo\nthree\nfour\n");
    for (bytes, wanted) in [
        (5, &["four"][..]),
        (6, &["four"]),
        (10, &["four"]),
        (11, &["three", "four"]),
        (14, &["three", "four"]),
        (15, &["two", "three", "four"]),
        (19, &["one", "two", "three", "four"]),
        (1000, &["one", "two", "three", "four"]),
    ] {
        let (mut tail, mut reader) = (Tail::newest(&path, bytes), Reader::default());
        assert_eq!(reader.poll(&mut tail), TailChange::Grown);
        assert_eq!(reader.lines, wanted, "{bytes}");
        assert_eq!(reader.health.skipped, 0);
    }
    let (mut tail, mut reader) = (Tail::newest(&path, 5), Reader::default());
    reader.poll(&mut tail);
    append(&path, "five\n");
    assert_eq!(reader.poll(&mut tail), TailChange::Grown);
    assert_eq!(reader.lines, ["four", "five"]);
    fs::write(&path, "ONE\nTWO\nTREE\n").unwrap();
    assert_eq!(reader.poll(&mut tail), TailChange::Replaced);
    assert_eq!(reader.lines, ["TREE"]);
    // In the middle of a line that is not over.
    let other = path.with_extension("other");
    append(&other, "a long line that goes");
    let (mut tail, mut reader) = (Tail::newest(&other, 5), Reader::default());
    reader.poll(&mut tail);
    append(&other, " on\nnext\n");
    reader.poll(&mut tail);
    assert_eq!(reader.lines, ["next"]);
}
