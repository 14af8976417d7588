//! Store → figures of the Usage panel. Pure; built once a change.

use std::collections::HashMap;

use crate::{
    model::{Agent, Id, Task, price::ModelName},
    panels::{
        Cx,
        range::{Group, Measure},
    },
    query::{
        Range, Selection,
        axis::{Axis, Step},
        bands::{self, Bands},
        cache::{self, Cache},
        limits::{self, Computed},
        shares::{self, PerTask, Users},
        sort::{self, SortKey},
        tools::{self, Tools},
        usage::{self, By, Grouped},
    },
    store::Totals,
};

/// What the figures depend on beside the store and the wanted part of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    pub(super) range: Range,
    pub(super) ends: Range,
    pub(super) step: Step,
    pub(super) group: Group,
    pub(super) measure: Measure,
    pub(super) order: Order,
    pub(super) descending: bool,
}

/// What the table can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// What is measured.
    Share,
    Name,
    Tasks,
    Agents,
    Responses,
    Input,
    Output,
    CacheWrite,
    CacheRead,
    Total,
    Cost,
    Hit,
}

/// What a row leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Agent(Id<Agent>),
    Task(Id<Task>),
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its key in the ledger's groups.
    pub(super) key: String,
    /// Its name on the screen.
    pub(super) label: String,
    pub(super) totals: Totals,
    pub(super) users: Users,
    pub(super) whom: Option<Whom>,
}

/// The figures.
#[derive(Debug)]
pub(super) struct View {
    pub(super) axis: Axis,
    pub(super) by: By,
    pub(super) measure: Measure,
    pub(super) bands: Bands,
    pub(super) rows: Vec<Row>,
    pub(super) users: Users,
    pub(super) per_task: PerTask,
    pub(super) cache: Cache,
    /// Percent from the cache in each part of the axis.
    pub(super) course: Vec<f64>,
    pub(super) tools: Tools,
    pub(super) session: Option<Computed>,
    pub(super) week: Option<Computed>,
    /// Tokens of the latest session windows, oldest first.
    pub(super) blocks: Vec<f64>,
}

/// What `measure` says of a sum.
pub(super) fn size(measure: Measure) -> bands::Size {
    match measure {
        Measure::Cost => |totals| u64::try_from(totals.cost.0).unwrap_or(0),
        Measure::Responses => |totals| totals.responses,
        Measure::NewTokens => |totals| totals.tokens.total().saturating_sub(totals.tokens.cache_read),
        Measure::Tokens | Measure::Tasks => |totals| totals.tokens.total(),
    }
}

/// The figures of a range.
pub(super) fn build(cx: &Cx<'_>, options: &Options, axis: Axis) -> View {
    let selection = Selection::of(cx.view, cx.store);
    let (store, now, zone, range) = (cx.store, cx.now, cx.zone, options.range);
    // Kinds of tokens are no groups of responses: beside them stands what people ask for first.
    let (banded, by) = match options.group {
        Group::Kind => (None, By::Model),
        Group::By(by) => (Some(by), by),
    };
    let bands = bands::over(store, &selection, (range, &axis), banded, size(options.measure), now);
    let grouped = usage::by(store, &selection, range, by, now, zone);
    let models = if by == By::Model {
        cache::of(store, &grouped, now)
    } else {
        cache::of(store, &usage::by(store, &selection, range, By::Model, now, zone), now)
    };
    let (users, by_group) = shares::users(store, &selection, range, by, now, zone);
    let blocks = limits::blocks(store, &selection, now.minus(BLOCKS_BACK), now);
    View {
        course: cache::course(&bands, axis.len()),
        rows: rows(cx, options, by, grouped, &by_group),
        by,
        measure: options.measure,
        bands,
        users,
        per_task: shares::per_task(store, &selection, range, now),
        cache: models,
        tools: tools::by_tool(store, &selection, range, now),
        session: limits::session(store, &selection, now),
        week: limits::week(store, &selection, now, zone),
        blocks: blocks.iter().map(|block| block.totals.tokens.total() as f64).collect(),
        axis,
    }
}

/// How far back the session windows beside the one that runs are shown.
const BLOCKS_BACK: crate::model::Millis = crate::model::Millis::days(10);

fn rows(
    cx: &Cx<'_>,
    options: &Options,
    by: By,
    grouped: Grouped,
    users: &HashMap<String, Users>,
) -> Vec<Row> {
    let known = known(cx, by);
    let all: Vec<Row> = grouped
        .groups
        .into_iter()
        .map(|group| {
            let found = known.get(&group.key);
            Row {
                label: found.map_or_else(|| label(by, &group.key), |(label, _)| label.clone()),
                whom: found.map(|(_, whom)| *whom),
                users: users.get(&group.key).copied().unwrap_or_default(),
                totals: group.totals,
                key: group.key,
            }
        })
        .collect();
    let mut places: Vec<usize> = (0..all.len()).collect();
    let of = |at: usize| all.get(at).map_or(SortKey::None, |row| key(row, options));
    sort::rows(&mut places, options.descending, of, |at| -(at as i64));
    let mut all: Vec<Option<Row>> = all.into_iter().map(Some).collect();
    places.into_iter().filter_map(|at| all.get_mut(at)?.take()).collect()
}

/// What an id is called, for groups whose key is one.
fn known(cx: &Cx<'_>, by: By) -> HashMap<String, (String, Whom)> {
    match by {
        By::Agent => cx
            .store
            .agents
            .entries()
            .map(|(id, key, agent)| (key.local.to_string(), (agent.name.to_string(), Whom::Agent(id))))
            .collect(),
        By::Task => cx
            .store
            .tasks
            .entries()
            .map(|(id, key, task)| (key.local.to_string(), (task.title.to_string(), Whom::Task(id))))
            .collect(),
        _ => HashMap::new(),
    }
}

/// A group in few columns.
pub(super) fn label(by: By, key: &str) -> String {
    match by {
        _ if key == usage::UNKNOWN => format!("{} not known", by.word()),
        By::Model => ModelName::short(key),
        By::Workspace => crate::text::format::basename(key).to_owned(),
        _ => key.to_owned(),
    }
}

fn key(row: &Row, options: &Options) -> SortKey {
    let tokens = &row.totals.tokens;
    let number = |value: u64| SortKey::Number(i64::try_from(value).unwrap_or(i64::MAX));
    match options.order {
        Order::Share => number(size(options.measure)(&row.totals)),
        Order::Name => SortKey::text(Some(&row.label)),
        Order::Tasks => number(row.users.tasks),
        Order::Agents => number(row.users.agents),
        Order::Responses => number(row.totals.responses),
        Order::Input => number(tokens.input),
        Order::Output => number(tokens.output),
        Order::CacheWrite => number(tokens.cache_write()),
        Order::CacheRead => number(tokens.cache_read),
        Order::Total => number(tokens.total()),
        Order::Cost => SortKey::number(row.totals.known_cost().map(|cost| cost.0)),
        Order::Hit => SortKey::number(cache::hit_percent(tokens).map(|percent| (percent * 1000.0) as i64)),
    }
}
