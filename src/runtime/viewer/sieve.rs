//! How many lines are not wanted: every line of a text is judged once, a piece at a time, beside everything else.

use std::io;

use super::{Newest, judge::Reader};
use crate::{
    model::{Timestamp, Zone},
    sources::read::lines::{Bytes, Judge, Spans, Stack, merge::SEEN},
    text::Safe,
    viewer::Wanted,
};

/// Bytes judged in one step.
const STEP: u64 = 1024 * 1024;

/// What is wanted.
#[derive(Clone)]
pub(super) struct Sieve {
    pub(super) zone: Zone,
    pub(super) names: Vec<Safe>,
    pub(super) newest: Newest,
    pub(super) now: Timestamp,
    pub(super) wanted: Wanted,
}

/// How far one text is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sifted {
    /// Where the next line begins.
    at: u64,
    /// Bytes that were looked at; more than `at` while the last line is not ended.
    pub(super) seen: u64,
    /// Lines that are not wanted.
    pub(super) hidden: u64,
    /// Of the newest line that has one.
    time: Option<Timestamp>,
}

/// Judges single lines of a text, wherever they stand.
pub(super) struct Judged<'a> {
    judge: Reader<'a>,
    number: usize,
    stack: Stack,
}

impl Judged<'_> {
    /// Whether the line that begins at `start` is wanted.
    pub(super) fn wants(&mut self, start: u64, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.get(..SEEN).unwrap_or(line);
        let time = if self.judge.needs_time() {
            // What cannot be read has no time; the viewer's own thread meets the same error and tells it.
            self.stack.time_of(0, start, line, &self.judge).ok().flatten()
        } else {
            None
        };
        self.judge.wants(self.number, line, time)
    }
}

impl Sieve {
    /// Judges lines of text number `number`.
    pub(super) fn judged(&self, number: usize, bytes: &Bytes, size: u64) -> Judged<'_> {
        let judge = Reader::patient(self.zone, &self.names, &self.newest, self.now, &self.wanted);
        Judged { judge, number, stack: Stack::new([(bytes.clone(), size)]) }
    }

    /// Judges some more lines of text number `text`.
    ///
    /// # Errors
    /// What the operating system says.
    pub(super) fn step(&self, text: usize, bytes: &Bytes, size: u64, sifted: &mut Sifted) -> io::Result<()> {
        let judge = Reader::patient(self.zone, &self.names, &self.newest, self.now, &self.wanted);
        let mut spans = Spans::new(bytes.clone(), size);
        let until = sifted.at.saturating_add(STEP);
        while sifted.at < until && !judge.stop() {
            let Some(span) = spans.at(sifted.at)?.filter(|span| span.next > span.end) else {
                // A line that is not ended may become another one.
                sifted.seen = size;
                return Ok(());
            };
            let line = spans.content(span, SEEN)?;
            if judge.needs_time() {
                sifted.time = judge.time(text, &line).or(sifted.time);
            }
            sifted.hidden += u64::from(!judge.wants(text, &line, sifted.time));
            sifted.at = span.next;
        }
        sifted.seen = sifted.at;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_lines_are_counted_once_as_a_text_grows() {
        let wanted = Wanted { since: Timestamp::parse("2026-11-18T14:00:01Z"), ..Wanted::default() };
        let sieve = Sieve {
            zone: Zone::UTC,
            names: vec![Safe::line("a.log")],
            newest: Newest::default(),
            now: Timestamp::from_secs(0),
            wanted,
        };
        let text = "no time\n2026-11-18T14:00:00Z early\n  its second line\n2026-11-18T14:00:01Z late\n  and its\nnot end";
        let mut sifted = Sifted::default();
        for (text, hidden) in [(text.to_owned(), 3), (text.to_owned() + "ed\n2026-11-18T13:00:00Z x\n", 4)] {
            let bytes = Bytes::Memory(text.as_bytes().into());
            for _ in 0..3 {
                sieve.step(0, &bytes, text.len() as u64, &mut sifted).unwrap();
            }
            assert_eq!((sifted.hidden, sifted.seen), (hidden, text.len() as u64));
        }
    }
}
