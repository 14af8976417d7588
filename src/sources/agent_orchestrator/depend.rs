//! Dependencies as they are written, which may name the same thing twice, nothing, itself, or run in a ring. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::text::Safe;

/// What one thing depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Depends {
    /// Known ones, each once, in order of writing.
    pub(super) on: Vec<Safe>,
    /// Names that nothing has.
    pub(super) unknown: Vec<Safe>,
    /// It names itself.
    pub(super) on_itself: bool,
    /// It waits for itself by way of others.
    pub(super) in_ring: bool,
}

impl Depends {
    /// What is odd, for the facts.
    pub(super) fn facts(&self) -> Vec<(&'static str, Safe)> {
        let mut facts = Vec::new();
        if !self.unknown.is_empty() {
            let names: Vec<&str> = self.unknown.iter().map(Safe::as_str).collect();
            facts.push(("depends on (unknown)", Safe::line(&names.join(", "))));
        }
        if self.on_itself {
            facts.push(("depends on", Safe::line("itself")));
        }
        if self.in_ring {
            facts.push(("dependencies", Safe::line("they run in a ring")));
        }
        facts
    }
}

/// Resolves what is written: `written` gives the names that each key names, `find` the keys behind a name for that key.
pub(super) fn resolve(
    written: &BTreeMap<Safe, Vec<Safe>>,
    find: impl Fn(&Safe, &Safe) -> Vec<Safe>,
) -> BTreeMap<Safe, Depends> {
    let mut all: BTreeMap<Safe, Depends> = BTreeMap::new();
    for (key, names) in written {
        let depends = all.entry(key.clone()).or_default();
        for name in names {
            let found = find(key, name);
            if found.is_empty() && !depends.unknown.contains(name) {
                depends.unknown.push(name.clone());
            }
            for target in found {
                if target == *key {
                    depends.on_itself = true;
                } else if !depends.on.contains(&target) {
                    depends.on.push(target);
                }
            }
        }
    }
    let rings = rings(&all);
    for (key, depends) in &mut all {
        depends.in_ring = rings.contains(key);
    }
    all
}

/// Keys that can be reached from themselves. What nothing leads to or from is peeled off first, so that the walk starts
/// only where a ring can be.
fn rings(all: &BTreeMap<Safe, Depends>) -> BTreeSet<Safe> {
    let mut left: BTreeSet<&Safe> =
        all.iter().filter(|(_, depends)| !depends.on.is_empty()).map(|(key, _)| key).collect();
    loop {
        let before = left.len();
        let kept: BTreeSet<&Safe> = left
            .iter()
            .copied()
            .filter(|key| {
                all.get(*key).is_some_and(|depends| depends.on.iter().any(|target| left.contains(target)))
            })
            .collect();
        let is_done = kept.len() == before;
        left = kept;
        if is_done {
            break;
        }
    }
    left.iter().filter(|key| reaches_itself(all, key)).map(|key| (*key).clone()).collect()
}

fn reaches_itself(all: &BTreeMap<Safe, Depends>, key: &Safe) -> bool {
    let next = |key: &Safe| all.get(key).map_or(&[][..], |depends| &depends.on[..]);
    let mut seen: BTreeSet<&Safe> = BTreeSet::new();
    let mut todo: Vec<&Safe> = next(key).iter().collect();
    while let Some(at) = todo.pop() {
        if at == key {
            return true;
        }
        if seen.insert(at) {
            todo.extend(next(at));
        }
    }
    false
}
