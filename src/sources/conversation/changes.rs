//! What calls of Claude's tools mean to do and did to files. Pure.

use serde_json::Value;

use super::value::{number, text};
use crate::{
    model::{ChangeText, FileChange, FileOp, Hunk},
    text::Safe,
};

/// Bytes of a change's texts that are kept.
const MOST: usize = 64 * 1024;
/// Files of one call that are kept.
const FILES: usize = 200;

/// What a call means to do by its own input.
pub fn meant(tool: &str, input: &Value) -> Vec<FileChange> {
    let path = text(input, "file_path").or_else(|| text(input, "notebook_path"));
    let Some(path) = path.map(Safe::line) else { return Vec::new() };
    let (op, texts) = match tool {
        "Read" | "NotebookRead" => (FileOp::Read, Vec::new()),
        "Write" => (FileOp::Edit, vec![(None, text(input, "content").unwrap_or_default())]),
        "Edit" => (FileOp::Edit, vec![edit(input)]),
        "MultiEdit" => {
            let edits = input.get("edits").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            (FileOp::Edit, edits.iter().map(edit).collect())
        }
        "NotebookEdit" => {
            let source = text(input, "new_source").unwrap_or_default();
            (FileOp::Edit, if source.is_empty() { Vec::new() } else { vec![(None, source)] })
        }
        _ => return Vec::new(),
    };
    vec![with_texts(FileChange::new(path, op), &texts)]
}

fn edit(input: &Value) -> (Option<&str>, &str) {
    (Some(text(input, "old_string").unwrap_or_default()), text(input, "new_string").unwrap_or_default())
}

fn with_texts(mut change: FileChange, texts: &[(Option<&str>, &str)]) -> FileChange {
    let size: usize = texts.iter().map(|(old, new)| old.map_or(0, str::len) + new.len()).sum();
    if size > MOST {
        change.cut = size as u64;
    } else if !texts.is_empty() {
        let kept = texts.iter().map(|(old, new)| (old.map(Safe::text), Safe::text(new)));
        change.text = ChangeText::Texts(kept.collect());
    }
    change
}

/// What a structured result says was done.
pub fn done(result: &Value) -> Vec<FileChange> {
    if let Some(diff) = result.get("bashEditDiff") {
        return by_shell(diff);
    }
    if let Some(file) = result.get("file") {
        let path = text(file, "filePath").map(Safe::line);
        return path.map(|path| FileChange::new(path, FileOp::Read)).into_iter().collect();
    }
    let Some(path) = text(result, "filePath").map(Safe::line) else { return Vec::new() };
    let patch = result.get("structuredPatch");
    let is_new = text(result, "type") == Some("create");
    let mut change = FileChange::new(path, if is_new { FileOp::Add } else { FileOp::Edit });
    if is_new {
        let content = text(result, "content").unwrap_or_default();
        change.added = Some(content.lines().count() as u64);
        change.removed = Some(0);
        return vec![with_texts(change, &[(None, content)])];
    }
    match patch.and_then(Value::as_array) {
        Some(patch) if !patch.is_empty() => vec![patched(change, patch)],
        // The plan's own file and the like: no change of a file.
        None if result.get("oldString").is_none() && result.get("content").is_none() => Vec::new(),
        _ => {
            let old = text(result, "oldString");
            let new = text(result, "newString").or_else(|| text(result, "content"));
            vec![with_texts(change, &new.map(|new| (old, new)).into_iter().collect::<Vec<_>>())]
        }
    }
}

fn patched(change: FileChange, patch: &[Value]) -> FileChange {
    let mut room = MOST;
    let mut cut = 0;
    let hunks = patch.iter().map(|hunk| self::hunk(hunk, &mut room, &mut cut)).collect();
    let counted = change
        .with_hunks(patch.iter().map(|hunk| self::hunk(hunk, &mut usize::MAX.clone(), &mut 0)).collect());
    FileChange { text: ChangeText::Hunks(hunks), cut, ..counted }
}

fn hunk(hunk: &Value, room: &mut usize, cut: &mut u64) -> Hunk {
    let figure = |field| number(hunk, field).unwrap_or(0);
    let lines = hunk.get("lines").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut kept = Vec::new();
    for line in lines.iter().filter_map(Value::as_str) {
        if line.len() > *room {
            *cut += line.len() as u64;
        } else {
            *room -= line.len();
            kept.push(Safe::line(line));
        }
    }
    Hunk {
        old_start: figure("oldStart"),
        old_lines: figure("oldLines"),
        new_start: figure("newStart"),
        new_lines: figure("newLines"),
        lines: kept,
    }
}

/// What a shell command changed, as far as that is known.
fn by_shell(diff: &Value) -> Vec<FileChange> {
    let is = |value: &Value, field: &str| value.get(field).and_then(Value::as_bool) == Some(true);
    let shared = is(diff, "shared");
    let gone = is(diff, "unavailable");
    let files = diff.get("files").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut changes: Vec<FileChange> = Vec::new();
    for file in files.iter().take(FILES) {
        let Some(path) = text(file, "filePath").map(Safe::line) else { continue };
        let op = match (is(file, "created"), is(file, "deleted")) {
            (true, _) => FileOp::Add,
            (_, true) => FileOp::Delete,
            _ => FileOp::Edit,
        };
        let hunks = file.get("hunks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut change = FileChange::new(path, op);
        if !hunks.is_empty() {
            change = patched(change, hunks);
        }
        change.doubt = if shared || is(file, "shared") {
            Some("others write in the same folder")
        } else if gone || is(file, "unavailable") {
            Some("the change was not recorded")
        } else {
            None
        };
        changes.push(change);
    }
    let named = diff.get("changedFiles").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for path in named.iter().filter_map(Value::as_str).take(FILES).map(Safe::line) {
        if changes.iter().all(|change| change.path != path) {
            let mut change = FileChange::new(path, FileOp::Edit);
            change.doubt = shared.then_some("others write in the same folder");
            changes.push(change);
        }
    }
    changes
}
