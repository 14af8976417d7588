//! The input of a tool call, as far as anything is shown of it.

use super::{
    line::take,
    scan::{Broken, Cursor, changed_lines, count_lines},
};
use crate::model::LineCounts;

/// Fields of an input, the most telling first.
const TELLING: [&[u8]; 16] = [
    b"file_path",
    b"notebook_path",
    b"command",
    b"pattern",
    b"url",
    b"query",
    b"description",
    b"subject",
    b"skill",
    b"taskId",
    b"task_id",
    b"bash_id",
    b"to",
    b"path",
    b"plan",
    b"prompt",
];

/// What is taken from a call's input, as raw slices of the line.
#[derive(Debug, Default)]
pub(super) struct Input<'a> {
    /// Its most telling text.
    pub argument: &'a [u8],
    pub path: &'a [u8],
    pub question: &'a [u8],
    /// `todos` of `TodoWrite`, as JSON.
    pub todos: &'a [u8],
    pub subject: &'a [u8],
    pub task: &'a [u8],
    pub status: &'a [u8],
    pub owner: &'a [u8],
    content: &'a [u8],
    old: &'a [u8],
    new: &'a [u8],
    edits: LineCounts,
    /// Place of `argument` in [`TELLING`], one more than that: 0 = nothing yet.
    rank: usize,
}

impl<'a> Input<'a> {
    /// Takes the value.
    pub(super) fn parse(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Broken> {
        cursor.object(|cursor, key| self.member(cursor, key)).map(|_| ())
    }

    fn member(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Result<(), Broken> {
        match key {
            b"questions" => return first_question(cursor, &mut self.question),
            b"edits" => return edits(cursor, &mut self.edits),
            b"todos" => {
                self.todos = cursor.value()?;
                return Ok(());
            }
            _ => {}
        }
        let value = cursor.string_or_skip()?;
        match key {
            b"old_string" => self.old = value,
            b"new_string" => self.new = value,
            b"content" => self.content = value,
            b"file_path" | b"notebook_path" => self.path = value,
            b"subject" => self.subject = value,
            b"taskId" => self.task = value,
            b"status" => self.status = value,
            b"owner" => self.owner = value,
            _ => {}
        }
        // The first text of an unknown input (of a server's tool) is better than nothing.
        let place = TELLING.iter().position(|telling| *telling == key).unwrap_or(TELLING.len() - 1);
        if !value.is_empty() && (self.rank == 0 || place + 1 < self.rank) {
            (self.rank, self.argument) = (place + 1, value);
        }
        Ok(())
    }

    /// Lines that the call adds and removes, by its own word.
    pub(super) fn lines(&self) -> LineCounts {
        let (added, removed) = changed_lines(self.old, self.new);
        LineCounts {
            added: count_lines(self.content) + self.edits.added + added,
            removed: self.edits.removed + removed,
        }
    }
}

fn first_question<'a>(cursor: &mut Cursor<'a>, question: &mut &'a [u8]) -> Result<(), Broken> {
    cursor.array(|cursor| {
        let mut text: &[u8] = b"";
        cursor.object(|cursor, key| take(cursor, key, b"question", &mut text))?;
        if question.is_empty() {
            *question = text;
        }
        Ok(())
    })?;
    Ok(())
}

fn edits(cursor: &mut Cursor<'_>, lines: &mut LineCounts) -> Result<(), Broken> {
    cursor.array(|cursor| {
        let (mut old, mut new): (&[u8], &[u8]) = (b"", b"");
        cursor.object(|cursor, key| {
            let value = cursor.string_or_skip()?;
            match key {
                b"old_string" => old = value,
                b"new_string" => new = value,
                _ => {}
            }
            Ok(())
        })?;
        let (added, removed) = changed_lines(old, new);
        lines.added += added;
        lines.removed += removed;
        Ok(())
    })?;
    Ok(())
}
