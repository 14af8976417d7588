//! Cells as this orchestrator writes them, on top of the shared decoding: words in any letter case, dollars as text, JSON
//! inside text. A wrong type, NULL or a missing column is `None`, never an error: anybody may have written the row.

use crate::{model::Usd, sources::read::sqlite::Fields, text::Safe};

/// A word in lower case.
pub(super) fn word(fields: &mut Fields<'_>, column: &str) -> Option<Safe> {
    fields.line(column).map(|text| Safe::line(&text.trim().to_lowercase()))
}

/// An amount of dollars, a number or text with or without `$`; or the text where it is none.
pub(super) fn dollars(fields: &mut Fields<'_>, column: &str) -> Result<Option<Usd>, Safe> {
    let Some(text) = fields.line(column) else { return Ok(None) };
    let plain = text.trim().trim_start_matches('$').replace(',', "");
    plain.parse().ok().and_then(Usd::from_dollars).map(Some).ok_or(text)
}

/// JSON text; SQL NULL, the four letters `null` and what is not JSON are `None`.
pub(super) fn json(fields: &mut Fields<'_>, column: &str) -> Option<serde_json::Value> {
    let text = fields.raw(column)?;
    serde_json::from_str(&text).ok().filter(|value: &serde_json::Value| !value.is_null())
}

/// The strings of a JSON array; other elements as their JSON text.
pub(super) fn list(fields: &mut Fields<'_>, column: &str) -> Vec<Safe> {
    match json(fields, column) {
        Some(serde_json::Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| Safe::line(&item.to_string()), Safe::line))
            .collect(),
        _ => Vec::new(),
    }
}
