//! From what is known to what is told, one part of the place at a time. Pure: no I/O, the time is an argument.

pub(super) mod archives;
pub(super) mod catalog;
pub(super) mod collab;
pub(super) mod collab_tasks;
pub(super) mod dash;
mod dash_projects;
pub(super) mod dash_tasks;
pub(super) mod evidence;
pub(super) mod homes;
mod index;
pub(super) mod log;
pub(super) mod measured;
pub(super) mod notes;
pub(super) mod plans;
pub(super) mod projects;
pub(super) mod runs;
pub(super) mod sessions;

use super::told::Namer;
use crate::{
    model::{Key, Timestamp},
    text::Safe,
};

pub(super) use evidence::Evidence;

/// What every part is told with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    /// Makes the part's keys.
    pub(super) own: Namer<'a>,
    /// Makes keys that are the same in all parts (projects known from files).
    pub(super) shared: Namer<'a>,
    /// Now.
    pub(super) now: Timestamp,
    /// What files say about agents and executions.
    pub(super) evidence: &'a Evidence,
}

impl Scene<'_> {
    /// The key of a project that is spoken of by name: a database's, where one knows it.
    pub(super) fn named_project(&self, name: &str) -> Key {
        let unknown = self.shared.key(&format!("project/{}", homes::plain(name)));
        self.evidence.homes.of_name(name).map_or(unknown, |home| self.shared.whole(home))
    }

    /// The key of the project that a row of a database tells.
    pub(super) fn row_project(&self, id: &str) -> Key {
        let row = homes::row_key(self.own.prefix(), id);
        self.own.whole(self.evidence.homes.moved(&row).unwrap_or(&row))
    }
}

/// A fact when there is one.
fn fact(label: &'static str, text: Option<&Safe>) -> Option<(&'static str, Safe)> {
    text.map(|text| (label, text.clone()))
}

/// A name in lower case, as roles are.
fn role(name: &Safe) -> Safe {
    Safe::line(&name.to_lowercase())
}
