//! Store → rows of the Schedule panel. Pure; built once a change.

use crate::{
    model::{Id, Schedule},
    panels::Cx,
    query::{
        Selection,
        filter::{Field, SCHEDULE_FIELDS},
        schedules::{self, Standing, Summary, next_run},
        sort::{self, SortKey},
    },
};

/// What planned runs can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// What was missed or failed first, then the next run.
    Standing,
    Name,
    Next,
    At,
    Ran,
    Result,
    Target,
    Command,
    Cron,
}

/// The rows and the line above them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) list: Vec<Id<Schedule>>,
    pub(super) summary: Summary,
    /// Terms of the filter that say nothing about planned runs.
    pub(super) idle: Vec<&'static str>,
}

/// The wanted runs, sorted; equal ones by their next run.
pub(super) fn build(cx: &Cx<'_>, order: Order, descending: bool) -> Rows {
    let selection = Selection::of(cx.view, cx.store);
    let rows = schedules::rows(cx.store, &selection, cx.now);
    let mut places: Vec<usize> = (0..rows.len()).collect();
    let of = |at: usize| rows.get(at).map_or(SortKey::None, |row| key(row.schedule, order));
    sort::rows(&mut places, descending, of, |at| -(at as i64));
    Rows {
        list: places.into_iter().filter_map(|at| Some(rows.get(at)?.id)).collect(),
        summary: schedules::summary(&rows, cx.now),
        idle: selection.idle_fields(&SCHEDULE_FIELDS).into_iter().map(Field::word).collect(),
    }
}

fn key(schedule: &Schedule, order: Order) -> SortKey {
    match order {
        Order::Standing => SortKey::Number(Standing::of(schedule) as i64),
        Order::Name => SortKey::text(Some(&schedule.name)),
        Order::Next | Order::At => SortKey::number(next_run(schedule).map(|at| at.0)),
        Order::Ran => SortKey::number(schedule.last_run.map(|at| at.0)),
        Order::Result => SortKey::text(schedule.last_result.as_deref()),
        Order::Target => SortKey::text(schedule.targets.first().map(|target| &*target.name)),
        Order::Command => SortKey::text(schedule.command.as_deref()),
        Order::Cron => SortKey::text(schedule.cron.as_deref()),
    }
}
