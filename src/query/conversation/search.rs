//! Finding text in a conversation. Small letters find large ones too; a large letter in what is looked for makes it exact.

use std::ops::Range;

use memchr::memmem::Finder;

use crate::{
    model::{Body, Entry, FileChange},
    query::diff,
    text::secrets,
};

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Needle {
    text: String,
    exact: bool,
    finder: Finder<'static>,
}

impl Needle {
    /// `None` when there is nothing to look for.
    pub fn new(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let exact = text.chars().any(char::is_uppercase);
        let wanted = if exact { text.to_owned() } else { text.to_lowercase() };
        let finder = Finder::new(wanted.as_bytes()).into_owned();
        Some(Self { text: wanted, exact, finder })
    }

    /// What is looked for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands in a text, in order.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        if !self.may_hold(text) {
            return Vec::new();
        }
        if self.exact || text.is_ascii() {
            let lower;
            let hay = if self.exact {
                text.as_bytes()
            } else {
                lower = text.to_ascii_lowercase();
                lower.as_bytes()
            };
            return self.finder.find_iter(hay).map(|at| at..at + self.text.len()).collect();
        }
        self.folded(text)
    }

    /// Letters whose small form has another length are found where they stand.
    fn folded(&self, text: &str) -> Vec<Range<usize>> {
        let mut lower = String::with_capacity(text.len());
        let mut places = Vec::with_capacity(text.len());
        for (at, ch) in text.char_indices() {
            for small in ch.to_lowercase() {
                lower.push(small);
                places.resize(lower.len(), at);
            }
        }
        places.push(text.len());
        let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
        self.finder
            .find_iter(lower.as_bytes())
            .map(|at| {
                let end = place(at + self.text.len() - 1);
                let last = text.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                place(at)..end + last
            })
            .collect()
    }

    /// Whether the text holds it; cheap where it does not.
    fn may_hold(&self, text: &str) -> bool {
        text.len() + 2 >= self.text.len()
    }

    /// How often it stands in an entry, in everything that can be shown of it.
    pub fn count(&self, entry: &Entry, revealed: bool) -> usize {
        let body = |body: &Body| {
            if revealed {
                self.ranges(&body.text).len()
            } else {
                self.ranges(&secrets::hide(&body.text)).len()
            }
        };
        let mut count = body(&entry.text);
        if let Some(call) = &entry.call {
            count += self.ranges(&secrets::hide(&call.line())).len();
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
    if revealed { text } else { secrets::hide(&text).into_owned() }
}
