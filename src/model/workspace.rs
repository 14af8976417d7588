//! Directories agents work in.

use crate::text::{Safe, format::basename};

/// A directory agents work in. Two workspaces are the same when their `path` is equal, or, without paths, their name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Workspace {
    /// Absolute path, as the source wrote it.
    pub path: Option<Safe>,
    /// Short name for columns: given by the source, else the last part of the path.
    pub name: Safe,
}

impl Workspace {
    /// A workspace known by its path.
    pub fn at(path: Safe) -> Self {
        Self { name: Safe::line(basename(&path)), path: Some(path) }
    }

    /// A workspace known by name only.
    pub fn named(name: Safe) -> Self {
        Self { path: None, name }
    }

    /// What makes it the same workspace.
    pub fn identity(&self) -> &Safe {
        self.path.as_ref().unwrap_or(&self.name)
    }
}
