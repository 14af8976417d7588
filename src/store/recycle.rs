//! What remains of things that are gone: their ids, for as long as an entry of the ledger or a link refers to them.
//!
//! References are counted where they come and go, so that giving up an id never needs a look at everything there is.

use super::{Entry, NOBODY, Store, Table, Totals};
use crate::model::Id;

/// So many things of a kind that are gone stay known by id although nothing refers to them.
pub(super) const LIMBO: usize = 2048;

impl Store {
    /// An entry came into the ledger, in place of another or not, or went: who is named in it keeps the id for so long.
    pub(super) fn refer(&mut self, new: Option<&Entry>, old: Option<&Entry>) {
        let agent = |entry: Option<&Entry>| entry.map_or(NOBODY, |entry| entry.agent);
        let task = |entry: Option<&Entry>| entry.map_or(NOBODY, |entry| entry.task);
        for agent in exchange(&mut self.agents, agent(new), agent(old)).into_iter().flatten() {
            self.links.stir(agent);
        }
        exchange(&mut self.tasks, task(new), task(old));
    }

    /// Gives up the ids that nothing refers to, but for the `limbo` of each kind that went last.
    pub(super) fn tidy(&mut self, limbo: usize) {
        let Self { agents, tasks, links, agent_totals, task_totals, .. } = self;
        agents.tidy(limbo, |id| {
            links.forget_agent(id);
            reset(agent_totals, id.index());
        });
        tasks.tidy(limbo, |id| {
            links.forget_task(id);
            reset(task_totals, id.index());
        });
        tidy_unlinked(&mut self.executions, limbo);
        tidy_unlinked(&mut self.schedules, limbo);
        tidy_unlinked(&mut self.backlog, limbo);
        tidy_unlinked(&mut self.limits, limbo);
        tidy_unlinked(&mut self.task_batches, limbo);
        tidy_unlinked(&mut self.projects, limbo);
        tidy_unlinked(&mut self.catalog, limbo);
        tidy_unlinked(&mut self.log_files, limbo);
    }
}

/// Something else is named than before; those of the two for which it is the first time or was the last.
fn exchange<T>(table: &mut Table<T>, new: u32, old: u32) -> [Option<u32>; 2] {
    if new == old {
        return [None; 2];
    }
    let first = table.cite(Id::from_raw(new)).then_some(new);
    [first, table.uncite(Id::from_raw(old)).then_some(old)]
}

/// Things to which no other refers by id. Of some nobody asks what changed: that must not pile up.
fn tidy_unlinked<T>(table: &mut Table<T>, limbo: usize) {
    table.take_touched();
    table.tidy(limbo, |_| {});
}

fn reset(column: &mut [Totals], slot: usize) {
    if let Some(sum) = column.get_mut(slot) {
        *sum = Totals::default();
    }
}

#[cfg(test)]
mod tests;
