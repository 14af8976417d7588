//! How much comes in, gets done and runs at once, over time.

use crate::{
    model::{
        Millis, Status, Timestamp, Zone,
        time::{day_after, months_before},
    },
    query::{Range, activity::Run},
};

/// How long a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A local hour.
    Hour,
    /// A local day.
    Day,
    /// A week from Monday.
    Week,
    /// A calendar month.
    Month,
}

/// Steps at most: more than any screen has columns.
const MOST: usize = 20_000;

impl Step {
    /// The word on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The step that shows a span in a readable number of pieces.
    pub fn for_span(span: Millis) -> Self {
        match span.0 / Millis::days(1).0 {
            ..=2 => Self::Hour,
            3..=120 => Self::Day,
            121..=730 => Self::Week,
            _ => Self::Month,
        }
    }

    fn start(self, at: Timestamp, zone: Zone) -> Timestamp {
        match self {
            Self::Hour => at.hour_start(zone),
            Self::Day => at.day_start(zone),
            Self::Week => at.week_start(zone),
            Self::Month => at.month_start(zone),
        }
    }

    fn next(self, at: Timestamp, zone: Zone) -> Timestamp {
        match self {
            Self::Hour => at.plus(Millis::hours(1)).hour_start(zone).max(at.plus(Millis::minutes(15))),
            Self::Day => day_after(zone, at, 1),
            Self::Week => day_after(zone, at, 7),
            Self::Month => months_before(zone, day_after(zone, at, 32), 0),
        }
    }

    /// Begins of the steps that cover `[since, until)`, and the end of the last one.
    pub fn borders(self, since: Timestamp, until: Timestamp, zone: Zone) -> Vec<Timestamp> {
        let mut borders = vec![self.start(since, zone)];
        while let Some(last) = borders.last().copied().filter(|last| *last < until) {
            let next = self.next(last, zone);
            // A zone that goes nowhere would go on for ever.
            if next <= last || borders.len() > MOST {
                break;
            }
            borders.push(next);
        }
        borders
    }
}

/// What happened in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Its begin.
    pub start: Timestamp,
    /// Tasks asked.
    pub asked: usize,
    /// Tasks that were over.
    pub done: usize,
    /// Of these: failed.
    pub failed: usize,
    /// Tasks that ran at once, at most.
    pub tasks_at_once: usize,
    /// Agents that ran at once, at most.
    pub agents_at_once: usize,
}

/// The part of a range with anything in it: open ends are where the first run was asked and where now is.
pub fn extent(
    tasks: &[Run<'_>],
    agents: &[Run<'_>],
    range: Range,
    now: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let first = || tasks.iter().chain(agents).filter_map(|run| run.asked.or(run.began)).min();
    let since = range.since.or_else(first)?;
    let until = range.until.unwrap_or(now.plus(Millis(1))).min(now.plus(Millis(1)));
    (since < until).then_some((since, until))
}

/// What happened in each step between `borders`.
pub fn flow(tasks: &[Run<'_>], agents: &[Run<'_>], borders: &[Timestamp]) -> Vec<Flow> {
    let Some((end, starts)) = borders.split_last() else { return Vec::new() };
    let mut steps: Vec<Flow> = starts.iter().map(|start| Flow { start: *start, ..Flow::default() }).collect();
    let step = |at: Option<Timestamp>| {
        let at = at.filter(|at| at < end)?;
        borders.partition_point(|border| *border <= at).checked_sub(1)
    };
    for task in tasks {
        if let Some(flow) = step(task.asked).and_then(|at| steps.get_mut(at)) {
            flow.asked += 1;
        }
        let over = step(task.ended.filter(|_| task.status.is_over()));
        if let Some(flow) = over.and_then(|at| steps.get_mut(at)) {
            flow.done += 1;
            flow.failed += usize::from(task.status == Status::Failed);
        }
    }
    for (flow, most) in steps.iter_mut().zip(at_once(tasks, borders)) {
        flow.tasks_at_once = most;
    }
    for (flow, most) in steps.iter_mut().zip(at_once(agents, borders)) {
        flow.agents_at_once = most;
    }
    steps
}

/// How many runs there were at once, at most, in each step. One that ends when another begins is not at once with it.
pub fn at_once(runs: &[Run<'_>], borders: &[Timestamp]) -> Vec<usize> {
    let mut turns: Vec<(Timestamp, i32)> = Vec::with_capacity(runs.len() * 2);
    for run in runs {
        if let (Some(began), Some(until)) = (run.began, run.until)
            && until > began
        {
            turns.push((began, 1));
            turns.push((until, -1));
        }
    }
    turns.sort_unstable();
    let (mut running, mut rest) = (0_i32, turns.as_slice());
    let mut step = |start: Timestamp, end: Timestamp| {
        // What changes at the very begin of a step was not in the step before.
        while let Some(((_, turn), later)) = rest.split_first().filter(|((at, _), _)| *at <= start) {
            running += turn;
            rest = later;
        }
        let mut most = running;
        while let Some(((_, turn), later)) = rest.split_first().filter(|((at, _), _)| *at < end) {
            running += turn;
            most = most.max(running);
            rest = later;
        }
        usize::try_from(most).unwrap_or(0)
    };
    borders.windows(2).map(|pair| pair.first().zip(pair.get(1)).map_or(0, |(a, b)| step(*a, *b))).collect()
}
