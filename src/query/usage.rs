//! The ledger by groups over a range: the sum of the groups is the total.

use std::collections::HashMap;

use super::{cost, view::Selection, window::Range};
use crate::{
    model::{Id, Timestamp, Zone},
    store::{Entry, Store, Totals},
};

/// What usage is grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Model id.
    Model,
    /// Workspace path, or its name.
    Workspace,
    /// Agent id at its source.
    Agent,
    /// Task id at its source.
    Task,
    /// Role of the agent.
    Role,
    /// Type of the task.
    Type,
    /// Kind of source.
    Source,
    /// Local hour: `2026-11-18T14:00+01:00`, with the offset because an hour can occur twice.
    Hour,
    /// Local date.
    Day,
    /// Monday of the week.
    Week,
    /// `2026-11`.
    Month,
}

impl By {
    /// All groupings with their word on the command line.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Model, "model"),
        (Self::Workspace, "workspace"),
        (Self::Agent, "agent"),
        (Self::Task, "task"),
        (Self::Role, "role"),
        (Self::Type, "type"),
        (Self::Source, "source"),
        (Self::Hour, "hour"),
        (Self::Day, "day"),
        (Self::Week, "week"),
        (Self::Month, "month"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(by, _)| *by == self).map_or("", |(_, word)| word)
    }

    /// The grouping of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(by, _)| *by)
    }

    fn is_time(self) -> bool {
        matches!(self, Self::Hour | Self::Day | Self::Week | Self::Month)
    }
}

/// The key of usage that has no value to group by.
pub const UNKNOWN: &str = "unknown";

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is about.
    pub key: String,
    /// Its sum.
    pub totals: Totals,
}

/// Usage of a range, grouped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouped {
    /// Sum of everything.
    pub totals: Totals,
    /// By key for times, else dearest first.
    pub groups: Vec<Group>,
}

/// Groups the wanted usage of a range.
pub fn by(store: &Store, selection: &Selection, range: Range, by: By, now: Timestamp, zone: Zone) -> Grouped {
    let wanted = selection.entries(store, now);
    let mut sums: HashMap<u64, Totals> = HashMap::new();
    let mut totals = Totals::default();
    for entry in cost::entries(store, range).filter(|entry| wanted.wants(entry)) {
        let sum = entry.totals();
        totals.add(&sum);
        sums.entry(cell(by, &entry)).or_default().add(&sum);
    }
    // Several cells can have one name: roles of many agents, hours of one day.
    let mut groups: HashMap<String, Totals> = HashMap::new();
    for (cell, sum) in sums {
        groups.entry(name(store, by, cell, zone)).or_default().add(&sum);
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(key, totals)| Group { key, totals }).collect();
    if by.is_time() {
        groups.sort_by(|a, b| a.key.cmp(&b.key));
    } else {
        let size = |group: &Group| (group.totals.cost, group.totals.tokens.total());
        groups.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.key.cmp(&b.key)));
    }
    Grouped { totals, groups }
}

/// No time.
const TIMELESS: u64 = u64::MAX;

fn cell(by: By, entry: &Entry) -> u64 {
    match by {
        By::Model => u64::from(entry.model.0),
        By::Workspace => u64::from(entry.workspace),
        By::Agent | By::Role => u64::from(entry.agent),
        By::Task | By::Type => u64::from(entry.task),
        By::Source => u64::from(entry.source.0),
        // Quarters of an hour: every zone's hours and days are made of them.
        By::Hour | By::Day | By::Week | By::Month => {
            entry.at.map_or(TIMELESS, |secs| u64::from(secs / crate::store::rollup::QUARTER))
        }
    }
}

fn name(store: &Store, by: By, cell: u64, zone: Zone) -> String {
    let slot = u32::try_from(cell).unwrap_or(u32::MAX);
    let named = match by {
        By::Model => Some(store.symbols().name(crate::store::Symbol(slot as u16)).to_owned()),
        By::Workspace => store.workspace(slot).map(|workspace| workspace.identity().to_string()),
        By::Agent => store.agents.key(store.agents.root(Id::new(slot))).map(|key| key.local.to_string()),
        By::Task => store.tasks.key(store.tasks.root(Id::new(slot))).map(|key| key.local.to_string()),
        By::Role => {
            store.agents.get(Id::new(slot)).and_then(|agent| agent.role.as_ref()).map(ToString::to_string)
        }
        By::Type => {
            store.tasks.get(Id::new(slot)).and_then(|task| task.kind.as_ref()).map(ToString::to_string)
        }
        By::Source => Some(store.source_kind(crate::model::SourceId(slot as u16)).to_owned()),
        By::Hour | By::Day | By::Week | By::Month => time_name(by, cell, zone),
    };
    named.filter(|name| !name.is_empty()).unwrap_or_else(|| UNKNOWN.to_owned())
}

fn time_name(by: By, quarter: u64, zone: Zone) -> Option<String> {
    let secs = i64::try_from(quarter).ok()?.checked_mul(i64::from(crate::store::rollup::QUARTER))?;
    let at = Timestamp::from_secs(secs);
    Some(match by {
        By::Hour => at.hour_start(zone).utc().with_timezone(&zone).format("%Y-%m-%dT%H:%M%:z").to_string(),
        By::Week => at.week_start(zone).date(zone).to_string(),
        By::Month => at.date(zone).format("%Y-%m").to_string(),
        _ => at.date(zone).to_string(),
    })
}
