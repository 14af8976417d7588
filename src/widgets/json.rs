//! JSON in tones: keys, texts, numbers, words. A tokeniser of one line, so that a cut or foreign line is drawn as well as it
//! can be.

use super::rich::{Piece, RichLine};
use crate::theme::Tone;

/// Whether a text is JSON by its look: an object or an array as a whole.
pub fn looks_like(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

/// A line of indented JSON in tones.
pub fn line(text: &str) -> RichLine {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, tone) = match first {
            '"' => {
                let end = string_end(rest);
                let is_key = rest.get(end..).is_some_and(|after| after.trim_start().starts_with(':'));
                (end, if is_key { Tone::Key } else { Tone::Good })
            }
            '-' | '0'..='9' => (
                run(rest, |ch| ch.is_ascii_digit() || matches!(ch, '-' | '+' | '.' | 'e' | 'E')),
                Tone::Series3,
            ),
            'a'..='z' => (run(rest, |ch| ch.is_ascii_alphanumeric()), Tone::Info),
            '{' | '}' | '[' | ']' | ',' | ':' => (1, Tone::Muted),
            ch if ch.is_whitespace() => (run(rest, char::is_whitespace), Tone::Text),
            _ => (run(rest, |ch| !ch.is_whitespace() && ch != '"'), Tone::Text),
        };
        let (token, after) = rest.split_at(length.max(first.len_utf8()).min(rest.len()));
        match pieces.last_mut() {
            Some(last) if last.tone == tone => last.text.push_str(token),
            _ => pieces.push(Piece::new(token, tone)),
        }
        rest = after;
    }
    RichLine(pieces)
}

fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|ch| !wanted(ch)).unwrap_or(text.len())
}

/// Behind the closing quote of the text that begins here, or the end of the line.
fn string_end(text: &str) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_tones_and_no_letter_is_lost() {
        let text = "  \"a \\\" b\": [\"ä\", -1.5e3, true, null, {}], odd ☃ \"cut";
        let line = line(text);
        assert_eq!(line.plain(), text);
        let tone = |part: &str| line.0.iter().find(|piece| piece.text.contains(part)).map(|piece| piece.tone);
        assert_eq!(tone("\"a \\\" b\""), Some(Tone::Key));
        assert_eq!(tone("\"ä\""), Some(Tone::Good));
        assert_eq!(tone("-1.5e3"), Some(Tone::Series3));
        assert_eq!(tone("true"), Some(Tone::Info));
        assert!(looks_like(" {\"a\": 1}\n") && !looks_like("{cut") && !looks_like("text"));
    }
}
