//! Recorded against computed cost: what sources wrote down, what our price table makes of the same tokens, and what is
//! recorded for things of which no usage speaks.

use super::{
    cost,
    view::{MOST_ANCESTORS, Selection},
};
use crate::{
    model::{Agent, CostKind, Id, Timestamp, Usd},
    store::Store,
};

/// The two beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Agents for which both are known.
    pub agents: usize,
    /// What sources recorded for them.
    pub recorded: Usd,
    /// What their tokens come to by the price table, sub-agents included.
    pub computed: Usd,
    /// Agents of which only a recorded cost is known: in no sum.
    pub agents_beside: usize,
    /// That cost.
    pub recorded_beside: Usd,
    /// Tasks of which only a recorded cost is known, their agents' included: in no sum.
    pub tasks_beside: usize,
    /// That cost.
    pub tasks_recorded_beside: Usd,
}

impl Comparison {
    /// Percent by which the recorded cost is above the computed one.
    pub fn difference(&self) -> Option<f64> {
        (self.computed > Usd::ZERO)
            .then(|| (self.recorded.0 - self.computed.0) as f64 / self.computed.0 as f64 * 100.0)
    }
}

/// Compares over all wanted agents and tasks.
pub fn compare(store: &Store, selection: &Selection, now: Timestamp) -> Comparison {
    let mut out = Comparison::default();
    // What each agent with a recorded cost used, with its sub-agents: a recorded cost holds theirs.
    let mut sums = vec![crate::store::Totals::default(); store.agents.capacity()];
    for (id, _) in store.agents.iter() {
        let usage = store.agent_usage(id);
        if !usage.is_empty()
            && let Some(owner) = owner(store, id)
            && let Some(sum) = sums.get_mut(owner.index())
        {
            sum.add(&usage);
        }
    }
    for (id, agent) in store.agents.iter() {
        let Some(recorded) = agent.recorded_cost else { continue };
        if !selection.wants_agent(store, id, agent, now) {
            continue;
        }
        let sum = sums.get(id.index()).copied().unwrap_or_default();
        if sum.is_empty() {
            if owner_above(store, agent).is_none() {
                out.agents_beside += 1;
                out.recorded_beside += recorded;
            }
        } else if sum.cost_kind() == CostKind::Computed && sum.unpriced == 0 && !agent.recorded_cost_is_floor
        {
            out.agents += 1;
            out.recorded += recorded;
            out.computed += sum.cost;
        }
    }
    for (id, task) in store.tasks.iter() {
        let Some(recorded) = task.recorded_cost else { continue };
        let used = !store.task_usage(id).is_empty()
            || task.agents.iter().filter_map(|key| store.agents.id(key)).any(|agent| {
                !store.agent_usage(agent).is_empty() || cost::agent_cost(store, agent).amount.is_some()
            });
        if !used && selection.wants_task(store, id, task, now) {
            out.tasks_beside += 1;
            out.tasks_recorded_beside += recorded;
        }
    }
    out
}

/// The agent whose recorded cost holds an agent's: itself or its nearest ancestor with one.
fn owner(store: &Store, id: Id<Agent>) -> Option<Id<Agent>> {
    let agent = store.agents.get(id)?;
    if agent.recorded_cost.is_some() { Some(id) } else { owner_above(store, agent) }
}

fn owner_above(store: &Store, agent: &Agent) -> Option<Id<Agent>> {
    let mut agent = agent;
    for _ in 0..MOST_ANCESTORS {
        let id = store.agents.id(agent.parent.as_ref()?)?;
        agent = store.agents.get(id)?;
        if agent.recorded_cost.is_some() {
            return Some(id);
        }
    }
    None
}
