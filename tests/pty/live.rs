//! What is written appears: transcripts and databases grow while orchdash runs, and the screen follows. The writer is never
//! disturbed, and its directory is left as it was.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    foreign,
    pty::{Start, Terminal},
    writer::{Dashboard, Transcripts},
};

/// The promise: 95 of 100 changes are on the screen within this time.
const PROMISE: Duration = Duration::from_millis(500);

fn open<'a>(home: &'a Path, sources: &[String]) -> Start<'a> {
    let mut args = vec!["--no-state".to_owned()];
    for source in sources {
        args.extend(["--source".to_owned(), source.clone()]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut start = Start::new(home, &args);
    start.size = (160, 50);
    start
}

fn claude(root: &Path) -> String {
    format!("claude-code={}", root.display())
}

fn time(n: u64) -> String {
    orchdash::model::Timestamp::from_secs(now_secs() + n as i64).to_string()
}

fn now_secs() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

fn db_time() -> String {
    orchdash::model::Timestamp::from_secs(now_secs()).utc().format("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

/// Makes a change, waits until its word is on the screen, a hundred times; returns the times, sorted.
fn race(terminal: &mut Terminal, count: u64, mut change: impl FnMut(u64) -> String) -> Vec<Duration> {
    let mut times: Vec<Duration> = (1..=count)
        .map(|n| {
            let start = Instant::now();
            let word = change(n);
            terminal.wait_for(&word);
            start.elapsed()
        })
        .collect();
    times.sort();
    times
}

fn p95(times: &[Duration]) -> Duration {
    times[times.len() * 95 / 100]
}

#[test]
fn appended_transcripts_new_sessions_and_new_folders_appear() {
    let home = tempfile::tempdir().unwrap();
    let mut transcripts = Transcripts::new(home.path());
    transcripts.turn("shop", 1, "Begin marker-0", &time(0), 10);
    let mut terminal = Terminal::start(&open(home.path(), &[claude(transcripts.root())]));
    terminal.wait_for("Overview");
    terminal.send("3");
    terminal.wait_for("marker-0");
    let times = race(&mut terminal, 100, |n| {
        // Every tenth change is a new session, every twentieth a new folder; the rest grows the first session.
        let (project, session) = match n {
            n if n % 20 == 0 => (format!("shop-{n}"), n),
            n if n % 10 == 0 => ("shop".to_owned(), n),
            _ => ("shop".to_owned(), 1),
        };
        transcripts.turn(&project, session, &format!("Prompt marker-{n}."), &time(n), n);
        format!("marker-{n}.")
    });
    println!("append to screen: p50 {:?}, p95 {:?}, max {:?}", times[50], p95(&times), times[99]);
    assert!(p95(&times) <= PROMISE, "p95 {:?}", p95(&times));
}

fn database_changes_appear(journal: &str) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backend");
    let dashboard = Dashboard::new(&dir, journal);
    dashboard.task(0, "Begin marker-0.", &db_time());
    let mut terminal = Terminal::start(&open(home.path(), &[format!("multi-agent={}", dir.display())]));
    terminal.wait_for("Overview");
    terminal.send("3");
    terminal.wait_for("marker-0.");
    let times = race(&mut terminal, 100, |n| {
        dashboard.task(n, &format!("Task marker-{n}."), &db_time());
        format!("marker-{n}.")
    });
    println!("commit ({journal}) to screen: p50 {:?}, p95 {:?}, max {:?}", times[50], p95(&times), times[99]);
    assert!(p95(&times) <= PROMISE, "p95 {:?}", p95(&times));
}

#[test]
fn commits_appear_in_wal_mode() {
    database_changes_appear("wal");
}

#[test]
fn commits_appear_in_rollback_mode() {
    database_changes_appear("delete");
}

/// An hour of watching has 120 sweeps, 120 forced reads and whatever the writer causes; here as many looks at a quiet tree
/// are made by opening and reading anew, with the live program beside it.
#[test]
fn a_foreign_tree_is_left_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let tree = home.path().join("foreign");
    let mut transcripts = Transcripts::new(&tree);
    for n in 0..20 {
        transcripts.turn("shop", n, "Look after it", &time(0), 10);
    }
    // One database cleanly closed in WAL mode, one in rollback mode, one whose writer still has it open.
    for (name, journal) in [("closed-wal", "wal"), ("closed-delete", "delete")] {
        let dashboard = Dashboard::new(&tree.join(name), journal);
        dashboard.task(1, "Look", &db_time());
        dashboard.connection.close().unwrap();
    }
    let open_wal = Dashboard::new(&tree.join("open-wal"), "wal");
    open_wal.task(1, "Look", &db_time());
    let sources: Vec<String> = ["closed-wal", "closed-delete", "open-wal"]
        .iter()
        .map(|name| format!("multi-agent={}", tree.join(name).display()))
        .chain([claude(transcripts.root())])
        .collect();
    let before = foreign::snapshot(&tree);
    let mut terminal = Terminal::start(&open(home.path(), &sources));
    terminal.wait_for("Overview");
    terminal.send("0");
    let mut options: Vec<&str> = vec!["tasks", "--json", "--no-state"];
    for source in &sources {
        options.extend(["--source", source]);
    }
    for _ in 0..120 {
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_orchdash"))
            .args(&options)
            .env("HOME", home.path())
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        terminal.listen(Duration::from_millis(1));
    }
    let after = foreign::snapshot(&tree);
    assert_eq!(difference(&before, &after), Vec::<String>::new());
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    let after = foreign::snapshot(&tree);
    assert_eq!(difference(&before, &after), Vec::<String>::new());
}

fn difference(
    before: &BTreeMap<std::path::PathBuf, foreign::Item>,
    after: &BTreeMap<std::path::PathBuf, foreign::Item>,
) -> Vec<String> {
    let paths: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        .map(|path| format!("{}: {:?} -> {:?}", path.display(), before.get(path), after.get(path)))
        .collect()
}

/// Commits of a writer that waits at most 50 ms for a lock: none fails, with orchdash reading all the time.
fn the_writer_never_waits_in_vain(journal: &str, count: u64) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backend");
    let dashboard = Dashboard::new(&dir, journal);
    dashboard.connection.busy_timeout(Duration::from_millis(50)).unwrap();
    dashboard.connection.pragma_update(None, "synchronous", "off").unwrap();
    dashboard.task(0, "Begin marker-0.", &db_time());
    let commit = |n: u64| {
        dashboard.connection.execute(
            "UPDATE tasks SET current_step = ?1, updated_at = ?2 WHERE id = '00000000-0000-4000-9000-000000000000'",
            (n as i64, db_time()),
        )
    };
    let measure = || {
        let (mut busy, mut times) = (0, Vec::new());
        for n in 0..count {
            let start = Instant::now();
            if commit(n).is_err() {
                busy += 1;
            }
            times.push(start.elapsed());
        }
        times.sort();
        (busy, times[times.len() * 99 / 100])
    };
    let (busy_alone, alone) = measure();
    let mut terminal = Terminal::start(&open(home.path(), &[format!("multi-agent={}", dir.display())]));
    terminal.wait_for("Overview");
    terminal.send("3");
    terminal.wait_for("marker-0.");
    let (busy, watched) = measure();
    println!(
        "{journal}: p99 commit alone {alone:?}, watched {watched:?}; refused {busy_alone} and {busy} of {count}"
    );
    assert_eq!(busy, 0, "a writer was refused");
    dashboard.task(1, "End marker-1.", &db_time());
    terminal.wait_for("marker-1.");
    assert!(fs::metadata(dashboard.path()).unwrap().len() > 0);
}

#[test]
fn a_writer_in_wal_mode_is_never_refused() {
    the_writer_never_waits_in_vain("wal", 20_000);
}

#[test]
fn a_writer_in_rollback_mode_is_never_refused() {
    the_writer_never_waits_in_vain("delete", 5_000);
}
