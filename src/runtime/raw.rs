//! Reads the record behind something on the screen, in a thread of its own: the file may be on a slow disk.

use std::{borrow::Cow, io, path::Path, sync::Arc, thread};

use serde_json::Value;
use tokio::sync::mpsc::Sender;

use crate::{
    app::Message,
    model::{RawRef, Record},
    sources::read::{
        json::{self, DocumentError},
        lines::{Bytes, Index, Spans},
        open, packed, sqlite,
        tail::MAX_LINE,
    },
};

/// Bytes of a file, line or row that are read: as much as the longest line that sources read. What is left out is told.
const MOST: usize = MAX_LINE;

/// Starts reading; the answer comes as a message, and the number of the line as another one, because it takes longer.
pub(super) fn load(place: RawRef, messages: Sender<Message>) {
    let spawned = thread::Builder::new().name("raw".to_owned()).spawn(move || {
        let record = read(&place);
        let is_there = record.is_ok();
        // Nobody listens any more when the program ends.
        let _ = messages.blocking_send(Message::Raw(place.clone(), record));
        if let RawRef::Line { path, offset } = &place
            && is_there
            && let Ok(number) = line_number(Path::new(path.as_str()), *offset)
        {
            let _ = messages.blocking_send(Message::RawLine(place, number));
        }
    });
    // Without a thread the inspector goes on saying that it reads; the system is in worse trouble than that.
    drop(spawned);
}

fn read(place: &RawRef) -> Result<Record, String> {
    match place {
        RawRef::Text(text) => Ok(record(text.as_bytes(), 0)),
        RawRef::Row { .. } => sqlite::raw_row(place).map(bounded).map_err(|error| error.to_string()),
        RawRef::File { path } => bytes(path, 0, false),
        RawRef::Element { path, field, value } => element(path, field, value),
        RawRef::Line { path, offset } => bytes(path, *offset, true),
    }
}

/// A text that is laid out already.
fn bounded(mut text: String) -> Record {
    let length = text.floor_char_boundary(MOST);
    let left_out = text.len() - length;
    text.truncate(length);
    Record::new(&text, left_out as u64)
}

fn element(path: &str, field: &str, value: &str) -> Result<Record, String> {
    let document: Value = json::read(Path::new(path)).map_err(|error| match error {
        DocumentError::Io(error) => format!("cannot read {path}: {error}"),
        DocumentError::Torn(text) => format!("cannot read {path}: {text}"),
        DocumentError::TooLarge => format!("{path} is too large"),
    })?;
    match found(&document, field, value) {
        Some(element) => Ok(bounded(serde_json::to_string_pretty(element).unwrap_or_default())),
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

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "zst")
}

/// The text of a file as far as it is one.
fn spans(path: &Path) -> io::Result<Spans> {
    let file = open::regular(path)?;
    let size = file.metadata()?.len();
    Ok(Spans::new(Bytes::File(Arc::new(file)), size))
}

fn bytes(path: &str, offset: u64, one_line: bool) -> Result<Record, String> {
    let problem = |error: io::Error| format!("cannot read {path}: {error}");
    let place = Path::new(path);
    if one_line && is_packed(place) {
        let (line, left_out) = packed::line_at(place, offset, MOST as u64).map_err(problem)?;
        return Ok(record(&line, left_out));
    }
    let mut spans = spans(place).map_err(problem)?;
    let whole = crate::sources::read::lines::Span { start: offset, end: spans.size(), next: spans.size() };
    let span = if one_line { spans.at(offset).map_err(problem)? } else { Some(whole) };
    let Some(span) = span.filter(|span| span.start < span.end) else {
        return Err(format!("there is nothing at byte {offset} of {path} any more"));
    };
    let bytes = spans.content(span, MOST).map_err(problem)?;
    // A line end in the form of another system, or a byte order mark, is not missed by anybody.
    let left_out = (span.end - span.start).saturating_sub(MOST as u64);
    Ok(record(&bytes, left_out))
}

/// The number of the line that begins at an offset, counted from 1.
fn line_number(path: &Path, offset: u64) -> io::Result<u64> {
    if is_packed(path) {
        return packed::line_number(path, offset);
    }
    let file = Bytes::File(Arc::new(open::regular(path)?));
    let (mut index, mut buffer) = (Index::default(), Vec::new());
    while index.counted() < offset && index.step(&file, offset, &mut buffer)? {}
    Ok(index.ends() + 1)
}

fn record(bytes: &[u8], left_out: u64) -> Record {
    let text = String::from_utf8_lossy(bytes);
    let laid_out = json::indented(text.trim());
    Record::new(&laid_out.map_or(text, Cow::Owned), left_out)
}

#[cfg(test)]
mod tests;
