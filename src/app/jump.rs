//! Going to the next thing that wants a person: round and round through the waiting or the failed.

use super::{App, Effect};
use crate::{
    input::Action,
    model::{Agent, Id, Status, Task},
    panels::{Cx, Panel},
};

/// Where the jumps went last, so that the next one goes on from there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Jumped {
    agent: Option<Id<Agent>>,
    task: Option<Id<Task>>,
}

impl App {
    /// The open panel may know what is next in its own order; otherwise the next agent, then the next task of the store.
    pub(super) fn jump(&mut self, action: Action) -> Vec<Effect> {
        if let Some(effects) = self.panel_act(action) {
            return effects;
        }
        let wanted = |status: Status| match action {
            Action::NextWaiting => status == Status::Waiting,
            _ => status == Status::Failed,
        };
        let agents = self.store.agents.iter().filter(|(_, agent)| wanted(agent.status)).map(|(id, _)| id);
        if let Some(id) = after(agents, self.jumped.agent) {
            self.jumped.agent = Some(id);
            self.show_id("fleet", |panel, cx| panel.show_agent(id, cx));
            return Vec::new();
        }
        let tasks = self.store.tasks.iter().filter(|(_, task)| wanted(task.status)).map(|(id, _)| id);
        if let Some(id) = after(tasks, self.jumped.task) {
            self.jumped.task = Some(id);
            self.show_id("tasks", |panel, cx| panel.show_task(id, cx));
            return Vec::new();
        }
        let nobody =
            if action == Action::NextWaiting { "nobody waits for you" } else { "nothing has failed" };
        self.toast(nobody);
        Vec::new()
    }

    /// Opens the tab with this name and lets it select something.
    pub(super) fn show_id(&mut self, panel: &str, select: impl FnOnce(&mut dyn Panel, &Cx<'_>)) {
        if let Some(number) = self.panels.iter().position(|other| other.id() == panel) {
            self.active = number;
            self.with_panel(select);
        }
    }
}

/// The id after `last`, the first one when there is none after it.
fn after<T>(ids: impl Iterator<Item = Id<T>>, last: Option<Id<T>>) -> Option<Id<T>> {
    let mut first = None;
    for id in ids {
        if last.is_none_or(|last| id > last) {
            return Some(id);
        }
        first = first.or(Some(id));
    }
    first
}
