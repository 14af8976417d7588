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

impl Level {
    /// All levels, least first.
    pub const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The word on screen, on the command line and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
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
