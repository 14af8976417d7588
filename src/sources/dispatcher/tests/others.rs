//! Workspaces, locks, changelogs, models, messages and logs.

use std::{fs, os::unix::fs::symlink};

use serde_json::json;

use super::{Bench, at, dispatch, fact};
use crate::model::{CatalogKind, Level, Status, Timestamp};

fn registry(bench: &Bench) {
    bench.json("config/orchestrator/workspaces.json", &json!({"workspaces": {
        "acme.api": {"path": "~/work/api/", "type": "nodejs", "category": "service", "product": "shop", "priority": "high",
            "auto_review": true, "remotes": {"origin": "git@github.com:acme/api.git", "backup": "https://u:p@host/x.git"}},
        "idle": {"path": bench.root().display().to_string()}, "odd": 7}}));
}

#[test]
fn workspaces_are_projects_with_the_state_of_their_tasks() {
    let mut bench = Bench::new();
    registry(&bench);
    bench.dispatches(&json!([
        dispatch("a", "pending", &json!({"created_at": "2026-11-18T12:00:00Z"})),
        dispatch("b", "running", &json!({"created_at": "2026-11-18T13:00:00Z"})),
        dispatch("c", "pending", &json!({"workspace": "elsewhere", "workspace_path": null})),
    ]));
    bench.read();
    let api = &bench.told.projects["acme.api"];
    assert_eq!((api.status, api.status_note.clone()), (Status::Running, None));
    assert_eq!(api.updated_at, Some(at("2026-11-18T13:00:00Z")));
    let place = api.workspace.as_ref().unwrap();
    assert_eq!((place.name.as_str(), place.path.as_deref()), ("acme.api", Some("/home/person/work/api")));
    for (label, value) in [
        ("type", "nodejs"),
        ("category", "service"),
        ("product", "shop"),
        ("priority", "high"),
        ("auto review", "true"),
        ("path missing", "/home/person/work/api"),
        ("remote", "git@github.com:acme/api.git · backup: https://***@host/x.git"),
    ] {
        let found = fact(&api.facts, label)
            .map(|found| found.split(" · ").map(str::to_owned).collect::<std::collections::BTreeSet<_>>());
        assert_eq!(found, Some(value.split(" · ").map(str::to_owned).collect()), "{label}");
    }
    let idle = &bench.told.projects["idle"];
    assert_eq!((idle.status, fact(&idle.facts, "path missing")), (Status::Idle, None));
    let unknown = &bench.told.projects["elsewhere"];
    assert_eq!(
        (unknown.status, unknown.status_note.as_deref()),
        (Status::Queued, Some("not in workspaces.json"))
    );
    assert_eq!(bench.task("c").project.as_ref().unwrap().local.as_str(), "elsewhere");
    assert_eq!(bench.health.repaired, 1, "the entry that is no object");
}

#[test]
fn the_shallow_path_is_read_where_the_deep_one_is_not_there() {
    let mut bench = Bench::new();
    bench.json("config/workspaces.json", &json!({"workspaces": {"old": {"path": "/x"}}}));
    bench.json(
        "config/schedules.json",
        &json!({"schedules": {"daily": [{"time": "09:00", "task": "t", "workspaces": ["all"]}]}}),
    );
    bench.read();
    assert_eq!(bench.told.projects.keys().collect::<Vec<_>>(), ["old"]);
    assert_eq!(
        (bench.told.schedules.len(), bench.count("config/workspaces.json", "workspaces")),
        (1, Some(1))
    );
    registry(&bench);
    bench.sweep();
    assert_eq!(bench.told.projects.keys().collect::<Vec<_>>(), ["acme.api", "idle"]);
}

#[test]
fn locks_say_who_holds_them_and_whether_that_can_be_believed() {
    let mut bench = Bench::new();
    registry(&bench);
    let lock = |since: &str, pid: u32| json!({"acme.api": {"locked_at": since, "pid": pid}});
    bench.json("logs/workspace-locks.json", &lock("2026-11-18T15:12:52.000Z", std::process::id()));
    bench.read();
    let words = format!("by process {}, since 2026-11-18 15:12:52", std::process::id());
    assert_eq!(fact(&bench.told.projects["acme.api"].facts, "locked"), Some(words.as_str()));
    assert_eq!(bench.wake(), Some(Timestamp(at("2026-11-18T15:42:52Z").0 + 1)));
    bench.now = bench.wake().unwrap();
    bench.touch("nothing");
    assert!(
        fact(&bench.told.projects["acme.api"].facts, "locked")
            .unwrap()
            .ends_with("stale: older than 30 minutes")
    );
    // No process has this number: it is beyond what the system gives.
    bench.json("logs/workspace-locks.json", &lock("2026-11-18T15:40:00.000Z", 999_999_999));
    bench.sweep();
    assert!(
        fact(&bench.told.projects["acme.api"].facts, "locked")
            .unwrap()
            .ends_with("stale: that process is gone")
    );
    bench.fixed = true;
    bench.read();
    assert!(
        !fact(&bench.told.projects["acme.api"].facts, "locked").unwrap().contains("stale"),
        "of another moment"
    );
}

#[test]
fn changes_are_notes_newest_first() {
    let mut bench = Bench::new();
    registry(&bench);
    bench.write("changelogs/acme.api-changelog.md",
        "# Changelog - acme.api\n\nAll notable changes.\n\n## 2026-11-08\n\n### Added\n- Audit\n  of everything\n\nFormat: [Keep a Changelog](x)\n\n\
         ### Fixed (hotfix)\n- Totals\n\n## [1.2.0] - 2026-11-10\n\n### Changed\n* Newer though below\n\n## soon\n- No date\n");
    bench.write("changelogs/nobody-changelog.md", "## 2026-11-08\n- x\n");
    bench.read();
    let notes: Vec<_> = bench.told.projects["acme.api"]
        .notes
        .iter()
        .map(|note| (note.at, note.kind.as_str(), note.text.as_str()))
        .collect();
    let day = |day: u32| Some(at(&format!("2026-11-{day:02}T00:00:00Z")));
    assert_eq!(
        notes,
        [
            (day(10), "Changed", "Newer though below"),
            (day(8), "Added", "Audit of everything"),
            (day(8), "Fixed (hotfix)", "Totals"),
            (None, "", "No date")
        ]
    );
    assert!(bench.has_note("1 changelog of no known workspace"));
}

#[test]
fn models_carry_prices_choice_and_the_age_of_the_table() {
    let mut bench = Bench::new();
    let config = "config/orchestrator";
    bench.json(&format!("{config}/pricing.json"), &json!({"models": {"claude-opus-4-5": {"display_name": "Opus", "input_per_mtok": 15.0,
        "output_per_mtok": 75, "context_window": 200_000, "tier": "complex"},
        "claude-haiku": {"input_per_1m": 0.8, "cache_read_per_1m": 0.08}}, "currency": "USD", "last_updated": "2026-11-01"}));
    bench.json(&format!("{config}/models.json"), &json!({"task_complexity": {"complex": {"model": "claude-opus-4-5", "examples": ["a", "b"]},
        "simple": {"model": "other", "examples": []}}, "rules": [{"if": "design", "use": "opus"}, {"if": "poem", "use": "sonnet"}, 4]}));
    bench.read();
    assert!(bench.told.catalog.values().all(|item| item.kind == CatalogKind::Model));
    assert_eq!(
        bench.told.catalog.keys().collect::<Vec<_>>(),
        ["claude-haiku", "claude-opus-4-5", "other", "sonnet"]
    );
    let opus = &bench.told.catalog["claude-opus-4-5"];
    assert_eq!(
        (opus.description.as_deref(), opus.category.as_deref(), opus.status_note.clone()),
        (Some("Opus"), Some("complex"), None)
    );
    for (label, value) in [
        ("input price", "15 USD a million tokens"),
        ("output price", "75 USD a million tokens"),
        ("context window", "200000"),
        ("prices of", "2026-11-01"),
        ("chosen for", "complex tasks"),
        ("examples", "a, b"),
        ("rule", "design"),
    ] {
        assert_eq!(fact(&opus.facts, label), Some(value), "{label}");
    }
    assert_eq!(
        fact(&bench.told.catalog["claude-haiku"].facts, "cache read price"),
        Some("0.08 USD a million tokens")
    );
    assert!(!bench.has_note("pricing.json"));
    bench.now = bench.wake().unwrap();
    bench.touch("nothing");
    assert_eq!(
        bench.told.catalog["claude-opus-4-5"].status_note.as_deref(),
        Some("its prices are of 2026-11-01: older than 30 days")
    );
    assert!(bench.has_note("pricing.json is of 2026-11-01: older than 30 days"));
}

#[test]
fn work_of_the_shell_dispatcher_is_lines_of_the_log_and_no_tasks() {
    let mut bench = Bench::new();
    bench.dispatches(&json!([dispatch(
        "d",
        "complete",
        &json!({"task": "Known work", "created_at": "2026-11-18T13:00:00Z"})
    )]));
    let log = "garbage\n[2026-11-18T12:30:12+00:00] workspace=acme.api model=m complexity=simple task=\"Known work\"\n\
         [2026-11-18T12:31:12+01:00] workspace=web model=none complexity= task=\"Say \"hi\"\n[not an entry] workspace=\nand = \"bye\"\"\n\
         [2026-11-18T12:40:00+00:00] workspace=web task=unquoted\n[2026-11-18T12:50:00+00:00] workspace=web task=\"being writ";
    bench.write("logs/dispatches.log", log);
    bench.read();
    assert_eq!(bench.told.tasks.keys().collect::<Vec<_>>(), ["d"]);
    assert_eq!(bench.told.projects.keys().collect::<Vec<_>>(), ["acme.api"], "no work of a project either");
    let lines = |bench: &Bench| -> Vec<_> {
        bench.logs.iter().map(|line| (line.at.unwrap(), line.level, line.text.to_string())).collect()
    };
    let quoted = "shell dispatch · web · Say \"hi\" [not an entry] workspace= and = \"bye\"".to_owned();
    let known = "shell dispatch · acme.api · Known work (simple, m)".to_owned();
    assert_eq!(
        lines(&bench),
        [(at("2026-11-18T11:31:12Z"), Level::Info, quoted), (at("2026-11-18T12:30:12Z"), Level::Info, known)]
    );
    assert_eq!(bench.health.skipped, 2, "the line before all entries, and the entry without a quoted task");
    let counts = ["starts", "starts without a record"].map(|what| bench.count("logs/dispatches.log", what));
    assert_eq!(counts, [Some(2), Some(1)]);

    bench.logs.clear();
    bench.write("logs/dispatches.log", &format!("{log}ten\"\n"));
    bench.touch("logs/dispatches.log");
    let text = "shell dispatch · web · being written".to_owned();
    assert_eq!(
        lines(&bench),
        [(at("2026-11-18T12:50:00Z"), Level::Info, text)],
        "told when it is whole, once"
    );
}

#[test]
fn messages_and_errors_of_logs_are_lines_told_once() {
    let mut bench = Bench::new();
    bench.dispatches(&json!([dispatch(
        "d",
        "failed",
        &json!({"batch_id": "b", "completed_at": "2026-11-18T14:00:00Z"})
    )]));
    let done = json!({"eventType": "task_completed", "workspace": "api", "message": "Fix it", "durationSeconds": 65,
        "errors": [{"backend": "telegram", "error": "HTTP 429"}], "timestamp": "2026-11-18T13:00:00Z"});
    let failed = json!({"eventType": "task_failed", "message": "No", "timestamp": "2026-11-18T12:00:00Z"});
    bench.json("logs/notifications.json", &json!([done, failed, 5]));
    bench.json(
        "data/messaging/inbox.json",
        &json!([{"id": "i", "timestamp": "2026-11-18T11:00:00Z", "text": "Please look\nnow",
        "original_type": "voice", "status": "pending"}]),
    );
    symlink("../data/messaging/inbox.json", bench.path("logs/inbox.json")).unwrap();
    bench.json(
        "reports/pr-inbox.json",
        &json!({"pull_requests": [{"repo": "web", "number": 9, "title": "Split", "author": "dev-b",
        "updated_at": "2026-11-18T10:00:00Z", "is_draft": true, "review_decision": "CHANGES_REQUESTED"}]}),
    );
    bench.write("logs/b/d.log", "fine\nError: API Error: 529 Overloaded\nerrors: 0\n");
    bench.write("logs/cron-report.log", "╔══╗\n\u{1b}[0;32m[INFO]\u{1b}[0m Date: 2026-11-17\n\u{1b}[0;31m[ERROR]\u{1b}[0m disk full\n[WARN] slow\n");
    bench.read();
    let lines: Vec<_> = bench.logs.iter().map(|line| (line.level, line.text.as_str())).collect();
    assert_eq!(
        lines,
        [
            (Level::Error, "cron-report.log of 2026-11-17: disk full"),
            (Level::Warn, "cron-report.log of 2026-11-17: slow"),
            (Level::Warn, "pull request web#9 · Split · by dev-b · draft · changes requested"),
            (Level::Info, "inbox (voice) [pending]: Please look now"),
            (Level::Error, "task failed · No"),
            (Level::Warn, "task completed · api · Fix it (1m05s) · not delivered: telegram: HTTP 429"),
            (Level::Error, "Error: API Error: 529 Overloaded"),
        ]
    );
    assert_eq!(bench.logs[6].task.as_ref().unwrap().local.as_str(), "d");
    assert_eq!(fact(&bench.task("d").facts, "log"), Some("logs/b/d.log"));

    bench.logs.clear();
    bench.json(
        "logs/notifications.json",
        &json!([done, {"eventType": "task_started", "timestamp": "2026-11-18T15:00:00Z"}]),
    );
    bench.write("data/messaging/inbox.json", "[]");
    fs::OpenOptions::new()
        .append(true)
        .open(bench.path("logs/cron-report.log"))
        .and_then(|mut file| std::io::Write::write_all(&mut file, b"[WARN] again\n"))
        .unwrap();
    bench.touch("data/messaging/inbox.json").touch("logs/notifications.json").touch("logs/cron-report.log");
    let lines: Vec<_> = bench.logs.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.contains(&"task started") && lines.contains(&"cron-report.log of 2026-11-17: again"));
    assert_eq!(bench.count("logs/cron-report.log", "warnings"), Some(2));
}

#[test]
fn reports_are_counted_and_dangling_links_are_nothing() {
    let mut bench = Bench::new();
    registry(&bench);
    for file in [
        "daily-2026-01-01.md",
        "daily/daily-2026-11-17.md",
        "daily/daily-2026-11-16.md",
        "weekly/weekly-2026-11-13.md",
        "morning/morning-2026-11-18.txt",
        "pr-reviews/web-1.md",
        "pr-reviews/archived/web-2.md",
    ] {
        bench.write(&format!("reports/{file}"), "x");
    }
    symlink("nowhere.json", bench.path("reports/link")).unwrap();
    fs::create_dir_all(bench.path("logs")).unwrap();
    symlink("../data/messaging/gone.json", bench.path("logs/notifications.json")).unwrap();
    bench.json("logs/model-learning.json", &json!({"suggestions": [{"type": "a"}, {"type": "b"}]}));
    bench.read();
    assert_eq!(bench.health.error, None);
    let counts = [
        ("reports", "reports"),
        ("reports/daily", "daily reports"),
        ("reports/weekly", "weekly reports"),
        ("reports/morning", "morning reports"),
        ("reports/pr-reviews", "pull request reviews"),
        ("logs/model-learning.json", "suggestions"),
    ]
    .map(|(place, what)| bench.count(place, what));
    assert_eq!(counts, [Some(1), Some(2), Some(1), Some(1), Some(2), Some(2)]);
}
