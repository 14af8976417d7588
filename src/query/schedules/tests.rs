//! Order, standing and summary of planned runs, as tables.

use super::*;
use crate::{
    model::{Batch, Delta, Mode, SourceId, Workspace},
    query::View,
    text::Safe,
};

const NOW: Timestamp = Timestamp::from_secs(1_000_000);

/// Name, seconds until the next run, last status, missed, paused, target.
type Plan = (&'static str, Option<i64>, Option<Status>, bool, bool, &'static str);

const PLANS: [Plan; 7] = [
    ("weekly", Some(9_000), None, false, false, "web"),
    ("nightly", Some(300), Some(Status::Succeeded), false, false, "web"),
    ("links", Some(301), Some(Status::Failed), false, false, "docs"),
    ("backup", Some(40), Some(Status::Failed), true, false, ""),
    ("off", Some(10), Some(Status::Failed), true, true, "web"),
    ("never", None, None, false, false, "web"),
    ("overdue", Some(-20), Some(Status::Succeeded), false, false, "docs"),
];

fn store() -> Store {
    let deltas = PLANS
        .iter()
        .map(|(name, next, last, missed, paused, target)| {
            let schedule = Schedule {
                name: Safe::line(name),
                next_run: next.map(|secs| NOW.plus(Millis::seconds(secs))),
                last_status: *last,
                missed: *missed,
                paused: *paused,
                command: Some(Safe::line("orch run")),
                targets: Some(*target)
                    .filter(|target| !target.is_empty())
                    .map(|target| Workspace::named(Safe::line(target)))
                    .into_iter()
                    .collect(),
                ..Schedule::default()
            };
            Delta::Schedule(Key::new(SourceId(0), Safe::line(name)), Box::new(schedule))
        })
        .collect();
    let mut store = Store::default();
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

fn names(store: &Store, workspaces: &[&str], filter: &str) -> Vec<String> {
    let view = View {
        workspaces: workspaces.iter().map(|text| (*text).to_owned()).collect(),
        filter: filter.to_owned(),
    };
    let selection = Selection::of(&view, store);
    rows(store, &selection, NOW).iter().map(|row| row.schedule.name.to_string()).collect()
}

#[test]
fn the_next_run_comes_first_and_none_last() {
    assert_eq!(names(&store(), &[], ""), ["overdue", "off", "backup", "nightly", "links", "weekly", "never"]);
}

#[test]
fn standing_says_the_worst_but_what_is_off_is_off() {
    let store = store();
    let standing = |name: &str| {
        let found = store.schedules.iter().find(|(_, schedule)| &*schedule.name == name);
        Standing::of(found.unwrap().1)
    };
    let cases = [
        ("weekly", Standing::Fine),
        ("nightly", Standing::Fine),
        ("links", Standing::Failed),
        ("backup", Standing::Missed),
        ("off", Standing::Paused),
    ];
    for (name, wanted) in cases {
        assert_eq!(standing(name), wanted, "{name}");
    }
    let soon: Vec<&str> = store
        .schedules
        .iter()
        .filter(|(_, schedule)| is_soon(schedule, NOW))
        .map(|(_, schedule)| schedule.name.as_str())
        .collect();
    assert_eq!(soon, ["nightly", "backup"], "five minutes, what is over or off excepted");
}

#[test]
fn the_summary_counts_each_once_and_looks_ahead() {
    let store = store();
    let rows = rows(&store, &Selection::default(), NOW);
    let summary = summary(&rows, NOW);
    let (next, at) = summary.next.unwrap();
    assert_eq!(
        store.schedules.get(next).unwrap().name.as_str(),
        "backup",
        "neither what is over nor what is off"
    );
    assert_eq!(at, NOW.plus(Millis::seconds(40)));
    assert_eq!((summary.missed, summary.failed, summary.paused, summary.total), (1, 1, 1, 7));
}

#[test]
fn views_cut_what_they_speak_of() {
    let store = store();
    let cases: [(&[&str], &str, &[&str]); 6] = [
        (&["docs"], "", &["overdue", "links"]),
        (&["web"], "name:weekly", &["weekly"]),
        (&[], "missed", &["off", "backup"]),
        (&[], "-workspace:web", &["overdue", "backup", "links"]),
        // What a planned run has not does not restrict it.
        (&[], "status:running model:opus >2h id:links", &["links"]),
        (&[], "name:nothing-is-called-so", &[]),
    ];
    for (workspaces, filter, wanted) in cases {
        assert_eq!(names(&store, workspaces, filter), wanted, "{workspaces:?} {filter}");
    }
}
