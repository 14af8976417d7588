//! Finding a text, a regular expression or loose words in a conversation, in one line of what was said as in logs. Small
//! letters find large ones too; a large letter in what is looked for makes it exact.

use std::ops::Range;

use crate::{
    model::{Body, Entry, FileChange},
    query::diff,
    text::{
        find::{Manner, Pattern, PatternError},
        mask,
    },
    viewer::Search,
};

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Needle {
    search: Search,
    pattern: Pattern,
}

impl Needle {
    /// Compiles what was typed.
    ///
    /// # Errors
    /// When there is nothing in it or it is no regular expression.
    pub fn new(search: &Search) -> Result<Self, PatternError> {
        let pattern = Pattern::new(&search.text, search.manner)?;
        Ok(Self { search: search.clone(), pattern })
    }

    /// What is looked for.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Where it, or one of its loose words, stands in a text, in order.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        self.pattern.marks(text)
    }

    /// How often it stands in a text, line by line; loose words stand once in a line that has all of them.
    fn count_in(&self, text: &str) -> usize {
        if self.pattern.first(text.as_bytes()).is_none() {
            return 0;
        }
        let lines = text.lines().filter(|line| self.pattern.hits(line.as_bytes()));
        match self.search.manner {
            Manner::Fuzzy => lines.count(),
            _ => lines.map(|line| self.ranges(line).len()).sum(),
        }
    }

    /// How often it stands in an entry, in everything that can be shown of it.
    pub fn count(&self, entry: &Entry, revealed: bool) -> usize {
        let body = |body: &Body| self.count_in(&mask::unless(revealed, &body.text));
        let mut count = body(&entry.text);
        if let Some(call) = &entry.call {
            count += self.count_in(&mask::unless(revealed, &call.line()));
            let changes: String = call.changes().iter().map(|change| hunk_text(change, revealed)).collect();
            count += if changes.is_empty() { body(&call.input) } else { self.count_in(&changes) };
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
