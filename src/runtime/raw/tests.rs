use std::{fs, path::PathBuf};

use super::*;
use crate::text::Safe;

fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn line(path: &Path, offset: u64) -> RawRef {
    RawRef::Line { path: Safe::line(&path.to_string_lossy()), offset }
}

fn text(place: &RawRef) -> String {
    read(place).unwrap().plain.text().to_string()
}

#[test]
fn a_line_of_a_compressed_file_is_found_where_it_stands_in_the_text() {
    let packed = zstd::encode_all(&b"{\"a\": 1}\n{\"b\": 2}\n"[..], 3).unwrap();
    let (_folder, path) = written("thread.jsonl.zst", &packed);
    let text = text(&line(&path, 9));
    assert!(text.contains("\"b\": 2") && !text.contains("\"a\""), "{text}");
    assert_eq!(line_number(&path, 9).unwrap(), 2);
}

#[test]
fn an_element_is_found_by_its_field_at_any_depth() {
    let document = r#"{"dispatches": [{"id": "a"}, {"id": "b", "note": "\u001b[31mred"}]}"#;
    let (_folder, path) = written("log.json", document.as_bytes());
    let path = Safe::line(&path.to_string_lossy());
    let at = |value: &str| RawRef::Element { path: path.clone(), field: "id", value: Safe::line(value) };
    let text = text(&at("b"));
    assert!(text.contains("\"id\": \"b\"") && !text.contains("\"a\""), "{text}");
    assert!(read(&at("c")).unwrap_err().contains("has the id c any more"));
}

#[test]
fn a_long_line_is_read_to_its_end_and_what_is_left_out_is_counted() {
    let mut bytes = b"first\n".to_vec();
    bytes.extend(vec![b'x'; 5_000_000]);
    bytes.extend(b" end\nthird\r\n");
    let huge = bytes.len();
    bytes.extend(vec![b'y'; MOST + 1000]);
    bytes.extend(b"\nlast");
    let (_folder, path) = written("run.log", &bytes);
    let record = read(&line(&path, 6)).unwrap();
    assert_eq!((record.plain.text().len(), record.left_out), (5_000_004, 0));
    assert!(record.plain.text().ends_with("x end"));
    assert_eq!(text(&line(&path, huge as u64 - 7)), "third");
    let record = read(&line(&path, huge as u64)).unwrap();
    assert_eq!((record.plain.text().len(), record.left_out), (MOST, 1000));
    let whole = RawRef::File { path: Safe::line(&path.to_string_lossy()) };
    assert_eq!(read(&whole).unwrap().left_out, (bytes.len() - MOST) as u64);
    for (offset, number) in [(0, 1), (6, 2), (huge as u64 - 7, 3), (huge as u64, 4)] {
        assert_eq!(line_number(&path, offset).unwrap(), number);
    }
    assert!(read(&line(&path, bytes.len() as u64)).unwrap_err().contains("any more"));
}

#[test]
fn what_is_no_regular_file_is_not_read() {
    let (folder, path) = written("run.log", b"secret\n");
    let link = folder.path().join("link.log");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(read(&line(&link, 0)).is_err(), "a link is not followed");
    let pipe = folder.path().join("pipe.log");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    assert!(read(&line(&pipe, 0)).is_err(), "a pipe is not waited for");
}

#[test]
fn json_stays_as_it_is_written() {
    let line_of = r#"{"z":1.50,"a":"\u202e\u001b[31m","list":[],"in":{"b":[true,null,-1e5]}}"#;
    let (_folder, path) = written("run.jsonl", line_of.as_bytes());
    assert_eq!(
        text(&line(&path, 0)),
        r#"{
  "z": 1.50,
  "a": "\u202e\u001b[31m",
  "list": [],
  "in": {
    "b": [
      true,
      null,
      -1e5
    ]
  }
}"#
    );
}

#[test]
fn evil_records_are_read_and_harmless() {
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let wide = format!("{}{}{}", "[".repeat(100), "0,".repeat(500_000) + "0", "]".repeat(100));
    let cases: [&[u8]; 7] = [
        b"\x1b]52;c;aGVsbG8=\x07copied \x1b[2J\x1bP1q\x1b\\",
        "\u{202e}gnp.exe \u{2066}a\u{2069}\u{200b}\u{2028}x".as_bytes(),
        b"\0\0\0\0NUL \xff\xfe\x80 no encoding \xc2\x9b31m",
        b"{\"cut\": \"\\u00",
        deep.as_bytes(),
        wide.as_bytes(),
        b"{\"password\":\"hunter2hunter2\"}",
    ];
    for bytes in cases {
        let (_folder, path) = written("evil.log", bytes);
        let record = read(&line(&path, 0)).unwrap();
        let hostile =
            |ch: char| (ch.is_control() && ch != '\n') || matches!(ch, '\u{202e}' | '\u{200b}' | '\u{2028}');
        assert!(!record.plain.text().contains(hostile) && !record.plain.text().is_empty());
        assert!(record.plain.text().len() < bytes.len() * 4 + 100_000, "it is not blown up");
        assert!(!record.hidden.text().contains("hunter2"));
    }
}
