//! Planned runs: what starts next, what was missed, what failed.

use std::cmp::Reverse;

use super::view::Selection;
use crate::{
    model::{Id, Key, Millis, Schedule, Status, Timestamp},
    store::Store,
};

/// A run within this span is about to start.
pub const SOON: Millis = Millis::minutes(5);

/// A planned run that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// Its id.
    pub id: Id<Schedule>,
    /// Its key.
    pub key: &'a Key,
    /// Itself.
    pub schedule: &'a Schedule,
}

/// What a planned run needs from a person, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// It was due and nothing shows that it ran.
    Missed,
    /// Its last run ended badly.
    Failed,
    /// Nothing is wrong.
    Fine,
    /// Switched off: what became of it before does not matter now.
    Paused,
}

impl Standing {
    /// How it stands with a planned run.
    pub fn of(schedule: &Schedule) -> Self {
        if schedule.paused {
            Self::Paused
        } else if schedule.missed {
            Self::Missed
        } else if schedule.last_status == Some(Status::Failed) {
            Self::Failed
        } else {
            Self::Fine
        }
    }

    /// The word on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Failed => "failed",
            Self::Fine => "",
            Self::Paused => "paused",
        }
    }
}

/// When it runs next; never when it is switched off, whatever the record says.
pub fn next_run(schedule: &Schedule) -> Option<Timestamp> {
    schedule.next_run.filter(|_| !schedule.paused)
}

/// It is about to start.
pub fn is_soon(schedule: &Schedule, now: Timestamp) -> bool {
    next_run(schedule).is_some_and(|at| at >= now && at.since(now) <= SOON)
}

/// Wanted runs, the next first, those without a next run last, then by name.
pub fn rows<'a>(store: &'a Store, selection: &Selection, now: Timestamp) -> Vec<Planned<'a>> {
    let mut rows: Vec<Planned<'a>> = store
        .schedules
        .entries()
        .filter(|(_, key, schedule)| selection.wants_schedule(store, key, schedule, now))
        .map(|(id, key, schedule)| Planned { id, key, schedule })
        .collect();
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    rows
}

fn order<'a>(row: &Planned<'a>) -> (Reverse<Option<Reverse<Timestamp>>>, &'a str, &'a Key) {
    (Reverse(row.schedule.next_run.map(Reverse)), &row.schedule.name, row.key)
}

/// The line above the list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// What starts next, and when: the earliest run that is not over already.
    pub next: Option<(Id<Schedule>, Timestamp)>,
    /// Planned runs.
    pub total: usize,
    /// Those that were missed.
    pub missed: usize,
    /// Those whose last run failed.
    pub failed: usize,
    /// Those that are switched off.
    pub paused: usize,
}

/// Counts runs by how they stand; each once.
pub fn summary(rows: &[Planned<'_>], now: Timestamp) -> Summary {
    let count = |standing| rows.iter().filter(|row| Standing::of(row.schedule) == standing).count();
    let coming = rows.iter().filter_map(|row| Some((row.id, next_run(row.schedule)?)));
    Summary {
        next: coming.filter(|(_, at)| *at >= now).min_by_key(|(_, at)| *at),
        total: rows.len(),
        missed: count(Standing::Missed),
        failed: count(Standing::Failed),
        paused: count(Standing::Paused),
    }
}

#[cfg(test)]
mod tests;
