//! The state words of all its formats in one vocabulary. Pure.

use crate::{model::Status, text::Safe};

/// A state of a run or a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Known, not begun.
    Queued,
    /// Begun.
    Running,
    /// Begun, in evidence that would not hear of its end.
    Begun,
    /// Ended well.
    Completed,
    /// Ended badly.
    Failed,
    /// Never run.
    Skipped,
    /// Stopped.
    Cancelled,
    /// A word nobody knows.
    Other(Safe),
}

impl Word {
    /// The meaning of a written word, in any letter case, synonyms folded in.
    pub(super) fn of(written: &str) -> Self {
        match written.trim().to_ascii_lowercase().as_str() {
            "queued" | "pending" => Self::Queued,
            "running" | "executing" | "retrying" | "validating" | "cancelling" => Self::Running,
            "completed" | "success" | "ok" => Self::Completed,
            "failed" | "failure" | "timeout" | "error" => Self::Failed,
            "skipped" => Self::Skipped,
            "cancelled" | "canceled" => Self::Cancelled,
            _ => Self::Other(Safe::line(written)),
        }
    }

    /// The state in the fleet's vocabulary: a skipped step was stopped before it began.
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Queued => Status::Queued,
            Self::Running => Status::Running,
            Self::Completed => Status::Succeeded,
            Self::Failed => Status::Failed,
            Self::Skipped | Self::Cancelled => Status::Cancelled,
            Self::Begun | Self::Other(_) => Status::Unknown,
        }
    }

    /// The word that is shown beside the status.
    pub(super) fn written(&self) -> Safe {
        match self {
            Self::Queued => Safe::line("pending"),
            Self::Running => Safe::line("running"),
            Self::Begun => Safe::line("started"),
            Self::Completed => Safe::line("completed"),
            Self::Failed => Safe::line("failed"),
            Self::Skipped => Safe::line("skipped"),
            Self::Cancelled => Safe::line("cancelled"),
            Self::Other(word) => word.clone(),
        }
    }

    /// Nothing more is to come. A word nobody knows is kept as it is, so it counts as the last one too.
    pub(super) fn is_over(&self) -> bool {
        !matches!(self, Self::Queued | Self::Running | Self::Begun)
    }

    /// How much a word is worth against another source's: ends beat what follows from something else, that beats a run
    /// that goes on, and that beats one that only began or waits.
    pub(super) fn weight(&self, is_inferred: bool) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Begun => 1,
            Self::Running => 2,
            _ if is_inferred => 3,
            _ => 4,
        }
    }
}
