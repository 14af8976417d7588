//! Store → figures of the Overview. Pure; built once a change.

use crate::{
    model::{Agent, HealthState, Id, Millis, SourceId, Status, Task, Timestamp},
    panels::{Cx, cells},
    query::{
        Selection,
        cost::{self, Summary},
        counts::{self, ByStatus},
        feed::{self, Event, Whom},
        limits::{self, Block},
        schedules, sort,
    },
    text::Safe,
};

/// Events kept for the feed.
const EVENTS: usize = 200;
/// Hours of the sparkline.
const HOURS: usize = 24;

/// A row that can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowKey {
    pub(super) running: bool,
    pub(super) whom: Whom,
}

/// Something that needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) whom: Whom,
    pub(super) status: Status,
    pub(super) since: Option<Timestamp>,
}

/// Figures of the Tasks block.
#[derive(Debug, Default)]
pub(super) struct TaskFigures {
    pub(super) counts: ByStatus,
    pub(super) failed_today: usize,
    pub(super) done_today: usize,
    /// Succeeded and failed in seven days.
    pub(super) week: (usize, usize),
    pub(super) median: Option<Millis>,
    pub(super) oldest_queued: Option<(Timestamp, Option<Safe>)>,
}

/// Everything the Overview shows.
#[derive(Debug, Default)]
pub(super) struct Overview {
    pub(super) needs: Vec<Need>,
    pub(super) agents: ByStatus,
    pub(super) roles: Vec<(Safe, usize)>,
    pub(super) cost: Summary,
    pub(super) hours: Vec<f64>,
    pub(super) block: Option<Block>,
    pub(super) tasks: TaskFigures,
    pub(super) schedules: schedules::Summary,
    pub(super) running: Vec<Whom>,
    pub(super) events: Vec<Event>,
    /// Sources that are not live: id and state.
    pub(super) troubled: Vec<(SourceId, HealthState)>,
}

impl Overview {
    /// Rows that can be selected, in the order of the screen.
    pub(super) fn key(&self, row: usize) -> Option<RowKey> {
        match self.needs.get(row) {
            Some(need) => Some(RowKey { running: false, whom: need.whom }),
            None => {
                self.running.get(row - self.needs.len()).map(|whom| RowKey { running: true, whom: *whom })
            }
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.needs.len() + self.running.len()
    }
}

pub(super) fn build(cx: &Cx<'_>) -> Overview {
    let store = cx.store;
    let selection = Selection::of(cx.view, store);
    let trouble = |state: HealthState| !matches!(state, HealthState::Live | HealthState::Empty);
    Overview {
        needs: needs(cx, &selection),
        agents: counts::current_agents(store, &selection, cx.now),
        roles: counts::live_roles(store, &selection, cx.now),
        cost: cost::summary(store, &selection, cx.now, cx.zone),
        hours: cost::hourly(store, &selection, cx.now, cx.zone, HOURS),
        block: limits::block(store, &selection, cx.now),
        tasks: tasks(cx, &selection),
        schedules: schedules::summary(&schedules::rows(store, &selection, cx.now), cx.now),
        running: running(cx, &selection),
        events: feed::newest(store, &selection, cx.now, EVENTS),
        troubled: store
            .sources()
            .filter(|(_, health)| trouble(health.state))
            .map(|(id, health)| (id, health.state))
            .collect(),
    }
}

/// Waiting first (who waits longest first), then failed lately and blocked (newest first). A failed agent of a failed task
/// is told by its task.
fn needs(cx: &Cx<'_>, selection: &Selection) -> Vec<Need> {
    let store = cx.store;
    let lately = |at: Option<Timestamp>| sort::is_recent(at, cx.now);
    let mut out = Vec::new();
    for (id, agent) in store.agents.iter() {
        let since = cells::since(agent);
        let told = || {
            agent
                .task
                .as_ref()
                .and_then(|key| store.tasks.find(key))
                .is_some_and(|task| task.status == agent.status)
        };
        let wanted = match agent.status {
            Status::Waiting => true,
            Status::Blocked => !told(),
            Status::Failed => lately(since) && !told(),
            _ => false,
        };
        if wanted && selection.wants_agent(store, id, agent, cx.now) {
            out.push(Need { whom: Whom::Agent(id), status: agent.status, since });
        }
    }
    for (id, task) in store.tasks.iter() {
        let since = task.ended_at.or(task.updated_at);
        let waits_itself = || {
            !task
                .agents
                .iter()
                .filter_map(|key| store.agents.find(key))
                .any(|agent| agent.status == Status::Waiting)
        };
        let wanted = match task.status {
            Status::Waiting => waits_itself(),
            Status::Blocked => true,
            Status::Failed => lately(since),
            _ => false,
        };
        if wanted && selection.wants_task(store, id, task, cx.now) {
            out.push(Need { whom: Whom::Task(id), status: task.status, since });
        }
    }
    let urgency = |status: Status| u8::from(status != Status::Waiting);
    out.sort_by_key(|need| {
        let at = need.since.map_or(0, |at| at.0);
        (urgency(need.status), if need.status == Status::Waiting { at } else { -at })
    });
    out
}

fn running(cx: &Cx<'_>, selection: &Selection) -> Vec<Whom> {
    let store = cx.store;
    let mut out: Vec<(i64, Whom)> = Vec::new();
    for (id, task) in store.tasks.iter() {
        if task.status == Status::Running && selection.wants_task(store, id, task, cx.now) {
            out.push((task.started_at.or(task.created_at).map_or(0, |at| at.0), Whom::Task(id)));
        }
    }
    for (id, agent) in store.agents.iter() {
        let told = || {
            agent
                .task
                .as_ref()
                .and_then(|key| store.tasks.find(key))
                .is_some_and(|task| task.status == Status::Running)
        };
        let root = agent.parent.as_ref().and_then(|key| store.agents.id(key)).is_none();
        if agent.status == Status::Running
            && root
            && !told()
            && selection.wants_agent(store, id, agent, cx.now)
        {
            out.push((agent.started_at.map_or(0, |at| at.0), Whom::Agent(id)));
        }
    }
    out.sort_by_key(|(start, whom)| (std::cmp::Reverse(*start), *whom));
    out.into_iter().map(|(_, whom)| whom).collect()
}

fn tasks(cx: &Cx<'_>, selection: &Selection) -> TaskFigures {
    let mut out = TaskFigures::default();
    let today = cx.now.day_start(cx.zone);
    let week = cx.now.minus(Millis::days(7));
    let mut times = Vec::new();
    for (id, task) in cx.store.tasks.iter() {
        if !selection.wants_task(cx.store, id, task, cx.now) {
            continue;
        }
        out.counts.count(task.status);
        let end = task.ended_at.or(task.updated_at).filter(|_| task.status.is_over());
        let ended_today = end.is_some_and(|end| end >= today);
        let ended_lately = end.is_some_and(|end| end >= week);
        match task.status {
            Status::Failed => {
                out.failed_today += usize::from(ended_today);
                out.week.1 += usize::from(ended_lately);
            }
            Status::Succeeded => {
                out.done_today += usize::from(ended_today);
                out.week.0 += usize::from(ended_lately);
                times.extend(task.run_time(cx.now).filter(|_| ended_lately));
            }
            Status::Queued => oldest(&mut out.oldest_queued, task),
            _ => {}
        }
    }
    times.sort_unstable();
    out.median = times.get(times.len() / 2).copied();
    out
}

fn oldest(known: &mut Option<(Timestamp, Option<Safe>)>, task: &Task) {
    let Some(created) = task.created_at else { return };
    if known.as_ref().is_none_or(|(at, _)| created < *at) {
        *known = Some((created, task.workspace.as_ref().map(|workspace| workspace.name.clone())));
    }
}

/// The agent that works on a task right now: running before waiting, the newest sign of life first.
pub(super) fn worker<'a>(cx: &Cx<'a>, task: &'a Task) -> Option<(Id<Agent>, &'a Agent)> {
    let agents = task.agents.iter().filter_map(|key| {
        let id = cx.store.agents.id(key)?;
        Some((id, cx.store.agents.get(id)?))
    });
    agents
        .filter(|(_, agent)| agent.status.is_active())
        .max_by_key(|(_, agent)| (agent.status == Status::Running, agent.updated_at))
}
