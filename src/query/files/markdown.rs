//! Files and their changes as a Markdown document, for people who read it elsewhere.

use std::fmt::Write as _;

use super::{FileRow, Listing, Touch, done, unified};
use crate::{
    query::conversation::{code_span, fence},
    text::{format::plural, mask},
};

/// The whole page. Secrets are hidden unless `revealed`; `who` names the agent of a touch.
pub fn markdown(listing: &Listing, title: &str, who: &dyn Fn(&Touch) -> String, revealed: bool) -> String {
    let hide = |text: &str| mask::unless(revealed, text).into_owned();
    let mut out = format!("# Files of {}\n\n## Written\n\n", hide(title));
    for row in &listing.written {
        let lines =
            row.lines().0.map_or_else(String::new, |(added, removed)| format!(" +{added} −{removed}"));
        let shell = if row.by_shell() { " (by shell)" } else { "" };
        let _ = writeln!(out, "- {}{shell} {}{lines}", done(&row.op()), code_span(&hide(&row.path)));
    }
    out.push_str("\n## Read\n\n");
    for row in &listing.read {
        let _ = writeln!(out, "- {} {}", code_span(&hide(&row.path)), plural(row.reads(), "time"));
    }
    out.push_str("\n## Changes\n\n");
    for touch in listing.written.iter().flat_map(FileRow::writes) {
        fence(&mut out, &unified(touch, &who(touch), revealed), "diff");
    }
    out
}
