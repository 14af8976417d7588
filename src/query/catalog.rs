//! The catalog: what can be put to work, each thing once, with what was made of it.

use std::collections::{HashMap, HashSet};

use super::{
    Selection,
    roles::{self, RoleUse},
    view::agent_workspace,
};
use crate::{
    model::{CatalogItem, CatalogKind, Id, RawRef, SourceId, Status, Timestamp},
    store::Store,
    text::Safe,
};

/// What is said of a role that works and is defined nowhere.
pub const UNDEFINED: &str = "no definition";

/// A row of the catalog.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The item; none for a role that agents have and no source defines.
    pub id: Option<Id<CatalogItem>>,
    /// What sort of thing.
    pub kind: CatalogKind,
    /// Its name.
    pub name: Safe,
    /// What the agents of this role did; only for agents.
    pub usage: Option<RoleUse>,
}

/// The wanted part of the catalog: by kind, then what is wrong first, then by name. The agents counted are those of the
/// wanted workspaces; the filter chooses items.
pub fn list(store: &Store, selection: &Selection, now: Timestamp) -> Vec<Listed> {
    let mut uses =
        roles::all(store, now, |_, agent| selection.wants_workspace(store, agent_workspace(store, agent)));
    let doubles = doubles(store);
    let mut defined = HashSet::new();
    let mut rows = Vec::new();
    for (id, item) in store.catalog.iter() {
        let role = (item.kind == CatalogKind::Agent).then(|| roles::identity(&item.name));
        defined.extend(role.clone());
        if doubles.contains(&id) || !selection.wants_item(store, id, item, now) {
            continue;
        }
        let usage = role.map(|role| uses.get(&role).cloned().unwrap_or_default());
        rows.push((is_wrong(item), Listed { id: Some(id), kind: item.kind, name: item.name.clone(), usage }));
    }
    uses.retain(|role, _| !defined.contains(role));
    for usage in uses.into_values().filter(|usage| selection.wants_role(usage, now)) {
        let name = usage.name.clone();
        rows.push((false, Listed { id: None, kind: CatalogKind::Agent, name, usage: Some(usage) }));
    }
    rows.sort_by_cached_key(|(wrong, row)| {
        let source = row.id.and_then(|id| store.catalog.key(id)).cloned();
        (row.kind, !wrong, row.name.to_lowercase(), source)
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

/// It failed, steps of it are odd, or a server is not known to be there and something is to be said about that.
fn is_wrong(item: &CatalogItem) -> bool {
    let missing = item.kind == CatalogKind::McpServer && item.status == Status::Unknown;
    matches!(item.status, Status::Failed | Status::Blocked | Status::Waiting)
        || problems(item) > 0
        || (missing && item.status_note.is_some())
}

/// Steps of a workflow with something odd about them.
pub fn problems(item: &CatalogItem) -> usize {
    item.steps.iter().filter(|step| step.problem.is_some()).count()
}

/// Items of one file by the source that tells them.
type BySource = HashMap<SourceId, Vec<Id<CatalogItem>>>;

/// Items that another source tells of the same file: of each file the source that tells most of it is believed, the
/// first one when they tell equally much.
fn doubles(store: &Store) -> HashSet<Id<CatalogItem>> {
    let mut files: HashMap<(CatalogKind, &Safe), BySource> = HashMap::new();
    for (id, key, item) in store.catalog.entries() {
        if let Some(RawRef::File { path }) = &item.raw {
            files.entry((item.kind, path)).or_default().entry(key.source).or_default().push(id);
        }
    }
    files
        .into_values()
        .flat_map(|tellers| {
            let believed = tellers
                .iter()
                .max_by_key(|(source, items)| (items.len(), std::cmp::Reverse(**source)))
                .map(|(source, _)| *source);
            tellers.into_iter().filter(move |(source, _)| Some(*source) != believed)
        })
        .flat_map(|(_, items)| items)
        .collect()
}
