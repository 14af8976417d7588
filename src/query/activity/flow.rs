//! How much comes in, gets done and runs at once, over time.

use crate::{
    model::{Millis, Status, Timestamp},
    query::{Range, activity::Run, axis::Axis},
};

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

/// What happened in each part of an axis.
pub fn flow(tasks: &[Run<'_>], agents: &[Run<'_>], axis: &Axis) -> Vec<Flow> {
    let borders = axis.edges();
    let starts = borders.get(..axis.len()).unwrap_or_default();
    let mut steps: Vec<Flow> = starts.iter().map(|start| Flow { start: *start, ..Flow::default() }).collect();
    let step = |at: Option<Timestamp>| axis.place(at?);
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
