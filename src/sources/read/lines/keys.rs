//! Private keys that reach over several lines: a line says by itself that it is a part of one only at its border, so what
//! stands around it is looked at.

use std::{borrow::Cow, io, ops::Range};

use super::{Span, Spans};
use crate::text::mask::{self, LONGEST_KEY, MASK};

/// Bytes looked at together, so that lines which follow each other are looked up once.
const TOGETHER: u64 = 64 * 1024;

/// What is known of keys around the line that was asked for last.
#[derive(Debug, Default)]
pub struct Keys {
    /// Of which text, and which of its bytes.
    known: Option<(usize, Range<u64>)>,
    /// Where keys stand in them.
    found: Vec<Range<u64>>,
}

impl Keys {
    /// The line with what is inside of a private key hidden; `bytes` is what stands in it, or its beginning.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn hide<'b>(
        &mut self,
        text: usize,
        spans: &mut Spans,
        span: Span,
        bytes: &'b [u8],
    ) -> io::Result<Cow<'b, [u8]>> {
        let around = LONGEST_KEY as u64;
        let wanted = span.start.saturating_sub(around)..(span.start + around).min(spans.size());
        let is_known = self.known.as_ref().is_some_and(|(its, range)| {
            *its == text && range.start <= wanted.start && range.end >= wanted.end
        });
        if !is_known {
            let range = wanted.start..(span.start + around + TOGETHER).min(spans.size());
            let near = spans.range(range.start, range.end)?;
            let found = mask::keys_over_lines(&near).into_iter();
            self.found =
                found.map(|key| range.start + key.start as u64..range.start + key.end as u64).collect();
            self.known = Some((text, range));
        }
        let inside = self.found.iter().find(|key| key.contains(&span.start));
        let Some(key) = inside else { return Ok(Cow::Borrowed(bytes)) };
        let hidden = (key.end - span.start).min(bytes.len() as u64) as usize;
        let rest = bytes.get(hidden..).unwrap_or_default();
        if bytes.get(..hidden).unwrap_or_default().trim_ascii().is_empty() {
            return Ok(Cow::Borrowed(bytes));
        }
        Ok(Cow::Owned([MASK.as_bytes(), rest].concat()))
    }
}
