//! Fields of a JSON object that may be missing or of another type, taken over the border: sanitised, without secrets.

use serde_json::Value;

use crate::{
    model::{Timestamp, Tokens},
    text::{Safe, mask},
};

/// Characters of a name.
const NAME: usize = 80;

/// One line, if it is a text that is not empty.
pub(super) fn line(value: &Value) -> Option<Safe> {
    words(value).map(|text| Safe::line(&mask::text(text)))
}

/// A text with line breaks.
pub(super) fn text(value: &Value) -> Option<Safe> {
    words(value).map(|text| Safe::text(&mask::text(text)))
}

/// An id: never masked, because it must stay itself.
pub(super) fn id(value: &Value) -> Option<Safe> {
    words(value).map(Safe::line)
}

fn words(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.trim().is_empty())
}

/// A text that serves as a name: its first line, not too long.
pub(super) fn name(text: &Safe) -> Safe {
    let first = text.first_line().trim();
    let mut short: String = first.chars().take(NAME).collect();
    if short.len() < first.len() {
        short.push('…');
    }
    Safe::line(&short)
}

/// A word of a small set, for comparing.
pub(super) fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number from 0 on.
pub(super) fn count(value: &Value) -> Option<u64> {
    value.as_u64()
}

/// A moment as Unix seconds.
pub(super) fn seconds(value: &Value) -> Option<Timestamp> {
    value.as_i64().or_else(|| value.as_f64().map(|secs| secs as i64)).map(Timestamp::from_secs)
}

/// The text of a `content`: a string, or its text blocks.
pub(super) fn content(value: &Value) -> Option<Safe> {
    if value.is_string() {
        return text(value);
    }
    let blocks = value.as_array()?.iter().filter(|block| word(block, "type") == "text");
    let all: Vec<&str> = blocks.map(|block| word(block, "text")).filter(|text| !text.is_empty()).collect();
    (!all.is_empty()).then(|| Safe::text(&mask::text(&all.join("\n"))))
}

/// A figure; one that is none counts 0 and is counted as repaired.
pub(super) fn figure(value: &Value, repaired: &mut u64) -> u64 {
    let figure = value.as_u64();
    *repaired += u64::from(figure.is_none() && !value.is_null());
    figure.unwrap_or(0)
}

/// `message.usage`.
pub(super) fn tokens(usage: &Value, repaired: &mut u64) -> Tokens {
    let mut tokens = Tokens {
        input: figure(&usage["input_tokens"], repaired),
        output: figure(&usage["output_tokens"], repaired),
        cache_read: figure(&usage["cache_read_input_tokens"], repaired),
        ..Tokens::default()
    };
    let split = &usage["cache_creation"];
    tokens.cache_write_5m = figure(&split["ephemeral_5m_input_tokens"], repaired);
    tokens.cache_write_1h = figure(&split["ephemeral_1h_input_tokens"], repaired);
    // A split that says nothing while the flat figure does is an older writer's placeholder.
    if tokens.cache_write() == 0 {
        tokens.cache_write_5m = figure(&usage["cache_creation_input_tokens"], repaired);
    }
    tokens
}
