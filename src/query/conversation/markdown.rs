//! A conversation as a Markdown document, for people who read it elsewhere.

use std::{borrow::Cow, fmt::Write as _};

use super::took;
use crate::{
    model::{Call, Conversation, Entry, EntryKind, Timestamp, Zone},
    query::diff,
    text::{
        format::{count, duration},
        mask,
    },
};

/// What stands before the messages.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Title.
    pub title: String,
    /// Facts, label and value.
    pub facts: Vec<(&'static str, String)>,
}

/// The whole conversation. Secrets are hidden unless `revealed`.
pub fn markdown(told: &Conversation, head: &Head, zone: Zone, revealed: bool) -> String {
    let mut out = format!("# {}\n\n", head.title);
    for (label, value) in &head.facts {
        let _ = writeln!(out, "- {label}: {value}");
    }
    if told.first() > 0 {
        let _ = writeln!(out, "- not here: {} older entries", told.first());
    }
    if told.shortened() > 0 {
        let _ = writeln!(out, "- shortened: {} entries", told.shortened());
    }
    if told.skipped() > 0 {
        let _ = writeln!(out, "- could not be read: {} records", told.skipped());
    }
    for (_, entry) in told.iter() {
        out.push('\n');
        out.push_str(&entry_markdown(entry, zone, revealed));
    }
    out
}

/// One entry.
pub fn entry_markdown(entry: &Entry, zone: Zone, revealed: bool) -> String {
    let hide = |text: &str| mask::unless(revealed, text).into_owned();
    let at = entry.at.map(|at| format!(" · {}", stamp(at, zone))).unwrap_or_default();
    let said = hide(&entry.text.text);
    let cut = cut_note(entry.text.cut);
    match (entry.kind, &entry.call) {
        (EntryKind::Call, Some(call)) => {
            let took = took(entry).map(|took| format!(" · {}", duration(took))).unwrap_or_default();
            let line = hide(&call.line());
            let mut out = format!("### {} · {}{took}{at}\n\n", code_span(&line), call.outcome().word());
            push_call(&mut out, call, &hide);
            out
        }
        (EntryKind::Notice(notice), _) => {
            let mut out = format!("> **{}**{at}\n>\n", notice.word());
            for line in said.lines() {
                let _ = writeln!(out, "> {line}");
            }
            out + &cut
        }
        (EntryKind::Thinking, _) if said.is_empty() => format!("### thinking{at}\n\n(not recorded)\n"),
        (kind, _) => format!("## {}{at}\n\n{said}\n{cut}", kind.word()),
    }
}

fn push_call(out: &mut String, call: &Call, hide: &impl Fn(&str) -> String) {
    let changes = call.changes();
    let shows_change = changes.iter().any(|change| !diff::hunks(change).is_empty());
    if !call.input.is_empty() && !shows_change {
        fence(out, &hide(&call.input.text), "");
        out.push_str(&cut_note(call.input.cut));
    }
    for change in changes {
        let lines =
            diff::counts(change).map(|(added, removed)| format!(" +{added} −{removed}")).unwrap_or_default();
        let doubt = change.doubt.map(|doubt| format!(" ({doubt})")).unwrap_or_default();
        let _ = writeln!(out, "{} {}{lines}{doubt}\n", change.op.word(), code_span(&change.path));
        let text = super::hunk_text(change, true);
        if !text.is_empty() {
            fence(out, &hide(&text), "diff");
        }
        out.push_str(&cut_note(change.cut));
    }
    if let Some(result) = call.result.as_ref().filter(|result| !result.output.is_empty()) {
        fence(out, &hide(&result.output.text), "");
        out.push_str(&cut_note(result.output.cut));
    }
}

fn cut_note(cut: u64) -> String {
    if cut == 0 { String::new() } else { format!("\n(cut: {}B more)\n", count(cut)) }
}

/// A block that nothing in the text can close.
pub(in crate::query) fn fence(out: &mut String, text: &str, language: &str) {
    let longest =
        text.lines().map(|line| line.trim_start().bytes().take_while(|byte| *byte == b'`').count()).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    let _ = write!(out, "{fence}{language}\n{}\n{fence}\n\n", text.trim_end_matches('\n'));
}

/// A span of code that nothing in the text can close.
pub(in crate::query) fn code_span(text: &str) -> Cow<'_, str> {
    if text.contains('`') { Cow::Owned(format!("`` {text} ``")) } else { Cow::Owned(format!("`{text}`")) }
}

/// A time for people who read it elsewhere, with its zone.
fn stamp(at: Timestamp, zone: Zone) -> String {
    at.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
}
