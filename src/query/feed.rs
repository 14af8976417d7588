//! What happened last: events derived from agents and tasks, newest first, bounded.

use std::{cmp::Reverse, collections::BinaryHeap};

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

/// The newest events, of whatever is shown to it. Times in the future (clocks that differ) are left out.
#[derive(Debug)]
pub struct Feed {
    now: Timestamp,
    most: usize,
    heap: BinaryHeap<Reverse<Event>>,
}

impl Feed {
    /// Keeps so many.
    pub fn new(now: Timestamp, most: usize) -> Self {
        Self { now, most, heap: BinaryHeap::with_capacity(most + 1) }
    }

    fn offer(&mut self, at: Option<Timestamp>, whom: Whom, what: Happening) {
        let Some(at) = at.filter(|at| *at <= self.now) else { return };
        let event = Event { at, whom, what };
        if self.heap.len() < self.most || self.heap.peek().is_some_and(|oldest| event > oldest.0) {
            self.heap.push(Reverse(event));
            if self.heap.len() > self.most {
                self.heap.pop();
            }
        }
    }

    /// Takes what happened to an agent that is wanted.
    pub fn agent(&mut self, store: &Store, id: Id<Agent>, agent: &Agent) {
        // Who alone works on a task has nothing to tell that the task does not, except that somebody is waited for.
        let task = agent.task.as_ref().and_then(|key| store.tasks.find(key));
        if agent.status != Status::Waiting && task.is_some_and(|task| task.agents.len() <= 1) {
            return;
        }
        self.offer(agent.started_at, Whom::Agent(id), Happening::Started);
        let since = agent.status_since.or(agent.ended_at).or(agent.updated_at);
        if agent.status.is_over() || matches!(agent.status, Status::Waiting | Status::Blocked) {
            self.offer(since, Whom::Agent(id), Happening::Became(agent.status));
        }
    }

    /// Takes what happened to a task that is wanted.
    pub fn task(&mut self, id: Id<Task>, task: &Task) {
        self.offer(task.started_at, Whom::Task(id), Happening::Started);
        if task.status.is_over() {
            self.offer(task.ended_at.or(task.updated_at), Whom::Task(id), Happening::Became(task.status));
        }
    }

    /// The events, newest first.
    pub fn into_events(self) -> Vec<Event> {
        let mut events: Vec<Event> = self.heap.into_iter().map(|Reverse(event)| event).collect();
        events.sort_by(|a, b| b.cmp(a));
        events
    }
}
