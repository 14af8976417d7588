//! What a stream says for the log.

use super::doer::When;
use crate::{
    model::{Level, Timestamp},
    text::{Safe, mask},
};

/// A line for the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spoken {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) session: Option<Safe>,
    pub(super) tool: Option<Safe>,
    pub(super) text: Safe,
}

impl Spoken {
    /// Something about a session.
    pub(super) fn of(session: &Safe, level: Level, text: &str, when: &When) -> Self {
        let text = Safe::line(&mask::text(text));
        Self { at: when.at(), level, session: Some(session.clone()), tool: None, text }
    }

    /// A line that is no record: standard error, notices of package managers.
    pub(super) fn beside(session: Option<&Safe>, text: &str, when: &When) -> Self {
        let lower = text.to_ascii_lowercase();
        let level = if lower.contains("error") {
            Level::Error
        } else if lower.contains("warn") {
            Level::Warn
        } else {
            Level::Info
        };
        let text = Safe::line(&mask::text(text.trim_end()));
        Self { at: when.at(), level, session: session.cloned(), tool: None, text }
    }
}
