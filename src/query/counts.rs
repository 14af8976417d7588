//! Counters: how many agents and tasks in which state, role and workspace.

use std::collections::HashMap;

use super::{sort, view::Selection};
use crate::{
    model::{Status, Timestamp},
    store::Store,
    text::Safe,
};

/// How many things in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByStatus([usize; 9]);

impl ByStatus {
    /// Counts one.
    pub fn count(&mut self, status: Status) {
        if let Some(slot) = self.0.get_mut(status as usize) {
            *slot += 1;
        }
    }

    /// How many have this state.
    pub fn of(&self, status: Status) -> usize {
        self.0.get(status as usize).copied().unwrap_or(0)
    }

    /// How many are live: something goes on, or could without a new start.
    pub fn live(&self) -> usize {
        Status::ALL.into_iter().filter(|status| status.is_live()).map(|status| self.of(status)).sum()
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// States that occur, in the order in which counters are shown.
    pub fn present(&self) -> impl Iterator<Item = (Status, usize)> {
        Status::ALL.into_iter().map(|status| (status, self.of(status))).filter(|(_, count)| *count > 0)
    }
}

/// Agents by state.
pub fn agents(store: &Store, selection: &Selection, now: Timestamp) -> ByStatus {
    let mut counts = ByStatus::default();
    for (id, agent) in store.agents.iter() {
        if selection.wants_agent(store, id, agent, now) {
            counts.count(agent.status);
        }
    }
    counts
}

/// Agents by state without those that ended more than a day ago: they are history.
pub fn current_agents(store: &Store, selection: &Selection, now: Timestamp) -> ByStatus {
    let mut counts = ByStatus::default();
    for (id, agent) in store.agents.iter() {
        let current = !agent.status.is_over() || sort::is_recent(agent.ended_at.or(agent.updated_at), now);
        if current && selection.wants_agent(store, id, agent, now) {
            counts.count(agent.status);
        }
    }
    counts
}

/// Tasks by state.
pub fn tasks(store: &Store, selection: &Selection, now: Timestamp) -> ByStatus {
    let mut counts = ByStatus::default();
    for (id, task) in store.tasks.iter() {
        if selection.wants_task(store, id, task, now) {
            counts.count(task.status);
        }
    }
    counts
}

/// Live agents by role, most first; agents without a role under the empty name.
pub fn live_roles(store: &Store, selection: &Selection, now: Timestamp) -> Vec<(Safe, usize)> {
    let mut roles: HashMap<Safe, usize> = HashMap::new();
    for (id, agent) in store.agents.iter() {
        if agent.status.is_live() && selection.wants_agent(store, id, agent, now) {
            *roles.entry(agent.role.clone().unwrap_or_default()).or_default() += 1;
        }
    }
    let mut roles: Vec<_> = roles.into_iter().collect();
    roles.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    roles
}
