//! Store → rows of the Sources panel: what is wrong first.

use crate::{
    model::{HealthState, SourceId},
    panels::Cx,
};

/// A source with what it contributed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: SourceId,
    pub(super) agents: u64,
    pub(super) tasks: u64,
}

/// One row a source; failed, stale, reading, live, empty.
pub(super) fn build(cx: &Cx<'_>) -> Vec<Row> {
    let mut agents = Vec::new();
    let mut tasks = Vec::new();
    for (_, key, _) in cx.store.agents.all_told() {
        count(&mut agents, key.source);
    }
    for (_, key, _) in cx.store.tasks.all_told() {
        count(&mut tasks, key.source);
    }
    let of = |counts: &[u64], id: SourceId| counts.get(usize::from(id.0)).copied().unwrap_or(0);
    let mut rows: Vec<(u8, Row)> = cx
        .store
        .sources()
        .map(|(id, health)| (rank(health.state), Row { id, agents: of(&agents, id), tasks: of(&tasks, id) }))
        .collect();
    rows.sort_by_key(|(rank, row)| (*rank, row.id));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn count(counts: &mut Vec<u64>, source: SourceId) {
    let at = usize::from(source.0);
    if counts.len() <= at {
        counts.resize(at + 1, 0);
    }
    if let Some(slot) = counts.get_mut(at) {
        *slot += 1;
    }
}

fn rank(state: HealthState) -> u8 {
    match state {
        HealthState::Failed => 0,
        HealthState::Stale => 1,
        HealthState::CatchingUp => 2,
        HealthState::Live => 3,
        HealthState::Empty => 4,
    }
}
