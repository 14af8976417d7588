//! `workspaces.json`: which workspaces there are, where, and what is said of them; `workspace-locks.json`: which of them a
//! batch holds. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{Fields, expanded, shown};
use crate::{model::Timestamp, text::Safe};

/// A registered workspace.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// Path with `~` filled in.
    pub(super) path: Option<Safe>,
    /// `owner/name` of its origin.
    pub(super) repository: Option<String>,
    /// What is said of it, label and value.
    pub(super) facts: Vec<(&'static str, Safe)>,
}

/// All registered workspaces by their full id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Registry {
    entries: BTreeMap<Safe, Entry>,
    person: Option<String>,
    /// Values that were of no use.
    pub(super) odd: u64,
}

impl Registry {
    /// Reads the document; `person` is the person's home directory.
    pub(super) fn read(value: &Value, person: Option<&str>) -> Result<Self, String> {
        let fields = Fields::of(value).ok_or("it is no object")?;
        let workspaces = fields.object(&["workspaces"]).ok_or("it has no map `workspaces`")?;
        let mut registry = Self { person: person.map(str::to_owned), ..Self::default() };
        for (id, value) in workspaces.iter() {
            let Some(fields) = Fields::of(value) else {
                registry.odd += 1;
                continue;
            };
            registry.entries.insert(Safe::line(id), entry(&fields, person));
            registry.odd += fields.odd();
        }
        Ok(registry)
    }

    /// No registry, but paths can be filled in.
    pub(super) fn empty(person: Option<&str>) -> Self {
        Self { person: person.map(str::to_owned), ..Self::default() }
    }

    /// All workspaces.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Safe, &Entry)> {
        self.entries.iter()
    }

    /// A workspace by its id.
    pub(super) fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The path of a workspace.
    pub(super) fn path(&self, id: &str) -> Option<&Safe> {
        self.entries.get(id)?.path.as_ref()
    }

    /// A path with `~` filled in.
    pub(super) fn expanded(&self, path: &str) -> Safe {
        Safe::line(&expanded(path, self.person.as_deref()))
    }

    /// The workspace of a repository; of several the one with the shortest id, for parts of it are named after it.
    pub(super) fn of_repository(&self, repository: &str) -> Option<&Safe> {
        let of = |entry: &Entry| {
            entry.repository.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(repository))
        };
        self.entries.iter().filter(|(_, entry)| of(entry)).map(|(id, _)| id).min_by_key(|id| id.len())
    }
}

fn entry(fields: &Fields<'_>, person: Option<&str>) -> Entry {
    let path = fields.raw(&["path"]).map(|path| Safe::line(&expanded(path, person)));
    let labels = [
        ("type", "type"),
        ("category", "category"),
        ("product", "product"),
        ("priority", "priority"),
        ("auto_review", "auto review"),
    ];
    let mut facts: Vec<(&'static str, Safe)> =
        labels.iter().filter_map(|(name, label)| Some((*label, fields.line(&[name])?))).collect();
    let mut repository = None;
    if let Some(remotes) = fields.object(&["remotes"]) {
        for (name, value) in remotes.iter() {
            let url = shown(value);
            if name == "origin" {
                repository = repository_of(&url);
                facts.push(("remote", Safe::line(&without_password(&url))));
            } else {
                facts.push(("remote", Safe::line(&format!("{name}: {}", without_password(&url)))));
            }
        }
    }
    Entry { path, repository, facts }
}

/// `owner/name` of a remote: `git@host:owner/name.git`, `https://host/owner/name`, `ssh://git@host:22/owner/name.git`.
pub(super) fn repository_of(url: &str) -> Option<String> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url.split_once(':')?.1,
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let (owner, name) = path.rsplit_once('/')?;
    (!owner.is_empty() && !name.is_empty()).then(|| format!("{owner}/{name}"))
}

/// A remote without what stands before its host: that can be a password.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    match host.rsplit_once('@') {
        Some((user, host)) if user != "git" => format!("{scheme}://***@{host}/{path}"),
        _ => url.to_owned(),
    }
}

/// A lock of a batch on a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lock {
    pub(super) since: Option<Timestamp>,
    /// The batch runner.
    pub(super) pid: Option<u64>,
}

/// Reads the locks by workspace.
pub(super) fn locks(value: &Value) -> Result<BTreeMap<Safe, Lock>, String> {
    let fields = Fields::of(value).ok_or("it is no object")?;
    let lock = |value: &Value| {
        let fields = Fields::of(value)?;
        Some(Lock { since: fields.time(&["locked_at"]), pid: fields.count(&["pid"]) })
    };
    Ok(fields.iter().filter_map(|(id, value)| Some((Safe::line(id), lock(value)?))).collect())
}
