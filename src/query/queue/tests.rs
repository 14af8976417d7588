//! Waits against what is usual, as tables.

use proptest::prelude::*;

use super::*;
use crate::{
    model::{Agent, Batch, Delta, Mode, Workspace},
    query::View,
};

const NOW: Timestamp = Timestamp::from_secs(100_000_000);

fn key(local: &str) -> Key {
    Key::new(SourceId(0), Safe::line(local))
}

fn ago(minutes: i64) -> Timestamp {
    NOW.minus(Millis::minutes(minutes))
}

fn queued(workspace: &str, minutes: Option<i64>) -> Task {
    Task {
        status: Status::Queued,
        workspace: Some(Workspace::named(Safe::line(workspace))),
        created_at: minutes.map(ago),
        ..Task::default()
    }
}

/// A task that waited so long and started so long ago.
fn started(workspace: &str, wait: i64, minutes_ago: i64) -> Task {
    Task {
        status: Status::Succeeded,
        started_at: Some(ago(minutes_ago)),
        ..queued(workspace, Some(minutes_ago + wait))
    }
}

fn store(source: u16, tasks: Vec<Task>) -> Store {
    let deltas = tasks
        .into_iter()
        .enumerate()
        .map(|(at, task)| {
            Delta::Task(Key::new(SourceId(source), Safe::line(&at.to_string())), Box::new(task))
        })
        .collect();
    let mut store = Store::default();
    store.apply(Batch { source: SourceId(source), seq: 1, mode: Mode::Append, deltas });
    store
}

#[test]
fn lateness_follows_from_wait_and_usual() {
    let m = |minutes| Some(Millis::minutes(minutes));
    let cases = [
        (m(10), m(1), Late::Usual, "ten minutes are never long"),
        (m(11), m(1), Late::Longer, ""),
        (m(11), m(6), Late::Usual, "not twice the usual"),
        (m(12), m(6), Late::Usual, "twice is not above twice"),
        (m(60), m(1), Late::Longer, "an hour is not above an hour"),
        (m(61), m(1), Late::Stuck, ""),
        (m(61), m(7), Late::Longer, "not ten times the usual"),
        (m(1440), None, Late::Unknown, "nothing to compare with"),
        (m(1441), None, Late::Stuck, "above a day"),
        (None, m(1), Late::Unknown, "no date"),
        (None, None, Late::Unknown, ""),
        (m(61), m(0), Late::Stuck, "usually at once"),
    ];
    for (waits, usual, wanted, why) in cases {
        assert_eq!(Late::of(waits, usual), wanted, "{waits:?} against {usual:?}: {why}");
    }
}

#[test]
fn the_usual_wait_is_the_median_there_then_of_the_source() {
    let minutes = |minutes: i64| Some(Millis::minutes(minutes));
    let web = [1, 2, 3, 40, 50].map(|wait| started("web", wait, 60)).to_vec();
    let day = 1440;
    let cases: [(&str, Vec<Task>, Option<Millis>); 6] = [
        ("five of the workspace", web.clone(), minutes(3)),
        ("four say nothing", web[..4].to_vec(), None),
        (
            "four there, one elsewhere: the source",
            [&web[..4], &[started("docs", 9, 60)][..]].concat(),
            minutes(3),
        ),
        ("what is older than thirty days", [1; 5].map(|wait| started("web", wait, 31 * day)).to_vec(), None),
        ("starts before the creation", [-5; 5].map(|wait| started("web", wait, 60)).to_vec(), None),
        ("an even number", [1, 2, 3, 5, 7, 9].map(|wait| started("web", wait, 60)).to_vec(), minutes(4)),
    ];
    for (name, past, wanted) in cases {
        let store = store(0, [past, vec![queued("web", Some(5))]].concat());
        let rows = waiting(&store, &Selection::default(), NOW);
        assert_eq!(rows.iter().map(|row| row.usual).collect::<Vec<_>>(), [wanted], "{name}");
    }
    let mut other = store(0, vec![queued("docs", Some(5))]);
    let deltas = (0..5)
        .map(|at| {
            Delta::Task(Key::new(SourceId(1), Safe::line(&at.to_string())), Box::new(started("web", 3, 60)))
        })
        .collect();
    other.apply(Batch { source: SourceId(1), seq: 1, mode: Mode::Append, deltas });
    assert_eq!(waiting(&other, &Selection::default(), NOW)[0].usual, None, "another source says nothing");
}

#[test]
fn the_latest_comes_first_and_views_cut() {
    let past: Vec<Task> = [2; 5].map(|wait| started("web", wait, 60)).to_vec();
    let waits =
        vec![queued("web", Some(5)), queued("web", Some(90)), queued("docs", Some(30)), queued("web", None)];
    let store = store(0, [waits, past].concat());
    let order = |view: &View| {
        let rows = waiting(&store, &Selection::of(view, &store), NOW);
        rows.iter().map(|row| (row.task.index(), row.late)).collect::<Vec<_>>()
    };
    let all = [(1, Late::Stuck), (2, Late::Longer), (0, Late::Usual), (3, Late::Unknown)];
    assert_eq!(order(&View::default()), all);
    let docs = View { workspaces: vec!["docs".to_owned()], ..View::default() };
    assert_eq!(order(&docs), all[1..2], "what is usual does not depend on what is looked at");
    let old = View { filter: "age:>1h".to_owned(), ..View::default() };
    assert_eq!(order(&old), all[..1]);
}

#[test]
fn a_running_task_is_silent_when_nobody_gave_a_sign_of_life() {
    let running = |minutes: Option<i64>, agents: &[&str]| Task {
        status: Status::Running,
        updated_at: minutes.map(ago),
        agents: agents.iter().map(|agent| key(agent)).collect(),
        ..Task::default()
    };
    let mut store = store(
        0,
        vec![
            running(Some(61), &[]),
            running(Some(60), &[]),
            running(Some(300), &["busy"]),
            running(Some(90), &["lost"]),
            running(None, &[]),
            Task { status: Status::Blocked, ..running(Some(300), &[]) },
        ],
    );
    let agent = |minutes| Box::new(Agent { updated_at: Some(ago(minutes)), ..Agent::default() });
    let deltas = vec![Delta::Agent(key("busy"), agent(1)), Delta::Agent(key("lost"), agent(80))];
    store.apply(Batch { source: SourceId(0), seq: 2, mode: Mode::Append, deltas });
    let rows = silent(&store, &Selection::default(), NOW);
    let found: Vec<_> = rows.iter().map(|row| (row.task.index(), row.silent)).collect();
    assert_eq!(found, [(3, Millis::minutes(80)), (0, Millis::minutes(61))]);
}

proptest! {
    #[test]
    fn every_queued_task_appears_once(states in prop::collection::vec((0_usize..9, prop::option::of(0_i64..5000)), 0..60)) {
        let tasks: Vec<Task> = states
            .iter()
            .map(|(status, age)| Task { status: Status::ALL[*status], ..queued("web", *age) })
            .collect();
        let store = store(0, tasks);
        let mut found: Vec<usize> =
            waiting(&store, &Selection::default(), NOW).iter().map(|row| row.task.index()).collect();
        found.sort_unstable();
        let wanted: Vec<usize> =
            (0..states.len()).filter(|at| Status::ALL[states[*at].0] == Status::Queued).collect();
        prop_assert_eq!(found, wanted);
    }
}
