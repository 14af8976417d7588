//! Tasks of which several sources speak: a dispatch and the prompts of the session it started, the work of an agent that is
//! linked, the output of a run beside its transcript.

use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::fast::RandomState;

use super::{
    Covers, Evidence, Link, News, dress_up, dressed, merge,
    runs::{Fit, Run, Runs},
};
use crate::{
    model::{Agent, Id, Key, Millis, Task, Timestamp, Witness},
    store::{Store, Tables},
};

/// A session's first prompt comes so soon after its start.
const FIRST: Millis = Millis(5_000);

/// What is known of tasks that others may speak of, too.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Prompts by the agent that they were given to.
    prompts: HashMap<Id<Agent>, BTreeSet<Id<Task>>, RandomState>,
    agent_of: HashMap<Id<Task>, Id<Agent>, RandomState>,
    /// Records of runs whose agents nobody names.
    records: Runs,
    /// First prompts of transcripts.
    transcripts: Runs,
    /// Prompts that wait for the first record before anybody looks at their words: most fleets have no records.
    unread: HashSet<Id<Task>, RandomState>,
    /// Transcripts that a record can mean, and whether it is this one.
    meant: HashMap<Id<Task>, Meant, RandomState>,
    /// The record that an agent's work belongs to.
    record_of: HashMap<Id<Agent>, (Id<Task>, Evidence), RandomState>,
    /// Records that an agent's usage decides about.
    hopes: HashMap<Id<Agent>, BTreeSet<Id<Task>>, RandomState>,
    evidence: HashMap<Id<Task>, Evidence, RandomState>,
    /// The tasks under which parts are listed.
    listed: HashMap<Id<Task>, Id<Task>, RandomState>,
    /// Prompts whose owner was named and is not there yet.
    orphans: HashMap<Key, BTreeSet<Id<Task>>, RandomState>,
    /// The owner that is missing.
    orphan_of: HashMap<Id<Task>, Key, RandomState>,
    /// When the agents of prompts began.
    starts: HashMap<Id<Agent>, Option<Timestamp>, RandomState>,
}

impl Work {
    /// An agent's usage decides about a record.
    pub(super) fn is_hoped_for(&self, agent: Id<Agent>) -> bool {
        self.hopes.contains_key(&agent)
    }

    /// Notes which owner a prompt misses.
    fn miss(&mut self, id: Id<Task>, owner: Option<Key>) {
        if let Some(before) = self.orphan_of.remove(&id)
            && let Some(orphans) = self.orphans.get_mut(&before)
        {
            orphans.remove(&id);
            if orphans.is_empty() {
                self.orphans.remove(&before);
            }
        }
        if let Some(owner) = owner {
            self.orphans.entry(owner.clone()).or_default().insert(id);
            self.orphan_of.insert(id, owner);
        }
    }
}

/// What a record can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meant {
    agents: Vec<Id<Agent>>,
    fit: Fit,
    sure: bool,
}

impl Store {
    /// The other sources' word about a task that is shown.
    pub fn task_links(&self, id: Id<Task>) -> impl Iterator<Item = Link<Id<Task>>> {
        self.links.parts_of_task(self.tasks.root(id)).iter().map(|part| Link {
            part: *part,
            evidence: self.links.work.evidence.get(part).copied().unwrap_or(Evidence::Agent),
        })
    }

    /// The keys under which sources speak of a task that is shown, its own first.
    pub fn task_keys(&self, id: Id<Task>) -> impl Iterator<Item = &Key> {
        let root = self.tasks.root(id);
        let all = std::iter::once(root).chain(self.links.parts_of_task(root).iter().copied());
        all.filter_map(|id| self.tasks.key(id))
    }

    /// Sessions that can be the run a record speaks of, where there are several or it is not sure.
    pub fn task_candidates(&self, id: Id<Task>) -> impl Iterator<Item = Id<Agent>> {
        let meant = self.links.work.meant.get(&id).filter(|meant| !meant.sure);
        meant.into_iter().flat_map(|meant| meant.agents.iter().copied())
    }

    pub(super) fn relink_tasks(
        &mut self,
        touched: &[Id<Task>],
        news: &News,
        covers: &mut Covers,
        tables: &mut Tables,
    ) {
        let mut prompts: BTreeSet<Id<Task>> = BTreeSet::new();
        let mut records: BTreeSet<Id<Task>> = BTreeSet::new();
        for id in touched {
            self.index_prompt(*id);
            self.index_run(*id, &mut records);
            prompts.insert(*id);
            prompts.extend(self.links.parts_of_task(*id));
            if let Some(key) = self.tasks.key(*id) {
                prompts.extend(self.links.work.orphans.get(key).into_iter().flatten());
            }
        }
        for id in self.started_anew(&news.agents) {
            self.index_run(id, &mut records);
        }
        if !self.links.work.records.is_empty() {
            for id in std::mem::take(&mut self.links.work.unread) {
                self.index_run(id, &mut records);
            }
        }
        for agent in &news.stirred {
            records.extend(self.links.work.hopes.get(agent).into_iter().flatten());
        }
        let mut agents: BTreeSet<Id<Agent>> = news.regrouped.clone();
        for record in records {
            self.weigh(record, &mut agents, covers);
        }
        for agent in agents {
            let others = self.links.parts_of_agent(agent);
            for agent in others.iter().chain([&agent]) {
                prompts.extend(self.links.work.prompts.get(agent).into_iter().flatten());
            }
        }
        let mut shown: BTreeSet<Id<Task>> = touched.iter().copied().collect();
        for prompt in &prompts {
            self.place(*prompt, tables);
        }
        for prompt in prompts {
            self.list(prompt, &mut shown);
        }
        for id in shown {
            self.show_task(id, tables);
        }
    }

    /// Prompts of agents that began at another time than was known.
    fn started_anew(&mut self, agents: &[Id<Agent>]) -> Vec<Id<Task>> {
        let work = &mut self.links.work;
        let mut anew = Vec::new();
        for agent in agents {
            let Some(prompts) = work.prompts.get(agent) else { continue };
            let start = self.agents.told(*agent).and_then(|agent| agent.started_at);
            if work.starts.insert(*agent, start) != Some(start) {
                anew.extend(prompts);
            }
        }
        anew
    }

    fn index_prompt(&mut self, id: Id<Task>) {
        let task = self.tasks.told(id).filter(|task| task.witness != Witness::Orchestrator);
        let agent = task.and_then(|task| task.agents.first()).map(|key| self.agents.reserve(key));
        let work = &mut self.links.work;
        let old = match agent {
            Some(agent) => work.agent_of.insert(id, agent),
            None => work.agent_of.remove(&id),
        };
        if old == agent {
            return;
        }
        if let Some(agent) = agent {
            self.agents.hold(agent);
        }
        if let Some(old) = old {
            self.agents.release(old);
        }
        if let Some(old) = old
            && let Some(prompts) = work.prompts.get_mut(&old)
        {
            prompts.remove(&id);
            if prompts.is_empty() {
                work.prompts.remove(&old);
                work.starts.remove(&old);
            }
        }
        if let Some(agent) = agent {
            work.prompts.entry(agent).or_default().insert(id);
        }
    }

    /// Keeps where, with which words and when a task began; collects the records that this may concern.
    fn index_run(&mut self, id: Id<Task>, records: &mut BTreeSet<Id<Task>>) {
        let told = self.tasks.told(id);
        let work = &mut self.links.work;
        let is_record =
            told.map_or_else(|| work.records.get(id).is_some(), |task| task.witness == Witness::Orchestrator);
        if !is_record && work.records.is_empty() && work.transcripts.get(id).is_none() {
            if told.is_some() {
                work.unread.insert(id);
            } else {
                work.unread.remove(&id);
            }
            return;
        }
        let run = told.and_then(|task| {
            let place = self.places.number(task.workspace.as_ref()?)?;
            self.places.shown(place)?.path.as_ref()?;
            match task.witness {
                Witness::Orchestrator if task.agents.is_empty() => Run::of(task, place, true),
                Witness::Transcript => {
                    let agent = *self.links.work.agent_of.get(&id)?;
                    let start = self.agents.told(agent)?.started_at?;
                    let first = task.started_at.is_some_and(|at| at <= start.plus(FIRST));
                    Run::of(task, place, first)
                }
                _ => None,
            }
        });
        let work = &mut self.links.work;
        // What was told as one may be told as the other now.
        let (record, transcript) = if is_record { (run, None) } else { (None, run) };
        let (record, transcript) = (work.records.put(id, record), work.transcripts.put(id, transcript));
        if record.is_some() || work.meant.contains_key(&id) {
            records.insert(id);
        }
        let changed = record.into_iter().chain(transcript).flat_map(|(old, new)| old.into_iter().chain(new));
        for run in changed {
            records.extend(work.records.same_words(run.place, run.words));
            records.extend(work.records.neighbours(&run));
        }
    }

    /// Decides which transcript a record means.
    fn weigh(&mut self, id: Id<Task>, agents: &mut BTreeSet<Id<Agent>>, covers: &mut Covers) {
        let work = &self.links.work;
        let new = work.records.get(id).and_then(|record| {
            let (fit, transcripts) = work.transcripts.meant_by(record)?;
            let mutual = match transcripts.as_slice() {
                [only] => work
                    .transcripts
                    .get(*only)
                    .and_then(|run| work.records.meaning(run))
                    .is_some_and(|(_, askers)| askers == [id]),
                _ => false,
            };
            let agents = transcripts.iter().filter_map(|prompt| work.agent_of.get(prompt).copied()).collect();
            Some(Meant { agents, fit, sure: mutual && fit != Fit::Time })
        });
        let work = &mut self.links.work;
        let old = work.meant.get(&id).cloned();
        if old != new {
            for agent in old.iter().flat_map(|old| &old.agents) {
                if work.record_of.get(agent).is_some_and(|(record, _)| *record == id) {
                    work.record_of.remove(agent);
                }
                if let Some(hopes) = work.hopes.get_mut(agent) {
                    hopes.remove(&id);
                    if hopes.is_empty() {
                        work.hopes.remove(agent);
                    }
                }
                agents.insert(*agent);
            }
            for agent in new.iter().flat_map(|new| &new.agents) {
                self.agents.hold(*agent);
                work.hopes.entry(*agent).or_default().insert(id);
                self.links.watched.insert(agent.raw());
                agents.insert(*agent);
            }
            match new.clone() {
                Some(meant) => work.meant.insert(id, meant),
                None => work.meant.remove(&id),
            };
            for agent in old.into_iter().flat_map(|old| old.agents) {
                self.agents.release(agent);
            }
        }
        if let Some(Meant { agents, fit, sure: true }) = &new
            && let [agent] = agents.as_slice()
        {
            let evidence = match fit {
                Fit::Both => Some(Evidence::Prompt),
                Fit::Ending => Some(Evidence::Ending),
                Fit::Words => Some(Evidence::Words),
                Fit::Time => None,
            };
            if let Some(evidence) = evidence {
                self.links.work.record_of.insert(*agent, (id, evidence));
            }
        }
        // Of several transcripts with its words one is its own, whichever it is: its usage is counted there.
        let has_usage =
            |agent: &Id<Agent>| self.agent_totals.get(agent.index()).is_some_and(|totals| !totals.is_empty());
        let covered = new.is_some_and(|meant| {
            (meant.sure || meant.fit != Fit::Time) && meant.agents.iter().any(has_usage)
        });
        let news = if covered {
            self.links.covered_tasks.insert(id.raw())
        } else {
            self.links.covered_tasks.remove(&id.raw())
        };
        if news {
            covers.tasks.insert(id.raw());
        }
    }

    /// What a prompt is part of.
    fn owner(&self, id: Id<Task>) -> Option<(Id<Task>, Evidence)> {
        let work = &self.links.work;
        let agent = work.agent_of.get(&id)?;
        let root = self.agents.root(*agent);
        if root == *agent {
            return work.record_of.get(agent).copied();
        }
        let whole = self.agents.told(root)?;
        if whole.witness == Witness::Orchestrator {
            return Some((self.tasks.told_id(whole.task.as_ref()?)?, Evidence::Agent));
        }
        let told = self.tasks.told(id)?;
        let beside = work.prompts.get(&root)?;
        let same = |other: &&Id<Task>| {
            self.tasks.told(**other).is_some_and(|task| !told.prompt.is_empty() && task.prompt == told.prompt)
        };
        // Not by id: what was told last may have the id of something that is gone.
        let age = |other: &&Id<Task>| {
            (self.tasks.told(**other).and_then(|task| task.started_at), self.tasks.key(**other))
        };
        let one = beside.iter().filter(same).min_by_key(age).or_else(|| beside.iter().max_by_key(age))?;
        Some((*one, Evidence::Session))
    }

    /// Puts a prompt where it is shown.
    fn place(&mut self, id: Id<Task>, tables: &mut Tables) {
        let owner = self.tasks.told(id).and_then(|_| self.owner(id)).filter(|(owner, _)| *owner != id);
        let missing = self.missing_owner(id);
        let work = &mut self.links.work;
        match owner {
            Some((_, evidence)) => work.evidence.insert(id, evidence),
            None => work.evidence.remove(&id),
        };
        work.miss(id, missing);
        if self.tasks.join(id, owner.map(|(owner, _)| owner)) {
            *tables |= Tables::TASKS;
        }
    }

    /// The task that a linked agent works on, when it was named and is not there.
    fn missing_owner(&self, id: Id<Task>) -> Option<Key> {
        let agent = self.links.work.agent_of.get(&id)?;
        let root = self.agents.root(*agent);
        let whole = self
            .agents
            .told(root)
            .filter(|whole| root != *agent && whole.witness == Witness::Orchestrator)?;
        let key = whole.task.as_ref()?;
        self.tasks.told_id(key).is_none().then(|| key.clone())
    }

    /// Lists a prompt under the task it is shown as part of; collects what must be shown anew.
    fn list(&mut self, id: Id<Task>, shown: &mut BTreeSet<Id<Task>>) {
        let root = self.tasks.root(id);
        shown.extend([id, root]);
        let before = if root == id {
            self.links.work.listed.remove(&id)
        } else {
            self.links.work.listed.insert(id, root)
        };
        if before == Some(root) {
            return;
        }
        if let Some(before) = before {
            shown.insert(before);
            if let Some(parts) = self.links.task_parts.get_mut(&before) {
                parts.retain(|part| *part != id);
                if parts.is_empty() {
                    self.links.task_parts.remove(&before);
                }
            }
        }
        if root != id {
            // By key, so that what is shown does not depend on the order in which things were told.
            let parts = self.links.task_parts.entry(root).or_default();
            let at = parts.partition_point(|part| self.tasks.key(*part) < self.tasks.key(id));
            parts.insert(at, id);
        }
    }

    fn show_task(&mut self, id: Id<Task>, tables: &mut Tables) {
        let Some(told) = self.tasks.told(id) else { return };
        let mut face = dressed(&self.places, told);
        let parts = self.links.parts_of_task(id);
        if !parts.is_empty() {
            let mut whole = Box::new(told.clone());
            for part in parts {
                let Some(prompt) = self.tasks.told(*part) else { continue };
                match self.links.work.evidence.get(part) {
                    // What its agents do, the orchestrator says itself; often it does not say where.
                    Some(Evidence::Agent) => {
                        whole.workspace = whole.workspace.take().or_else(|| prompt.workspace.clone());
                    }
                    _ => merge::task(&mut whole, prompt),
                }
            }
            dress_up(&self.places, &mut *whole);
            face = Some(whole);
        }
        if self.tasks.show(id, face) {
            *tables |= Tables::TASKS;
        }
    }
}
