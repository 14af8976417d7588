//! What a role and a shape of workflow bring for what they cost: tasks with and without an analyst, by planned workflow, by
//! role.

use std::collections::HashMap;

use super::{
    cost::{self, Cost},
    filter::run_time,
    roles,
    view::Selection,
    window::Range,
};
use crate::{
    model::{Agent, Id, Millis, Status, Task, Timestamp, Usd},
    store::{Store, Totals},
    text::Safe,
};

/// What became of some tasks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Tasks.
    pub tasks: usize,
    /// Of these: ended well.
    pub succeeded: usize,
    /// Of these: ended badly.
    pub failed: usize,
    /// Of these: stopped by a person.
    pub cancelled: usize,
    /// What they cost together.
    pub cost: Cost,
    /// Tasks whose cost is known.
    pub costed: usize,
    /// Tokens together, of those whose tokens are known.
    pub tokens: u64,
    /// Tasks whose tokens are known.
    pub counted: usize,
    /// The run time in the middle of those that are over.
    pub median: Option<Millis>,
}

impl Figures {
    /// Percent that succeeded of those that succeeded or failed; nothing without any.
    pub fn success_percent(&self) -> Option<f64> {
        let judged = self.succeeded + self.failed;
        (judged > 0).then(|| self.succeeded as f64 / judged as f64 * 100.0)
    }

    /// Dollars a task, of those whose cost is known.
    pub fn cost_per_task(&self) -> Option<Usd> {
        let amount = self.cost.amount?;
        i64::try_from(self.costed).ok().filter(|count| *count > 0).map(|count| Usd(amount.0 / count))
    }

    /// Tokens a task, of those whose tokens are known.
    pub fn tokens_per_task(&self) -> Option<u64> {
        self.tokens.checked_div(self.counted as u64)
    }

    /// Dollars a success: what all of them cost, by those that succeeded.
    pub fn cost_per_success(&self) -> Option<Usd> {
        let amount = self.cost.amount?;
        i64::try_from(self.succeeded).ok().filter(|count| *count > 0).map(|count| Usd(amount.0 / count))
    }
}

/// Tasks of one shape: the roles their workflow consists of, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// Names of the roles; empty = no workflow and no role is known.
    pub roles: Vec<Safe>,
    /// What became of them.
    pub figures: Figures,
}

/// What a role brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoleReturn {
    /// Its name as it is met first.
    pub name: Safe,
    /// Tasks it takes part in.
    pub with: Figures,
    /// The other tasks.
    pub without: Figures,
    /// What its own agents on these tasks cost.
    pub own: Cost,
    /// The run time in the middle of its agents that are over.
    pub median: Option<Millis>,
}

impl RoleReturn {
    /// How many percentage points more of the tasks succeed with it than without; nothing where one side has none to judge.
    pub fn gain(&self) -> Option<f64> {
        Some(self.with.success_percent()? - self.without.success_percent()?)
    }

    /// Percent of the cost of its tasks that is its own.
    pub fn share(&self) -> Option<f64> {
        let (own, all) = (self.own.amount?, self.with.cost.amount?);
        (all > Usd::ZERO).then(|| own.0 as f64 / all.0 as f64 * 100.0)
    }
}

/// All of it over a range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Returns {
    /// All tasks of the range.
    pub all: Figures,
    /// Tasks with an analyst step.
    pub with_analyst: Figures,
    /// Tasks of a known workflow without one.
    pub without_analyst: Figures,
    /// By shape, the most frequent first.
    pub shapes: Vec<Shape>,
    /// By role, the dearest first.
    pub roles: Vec<RoleReturn>,
}

/// A sum over tasks in the making.
#[derive(Clone, Default)]
struct Tally {
    figures: Figures,
    costs: Vec<Cost>,
    times: Vec<Millis>,
}

/// What is needed of one task.
struct Look {
    status: Status,
    cost: Cost,
    tokens: Option<u64>,
    time: Option<Millis>,
}

impl Tally {
    fn add(&mut self, look: &Look) {
        let figures = &mut self.figures;
        figures.tasks += 1;
        figures.succeeded += usize::from(look.status == Status::Succeeded);
        figures.failed += usize::from(look.status == Status::Failed);
        figures.cancelled += usize::from(look.status == Status::Cancelled);
        figures.costed += usize::from(look.cost.amount.is_some());
        figures.counted += usize::from(look.tokens.is_some());
        figures.tokens = figures.tokens.saturating_add(look.tokens.unwrap_or(0));
        self.costs.push(look.cost);
        self.times.extend(look.time);
    }

    fn finish(mut self) -> Figures {
        self.times.sort_unstable();
        let cost = Cost::together(self.costs.into_iter());
        Figures { cost, median: roles::median(&self.times), ..self.figures }
    }
}

#[derive(Default)]
struct RoleTally {
    name: Safe,
    /// Numbers of the tasks it takes part in, ascending.
    tasks: Vec<usize>,
    own: Totals,
    recorded: Vec<Usd>,
    times: Vec<Millis>,
}

/// The roles of a task: as planned, else those of its agents in the order of their start.
pub fn roles_of(store: &Store, task: &Task) -> Vec<Safe> {
    if !task.workflow.is_empty() {
        return task.workflow.clone();
    }
    let mut names: Vec<Safe> = Vec::new();
    for (_, agent) in agents_of(store, task) {
        let Some(role) = agent.role.as_ref().filter(|role| !role.is_empty()) else { continue };
        if !names.iter().any(|name| roles::identity(name) == roles::identity(role)) {
            names.push(role.clone());
        }
    }
    names
}

fn agents_of<'a>(store: &'a Store, task: &'a Task) -> impl Iterator<Item = (Id<Agent>, &'a Agent)> {
    task.agents.iter().filter_map(|key| {
        let id = store.agents.id(key)?;
        Some((id, store.agents.get(id)?))
    })
}

/// A role analyses before others build: `analyst`, `Business Analyst`, `code-analyzer`.
pub fn is_analyst(role: &str) -> bool {
    roles::identity(role).contains("analy")
}

/// When a task counts: when it ended, else its newest sign of life.
fn time_of(task: &Task) -> Option<Timestamp> {
    task.ended_at.or(task.updated_at).or(task.started_at).or(task.created_at)
}

/// What the wanted tasks of a range brought.
pub fn of(store: &Store, selection: &Selection, range: Range, now: Timestamp) -> Returns {
    let mut looks: Vec<Look> = Vec::new();
    let (mut all, mut with, mut without) = (Tally::default(), Tally::default(), Tally::default());
    let mut shapes: HashMap<Vec<String>, (Vec<Safe>, Tally)> = HashMap::new();
    let mut roles: HashMap<String, RoleTally> = HashMap::new();
    for (id, task) in store.tasks.iter() {
        if !range.holds(time_of(task)) || !selection.wants_task(store, id, task, now) {
            continue;
        }
        let look = Look {
            status: task.status,
            cost: cost::task_cost(store, id),
            tokens: cost::task_tokens(store, id),
            time: task.run_time(now).filter(|_| task.status.is_over()),
        };
        let names = roles_of(store, task);
        all.add(&look);
        if names.iter().any(|name| is_analyst(name)) {
            with.add(&look);
        } else if !names.is_empty() {
            without.add(&look);
        }
        let key: Vec<String> = names.iter().map(|name| roles::identity(name)).collect();
        for (name, same) in names.iter().zip(&key) {
            let role = roles
                .entry(same.clone())
                .or_insert_with(|| RoleTally { name: name.clone(), ..RoleTally::default() });
            if role.tasks.last() != Some(&looks.len()) {
                role.tasks.push(looks.len());
            }
        }
        add_agents(store, task, now, &mut roles);
        shapes.entry(key).or_insert_with(|| (names, Tally::default())).1.add(&look);
        looks.push(look);
    }
    let mut shapes: Vec<Shape> =
        shapes.into_values().map(|(roles, tally)| Shape { roles, figures: tally.finish() }).collect();
    shapes.sort_by(|a, b| b.figures.tasks.cmp(&a.figures.tasks).then_with(|| a.roles.cmp(&b.roles)));
    let mut roles: Vec<RoleReturn> = roles.into_values().map(|role| finish_role(role, &looks)).collect();
    roles.sort_by(|a, b| b.own.amount.cmp(&a.own.amount).then_with(|| a.name.cmp(&b.name)));
    Returns {
        all: all.finish(),
        with_analyst: with.finish(),
        without_analyst: without.finish(),
        shapes,
        roles,
    }
}

/// Adds what the agents of a task cost to their roles, as far as these are roles of tasks.
fn add_agents(store: &Store, task: &Task, now: Timestamp, roles: &mut HashMap<String, RoleTally>) {
    for (id, agent) in agents_of(store, task) {
        let Some(role) = agent.role.as_ref().and_then(|role| roles.get_mut(&roles::identity(role))) else {
            continue;
        };
        let usage = store.agent_usage(id);
        role.own.add(&usage);
        // What a sub-agent's parent recorded holds the sub-agent's part already.
        role.recorded.extend(agent.recorded_cost.filter(|_| usage.is_empty() && agent.parent.is_none()));
        role.times.extend(run_time(agent, now).filter(|_| agent.status.is_over()));
    }
}

fn finish_role(mut role: RoleTally, looks: &[Look]) -> RoleReturn {
    let (mut with, mut without) = (Tally::default(), Tally::default());
    let mut inside = role.tasks.iter().peekable();
    for (number, look) in looks.iter().enumerate() {
        if inside.next_if(|at| **at == number).is_some() {
            with.add(look);
        } else {
            without.add(look);
        }
    }
    role.times.sort_unstable();
    RoleReturn {
        name: role.name,
        with: with.finish(),
        without: without.finish(),
        own: cost::of_group(&role.own, role.recorded),
        median: roles::median(&role.times),
    }
}

#[cfg(test)]
mod tests;
