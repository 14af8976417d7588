//! Planned runs.

use super::{RawRef, Timestamp, Workspace};
use crate::text::Safe;

/// A planned run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// What it is called.
    pub name: Safe,
    /// Cron expression as written.
    pub cron: Option<Safe>,
    /// What it starts.
    pub command: Option<Safe>,
    /// Where it works.
    pub targets: Vec<Workspace>,
    /// Next run.
    pub next_run: Option<Timestamp>,
    /// Last run.
    pub last_run: Option<Timestamp>,
    /// How the last run ended.
    pub last_result: Option<Safe>,
    /// Switched off.
    pub paused: bool,
    /// The record behind it.
    pub raw: Option<RawRef>,
}
