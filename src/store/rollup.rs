//! Sums in quarters of an hour, by source, model and workspace: what charts and periods read.
//!
//! Quarters because local days in +05:30 and +05:45 zones are sums of quarter hours, not of hours. Beside them stand the sums
//! of whole hours and days of UTC, so that a long range is read in few pieces ([`Rollup::pieces`]). They follow when news are
//! over (`Rollup::settle`); a day of which they do not know the newest is read in its quarters.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Symbol, Totals};
use crate::model::{SourceId, Timestamp};

/// Seconds of a bucket.
pub const QUARTER: u32 = 900;
/// Quarters of an hour.
const HOUR: u32 = 4;
/// Quarters of a day.
const DAY: u32 = 24 * HOUR;

/// What a cell is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Source.
    pub source: SourceId,
    /// Model.
    pub model: Symbol,
    /// Workspace number.
    pub workspace: u32,
}

/// Cells of one span of time, in order.
#[derive(Debug, Default)]
struct Bucket(Vec<(Cell, Totals)>);

impl Bucket {
    fn add(&mut self, cell: Cell, sum: &Totals) {
        match self.0.binary_search_by(|(other, _)| other.cmp(&cell)) {
            Ok(found) => {
                if let Some((_, totals)) = self.0.get_mut(found) {
                    totals.add(sum);
                }
            }
            Err(place) => {
                // Most buckets have a few cells, and there are many buckets: doubling would waste a third of the memory.
                self.0.reserve_exact(1);
                self.0.insert(place, (cell, *sum));
            }
        }
    }

    fn remove(&mut self, cell: Cell, sum: &Totals) {
        if let Ok(found) = self.0.binary_search_by(|(other, _)| other.cmp(&cell))
            && let Some((_, totals)) = self.0.get_mut(found)
        {
            totals.remove(sum);
            if totals.is_empty() {
                self.0.remove(found);
            }
        }
    }
}

/// The sums of a day of UTC.
#[derive(Debug, Default)]
struct Day {
    whole: Bucket,
    hours: [Bucket; 24],
}

/// The cube.
#[derive(Debug, Default)]
pub struct Rollup {
    /// By quarter since 1970.
    quarters: BTreeMap<u32, Bucket>,
    /// By day since 1970.
    days: BTreeMap<u32, Day>,
    /// Days of which the quarters know more than `days`.
    stale: BTreeSet<u32>,
    /// The one that was marked last: entries of one file come one after the other.
    marked: Option<u32>,
}

impl Rollup {
    /// Adds a sum over entries that lie in the same cell and quarter as this one.
    pub(super) fn add_sum(&mut self, one: &Entry, sum: &Totals) {
        let Some(at) = one.at else { return };
        self.quarters.entry(at / QUARTER).or_default().add(cell_of(one), sum);
        self.mark(at);
    }

    pub(super) fn remove(&mut self, entry: &Entry) {
        let Some(at) = entry.at else { return };
        let Some(bucket) = self.quarters.get_mut(&(at / QUARTER)) else { return };
        bucket.remove(cell_of(entry), &entry.totals());
        if bucket.0.is_empty() {
            self.quarters.remove(&(at / QUARTER));
        }
        self.mark(at);
    }

    fn mark(&mut self, at: u32) {
        let day = at / QUARTER / DAY;
        if self.marked != Some(day) {
            self.marked = Some(day);
            self.stale.insert(day);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Brings the sums of hours and days up to date.
    pub(super) fn settle(&mut self) {
        self.marked = None;
        for number in std::mem::take(&mut self.stale) {
            let first = number.saturating_mul(DAY);
            let mut day = Day::default();
            for (quarter, bucket) in self.quarters.range(first..first.saturating_add(DAY)) {
                let hour = day.hours.get_mut(((quarter - first) / HOUR) as usize);
                let Some(hour) = hour else { continue };
                for (cell, sum) in &bucket.0 {
                    hour.add(*cell, sum);
                    day.whole.add(*cell, sum);
                }
            }
            if day.whole.0.is_empty() {
                self.days.remove(&number);
            } else {
                self.days.insert(number, day);
            }
        }
    }

    /// Cells whose quarter begins in `[since, until)`, oldest first, with the time their quarter begins.
    pub fn cells(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, &Cell, &Totals)> {
        let (from, to) = (quarter_at(since), quarter_at(until));
        self.quarters.range(from..to.max(from)).flat_map(|(quarter, bucket)| {
            let at = time_of(*quarter);
            bucket.0.iter().map(move |(cell, totals)| (at, cell, totals))
        })
    }

    /// The same sums as [`Rollup::cells`] in as few pieces as there are: whole days and hours where the range holds them. For
    /// those who add up and do not ask when.
    pub fn pieces(&self, since: Timestamp, until: Timestamp) -> impl Iterator<Item = (&Cell, &Totals)> {
        let known = self.quarters.first_key_value().zip(self.quarters.last_key_value());
        let (from, to) = known.map_or((0, 0), |((first, _), (last, _))| {
            (quarter_at(since).max(*first), quarter_at(until).min(last.saturating_add(1)))
        });
        let mut at = from;
        let buckets = std::iter::from_fn(move || {
            let (piece, next) = (at < to).then(|| self.piece(at, to))?;
            at = next;
            Some(piece)
        });
        buckets.flatten().flat_map(|bucket| &bucket.0).map(|(cell, totals)| (cell, totals))
    }

    /// The largest piece that begins with a quarter and ends before another, or nothing where nothing is; where the next one
    /// begins.
    fn piece(&self, at: u32, to: u32) -> (Option<&Bucket>, u32) {
        let number = at / DAY;
        let left = to - at;
        if self.stale.contains(&number) {
            return (self.quarters.get(&at), at + 1);
        }
        let Some(day) = self.days.get(&number) else {
            // An empty day: on to the next one that is not.
            let known = self.days.range(number..).next().map(|(number, _)| *number);
            let stale = self.stale.range(number..).next().copied();
            let next = known.into_iter().chain(stale).min().map_or(to, |number| number.saturating_mul(DAY));
            return (None, next.min(to));
        };
        if at.is_multiple_of(DAY) && left >= DAY {
            (Some(&day.whole), at + DAY)
        } else if at.is_multiple_of(HOUR) && left >= HOUR {
            (day.hours.get((at % DAY / HOUR) as usize), at + HOUR)
        } else {
            (self.quarters.get(&at), at + 1)
        }
    }

    /// Sum over `[since, until)` of the cells that `wanted` accepts.
    pub fn sum(&self, since: Timestamp, until: Timestamp, wanted: impl Fn(&Cell) -> bool) -> Totals {
        let mut sum = Totals::default();
        for (_, totals) in self.pieces(since, until).filter(|(cell, _)| wanted(cell)) {
            sum.add(totals);
        }
        sum
    }

    /// Begin of the oldest and end of the newest quarter.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let (first, _) = self.quarters.first_key_value()?;
        let (last, _) = self.quarters.last_key_value()?;
        Some((time_of(*first), time_of(last.saturating_add(1))))
    }
}

fn cell_of(entry: &Entry) -> Cell {
    Cell { source: entry.source, model: entry.model, workspace: entry.workspace }
}

/// The first quarter that begins at a time or after it.
fn quarter_at(at: Timestamp) -> u32 {
    (at.secs().clamp(0, i64::from(u32::MAX)) as u32).div_ceil(QUARTER)
}

fn time_of(quarter: u32) -> Timestamp {
    Timestamp::from_secs(i64::from(quarter) * i64::from(QUARTER))
}

#[cfg(test)]
mod tests;
