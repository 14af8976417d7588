//! What the agents of a role did, and when two names mean the same role.

use std::collections::HashMap;

use super::{Cost, cost, filter::run_time};
use crate::{
    model::{Agent, Id, Millis, Status, Timestamp, Usd},
    store::{Store, Totals},
    text::Safe,
};

/// What makes it the same role: names are compared without letter case, `-`, `_` and blanks. What runs may be named with
/// the scope of its package (`@acme/linter`), what is defined without: the scope does not count.
pub fn identity(name: &str) -> String {
    let scoped = name.trim_start().starts_with('@');
    let bare = name.rsplit('/').next().filter(|bare| scoped && !bare.trim().is_empty());
    bare.unwrap_or(name)
        .chars()
        .filter(|letter| !matches!(letter, '-' | '_') && !letter.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What the agents of one role did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoleUse {
    /// Its name as the first of them has it.
    pub name: Safe,
    /// Agents that have or had the role.
    pub agents: usize,
    /// Of these: something goes on, or could without a new start.
    pub live: usize,
    /// Of these: ended well.
    pub succeeded: usize,
    /// Of these: ended badly.
    pub failed: usize,
    /// Of these: stopped by a person.
    pub cancelled: usize,
    /// What their responses used.
    pub totals: Totals,
    /// What they cost; see [`cost::of_group`].
    pub cost: Cost,
    /// The run time in the middle of those that are over.
    pub median: Option<Millis>,
    /// Newest sign of life of any of them.
    pub updated_at: Option<Timestamp>,
}

impl RoleUse {
    /// Percent that succeeded of those that succeeded or failed; nothing without any.
    pub fn success_percent(&self) -> Option<f64> {
        let judged = self.succeeded + self.failed;
        (judged > 0).then(|| self.succeeded as f64 / judged as f64 * 100.0)
    }
}

/// A role while its agents are counted.
#[derive(Default)]
struct Count {
    role: RoleUse,
    run_times: Vec<Millis>,
    recorded: Vec<Usd>,
}

impl Count {
    fn add(&mut self, store: &Store, id: Id<Agent>, agent: &Agent, now: Timestamp) {
        let role = &mut self.role;
        role.agents += 1;
        role.live += usize::from(agent.status.is_live());
        role.succeeded += usize::from(agent.status == Status::Succeeded);
        role.failed += usize::from(agent.status == Status::Failed);
        role.cancelled += usize::from(agent.status == Status::Cancelled);
        role.updated_at = role.updated_at.max(agent.updated_at.or(agent.ended_at));
        let usage = store.agent_usage(id);
        role.totals.add(&usage);
        // What a sub-agent's parent recorded holds the sub-agent's part already.
        self.recorded.extend(agent.recorded_cost.filter(|_| usage.is_empty() && agent.parent.is_none()));
        self.run_times.extend(run_time(agent, now).filter(|_| agent.status.is_over()));
    }

    fn finish(mut self) -> RoleUse {
        self.run_times.sort_unstable();
        self.role.median = median(&self.run_times);
        self.role.cost = cost::of_group(&self.role.totals, self.recorded);
        self.role
    }
}

/// The value in the middle of sorted values; between two of them when their number is even.
fn median(sorted: &[Millis]) -> Option<Millis> {
    let middle = sorted.len() / 2;
    let upper = sorted.get(middle)?;
    match sorted.len() % 2 {
        1 => Some(*upper),
        _ => sorted.get(middle.checked_sub(1)?).map(|lower| Millis(lower.0.midpoint(upper.0))),
    }
}

/// Roles of the agents that `wanted` lets through, by [`identity`]. Agents without a role count for none.
pub fn all(
    store: &Store,
    now: Timestamp,
    wanted: impl Fn(Id<Agent>, &Agent) -> bool,
) -> HashMap<String, RoleUse> {
    let mut counts: Vec<Count> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // Thousands of agents share a few names: what a name means is asked once a name.
    let mut known: HashMap<&Safe, Option<usize>> = HashMap::new();
    for (id, agent) in store.agents.iter() {
        let Some(name) = &agent.role else { continue };
        if !wanted(id, agent) {
            continue;
        }
        let place = *known.entry(name).or_insert_with(|| {
            let same = Some(identity(name)).filter(|same| !same.is_empty())?;
            Some(*places.entry(same).or_insert_with(|| {
                counts.push(Count {
                    role: RoleUse { name: name.clone(), ..RoleUse::default() },
                    ..Count::default()
                });
                counts.len() - 1
            }))
        });
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            count.add(store, id, agent, now);
        }
    }
    let mut finished: Vec<RoleUse> = counts.into_iter().map(Count::finish).collect();
    places
        .into_iter()
        .filter_map(|(same, place)| Some((same, std::mem::take(finished.get_mut(place)?))))
        .collect()
}
