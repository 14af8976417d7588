//! A program pipes its output into the monitor: it is followed as it comes, keys come from the terminal, and whatever becomes
//! of the pipe, the screen stays and the writer is not disturbed.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::pty::{Start, Terminal};

/// A pipe with a name: what is written to it goes through `cat` into the program, as in `agent | orchdash -`.
struct Piped {
    home: tempfile::TempDir,
}

impl Piped {
    fn new() -> Self {
        let piped = Self { home: tempfile::tempdir().unwrap() };
        let made = Command::new("mkfifo").arg(piped.fifo()).status().unwrap();
        assert!(made.success());
        piped
    }

    fn fifo(&self) -> PathBuf {
        self.home.path().join("pipe")
    }

    fn start(&self) -> Terminal {
        let mut start = Start::new(self.home.path(), &["-", "--no-state"]);
        start.size = (160, 40);
        let script = format!("cat '{}' | \"$0\" \"$@\"", self.fifo().display());
        start.under = ["sh", "-c", &script].map(str::to_owned).to_vec();
        Terminal::start(&start)
    }

    /// Opens it for writing: waits until `cat` reads it.
    fn writer(&self) -> fs::File {
        fs::File::options().write(true).open(self.fifo()).unwrap()
    }
}

const INIT: &str = r#"{"type":"system","subtype":"init","cwd":"/w/shop","session_id":"s-1","model":"claude-sonnet-5-5","uuid":"u"}"#;

fn answer(n: u32, words: &str) -> String {
    format!(
        r#"{{"type":"assistant","message":{{"model":"claude-sonnet-5-5","id":"m{n}","content":[{{"type":"tool_use","id":"c{n}","name":"Bash","input":{{"command":"{words}"}}}}],"usage":{{"input_tokens":5,"output_tokens":7}}}},"parent_tool_use_id":null,"session_id":"s-1","uuid":"a{n}"}}"#
    )
}

const RESULT: &str = r#"{"type":"result","subtype":"success","is_error":false,"num_turns":1,"duration_ms":900,"result":"Done.","session_id":"s-1","total_cost_usd":0.25,"uuid":"r"}"#;

fn leave(mut terminal: Terminal) {
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
}

fn processes_named(path: &Path) -> usize {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let name = path.display().to_string().into_bytes();
    lines
        .filter(|line| line.starts_with(b"cat\0") && line.windows(name.len()).any(|part| part == name))
        .count()
}

#[test]
fn a_pipe_is_followed_and_when_it_ends_the_screen_stays() {
    let piped = Piped::new();
    let mut terminal = piped.start();
    let mut writer = piped.writer();
    writeln!(writer, "{INIT}\n{}", answer(1, "make build-marker")).unwrap();
    terminal.wait_for("Overview");
    terminal.send("2");
    terminal.wait_for("build-marker");
    writeln!(writer, "{}", answer(2, "make test-marker")).unwrap();
    terminal.wait_for("test-marker");
    writeln!(writer, "{RESULT}").unwrap();
    drop(writer);
    // Only agents that have not ended are shown, until asked for.
    terminal.wait_for("Nothing goes on: 1 agent ended");
    terminal.send("e");
    terminal.wait_for("succeeded");
    terminal.send("0");
    terminal.wait_for("the pipe ended");
    leave(terminal);
}

#[test]
fn a_pipe_that_stalls_is_shown_with_its_age_and_its_writer_lives() {
    let piped = Piped::new();
    let mut terminal = piped.start();
    let mut writer = piped.writer();
    writeln!(writer, "{INIT}\n{}", answer(1, "sleep marker")).unwrap();
    terminal.wait_for("Overview");
    terminal.send("2");
    terminal.wait_for("sleep marker");
    // Nothing comes, and the age of the newest line grows.
    terminal.wait_until("an age of seconds", |screen| {
        screen.lines().any(|line| {
            line.contains("sleep marker") && line.split_whitespace().any(|word| word == "2s" || word == "3s")
        })
    });
    assert!(terminal.text().contains("running"), "{}", terminal.text());
    writeln!(writer, "{RESULT}").unwrap();
    terminal.wait_for("Nothing goes on: 1 agent ended");
    assert_eq!(processes_named(&piped.fifo()), 1, "the writer lives as long as the screen");
    drop(writer);
    leave(terminal);
}

#[test]
fn a_writer_that_is_killed_in_the_middle_of_a_line_is_told_as_that() {
    let piped = Piped::new();
    let mut terminal = piped.start();
    let mut writer = piped.writer();
    let next = answer(2, "never seen");
    write!(writer, "{INIT}\n{}\n{}", answer(1, "make marker"), &next[..next.len() / 2]).unwrap();
    terminal.wait_for("Overview");
    terminal.send("2");
    terminal.wait_for("make marker");
    drop(writer);
    terminal.wait_for("failed");
    terminal.send("0");
    terminal.wait_for("the pipe ended in the middle of a line");
    leave(terminal);
}

#[test]
fn a_writer_is_faster_than_the_screen_and_loses_nothing() {
    const COUNT: u32 = 30_000;
    let piped = Piped::new();
    let mut terminal = piped.start();
    let mut writer = std::io::BufWriter::new(piped.writer());
    let written = std::thread::spawn(move || {
        writeln!(writer, "{INIT}").unwrap();
        for n in 0..COUNT {
            writeln!(writer, "{}", answer(n, "echo much")).unwrap();
        }
        writeln!(writer, "{RESULT}").unwrap();
    });
    terminal.wait_for("Overview");
    written.join().unwrap();
    terminal.send("2");
    terminal.wait_for("Nothing goes on: 1 agent ended");
    terminal.send("0");
    // Answers, lines read, lines skipped.
    terminal.wait_until("all of it was read", |screen| {
        let mut rows = screen.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.any(|row| row.windows(3).any(|three| three == ["30k", "30k", "0"]))
    });
    leave(terminal);
}

#[test]
fn leaving_the_screen_ends_the_pipe() {
    let piped = Piped::new();
    let mut terminal = piped.start();
    let mut writer = piped.writer();
    writeln!(writer, "{INIT}").unwrap();
    terminal.wait_for("Overview");
    terminal.send("q");
    terminal.listen(Duration::from_millis(100));
    // Nobody holds the reading end any more: the next writes end `cat`, and the shell with it.
    while writeln!(writer, "{INIT}").is_ok() {}
    assert_eq!(terminal.wait_exit(), 0);
}
