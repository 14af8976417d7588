//! How close the plan's limits are: as recorded by the maker's program, else as far as it can be computed.

use super::view::Selection;
use crate::{
    model::{Millis, PlanLimit, SourceId, Timestamp},
    store::{Store, Totals},
};

/// Length of a session window.
pub const BLOCK: Millis = Millis::hours(5);
/// How far back the chain of blocks is followed: a pause of more than five hours starts it anew, and every fleet pauses
/// within a month.
const LOOK_BACK: Millis = Millis::days(30);

/// A recorded window that still counts.
#[derive(Clone, Copy, Debug)]
pub struct Gauge<'a> {
    /// The window.
    pub limit: &'a PlanLimit,
    /// Who says so.
    pub source: SourceId,
    /// How old the figure is.
    pub age: Option<Millis>,
}

/// Windows that have not been reset since they were read, the newest reading first, shorter windows before longer ones.
pub fn current(store: &Store, now: Timestamp) -> Vec<Gauge<'_>> {
    let mut gauges: Vec<Gauge<'_>> = store
        .limits
        .entries()
        .filter(|(_, _, limit)| limit.is_current(now))
        .map(|(_, key, limit)| Gauge {
            limit,
            source: key.source,
            age: limit.read_at.map(|read| now.since(read)),
        })
        .collect();
    let newest = |source: SourceId| {
        let read = store.limits.entries().filter(|(_, key, _)| key.source == source);
        std::cmp::Reverse(read.filter_map(|(_, _, limit)| limit.read_at).max())
    };
    gauges.sort_by_cached_key(|gauge| {
        (newest(gauge.source), gauge.source, rank(&gauge.limit.name), gauge.limit.name.clone())
    });
    gauges
}

fn rank(name: &str) -> u8 {
    match name {
        "5 h" => 0,
        "week" => 1,
        _ if name.starts_with("week") => 2,
        _ => 3,
    }
}

/// A session window as usage tools compute it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// Begin: the first answer, cut to the full UTC hour.
    pub start: Timestamp,
    /// End: five hours later.
    pub end: Timestamp,
    /// What was used in it.
    pub totals: Totals,
}

/// The window that runs now: it begins at the first answer cut to the full UTC hour, lasts five hours, and a new one begins
/// with the first answer after its end or after a pause of more than five hours. Judged by quarters of an hour.
pub fn block(store: &Store, selection: &Selection, now: Timestamp) -> Option<Block> {
    let since = now.minus(LOOK_BACK);
    let mut open: Option<(Timestamp, Timestamp, Totals)> = None;
    for (at, cell, totals) in store.rollup().cells(since, now.plus(Millis::minutes(15))) {
        if !selection.wants_cell(cell) {
            continue;
        }
        match &mut open {
            Some((start, last, sum)) if at < start.plus(BLOCK) && at.since(*last) <= BLOCK => {
                *last = at;
                sum.add(totals);
            }
            _ => open = Some((Timestamp(at.0 - at.0.rem_euclid(Millis::hours(1).0)), at, *totals)),
        }
    }
    open.map(|(start, _, totals)| Block { start, end: start.plus(BLOCK), totals })
        .filter(|block| block.end > now)
}
