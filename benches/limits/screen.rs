//! What a person over SSH feels: first frame, append to screen, idle bytes and processor time, memory (P4, P6, P8, P11, P15).

use std::{
    path::Path,
    time::{Duration, Instant},
};

use orchdash::model::Timestamp;

use super::{
    corpus, ms,
    pty::{Start, Terminal},
    resident, verdict,
    writer::Transcripts,
};

pub(super) fn run() {
    first_frame();
    append();
    idle();
}

fn start(home: &Path, root: &Path) -> Terminal {
    let source = format!("claude-code={}", root.display());
    let mut start = Start::new(home, &["--no-state", "--source", &source]);
    start.size = (200, 50);
    Terminal::start(&start)
}

/// From the start of the process to a screen with the tabs on it, on a tree of 100 MB.
fn first_frame() {
    let dir = tempfile::tempdir().unwrap();
    corpus::write(dir.path(), 100, 7).unwrap();
    let mut bare: Vec<Duration> = (0..5)
        .map(|_| {
            let start = Instant::now();
            let done =
                std::process::Command::new(env!("CARGO_BIN_EXE_orchdash")).arg("--version").output().unwrap();
            assert!(done.status.success());
            start.elapsed()
        })
        .collect();
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let begin = Instant::now();
            let mut terminal = start(dir.path(), dir.path());
            terminal.wait_for("Overview");
            terminal.last_output - begin
        })
        .collect();
    times.sort();
    bare.sort();
    verdict(
        "P4",
        "first frame on a tree of 100 MB, median of 5",
        &ms(times[2]),
        &format!("≤ 150 ms; `--version` takes {}", ms(bare[2])),
        times[2] <= Duration::from_millis(150),
    );
}

/// From a line appended to a transcript to the bytes on the terminal.
fn append() {
    let dir = tempfile::tempdir().unwrap();
    let mut transcripts = Transcripts::new(dir.path());
    transcripts.turn("shop", 1, "Begin marker-0.", &now(), 10);
    let mut terminal = start(dir.path(), transcripts.root());
    terminal.wait_for("Overview");
    terminal.send("3");
    terminal.wait_for("marker-0.");
    let before = used(&terminal);
    let mut times: Vec<Duration> = (1..=100)
        .map(|n| {
            let begin = Instant::now();
            transcripts.turn("shop", 1, &format!("Prompt marker-{n}."), &now(), n);
            terminal.wait_for(&format!("marker-{n}."));
            terminal.last_output.saturating_duration_since(begin)
        })
        .collect();
    times.sort();
    let cpu = used(&terminal).checked_sub(before).unwrap() / 100;
    verdict(
        "P6",
        "append to bytes on the terminal, p50 / p99 of 100",
        &format!("{} / {}", ms(times[50]), ms(times[99])),
        "≤ 100 / 250 ms",
        times[50] <= Duration::from_millis(100) && times[99] <= Duration::from_millis(250),
    );
    println!("     processor time of one such change, frame included: {}", ms(cpu));
}

/// Left alone for ten seconds with forty transcripts watched and only the clock ticking.
fn idle() {
    let dir = tempfile::tempdir().unwrap();
    let mut transcripts = Transcripts::new(dir.path());
    for n in 0..40 {
        transcripts.turn("shop", n, "Look after it", &now(), 10);
    }
    let mut terminal = start(dir.path(), transcripts.root());
    terminal.wait_for("Overview");
    terminal.listen(Duration::from_secs(3));
    let before = used(&terminal);
    let span = Duration::from_secs(10);
    let bytes = terminal.listen(span);
    let cpu = used(&terminal).checked_sub(before).unwrap().as_secs_f64() / span.as_secs_f64() * 100.0;
    let rate = bytes as f64 / span.as_secs_f64();
    verdict(
        "P8",
        "processor, idle, 40 files watched",
        &format!("{cpu:.2} %"),
        "≤ 0.25 % of a core",
        cpu <= 0.25,
    );
    verdict("P11", "bytes to the terminal, idle", &format!("{rate:.0} B/s"), "≤ 100 B/s", rate <= 100.0);
    let memory: u64 = processes(&terminal).iter().map(|pid| resident(&pid.to_string(), "VmRSS")).sum();
    verdict(
        "P15",
        "memory, small fleet, supervisor included",
        &format!("{:.1} MB", memory as f64 / 1e6),
        "≤ 30 MB",
        memory <= 30_000_000,
    );
}

fn now() -> String {
    let secs = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Timestamp::from_secs(secs as i64).to_string()
}

/// The program and its children.
fn processes(terminal: &Terminal) -> Vec<u32> {
    let own = terminal.pid();
    let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
    std::iter::once(own).chain(children.split_whitespace().filter_map(|pid| pid.parse().ok())).collect()
}

/// Processor time used by the program and its children, in nanoseconds as the scheduler counts them.
fn used(terminal: &Terminal) -> Duration {
    let nanos = |pid: &u32| {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        threads
            .filter_map(|thread| {
                let stat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
                stat.split_whitespace().next()?.parse::<u64>().ok()
            })
            .sum::<u64>()
    };
    Duration::from_nanos(processes(terminal).iter().map(nanos).sum())
}
