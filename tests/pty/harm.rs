//! The writer of a database never notices that orchdash looks on: not when it quits, rebuilds, replaces or locks the
//! database, nor when orchdash is killed, runs several times, or runs as somebody else.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    orchestrators,
    pty::{Start, Terminal},
    writer::{Dashboard, Transcripts},
};

const AT: &str = "2026-11-20 10:00:00.000000";

fn watching<'a>(home: &'a Path, dir: &Path) -> Start<'a> {
    let source = format!("multi-agent={}", dir.display());
    let mut start = Start::new(home, &["--no-state", "--source", &source]);
    start.size = (160, 50);
    start
}

/// Starts orchdash on the list of tasks and waits until it shows the first.
fn watch(start: &Start<'_>, first: &str) -> Terminal {
    let mut terminal = Terminal::start(start);
    terminal.wait_for("Overview");
    terminal.send("3");
    terminal.wait_for(first);
    terminal
}

fn names(dir: &Path) -> BTreeSet<String> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// Opens the detail of the first source; its tab's number depends on what there is to show.
fn show_sources(terminal: &mut Terminal) {
    let text = terminal.text();
    let before = text.split(" Sources").next().unwrap();
    terminal.send(&before[before.len() - 1..]);
    terminal.wait_until("the sources are shown", |screen| screen.contains("skipped"));
    terminal.send("\r");
}

/// Whether the database file alone, copied elsewhere, holds this many tasks.
fn is_complete_alone(db: &Path, tasks: u64) -> bool {
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    fs::copy(db, &copy).unwrap();
    let connection = rusqlite::Connection::open(&copy).unwrap();
    let count = connection.query_row("SELECT count(*) FROM tasks", [], |row| row.get::<_, i64>(0));
    count.is_ok_and(|count| count == tasks as i64)
}

#[test]
fn a_writer_that_exits_leaves_a_complete_database() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backend");
    let dashboard = Dashboard::new(&dir, "wal");
    dashboard.task(0, "Begin marker-0.", AT);
    let mut terminal = watch(&watching(home.path(), &dir), "marker-0.");
    let path = dashboard.path().to_owned();
    dashboard.connection.close().unwrap();
    for round in 1..=10 {
        let dashboard = Dashboard::again(&dir);
        dashboard.task(round, &format!("Round marker-{round}."), AT);
        terminal.wait_for(&format!("marker-{round}."));
        dashboard.connection.close().unwrap();
        assert_eq!(names(&dir), ["orchestrator.db".to_owned()].into(), "round {round}");
        assert!(is_complete_alone(&path, round + 1), "round {round}");
    }
}

#[test]
fn a_database_may_be_rebuilt_changed_and_replaced() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backend");
    let dashboard = Dashboard::new(&dir, "wal");
    dashboard.task(0, "Begin marker-0.", AT);
    let mut terminal = watch(&watching(home.path(), &dir), "marker-0.");
    let steps = [
        "VACUUM",
        "ALTER TABLE tasks ADD COLUMN later TEXT",
        "PRAGMA journal_mode = delete",
        "VACUUM",
        "PRAGMA journal_mode = wal",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ];
    for (n, step) in (1..).zip(steps) {
        dashboard.connection.execute_batch(step).unwrap_or_else(|error| panic!("{step}: {error}"));
        dashboard.task(n, &format!("After marker-{n}."), AT);
        terminal.wait_for(&format!("marker-{n}."));
    }
    dashboard.connection.close().unwrap();

    fs::remove_file(dir.join("orchestrator.db")).unwrap();
    let anew = Dashboard::new(&dir, "wal");
    anew.task(20, "Recreated marker-20.", AT);
    terminal.wait_until("the old rows are gone", |screen| {
        screen.contains("marker-20.") && !screen.contains("marker-1.")
    });
    anew.connection.close().unwrap();

    let aside = Dashboard::new(&home.path().join("aside"), "delete");
    aside.task(30, "Replaced marker-30.", AT);
    let from = aside.path().to_owned();
    aside.connection.close().unwrap();
    fs::rename(from, dir.join("orchestrator.db")).unwrap();
    terminal.wait_until("the old rows are gone", |screen| {
        screen.contains("marker-30.") && !screen.contains("marker-20.")
    });
    assert_eq!(names(&dir), ["orchestrator.db".to_owned()].into());

    fs::rename(&dir, home.path().join("moved")).unwrap();
    let back = Dashboard::new(&dir, "wal");
    back.task(40, "New folder marker-40.", AT);
    terminal.wait_until("the new folder is shown", |screen| {
        screen.contains("marker-40.") && !screen.contains("marker-30.")
    });
    drop(back);
    fs::remove_dir_all(&dir).unwrap();
    terminal.wait_until("nothing is left", |screen| !screen.contains("marker-40."));
    let back = Dashboard::new(&dir, "delete");
    back.task(50, "Back marker-50.", AT);
    terminal.wait_for("marker-50.");
}

/// A process and those it started.
fn family(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let mut all: Vec<u32> = children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect();
    all = all.into_iter().flat_map(family).collect();
    all.push(pid);
    all
}

fn signal(name: &str, pids: &[u32]) {
    let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
    // One of them may have ended by itself.
    let _ = Command::new("kill").arg(name).args(pids).stderr(Stdio::null()).status().unwrap();
}

#[test]
fn killed_at_any_moment_it_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backend");
    let mut tasks = 0;
    let dashboard = Dashboard::new(&dir, "wal");
    dashboard.connection.pragma_update(None, "synchronous", "off").unwrap();
    dashboard.task(0, "Begin marker-0.", AT);
    let path = dashboard.path().to_owned();
    dashboard.connection.close().unwrap();
    for round in 1..=8_u64 {
        let dashboard = Dashboard::again(&dir);
        dashboard.connection.pragma_update(None, "synchronous", "off").unwrap();
        let mut terminal = watch(&watching(home.path(), &dir), "marker-0.");
        // Commits go on while it is killed, a different number of them in each round.
        for n in 0..round * 137 {
            tasks += 1;
            dashboard.task(tasks, &format!("Round {round} task {n}"), AT);
        }
        signal("-KILL", &family(terminal.pid()));
        terminal.wait_exit();
        dashboard.connection.close().unwrap();
        assert_eq!(names(&dir), ["orchestrator.db".to_owned()].into(), "round {round}");
        assert!(is_complete_alone(&path, tasks + 1), "round {round}");
    }
}

#[test]
fn a_database_locked_for_good_is_named_stale_and_read_again_afterwards() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backend");
    let dashboard = Dashboard::new(&dir, "delete");
    dashboard.task(0, "Begin marker-0.", AT);
    let mut terminal = watch(&watching(home.path(), &dir), "marker-0.");
    dashboard.connection.execute_batch("PRAGMA locking_mode = exclusive").unwrap();
    dashboard.task(1, "Locked marker-1.", AT);
    show_sources(&mut terminal);
    terminal.wait_until("the lock is named with a remedy", |screen| {
        screen.contains("stale") && screen.contains("locked") && screen.contains("tried again")
    });
    terminal.wait_until("its age grows", |screen| {
        screen.lines().any(|line| line.contains("last good") && !line.contains("now"))
    });
    terminal.send("3");
    terminal.wait_for("marker-0.");
    dashboard.connection.execute_batch("PRAGMA locking_mode = normal; SELECT count(*) FROM tasks;").unwrap();
    terminal.wait_for("marker-1.");
}

#[test]
fn four_at_once_refuse_no_commit() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backend");
    let dashboard = Dashboard::new(&dir, "wal");
    dashboard.connection.busy_timeout(Duration::from_millis(50)).unwrap();
    dashboard.connection.pragma_update(None, "synchronous", "off").unwrap();
    dashboard.task(0, "Begin marker-0.", AT);
    let start = watching(home.path(), &dir);
    let mut terminals: Vec<Terminal> = (0..4).map(|_| watch(&start, "marker-0.")).collect();
    let refused = (0..3_000)
        .filter(|n| {
            let step = "UPDATE tasks SET current_step = ?1";
            dashboard.connection.execute(step, [*n as i64]).is_err()
        })
        .count();
    assert_eq!(refused, 0);
    dashboard.task(1, "End marker-1.", AT);
    for terminal in &mut terminals {
        terminal.wait_for("marker-1.");
    }
    for terminal in &mut terminals {
        terminal.send("q");
        terminal.wait_exit();
    }
    let path = dashboard.path().to_owned();
    dashboard.connection.close().unwrap();
    assert_eq!(names(&dir), ["orchestrator.db".to_owned()].into());
    assert!(is_complete_alone(&path, 2));
}

/// Whether this machine runs the program at all.
fn has(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let works = status.is_ok_and(|status| status.success());
    if !works {
        println!("skipped: {program} does not work here");
    }
    works
}

#[test]
fn no_system_call_writes_below_a_foreign_root() {
    if !has("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("foreign");
    let mut transcripts = Transcripts::new(&root);
    transcripts.turn("shop", 1, "Look", "2026-11-20T10:00:00Z", 10);
    let closed = Dashboard::new(&root.join("closed"), "wal");
    closed.task(1, "Closed marker-c.", AT);
    closed.connection.close().unwrap();
    let rollback = Dashboard::new(&root.join("rollback"), "delete");
    let live = Dashboard::new(&root.join("live"), "wal");
    rollback.task(2, "Rollback marker-r.", AT);
    live.task(3, "Live marker-0.", AT);
    let trace = home.path().join("trace");
    let sources =
        ["closed", "rollback", "live"].map(|name| format!("multi-agent={}", root.join(name).display()));
    let claude = format!("claude-code={}", transcripts.root().display());
    let others = orchestrators::build(&root);
    let mut args = vec!["--no-state", "--source", &claude];
    args.extend(sources.iter().chain(&others).flat_map(|source| ["--source", source]));
    let mut start = Start::new(home.path(), &args);
    start.size = (160, 50);
    start.env.push(("PATH", orchestrators::programs(home.path())));
    start.under = ["strace", "-f", "-y", "-qq", "-s", "0", "-e", "trace=%file,%desc", "-o"]
        .map(str::to_owned)
        .into_iter()
        .chain([trace.display().to_string()])
        .collect();
    let mut terminal = watch(&start, "marker-0.");
    for n in 1..=5_u64 {
        live.task(n + 10, &format!("Live marker-{n}."), AT);
        rollback.task(n + 20, &format!("Rollback marker-r{n}."), AT);
        transcripts.turn("shop", 1, "More", "2026-11-20T10:00:00Z", n);
        terminal.wait_for(&format!("marker-{n}."));
        terminal.wait_for(&format!("marker-r{n}."));
    }
    orchestrators::follow(&root, &mut terminal);
    terminal.send("q");
    terminal.wait_exit();
    let log = fs::read_to_string(&trace).unwrap();
    let place = root.display().to_string();
    let named: Vec<&str> = log.lines().filter(|line| line.contains(&place)).collect();
    assert!(named.len() > 50, "the trace saw the reading: {}", named.len());
    let offences: Vec<&&str> = named.iter().filter(|line| writes(line)).collect();
    assert!(offences.is_empty(), "{offences:#?}");
}

/// Whether a traced call could change something. SQLite opens a log that is there (it is kept in place meanwhile) with
/// `O_CREAT`, and as root gives it and the shared memory the owner that they have: neither changes anything.
fn writes(line: &str) -> bool {
    let call = line.split_whitespace().nth(1).unwrap_or("").split('(').next().unwrap_or("");
    let is_log = line.contains("orchestrator.db-wal");
    let changing = [
        "write",
        "pwrite64",
        "writev",
        "pwritev",
        "pwritev2",
        "ftruncate",
        "truncate",
        "unlink",
        "unlinkat",
        "rename",
        "renameat",
        "renameat2",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "mkdir",
        "mkdirat",
        "rmdir",
        "chmod",
        "fchmod",
        "fchmodat",
        "chown",
        "lchown",
        "fchownat",
        "utimensat",
        "setxattr",
        "fsetxattr",
        "fallocate",
    ];
    let opens_to_write =
        ["O_RDWR", "O_WRONLY", "O_CREAT", "O_TRUNC", "O_APPEND"].iter().any(|flag| line.contains(flag));
    match call {
        "open" | "openat" | "openat2" => opens_to_write && !is_log,
        "fchown" => !is_log && !line.contains("orchestrator.db-shm"),
        "mmap" => line.contains("PROT_WRITE") && line.contains("MAP_SHARED"),
        other => changing.contains(&other),
    }
}

#[test]
fn as_another_user_it_owns_nothing_in_a_shared_folder() {
    let other = 65_534;
    let under: Vec<String> =
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"].map(str::to_owned).into();
    let home = tempfile::tempdir().unwrap();
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    open(home.path());
    let args: Vec<&str> = under
        .iter()
        .skip(1)
        .map(String::as_str)
        .chain([env!("CARGO_BIN_EXE_orchdash"), "--version"])
        .collect();
    if !has("setpriv", &args) {
        return;
    }
    let dir = home.path().join("backend");
    let dashboard = Dashboard::new(&dir, "wal");
    open(&dir);
    dashboard.task(0, "Begin marker-0.", AT);
    let mut start = watching(home.path(), &dir);
    start.under = under;
    let mut terminal = watch(&start, "marker-0.");
    dashboard.connection.close().unwrap();
    // It comes, commits and closes at ever other distances from the reading that each commit causes.
    for round in 1..=40_u64 {
        let dashboard = Dashboard::again(&dir);
        dashboard.task(round, &format!("Round marker-{round}."), AT);
        terminal.listen(Duration::from_millis(round * 3));
        dashboard.connection.close().unwrap();
        let strangers: Vec<PathBuf> = fs::read_dir(&dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| fs::symlink_metadata(path).is_ok_and(|meta| meta.uid() == other))
            .collect();
        assert!(strangers.is_empty(), "round {round}: {strangers:?}");
    }
    terminal.wait_for("marker-40.");
}

fn it_polls_and_says_so(setting: &str, named: &str) {
    // The limit of the new user namespace alone; `fs.inotify` would be the whole machine's.
    let limit = &format!("echo {setting} && exec \"$@\"");
    if !has("unshare", &["-Ur", "sh", "-c", limit, "sh", "true"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut transcripts = Transcripts::new(home.path());
    for n in 0..5 {
        transcripts.turn(&format!("shop-{n}"), n, &format!("Begin marker-{n}."), "2026-11-20T10:00:00Z", 10);
    }
    let source = format!("claude-code={}", transcripts.root().display());
    let mut start = Start::new(home.path(), &["--no-state", "--source", &source]);
    start.size = (160, 50);
    start.under = ["unshare", "-Ur", "sh", "-c", limit, "sh"].map(str::to_owned).into();
    let mut terminal = watch(&start, "marker-4.");
    transcripts.turn("shop-9", 9, "Found marker-9.", "2026-11-20T10:01:00Z", 10);
    terminal.wait_for("marker-9.");
    show_sources(&mut terminal);
    terminal.wait_until("the limit and its remedy are shown", |screen| {
        screen.contains("polling") && screen.contains(named) && screen.contains("sysctl")
    });
}

#[test]
fn without_room_for_watches_it_polls_and_says_so() {
    it_polls_and_says_so("2 > /proc/sys/user/max_inotify_watches", "max_user_watches");
}

#[test]
fn without_any_watcher_it_polls_and_says_so() {
    it_polls_and_says_so("0 > /proc/sys/user/max_inotify_instances", "max_user_instances");
}

/// Ticks of processor time a process and its children used.
fn ticks(pid: u32) -> u64 {
    family(pid)
        .iter()
        .filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok())
        .filter_map(|stat| {
            let rest = stat.rsplit_once(')')?.1;
            let fields: Vec<u64> =
                rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
            Some(fields.iter().sum::<u64>())
        })
        .sum()
}

fn figure(screen: &str, label: &str) -> Option<String> {
    let line = screen.lines().find(|line| line.contains(label))?;
    line.split_once(label)?.1.split_whitespace().next().map(str::to_owned)
}

#[test]
fn other_readers_and_its_own_cause_no_reading() {
    let home = tempfile::tempdir().unwrap();
    let mut transcripts = Transcripts::new(home.path());
    for n in 0..2_000 {
        transcripts.turn(&format!("shop-{}", n % 50), n, "Begin", "2026-11-20T10:00:00Z", 10);
    }
    let source = format!("claude-code={}", transcripts.root().display());
    let mut start = Start::new(home.path(), &["--no-state", "--source", &source]);
    start.size = (160, 50);
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("Overview");
    show_sources(&mut terminal);
    terminal.wait_until("it is all read", |screen| screen.contains("live") && screen.contains("refreshes"));
    terminal.listen(Duration::from_millis(500));
    let reads =
        |terminal: &Terminal| (figure(&terminal.text(), "bytes read"), figure(&terminal.text(), "refreshes"));
    let (before, used) = (reads(&terminal), ticks(terminal.pid()));
    assert!(before.1.is_some(), "{}", terminal.text());
    let begin = Instant::now();
    for _ in 0..5 {
        let grep =
            Command::new("grep").args(["-r", "nothing-of-this"]).arg(transcripts.root()).output().unwrap();
        assert_eq!(grep.status.code(), Some(1));
    }
    terminal.listen(Duration::from_secs(5).saturating_sub(begin.elapsed()));
    let used = ticks(terminal.pid()) - used;
    println!("5 greps over 2,000 files: {used} ticks of 10 ms in {:?}; {before:?}", begin.elapsed());
    // A sweep may fall into the span: one refresh, which reads no byte again.
    let after = reads(&terminal);
    assert_eq!(before.0, after.0, "no byte is read again");
    let count = |text: &Option<String>| text.as_ref().unwrap().replace(',', "").parse::<u64>().unwrap();
    assert!(count(&after.1) <= count(&before.1) + 1, "{before:?} {after:?}");
}

/// The long forms of the promises (10^5 commits): by hand, with `--ignored --nocapture`.
#[test]
#[ignore = "takes a minute; run by hand for the figures"]
fn a_hundred_thousand_commits() {
    let home = tempfile::tempdir().unwrap();
    let run = |name: &str, is_watched: bool| {
        let dir = home.path().join(name);
        let dashboard = Dashboard::new(&dir, "wal");
        dashboard.connection.busy_timeout(Duration::ZERO).unwrap();
        dashboard.connection.pragma_update(None, "synchronous", "off").unwrap();
        dashboard.task(0, "Begin marker-0.", AT);
        let terminal = is_watched.then(|| watch(&watching(home.path(), &dir), "marker-0."));
        let (mut refused, mut times, mut wal) = (0_u32, Vec::new(), 0);
        for n in 0..100_000_i64 {
            let start = Instant::now();
            let step = "UPDATE tasks SET current_step = ?1";
            refused += u32::from(dashboard.connection.execute(step, [n]).is_err());
            times.push(start.elapsed());
            if n % 100 == 0 {
                wal = wal.max(fs::metadata(dir.join("orchestrator.db-wal")).map_or(0, |meta| meta.len()));
            }
        }
        times.sort();
        println!(
            "{name}: refused {refused}, p50 {:?}, p99 {:?}, max {:?}, largest wal {wal}",
            times[50_000], times[99_000], times[99_999]
        );
        drop(terminal);
        wal
    };
    let (alone, watched) = (run("alone", false), run("watched", true));
    assert!(watched as f64 <= alone as f64 * 1.2);
}

/// How often a writer that commits and closes at once finds a reader in its way and leaves its log for the next opening.
#[test]
#[ignore = "a race that no reader of SQLite can exclude; run by hand for the figure"]
fn closes_that_meet_a_reading() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("backend");
    let dashboard = Dashboard::new(&dir, "wal");
    dashboard.task(0, "Begin marker-0.", AT);
    let _terminal = watch(&watching(home.path(), &dir), "marker-0.");
    dashboard.connection.close().unwrap();
    let mut left = 0;
    for n in 1..=300_u64 {
        let dashboard = Dashboard::again(&dir);
        dashboard.task(n, "Round", AT);
        thread::sleep(Duration::from_millis(n % 97));
        dashboard.connection.close().unwrap();
        left += u32::from(names(&dir).len() > 1);
    }
    println!("{left} of 300 closes left the log to the next opening");
}
