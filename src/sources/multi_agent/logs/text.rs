//! `text.txt`: what was said, as blocks under header lines. A line of the text itself that looks like a header cannot be
//! told from one; it then begins a block of its own.

use super::{super::clock::Local, Said, Speech};
use crate::{model::Level, text::Safe};

/// Bytes of a block that are kept.
const KEPT: usize = 4096;
/// Bytes of the first message that are kept: a planner's plan is in it.
const FIRST: usize = 256 * 1024;

/// Who speaks in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Block {
    /// The model.
    Assistant,
    /// The model to itself.
    Thinking,
    /// A prompt, of a sub-agent mostly.
    User,
}

/// What `text.txt` said so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Text {
    /// Messages of the model.
    pub(in super::super) assistant: u32,
    /// Thoughts.
    pub(in super::super) thinking: u32,
    /// Prompts.
    pub(in super::super) user: u32,
    /// Time and kind of the newest block.
    pub(in super::super) last: Option<(Local, Block)>,
    /// The first message of the model, with line breaks.
    pub(in super::super) first: String,
    body: String,
    told: bool,
}

impl Text {
    /// Adds a line without its line break; what the block before it said, when the line is a header.
    pub(super) fn add(&mut self, line: &str) -> Option<Said> {
        let Some((at, block)) = header(line) else {
            self.append(line);
            return None;
        };
        let said = self.tell();
        match block {
            Block::Assistant => self.assistant += 1,
            Block::Thinking => self.thinking += 1,
            Block::User => self.user += 1,
        }
        self.last = Some((at, block));
        self.body.clear();
        self.told = false;
        said
    }

    fn append(&mut self, line: &str) {
        let is_first = self.assistant == 1 && matches!(self.last, Some((_, Block::Assistant)));
        for (kept, limit) in [(Some(&mut self.body), KEPT), (is_first.then_some(&mut self.first), FIRST)] {
            if let Some(kept) = kept.filter(|kept| kept.len() + line.len() < limit) {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }

    /// What the open block says so far; once per block. Called at a header and at the end of what is there now: a record is
    /// written in one go, so an open block is nearly always whole.
    pub(super) fn tell(&mut self) -> Option<Said> {
        let (at, block) = self.last?;
        if self.told || self.body.trim().is_empty() {
            return None;
        }
        self.told = true;
        let (speech, level) = match block {
            Block::Assistant => (Speech::Text, Level::Info),
            Block::Thinking => (Speech::Thinking, Level::Debug),
            Block::User => (Speech::Prompt, Level::Info),
        };
        Some(Said { at: Some(at), speech, level, text: Safe::line(self.body.trim()) })
    }

    /// First line of the newest block.
    pub(in super::super) fn line(&self) -> Option<Safe> {
        self.body.lines().find(|line| !line.trim().is_empty()).map(|line| Safe::line(line.trim()))
    }
}

/// `[2025-11-07T09:43:57.380986] AssistantMessage:`, the fraction missing when it is zero.
pub(super) fn header(line: &str) -> Option<(Local, Block)> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let block = match rest {
        "AssistantMessage:" => Block::Assistant,
        "THINKING:" => Block::Thinking,
        "UserMessage:" => Block::User,
        _ => return None,
    };
    if time.len() != 19 && time.len() != 26 {
        return None;
    }
    Some((Local::parse(time)?, block))
}
