//! Reads the record behind something on the screen, in a thread of its own: the file may be on a slow disk.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
    thread,
};

use serde_json::Value;
use tokio::sync::mpsc::Sender;

use crate::{
    app::Message,
    model::RawRef,
    sources::read::{
        json::{self, DocumentError},
        packed, sqlite,
    },
    text::Safe,
};

/// Bytes of a file or line that are read at most; the inspector shows no more of them anyway.
const MOST: u64 = 1024 * 1024;

/// Starts reading; the answer comes as a message.
pub(super) fn load(place: RawRef, messages: Sender<Message>) {
    let spawned = thread::Builder::new().name("raw".to_owned()).spawn(move || {
        let text = read(&place);
        // Nobody listens any more when the program ends.
        let _ = messages.blocking_send(Message::Raw(place, text));
    });
    // Without a thread the inspector goes on saying that it reads; the system is in worse trouble than that.
    drop(spawned);
}

fn read(place: &RawRef) -> Result<Safe, String> {
    match place {
        RawRef::Text(text) => Ok(Safe::text(&pretty(text.as_bytes()))),
        RawRef::Row { .. } => sqlite::raw_row(place).map_err(|error| error.to_string()),
        RawRef::File { path } => bytes(path, 0, false),
        RawRef::Element { path, field, value } => element(path, field, value),
        RawRef::Line { path, offset } => bytes(path, *offset, true),
    }
}

fn element(path: &str, field: &str, value: &str) -> Result<Safe, String> {
    let document: Value = json::read(Path::new(path)).map_err(|error| match error {
        DocumentError::Io(error) => format!("cannot read {path}: {error}"),
        DocumentError::Torn(text) => format!("cannot read {path}: {text}"),
        DocumentError::TooLarge => format!("{path} is too large"),
    })?;
    match found(&document, field, value) {
        Some(element) => Ok(Safe::text(&pretty(element.to_string().as_bytes()))),
        None => Err(format!("nothing in {path} has the {field} {value} any more")),
    }
}

/// The first object that has this field with this value.
fn found<'a>(document: &'a Value, field: &str, value: &str) -> Option<&'a Value> {
    match document {
        Value::Object(object) if object.get(field).and_then(Value::as_str) == Some(value) => Some(document),
        Value::Object(object) => object.values().find_map(|inner| found(inner, field, value)),
        Value::Array(list) => list.iter().find_map(|inner| found(inner, field, value)),
        _ => None,
    }
}

fn bytes(path: &str, offset: u64, one_line: bool) -> Result<Safe, String> {
    let problem = |error: std::io::Error| format!("cannot read {path}: {error}");
    if one_line && Path::new(path).extension().is_some_and(|ending| ending == "zst") {
        let line = packed::line_at(Path::new(path), offset, MOST).map_err(problem)?;
        return Ok(Safe::text(&pretty(&line)));
    }
    let mut file = File::open(path).map_err(problem)?;
    file.seek(SeekFrom::Start(offset)).map_err(problem)?;
    let mut reader = BufReader::new(file.take(MOST));
    let mut bytes = Vec::new();
    if one_line {
        reader.read_until(b'\n', &mut bytes).map_err(problem)?;
    } else {
        reader.read_to_end(&mut bytes).map_err(problem)?;
    }
    if bytes.is_empty() {
        return Err(format!("there is nothing at byte {offset} of {path} any more"));
    }
    Ok(Safe::text(&pretty(&bytes)))
}

/// One-line JSON is indented before it is sanitised, because a sanitised line is cut at its display limit.
fn pretty(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match serde_json::from_str::<Value>(text.trim()) {
        Ok(value) if value.is_object() || value.is_array() => {
            serde_json::to_string_pretty(&value).unwrap_or_else(|_| text.into_owned())
        }
        _ => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_compressed_file_is_found_where_it_stands_in_the_text() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("thread.jsonl.zst");
        std::fs::write(&path, zstd::encode_all(&b"{\"a\": 1}\n{\"b\": 2}\n"[..], 3).unwrap()).unwrap();
        let path = Safe::line(&path.to_string_lossy());
        let text = read(&RawRef::Line { path, offset: 9 }).unwrap();
        assert!(text.contains("\"b\": 2") && !text.contains("\"a\""), "{text}");
    }

    #[test]
    fn an_element_is_found_by_its_field_at_any_depth() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("log.json");
        std::fs::write(&path, r#"{"dispatches": [{"id": "a"}, {"id": "b", "note": "\u001b[31mred"}]}"#)
            .unwrap();
        let path = Safe::line(&path.to_string_lossy());
        let at = |value: &str| RawRef::Element { path: path.clone(), field: "id", value: Safe::line(value) };
        let text = read(&at("b")).unwrap();
        assert!(text.contains("\"id\": \"b\"") && !text.contains("\"a\""), "{text}");
        assert!(read(&at("c")).unwrap_err().contains("has the id c any more"));
    }
}
