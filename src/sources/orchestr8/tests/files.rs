//! Files that are torn, replaced, missing, foreign or unreadable, single files, and what a path is taken for.

use std::{fs, os::unix::fs::PermissionsExt};

use super::{Bench, Orchestr8, console, settings};
use crate::{
    model::{HealthState, Status},
    sources::{SourceKind, WatchSpec},
};

const RESULT: &str = r#"{"executionId": "x", "status": "completed", "steps": {}}"#;

#[test]
fn a_file_that_is_no_json_is_counted_and_waited_for() {
    let mut bench = Bench::with(&[
        ("new.json", r#"{"executionId": "x", "sta"#),
        ("r.json", &RESULT.replace("\"x\"", "\"y\"")),
    ]);
    assert_eq!((bench.health.error.clone(), bench.health.skipped), (None, 1));
    assert_eq!(bench.figure("", "no JSON"), Some(1));
    assert!(bench.says("no JSON (or not yet): new.json"));
    let due = bench.source.as_ref().unwrap().next_wake(bench.now).unwrap();
    bench.write("new.json", RESULT);
    bench.now = due;
    bench.look(&[]);
    assert_eq!(bench.task("x").status, Status::Succeeded);
    assert_eq!(bench.health.skipped, 0);
    bench.assert_as_from_scratch();
}

#[test]
fn it_is_not_waited_for_for_ever() {
    let mut bench = Bench::with(&[("tsconfig.json", "{ // a comment\n}")]);
    let mut rounds = 0;
    while let Some(due) = bench.source.as_ref().unwrap().next_wake(bench.now) {
        bench.now = due;
        bench.look(&[]);
        rounds += 1;
        assert!(rounds < 20, "it never rests");
    }
    assert!(rounds > 1);
}

#[test]
fn files_and_folders_come_and_go() {
    let mut bench = Bench::with(&[("a/r.json", RESULT)]);
    bench.write("b/c/r.json", RESULT.replace("\"x\"", "\"y\""));
    bench.look(&["b"]);
    assert_eq!(bench.store.tasks.len(), 2);
    fs::rename(bench.path("a"), bench.path("z")).unwrap();
    bench.look(&["a", "z"]);
    assert_eq!(bench.store.tasks.len(), 2);
    bench.assert_as_from_scratch();
    fs::remove_dir_all(bench.path("b")).unwrap();
    bench.rescan();
    assert_eq!(bench.store.tasks.len(), 1);
    fs::remove_file(bench.path("z/r.json")).unwrap();
    bench.look(&["z/r.json"]);
    assert_eq!((bench.store.tasks.len(), bench.health.state), (0, HealthState::Empty));
    bench.assert_as_from_scratch();
}

#[test]
fn only_what_changed_is_told() {
    let mut bench = Bench::with(&[("r.json", RESULT), ("s.json", &RESULT.replace("\"x\"", "\"y\""))]);
    let before = bench.store.revision(crate::store::Tables::TASKS);
    bench.rescan();
    assert_eq!(bench.store.revision(crate::store::Tables::TASKS), before);
    let read = bench.health.bytes_read;
    bench.write("s.json", RESULT.replace("\"x\"", "\"z\""));
    bench.look(&["s.json"]);
    assert_eq!(bench.health.bytes_read - read, RESULT.len() as u64, "only the file that changed is read");
}

#[test]
fn an_unreadable_file_is_named_and_hides_nothing() {
    let mut bench =
        Bench::with(&[("r.json", RESULT), ("l.log", &console(0, "info", "workflow.start", "y", ""))]);
    for name in ["r.json", "l.log"] {
        fs::set_permissions(bench.path(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    if fs::read(bench.path("r.json")).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    bench.append_by_root();
    bench.rescan();
    assert_eq!(bench.task("x").status, Status::Succeeded, "what was read stays");
    let mut fresh = Bench::new();
    fresh.target = bench.path("");
    fresh.read();
    assert_eq!(fresh.health.state, HealthState::Stale);
    assert!(fresh.health.error.as_deref().unwrap().to_lowercase().contains("permission denied"));
    assert!(fresh.health.remedy.as_deref().unwrap().contains("permission"));
}

impl Bench {
    /// Another time of change, so that it is looked at.
    fn append_by_root(&self) {
        for name in ["r.json", "l.log"] {
            let path = self.path(name);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            self.append(name, "\n");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        }
    }
}

#[test]
fn a_single_file_is_read_whatever_its_name() {
    let cases = [
        ("result", RESULT.to_owned(), true),
        ("events", "{\"type\":\"execution.started\",\"executionId\":\"x\"}\n".to_owned(), true),
        ("one-line.txt", console(0, "info", "workflow.start", "x", ""), true),
        (
            "list",
            format!(
                "[{}]",
                r#"{"timestamp": 1, "executionId": "x", "event": "execution.created", "data": {}}"#
            ),
            true,
        ),
        (
            "workflow.json",
            r#"{"id": "w", "version": "1", "steps": [{"id": "a", "agentId": "x"}]}"#.to_owned(),
            false,
        ),
        ("package.json", r#"{"name": "x"}"#.to_owned(), false),
        ("torn.json", "{\"exec".to_owned(), false),
        ("empty", String::new(), false),
    ];
    for (name, text, is_ours) in cases {
        let mut bench = Bench::new();
        bench.write(name, text);
        bench.target = bench.path(name);
        assert_eq!(Orchestr8.probe(&bench.target), is_ours, "{name}");
        bench.read();
        assert_eq!(bench.store.tasks.len(), usize::from(is_ours), "{name}");
        let folder = bench.path("");
        assert_eq!(bench.source.as_ref().unwrap().watches().len(), 1, "{name}");
        assert!(bench.source.as_ref().unwrap().watches()[0].path.starts_with(folder.parent().unwrap()));
    }
    let mut bench = Bench::new();
    bench.write("torn.json", "{\"exec");
    bench.target = bench.path("torn.json");
    bench.read();
    assert!(bench.health.error.as_deref().unwrap().contains("torn.json"));
}

#[test]
fn a_folder_is_ours_by_settings_or_by_workflows_beside_agents() {
    let config = r#"{"version": "1", "workflows": {"directory": "w"}, "agents": {"directory": "a"}}"#;
    let scaffold = r#"{"id": "w", "version": "1", "steps": [{"id": "a", "type": "action", "agentId": "x"}]}"#;
    let runtime = r#"{"id": "w", "version": "1", "steps": [{"id": "a", "type": "agent", "agentId": "x"}]}"#;
    let cases: [(&[(&str, &str)], bool); 6] = [
        (&[("orchestr8.config.json", config)], true),
        (&[("orchestr8.config.json", "{}")], false),
        (&[("workflows/w.json", scaffold), ("agents/a.json", "{}")], true),
        (&[("workflows/w.json", scaffold)], false),
        (&[("workflows/w.json", runtime), ("agents/a.json", "{}")], false),
        (&[("package.json", "{}"), ("results/r.json", RESULT)], false),
    ];
    for (files, is_ours) in cases {
        let bench = Bench::new();
        for (name, text) in files {
            bench.write(name, text);
        }
        assert_eq!(Orchestr8.probe(&bench.target), is_ours, "{files:?}");
    }
}

#[test]
fn a_small_tree_is_watched_whole_and_another_folder_by_folder() {
    let bench = Bench::with(&[("a/r.json", RESULT)]);
    let root = bench.path("").canonicalize().unwrap();
    let watches = bench.source.as_ref().unwrap().watches();
    assert_eq!(watches, [WatchSpec { path: root.clone(), recursive: true }]);
    let bench = Bench::with(&[("a/r.json", RESULT), ("node_modules/p/x.json", "{}")]);
    let watches = bench.source.as_ref().unwrap().watches();
    assert_eq!(watches.len(), 2);
    assert!(watches.iter().all(|spec| !spec.recursive));
}

#[test]
fn nothing_is_opened_before_it_is_read() {
    let bench = Bench::new();
    let source = Orchestr8.open(&settings(&bench.target)).unwrap();
    assert_eq!(source.next_wake(bench.now), None);
}
