//! Colours of JSON: keys, texts, numbers and what holds them together.

use ratatui::text::Span;

use crate::{theme::Tone, widgets::Ink};

/// A JSON text (or the beginning of one) in its colours.
pub(super) fn painted(text: &str, ink: Ink<'_>) -> Vec<Span<'static>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, tone) = match first {
            '"' => {
                let length = quoted(rest);
                let after = rest.get(length..).unwrap_or_default().trim_start();
                (length, if after.starts_with(':') { Tone::Key } else { Tone::Text })
            }
            '-' | '0'..='9' => {
                let is_part = |ch: char| ch.is_ascii_digit() || "+-.eE".contains(ch);
                (rest.find(|ch| !is_part(ch)).unwrap_or(rest.len()), Tone::Series5)
            }
            'a'..='z' => {
                let length = rest.find(|ch: char| !ch.is_ascii_lowercase()).unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or_default();
                (length, if matches!(word, "true" | "false" | "null") { Tone::Series3 } else { Tone::Text })
            }
            '{' | '}' | '[' | ']' | ',' | ':' | ' ' => {
                let is_part = |ch: char| "{}[],: ".contains(ch);
                (rest.find(|ch| !is_part(ch)).unwrap_or(rest.len()), Tone::Muted)
            }
            other => (other.len_utf8(), Tone::Text),
        };
        let (head, tail) = rest.split_at_checked(length.max(1)).unwrap_or((rest, ""));
        out.push(ink.span(head.to_owned(), tone));
        rest = tail;
    }
    out
}

/// Bytes of the quoted text at the beginning.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, ch) in text.char_indices().skip(1) {
        match ch {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
