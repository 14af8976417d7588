//! Projects.

use super::Teller;
use crate::{
    model::{Delta, Kind, Project, Workspace},
    sources::{Sink, opencode::book::Book},
    text::{Safe, format::basename},
};

impl Teller {
    /// Tells a project that may have changed.
    pub(super) fn tell_project(&mut self, book: &Book, id: &Safe, out: &mut Sink<'_>) {
        let key = self.key(id);
        let Some((place, found)) = book.projects.get(id).and_then(|copies| copies.best()) else {
            if self.projects.remove(id).is_some() {
                out.push(Delta::Gone(Kind::Project, key));
            }
            return;
        };
        // What belongs to no project is gathered in one that spans everything.
        let worktree = found.worktree.as_ref().filter(|worktree| worktree.as_str() != "/");
        let name = found.name.clone().or_else(|| worktree.map(|worktree| Safe::line(basename(worktree))));
        let project = Project {
            name: name.unwrap_or_else(|| id.clone()),
            workspace: worktree.cloned().map(Workspace::at),
            created_at: found.created,
            updated_at: found.updated,
            facts: found.vcs.clone().map(|vcs| ("version control", vcs)).into_iter().collect(),
            raw: Some(self.raw(place, "project", None, id)),
            ..Project::default()
        };
        if self.projects.get(id) != Some(&project) {
            self.projects.insert(id.clone(), project.clone());
            out.push(Delta::Project(key, Box::new(project)));
        }
    }
}
