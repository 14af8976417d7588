//! Store → rows of the Tasks panel. Pure; built once a change.

use std::collections::HashMap;

use super::group::{self, Row, RowKey, Whole};
use crate::{
    model::{Agent, Execution, Id, Key, Status, Task, Timestamp, Usd},
    panels::{
        Cx,
        groups::{Folds, Grouping},
    },
    query::{Cost, Selection, batches, cost, sort, sort::TaskOrder},
    store::Totals,
};

/// Which tasks are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    /// Everything; what goes on first.
    #[default]
    All,
    /// Running, waiting, queued, and what failed lately.
    Current,
    /// What is over.
    History,
}

impl Shown {
    pub(super) const ALL: [Self; 3] = [Self::All, Self::Current, Self::History];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::History => "history",
            Self::All => "all",
        }
    }

    pub(super) fn next(self) -> Self {
        match self {
            Self::Current => Self::History,
            Self::History => Self::All,
            Self::All => Self::Current,
        }
    }

    fn holds(self, task: &Task, now: Timestamp) -> bool {
        match self {
            Self::Current => is_current(task, now),
            Self::History => task.status.is_over(),
            Self::All => true,
        }
    }
}

fn is_current(task: &Task, now: Timestamp) -> bool {
    match task.status {
        Status::Failed => sort::is_recent(task.ended_at.or(task.updated_at), now),
        status => !status.is_over(),
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    pub(super) order: TaskOrder,
    pub(super) descending: bool,
    pub(super) shown: Shown,
    pub(super) grouping: Grouping,
    /// Counts up with every fold, so that the memo need not compare the set.
    pub(super) folds: u64,
}

#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) list: Vec<Row>,
    /// Wanted tasks by [`Shown::ALL`].
    pub(super) counts: [usize; 3],
}

impl Rows {
    pub(super) fn key(&self, row: usize) -> Option<RowKey> {
        self.list.get(row).map(Row::key)
    }
}

pub(super) fn build(cx: &Cx<'_>, options: &Options, folds: &Folds<RowKey>) -> Rows {
    let selection = Selection::of(cx.view, cx.store);
    let mut out = Rows::default();
    let mut tasks = Vec::new();
    for (id, task) in cx.store.tasks.iter() {
        if !selection.wants_task(cx.store, id, task, cx.now) {
            continue;
        }
        for (count, shown) in out.counts.iter_mut().zip(Shown::ALL) {
            *count += usize::from(shown.holds(task, cx.now));
        }
        if options.shown.holds(task, cx.now) {
            tasks.push(id);
        }
    }
    sort::tasks(cx.store, &mut tasks, options.order, options.descending, cx.now);
    let all = options.shown == Shown::All && selection.is_everything();
    out.list = group::rows(cx, options.grouping, &tasks, folds, all);
    out
}

/// One agent's part in a task.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) agent: Id<Agent>,
    pub(super) totals: Totals,
    pub(super) cost: Cost,
}

/// What the detail of a task needs beyond the task itself.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// Its executions in order of start, nested ones after the one around them, with their level.
    pub(super) executions: Vec<(Id<Execution>, usize)>,
    /// Its agents, in the order the task names them, then others with usage for it.
    pub(super) parts: Vec<Part>,
    /// What became of its batch.
    pub(super) batch: Option<Whole>,
}

/// Executions and agents of one task. An agent's usage counts only as far as it belongs to this task.
pub(super) fn story(cx: &Cx<'_>, id: Id<Task>) -> Story {
    let store = cx.store;
    let (Some(task), Some(key)) = (store.tasks.get(id), store.tasks.key(id)) else { return Story::default() };
    let root = store.tasks.root(id);
    let mut own: Vec<(Id<Execution>, &Execution)> = store
        .executions
        .iter()
        .filter(|(_, execution)| {
            execution.task.as_ref().is_some_and(|task| store.tasks.id(task) == Some(root))
        })
        .collect();
    own.sort_by_key(|(id, execution)| (execution.started_at.unwrap_or(Timestamp(i64::MAX)), *id));
    let mut below: HashMap<Option<Id<Execution>>, Vec<Id<Execution>>> = HashMap::new();
    for (id, execution) in &own {
        let parent = execution.parent.as_ref().and_then(|parent| store.executions.id(parent));
        let parent = parent.filter(|parent| *parent != *id && own.iter().any(|(other, _)| other == parent));
        below.entry(parent).or_default().push(*id);
    }
    let mut executions = Vec::new();
    nest(None, 0, &below, &mut executions);
    let mut sums: HashMap<u32, Totals> = HashMap::new();
    for entry in store.ledger().iter().filter(|entry| store.tasks.root(Id::from_raw(entry.task)) == root) {
        let agent = store.agents.root(Id::from_raw(entry.agent)).raw();
        sums.entry(agent).or_default().add(&entry.totals());
    }
    let mut agents: Vec<Id<Agent>> = task.agents.iter().filter_map(|key| store.agents.id(key)).collect();
    let mut more: Vec<Id<Agent>> =
        sums.keys().map(|raw| Id::from_raw(*raw)).filter(|id| store.agents.get(*id).is_some()).collect();
    more.sort();
    agents.extend(more);
    let mut seen = std::collections::HashSet::new();
    agents.retain(|agent| seen.insert(*agent));
    let parts = agents
        .into_iter()
        .map(|agent| {
            let totals = sums.get(&agent.raw()).copied().unwrap_or_default();
            let cost = if totals.is_empty() { whole_cost(cx, agent, id) } else { Cost::of(&totals) };
            Part { agent, totals, cost }
        })
        .collect();
    let batch = task.batch.as_ref().and_then(|batch| {
        let key = Key::new(key.source, batch.clone());
        Some(Whole::of(batches::by_key(store).get(&key)?))
    });
    Story { executions, parts, batch }
}

/// The recorded cost of an agent that worked on nothing but this task.
fn whole_cost(cx: &Cx<'_>, agent: Id<Agent>, task: Id<Task>) -> Cost {
    let only = cx
        .store
        .agents
        .get(agent)
        .and_then(|agent| agent.task.as_ref())
        .and_then(|key| cx.store.tasks.id(key));
    if only == Some(task) { cost::agent_cost(cx.store, agent) } else { Cost::default() }
}

fn nest(
    parent: Option<Id<Execution>>,
    level: usize,
    below: &HashMap<Option<Id<Execution>>, Vec<Id<Execution>>>,
    out: &mut Vec<(Id<Execution>, usize)>,
) {
    if level > 8 {
        return;
    }
    for id in below.get(&parent).into_iter().flatten() {
        out.push((*id, level));
        nest(Some(*id), level + 1, below, out);
    }
}

/// Sum of the parts' costs, for the line under the breakdown.
pub(super) fn parts_cost(parts: &[Part]) -> Option<Usd> {
    let known: Vec<Usd> = parts.iter().filter_map(|part| part.cost.amount).collect();
    (!known.is_empty()).then(|| known.into_iter().sum())
}
