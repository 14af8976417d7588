//! Console output for people, read as well as it goes: `<time> <LEVEL> [<name>] <message> key=value …` with colours, large
//! objects over several lines. Pure.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::model::Timestamp;

/// Bytes of one record that are kept while its end is awaited.
const LONGEST: usize = 256 * 1024;

/// Puts lines together to records.
#[derive(Debug, Default)]
pub(in super::super) struct Assembler {
    pending: Option<String>,
}

/// What a line was good for.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Taken {
    /// Not of this form.
    Foreign,
    /// Part of a record that is not whole yet.
    Part,
    /// It made a record whole.
    Record(Box<Value>),
}

impl Assembler {
    /// Takes a line. A record whose end was never told is lost when the next one begins: `lost` says so.
    pub(in super::super) fn take(&mut self, raw: &str, lost: &mut bool) -> Taken {
        let line = without_colours(raw);
        let text = if begins_record(&line) {
            *lost = self.pending.take().is_some();
            line.into_owned()
        } else if let Some(mut text) = self.pending.take() {
            text.push('\n');
            text.push_str(&line);
            text
        } else {
            return Taken::Foreign;
        };
        if is_open(&text) && text.len() < LONGEST {
            self.pending = Some(text);
            return Taken::Part;
        }
        record(&text).map_or(Taken::Foreign, |value| Taken::Record(Box::new(value)))
    }
}

/// Without escape sequences for colours.
pub(in super::super) fn without_colours(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\u{1b}') {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(ch) = chars.next() {
        if ch != '\u{1b}' {
            out.push(ch);
        } else if chars.next_if_eq(&'[').is_some() {
            while chars.next_if(|ch| !('@'..='~').contains(ch)).is_some() {}
            chars.next();
        }
    }
    Cow::Owned(out)
}

fn begins_record(line: &str) -> bool {
    line.split(' ').next().is_some_and(|first| first.len() >= 20 && Timestamp::parse(first).is_some())
}

/// A bracket is open outside of quotes, where a value began with it.
fn is_open(text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_i64, false, false);
    for ch in text.chars() {
        match ch {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

/// A whole record as the object a line of JSON would hold.
fn record(text: &str) -> Option<Value> {
    let (time, rest) = text.split_once(' ')?;
    let (level, rest) = rest.trim_start().split_once(' ')?;
    if !level.chars().all(|ch| ch.is_ascii_uppercase()) {
        return None;
    }
    let mut fields = Map::new();
    fields.insert("timestamp".to_owned(), Value::from(time));
    fields.insert("level".to_owned(), Value::from(level.to_ascii_lowercase()));
    let mut rest = rest.trim_start();
    if let Some((name, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        fields.insert("name".to_owned(), Value::from(name));
        rest = behind.trim_start();
    }
    let first = first_pair(rest);
    let message = rest.get(..first).unwrap_or(rest).trim_end();
    fields.insert("msg".to_owned(), Value::from(message));
    pairs(rest.get(first..).unwrap_or_default(), &mut fields);
    Some(Value::Object(fields))
}

/// Where the first `key=` begins.
fn first_pair(text: &str) -> usize {
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        if word.split_once('=').is_some_and(|(key, _)| is_key(key)) {
            return at;
        }
        at += word.len();
    }
    text.len()
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '_')
}

fn pairs(mut text: &str, fields: &mut Map<String, Value>) {
    while let Some((key, rest)) = text.trim_start().split_once('=') {
        let (value, behind) = value(rest);
        if is_key(key) && !matches!(key, "timestamp" | "level" | "msg") {
            fields.extend(value.map(|value| (key.to_owned(), value)));
        }
        text = behind;
    }
}

/// A value and what stands behind it.
fn value(text: &str) -> (Option<Value>, &str) {
    if text.starts_with(['{', '[', '"']) {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        if let Some(Ok(value)) = values.next() {
            return (Some(value), text.get(values.byte_offset()..).unwrap_or_default());
        }
        // Quotes inside are not always escaped: up to the next quote before a blank.
        if let Some((inner, behind)) = text.strip_prefix('"').and_then(|inner| inner.split_once("\" ")) {
            return (Some(Value::from(inner)), behind);
        }
    }
    let (word, behind) = text.split_once([' ', '\n']).unwrap_or((text, ""));
    let value = match word {
        "undefined" | "null" => None,
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => match word.parse::<i64>() {
            Ok(number) => Some(Value::from(number)),
            Err(_) => Some(Value::from(word)),
        },
    };
    (value, behind)
}
