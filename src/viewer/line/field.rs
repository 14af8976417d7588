//! Values as parts of a line.

use serde_json::{Map, Value};

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
