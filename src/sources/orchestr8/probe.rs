//! Whether a path is this orchestrator's, by content: strict, because any program writes JSON.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    format::Format,
    parse::classify,
    place::is_document_name,
    sniff::{self, Shape},
};
use crate::sources::read::{document, json, open};

/// Files of a folder of workflows that are looked at.
const WORKFLOWS: usize = 32;
/// Largest file that is looked at to recognise a folder.
const LARGEST: u64 = 1024 * 1024;

/// A result, a journal, an event dump or a log of the engine.
pub(super) fn file(path: &Path) -> bool {
    match sniff::shape(path, false) {
        Ok(Shape::Document) => format(path, json::MAX_DOCUMENT).is_some_and(Format::is_telling),
        Ok(shape) => shape == Shape::Lines,
        Err(_) => false,
    }
}

/// A project: its settings, or workflows of its dialects beside agents.
pub(super) fn folder(path: &Path) -> bool {
    if format(&path.join("orchestr8.config.json"), LARGEST) == Some(Format::ProjectConfig) {
        return true;
    }
    if !path.join("agents").is_dir() {
        return false;
    }
    let entries = fs::read_dir(path.join("workflows")).into_iter().flatten().flatten();
    entries.filter(|entry| is_document_name(&entry.file_name().to_string_lossy())).take(WORKFLOWS).any(
        |entry| {
            let found = format(&entry.path(), LARGEST);
            matches!(found, Some(Format::WorkflowCanonical | Format::WorkflowScaffold))
        },
    )
}

fn format(path: &Path, largest: u64) -> Option<Format> {
    let file = open::regular(path).ok()?;
    let size = file.metadata().ok()?.len();
    if size > largest {
        return None;
    }
    let mut bytes = vec![0; size as usize];
    let count = open::read_at(&file, &mut bytes, 0).ok()?;
    bytes.truncate(count);
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    classify::document(&document::json::<Value>(text).ok()?)
}
