//! Planned runs.

use super::{RawRef, Status, Timestamp, Workspace};
use crate::text::Safe;

/// A planned run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// What it is called.
    pub name: Safe,
    /// What it is for, in the words of whoever planned it.
    pub description: Option<Safe>,
    /// Where it is planned (`crontab`, `schedules.json`).
    pub planned_in: Safe,
    /// Cron expression as written; for plans in other words, those words (`friday 16:00`).
    pub cron: Option<Safe>,
    /// Zone of the plan, when it names one of its own; else the zone of the machine.
    pub zone: Option<Safe>,
    /// What it starts.
    pub command: Option<Safe>,
    /// Where it works; empty = everywhere or not known.
    pub targets: Vec<Workspace>,
    /// Next run; `None` when it is switched off or never comes.
    pub next_run: Option<Timestamp>,
    /// When it should have run last.
    pub last_due: Option<Timestamp>,
    /// When it ran last, as far as anything shows.
    pub last_run: Option<Timestamp>,
    /// How the last run ended; `None` = nothing tells.
    pub last_status: Option<Status>,
    /// How the last run ended, in words, with the evidence.
    pub last_result: Option<Safe>,
    /// It was due and nothing shows that it ran.
    pub missed: bool,
    /// Switched off.
    pub paused: bool,
    /// What else there is to know about it (not installed, differs from its template, never runs), in words.
    pub status_note: Option<Safe>,
    /// Further facts of the source, label and value.
    pub facts: Vec<(&'static str, Safe)>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}
