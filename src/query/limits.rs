//! How close the plan's limits are: as recorded by the maker's program, else as far as it can be computed.

use super::view::Selection;
use crate::{
    model::{
        Millis, PlanLimit, SourceId, Timestamp, Usd, Zone,
        time::{day_after, day_before},
    },
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

/// How long a recorded window lasts, by its name.
fn length(name: &str) -> Option<Millis> {
    match rank(name) {
        0 => Some(BLOCK),
        1 | 2 => Some(Millis::days(7)),
        _ => None,
    }
}

/// Shortest part of a window to judge the rest by.
const LEAST: Millis = Millis::minutes(5);

/// Where a window leads if it goes on as it did since it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Full at this time, before it starts anew.
    Full(Timestamp),
    /// It starts anew before it is full.
    Lasts,
}

/// Where a recorded window leads; nothing where begin or use are not known, or too little of it has passed.
pub fn outlook(limit: &PlanLimit) -> Option<Outlook> {
    let (percent, reset) = (limit.percent?, limit.resets_at?);
    let begin = reset.minus(length(&limit.name)?);
    let passed = limit.read_at?.since(begin);
    if passed.0 < LEAST.0 || percent.is_nan() {
        return None;
    }
    if percent <= 0.0 {
        return Some(Outlook::Lasts);
    }
    let full = begin.plus(Millis((passed.0 as f64 * 100.0 / percent) as i64));
    Some(if full < reset { Outlook::Full(full) } else { Outlook::Lasts })
}

/// A window as usage tools compute it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    /// Begin: of a session the first answer, cut to the full UTC hour.
    pub start: Timestamp,
    /// End: of a session five hours later.
    pub end: Timestamp,
    /// What was used in it.
    pub totals: Totals,
}

impl Block {
    /// The same at its end, if it goes on as it did since it began.
    pub fn projected(&self, now: Timestamp) -> Option<(u64, Usd)> {
        let passed = now.since(self.start).0;
        if passed < LEAST.0 {
            return None;
        }
        let share = (self.end.since(self.start).0 as f64 / passed as f64).max(1.0);
        let (tokens, cost) = (self.totals.tokens.total() as f64, self.totals.cost.0 as f64);
        Some(((tokens * share) as u64, Usd((cost * share) as i64)))
    }
}

/// The windows since `since`, oldest first, the one that runs last: a window begins at the first answer cut to the full UTC
/// hour, lasts five hours, and a new one begins with the first answer after its end or after a pause of more than five
/// hours. Judged by quarters of an hour.
pub fn blocks(store: &Store, selection: &Selection, since: Timestamp, now: Timestamp) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut last = since;
    for (at, cell, totals) in store.rollup().cells(since, now.plus(Millis::minutes(15))) {
        if !selection.wants_cell(cell) {
            continue;
        }
        match blocks.last_mut() {
            Some(open) if at < open.end && at.since(last) <= BLOCK => open.totals.add(totals),
            _ => {
                let start = Timestamp(at.0 - at.0.rem_euclid(Millis::hours(1).0));
                blocks.push(Block { start, end: start.plus(BLOCK), totals: *totals });
            }
        }
        last = at;
    }
    blocks
}

/// The window that runs now.
pub fn block(store: &Store, selection: &Selection, now: Timestamp) -> Option<Block> {
    blocks(store, selection, now.minus(LOOK_BACK), now).pop().filter(|block| block.end > now)
}

/// A window that runs beside the fullest one that has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Computed {
    /// The window that runs.
    pub now: Block,
    /// Tokens of the fullest one before it; none = there was none.
    pub most: Option<u64>,
}

impl Computed {
    /// Percent of the fullest window before: nobody knows the limit, but that much was possible.
    pub fn percent(&self) -> Option<f64> {
        let most = self.most.filter(|most| *most > 0)?;
        Some(self.now.totals.tokens.total() as f64 / most as f64 * 100.0)
    }
}

/// The session that runs, beside those of the last 30 days.
pub fn session(store: &Store, selection: &Selection, now: Timestamp) -> Option<Computed> {
    let mut blocks = blocks(store, selection, now.minus(LOOK_BACK), now);
    let open = blocks.pop().filter(|block| block.end > now)?;
    Some(Computed { now: open, most: blocks.iter().map(|block| block.totals.tokens.total()).max() })
}

/// Weeks before this one that are looked at.
const WEEKS: u64 = 8;

/// This week from Monday, beside the eight before.
pub fn week(store: &Store, selection: &Selection, now: Timestamp, zone: Zone) -> Option<Computed> {
    let start = now.week_start(zone);
    let week = |back: u64| {
        let since = day_before(zone, start, back * 7);
        let until = day_after(zone, since, 7);
        let totals = store.rollup().sum(since, until, |cell| selection.wants_cell(cell));
        Block { start: since, end: until, totals }
    };
    let most = (1..=WEEKS).map(week).map(|week| week.totals.tokens.total()).max().filter(|most| *most > 0);
    Some(Computed { now: week(0), most }).filter(|week| !week.now.totals.is_empty() || week.most.is_some())
}
