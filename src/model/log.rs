//! Lines of logs.

use super::{Key, Timestamp};
use crate::text::Safe;

/// How much a line matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Detail.
    Debug,
    /// Normal.
    #[default]
    Info,
    /// Look at it.
    Warn,
    /// It failed.
    Error,
}

/// One entry of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// When.
    pub at: Option<Timestamp>,
    /// How much it matters.
    pub level: Level,
    /// Who wrote it.
    pub agent: Option<Key>,
    /// For which task.
    pub task: Option<Key>,
    /// The tool it is about.
    pub tool: Option<Safe>,
    /// The text, one line.
    pub text: Safe,
}
