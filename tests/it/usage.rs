//! Usage: sums of groups and of parts of time are the total for any grouping, range, step and zone; windows, cache and tools.

use std::collections::BTreeMap;

use crate::values::{at, key, place, safe};
use orchdash::{
    cli::report::{self, Inputs},
    model::{
        Agent, Batch, Delta, Millis, Mode, PlanLimit, PriceTable, SourceId, Task, Timestamp, Tokens,
        ToolCount, UsageKey, UsageRecord, Usd, Zone,
    },
    query::{
        Range, Selection, View,
        axis::{Axis, Step},
        bands::{self, Bands, MOST},
        cache,
        limits::{self, Outlook},
        shares, tools,
        usage::{self, By},
    },
    store::{Store, Totals},
    text::Safe,
};
use proptest::prelude::*;

const BEGIN: i64 = 1_791_300_000;
const ZONES: [Zone; 7] = [
    Zone::UTC,
    Zone::Europe__Berlin,
    Zone::Asia__Kathmandu,
    Zone::Australia__Lord_Howe,
    Zone::Africa__Cairo,
    Zone::Pacific__Chatham,
    Zone::America__St_Johns,
];
const MODELS: [&str; 11] = [
    "claude-opus-5-5",
    "claude-sonnet-5-5",
    "claude-haiku-4-5-20251001",
    "glm-4.6",
    "",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
];

fn now() -> Timestamp {
    at("2026-11-18T14:00:00Z")
}

fn store_of(deltas: Vec<Delta>) -> Store {
    let mut store = Store::new(PriceTable::built_in());
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

/// Some response of some agent, in the ten weeks in which most clocks change.
fn record() -> impl Strategy<Value = UsageRecord> {
    let when = prop_oneof![9 => (0..6_048_000_i64).prop_map(Some), 1 => Just(None)];
    let who = (0..6_u8, 0..6_u8, 0..4_u8, 0..MODELS.len());
    let tokens = (0..5_000_u64, 0..900_u64, 0..90_000_u64, 0..3_000_u64, 0..2_u64);
    (any::<u64>(), when, who, tokens).prop_map(|(number, when, (agent, task, workspace, model), tokens)| {
        let (input, output, cache_read, cache_write_5m, cache_write_1h) = tokens;
        let name = |kind: &str, number: u8| (number > 0).then(|| key(&format!("{kind}{number}")));
        UsageRecord {
            key: UsageKey(number),
            at: when.map(|secs| Timestamp::from_secs(BEGIN + secs)),
            agent: name("agent", agent),
            task: name("task", task),
            workspace: (workspace > 0).then(|| place(&format!("/w/{workspace}"))),
            model: Safe::line(MODELS[model]),
            tokens: Tokens { input, output, cache_read, cache_write_5m, cache_write_1h },
            responses: 1,
            recorded_cost: None,
            fast: false,
        }
    })
}

/// Agents of two roles, tasks of two types, and the records.
fn told(records: &[UsageRecord]) -> Store {
    let agents = (1..6_u8).map(|number| {
        let role = if number % 2 == 0 { "builder" } else { "tester" };
        let agent = Agent { role: (number < 5).then(|| safe(role)), ..Agent::default() };
        Delta::Agent(key(&format!("agent{number}")), Box::new(agent))
    });
    let tasks = (1..6_u8).map(|number| {
        let task = Task { kind: (number < 4).then(|| safe("feature")), ..Task::default() };
        Delta::Task(key(&format!("task{number}")), Box::new(task))
    });
    store_of(
        agents.chain(tasks).chain(records.iter().cloned().map(|one| Delta::Usage(Box::new(one)))).collect(),
    )
}

fn sum<'a>(all: impl IntoIterator<Item = &'a Totals>) -> Totals {
    let mut sum = Totals::default();
    all.into_iter().for_each(|one| sum.add(one));
    sum
}

fn tokens(totals: &Totals) -> u64 {
    totals.tokens.total()
}

/// The parts of the bands and what has no time.
fn of_parts(bands: &Bands) -> Totals {
    let mut all = sum(bands.bands.iter().flat_map(|band| &band.parts));
    all.add(&bands.undated);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn groups_and_parts_are_the_total(
        records in proptest::collection::vec(record(), 0..60),
        by in proptest::sample::select(By::ALL),
        step in proptest::sample::select(Step::ALL),
        zone in proptest::sample::select(&ZONES[..]),
        ends in (-100_000..6_100_000_i64, 0..6_100_000_i64),
        round in any::<bool>(),
        everything in any::<bool>(),
        workspaces in proptest::sample::subsequence(vec!["1".to_owned(), "2".to_owned()], 0..=2),
        filter in proptest::sample::select(vec!["", "role:builder", "model:opus"]),
    ) {
        let store = told(&records);
        let view = View { workspaces, filter: filter.to_owned() };
        let selection = Selection::of(&view, &store);
        let (mut since, mut until) =
            (Timestamp::from_secs(BEGIN + ends.0), Timestamp::from_secs(BEGIN + ends.0 + ends.1));
        if round {
            (since, until) = (step.0.floor(since, zone), step.0.next(until, zone));
        }
        let known = store.rollup().span().unwrap_or((since, until));
        let range = if everything { Range::ALL } else { Range::new(since, until) };
        let axis = if everything {
            Axis::new(step.0.floor(known.0, zone), known.1, step.0, zone)
        } else {
            Axis::new(since, until, step.0, zone)
        };

        let grouped = usage::by(&store, &selection, range, by.0, now(), zone);
        prop_assert_eq!(sum(grouped.groups.iter().map(|group| &group.totals)), grouped.totals);
        // Entries carry whole seconds: this border changes nothing but that only the ledger can answer.
        let odd = |at: Timestamp| at.minus(Millis(1));
        if !everything {
            let exact = usage::by(&store, &selection, Range::new(odd(since), until), by.0, now(), zone);
            prop_assert_eq!(&exact, &grouped, "the roll-up and the ledger agree");
        } else if store.undated_usage().is_empty() {
            let exact = Range::new(odd(known.0), known.1);
            let exact = usage::by(&store, &selection, exact, by.0, now(), zone);
            prop_assert_eq!(&exact, &grouped, "the roll-up and the ledger agree");
        }
        let plain = orchdash::query::cost::sum(&store, &Selection::default(), Range::ALL, now());
        if everything && view.is_everything() {
            prop_assert_eq!(grouped.totals, plain);
        }

        for by in [None, Some(by.0)] {
            let bands = bands::over(&store, &selection, (range, &axis), by, tokens, now());
            prop_assert_eq!(bands.totals, grouped.totals, "{:?}", by);
            prop_assert_eq!(sum(bands.bands.iter().map(|band| &band.totals)), bands.totals);
            prop_assert_eq!(of_parts(&bands), bands.totals, "{:?}", by);
            prop_assert!(bands.bands.len() <= MOST + 1);
            prop_assert!(everything || bands.undated.is_empty());
            if by.is_some() {
                prop_assert_eq!(bands.groups, grouped.groups.len());
                for band in &bands.bands {
                    let group = grouped.groups.iter().find(|group| Some(&group.key) == band.name.as_ref());
                    prop_assert_eq!(group.map(|group| group.totals), band.name.as_ref().map(|_| band.totals));
                }
            }
            // Every part holds what a question about its time alone finds.
            for part in (0..axis.len()).step_by(1 + axis.len() / 7) {
                let range = axis.part(part).unwrap();
                let there = usage::by(&store, &selection, range, By::Model, now(), zone).totals;
                prop_assert_eq!(sum(bands.bands.iter().map(|band| &band.parts[part])), there);
            }
        }

        let (users, groups) = shares::users(&store, &selection, range, by.0, now(), zone);
        prop_assert_eq!(groups.len(), grouped.groups.len());
        prop_assert!(groups.values().map(|users| users.tasks).sum::<u64>() >= users.tasks);
        prop_assert!(groups.values().all(|one| one.tasks <= users.tasks && one.agents <= users.agents));
        let per_task = shares::per_task(&store, &selection, range, now());
        prop_assert_eq!(per_task.tasks, users.tasks);
        prop_assert!(per_task.median_tokens <= per_task.p90_tokens);
    }
}

#[test]
fn the_document_adds_up_and_keeps_its_shape() {
    let used = |number: u64, when: Option<&str>, task: &str, model: &str, output: u64| UsageRecord {
        key: UsageKey(number),
        at: when.map(at),
        agent: Some(key("agent1")),
        task: Some(key(task)),
        workspace: Some(place("/w/1")),
        model: Safe::line(model),
        tokens: Tokens { output, cache_read: 300, cache_write_5m: 100, ..Tokens::default() },
        responses: 1,
        recorded_cost: None,
        fast: false,
    };
    let store = told(&[
        used(1, Some("2026-11-16T23:30:00Z"), "task1", "claude-opus-5-5", 10),
        used(2, Some("2026-11-18T13:30:00Z"), "task1", "claude-opus-5-5", 20),
        used(3, Some("2026-11-18T13:31:00Z"), "task2", "claude-haiku-4-5", 30),
        used(4, None, "task3", "glm-4.6", 40),
    ]);
    let selection = Selection::default();
    let inputs = Inputs { store: &store, selection: &selection, now: now(), zone: Zone::Europe__Berlin };
    let document = report::usage::json(&inputs, Range::ALL, Some(By::Model), Some(Step::Day));
    let number = |pointer: &str| document.pointer(pointer).and_then(serde_json::Value::as_u64);
    assert_eq!((number("/totals/output"), number("/totals/tasks")), (Some(100), Some(3)));
    let groups: BTreeMap<&str, u64> = document["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["key"].as_str().unwrap(), group["tasks"].as_u64().unwrap()))
        .collect();
    assert_eq!(groups, BTreeMap::from([("claude-haiku-4-5", 1), ("claude-opus-5-5", 1), ("glm-4.6", 1)]));
    let parts: Vec<(&str, u64, usize)> = document["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            let groups = part["groups"].as_array().unwrap();
            (part["since"].as_str().unwrap(), part["output"].as_u64().unwrap(), groups.len())
        })
        .collect();
    assert_eq!(
        parts,
        [("2026-11-16T23:00:00.000Z", 10, 1), ("2026-11-17T23:00:00.000Z", 50, 2)],
        "the days of the zone, what was used at half past midnight on its own day"
    );
    assert_eq!(number("/undated/output"), Some(40));
    assert_eq!(document["cache"]["hit_percent"], 75.0);
    assert_eq!(document["windows"][0]["kind"], "computed");
    let plain = report::usage::json(&inputs, Range::ALL, None, None);
    assert_eq!((plain["groups"].as_array().map(Vec::len), plain.get("parts")), (Some(0), None));
}

#[test]
fn a_window_is_full_when_its_rate_says_so() {
    let limit = |name: &str, percent, resets: &str, read: &str| PlanLimit {
        name: Safe::line(name),
        percent,
        resets_at: Some(at(resets)),
        read_at: Some(at(read)),
        ..PlanLimit::default()
    };
    let (reset, read) = ("2026-11-18T16:00:00Z", "2026-11-18T13:00:00Z");
    let cases = [
        // Half of it in two of five hours.
        (limit("5 h", Some(50.0), reset, read), Some(Outlook::Full(at("2026-11-18T15:00:00Z")))),
        (limit("5 h", Some(40.0), reset, read), Some(Outlook::Lasts)),
        (limit("5 h", Some(0.0), reset, read), Some(Outlook::Lasts)),
        (limit("5 h", Some(100.0), reset, read), Some(Outlook::Full(at(read)))),
        (
            limit("week Opus", Some(90.0), "2026-11-20T00:00:00Z", "2026-11-16T12:00:00Z"),
            Some(Outlook::Full(at("2026-11-16T21:20:00Z"))),
        ),
        (limit("5 h", Some(5.0), reset, "2026-11-18T11:02:00Z"), None),
        (limit("5 h", Some(f64::NAN), reset, read), None),
        (limit("5 h", None, reset, read), None),
        (limit("extra", Some(50.0), reset, read), None),
    ];
    for (limit, want) in cases {
        assert_eq!(limits::outlook(&limit), want, "{limit:?}");
    }
}

/// Output of `agent1` at these times, newest last.
fn course(times: &[(&str, u64)]) -> Store {
    let records: Vec<UsageRecord> = (0..)
        .zip(times)
        .map(|(number, (when, output))| UsageRecord {
            key: UsageKey(number),
            at: Some(at(when)),
            agent: None,
            task: None,
            workspace: None,
            model: Safe::line("claude-opus-5-5"),
            tokens: Tokens { output: *output, ..Tokens::default() },
            responses: 1,
            recorded_cost: None,
            fast: false,
        })
        .collect();
    told(&records)
}

#[test]
fn computed_windows_stand_beside_the_fullest_before() {
    let store = course(&[
        ("2026-11-03T09:00:00Z", 500),
        ("2026-11-10T09:00:00Z", 300),
        ("2026-11-10T15:00:00Z", 100),
        ("2026-11-18T12:10:00Z", 60),
        ("2026-11-18T13:10:00Z", 40),
    ]);
    let everything = Selection::default();
    let session = limits::session(&store, &everything, now()).unwrap();
    assert_eq!((session.now.start, session.most), (at("2026-11-18T12:00:00Z"), Some(500)));
    assert_eq!(session.percent(), Some(20.0));
    // 100 in two hours are 250 in five.
    assert_eq!(session.now.projected(now()).map(|(tokens, _)| tokens), Some(250));
    let week = limits::week(&store, &everything, now(), Zone::UTC).unwrap();
    assert_eq!(
        (week.now.start, week.now.totals.tokens.total(), week.most),
        (at("2026-11-16T00:00:00Z"), 100, Some(500))
    );
    let alone = course(&[("2026-11-18T13:10:00Z", 40)]);
    assert_eq!(limits::session(&alone, &everything, now()).and_then(|session| session.percent()), None);
    assert_eq!(limits::session(&course(&[]), &everything, now()), None);
    assert_eq!(limits::week(&course(&[]), &everything, now(), Zone::UTC), None);
}

#[test]
fn the_cache_saves_what_reading_costs_less_than_input() {
    let million = 1_000_000;
    let with = |tokens: Tokens| {
        let mut store = Store::new(
            PriceTable::parse(
                "[[price]]\nmodel = \"m\"\ninput = 10\noutput = 50\ncache_read = 1\ncache_write_5m = 12.5\ncache_write_1h = 20\n",
            )
            .unwrap(),
        );
        let record = UsageRecord {
            key: UsageKey(1),
            at: Some(now()),
            agent: None,
            task: None,
            workspace: None,
            model: Safe::line("m"),
            tokens,
            responses: 1,
            recorded_cost: None,
            fast: false,
        };
        store.apply(Batch {
            source: SourceId(0),
            seq: 1,
            mode: Mode::Append,
            deltas: vec![Delta::Usage(Box::new(record))],
        });
        let models = usage::by(&store, &Selection::default(), Range::ALL, By::Model, now(), Zone::UTC);
        cache::of(&store, &models, now())
    };
    let read = with(Tokens { cache_read: 3 * million, cache_write_5m: million, ..Tokens::default() });
    assert_eq!(read.saved.map(Usd::dollars), Some(24.5));
    assert_eq!((read.hit_percent, read.reads_per_write), (Some(75.0), Some(3.0)));
    let unread = with(Tokens { cache_write_1h: million, ..Tokens::default() });
    assert_eq!(unread.saved.map(Usd::dollars), Some(-10.0));
    let nothing = with(Tokens { output: 5, ..Tokens::default() });
    assert_eq!((nothing.hit_percent, nothing.reads_per_write), (None, None));
}

#[test]
fn tools_are_counted_over_agents_that_were_at_work() {
    let agent = |started: &str, ended: Option<&str>, tools: Option<&[(&str, u32, u32)]>| Agent {
        started_at: Some(at(started)),
        ended_at: ended.map(at),
        updated_at: Some(at(ended.unwrap_or("2026-11-18T13:00:00Z"))),
        tools: tools.map(|tools| {
            let count = |(name, calls, failed): &(&str, u32, u32)| ToolCount {
                name: safe(name),
                calls: *calls,
                failed: *failed,
            };
            tools.iter().map(count).collect()
        }),
        ..Agent::default()
    };
    let agents = [
        agent("2026-11-18T10:00:00Z", None, Some(&[("Bash", 5, 1), ("Read", 9, 0)])),
        agent("2026-11-17T10:00:00Z", Some("2026-11-18T02:00:00Z"), Some(&[("Bash", 5, 2)])),
        agent("2026-11-10T10:00:00Z", Some("2026-11-10T12:00:00Z"), Some(&[("Write", 50, 0)])),
        agent("2026-11-18T10:00:00Z", None, None),
    ];
    let named =
        (0..).zip(agents).map(|(number, one)| Delta::Agent(key(&format!("a{number}")), Box::new(one)));
    let store = store_of(named.collect());
    let count = |range| {
        let tools = tools::by_tool(&store, &Selection::default(), range, now());
        let all: Vec<_> = tools
            .tools
            .iter()
            .map(|tool| (tool.name.clone(), tool.calls, tool.failed, tool.agents))
            .collect();
        (all, tools.known, tools.unknown)
    };
    let today = Range::new(at("2026-11-18T00:00:00Z"), at("2026-11-19T00:00:00Z"));
    assert_eq!(count(today), (vec![("Bash".to_owned(), 10, 3, 2), ("Read".to_owned(), 9, 0, 1)], 2, 1));
    assert_eq!(count(Range::ALL).0.first().map(|tool| tool.1), Some(50));
    let morning = Range::new(at("2026-11-18T00:00:00Z"), at("2026-11-18T00:00:00Z").plus(Millis::hours(3)));
    assert_eq!(count(morning), (vec![("Bash".to_owned(), 5, 2, 1)], 1, 0));
}
