//! A text of a conversation, bounded.

use crate::text::{MAX_LINE_BYTES, Safe};

/// Bytes of a text that are kept at most; the record itself is whole in the inspector.
pub const MAX_BODY: usize = 64 * 1024;

/// A text and how much of it was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The text, sanitised.
    pub text: Safe,
    /// Bytes that were left out, at the end or in lines that are too long.
    pub cut: u64,
}

impl Body {
    /// Sanitises a text and bounds it.
    pub fn of(raw: &str) -> Self {
        Self::bounded(raw, MAX_BODY)
    }

    /// The same with another bound, in bytes.
    pub fn bounded(raw: &str, most: usize) -> Self {
        let kept = head(raw, most);
        let long: usize = kept.lines().map(|line| line.len().saturating_sub(MAX_LINE_BYTES)).sum();
        Self { text: Safe::text(kept), cut: (raw.len() - kept.len() + long) as u64 }
    }

    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Leaves out what goes beyond `most` bytes; how many bytes that saved.
    pub(super) fn shorten(&mut self, most: usize) -> usize {
        let kept = head(&self.text, most);
        let saved = self.text.len() - kept.len();
        if saved > 0 {
            self.text = Safe::text(kept);
            self.cut += saved as u64;
        }
        saved
    }
}

/// The longest beginning of at most `most` bytes that ends between two characters.
fn head(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.split_at(end).0
}
