//! The open detail of an agent shows what is written while one looks; closed, nothing of it is read.

use crate::{
    foreign,
    pty::{Start, Terminal},
    writer::{Transcripts, time},
};

#[test]
fn the_detail_shows_a_line_as_it_is_written() {
    let home = tempfile::tempdir().unwrap();
    let mut transcripts = Transcripts::new(home.path());
    transcripts.turn("shop", 1, "Begin marker-0", &time(0), 10);
    let source = format!("claude-code={}", transcripts.root().display());
    let mut start = Start::new(home.path(), &["--no-state", "--source", &source]);
    start.size = (80, 24);
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("Overview");
    terminal.send("2");
    terminal.wait_for("marker-0");
    terminal.send("e\r");
    terminal.wait_for("Newest  conversation");
    terminal.wait_for("prompt  Begin marker-0");
    for n in 1..=20 {
        transcripts.turn("shop", 1, &format!("Prompt marker-{n}."), &time(n), n);
        terminal.wait_for(&format!("prompt  Prompt marker-{n}."));
    }
    terminal.wait_for("answer  Done.");
    let before = foreign::snapshot(transcripts.root());
    terminal.send("\u{1b}");
    terminal.wait_until("the detail is closed", |screen| !screen.contains("Newest"));
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(before == foreign::snapshot(transcripts.root()), "the folder was changed");
}
