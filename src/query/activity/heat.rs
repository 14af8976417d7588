//! How much happened on which local day and in which hour of the week.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Timelike};

use crate::{
    model::{Millis, Timestamp, Zone},
    query::{Range, Selection, cost},
    store::{Store, Totals, ledger::NOBODY, rollup::QUARTER},
};

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Tasks asked.
    Tasks,
    /// Responses of models.
    Responses,
    /// Tokens of all kinds.
    #[default]
    Tokens,
    /// Dollars.
    Cost,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tokens, Self::Cost, Self::Tasks, Self::Responses];

    /// The word on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Responses => "responses",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
        }
    }
}

/// What happened in a day or an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tasks asked.
    pub tasks: u64,
    /// Responses with their tokens and cost.
    pub usage: Totals,
}

impl Count {
    /// The value of a measure; money in nano-dollars.
    pub fn of(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Tasks => self.tasks,
            Measure::Responses => self.usage.responses,
            Measure::Tokens => self.usage.tokens.total(),
            Measure::Cost => u64::try_from(self.usage.cost.0).unwrap_or(0),
        }
    }

    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.tasks += other.tasks;
        self.usage.add(&other.usage);
    }
}

/// Activity by day and by hour of the week. The sum of the days is the sum of the hours is the total.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heat {
    /// By local day; days without anything are left out.
    pub days: BTreeMap<NaiveDate, Count>,
    /// By weekday from Monday and local hour. An hour that occurs twice counts in one place, one that a clock skips is empty.
    pub hours: [[Count; 24]; 7],
    /// Everything with a time.
    pub total: Count,
    /// What has no time, and so no day; only in all of time.
    pub undated: Count,
}

impl Heat {
    fn put(&mut self, place: Place, count: &Count) {
        self.days.entry(place.date).or_default().add(count);
        let hours = self.hours.get_mut(place.weekday);
        if let Some(hour) = hours.and_then(|hours| hours.get_mut(place.hour)) {
            hour.add(count);
        }
        self.total.add(count);
    }

    /// The values of an hour grid.
    pub fn hour(&self, weekday: usize, hour: usize) -> Count {
        self.hours.get(weekday).and_then(|hours| hours.get(hour)).copied().unwrap_or_default()
    }

    /// The day with most of a measure.
    pub fn busiest(&self, measure: Measure) -> Option<(NaiveDate, Count)> {
        let most = self.days.iter().filter(|(_, count)| count.of(measure) > 0);
        most.max_by_key(|(date, count)| (count.of(measure), std::cmp::Reverse(**date)))
            .map(|(date, count)| (*date, *count))
    }

    /// Days in a row with something of a measure: the longest run, and the one that ends today or yesterday.
    pub fn streaks(&self, measure: Measure, today: NaiveDate) -> (usize, usize) {
        let (mut longest, mut running, mut last) = (0, 0, None::<NaiveDate>);
        for (date, _) in self.days.iter().filter(|(_, count)| count.of(measure) > 0) {
            running = if last.and_then(|last| last.succ_opt()) == Some(*date) { running + 1 } else { 1 };
            longest = longest.max(running);
            last = Some(*date);
        }
        let is_recent = last.is_some_and(|last| last == today || last.succ_opt() == Some(today));
        (longest, if is_recent { running } else { 0 })
    }
}

/// Where in the calendar an instant lies.
#[derive(Clone, Copy)]
struct Place {
    date: NaiveDate,
    weekday: usize,
    hour: usize,
}

/// The calendar, asked once a quarter of an hour.
struct Calendar {
    zone: Zone,
    last: Option<(i64, Place)>,
}

impl Calendar {
    fn place(&mut self, at: Timestamp) -> Place {
        let quarter = at.secs().div_euclid(i64::from(QUARTER));
        if let Some((known, place)) = self.last
            && known == quarter
        {
            return place;
        }
        let local = at.utc().with_timezone(&self.zone);
        let place = Place {
            date: local.date_naive(),
            weekday: local.weekday().num_days_from_monday() as usize,
            hour: local.hour() as usize,
        };
        self.last = Some((quarter, place));
        place
    }
}

/// Activity of the wanted part of the fleet. Reads the roll-up where no filter and no border inside a quarter of an hour asks
/// for more.
pub fn heat(store: &Store, selection: &Selection, range: Range, now: Timestamp, zone: Zone) -> Heat {
    let mut heat = Heat::default();
    let mut calendar = Calendar { zone, last: None };
    each(store, selection, range, now, &mut |at, _, count| match at {
        Some(at) => heat.put(calendar.place(at), count),
        None => heat.undated.add(count),
    });
    heat
}

/// The same for every workspace that has anything, by its ledger number, without hours; the sum of them is the whole.
/// [`NOBODY`] stands for what happened in no known workspace.
pub fn by_workspace(
    store: &Store,
    selection: &Selection,
    range: Range,
    now: Timestamp,
    zone: Zone,
) -> Vec<(u32, BTreeMap<NaiveDate, Count>)> {
    let mut places: BTreeMap<u32, BTreeMap<NaiveDate, Count>> = BTreeMap::new();
    let mut calendar = Calendar { zone, last: None };
    each(store, selection, range, now, &mut |at, workspace, count| {
        if let Some(at) = at {
            let root = if workspace == NOBODY { NOBODY } else { store.workspace_root(workspace) };
            places.entry(root).or_default().entry(calendar.place(at).date).or_default().add(count);
        }
    });
    places.into_iter().collect()
}

/// Every piece of wanted activity of a range: when, where, what.
fn each(
    store: &Store,
    selection: &Selection,
    range: Range,
    now: Timestamp,
    tell: &mut dyn FnMut(Option<Timestamp>, u32, &Count),
) {
    usage(store, selection, range, now, &mut |at, workspace, totals| {
        tell(at, workspace, &Count { tasks: 0, usage: *totals });
    });
    let count = Count { tasks: 1, usage: Totals::default() };
    for (_, task) in store.tasks.iter().filter(|(id, task)| selection.wants_task(store, *id, task, now)) {
        let number = task.workspace.as_ref().and_then(|workspace| store.workspace_number(workspace));
        match super::runs::asked(task) {
            Some(at) if range.holds(Some(at)) => tell(Some(at), number.unwrap_or(NOBODY), &count),
            None if range == Range::ALL => tell(None, number.unwrap_or(NOBODY), &count),
            _ => {}
        }
    }
}

/// Wanted usage of a range in pieces no larger than a quarter of an hour.
fn usage(
    store: &Store,
    selection: &Selection,
    range: Range,
    now: Timestamp,
    tell: &mut dyn FnMut(Option<Timestamp>, u32, &Totals),
) {
    let quarter = Millis::seconds(i64::from(QUARTER)).0;
    let is_border = |at: Option<Timestamp>| at.is_none_or(|at| at.0.rem_euclid(quarter) == 0);
    if selection.is_by_workspace() && is_border(range.since) && is_border(range.until) {
        let since = range.since.unwrap_or(Timestamp(0));
        // What the ledger can hold ends in 2106.
        let until = range.until.unwrap_or(Timestamp::from_secs(i64::from(u32::MAX)));
        for (at, cell, totals) in store.rollup().cells(since, until) {
            if selection.wants_cell(cell) {
                tell(Some(at), cell.workspace, totals);
            }
        }
        if range != Range::ALL || store.undated_usage().is_empty() {
            return;
        }
        let wanted = selection.entries(store, now);
        for entry in store.ledger().iter().filter(|entry| entry.at.is_none() && wanted.wants(entry)) {
            tell(None, entry.workspace, &entry.totals());
        }
        return;
    }
    let wanted = selection.entries(store, now);
    cost::entries(store, range)
        .filter(|entry| wanted.wants(entry))
        .for_each(|entry| tell(entry.time(), entry.workspace, &entry.totals()));
}

/// Borders of the levels of a heatmap: a value above the n-th border has at least level n + 2, any value above zero level 1,
/// zero level 0. They are the quartiles of what occurs, so that one extraordinary day does not pale all others.
pub fn borders(values: impl Iterator<Item = u64>) -> [u64; 3] {
    let mut some: Vec<u64> = values.filter(|value| *value > 0).collect();
    some.sort_unstable();
    let at = |part: usize| some.get((some.len() * part / 4).min(some.len().saturating_sub(1))).copied();
    [1, 2, 3].map(|part| at(part).unwrap_or(0))
}

/// The level of a value: 0 (nothing) to 4 (most).
pub fn level(value: u64, borders: &[u64; 3]) -> usize {
    if value == 0 { 0 } else { 1 + borders.iter().filter(|border| value > **border).count() }
}
