//! A log of a gigabyte: the first screen, the search beside `grep`, the count of its lines, memory while all that is done.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    process::Command,
    time::Duration,
};

use orchdash::{
    model::{Timestamp, Zone},
    sources::read::lines::{Hunt, Index, Judge, Paper, Stack},
    text::find::{Manner, Pattern},
    viewer::{line, recognise},
};

use super::{best, corpus::Random, ms, resident, verdict};

/// Lines of the first window, as the viewer asks for them.
const WINDOW: usize = 401;
/// Memory that reading may take, whatever the size of the file.
const MEMORY: u64 = 100 * 1024 * 1024;

/// Every line is wanted.
struct All;

impl Judge for All {
    fn time(&self, _: usize, line: &[u8]) -> Option<Timestamp> {
        orchdash::viewer::time_of(line, Zone::UTC)
    }
    fn wants(&self, _: usize, _: &[u8], _: Option<Timestamp>) -> bool {
        true
    }
    fn stop(&self) -> bool {
        false
    }
}

pub(super) fn run() {
    let megabytes = std::env::var("ORCHDASH_BENCH_MB").ok().and_then(|mb| mb.parse().ok()).unwrap_or(1000);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.jsonl");
    let (lines, size) = write(&path, megabytes * 1_000_000);
    println!("{lines} lines, {size} bytes");
    // The peak of what ran before is not that of this part.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = resident("self", "VmRSS");
    first_screen(&path);
    search(&path, size);
    count(&path, lines, size);
    let peak = resident("self", "VmHWM").saturating_sub(before.min(resident("self", "VmHWM")));
    let whole = resident("self", "VmHWM");
    verdict(
        "V2",
        "memory of it all, peak of the process",
        &format!("{} MB", whole / 1_000_000),
        &format!("≤ 100 MiB; {} MB more than before", peak / 1_000_000),
        whole <= MEMORY,
    );
}

/// A log as the engine writes it, every line another one; its lines and bytes.
fn write(path: &Path, bytes: u64) -> (u64, u64) {
    let mut random = Random(7);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    let (mut lines, mut size) = (0, 0);
    let filler = "checked the ledger against the orders of the day and wrote what differs ".repeat(24);
    while size < bytes {
        let level = ["info", "info", "info", "debug", "warn", "error"][random.below(6) as usize];
        let needle = if random.below(50_000) == 0 { "Needle-4711 " } else { "" };
        let text = &filler[..20 + random.below(if lines % 1000 == 0 { 1700 } else { 260 }) as usize];
        let (minute, second) = (lines / 60_000 % 60, lines / 1000 % 60);
        let line = format!(
            "{{\"level\":\"{level}\",\"timestamp\":\"2026-11-18T14:{minute:02}:{second:02}.{:03}Z\",\"executionId\":\"{:08x}\",\"msg\":\"{needle}step {lines} took {} ms: {text}\"}}\n",
            lines % 1000,
            random.below(u64::from(u32::MAX)),
            random.below(1000),
        );
        file.write_all(line.as_bytes()).unwrap();
        size += line.len() as u64;
        lines += 1;
    }
    file.into_inner().unwrap().sync_all().unwrap();
    (lines, size)
}

fn first_screen(path: &Path) {
    let (wall, ..) = best(3, || {
        let paper = Paper::open(path).unwrap();
        let mut stack = Stack::new([(paper.bytes().clone(), paper.size())]);
        let (found, _) = stack.before(&stack.end(), WINDOW, &All).unwrap();
        found
            .iter()
            .map(|found| (line::raw(&found.bytes), recognise(&found.bytes, Zone::UTC)))
            .collect::<Vec<_>>()
    });
    verdict(
        "V2",
        "open, the last 401 lines read and recognised",
        &ms(wall),
        "≤ 100 ms",
        wall.as_millis() <= 100,
    );
}

/// The runtime's own search, a step at a time from the beginning to the end.
fn hunted(path: &Path, pattern: &Pattern) -> u64 {
    let paper = Paper::open(path).unwrap();
    let mut hunt = Hunt::new(pattern.clone());
    while hunt.step(paper.bytes(), paper.size(), true, &mut |_, _| true).unwrap() {}
    hunt.tally().lines
}

fn grep(path: &Path, option: &str, pattern: &str) -> u64 {
    let output =
        Command::new("grep").env("LC_ALL", "C").args([option, "--", pattern]).arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn search(path: &Path, size: u64) {
    let cases = [
        ("a text", "Needle-4711", Manner::Literal, "-cF"),
        ("a text that is there often", "took 77", Manner::Literal, "-ciF"),
        ("a text in any letter case", "needle-4711", Manner::Literal, "-ciF"),
        ("a regular expression", "step [0-9]+ took 99[0-9] ms", Manner::Regex, "-ciE"),
        ("a regular expression with a capital", "Needle-[0-9]{4} step", Manner::Regex, "-cE"),
    ];
    for (what, text, manner, option) in cases {
        let pattern = Pattern::new(text, manner).unwrap();
        let (its, _, expected) = best(2, || grep(path, option, text));
        let (ours, _, found) = best(2, || hunted(path, &pattern));
        assert_eq!(found, expected, "{what}");
        let ratio = ours.as_secs_f64() / its.as_secs_f64();
        verdict(
            "V2",
            &format!("search for {what} ({found} lines)"),
            &format!("{} MB/s", speed(size, ours)),
            &format!("{ratio:.2}x grep {option} ({} MB/s; ≤ 2x)", speed(size, its)),
            ratio <= 2.0,
        );
    }
}

fn count(path: &Path, lines: u64, size: u64) {
    let (wall, _, ends) = best(2, || {
        let paper = Paper::open(path).unwrap();
        let (mut index, mut buffer) = (Index::default(), Vec::new());
        while index.step(paper.bytes(), paper.size(), &mut buffer).unwrap() {}
        index.ends()
    });
    assert_eq!(ends, lines);
    let wc = || drop(Command::new("wc").arg("-l").arg(path).output().unwrap());
    let (its, ..) = best(2, wc);
    let ratio = wall.as_secs_f64() / its.as_secs_f64();
    let claim = format!("{ratio:.2}x wc -l ({}; ≤ 2x), {} MB/s", ms(its), speed(size, wall));
    verdict("V2", "all lines counted beside", &ms(wall), &claim, ratio <= 2.0);
}

fn speed(size: u64, wall: Duration) -> u64 {
    (size as f64 / wall.as_secs_f64() / 1e6) as u64
}
