//! Store → rows of the Schedule panel. Pure; built once a change.

use std::cmp::Reverse;

use crate::{
    model::{Id, Schedule, Timestamp},
    panels::Cx,
    query::{
        Selection,
        filter::{Field, SCHEDULE_FIELDS},
        schedules::{self, Planned, Standing, Summary, next_run},
    },
};

/// By what the rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// What was missed or failed first, then the next run.
    #[default]
    Standing,
    /// Name.
    Name,
    /// The next run.
    Next,
    /// The last run.
    Ran,
}

/// How the rows are wanted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    pub(super) order: Order,
    pub(super) descending: bool,
}

/// The rows and the line above them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) list: Vec<Id<Schedule>>,
    pub(super) summary: Summary,
    /// Terms of the filter that say nothing about planned runs.
    pub(super) idle: Vec<&'static str>,
}

pub(super) fn build(cx: &Cx<'_>, options: &Options) -> Rows {
    let selection = Selection::of(cx.view, cx.store);
    let mut rows = schedules::rows(cx.store, &selection, cx.now);
    let summary = schedules::summary(&rows, cx.now);
    sort(&mut rows, options);
    Rows {
        list: rows.into_iter().map(|row| row.id).collect(),
        summary,
        idle: selection.idle_fields(&SCHEDULE_FIELDS).into_iter().map(Field::word).collect(),
    }
}

/// Equal rows keep the order of their next run; what is not known comes last either way.
fn sort(rows: &mut [Planned<'_>], options: &Options) {
    let time = |at: Option<Timestamp>| {
        let turned = at.map(|at| if options.descending { -at.0 } else { at.0 });
        (turned.is_none(), turned)
    };
    match options.order {
        Order::Next => rows.sort_by_key(|row| time(next_run(row.schedule))),
        Order::Ran => rows.sort_by_key(|row| time(row.schedule.last_run)),
        Order::Standing if options.descending => {
            rows.sort_by_key(|row| Reverse(Standing::of(row.schedule)));
        }
        Order::Standing => rows.sort_by_key(|row| Standing::of(row.schedule)),
        Order::Name if options.descending => {
            rows.sort_by_cached_key(|row| Reverse(row.schedule.name.to_lowercase()));
        }
        Order::Name => rows.sort_by_cached_key(|row| row.schedule.name.to_lowercase()),
    }
}
