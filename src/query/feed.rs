//! What happened last: events derived from agents and tasks, newest first, bounded.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::view::Selection;
use crate::{
    model::{Agent, Id, Status, Task, Timestamp},
    store::Store,
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// Work began.
    Started,
    /// It came into this state: an end, or waiting for a person.
    Became(Status),
}

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// An agent.
    Agent(Id<Agent>),
    /// A task.
    Task(Id<Task>),
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub whom: Whom,
    /// What.
    pub what: Happening,
}

/// The newest `most` events, newest first. Times in the future (clocks that differ) are left out.
pub fn newest(store: &Store, selection: &Selection, now: Timestamp, most: usize) -> Vec<Event> {
    let mut heap: BinaryHeap<Reverse<Event>> = BinaryHeap::with_capacity(most + 1);
    let mut offer = |at: Option<Timestamp>, whom: Whom, what: Happening| {
        let Some(at) = at.filter(|at| *at <= now) else { return };
        let event = Event { at, whom, what };
        if heap.len() < most || heap.peek().is_some_and(|oldest| event > oldest.0) {
            heap.push(Reverse(event));
            if heap.len() > most {
                heap.pop();
            }
        }
    };
    for (id, agent) in store.agents.iter() {
        if !selection.wants_agent(store, id, agent, now) {
            continue;
        }
        // Who alone works on a task has nothing to tell that the task does not, except that somebody is waited for.
        let task = agent.task.as_ref().and_then(|key| store.tasks.find(key));
        if agent.status != Status::Waiting && task.is_some_and(|task| task.agents.len() <= 1) {
            continue;
        }
        offer(agent.started_at, Whom::Agent(id), Happening::Started);
        let since = agent.status_since.or(agent.ended_at).or(agent.updated_at);
        if agent.status.is_over() || matches!(agent.status, Status::Waiting | Status::Blocked) {
            offer(since, Whom::Agent(id), Happening::Became(agent.status));
        }
    }
    for (id, task) in store.tasks.iter() {
        if !selection.wants_task(store, id, task, now) {
            continue;
        }
        offer(task.started_at, Whom::Task(id), Happening::Started);
        if task.status.is_over() {
            offer(task.ended_at.or(task.updated_at), Whom::Task(id), Happening::Became(task.status));
        }
    }
    let mut events: Vec<Event> = heap.into_iter().map(|Reverse(event)| event).collect();
    events.sort_by(|a, b| b.cmp(a));
    events
}
