//! Files of logs that sources know.

use super::{Key, RawRef, Timestamp};
use crate::text::Safe;

/// What a log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogKind {
    /// What a program wrote about its work.
    #[default]
    Log,
    /// A conversation with a model, message by message.
    Transcript,
    /// What a task or job printed.
    Output,
}

impl LogKind {
    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Transcript => "transcript",
            Self::Output => "output",
        }
    }
}

/// A file of lines that can be read as a log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogFile {
    /// What it is called: short, unique enough within its source.
    pub name: Safe,
    /// What it is.
    pub kind: LogKind,
    /// Where it is: a file, or the text itself where there is none.
    pub place: RawRef,
    /// Who wrote it.
    pub agent: Option<Key>,
    /// For which task.
    pub task: Option<Key>,
    /// Bytes, at the newest look.
    pub size: Option<u64>,
    /// When it was written last, as far as known.
    pub newest: Option<Timestamp>,
}
