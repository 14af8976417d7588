//! Crontabs as people write them.

use super::{Command, Expression, Names, Table};
use crate::model::{Timestamp, Zone};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn next(expression: &str, now: &str, zone: Zone) -> Option<String> {
    let expression = Expression::parse(expression).unwrap_or_else(|| panic!("{expression} is one"));
    expression.next(at(now), zone).map(|at| at.to_string())
}

/// Wednesday.
const NOW: &str = "2026-11-18T15:30:00Z";

#[test]
fn expressions_run_when_vixie_would_run_them() {
    let cases = [
        ("*/15 * * * *", "2026-11-18T15:45:00.000Z"),
        ("30 15 * * *", "2026-11-19T15:30:00.000Z"),
        ("0 16 * * 5", "2026-11-20T16:00:00.000Z"),
        ("0 9 * * 7", "2026-11-22T09:00:00.000Z"),
        ("0 9 * * sun", "2026-11-22T09:00:00.000Z"),
        ("0 9 * * Mon-Fri", "2026-11-19T09:00:00.000Z"),
        ("0 9 * * 5-7", "2026-11-20T09:00:00.000Z"),
        ("0 6 1 * *", "2026-12-01T06:00:00.000Z"),
        ("0 6 1 JAN *", "2027-01-01T06:00:00.000Z"),
        ("0,40 8-18/5 * * *", "2026-11-18T18:00:00.000Z"),
        ("5/20 * * * *", "2026-11-18T15:45:00.000Z"),
        ("0 0 29 2 *", "2028-02-29T00:00:00.000Z"),
        // Both days restricted: either one; the 19th comes first, then Sundays.
        ("0 0 19 * 0", "2026-11-19T00:00:00.000Z"),
        ("0 0 25 * sun", "2026-11-22T00:00:00.000Z"),
        // A star with a step is no restriction, but both must match: odd days that are Sundays.
        ("0 0 */2 * 0", "2026-11-29T00:00:00.000Z"),
        ("0 0 1-31 * 0", "2026-11-19T00:00:00.000Z"),
        ("@hourly", "2026-11-18T16:00:00.000Z"),
        ("@daily", "2026-11-19T00:00:00.000Z"),
        ("@midnight", "2026-11-19T00:00:00.000Z"),
        ("@weekly", "2026-11-22T00:00:00.000Z"),
        ("@Monthly", "2026-12-01T00:00:00.000Z"),
        ("@yearly", "2027-01-01T00:00:00.000Z"),
        ("@annually", "2027-01-01T00:00:00.000Z"),
    ];
    for (expression, when) in cases {
        assert_eq!(next(expression, NOW, Zone::UTC).as_deref(), Some(when), "{expression}");
    }
}

#[test]
fn what_never_comes_says_so() {
    for expression in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30 2 */2", "0 0 31 2 0-6"] {
        let parsed = Expression::parse(expression).unwrap();
        assert_eq!(parsed.next(at(NOW), Zone::UTC), None, "{expression}");
        assert_eq!(parsed.last(at(NOW), Zone::UTC), None, "{expression}");
        assert_eq!(parsed.note(), Some("never runs: there is no such date"), "{expression}");
    }
    assert_eq!(
        next("0 0 30 2 1", NOW, Zone::UTC).as_deref(),
        Some("2027-02-01T00:00:00.000Z"),
        "Mondays do come"
    );
    let reboot = Expression::parse("@reboot").unwrap();
    assert_eq!(
        (reboot.next(at(NOW), Zone::UTC), reboot.note()),
        (None, Some("runs when the machine starts"))
    );
}

#[test]
fn what_is_no_expression_is_none() {
    for text in [
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "a * * * *",
        "* * * *",
        "1,,2 * * * *",
        "-1 * * * *",
        "* * L * *",
        "* * * * 5#2",
        "? * * * *",
        "@often",
        "1.5 * * * *",
    ] {
        assert!(Expression::parse(text).is_none(), "{text}");
    }
}

#[test]
fn zones_decide_and_daylight_saving_is_right() {
    let berlin = chrono_tz::Europe::Berlin;
    assert_eq!(next("0 9 * * *", NOW, berlin).as_deref(), Some("2026-11-19T08:00:00.000Z"));
    // 02:30 does not exist on 2027-03-28; cron runs such a job once that day.
    let over = next("30 2 * * *", "2027-03-28T00:00:00Z", berlin).unwrap();
    assert!(over.starts_with("2027-03-28T01"), "{over}");
    let last = Expression::parse("0 9 * * *").unwrap().last(at("2026-11-18T08:00:00Z"), berlin);
    assert_eq!(last, Some(at("2026-11-18T08:00:00Z")), "now included");
}

#[test]
fn a_table_is_read_line_by_line() {
    let table = Table::parse(
        "# Home of all\nPATH = \"/usr/bin:/bin\"\nMAILTO=''\n\n# Not right above\n\n\t0 9 * * *\techo a\\%b%stdin\n# Reports\n# Daily: report at 5\n0 17 * * * run \
report\r\n# Off\n#*/30 * * * * fetch\n# DISABLED 2026-07-04 (legacy: retired): 30 23 * * * trends.sh x\nCRON_TZ=Europe/Berlin\n@daily nightly\n-5 * * * * silent\nthis is \
no schedule\n61 * * * * neither\n* * * * *\n#- 5 minutes past: never\n##\n",
    );
    let jobs: Vec<_> = table
        .jobs
        .iter()
        .map(|job| (job.expression.text.as_str(), job.command.as_str(), job.comment.as_deref(), job.paused))
        .collect();
    assert_eq!(
        jobs,
        [
            ("0 9 * * *", "echo a%b", None, false),
            ("0 17 * * *", "run report", Some("Daily: report at 5"), false),
            ("*/30 * * * *", "fetch", Some("Off"), true),
            ("30 23 * * *", "trends.sh x", None, true),
            ("@daily", "nightly", None, false),
            ("5 * * * *", "silent", None, false),
        ]
    );
    assert_eq!(table.jobs[3].reason.as_deref(), Some("DISABLED 2026-07-04 (legacy: retired)"));
    assert_eq!(table.jobs[0].variable("PATH"), Some("/usr/bin:/bin"));
    assert_eq!(table.jobs[0].variable("MAILTO"), Some(""));
    assert_eq!(
        (table.jobs[3].variable("CRON_TZ"), table.jobs[4].variable("CRON_TZ")),
        (None, Some("Europe/Berlin"))
    );
    assert_eq!(table.odd, ["this is no schedule", "61 * * * * neither", "* * * * *"]);
}

#[test]
fn commands_name_script_arguments_mode_and_log() {
    let cases = [
        (
            "ORCHESTRATOR_HOME=/h /h/scripts/orchestrator.sh daily-report >> /h/logs/cron-report.log 2>&1",
            "orchestrator.sh daily-report",
            Some("/h/logs/cron-report.log"),
            Some("daily-report"),
            false,
        ),
        (
            "bash -l /h/check.sh --quiet >>/h/logs/c.log 2>&1",
            "check.sh --quiet",
            Some("/h/logs/c.log"),
            None,
            true,
        ),
        (
            "cd /h && A=b ./scripts/orchestrator.sh fetch-remotes",
            "orchestrator.sh fetch-remotes",
            None,
            Some("fetch-remotes"),
            false,
        ),
        (
            "/usr/sbin/logrotate --state /h/logs/.s /h/l.conf > /dev/null",
            "logrotate --state .s l.conf",
            None,
            None,
            false,
        ),
        (
            "/usr/bin/env X=1 node /h/run.mjs 'two words' 2> /h/err.log",
            "run.mjs two words",
            None,
            None,
            false,
        ),
        ("/h/a.sh x; /h/b.sh y &> /h/o.log", "a.sh x", Some("/h/o.log"), None, false),
        ("/h/a.sh | tee /h/o.log", "a.sh", None, None, false),
    ];
    for (text, name, log, mode, quiet) in cases {
        let command = Command::parse(text);
        assert_eq!(command.name, name, "{text}");
        assert_eq!(
            (command.log.as_deref(), command.mode.as_deref(), command.quiet),
            (log, mode, quiet),
            "{text}"
        );
    }
}

#[test]
fn secrets_in_commands_are_masked() {
    let command = Command::parse(
        "API_TOKEN=abc ORCHESTRATOR_HOME=/h /h/x.sh --password hunter2 --api-key=k Bearer zzz plain",
    );
    assert_eq!(command.name, "x.sh --password *** --api-key=*** Bearer *** plain");
    assert_eq!(
        command.shown,
        "API_TOKEN=*** ORCHESTRATOR_HOME=/h /h/x.sh --password *** --api-key=*** Bearer *** plain"
    );
    assert_eq!(super::shown_variable("API_TOKEN", "abc"), "API_TOKEN=***");
    assert_eq!(super::shown_variable("MODE", "abc"), "MODE=***");
    assert_eq!(super::shown_variable("ORCHESTRATOR_HOME", "/h"), "ORCHESTRATOR_HOME=/h");
}

#[test]
fn jobs_belong_to_the_home_they_name() {
    let table = Table::parse(
        "0 1 * * * /srv/home/scripts/a.sh\n0 2 * * * /srv/home2/scripts/a.sh\n0 3 * * * $HOME/JARVIS/b.sh\n\
         0 4 * * * ORCHESTRATOR_HOME=/other/real /other/real/c.sh\n0 5 * * * ORCHESTRATOR_HOME=/gone /gone/d.sh\n\
         0 6 * * * /gone/e.sh\n0 7 * * * /x/srv/home/f.sh\n0 8 * * * \"$ORCHESTRATOR_HOME/g.sh\"\n\
         0 9 * * * {{ORCHESTRATOR_HOME}}/h.sh\n0 10 * * * ~/JARVIS/i.sh\n",
    );
    let mut names = Names::new("/srv/home", "/home/me/JARVIS/", Some("/home/me"));
    names.learn(&table.jobs, &|path| path == "/other/real");
    let ours: Vec<&str> = table
        .jobs
        .iter()
        .filter(|job| names.belongs(job))
        .map(|job| &job.command[job.command.len() - 5..])
        .collect();
    assert_eq!(ours, ["/a.sh", "/b.sh", "/d.sh", "/e.sh", "g.sh\"", "/h.sh", "/i.sh"]);
    assert_eq!(names.real("/gone/logs/x.log", &table.jobs[4]), "/srv/home/logs/x.log");
    assert_eq!(names.real("$HOME/JARVIS/logs/x.log", &table.jobs[2]), "/srv/home/logs/x.log");
    assert_eq!(names.real("$ORCHESTRATOR_HOME/logs/x.log", &table.jobs[4]), "/srv/home/logs/x.log");
}
