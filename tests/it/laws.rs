//! Laws of the store and of the sanitiser: whatever is told, in whatever pieces, the store knows exactly what a plain
//! count from scratch knows.

use std::collections::BTreeMap;

use crate::values::safe;
use orchdash::{
    model::{
        Agent, BacklogItem, Batch, CatalogItem, Delta, Execution, Id, Key, Kind, LogFile, LogKind, Millis,
        Mode, PlanLimit, PriceTable, Project, RawRef, Response, Schedule, SourceId, Status, Task, TaskBatch,
        Timestamp, Tokens, UsageBlock, UsageKey, UsageRecord, Usd, Workspace, Zone, price,
        time::{day_after, day_before},
    },
    store::{Store, Totals, ledger::NOBODY, rollup::QUARTER},
    text::Safe,
};
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

const MODELS: [&str; 5] =
    ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001", "glm-4.6", ""];
/// Around the change of a price: some usage is before, some after it.
const BEGIN: i64 = 1_791_300_000;
const CHEAP: &str = "[[price]]\nmodel = \"*\"\ninput = 1\noutput = 2\n";
/// Zones with summer time at midnight, by half an hour, on the other side of the date line, or none.
const ZONES: [Zone; 9] = [
    Zone::UTC,
    Zone::Europe__Berlin,
    Zone::America__New_York,
    Zone::Asia__Kathmandu,
    Zone::Australia__Lord_Howe,
    Zone::Africa__Cairo,
    Zone::America__Santiago,
    Zone::Pacific__Apia,
    Zone::Atlantic__Azores,
];

fn place(number: u8) -> Option<Workspace> {
    (number > 0).then(|| Workspace::at(safe(&format!("/w/{number}"))))
}

/// The plain count: maps of what was told last, and nothing clever.
#[derive(Clone, Debug, Default)]
struct Plain {
    things: BTreeMap<(u16, &'static str, String), Delta>,
    usage: BTreeMap<(u16, u64), UsageRecord>,
}

impl Plain {
    fn apply(&mut self, source: u16, delta: &Delta) {
        let name = |key: &Key| key.local.to_string();
        match delta {
            Delta::Agent(key, _) => drop(self.things.insert((source, "agent", name(key)), delta.clone())),
            Delta::Task(key, _) => drop(self.things.insert((source, "task", name(key)), delta.clone())),
            Delta::Execution(key, _) => {
                drop(self.things.insert((source, "execution", name(key)), delta.clone()));
            }
            Delta::Schedule(key, _) => {
                drop(self.things.insert((source, "schedule", name(key)), delta.clone()));
            }
            Delta::Backlog(key, _) => drop(self.things.insert((source, "backlog", name(key)), delta.clone())),
            Delta::Limit(key, _) => drop(self.things.insert((source, "limit", name(key)), delta.clone())),
            Delta::TaskBatch(key, _) => drop(self.things.insert((source, "batch", name(key)), delta.clone())),
            Delta::Project(key, _) => drop(self.things.insert((source, "project", name(key)), delta.clone())),
            Delta::Catalog(key, _) => drop(self.things.insert((source, "catalog", name(key)), delta.clone())),
            Delta::Usage(record) => {
                drop(self.usage.insert((source, record.key.0), (**record).clone()));
            }
            Delta::LogFile(key, _) => {
                drop(self.things.insert((source, "log file", name(key)), delta.clone()));
            }
            Delta::UsageBlock(block) => {
                for record in records(block) {
                    self.usage.insert((source, record.key.0), record);
                }
                for key in &block.instead_of {
                    self.usage.remove(&(source, key.0));
                }
            }
            Delta::UsageGone(key) => drop(self.usage.remove(&(source, key.0))),
            Delta::Gone(kind, key) => drop(self.things.remove(&(source, word(*kind), name(key)))),
            Delta::Workspace(_) | Delta::SamePlace { .. } | Delta::Log(_) | Delta::Health(_) => {}
        }
    }

    fn told(&self, source: u16) -> Vec<Delta> {
        let things = self.things.iter().filter(|((of, ..), _)| *of == source).map(|(_, delta)| delta.clone());
        let usage = self.usage.iter().filter(|((of, _), _)| *of == source);
        things.chain(usage.map(|(_, record)| Delta::Usage(Box::new(record.clone())))).collect()
    }
}

/// The responses of a block, each by itself.
fn records(block: &UsageBlock) -> impl Iterator<Item = UsageRecord> + '_ {
    block.list.iter().map(|response| UsageRecord {
        key: response.key,
        at: response.at,
        agent: block.agent.clone(),
        task: response.task.map(|task| block.tasks[task as usize].clone()),
        workspace: block.workspace.clone(),
        model: block.models[response.model as usize].clone(),
        tokens: response.tokens,
        responses: response.responses,
        recorded_cost: response.recorded_cost,
        fast: response.fast,
    })
}

/// A record and one beside it, as a block.
fn block(record: &UsageRecord) -> Delta {
    let response = Response {
        key: record.key,
        at: record.at,
        task: record.task.as_ref().map(|_| 0),
        model: 1,
        tokens: record.tokens,
        responses: record.responses,
        recorded_cost: record.recorded_cost,
        fast: record.fast,
    };
    let beside = Response { key: UsageKey(record.key.0 + 1), task: None, model: 0, ..response };
    Delta::UsageBlock(Box::new(UsageBlock {
        agent: record.agent.clone(),
        workspace: record.workspace.clone(),
        models: vec![safe(MODELS[0]), record.model.clone()],
        tasks: record.task.clone().into_iter().collect(),
        // What they replace may be anything that was told, or nothing; not themselves.
        instead_of: vec![UsageKey(record.key.0 + 2)],
        remembered: None,
        list: vec![response, beside],
    }))
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Agent => "agent",
        Kind::Task => "task",
        Kind::Execution => "execution",
        Kind::Schedule => "schedule",
        Kind::Backlog => "backlog",
        Kind::Limit => "limit",
        Kind::TaskBatch => "batch",
        Kind::Project => "project",
        Kind::Catalog => "catalog",
        Kind::LogFile => "log file",
    }
}

/// Everything a store or a plain count knows, by names.
#[derive(Debug, Default, PartialEq)]
struct Facts {
    things: BTreeMap<String, String>,
    usage: BTreeMap<String, u32>,
    by_agent: BTreeMap<String, Totals>,
    by_task: BTreeMap<String, Totals>,
    cells: BTreeMap<String, Totals>,
    by_source: BTreeMap<u16, u64>,
    all: Totals,
    undated: Totals,
}

impl Facts {
    fn thing(&mut self, kind: &str, key: &Key, value: &impl std::fmt::Debug) {
        self.things.insert(format!("{} {kind} {}", key.source.0, key.local), format!("{value:?}"));
    }
}

fn slot(key: &Key) -> String {
    format!("{} {}", key.source.0, key.local)
}

fn facts_of_plain(plain: &Plain, prices: &PriceTable) -> Facts {
    let mut facts = Facts::default();
    for delta in plain.things.values() {
        match delta {
            Delta::Agent(key, one) => facts.thing("agent", key, one),
            Delta::Task(key, one) => facts.thing("task", key, one),
            Delta::Execution(key, one) => facts.thing("execution", key, one),
            Delta::Schedule(key, one) => facts.thing("schedule", key, one),
            Delta::Backlog(key, one) => facts.thing("backlog", key, one),
            Delta::Limit(key, one) => facts.thing("limit", key, one),
            Delta::TaskBatch(key, one) => facts.thing("batch", key, one),
            Delta::Project(key, one) => facts.thing("project", key, one),
            Delta::Catalog(key, one) => facts.thing("catalog", key, one),
            Delta::LogFile(key, one) => facts.thing("log file", key, one),
            _ => {}
        }
    }
    let rates: BTreeMap<&str, _> = MODELS.into_iter().map(|model| (model, prices.rates(model))).collect();
    for ((source, _), record) in &plain.usage {
        let secs = record.at.map(Timestamp::secs);
        let computed = || {
            price::cost_of(&rates[&*record.model], record.at, &record.tokens, record.responses, record.fast)
        };
        let cost = record.recorded_cost.or_else(computed);
        let priced = u64::from(cost.is_some());
        let recorded = u64::from(record.recorded_cost.is_some());
        let totals = Totals {
            responses: u64::from(record.responses),
            tokens: record.tokens,
            cost: cost.unwrap_or_default(),
            recorded,
            computed: priced - recorded,
            unpriced: if cost.is_none() { u64::from(record.responses.max(1)) } else { 0 },
            remembered: 0,
        };
        let agent = record.agent.as_ref().map(slot);
        let task = record.task.as_ref().map(slot);
        let place = record.workspace.as_ref().map(|place| place.identity().to_string());
        let text = format!(
            "{source} {secs:?} {totals:?} {agent:?} {task:?} {place:?} {} {}",
            record.model, record.fast
        );
        *facts.usage.entry(text).or_default() += 1;
        facts.all.add(&totals);
        *facts.by_source.entry(*source).or_default() += 1;
        if let Some(agent) = agent {
            facts.by_agent.entry(agent).or_default().add(&totals);
        }
        if let Some(task) = task {
            facts.by_task.entry(task).or_default().add(&totals);
        }
        if let Some(secs) = secs {
            let cell = format!("{} {source} {} {place:?}", secs / i64::from(QUARTER), record.model);
            facts.cells.entry(cell).or_default().add(&totals);
        } else {
            facts.undated.add(&totals);
        }
    }
    facts
}

fn facts_of_store(store: &Store) -> Facts {
    let mut facts = Facts { all: store.usage(), undated: store.undated_usage(), ..Facts::default() };
    store.agents.entries().for_each(|(_, key, one)| facts.thing("agent", key, one));
    store.tasks.entries().for_each(|(_, key, one)| facts.thing("task", key, one));
    store.executions.entries().for_each(|(_, key, one)| facts.thing("execution", key, one));
    store.schedules.entries().for_each(|(_, key, one)| facts.thing("schedule", key, one));
    store.backlog.entries().for_each(|(_, key, one)| facts.thing("backlog", key, one));
    store.limits.entries().for_each(|(_, key, one)| facts.thing("limit", key, one));
    store.task_batches.entries().for_each(|(_, key, one)| facts.thing("batch", key, one));
    store.projects.entries().for_each(|(_, key, one)| facts.thing("project", key, one));
    store.log_files.entries().for_each(|(_, key, one)| facts.thing("log file", key, one));
    store.catalog.entries().for_each(|(_, key, one)| facts.thing("catalog", key, one));
    let place = |number: u32| store.workspace(number).map(|place| place.identity().to_string());
    for entry in store.ledger().iter() {
        let agent =
            (entry.agent != NOBODY).then(|| slot(store.agents.key(Id::from_raw(entry.agent)).unwrap()));
        let task = (entry.task != NOBODY).then(|| slot(store.tasks.key(Id::from_raw(entry.task)).unwrap()));
        let secs = entry.at.map(i64::from);
        let (model, place) = (store.symbols().name(entry.model), place(entry.workspace));
        let totals = entry.totals();
        let text = format!(
            "{} {secs:?} {totals:?} {agent:?} {task:?} {place:?} {model} {}",
            entry.source.0, entry.fast
        );
        *facts.usage.entry(text).or_default() += 1;
    }
    for id in store.agents.ids() {
        let totals = store.agent_usage(id);
        if !totals.is_empty() {
            facts.by_agent.insert(slot(store.agents.key(id).unwrap()), totals);
        }
    }
    for id in store.tasks.ids() {
        let totals = store.task_usage(id);
        if !totals.is_empty() {
            facts.by_task.insert(slot(store.tasks.key(id).unwrap()), totals);
        }
    }
    for (at, cell, totals) in store.rollup().cells(Timestamp(0), Timestamp::from_secs(4_000_000_000)) {
        let (model, place) = (store.symbols().name(cell.model), place(cell.workspace));
        let name = format!("{} {} {model} {place:?}", at.secs() / i64::from(QUARTER), cell.source.0);
        facts.cells.insert(name, *totals);
    }
    for source in 0..3 {
        let records = store.source_usage_records(SourceId(source));
        if records > 0 {
            facts.by_source.insert(source, records);
        }
    }
    facts
}

/// Small numbers from which a piece of news is made; few keys, so that things meet.
type Dice = (u8, u8, u8, u8, u32, u32);

fn delta((kind, key, one, two, big, other): Dice, source: u16) -> Delta {
    let local = |number: u8| Key::new(SourceId(source), safe(&format!("k{}", number % 7)));
    let status = Status::ALL[usize::from(one) % Status::ALL.len()];
    let title = safe(&format!("title {}", two % 3));
    match kind % 23 {
        0 | 1 => Delta::Agent(
            local(key),
            Box::new(Agent { status, name: title, workspace: place(two % 4), ..Agent::default() }),
        ),
        2 | 3 => Delta::Task(
            local(key),
            Box::new(Task { status, title, workspace: place(two % 4), ..Task::default() }),
        ),
        4 => {
            Delta::Execution(local(key), Box::new(Execution { status, name: title, ..Execution::default() }))
        }
        5 => Delta::Schedule(local(key), Box::new(Schedule { name: title, ..Schedule::default() })),
        6 => Delta::Backlog(local(key), Box::new(BacklogItem { title, ..BacklogItem::default() })),
        7 => {
            let percent = Some(f64::from(one));
            Delta::Limit(local(key), Box::new(PlanLimit { name: title, percent, ..PlanLimit::default() }))
        }
        8 => {
            let kinds = [
                Kind::Agent,
                Kind::Task,
                Kind::Execution,
                Kind::Schedule,
                Kind::Backlog,
                Kind::Limit,
                Kind::TaskBatch,
                Kind::Project,
                Kind::Catalog,
                Kind::LogFile,
            ];
            Delta::Gone(kinds[usize::from(one) % kinds.len()], local(key))
        }
        9 => Delta::Workspace(place(two % 6 + 1).unwrap()),
        10 | 11 => Delta::UsageGone(UsageKey(u64::from(key % 40))),
        12 => {
            let cancelled = one % 2 == 0;
            Delta::TaskBatch(local(key), Box::new(TaskBatch { cancelled, ..TaskBatch::default() }))
        }
        13 => Delta::Project(
            local(key),
            Box::new(Project { status, name: title, workspace: place(two % 4), ..Project::default() }),
        ),
        15 => {
            let path = title.clone();
            let file = LogFile {
                name: title,
                kind: LogKind::Log,
                place: RawRef::File { path },
                agent: Some(local(one)),
                task: None,
                size: Some(u64::from(big)),
                newest: None,
            };
            Delta::LogFile(local(key), Box::new(file))
        }
        14 => {
            let workspace = place(two % 4);
            let item = CatalogItem { status, name: title, workspace, ..CatalogItem::default() };
            Delta::Catalog(local(key), Box::new(item))
        }
        _ => {
            let tokens = Tokens {
                input: u64::from(big) * if one % 9 == 0 { 5 } else { 1 },
                output: u64::from(other % 5000),
                cache_read: u64::from(other),
                cache_write_5m: u64::from(big % 3000),
                cache_write_1h: u64::from(two),
            };
            let record = UsageRecord {
                key: UsageKey(u64::from(key % 40)),
                at: (one % 8 != 0).then(|| Timestamp(BEGIN * 1000 + i64::from(other % 400_000_000))),
                agent: (one % 5 != 0).then(|| local(one)),
                task: (two % 5 != 0).then(|| local(two)),
                workspace: place(two % 4),
                model: safe(MODELS[usize::from(two) % MODELS.len()]),
                tokens,
                responses: if one % 6 == 0 { u32::from(two % 4) } else { 1 },
                recorded_cost: (one % 7 == 0).then_some(Usd(i64::from(other))),
                fast: two % 11 == 0,
            };
            if other % 3 == 0 { block(&record) } else { Delta::Usage(Box::new(record)) }
        }
    }
}

fn dice() -> impl Strategy<Value = (u16, Dice)> {
    (0_u16..3, any::<Dice>())
}

/// Numbers batches as sources do.
#[derive(Default)]
struct Voice {
    seq: [u64; 3],
}

impl Voice {
    fn say(&mut self, source: u16, mode: Mode, deltas: Vec<Delta>) -> Batch {
        let seq = &mut self.seq[usize::from(source)];
        *seq += 1;
        Batch { source: SourceId(source), seq: *seq, mode, deltas }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_with_repetitions_equal_a_plain_count(
        news in prop::collection::vec((dice(), 0_u8..6, any::<bool>()), 0..250),
    ) {
        let prices = PriceTable::built_in();
        let (mut store, mut plain, mut voice) = (Store::new(prices.clone()), Plain::default(), Voice::default());
        let mut pending: [Vec<Delta>; 3] = Default::default();
        for ((source, dice), cut, repeat) in news {
            let delta = delta(dice, source);
            plain.apply(source, &delta);
            let open = &mut pending[usize::from(source)];
            open.push(delta);
            if cut == 0 {
                let batch = voice.say(source, Mode::Append, std::mem::take(open));
                store.apply(batch.clone());
                if repeat {
                    let revision = store.revision(orchdash::store::Tables::ALL);
                    prop_assert!(store.apply(batch).tables.is_empty());
                    prop_assert_eq!(store.revision(orchdash::store::Tables::ALL), revision);
                }
            }
        }
        for (source, open) in pending.into_iter().enumerate() {
            store.apply(voice.say(source as u16, Mode::Append, open));
        }
        prop_assert_eq!(facts_of_store(&store), facts_of_plain(&plain, &prices));
    }

    #[test]
    fn a_snapshot_equals_any_path_to_it(
        before in prop::collection::vec(dice(), 0..120),
        after in prop::collection::vec(dice(), 0..120),
        piece in 1_usize..30,
        late in prop::collection::vec(any::<Dice>(), 0..6),
    ) {
        let prices = PriceTable::built_in();
        let (mut store, mut plain, mut voice) = (Store::new(prices.clone()), Plain::default(), Voice::default());
        for (source, dice) in before {
            let delta = delta(dice, source);
            if source != 1 {
                plain.apply(source, &delta);
            }
            store.apply(voice.say(source, Mode::Append, vec![delta]));
        }
        let mut target = Plain::default();
        for (_, dice) in after {
            target.apply(1, &delta(dice, 1));
        }
        let told = target.told(1);
        for part in told.chunks(piece) {
            store.apply(voice.say(1, Mode::Snapshot, part.to_vec()));
        }
        let late: Vec<Delta> = late.into_iter().map(|dice| delta(dice, 1)).collect();
        for delta in &late {
            target.apply(1, delta);
        }
        store.apply(voice.say(1, Mode::SnapshotEnd, late));
        plain.things.append(&mut target.things);
        plain.usage.append(&mut target.usage);
        prop_assert_eq!(facts_of_store(&store), facts_of_plain(&plain, &prices));
    }

    #[test]
    fn new_prices_equal_a_store_that_always_had_them(news in prop::collection::vec(dice(), 0..150), more in dice()) {
        let cheap = PriceTable::parse(CHEAP).unwrap();
        let (mut changed, mut fresh) = (Store::new(PriceTable::built_in()), Store::new(cheap.clone()));
        let mut voice = Voice::default();
        for (source, dice) in news {
            let batch = voice.say(source, Mode::Append, vec![delta(dice, source)]);
            changed.apply(batch.clone());
            fresh.apply(batch);
        }
        changed.set_prices(cheap);
        prop_assert_eq!(facts_of_store(&changed), facts_of_store(&fresh));
        let batch = voice.say(more.0, Mode::Append, vec![delta(more.1, more.0)]);
        changed.apply(batch.clone());
        fresh.apply(batch);
        prop_assert_eq!(facts_of_store(&changed), facts_of_store(&fresh));
    }

    #[test]
    fn local_days_share_out_every_instant_once(
        zone in 0_usize..ZONES.len(),
        first in 1_293_840_000_i64..1_900_000_000,
        offsets in prop::collection::vec(0_i64..40 * 86_400, 1..80),
    ) {
        let zone = ZONES[zone];
        let mut store = Store::new(PriceTable::built_in());
        let deltas = offsets.iter().enumerate().map(|(key, offset)| usage_at(key as u64, first + offset)).collect();
        store.apply(Voice::default().say(0, Mode::Append, deltas));
        let mut sum = Totals::default();
        let mut day = Timestamp::from_secs(first).day_start(zone);
        let end = Timestamp::from_secs(first + 41 * 86_400);
        while day <= end {
            let next = day_after(zone, day, 1);
            prop_assert!(next > day, "{zone}: no day after {day}");
            prop_assert_eq!(day.day_start(zone), day);
            let inside = offsets.iter().filter(|offset| {
                let at = Timestamp::from_secs(first + **offset);
                (day..next).contains(&at)
            });
            let bucket = store.rollup().sum(day, next, |_| true);
            prop_assert_eq!(bucket.responses, inside.count() as u64, "{} {}", zone, day);
            sum.add(&bucket);
            day = next;
        }
        prop_assert_eq!(sum, store.usage());
    }

    #[test]
    fn an_instant_lies_in_its_own_day(zone in 0_usize..ZONES.len(), millis in 1_293_840_000_000_i64..1_900_000_000_000) {
        let (zone, at) = (ZONES[zone], Timestamp(millis));
        let (day, next) = (at.day_start(zone), day_after(zone, at, 1));
        prop_assert!(day <= at && at < next, "{zone}: {day} {at} {next}");
        prop_assert_eq!(day_before(zone, next, 1), day);
        prop_assert!(at.since(at.hour_start(zone)) < Millis::hours(1));
        prop_assert!(at.hour_start(zone) <= at);
    }
}

fn usage_at(key: u64, secs: i64) -> Delta {
    Delta::Usage(Box::new(UsageRecord {
        key: UsageKey(key),
        at: Some(Timestamp::from_secs(secs)),
        agent: None,
        task: None,
        workspace: None,
        model: safe("claude-opus-5-5"),
        tokens: Tokens { input: key, ..Tokens::default() },
        responses: 1,
        recorded_cost: None,
        fast: false,
    }))
}

/// The edges of summer time, minute by minute: proptest would hit them rarely.
#[test]
fn days_meet_at_the_edges_of_summer_time() {
    for zone in ZONES {
        let mut day = Timestamp::from_secs(1_293_840_000).day_start(zone);
        let end = Timestamp::from_secs(1_900_000_000);
        while day < end {
            let next = day_after(zone, day, 1);
            let length = next.since(day).0;
            assert!((22 * 3_600_000..=49 * 3_600_000).contains(&length), "{zone}: {day} has {length} ms");
            for at in [day, day.plus(Millis(1)), next.minus(Millis(1))] {
                assert_eq!(at.day_start(zone), day, "{zone}: {at}");
                assert_eq!(day_after(zone, at, 1), next, "{zone}: {at}");
            }
            day = next;
        }
    }
}

/// Many random events, checked now and then: the count never drifts, whatever was replaced, removed or told anew.
#[test]
fn a_long_life_equals_a_count_from_scratch() {
    let prices = PriceTable::built_in();
    let (mut store, mut plain, mut voice) = (Store::new(prices.clone()), Plain::default(), Voice::default());
    let mut state = 0x1234_5678_9abc_def0_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 24
    };
    for round in 0..1000 {
        let source = (next() % 3) as u16;
        let dice = |next: &mut dyn FnMut() -> u64| {
            (next() as u8, next() as u8, next() as u8, next() as u8, next() as u32, next() as u32)
        };
        let deltas: Vec<Delta> = (0..100).map(|_| delta(dice(&mut next), source)).collect();
        for delta in &deltas {
            plain.apply(source, delta);
        }
        store.apply(voice.say(source, Mode::Append, deltas));
        if round % 97 == 0 {
            let told = plain.told(source);
            store.apply(voice.say(source, Mode::SnapshotEnd, told));
        }
        if round % 250 == 249 {
            assert_eq!(facts_of_store(&store), facts_of_plain(&plain, &prices), "after round {round}");
        }
    }
}

#[test]
fn log_lines_and_health_of_a_repeated_batch_are_not_told_twice() {
    let mut store = Store::default();
    let line = orchdash::model::LogLine {
        at: None,
        level: orchdash::model::Level::Info,
        agent: None,
        task: None,
        tool: None,
        text: safe("once"),
    };
    let deltas = vec![Delta::Log(Box::new(line)), Delta::Health(Box::default())];
    let batch = Voice::default().say(0, Mode::Append, deltas);
    store.apply(batch.clone());
    store.apply(batch);
    assert_eq!(store.logs().count(), 1);
}

/// Characters that hide, reorder or control, listed apart from the sanitiser's own list.
fn is_forbidden(ch: char, line_breaks: bool) -> bool {
    match ch {
        '\n' => !line_breaks,
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'
        | '\u{200c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{feff}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{e000}'..='\u{f8ff}' => true,
        _ => ch.is_control(),
    }
}

/// Text with everything that ever went wrong on a terminal.
fn evil() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        any::<String>(),
        "[ -~]{0,20}",
        "\\PC{0,12}",
        prop::sample::select(vec![
            "\u{1b}",
            "\u{1b}[",
            "\u{1b}]52;c;",
            "\u{7}",
            "\u{9b}2J",
            "\u{90}",
            "\u{9c}",
            "\u{1b}\\",
            "\r\n",
            "\r",
            "\n",
            "\t",
            "\u{202e}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{301}",
            "\u{600}",
            "e\u{301}",
            "👩\u{200d}👩\u{200d}👧",
            "🇩🇪",
            "क्षि",
            "한",
            "\u{1100}",
            "\u{1161}",
            "\u{11a8}",
            "\u{e0041}",
            "\0",
            "\u{7f}",
            "日本",
            "\u{feff}",
        ])
        .prop_map(str::to_owned),
        (any::<char>(), 1_usize..40).prop_map(|(ch, count)| ch.to_string().repeat(count)),
        (1_usize..60).prop_map(|count| format!("a{}", "\u{301}".repeat(count))),
        Just("x".repeat(5000)),
    ];
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sanitised_text_is_harmless(raw in evil()) {
        for (text, line_breaks) in [(Safe::line(&raw), false), (Safe::text(&raw), true)] {
            prop_assert!(!text.chars().any(|ch| is_forbidden(ch, line_breaks)), "{raw:?} gives {text:?}");
            prop_assert!(text.len() <= raw.len() * 4 + 8, "{raw:?} grows to {} bytes", text.len());
            for cluster in text.graphemes(true) {
                prop_assert!(cluster.chars().count() <= 8 && cluster.len() <= 32, "{raw:?} keeps {cluster:?}");
            }
            for line in text.lines() {
                prop_assert!(line.len() <= orchdash::text::MAX_LINE_BYTES + 40, "{} bytes", line.len());
            }
            let again = if line_breaks { Safe::text(&text) } else { Safe::line(&text) };
            prop_assert_eq!(&again, &text, "not the same when cleaned twice");
        }
        prop_assert!(!Safe::bytes(raw.as_bytes()).chars().any(|ch| is_forbidden(ch, false)));
    }

    #[test]
    fn printable_ascii_stays(raw in "[ -~]{0,4096}") {
        let line = Safe::line(&raw);
        prop_assert_eq!(line.as_str(), raw.as_str());
        let text = Safe::text(&raw);
        prop_assert_eq!(text.as_str(), raw.as_str());
    }
}
