//! Reading step by step tells what reading from scratch tells, and only what changed.

use std::fs;

use serde_json::json;

use super::{Bench, dispatch};
use crate::model::Millis;

#[test]
fn steps_equal_a_read_from_scratch() {
    let mut bench = Bench::new();
    let workspaces = json!({"workspaces": {"acme.api": {"path": "/x"}, "web": {"path": "/y"}}});
    bench.json("config/orchestrator/workspaces.json", &workspaces);
    bench.read();
    let first = json!([dispatch("a", "pending", &json!({}))]);
    let more = json!([
        dispatch("a", "running", &json!({"started_at": "2026-11-18T15:21:00Z"})),
        {"type": "pr-review", "task": "Review", "status": "complete", "created_at": "2026-11-18T15:00:00Z"},
        dispatch("c", "pending", &json!({"workspace": "web"})),
        {"id": "b", "type": "batch", "status": "pending", "dispatches": ["a", "c"]},
    ]);
    let fewer = json!([dispatch("a", "complete", &json!({"batch_id": "b"}))]);
    let started = "[2026-11-18T12:30:12+00:00] workspace=web task=\"x\"\n";
    let steps = [
        ("logs/dispatches.json", Some(first.to_string())),
        ("logs/dispatches.json", Some(more.to_string())),
        ("config/cron/orchestrator.cron", Some("*/15 * * * * {{ORCHESTRATOR_HOME}}/run.sh\n".to_owned())),
        ("backlogs/web-backlog.md", Some("## High\n- [ ] one\n- [x] two\n".to_owned())),
        ("changelogs/web-changelog.md", Some("## 2026-11-08\n### Added\n- x\n".to_owned())),
        ("logs/usage.json", Some(json!([{"dispatch_id": "a", "tokens": {"input": 5}}]).to_string())),
        ("logs/dispatches.log", Some(started.to_owned())),
        (
            "logs/workspace-locks.json",
            Some(json!({"web": {"locked_at": "2026-11-18T15:30:00Z"}}).to_string()),
        ),
        ("logs/b/a.log", Some("Error: no\n".to_owned())),
        ("logs/cron-run.log", Some("[ERROR] no\n".to_owned())),
        ("logs/dispatches.json", Some(fewer.to_string())),
        (
            "config/orchestrator/pricing.json",
            Some(json!({"models": {"m": {"input_per_mtok": 1}}}).to_string()),
        ),
        ("logs/usage.json", None),
        ("backlogs/web-backlog.md", None),
        (
            "config/orchestrator/workspaces.json",
            Some(json!({"workspaces": {"web": {"path": "/z"}}}).to_string()),
        ),
    ];
    for (number, (file, text)) in steps.iter().enumerate() {
        bench.now = bench.now.plus(Millis::minutes(7));
        match text {
            Some(text) => drop(bench.write(file, text).path(file)),
            None => fs::remove_file(bench.path(file)).unwrap(),
        }
        bench.touch(file);
        assert_eq!(bench.told, bench.afresh(), "step {number}: {file}");
        bench.sweep();
        assert_eq!(bench.news, 0, "step {number}: {file}: nothing is told twice");
    }
}

#[test]
fn one_change_among_many_is_one_piece_of_news() {
    let many = |status: &str| {
        let status = |n: u32| if n == 77 { status } else { "complete" };
        let task = json!({"task": "x".repeat(2000)});
        let records: Vec<_> = (0..500).map(|n| dispatch(&format!("d{n}"), status(n), &task)).collect();
        json!(records)
    };
    let mut bench = Bench::new();
    bench.dispatches(&many("complete"));
    bench.read();
    bench.dispatches(&many("failed"));
    bench.touch("logs/dispatches.json");
    assert_eq!(bench.news, 1);
    assert_eq!(bench.told, bench.afresh());
}
