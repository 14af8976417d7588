//! Start, keys, sizes, and every way to end: the terminal is always given back and no process stays.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    pty::{Start, Terminal},
    writer::Transcripts,
};

fn demo(home: &Path) -> Start<'_> {
    Start::new(home, &["demo"])
}

fn started(start: &Start<'_>) -> Terminal {
    let mut terminal = Terminal::start(start);
    terminal.wait_for("live");
    terminal
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid as i32).unwrap(), signal).unwrap();
}

/// The worker that the supervisor started.
fn worker(supervisor: u32) -> u32 {
    let children = fs::read_to_string(format!("/proc/{supervisor}/task/{supervisor}/children")).unwrap();
    children.split_whitespace().next().expect("a worker").parse().unwrap()
}

/// A process that has ended; one that nobody waits for stays listed as `Z`.
fn is_gone(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| stat.rsplit(')').next()?.trim().chars().next())
        .is_none_or(|state| state == 'Z' || state == 'X')
}

fn wait_gone(pid: u32) {
    let start = Instant::now();
    while !is_gone(pid) {
        assert!(start.elapsed() < crate::pty::PATIENCE, "process {pid} stays");
        std::thread::yield_now();
    }
}

/// Private modes by their last setting, read from what the program really sent: a new mode without a reset fails here.
fn modes(raw: &[u8]) -> BTreeMap<u32, bool> {
    let text = String::from_utf8_lossy(raw);
    let mut modes = BTreeMap::new();
    for part in text.split("\x1b[?").skip(1) {
        let end = part.find(|ch: char| !ch.is_ascii_digit() && ch != ';').unwrap_or(part.len());
        let on = match part[end..].chars().next() {
            Some('h') => true,
            Some('l') => false,
            _ => continue,
        };
        for number in part[..end].split(';').filter_map(|number| number.parse().ok()) {
            modes.insert(number, on);
        }
    }
    modes
}

/// Nothing is left switched on, the cursor is back, the line settings are the shell's.
fn assert_given_back(terminal: &mut Terminal, how: &str) {
    terminal.listen(Duration::from_millis(50));
    let modes = modes(&terminal.raw);
    assert!(modes.len() >= 6, "{how}: the program never took the terminal: {modes:?}");
    for (mode, on) in &modes {
        assert_eq!(*on, *mode == 25, "{how}: mode {mode} is left {}", if *on { "on" } else { "off" });
    }
    assert!(!terminal.is_raw(), "{how}: the line settings are left raw");
}

/// Waits until the whole screen was cleared after the first `before` bytes.
fn wait_cleared(terminal: &mut Terminal, before: usize) {
    let start = Instant::now();
    while !terminal.raw[before..].windows(4).any(|bytes| bytes == b"\x1b[2J") {
        assert!(start.elapsed() < crate::pty::PATIENCE, "ctrl-r draws nothing");
        terminal.listen(Duration::from_millis(10));
    }
}

#[test]
fn keys_open_panels() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = started(&demo(home.path()));
    terminal.wait_for("NEEDS YOU");
    terminal.send("2");
    terminal.wait_for("agents");
    terminal.send("?");
    terminal.wait_for("Leave orchdash");
    terminal.send("?");
    terminal.wait_until("help is closed", |screen| !screen.contains("Leave orchdash"));
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    assert_given_back(&mut terminal, "q");
}

#[test]
fn after_a_storm_of_sizes_the_screen_is_as_if_drawn_afresh() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = started(&demo(home.path()));
    terminal.send("p");
    terminal.wait_for("PAUSED");
    for step in 0..100u16 {
        terminal.resize(2 + step * 37 % 200, 1 + step * 23 % 60);
    }
    terminal.resize(100, 30);
    terminal
        .wait_until("it fits the last size", |screen| screen.contains("PAUSED") && screen.contains("? help"));
    terminal.settle(Duration::from_millis(300));
    // The header has the clock.
    let body = |terminal: &Terminal| terminal.text().lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let after_storm = body(&terminal);
    let before = terminal.raw.len();
    terminal.send("\x12");
    wait_cleared(&mut terminal, before);
    terminal.settle(Duration::from_millis(300));
    assert_eq!(after_storm, body(&terminal));
}

/// A way to end and the exit codes it may give.
type End = (&'static str, fn(&mut Terminal), &'static [u32]);

const ENDS: [End; 9] = [
    ("q", |terminal| terminal.send("q"), &[0]),
    ("ctrl-c", |terminal| terminal.send("\x03"), &[0]),
    ("TERM", |terminal| signal(terminal.pid(), Signal::TERM), &[143]),
    ("HUP", |terminal| signal(terminal.pid(), Signal::HUP), &[129]),
    ("INT", |terminal| signal(terminal.pid(), Signal::INT), &[130]),
    ("QUIT", |terminal| signal(terminal.pid(), Signal::QUIT), &[131]),
    ("TERM of the worker", |terminal| signal(worker(terminal.pid()), Signal::TERM), &[143]),
    ("KILL of the worker", |terminal| signal(worker(terminal.pid()), Signal::KILL), &[137]),
    // portable-pty says 1 for a child that died of a signal.
    ("KILL of the supervisor", |terminal| signal(terminal.pid(), Signal::KILL), &[1, 137]),
];

/// Ends the program in every way in a state that `reach` brings about.
fn end_in_every_way(state: &str, reach: impl Fn() -> (tempfile::TempDir, Terminal)) {
    for (how, end, codes) in ENDS {
        let (_home, mut terminal) = reach();
        let worker = worker(terminal.pid());
        end(&mut terminal);
        // With a layer in the way the first `q` closes it.
        if how == "q" && state == "layer" {
            terminal.wait_until("the layer is closed", |screen| !screen.contains("Leave orchdash"));
            terminal.send("q");
        }
        let code = terminal.wait_exit();
        assert!(codes.contains(&code), "{how}, {state}: exit code {code}, wanted {codes:?}");
        wait_gone(worker);
        assert_given_back(&mut terminal, &format!("{how}, {state}"));
    }
}

#[test]
fn every_way_to_end_gives_the_terminal_back() {
    end_in_every_way("open", || {
        let home = tempfile::tempdir().unwrap();
        let terminal = started(&demo(home.path()));
        (home, terminal)
    });
}

#[test]
fn every_way_to_end_works_while_sources_are_read_for_the_first_time() {
    end_in_every_way("start", || {
        let home = tempfile::tempdir().unwrap();
        let tree = home.path().join("tree");
        let mut transcripts = Transcripts::new(&tree);
        for n in 0..200 {
            transcripts.turn("shop", n, "Look after it", "2026-11-18T15:00:00.000Z", 10);
        }
        let source = format!("claude-code={}", transcripts.root().display());
        let mut terminal = Terminal::start(&Start::new(home.path(), &["--no-state", "--source", &source]));
        // The first frame comes before anything is read.
        terminal.wait_for("Overview");
        (home, terminal)
    });
}

#[test]
fn every_way_to_end_works_with_a_layer_open() {
    end_in_every_way("layer", || {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = started(&demo(home.path()));
        terminal.send("?");
        terminal.wait_for("Leave orchdash");
        (home, terminal)
    });
}

#[test]
fn every_way_to_end_works_while_frames_are_drawn() {
    end_in_every_way("load", || {
        let home = tempfile::tempdir().unwrap();
        let start = Start::new(home.path(), &["demo", "--agents", "200", "--speed", "100"]);
        let mut terminal = started(&Start { size: (200, 50), ..start });
        terminal.send("2");
        terminal.wait_for("agents");
        (home, terminal)
    });
}

#[test]
fn a_failure_is_reported_on_the_normal_screen() {
    // Only debug builds can be asked to fail.
    if !cfg!(debug_assertions) {
        println!("skipped: a release build cannot be asked to fail");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for frame in [0, 20] {
        for (how, code, report) in [
            ("main", 101, "asked for by ORCHDASH_TEST_PANIC"),
            ("thread", 101, "asked for by ORCHDASH_TEST_PANIC"),
            ("abort", 134, ""),
            ("overflow", 134, ""),
        ] {
            let mut start = Start::new(home.path(), &["demo", "--speed", "100"]);
            start.env.push(("ORCHDASH_TEST_PANIC", format!("{how} {frame}")));
            let mut terminal = Terminal::start(&start);
            assert_eq!(terminal.wait_exit(), code, "{how}");
            assert_given_back(&mut terminal, how);
            let text = String::from_utf8_lossy(&terminal.raw).into_owned();
            let left = text.rfind("\x1b[?1049l").expect("the screen was given back");
            assert!(text[left..].contains(report), "{how}: {text}");
        }
    }
}

#[test]
fn what_is_switched_on_is_known() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = started(&demo(home.path()));
    let on: Vec<u32> = modes(&terminal.raw).into_iter().filter(|(_, on)| *on).map(|(mode, _)| mode).collect();
    // Buttons, drags, focus, large coordinates, other screen, pasted text in brackets.
    assert_eq!(on, [1000, 1002, 1004, 1006, 1049, 2004]);
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    assert_given_back(&mut terminal, "q");
}

#[test]
fn without_the_mouse_the_terminal_selects_text_as_usual() {
    let home = tempfile::tempdir().unwrap();
    let settings = home.path().join("settings.toml");
    fs::write(&settings, "mouse = false\n").unwrap();
    let mut terminal = started(&Start::new(home.path(), &["demo", "--config", settings.to_str().unwrap()]));
    let on: Vec<u32> = modes(&terminal.raw).into_iter().filter(|(_, on)| *on).map(|(mode, _)| mode).collect();
    assert_eq!(on, [1004, 1049, 2004]);
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn the_persons_keys_work_and_their_mistakes_are_told() {
    let home = tempfile::tempdir().unwrap();
    let settings = home.path().join(".config/orchdash");
    fs::create_dir_all(&settings).unwrap();
    fs::write(settings.join("config.toml"), "[keys]\nquit = [\"Z Z\"]\nhelp = [\"p\"]\n").unwrap();
    let mut terminal = Terminal::start(&demo(home.path()));
    terminal.wait_for("it stays with help");
    terminal.wait_for("live");
    terminal.send("qp");
    terminal.wait_for("Leave orchdash");
    terminal.send("p");
    terminal.wait_until("help is closed", |screen| !screen.contains("Leave orchdash"));
    terminal.send("ZZ");
    assert_eq!(terminal.wait_exit(), 0);
}

/// Nobody reads what is drawn: the program must neither hang nor grow, and signals must still end it.
#[test]
fn a_terminal_that_does_not_read_does_not_hold_the_program() {
    let home = tempfile::tempdir().unwrap();
    let start = Start::new(home.path(), &["demo", "--agents", "200", "--speed", "100"]);
    let mut terminal = started(&Start { size: (200, 50), ..start });
    let worker = worker(terminal.pid());
    terminal.stop_reading();
    // Blocked in a write: the main thread no longer runs.
    let begin = Instant::now();
    let waits = || {
        let stat = fs::read_to_string(format!("/proc/{worker}/wchan")).unwrap_or_default();
        stat.contains("n_tty_write") || stat.contains("tty")
    };
    let mut stuck = 0;
    while stuck < 20 && begin.elapsed() < Duration::from_secs(5) {
        stuck = if waits() { stuck + 1 } else { 0 };
        std::thread::sleep(Duration::from_millis(10));
    }
    let memory = |pid: u32| -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    let before = memory(worker);
    std::thread::sleep(Duration::from_secs(1));
    let grown = memory(worker).saturating_sub(before);
    assert!(grown < 16 * 1024, "{grown} KB more while nobody reads");
    let begin = Instant::now();
    signal(terminal.pid(), Signal::TERM);
    wait_gone(worker);
    wait_gone(terminal.pid());
    assert!(begin.elapsed() < Duration::from_secs(2), "it took {:?} to end", begin.elapsed());
    assert!(!terminal.is_raw(), "the line settings are left raw");
}

#[test]
fn stopping_gives_the_terminal_to_the_shell_and_going_on_draws_all() {
    stop_and_go_on("ctrl-z", |terminal| terminal.send("\x1a"));
    stop_and_go_on("TSTP", |terminal| signal(terminal.pid(), Signal::TSTP));
}

fn stop_and_go_on(how: &str, stop: fn(&mut Terminal)) {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = started(&demo(home.path()));
    let worker = worker(terminal.pid());
    stop(&mut terminal);
    let state = |pid: u32| {
        fs::read_to_string(format!("/proc/{pid}/stat"))
            .unwrap()
            .rsplit(')')
            .next()
            .unwrap()
            .trim()
            .chars()
            .next()
    };
    let start = Instant::now();
    while state(worker) != Some('T') || state(terminal.pid()) != Some('T') {
        assert!(start.elapsed() < crate::pty::PATIENCE, "{how}: it does not stop");
        terminal.listen(Duration::from_millis(5));
    }
    assert_given_back(&mut terminal, how);
    let before = terminal.raw.len();
    // As a shell does: to all of them.
    signal(terminal.pid(), Signal::CONT);
    signal(worker, Signal::CONT);
    while terminal.raw.len() < before + 2000 {
        assert!(start.elapsed() < crate::pty::PATIENCE, "nothing is drawn after going on");
        terminal.listen(Duration::from_millis(10));
    }
    assert!(terminal.is_raw());
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    assert_given_back(&mut terminal, "q after going on");
    // The title goes on the terminal's stack as often as it is taken from it.
    let count = |needle: &[u8]| terminal.raw.windows(needle.len()).filter(|bytes| *bytes == needle).count();
    assert_eq!(count(b"\x1b[22;2t"), count(b"\x1b[23;2t"), "{how}");
}

#[test]
fn without_a_screen_it_says_so() {
    let home = tempfile::tempdir().unwrap();
    let mut start = demo(home.path());
    start.env.push(("TERM", "dumb".to_owned()));
    let mut terminal = Terminal::start(&start);
    assert_eq!(terminal.wait_exit(), 2);
    terminal.listen(Duration::from_millis(50));
    assert!(terminal.text().contains("needs a terminal"), "{}", terminal.text());
    assert_eq!(modes(&terminal.raw), BTreeMap::new());

    let output =
        Command::new(env!("CARGO_BIN_EXE_orchdash")).arg("demo").stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
}

/// Not tests: each holds a terminal for a test, which kills it.
#[test]
#[ignore = "started by another test"]
fn holder() {
    hold(&[]);
}

#[test]
#[ignore = "started by another test"]
fn nohup_holder() {
    hold(&["/bin/sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""]);
}

/// Holds the program, started by `under`, in a terminal until it is killed.
fn hold(under: &[&str]) {
    let home = std::env::temp_dir();
    let under = under.iter().map(|&word| word.to_owned()).collect();
    let mut terminal = started(&Start { under, ..demo(&home) });
    println!("holds {} {}", terminal.pid(), worker(terminal.pid()));
    loop {
        terminal.listen(Duration::from_secs(1));
    }
}

/// Processor time of all threads of a process.
fn cpu(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let nanos = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

#[test]
fn a_terminal_that_vanishes_ends_the_program() {
    vanish("life::holder");
}

#[test]
fn a_terminal_that_vanishes_ends_a_program_that_ignores_hang_ups() {
    vanish("life::nohup_holder");
}

fn vanish(holder: &str) {
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", holder])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let line =
        lines.find_map(|line| Some(line.unwrap().split_once("holds ")?.1.to_owned())).expect("it starts");
    let pids: Vec<u32> = line.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    let before = cpu(pids[1]);
    holder.kill().unwrap();
    holder.wait().unwrap();
    let start = Instant::now();
    let mut used = before;
    while !pids.iter().all(|pid| is_gone(*pid)) {
        used = used.max(cpu(pids[1]));
        assert!(start.elapsed() < crate::pty::PATIENCE, "processes {pids:?} stay");
        std::thread::yield_now();
    }
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "it took {took:?} to end");
    assert!(
        used.checked_sub(before).unwrap() < Duration::from_millis(100),
        "it used {:?} to end",
        used.checked_sub(before).unwrap()
    );
}

#[test]
fn an_idle_screen_costs_nothing_but_its_clock() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal =
        started(&Start { size: (200, 50), ..Start::new(home.path(), &["demo", "--speed", "0.01"]) });
    terminal.send("3");
    terminal.wait_for("▲");
    terminal.send("p");
    terminal.wait_for("PAUSED");
    terminal.settle(Duration::from_millis(200));
    let worker = worker(terminal.pid());
    let before = cpu(worker);
    let bytes = terminal.listen(Duration::from_secs(3));
    let used = cpu(worker).checked_sub(before).unwrap();
    assert!(
        bytes <= 4 * 100,
        "{bytes} bytes in 3 s: {:?}",
        String::from_utf8_lossy(&terminal.raw[terminal.raw.len() - bytes..])
    );
    // An unoptimised program draws its three clock frames five times slower.
    let limit = if cfg!(debug_assertions) { 50 } else { 10 };
    println!("idle: {bytes} bytes, {used:?} in 3 s");
    assert!(used <= Duration::from_millis(limit), "{used:?} in 3 s");
}

#[test]
fn drawing_all_sends_few_bytes_a_cell() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal =
        started(&Start { size: (200, 50), ..Start::new(home.path(), &["demo", "--speed", "0.01"]) });
    terminal.wait_for("NEEDS YOU");
    terminal.send("p");
    terminal.wait_for("PAUSED");
    terminal.settle(Duration::from_millis(200));
    let before = terminal.raw.len();
    terminal.send("\x12");
    wait_cleared(&mut terminal, before);
    terminal.settle(Duration::from_millis(300));
    let bytes = terminal.raw.len() - before;
    println!("all drawn: {bytes} bytes");
    assert!(bytes <= 3 * 200 * 50, "{bytes} bytes for {} cells", 200 * 50);
}

#[test]
fn the_mouse_opens_tabs_and_pasted_text_is_no_key() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = started(&demo(home.path()));
    let column = terminal.text().lines().next().unwrap().find("3 Tasks").expect("the tab is shown") + 2;
    terminal.send(&format!("\x1b[<0;{column};1M\x1b[<0;{column};1m"));
    terminal.wait_for("history");
    terminal.send("\x1b[200~q\x1b[201~/");
    terminal.wait_for("Filter");
    terminal.send("\x1b[200~status:failed\x1b[201~");
    terminal.wait_for("/status:failed");
    // Not esc: an esc right before a letter is alt and the letter.
    terminal.send("\r");
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn only_the_state_directory_is_written_and_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let before = crate::foreign::snapshot(home.path());
    // A demo leaves nothing behind, whatever the options.
    for options in [&["demo"][..], &["--source", "demo=any", "--no-state"], &["--source", "demo=any"]] {
        let mut terminal = started(&Start::new(home.path(), options));
        terminal.send("3");
        terminal.wait_for("history");
        terminal.send("q");
        assert_eq!(terminal.wait_exit(), 0);
        let state = home.path().join(".local/state/orchdash");
        if options.contains(&"--no-state") || options.contains(&"demo") {
            assert!(before == crate::foreign::snapshot(home.path()), "something was written");
        } else {
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&state), mode(&state.join("session.json"))), (0o700, 0o600));
            for entry in fs::read_dir(&state).unwrap() {
                let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
                let ours = ["session.json", "ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock"];
                assert!(ours.iter().any(|own| name == *own), "{name:?}");
                assert_eq!(mode(&path), 0o600, "{name:?}");
            }
        }
    }
}

#[test]
fn nothing_to_watch_is_said_on_the_normal_screen() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(&Start::new(home.path(), &[]));
    assert_eq!(terminal.wait_exit(), 3);
    terminal.listen(Duration::from_millis(50));
    assert!(terminal.text().contains("nothing found to watch"), "{}", terminal.text());
    assert!(!terminal.is_raw());
    let settings = home.path().join("broken.toml");
    fs::write(&settings, "ascii = maybe\n").unwrap();
    let options = ["demo", "--config", settings.to_str().unwrap()];
    let mut terminal = Terminal::start(&Start::new(home.path(), &options));
    assert_eq!(terminal.wait_exit(), 2);
    terminal.listen(Duration::from_millis(50));
    assert!(terminal.text().contains("line 1"), "{}", terminal.text());
}
