//! One line of JSON as an object whose values are looked at only when asked for: huge arguments cost nothing, deep
//! nesting cannot overflow the stack, and a wrong type in one value does not lose the line.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::value::RawValue;

/// A JSON object with unread values.
#[derive(Debug)]
pub(in super::super) struct Object<'a> {
    values: BTreeMap<String, &'a RawValue>,
}

impl<'a> Object<'a> {
    /// Parses a line; `None` when it is not one JSON object (torn, glued to another, foreign).
    pub(in super::super) fn parse(line: &'a str) -> Option<Self> {
        serde_json::from_str(line).ok().map(|values| Self { values })
    }

    /// The raw text of a value.
    pub(in super::super) fn raw(&self, key: &str) -> Option<&'a str> {
        self.values.get(key).map(|raw| raw.get())
    }

    /// A string value; unpaired surrogates become U+FFFD.
    pub(in super::super) fn text(&self, key: &str) -> Option<String> {
        let raw = self.raw(key)?;
        serde_json::from_str(raw).or_else(|_| serde_json::from_str(&mend_surrogates(raw))).ok()
    }

    /// Any value, as long as it is not nested absurdly.
    pub(in super::super) fn value(&self, key: &str) -> Option<serde_json::Value> {
        let raw = self.raw(key)?;
        serde_json::from_str(raw).or_else(|_| serde_json::from_str(&mend_surrogates(raw))).ok()
    }

    /// `true` or `false`; anything else is not stated.
    pub(in super::super) fn flag(&self, key: &str) -> Option<bool> {
        serde_json::from_str(self.raw(key)?).ok()
    }

    /// A number.
    pub(in super::super) fn number(&self, key: &str) -> Option<f64> {
        serde_json::from_str(self.raw(key)?).ok()
    }

    /// A count; fractions are cut, negative ones are nonsense.
    pub(in super::super) fn count(&self, key: &str) -> Option<u64> {
        serde_json::from_str(self.raw(key)?)
            .ok()
            .or_else(|| self.number(key).filter(|number| *number >= 0.0).map(|number| number as u64))
    }

    /// An object inside.
    pub(in super::super) fn object(&self, key: &str) -> Option<Object<'a>> {
        Object::parse(self.raw(key)?)
    }
}

/// Replaces `\uD83D` and the like without their other half by `\ufffd`, which strict parsers accept.
fn mend_surrogates(raw: &str) -> Cow<'_, str> {
    if !raw.contains("\\u") {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let Some((unit, tail)) = escape(after) else {
            let mut chars = after.chars();
            out.push('\\');
            out.extend(chars.next());
            rest = chars.as_str();
            continue;
        };
        rest = tail;
        let low = tail.strip_prefix('\\').and_then(escape).filter(|(low, _)| (0xdc00..0xe000).contains(low));
        match (unit, low) {
            (0xd800..0xdc00, Some((low, tail))) => {
                push_unit(&mut out, unit);
                push_unit(&mut out, low);
                rest = tail;
            }
            (0xd800..0xe000, _) => out.push_str("\\ufffd"),
            _ => push_unit(&mut out, unit),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn push_unit(out: &mut String, unit: u32) {
    use std::fmt::Write as _;
    // Writing into a string cannot fail.
    let _ = write!(out, "\\u{unit:04x}");
}

/// `uXXXX` after a backslash: its code unit and what follows.
fn escape(after: &str) -> Option<(u32, &str)> {
    let (digits, tail) = after.strip_prefix('u')?.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, tail))
}
