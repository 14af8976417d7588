//! The pretend fleet: everything that is there at one moment, and what changed since it was told last.
//!
//! Must not know the clock. Invariant: what is there is a function of (seed, options, start, time); only steps change it,
//! each at its own due time, so it does not matter how often it is looked at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    archive::{Archive, origin},
    deeds::Deed,
    desk::Desk,
    logbook,
    script::Beat,
    shelf::Shelf,
    words::PLACES,
};
use crate::{
    model::{
        Agent, Delta, Execution, Key, Kind, Level, LogLine, SourceId, Task, TaskBatch, Timestamp, UsageKey,
        UsageRecord, Workspace, Zone,
    },
    text::Safe,
};

/// Log lines kept for a retelling.
const LOG_LINES: usize = 400;
/// Usage records kept; older ones are told gone.
const USAGE_RECORDS: usize = 60_000;
/// Agents kept that ended and left the stage.
const RETIRED: usize = 4_000;
/// Finished tasks kept beyond those of the start.
pub(super) const TASKS: usize = 600;

/// What the demo was asked to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    /// Number the program gave the source.
    pub(super) source: SourceId,
    /// Zone of working hours.
    pub(super) zone: Zone,
    /// Seed of all chance.
    pub(super) seed: u64,
    /// Agents on stage.
    pub(super) agents: u32,
    /// How much faster than life.
    pub(super) speed: f64,
}

/// An agent and what only the demo knows of it.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) key: Key,
    pub(super) agent: Agent,
    pub(super) job: Option<u32>,
    pub(super) parent: Option<u32>,
    pub(super) children: Vec<u32>,
    pub(super) depth: u8,
    /// Steps of work until it ends.
    pub(super) left: u32,
    pub(super) beat: Beat,
    /// Tokens the model has before it.
    pub(super) context: u64,
    /// The call that waits for a permission.
    pub(super) wish: Option<Deed>,
    /// It said that it is through.
    pub(super) said_done: bool,
    /// When what holds it passes.
    pub(super) until: Option<Timestamp>,
    /// Stays when its task ends.
    pub(super) crew: bool,
    pub(super) executions: Vec<(Key, Execution)>,
}

/// A task and what only the demo knows of it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) key: Key,
    pub(super) task: Task,
    pub(super) place: usize,
    pub(super) root: Option<u32>,
    /// Steps of work of its root at the start.
    pub(super) planned: u32,
    pub(super) workflow: Option<(Key, Execution)>,
}

/// The fleet.
#[derive(Debug)]
pub(super) struct World {
    pub(super) settings: Settings,
    pub(super) places: Vec<Workspace>,
    pub(super) workers: BTreeMap<u32, Worker>,
    pub(super) jobs: BTreeMap<u32, Job>,
    /// Agents that ended and left the stage, oldest first; nothing happens to them any more.
    pub(super) retired: VecDeque<(u32, Key, Agent)>,
    /// Titles asked for last.
    pub(super) late_titles: VecDeque<String>,
    pub(super) running: Vec<u32>,
    /// Waiting, blocked, idle: passes at a time.
    pub(super) stalled: Vec<u32>,
    pub(super) queue: VecDeque<u32>,
    /// Roots that ended, oldest first.
    pub(super) ended: VecDeque<u32>,
    /// Tasks that ended, oldest first.
    pub(super) finished: VecDeque<u32>,
    pub(super) keep_finished: usize,
    pub(super) usage: VecDeque<UsageRecord>,
    pub(super) logs: VecDeque<LogLine>,
    pub(super) desk: Desk,
    /// Batches by id.
    pub(super) bundles: BTreeMap<Safe, TaskBatch>,
    pub(super) shelf: Shelf,
    pub(super) number: u32,
    pub(super) step: u64,
    /// What all agents did.
    pub(super) archive: Archive,
    /// What the fleet is made from.
    pub(super) origin: String,
    /// When the stage was set up.
    start: Timestamp,
    /// When the next step is due.
    pub(super) due: Timestamp,
    dirty_workers: BTreeSet<u32>,
    dirty_jobs: BTreeSet<u32>,
    pub(super) news: Vec<Delta>,
}

impl World {
    /// A stage without agents.
    pub(super) fn empty(settings: Settings, start: Timestamp) -> Self {
        let places = PLACES
            .iter()
            .map(|place| Workspace { path: Some(Safe::line(place.path)), name: Safe::line(place.name) })
            .collect();
        Self {
            settings,
            places,
            workers: BTreeMap::new(),
            jobs: BTreeMap::new(),
            retired: VecDeque::new(),
            late_titles: VecDeque::new(),
            running: Vec::new(),
            stalled: Vec::new(),
            queue: VecDeque::new(),
            ended: VecDeque::new(),
            finished: VecDeque::new(),
            keep_finished: TASKS,
            usage: VecDeque::new(),
            logs: VecDeque::new(),
            desk: Desk::default(),
            bundles: BTreeMap::new(),
            shelf: Shelf::default(),
            number: 0,
            step: 0,
            archive: Archive::default(),
            origin: origin(&settings, start),
            start,
            due: start,
            dirty_workers: BTreeSet::new(),
            dirty_jobs: BTreeSet::new(),
            news: Vec::new(),
        }
    }

    /// A key of this source.
    pub(super) fn key(&self, local: &str) -> Key {
        Key::new(self.settings.source, Safe::line(local))
    }

    /// A number nothing else has.
    pub(super) fn next_number(&mut self) -> u32 {
        self.number += 1;
        self.number
    }

    /// Remembers that an agent is to be told.
    pub(super) fn touch_worker(&mut self, worker: u32) {
        self.dirty_workers.insert(worker);
    }

    /// Remembers that a task is to be told.
    pub(super) fn touch_job(&mut self, job: u32) {
        self.dirty_jobs.insert(job);
    }

    /// Counts a response.
    pub(super) fn spend(&mut self, record: UsageRecord) {
        self.news.push(Delta::Usage(Box::new(record.clone())));
        self.usage.push_back(record);
        if self.usage.len() > USAGE_RECORDS
            && let Some(old) = self.usage.pop_front()
        {
            self.news.push(Delta::UsageGone(old.key));
        }
    }

    /// The key of the next usage record.
    pub(super) fn usage_key(&mut self) -> UsageKey {
        UsageKey(u64::from(self.next_number()))
    }

    /// Writes a line of the log on behalf of an agent.
    pub(super) fn log(
        &mut self,
        at: Timestamp,
        level: Level,
        worker: Option<u32>,
        tool: Option<&str>,
        text: &str,
    ) {
        let worker = worker.and_then(|worker| self.workers.get(&worker));
        let line = LogLine {
            at: Some(at),
            level,
            agent: worker.map(|worker| worker.key.clone()),
            task: worker.and_then(|worker| worker.agent.task.clone()),
            tool: tool.map(Safe::line),
            text: Safe::line(text),
        };
        self.news.push(Delta::Log(Box::new(line.clone())));
        self.logs.push_back(line);
        if self.logs.len() > LOG_LINES {
            self.logs.pop_front();
        }
    }

    /// An agent is not at work any more. Searched from the end: who came last is the likeliest to leave at the start.
    pub(super) fn leave(&mut self, number: u32) {
        for list in [&mut self.running, &mut self.stalled] {
            if let Some(at) = list.iter().rposition(|other| *other == number) {
                list.swap_remove(at);
            }
        }
    }

    /// Sub-agents of an agent that have not ended.
    pub(super) fn open_children(&self, number: u32) -> Vec<u32> {
        let open = |child: &u32| self.workers.get(child).is_some_and(|child| child.agent.ended_at.is_none());
        let children = self.workers.get(&number).map(|worker| worker.children.iter().copied().filter(open));
        children.into_iter().flatten().collect()
    }

    /// An agent leaves the stage with its executions. It stays known, because its usage is asked for by role.
    pub(super) fn dismiss(&mut self, number: u32) {
        let Some(worker) = self.workers.remove(&number) else { return };
        for (key, _) in worker.executions {
            self.news.push(Delta::Gone(Kind::Execution, key));
        }
        self.dirty_workers.remove(&number);
        if let Some(job) = worker.job.and_then(|job| self.jobs.get_mut(&job)) {
            let over = job.workflow.take_if(|_| job.root == Some(number));
            self.news.extend(over.map(|(key, _)| Delta::Gone(Kind::Execution, key)));
        }
        self.news.push(self.told(number, &worker.key, &worker.agent));
        self.retired.push_back((number, worker.key, worker.agent));
        if self.retired.len() > RETIRED
            && let Some((gone, key, _)) = self.retired.pop_front()
        {
            self.archive.forget(gone);
            for (number, job) in self.jobs.iter_mut().filter(|(_, job)| job.task.agents.contains(&key)) {
                job.task.agents.retain(|agent| *agent != key);
                self.dirty_jobs.insert(*number);
            }
            self.news.push(Delta::Gone(Kind::Agent, key));
        }
    }

    /// The oldest finished tasks leave when there are too many.
    pub(super) fn forget_tasks(&mut self) {
        while self.finished.len() > self.keep_finished {
            let Some(job) = self.finished.pop_front().and_then(|number| self.jobs.remove(&number)) else {
                return;
            };
            let holders: Vec<u32> = self
                .workers
                .iter()
                .filter(|(_, worker)| worker.agent.task.as_ref() == Some(&job.key))
                .map(|(number, _)| *number)
                .collect();
            for number in holders {
                if let Some(worker) = self.workers.get_mut(&number) {
                    worker.agent.task = None;
                    worker.job = None;
                    for (key, _) in std::mem::take(&mut worker.executions) {
                        self.news.push(Delta::Gone(Kind::Execution, key));
                    }
                }
                self.touch_worker(number);
            }
            self.news.extend(job.workflow.map(|(key, _)| Delta::Gone(Kind::Execution, key)));
            let (news, archive) = (&mut self.news, &self.archive);
            self.retired.retain(|(number, key, agent)| {
                let stays = agent.task.as_ref() != Some(&job.key);
                if !stays {
                    archive.forget(*number);
                    news.push(Delta::Gone(Kind::Agent, key.clone()));
                }
                stays
            });
            self.news.push(Delta::Gone(Kind::Task, job.key));
            job.task.batch.iter().for_each(|batch| self.forget_bundle(batch));
        }
    }

    /// What changed since the last call, as it is now.
    pub(super) fn take_news(&mut self) -> Vec<Delta> {
        let mut deltas = Vec::new();
        for number in std::mem::take(&mut self.dirty_workers) {
            deltas
                .extend(self.workers.get(&number).into_iter().flat_map(|one| self.tell_worker(number, one)));
        }
        for number in std::mem::take(&mut self.dirty_jobs) {
            deltas.extend(self.jobs.get(&number).into_iter().flat_map(tell_job));
        }
        deltas.append(&mut self.news);
        deltas
    }

    /// Forgets what changed: it was told as a whole.
    pub(super) fn drop_news(&mut self) {
        self.dirty_workers.clear();
        self.dirty_jobs.clear();
        self.news.clear();
    }

    fn tell_worker<'a>(&self, number: u32, worker: &'a Worker) -> impl Iterator<Item = Delta> + use<'a> {
        let executions = worker.executions.iter().map(tell_execution);
        std::iter::once(self.told(number, &worker.key, &worker.agent)).chain(executions)
    }

    /// Everything, newest first where it matters.
    pub(super) fn tell_all(&self, mut tell: impl FnMut(Delta)) {
        self.places.iter().cloned().map(Delta::Workspace).for_each(&mut tell);
        self.workers
            .iter()
            .rev()
            .flat_map(|(number, one)| self.tell_worker(*number, one))
            .for_each(&mut tell);
        self.retired
            .iter()
            .rev()
            .map(|(number, key, agent)| self.told(*number, key, agent))
            .for_each(&mut tell);
        self.jobs.values().rev().flat_map(tell_job).for_each(&mut tell);
        self.bundles
            .iter()
            .map(|(id, one)| {
                Delta::TaskBatch(Key::new(self.settings.source, id.clone()), Box::new(one.clone()))
            })
            .for_each(&mut tell);
        self.desk.tell_all(&mut tell);
        self.shelf.tell_all(&mut tell);
        self.usage.iter().rev().map(|record| Delta::Usage(Box::new(record.clone()))).for_each(&mut tell);
        logbook::tell(self.settings.source, self.start, self.settings.zone, &mut tell);
        self.logs.iter().map(|line| Delta::Log(Box::new(line.clone()))).for_each(&mut tell);
    }
}

fn tell_job(job: &Job) -> impl Iterator<Item = Delta> {
    let workflow = job.workflow.iter().map(tell_execution);
    std::iter::once(Delta::Task(job.key.clone(), Box::new(job.task.clone()))).chain(workflow)
}

fn tell_execution((key, execution): &(Key, Execution)) -> Delta {
    Delta::Execution(key.clone(), Box::new(execution.clone()))
}
