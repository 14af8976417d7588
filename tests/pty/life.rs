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

use crate::pty::{Start, Terminal};

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

/// A way to end and the exit code it gives.
type End = (&'static str, fn(&mut Terminal), &'static [u32]);

#[test]
fn every_way_to_end_gives_the_terminal_back() {
    let ends: [End; 9] = [
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
    let home = tempfile::tempdir().unwrap();
    for (how, end, codes) in ends {
        let mut terminal = started(&demo(home.path()));
        let worker = worker(terminal.pid());
        end(&mut terminal);
        let code = terminal.wait_exit();
        assert!(codes.contains(&code), "{how}: exit code {code}, wanted {codes:?}");
        wait_gone(worker);
        assert_given_back(&mut terminal, how);
    }
}

#[test]
fn a_layer_in_the_way_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    for keys in ["?", "/", "t", "g"] {
        let mut terminal = started(&demo(home.path()));
        terminal.send(keys);
        signal(terminal.pid(), Signal::TERM);
        assert_eq!(terminal.wait_exit(), 143);
        assert_given_back(&mut terminal, keys);
    }
}

#[test]
fn a_panic_is_reported_on_the_normal_screen() {
    let home = tempfile::tempdir().unwrap();
    for (place, code, report) in [("main", 101, true), ("thread", 101, true), ("abort", 134, false)] {
        let mut start = demo(home.path());
        start.env.push(("ORCHDASH_TEST_PANIC", place.to_owned()));
        let mut terminal = Terminal::start(&start);
        assert_eq!(terminal.wait_exit(), code, "{place}");
        assert_given_back(&mut terminal, place);
        if report {
            let text = String::from_utf8_lossy(&terminal.raw).into_owned();
            let left = text.rfind("\x1b[?1049l").expect("the screen was given back");
            assert!(text[left..].contains("asked for by ORCHDASH_TEST_PANIC"), "{place}: {text}");
        }
    }
}

#[test]
fn stopping_gives_the_terminal_to_the_shell_and_going_on_draws_all() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = started(&demo(home.path()));
    let worker = worker(terminal.pid());
    terminal.send("\x1a");
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
        assert!(start.elapsed() < crate::pty::PATIENCE, "it does not stop");
        terminal.listen(Duration::from_millis(5));
    }
    assert_given_back(&mut terminal, "ctrl-z");
    let before = terminal.raw.len();
    signal(terminal.pid(), Signal::CONT);
    signal(worker, Signal::CONT);
    while terminal.raw.len() < before + 2000 {
        assert!(start.elapsed() < crate::pty::PATIENCE, "nothing is drawn after going on");
        terminal.listen(Duration::from_millis(10));
    }
    assert!(terminal.is_raw());
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    assert_given_back(&mut terminal, "q after ctrl-z");
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

/// Not a test: holds a terminal for `a_terminal_that_vanishes_ends_the_program`, which kills it.
#[test]
#[ignore = "started by another test"]
fn holder() {
    let home = std::env::temp_dir();
    let mut terminal = started(&demo(&home));
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
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "life::holder"])
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
