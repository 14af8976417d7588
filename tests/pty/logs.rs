//! A log is read while it is written: it opens at its end, follows without losing a line and without flooding the terminal,
//! stays where somebody reads, and leaves the file alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    foreign,
    pty::{Start, Terminal},
};

/// Bytes a second that following may cost, whatever the size of the screen: a sixth of a slow SSH line (1 Mbit/s).
const LINE_RATE: usize = 20_000;

fn line(number: u64) -> String {
    let (minute, second) = (number / 60 % 60, number % 60);
    format!(
        "{{\"level\":\"info\",\"message\":\"step number {number}\",\"service\":\"dashboard\",\"timestamp\":\"2026-11-18 14:{minute:02}:{second:02}\"}}\n"
    )
}

/// A log of the server with so many lines.
fn log(folder: &Path, lines: u64) -> PathBuf {
    let path = folder.join("combined.log");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    (0..lines).for_each(|number| file.write_all(line(number).as_bytes()).unwrap());
    file.into_inner().unwrap().sync_all().unwrap();
    path
}

fn open(home: &Path, place: &Path, size: (u16, u16)) -> Terminal {
    let source = format!("agent-orchestrator={}", place.display());
    let mut start = Start::new(home, &["--no-state", "--tz", "UTC", "--source", &source]);
    start.size = size;
    let mut terminal = Terminal::start(&start);
    enter(&mut terminal);
    terminal
}

/// Goes to the log from where the program begins.
fn enter(terminal: &mut Terminal) {
    terminal.wait_for("Overview");
    // The panel by its name, whatever its number is.
    terminal.send(":");
    terminal.send("logs");
    terminal.wait_for("Logs");
    terminal.send("\r");
    terminal.wait_for("newest lines");
    terminal.send("v");
    terminal.wait_for("combined.log");
    terminal.send("\r");
}

#[test]
fn a_log_opens_at_its_end_follows_and_is_left() {
    let (home, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = log(place.path(), 20_000);
    let before = foreign::snapshot(place.path());
    let mut terminal = open(home.path(), place.path(), (80, 24));
    terminal.wait_for("step number 19999");
    terminal.wait_for("20000 lines");
    // What is looked for is counted and found.
    terminal.send("/");
    terminal.send("step number 77");
    terminal.wait_for("111 lines found");
    terminal.send("\r");
    terminal.wait_for("step number 7799");
    // Reading on is not disturbed by what comes.
    assert_eq!(before, foreign::snapshot(place.path()), "reading leaves no trace");
    OpenOptions::new().append(true).open(&path).unwrap().write_all(line(20_000).as_bytes()).unwrap();
    terminal.wait_for("1 new below");
    assert!(terminal.text().contains("step number 7799"));
    terminal.send("F");
    terminal.wait_for("step number 20000");
    // Replaced by another file: the new one is shown.
    fs::write(place.path().join("new"), line(5)).unwrap();
    fs::rename(place.path().join("new"), &path).unwrap();
    terminal.wait_for("step number 5");
    terminal.send("\x1b");
    terminal.wait_until("the search is gone", |screen| !screen.contains("lines found"));
    terminal.send("\x1b");
    terminal.wait_for("newest lines");
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
}

/// A thousand lines a second for `seconds`, followed on a screen of this size; bytes a second for the terminal.
fn followed(size: (u16, u16), seconds: u64) -> usize {
    let (home, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = log(place.path(), 2_000);
    let mut terminal = open(home.path(), place.path(), size);
    terminal.wait_for("step number 1999");
    let writer = std::thread::spawn(move || {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        let start = Instant::now();
        for number in 0..seconds * 1_000 {
            file.write_all(line(2_000 + number).as_bytes()).unwrap();
            let due = Duration::from_millis(number + 1);
            if let Some(rest) = due.checked_sub(start.elapsed()) {
                std::thread::sleep(rest);
            }
        }
    });
    let began = Instant::now();
    let mut bytes = 0;
    while !writer.is_finished() {
        bytes += terminal.listen(Duration::from_millis(250));
    }
    let rate = (bytes as f64 / began.elapsed().as_secs_f64()) as usize;
    writer.join().unwrap();
    // It was followed to the end, and every line is there, once.
    let all = 2_000 + seconds * 1_000;
    terminal.wait_for(&format!("step number {}", all - 1));
    terminal.wait_for(&format!("{all} lines"));
    terminal.send("/step number [0-9]+\t\r");
    terminal.wait_for(&format!("{all} lines found"));
    let (columns, rows) = size;
    println!("{rate} bytes a second while 1,000 lines a second are followed at {columns} x {rows}");
    rate
}

#[test]
fn a_thousand_lines_a_second_are_followed_without_a_flood() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let rate = followed(size, 5);
        assert!(rate < LINE_RATE, "{rate} bytes a second flood a slow line");
    }
}

#[test]
fn a_log_goes_out_as_it_is_filtered_and_without_secrets() {
    let (home, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = log(place.path(), 300);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(
        b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n",
    )
    .unwrap();
    file.write_all(
        br#"{"level":"error","message":"lost PASSWORD=hunter2","timestamp":"2026-11-18 15:00:00"}"#,
    )
    .unwrap();
    file.write_all(b"\n").unwrap();
    let before = foreign::snapshot(place.path());
    let state = home.path().join("state");
    let source = format!("agent-orchestrator={}", place.path().display());
    let mut start = Start::new(home.path(), &[]);
    let args = ["--state-dir", &state.to_string_lossy(), "--tz", "UTC", "--source", &source];
    start.args = args.map(str::to_owned).to_vec();
    start.size = (120, 30);
    let script = |name: &str, body: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = home.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_string_lossy().into_owned()
    };
    let pager = script("pager", "cat > paged\necho pager has it\nread line < /dev/tty");
    let editor = script(
        "vi",
        "printf '%s' \"$1\" > line\ncat \"$2\" > edited\necho editor has it\nread line < /dev/tty",
    );
    start.env = vec![("PAGER", pager), ("EDITOR", editor)];
    let mut terminal = Terminal::start(&start);
    enter(&mut terminal);
    terminal.wait_for("lost PASSWORD=***");
    assert!(!terminal.text().contains("MIIE"), "{}", terminal.text());
    terminal.send("f");
    terminal.send("since:2026-11-18 14:04:50\r");
    terminal.wait_for("290 hidden");
    terminal.send("o");
    terminal.wait_for("pager has it");
    let paged = fs::read_to_string(home.path().join("paged")).unwrap();
    assert_eq!(paged.lines().count(), 14, "{paged}");
    assert!(
        paged.contains("step number 290") && !paged.contains("hunter2") && !paged.contains("MIIE"),
        "{paged}"
    );
    terminal.send("\r");
    terminal.wait_for("lost PASSWORD=***");
    terminal.send("U");
    terminal.wait_for("MIIEvQIBADAN");
    terminal.send("O");
    terminal.wait_for("editor has it");
    let edited = fs::read_to_string(home.path().join("edited")).unwrap();
    assert!(edited.contains("hunter2") && edited.contains("MIIE"), "{edited}");
    assert_eq!(fs::read_to_string(home.path().join("line")).unwrap(), "+14");
    terminal.send("\r");
    terminal.wait_for("lost PASSWORD=hunter2");
    terminal.send("U");
    terminal.wait_for("lost PASSWORD=***");
    terminal.send("x");
    terminal.wait_for("exported to");
    let saved = fs::read_dir(state.join("exports"))
        .unwrap()
        .flatten()
        .find(|file| file.file_name().to_string_lossy().starts_with("orchdash-log-"));
    let saved = fs::read_to_string(saved.unwrap().path()).unwrap();
    assert_eq!(saved, paged);
    assert_eq!(before, foreign::snapshot(place.path()), "reading leaves no trace");
    terminal.send("\x1b");
    terminal.wait_until("the filter is gone", |screen| !screen.contains("hidden"));
}

#[test]
fn a_line_of_megabytes_is_complete_in_the_inspector() {
    let (home, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = log(place.path(), 3);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    let long = "word \u{1b}[31m".repeat(400_000);
    file.write_all(format!("plain {long}\u{1b}]52;c;eA==\u{7} the very end\n").as_bytes()).unwrap();
    let mut terminal = open(home.path(), place.path(), (80, 24));
    terminal.wait_for("plain word");
    terminal.send("i");
    terminal.wait_for("combined.log:4");
    terminal.send("G");
    terminal.wait_for("the very end");
    terminal.wait_for("100 % of 2.0 MB");
    terminal.send("gg");
    terminal.wait_for("plain word");
    terminal.send("/very end\r");
    terminal.wait_for("1 place");
    terminal.wait_for("the very end");
    let raw = String::from_utf8_lossy(&terminal.raw);
    assert!(!raw.contains("]52;c;eA"), "a sequence of the log reached the terminal");
}
