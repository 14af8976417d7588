//! The ledger by groups over a range: the sum of the groups is the total.

use super::{
    axis::Step,
    cost,
    grouping::{self, Sums},
    view::Selection,
    window::Range,
};
use crate::{
    model::{Timestamp, Zone},
    store::{Store, Totals},
};

pub use super::grouping::UNKNOWN;

/// What usage is grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

    /// The step of time it groups by; none = it does not group by time.
    pub fn step(self) -> Option<Step> {
        match self {
            Self::Hour => Some(Step::Hour),
            Self::Day => Some(Step::Day),
            Self::Week => Some(Step::Week),
            Self::Month => Some(Step::Month),
            _ => None,
        }
    }
}

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

/// Groups the wanted usage of a range. Reads the roll-up where it has the whole answer, else the ledger.
pub fn by(store: &Store, selection: &Selection, range: Range, by: By, now: Timestamp, zone: Zone) -> Grouped {
    let mut sums = Sums::default();
    if grouping::is_rolled(by)
        && let Some((since, until)) = cost::rolled(store, selection, range)
    {
        grouping::each_rolled(store, selection, Range::new(since, until), Some(by), |cell, sum| {
            sums.add(cell, sum);
        });
    } else {
        let wanted = selection.entries(store, now);
        cost::entries(store, range)
            .filter(|entry| wanted.wants(entry))
            .for_each(|entry| sums.add(grouping::cell(by, &entry), &entry.totals()));
    }
    let mut totals = Totals::default();
    sums.sums.iter().for_each(|sum| totals.add(sum));
    let groups = grouping::named(store, by, &sums, zone);
    let mut groups: Vec<Group> = groups.into_iter().map(|(key, totals)| Group { key, totals }).collect();
    if by.step().is_some() {
        groups.sort_by(|a, b| a.key.cmp(&b.key));
    } else {
        let size = |group: &Group| (group.totals.cost, group.totals.tokens.total());
        groups.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.key.cmp(&b.key)));
    }
    Grouped { totals, groups }
}
