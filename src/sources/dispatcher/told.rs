//! What was told last, so that only differences are told.

use std::{
    collections::{BTreeMap, HashSet},
    hash::Hash,
};

use crate::{
    model::{Delta, Key, Kind},
    sources::Sink,
    text::Safe,
};

/// Things of one kind as they were told.
#[derive(Debug)]
pub(super) struct Ledger<T> {
    kind: Kind,
    say: fn(Key, Box<T>) -> Delta,
    told: BTreeMap<Safe, T>,
}

impl<T: PartialEq + Clone> Ledger<T> {
    pub(super) fn new(kind: Kind, say: fn(Key, Box<T>) -> Delta) -> Self {
        Self { kind, say, told: BTreeMap::new() }
    }

    /// Tells what is not as it was (everything when it is the first time), and what is gone.
    pub(super) fn tell(&mut self, things: Vec<(Safe, T)>, everything: bool, out: &mut Sink<'_>) {
        let mut now = BTreeMap::new();
        for (local, thing) in things {
            if everything || self.told.get(&local) != Some(&thing) {
                out.push((self.say)(Key::new(out.source(), local.clone()), Box::new(thing.clone())));
            }
            now.insert(local, thing);
        }
        for local in self.told.keys().filter(|local| !now.contains_key(*local)) {
            out.push(Delta::Gone(self.kind, Key::new(out.source(), local.clone())));
        }
        self.told = now;
    }
}

/// Things that are told once and never taken back.
#[derive(Debug)]
pub(super) struct Once<T>(HashSet<T>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Eq + Hash + Clone> Once<T> {
    /// Those of `things` that were not told yet; only what is there now is remembered.
    pub(super) fn news(&mut self, things: Vec<T>) -> Vec<T> {
        let news = things.iter().filter(|thing| !self.0.contains(*thing)).cloned().collect();
        self.0 = things.into_iter().collect();
        news
    }
}
