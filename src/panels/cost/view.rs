//! Store → figures and rows of the Cost panel. Pure; built once a change.

use crate::{
    model::{BudgetChange, Usd, price::PriceLine},
    panels::{Cx, range::following},
    query::{
        Range, Selection,
        axis::Axis,
        breakdown::{self, Breakdown, Part, Question},
        budgets::{self, Standing},
        cost,
        recorded::{self, Comparison},
        returns::{self, Figures, RoleReturn},
        usage::By,
        window::Window,
    },
    store::Totals,
};

/// Rows of the lists of the dearest.
const TOP: usize = 10;
/// Series of the chart that have a colour of their own.
pub(super) const SERIES: usize = 6;

/// The parts of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Side {
    /// Where the money goes: groups, narrowed step by step.
    #[default]
    Where,
    /// The dearest tasks and agents.
    Dearest,
    /// Budgets and their changes.
    Budgets,
    /// What roles and workflows bring.
    Returns,
    /// Prices, what has none, recorded against computed.
    Prices,
}

impl Side {
    pub(super) const ALL: [Self; 5] =
        [Self::Where, Self::Dearest, Self::Budgets, Self::Returns, Self::Prices];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Where => "where it goes",
            Self::Dearest => "dearest",
            Self::Budgets => "budgets",
            Self::Returns => "return",
            Self::Prices => "prices",
        }
    }

    pub(super) fn next(self) -> Self {
        following(&Self::ALL, Some(self)).unwrap_or_default()
    }
}

/// What groups can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// Dearest first; periods by time.
    #[default]
    Usual,
    Name,
    Tokens,
    PerToken,
    Responses,
}

impl Order {
    pub(super) const ALL: [Self; 5] =
        [Self::Usual, Self::Name, Self::Tokens, Self::PerToken, Self::Responses];

    pub(super) fn next(self) -> Self {
        following(&Self::ALL, Some(self)).unwrap_or_default()
    }
}

/// What rows depend on beside the store and the wanted part of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    pub(super) side: Side,
    pub(super) range: Range,
    pub(super) axis: Axis,
    pub(super) by: By,
    pub(super) within: Vec<Part>,
    pub(super) order: Order,
    pub(super) turned: bool,
    /// Grows with every change of a budget.
    pub(super) changes: usize,
}

/// A group with what is needed to draw it.
#[derive(Clone, Debug)]
pub(super) struct Share {
    pub(super) row: breakdown::Row,
    pub(super) name: String,
    /// Its colour in the chart.
    pub(super) series: Option<usize>,
    /// The sum it is a share of.
    pub(super) all: Usd,
    /// The dearest row of its list.
    pub(super) largest: Usd,
}

/// Figures of tasks with their name; a role has more of them.
#[derive(Clone, Debug)]
pub(super) struct Brought {
    pub(super) name: String,
    pub(super) figures: Figures,
    pub(super) role: Option<RoleReturn>,
}

/// One row of the list.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Head(&'static str),
    Said(String),
    Share(Share),
    Budget(Standing),
    Change(BudgetChange),
    Brought(Brought),
    Price(PriceLine, Vec<String>),
    Unpriced(String, u64, u64),
}

/// What a row is about, so that the selection stays on it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pick {
    Part(Part),
    Budget(crate::model::BudgetScope),
    Text(String),
}

pub(super) fn pick(item: &Item) -> Pick {
    match item {
        Item::Share(share) => Pick::Part(share.row.part.clone()),
        Item::Budget(standing) => Pick::Budget(standing.budget.scope.clone()),
        Item::Head(text) => Pick::Text((*text).to_owned()),
        Item::Said(text) | Item::Unpriced(text, ..) => Pick::Text(text.clone()),
        Item::Change(change) => Pick::Text(format!("{} {}", change.at.0, change.scope.words())),
        Item::Brought(brought) => Pick::Text(brought.name.clone()),
        Item::Price(line, _) => Pick::Text(format!("{} {:?}", line.models, line.since)),
    }
}

/// The rows, and the chart above them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) list: Vec<Item>,
    pub(super) totals: Totals,
    pub(super) recorded: Usd,
    /// Dollars over the axis, the largest groups first, all others last; only of [`Side::Where`].
    pub(super) series: Vec<Vec<f64>>,
}

/// A period beside the same part of the one before.
#[derive(Debug)]
pub(super) struct Period {
    pub(super) word: &'static str,
    pub(super) totals: Totals,
    pub(super) before: Option<Usd>,
}

/// The figures above the list.
#[derive(Debug)]
pub(super) struct Now {
    pub(super) periods: Vec<Period>,
    pub(super) hour: Usd,
    pub(super) burn: Option<Usd>,
    pub(super) month: Option<Usd>,
    pub(super) standings: Vec<Standing>,
}

/// Builds the figures above the list.
pub(super) fn now(cx: &Cx<'_>) -> Now {
    let selection = Selection::of(cx.view, cx.store);
    let sum = |range: Range| cost::sum(cx.store, &selection, range, cx.now);
    let summary = cost::summary(cx.store, &selection, cx.now, cx.zone);
    let session = Window::FiveHours;
    let before = session.before(cx.now, cx.zone).map(|range| sum(range).cost);
    let periods = vec![
        Period { word: "5 hours", totals: sum(session.range(cx.now, cx.zone)), before },
        Period { word: "today", totals: summary.today.totals, before: Some(summary.today.before) },
        Period { word: "week", totals: summary.week.totals, before: Some(summary.week.before) },
        Period { word: "month", totals: summary.month.totals, before: Some(summary.month.before) },
        Period { word: "all time", totals: summary.all, before: None },
    ];
    let hour = Range::new(cx.now.minus(crate::model::Millis::hours(1)), cx.now);
    Now {
        periods,
        hour: sum(hour).cost,
        burn: summary.burn_per_day,
        month: summary.projected_month,
        standings: budgets::standings(cx.store, &cx.budgets.list, cx.now, cx.zone),
    }
}

/// Builds the rows.
pub(super) fn rows(cx: &Cx<'_>, options: &Options) -> Rows {
    let selection = Selection::of(cx.view, cx.store);
    let within: &[Part] = if options.side == Side::Where { &options.within } else { &[] };
    let question =
        Question { selection: &selection, range: options.range, within, now: cx.now, zone: cx.zone };
    match options.side {
        Side::Where => groups(cx, &question, options),
        Side::Dearest => dearest(cx, &question),
        Side::Budgets => of(budget_list(cx)),
        Side::Returns => of(brought(cx, &returns::of(cx.store, &selection, options.range, cx.now))),
        Side::Prices => prices(cx, &question),
    }
}

fn of(list: Vec<Item>) -> Rows {
    Rows { list, ..Rows::default() }
}

fn shares(cx: &Cx<'_>, breakdown: Breakdown) -> Vec<Share> {
    let all = breakdown.totals.cost;
    let largest = breakdown.rows.iter().map(|row| row.totals.cost).max().unwrap_or_default();
    let name = |row: &breakdown::Row| breakdown::name(cx.store, row, cx.zone);
    let rows = breakdown.rows.into_iter();
    rows.map(|row| Share { name: name(&row), row, series: None, all, largest }).collect()
}

fn groups(cx: &Cx<'_>, question: &Question<'_>, options: &Options) -> Rows {
    let found = breakdown::by(cx.store, question, options.by);
    let (totals, recorded) = (found.totals, found.recorded);
    let is_period = options.by.step().is_some();
    let colours: Vec<Part> = if is_period {
        Vec::new()
    } else {
        found
            .rows
            .iter()
            .take(SERIES)
            .filter(|row| row.totals.cost > Usd::ZERO)
            .map(|row| row.part.clone())
            .collect()
    };
    let series = breakdown::over(cx.store, question, options.by, &colours, &options.axis);
    let mut shares = shares(cx, found);
    for (at, share) in shares.iter_mut().enumerate() {
        share.series = (!is_period).then_some(if at < colours.len() { at } else { SERIES });
    }
    sort(&mut shares, options);
    Rows { list: shares.into_iter().map(Item::Share).collect(), totals, recorded, series }
}

fn sort(shares: &mut [Share], options: &Options) {
    let per_token = |share: &Share| cost::per_million(&share.row.totals).unwrap_or(0.0);
    match options.order {
        // The newest period is what people look for.
        Order::Usual if options.by.step().is_some() => shares.reverse(),
        Order::Usual => {}
        Order::Name => shares.sort_by_cached_key(|share| share.name.to_lowercase()),
        Order::Tokens => shares.sort_by_key(|share| std::cmp::Reverse(share.row.totals.tokens.total())),
        Order::PerToken => shares.sort_by(|a, b| per_token(b).total_cmp(&per_token(a))),
        Order::Responses => shares.sort_by_key(|share| std::cmp::Reverse(share.row.totals.responses)),
    }
    if options.turned {
        shares.reverse();
    }
}

fn dearest(cx: &Cx<'_>, question: &Question<'_>) -> Rows {
    let mut out = Rows::default();
    for (head, by) in [("tasks", By::Task), ("agents", By::Agent)] {
        let found = breakdown::by(cx.store, question, by);
        (out.totals, out.recorded) = (found.totals, found.recorded);
        let known =
            |row: &breakdown::Row| !matches!(row.part, Part::Unknown(_)) && row.totals.known_cost().is_some();
        let mut top = found;
        let (all, largest) = (top.totals, top.rows.iter().find(|row| known(row)).map(|row| row.totals.cost));
        top.rows.retain(known);
        top.rows.truncate(TOP);
        top.totals = all;
        out.list.push(Item::Head(head));
        let rows = shares(cx, top);
        if rows.is_empty() {
            out.list.push(Item::Said("none has a cost in this range".to_owned()));
        }
        let largest = largest.unwrap_or_default();
        out.list.extend(rows.into_iter().map(|share| Item::Share(Share { largest, ..share })));
    }
    out
}

fn budget_list(cx: &Cx<'_>) -> Vec<Item> {
    let standings = budgets::standings(cx.store, &cx.budgets.list, cx.now, cx.zone);
    let mut list: Vec<Item> = standings.into_iter().map(Item::Budget).collect();
    if list.is_empty() {
        list.push(Item::Said("no budget is set".to_owned()));
    }
    list.push(Item::Head("changes"));
    list.extend(cx.budgets.changes.iter().rev().cloned().map(Item::Change));
    if cx.budgets.changes.is_empty() {
        list.push(Item::Said("none was made on the screen".to_owned()));
    }
    list
}

fn brought(cx: &Cx<'_>, found: &returns::Returns) -> Vec<Item> {
    let row = |name: &str, figures: &Figures| {
        Item::Brought(Brought { name: name.to_owned(), figures: figures.clone(), role: None })
    };
    let mut list = vec![
        Item::Head("with and without an analyst step"),
        row("with analyst", &found.with_analyst),
        row("without analyst", &found.without_analyst),
        row("all tasks", &found.all),
        Item::Head("by workflow"),
    ];
    for shape in &found.shapes {
        let names: Vec<&str> = shape.roles.iter().map(crate::text::Safe::as_str).collect();
        let name = if names.is_empty() {
            "no workflow known".to_owned()
        } else {
            names.join(&format!(" {} ", cx.glyphs.arrow))
        };
        list.push(row(&name, &shape.figures));
    }
    list.push(Item::Head("by role: its tasks, its own part of their cost, success against tasks without it"));
    list.extend(found.roles.iter().map(|role| {
        let role = role.clone();
        Item::Brought(Brought { name: role.name.to_string(), figures: role.with.clone(), role: Some(role) })
    }));
    list
}

fn prices(cx: &Cx<'_>, question: &Question<'_>) -> Rows {
    let models = breakdown::by(cx.store, question, By::Model);
    let (totals, recorded) = (models.totals, models.recorded);
    let mut list = Vec::new();
    let unpriced: Vec<&breakdown::Row> = models.rows.iter().filter(|row| row.totals.unpriced > 0).collect();
    if !unpriced.is_empty() {
        list.push(Item::Head("models with responses that have no price"));
        list.extend(unpriced.into_iter().map(|row| {
            let name = breakdown::name(cx.store, row, cx.zone);
            Item::Unpriced(name, row.totals.unpriced, row.totals.tokens.total())
        }));
    }
    list.push(Item::Head("recorded against computed"));
    let compared = recorded::compare(cx.store, question.selection, cx.now);
    list.extend(comparison(&compared).into_iter().map(Item::Said));
    list.push(Item::Head("price table, dollars for a million tokens; the first line that fits counts"));
    let table = cx.store.prices();
    let mut used: Vec<Vec<String>> = table.lines().map(|_| Vec::new()).collect();
    for row in &models.rows {
        let name = breakdown::name(cx.store, row, cx.zone);
        for place in table.places(&name) {
            if let Some(models) = used.get_mut(place) {
                models.push(name.clone());
            }
        }
    }
    list.extend(table.lines().zip(used).map(|(line, used)| Item::Price(line, used)));
    list.push(Item::Said(
        "change one: a [[price]] entry in the settings file (orchdash config) stands before these".to_owned(),
    ));
    Rows { list, totals, recorded, series: Vec::new() }
}

fn comparison(found: &Comparison) -> Vec<String> {
    use crate::text::format::{money, percent, plural};
    let mut said = Vec::new();
    if let Some(difference) = found.difference() {
        let way = if difference < 0.0 { "below" } else { "above" };
        said.push(format!(
            "of {} both are known: recorded {}, computed {}: recorded is {} {way} computed",
            plural(found.agents, "agent"),
            money(found.recorded),
            money(found.computed),
            percent(difference.abs()),
        ));
    } else {
        said.push("of no agent both are known".to_owned());
    }
    if found.agents_beside > 0 {
        said.push(format!(
            "of {} only a recorded cost is known, {}: it is in no sum",
            plural(found.agents_beside, "agent"),
            money(found.recorded_beside),
        ));
    }
    if found.tasks_beside > 0 {
        said.push(format!(
            "of {} only a recorded cost is known, {}: it is in no sum",
            plural(found.tasks_beside, "task"),
            money(found.tasks_recorded_beside),
        ));
    }
    said
}
