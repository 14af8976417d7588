//! What is one thing although several sources speak of it: agents of one session, a dispatch and the transcript it started,
//! one folder under several spellings. The store keeps what everybody told; here is decided what is shown by itself, as part
//! of what, joined with what, and whose usage counts.
//!
//! Total and deterministic; depends only on what is told now, not on the order in which it was told (a law of the store).
//! The work grows with what changed.

mod agents;
mod evidence;
mod merge;
mod runs;
mod tasks;

use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::fast::RandomState;

use super::{Entry, Store, Table, Tables, ledger::NOBODY, places::Places};
use crate::model::{Agent, BacklogItem, CatalogItem, Id, Project, Schedule, Task, Workspace};

pub use evidence::{Evidence, Link};

/// Who belongs together.
#[derive(Debug, Default)]
pub(super) struct Links {
    sessions: agents::Sessions,
    work: tasks::Work,
    agent_parts: HashMap<Id<Agent>, Vec<Id<Agent>>, RandomState>,
    task_parts: HashMap<Id<Task>, Vec<Id<Task>>, RandomState>,
    /// Agents whose own usage a better witness counts.
    covered_agents: HashSet<u32, RandomState>,
    /// Tasks whose own usage a better witness counts.
    covered_tasks: HashSet<u32, RandomState>,
    /// Agents whose usage decides about others'.
    watched: HashSet<u32, RandomState>,
    /// Watched agents that got their first usage or lost their last.
    stirred: BTreeSet<Id<Agent>>,
}

impl Links {
    /// The others that speak of an agent that is shown.
    pub(super) fn parts_of_agent(&self, id: Id<Agent>) -> &[Id<Agent>] {
        self.agent_parts.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The others that speak of a task that is shown.
    pub(super) fn parts_of_task(&self, id: Id<Task>) -> &[Id<Task>] {
        self.task_parts.get(&id).map_or(&[], Vec::as_slice)
    }

    /// A better witness counts what this entry says.
    pub(super) fn covers(&self, entry: &Entry) -> bool {
        if entry.agent == NOBODY {
            self.covered_tasks.contains(&entry.task)
        } else {
            self.covered_agents.contains(&entry.agent)
        }
    }

    /// An agent got its first usage or lost its last.
    pub(super) fn stir(&mut self, agent: u32) {
        if self.watched.contains(&agent) {
            self.stirred.insert(Id::from_raw(agent));
        }
    }

    /// An agent's id is given up. What bears its id is gone by then, but for marks that wait for its usage.
    pub(super) fn forget_agent(&mut self, id: Id<Agent>) {
        self.watched.remove(&id.raw());
        self.covered_agents.remove(&id.raw());
        self.stirred.remove(&id);
    }

    /// A task's id is given up.
    pub(super) fn forget_task(&mut self, id: Id<Task>) {
        self.covered_tasks.remove(&id.raw());
    }
}

/// Something that stands in workspaces.
trait Placed {
    fn workspaces(&self) -> &[Workspace];
    fn workspaces_mut(&mut self) -> &mut [Workspace];
}

macro_rules! placed {
    ($($thing:ty),*) => {
        $(impl Placed for $thing {
            fn workspaces(&self) -> &[Workspace] {
                self.workspace.as_slice()
            }
            fn workspaces_mut(&mut self) -> &mut [Workspace] {
                self.workspace.as_mut_slice()
            }
        })*
    };
}

placed!(Agent, Task, BacklogItem, Project, CatalogItem);

impl Placed for Schedule {
    fn workspaces(&self) -> &[Workspace] {
        &self.targets
    }
    fn workspaces_mut(&mut self) -> &mut [Workspace] {
        &mut self.targets
    }
}

/// The thing with its workspaces as they are shown, where that differs from what was told.
fn dressed<T: Placed + Clone>(places: &Places, told: &T) -> Option<Box<T>> {
    if told.workspaces().iter().all(|workspace| places.better(workspace).is_none()) {
        return None;
    }
    let mut dressed = Box::new(told.clone());
    dress_up(places, &mut *dressed);
    Some(dressed)
}

fn dress_up(places: &Places, thing: &mut impl Placed) {
    for workspace in thing.workspaces_mut() {
        if let Some(better) = places.better(workspace) {
            *workspace = better.clone();
        }
    }
}

/// Dresses what was touched, or everything; whether anything is shown differently.
fn dress<T: Placed + Clone + PartialEq>(table: &mut Table<T>, places: &Places, all: bool) -> bool {
    let ids = touched(table, all);
    let mut news = false;
    for id in ids {
        let face = table.told(id).and_then(|told| dressed(places, told));
        news |= table.show(id, face);
    }
    news
}

fn touched<T>(table: &mut Table<T>, all: bool) -> Vec<Id<T>> {
    let touched = table.take_touched();
    if all { table.all_told().map(|(id, ..)| id).chain(touched.clone()).collect() } else { touched }
}

impl Store {
    /// Finds out anew what belongs together, where anything changed; what is shown differently now.
    pub(super) fn relink(&mut self) -> Tables {
        let all = self.places.settle();
        let places = &self.places;
        let dressed = [
            (dress(&mut self.schedules, places, all), Tables::SCHEDULES),
            (dress(&mut self.backlog, places, all), Tables::BACKLOG),
            (dress(&mut self.projects, places, all), Tables::PROJECTS),
            (dress(&mut self.catalog, places, all), Tables::CATALOG),
            (all, Tables::WORKSPACES),
        ];
        let mut tables =
            dressed.into_iter().filter(|(news, _)| *news).fold(Tables::NONE, |sum, (_, one)| sum | one);
        let mut covers = Covers::default();
        let mut agents = touched(&mut self.agents, all);
        let stirred = std::mem::take(&mut self.links.stirred);
        agents.extend(stirred.iter().copied());
        let tasks = touched(&mut self.tasks, all);
        if agents.is_empty() && tasks.is_empty() {
            return tables;
        }
        let regrouped = self.relink_agents(&agents, &mut covers, &mut tables);
        let news = News { agents, regrouped, stirred };
        self.relink_tasks(&tasks, &news, &mut covers, &mut tables);
        if self.recount(&covers) {
            tables |= Tables::USAGE;
        }
        tables
    }

    /// Counts entries that a better witness counts now no more, and those that it does not count any more again.
    fn recount(&mut self, covers: &Covers) -> bool {
        if covers.agents.is_empty() && covers.tasks.is_empty() {
            return false;
        }
        let hit = |entry: &Entry| {
            if entry.agent == NOBODY {
                covers.tasks.contains(&entry.task)
            } else {
                covers.agents.contains(&entry.agent)
            }
        };
        let slots: Vec<(usize, Entry)> = self.ledger.slots().filter(|(_, entry)| hit(entry)).collect();
        for (slot, old) in &slots {
            let new = Entry { covered: self.links.covers(old), ..*old };
            if new != *old {
                self.uncount(old);
                self.ledger.set_covered(*slot, new.covered);
                self.add_up(&new);
            }
        }
        !slots.is_empty()
    }
}

/// What happened to agents.
#[derive(Debug, Default)]
struct News {
    /// They came, went or changed.
    agents: Vec<Id<Agent>>,
    /// They are shown in other company than before.
    regrouped: BTreeSet<Id<Agent>>,
    /// They got their first usage or lost their last.
    stirred: BTreeSet<Id<Agent>>,
}

/// Agents and tasks whose usage began or ceased to be counted by a better witness.
#[derive(Debug, Default)]
struct Covers {
    agents: HashSet<u32>,
    tasks: HashSet<u32>,
}

#[cfg(test)]
mod tests;
