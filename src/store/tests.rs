//! Laws of the store are in `tests/it/laws.rs`; here are the small parts.

use super::*;
use crate::{
    model::{Batch, Delta, Mode, Response, Timestamp, Tokens, UsageBlock, UsageKey, UsageRecord},
    sources::Sink,
    text::Safe,
};

fn key(source: u16, name: &str) -> Key {
    Key::new(SourceId(source), Safe::line(name))
}

fn agent(source: u16, name: &str) -> Delta {
    Delta::Agent(key(source, name), Box::default())
}

fn usage(source: u16, number: u64, input: u64) -> Delta {
    Delta::Usage(Box::new(UsageRecord {
        key: UsageKey(number),
        at: Some(Timestamp::from_secs(1_760_000_000)),
        agent: Some(key(source, "a")),
        task: None,
        workspace: None,
        model: Safe::default(),
        tokens: Tokens { input, ..Tokens::default() },
        responses: 1,
        recorded_cost: None,
        fast: false,
    }))
}

/// One reading of source 0 as the framework does it.
struct Teller {
    store: Store,
    seq: u64,
    health: Health,
}

impl Teller {
    fn tell(&mut self, is_snapshot: bool, is_whole: bool, deltas: Vec<Delta>) {
        let store = &mut self.store;
        let mut send = |batch| {
            store.apply(batch);
            true
        };
        let mut sink = Sink::new(SourceId(0), &mut self.seq, &mut self.health, is_snapshot, &mut send);
        for delta in deltas {
            sink.push(delta);
        }
        if is_whole {
            sink.finish();
        } else {
            sink.flush();
        }
    }

    fn agents(&self) -> Vec<String> {
        self.store.agents.entries().map(|(_, key, _)| key.local.to_string()).collect()
    }
}

#[test]
fn what_only_a_broken_snapshot_named_is_gone_after_a_whole_one() {
    let mut teller = Teller { store: Store::default(), seq: 0, health: Health::default() };
    teller.tell(true, true, vec![agent(0, "old"), usage(0, 1, 10)]);
    teller.tell(true, false, vec![agent(0, "half"), agent(0, "both"), usage(0, 2, 5), usage(0, 3, 7)]);
    assert_eq!(teller.agents(), ["old", "half", "both"], "nothing is taken back before a snapshot is whole");
    // News between the two belong to no snapshot.
    teller.tell(false, true, vec![agent(0, "late")]);
    teller.tell(true, true, vec![agent(0, "both"), agent(0, "new"), usage(0, 3, 7)]);
    assert_eq!(teller.agents(), ["both", "new"]);
    assert_eq!((teller.store.ledger().len(), teller.store.usage().tokens.input), (1, 7));
    assert_eq!(teller.store.source_usage_records(SourceId(0)), 1);
}

#[test]
fn a_first_snapshot_that_broke_off_leaves_nothing_behind() {
    let mut teller = Teller { store: Store::default(), seq: 0, health: Health::default() };
    teller.tell(true, false, vec![agent(0, "half"), usage(0, 1, 10)]);
    teller.tell(true, true, vec![agent(0, "whole")]);
    assert_eq!(teller.agents(), ["whole"]);
    assert!(teller.store.ledger().is_empty());
    assert_eq!(teller.store.usage(), Totals::default());
}

#[test]
fn responses_take_the_place_of_their_sum() {
    let response = |number: u64, responses: u32, input: u64| Response {
        key: UsageKey(number),
        at: Some(Timestamp::from_secs(1_760_000_000)),
        task: None,
        model: 0,
        tokens: Tokens { input, ..Tokens::default() },
        responses,
        recorded_cost: None,
        fast: false,
    };
    let block = |instead_of: &[u64], list: Vec<Response>| {
        Delta::UsageBlock(Box::new(UsageBlock {
            agent: Some(key(0, "a")),
            models: vec![Safe::line("m")],
            instead_of: instead_of.iter().map(|number| UsageKey(*number)).collect(),
            list,
            ..UsageBlock::default()
        }))
    };
    let mut teller = Teller { store: Store::default(), seq: 0, health: Health::default() };
    teller.tell(true, true, vec![agent(0, "a"), block(&[], vec![response(1, 2, 30), response(2, 5, 70)])]);
    let whole = |store: &Store| (store.usage().responses, store.usage().tokens.input);
    assert_eq!(whole(&teller.store), (7, 100));
    // One sum after the other; a key that nobody knows is none.
    teller.tell(false, true, vec![block(&[1, 99], vec![response(10, 1, 10), response(11, 1, 20)])]);
    assert_eq!(whole(&teller.store), (7, 100));
    assert_eq!((teller.store.ledger().len(), teller.store.source_usage_records(SourceId(0))), (3, 3));
    let rest = (12..17).map(|number| response(number, 1, 14)).collect();
    teller.tell(false, true, vec![block(&[2], rest)]);
    assert_eq!((whole(&teller.store), teller.store.ledger().len()), ((7, 100), 7));
    let id = teller.store.agent_id(&key(0, "a")).unwrap();
    assert_eq!(teller.store.agent_usage(id).responses, 7);
}

#[test]
fn sources_far_apart_are_told_apart() {
    let mut store = Store::default();
    let mut tell = |source: u16, mode, deltas| {
        store.apply(Batch { source: SourceId(source), seq: u64::from(source) + 1, mode, deltas })
    };
    // Numbers that are equal when only their lower eight bits are kept.
    tell(1, Mode::Append, vec![usage(1, 7, 1)]);
    tell(257, Mode::Append, vec![usage(257, 7, 2)]);
    assert_eq!(store.ledger().iter().map(|entry| entry.source.0).collect::<Vec<_>>(), [1, 257]);
    store.apply(Batch { source: SourceId(1), seq: 9, mode: Mode::SnapshotBegin, deltas: Vec::new() });
    store.apply(Batch { source: SourceId(1), seq: 10, mode: Mode::SnapshotEnd, deltas: Vec::new() });
    assert_eq!(store.ledger().iter().map(|entry| entry.source.0).collect::<Vec<_>>(), [257]);
    assert_eq!(store.usage().tokens.input, 2);
}
