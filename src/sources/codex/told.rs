//! What was told of one thread, and the difference to what it says now.

use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
};

use super::{
    owners::{Owners, Rank, Released},
    tell::{Helper, View, task_key, thread_key},
};
use crate::{
    model::{Agent, Delta, Execution, Key, Kind, Timestamp, UsageKey, UsageRecord, Workspace},
    sources::Sink,
    text::Safe,
};

/// What was told of one thread.
#[derive(Debug, Default)]
pub(super) struct Told {
    agent: Option<Agent>,
    executions: BTreeMap<Key, Execution>,
    tasks: u32,
    helpers: Vec<Helper>,
    /// The file that spoke for it, and how often that had begun anew.
    file: (PathBuf, u64),
    responses: usize,
    keys: Vec<UsageKey>,
    belonging: (Option<Key>, Option<Workspace>),
    /// When time alone may change it.
    pub until: Option<Timestamp>,
    /// The newest remark that was told.
    pub spoken: Option<Timestamp>,
}

impl Told {
    /// It was told as an agent.
    pub(super) fn is_listed(&self) -> bool {
        self.agent.is_some()
    }

    /// Tells what the thread says now and did not say before.
    pub(super) fn tell(&mut self, view: &View<'_>, owners: &mut Owners, out: &mut Sink<'_>) -> bool {
        let state = view.state();
        self.until = state.until;
        let agent = view.agent(&state);
        if self.agent.as_ref() != Some(&agent) {
            out.push(Delta::Agent(thread_key(view.source, view.thread), Box::new(agent.clone())));
            self.agent = Some(agent);
        }
        let file = (view.file.place.path.clone(), view.file.generation);
        let is_anew = self.file != file;
        self.file = file;
        self.tell_tasks(view, &state, is_anew, out);
        let executions: BTreeMap<Key, Execution> = view.executions().into_iter().collect();
        for (key, execution) in &executions {
            if self.executions.get(key) != Some(execution) {
                out.push(Delta::Execution(key.clone(), Box::new(execution.clone())));
            }
        }
        for key in self.executions.keys().filter(|key| !executions.contains_key(*key)) {
            out.push(Delta::Gone(Kind::Execution, key.clone()));
        }
        self.executions = executions;
        self.tell_usage(view, is_anew, owners, out)
    }

    /// Tells the prompts that may have changed: those since the last telling, and those whose sub-agents are others now.
    fn tell_tasks(
        &mut self,
        view: &View<'_>,
        state: &super::state::State,
        is_anew: bool,
        out: &mut Sink<'_>,
    ) {
        let turns = view.turns();
        let settled = view.file.rollout.prompts.settled.min(self.tasks as usize) as u32;
        let mut oldest = None;
        if self.helpers != view.helpers {
            let before: HashSet<&Helper> = self.helpers.iter().collect();
            let now: HashSet<&Helper> = view.helpers.iter().collect();
            let moved = before.symmetric_difference(&now).map(|helper| helper.turn);
            oldest = moved.filter(|turn| *turn > 0).min();
        }
        let from = if is_anew { 0 } else { oldest.map_or(settled, |turn| settled.min(turn - 1)) };
        self.helpers.clone_from(&view.helpers);
        for turn in from + 1..=turns {
            if let Some(task) = view.task(turn, state) {
                out.push(Delta::Task(task_key(view.source, view.thread, turn), Box::new(task)));
            }
        }
        for turn in turns + 1..=self.tasks {
            out.push(Delta::Gone(Kind::Task, task_key(view.source, view.thread, turn)));
        }
        self.tasks = turns;
    }

    /// Tells responses that are new, all when they belong elsewhere now; whether a response that it gives up is to be had.
    fn tell_usage(
        &mut self,
        view: &View<'_>,
        is_anew: bool,
        owners: &mut Owners,
        out: &mut Sink<'_>,
    ) -> bool {
        let rollout = &view.file.rollout;
        let belonging = (view.serves.clone(), view.workspace());
        let mut is_contested = false;
        if is_anew || rollout.responses.is_revised {
            let now: HashSet<UsageKey> =
                rollout.responses.list().iter().map(|response| response.key).collect();
            let (keep, gone) = std::mem::take(&mut self.keys).into_iter().partition(|key| now.contains(key));
            self.keys = keep;
            is_contested = release(gone, view.thread, owners, out);
        }
        if is_anew || rollout.responses.is_revised || self.belonging != belonging {
            self.responses = 0;
        }
        self.belonging = belonging;
        let rank: Rank = (rollout.head.at, view.thread.clone());
        if self.responses == 0 {
            self.keys.clear();
        }
        let news = rollout.responses.list().iter().skip(self.responses);
        for response in news {
            if response.is_shared && !owners.claim(response.key, &rank) {
                continue;
            }
            self.keys.push(response.key);
            let task = match &view.serves {
                Some(task) => Some(task.clone()),
                None => (response.turn > 0 && view.turns() > 0)
                    .then(|| task_key(view.source, view.thread, response.turn)),
            };
            out.push(Delta::Usage(Box::new(UsageRecord {
                key: response.key,
                at: response.at,
                agent: Some(thread_key(view.source, view.thread)),
                task,
                workspace: self.belonging.1.clone(),
                model: rollout.model(response.model).cloned().unwrap_or_default(),
                tokens: response.tokens,
                responses: 1,
                recorded_cost: None,
                fast: false,
            })));
        }
        self.responses = rollout.responses.list().len();
        is_contested
    }

    /// Everything of a thread that is not there any more is taken back; whether somebody else can have a response of it.
    pub(super) fn take_back(self, thread: &Safe, owners: &mut Owners, out: &mut Sink<'_>) -> bool {
        let source = out.source();
        if self.agent.is_some() {
            out.push(Delta::Gone(Kind::Agent, thread_key(source, thread)));
        }
        for key in self.executions.into_keys() {
            out.push(Delta::Gone(Kind::Execution, key));
        }
        for turn in 1..=self.tasks {
            out.push(Delta::Gone(Kind::Task, task_key(source, thread, turn)));
        }
        release(self.keys, thread, owners, out)
    }

    /// Its responses are told again in full.
    pub(super) fn forget_usage(&mut self) {
        self.responses = 0;
    }
}

fn release(keys: Vec<UsageKey>, thread: &Safe, owners: &mut Owners, out: &mut Sink<'_>) -> bool {
    let mut is_contested = false;
    for key in keys {
        match owners.release(key, thread) {
            Released::Foreign => {}
            released => {
                is_contested |= released == Released::Contested;
                out.push(Delta::UsageGone(key));
            }
        }
    }
    is_contested
}
