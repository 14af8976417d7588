//! Store → figures of the Overview. Pure; built once a change.

use crate::{
    model::{Agent, HealthState, Id, Millis, SourceId, Status, Task, Timestamp},
    panels::{Cx, cells},
    query::{
        Selection,
        cost::{self, Summary},
        counts::{self, ByStatus},
        feed::{Event, Feed, Whom},
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
    // One walk over each table: it is far from one thing to the next, and there may be very many.
    let mut walk = Walk::new(cx);
    for (id, task) in store.tasks.iter() {
        if selection.wants_task(store, id, task, cx.now) {
            walk.task(id, task);
        }
    }
    for (id, agent) in store.agents.iter() {
        if selection.wants_agent(store, id, agent, cx.now) {
            walk.agent(id, agent);
        }
    }
    Overview {
        needs: urgent(walk.needs),
        agents: counts::current_agents(store, &selection, cx.now),
        roles: counts::live_roles(store, &selection, cx.now),
        cost: cost::summary(store, &selection, cx.now, cx.zone),
        hours: cost::hourly(store, &selection, cx.now, cx.zone, HOURS),
        block: limits::block(store, &selection, cx.now),
        tasks: walk.figures.done(),
        schedules: schedules::summary(&schedules::rows(store, &selection, cx.now), cx.now),
        running: newest_first(walk.running),
        events: walk.feed.into_events(),
        troubled: store
            .sources()
            .filter(|(_, health)| trouble(health.state))
            .map(|(id, health)| (id, health.state))
            .collect(),
    }
}

/// What is gathered from thing to thing.
struct Walk<'a> {
    cx: &'a Cx<'a>,
    needs: Vec<Need>,
    /// With their beginnings.
    running: Vec<(i64, Whom)>,
    figures: Figures,
    feed: Feed,
}

impl<'a> Walk<'a> {
    fn new(cx: &'a Cx<'a>) -> Self {
        let figures = Figures {
            now: cx.now,
            today: cx.now.day_start(cx.zone),
            week: cx.now.minus(Millis::days(7)),
            sums: TaskFigures::default(),
            times: Vec::new(),
        };
        let feed = Feed::new(cx.now, EVENTS);
        Self { cx, needs: Vec::new(), running: Vec::new(), figures, feed }
    }

    fn task(&mut self, id: Id<Task>, task: &Task) {
        let whom = Whom::Task(id);
        let since = task.ended_at.or(task.updated_at);
        let agents = || task.agents.iter().filter_map(|key| self.cx.store.agents.find(key));
        let is_needy = match task.status {
            Status::Waiting => !agents().any(|agent| agent.status == Status::Waiting),
            Status::Blocked => true,
            Status::Failed => sort::is_recent(since, self.cx.now),
            _ => false,
        };
        if is_needy {
            self.needs.push(Need { whom, status: task.status, since });
        }
        if task.status == Status::Running {
            self.running.push((task.started_at.or(task.created_at).map_or(0, |at| at.0), whom));
        }
        self.figures.add(task);
        self.feed.task(id, task);
    }

    /// A failed, blocked or running agent of a task in the same state is told by its task.
    fn agent(&mut self, id: Id<Agent>, agent: &Agent) {
        let store = self.cx.store;
        let whom = Whom::Agent(id);
        let since = cells::since(agent);
        let task = || agent.task.as_ref().and_then(|key| store.tasks.find(key));
        let is_told = || task().is_some_and(|task| task.status == agent.status);
        let is_needy = match agent.status {
            Status::Waiting => true,
            Status::Blocked => !is_told(),
            Status::Failed => sort::is_recent(since, self.cx.now) && !is_told(),
            _ => false,
        };
        if is_needy {
            self.needs.push(Need { whom, status: agent.status, since });
        }
        let is_root = || agent.parent.as_ref().and_then(|key| store.agents.id(key)).is_none();
        if agent.status == Status::Running && is_root() && !is_told() {
            self.running.push((agent.started_at.map_or(0, |at| at.0), whom));
        }
        self.feed.agent(store, id, agent);
    }
}

/// Waiting first (who waits longest first), then failed lately and blocked (newest first); agents before tasks.
fn urgent(mut needs: Vec<Need>) -> Vec<Need> {
    needs.sort_by_key(|need| {
        let at = need.since.map_or(0, |at| at.0);
        let is_waiting = need.status == Status::Waiting;
        (!is_waiting, if is_waiting { at } else { -at }, matches!(need.whom, Whom::Task(_)))
    });
    needs
}

fn newest_first(mut running: Vec<(i64, Whom)>) -> Vec<Whom> {
    running.sort_by_key(|(start, whom)| (std::cmp::Reverse(*start), *whom));
    running.into_iter().map(|(_, whom)| whom).collect()
}

/// Figures of tasks that grow.
struct Figures {
    now: Timestamp,
    today: Timestamp,
    week: Timestamp,
    sums: TaskFigures,
    /// How long what succeeded lately took.
    times: Vec<Millis>,
}

impl Figures {
    fn add(&mut self, task: &Task) {
        let Self { sums, .. } = self;
        sums.counts.count(task.status);
        let end = task.ended_at.or(task.updated_at).filter(|_| task.status.is_over());
        let ended_today = end.is_some_and(|end| end >= self.today);
        let ended_lately = end.is_some_and(|end| end >= self.week);
        match task.status {
            Status::Failed => {
                sums.failed_today += usize::from(ended_today);
                sums.week.1 += usize::from(ended_lately);
            }
            Status::Succeeded => {
                sums.done_today += usize::from(ended_today);
                sums.week.0 += usize::from(ended_lately);
                self.times.extend(task.run_time(self.now).filter(|_| ended_lately));
            }
            Status::Queued => oldest(&mut sums.oldest_queued, task),
            _ => {}
        }
    }

    fn done(mut self) -> TaskFigures {
        self.times.sort_unstable();
        TaskFigures { median: self.times.get(self.times.len() / 2).copied(), ..self.sums }
    }
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
