//! What came and went leaves nothing behind: a store that saw much answers as one that was told only what is left.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::store::NOBODY;

/// Small numbers from which a piece of news is made; few names, so that things meet.
type Dice = (u8, u8, u8, u16);

/// What is told of one name: its place in the store and the word itself.
fn news((kind, one, two, number): Dice) -> (String, Vec<Delta>) {
    let session = format!("s{}", one % 4);
    let status = [Status::Running, Status::Waiting, Status::Failed][usize::from(two) % 3];
    // Most prompts say the same, at the time of a dispatch or at another.
    let words = ["fix it", "fix it", "test it"][usize::from(two) % 3];
    let second = i64::from(number % 5) * 100;
    let deltas = match kind % 6 {
        0 => prompt(&format!("p{}", one % 4), &session, words, second).to_vec(),
        1 => vec![dispatch(&format!("d{}", one % 3), words, second, "")],
        2 => vec![agent(MULTI, &format!("b{}", one % 3), &format!("s{}", two % 4), "t", status)],
        3 => vec![agent(STREAM, &session, &session, "", status)],
        4 => vec![usage(MULTI, u64::from(one % 8), &format!("b{}", one % 3), "t", u64::from(number))],
        _ => vec![usage(CLAUDE, u64::from(one % 16), &session, &format!("p{}", one % 4), u64::from(number))],
    };
    let name = match kind % 6 {
        4 => format!("usage {MULTI} {}", one % 8),
        5 => format!("usage {CLAUDE} {}", one % 16),
        kind => format!("{kind} {}", one % 4),
    };
    (name, deltas)
}

/// What takes a word back.
fn taken_back(delta: &Delta) -> Option<Delta> {
    match delta {
        Delta::Agent(key, _) => Some(Delta::Gone(Kind::Agent, key.clone())),
        Delta::Task(key, _) => Some(Delta::Gone(Kind::Task, key.clone())),
        _ => None,
    }
}

/// A store that knows the folder: its name stays, also when who gave it is gone.
fn begin() -> (Store, Teller) {
    let (mut store, mut voice) = (store(), Teller::default());
    let folder = Workspace { path: Some(safe("/w/shop")), name: safe("acme.shop") };
    voice.tell(&mut store, Delta::Workspace(folder));
    (store, voice)
}

/// What the ledger says of agents and tasks, by name.
fn named(store: &Store) -> Vec<String> {
    let agent = |raw: u32| (raw != NOBODY).then(|| store.agents.key(Id::from_raw(raw)).unwrap());
    let task = |raw: u32| (raw != NOBODY).then(|| store.tasks.key(Id::from_raw(raw)).unwrap());
    let entry =
        |entry: Entry| format!("{:?} {:?} {:?}", agent(entry.agent), task(entry.task), entry.totals());
    let mut entries: Vec<String> = store.ledger().iter().map(entry).collect();
    entries.sort();
    entries
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_left_is_all_there_is(
        told in prop::collection::vec((any::<Dice>(), 0_u8..3), 0..120),
    ) {
        let (mut churned, mut voice) = begin();
        // What stands, by the key of the thing.
        let mut left: BTreeMap<String, Delta> = BTreeMap::new();
        for (dice, fate) in told {
            let (name, deltas) = news(dice);
            for delta in deltas {
                let place = match &delta {
                    Delta::Agent(key, _) => format!("agent {key:?}"),
                    Delta::Task(key, _) => format!("task {key:?}"),
                    _ => name.clone(),
                };
                let is_gone = fate == 0;
                if let (true, Some(gone)) = (is_gone, taken_back(&delta)) {
                    left.remove(&place);
                    voice.tell(&mut churned, gone);
                } else if let (true, Delta::Usage(record)) = (is_gone, &delta) {
                    left.remove(&place);
                    let source = source_of(&delta);
                    voice.take_usage(&mut churned, source, record.key);
                } else {
                    left.insert(place, delta.clone());
                    voice.tell(&mut churned, delta);
                }
            }
        }
        let (mut fresh, mut voice) = begin();
        for delta in left.values() {
            voice.tell(&mut fresh, delta.clone());
        }
        prop_assert_eq!(picture(&churned), picture(&fresh));
        prop_assert_eq!(named(&churned), named(&fresh));
        let known = |store: &Store| {
            let mut keys: Vec<Key> = store.agents.ids().filter_map(|id| store.agents.key(id)).cloned().collect();
            keys.extend(store.tasks.ids().filter_map(|id| store.tasks.key(id)).cloned());
            keys.sort();
            keys
        };
        prop_assert_eq!(known(&churned), known(&fresh), "no name is kept that nothing needs");
    }
}
