//! Which files are lists, and whose. Pure: looks at names only.

use std::path::{Component, Path};

use super::super::place::has_ending;

/// Folders below `backlogs/` that hold no lists.
const OTHER: [&str; 3] = ["plans", "specs", "completed"];

/// Whether a path below `backlogs/` is a list.
pub(in super::super) fn is_list(below: &Path) -> bool {
    let name = below.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let parts: Vec<String> = folders(below);
    has_ending(below, "md")
        && !name.eq_ignore_ascii_case("README.md")
        && !name.starts_with('.')
        && !parts.iter().any(|part| OTHER.contains(&part.as_str()))
}

/// The workspace of a list: `api-backlog.md`, `products/acme.api.md`, `acme/api.md`.
pub(in super::super) fn workspace_of(below: &Path) -> String {
    let stem = below.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.strip_suffix("-backlog").unwrap_or(&stem).to_owned();
    let mut parts = folders(below);
    if parts.first().is_some_and(|first| first == "products") {
        parts.remove(0);
    }
    parts.push(stem);
    parts.join(".")
}

fn folders(path: &Path) -> Vec<String> {
    let normal = |part: Component<'_>| match part {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    };
    path.parent().into_iter().flat_map(Path::components).filter_map(normal).collect()
}
