//! Runs of tasks and agents: how long they took and how they ended, together and by groups.

use std::collections::HashMap;

use crate::{
    model::{Agent, Millis, Status, Task, Timestamp, Workspace},
    query::{
        Range, Selection,
        filter::run_time,
        shares::at_share,
        usage::{By, UNKNOWN},
        view::agent_workspace,
    },
    store::Store,
};

/// What runs can be grouped by. By role and by agent runs of agents are grouped, else those of tasks: a task can have
/// several agents.
pub const BY: [By; 5] = [By::Type, By::Role, By::Agent, By::Model, By::Workspace];

/// Runs of agents are grouped, not those of tasks.
pub fn is_of_agents(by: By) -> bool {
    matches!(by, By::Role | By::Agent)
}

/// One task or one agent, as far as its run is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run<'a> {
    /// Type of the task.
    pub kind: Option<&'a str>,
    /// Role of the agent.
    pub role: Option<&'a str>,
    /// Name of the agent.
    pub name: Option<&'a str>,
    /// Model.
    pub model: Option<&'a str>,
    /// Workspace.
    pub workspace: Option<&'a Workspace>,
    /// How it is or ended.
    pub status: Status,
    /// When a task was asked, an agent created.
    pub asked: Option<Timestamp>,
    /// When work began.
    pub began: Option<Timestamp>,
    /// Up to when it worked: its end, now while it is active, else its newest sign of life.
    pub until: Option<Timestamp>,
    /// When it was over.
    pub ended: Option<Timestamp>,
    /// Run time of what is over.
    pub took: Option<Millis>,
}

impl<'a> Run<'a> {
    /// What it counts for in one of the groupings of [`BY`]; none = not known.
    pub fn key(&self, by: By) -> Option<&'a str> {
        let key = match by {
            By::Type => self.kind,
            By::Role => self.role,
            By::Agent => self.name,
            By::Model => self.model,
            By::Workspace => self.workspace.map(|workspace| workspace.identity().as_str()),
            _ => None,
        };
        key.filter(|key| !key.is_empty())
    }

    /// Over, and that in the range.
    pub fn is_over_in(&self, range: Range) -> bool {
        self.status.is_over() && range.holds(self.ended)
    }
}

/// When a task was asked; where nobody says, when it began or ended.
pub fn asked(task: &Task) -> Option<Timestamp> {
    task.created_at.or(task.started_at).or(task.ended_at)
}

/// Runs of the wanted tasks.
pub fn tasks<'a>(store: &'a Store, selection: &Selection, now: Timestamp) -> Vec<Run<'a>> {
    let wanted = store.tasks.iter().filter(|(id, task)| selection.wants_task(store, *id, task, now));
    wanted.map(|(_, task)| of_task(store, task, now)).collect()
}

/// Runs of the wanted agents.
pub fn agents<'a>(store: &'a Store, selection: &Selection, now: Timestamp) -> Vec<Run<'a>> {
    let wanted = store.agents.iter().filter(|(id, agent)| selection.wants_agent(store, *id, agent, now));
    wanted.map(|(_, agent)| of_agent(store, agent, now)).collect()
}

fn of_task<'a>(store: &'a Store, task: &'a Task, now: Timestamp) -> Run<'a> {
    // A task that only waits has not begun; neither has one whose source would have said so.
    let waits = task.status == Status::Queued;
    let began = task.started_at.or(task.created_at.filter(|_| !task.start_is_recorded && !waits));
    let took = task.run_time(now).filter(|_| task.status.is_over());
    let ended = task.ended_at.or_else(|| Some(began?.plus(took?))).or(task.updated_at);
    let model = || task.agents.iter().find_map(|key| store.agents.find(key)?.model.as_ref());
    Run {
        kind: task.kind.as_deref(),
        model: task.model.as_ref().or_else(model).map(crate::text::Safe::as_str),
        workspace: task.workspace.as_ref(),
        status: task.status,
        asked: asked(task),
        began,
        until: until(task.status, ended, task.updated_at, now),
        ended: ended.filter(|_| task.status.is_over()),
        took,
        ..Run::default()
    }
}

fn of_agent<'a>(store: &'a Store, agent: &'a Agent, now: Timestamp) -> Run<'a> {
    let ended = agent.ended_at.or(agent.updated_at);
    let task = || agent.task.as_ref().and_then(|key| store.tasks.find(key)?.kind.as_deref());
    Run {
        kind: task(),
        role: agent.role.as_deref(),
        name: Some(agent.name.as_str()),
        model: agent.model.as_deref(),
        workspace: agent_workspace(store, agent),
        status: agent.status,
        asked: agent.started_at,
        began: agent.started_at.filter(|_| agent.status != Status::Queued),
        until: until(agent.status, ended, agent.updated_at, now),
        ended: ended.filter(|_| agent.status.is_over()),
        took: run_time(agent, now).filter(|_| agent.status.is_over()),
    }
}

fn until(
    status: Status,
    ended: Option<Timestamp>,
    updated: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    if status.is_active() {
        Some(now)
    } else if status.is_over() {
        ended
    } else {
        updated
    }
}

/// Run times in a few figures. A percentile is the smallest run time that at least so many percent do not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Runs whose run time is known.
    pub count: usize,
    /// Runs that are over and whose run time is not known.
    pub unknown: usize,
    /// Half of them took no longer.
    pub p50: Option<Millis>,
    /// 95 percent took no longer.
    pub p95: Option<Millis>,
    /// 99 percent took no longer.
    pub p99: Option<Millis>,
    /// The longest.
    pub longest: Option<Millis>,
}

impl Spread {
    /// Of run times in any order; they are sorted on the way.
    pub fn of(took: &mut [Millis], unknown: usize) -> Self {
        took.sort_unstable();
        let rank = |percent: usize| at_share(took, percent);
        Self {
            count: took.len(),
            unknown,
            p50: rank(50),
            p95: rank(95),
            p99: rank(99),
            longest: took.last().copied(),
        }
    }
}

/// How runs ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Well.
    pub succeeded: usize,
    /// Badly.
    pub failed: usize,
    /// Stopped by a person.
    pub cancelled: usize,
}

impl Outcome {
    /// Counts one that is over.
    pub fn count(&mut self, status: Status) {
        match status {
            Status::Succeeded => self.succeeded += 1,
            Status::Failed => self.failed += 1,
            Status::Cancelled => self.cancelled += 1,
            _ => {}
        }
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.succeeded + self.failed + self.cancelled
    }

    /// Percent that succeeded of those that succeeded or failed; nothing without any.
    pub fn success_percent(&self) -> Option<f64> {
        let judged = self.succeeded + self.failed;
        (judged > 0).then(|| self.succeeded as f64 / judged as f64 * 100.0)
    }
}

/// Upper ends of the steps of a histogram, in seconds; the last step has none.
pub const STEPS: [i64; 13] = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800];

/// How many runs took how long: one count a step of [`STEPS`], then those above all of them. A step holds what took longer
/// than the one before and no longer than its end.
pub type Histogram = [usize; STEPS.len() + 1];

fn histogram(took: &[Millis]) -> Histogram {
    let mut counts = [0; STEPS.len() + 1];
    for span in took {
        let step = STEPS.partition_point(|end| Millis::seconds(*end) < *span);
        if let Some(count) = counts.get_mut(step) {
            *count += 1;
        }
    }
    counts
}

/// Runs of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// What they have in common; `unknown` where nobody says.
    pub key: String,
    /// Run times.
    pub spread: Spread,
    /// Outcomes.
    pub outcome: Outcome,
    /// Run times in steps.
    pub histogram: Histogram,
}

/// What ended in a range, all together.
pub fn together(runs: &[Run<'_>], range: Range) -> Group {
    groups(runs, range, |_| Some("")).pop().unwrap_or_default()
}

/// What ended in a range, by groups, most runs first. Every run is in exactly one group.
pub fn by(runs: &[Run<'_>], range: Range, by: By) -> Vec<Group> {
    groups(runs, range, |run| run.key(by))
}

fn groups<'a>(runs: &[Run<'a>], range: Range, key: impl Fn(&Run<'a>) -> Option<&'a str>) -> Vec<Group> {
    let mut cells: HashMap<&str, (Vec<Millis>, usize, Outcome)> = HashMap::new();
    for run in runs.iter().filter(|run| run.is_over_in(range)) {
        let (took, unknown, outcome) = cells.entry(key(run).unwrap_or(UNKNOWN)).or_default();
        match run.took {
            Some(span) => took.push(span),
            None => *unknown += 1,
        }
        outcome.count(run.status);
    }
    let finish = |(key, (mut took, unknown, outcome)): (&str, (Vec<Millis>, usize, Outcome))| Group {
        key: key.to_owned(),
        histogram: histogram(&took),
        spread: Spread::of(&mut took, unknown),
        outcome,
    };
    let mut groups: Vec<Group> = cells.into_iter().map(finish).collect();
    groups.sort_by(|a, b| b.outcome.total().cmp(&a.outcome.total()).then_with(|| a.key.cmp(&b.key)));
    groups
}
