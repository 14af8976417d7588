//! The state of a batch from its members, as tables.

use super::*;
use crate::{
    model::{Batch as News, Delta, Mode, SourceId, Workspace},
    query::View,
};

fn counts(states: &[Status]) -> ByStatus {
    let mut counts = ByStatus::default();
    for status in states {
        counts.count(*status);
    }
    counts
}

#[test]
fn the_state_follows_from_the_members() {
    use Status::{Blocked, Cancelled, Failed, Idle, Queued, Running, Succeeded, Unknown, Waiting};
    let failures = Some("completed with failures");
    let cases: [(&[Status], bool, Status, Option<&str>); 21] = [
        (&[Queued, Running, Failed], false, Running, None),
        (&[Running], true, Running, None),
        (&[Waiting, Queued], false, Waiting, None),
        (&[Waiting, Running], false, Running, None),
        (&[Blocked, Failed], false, Blocked, None),
        (&[Idle, Queued], false, Idle, None),
        (&[Queued, Failed, Succeeded], false, Queued, None),
        (&[Queued, Failed, Succeeded], true, Cancelled, None),
        (&[Failed, Succeeded], false, Failed, failures),
        (&[Failed, Succeeded], true, Failed, failures),
        (&[Failed, Failed], false, Failed, None),
        (&[Failed, Cancelled], false, Failed, None),
        (&[Failed, Unknown], false, Failed, None),
        (&[Succeeded], false, Succeeded, None),
        (&[Succeeded, Unknown], false, Unknown, None),
        (&[Succeeded, Cancelled], false, Succeeded, Some("some were cancelled")),
        (&[Succeeded, Cancelled], true, Cancelled, None),
        (&[Cancelled], false, Cancelled, None),
        (&[], false, Unknown, None),
        (&[], true, Cancelled, None),
        (&[Unknown], true, Cancelled, None),
    ];
    for (members, cancelled, status, note) in cases {
        assert_eq!(state(&counts(members), cancelled), (status, note), "{members:?} cancelled: {cancelled}");
    }
}

fn key(local: &str) -> Key {
    Key::new(SourceId(0), Safe::line(local))
}

fn store() -> Store {
    let at = |secs| Some(Timestamp::from_secs(secs));
    let task = |batch: &str, status, raw: &str, created| {
        Box::new(Task {
            status,
            status_raw: Some(Safe::line(raw)),
            batch: Some(Safe::line(batch)),
            created_at: created,
            workspace: Some(Workspace::named(Safe::line(if raw == "error" { "docs" } else { "web" }))),
            ..Task::default()
        })
    };
    let record = |raw: Option<&str>, created| {
        Box::new(TaskBatch { status_raw: raw.map(Safe::line), created_at: created, ..TaskBatch::default() })
    };
    let deltas = vec![
        Delta::Task(key("late"), task("one", Status::Succeeded, "complete", at(20))),
        Delta::Task(key("dateless"), task("one", Status::Succeeded, "complete", None)),
        Delta::Task(key("early"), task("one", Status::Failed, "error", at(10))),
        Delta::Task(key("stray"), task("unrecorded", Status::Running, "running", at(70))),
        Delta::Task(key("alone"), Box::default()),
        Delta::TaskBatch(key("one"), record(Some("running"), at(5))),
        Delta::TaskBatch(key("empty"), record(Some("queued"), at(50))),
        Delta::TaskBatch(key("dark"), record(None, None)),
        // A task of another source that names the same batch is none of its members.
    ];
    let mut store = Store::default();
    store.apply(News { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    let stranger = Key::new(SourceId(1), Safe::line("stranger"));
    let deltas = vec![Delta::Task(stranger, task("one", Status::Running, "running", at(90)))];
    store.apply(News { source: SourceId(1), seq: 1, mode: Mode::Append, deltas });
    store
}

fn ids(store: &Store, view: &View) -> Vec<(u16, String)> {
    rows(store, &Selection::of(view, store), Timestamp::from_secs(100))
        .iter()
        .map(|batch| (batch.key.source.0, batch.key.local.to_string()))
        .collect()
}

#[test]
fn members_are_tasks_of_the_same_source() {
    let store = store();
    let all = by_key(&store);
    let one = &all[&key("one")];
    let members: Vec<&str> =
        one.members.iter().map(|id| store.tasks.key(*id).unwrap().local.as_str()).collect();
    assert_eq!(members, ["early", "late", "dateless"]);
    assert_eq!((one.status, one.note), (Status::Failed, Some("completed with failures")));
    assert_eq!(one.contradiction().map(Safe::as_str), Some("running"));
    let raw: Vec<(&str, usize)> = one.raw.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    assert_eq!(raw, [("complete", 2), ("error", 1)]);
    assert!(all[&key("unrecorded")].record.is_none());
    assert_eq!(all[&key("empty")].status, Status::Unknown);
}

#[test]
fn the_newest_comes_first_and_a_wanted_member_brings_the_whole() {
    let store = store();
    let named = |source, names: &[&str]| -> Vec<(u16, String)> {
        names.iter().map(|name| (source, (*name).to_owned())).collect()
    };
    let all = [named(1, &["one"]), named(0, &["unrecorded", "empty", "one", "dark"])].concat();
    assert_eq!(ids(&store, &View::default()), all);
    let failed = View { filter: "status:failed".to_owned(), ..View::default() };
    assert_eq!(ids(&store, &failed), named(0, &["one"]));
    let docs = View { workspaces: vec!["docs".to_owned()], ..View::default() };
    assert_eq!(ids(&store, &docs), named(0, &["one"]));
    let rows = rows(&store, &Selection::of(&docs, &store), Timestamp::from_secs(100));
    assert_eq!(rows[0].counts.total(), 3, "members that are not looked at count for the state");
}

#[test]
fn a_recorded_word_contradicts_only_when_it_means_something_else() {
    let cases: [(&str, Status, bool); 12] = [
        ("complete", Status::Succeeded, false),
        ("COMPLETED", Status::Succeeded, false),
        ("succeeded", Status::Succeeded, false),
        ("running", Status::Succeeded, true),
        ("partially_failed", Status::Failed, true),
        ("complete", Status::Failed, false),
        ("complete", Status::Running, true),
        ("success", Status::Failed, true),
        ("cancelled", Status::Queued, true),
        ("Canceled", Status::Cancelled, false),
        ("pending", Status::Queued, false),
        ("  ", Status::Failed, false),
    ];
    for (raw, status, contradicts) in cases {
        let record = TaskBatch { status_raw: Some(Safe::line(raw)), ..TaskBatch::default() };
        let batch = Batch {
            key: key("x"),
            record: Some(&record),
            members: Vec::new(),
            status,
            note: None,
            counts: ByStatus::default(),
            raw: BTreeMap::new(),
        };
        assert_eq!(batch.contradiction().is_some(), contradicts, "{raw} beside {status:?}");
    }
}
