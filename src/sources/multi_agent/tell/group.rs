//! One task with its agents, or all agents without task: concludes what follows from rows and logs together and tells it.

use super::{Worker, agent, task, usage};
use crate::{
    model::{Delta, Key, Kind, Millis, SourceId, Status, Timestamp, UsageKey, Zone},
    sources::multi_agent::{
        clock::{Clock, Local, Proofs},
        events::EventTask,
        evidence::{self, Facts, Trace},
        logs::AgentDir,
        pair::Pair,
        rows::TaskRow,
        schema::Layout,
        words,
    },
    text::Safe,
};

/// Names of directories have whole seconds: an agent that started within this time after another's newest record did not
/// necessarily start after it.
const SAME_MOMENT: Millis = Millis::seconds(2);

/// What is known of one task, or of the agents without task.
#[derive(Debug)]
pub(in super::super) struct Group<'a> {
    pub(in super::super) source: SourceId,
    pub(in super::super) zone: Zone,
    pub(in super::super) now: Timestamp,
    /// Id of the task.
    pub(in super::super) id: Option<&'a Safe>,
    pub(in super::super) row: Option<&'a TaskRow>,
    pub(in super::super) event: Option<&'a EventTask>,
    pub(in super::super) pairs: Vec<Pair<'a>>,
    /// Offsets proven by this task's own rows.
    pub(in super::super) own: &'a Proofs,
    /// Offsets proven anywhere under the same root.
    pub(in super::super) all: &'a Proofs,
    /// Path and layout of the database, when it could be read.
    pub(in super::super) database: Option<(&'a Safe, Layout)>,
}

/// What was told of one group, so that what is not told the next time can be taken back.
#[derive(Debug, Default)]
pub(in super::super) struct Told {
    pub(in super::super) deltas: Vec<Delta>,
    /// When the words change by themselves.
    pub(in super::super) wake: Option<Timestamp>,
}

impl Told {
    /// The keyed things in it.
    pub(in super::super) fn keys(&self) -> Vec<(Kind, Key)> {
        let key = |delta: &Delta| match delta {
            Delta::Agent(key, _) => Some((Kind::Agent, key.clone())),
            Delta::Task(key, _) => Some((Kind::Task, key.clone())),
            Delta::Execution(key, _) => Some((Kind::Execution, key.clone())),
            _ => None,
        };
        self.deltas.iter().filter_map(key).collect()
    }

    /// The usage records in it.
    pub(in super::super) fn usage(&self) -> Vec<UsageKey> {
        let key = |delta: &Delta| match delta {
            Delta::Usage(record) => Some(record.key),
            _ => None,
        };
        self.deltas.iter().filter_map(key).collect()
    }

    /// Words change at this time, too.
    pub(super) fn wake_at(&mut self, time: Option<Timestamp>) {
        self.wake = match (self.wake, time) {
            (Some(known), Some(new)) => Some(known.min(new)),
            (known, new) => known.or(new),
        };
    }
}

impl<'a> Group<'a> {
    /// Tells the group.
    pub(in super::super) fn tell(&self) -> Told {
        let workers = self.workers();
        let mut told = Told::default();
        for worker in &workers {
            told.wake_at(worker.verdict.wake);
            told.deltas.push(Delta::Agent(self.key(&worker.key), Box::new(agent::agent(self, worker))));
            let execution = agent::execution(self, worker, &workers);
            told.deltas.push(Delta::Execution(self.key(&worker.key), Box::new(execution)));
            let records = usage::records(self, worker);
            told.deltas.extend(records.into_iter().map(|record| Delta::Usage(Box::new(record))));
        }
        task::tell(self, &workers, &mut told);
        told
    }

    /// A key of this source.
    pub(super) fn key(&self, local: &Safe) -> Key {
        Key::new(self.source, local.clone())
    }

    /// The task's key, if the task is told at all: an agent's row whose task was deleted without leaving logs has none.
    pub(in super::super) fn task_key(&self) -> Option<Key> {
        let has_logs = self.pairs.iter().any(|pair| pair.dir.is_some());
        let has_started = self.event.is_some_and(|event| event.started.is_some());
        let is_told = self.row.is_some() || has_logs || has_started;
        self.id.filter(|_| is_told).map(|id| self.key(id))
    }

    /// The mapping of local times near this one.
    pub(in super::super) fn clock(&self, at: Local) -> Clock {
        let proven = self.own.nearest(at).or_else(|| self.all.nearest(at));
        proven.map_or(Clock::Assumed(self.zone), Clock::Proven)
    }

    /// The agents in order of start, each with what was concluded.
    fn workers(&self) -> Vec<Worker<'a>> {
        let mut workers: Vec<Worker<'a>> = self.pairs.iter().map(|pair| self.dated(*pair)).collect();
        workers.sort_by(|left, right| {
            (left.started, !left.pair.is_planner(), &left.key).cmp(&(
                right.started,
                !right.pair.is_planner(),
                &right.key,
            ))
        });
        let starts: Vec<(bool, Option<Timestamp>)> =
            workers.iter().map(|worker| (worker.pair.is_planner(), worker.started)).collect();
        for (at, worker) in workers.iter_mut().enumerate() {
            let later = starts.iter().skip(at + 1).filter(|(is_planner, _)| !is_planner);
            self.judge(worker, &later.filter_map(|(_, start)| *start).collect::<Vec<_>>());
        }
        workers
    }

    fn dated(&self, pair: Pair<'a>) -> Worker<'a> {
        let clock = self.clock(pair.dir.map(|(_, dir)| dir.name.made).unwrap_or_default());
        let dir = pair.dir.map(|(_, dir)| dir);
        let started = pair.row.and_then(|row| row.created).or(dir.map(|dir| clock.at(dir.name.made)));
        let written = dir.map(|dir| clock.at(dir.newest()));
        let stored = pair.row.and_then(|row| row.updated.or(row.completed));
        let last = written.or(stored).max(started);
        Worker {
            key: pair.key(),
            pair,
            clock,
            verdict: evidence::Verdict::default(),
            started,
            last,
            ended: None,
        }
    }

    fn judge(&self, worker: &mut Worker<'_>, later: &[Timestamp]) {
        let dir = worker.pair.dir.map(|(_, dir)| dir);
        let row = worker.pair.row;
        let after =
            if row.is_some() { worker.started } else { worker.last.map(|last| last.plus(SAME_MOMENT)) };
        // A row's task runs its agents strictly one after the other; agents without task run as their host likes.
        let next = self.id.is_some() && later.iter().any(|start| Some(*start) > after);
        let task_over = self.row.is_some_and(|task| words::task(task.status.as_ref()).is_over());
        let is_core = matches!(self.database, Some((_, Layout::Core)));
        let facts = Facts {
            stored: row.map(|row| words::agent(row.status.as_ref())),
            trace: dir.map_or(Trace::None, trace),
            result: dir.and_then(AgentDir::finished_turn),
            is_overtaken: next && !(is_core && row.is_some()) || row.is_none() && task_over,
            deleted: row.is_some_and(|row| row.deleted.is_some()),
            last: worker.last,
        };
        worker.verdict = evidence::judge(&facts, self.now);
        worker.ended = end(worker);
    }
}

fn trace(dir: &AgentDir) -> Trace {
    if dir.is_empty() {
        Trace::Empty
    } else if dir.has_records() {
        Trace::Records
    } else {
        Trace::Prompt
    }
}

/// The turn's end by the log, else as stored, else the newest sign of life of what is over.
fn end(worker: &Worker<'_>) -> Option<Timestamp> {
    if !worker.verdict.is_finished && worker.verdict.status != Status::Cancelled {
        return None;
    }
    let row = worker.pair.row;
    let turn = worker.pair.dir.and_then(|(_, dir)| dir.summary.turns.last()).and_then(|turn| turn.at);
    turn.map(|at| worker.clock.at(at))
        .or(row.and_then(|row| row.completed))
        .or(row.and_then(|row| row.deleted))
        .or(worker.last)
}
