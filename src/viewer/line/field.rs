//! Values as parts of a line, and a line without the secrets in it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::text::mask;

/// Characters of a value that are shown beside a message.
const LONGEST: usize = 160;

/// The first of these keys that has a value that is not null, and the value.
pub(super) fn first<'a>(
    object: &'a Map<String, Value>,
    keys: &[&'static str],
) -> Option<(&'static str, &'a Value)> {
    keys.iter().find_map(|key| Some((*key, object.get(*key).filter(|value| !value.is_null())?)))
}

/// A text that is not empty.
pub(super) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A value in few characters.
pub(super) fn brief(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.split_at(end).0),
        None => text,
    }
}

/// A line without secrets: words that look like keys, and the text values of keys that say so, also in the beginning of a
/// JSON object that is cut.
pub(super) fn without_secrets(line: &str) -> Cow<'_, str> {
    let masked = without_pairs(mask::text(line));
    if !masked.contains('"') {
        return masked;
    }
    let mut out: Option<String> = None;
    let mut done = 0;
    let mut rest = 0;
    // Every `"key": "value"`, by quotes alone: an object that is cut has no parser.
    while let Some((key, value)) = next_pair(&masked, rest) {
        rest = value.end + 1;
        let name = masked.get(key).unwrap_or_default();
        if mask::is_secret(name) && !value.is_empty() {
            let out = out.get_or_insert_with(String::new);
            out.push_str(masked.get(done..value.start).unwrap_or_default());
            out.push_str(mask::MASK);
            done = value.end;
        }
    }
    match out {
        None => masked,
        Some(mut text) => {
            text.push_str(masked.get(done..).unwrap_or_default());
            Cow::Owned(text)
        }
    }
}

/// A text without the values of `key=value` words whose key says that they are secret.
fn without_pairs(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('=') {
        return text;
    }
    let mut out: Option<String> = None;
    for value in text.split_whitespace().filter_map(secret_value) {
        let masked = out.get_or_insert_with(|| text.clone().into_owned());
        *masked = masked.replace(&format!("={value}"), &format!("={}", mask::MASK));
    }
    out.map_or(text, Cow::Owned)
}

/// The value of a `key=value` word when its key says that it is secret.
fn secret_value(word: &str) -> Option<&str> {
    let (key, value) = word.split_once('=')?;
    let key = key.rsplit(|ch: char| !ch.is_alphanumeric() && ch != '_' && ch != '-').next()?;
    let is_open = !value.is_empty() && value != mask::MASK;
    (is_open && mask::is_secret(key)).then_some(value)
}

type Bytes = std::ops::Range<usize>;

/// The next key with a text as its value from `from` on: what stands between their quotes.
fn next_pair(text: &str, from: usize) -> Option<(Bytes, Bytes)> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let open = at + memchr::memchr(b'"', bytes.get(at..)?)?;
        let close = end_of_text(bytes, open + 1);
        let after =
            close + 1 + bytes.get(close + 1..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if bytes.get(after) != Some(&b':') {
            at = close + 1;
            continue;
        }
        let blanks = bytes.get(after + 1..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let value = after + 1 + blanks;
        if bytes.get(value) == Some(&b'"') {
            return Some((open + 1..close, value + 1..end_of_text(bytes, value + 1)));
        }
        at = after + 1;
    }
}

/// Where the quote is that ends a text, or the end of all.
fn end_of_text(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(step) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += step;
        if bytes.get(at) == Some(&b'"') {
            return at;
        }
        at += 2;
    }
    bytes.len()
}
