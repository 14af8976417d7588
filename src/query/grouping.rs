//! Ledger entries → groups: each entry falls into one cell (a slot, a quarter of an hour), each cell into one group.

use std::collections::HashMap;

use super::{usage::By, view::Selection, window::Range};
use crate::{
    model::{Agent, Id, SourceId, Task, Timestamp, Zone},
    store::{Cell, Entry, NOBODY, Store, Symbol, Totals, rollup::QUARTER},
};

/// The key of usage that has no value to group by.
pub const UNKNOWN: &str = "unknown";

/// Cells below it are looked up in a list.
const SMALL: usize = 1 << 18;
/// No time.
const TIMELESS: u64 = u64::MAX;

/// Where an entry falls.
#[inline]
pub(super) fn cell(by: By, entry: &Entry) -> u64 {
    match by {
        By::Model => u64::from(entry.model.0),
        By::Workspace => u64::from(entry.workspace),
        // Slots, not ids: those stay small, however many lives they had.
        By::Agent | By::Role => Id::<Agent>::from_raw(entry.agent).index() as u64,
        By::Task | By::Type => Id::<Task>::from_raw(entry.task).index() as u64,
        By::Source => u64::from(entry.source.0),
        // Quarters of an hour: every zone's hours and days are made of them.
        By::Hour | By::Day | By::Week | By::Month => {
            entry.at.map_or(TIMELESS, |secs| u64::from(secs / QUARTER))
        }
    }
}

/// Where a cell of the roll-up falls, for what the roll-up knows.
fn rolled(by: By, at: Timestamp, cell: Cell) -> Option<u64> {
    Some(match by {
        By::Model => u64::from(cell.model.0),
        By::Workspace => u64::from(cell.workspace),
        By::Source => u64::from(cell.source.0),
        By::Hour | By::Day | By::Week | By::Month => u64::try_from(at.secs()).ok()? / u64::from(QUARTER),
        By::Agent | By::Role | By::Task | By::Type => return None,
    })
}

/// The roll-up knows enough to group by this.
pub(super) fn is_rolled(by: By) -> bool {
    !matches!(by, By::Agent | By::Role | By::Task | By::Type)
}

/// What the roll-up knows of a range, by cell of the grouping.
pub(super) fn each_rolled(
    store: &Store,
    selection: &Selection,
    range: Range,
    by: Option<By>,
    mut take: impl FnMut(u64, &Totals),
) {
    let Range { since: Some(since), until: Some(until) } = range else { return };
    let mut take = |at: Timestamp, cell: &Cell, totals: &Totals| {
        if selection.wants_cell(cell) {
            take(by.and_then(|by| rolled(by, at, *cell)).unwrap_or(0), totals);
        }
    };
    if by.is_some_and(|by| by.step().is_some()) {
        store.rollup().cells(since, until).for_each(|(at, cell, totals)| take(at, cell, totals));
    } else {
        store.rollup().pieces(since, until).for_each(|(cell, totals)| take(since, cell, totals));
    }
}

/// Numbers of cells, in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Of small cells, which slots and symbols are: looked up, not hashed. 0 = not met, else one more than the number.
    small: Vec<u32>,
    numbers: hashbrown::HashMap<u64, usize, foldhash::fast::FixedState>,
    /// Entries of one file come one after the other, mostly of one cell.
    last: Option<(u64, usize)>,
    pub(super) met: Vec<u64>,
}

impl Cells {
    #[inline]
    pub(super) fn number(&mut self, cell: u64) -> usize {
        if let Some((known, number)) = self.last
            && known == cell
        {
            return number;
        }
        let small =
            usize::try_from(cell).ok().and_then(|at| self.small.get(at)).copied().filter(|known| *known > 0);
        let number = small.map_or_else(|| self.meet(cell), |known| known as usize - 1);
        self.last = Some((cell, number));
        number
    }

    /// The number of a cell that is met for the first time, or of one that is not small.
    fn meet(&mut self, cell: u64) -> usize {
        let next = self.met.len();
        let small = usize::try_from(cell).ok().filter(|at| *at < SMALL);
        let number = if let Some(at) = small {
            if self.small.len() <= at {
                self.small.resize(at + 1, 0);
            }
            if let Some(place) = self.small.get_mut(at) {
                *place = next as u32 + 1;
            }
            next
        } else {
            *self.numbers.entry(cell).or_insert(next)
        };
        if number == next {
            self.met.push(cell);
        }
        number
    }
}

/// Sums by cell.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) cells: Cells,
    pub(super) sums: Vec<Totals>,
}

impl Sums {
    #[inline]
    pub(super) fn add(&mut self, cell: u64, totals: &Totals) {
        let number = self.cells.number(cell);
        match self.sums.get_mut(number) {
            Some(sum) => sum.add(totals),
            None => self.sums.push(*totals),
        }
    }

    /// Cells with their sums.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Totals)> {
        self.cells.met.iter().copied().zip(&self.sums)
    }
}

/// Sums by group. Several cells can have one name: roles of many agents, hours of one day.
pub(super) fn named(store: &Store, by: By, sums: &Sums, zone: Zone) -> HashMap<String, Totals> {
    let mut groups: HashMap<String, Totals> = HashMap::new();
    for (cell, sum) in sums.iter() {
        groups.entry(name(store, by, cell, zone)).or_default().add(sum);
    }
    groups
}

/// The name of the group of a cell.
pub(super) fn name(store: &Store, by: By, cell: u64, zone: Zone) -> String {
    let slot = u32::try_from(cell).unwrap_or(NOBODY);
    let named = match by {
        By::Model => Some(store.symbols().name(Symbol(slot as u16)).to_owned()),
        By::Workspace => store.workspace(slot).map(|workspace| workspace.identity().to_string()),
        By::Agent => {
            let key = |id| store.agents.key(store.agents.root(id));
            store.agents.at(slot as usize).and_then(key).map(|key| key.local.to_string())
        }
        By::Task => {
            let key = |id| store.tasks.key(store.tasks.root(id));
            store.tasks.at(slot as usize).and_then(key).map(|key| key.local.to_string())
        }
        By::Role => {
            let agent = store.agents.at(slot as usize).and_then(|id| store.agents.get(id));
            agent.and_then(|agent| agent.role.as_ref()).map(ToString::to_string)
        }
        By::Type => {
            let task = store.tasks.at(slot as usize).and_then(|id| store.tasks.get(id));
            task.and_then(|task| task.kind.as_ref()).map(ToString::to_string)
        }
        By::Source => Some(store.source_kind(SourceId(slot as u16)).to_owned()),
        By::Hour | By::Day | By::Week | By::Month => time_name(by, cell, zone),
    };
    named.filter(|name| !name.is_empty()).unwrap_or_else(|| UNKNOWN.to_owned())
}

fn time_name(by: By, quarter: u64, zone: Zone) -> Option<String> {
    let secs = i64::try_from(quarter).ok()?.checked_mul(i64::from(QUARTER))?;
    let at = Timestamp::from_secs(secs);
    Some(match by {
        By::Hour => at.hour_start(zone).utc().with_timezone(&zone).format("%Y-%m-%dT%H:%M%:z").to_string(),
        By::Week => at.week_start(zone).date(zone).to_string(),
        By::Month => at.date(zone).format("%Y-%m").to_string(),
        _ => at.date(zone).to_string(),
    })
}
