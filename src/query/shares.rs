//! Who stands behind usage: tasks and agents of each group, and what a task takes.

use std::collections::HashMap;

use super::{
    cost,
    grouping::{self, Cells, Sums},
    usage::By,
    view::Selection,
    window::Range,
};
use crate::{
    model::{Id, Timestamp, Usd, Zone},
    store::{Entry, NOBODY, Store},
};

/// How many stand behind usage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Users {
    /// Tasks it is said to be of.
    pub tasks: u64,
    /// Agents it is said to be of.
    pub agents: u64,
}

/// Tasks and agents of each group of [`usage::by`](super::usage::by), and of everything together: a task that used two
/// models counts in both groups and once in all.
pub fn users(
    store: &Store,
    selection: &Selection,
    range: Range,
    by: By,
    now: Timestamp,
    zone: Zone,
) -> (Users, HashMap<String, Users>) {
    let wanted = selection.entries(store, now);
    let mut cells = Cells::default();
    let mut tasks = Pairs::default();
    let mut agents = Pairs::default();
    cost::entries(store, range).filter(|entry| wanted.wants(entry)).for_each(|entry| {
        let number = cells.number(grouping::cell(by, &entry)) as u32;
        tasks.add(number, entry.task);
        agents.add(number, entry.agent);
    });
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let groups: Vec<u32> = cells
        .met
        .iter()
        .map(|cell| {
            let next = numbers.len() as u32;
            *numbers.entry(grouping::name(store, by, *cell, zone)).or_insert(next)
        })
        .collect();
    let (all_tasks, tasks) = tasks.count(&groups, |task| store.tasks.root(Id::from_raw(task)).raw());
    let (all_agents, agents) = agents.count(&groups, |agent| store.agents.root(Id::from_raw(agent)).raw());
    let of = |counts: &[u64], number: u32| counts.get(number as usize).copied().unwrap_or(0);
    let users = |number| Users { tasks: of(&tasks, number), agents: of(&agents, number) };
    let groups = numbers.into_iter().map(|(name, number)| (name, users(number))).collect();
    (Users { tasks: all_tasks, agents: all_agents }, groups)
}

/// Different pairs of a number and a slot.
#[derive(Default)]
struct Pairs(Vec<(u32, u32)>);

impl Pairs {
    fn add(&mut self, number: u32, slot: u32) {
        // Responses of one agent come one after the other.
        if slot != NOBODY && self.0.last() != Some(&(number, slot)) {
            self.0.push((number, slot));
        }
    }

    /// Different slots of all groups together and of each; slots that are shown as one thing are one.
    fn count(mut self, groups: &[u32], root: impl Fn(u32) -> u32) -> (u64, Vec<u64>) {
        for (number, slot) in &mut self.0 {
            *number = groups.get(*number as usize).copied().unwrap_or(0);
            *slot = root(*slot);
        }
        self.0.sort_unstable();
        self.0.dedup();
        let mut counts = vec![0; groups.len()];
        for (number, _) in &self.0 {
            if let Some(count) = counts.get_mut(*number as usize) {
                *count += 1;
            }
        }
        let mut slots: Vec<u32> = self.0.into_iter().map(|(_, slot)| slot).collect();
        slots.sort_unstable();
        slots.dedup();
        (slots.len() as u64, counts)
    }
}

/// What tasks took of a range's usage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerTask {
    /// Tasks that used anything.
    pub tasks: u64,
    /// Tokens of the task in the middle.
    pub median_tokens: u64,
    /// Tokens of the task below which nine of ten lie.
    pub p90_tokens: u64,
    /// Cost of the task in the middle of those that have one.
    pub median_cost: Option<Usd>,
}

/// Tokens and cost by task.
pub fn per_task(store: &Store, selection: &Selection, range: Range, now: Timestamp) -> PerTask {
    let wanted = selection.entries(store, now);
    let mut sums = Sums::default();
    let is_of_task = |entry: &Entry| entry.task != NOBODY && wanted.wants(entry);
    cost::entries(store, range).filter(is_of_task).for_each(|entry| {
        sums.add(u64::from(store.tasks.root(Id::from_raw(entry.task)).raw()), &entry.totals());
    });
    let mut tokens: Vec<u64> = sums.sums.iter().map(|sum| sum.tokens.total()).collect();
    let mut costs: Vec<Usd> = sums.sums.iter().filter_map(crate::store::Totals::known_cost).collect();
    tokens.sort_unstable();
    costs.sort_unstable();
    PerTask {
        tasks: tokens.len() as u64,
        median_tokens: at_share(&tokens, 50).unwrap_or(0),
        p90_tokens: at_share(&tokens, 90).unwrap_or(0),
        median_cost: at_share(&costs, 50),
    }
}

/// The smallest value that is not below `percent` of the sorted values.
pub(super) fn at_share<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied()
}
