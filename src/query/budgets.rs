//! How budgets stand: used in the running period, where that leads, when it is full, and how earlier periods ended.

use super::{
    cost,
    filter::contains_ignoring_case,
    view::{Selection, View},
    window::{Range, Window},
};
use crate::{
    model::{
        Budget, BudgetPeriod, BudgetScope, Millis, Timestamp, Usd, Zone,
        price::ModelName,
        time::{day_before, months_before},
    },
    store::{Cell, Store, Totals},
};

/// Periods shown beside the running one, it included.
const PERIODS: u64 = 8;

/// How a budget stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Which.
    pub budget: Budget,
    /// The running period.
    pub range: Range,
    /// What was used of it.
    pub used: Totals,
    /// Dollars a day, as for the burn rate of everything.
    pub rate: Option<Usd>,
    /// What the period will have cost at that rate.
    pub projected: Option<Usd>,
    /// When it is full: an instant of the past when it is, of the future when the rate leads there before the period ends.
    pub full_at: Option<Timestamp>,
    /// What the last periods cost, oldest first, the running one last.
    pub periods: Vec<Usd>,
}

impl Standing {
    /// Percent used.
    pub fn percent(&self) -> f64 {
        self.used.cost.0 as f64 / self.budget.limit.0.max(1) as f64 * 100.0
    }

    /// Percent of it that the projection leads to.
    pub fn projected_percent(&self) -> Option<f64> {
        Some(self.projected?.0 as f64 / self.budget.limit.0.max(1) as f64 * 100.0)
    }

    /// It is used up.
    pub fn is_full(&self) -> bool {
        self.used.cost >= self.budget.limit
    }
}

/// How all budgets stand at `now`, in their order. They count what they are for, whatever else is on the screen.
pub fn standings(store: &Store, budgets: &[Budget], now: Timestamp, zone: Zone) -> Vec<Standing> {
    budgets.iter().map(|budget| standing(store, budget, now, zone)).collect()
}

fn window(period: BudgetPeriod) -> Window {
    match period {
        BudgetPeriod::Day => Window::Today,
        BudgetPeriod::Week => Window::Week,
        BudgetPeriod::Month => Window::Month,
    }
}

/// The begin of the period `back` periods before the one that begins at `start`.
fn start_before(period: BudgetPeriod, start: Timestamp, back: u64, zone: Zone) -> Timestamp {
    match period {
        BudgetPeriod::Day => day_before(zone, start, back),
        BudgetPeriod::Week => day_before(zone, start, back * 7),
        BudgetPeriod::Month => months_before(zone, start, back as u32),
    }
}

/// Which cells of the roll-up a budget counts.
struct Counted {
    selection: Selection,
    models: Vec<bool>,
}

impl Counted {
    fn of(store: &Store, scope: &BudgetScope) -> Self {
        let workspaces = scope.workspace.iter().map(ToString::to_string).collect();
        let selection = Selection::of(&View { workspaces, filter: String::new() }, store);
        let counts = |name: &str| {
            scope.model.as_ref().is_none_or(|model| {
                contains_ignoring_case(name, model) || contains_ignoring_case(&ModelName::short(name), model)
            })
        };
        let symbols = store.symbols();
        let models =
            (0..symbols.len()).map(|at| counts(symbols.name(crate::store::Symbol(at as u16)))).collect();
        Self { selection, models }
    }

    fn counts(&self, cell: Cell) -> bool {
        self.selection.wants_cell(&cell)
            && self.models.get(usize::from(cell.model.0)).copied().unwrap_or(false)
    }

    fn sum(&self, store: &Store, since: Timestamp, until: Timestamp) -> Totals {
        store.rollup().sum(since, until, |cell| self.counts(*cell))
    }
}

fn standing(store: &Store, budget: &Budget, now: Timestamp, zone: Zone) -> Standing {
    let counted = Counted::of(store, &budget.scope);
    let period = budget.scope.period;
    let range = window(period).range(now, zone);
    let (start, end) = (range.since.unwrap_or(now), range.until.unwrap_or(now));
    let used = counted.sum(store, start, end);
    let rate = cost::rate(store, now, zone, &|since, until| counted.sum(store, since, until));
    let rest = end.since(now).0.max(0) as f64 / Millis::days(1).0 as f64;
    let projected = rate.map(|rate| Usd(used.cost.0.saturating_add((rate.0 as f64 * rest) as i64)));
    let periods = (1..PERIODS)
        .rev()
        .map(|back| {
            let from = start_before(period, start, back, zone);
            let to = start_before(period, start, back - 1, zone);
            counted.sum(store, from, to).cost
        })
        .chain([used.cost])
        .collect();
    let full_at = if used.cost >= budget.limit {
        filled_at(store, &counted, (start, end), budget.limit)
    } else {
        rate.and_then(|rate| reached(now, budget.limit - used.cost, rate)).filter(|at| *at < end)
    };
    Standing { budget: budget.clone(), range, used, rate, projected, full_at, periods }
}

/// The quarter of an hour in which the sum reached the limit.
fn filled_at(
    store: &Store,
    counted: &Counted,
    (start, end): (Timestamp, Timestamp),
    limit: Usd,
) -> Option<Timestamp> {
    let mut sum = Usd::ZERO;
    let cells = store.rollup().cells(start, end).filter(|(_, cell, _)| counted.counts(**cell));
    for (at, _, totals) in cells {
        sum += totals.cost;
        if sum >= limit {
            return Some(at);
        }
    }
    None
}

/// When `left` is spent at `rate` dollars a day; nothing at no rate.
fn reached(now: Timestamp, left: Usd, rate: Usd) -> Option<Timestamp> {
    if rate <= Usd::ZERO {
        return None;
    }
    let days = left.0 as f64 / rate.0 as f64;
    Some(now.plus(Millis((days * Millis::days(1).0 as f64).min(1e15) as i64)))
}

#[cfg(test)]
mod tests;
