//! Schedules of a home: from the crontab in force, from its copy, from `schedules.json`.

use serde_json::json;

use super::{Bench, at, fact};
use crate::model::{Millis, Status, Timestamp};

const PLANS: &str = r#"{"schedules": {"daily": [
    {"time": "09:00", "task": "process_backlogs", "workspaces": ["all"], "max_tasks_per_workspace": 1},
    {"time": "17:30", "task": "generate_daily_report", "workspaces": ["all"]},
    {"time": "noon", "task": "water_plants", "workspaces": ["api"]}],
    "weekly": [{"day": "friday", "time": "16:00", "task": "generate_weekly_report", "workspaces": ["all"]}]}}"#;

fn report(status: &str, end: &str) -> serde_json::Value {
    json!([{"type": "orchestrator", "task": "orchestrator.sh daily-report", "workspace": "orchestrator", "model": "none",
        "status": status, "created_at": end, "started_at": end, "completed_at": end, "duration_seconds": 60}])
}

const TABLE: &str = "# Daily report\n0 17 * * * ORCHESTRATOR_HOME=HOME_DIR HOME_DIR/scripts/orchestrator.sh daily-report >> HOME_DIR/logs/cron-report.log 2>&1\n\
    # */30 * * * * HOME_DIR/scripts/fetch.sh >> HOME_DIR/logs/cron-pr.log 2>&1\n\
    CRON_TZ=Europe/Berlin\n0 9 * * * HOME_DIR/scripts/orchestrator.sh process-backlogs\n\
    0 0 30 2 * HOME_DIR/scripts/never.sh\n@reboot HOME_DIR/scripts/start.sh\n5 4 * * * /opt/backup.sh\nwhat is this\n";

#[test]
fn jobs_of_the_crontab_in_force() {
    let mut bench = Bench::new();
    bench.crontab(TABLE).dispatches(&report("complete", "2026-11-17T17:01:00.000Z"));
    bench.write("config/orchestrator/schedules.json", PLANS);
    bench.read();
    let report = bench.schedule("orchestrator.sh daily-report");
    assert_eq!(report.description.as_deref(), Some("Daily report"));
    assert_eq!((report.planned_in.as_str(), report.cron.as_deref()), ("crontab", Some("0 17 * * *")));
    assert!(
        report.command.as_ref().unwrap().ends_with("cron-report.log 2>&1")
            && !report.command.as_ref().unwrap().contains("ORCHESTRATOR_HOME")
    );
    assert_eq!(
        (report.next_run, report.last_due),
        (Some(at("2026-11-18T17:00:00Z")), Some(at("2026-11-17T17:00:00Z")))
    );
    assert_eq!((report.last_status, report.missed), (Some(Status::Succeeded), false));
    assert_eq!(report.last_run, Some(at("2026-11-17T17:00:00Z")), "its record says how long it took");
    assert_eq!(fact(&report.facts, "schedules.json"), Some("daily 17:30 (generate_daily_report)"));
    assert_eq!(report.status_note.as_deref(), Some("schedules.json says daily 17:30"));

    let off = bench.schedule("fetch.sh");
    assert!(off.paused && off.next_run.is_none() && off.last_due.is_none() && !off.missed);
    assert_eq!(off.status_note.as_deref(), Some("switched off"));

    let berlin = bench.schedule("orchestrator.sh process-backlogs");
    assert_eq!(
        (berlin.zone.as_deref(), berlin.next_run),
        (Some("Europe/Berlin"), Some(at("2026-11-19T08:00:00Z")))
    );
    assert!(berlin.missed && berlin.last_status.is_none());
    assert_eq!(fact(&berlin.facts, "setting"), Some("max tasks per workspace: 1"));

    let never = bench.schedule("never.sh");
    assert_eq!(
        (never.next_run, never.status_note.as_deref()),
        (None, Some("never runs: there is no such date"))
    );
    assert_eq!(bench.schedule("start.sh").status_note.as_deref(), Some("runs when the machine starts"));

    let weekly = bench.schedule("generate_weekly_report");
    assert_eq!(
        (weekly.planned_in.as_str(), weekly.cron.as_deref()),
        ("schedules.json", Some("friday 16:00"))
    );
    assert_eq!(weekly.next_run, Some(at("2026-11-20T16:00:00Z")));
    assert!(weekly.status_note.as_ref().unwrap().contains("alone starts nothing") && !weekly.missed);
    let plants = bench.schedule("water_plants");
    assert!(
        plants.next_run.is_none()
            && plants.status_note.as_ref().unwrap().contains("its time cannot be read: daily noon")
    );
    assert_eq!(plants.targets[0].name.as_str(), "api");
    assert_eq!(bench.told.schedules.len(), 7, "the foreign job is not told");
    assert!(bench.has_note("no schedule can be read from this line of the crontab: what is this"));
    assert_eq!(
        (bench.count("crontab", "jobs"), bench.count("crontab", "jobs switched off")),
        (Some(4), Some(1))
    );
}

#[test]
fn the_countdown_starts_anew_when_a_run_is_due() {
    let mut bench = Bench::new();
    bench.crontab(TABLE).dispatches(&report("complete", "2026-11-17T17:01:00.000Z"));
    bench.read();
    assert_eq!(bench.wake(), Some(Timestamp(at("2026-11-18T17:00:00Z").0 + 1)));
    bench.now = bench.wake().unwrap();
    bench.touch("nothing");
    let job = bench.schedule("orchestrator.sh daily-report");
    assert_eq!(
        (job.next_run, job.missed),
        (Some(at("2026-11-19T17:00:00Z")), false),
        "it has some minutes of grace"
    );
    assert_eq!(bench.wake(), Some(Timestamp(at("2026-11-18T17:10:00Z").0 + 1)));
    bench.now = bench.wake().unwrap();
    bench.touch("nothing");
    assert!(bench.schedule("orchestrator.sh daily-report").missed);
    bench.dispatches(&report("partial", "2026-11-18T17:09:00.000Z"));
    bench.touch("logs/dispatches.json");
    let job = bench.schedule("orchestrator.sh daily-report");
    assert!(!job.missed && job.last_result.as_ref().unwrap().starts_with("partial: its record"));
    bench.now = bench.now.plus(Millis::hours(1));
    assert_eq!(bench.told.schedules, bench.afresh().schedules);
}

#[test]
fn the_copy_speaks_where_no_crontab_names_the_home() {
    let mut bench = Bench::new();
    bench.write("config/cron/orchestrator.cron",
        "0 17 * * * {{ORCHESTRATOR_HOME}}/scripts/orchestrator.sh daily-report >> {{ORCHESTRATOR_HOME}}/logs/cron-report.log\n5 4 * * * /opt/other.sh\n");
    bench.read();
    let job = bench.schedule("orchestrator.sh daily-report");
    assert_eq!(job.next_run, Some(at("2026-11-18T17:00:00Z")));
    assert_eq!(
        job.status_note.as_deref(),
        Some("from config/cron/orchestrator.cron, not from this machine's crontab")
    );
    assert!(!job.missed, "nothing starts it here");
    assert_eq!(bench.told.schedules.len(), 1);

    bench.crontab("5 4 * * * /opt/other.sh\n");
    bench.sweep();
    assert!(bench.schedule("orchestrator.sh daily-report").status_note.is_some(), "a crontab of others");

    bench.crontab("0 18 * * * HOME_DIR/scripts/orchestrator.sh daily-report >> HOME_DIR/logs/cron-report.log\n1 1 * * * HOME_DIR/x.sh\n");
    bench.sweep();
    let job = bench.schedule("orchestrator.sh daily-report");
    assert_eq!(
        (job.planned_in.as_str(), job.status_note.as_deref()),
        ("crontab", Some("config/cron/orchestrator.cron says 0 17 * * *"))
    );
    assert_eq!(bench.schedule("x.sh").status_note.as_deref(), Some("not in config/cron/orchestrator.cron"));
    assert!(bench.has_note("the crontab differs from config/cron/orchestrator.cron"));

    bench.crontab(
        "0 17 * * * HOME_DIR/scripts/orchestrator.sh daily-report >> HOME_DIR/logs/cron-report.log\n",
    );
    bench.sweep();
    assert_eq!(bench.schedule("orchestrator.sh daily-report").status_note, None);
    assert!(!bench.has_note("differs"));
}

#[test]
fn a_crontab_of_a_home_that_moved_is_still_its_own() {
    let mut bench = Bench::new();
    let other = bench.root().join("other");
    std::fs::create_dir_all(&other).unwrap();
    bench.crontab(&format!(
        "0 1 * * * ORCHESTRATOR_HOME=/nowhere/old /nowhere/old/scripts/a.sh\n0 2 * * * /nowhere/old/b.sh\n0 3 * * * ORCHESTRATOR_HOME={0} {0}/c.sh\n",
        other.display()
    ));
    bench.read();
    let names: Vec<&str> = bench.told.schedules.values().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["a.sh", "b.sh"]);
    assert!(bench.has_note("calls this home /nowhere/old"));
}

#[test]
fn secrets_of_a_crontab_are_not_told() {
    let mut bench = Bench::new();
    bench.crontab("SLACK_URL=https://hooks.example/T0/xyz\n0 1 * * * BOT_TOKEN=t0p MODE=s3c HOME_DIR/a.sh --token t0p\n");
    bench.read();
    let told = format!("{:?} {:?}", bench.told, bench.health);
    assert!(!["t0p", "s3c", "xyz"].iter().any(|secret| told.contains(secret)), "{told}");
    assert_eq!(fact(&bench.schedule("a.sh --token ***").facts, "variables"), Some("BOT_TOKEN=*** MODE=***"));
}

#[test]
fn a_crontab_that_cannot_be_read_any_more_stays_as_it_was() {
    let mut bench = Bench::new();
    bench.crontab("0 1 * * * HOME_DIR/a.sh\n");
    bench.read();
    let table = bench.root().join("crontab");
    std::fs::remove_file(&table).unwrap();
    std::fs::create_dir(&table).unwrap();
    bench.sweep();
    assert_eq!(bench.schedule("a.sh").planned_in.as_str(), "crontab");
    assert!(bench.has_note("the crontab cannot be read"));
    std::fs::remove_dir(&table).unwrap();
    bench.sweep();
    assert!(bench.told.schedules.is_empty() && !bench.has_note("the crontab cannot be read"));
}
