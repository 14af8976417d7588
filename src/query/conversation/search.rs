//! Finding text in a conversation. Small letters find large ones too; a large letter in what is looked for makes it exact.

use std::ops::Range;

use crate::{
    model::{Body, Entry, FileChange},
    query::diff,
    text::{
        find::{Manner, Pattern},
        mask,
    },
};

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Needle {
    text: String,
    pattern: Pattern,
}

impl Needle {
    /// `None` when there is nothing to look for.
    pub fn new(text: &str) -> Option<Self> {
        let pattern = Pattern::new(text, Manner::Literal).ok()?;
        Some(Self { text: text.to_owned(), pattern })
    }

    /// What is looked for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands in a text, in order.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        self.pattern.marks(text)
    }

    /// How often it stands in an entry, in everything that can be shown of it.
    pub fn count(&self, entry: &Entry, revealed: bool) -> usize {
        let body = |body: &Body| self.ranges(&mask::unless(revealed, &body.text)).len();
        let mut count = body(&entry.text);
        if let Some(call) = &entry.call {
            count += self.ranges(&mask::unless(revealed, &call.line())).len();
            let changes: String = call.changes().iter().map(|change| hunk_text(change, revealed)).collect();
            count += if changes.is_empty() { body(&call.input) } else { self.ranges(&changes).len() };
            count += call.result.as_ref().map_or(0, |result| body(&result.output));
        }
        count
    }
}

/// The pieces of a change as text, each with its head line; empty when nothing is known of them. Hidden as a whole: a
/// private key goes over many lines.
pub fn hunk_text(change: &FileChange, revealed: bool) -> String {
    let mut text = String::new();
    for hunk in diff::hunks(change).iter() {
        text.push_str(&diff::head(hunk));
        text.push('\n');
        for line in &hunk.lines {
            text.push_str(line);
            text.push('\n');
        }
    }
    mask::unless(revealed, &text).into_owned()
}
