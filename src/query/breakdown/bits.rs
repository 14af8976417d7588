//! What a breakdown is made of: entries of the ledger, or cells of the roll-up where they have the whole answer.

use super::{Groups, Part, Periods, Question, period_range};
use crate::{
    model::{SourceId, Timestamp, Usd, Zone},
    query::{cost, grouping::is_rolled, usage::By, window::Range},
    store::{Cell, Entry, NOBODY, Store, Symbol, Totals},
};

/// A part that usage must lie in.
struct Fence {
    groups: Groups,
    wanted: Option<u32>,
    periods: Periods,
}

impl Fence {
    fn new(store: &Store, part: &Part) -> Self {
        let groups = Groups::new(store, part.by());
        let wanted = groups.parts.iter().position(|(other, _)| other == part).map(|at| at as u32);
        Self { groups, wanted, periods: Periods::default() }
    }

    fn holds(&mut self, entry: &Bit, zone: Zone) -> bool {
        self.wanted == Some(self.groups.of(entry, &mut self.periods, zone))
    }
}

/// The range of a question: periods among the parts narrow it.
fn range_within(question: &Question<'_>) -> Range {
    let mut range = question.range;
    for part in question.within {
        if let Part::Period(by, begin) = part {
            let period = period_range(*by, *begin, question.zone);
            range.since = range.since.max(period.since);
            range.until = match (range.until, period.until) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    range
}

/// What falls into one group: an entry of the ledger, or a cell of the roll-up.
pub(super) struct Bit {
    pub(super) at: Option<u32>,
    pub(super) agent: u32,
    pub(super) task: u32,
    pub(super) model: Symbol,
    pub(super) workspace: u32,
    pub(super) source: SourceId,
    pub(super) totals: Totals,
    pub(super) recorded: Usd,
}

impl Bit {
    fn of_entry(entry: &Entry) -> Self {
        let recorded = if entry.recorded { entry.cost.unwrap_or_default() } else { Usd::ZERO };
        Self {
            at: entry.at,
            agent: entry.agent,
            task: entry.task,
            model: entry.model,
            workspace: entry.workspace,
            source: entry.source,
            totals: entry.totals(),
            recorded,
        }
    }

    fn of_cell(at: Timestamp, cell: Cell, totals: &Totals) -> Self {
        Self {
            at: u32::try_from(at.secs()).ok(),
            agent: NOBODY,
            task: NOBODY,
            model: cell.model,
            workspace: cell.workspace,
            source: cell.source,
            totals: *totals,
            recorded: if totals.recorded > 0 { totals.cost } else { Usd::ZERO },
        }
    }
}

/// The range in which the roll-up has the whole answer; nothing where only the ledger does.
fn rolled(store: &Store, question: &Question<'_>, by: By) -> Option<(Timestamp, Timestamp)> {
    if !is_rolled(by) || !question.within.iter().map(Part::by).all(is_rolled) {
        return None;
    }
    let (since, until) = cost::rolled(store, question.selection, range_within(question))?;
    // Of a cell with both kinds of cost nobody knows how much is of which.
    let mixed = |totals: &Totals| totals.recorded > 0 && totals.computed > 0;
    (!store.rollup().cells(since, until).any(|(_, _, totals)| mixed(totals))).then_some((since, until))
}

/// Calls `take` for everything that is asked for.
pub(super) fn each(store: &Store, question: &Question<'_>, by: By, mut take: impl FnMut(&Bit)) {
    let mut fences: Vec<Fence> = question
        .within
        .iter()
        .filter(|part| !matches!(part, Part::Period(..)))
        .map(|part| Fence::new(store, part))
        .collect();
    let mut inside = |bit: &Bit| fences.iter_mut().all(|fence| fence.holds(bit, question.zone));
    if let Some((since, until)) = rolled(store, question, by) {
        for (at, cell, totals) in store.rollup().cells(since, until) {
            let bit = Bit::of_cell(at, *cell, totals);
            if question.selection.wants_cell(cell) && inside(&bit) {
                take(&bit);
            }
        }
        return;
    }
    let wanted = question.selection.entries(store, question.now);
    cost::entries(store, range_within(question))
        .filter(|entry| wanted.wants(entry))
        .map(|entry| Bit::of_entry(&entry))
        .filter(|bit| inside(bit))
        .for_each(|bit| take(&bit));
}
