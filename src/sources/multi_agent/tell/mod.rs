//! From what is known to deltas: one task (or the agents without task) at a time. Pure: no I/O, the time is an argument.

mod agent;
mod group;
mod log;
mod notes;
mod task;
mod usage;

pub(super) use group::{Group, Told};
pub(super) use log::{from_dir, from_event};

use super::{clock::Clock, evidence::Verdict, pair::Pair};
use crate::{model::Timestamp, text::Safe};

/// One agent with everything that was concluded about it.
#[derive(Debug)]
pub(super) struct Worker<'a> {
    pub(super) pair: Pair<'a>,
    pub(super) key: Safe,
    pub(super) clock: Clock,
    pub(super) verdict: Verdict,
    pub(super) started: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
}
