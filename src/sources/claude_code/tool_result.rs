//! `toolUseResult`: the structured result of a tool call, as far as anything is shown of it.

use super::{
    line::take,
    scan::{Broken, Cursor, count_lines},
};
use crate::model::LineCounts;

/// What a result says.
#[derive(Debug, Default)]
pub(super) struct ToolResult<'a> {
    /// It is an object (on failure it is a text, in some versions it is missing).
    pub present: bool,
    /// The text it is in place of an object.
    pub failure: &'a [u8],
    pub kind: &'a [u8],
    pub status: &'a [u8],
    pub file: &'a [u8],
    pub agent: &'a [u8],
    pub agent_type: &'a [u8],
    pub description: &'a [u8],
    pub background: &'a [u8],
    pub task: &'a [u8],
    /// Id of a work list's entry that was made.
    pub entry: &'a [u8],
    pub run: &'a [u8],
    pub workflow: &'a [u8],
    /// Lines by patches and shell diffs.
    pub lines: LineCounts,
    /// There was a patch (an empty one for a file that was created).
    pub has_patch: bool,
    /// Lines of `content`.
    content_lines: u64,
    /// Files a shell command changed.
    pub shell_files: Vec<&'a [u8]>,
}

impl<'a> ToolResult<'a> {
    pub(super) fn parse(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Broken> {
        if cursor.peek() == Some(b'"') {
            self.failure = cursor.string()?;
            return Ok(());
        }
        self.present = cursor.object(|cursor, key| self.member(cursor, key))?;
        if self.kind == b"create" && self.lines == LineCounts::default() {
            self.lines.added = self.content_lines;
        }
        Ok(())
    }

    fn member(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Result<(), Broken> {
        match key {
            b"type" => self.kind = cursor.string_or_skip()?,
            b"status" => self.status = cursor.string_or_skip()?,
            b"filePath" => self.file = cursor.string_or_skip()?,
            b"agentId" => self.agent = cursor.string_or_skip()?,
            b"agentType" => self.agent_type = cursor.string_or_skip()?,
            b"description" => self.description = cursor.string_or_skip()?,
            b"backgroundTaskId" => self.background = cursor.string_or_skip()?,
            b"taskId" => self.task = cursor.string_or_skip()?,
            b"runId" => self.run = cursor.string_or_skip()?,
            b"workflowName" => self.workflow = cursor.string_or_skip()?,
            b"content" => {
                let content = cursor.string_or_skip()?;
                // The type stands before the content in every version; only a created file's lines are wanted.
                if self.kind == b"create" {
                    self.content_lines = count_lines(content);
                }
            }
            b"structuredPatch" => {
                self.has_patch = true;
                hunks(cursor, &mut self.lines)?;
            }
            b"bashEditDiff" => self.shell_diff(cursor)?,
            b"task" => {
                let entry = &mut self.entry;
                cursor.object(|cursor, key| {
                    let value = cursor.value()?;
                    if key == b"id" {
                        *entry = value
                            .trim_ascii_start()
                            .strip_prefix(b"\"")
                            .map_or(value, |text| text.strip_suffix(b"\"").unwrap_or(text));
                    }
                    Ok(())
                })?;
            }
            b"file" => {
                let file = &mut self.file;
                cursor.object(|cursor, key| take(cursor, key, b"filePath", file))?;
            }
            _ => {
                cursor.value()?;
            }
        }
        Ok(())
    }

    fn shell_diff(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Broken> {
        let mut shared = false;
        let mut lines = LineCounts::default();
        cursor.object(|cursor, key| {
            match key {
                b"shared" => shared = cursor.is_true()?,
                b"files" => {
                    cursor.array(|cursor| self.shell_file(cursor, &mut lines).map(|_| ()))?;
                }
                b"changedFiles" => {
                    cursor.array(|cursor| {
                        let file = cursor.string_or_skip()?;
                        self.shell_file_named(file);
                        Ok(())
                    })?;
                }
                _ => {
                    cursor.value()?;
                }
            }
            Ok(())
        })?;
        // Other writers worked in the same checkout: these are not surely this command's changes.
        if shared {
            self.shell_files.clear();
        } else {
            self.lines.added += lines.added;
            self.lines.removed += lines.removed;
        }
        Ok(())
    }

    fn shell_file(&mut self, cursor: &mut Cursor<'a>, lines: &mut LineCounts) -> Result<bool, Broken> {
        let (mut file, mut shared): (&[u8], bool) = (b"", false);
        let mut own = LineCounts::default();
        let is_object = cursor.object(|cursor, key| {
            match key {
                b"filePath" => file = cursor.string_or_skip()?,
                b"shared" => shared = cursor.is_true()?,
                b"hunks" => hunks(cursor, &mut own)?,
                _ => {
                    cursor.value()?;
                }
            }
            Ok(())
        })?;
        if !shared {
            self.shell_file_named(file);
            lines.added += own.added;
            lines.removed += own.removed;
        }
        Ok(is_object)
    }

    fn shell_file_named(&mut self, file: &'a [u8]) {
        if !file.is_empty() && !self.shell_files.contains(&file) {
            self.shell_files.push(file);
        }
    }
}

/// Adds the `+` and `-` lines of an array of hunks.
fn hunks(cursor: &mut Cursor<'_>, lines: &mut LineCounts) -> Result<(), Broken> {
    cursor.array(|cursor| {
        cursor.object(|cursor, key| {
            if key != b"lines" {
                return cursor.value().map(|_| ());
            }
            cursor
                .array(|cursor| {
                    match cursor.string_or_skip()?.first() {
                        Some(b'+') => lines.added += 1,
                        Some(b'-') => lines.removed += 1,
                        _ => {}
                    }
                    Ok(())
                })
                .map(|_| ())
        })?;
        Ok(())
    })?;
    Ok(())
}
