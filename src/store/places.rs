//! Workspaces under all their spellings: a path, a path through a link, a path with a slash too many, a bare name, a
//! transcript folder's name. What is surely one folder is one workspace.
//!
//! A path decides. A name without a path is the workspace of that name only when there is exactly one.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use crate::{
    model::Workspace,
    text::{Safe, format::basename},
};

/// All workspaces met, by number; numbers stay for ever.
#[derive(Debug, Default)]
pub(super) struct Places {
    told: Vec<Workspace>,
    index: HashMap<Safe, u32, RandomState>,
    /// What a path really leads to.
    leads: HashMap<Safe, Safe, RandomState>,
    /// The number under which a number is counted.
    root: Vec<u32>,
    /// What is shown for a number.
    shown: Vec<Workspace>,
    unsettled: bool,
}

impl Places {
    /// The number of a workspace, given one if it is new; none for one without a name.
    pub(super) fn intern(&mut self, workspace: &Workspace) -> Option<u32> {
        let identity = workspace.identity();
        if identity.is_empty() {
            return None;
        }
        if let Some(number) = self.index.get(identity).copied() {
            self.learn_name(number, workspace);
            return Some(number);
        }
        let number = self.told.len() as u32;
        self.told.push(workspace.clone());
        self.index.insert(identity.clone(), number);
        self.root.push(number);
        self.shown.push(workspace.clone());
        self.unsettled = true;
        Some(number)
    }

    /// A name that somebody gave is better than the last part of the path.
    fn learn_name(&mut self, number: u32, workspace: &Workspace) {
        let Some(known) = self.told.get_mut(number as usize) else { return };
        if is_given(workspace) && !is_given(known) {
            known.name = workspace.name.clone();
            self.unsettled = true;
        }
    }

    /// A path is a link to another.
    pub(super) fn lead(&mut self, path: Safe, real: Safe) -> bool {
        let news = self.leads.get(&path) != Some(&real);
        if news {
            self.leads.insert(path, real);
            self.unsettled = true;
        }
        news
    }

    /// As they were told, by number.
    pub(super) fn told(&self) -> &[Workspace] {
        &self.told
    }

    /// The number of a workspace that was met, all spellings under one.
    pub(super) fn number(&self, workspace: &Workspace) -> Option<u32> {
        self.index.get(workspace.identity()).map(|number| self.root(*number))
    }

    /// The number under which a number is counted.
    pub(super) fn root(&self, number: u32) -> u32 {
        self.root.get(number as usize).copied().unwrap_or(number)
    }

    /// What is shown for a number.
    pub(super) fn shown(&self, number: u32) -> Option<&Workspace> {
        self.shown.get(number as usize)
    }

    /// What is shown for a workspace, where that differs from it.
    pub(super) fn better(&self, workspace: &Workspace) -> Option<&Workspace> {
        let number = self.index.get(workspace.identity())?;
        self.shown(*number).filter(|shown| *shown != workspace)
    }

    /// Finds out anew what is the same; whether anything is shown differently than before.
    pub(super) fn settle(&mut self) -> bool {
        if !std::mem::take(&mut self.unsettled) {
            return false;
        }
        let paths: Vec<Option<String>> = self.told.iter().map(|workspace| self.folder(workspace)).collect();
        let mut first: HashMap<&str, u32, RandomState> = HashMap::default();
        let mut root: Vec<u32> = (0..self.told.len() as u32).collect();
        for (number, path) in paths.iter().enumerate() {
            let Some(path) = path else { continue };
            let one = *first.entry(path).or_insert(number as u32);
            if let Some(slot) = root.get_mut(number) {
                *slot = one;
            }
        }
        let mut names: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (number, path) in paths.iter().enumerate() {
            let (Some(path), Some(workspace), Some(one)) = (path, self.told.get(number), root.get(number))
            else {
                continue;
            };
            let told = workspace.path.as_deref().unwrap_or_default();
            let names_of =
                [workspace.name.to_lowercase(), basename(path).to_lowercase(), slug(path), slug(told)];
            for name in names_of {
                let ones = names.entry(name).or_default();
                if !ones.contains(one) {
                    ones.push(*one);
                }
            }
        }
        for (number, workspace) in self.told.iter().enumerate().filter(|(_, one)| one.path.is_none()) {
            let name = workspace.name.to_lowercase();
            let ones = names.get(&name).or_else(|| names.get(workspace.name.as_str()));
            if let (Some([one]), Some(slot)) = (ones.map(Vec::as_slice), root.get_mut(number)) {
                *slot = *one;
            }
        }
        let shown = self.faces(&paths, &root);
        let news = shown != self.shown || root != self.root;
        (self.root, self.shown) = (root, shown);
        news
    }

    /// What is shown for every number: the folder itself under the name that somebody gave it.
    fn faces(&self, paths: &[Option<String>], root: &[u32]) -> Vec<Workspace> {
        let mut given: HashMap<u32, &Safe, RandomState> = HashMap::default();
        for (workspace, one) in self.told.iter().zip(root) {
            if is_given(workspace) {
                given.entry(*one).or_insert(&workspace.name);
            }
        }
        root.iter()
            .map(|one| {
                let at = *one as usize;
                let (Some(told), Some(Some(path))) = (self.told.get(at), paths.get(at)) else {
                    return self.told.get(at).cloned().unwrap_or_default();
                };
                let name = given.get(one).copied();
                if name.is_none() && told.path.as_deref() == Some(path) {
                    return told.clone();
                }
                let face = Workspace::at(Safe::line(path));
                Workspace { name: name.unwrap_or(&face.name).clone(), ..face }
            })
            .collect()
    }

    /// The folder of a workspace that has a path.
    fn folder(&self, workspace: &Workspace) -> Option<String> {
        let path = workspace.path.as_ref()?;
        let path = self.leads.get(path).unwrap_or(path);
        Some(tidy(path))
    }
}

/// Somebody gave it a name, other than the last part of its path.
fn is_given(workspace: &Workspace) -> bool {
    workspace
        .path
        .as_deref()
        .is_some_and(|path| !workspace.name.is_empty() && basename(path) != workspace.name.as_str())
}

/// A path without scheme, doubled slashes, `.`, `..` and a slash at the end. Only in words: a link followed by `..` leads
/// elsewhere, but nobody starts an agent there.
fn tidy(path: &str) -> String {
    let path = path.strip_prefix("file://").unwrap_or(path);
    if !path.starts_with('/') {
        return path.trim_end_matches('/').to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The name that Claude Code gives the folder of a workspace's transcripts (its format: every character but letters and
/// digits becomes a dash).
fn slug(path: &str) -> String {
    path.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

#[cfg(test)]
mod tests;
