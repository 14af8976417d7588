//! Cold ingest of a transcript tree against a bare newline scan of the same bytes (P1 to P3).

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use orchdash::{
    memory::{FILE, Ledger},
    model::{Health, PriceTable, SourceId, Timestamp, Zone},
    sources::{Hint, Moment, Sink, SourceSettings, kind, memory::Memory, once},
    store::{Store, Totals},
};

use super::{best, corpus, ms, resident, verdict};

pub(super) fn run() {
    let (root, truth, _keep) = tree();
    let files = files(&root.join("projects"));
    let bytes: u64 = files.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    println!("{} files, {:.0} MB", files.len(), bytes as f64 / 1e6);

    let (scan_wall, scan_cpu, _) = best(3, || scan(&files));
    let (wall, cpu, store) = best(3, || read(&root));
    let per_core = |cpu: Duration| bytes as f64 / cpu.as_secs_f64() / 1e9;
    let share = per_core(cpu) / per_core(scan_cpu) * 100.0;
    println!(
        "newline scan {} ({:.2} GB/s a core); ingest {} wall, {} cpu",
        ms(scan_wall),
        per_core(scan_cpu),
        ms(wall),
        ms(cpu)
    );
    verdict(
        "P1",
        "cold ingest, share of a newline scan, per core",
        &format!("{share:.0} %"),
        "≥ 20 % of the scan in this run",
        share >= 20.0,
    );
    let speedup = cpu.as_secs_f64() / wall.as_secs_f64();
    verdict("P2", "two cores against one (cpu / wall)", &format!("{speedup:.2}x"), "≥ 1.7x", speedup >= 1.7);
    if let Some(truth) = truth {
        let tokens = store.usage().tokens;
        let right = tokens.output == truth.output
            && tokens.input == truth.input
            && tokens.cache_read == truth.cache_read;
        verdict(
            "",
            "totals equal the generator's truth",
            &store.usage().responses.to_string(),
            &truth.responses.to_string(),
            right,
        );
    }
    whole_program(&root, bytes, scan_wall);
    warm(&root, bytes);
}

/// A tree: the one that was named, or a new one with known totals.
fn tree() -> (PathBuf, Option<corpus::Truth>, Option<tempfile::TempDir>) {
    if let Some(dir) = std::env::var_os("ORCHDASH_CORPUS") {
        return (PathBuf::from(dir), None, None);
    }
    let megabytes = std::env::var("ORCHDASH_BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let dir = tempfile::tempdir().unwrap();
    let truth = corpus::write(dir.path(), megabytes, 7).unwrap();
    (dir.path().to_owned(), Some(truth), Some(dir))
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut todo) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|ending| ending == "jsonl") {
                found.push(path);
            }
        }
    }
    found
}

/// Reads every byte in pieces of 256 KiB and counts line ends.
fn scan(files: &[PathBuf]) -> usize {
    use std::io::Read;
    let mut buffer = vec![0; 256 * 1024];
    let mut lines = 0;
    for path in files {
        let mut file = fs::File::open(path).unwrap();
        while let Ok(count @ 1..) = file.read(&mut buffer) {
            lines += memchr::memchr_iter(b'\n', &buffer[..count]).count();
        }
    }
    lines
}

fn settings(root: &Path, memory: Option<Arc<dyn Memory>>) -> SourceSettings {
    SourceSettings {
        id: SourceId(0),
        paths: vec![root.to_owned()],
        zone: Zone::UTC,
        options: Vec::new(),
        memory,
    }
}

fn read(root: &Path) -> Store {
    read_with(root, None)
}

fn read_with(root: &Path, memory: Option<Arc<dyn Memory>>) -> Store {
    let mut store = Store::new(PriceTable::built_in());
    let settings = settings(root, memory);
    let now = Timestamp::parse("2026-11-20T00:00:00Z").unwrap();
    // One thread reads and another takes in what was read, as in the program.
    std::thread::scope(|scope| {
        let (send, news) = std::sync::mpsc::sync_channel(16);
        scope.spawn(move || {
            let moment = Moment { now, fixed: true };
            once::read_once(kind("claude-code").unwrap(), &settings, &moment, &mut |batch| {
                send.send(batch).unwrap();
            });
        });
        for batch in &news {
            store.apply(batch);
        }
    });
    store
}

/// A start in which somebody looks on: when the store had these totals for good, and when everything was told.
fn start(root: &Path, ledger: &Arc<Ledger>, right: &Totals) -> (Duration, Duration) {
    let mut store = Store::new(PriceTable::built_in());
    let settings = settings(root, Some(Arc::clone(ledger) as Arc<dyn Memory>));
    let now = Timestamp::parse("2026-11-20T00:00:00Z").unwrap();
    let begin = Instant::now();
    let mut since = None;
    std::thread::scope(|scope| {
        let (send, news) = std::sync::mpsc::sync_channel(16);
        scope.spawn(move || {
            let (mut seq, mut health) = (0, Health::default());
            let mut send = |batch| send.send(batch).is_ok();
            let mut source = kind("claude-code").unwrap().open(&settings).unwrap();
            let mut sink = Sink::new(settings.id, &mut seq, &mut health, true, &mut send);
            source.preview(&mut sink);
            source.snapshot(&Moment { now, fixed: true }, &mut sink).unwrap();
            sink.finish();
        });
        for batch in &news {
            store.apply(batch);
            let usage = store.usage();
            let is_right =
                (usage.tokens, usage.responses, usage.cost) == (right.tokens, right.responses, right.cost);
            since = is_right.then(|| since.unwrap_or_else(|| begin.elapsed()));
        }
    });
    (since.unwrap(), begin.elapsed())
}

/// As [`start`], the best of some.
fn best_start(root: &Path, dir: &Path, right: &Totals) -> (Duration, Duration) {
    let starts = (0..5).map(|_| {
        let begin = Instant::now();
        let ledger = Ledger::open(dir, 90).unwrap();
        let opened = begin.elapsed();
        let (first, all) = start(root, &ledger, right);
        (opened + first, opened + all)
    });
    starts.min().unwrap()
}

/// Runs with a ledger: the first, one with nothing new, one with 0.2 MB more. Their totals are equal to those of a run that
/// remembers nothing.
fn warm(root: &Path, bytes: u64) {
    let state = tempfile::tempdir().unwrap();
    let dir = state.path().join("state");
    let run = || {
        let ledger = Ledger::open(&dir, 90).unwrap();
        let store = read_with(root, Some(Arc::clone(&ledger) as Arc<dyn Memory>));
        (store, ledger)
    };
    let (first, _, (cold, ledger)) = best(1, run);
    let (write, ..) = best(1, || ledger.finish(Duration::from_mins(1)));
    println!("first run with a ledger {}; written {} later", ms(first), ms(write));
    drop(ledger);
    let (store, _) = run();
    let (first, all) = best_start(root, &dir, &store.usage());
    let (walk, ..) =
        best(5, || files(&root.join("projects")).iter().filter(|f| f.metadata().is_ok()).count());
    verdict(
        "§10",
        "warm start to right totals in the store",
        &ms(first),
        &format!("≤ 50 ms; everything told {}, walk and stat {}", ms(all), ms(walk)),
        first <= Duration::from_millis(50),
    );
    let size = fs::metadata(dir.join(FILE)).unwrap().len();
    let share = size as f64 / bytes as f64 * 100.0;
    verdict("§10", "size of the ledger", &format!("{share:.2} % of the tree"), "≤ 1 %", share <= 1.0);
    let path = files(&root.join("projects")).into_iter().max().unwrap();
    let grown = root.join("projects/-bench-grown");
    fs::create_dir_all(&grown).unwrap();
    let copy = grown.join("0000-grown.jsonl");
    fs::copy(&path, &copy).unwrap();
    drop(run());
    let text = fs::read(&path).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&copy).unwrap();
    std::io::Write::write_all(&mut file, &text[..text.len().min(200_000)]).unwrap();
    let (wall, cpu, (more, _)) = best(1, run);
    println!("warm start with 0.2 MB more: {} wall, {} cpu", ms(wall), ms(cpu));
    let before_live = read(root).usage();
    live(root, &copy, &text[..text.len().min(200_000)]);
    let equal = store.usage() == cold.usage() && more.usage() == before_live;
    verdict("", "cold = warm = incremental totals", "", "equal", equal);
    fs::remove_dir_all(&grown).unwrap();
}

/// A source that runs, and a file that grows by 0.2 MB: what its look at the file, and the store, cost.
fn live(root: &Path, copy: &Path, more: &[u8]) {
    let state = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&state.path().join("state"), 90).unwrap();
    let settings = settings(root, Some(Arc::clone(&ledger) as Arc<dyn Memory>));
    let now = Timestamp::parse("2026-11-20T00:00:00Z").unwrap();
    let moment = Moment { now, fixed: false };
    let mut source = kind("claude-code").unwrap().open(&settings).unwrap();
    let mut store = Store::new(PriceTable::built_in());
    let (mut seq, mut health) = (0, Health::default());
    let mut send = |batch| {
        store.apply(batch);
        true
    };
    let mut sink = Sink::new(settings.id, &mut seq, &mut health, true, &mut send);
    source.snapshot(&moment, &mut sink).unwrap();
    sink.finish();
    ledger.settle(Duration::from_mins(1));
    let hint = Hint { paths: vec![copy.to_owned()], ..Hint::default() };
    let (wall, cpu, ()) = best(5, || {
        let mut file = fs::OpenOptions::new().append(true).open(copy).unwrap();
        std::io::Write::write_all(&mut file, more).unwrap();
        let mut sink = Sink::new(settings.id, &mut seq, &mut health, false, &mut send);
        source.refresh(&moment, &hint, &mut sink).unwrap();
        sink.finish();
    });
    verdict(
        "§10",
        "0.2 MB more in a file, to the store of a running program",
        &format!("{} cpu", ms(cpu)),
        &format!("≤ 10 ms; {} wall, the write included", ms(wall)),
        cpu <= Duration::from_millis(10),
    );
    assert!(health.bytes_read > 5 * more.len() as u64);
}

/// 10,000 files with 100 answers each, nothing new (P5).
pub(super) fn many_files() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("claude");
    for n in 0..10_000_u32 {
        let folder = root.join(format!("projects/-w{}", n % 50));
        fs::create_dir_all(&folder).unwrap();
        let lines: String = (0..100)
            .map(|k| {
                format!(
                    r#"{{"type":"assistant","sessionId":"s{n}","uuid":"u{n}-{k}","timestamp":"2026-11-{:02}T10:{:02}:00.000Z","cwd":"/w{}","message":{{"id":"m{n}-{k}","model":"claude-opus-5-5","content":[],"usage":{{"input_tokens":5,"output_tokens":{k},"cache_read_input_tokens":900}}}}}}"#,
                    1 + n % 18,
                    k % 60,
                    n % 50
                ) + "\n"
            })
            .collect();
        fs::write(folder.join(format!("s{n}.jsonl")), lines).unwrap();
    }
    let dir = home.path().join("state");
    let run = || {
        let ledger = Ledger::open(&dir, 90).unwrap();
        let store = read_with(&root, Some(Arc::clone(&ledger) as Arc<dyn Memory>));
        (store, ledger)
    };
    run().1.finish(Duration::from_mins(2));
    let (walk, ..) =
        best(3, || files(&root.join("projects")).iter().filter(|f| f.metadata().is_ok()).count());
    let usage = run().0.usage();
    assert_eq!(usage.responses, 1_000_000);
    let (first, all) = best_start(&root, &dir, &usage);
    let ratio = first.as_secs_f64() / walk.as_secs_f64();
    verdict(
        "P5",
        "warm start, 10,000 files, a million answers: right totals",
        &ms(first),
        &format!("≤ 150 ms, ≤ 8x walk and stat; {ratio:.1}x, every answer told {}", ms(all)),
        first <= Duration::from_millis(150) && ratio <= 8.0,
    );
}

/// The whole program, from start to the printed total, with its peak memory.
fn whole_program(root: &Path, bytes: u64, scan: Duration) {
    let mut times = Vec::new();
    let mut peak = 0;
    for _ in 0..5 {
        let start = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_orchdash"))
            .args(["usage", "--json", "--no-state", "--tz", "UTC", "--source"])
            .arg(format!("claude-code={}", root.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pid = child.id().to_string();
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(resident(&pid, "VmHWM"));
            std::thread::sleep(Duration::from_micros(500));
        }
        times.push(start.elapsed());
    }
    times.sort();
    let ratio = times[0].as_secs_f64() / scan.as_secs_f64();
    verdict(
        "P3",
        &format!("`orchdash usage` on {:.0} MB, cached, best of 5", bytes as f64 / 1e6),
        &ms(times[0]),
        &format!("{ratio:.1}x the one-core newline scan"),
        ratio <= 5.0,
    );
    verdict("", "its peak memory", &format!("{:.0} MB", peak as f64 / 1e6), "≤ 100 MB", peak <= 100_000_000);
}
