//! Changelogs of workspaces: `## date`, `### sort`, `- item`. Pure.

use chrono::NaiveDate;

use crate::text::Safe;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) date: Option<NaiveDate>,
    /// `Added`, `Fixed (hotfix)`.
    pub(super) sort: Safe,
    pub(super) text: Safe,
}

/// Reads a changelog; newest first, as its dates say. Lines that are no item are passed over.
pub(super) fn read(text: &str) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let (mut date, mut sort) = (None, Safe::default());
    let mut open = false;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            (sort, open) = (Safe::line(heading.trim()), false);
        } else if let Some(heading) = line.strip_prefix("## ") {
            (date, sort, open) = (date_of(heading), Safe::default(), false);
        } else if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            changes.push(Change { date, sort: sort.clone(), text: Safe::line(item.trim()) });
            open = true;
        } else if open && line.starts_with([' ', '\t']) && !line.trim().is_empty() {
            if let Some(change) = changes.last_mut() {
                change.text = Safe::line(&format!("{} {}", change.text, line.trim()));
            }
        } else {
            open = false;
        }
    }
    // Stable: within a day the file's own order stays.
    changes.sort_by_key(|change| std::cmp::Reverse(change.date));
    changes
}

/// The first date in a heading: `2026-11-08`, `[1.2.0] - 2026-11-08`.
fn date_of(heading: &str) -> Option<NaiveDate> {
    heading
        .split(|ch: char| !ch.is_ascii_digit() && ch != '-')
        .find_map(|word| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok())
}
