//! Small questions to JSON that readers of conversations ask. Pure.

use serde_json::Value;

/// A field that is a text.
pub fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str()
}

/// A field that is a whole number from 0 on.
pub fn number(value: &Value, field: &str) -> Option<u64> {
    value.get(field)?.as_u64()
}

/// The elements of a field that is a list; else none.
pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// JSON for people: text as it is, everything else indented.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

/// A text that is JSON as a whole is indented.
pub fn pretty(said: String) -> String {
    let head = said.trim_start().as_bytes().first();
    if !matches!(head, Some(b'{' | b'[')) {
        return said;
    }
    match serde_json::from_str::<Value>(&said) {
        Ok(value) => shown(&value),
        Err(_) => said,
    }
}

/// The first line that says something, with a mark when there are more.
pub fn first_line(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default().to_owned();
    if lines.next().is_some() { format!("{first} …") } else { first }
}

/// A path as one would name it in a folder.
pub fn short<'a>(path: &'a str, folder: Option<&str>) -> &'a str {
    let inside = folder.and_then(|folder| path.strip_prefix(folder)?.strip_prefix('/'));
    inside.filter(|path| !path.is_empty()).unwrap_or(path)
}
