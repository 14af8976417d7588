//! Tables for other programs: tasks, agents, usage and activity with full figures, names and times instead of what fits a
//! screen.

mod spending;

use super::{
    Range, Selection,
    activity::{Count, Flow, Group, Heat, Trend},
    cost::{self, Cost},
    usage::{self, By},
    view::agent_workspace,
};
use crate::{
    model::{Agent, Id, Millis, Task, Timestamp, Zone},
    store::{Store, Totals},
    text::sheet::{Cell, Sheet},
};

pub use spending::{breakdown, budgets, cost_over, prices, returns, usage_over};

fn time(at: Option<Timestamp>) -> Cell {
    at.map_or(Cell::Nothing, |at| Cell::Text(at.to_string()))
}

/// Dollars to the millionth, and where they come from.
fn money(cost: &Cost) -> [Cell; 2] {
    let dollars = Cell::number(cost.amount.map(crate::model::Usd::dollars_micro), 6);
    [dollars, Cell::Text(cost.kind.word().to_owned())]
}

fn figures(totals: &Totals) -> Vec<Cell> {
    let tokens = &totals.tokens;
    let counts = [
        totals.responses,
        tokens.input,
        tokens.output,
        tokens.cache_read,
        tokens.cache_write_5m,
        tokens.cache_write_1h,
        tokens.total(),
    ];
    let mut cells: Vec<Cell> = counts.into_iter().map(Cell::Count).collect();
    cells.extend(money(&Cost::of(totals)));
    cells.push(Cell::Count(totals.unpriced));
    cells
}

const FIGURES: [&str; 10] = [
    "responses",
    "input",
    "output",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "total",
    "cost_usd",
    "cost_kind",
    "unpriced_responses",
];

/// Tasks in the order given. Without usage records tokens are what the source recorded, else not known.
pub fn tasks(store: &Store, tasks: impl IntoIterator<Item = Id<Task>>, now: Timestamp) -> Sheet {
    let heads = vec![
        "id",
        "source",
        "title",
        "type",
        "status",
        "status_raw",
        "workspace",
        "workspace_path",
        "model",
        "priority",
        "created_at",
        "started_at",
        "ended_at",
        "duration_s",
        "agents",
        "tokens",
        "cost_usd",
        "cost_kind",
        "error",
    ];
    let row = |id: Id<Task>| {
        let (task, key) = (store.tasks.get(id)?, store.tasks.key(id)?);
        let mut cells = vec![
            Cell::text(Some(&key.local)),
            Cell::text(Some(store.source_kind(key.source))),
            Cell::line(Some(&task.title)),
            Cell::line(task.kind.as_ref()),
            Cell::text(Some(task.status.word())),
            Cell::line(task.status_raw.as_ref()),
            Cell::line(task.workspace.as_ref().map(|workspace| &workspace.name)),
            Cell::line(task.workspace.as_ref().and_then(|workspace| workspace.path.as_ref())),
            Cell::line(task.model.as_ref()),
            Cell::line(task.priority.as_ref()),
            time(task.created_at),
            time(task.started_at),
            time(task.ended_at),
            Cell::number(task.run_time(now).map(|span| span.0 as f64 / 1000.0), 3),
            Cell::Count(task.agents.len() as u64),
            Cell::count(cost::task_tokens(store, id)),
        ];
        cells.extend(money(&cost::task_cost(store, id)));
        cells.push(Cell::line(task.error.as_ref()));
        Some(cells)
    };
    Sheet { name: "tasks", heads, rows: tasks.into_iter().filter_map(row).collect() }
}

/// Agents in the order given. Tokens are their own, cost as on screen: what was recorded beats the sum.
pub fn agents(store: &Store, agents: impl IntoIterator<Item = Id<Agent>>) -> Sheet {
    let heads = vec![
        "id",
        "source",
        "name",
        "title",
        "role",
        "status",
        "status_raw",
        "model",
        "workspace",
        "workspace_path",
        "task",
        "parent",
        "started_at",
        "updated_at",
        "ended_at",
        "tokens",
        "cost_usd",
        "cost_kind",
        "tool_calls",
        "waiting_for",
    ];
    let row = |id: Id<Agent>| {
        let (agent, key) = (store.agents.get(id)?, store.agents.key(id)?);
        let workspace = agent_workspace(store, agent);
        let (usage, name) = (store.agent_usage(id), |key: &crate::model::Key| Cell::text(Some(&key.local)));
        let mut cells = vec![
            Cell::text(Some(&key.local)),
            Cell::text(Some(store.source_kind(key.source))),
            Cell::line(Some(&agent.name)),
            Cell::line(agent.title.as_ref()),
            Cell::line(agent.role.as_ref()),
            Cell::text(Some(agent.status.word())),
            Cell::line(agent.status_raw.as_ref()),
            Cell::line(agent.model.as_ref()),
            Cell::line(workspace.map(|workspace| &workspace.name)),
            Cell::line(workspace.and_then(|workspace| workspace.path.as_ref())),
            agent.task.as_ref().map_or(Cell::Nothing, name),
            agent.parent.as_ref().map_or(Cell::Nothing, name),
            time(agent.started_at),
            time(agent.updated_at),
            time(agent.ended_at),
            Cell::count(Some(usage.tokens.total()).filter(|_| !usage.is_empty())),
        ];
        cells.extend(money(&cost::agent_cost(store, id)));
        cells.extend([Cell::count(agent.tool_calls()), Cell::line(agent.waiting_for.as_ref())]);
        Some(cells)
    };
    Sheet { name: "agents", heads, rows: agents.into_iter().filter_map(row).collect() }
}

/// Usage of a range by groups.
pub fn usage(
    store: &Store,
    selection: &Selection,
    range: Range,
    by: By,
    (now, zone): (Timestamp, Zone),
) -> Sheet {
    let grouped = usage::by(store, selection, range, by, now, zone);
    groups(by.word(), grouped.groups.iter().map(|group| (group.key.clone(), &group.totals)))
}

/// Usage by groups: their names and sums; `by` is what they are grouped by.
pub fn groups<'a>(by: &'static str, groups: impl IntoIterator<Item = (String, &'a Totals)>) -> Sheet {
    let row = |(name, totals): (String, &Totals)| {
        let mut cells = vec![Cell::Text(name)];
        cells.extend(figures(totals));
        cells
    };
    let heads = std::iter::once(by).chain(FIGURES).collect();
    Sheet { name: "usage", heads, rows: groups.into_iter().map(row).collect() }
}

/// Activity by local day.
pub fn activity(heat: &Heat) -> Sheet {
    let row = |name: Option<String>, count: &Count| {
        let mut cells = vec![name.map_or(Cell::Nothing, Cell::Text), Cell::Count(count.tasks)];
        cells.extend(figures(&count.usage));
        cells
    };
    let mut rows: Vec<Vec<Cell>> =
        heat.days.iter().map(|(date, count)| row(Some(date.to_string()), count)).collect();
    if heat.undated != Count::default() {
        rows.push(row(None, &heat.undated));
    }
    Sheet { name: "activity", heads: ["date", "tasks"].into_iter().chain(FIGURES).collect(), rows }
}

fn seconds(span: Option<Millis>) -> Cell {
    Cell::number(span.map(|span| span.0 as f64 / 1000.0), 3)
}

/// Run times and outcomes by groups; `by` is what they are grouped by.
pub fn runs(by: &'static str, groups: &[Group]) -> Sheet {
    let heads = [
        by,
        "runs",
        "p50_s",
        "p95_s",
        "p99_s",
        "longest_s",
        "unknown_times",
        "succeeded",
        "failed",
        "cancelled",
        "success_percent",
    ];
    let row = |group: &Group| {
        let (spread, outcome) = (&group.spread, &group.outcome);
        let count = |count: usize| Cell::Count(count as u64);
        vec![
            Cell::Text(group.key.clone()),
            count(outcome.total()),
            seconds(spread.p50),
            seconds(spread.p95),
            seconds(spread.p99),
            seconds(spread.longest),
            count(spread.unknown),
            count(outcome.succeeded),
            count(outcome.failed),
            count(outcome.cancelled),
            Cell::number(outcome.success_percent(), 1),
        ]
    };
    Sheet { name: "runs", heads: heads.to_vec(), rows: groups.iter().map(row).collect() }
}

/// Throughput and concurrency over time.
pub fn flow(steps: &[Flow]) -> Sheet {
    let row = |step: &Flow| {
        let counts = [step.asked, step.done, step.failed, step.tasks_at_once, step.agents_at_once];
        let mut cells = vec![time(Some(step.start))];
        cells.extend(counts.map(|count| Cell::Count(count as u64)));
        cells
    };
    let heads = vec!["start", "asked", "done", "failed", "tasks_at_once", "agents_at_once"];
    Sheet { name: "flow", heads, rows: steps.iter().map(row).collect() }
}

/// A trend day by day.
pub fn trend(trend: &Trend) -> Sheet {
    let heads = [
        "date",
        "cost_usd",
        "tokens",
        "responses",
        "tasks",
        "agents",
        "p50_s",
        "succeeded",
        "failed",
        "cancelled",
    ];
    let rows = trend.daily.iter().map(|day| {
        let period = &day.period;
        vec![
            Cell::Text(day.date.to_string()),
            Cell::number(period.usage.known_cost().map(crate::model::Usd::dollars_micro), 6),
            Cell::Count(period.usage.tokens.total()),
            Cell::Count(period.usage.responses),
            Cell::Count(period.tasks as u64),
            Cell::Count(period.agents as u64),
            seconds(period.median),
            Cell::Count(period.outcome.succeeded as u64),
            Cell::Count(period.outcome.failed as u64),
            Cell::Count(period.outcome.cancelled as u64),
        ]
    });
    Sheet { name: "trend", heads: heads.to_vec(), rows: rows.collect() }
}

/// Wanted tasks of a range by their creation, newest first.
pub fn wanted_tasks(store: &Store, selection: &Selection, range: Range, now: Timestamp) -> Vec<Id<Task>> {
    let wanted = store.tasks.iter().filter(|(id, task)| {
        range.holds(task.created_at.or(task.started_at)) && selection.wants_task(store, *id, task, now)
    });
    let mut ids: Vec<_> =
        wanted.map(|(id, task)| (std::cmp::Reverse(task.created_at), store.tasks.key(id), id)).collect();
    ids.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    ids.into_iter().map(|(_, _, id)| id).collect()
}

/// Wanted agents that showed a sign of life in a range, newest first.
pub fn wanted_agents(store: &Store, selection: &Selection, range: Range, now: Timestamp) -> Vec<Id<Agent>> {
    let seen = |agent: &Agent| agent.updated_at.or(agent.ended_at).or(agent.started_at);
    let wanted = store
        .agents
        .iter()
        .filter(|(id, agent)| range.holds(seen(agent)) && selection.wants_agent(store, *id, agent, now));
    let mut ids: Vec<_> =
        wanted.map(|(id, agent)| (std::cmp::Reverse(seen(agent)), store.agents.key(id), id)).collect();
    ids.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    ids.into_iter().map(|(_, _, id)| id).collect()
}
