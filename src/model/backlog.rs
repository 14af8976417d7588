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

/// One item of a backlog.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BacklogItem {
    /// What.
    pub title: Safe,
    /// Where.
    pub workspace: Option<Workspace>,
    /// How urgent.
    pub priority: Priority,
    /// Since when.
    pub created_at: Option<Timestamp>,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}
