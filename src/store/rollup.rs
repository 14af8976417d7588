//! Sums in quarters of an hour, by source, model and workspace: what charts and periods read.
//!
//! Quarters because local days in +05:30 and +05:45 zones are sums of quarter hours, not of hours.

use std::collections::BTreeMap;

use super::{Entry, Symbol, Totals};
use crate::model::{SourceId, Timestamp};

/// Seconds of a bucket.
pub const QUARTER: u32 = 900;

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

/// The cube.
#[derive(Debug, Default)]
pub struct Rollup {
    buckets: BTreeMap<u32, Vec<(Cell, Totals)>>,
}

impl Rollup {
    pub(super) fn add(&mut self, entry: &Entry) {
        let Some(at) = entry.at else { return };
        let cell = cell_of(entry);
        let bucket = self.buckets.entry(at / QUARTER).or_default();
        match bucket.binary_search_by(|(other, _)| other.cmp(&cell)) {
            Ok(found) => {
                if let Some((_, totals)) = bucket.get_mut(found) {
                    totals.add(&entry.totals());
                }
            }
            Err(place) => bucket.insert(place, (cell, entry.totals())),
        }
    }

    pub(super) fn remove(&mut self, entry: &Entry) {
        let Some(at) = entry.at else { return };
        let cell = cell_of(entry);
        let Some(bucket) = self.buckets.get_mut(&(at / QUARTER)) else { return };
        if let Ok(found) = bucket.binary_search_by(|(other, _)| other.cmp(&cell))
            && let Some((_, totals)) = bucket.get_mut(found)
        {
            totals.remove(&entry.totals());
            if totals.is_empty() {
                bucket.remove(found);
            }
        }
        if bucket.is_empty() {
            self.buckets.remove(&(at / QUARTER));
        }
    }

    pub(super) fn clear(&mut self) {
        self.buckets.clear();
    }

    /// Cells whose quarter begins in `[since, until)`, oldest first, with the time their quarter begins.
    pub fn cells(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, &Cell, &Totals)> {
        let quarter = |at: Timestamp| (at.secs().clamp(0, i64::from(u32::MAX)) as u32).div_ceil(QUARTER);
        let (from, to) = (quarter(since), quarter(until));
        self.buckets.range(from..to.max(from)).flat_map(|(quarter, cells)| {
            let at = Timestamp::from_secs(i64::from(*quarter) * i64::from(QUARTER));
            cells.iter().map(move |(cell, totals)| (at, cell, totals))
        })
    }

    /// Sum over `[since, until)` of the cells that `wanted` accepts.
    pub fn sum(&self, since: Timestamp, until: Timestamp, wanted: impl Fn(&Cell) -> bool) -> Totals {
        let mut sum = Totals::default();
        for (_, cell, totals) in self.cells(since, until) {
            if wanted(cell) {
                sum.add(totals);
            }
        }
        sum
    }

    /// Begin of the oldest and end of the newest quarter.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = *self.buckets.keys().next()?;
        let last = *self.buckets.keys().next_back()?;
        let at = |quarter: u32| Timestamp::from_secs(i64::from(quarter) * i64::from(QUARTER));
        Some((at(first), at(last.saturating_add(1))))
    }
}

fn cell_of(entry: &Entry) -> Cell {
    Cell { source: entry.source, model: entry.model, workspace: entry.workspace }
}
