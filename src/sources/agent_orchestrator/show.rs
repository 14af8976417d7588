//! What others wrote, for the eye and without secrets: free text and free JSON. Pure.

use serde_json::{Value, json};

use crate::text::{Safe, mask};

/// Free text in one line.
pub(super) fn line(raw: &str) -> Safe {
    Safe::line(&mask::text(raw))
}

/// Free text with its line breaks.
pub(super) fn text(raw: &str) -> Safe {
    Safe::text(&mask::text(raw))
}

/// A value, indented.
pub(super) fn pretty(value: &Value) -> Safe {
    Safe::text(&serde_json::to_string_pretty(&mask::json(value)).unwrap_or_default())
}

/// A value in one line; text as it is.
pub(super) fn compact(value: &Value) -> Safe {
    bare(&mask::json(value))
}

/// The value of a member, which its name may make a secret.
pub(super) fn member(name: &str, value: &Value) -> Safe {
    mask::json(&json!({ name: value })).get(name).map(bare).unwrap_or_default()
}

fn bare(value: &Value) -> Safe {
    match value {
        Value::String(text) => Safe::line(text),
        other => Safe::line(&other.to_string()),
    }
}
