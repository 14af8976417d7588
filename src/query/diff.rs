//! How a file changed, as pieces of a unified diff: as recorded, else made from old and new text.

use std::borrow::Cow;

use similar::{ChangeTag, TextDiff};

use crate::{
    model::{ChangeText, FileChange, Hunk},
    text::Safe,
};

/// Lines kept around a change.
const CONTEXT: usize = 3;

/// The pieces of a change. Line numbers are those of the file where they were recorded, else they count from the piece of
/// text that was replaced, or are 0.
pub fn hunks(change: &FileChange) -> Cow<'_, [Hunk]> {
    match &change.text {
        ChangeText::Unknown => Cow::Borrowed(&[]),
        ChangeText::Hunks(hunks) => Cow::Borrowed(hunks),
        ChangeText::Texts(texts) => {
            let made = texts.iter().flat_map(|(old, new)| match old {
                Some(old) => between(old, new),
                None => vec![added(new)],
            });
            Cow::Owned(made.collect())
        }
    }
}

/// Lines added and removed: as recorded, else counted in what the change says; `None` = not known.
pub fn counts(change: &FileChange) -> Option<(u64, u64)> {
    if let (Some(added), Some(removed)) = (change.added, change.removed) {
        return Some((added, removed));
    }
    let hunks = hunks(change);
    if hunks.is_empty() || !change.op.writes() {
        return None;
    }
    let count =
        |mark| hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.starts_with(mark)).count();
    Some((count('+') as u64, count('-') as u64))
}

/// Lines of both texts up to which they are compared line by line: the time grows with the square of what differs.
const COMPARED: usize = 8_000;

/// The differences of two texts; of very long ones all of the old is removed and all of the new is added.
pub fn between(old: &str, new: &str) -> Vec<Hunk> {
    if old.lines().count() + new.lines().count() > COMPARED {
        return vec![replaced(old, new)];
    }
    let diff = TextDiff::from_lines(old, new);
    let mut hunks = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (old_start, new_start) = (first.old_range().start, first.new_range().start);
        let mut lines = Vec::new();
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let text = change.value();
            lines.push(Safe::line(&format!("{mark}{}", text.strip_suffix('\n').unwrap_or(text))));
        }
        hunks.push(Hunk {
            old_start: old_start as u64 + 1,
            old_lines: (last.old_range().end - old_start) as u64,
            new_start: new_start as u64 + 1,
            new_lines: (last.new_range().end - new_start) as u64,
            lines,
        });
    }
    hunks
}

/// A text that is new as a whole.
fn added(text: &str) -> Hunk {
    let lines: Vec<Safe> = text.lines().map(|line| Safe::line(&format!("+{line}"))).collect();
    Hunk { old_start: 0, old_lines: 0, new_start: 1, new_lines: lines.len() as u64, lines }
}

fn replaced(old: &str, new: &str) -> Hunk {
    let marked = |mark: char| move |line: &str| Safe::line(&format!("{mark}{line}"));
    let lines: Vec<Safe> = old.lines().map(marked('-')).chain(new.lines().map(marked('+'))).collect();
    let (old_lines, new_lines) = (old.lines().count() as u64, new.lines().count() as u64);
    Hunk { old_start: 1, old_lines, new_start: 1, new_lines, lines }
}

/// The head line of a piece: `@@ -12,2 +12,3 @@`.
pub fn head(hunk: &Hunk) -> String {
    let Hunk { old_start, old_lines, new_start, new_lines, .. } = hunk;
    if *old_start == 0 && *new_start == 0 {
        return "@@".to_owned();
    }
    format!("@@ -{old_start},{old_lines} +{new_start},{new_lines} @@")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileOp;

    #[test]
    fn texts_become_hunks_and_are_counted() {
        let lines: Vec<String> = (1..=20).map(|line| format!("line {line}\n")).collect();
        let old = lines.concat();
        let new = old.replace("line 10\n", "line ten\nand more\n").replace("line 20\n", "");
        let made = between(&old, &new);
        assert_eq!(made.iter().map(head).collect::<Vec<_>>(), ["@@ -7,7 +7,8 @@", "@@ -17,4 +18,3 @@"]);
        assert_eq!(made[0].lines.iter().filter(|line| line.starts_with(['+', '-'])).count(), 3);
        let mut change = FileChange::new(Safe::line("a"), FileOp::Edit);
        change.text =
            ChangeText::Texts(vec![(Some(Safe::text(&old)), Safe::text(&new)), (None, Safe::text("x\ny"))]);
        assert_eq!(counts(&change), Some((4, 2)));
        assert_eq!(counts(&FileChange::new(Safe::line("a"), FileOp::Edit)), None);
    }
}
