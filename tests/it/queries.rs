//! Questions to the store: the filter language as data tables, and the laws of sums.

use crate::values::{at, key, place, safe};
use orchdash::{
    model::{
        Agent, Batch, CostKind, Delta, Health, Millis, Mode, PlanLimit, PriceTable, SourceId, Status, Task,
        Timestamp, Tokens, UsageKey, UsageRecord, Usd, Zone,
    },
    query::{
        Filter, Range, Selection, View, cost, counts,
        feed::Feed,
        filter::{self, AgentSubject, TaskSubject},
        limits,
        usage::{self, By},
        window::Window,
    },
    store::Store,
    text::Safe,
};
use proptest::prelude::*;

fn now() -> Timestamp {
    at("2026-11-18T14:00:00Z")
}

fn used(number: u64, when: &str, agent: &str, model: &str, output: u64) -> UsageRecord {
    UsageRecord {
        key: UsageKey(number),
        at: Some(at(when)),
        agent: Some(key(agent)),
        task: None,
        workspace: Some(place(if agent == "b1" { "/src/checkout" } else { "/src/search" })),
        model: Safe::line(model),
        tokens: Tokens { output, ..Tokens::default() },
        responses: 1,
        recorded_cost: None,
        fast: false,
    }
}

fn store_of(deltas: Vec<Delta>) -> Store {
    let mut store = Store::new(PriceTable::built_in());
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

/// A builder that runs for 3 h with a sub-agent without workspace, a planner that waits, a task that failed.
fn small() -> Store {
    let builder = Agent {
        name: Safe::line("b1"),
        title: Some(safe("Idempotency keys for payment capture")),
        role: Some(safe("builder")),
        status: Status::Running,
        model: Some(safe("claude-opus-5-5")),
        workspace: Some(place("/src/checkout")),
        started_at: Some(at("2026-11-18T11:00:00Z")),
        updated_at: Some(at("2026-11-18T13:59:00Z")),
        recorded_cost: Some(Usd(3_000_000_000)),
        branch: Some(safe("pay/keys")),
        ..Agent::default()
    };
    let helper = Agent {
        name: Safe::line("b2"),
        role: Some(safe("Explore")),
        status: Status::Idle,
        parent: Some(key("b1")),
        ..Agent::default()
    };
    let planner = Agent {
        name: Safe::line("p1"),
        role: Some(safe("planner")),
        status: Status::Waiting,
        waiting_for: Some(safe("plan approval")),
        model: Some(safe("claude-haiku-4-5-20251001")),
        workspace: Some(place("/src/search")),
        started_at: Some(at("2026-11-18T13:55:00Z")),
        ..Agent::default()
    };
    let failed = Task {
        title: Safe::line("Rescan queue after power loss"),
        prompt: Safe::text("Rescan the queue\nÄpfel and Birnen"),
        kind: Some(safe("bug_fix")),
        status: Status::Failed,
        workspace: Some(place("/src/search")),
        created_at: Some(at("2026-11-15T13:00:00Z")),
        ended_at: Some(at("2026-11-15T13:30:00Z")),
        recorded_cost: Some(Usd(500_000_000)),
        ..Task::default()
    };
    store_of(vec![
        Delta::Health(Box::new(Health { kind: "demo", ..Health::default() })),
        Delta::Agent(key("b1"), Box::new(builder)),
        Delta::Agent(key("b2"), Box::new(helper)),
        Delta::Agent(key("p1"), Box::new(planner)),
        Delta::Task(key("t1"), Box::new(failed)),
        Delta::Usage(Box::new(used(1, "2026-11-18T13:10:00Z", "b1", "claude-opus-5-5", 100_000))),
        Delta::Usage(Box::new(used(2, "2026-11-18T13:59:00Z", "p1", "claude-haiku-4-5", 2_000))),
        Delta::Usage(Box::new(used(3, "2026-11-17T13:59:00Z", "p1", "nobody-knows-this", 5_000))),
    ])
}

/// Keys of the agents and tasks a filter lets through.
fn hits(store: &Store, text: &str) -> String {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let agents = store
        .agents
        .iter()
        .filter(|(id, agent)| filter.matches(&AgentSubject { store, id: *id, agent }, now()));
    let tasks =
        store.tasks.iter().filter(|(id, task)| filter.matches(&TaskSubject { store, id: *id, task }, now()));
    let keys = agents.map(|(id, _)| store.agents.key(id)).chain(tasks.map(|(id, _)| store.tasks.key(id)));
    keys.flatten().map(|key| key.local.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn filters_that_can_be_read() {
    let store = small();
    for (text, wanted) in [
        ("", "b1 b2 p1 t1"),
        ("status:failed", "t1"),
        ("STATUS:Failed|waiting", "p1 t1"),
        ("status:failed,waiting", "p1 t1"),
        ("status:live", "b1 b2 p1"),
        ("state:over", "t1"),
        ("-status:over", "b1 b2 p1"),
        ("!status:over", "b1 b2 p1"),
        ("model:opus", "b1"),
        ("role:builder|EXPLORE", "b1 b2"),
        ("workspace:check", "b1 b2"),
        ("ws:check*", "b1 b2"),
        ("workspace:*/search", "p1 t1"),
        ("workspace:search -status:failed", "p1"),
        ("kind:bug_fix", "t1"),
        ("type:sub-agent", ""),
        ("source:demo", "b1 b2 p1 t1"),
        ("source:codex", ""),
        ("branch:pay", "b1"),
        ("id:t1", "t1"),
        ("cost:>1.5", "b1"),
        ("cost:<1", "p1 t1"),
        ("cost:$3", "b1"),
        ("tokens:>50k", "b1"),
        ("tokens:>=0.1M", "b1"),
        ("tokens:>1M", ""),
        ("age:<2d", "b1 p1"),
        ("age:>2d", "t1"),
        (">2h", "b1"),
        ("<10m", "p1"),
        (">2h30m", "b1"),
        ("run:>25m|<6m", "b1 p1 t1"),
        ("idempotency", "b1"),
        ("\"payment capture\"", "b1"),
        ("payment capture", "b1"),
        ("\"capture payment\"", ""),
        ("äpfel", "t1"),
        ("ÄPFEL", "t1"),
        ("-idempotency", "b2 p1 t1"),
        ("name:\"power loss\"", "t1"),
        ("approval", "p1"),
        ("  status:waiting   role:planner  ", "p1"),
    ] {
        assert_eq!(hits(&store, text), wanted, "{text}");
    }
}

#[test]
fn filters_that_cannot_be_read_say_where() {
    for (text, span, said) in [
        ("statu:failed", 0..5, "did you mean status"),
        ("x status:fialed", 9..15, "did you mean failed"),
        ("-foo:1", 1..4, "unknown word"),
        ("status:", 6..7, "nothing follows status:"),
        ("model:opus,", 10..11, "missing"),
        ("cost:>lots", 6..10, "dollars"),
        ("cost:nan", 5..8, "dollars"),
        ("tokens:>1x", 8..10, "count"),
        (">2y", 1..3, "span of time"),
        (">2", 1..2, "span of time"),
        ("age:>", 5..5, "span of time"),
        ("context:>much", 9..13, "percentage"),
        ("word \"open", 5..10, "not closed"),
        ("a -", 2..3, "nothing follows"),
        ("ws:[a*", 3..6, "not a pattern"),
        ("größe:1", 0..7, "unknown word"),
    ] {
        let error = Filter::parse(text).expect_err(text);
        assert_eq!(error.span, span, "{text}: {error}");
        assert!(error.message.contains(said), "{text}: {error}");
        assert!(text.get(error.span.clone()).is_some(), "the caret stands between characters");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_filter(text in "\\PC{0,40}|(status|model|cost|age|-|!|:|>|<|\"|,|\\||[0-9]|m| ){0,20}") {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(text.get(error.span).is_some());
        }
        for cursor in 0..=text.len() {
            let found = filter::complete(&text, cursor, &Store::default());
            prop_assert!(text.get(found.span).is_some());
        }
    }
}

#[test]
fn completion_offers_fields_and_what_occurs() {
    let store = small();
    let offered = |text: &str| {
        let found = filter::complete(text, text.len(), &store);
        let inserts: Vec<String> = found.candidates.into_iter().map(|candidate| candidate.insert).collect();
        (found.span, inserts.join(" "))
    };
    assert_eq!(offered("ro"), (0..2, "role:".to_owned()));
    assert_eq!(offered("-to"), (1..3, "tokens: tools: tool:".to_owned()));
    assert_eq!(offered("x role:"), (7..7, "Explore builder planner".to_owned()));
    assert_eq!(offered("role:builder|pl"), (13..15, "planner Explore".to_owned()));
    assert_eq!(offered("cost:"), (5..5, "> <".to_owned()));
    assert_eq!(offered("status:wa"), (7..9, "waiting".to_owned()));
    assert_eq!(offered("nonsense:x").1, "");
}

#[test]
fn workspaces_are_names_paths_parts_of_paths_or_globs() {
    let store = small();
    for (wanted, count) in [
        ("checkout", 2),
        ("CHECKOUT", 2),
        ("/src/checkout", 2),
        ("/src", 3),
        ("/sr", 0),
        ("src/search", 1),
        ("*ch*", 3),
        ("s*", 1),
    ] {
        let view = View { workspaces: vec![wanted.to_owned()], ..View::default() };
        let selection = Selection::of(&view, &store);
        assert_eq!(counts::agents(&store, &selection, now()).total(), count, "{wanted}");
    }
}

#[test]
fn recorded_cost_beats_the_sum_of_answers() {
    let store = small();
    let builder = cost::agent_cost(&store, store.agent_id(&key("b1")).unwrap());
    assert_eq!(
        (builder.amount, builder.kind, builder.floor),
        (Some(Usd(3_000_000_000)), CostKind::Recorded, false)
    );
    let planner = cost::agent_cost(&store, store.agent_id(&key("p1")).unwrap());
    assert_eq!((planner.kind, planner.unpriced, planner.floor), (CostKind::Computed, 1, true));
    let task = cost::task_cost(&store, store.task_id(&key("t1")).unwrap());
    assert_eq!(task.amount, Some(Usd(500_000_000)), "no usage speaks of it");
}

#[test]
fn sums_follow_the_view_and_the_period() {
    let store = small();
    let sum = |workspaces: &[&str], filter: &str, window: Window| {
        let workspaces = workspaces.iter().map(|text| (*text).to_owned()).collect();
        let view = View { workspaces, filter: filter.to_owned() };
        cost::sum(&store, &Selection::of(&view, &store), window.range(now(), Zone::UTC), now()).tokens.output
    };
    assert_eq!(sum(&[], "", Window::All), 107_000);
    assert_eq!(sum(&[], "", Window::Today), 102_000);
    assert_eq!(sum(&[], "", Window::Yesterday), 5_000);
    assert_eq!(sum(&["checkout"], "", Window::Today), 100_000);
    assert_eq!(sum(&["checkout"], "", Window::All), 100_000);
    assert_eq!(sum(&[], "role:planner", Window::All), 7_000);
    assert_eq!(sum(&[], "model:haiku", Window::All), 2_000, "an answer's own model counts, not the agent's");
    assert_eq!(sum(&["checkout"], "role:planner", Window::All), 0);
}

#[test]
fn periods_compare_with_the_same_part_of_the_one_before() {
    let range = |since: &str, until: &str| Range::new(at(since), at(until));
    let zone = Zone::Europe__Berlin;
    assert_eq!(Window::Today.range(now(), zone), range("2026-11-17T23:00:00Z", "2026-11-18T23:00:00Z"));
    assert_eq!(
        Window::Today.before(now(), zone),
        Some(range("2026-11-16T23:00:00Z", "2026-11-17T14:00:00Z"))
    );
    assert_eq!(Window::Week.range(now(), zone), range("2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z"));
    assert_eq!(Window::Month.range(now(), zone), range("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"));
    let late = at("2026-03-31T12:00:00Z");
    assert_eq!(
        Window::Month.before(late, Zone::UTC),
        Some(range("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")),
        "a short month has no 31st"
    );
    assert_eq!(Window::All.before(now(), zone), None);
}

#[test]
fn session_windows_begin_at_the_full_hour_of_the_first_answer() {
    let block = |times: &[&str], now: &str| {
        let usage = (0..)
            .zip(times)
            .map(|(n, when)| Delta::Usage(Box::new(used(n, when, "b1", "claude-opus-5-5", 10))))
            .collect();
        let store = store_of(usage);
        let found = limits::block(&store, &Selection::default(), at(now));
        found.map(|block| (block.start.clock(Zone::UTC), block.totals.tokens.output))
    };
    let day = |clock: &str| format!("2026-11-18T{clock}:00Z");
    let times = ["02:50", "07:40", "08:10", "12:59", "13:05"].map(day);
    let times = times.each_ref().map(String::as_str);
    assert_eq!(block(&times, "2026-11-18T13:10:00Z"), Some(("12:00:00".to_owned(), 20)));
    assert_eq!(block(&times[..3], "2026-11-18T11:59:30Z"), Some(("07:00:00".to_owned(), 20)));
    assert_eq!(block(&times[..2], "2026-11-18T07:50:00Z"), Some(("07:00:00".to_owned(), 10)));
    assert_eq!(block(&times[..1], "2026-11-18T07:00:00Z"), None, "it ended at 07:00");
    assert_eq!(block(&[], "2026-11-18T07:00:00Z"), None);
}

#[test]
fn plan_limits_that_were_reset_say_nothing() {
    let limit = |name: &str, resets: &str, read: &str| PlanLimit {
        name: Safe::line(name),
        percent: Some(50.0),
        resets_at: Some(at(resets)),
        read_at: Some(at(read)),
        ..PlanLimit::default()
    };
    let store = store_of(vec![
        Delta::Limit(key("week"), Box::new(limit("week", "2026-11-20T00:00:00Z", "2026-11-18T13:40:00Z"))),
        Delta::Limit(key("5h"), Box::new(limit("5 h", "2026-11-18T16:00:00Z", "2026-11-18T13:40:00Z"))),
        Delta::Limit(
            key("old"),
            Box::new(limit("week Opus", "2026-11-17T00:00:00Z", "2026-11-16T13:40:00Z")),
        ),
    ]);
    let shown: Vec<_> = limits::current(&store, now())
        .iter()
        .map(|gauge| (gauge.limit.name.to_string(), gauge.age))
        .collect();
    let age = Some(Millis::minutes(20));
    assert_eq!(shown, [("5 h".to_owned(), age), ("week".to_owned(), age)]);
}

#[test]
fn the_feed_is_bounded_and_newest_first() {
    let store = small();
    let newest = |now, most| {
        let mut feed = Feed::new(now, most);
        store.agents.iter().for_each(|(id, agent)| feed.agent(&store, id, agent));
        store.tasks.iter().for_each(|(id, task)| feed.task(id, task));
        feed.into_events()
    };
    let events = newest(now(), 2);
    assert_eq!(events.len(), 2);
    assert!(events[0].at >= events[1].at);
    assert_eq!(events[0].at, at("2026-11-18T13:55:00Z"));
    assert!(newest(at("2026-11-01T00:00:00Z"), 9).is_empty(), "nothing of the future");
}

proptest! {
    #[test]
    fn the_sum_of_the_groups_is_the_total(
        records in proptest::collection::vec((0_u64..400_000, 0_usize..4, 0_usize..3, 0_u64..9_000_000_000), 0..60),
        since in proptest::option::of(0_u64..400_000),
    ) {
        let start = at("2026-10-24T00:00:00Z");
        let models = ["claude-opus-5-5", "claude-haiku-4-5", "unheard-of"];
        let agents = ["b1", "p1", "nobody", ""];
        let mut deltas = vec![Delta::Agent(key("b1"), Box::new(Agent { role: Some(safe("builder")), ..Agent::default() }))];
        for (number, (minute, agent, model, output)) in (0..).zip(&records) {
            let when = start.plus(Millis::minutes(*minute as i64 / 10));
            let mut record = used(number, "2026-11-18T13:10:00Z", agents[*agent], models[*model], *output);
            record.at = Some(when);
            record.agent = record.agent.filter(|key| !key.local.is_empty());
            deltas.push(Delta::Usage(Box::new(record)));
        }
        let store = store_of(deltas);
        let range = Range { since: since.map(|minute| start.plus(Millis::minutes(minute as i64 / 10))), until: None };
        for filter in ["", "model:opus", "role:builder"] {
            let selection = Selection::of(&View { filter: filter.to_owned(), ..View::default() }, &store);
            let total = cost::sum(&store, &selection, range, now());
            for (by, word) in By::ALL {
                let grouped = usage::by(&store, &selection, range, *by, now(), Zone::Asia__Kolkata);
                let mut sum = orchdash::store::Totals::default();
                for group in &grouped.groups {
                    sum.add(&group.totals);
                }
                prop_assert_eq!(sum, grouped.totals, "{}", word);
                prop_assert_eq!(sum, total, "{} {}", word, filter);
                let mut keys: Vec<_> = grouped.groups.iter().map(|group| &group.key).collect();
                keys.dedup();
                prop_assert_eq!(keys.len(), grouped.groups.len());
            }
        }
    }
}

const ODD_ZONES: [Zone; 8] = [
    Zone::Europe__Berlin,
    Zone::America__New_York,
    Zone::Asia__Kathmandu,
    Zone::Australia__Lord_Howe,
    Zone::Pacific__Chatham,
    Zone::Africa__Cairo,
    Zone::America__Santiago,
    Zone::Atlantic__Azores,
];

proptest! {
    /// The overview reads the roll-up, `usage` the ledger: for whole periods both must say the same, in every zone and over
    /// every change of the clock.
    #[test]
    fn periods_on_the_screen_equal_the_usage_of_the_same_range(
        zone in 0_usize..ODD_ZONES.len(),
        month in 0_u32..24,
        minutes in proptest::collection::vec(0_i64..45 * 24 * 60, 1..60),
        now in 40_i64 * 24 * 60..45 * 24 * 60,
    ) {
        let zone = ODD_ZONES[zone];
        let start = at("2025-01-01T00:00:00Z").plus(Millis::days(i64::from(month) * 30));
        let now = start.plus(Millis::minutes(now));
        let deltas = (0..).zip(&minutes).map(|(number, minute)| {
            let mut record = used(number, "2026-11-18T13:10:00Z", "b1", "claude-opus-5-5", 1000);
            record.at = Some(start.plus(Millis::minutes(*minute)));
            Delta::Usage(Box::new(record))
        });
        let store = store_of(deltas.collect());
        let everything = Selection::default();
        for window in [Window::Today, Window::Yesterday, Window::Week, Window::Month] {
            let range = window.range(now, zone);
            let shown = cost::sum(&store, &everything, range, now);
            let told = usage::by(&store, &everything, range, By::Day, now, zone);
            prop_assert_eq!(shown, told.totals, "{:?} in {}", window, zone);
            let before = window.before(now, zone).unwrap();
            prop_assert!(before.since < range.since && before.until <= range.since, "{window:?} in {zone}");
        }
        let days = cost::daily(&store, &everything, now, zone, 10);
        let today = cost::sum(&store, &everything, Window::Today.range(now, zone), now).cost.dollars();
        prop_assert!((days[9] - today).abs() < 1e-9, "the last day is today");
        for by in [By::Hour, By::Day, By::Week, By::Month] {
            let all = usage::by(&store, &everything, Range::ALL, by, now, zone);
            let mut keys: Vec<_> = all.groups.iter().map(|group| &group.key).collect();
            let count = keys.len();
            keys.sort();
            keys.dedup();
            prop_assert_eq!(keys.len(), count, "a period occurs once");
        }
    }
}

#[test]
fn the_hour_that_occurs_twice_is_two_hours() {
    let usage = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"];
    let deltas =
        (0..).zip(usage).map(|(n, when)| Delta::Usage(Box::new(used(n, when, "b1", "claude-opus-5-5", 10))));
    let store = store_of(deltas.collect());
    let hours = usage::by(&store, &Selection::default(), Range::ALL, By::Hour, now(), Zone::Europe__Berlin);
    let keys: Vec<&str> = hours.groups.iter().map(|group| group.key.as_str()).collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert!(keys.contains(&"2026-10-25T02:00+02:00") && keys.contains(&"2026-10-25T02:00+01:00"), "{keys:?}");
}
