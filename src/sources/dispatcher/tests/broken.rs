//! Files that are torn, replaced, missing, unreadable or no JSON at all.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    thread,
};

use serde_json::json;

use super::{Bench, Told, at, dispatch};
use crate::{
    model::{HealthState, Millis},
    sources::{SourceError, SourceKind, Surroundings, dispatcher::Dispatcher},
};

const DOCUMENTS: [&str; 11] = [
    "logs/dispatches.json",
    "logs/usage.json",
    "logs/workspace-locks.json",
    "logs/notifications.json",
    "logs/inbox.json",
    "logs/model-learning.json",
    "config/orchestrator/workspaces.json",
    "config/orchestrator/schedules.json",
    "config/orchestrator/models.json",
    "config/orchestrator/pricing.json",
    "data/backlog-cache/acme__api.json",
];

/// A home in which every document says something.
fn whole() -> Bench {
    let mut bench = Bench::new();
    bench.dispatches(&json!([dispatch("d", "complete", &json!({}))]));
    bench.json("logs/usage.json", &json!([{"dispatch_id": "d", "tokens": {"input": 1}}]));
    bench.json("logs/workspace-locks.json", &json!({"acme.api": {"locked_at": "2026-11-18T15:00:00Z"}}));
    bench.json("logs/notifications.json", &json!([{"eventType": "task_started"}]));
    bench.json("logs/inbox.json", &json!([{"text": "hello"}]));
    bench.json("logs/model-learning.json", &json!({"suggestions": []}));
    bench.json("config/orchestrator/workspaces.json", &json!({"workspaces": {"acme.api": {"path": "/x"}}}));
    bench.json(
        "config/orchestrator/schedules.json",
        &json!({"schedules": {"daily": [{"time": "09:00", "task": "t"}]}}),
    );
    bench.json("config/orchestrator/models.json", &json!({"task_complexity": {"simple": {"model": "m"}}}));
    bench.json("config/orchestrator/pricing.json", &json!({"models": {"m": {"input_per_mtok": 1}}}));
    bench.json("data/backlog-cache/acme__api.json", &json!({"issues": [{"number": 1, "title": "t"}]}));
    bench.read();
    assert_eq!((bench.health.state, bench.health.error.clone()), (HealthState::Live, None));
    bench
}

#[test]
fn a_torn_document_keeps_what_it_said_and_says_how_old_that_is() {
    // Every look at a torn file waits for its writer: side by side that costs no time.
    thread::scope(|scope| {
        DOCUMENTS.map(|document| scope.spawn(move || tear(document))).map(|torn| torn.join().unwrap())
    });
}

fn tear(document: &str) {
    let mut bench = whole();
    let good = fs::read_to_string(bench.path(document)).unwrap();
    for torn in ["", &good[..good.len() / 2], "not JSON", "7", "\u{0}\u{0}"] {
        let before = bench.afresh();
        bench.now = bench.now.plus(Millis::minutes(3));
        bench.write(document, torn);
        bench.touch(document);
        assert_eq!(bench.health.state, HealthState::Stale, "{document} {torn:?}");
        let error = bench.health.error.clone().unwrap();
        assert!(error.contains(document) && error.contains("3m ago"), "{error}");
        assert!(bench.health.remedy.is_some());
        assert!(
            bench.wake().unwrap() <= bench.now.plus(Millis::minutes(1)),
            "{document}: looked at again soon"
        );
        assert_eq!(bench.told.tasks, before.tasks, "{document} {torn:?}");
        let names = |told: &Told| told.projects.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&bench.told), names(&before));
        assert_eq!((&bench.told.usage, &bench.told.catalog), (&before.usage, &before.catalog));
        bench.write(document, &good);
        // Nothing tells of the repair: it is looked at because it was torn.
        bench.touch("nothing");
        assert_eq!((bench.health.state, bench.health.error.clone()), (HealthState::Live, None), "{document}");
        assert_eq!(bench.told, bench.afresh(), "{document}");
    }
}

#[test]
fn documents_come_go_and_are_replaced() {
    for document in DOCUMENTS {
        let mut bench = whole();
        let good = fs::read_to_string(bench.path(document)).unwrap();
        fs::remove_file(bench.path(document)).unwrap();
        bench.sweep();
        assert_eq!(bench.health.state, HealthState::Live, "{document}: not being there is no error");
        assert_eq!(bench.told, bench.afresh(), "{document} is gone");
        // Written beside and renamed into place; the left-over of another writer is no document.
        let name = bench.path(document);
        let beside = name.with_extension("json.tmp.123");
        fs::write(&beside, &good).unwrap();
        fs::write(name.with_extension("json.tmp.124"), "[{").unwrap();
        fs::rename(&beside, &name).unwrap();
        bench.touch(document);
        assert_eq!(bench.health.error, None, "{document}");
        assert_eq!(bench.told, bench.afresh(), "{document} is back");
    }
}

#[test]
fn a_torn_document_is_looked_at_less_and_less_often() {
    let mut bench = whole();
    bench.write("logs/usage.json", "[{");
    let mut waits = Vec::new();
    for _ in 0..12 {
        bench.touch("nothing");
        waits.push(bench.wake().unwrap().since(bench.now).0);
        bench.now = bench.wake().unwrap();
    }
    // The first look did not notice: nothing pointed there.
    bench.touch("logs/usage.json");
    let first = bench.wake().unwrap().since(bench.now).0;
    assert_eq!(first, 100);
    for _ in 0..12 {
        bench.now = bench.wake().unwrap();
        bench.touch("nothing");
    }
    assert_eq!(bench.wake().unwrap().since(bench.now).0, 25_600);
}

#[test]
fn what_may_not_be_read_is_said() {
    let mut bench = whole();
    // The super-user may read everything: nothing to see then.
    if fs::metadata(bench.home()).unwrap().uid() == 0 {
        return;
    }
    fs::set_permissions(bench.path("logs/usage.json"), fs::Permissions::from_mode(0o000)).unwrap();
    bench.sweep();
    assert_eq!(bench.health.state, HealthState::Stale);
    assert_eq!(bench.health.remedy.as_deref(), Some("give your user read permission on it"));
    assert_eq!(bench.told.usage.len(), 1);
}

#[test]
fn a_file_in_the_way_of_a_folder_and_a_folder_in_the_way_of_a_file() {
    let mut bench = Bench::new();
    bench.write("backlogs", "no folder").write("changelogs", "no folder").write("reports", "no folder");
    fs::create_dir_all(bench.path("logs/dispatches.json")).unwrap();
    bench.json("config/orchestrator/workspaces.json", &json!({"workspaces": {"a": {"path": "/x"}}}));
    bench.read();
    assert_eq!(bench.health.state, HealthState::Stale);
    assert!(bench.health.error.as_ref().unwrap().contains("logs/dispatches.json"));
    assert_eq!(bench.told.projects.len(), 1, "the rest is told");
}

#[test]
fn a_home_that_is_gone_is_an_error_and_comes_back() {
    let mut bench = whole();
    let away = bench.root().join("away");
    fs::rename(bench.home(), &away).unwrap();
    let rescan = crate::sources::Hint { paths: Vec::new(), rescan: true };
    assert!(matches!(bench.look(Some(&rescan)), Err(SourceError::Missing(_))));
    fs::rename(&away, bench.home()).unwrap();
    bench.sweep();
    assert_eq!(bench.told, bench.afresh());
}

#[test]
fn homes_are_known_by_their_files_and_looked_for_in_the_usual_places() {
    let bench = Bench::new();
    assert!(!Dispatcher.probe(&bench.home()));
    for mark in ["logs/dispatches.json", "config/orchestrator/workspaces.json", "config/workspaces.json"] {
        let bench = Bench::new();
        bench.write(mark, "");
        assert!(Dispatcher.probe(&bench.home()), "{mark}");
        assert!(!Dispatcher.probe(&bench.path(mark)));
    }
    let around = Surroundings {
        home: "/home/me".into(),
        cwd: "/work/here".into(),
        vars: vec![("ORCHESTRATOR_HOME".to_owned(), "/srv/o".to_owned())],
        zone: None,
    };
    let places: Vec<String> =
        Dispatcher.usual_places(&around).iter().map(|path| path.display().to_string()).collect();
    assert_eq!(places, ["/srv/o", "/home/me/JARVIS", "/home/me/claude-orchestrator", "/work/here"]);
}

#[test]
fn invalid_text_is_repaired_and_counted() {
    let mut bench = Bench::new();
    let mut bytes =
        serde_json::to_vec(&json!([dispatch("d", "failed", &json!({"error_message": "bad X byte"}))]))
            .unwrap();
    let place = bytes.iter().position(|byte| *byte == b'X').unwrap();
    bytes[place] = 0xff;
    fs::create_dir_all(bench.path("logs")).unwrap();
    fs::write(bench.path("logs/dispatches.json"), bytes).unwrap();
    bench.read();
    assert_eq!(bench.only_task().error.as_deref(), Some("bad \u{fffd} byte"));
    assert_eq!(bench.health.repaired, 1);
    assert_eq!(bench.only_task().created_at, Some(at("2026-11-18T12:00:00Z")));
}
