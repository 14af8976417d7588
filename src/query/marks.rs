//! Which words differ in two lines that took each other's place.

use std::ops::Range;

use similar::{ChangeTag, TextDiff};
use unicode_segmentation::UnicodeSegmentation;

/// Bytes of a line that is looked at: the time grows with the square of its words.
const LONGEST: usize = 600;
/// Lines that have less in common than this are different lines.
const ALIKE: f32 = 0.4;

/// Bytes that are gone from a line.
pub type Spans = Vec<Range<usize>>;

/// What is gone of the old line and what is new in the other, in bytes; `None` when they have too little in common to be
/// compared word by word.
pub fn words(old: &str, new: &str) -> Option<(Spans, Spans)> {
    if old.len() > LONGEST || new.len() > LONGEST || old == new {
        return None;
    }
    let (a, b): (Vec<&str>, Vec<&str>) =
        (old.split_word_bounds().collect(), new.split_word_bounds().collect());
    let diff = TextDiff::from_slices(&a, &b);
    let (mut gone, mut fresh) = (Vec::new(), Vec::new());
    let (mut in_old, mut in_new) = (0, 0);
    let mut same = 0;
    for change in diff.iter_all_changes() {
        let length = change.value().len();
        match change.tag() {
            ChangeTag::Equal => {
                same += change.value().trim().len();
                in_old += length;
                in_new += length;
            }
            ChangeTag::Delete => {
                push(&mut gone, in_old..in_old + length);
                in_old += length;
            }
            ChangeTag::Insert => {
                push(&mut fresh, in_new..in_new + length);
                in_new += length;
            }
        }
    }
    let most = old.trim().len().max(new.trim().len()).max(1);
    (same as f32 / most as f32 >= ALIKE).then_some((gone, fresh))
}

/// Spans that touch become one.
fn push(spans: &mut Spans, span: Range<usize>) {
    match spans.last_mut() {
        Some(last) if last.end == span.start => last.end = span.end,
        _ => spans.push(span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_differ_are_found_and_strange_lines_are_not_compared() {
        let shown = |old: &str, new: &str| {
            let (gone, fresh) = words(old, new)?;
            let part = |text: &str, spans: &Spans| {
                spans.iter().map(|span| text[span.clone()].to_owned()).collect::<Vec<_>>().join("|")
            };
            Some(format!("{} > {}", part(old, &gone), part(new, &fresh)))
        };
        let cases = [
            ("  return capture(id, total);", "  return capture(id, total, key);", Some(" > , key")),
            ("let größe = 1;", "let größe = 日本;", Some("1 > 日本")),
            ("let a = b;", "let c = b;", Some("a > c")),
            ("same", "same", None),
            ("nothing here is alike", "(){}", None),
            ("", "new", None),
        ];
        for (old, new, wanted) in cases {
            assert_eq!(shown(old, new).as_deref(), wanted, "{old} / {new}");
        }
        assert_eq!(words(&"x ".repeat(400), &"y ".repeat(400)), None);
    }
}
