//! Times a cold read of a Claude Code config folder against a plain search for newlines in the same bytes.
//!
//! `cargo run --release --example time_claude -- DIR [FILE]`: DIR is a config folder; prints wall and CPU time of both, totals
//! and peak memory. With FILE (a transcript in DIR) it waits for a line on standard input, so that FILE can grow, and times
//! the refresh.

#![expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people at a terminal")]

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use orchdash::{
    model::{Health, PriceTable, SourceId, Timestamp, Zone},
    sources::{self, Hint, Moment, Sink, SourceSettings},
    store::Store,
};

fn walk(folder: &Path, files: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            walk(&entry.path(), files);
        } else if kind.is_file() {
            files.push((entry.metadata().unwrap().len(), entry.path()));
        }
    }
}

fn scan(files: &[(u64, PathBuf)], threads: usize) -> u64 {
    let queue = Mutex::new(files.to_vec());
    let lines = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut buffer = vec![0; 256 * 1024];
                loop {
                    let Some((_, path)) = queue.lock().unwrap().pop() else { return };
                    let mut file = fs::File::open(path).unwrap();
                    loop {
                        let count = file.read(&mut buffer).unwrap();
                        if count == 0 {
                            break;
                        }
                        let found = memchr::memchr_iter(b'\n', buffer.get(..count).unwrap()).count();
                        lines.fetch_add(found as u64, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    lines.into_inner()
}

fn cpu_ms() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after) = stat.rsplit_once(')').unwrap();
    let field = |at: usize| after.split_whitespace().nth(at).unwrap().parse::<u64>().unwrap();
    (field(11) + field(12)) * 10
}

fn peak_kb() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned()
}

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap());
    let touched = std::env::args().nth(2).map(PathBuf::from);
    let mut files = Vec::new();
    walk(&folder.join("projects"), &mut files);
    files.sort();
    let settings = SourceSettings {
        id: SourceId(0),
        paths: vec![folder],
        zone: Zone::UTC,
        options: Vec::new(),
        memory: None,
    };
    let at = Moment { now: Timestamp::parse("2026-11-20T00:00:00Z").unwrap(), fixed: true };
    let (mut health, mut seq) = (Health::default(), 0);
    let (start, cpu) = (Instant::now(), cpu_ms());
    let mut source = sources::kind("claude-code").unwrap().open(&settings).unwrap();
    let mut store = Store::new(PriceTable::built_in());
    let mut send = |batch| {
        store.apply(batch);
        true
    };
    let mut sink = Sink::new(SourceId(0), &mut seq, &mut health, true, &mut send);
    source.snapshot(&at, &mut sink).unwrap();
    sink.finish();
    println!("cold   {:?} wall, {} ms CPU, {}", start.elapsed(), cpu_ms() - cpu, peak_kb());
    let usage = store.usage();
    println!(
        "       {} responses, {} tokens, {:.6} USD, {} agents, {} tasks",
        usage.responses,
        usage.tokens.total(),
        usage.cost.dollars(),
        store.agents.len(),
        store.tasks.len()
    );
    println!("       {} lines, {} skipped, {} repaired", health.lines_read, health.skipped, health.repaired);
    if let Some(path) = touched {
        println!("waiting for a line on standard input before the refresh");
        std::io::stdin().read_line(&mut String::new()).unwrap();
        let mut send = |batch| {
            store.apply(batch);
            true
        };
        let start = Instant::now();
        let mut sink = Sink::new(SourceId(0), &mut seq, &mut health, false, &mut send);
        source.refresh(&at, &Hint { paths: vec![path], rescan: false }, &mut sink).unwrap();
        sink.finish();
        println!("grown  {:?} wall, {} tokens", start.elapsed(), store.usage().tokens.total());
    }
    let start = Instant::now();
    let mut send = |batch| {
        store.apply(batch);
        true
    };
    let mut sink = Sink::new(SourceId(0), &mut seq, &mut health, false, &mut send);
    source.refresh(&at, &Hint { paths: Vec::new(), rescan: true }, &mut sink).unwrap();
    sink.finish();
    println!("rescan {:?} wall", start.elapsed());
    for threads in [1, 2] {
        let (start, cpu) = (Instant::now(), cpu_ms());
        let lines = scan(&files, threads);
        println!("memchr {:?} wall on {threads}, {} ms CPU, {lines} lines", start.elapsed(), cpu_ms() - cpu);
    }
}
