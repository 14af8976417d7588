//! Sort keys per column of agents and tasks. Stable, keys computed once a row; what is not known comes last either way.

use std::cmp::Ordering;

use super::{cost, view::agent_workspace};
use crate::{
    model::{Agent, Id, Millis, Status, Task, Timestamp},
    store::Store,
};

/// A failure is news for so long; then it is history like everything that is over.
pub const RECENT: Millis = Millis::hours(24);

/// Whether something that failed at `at` is still news; a failure without a time is.
pub fn is_recent(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_none_or(|at| now.since(at) <= RECENT)
}

/// What needs a person or is wrong first, then what goes on, then all that is over alike (so that the newest comes first).
fn urgency(status: Status, ended: Option<Timestamp>, now: Timestamp) -> i64 {
    let failed_lately = status == Status::Failed && is_recent(ended, now);
    if status.is_over() && !failed_lately { i64::from(u8::MAX) } else { i64::from(status.rank()) }
}

/// A value to sort by.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// A number, a time.
    Number(i64),
    /// A text, in lower case.
    Text(String),
    /// Not known.
    None,
}

impl SortKey {
    /// A text, letter case aside; an empty one is not known.
    pub fn text(text: Option<&str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::None, |text| Self::Text(text.to_lowercase()))
    }

    /// A number, where it is known.
    pub fn number(value: Option<i64>) -> Self {
        value.map_or(Self::None, Self::Number)
    }

    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::None, Self::None) => return Ordering::Equal,
            (Self::None, _) => return Ordering::Greater,
            (_, Self::None) => return Ordering::Less,
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if descending { order.reverse() } else { order }
    }
}

/// A column agents can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentOrder {
    /// What is wrong first, then what was active last.
    Status,
    /// Title or name.
    Name,
    /// Role.
    Role,
    /// Model.
    Model,
    /// Workspace.
    Workspace,
    /// Task.
    Task,
    /// Cost.
    Cost,
    /// Tokens.
    Tokens,
    /// Percent of the context.
    Context,
    /// Calls of tools.
    Tools,
    /// Start.
    Age,
    /// Newest sign of life.
    Active,
}

/// A column tasks can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskOrder {
    /// What is wrong first, then the newest.
    Status,
    /// Title.
    Title,
    /// Type.
    Kind,
    /// Workspace.
    Workspace,
    /// Model.
    Model,
    /// Number of agents.
    Agents,
    /// Share of the steps done.
    Steps,
    /// Cost.
    Cost,
    /// Tokens.
    Tokens,
    /// Run time.
    Duration,
    /// Creation.
    Created,
}

/// Sorts; equal rows keep newest first.
pub fn rows<T: Copy>(
    rows: &mut [T],
    descending: bool,
    key: impl Fn(T) -> SortKey,
    newest: impl Fn(T) -> i64,
) {
    let mut keyed: Vec<(SortKey, i64, T)> = rows.iter().map(|row| (key(*row), newest(*row), *row)).collect();
    keyed.sort_by(|a, b| a.0.compare(&b.0, descending).then(b.1.cmp(&a.1)));
    for (slot, (_, _, row)) in rows.iter_mut().zip(keyed) {
        *slot = row;
    }
}

/// Sorts agents.
pub fn agents(store: &Store, rows: &mut [Id<Agent>], order: AgentOrder, descending: bool, now: Timestamp) {
    let newest = |id| {
        let agent: Option<&Agent> = store.agents.get(id);
        agent.and_then(|agent| agent.updated_at.or(agent.started_at)).map_or(0, |at| at.0)
    };
    self::rows(rows, descending, |id| agent_key(store, id, order, now), newest);
}

fn agent_key(store: &Store, id: Id<Agent>, order: AgentOrder, now: Timestamp) -> SortKey {
    let Some(agent) = store.agents.get(id) else { return SortKey::None };
    match order {
        AgentOrder::Status => {
            SortKey::Number(urgency(agent.status, agent.ended_at.or(agent.updated_at), now))
        }
        AgentOrder::Name => SortKey::text(Some(agent.label())),
        AgentOrder::Role => SortKey::text(agent.role.as_deref()),
        AgentOrder::Model => SortKey::text(agent.model.as_deref()),
        AgentOrder::Workspace => {
            SortKey::text(agent_workspace(store, agent).map(|workspace| &*workspace.name))
        }
        AgentOrder::Task => {
            SortKey::text(agent.task.as_ref().and_then(|key| store.tasks.find(key)).map(|task| &*task.title))
        }
        AgentOrder::Cost => SortKey::number(cost::agent_cost(store, id).amount.map(|usd| usd.0)),
        AgentOrder::Tokens => SortKey::Number(store.agent_usage(id).tokens.total() as i64),
        AgentOrder::Context => {
            SortKey::number(agent.context.map(|context| (context.percent() * 1000.0) as i64))
        }
        AgentOrder::Tools => SortKey::number(agent.tool_calls().map(|calls| calls as i64)),
        AgentOrder::Age => SortKey::number(agent.started_at.map(|at| at.0)),
        AgentOrder::Active => SortKey::number(agent.updated_at.map(|at| at.0)),
    }
}

/// Sorts tasks; `now` for the run time of those that run.
pub fn tasks(store: &Store, rows: &mut [Id<Task>], order: TaskOrder, descending: bool, now: Timestamp) {
    let newest = |id| {
        let task: Option<&Task> = store.tasks.get(id);
        task.and_then(|task| task.updated_at.or(task.created_at)).map_or(0, |at| at.0)
    };
    self::rows(rows, descending, |id| task_key(store, id, order, now), newest);
}

fn task_key(store: &Store, id: Id<Task>, order: TaskOrder, now: Timestamp) -> SortKey {
    let Some(task) = store.tasks.get(id) else { return SortKey::None };
    match order {
        TaskOrder::Status => SortKey::Number(urgency(task.status, task.ended_at.or(task.updated_at), now)),
        TaskOrder::Title => SortKey::text(Some(&task.title)),
        TaskOrder::Kind => SortKey::text(task.kind.as_deref()),
        TaskOrder::Workspace => SortKey::text(task.workspace.as_ref().map(|workspace| &*workspace.name)),
        TaskOrder::Model => SortKey::text(task.model.as_deref()),
        TaskOrder::Agents => SortKey::Number(task.agents.len() as i64),
        TaskOrder::Steps => SortKey::number(
            task.steps
                .filter(|steps| steps.total > 0)
                .map(|steps| i64::from(steps.done) * 1000 / i64::from(steps.total)),
        ),
        TaskOrder::Cost => SortKey::number(cost::task_cost(store, id).amount.map(|usd| usd.0)),
        TaskOrder::Tokens => SortKey::number(cost::task_tokens(store, id).map(|tokens| tokens as i64)),
        TaskOrder::Duration => SortKey::number(task.run_time(now).map(|span| span.0)),
        TaskOrder::Created => SortKey::number(task.created_at.or(task.started_at).map(|at| at.0)),
    }
}
