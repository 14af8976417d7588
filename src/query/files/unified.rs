//! Changes as a unified diff that other programs read.

use std::fmt::Write as _;

use super::Touch;
use crate::{
    model::{ChangeText, FileOp},
    query::{conversation::hunk_text, diff},
    text::{format::count, mask},
};

/// One change. Secrets are hidden unless `revealed`. What is not known of it is said in the lines before `---`, which
/// programs that apply diffs pass over.
pub fn unified(touch: &Touch, who: &str, revealed: bool) -> String {
    let change = &touch.change;
    let hide = |text: &str| mask::unless(revealed, text).into_owned();
    let at = touch.at.map(|at| format!(" {at}")).unwrap_or_default();
    let mut out = hide(&format!("# {}{at} {who}: {}\n", super::list::done(&change.op), touch.line));
    for note in notes(touch) {
        let _ = writeln!(out, "# {note}");
    }
    let hunks = hunk_text(change, revealed);
    if hunks.is_empty() {
        // A head without pieces is an error for those who apply it.
        let _ = writeln!(out, "# {}", hide(&touch.path));
        return out;
    }
    let path = hide(touch.path.trim_start_matches('/'));
    let old = match &change.op {
        FileOp::Add => "/dev/null".to_owned(),
        FileOp::Rename { from } => format!("a/{}", hide(from.trim_start_matches('/'))),
        _ => format!("a/{path}"),
    };
    let new = if change.op == FileOp::Delete { "/dev/null".to_owned() } else { format!("b/{path}") };
    let _ = write!(out, "--- {old}\n+++ {new}\n{hunks}");
    out
}

/// What is to be known before a change is believed, in words.
pub fn notes(touch: &Touch) -> Vec<String> {
    let change = &touch.change;
    let mut notes = Vec::new();
    if touch.by_shell {
        notes.push("by shell".to_owned());
    }
    if let Some(doubt) = change.doubt {
        notes.push(format!("not sure: {doubt}"));
    }
    if touch.outcome != crate::model::CallOutcome::Ok {
        notes.push(format!("the call: {}", touch.outcome.word()));
    }
    match &change.text {
        ChangeText::Unknown if change.cut == 0 => notes.push("what was changed is not recorded".to_owned()),
        ChangeText::Texts(texts) if texts.iter().any(|(old, _)| old.is_some()) => {
            notes.push("lines count from the piece that was replaced".to_owned());
        }
        ChangeText::Texts(_) if change.op == FileOp::Edit => {
            notes.push("written as a whole: what was there before is not recorded".to_owned());
        }
        _ => {}
    }
    if change.cut > 0 {
        notes.push(format!("cut: {}B more in the raw record", count(change.cut)));
    }
    if diff::hunks(change).is_empty() && !matches!(change.text, ChangeText::Unknown) {
        notes.push("nothing differs".to_owned());
    }
    notes
}
