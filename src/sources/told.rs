//! What a source told about one thing, and the difference to what it tells now: pushed is what changed, taken back what is
//! not told any more.

use std::collections::{HashMap, HashSet};

use super::Sink;
use crate::model::{Delta, Key, Kind};

/// Told pieces of news, by what they are about, in order.
pub type Told = Vec<(Kind, Key, Delta)>;

/// News by what they are about; those about no agent, task, execution or catalog item are left out.
pub fn named(deltas: Vec<Delta>) -> Told {
    let named = deltas.into_iter().filter_map(|delta| {
        let (kind, key) = match &delta {
            Delta::Task(key, _) => (Kind::Task, key.clone()),
            Delta::Execution(key, _) => (Kind::Execution, key.clone()),
            Delta::Agent(key, _) => (Kind::Agent, key.clone()),
            Delta::Catalog(key, _) => (Kind::Catalog, key.clone()),
            _ => return None,
        };
        Some((kind, key, delta))
    });
    named.collect()
}

/// Tells what is different now.
pub fn difference(before: &Told, told: &Told, out: &mut Sink<'_>) {
    let known: HashMap<(Kind, &Key), &Delta> =
        before.iter().map(|(kind, key, delta)| ((*kind, key), delta)).collect();
    let named: HashSet<(Kind, &Key)> = told.iter().map(|(kind, key, _)| (*kind, key)).collect();
    for (kind, key, delta) in told {
        if known.get(&(*kind, key)) != Some(&delta) {
            out.push(delta.clone());
        }
    }
    for (kind, key, _) in before.iter().filter(|(kind, key, _)| !named.contains(&(*kind, key))) {
        out.push(Delta::Gone(*kind, key.clone()));
    }
}
