//! Wrapping text once and keeping the result: a long prompt costs its wrapping when it changes, not a frame.

use std::{cell::RefCell, rc::Rc};

use unicode_segmentation::UnicodeSegmentation;

use super::rich::RichLine;
use crate::text::width as columns_of;

/// Breaks text into lines of at most `width` columns: at blanks where possible, inside words where not. Line breaks stay,
/// empty lines too.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut out = Vec::new();
    for line in text.lines() {
        wrap_line(line.trim_end(), width, &mut out);
    }
    if out.is_empty() {
        out.push(String::new());
    }
    out
}

fn wrap_line(line: &str, width: usize, out: &mut Vec<String>) {
    let mut current = String::new();
    let mut used = 0;
    for word in line.split_word_bounds() {
        let wide = columns_of(word);
        if used + wide <= width {
            current.push_str(word);
            used += wide;
            continue;
        }
        let blank = word.chars().all(char::is_whitespace);
        if used > 0 {
            out.push(std::mem::take(&mut current).trim_end().to_owned());
            used = 0;
        }
        if blank {
            continue;
        }
        for cluster in word.graphemes(true) {
            let wide = columns_of(cluster);
            if used + wide > width {
                out.push(std::mem::take(&mut current));
                used = 0;
            }
            current.push_str(cluster);
            used += wide;
        }
    }
    out.push(current);
}

/// A text, the columns it was laid out for, and its lines.
type Known = (String, usize, Rc<Vec<RichLine>>);

/// The lines of the newest text it was asked for.
#[derive(Debug, Default)]
pub struct Laid(RefCell<Option<Known>>);

impl Laid {
    /// The lines of `text` at `width`, laid out anew only when one of them changed.
    pub fn lines(
        &self,
        text: &str,
        width: usize,
        lay: impl FnOnce(&str, usize) -> Vec<RichLine>,
    ) -> Rc<Vec<RichLine>> {
        let mut slot = self.0.borrow_mut();
        if let Some((known, at, lines)) = slot.as_ref()
            && *at == width
            && known == text
        {
            return Rc::clone(lines);
        }
        let lines = Rc::new(lay(text, width));
        *slot = Some((text.to_owned(), width, Rc::clone(&lines)));
        lines
    }
}
