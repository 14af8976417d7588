//! Where the money went: the usage of a range by one of many groupings, narrowed step by step to groups of others. The sum
//! of the rows is the total, to the nano-dollar.
//!
//! Every slot of a column is given its group once; an entry costs a look-up, not a hash. Where the roll-up has the whole
//! answer the ledger is not read.

mod bits;

use std::collections::HashMap;

use super::{
    axis::{Axis, Step},
    roles,
    usage::By,
    view::Selection,
    window::Range,
};
use crate::{
    model::{Agent, Id, SourceId, Task, Timestamp, Usd, Zone, time::day_after},
    store::{Store, Symbol, Totals, rollup::QUARTER},
    text::Safe,
};
use bits::{Bit, each};

/// What one row is about: enough to narrow to it, to name it and to go there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// A model.
    Model(Symbol),
    /// A workspace, by the number that stands for all its spellings.
    Workspace(u32),
    /// An agent.
    Agent(Id<Agent>),
    /// A task.
    Task(Id<Task>),
    /// A role, by what makes it the same.
    Role(String),
    /// A type of tasks.
    Type(String),
    /// A kind of source.
    Source(&'static str),
    /// A period: grouping and begin.
    Period(By, Timestamp),
    /// What has no value to group by.
    Unknown(By),
}

impl Part {
    /// The grouping it is a row of.
    pub fn by(&self) -> By {
        match self {
            Self::Model(_) => By::Model,
            Self::Workspace(_) => By::Workspace,
            Self::Agent(_) => By::Agent,
            Self::Task(_) => By::Task,
            Self::Role(_) => By::Role,
            Self::Type(_) => By::Type,
            Self::Source(_) => By::Source,
            Self::Period(by, _) | Self::Unknown(by) => *by,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub part: Part,
    /// Its name, where the part does not lead to it: a role as it is met first.
    pub label: Option<Safe>,
    /// Its sum.
    pub totals: Totals,
    /// The part of its cost that sources recorded; the rest was computed.
    pub recorded: Usd,
}

impl Row {
    /// The part of its cost that was computed from tokens.
    pub fn computed(&self) -> Usd {
        self.totals.cost - self.recorded
    }
}

/// Usage of a range by groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breakdown {
    /// Sum of everything.
    pub totals: Totals,
    /// The recorded part of its cost.
    pub recorded: Usd,
    /// By time for periods, else dearest first.
    pub rows: Vec<Row>,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Which part of the fleet.
    pub selection: &'a Selection,
    /// Which part of time.
    pub range: Range,
    /// Only usage that lies in all of these.
    pub within: &'a [Part],
    /// Now.
    pub now: Timestamp,
    /// Where days begin.
    pub zone: Zone,
}

/// The groups of one grouping, by slot of the column it looks at.
struct Groups {
    by: By,
    parts: Vec<(Part, Option<Safe>)>,
    of_slot: Vec<u32>,
    unknown: u32,
}

/// Groups that periods are found in, as they are met.
#[derive(Default)]
struct Periods {
    known: HashMap<Timestamp, u32>,
    /// Quarter of an hour → group: entries come in runs of the same time.
    last: Option<(u32, u32)>,
}

impl Groups {
    fn new(store: &Store, by: By) -> Self {
        let mut groups = Self { by, parts: vec![(Part::Unknown(by), None)], of_slot: Vec::new(), unknown: 0 };
        let mut numbers: HashMap<Part, u32> = HashMap::new();
        let slots = match by {
            By::Model => store.symbols().len(),
            By::Workspace => store.workspaces().len(),
            By::Agent | By::Role => store.agents.capacity(),
            By::Task | By::Type => store.tasks.capacity(),
            By::Source => store.sources().map(|(id, _)| usize::from(id.0) + 1).max().unwrap_or(0),
            By::Hour | By::Day | By::Week | By::Month => 0,
        };
        // Thousands of agents share a few roles: what a name means is asked once a name.
        let mut known: HashMap<&Safe, u32> = HashMap::new();
        for slot in 0..slots as u32 {
            let role = if by == By::Role { role_of_slot(store, slot) } else { None };
            if let Some(group) = role.and_then(|role| known.get(role)) {
                groups.of_slot.push(*group);
                continue;
            }
            let part = match role {
                Some(role) => Some(roles::identity(role)).filter(|role| !role.is_empty()).map(Part::Role),
                None => part_of_slot(store, by, slot),
            };
            let group = match part {
                None => groups.unknown,
                Some(part) => {
                    *numbers.entry(part).or_insert_with_key(|part| groups.push(part.clone(), role.cloned()))
                }
            };
            if let Some(role) = role {
                known.insert(role, group);
            }
            groups.of_slot.push(group);
        }
        groups
    }

    fn push(&mut self, part: Part, label: Option<Safe>) -> u32 {
        self.parts.push((part, label));
        (self.parts.len() - 1) as u32
    }

    fn of(&mut self, entry: &Bit, periods: &mut Periods, zone: Zone) -> u32 {
        let slot = match self.by {
            By::Model => u32::from(entry.model.0),
            By::Workspace => entry.workspace,
            By::Agent | By::Role => Id::<Agent>::from_raw(entry.agent).index() as u32,
            By::Task | By::Type => Id::<Task>::from_raw(entry.task).index() as u32,
            By::Source => u32::from(entry.source.0),
            By::Hour | By::Day | By::Week | By::Month => return self.of_period(entry, periods, zone),
        };
        self.of_slot.get(slot as usize).copied().unwrap_or(self.unknown)
    }

    fn of_period(&mut self, entry: &Bit, periods: &mut Periods, zone: Zone) -> u32 {
        // Quarters of an hour: every zone's hours and days are made of them.
        let Some(quarter) = entry.at.map(|at| at / QUARTER) else {
            return self.unknown;
        };
        if let Some((_, group)) = periods.last.filter(|(last, _)| *last == quarter) {
            return group;
        }
        let at = Timestamp::from_secs(i64::from(quarter) * i64::from(QUARTER));
        let by = self.by;
        let begin = by.step().unwrap_or(Step::Day).floor(at, zone);
        let group = *periods.known.entry(begin).or_insert_with(|| self.push(Part::Period(by, begin), None));
        periods.last = Some((quarter, group));
        group
    }
}

/// The range of a period that begins at `begin`.
pub fn period_range(by: By, begin: Timestamp, zone: Zone) -> Range {
    let end = match by {
        By::Hour => begin.plus(crate::model::Millis::hours(1)),
        By::Week => day_after(zone, begin, 7),
        By::Month => day_after(zone, begin, 32).month_start(zone),
        _ => day_after(zone, begin, 1),
    };
    Range::new(begin, end)
}

fn part_of_slot(store: &Store, by: By, slot: u32) -> Option<Part> {
    let agent = || store.agents.at(slot as usize).map(|id| store.agents.root(id));
    let task = || store.tasks.at(slot as usize).map(|id| store.tasks.root(id));
    match by {
        By::Model => {
            let model = Symbol(slot as u16);
            (!store.symbols().name(model).is_empty()).then_some(Part::Model(model))
        }
        By::Workspace => Some(Part::Workspace(store.workspace_root(slot))),
        By::Agent => agent().filter(|id| store.agents.get(*id).is_some()).map(Part::Agent),
        By::Task => task().filter(|id| store.tasks.get(*id).is_some()).map(Part::Task),
        By::Type => store
            .tasks
            .get(task()?)?
            .kind
            .as_ref()
            .filter(|kind| !kind.is_empty())
            .map(|kind| Part::Type(kind.to_string())),
        By::Source => Some(Part::Source(store.source_kind(SourceId(slot as u16)))),
        By::Role | By::Hour | By::Day | By::Week | By::Month => None,
    }
}

fn role_of_slot(store: &Store, slot: u32) -> Option<&Safe> {
    store.agents.get(store.agents.at(slot as usize)?)?.role.as_ref()
}

/// The wanted usage by groups.
pub fn by(store: &Store, question: &Question<'_>, by: By) -> Breakdown {
    let mut groups = Groups::new(store, by);
    let mut periods = Periods::default();
    let mut sums: Vec<(Totals, Usd)> = Vec::new();
    each(store, question, by, |bit| {
        let at = groups.of(bit, &mut periods, question.zone) as usize;
        if sums.len() <= at {
            sums.resize(at + 1, Default::default());
        }
        if let Some((totals, recorded)) = sums.get_mut(at) {
            totals.add(&bit.totals);
            *recorded += bit.recorded;
        }
    });
    let mut out = Breakdown::default();
    for ((totals, recorded), (part, label)) in sums.into_iter().zip(groups.parts) {
        if totals.is_empty() {
            continue;
        }
        out.totals.add(&totals);
        out.recorded += recorded;
        out.rows.push(Row { part, label, totals, recorded });
    }
    let size = |row: &Row| (row.totals.cost, row.totals.tokens.total());
    if by.step().is_some() {
        out.rows.sort_by(|a, b| a.part.cmp(&b.part));
    } else {
        out.rows.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.part.cmp(&b.part)));
    }
    out
}

/// The name of a row as people know it: a title, a short path, a date.
pub fn name(store: &Store, row: &Row, zone: Zone) -> String {
    let found = match &row.part {
        Part::Model(model) => Some(store.symbols().name(*model).to_owned()),
        Part::Workspace(number) => store.workspace(*number).map(|workspace| workspace.name.to_string()),
        Part::Agent(id) => store.agents.get(*id).map(|agent| agent.label().to_string()),
        Part::Task(id) => store.tasks.get(*id).map(|task| {
            if task.title.is_empty() { task.prompt.first_line().to_owned() } else { task.title.to_string() }
        }),
        Part::Role(role) => Some(row.label.as_ref().map_or_else(|| role.clone(), ToString::to_string)),
        Part::Type(kind) => Some(kind.clone()),
        Part::Source(kind) => Some((*kind).to_owned()),
        Part::Period(by, begin) => Some(match by {
            By::Hour => begin.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
            By::Month => begin.date(zone).format("%Y-%m").to_string(),
            _ => begin.date(zone).format("%Y-%m-%d %a").to_string(),
        }),
        Part::Unknown(by) => Some(format!("no {}", by.word())),
    };
    found.filter(|name| !name.is_empty()).unwrap_or_else(|| super::usage::UNKNOWN.to_owned())
}

/// The id or path of a part, as its source knows it: what a headless answer tells beside the name.
pub fn id(store: &Store, part: &Part) -> Option<String> {
    match part {
        Part::Agent(id) => store.agents.key(*id).map(|key| key.local.to_string()),
        Part::Task(id) => store.tasks.key(*id).map(|key| key.local.to_string()),
        Part::Workspace(number) => store.workspace(*number)?.path.as_ref().map(ToString::to_string),
        _ => None,
    }
}

/// Dollars over an axis: a series for each of `parts` in their order, the last one for all others.
pub fn over(store: &Store, question: &Question<'_>, by: By, parts: &[Part], axis: &Axis) -> Vec<Vec<f64>> {
    let mut groups = Groups::new(store, by);
    let mut periods = Periods::default();
    let others = parts.len();
    let mut series = vec![vec![Usd::ZERO; axis.len()]; others + 1];
    let mut places: Vec<usize> = Vec::new();
    let mut last: Option<(Range, usize)> = None;
    each(store, question, by, |bit| {
        let Some(at) = bit.at.map(|secs| Timestamp::from_secs(i64::from(secs))) else { return };
        let column = match last {
            Some((range, column)) if range.holds(Some(at)) => column,
            _ => {
                let Some(column) = axis.place(at) else { return };
                last = axis.part(column).map(|range| (range, column));
                column
            }
        };
        let group = groups.of(bit, &mut periods, question.zone) as usize;
        for (part, _) in groups.parts.iter().skip(places.len()) {
            places.push(parts.iter().position(|wanted| wanted == part).unwrap_or(others));
        }
        let place = places.get(group).copied().unwrap_or(others);
        if let Some(sum) = series.get_mut(place).and_then(|series| series.get_mut(column)) {
            *sum += bit.totals.cost;
        }
    });
    series.into_iter().map(|sums| sums.into_iter().map(Usd::dollars).collect()).collect()
}

#[cfg(test)]
mod tests;
