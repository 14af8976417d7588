//! Lines of a pipe.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{
    io::Write,
    os::fd::OwnedFd,
    sync::{Arc, mpsc::channel},
    thread,
};

use super::{End, Lines, MAX_LINE, Pipe, read_all};
use crate::model::Health;

fn lines(parts: &[&[u8]]) -> (Vec<String>, Health, bool) {
    let (mut found, mut health, mut lines) = (Vec::new(), Health::default(), Lines::default());
    let mut each = |line: super::Line<'_>, _: &mut super::Counts| {
        found.push(format!("{}@{} {}", line.number, line.offset, String::from_utf8_lossy(line.bytes)));
    };
    for part in parts {
        lines.feed(part, &mut health, &mut each);
    }
    lines.end(&mut health, &mut each);
    (found, health, lines.torn)
}

#[test]
fn lines_are_told_whole_however_they_come() {
    let (found, health, torn) =
        lines(&[b"\xef\xbb\xbf{\"a\":1}\r\n{\"b\"", b":2", b"}\n\nwords", b"\n{\"c\":3}"]);
    assert_eq!(found, ["1@0 {\"a\":1}", "2@12 {\"b\":2}", "3@20 ", "4@21 words", "5@27 {\"c\":3}"]);
    assert_eq!((health.lines_read, health.skipped, torn), (5, 0, false));
}

#[test]
fn a_line_that_is_cut_off_is_counted() {
    let (found, health, torn) = lines(&[b"{\"a\":1}\n{\"b\":"]);
    assert_eq!((found.len(), health.skipped, torn), (1, 1, true));
}

#[test]
fn a_line_that_is_too_long_is_counted_and_let_go() {
    let long = vec![b'x'; MAX_LINE / 2 + 1];
    let (found, health, torn) = lines(&[&long, &long, b"\nshort\n"]);
    assert_eq!(found, [format!("2@{} short", long.len() * 2 + 1)]);
    assert_eq!((health.lines_read, health.skipped, torn), (2, 1, false));
}

#[test]
fn a_writer_waits_while_nobody_takes_and_nothing_is_lost() {
    const COUNT: usize = 400_000;
    let (input, output) = std::io::pipe().unwrap();
    let (woke, wakes) = channel();
    let wake = Box::new(move || {
        let _ = woke.send(());
    });
    let mut pipe = Pipe::start(std::fs::File::from(OwnedFd::from(input)), wake).unwrap();
    let is_done = Arc::new(());
    let watch = Arc::downgrade(&is_done);
    let writer = thread::spawn(move || {
        let mut output = std::io::BufWriter::new(output);
        for n in 0..COUNT {
            writeln!(output, "line {n}").unwrap();
        }
        drop(is_done);
    });
    // More than is kept in memory was written only when lines were taken.
    wakes.recv().unwrap();
    assert!(watch.upgrade().is_some());
    let (mut health, mut next) = (Health::default(), 0);
    while pipe.end().is_none() {
        let more = pipe.take(&mut health, &mut |line, _| {
            assert_eq!(line.bytes, format!("line {next}").as_bytes());
            next += 1;
        });
        if !more && pipe.end().is_none() {
            // The last wake-up is that of the end.
            let _ = wakes.recv();
        }
    }
    writer.join().unwrap();
    assert_eq!((next, pipe.end(), pipe.is_torn()), (COUNT, Some(&End::Closed), false));
}

#[test]
fn all_of_a_pipe_is_read_at_once() {
    let (input, mut output) = std::io::pipe().unwrap();
    output.write_all(b"{\"a\":1}\n{").unwrap();
    drop(output);
    let mut count = 0;
    let input = std::fs::File::from(OwnedFd::from(input));
    let torn = read_all(input, &mut Health::default(), &mut |_, _| count += 1).unwrap();
    assert_eq!((count, torn), (1, true));
}
