//! Store → rows of the Projects panel. Pure; built once a change.

use crate::{
    model::{Agent, Id, Project, Status, Task, Timestamp},
    panels::Cx,
    query::{
        Selection,
        projects::{self, Tally},
        sort::{self, SortKey},
    },
};

/// What projects can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// What needs attention first.
    Attention,
    Status,
    Name,
    Workspace,
    Agents,
    Running,
    Failed,
    Tasks,
    Plan,
    Cost,
    Active,
}

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: Id<Project>,
    pub(super) tally: Tally,
}

/// The wanted projects, sorted.
pub(super) fn build(cx: &Cx<'_>, order: Order, descending: bool) -> Vec<Row> {
    let listed = projects::list(cx.store, &Selection::of(cx.view, cx.store), cx.now);
    let mut places: Vec<usize> = (0..listed.len()).collect();
    let key = |at: usize| {
        let Some((id, tally)) = listed.get(at) else { return SortKey::None };
        key(cx, *id, tally, order, at)
    };
    sort::rows(&mut places, descending, key, |at| -(at as i64));
    let mut slots: Vec<Option<Row>> = listed.into_iter().map(|(id, tally)| Some(Row { id, tally })).collect();
    places.into_iter().filter_map(|at| slots.get_mut(at)?.take()).collect()
}

fn key(cx: &Cx<'_>, id: Id<Project>, tally: &Tally, order: Order, at: usize) -> SortKey {
    let project = cx.store.projects.get(id);
    let share = |(done, all): (usize, usize)| (all > 0).then(|| done as i64 * 1000 / all as i64);
    match order {
        Order::Attention => SortKey::Number(at as i64),
        Order::Status => SortKey::number(project.map(|project| i64::from(project.status.rank()))),
        Order::Name => SortKey::text(project.map(|project| &*project.name)),
        Order::Workspace => {
            SortKey::text(project.and_then(|project| Some(&*project.workspace.as_ref()?.name)))
        }
        Order::Agents => SortKey::Number(tally.agents.live() as i64),
        Order::Running => SortKey::Number(tally.tasks.of(Status::Running) as i64),
        Order::Failed => SortKey::Number(tally.tasks.of(Status::Failed) as i64),
        Order::Tasks => SortKey::Number(tally.tasks.total() as i64),
        Order::Plan => SortKey::number(share(tally.progress)),
        Order::Cost => SortKey::number(tally.cost.amount.map(|usd| usd.0)),
        Order::Active => SortKey::number(tally.updated_at.map(|at| at.0)),
    }
}

/// Who and what is at work for a project, or failed lately.
#[derive(Debug, Default)]
pub(super) struct AtWork {
    pub(super) agents: Vec<Id<Agent>>,
    pub(super) tasks: Vec<Id<Task>>,
}

/// Agents and tasks that matter now.
pub(super) fn at_work(cx: &Cx<'_>, id: Id<Project>) -> AtWork {
    let matters = |status: Status, ended: Option<Timestamp>| match status {
        Status::Failed => sort::is_recent(ended, cx.now),
        status => status.is_live() || status == Status::Queued,
    };
    let (mut agents, mut tasks) = projects::members(cx.store, id, cx.now);
    agents.retain(|id| {
        cx.store.agents.get(*id).is_some_and(|one| matters(one.status, one.ended_at.or(one.updated_at)))
    });
    tasks.retain(|id| {
        cx.store.tasks.get(*id).is_some_and(|one| matters(one.status, one.ended_at.or(one.updated_at)))
    });
    AtWork { agents, tasks }
}
