//! Small JSON documents that their owners rewrite in place: parse, or keep what was good. Knows nothing of their contents.

use std::{io, path::Path, thread, time::Duration};

use serde::de::DeserializeOwned;

use super::{open, places::Places};

/// Pauses before a torn document is read again, in milliseconds.
const PAUSES: [u64; 4] = [20, 50, 100, 250];
/// Largest document that is read.
pub const MAX_DOCUMENT: u64 = 64 * 1024 * 1024;

/// Why a document gave no value.
#[derive(Debug)]
pub enum DocumentError {
    /// It cannot be opened or read.
    Io(io::Error),
    /// It is empty, cut, or no JSON of the expected shape: most likely it is being written.
    Torn(String),
    /// It is larger than [`MAX_DOCUMENT`].
    TooLarge,
}

/// Reads a document once.
///
/// # Errors
/// When it cannot be read or does not parse; an empty file counts as torn.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, DocumentError> {
    let file = open::regular(path).map_err(DocumentError::Io)?;
    let size = file.metadata().map_err(DocumentError::Io)?.len();
    if size > MAX_DOCUMENT {
        return Err(DocumentError::TooLarge);
    }
    let mut bytes = vec![0; size as usize];
    let count = open::read_at(&file, &mut bytes, 0).map_err(DocumentError::Io)?;
    bytes.truncate(count);
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(text)
        .or_else(|_| serde_json::from_str(&String::from_utf8_lossy(text)))
        .map_err(|error| DocumentError::Torn(error.to_string()))
}

/// Reads a document; a torn one is read again after short pauses (0.4 s in all).
///
/// # Errors
/// As [`read`], of the last try.
pub fn read_patiently<T: DeserializeOwned>(path: &Path) -> Result<T, DocumentError> {
    let mut answer = read(path);
    for pause in PAUSES {
        if !matches!(answer, Err(DocumentError::Torn(_))) {
            break;
        }
        thread::sleep(Duration::from_millis(pause));
        answer = read(path);
    }
    answer
}

/// A document and its last good value.
#[derive(Debug)]
pub struct Document<T> {
    good: Option<T>,
    stale: bool,
}

impl<T> Default for Document<T> {
    fn default() -> Self {
        Self { good: None, stale: false }
    }
}

impl<T: DeserializeOwned> Document<T> {
    /// Looks again. A torn or unreadable document keeps the last good value; one that is gone has none.
    pub fn refresh(&mut self, path: &Path) -> Option<&T> {
        // Only a value worth keeping is worth waiting for.
        let answer = if self.good.is_some() { read_patiently(path) } else { read(path) };
        self.stale = answer.is_err();
        match answer {
            Ok(value) => self.good = Some(value),
            Err(DocumentError::Io(error)) if error.kind() == io::ErrorKind::NotFound => self.good = None,
            Err(_) => {}
        }
        self.good.as_ref()
    }

    /// The last good value.
    pub fn value(&self) -> Option<&T> {
        self.good.as_ref()
    }

    /// The last look found no good document.
    pub fn is_stale(&self) -> bool {
        self.stale
    }
}

/// The value of a line by other programs: invalid UTF-8 and halves of surrogate pairs (a text that was cut) become U+FFFD.
pub fn lenient(bytes: &[u8]) -> Option<serde_json::Value> {
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Some(value);
    }
    serde_json::from_str(&without_halves(&String::from_utf8_lossy(bytes))).ok()
}

/// JSON text whose escapes of lone surrogates are replaced.
fn without_halves(text: &str) -> String {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let (mut done, mut at) = (0, 0);
    while let Some(slash) = text.get(at..).and_then(|rest| memchr::memchr(b'\\', rest.as_bytes())) {
        let slash = at + slash;
        at = slash + 2;
        let Some(code @ 0xd800..0xe000) = unit(slash) else { continue };
        at = slash + 6;
        if code < 0xdc00 && matches!(unit(at), Some(0xdc00..0xe000)) {
            at += 6;
            continue;
        }
        out.push_str(text.get(done..slash).unwrap_or_default());
        out.push('\u{fffd}');
        done = at;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Whether the bytes are one complete JSON object or array and nothing else. Looks at strings and brackets only, in a loop
/// (a parser would refuse deep nesting).
pub fn is_complete(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    if !matches!(bytes.first(), Some(b'{' | b'[')) {
        return false;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => match string_end(bytes, at + 1) {
                Some(end) => at = end,
                None => return false,
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1 == bytes.len();
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// A JSON object or array in a line for each of its parts, otherwise exactly as it is written: order, numbers and escapes
/// stay. None for everything else, and for what is nested so that laying it out would blow it up.
pub fn indented(text: &str) -> Option<String> {
    if !text.starts_with(['{', '[']) || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return None;
    }
    let bytes = text.as_bytes();
    let most = text.len() * 3 + 64 * 1024;
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at).copied().filter(|_| out.len() <= most) {
        let mut end = at + 1;
        let is_closing = matches!(byte, b'}' | b']');
        if is_closing {
            depth = depth.saturating_sub(1);
        }
        if is_closing && !out.ends_with(['{', '[']) {
            new_line(&mut out, depth);
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at = end;
                continue;
            }
            b'"' => end = string_end(bytes, end)? + 1,
            b'{' | b'[' | b'}' | b']' | b',' | b':' => {}
            _ => {
                let rest = bytes.get(end..).unwrap_or_default();
                end += rest.iter().take_while(|byte| is_in_word(**byte)).count();
            }
        }
        if out.ends_with(['{', '[']) && !is_closing {
            new_line(&mut out, depth);
        }
        out.push_str(text.get(at..end)?);
        match byte {
            b'{' | b'[' => depth += 1,
            b',' => new_line(&mut out, depth),
            b':' => out.push(' '),
            _ => {}
        }
        at = end;
    }
    (out.len() <= most).then_some(out)
}

fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Index of the quote that ends the string whose first byte is at `from`.
#[inline]
pub fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    Places::new(bytes, from, b'"').find(|quote| {
        *quote == from || bytes.get(quote - 1) != Some(&b'\\') || !is_escaped(bytes, from, *quote)
    })
}

/// Whether an odd number of backslashes stands before `at` in the string that begins at `from`.
fn is_escaped(bytes: &[u8], from: usize, at: usize) -> bool {
    let before = bytes.get(from..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests;
