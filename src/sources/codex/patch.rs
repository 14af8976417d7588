//! Changes of files: unified diffs, whole files, and the patch language of `apply_patch`. Pure.

use super::line::{Change, Part, open};
use crate::model::LineCounts;

/// Files and lines that a change touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Patch {
    pub files: Vec<String>,
    pub lines: LineCounts,
}

impl Patch {
    /// `changes` of a finished change: by path, or (in the headless stream) a list with paths.
    pub(super) fn of_changes(changes: Part<'_>) -> Self {
        let mut patch = Self::default();
        if let Some(map) = open::<serde_json::Map<String, serde_json::Value>>(changes) {
            for (path, change) in map {
                let raw = change.to_string();
                let change: Change<'_> = serde_json::from_str(&raw).unwrap_or_default();
                patch.change(&path, &change);
            }
        } else {
            for change in super::line::list::<Change<'_>>(changes) {
                patch.change(change.path.word(), &change);
            }
        }
        patch
    }

    fn change(&mut self, path: &str, change: &Change<'_>) {
        if !path.is_empty() {
            self.files.push(change.move_path.text().unwrap_or(path).to_owned());
        }
        match change.kind.word() {
            "add" => self.lines.added += count(change.content.word()),
            "delete" => self.lines.removed += count(change.content.word()),
            _ => self.diff(change.unified_diff.word()),
        }
    }

    fn diff(&mut self, diff: &str) {
        // The head names the files with the same signs that mark lines below it.
        let has_head = diff.starts_with("--- ") || diff.starts_with("diff ");
        let body = diff.lines().skip_while(|line| has_head && !line.starts_with("@@"));
        for line in body {
            self.lines.added += u64::from(line.starts_with('+'));
            self.lines.removed += u64::from(line.starts_with('-'));
        }
    }

    /// The patch in a text, if there is one: `*** Begin Patch` and what follows.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let (_, body) = text.split_once("*** Begin Patch")?;
        let mut patch = Self::default();
        for line in body.lines() {
            let marked = |mark: &str| line.strip_prefix(mark).map(|path| path.trim().to_owned());
            if line.starts_with("*** End Patch") {
                break;
            }
            if let Some(path) = marked("*** Move to: ") {
                patch.files.pop();
                patch.files.push(path);
            } else if let Some(path) = marked("*** Add File: ")
                .or_else(|| marked("*** Update File: "))
                .or_else(|| marked("*** Delete File: "))
            {
                patch.files.push(path);
            } else {
                patch.lines.added += u64::from(line.starts_with('+'));
                patch.lines.removed += u64::from(line.starts_with('-'));
            }
        }
        Some(patch)
    }
}

fn count(text: &str) -> u64 {
    text.lines().count() as u64
}
