//! Free JSON for the eye, without what must not be seen: values whose name says secret, and strings that look like keys of
//! known services. Pure.

use serde_json::{Map, Value};

use crate::text::Safe;

const MASK: &str = "***";
/// Parts of names whose values are never shown, numbers included.
const SECRET: [&str; 12] = [
    "password",
    "passwd",
    "secret",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "credential",
    "authorization",
    "cookie",
    "webhook_url",
    "bearer",
];
/// Beginnings of keys of known services.
const LOOKS: [&str; 10] =
    ["sk-", "ghp_", "gho_", "ghs_", "github_pat_", "xoxb-", "xoxp-", "AKIA", "eyJhbGciOi", "Bearer "];

/// The value with secrets masked, indented.
pub(super) fn pretty(value: &Value) -> Safe {
    let text = serde_json::to_string_pretty(&masked(value)).unwrap_or_default();
    Safe::text(&text)
}

/// The value with secrets masked, in one line.
pub(super) fn compact(value: &Value) -> Safe {
    match masked(value) {
        Value::String(text) => Safe::line(&text),
        value => Safe::line(&value.to_string()),
    }
}

/// The value with secrets masked.
pub(super) fn masked(value: &Value) -> Value {
    visit(value, false)
}

/// Text with secrets of known looks masked.
pub(super) fn text(raw: &str) -> String {
    if LOOKS.iter().any(|look| raw.contains(look)) {
        let words = raw.split_inclusive(char::is_whitespace);
        return words
            .map(|word| if looks_secret(word) { format!("{MASK} ") } else { word.to_owned() })
            .collect();
    }
    raw.to_owned()
}

fn looks_secret(word: &str) -> bool {
    let bare = word.trim_start_matches(|ch: char| !ch.is_alphanumeric());
    LOOKS.iter().any(|look| *look != "Bearer " && bare.starts_with(look) && bare.len() > look.len() + 8)
}

fn visit(value: &Value, hot: bool) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.iter().map(member(hot)).collect::<Map<_, _>>()),
        Value::Array(items) => Value::Array(items.iter().map(|item| visit(item, hot)).collect()),
        Value::String(_) if hot => MASK.into(),
        Value::String(raw) => Value::String(text(raw)),
        other => other.clone(),
    }
}

fn member(hot: bool) -> impl Fn((&String, &Value)) -> (String, Value) {
    move |(name, value)| {
        let lower = name.to_lowercase().replace('-', "_");
        if SECRET.iter().any(|part| lower.contains(part)) && !value.is_boolean() && !value.is_null() {
            return (name.clone(), MASK.into());
        }
        // Numbers named so are counts of the language model's tokens.
        let is_token = lower.contains("token") || lower == "auth";
        let is_all = matches!(lower.as_str(), "env" | "headers" | "environment");
        (name.clone(), visit(value, hot || is_token || is_all))
    }
}
