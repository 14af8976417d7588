//! Which part of the fleet is wanted: the workspaces of `--workspace` and the text of the `/` filter.

/// What the person wants to see. The default is everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Workspaces wanted, as given: names, paths or globs; empty = all.
    pub workspaces: Vec<String>,
    /// The `/` filter as typed; empty = none.
    pub filter: String,
}
