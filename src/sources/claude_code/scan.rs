//! A reader of one line of JSON that goes through the bytes once, allocates nothing and never recurses: fat strings are
//! jumped over with a byte search, nesting is counted. Values come out as raw slices; [`text`] decodes a string when its
//! words are wanted.
//!
//! It accepts a little more than JSON (it does not look inside values that nobody asked for), but never reads a cut or
//! spliced line as whole: quotes and brackets must add up and members must be separated.

use crate::sources::read::{json::string_end, places::Places};

/// The line is no JSON object, or a cut one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// A place in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next byte that is not blank, without taking it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Nothing but blanks is left.
    pub(super) fn is_done(&mut self) -> bool {
        self.peek().is_none()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Broken)
        }
    }

    /// Goes through an object: `member` gets each key and must take its value. A value that is no object is passed over and
    /// answers `false`.
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &'a [u8]) -> Result<(), Broken>,
    ) -> Result<bool, Broken> {
        if self.peek() != Some(b'{') {
            self.value()?;
            return Ok(false);
        }
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(true);
        }
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            member(self, key)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(true);
                }
                _ => return Err(Broken),
            }
        }
    }

    /// Goes through an array: `element` must take each value. A value that is no array is passed over and answers `false`.
    pub(super) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), Broken>,
    ) -> Result<bool, Broken> {
        if self.peek() != Some(b'[') {
            self.value()?;
            return Ok(false);
        }
        self.at += 1;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(true);
        }
        loop {
            element(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(true);
                }
                _ => return Err(Broken),
            }
        }
    }

    /// Takes a string; what stands between its quotes, escapes and all.
    pub(super) fn string(&mut self) -> Result<&'a [u8], Broken> {
        self.expect(b'"')?;
        let end = string_end(self.bytes, self.at).ok_or(Broken)?;
        let inside = self.bytes.get(self.at..end).ok_or(Broken)?;
        self.at = end + 1;
        Ok(inside)
    }

    /// Takes any value; what stands between its quotes if it is a string, else nothing.
    pub(super) fn string_or_skip(&mut self) -> Result<&'a [u8], Broken> {
        if self.peek() == Some(b'"') {
            return self.string();
        }
        self.value()?;
        Ok(b"")
    }

    /// Takes any value; whether it is `true`.
    pub(super) fn is_true(&mut self) -> Result<bool, Broken> {
        Ok(self.value()? == b"true")
    }

    /// Takes any value as raw bytes.
    pub(super) fn value(&mut self) -> Result<&'a [u8], Broken> {
        let first = self.peek().ok_or(Broken)?;
        let start = self.at;
        match first {
            b'"' => {
                self.string()?;
            }
            b'{' | b'[' => self.skip_nested()?,
            b'}' | b']' | b',' | b':' => return Err(Broken),
            _ => {
                let rest = self.bytes.get(start..).unwrap_or_default();
                let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'"'));
                self.at = start + length.unwrap_or(rest.len());
            }
        }
        self.bytes.get(start..self.at).ok_or(Broken)
    }

    fn skip_nested(&mut self) -> Result<(), Broken> {
        let mut depth = 0_usize;
        loop {
            match self.bytes.get(self.at).ok_or(Broken)? {
                b'"' => {
                    self.at = string_end(self.bytes, self.at + 1).ok_or(Broken)?;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Ok(());
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// A whole number that is not negative; `None` for anything else.
pub(super) fn number(raw: &[u8]) -> Option<u64> {
    if raw.is_empty() || raw.len() > 19 {
        return None;
    }
    raw.iter().try_fold(0_u64, |sum, digit| {
        digit.is_ascii_digit().then(|| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    })
}

/// A number with fraction.
pub(super) fn decimal(raw: &[u8]) -> Option<f64> {
    std::str::from_utf8(raw).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Decodes what stands between the quotes of a string, at most about `limit` bytes of it; lone surrogates and invalid
/// UTF-8 become U+FFFD.
pub(super) fn text(raw: &[u8], limit: usize) -> String {
    let raw = if raw.len() > limit { raw.get(..limit).unwrap_or_default() } else { raw };
    if !raw.contains(&b'\\') {
        return String::from_utf8_lossy(raw).into_owned();
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        rest = push_escape(&mut out, escape);
    }
    out.extend_from_slice(rest);
    String::from_utf8_lossy(&out).into_owned()
}

/// Decodes the escape at the head of `escape`; what follows it.
fn push_escape<'a>(out: &mut Vec<u8>, escape: &'a [u8]) -> &'a [u8] {
    let Some(kind) = escape.get(1) else { return &[] };
    let plain = match kind {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        b'u' => return push_unicode(out, escape),
        other => *other,
    };
    out.push(plain);
    escape.get(2..).unwrap_or_default()
}

fn push_unicode<'a>(out: &mut Vec<u8>, escape: &'a [u8]) -> &'a [u8] {
    let unit = |from: usize| {
        let digits = std::str::from_utf8(escape.get(from..from + 4)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(2) else { return escape.get(2..).unwrap_or_default() };
    let mut used = 6;
    let mut code = first;
    let is_high = (0xd800..0xdc00).contains(&first) && escape.get(6..8) == Some(b"\\u");
    let second = unit(8).filter(|unit| is_high && (0xdc00..0xe000).contains(unit));
    if let Some(second) = second {
        code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        used = 12;
    }
    let mut buffer = [0; 4];
    let decoded = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(decoded.encode_utf8(&mut buffer).as_bytes());
    escape.get(used..).unwrap_or_default()
}

/// Lines of an escaped text: its line breaks, and one more for a last line without.
pub(super) fn count_lines(raw: &[u8]) -> u64 {
    if raw.is_empty() {
        return 0;
    }
    let breaks = line_breaks(raw).count() as u64;
    if raw.ends_with(b"\\n") && line_breaks(raw).last() == Some(raw.len() - 2) { breaks } else { breaks + 1 }
}

/// Places of the escapes `\n` in an escaped text.
fn line_breaks(raw: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut behind = 0;
    Places::new(raw, 0, b'\\').filter(move |slash| {
        // The second backslash of an escaped one begins nothing.
        if *slash < behind {
            return false;
        }
        behind = slash + 2;
        raw.get(slash + 1) == Some(&b'n')
    })
}

/// Lines that differ between two escaped texts once common lines at both ends are left out: (added, removed).
pub(super) fn changed_lines(old: &[u8], new: &[u8]) -> (u64, u64) {
    let lines = |raw| {
        let mut from = 0;
        let mut out: Vec<&[u8]> = Vec::new();
        for slash in line_breaks(raw) {
            out.push(raw.get(from..slash).unwrap_or_default());
            from = slash + 2;
        }
        if let Some(rest) = raw.get(from..).filter(|rest| !rest.is_empty()) {
            out.push(rest);
        }
        out
    };
    let (old, new) = (lines(old), lines(new));
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let room = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    ((new.len() - head - tail) as u64, (old.len() - head - tail) as u64)
}

#[cfg(test)]
mod tests;
