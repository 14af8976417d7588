//! A conversation is opened, followed while it is written, searched and left; the folder it lies in stays as it was.

use crate::{
    foreign,
    pty::{Start, Terminal},
    writer::{Transcripts, time},
};

#[test]
fn it_is_opened_followed_and_left() {
    let home = tempfile::tempdir().unwrap();
    let mut transcripts = Transcripts::new(home.path());
    transcripts.turn("shop", 1, "Begin marker-0", &time(0), 10);
    let source = format!("claude-code={}", transcripts.root().display());
    let mut start = Start::new(home.path(), &["--no-state", "--source", &source]);
    start.size = (140, 40);
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("Overview");
    terminal.send("2");
    terminal.wait_for("marker-0");
    terminal.send("e");
    terminal.send("c");
    terminal.wait_for("Cost so far");
    terminal.wait_for("prompt");
    for n in 1..=30 {
        transcripts.turn(
            "shop",
            1,
            &format!("Prompt marker-{n}. with \u{1b}]52;c;eA==\u{7} in it"),
            &time(n),
            n,
        );
        terminal.wait_for(&format!("marker-{n}."));
    }
    // The end is left: what comes is counted, what is shown stays.
    terminal.send("g");
    terminal.send("g");
    terminal.wait_for("marker-0");
    transcripts.turn("shop", 1, "Prompt marker-31.", &time(31), 31);
    terminal.wait_for("new below");
    assert!(!terminal.text().contains("marker-31."), "{}", terminal.text());
    terminal.send("G");
    terminal.wait_for("marker-31.");
    let before = foreign::snapshot(transcripts.root());
    terminal.send("/marker-7.\r");
    terminal.wait_for("1 place");
    terminal.wait_for("marker-7.");
    terminal.send("\u{1b}");
    terminal.wait_until("the search is closed", |screen| !screen.contains("1 place"));
    terminal.send("\u{1b}");
    terminal.wait_until("the page is left", |screen| !screen.contains("Cost so far"));
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(before == foreign::snapshot(transcripts.root()), "the folder was changed");
    let raw = String::from_utf8_lossy(&terminal.raw);
    assert!(!raw.contains("]52;c;eA"), "a sequence of the transcript reached the terminal");
}
