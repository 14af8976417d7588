//! What it costs: of an agent, of a task, over periods; trend, burn rate and projection.
//!
//! A recorded cost beats a computed one; what has no price is counted and never 0.

use super::{
    view::Selection,
    window::{Range, Window},
};
use crate::{
    model::{Agent, CostKind, Id, Millis, Task, Timestamp, Usd, Zone, time::day_before},
    store::{Store, Totals, rollup::QUARTER},
    text::format,
};

/// Days over which the burn rate is taken.
const BURN_DAYS: u64 = 7;

/// A cost and how far to trust it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Dollars; none = not known.
    pub amount: Option<Usd>,
    /// Where it comes from.
    pub kind: CostKind,
    /// It is at least this much: something went on after it was written, or a part has no price.
    pub floor: bool,
    /// Responses without a price.
    pub unpriced: u64,
}

impl Cost {
    /// The cost of a sum of usage.
    pub fn of(totals: &Totals) -> Self {
        Self {
            amount: totals.known_cost(),
            kind: totals.cost_kind(),
            floor: totals.unpriced > 0 && totals.known_cost().is_some(),
            unpriced: totals.unpriced,
        }
    }

    /// The amount with its reservations: `~` in front = computed from tokens, `+` behind = at least. Nothing when no amount
    /// is known.
    pub fn text(&self) -> Option<String> {
        let amount = self.amount?;
        let about = if matches!(self.kind, CostKind::Computed | CostKind::Mixed) { "~" } else { "" };
        let floor = if self.floor { "+" } else { "" };
        Some(format!("{about}{}{floor}", format::money(amount)))
    }

    /// The cost of several things together; it is at least this much when that is so of one of them, or one has no price.
    pub fn together(parts: impl Iterator<Item = Self>) -> Self {
        let (mut sum, mut recorded, mut computed) = (Self::default(), false, false);
        for part in parts {
            if let Some(amount) = part.amount {
                sum.amount = Some(sum.amount.unwrap_or_default() + amount);
            }
            recorded |= matches!(part.kind, CostKind::Recorded | CostKind::Mixed);
            computed |= matches!(part.kind, CostKind::Computed | CostKind::Mixed);
            sum.floor |= part.floor;
            sum.unpriced += part.unpriced;
        }
        sum.floor |= sum.unpriced > 0 && sum.amount.is_some();
        sum.kind = CostKind::of(recorded, computed);
        sum
    }

    fn recorded(amount: Usd, floor: bool) -> Self {
        Self { amount: Some(amount), kind: CostKind::Recorded, floor, unpriced: 0 }
    }
}

/// What an agent cost. What the source recorded for it (sub-agents included) beats the sum of its responses.
pub fn agent_cost(store: &Store, id: Id<Agent>) -> Cost {
    let sum = Cost::of(&store.agent_usage(id));
    match store.agents.get(id) {
        Some(Agent { recorded_cost: Some(amount), recorded_cost_is_floor: floor, .. }) => {
            if *floor && sum.amount.is_some_and(|sum| sum > *amount) {
                return sum;
            }
            Cost::recorded(*amount, *floor)
        }
        _ => sum,
    }
}

/// What a task cost: the sum of its usage; what the source recorded for it when no usage speaks of it.
pub fn task_cost(store: &Store, id: Id<Task>) -> Cost {
    let sum = Cost::of(&store.task_usage(id));
    if sum.amount.is_some() {
        return sum;
    }
    match store.tasks.get(id).and_then(|task| task.recorded_cost) {
        Some(amount) => Cost::recorded(amount, false),
        None => sum,
    }
}

/// Tokens of a task: the sum of its usage; what the source recorded for it when no usage speaks of it. `None` = not known.
pub fn task_tokens(store: &Store, id: Id<Task>) -> Option<u64> {
    let usage = store.task_usage(id);
    if usage.is_empty() { store.tasks.get(id)?.recorded_tokens } else { Some(usage.tokens.total()) }
}

/// What a group of things cost: the sum of their usage. Where no usage speaks of any of them, what was `recorded` for them;
/// where usage speaks of some, it is at least that sum.
pub fn of_group(totals: &Totals, recorded: impl IntoIterator<Item = Usd>) -> Cost {
    let mut cost = Cost::of(totals);
    let mut recorded = recorded.into_iter().peekable();
    if recorded.peek().is_none() {
        return cost;
    }
    if totals.is_empty() {
        return Cost::recorded(recorded.sum(), false);
    }
    cost.floor |= cost.amount.is_some();
    cost
}

/// Sum of the wanted usage over a range. Reads the roll-up (borders to the quarter hour) unless a filter asks for more
/// than workspaces; then the ledger.
pub fn sum(store: &Store, selection: &Selection, range: Range, now: Timestamp) -> Totals {
    if range == Range::ALL && selection.is_everything() {
        return store.usage();
    }
    if let (true, Some(since), Some(until)) = (selection.is_by_workspace(), range.since, range.until) {
        return store.rollup().sum(since, until, |cell| selection.wants_cell(cell));
    }
    sum_exact(store, selection, range, now)
}

/// The same, always from the ledger: borders to the second.
pub fn sum_exact(store: &Store, selection: &Selection, range: Range, now: Timestamp) -> Totals {
    let wanted = selection.entries(store, now);
    let mut sum = Totals::default();
    for entry in entries(store, range).filter(|entry| wanted.wants(entry)) {
        sum.add(&entry.totals());
    }
    sum
}

/// The ends between which the roll-up has the whole answer for a range: both on quarters of an hour, and nothing asked for
/// that only the ledger knows. What is grouped by is for the caller to judge.
pub(super) fn rolled(store: &Store, selection: &Selection, range: Range) -> Option<(Timestamp, Timestamp)> {
    if !selection.is_by_workspace() {
        return None;
    }
    let (since, until) = match (range.since, range.until) {
        (Some(since), Some(until)) => (since, until),
        // What has no time is in all of time and not in the roll-up.
        (None, None) if store.undated_usage().is_empty() => store.rollup().span()?,
        _ => return None,
    };
    let quarter = i64::from(QUARTER) * 1000;
    (since.0.rem_euclid(quarter) == 0 && until.0.rem_euclid(quarter) == 0).then_some((since, until))
}

/// Ledger entries of a range.
pub(super) fn entries(store: &Store, range: Range) -> impl Iterator<Item = crate::store::Entry> {
    let secs = |at: Timestamp| {
        // Entries carry whole seconds: a border inside a second belongs to the next one.
        let up = at.secs() + i64::from(at.0.rem_euclid(1000) != 0);
        up.clamp(0, i64::from(u32::MAX)) as u32
    };
    store.ledger().range(range.since.map(secs), range.until.map(secs))
}

/// Wanted usage in equal steps, oldest first: `count` steps of which the last one holds `now`.
pub fn series(
    store: &Store,
    selection: &Selection,
    now: Timestamp,
    start: Timestamp,
    step: Millis,
    count: usize,
) -> Vec<Totals> {
    let mut out = vec![Totals::default(); count];
    let width = step.0.max(1);
    let mut put = |at: Timestamp, totals: &Totals| {
        if let Ok(index) = usize::try_from((at.0 - start.0).div_euclid(width))
            && let Some(slot) = out.get_mut(index)
        {
            slot.add(totals);
        }
    };
    let until = start.plus(Millis(width.saturating_mul(count as i64)));
    if selection.is_by_workspace() {
        for (at, _, totals) in
            store.rollup().cells(start, until).filter(|(_, cell, _)| selection.wants_cell(cell))
        {
            put(at, totals);
        }
    } else {
        let wanted = selection.entries(store, now);
        for entry in entries(store, Range::new(start, until)).filter(|entry| wanted.wants(entry)) {
            if let Some(at) = entry.time() {
                put(at, &entry.totals());
            }
        }
    }
    out
}

/// Dollars an hour over the last `hours` hours, oldest first; the last value is the hour that runs.
pub fn hourly(store: &Store, selection: &Selection, now: Timestamp, zone: Zone, hours: usize) -> Vec<f64> {
    let hour = Millis::hours(1);
    let start = now.hour_start(zone).minus(Millis(hour.0 * (hours.max(1) as i64 - 1)));
    series(store, selection, now, start, hour, hours).iter().map(|totals| totals.cost.dollars()).collect()
}

/// Dollars a local day over the last `days` days, oldest first; the last value is today.
pub fn daily(store: &Store, selection: &Selection, now: Timestamp, zone: Zone, days: usize) -> Vec<f64> {
    (0..days as u64)
        .rev()
        .map(|back| {
            let start = day_before(zone, now, back);
            let end = crate::model::time::day_after(zone, start, 1);
            sum(store, selection, Range::new(start, end), now).cost.dollars()
        })
        .collect()
}

/// A period's cost beside the same part of the period before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Period {
    /// This period so far.
    pub totals: Totals,
    /// Dollars in the same part of the period before.
    pub before: Usd,
}

/// The figures of the Cost block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// This local day.
    pub today: Period,
    /// This week.
    pub week: Period,
    /// This calendar month.
    pub month: Period,
    /// Everything ever.
    pub all: Totals,
    /// Dollars a day, over the last seven days that had any usage before them.
    pub burn_per_day: Option<Usd>,
    /// The month's cost so far and the burn rate over its rest.
    pub projected_month: Option<Usd>,
}

/// Cost of the wanted part of the fleet over the usual periods.
pub fn summary(store: &Store, selection: &Selection, now: Timestamp, zone: Zone) -> Summary {
    let period = |window: Window| Period {
        totals: sum(store, selection, window.range(now, zone), now),
        before: window.before(now, zone).map_or(Usd::ZERO, |range| sum(store, selection, range, now).cost),
    };
    let month = period(Window::Month);
    let burn = burn_per_day(store, selection, now, zone);
    let rest = Window::Month.range(now, zone).until.map_or(0.0, |end| end.since(now).0 as f64 / 86_400_000.0);
    let projected =
        burn.map(|burn| Usd(month.totals.cost.0.saturating_add((burn.0 as f64 * rest.max(0.0)) as i64)));
    Summary {
        today: period(Window::Today),
        week: period(Window::Week),
        month,
        all: sum(store, selection, Range::ALL, now),
        burn_per_day: burn,
        projected_month: projected,
    }
}

/// Dollars a day: what the last seven days cost, by the days since the first usage when that is less. Nothing while there
/// is less than an hour to judge by.
pub fn burn_per_day(store: &Store, selection: &Selection, now: Timestamp, zone: Zone) -> Option<Usd> {
    rate(store, now, zone, &|since, until| sum(store, selection, Range::new(since, until), now))
}

/// Dollars for a million tokens; not known while something of it has no price.
pub fn per_million(totals: &Totals) -> Option<f64> {
    let tokens = totals.tokens.total();
    let cost = totals.known_cost().filter(|_| tokens > 0 && totals.unpriced == 0)?;
    Some(cost.dollars() * 1e6 / tokens as f64)
}

/// The burn rate of whatever `sum` sums between two instants.
pub(super) fn rate(
    store: &Store,
    now: Timestamp,
    zone: Zone,
    sum: &dyn Fn(Timestamp, Timestamp) -> Totals,
) -> Option<Usd> {
    let (first, _) = store.rollup().span()?;
    let since = day_before(zone, now, BURN_DAYS).plus(now.since(now.day_start(zone))).max(first);
    let span = now.since(since).0;
    if span < Millis::hours(1).0 {
        return None;
    }
    let cost = sum(since, now.plus(Millis::minutes(15))).known_cost()?;
    Some(Usd((cost.0 as f64 * 86_400_000.0 / span as f64) as i64))
}
