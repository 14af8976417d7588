//! The last days against as many days before them, and day by day.

use chrono::NaiveDate;

use super::{Heat, Outcome, Run, heat::heat, runs};
use crate::{
    model::{
        Millis, Timestamp, Zone,
        time::{day_after, day_before, start_of},
    },
    query::{Range, Selection, cost},
    store::{Store, Totals},
};

/// The usual numbers of days.
pub const DAYS: [u64; 3] = [30, 60, 90];

/// The figures of some days.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Period {
    /// Tokens and cost.
    pub usage: Totals,
    /// Tasks asked.
    pub tasks: usize,
    /// Agents created.
    pub agents: usize,
    /// Half of the tasks that were over took no longer.
    pub median: Option<Millis>,
    /// How tasks ended.
    pub outcome: Outcome,
}

/// One local day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Its figures.
    pub period: Period,
}

/// How the last days compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// How many local days, the running one included.
    pub days: u64,
    /// The figures of these days.
    pub now: Period,
    /// The figures of as many days before them, up to the same time of the day.
    pub before: Period,
    /// Day by day, oldest first, the last one is today.
    pub daily: Vec<Day>,
}

/// The last `days` local days of the wanted part of the fleet; `tasks` and `agents` are its runs.
pub fn trend(
    store: &Store,
    selection: &Selection,
    (tasks, agents): (&[Run<'_>], &[Run<'_>]),
    days: u64,
    now: Timestamp,
    zone: Zone,
) -> Trend {
    let days = days.max(1);
    let since = day_before(zone, now, days - 1);
    let earlier = day_before(zone, since, days);
    // What is in the future by a clock that goes wrong still belongs to today.
    let range = Range::new(since, day_after(zone, now, 1));
    let before = Range::new(earlier, earlier.plus(now.since(since)).min(since));
    let figures = |range: Range| period(cost::sum(store, selection, range, now), tasks, agents, range);
    let heat = heat(store, selection, range, now, zone);
    Trend {
        days,
        now: figures(range),
        before: figures(before),
        daily: daily(&heat, (tasks, agents), range, zone),
    }
}

fn period(usage: Totals, tasks: &[Run<'_>], agents: &[Run<'_>], range: Range) -> Period {
    let created =
        |runs: &[Run<'_>]| runs.iter().filter(|run| run.asked.is_some() && range.holds(run.asked)).count();
    let ended = runs::together(tasks, range);
    Period {
        usage,
        tasks: created(tasks),
        agents: created(agents),
        median: ended.spread.p50,
        outcome: ended.outcome,
    }
}

fn daily(heat: &Heat, (tasks, agents): (&[Run<'_>], &[Run<'_>]), range: Range, zone: Zone) -> Vec<Day> {
    let (Some(since), Some(until)) = (range.since, range.until) else { return Vec::new() };
    let last = until.minus(Millis(1)).date(zone);
    let dates: Vec<NaiveDate> = since
        .date(zone)
        .iter_days()
        .take_while(|date| *date <= last)
        .filter(|date| exists(zone, *date))
        .collect();
    let mut days: Vec<(Day, Vec<Millis>)> = dates
        .iter()
        .map(|date| {
            let usage = heat.days.get(date).map(|count| count.usage).unwrap_or_default();
            (Day { date: *date, period: Period { usage, ..Period::default() } }, Vec::new())
        })
        .collect();
    let place = |at: Option<Timestamp>| {
        let at = at.filter(|at| range.holds(Some(*at)))?;
        dates.binary_search(&at.date(zone)).ok()
    };
    for task in tasks {
        if let Some((day, _)) = place(task.asked).and_then(|at| days.get_mut(at)) {
            day.period.tasks += 1;
        }
        if let Some((day, took)) =
            place(task.ended.filter(|_| task.status.is_over())).and_then(|at| days.get_mut(at))
        {
            day.period.outcome.count(task.status);
            took.extend(task.took);
        }
    }
    for agent in agents {
        if let Some((day, _)) = place(agent.asked).and_then(|at| days.get_mut(at)) {
            day.period.agents += 1;
        }
    }
    days.into_iter()
        .map(|(mut day, mut took)| {
            day.period.median = runs::Spread::of(&mut took, 0).p50;
            day
        })
        .collect()
}

/// Whether a zone has a date at all: at the date line some have been left out.
fn exists(zone: Zone, date: NaiveDate) -> bool {
    start_of(zone, date).date(zone) == date
}
