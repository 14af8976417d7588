//! Times in logs are local to the writing machine and carry no zone. This maps them to instants: by a difference that a
//! database row proves (in whole quarters of an hour), else by the reader's own zone.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime};

use crate::model::{Timestamp, Zone};

const QUARTER: i64 = 15 * 60 * 1000;
/// No zone is farther from UTC; a larger difference means that the two times do not belong together.
const FARTHEST: i64 = 15 * 60 * 60 * 1000;

/// A local time: milliseconds since 1970-01-01 00:00 on the writer's wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Local(pub(super) i64);

impl Local {
    /// `2025-11-07T09:43:57.380986`, fraction optional.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
        Some(Self(naive.and_utc().timestamp_millis()))
    }

    /// `20251107_094357`, as in directory names.
    pub(super) fn parse_name(text: &str) -> Option<Self> {
        let naive = NaiveDateTime::parse_from_str(text, "%Y%m%d_%H%M%S").ok()?;
        Some(Self(naive.and_utc().timestamp_millis()))
    }
}

/// The writer's offset from UTC, proven by a local time and the same moment in UTC.
pub(super) fn offset(local: Local, utc: Timestamp) -> Option<i64> {
    let difference = local.0.checked_sub(utc.0)?;
    let rounded = (difference + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    (rounded.abs() <= FARTHEST).then_some(rounded)
}

/// Offsets that were proven, by the local time of the proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Proofs(BTreeMap<i64, i64>);

impl Proofs {
    /// Adds a proof.
    pub(super) fn add(&mut self, at: Local, offset: i64) {
        self.0.insert(at.0, offset);
    }

    /// Adds all proofs of another set.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// The offset proven nearest to a local time.
    pub(super) fn nearest(&self, at: Local) -> Option<i64> {
        let before = self.0.range(..=at.0).next_back();
        let after = self.0.range(at.0..).next();
        match (before, after) {
            (Some(left), Some(right)) if at.0 - left.0 <= right.0 - at.0 => Some(*left.1),
            (_, Some(right)) => Some(*right.1),
            (left, None) => left.map(|(_, offset)| *offset),
        }
    }
}

/// Maps the local times of one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Milliseconds ahead of UTC, proven by the database.
    Proven(i64),
    /// Nothing proves it: the reader's zone.
    Assumed(Zone),
}

impl Clock {
    /// The instant of a local time.
    pub(super) fn at(self, local: Local) -> Timestamp {
        match self {
            Self::Proven(offset) => Timestamp(local.0.saturating_sub(offset)),
            Self::Assumed(zone) => DateTime::from_timestamp_millis(local.0)
                .and_then(|time| {
                    let text = time.naive_utc().format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
                    Timestamp::parse_local(&text, zone)
                })
                .unwrap_or(Timestamp(local.0)),
        }
    }

    /// In words, for the facts.
    pub(super) fn words(self) -> String {
        match self {
            Self::Proven(offset) => {
                let minutes = offset / 60_000;
                let sign = if minutes < 0 { '−' } else { '+' };
                let minutes = minutes.abs();
                match (minutes / 60, minutes % 60) {
                    (0, 0) => "UTC (from the database)".to_owned(),
                    (hours, 0) => format!("UTC{sign}{hours} (from the database)"),
                    (hours, rest) => format!("UTC{sign}{hours}:{rest:02} (from the database)"),
                }
            }
            Self::Assumed(zone) => format!("{zone} (assumed: nothing in the database to compare with)"),
        }
    }
}
