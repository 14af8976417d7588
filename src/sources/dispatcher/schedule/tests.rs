//! How the last run of a job is judged.

use super::evidence::{Answer, Log, Question, Recorded, judge};
use crate::{
    model::{Status, Timestamp, Zone},
    sources::dispatcher::run_log::Runs,
    text::Safe,
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-11-{text}:00Z")).unwrap()
}

fn record(ended: &str) -> Recorded {
    Recorded {
        started: None,
        ended: at(ended),
        status: Status::Succeeded,
        word: Some(Safe::line("complete")),
    }
}

fn runs(text: &str) -> Runs {
    let mut runs = Runs::default();
    for line in text.lines() {
        runs.take(line.as_bytes());
    }
    runs
}

fn ask<'a>(mode: Option<&'a str>, record: Option<&'a Recorded>, log: Option<Log<'a>>) -> Answer {
    judge(&Question {
        now: at("18T15:30"),
        zone: Zone::UTC,
        due: Some(at("18T09:00")),
        mode,
        record,
        log,
        quiet: false,
        started_by_cron: true,
    })
}

fn log<'a>(modified: Option<&str>, runs: Option<&'a Runs>) -> Log<'a> {
    Log { name: "cron.log".to_owned(), there: true, modified: modified.map(at), runs, ..Log::default() }
}

fn summary(answer: &Answer) -> (Option<Status>, bool, &str) {
    (answer.status, answer.missed, answer.words.as_deref().unwrap_or_default())
}

#[test]
fn a_record_since_it_was_due_is_the_best_evidence() {
    let good = record("18T09:01");
    let answer = ask(Some("daily"), Some(&good), None);
    assert_eq!(
        summary(&answer),
        (Some(Status::Succeeded), false, "complete: its record of 2026-11-18 09:01:00")
    );
    assert_eq!(answer.last_run, Some(at("18T09:01")));
    // Clocks may differ by a moment.
    assert!(!ask(Some("daily"), Some(&record("18T08:59")), None).missed);
}

#[test]
fn silence_of_the_main_script_is_a_missed_run() {
    let old = record("17T09:01");
    let answer = ask(Some("daily"), Some(&old), Some(Log { name: "cron.log".to_owned(), ..Log::default() }));
    assert_eq!(
        summary(&answer),
        (
            None,
            true,
            "was due 2026-11-18 09:00:00 and nothing shows that it ran: newest record is of 2026-11-17 09:01:00; no log cron.log"
        )
    );
    assert_eq!(answer.last_run, Some(at("17T09:01")));
    let answer = ask(Some("daily"), None, None);
    assert!(answer.missed && answer.words.unwrap().ends_with("no record; no log"));
}

#[test]
fn a_log_shows_that_it_ran_and_how_it_ended() {
    let old = record("17T09:01");
    let cases = [
        (
            "╔══\n[INFO] Date: 2026-11-18\n[INFO] Mode: daily\n[ERROR] disk full",
            Some(Status::Failed),
            "[ERROR] disk full: cron.log",
        ),
        (
            "╔══\n[INFO] Date: 2026-11-18\n[INFO] Mode: daily\n[INFO] Orchestrator 'daily' completed.",
            Some(Status::Succeeded),
            "completed: cron.log",
        ),
        ("╔══\n[INFO] Date: 2026-11-18\n[INFO] Mode: daily", None, "it ran, but neither record nor log"),
        (
            "╔══\n[ERROR] old\n╔══\n[INFO] Date: 2026-11-18\n[INFO] Mode: daily\n\u{1b}[0;32m[INFO]\u{1b}[0m Orchestrator 'daily' completed.",
            Some(Status::Succeeded),
            "completed: cron.log",
        ),
    ];
    for (text, status, words) in cases {
        let runs = runs(text);
        let answer = ask(Some("daily"), Some(&old), Some(log(Some("18T09:05"), Some(&runs))));
        assert_eq!(
            (answer.status, answer.missed, answer.last_run),
            (status, false, Some(at("18T09:05"))),
            "{text}"
        );
        assert!(answer.words.as_ref().unwrap().starts_with(words), "{:?}", answer.words);
        // A time after now is of another clock; the date in the log still says the day.
        let answer = ask(Some("daily"), Some(&old), Some(log(Some("20T09:05"), Some(&runs))));
        assert_eq!((answer.status, answer.missed, answer.last_run), (status, false, None), "{text}");
    }
    let yesterday =
        runs("╔══\n[INFO] Date: 2026-11-17\n[INFO] Mode: daily\n[INFO] Orchestrator 'daily' completed.");
    assert!(ask(Some("daily"), Some(&old), Some(log(Some("17T09:05"), Some(&yesterday)))).missed);
    let other =
        runs("╔══\n[INFO] Date: 2026-11-18\n[INFO] Mode: weekly\n[INFO] Orchestrator 'weekly' completed.");
    assert!(
        ask(Some("daily"), Some(&old), Some(log(Some("17T09:05"), Some(&other)))).missed,
        "another mode's run"
    );
}

#[test]
fn other_scripts_are_missed_only_when_their_log_proves_it() {
    let cases = [
        (
            Some(log(Some("18T09:00"), None)),
            false,
            "it ran; nothing tells how it ended: cron.log (written 2026-11-18 09:00:00)",
        ),
        (Some(log(Some("17T09:00"), None)), true, "cron.log was written last 2026-11-17 09:00:00"),
        (Some(log(Some("25T09:00"), None)), false, "nothing tells whether it ran"),
        (Some(Log { empty: true, ..log(Some("17T09:00"), None) }), false, "nothing tells whether it ran"),
        (Some(Log { name: "cron.log".to_owned(), ..Log::default() }), true, "no log cron.log"),
        (None, false, "nothing tells whether it ran"),
    ];
    for (log, missed, words) in cases {
        let answer = ask(None, None, log.clone());
        assert_eq!((answer.missed, answer.status), (missed, None), "{log:?}");
        assert!(answer.words.as_ref().unwrap().contains(words), "{:?}", answer.words);
    }
    // Somebody else wrote to a shared log: that proves nothing, but silence of all does.
    let shared = |modified| Some(Log { shared: true, ..log(Some(modified), None) });
    assert!(!ask(None, None, shared("18T09:05")).words.unwrap().contains("it ran;"));
    assert!(ask(None, None, shared("17T09:05")).missed);
}
