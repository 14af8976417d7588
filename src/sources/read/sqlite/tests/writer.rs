//! A foreign writer: this test binary run again as a child, because SQLite's locks do not work between a connection and
//! plain file access within one process.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use rusqlite::Connection;

const DB: &str = "ORCHDASH_TEST_WRITER_DB";
const NAME: &str = "sources::read::sqlite::tests::writer::child";

/// A process with the database open. Killed when dropped.
pub(super) struct Writer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Writer {
    pub(super) fn open(db: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", NAME, "--ignored", "--nocapture"])
            .env(DB, db)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// Runs SQL (or `loop N`), waits for the answer.
    pub(super) fn run(&mut self, command: &str) -> String {
        self.start(command);
        self.answer()
    }

    pub(super) fn start(&mut self, command: &str) {
        writeln!(self.input, "{command}").unwrap();
        self.input.flush().unwrap();
    }

    pub(super) fn answer(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the writer ended");
            if let Some((_, answer)) = line.trim_end().split_once('@') {
                return answer.to_owned();
            }
        }
    }

    /// Ends it as a crash would: nothing is rolled back or checkpointed.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it properly.
    pub(super) fn close(mut self) {
        self.start("quit");
        self.child.wait().unwrap();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "run by the other tests as a child process"]
fn child() {
    let Ok(path) = env::var(DB) else { return };
    let conn = Connection::open(path).unwrap();
    conn.busy_timeout(Duration::from_millis(50)).unwrap();
    for command in std::io::stdin().lines() {
        let command = command.unwrap();
        if command == "quit" {
            break;
        }
        if let Some((count, db)) = command.strip_prefix("reopen ").and_then(|rest| rest.split_once(' ')) {
            println!("@{}", strays(Path::new(db), count.parse().unwrap()));
            continue;
        }
        let answer = match command.strip_prefix("loop ") {
            Some(count) => commits(&conn, count.parse().unwrap()),
            None => match conn.execute_batch(&command) {
                Ok(()) => "ok".to_owned(),
                Err(error) => format!("error {error}"),
            },
        };
        println!("@{answer}");
    }
}

fn commits(conn: &Connection, count: usize) -> String {
    let failed = (0..count)
        .filter(|n| conn.execute("INSERT INTO t (name) VALUES (?1)", [format!("row {n}")]).is_err())
        .count();
    format!("failed {failed}")
}

/// Opens, commits and closes again and again; counts the closes after which an empty `-wal` lay there that the next writer
/// did not make.
fn strays(db: &Path, count: usize) -> String {
    let beside = |suffix: &str| format!("{}{suffix}", db.display());
    let found = (0..count)
        .filter(|_| {
            let conn = Connection::open(db).unwrap();
            conn.busy_timeout(Duration::from_millis(50)).unwrap();
            conn.execute_batch("PRAGMA synchronous=off; INSERT INTO t (name) VALUES ('x')").unwrap();
            drop(conn);
            let empty = std::fs::metadata(beside("-wal")).is_ok_and(|meta| meta.len() == 0);
            empty && !Path::new(&beside("-shm")).exists()
        })
        .count();
    format!("strays {found}")
}
