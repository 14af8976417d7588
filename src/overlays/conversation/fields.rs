//! What a call was called with, field by field: what a person reads of an object, without its braces and quotes.

use serde_json::Value;

use super::{calls::code, lay::Style};
use crate::{
    model::Status,
    text::{pad_right, width},
    theme::Tone,
    widgets::rich::{Piece, RichLine},
};

/// Columns of the names at most.
const NAMES: usize = 16;

/// The fields of an object; `None` when the text is none (cut, or of another kind).
pub(super) fn lines(text: &str, style: Style<'_>) -> Option<Vec<RichLine>> {
    let Ok(Value::Object(object)) = serde_json::from_str(text) else { return None };
    let names = object.keys().map(|name| width(name)).max().unwrap_or(0).min(NAMES) + 2;
    let mut out = Vec::new();
    // As they were written: what was there comes before what became of it.
    let mut fields: Vec<_> = object.iter().collect();
    fields.sort_by_key(|(name, _)| text.find(&format!("\"{name}\"")));
    for (name, value) in fields {
        push_field(&mut out, name, value, names, style);
    }
    Some(out)
}

fn push_field(out: &mut Vec<RichLine>, name: &str, value: &Value, names: usize, style: Style<'_>) {
    let room = style.room();
    let label = Piece::new(pad_right(name, names), Tone::Muted);
    match value {
        Value::String(text) if text.contains('\n') || is_change(name) => {
            out.push(RichLine(vec![Piece::new(name, Tone::Muted)]));
            let (sign, tone) = match name {
                "old_string" => ("- ", Tone::Critical),
                "new_string" => ("+ ", Tone::Good),
                _ => ("  ", Tone::Text),
            };
            let parts = |line: &str| RichLine::of(format!("{sign}{line}"), tone).hang(room);
            out.extend(text.lines().flat_map(parts));
        }
        Value::Array(all) if all.iter().any(Value::is_object) => {
            out.push(RichLine(vec![Piece::new(name, Tone::Muted)]));
            for one in all {
                push_item(out, one, style);
            }
        }
        Value::Array(all) if all.iter().all(|one| !one.is_array()) => {
            let words: Vec<String> = all.iter().map(word).collect();
            push_value(out, &label, &words.join(", "), style);
        }
        Value::Array(_) | Value::Object(_) => {
            out.push(RichLine(vec![Piece::new(name, Tone::Muted)]));
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            out.extend(code(&text, style));
        }
        _ => push_value(out, &label, &word(value), style),
    }
}

fn is_change(name: &str) -> bool {
    matches!(name, "old_string" | "new_string")
}

/// A name and its value; what goes on stands under the value.
fn push_value(out: &mut Vec<RichLine>, label: &Piece, value: &str, style: Style<'_>) {
    let parts = RichLine::of(value, Tone::Text).hang(beside(label, style));
    push_beside(out, label, parts);
}

/// Columns beside what stands before the first line.
fn beside(first: &Piece, style: Style<'_>) -> usize {
    style.room().saturating_sub(width(&first.text)).max(8)
}

fn push_beside(out: &mut Vec<RichLine>, first: &Piece, parts: Vec<RichLine>) {
    let blank = Piece::new(" ".repeat(width(&first.text)), Tone::Text);
    let parts = parts.into_iter().enumerate();
    out.extend(parts.map(|(at, part)| part.after(if at == 0 { first } else { &blank })));
}

/// One of several objects: how it stands and what it says, then the rest of it.
fn push_item(out: &mut Vec<RichLine>, item: &Value, style: Style<'_>) {
    let Value::Object(item) = item else {
        return push_words(out, style.glyphs.dot, Tone::Muted, &word(item), style);
    };
    let state = item.get("status").and_then(Value::as_str);
    let said =
        ["content", "subject", "step", "question", "title"].into_iter().find(|name| item.contains_key(*name));
    // How a thing to do is called while it is done says nothing more.
    let is_rest =
        |name: &str| Some(name) != said && name != "activeForm" && !(name == "status" && state.is_some());
    let rest = item.iter().filter(|(name, _)| is_rest(name));
    let rest: Vec<String> = rest.map(|(name, value)| format!("{name}: {}", word(value))).collect();
    let said = said.and_then(|name| item.get(name)).map(word);
    let (mark, tone) = state.map_or((style.glyphs.dot, Tone::Muted), |state| mark(state, style));
    let words: Vec<String> = state.map(str::to_owned).into_iter().chain(said).chain(rest).collect();
    push_words(out, mark, tone, &words.join("  "), style);
}

fn push_words(out: &mut Vec<RichLine>, mark: &str, tone: Tone, words: &str, style: Style<'_>) {
    let mark = Piece::new(format!("  {mark} "), tone);
    let parts = RichLine::of(words, Tone::Text).wrap(beside(&mark, style));
    push_beside(out, &mark, parts);
}

/// The mark of a state as agents write it; the word stands beside it as it was written.
fn mark<'a>(state: &str, style: Style<'a>) -> (&'a str, Tone) {
    let status = match state {
        "pending" => Status::Queued,
        "in_progress" => Status::Running,
        "completed" => Status::Succeeded,
        "cancelled" | "deleted" => Status::Cancelled,
        _ => Status::Unknown,
    };
    (style.glyphs.status(status), status.into())
}

/// A value on one line: a text as it is, anything else as it is written.
fn word(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
