//! Unified diffs and the patches of `apply_patch` as changes of files. Pure.

use crate::{
    model::{ChangeText, FileChange, FileOp, Hunk},
    text::Safe,
};

/// Bytes of a change's lines that are kept.
const MOST: usize = 64 * 1024;

/// A change with a unified diff as its text.
pub fn with_diff(change: FileChange, diff: &str) -> FileChange {
    // The head names the files with the same signs that mark lines below it.
    let has_head = diff.starts_with("--- ") || diff.starts_with("diff ");
    let body = diff.lines().skip_while(|line| has_head && !line.starts_with("@@"));
    with_lines(change, body)
}

/// A file that was made, with what stands in it.
pub fn made(path: &str, content: &str) -> FileChange {
    let change = FileChange::new(Safe::line(path), FileOp::Add);
    let added = Some(content.lines().count() as u64);
    sized(FileChange { added, removed: Some(0), ..change }, content.len(), || {
        ChangeText::Texts(vec![(None, Safe::text(content))])
    })
}

/// A file that is gone, with what stood in it as far as that is known.
pub fn removed(path: &str, content: Option<&str>) -> FileChange {
    let change = FileChange::new(Safe::line(path), FileOp::Delete);
    let Some(content) = content else { return change };
    let removed = Some(content.lines().count() as u64);
    sized(FileChange { added: Some(0), removed, ..change }, content.len(), || {
        ChangeText::Texts(vec![(Some(Safe::text(content)), Safe::default())])
    })
}

/// A text in the place of another one.
pub fn replaced(path: &str, old: Option<&str>, new: &str) -> FileChange {
    let change = FileChange::new(Safe::line(path), FileOp::Edit);
    sized(change, old.map_or(0, str::len) + new.len(), || {
        ChangeText::Texts(vec![(old.map(Safe::text), Safe::text(new))])
    })
}

fn sized(mut change: FileChange, size: usize, text: impl FnOnce() -> ChangeText) -> FileChange {
    if size > MOST {
        change.cut = size as u64;
    } else {
        change.text = text();
    }
    change
}

fn with_lines<'a>(change: FileChange, lines: impl Iterator<Item = &'a str>) -> FileChange {
    let (mut hunks, mut room, mut cut) = (Vec::<Hunk>::new(), MOST, 0);
    let (mut added, mut removed) = (0, 0);
    for line in lines {
        if let Some(places) = line.strip_prefix("@@") {
            hunks.push(begun(places));
            continue;
        }
        added += u64::from(line.starts_with('+'));
        removed += u64::from(line.starts_with('-'));
        if hunks.is_empty() {
            hunks.push(Hunk::default());
        }
        let Some(hunk) = hunks.last_mut() else { continue };
        hunk.new_lines += u64::from(line.starts_with(['+', ' ']) || line.is_empty());
        hunk.old_lines += u64::from(line.starts_with(['-', ' ']) || line.is_empty());
        if line.len() > room {
            cut += line.len() as u64;
        } else {
            room -= line.len();
            // An empty line that is kept has lost its blank.
            hunk.lines.push(Safe::line(if line.is_empty() { " " } else { line }));
        }
    }
    hunks.retain(|hunk| !hunk.lines.is_empty());
    let text = if hunks.is_empty() { ChangeText::Unknown } else { ChangeText::Hunks(hunks) };
    FileChange { added: Some(added), removed: Some(removed), text, cut, ..change }
}

/// A hunk by what stands between its signs: ` -12,2 +12,3 `, or nothing.
fn begun(places: &str) -> Hunk {
    let start = |mark: char| {
        let word = places.split_whitespace().find_map(|word| word.strip_prefix(mark))?;
        word.split(',').next()?.parse::<u64>().ok()
    };
    Hunk { old_start: start('-').unwrap_or(0), new_start: start('+').unwrap_or(0), ..Hunk::default() }
}

/// The changes of an `apply_patch` text (`*** Begin Patch` and what follows); `None` when there is none in it.
pub fn patched(text: &str) -> Option<Vec<FileChange>> {
    let (_, body) = text.split_once("*** Begin Patch")?;
    let mut changes: Vec<(FileChange, Vec<&str>)> = Vec::new();
    for line in body.lines() {
        let marked = |mark: &str| line.strip_prefix(mark).map(|path| Safe::line(path.trim()));
        let begins = |path: Safe, op| (FileChange::new(path, op), Vec::new());
        if line.starts_with("*** End Patch") {
            break;
        } else if let Some(path) = marked("*** Add File: ") {
            changes.push(begins(path, FileOp::Add));
        } else if let Some(path) = marked("*** Update File: ") {
            changes.push(begins(path, FileOp::Edit));
        } else if let Some(path) = marked("*** Delete File: ") {
            changes.push(begins(path, FileOp::Delete));
        } else if let (Some(to), Some((change, _))) = (marked("*** Move to: "), changes.last_mut()) {
            let from = std::mem::replace(&mut change.path, to);
            change.op = FileOp::Rename { from };
        } else if let Some((_, lines)) = changes.last_mut().filter(|_| !line.starts_with("*** End of File")) {
            lines.push(line);
        }
    }
    let done = changes.into_iter().map(|(change, lines)| match change.op {
        FileOp::Add => {
            let content: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix('+')).collect();
            made(&change.path, &content.join("\n"))
        }
        FileOp::Delete => change,
        _ => with_lines(change, lines.into_iter()),
    });
    Some(done.collect())
}
