//! Everything known, by task. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    db::Content,
    events::Events,
    logs::{AgentDir, Tree},
    rows::{AgentRow, TaskRow},
};
use crate::text::Safe;

/// Id of a task; `None` stands for the agents without task.
pub(super) type GroupId = Option<Safe>;

/// What belongs to one task.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Members<'a> {
    pub(super) row: Option<&'a TaskRow>,
    pub(super) agents: Vec<&'a AgentRow>,
}

/// A task's members with its directories.
#[derive(Debug, Default)]
pub(super) struct Everything<'a> {
    pub(super) members: Members<'a>,
    pub(super) dirs: Vec<(&'a str, &'a AgentDir)>,
}

/// Rows by task.
pub(super) fn rows(content: Option<&Content>) -> BTreeMap<GroupId, Members<'_>> {
    let mut groups: BTreeMap<GroupId, Members<'_>> = BTreeMap::new();
    let Some(content) = content else { return groups };
    for row in &content.tasks {
        groups.entry(Some(row.id.clone())).or_default().row = Some(row);
    }
    for agent in &content.agents {
        groups.entry(agent.task.clone()).or_default().agents.push(agent);
    }
    groups
}

/// Rows and directories by task, and the tasks that only the event log knows.
pub(super) fn everything<'a>(
    content: Option<&'a Content>,
    tree: Option<&'a Tree>,
    events: &Events,
) -> BTreeMap<GroupId, Everything<'a>> {
    let rows = rows(content).into_iter();
    let mut groups: BTreeMap<GroupId, Everything<'a>> =
        rows.map(|(id, members)| (id, Everything { members, dirs: Vec::new() })).collect();
    for (relative, dir) in tree.into_iter().flat_map(Tree::iter) {
        groups.entry(dir.task.clone()).or_default().dirs.push((relative, dir));
    }
    for id in events.tasks() {
        groups.entry(Some(id.clone())).or_default();
    }
    groups
}

/// The groups that two looks at the database see differently.
pub(super) fn changed(before: Option<&Content>, after: Option<&Content>) -> BTreeSet<GroupId> {
    let (before_rows, after_rows) = (rows(before), rows(after));
    let ids = before_rows.keys().chain(after_rows.keys());
    let same_layout = before.map(|content| content.layout) == after.map(|content| content.layout);
    ids.filter(|id| !same_layout || before_rows.get(*id) != after_rows.get(*id)).cloned().collect()
}
