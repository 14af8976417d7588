//! Projects with what is counted from their agents and tasks.

use std::{cmp::Reverse, collections::HashMap};

use super::{
    Cost, Selection, cost,
    counts::ByStatus,
    sort,
    view::{MOST_ANCESTORS, agent_workspace},
};
use crate::{
    model::{Agent, Id, Key, Project, Status, Task, Timestamp, Usd},
    store::{Store, Totals},
};

/// What is counted for one project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Its agents by state.
    pub agents: ByStatus,
    /// Its tasks by state.
    pub tasks: ByStatus,
    /// Tasks that failed within the last day, and agents that did without a failed task.
    pub failed_lately: usize,
    /// What its agents and tasks used, every response once.
    pub totals: Totals,
    /// What that cost; see [`cost::of_group`].
    pub cost: Cost,
    /// Newest sign of life of the project, its agents and its tasks.
    pub updated_at: Option<Timestamp>,
    /// Plan items done and in all, counted over its plans.
    pub progress: (usize, usize),
    /// One of its agents or tasks is in a wanted workspace.
    in_sight: bool,
}

/// How urgently a project wants to be looked at, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attention {
    /// Somebody waits for a person.
    Waits,
    /// It failed, or something in it did within the last day.
    Failed,
    /// It or something in it cannot go on.
    Blocked,
    /// Something goes on.
    Runs,
    /// Nothing goes on, and it is not over.
    Rests,
    /// It is over.
    Over,
}

/// How urgently a project wants to be looked at.
pub fn attention(project: &Project, tally: &Tally) -> Attention {
    let any = |status: Status| {
        project.status == status || tally.agents.of(status) > 0 || tally.tasks.of(status) > 0
    };
    if any(Status::Waiting) {
        Attention::Waits
    } else if project.status == Status::Failed || tally.failed_lately > 0 {
        Attention::Failed
    } else if any(Status::Blocked) {
        Attention::Blocked
    } else if any(Status::Running) {
        Attention::Runs
    } else if project.status.is_over() {
        Attention::Over
    } else {
        Attention::Rests
    }
}

/// The project an agent works for: its own, that of its task, else that of the agent that started it.
pub fn of_agent<'a>(store: &'a Store, agent: &'a Agent) -> Option<&'a Key> {
    let mut agent = agent;
    for _ in 0..MOST_ANCESTORS {
        let task = || agent.task.as_ref().and_then(|key| store.tasks.find(key)?.project.as_ref());
        if let Some(project) = agent.project.as_ref().or_else(task) {
            return Some(project);
        }
        agent = store.agents.find(agent.parent.as_ref()?)?;
    }
    None
}

/// Agents and tasks that work for a project, what is wrong and what goes on first.
pub fn members(store: &Store, id: Id<Project>, now: Timestamp) -> (Vec<Id<Agent>>, Vec<Id<Task>>) {
    let Some(key) = store.projects.key(id) else { return (Vec::new(), Vec::new()) };
    let mut agents: Vec<_> = store
        .agents
        .iter()
        .filter(|(_, agent)| of_agent(store, agent) == Some(key))
        .map(|(id, _)| id)
        .collect();
    let mut tasks: Vec<_> =
        store.tasks.iter().filter(|(_, task)| task.project.as_ref() == Some(key)).map(|(id, _)| id).collect();
    sort::agents(store, &mut agents, sort::AgentOrder::Status, false, now);
    sort::tasks(store, &mut tasks, sort::TaskOrder::Status, false, now);
    (agents, tasks)
}

/// The wanted projects with their tallies: what needs attention first, then what lived last, then by name. A project
/// without a workspace is wanted when one of its agents or tasks is.
pub fn list(store: &Store, selection: &Selection, now: Timestamp) -> Vec<(Id<Project>, Tally)> {
    if store.projects.is_empty() {
        return Vec::new();
    }
    let mut tallies = tallies(store, selection, now);
    let mut rows: Vec<_> = store
        .projects
        .iter()
        .filter_map(|(id, project)| {
            let tally = tallies.remove(&id).unwrap_or_default();
            selection.wants_project(store, id, project, &tally, now).then(|| {
                (
                    attention(project, &tally),
                    Reverse(tally.updated_at),
                    project.name.to_lowercase(),
                    id,
                    tally,
                )
            })
        })
        .collect();
    rows.sort_by(|a, b| (a.0, a.1, &a.2, a.3).cmp(&(b.0, b.1, &b.2, b.3)));
    rows.into_iter().map(|(.., id, tally)| (id, tally)).collect()
}

impl Tally {
    /// One of its agents or tasks is in a wanted workspace.
    pub fn is_in_sight(&self) -> bool {
        self.in_sight
    }
}

/// Every project's tally.
fn tallies(store: &Store, selection: &Selection, now: Timestamp) -> HashMap<Id<Project>, Tally> {
    let mut tallies: HashMap<Id<Project>, Tally> = HashMap::new();
    let mut recorded: HashMap<Id<Project>, Vec<Usd>> = HashMap::new();
    for (id, project) in store.projects.iter() {
        let mut tally = Tally { updated_at: project.updated_at.or(project.created_at), ..Tally::default() };
        for (done, all) in project.plans.iter().map(crate::model::ProjectPlan::progress) {
            tally.progress = (tally.progress.0 + done, tally.progress.1 + all);
        }
        tallies.insert(id, tally);
    }
    let mut agents: Vec<Option<Id<Project>>> = vec![None; store.agents.capacity()];
    let mut tasks: Vec<Option<Id<Project>>> = vec![None; store.tasks.capacity()];
    for (id, agent) in store.agents.iter() {
        let Some(project) = of_agent(store, agent).and_then(|key| store.projects.id(key)) else { continue };
        let Some(tally) = tallies.get_mut(&project) else { continue };
        if let Some(slot) = agents.get_mut(id.index()) {
            *slot = Some(project);
        }
        let ended = agent.ended_at.or(agent.updated_at);
        tally.agents.count(agent.status);
        let task = agent.task.as_ref().and_then(|key| store.tasks.find(key));
        let told = task.is_some_and(|task| task.status == Status::Failed);
        tally.meet(if told { Status::Unknown } else { agent.status }, ended, agent.updated_at, now);
        tally.in_sight |= selection.wants_workspace(store, agent_workspace(store, agent));
    }
    for (id, task) in store.tasks.iter() {
        let Some(project) = task.project.as_ref().and_then(|key| store.projects.id(key)) else { continue };
        let Some(tally) = tallies.get_mut(&project) else { continue };
        if let Some(slot) = tasks.get_mut(id.index()) {
            *slot = Some(project);
        }
        tally.tasks.count(task.status);
        tally.meet(task.status, task.ended_at.or(task.updated_at), task.updated_at, now);
        tally.in_sight |= selection.wants_workspace(store, task.workspace.as_ref());
        if store.task_usage(id).is_empty() {
            recorded.entry(project).or_default().extend(task.recorded_cost);
        }
    }
    let of = |column: &[Option<Id<Project>>], slot: usize| column.get(slot).copied().flatten();
    for entry in store.ledger().iter() {
        let task = store.tasks.root(Id::from_raw(entry.task)).index();
        let agent = store.agents.root(Id::from_raw(entry.agent)).index();
        let project = of(&tasks, task).or_else(|| of(&agents, agent));
        if let Some(tally) = project.and_then(|project| tallies.get_mut(&project)) {
            tally.totals.add(&entry.totals());
        }
    }
    for (id, tally) in &mut tallies {
        tally.cost = cost::of_group(&tally.totals, recorded.remove(id).unwrap_or_default());
    }
    tallies
}

impl Tally {
    fn meet(&mut self, status: Status, ended: Option<Timestamp>, updated: Option<Timestamp>, now: Timestamp) {
        self.failed_lately += usize::from(status == Status::Failed && sort::is_recent(ended, now));
        self.updated_at = self.updated_at.max(updated).max(ended);
    }
}
