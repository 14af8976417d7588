//! What others wrote, for the eye and without secrets. Pure.

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

/// The value of a member, which its name may make a secret.
pub(super) fn member(name: &str, value: &Value) -> Safe {
    mask::json(&json!({ name: value })).get(name).map(mask::compact).unwrap_or_default()
}
