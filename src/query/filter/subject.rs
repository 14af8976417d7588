//! What a filter looks at: agents, tasks and usage without either, through one window.

use super::Field;
use crate::{
    model::{Agent, AgentKind, Id, Level, Status, Task, Timestamp},
    query::cost,
    store::Store,
};

/// A thing a filter can be matched against.
pub trait Subject {
    /// Whether it has such a thing at all; terms about what it has not do not restrict it.
    fn has(&self, field: Field) -> bool {
        !field.is_of_lines()
    }
    /// How much it matters; none = nothing says so.
    fn level(&self) -> Option<Level> {
        None
    }
    /// State.
    fn status(&self) -> Status;
    /// Calls `look` with every text of a field.
    fn texts(&self, field: Field, look: &mut dyn FnMut(&str));
    /// A number: dollars, counts, seconds, percent. `None` = not known, which matches no comparison.
    fn number(&self, field: Field, now: Timestamp) -> Option<f64>;
    /// Calls `look` with every text that words without a field are looked for in.
    fn words(&self, look: &mut dyn FnMut(&str));
}

pub(super) fn seconds(span: crate::model::Millis) -> f64 {
    span.0 as f64 / 1000.0
}

pub(super) fn workspace_texts(workspace: Option<&crate::model::Workspace>, look: &mut dyn FnMut(&str)) {
    if let Some(workspace) = workspace {
        look(&workspace.name);
        if let Some(path) = &workspace.path {
            look(path);
        }
    }
}

/// An agent.
pub struct AgentSubject<'a> {
    /// Where it is known.
    pub store: &'a Store,
    /// Its id.
    pub id: Id<Agent>,
    /// Itself.
    pub agent: &'a Agent,
}

impl Subject for AgentSubject<'_> {
    fn status(&self) -> Status {
        self.agent.status
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        let agent = self.agent;
        match field {
            Field::Model => agent.model.iter().for_each(|text| look(text)),
            Field::Role => agent.role.iter().for_each(|text| look(text)),
            Field::Branch => agent.branch.iter().for_each(|text| look(text)),
            Field::Workspace => {
                workspace_texts(super::super::view::agent_workspace(self.store, agent), look);
            }
            Field::Source => {
                for key in self.store.agent_keys(self.id) {
                    look(self.store.source_kind(key.source));
                }
            }
            Field::Kind => look(match agent.kind {
                AgentKind::Session => "session",
                AgentKind::SubAgent => "sub-agent",
                AgentKind::Worker => "worker",
            }),
            Field::Name => {
                look(&agent.name);
                agent.title.iter().for_each(|text| look(text));
            }
            Field::Id => {
                for key in self.store.agent_keys(self.id) {
                    look(&key.local);
                }
                agent.session.iter().for_each(|text| look(text));
            }
            _ => {}
        }
    }

    fn number(&self, field: Field, now: Timestamp) -> Option<f64> {
        let agent = self.agent;
        match field {
            Field::Cost => cost::agent_cost(self.store, self.id).amount.map(crate::model::Usd::dollars),
            Field::Tokens => Some(self.store.agent_usage(self.id).tokens.total() as f64),
            Field::Age => agent.started_at.map(|start| seconds(now.since(start))),
            Field::Run => run_time(agent, now).map(seconds),
            Field::Context => agent.context.map(|context| context.percent()),
            Field::Tools => agent.tool_calls().map(|calls| calls as f64),
            _ => None,
        }
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        let agent = self.agent;
        for field in [Field::Name, Field::Role, Field::Model, Field::Workspace, Field::Id, Field::Branch] {
            self.texts(field, look);
        }
        for text in [&agent.activity, &agent.waiting_for, &agent.status_note].into_iter().flatten() {
            look(text);
        }
        look(agent.status.word());
    }
}

/// How long an agent has run: to its end, else to its newest sign of life when idle, else to now.
pub fn run_time(agent: &Agent, now: Timestamp) -> Option<crate::model::Millis> {
    let start = agent.started_at?;
    let end = match agent.ended_at {
        Some(end) => end,
        None if agent.status.is_active() => now,
        None => agent.updated_at?,
    };
    Some(end.since(start))
}

/// A task.
pub struct TaskSubject<'a> {
    /// Where it is known.
    pub store: &'a Store,
    /// Its id.
    pub id: Id<Task>,
    /// Itself.
    pub task: &'a Task,
}

impl Subject for TaskSubject<'_> {
    fn status(&self) -> Status {
        self.task.status
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        let task = self.task;
        let agents = || task.agents.iter().filter_map(|key| self.store.agents.find(key));
        match field {
            Field::Model => {
                task.model.iter().for_each(|text| look(text));
                agents().filter_map(|agent| agent.model.as_ref()).for_each(|text| look(text));
            }
            Field::Role => {
                task.workflow.iter().for_each(|text| look(text));
                agents().filter_map(|agent| agent.role.as_ref()).for_each(|text| look(text));
            }
            Field::Branch => agents().filter_map(|agent| agent.branch.as_ref()).for_each(|text| look(text)),
            Field::Workspace => workspace_texts(task.workspace.as_ref(), look),
            Field::Source => {
                for key in self.store.task_keys(self.id) {
                    look(self.store.source_kind(key.source));
                }
            }
            Field::Kind => task.kind.iter().chain(&task.mode).for_each(|text| look(text)),
            Field::Name => look(&task.title),
            Field::Id => {
                for key in self.store.task_keys(self.id) {
                    look(&key.local);
                }
                task.batch.iter().for_each(|text| look(text));
            }
            _ => {}
        }
    }

    fn number(&self, field: Field, now: Timestamp) -> Option<f64> {
        let task = self.task;
        match field {
            Field::Cost => cost::task_cost(self.store, self.id).amount.map(crate::model::Usd::dollars),
            Field::Tokens => Some(cost::task_tokens(self.store, self.id).unwrap_or(0) as f64),
            Field::Age => task.created_at.or(task.started_at).map(|start| seconds(now.since(start))),
            Field::Run => task.run_time(now).map(seconds),
            _ => None,
        }
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        let task = self.task;
        look(&task.title);
        look(&task.prompt);
        for field in [Field::Kind, Field::Model, Field::Workspace, Field::Id] {
            self.texts(field, look);
        }
        for text in [&task.activity, &task.status_note, &task.error, &task.result].into_iter().flatten() {
            look(text);
        }
        look(task.status.word());
    }
}

/// Usage that belongs to no known agent or task: only workspace and source say something.
pub struct UsageSubject<'a> {
    /// Where it is known.
    pub store: &'a Store,
    /// Workspace number.
    pub workspace: u32,
    /// Source.
    pub source: crate::model::SourceId,
}

impl Subject for UsageSubject<'_> {
    fn status(&self) -> Status {
        Status::Unknown
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        match field {
            Field::Workspace => workspace_texts(self.store.workspace(self.workspace), look),
            Field::Source => look(self.store.source_kind(self.source)),
            _ => {}
        }
    }

    fn number(&self, _: Field, _: Timestamp) -> Option<f64> {
        None
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        self.texts(Field::Workspace, look);
        self.texts(Field::Source, look);
    }
}
