//! Logs of the pretend machine: what an engine, a nightly job and a build wrote until the demo began. Made from the time of
//! the start alone; they do not go on, the newest lines of the fleet do.

use std::fmt::Write as _;

use crate::{
    model::{Delta, Key, LogFile, LogKind, Millis, RawRef, SourceId, Timestamp, Zone},
    text::Safe,
};

/// Steps of a workflow, with the tool they use and how long they take in seconds.
const STEPS: [(&str, &str, i64); 6] = [
    ("plan", "@acme/planner", 41),
    ("change", "@acme/builder", 187),
    ("lint", "@acme/linter", 12),
    ("unit-tests", "@acme/tester", 64),
    ("review", "@acme/reviewer", 95),
    ("publish", "@acme/releaser", 23),
];
/// Runs of it in the log.
const RUNS: i64 = 14;
/// Run and step that failed, with what was wrong.
const FAILURES: [(i64, usize, &str); 2] =
    [(3, 3, "2 of 148 tests failed: refund.spec.ts"), (11, 4, "reviewer asked for changes twice")];

/// All of them.
pub(super) fn tell(source: SourceId, start: Timestamp, zone: Zone, tell: &mut impl FnMut(Delta)) {
    let books = [
        ("engine.jsonl", LogKind::Log, engine(start)),
        ("cron-nightly.log", LogKind::Log, nightly(start, zone)),
        ("build-web.out", LogKind::Output, build()),
    ];
    for (name, kind, text) in books {
        let file = LogFile {
            name: Safe::line(name),
            kind,
            size: Some(text.len() as u64),
            place: RawRef::Text(Safe::text(&text)),
            agent: None,
            task: None,
            newest: Some(start.minus(Millis::minutes(4))),
        };
        tell(Delta::LogFile(Key::new(source, Safe::line(&format!("log/{name}"))), Box::new(file)));
    }
}

/// JSON lines of a workflow engine.
fn engine(start: Timestamp) -> String {
    let mut out = String::new();
    let mut at = start.minus(Millis::minutes(RUNS * 9));
    for run in 0..RUNS {
        let id = format!("run-{:04}", 4100 + run);
        let _ = writeln!(
            out,
            "{{\"timestamp\":\"{at}\",\"level\":\"info\",\"msg\":\"workflow.start\",\"executionId\":\"{id}\",\"workflowId\":\"ship-a-change\",\"stepCount\":{}}}",
            STEPS.len()
        );
        for (number, (step, agent, seconds)) in STEPS.iter().enumerate() {
            let failed = FAILURES.iter().find(|(its, which, _)| (*its, *which) == (run, number));
            let _ = writeln!(
                out,
                "{{\"timestamp\":\"{at}\",\"level\":\"debug\",\"msg\":\"step.start\",\"executionId\":\"{id}\",\"stepId\":\"{step}\",\"agentId\":\"{agent}\"}}"
            );
            at = at.plus(Millis::seconds(*seconds));
            if run % 5 == 2 && number == 1 {
                let _ = writeln!(
                    out,
                    "{{\"timestamp\":\"{at}\",\"level\":\"warn\",\"msg\":\"Operation timed out\",\"name\":\"resilience\",\"stepId\":\"{step}\",\"duration\":30000,\"policies\":{{\"retry\":{{\"attempts\":2}},\"timeout\":{{\"ms\":30000}}}}}}"
                );
            }
            match failed {
                Some((.., error)) => {
                    let _ = writeln!(
                        out,
                        "{{\"timestamp\":\"{at}\",\"level\":\"error\",\"msg\":\"step.error\",\"executionId\":\"{id}\",\"stepId\":\"{step}\",\"agentId\":\"{agent}\",\"error\":\"{error}\",\"cancelled\":false,\"duration\":{}}}",
                        seconds * 1000
                    );
                    break;
                }
                None => {
                    let _ = writeln!(
                        out,
                        "{{\"timestamp\":\"{at}\",\"level\":\"info\",\"msg\":\"step.success\",\"executionId\":\"{id}\",\"stepId\":\"{step}\",\"agentId\":\"{agent}\",\"duration\":{}}}",
                        seconds * 1000
                    );
                }
            }
        }
        let failed = FAILURES.iter().any(|(its, ..)| *its == run);
        let word = if failed { "failed" } else { "completed" };
        let _ = writeln!(
            out,
            "{{\"timestamp\":\"{at}\",\"level\":\"info\",\"msg\":\"workflow.end\",\"executionId\":\"{id}\",\"workflowId\":\"ship-a-change\",\"status\":\"{word}\",\"errorCount\":{}}}",
            u8::from(failed)
        );
        at = at.plus(Millis::seconds(41));
    }
    out
}

/// Text of a job that runs every night, in the zone of the machine.
fn nightly(start: Timestamp, zone: Zone) -> String {
    let mut out = String::new();
    for night in (0..6).rev() {
        let mut at = start.day_start(zone).minus(Millis::days(night)).plus(Millis::hours(2));
        let mut say = |seconds: i64, text: &str| {
            at = at.plus(Millis::seconds(seconds));
            let _ = writeln!(out, "[{}] {text}", at.full(zone));
        };
        say(0, "INFO refresh of the backlog cache begins");
        for (repository, open) in [("storefront", 14), ("warehouse", 9), ("checkout", 21)] {
            say(3, &format!("INFO repo={repository} open={} cached=true", open - night % 3));
        }
        if night == 2 {
            say(20, "WARN repo=search answer took 19.4 s");
            say(31, "ERROR repo=search Error=gateway timeout after 30 s, kept what was cached");
        }
        say(2, "[PASS] command_success: every list was written");
        say(1, "INFO done");
    }
    out
}

/// What a build printed.
fn build() -> String {
    let mut out = String::from("> web@4.12.0 build\n> next build\n\n");
    for page in ["/", "/search", "/basket", "/account", "/account/orders", "/product/[slug]", "/checkout"] {
        let _ = writeln!(out, "  compiled {page}");
    }
    out.push_str("warning: lib/i18n.ts: unused export `plural`\n");
    out.push_str("npm WARN deprecated glob@7.2.3: versions before 9 are no longer kept up\n");
    out.push_str("\nRoute sizes\n  /                 5.1 kB   92 kB\n  /search           8.7 kB  101 kB\n  /checkout        14.2 kB  128 kB\n\nDone in 41.7 s.\n");
    out
}
