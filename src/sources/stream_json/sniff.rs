//! Whether a file holds such a stream, by its first bytes: a transcript of the same program looks much alike, and any
//! program writes JSON.

use std::{fs, io, path::Path};

use serde_json::Value;

use super::{codex, value::word};
use crate::sources::read::open;

/// Bytes at the beginning among whose lines one must be of a stream.
const HEAD: u64 = 256 * 1024;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A stream.
    Stream,
    /// A transcript: its lines say `sessionId`.
    Transcript,
    /// Another program's.
    Foreign,
    /// Too little to tell.
    Undecided,
}

/// Looks at the beginning of a file.
pub(super) fn shape(path: &Path) -> io::Result<Shape> {
    let file = open::regular(&fs::canonicalize(path)?)?;
    let size = file.metadata()?.len();
    let mut bytes = vec![0; size.min(HEAD) as usize];
    let count = open::read_at(&file, &mut bytes, 0)?;
    bytes.truncate(count);
    Ok(of_head(&bytes))
}

/// What a beginning shows.
pub(super) fn of_head(bytes: &[u8]) -> Shape {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut shape = Shape::Undecided;
    for line in text.lines() {
        match of_line(line.trim()) {
            found @ (Shape::Stream | Shape::Transcript) => return found,
            Shape::Foreign => shape = Shape::Foreign,
            Shape::Undecided => {}
        }
    }
    // A document over several lines, or a first line that is longer than what is looked at.
    let whole = serde_json::from_str::<Value>(text.trim()).map(|value| of_value(&value));
    match whole {
        Ok(found) => found,
        Err(_) if text.trim_start().starts_with(['{', '[']) && shape == Shape::Undecided => of_words(&text),
        Err(_) => shape,
    }
}

fn of_line(line: &str) -> Shape {
    match serde_json::from_str::<Value>(line.strip_suffix(',').unwrap_or(line)) {
        Ok(value) => of_value(&value),
        // Words before the first record, of another program.
        Err(_) => Shape::Undecided,
    }
}

fn of_value(value: &Value) -> Shape {
    if let Some(records) = value.as_array() {
        let found = records.iter().map(of_value).find(|shape| *shape != Shape::Undecided);
        return found.unwrap_or(Shape::Undecided);
    }
    if !value.is_object() {
        return Shape::Undecided;
    }
    let kind = word(value, "type");
    let is_known = matches!(
        kind,
        "system" | "assistant" | "user" | "result" | "stream_event" | "tool_progress" | "rate_limit_event"
    );
    if !word(value, "sessionId").is_empty() {
        Shape::Transcript
    } else if is_known && !word(value, "session_id").is_empty() || codex::is_line(kind) {
        Shape::Stream
    } else {
        Shape::Foreign
    }
}

fn of_words(text: &str) -> Shape {
    let has = |word: &str| text.contains(word);
    if has("\"sessionId\"") {
        Shape::Transcript
    } else if has("\"session_id\"") && has("\"type\"") {
        Shape::Stream
    } else {
        Shape::Undecided
    }
}
