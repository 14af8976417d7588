//! A JSON object out of a line, also out of the beginning of one that is cut.

use serde_json::{Map, Value};

/// Objects nested deeper are not looked into.
const DEPTH: usize = 64;

/// The object that `text` is, or begins to be.
pub(super) fn object(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Some(object),
        Err(error) if error.is_eof() => match serde_json::from_str(&closed(text)?) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        },
        Ok(_) | Err(_) => None,
    }
}

/// The text up to the last whole member, with everything closed that is open there.
fn closed(text: &str) -> Option<String> {
    let (mut open, mut inside, mut escaped) = (Vec::new(), false, false);
    let mut good: Option<(usize, Vec<char>)> = None;
    for (at, ch) in text.char_indices() {
        if inside {
            match ch {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => inside = false,
                _ => {}
            }
            continue;
        }
        match ch {
            '"' => inside = true,
            '{' | '[' if open.len() < DEPTH => {
                open.push(if ch == '{' { '}' } else { ']' });
                good = Some((at + 1, open.clone()));
            }
            '{' | '[' => break,
            '}' | ']' => {
                open.pop();
                good = Some((at + 1, open.clone()));
            }
            // Behind a comma a member is whole; a value right before it may be a number that goes on.
            ',' => good = Some((at, open.clone())),
            _ => {}
        }
    }
    // A text that is cut inside a string: what there is of it is worth reading when it is a value.
    if inside && let Some(cut) = cut_value(text, &open) {
        return Some(cut);
    }
    let (end, open) = good?;
    let mut out = text.get(..end)?.to_owned();
    out.extend(open.iter().rev());
    Some(out)
}

/// The text with its last string closed, when that string is the value of a key.
fn cut_value(text: &str, open: &[char]) -> Option<String> {
    let backslashes = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
    let end = text.len() - backslashes % 2;
    let mut out = text.get(..end)?.to_owned();
    // A cut `\u12` is no escape.
    if let Some(at) = out.rfind("\\u").filter(|at| out.len() - at < 6) {
        out.truncate(at);
    }
    out.push_str("…\"");
    out.extend(open.iter().rev());
    serde_json::from_str::<Value>(&out).ok().map(|_| out)
}
