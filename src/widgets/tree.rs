//! The branches before a row of a tree.

use crate::theme::Glyphs;

/// The prefix of a row: `last` says for every level, outermost first, whether the row's ancestor there (at the end: the row
/// itself) is the last of its siblings. Two columns a level.
pub fn prefix(glyphs: &Glyphs, last: &[bool]) -> String {
    let mut out = String::new();
    for (at, is_last) in last.iter().enumerate() {
        if at + 1 == last.len() {
            out.push_str(if *is_last { glyphs.last_branch } else { glyphs.branch });
        } else {
            out.push_str(if *is_last { " " } else { glyphs.bar });
        }
        out.push(' ');
    }
    out
}
