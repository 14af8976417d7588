//! What things cost, each beside a limit measured in the same run on the same machine, so that the ratios travel.
//!
//! `cargo bench --bench limits` measures on a generated tree of 200 MB and a log of 1 GB; `ORCHDASH_BENCH_MB=2000` sets the size of
//! both, `ORCHDASH_CORPUS=DIR` uses a Claude Code folder that exists. A name as argument runs one part
//! (`cargo bench --bench limits -- ingest`).

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unchecked_time_subtraction,
    clippy::large_stack_arrays,
    dead_code,
    unreachable_pub,
    reason = "a bench reads the clock, prints, stops when something is wrong, and shares files with the tests"
)]

#[path = "../../tests/support/corpus.rs"]
mod corpus;
mod frame;
mod ingest;
mod log;
mod machine;
mod memory;
#[path = "../../tests/support/pty.rs"]
mod pty;
mod screen;
mod soak;
#[path = "../../tests/support/writer.rs"]
mod writer;

use std::time::{Duration, Instant};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let parts: [(&str, fn()); 8] = [
        ("memory", memory::run),
        ("frame", frame::run),
        ("ingest", ingest::run),
        ("many", ingest::many_files),
        ("screen", screen::run),
        ("machine", machine::run),
        ("log", log::run),
        ("soak", soak::run),
    ];
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("\n== {name}");
            part();
        }
    }
}

/// Prints a figure, the limit it is measured against, and the verdict.
fn verdict(id: &str, what: &str, figure: &str, limit: &str, holds: bool) {
    println!("{:<4} {:<52} {:>22}   {:<44} {}", id, what, figure, limit, if holds { "ok" } else { "MISSED" });
}

/// Processor time of this process and all its threads.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Wall and processor time of the best of `runs`.
fn best<T>(runs: usize, mut work: impl FnMut() -> T) -> (Duration, Duration, T) {
    let mut best: Option<(Duration, Duration, T)> = None;
    for _ in 0..runs {
        let (start, before) = (Instant::now(), cpu());
        let result = work();
        let (wall, used) = (start.elapsed(), cpu().checked_sub(before).unwrap());
        if best.as_ref().is_none_or(|(least, ..)| wall < *least) {
            best = Some((wall, used, result));
        }
    }
    best.unwrap()
}

/// Resident memory of a process in bytes; `what` is `VmRSS` or `VmHWM` (its peak).
fn resident(pid: &str, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn ms(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1e3)
}
