//! Whose conversations a question about files is about.

use std::collections::HashSet;

use crate::{
    model::{Agent, Id, Key, Task},
    store::Store,
};

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An agent and those it started.
    Agent(Id<Agent>),
    /// All agents of a task and those they started.
    Task(Id<Task>),
}

/// The agents it is about: those named first, then those they started; each once.
pub fn agents_of(store: &Store, subject: Subject) -> Vec<Id<Agent>> {
    let mut all: Vec<Id<Agent>> = Vec::new();
    let mut seen = HashSet::new();
    let named: Vec<Id<Agent>> = match subject {
        Subject::Agent(agent) => vec![agent],
        Subject::Task(task) => {
            let keys: &[Key] = store.tasks.get(task).map_or(&[], |task| &task.agents);
            keys.iter().filter_map(|key| store.agent_id(key)).collect()
        }
    };
    all.extend(named.into_iter().filter(|id| seen.insert(*id)));
    let mut at = 0;
    while let Some(id) = all.get(at).copied() {
        let keys: HashSet<&Key> = store.agent_keys(id).collect();
        let is_child = |agent: &Agent| agent.parent.as_ref().is_some_and(|parent| keys.contains(parent));
        let children = store.agents.iter().filter(|(_, agent)| is_child(agent)).map(|(id, _)| id);
        all.extend(children.filter(|id| seen.insert(*id)));
        at += 1;
    }
    all
}
