//! How a file is to be read, by its first bytes: as one document, line by line, or not at all.

use std::{fs, io, path::Path};

use super::{
    parse::{classify, lines},
    place::is_document_name,
};
use crate::sources::read::{json, open};

/// Bytes at the beginning of a file of lines among which one must be ours.
const LINES: u64 = 1024 * 1024;
/// Bytes at the beginning of a document that show its shape.
const DOCUMENT: u64 = 64 * 1024;
/// Documents above this are read only when their beginning holds a key of ours.
const LARGE: u64 = 1024 * 1024;
/// Keys of which every document of ours has one near its beginning.
const KEYS: [&str; 8] = [
    "\"executionId\"",
    "\"runId\"",
    "\"stepId\"",
    "\"steps\"",
    "\"schemaVersion\"",
    "\"agentId\"",
    "\"workflowId\"",
    "\"executions\"",
];

/// How a file is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One JSON value.
    Document,
    /// Records in lines.
    Lines,
    /// Another program's.
    Foreign,
    /// It holds too little to tell.
    Undecided,
}

/// What a file's name says, and whether it was given by itself: then it is read in any case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hints {
    pub(super) is_document: bool,
    pub(super) is_alone: bool,
}

/// Looks at the beginning of a file.
pub(super) fn shape(path: &Path, is_alone: bool) -> io::Result<Shape> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let hints = Hints { is_document: is_document_name(&name), is_alone };
    // A link that somebody made on purpose is followed, as everywhere for documents.
    let file = open::regular(&fs::canonicalize(path)?)?;
    let size = file.metadata()?.len();
    let wanted = if hints.is_document { DOCUMENT } else { LINES };
    let mut bytes = vec![0; size.min(wanted) as usize];
    let count = open::read_at(&file, &mut bytes, 0)?;
    bytes.truncate(count);
    let is_whole = size <= count as u64;
    let shape = of_head(&bytes, is_whole, hints);
    let is_large = shape == Shape::Document && size > LARGE && !is_alone;
    let head = String::from_utf8_lossy(&bytes);
    Ok(if is_large && !KEYS.iter().any(|key| head.contains(key)) { Shape::Foreign } else { shape })
}

/// The same of bytes that were read.
pub(super) fn of_head(bytes: &[u8], is_whole: bool, hints: Hints) -> Shape {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = head.trim_ascii_start();
    let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let has_more = head.get(first_line.len()..).is_some_and(|rest| !rest.trim_ascii().is_empty());
    match head.first() {
        None => Shape::Undecided,
        Some(b'{') if json::is_complete(first_line) => {
            let is_one = !has_more && (hints.is_document || is_known(first_line));
            if is_one { Shape::Document } else { lines_shape(head, is_whole, hints) }
        }
        Some(b'{' | b'[') if hints.is_document => Shape::Document,
        Some(b'{') if first_line.len() < head.len() && first_line.trim_ascii() == b"{" => Shape::Document,
        Some(b'[') if head.get(1..).is_some_and(begins_a_list) => Shape::Document,
        Some(_) if hints.is_document => Shape::Document,
        Some(_) => lines_shape(head, is_whole, hints),
    }
}

fn begins_a_list(rest: &[u8]) -> bool {
    matches!(rest.trim_ascii_start().first(), Some(b'{' | b']'))
}

fn is_known(line: &[u8]) -> bool {
    serde_json::from_slice(line).is_ok_and(|value| classify::document(&value).is_some())
}

fn lines_shape(head: &[u8], is_whole: bool, hints: Hints) -> Shape {
    if hints.is_alone || lines::is_ours(&String::from_utf8_lossy(head)) {
        Shape::Lines
    } else if is_whole {
        Shape::Undecided
    } else {
        Shape::Foreign
    }
}
