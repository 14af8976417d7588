//! Activity against plain counts, in zones where days are odd.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Timelike};
use proptest::prelude::*;

use super::{Count, Heat, Measure, Run, Spread, errors, flow, heat, runs, trend};
use crate::{
    model::{
        Agent, Batch, Delta, Key, Millis, Mode, SourceId, Status, Task, Timestamp, Tokens, UsageKey,
        UsageRecord, Usd, Workspace, Zone,
    },
    query::{
        Range, Selection, View,
        axis::{Axis, Step},
        usage::By,
    },
    store::Store,
    text::Safe,
};

/// Quarters as offsets, half hours of summer time, midnight that does not exist, a day that does not exist.
const ZONES: [Zone; 8] = [
    Zone::UTC,
    Zone::Europe__Berlin,
    Zone::Asia__Kathmandu,
    Zone::Australia__Lord_Howe,
    Zone::Africa__Cairo,
    Zone::America__Santiago,
    Zone::Pacific__Apia,
    Zone::Pacific__Chatham,
];

/// One thing that happened: seconds from the begin, workspace, tokens (0 = a task), run time, status.
type Event = (i64, u8, u64, Option<i64>, u8);

const STATES: [Status; 5] =
    [Status::Succeeded, Status::Failed, Status::Cancelled, Status::Running, Status::Queued];

fn usage(key: u64, at: Option<Timestamp>, workspace: Option<Workspace>, input: u64) -> UsageRecord {
    UsageRecord {
        key: UsageKey(key),
        at,
        agent: None,
        task: None,
        workspace,
        model: Safe::line("m"),
        tokens: Tokens { input, ..Tokens::default() },
        responses: 1,
        recorded_cost: Some(Usd(input as i64 * 1000)),
        fast: false,
    }
}

fn store(begin: i64, events: &[Event]) -> Store {
    let mut deltas = Vec::new();
    for (at, (into, place, tokens, took, state)) in events.iter().enumerate() {
        let time = Timestamp::from_secs(begin + into);
        let workspace = Some(Workspace::at(Safe::line(&format!("/w/{place}"))));
        let name = Safe::line(&format!("n{at}"));
        if *tokens > 0 {
            deltas.push(Delta::Usage(Box::new(usage(at as u64, Some(time), workspace, *tokens))));
            continue;
        }
        let status = STATES.get(usize::from(*state)).copied().unwrap_or_default();
        let ended = took.map(|took| time.plus(Millis::seconds(took))).filter(|_| status.is_over());
        deltas.push(Delta::Task(
            Key::new(SourceId(0), name),
            Box::new(Task {
                workspace,
                status,
                kind: (*place > 1).then(|| Safe::line(&format!("kind {place}"))),
                created_at: Some(time),
                started_at: Some(time).filter(|_| status != Status::Queued),
                ended_at: ended,
                ..Task::default()
            }),
        ));
    }
    let mut store = Store::default();
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

/// Begins a few weeks before a change of summer time, of the date line in Apia, or at any time.
fn begins() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(1_774_000_000_i64),
        Just(1_792_000_000),
        Just(1_324_900_000),
        Just(1_777_000_000),
        1_300_000_000_i64..1_900_000_000,
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (
        0_i64..40 * 86_400,
        0_u8..4,
        prop_oneof![Just(0_u64), 1_u64..10_000],
        proptest::option::of(0_i64..90_000),
        0_u8..5,
    );
    proptest::collection::vec(event, 0..60)
}

fn selection(store: &Store, view: &View) -> Selection {
    Selection::of(view, store)
}

proptest! {
    #[test]
    fn days_and_hours_are_what_a_plain_count_finds(
        begin in begins(), events in events(), zone in proptest::sample::select(&ZONES[..]),
        only in proptest::option::of(0_u8..4), since in proptest::option::of(0_i64..40 * 86_400),
        until in proptest::option::of(0_i64..40 * 86_400), by_filter: bool,
    ) {
        let store = store(begin, &events);
        let end = Timestamp::from_secs(begin + 41 * 86_400);
        let mut view = View::default();
        match only {
            Some(place) if by_filter => view.filter = format!("workspace:/w/{place}"),
            Some(place) => view.workspaces.push(format!("/w/{place}")),
            None => {}
        }
        let range = Range {
            since: since.map(|secs| Timestamp::from_secs(begin + secs)),
            until: until.map(|secs| Timestamp::from_secs(begin + secs)),
        };
        let heat = heat::heat(&store, &selection(&store, &view), range, end, zone);
        let mut plain = Heat::default();
        let mut days: BTreeMap<NaiveDate, (u64, u64)> = BTreeMap::new();
        let mut hours = [[(0_u64, 0_u64); 24]; 7];
        for (into, place, tokens, _, _) in &events {
            let at = Timestamp::from_secs(begin + into);
            if only.is_some_and(|only| only != *place) || !range.holds(Some(at)) {
                continue;
            }
            let local = at.utc().with_timezone(&zone);
            let more = if *tokens == 0 { (1, 0) } else { (0, *tokens) };
            let hour = &mut hours[local.weekday().num_days_from_monday() as usize][local.hour() as usize];
            for sum in [days.entry(local.date_naive()).or_default(), hour] {
                sum.0 += more.0;
                sum.1 += more.1;
            }
            plain.total.tasks += more.0;
        }
        let found: BTreeMap<NaiveDate, (u64, u64)> = heat.days.iter()
            .map(|(date, count)| (*date, (count.tasks, count.of(Measure::Tokens)))).collect();
        prop_assert_eq!(found, days);
        for (weekday, row) in hours.iter().enumerate() {
            for (hour, sum) in row.iter().enumerate() {
                let count = heat.hour(weekday, hour);
                prop_assert_eq!((count.tasks, count.of(Measure::Tokens)), *sum, "{} {}", weekday, hour);
            }
        }
        let sum = |counts: &mut dyn Iterator<Item = &Count>| {
            counts.fold((0, 0, 0), |sum, count| {
                (sum.0 + count.tasks, sum.1 + count.of(Measure::Cost), sum.2 + count.of(Measure::Responses))
            })
        };
        let total = sum(&mut [heat.total].iter());
        prop_assert_eq!(total, sum(&mut heat.days.values()));
        prop_assert_eq!(total, sum(&mut heat.hours.iter().flatten()));
        prop_assert_eq!(heat.total.tasks, plain.total.tasks);
        let places = heat::by_workspace(&store, &selection(&store, &view), range, end, zone);
        prop_assert_eq!(total, sum(&mut places.iter().flat_map(|(_, days)| days.values())));
    }

    #[test]
    fn groups_hold_every_run_once(begin in begins(), events in events()) {
        let store = store(begin, &events);
        let selection = selection(&store, &View::default());
        let now = Timestamp::from_secs(begin + 41 * 86_400);
        let tasks = runs::tasks(&store, &selection, now);
        let together = runs::together(&tasks, Range::ALL);
        let over = tasks.iter().filter(|run| run.status.is_over()).count();
        prop_assert_eq!(together.outcome.total(), over);
        prop_assert_eq!(together.spread.count + together.spread.unknown, over);
        prop_assert_eq!(together.histogram.iter().sum::<usize>(), together.spread.count);
        for by in [By::Type, By::Model, By::Workspace] {
            let groups = runs::by(&tasks, Range::ALL, by);
            prop_assert_eq!(groups.iter().map(|group| group.outcome.total()).sum::<usize>(), over);
            prop_assert_eq!(groups.iter().map(|group| group.spread.count).sum::<usize>(), together.spread.count);
        }
    }

    #[test]
    fn percentiles_leave_the_right_share_below(times in proptest::collection::vec(0_i64..1000, 1..300)) {
        let mut took: Vec<Millis> = times.iter().copied().map(Millis).collect();
        let spread = Spread::of(&mut took, 0);
        for (percent, value) in [(50, spread.p50), (95, spread.p95), (99, spread.p99)] {
            let value = value.unwrap().0;
            let enough = |limit: i64| times.iter().filter(|time| **time <= limit).count() * 100 >= times.len() * percent;
            prop_assert!(enough(value), "{percent}");
            prop_assert!(times.iter().all(|other| *other >= value || !enough(*other)), "smallest {percent}");
        }
        prop_assert_eq!(spread.longest.unwrap().0, times.iter().copied().max().unwrap());
    }

    #[test]
    fn at_once_is_what_a_look_at_every_second_finds(
        runs in proptest::collection::vec((0_i64..120, 0_i64..60), 0..25),
        cuts in proptest::collection::btree_set(0_i64..200, 2..8),
    ) {
        let made: Vec<Run<'_>> = runs.iter().map(|(began, took)| Run {
            began: Some(Timestamp(*began)), until: Some(Timestamp(began + took)), ..Run::default()
        }).collect();
        let borders: Vec<Timestamp> = cuts.iter().copied().map(Timestamp).collect();
        let found = flow::at_once(&made, &borders);
        let wanted: Vec<usize> = borders.windows(2).map(|pair| {
            (pair[0].0..pair[1].0)
                .map(|at| runs.iter().filter(|(began, took)| (*began..began + took).contains(&at)).count())
                .max().unwrap_or(0)
        }).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn flow_counts_everything_once(begin in begins(), events in events(), zone in proptest::sample::select(&ZONES[..])) {
        let store = store(begin, &events);
        let selection = selection(&store, &View::default());
        let now = Timestamp::from_secs(begin + 50 * 86_400);
        let tasks = runs::tasks(&store, &selection, now);
        let Some((since, until)) = flow::extent(&tasks, &[], Range::ALL, now) else { return Ok(()) };
        for step in [Step::Hour, Step::Day, Step::Week, Step::Month] {
            let flow = flow::flow(&tasks, &[], &Axis::new(since, until, step, zone));
            prop_assert_eq!(flow.iter().map(|step| step.asked).sum::<usize>(), tasks.len());
            let done = flow.iter().map(|step| (step.done, step.failed)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
            let over = tasks.iter().filter(|run| run.ended.is_some());
            let failed = over.clone().filter(|run| run.status == Status::Failed).count();
            prop_assert_eq!(done, (over.count(), failed));
        }
    }

    #[test]
    fn the_days_of_a_trend_sum_up_to_it(begin in begins(), events in events(), zone in proptest::sample::select(&ZONES[..]), into in 0_i64..60 * 86_400) {
        let store = store(begin, &events);
        let selection = selection(&store, &View::default());
        let now = Timestamp::from_secs(begin + into);
        let tasks = runs::tasks(&store, &selection, now);
        for days in trend::DAYS {
            let trend = trend::trend(&store, &selection, (&tasks, &[]), days, now, zone);
            let sum = |figure: &dyn Fn(&trend::Period) -> u64| trend.daily.iter().map(|day| figure(&day.period)).sum::<u64>();
            prop_assert_eq!(sum(&|period| period.tasks as u64), trend.now.tasks as u64);
            prop_assert_eq!(sum(&|period| period.usage.tokens.total()), trend.now.usage.tokens.total());
            prop_assert_eq!(sum(&|period| period.outcome.total() as u64), trend.now.outcome.total() as u64);
            prop_assert_eq!(trend.daily.last().map(|day| day.date), Some(now.date(zone)));
            // Apia had no 2011-12-30.
            prop_assert!((days - 1..=days).contains(&(trend.daily.len() as u64)));
        }
    }
}

#[test]
fn hours_that_occur_twice_or_never() {
    let berlin = Zone::Europe__Berlin;
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let begin = at("2026-10-25T00:00:00Z").secs();
    // 02:30 in summer time, 02:30 in winter time.
    let store = store(begin, &[(1800, 0, 5, None, 0), (5400, 0, 7, None, 0)]);
    let view = selection(&store, &View::default());
    let heat = heat::heat(&store, &view, Range::ALL, at("2026-11-01T00:00:00Z"), berlin);
    assert_eq!(heat.hour(6, 2).of(Measure::Tokens), 12);
}

#[test]
fn what_has_no_time_is_in_no_day() {
    let mut store = Store::default();
    let deltas = vec![
        Delta::Usage(Box::new(usage(1, None, None, 3))),
        Delta::Task(Key::new(SourceId(0), Safe::line("t")), Box::<Task>::default()),
    ];
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    let now = Timestamp::from_secs(1_790_000_000);
    let all = heat::heat(&store, &selection(&store, &View::default()), Range::ALL, now, Zone::UTC);
    assert_eq!((all.undated.tasks, all.undated.of(Measure::Tokens), all.days.len()), (1, 3, 0));
    let some = Range::new(Timestamp(0), now);
    let part = heat::heat(&store, &selection(&store, &View::default()), some, now, Zone::UTC);
    assert_eq!(part, Heat::default());
}

#[test]
fn levels_are_quartiles_of_what_occurs() {
    let values = [0, 0, 1, 2, 3, 4, 5, 6, 7, 1000];
    let borders = heat::borders(values.into_iter());
    let levels: Vec<usize> = values.into_iter().map(|value| heat::level(value, &borders)).collect();
    assert_eq!(levels, [0, 0, 1, 1, 1, 2, 2, 3, 3, 4]);
    assert_eq!(heat::level(5, &heat::borders([5, 5].into_iter())), 1, "all the same");
    assert_eq!(heat::borders([].into_iter()), [0; 3]);
}

#[test]
fn streaks_of_days() {
    let date = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let count = Count { tasks: 1, ..Count::default() };
    let days = [1, 2, 3, 5, 6].map(|day| (date(day), count)).into_iter().collect();
    let heat = Heat { days, ..Heat::default() };
    assert_eq!(heat.streaks(Measure::Tasks, date(7)), (3, 2));
    assert_eq!(heat.streaks(Measure::Tasks, date(8)), (3, 0));
    assert_eq!(heat.streaks(Measure::Tokens, date(7)), (0, 0));
}

#[test]
fn kinds_of_errors() {
    let cases = [
        ("API Error: 429 Too Many Requests", "rate limit"),
        ("took 1500 s and gave nothing", errors::OTHER),
        ("npm test exit 1", "tests"),
        ("Command exited with code 2", "exit code"),
        ("Request timed out after 600s", "timeout"),
        ("Process was killed (SIGKILL)", "killed"),
        ("ENOENT: no such file", "not found"),
        ("", errors::UNSAID),
        (" \n ", errors::UNSAID),
        ("contest", errors::OTHER),
    ];
    for (text, wanted) in cases {
        assert_eq!(errors::kind(text), wanted, "{text}");
    }
}

#[test]
fn an_agent_whose_task_failed_does_not_count_twice() {
    let mut store = Store::default();
    let key = |name: &str| Key::new(SourceId(0), Safe::line(name));
    let task = Task { status: Status::Failed, error: Some(Safe::line("timeout")), ..Task::default() };
    let agent = |task: Option<&str>| {
        Box::new(Agent { status: Status::Failed, task: task.map(key), ..Agent::default() })
    };
    let deltas = vec![
        Delta::Task(key("t"), Box::new(task)),
        Delta::Agent(key("a"), agent(Some("t"))),
        Delta::Agent(key("b"), agent(Some("never told"))),
        Delta::Agent(key("c"), agent(None)),
    ];
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    let found = errors::errors(&store, &selection(&store, &View::default()), Range::ALL, Timestamp(0));
    let found: Vec<_> = found.iter().map(|error| (error.kind, error.count)).collect();
    assert_eq!(found, [(errors::UNSAID, 2), ("timeout", 1)]);
}
