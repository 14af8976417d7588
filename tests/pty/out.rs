//! The terminal is handed to a pager and an editor and taken back: when they end, are killed, are stopped, or the terminal
//! gets another size meanwhile.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::{
    foreign,
    pty::{Start, Terminal},
    writer::Transcripts,
};

/// A script that stands for a pager or an editor.
fn script(home: &Path, name: &str, body: &str) -> String {
    let path = home.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_string_lossy().into_owned()
}

/// The demo with the conversation of an agent open.
fn reading(home: &Path, pager: &str) -> Terminal {
    let mut start = Start::new(home, &["demo"]);
    // The second word proves that it is split, and that nothing of it is expanded.
    start.env = vec![("PAGER", format!("{pager} '$HOME; word'")), ("LESS", "-FRX".to_owned())];
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("live");
    terminal.send("2");
    terminal.wait_for("agents");
    terminal.send("c");
    // Not before: there is nothing to hand out yet.
    terminal.wait_for("following");
    terminal
}

fn taken_back(terminal: &mut Terminal) {
    terminal.wait_for("Cost so far");
    assert!(terminal.is_raw(), "the keys are not ours again");
    // Keys work again.
    terminal.send("\u{1b}");
    terminal.wait_until("the page is left", |screen| !screen.contains("Cost so far"));
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(!terminal.is_raw());
}

#[test]
fn a_pager_gets_the_text_and_the_terminal_and_gives_it_back() {
    let home = tempfile::tempdir().unwrap();
    let body = "trap '' INT\ncat > paged\necho \"pager: $1, secure $LESSSECURE, less $LESS.\"\nread line < /dev/tty\necho \"$line\" > typed";
    let pager = script(home.path(), "pager", body);
    let mut terminal = reading(home.path(), &pager);
    terminal.send("o");
    terminal.wait_for("pager: $HOME; word, secure 1, less -FX.");
    assert!(!terminal.is_raw(), "the pager does not find the shell's settings");
    assert!(!terminal.text().contains("Cost so far"), "{}", terminal.text());
    // An interrupt is the pager's business, and nothing is drawn while it has the terminal.
    terminal.send("\u{3}");
    terminal.resize(100, 30);
    let drawn = terminal.listen(std::time::Duration::from_millis(1500));
    assert!(drawn < 10, "{drawn} bytes came while the pager had the terminal:\n{}", terminal.text());
    terminal.send("some words\r");
    terminal.wait_until("it is drawn at the new size", |screen| {
        screen.lines().any(|line| line.contains("help") || line.contains("close"))
            && screen.contains("following")
    });
    assert!(fs::read_to_string(home.path().join("typed")).unwrap().contains("some words"));
    assert!(!fs::read_to_string(home.path().join("paged")).unwrap().is_empty());
    terminal.resize(120, 40);
    taken_back(&mut terminal);
}

#[test]
fn a_pager_that_is_killed_leaves_the_terminal_to_us() {
    let home = tempfile::tempdir().unwrap();
    let pager =
        script(home.path(), "pager", "stty raw -echo < /dev/tty\nprintf '\\033[?1000hdying'\nkill -9 $$");
    let mut terminal = reading(home.path(), &pager);
    terminal.send("o");
    terminal.wait_for("was killed by signal 9");
    taken_back(&mut terminal);
}

#[test]
fn a_pager_that_is_stopped_goes_on_where_no_shell_would_let_it() {
    let home = tempfile::tempdir().unwrap();
    let pager = script(home.path(), "pager", "kill -STOP $$\necho went on\nread line < /dev/tty\nexit 3");
    let mut terminal = reading(home.path(), &pager);
    terminal.send("o");
    terminal.wait_for("went on");
    terminal.send("\r");
    terminal.wait_for("ended with code 3");
    taken_back(&mut terminal);
}

#[test]
fn a_pager_that_cannot_be_started_is_named() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = reading(home.path(), "/no/such/pager");
    terminal.send("o");
    terminal.wait_for("cannot start `/no/such/pager`");
    taken_back(&mut terminal);
}

#[test]
fn an_end_while_a_pager_has_the_terminal_ends_both() {
    let home = tempfile::tempdir().unwrap();
    let pager = script(home.path(), "pager", "stty raw -echo < /dev/tty\necho here\nexec sleep 1000");
    let mut terminal = reading(home.path(), &pager);
    terminal.send("o");
    terminal.wait_for("here");
    let pid = rustix::process::Pid::from_raw(terminal.pid() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(terminal.wait_exit(), 143);
    assert!(!terminal.is_raw(), "the pager's settings stay");
}

#[test]
fn an_editor_gets_a_private_copy() {
    let home = tempfile::tempdir().unwrap();
    let mut transcripts = Transcripts::new(home.path());
    transcripts.turn("shop", 1, "Begin marker-0", "2026-11-18T14:00:00.000Z", 10);
    let source = format!("claude-code={}", transcripts.root().display());
    let state = home.path().join("state");
    let args = ["--state-dir", &state.to_string_lossy(), "--source", &source].map(str::to_owned);
    let mut start = Start::new(home.path(), &[]);
    start.args = args.to_vec();
    let editor = script(
        home.path(),
        "editor",
        "stat -c %a \"$1\" > mode\nprintf '%s' \"$1\" > named\nprintf more >> \"$1\"",
    );
    start.env = vec![("EDITOR", editor)];
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("Overview");
    terminal.send("2");
    terminal.wait_for("show agents that have ended");
    terminal.send("e");
    terminal.wait_for("marker-0");
    terminal.send("c");
    terminal.wait_for("Cost so far");
    terminal.wait_for("Done.");
    let before = foreign::snapshot(transcripts.root());
    terminal.send("O");
    terminal.wait_for("the copy was changed and stays");
    let named = fs::read_to_string(home.path().join("named")).unwrap();
    assert!(Path::new(&named).starts_with(&state), "{named}");
    assert_eq!(fs::read_to_string(home.path().join("mode")).unwrap().trim(), "600");
    assert!(fs::read_to_string(&named).unwrap().ends_with("more"));
    assert!(before == foreign::snapshot(transcripts.root()), "the transcript was changed");
    taken_back(&mut terminal);
}
