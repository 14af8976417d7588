//! Reading step by step tells what reading from scratch tells, and only what changed.

use serde_json::json;

use super::{Bench, dispatch};
use crate::model::Millis;

fn done(_: &Bench) {}

#[test]
fn steps_equal_a_read_from_scratch() {
    let mut bench = Bench::new();
    bench.json(
        "config/orchestrator/workspaces.json",
        &json!({"workspaces": {"acme.api": {"path": "/x"}, "web": {"path": "/y"}}}),
    );
    bench.read();
    let batch = json!({"id": "b", "type": "batch", "status": "pending", "dispatches": ["a", "c"]});
    let line = json!({"type": "pr-review", "task": "Review", "status": "complete", "created_at": "2026-11-18T15:00:00Z"});
    let steps: Vec<Box<dyn Fn(&Bench)>> = vec![
        Box::new(|bench| done(bench.dispatches(&json!([dispatch("a", "pending", &json!({}))])))),
        Box::new(move |bench| {
            done(bench.dispatches(&json!([
                dispatch("a", "running", &json!({"started_at": "2026-11-18T15:21:00Z"})),
                line,
                dispatch("c", "pending", &json!({"workspace": "web"})),
                batch
            ])))
        }),
        Box::new(|bench| done(bench.crontab("*/15 * * * * HOME_DIR/run.sh\n"))),
        Box::new(|bench| done(bench.write("backlogs/web-backlog.md", "## High\n- [ ] one\n- [x] two\n"))),
        Box::new(|bench| done(bench.write("changelogs/web-changelog.md", "## 2026-11-08\n### Added\n- x\n"))),
        Box::new(|bench| {
            done(bench.json("logs/usage.json", &json!([{"dispatch_id": "a", "tokens": {"input": 5}}])))
        }),
        Box::new(|bench| {
            done(bench.write("logs/dispatches.log", "[2026-11-18T12:30:12+00:00] workspace=web task=\"x\"\n"))
        }),
        Box::new(|bench| {
            done(
                bench.json(
                    "logs/workspace-locks.json",
                    &json!({"web": {"locked_at": "2026-11-18T15:30:00Z"}}),
                ),
            )
        }),
        Box::new(|bench| done(bench.write("logs/b/a.log", "Error: no\n"))),
        Box::new(|bench| {
            done(bench.dispatches(&json!([dispatch("a", "complete", &json!({"batch_id": "b"}))])))
        }),
        Box::new(|bench| {
            done(
                bench.json(
                    "config/orchestrator/pricing.json",
                    &json!({"models": {"m": {"input_per_mtok": 1}}}),
                ),
            )
        }),
        Box::new(|bench| std::fs::remove_file(bench.path("logs/usage.json")).unwrap()),
        Box::new(|bench| {
            done(
                bench.json(
                    "config/orchestrator/workspaces.json",
                    &json!({"workspaces": {"web": {"path": "/z"}}}),
                ),
            )
        }),
    ];
    for (number, step) in steps.iter().enumerate() {
        bench.now = bench.now.plus(Millis::minutes(7));
        step(&bench);
        bench.sweep();
        assert_eq!(bench.told, bench.afresh(), "step {number}");
        bench.sweep();
        assert_eq!(bench.news, 0, "step {number}: nothing is told twice");
    }
}

#[test]
fn one_change_among_many_is_one_piece_of_news() {
    let many = |status: &str| {
        let records: Vec<_> = (0..500)
            .map(|n| {
                dispatch(
                    &format!("d{n}"),
                    if n == 77 { status } else { "complete" },
                    &json!({"task": "x".repeat(2000)}),
                )
            })
            .collect();
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
