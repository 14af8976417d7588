//! What waits to be asked.

use super::{RawRef, Timestamp, Workspace};
use crate::text::Safe;

/// Urgency of a backlog item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    /// First.
    High,
    /// Then.
    Medium,
    /// Last.
    Low,
    /// Not said.
    #[default]
    None,
}

impl Priority {
    /// All, the most urgent first.
    pub const ALL: [Self; 4] = [Self::High, Self::Medium, Self::Low, Self::None];

    /// The word on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::None => "none",
        }
    }

    /// The priority of a word, in any letter case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.word().eq_ignore_ascii_case(word))
    }
}

/// One item of a backlog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BacklogItem {
    /// What.
    pub title: Safe,
    /// Its own id, where it has one (`SEC-01`, `#12`).
    pub id: Option<Safe>,
    /// The list it stands in, for a workspace can have several (`backlogs/api.md`, `GitHub issues of acme/api`).
    pub list: Safe,
    /// Where.
    pub workspace: Option<Workspace>,
    /// How urgent.
    pub priority: Priority,
    /// Complexity as written.
    pub complexity: Option<Safe>,
    /// It is done, perhaps at an unknown time.
    pub done: bool,
    /// Since when: from the list itself, from version control, or from when it was first seen; `None` = not known.
    pub created_at: Option<Timestamp>,
    /// When it was done, where that is known.
    pub completed_at: Option<Timestamp>,
    /// Further facts of the source, label and value.
    pub facts: Vec<(&'static str, Safe)>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}
