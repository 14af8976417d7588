//! Ids stay for as long as anything refers to them, and are never another's.

use super::*;
use crate::{
    model::{
        Agent, Batch, Delta, Execution, Key, Kind, Mode, SourceId, Task, Timestamp, Tokens, UsageKey,
        UsageRecord, Witness,
    },
    text::Safe,
};

fn key(name: &str) -> Key {
    Key::new(SourceId(0), Safe::line(name))
}

fn agent(name: &str) -> Delta {
    Delta::Agent(key(name), Box::default())
}

fn agent_gone(name: &str) -> Delta {
    Delta::Gone(Kind::Agent, key(name))
}

fn usage(number: u64, agent: &str, input: u64) -> Delta {
    Delta::Usage(Box::new(UsageRecord {
        key: UsageKey(number),
        at: Some(Timestamp::from_secs(1_760_000_000)),
        agent: Some(key(agent)),
        task: Some(key("t")),
        workspace: None,
        model: Safe::default(),
        tokens: Tokens { input, ..Tokens::default() },
        responses: 1,
        recorded_cost: None,
        fast: false,
    }))
}

#[derive(Default)]
struct Teller {
    store: Store,
    seq: u64,
}

impl Teller {
    fn tell(&mut self, deltas: impl IntoIterator<Item = Delta>) {
        self.seq += 1;
        let deltas = deltas.into_iter().collect();
        self.store.apply(Batch { source: SourceId(0), seq: self.seq, mode: Mode::Append, deltas });
    }

    fn id(&self, name: &str) -> Id<Agent> {
        self.store.agents.id(&key(name)).unwrap()
    }

    /// So many agents come and go.
    fn pass(&mut self, round: usize, count: usize) {
        let names: Vec<String> = (0..count).map(|at| format!("passing {round} {at}")).collect();
        self.tell(names.iter().map(|name| agent(name)));
        self.tell(names.iter().map(|name| agent_gone(name)));
    }
}

#[test]
fn what_comes_back_soon_is_the_same() {
    let mut teller = Teller::default();
    teller.tell([agent("a"), agent("b")]);
    let id = teller.id("a");
    teller.tell([agent_gone("a")]);
    teller.pass(0, LIMBO - 1);
    assert_eq!(teller.store.agents.get(id), None);
    assert_eq!(teller.store.agents.key(id), Some(&key("a")), "its name is still known");
    teller.tell([agent("a")]);
    assert_eq!(teller.id("a"), id);
    // It went a second time: that counts, not the first.
    teller.tell([agent_gone("a")]);
    teller.pass(1, LIMBO - 1);
    teller.tell([agent("a")]);
    assert_eq!(teller.id("a"), id);
}

#[test]
fn a_stale_id_answers_nothing() {
    let mut teller = Teller::default();
    teller.tell([agent("old"), usage(1, "old", 5)]);
    let old = teller.id("old");
    teller.tell([agent_gone("old"), Delta::UsageGone(UsageKey(1))]);
    teller.store.tidy(0);
    teller.tell([agent("new"), usage(2, "new", 7)]);
    let new = teller.id("new");
    assert_eq!((new.index(), new.life()), (old.index(), old.life() + 1), "the slot is used again");
    assert_ne!(old, new);
    let agents = &teller.store.agents;
    assert_eq!(
        (agents.get(old), agents.told(old), agents.key(old), agents.root(old)),
        (None, None, None, old)
    );
    assert_eq!(teller.store.agent_usage(old), Totals::default());
    assert_eq!(teller.store.agent_usage(new).tokens.input, 7, "its sums begin at nothing");
    assert_eq!(teller.store.agent_keys(old).count(), 0);
    assert_eq!(agents.iter().map(|(id, _)| id).collect::<Vec<_>>(), [new]);
    assert_eq!(agents.at(new.index()), Some(new));
}

#[test]
fn who_is_named_in_the_ledger_keeps_the_id() {
    let mut teller = Teller::default();
    teller.tell([agent("a"), usage(1, "a", 5), usage(2, "a", 6), usage(3, "never told", 1)]);
    let (id, unknown) = (teller.id("a"), Id::from_raw(teller.store.ledger().iter().last().unwrap().agent));
    teller.tell([agent_gone("a")]);
    for round in 0..3 {
        teller.pass(round, LIMBO);
        teller.store.tidy(0);
    }
    assert_eq!(teller.store.agents.key(id), Some(&key("a")));
    assert_eq!(teller.store.agents.key(unknown), Some(&key("never told")));
    assert_eq!(teller.store.agent_usage(id).tokens.input, 11);
    // An answer that is counted for another from now on, one that is gone, and a snapshot that names none.
    teller.tell([usage(1, "b", 5)]);
    teller.store.tidy(0);
    assert_eq!(teller.store.agents.key(id), Some(&key("a")));
    teller.tell([Delta::UsageGone(UsageKey(2))]);
    teller.store.tidy(0);
    assert_eq!(teller.store.agents.key(id), None);
    assert_eq!(teller.store.agents.key(unknown), Some(&key("never told")));
    teller.seq += 1;
    let (source, seq) = (SourceId(0), teller.seq);
    teller.store.apply(Batch { source, seq, mode: Mode::SnapshotEnd, deltas: Vec::new() });
    teller.store.tidy(0);
    assert!(teller.store.ledger().is_empty());
    assert_eq!(teller.store.agents.ids().filter(|id| teller.store.agents.key(*id).is_some()).count(), 0);
    assert_eq!(teller.store.tasks.ids().filter(|id| teller.store.tasks.key(*id).is_some()).count(), 0);
    assert_eq!((teller.store.usage(), teller.store.rollup().span()), (Totals::default(), None));
}

#[test]
fn new_prices_leave_references_as_they_are() {
    let mut teller = Teller::default();
    teller.tell([usage(1, "a", 5)]);
    teller.store.set_prices(crate::model::PriceTable::built_in());
    teller.tell([Delta::UsageGone(UsageKey(1))]);
    teller.store.tidy(0);
    assert!(teller.store.agents.ids().all(|id| teller.store.agents.key(id).is_none()));
}

#[test]
fn who_a_prompt_names_keeps_the_id() {
    let mut teller = Teller::default();
    let prompt = Task { agents: vec![key("not yet there")], witness: Witness::Transcript, ..Task::default() };
    teller.tell([Delta::Task(key("p"), Box::new(prompt))]);
    teller.store.tidy(0);
    let known = |store: &Store| store.agents.ids().filter_map(|id| store.agents.key(id)).count();
    assert_eq!(known(&teller.store), 1);
    teller.tell([Delta::Gone(Kind::Task, key("p"))]);
    teller.store.tidy(0);
    assert_eq!(known(&teller.store), 0);
}

#[test]
fn slots_are_as_many_as_there_were_things_at_once() {
    let mut teller = Teller::default();
    teller.tell([agent("stays")]);
    let stays = teller.id("stays");
    for round in 0..20 {
        teller.pass(round, 1000);
        let names: Vec<Key> = (0..1000).map(|at| key(&format!("run {round} {at}"))).collect();
        teller.tell(names.iter().map(|name| Delta::Execution(name.clone(), Box::<Execution>::default())));
        teller.tell(names.iter().map(|name| Delta::Gone(Kind::Execution, name.clone())));
    }
    assert_eq!(teller.id("stays"), stays);
    let (agents, executions) = (teller.store.agents.capacity(), teller.store.executions.capacity());
    assert!(agents <= LIMBO + 2001 && executions <= LIMBO + 2000, "{agents} agents, {executions} executions");
}

#[test]
fn a_slot_that_had_its_last_life_rests() {
    let mut teller = Teller::default();
    let mut met = std::collections::HashSet::new();
    for round in 0..600 {
        let name = format!("a{round}");
        teller.tell([agent(&name)]);
        assert!(met.insert(teller.id(&name)), "{name} has the id of another");
        teller.tell([agent_gone(&name)]);
        teller.store.tidy(0);
    }
    assert_eq!(teller.store.agents.capacity(), 3);
    assert!(met.iter().all(|id| teller.store.agents.key(*id).is_none()));
}
