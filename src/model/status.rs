//! One vocabulary for the states of agents, tasks and executions of all sources.

use serde::{Deserialize, Serialize};

/// State of an agent, a task or an execution. What the orchestrator itself wrote is kept beside it (`status_raw`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Asked for, not started.
    Queued,
    /// Working.
    Running,
    /// Waits for a person.
    Waiting,
    /// Cannot go on for another reason: a limit, a dependency, retries.
    Blocked,
    /// Alive, its turn is over.
    Idle,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Stopped by a person.
    Cancelled,
    /// The source says something we cannot read, or nothing.
    #[default]
    Unknown,
}

impl Status {
    /// All states, in the order in which counters are shown.
    pub const ALL: [Self; 9] = [
        Self::Waiting,
        Self::Running,
        Self::Blocked,
        Self::Queued,
        Self::Idle,
        Self::Failed,
        Self::Cancelled,
        Self::Succeeded,
        Self::Unknown,
    ];

    /// The word on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Blocked => "blocked",
            Self::Idle => "idle",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// The state of a word, in any letter case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word().eq_ignore_ascii_case(word))
    }

    /// Something is going on or could go on without a new start.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Running | Self::Waiting | Self::Blocked | Self::Idle)
    }

    /// A clock of this thing is running.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Waiting | Self::Blocked)
    }

    /// Over for good.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// Sort rank: what needs a person or is wrong comes first.
    pub fn rank(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::Failed => 1,
            Self::Blocked => 2,
            Self::Running => 3,
            Self::Queued => 4,
            Self::Idle => 5,
            Self::Unknown => 6,
            Self::Cancelled => 7,
            Self::Succeeded => 8,
        }
    }
}
