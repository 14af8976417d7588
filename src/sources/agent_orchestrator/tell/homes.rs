//! Which project is which: databases, the plan, the timeline, runs and sessions may all tell the same one, by name.

use std::{cmp::Reverse, collections::BTreeMap};

use super::super::db::ProjectRow;
use crate::text::Safe;

/// Where each project is at home: the local part of its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Homes {
    /// By name in lower case.
    by_name: BTreeMap<String, Safe>,
    /// Rows that tell a project which another database tells already, by what their key would be.
    moved: BTreeMap<Safe, Safe>,
}

/// What is the same in all spellings of a project's name.
pub(in super::super) fn plain(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The local part of a project row's key: ids may be small numbers, so they are set apart from other things.
pub(in super::super) fn row_key(prefix: &str, id: &str) -> Safe {
    Safe::line(&format!("{prefix}project/{id}"))
}

impl Homes {
    /// Of the rows of each database, which begin their keys with its prefix. Tables that keep a state of their projects
    /// come first. Rows of one database are never the same project, for it tells them apart; what others tell by that
    /// name then belongs to the newest of them.
    pub(in super::super) fn of<'a>(databases: impl Iterator<Item = (&'a str, &'a [ProjectRow])>) -> Self {
        let mut rows: Vec<(usize, &str, &ProjectRow)> = databases
            .enumerate()
            .flat_map(|(place, (prefix, rows))| rows.iter().map(move |row| (place, prefix, row)))
            .collect();
        rows.sort_by_key(|(place, _, row)| (row.status.is_none(), *place, Reverse(row.created)));
        let mut homes = Self::default();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (place, prefix, row) in rows {
            let name = row.name.as_deref().map(plain).unwrap_or_default();
            if name.is_empty() {
                continue;
            }
            let key = row_key(prefix, &row.id);
            match homes.by_name.get(&name) {
                Some(home) if places.get(&name) != Some(&place) => {
                    homes.moved.insert(key, home.clone());
                }
                Some(_) => {}
                None => {
                    homes.by_name.insert(name.clone(), key);
                    places.insert(name, place);
                }
            }
        }
        homes
    }

    /// Where the project of this name is at home, when a database knows it.
    pub(in super::super) fn of_name(&self, name: &str) -> Option<&Safe> {
        self.by_name.get(&plain(name))
    }

    /// Where the project of this row is at home, when not in the row itself.
    pub(in super::super) fn moved(&self, key: &Safe) -> Option<&Safe> {
        self.moved.get(key)
    }
}
