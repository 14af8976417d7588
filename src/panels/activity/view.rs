//! Store → what the Activity panel shows. Pure; built once a change.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    model::{
        Timestamp,
        time::{day_after, day_before},
    },
    panels::{Abilities, Cx, range},
    query::{
        Range, Selection,
        activity::{Count, ErrorKind, Flow, Group, Heat, Measure, Trend, errors, flow, heat, runs, trend},
        axis::{Axis, Step},
        tools::{self, Tools},
        usage::By,
    },
    store::ledger::NOBODY,
};

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Show {
    #[default]
    Days,
    Durations,
    Outcomes,
    Flow,
    Trends,
}

impl Show {
    pub(super) const ALL: [Self; 5] = [Self::Days, Self::Durations, Self::Outcomes, Self::Flow, Self::Trends];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Days => "calendar",
            Self::Durations => "durations",
            Self::Outcomes => "outcomes",
            Self::Flow => "flow",
            Self::Trends => "trends",
        }
    }

    pub(super) fn next(self) -> Self {
        range::following(&Self::ALL, Some(self)).unwrap_or_default()
    }

    /// What decides its content, in words.
    pub(super) fn about(self, cx: &Cx<'_>, able: Abilities) -> Vec<String> {
        let scene = cx.scene();
        let range = cx.lens.title(scene);
        match self {
            Self::Days => vec![measure(cx, able).word().to_owned(), range],
            Self::Durations | Self::Outcomes => vec![format!("by {}", by(cx, able).word()), range],
            Self::Flow => vec![format!("by {}", cx.lens.axis(scene).step.word()), range],
            Self::Trends => Vec::new(),
        }
    }
}

/// The measure chosen.
pub(super) fn measure(cx: &Cx<'_>, able: Abilities) -> Measure {
    match cx.lens.measure(able) {
        Some(range::Measure::Cost) => Measure::Cost,
        Some(range::Measure::Tasks) => Measure::Tasks,
        Some(range::Measure::Responses) => Measure::Responses,
        Some(range::Measure::Tokens | range::Measure::NewTokens) | None => Measure::Tokens,
    }
}

fn by(cx: &Cx<'_>, able: Abilities) -> By {
    match cx.lens.group(able) {
        Some(range::Group::By(by)) => by,
        _ => By::Type,
    }
}

/// What the data hang on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    show: Show,
    range: Range,
    by: By,
    step: Option<Step>,
}

impl Options {
    pub(super) fn of(cx: &Cx<'_>, show: Show, able: Abilities) -> Self {
        // What does not change a view must not make it anew.
        let is_grouped = matches!(show, Show::Durations | Show::Outcomes);
        Self {
            show,
            range: if show == Show::Trends { Range::ALL } else { cx.lens.range(cx.scene()) },
            by: if is_grouped { by(cx, able) } else { By::Type },
            step: cx.lens.step().filter(|_| show == Show::Flow),
        }
    }
}

/// What is shown, by view.
#[derive(Debug)]
pub(super) enum Data {
    Days(Box<Days>),
    Groups(Box<Groups>),
    Flow(FlowData),
    Trends(Vec<Trend>),
}

/// One workspace's calendar.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) days: BTreeMap<NaiveDate, Count>,
    pub(super) total: Count,
}

#[derive(Debug)]
pub(super) struct Days {
    /// Everything of the year that ends with the range, by day.
    pub(super) year: Heat,
    /// Everything of the range, by day and hour.
    pub(super) all: Heat,
    /// The year by workspace, the dearest first.
    pub(super) places: Vec<Place>,
    /// The last day of the calendar.
    pub(super) last: NaiveDate,
    pub(super) today: NaiveDate,
}

#[derive(Debug)]
pub(super) struct Groups {
    pub(super) by: By,
    pub(super) together: Group,
    pub(super) list: Vec<Group>,
    pub(super) errors: Vec<ErrorKind>,
    pub(super) tools: Tools,
}

#[derive(Debug)]
pub(super) struct FlowData {
    pub(super) axis: Axis,
    pub(super) steps: Vec<Flow>,
}

pub(super) fn build(cx: &Cx<'_>, options: &Options) -> Data {
    let selection = Selection::of(cx.view, cx.store);
    match options.show {
        Show::Days => Data::Days(Box::new(days(cx, &selection, options.range))),
        Show::Durations | Show::Outcomes => Data::Groups(Box::new(groups(cx, &selection, options))),
        Show::Flow => Data::Flow(flow_data(cx, &selection, options.range)),
        Show::Trends => {
            let tasks = runs::tasks(cx.store, &selection, cx.now);
            let agents = runs::agents(cx.store, &selection, cx.now);
            let one = |days| trend::trend(cx.store, &selection, (&tasks, &agents), days, cx.now, cx.zone);
            Data::Trends(trend::DAYS.into_iter().map(one).collect())
        }
    }
}

/// Days of the calendar: 53 weeks.
const DAYS: u64 = 371;

fn days(cx: &Cx<'_>, selection: &Selection, range: Range) -> Days {
    let (store, now, zone) = (cx.store, cx.now, cx.zone);
    let tomorrow = day_after(zone, now, 1);
    let end = range.until.unwrap_or(tomorrow);
    let last = Timestamp(end.0 - 1).date(zone);
    let year = Range::new(day_before(zone, end, DAYS), end.max(day_after(zone, Timestamp(end.0 - 1), 1)));
    let count = |days: &BTreeMap<NaiveDate, Count>| {
        let mut total = Count::default();
        for count in days.values() {
            total.add(count);
        }
        total
    };
    let mut places: Vec<Place> = heat::by_workspace(store, selection, year, now, zone)
        .into_iter()
        .map(|(number, days)| {
            let workspace = if number == NOBODY { None } else { store.workspace(number) };
            let name = workspace.map_or("no workspace", |workspace| workspace.name.as_str()).to_owned();
            Place { name, total: count(&days), days }
        })
        .collect();
    let size = |place: &Place| (place.total.usage.cost, place.total.usage.tokens.total(), place.total.tasks);
    places.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.name.cmp(&b.name)));
    Days {
        year: heat::heat(store, selection, year, now, zone),
        all: heat::heat(store, selection, range, now, zone),
        places,
        last,
        today: now.date(zone),
    }
}

fn groups(cx: &Cx<'_>, selection: &Selection, options: &Options) -> Groups {
    let (store, now, range) = (cx.store, cx.now, options.range);
    let tasks = runs::tasks(store, selection, now);
    let together = runs::together(&tasks, range);
    let runs = if runs::is_of_agents(options.by) { runs::agents(store, selection, now) } else { tasks };
    let is_outcomes = options.show == Show::Outcomes;
    Groups {
        by: options.by,
        together,
        list: runs::by(&runs, range, options.by),
        errors: if is_outcomes { errors::errors(store, selection, range, now) } else { Vec::new() },
        tools: if is_outcomes { tools::by_tool(store, selection, range, now) } else { Tools::default() },
    }
}

fn flow_data(cx: &Cx<'_>, selection: &Selection, range: Range) -> FlowData {
    let tasks = runs::tasks(cx.store, selection, cx.now);
    let agents = runs::agents(cx.store, selection, cx.now);
    let axis = match (range, flow::extent(&tasks, &agents, range, cx.now)) {
        // All of time begins with the first run, whether it used anything or not.
        (Range::ALL, Some((since, until))) => {
            let step = cx.lens.step().unwrap_or_else(|| Step::fitting(until.since(since)));
            Axis::new(step.floor(since, cx.zone), until, step, cx.zone)
        }
        _ => cx.lens.axis(cx.scene()),
    };
    FlowData { steps: flow::flow(&tasks, &agents, &axis), axis }
}
