//! A followed file whose share of the health's counts can be taken back: when it is told anew or goes away, what it was
//! counted for is not counted twice and not for ever.

use std::{io, path::PathBuf};

use super::tail::{Line, Tail, TailChange};
use crate::model::Health;

/// Lines of one file as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines read.
    pub(super) lines: u64,
    /// Lines that are no record.
    pub skipped: u64,
    /// Lines that were read after a repair.
    pub repaired: u64,
}

impl Counts {
    /// Adds these counts to a health.
    pub fn add_to(self, health: &mut Health) {
        health.lines_read += self.lines;
        health.skipped += self.skipped;
        health.repaired += self.repaired;
    }

    /// Takes them back.
    pub fn take_from(self, health: &mut Health) {
        health.lines_read = health.lines_read.saturating_sub(self.lines);
        health.skipped = health.skipped.saturating_sub(self.skipped);
        health.repaired = health.repaired.saturating_sub(self.repaired);
    }

    /// Of a look at a table: rows that could not be used, and values that were repaired.
    pub fn of_rows(skipped: u64, repaired: u64) -> Self {
        Self { lines: 0, skipped, repaired }
    }
}

/// What a look at a file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Nothing new.
    Same,
    /// New bytes at its end.
    More,
    /// Another file or rewritten: its lines were told again from number 1. Drop what it said before, also when it has no
    /// line now.
    Anew,
    /// It was there and is not any more.
    Gone,
    /// It is not there and was not (or held nothing).
    Absent,
}

impl Followed {
    /// It says something else than before.
    pub fn is_news(self) -> bool {
        matches!(self, Self::More | Self::Anew | Self::Gone)
    }
}

/// A file that is followed.
#[derive(Debug)]
pub struct Follower {
    tail: Tail,
    counts: Counts,
}

impl Follower {
    /// Follows `path` from its beginning; it need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { tail: Tail::new(path), counts: Counts::default() }
    }

    /// Follows it from the first line that begins in its last `bytes`.
    pub fn newest(path: impl Into<PathBuf>, bytes: u64) -> Self {
        Self { tail: Tail::newest(path, bytes), counts: Counts::default() }
    }

    /// Tells every line that is new. `each` counts what it cannot use.
    pub fn poll(
        &mut self,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        each: &mut dyn FnMut(Line<'_>, &mut Counts),
    ) -> io::Result<Followed> {
        let (mut read, mut counts) = (Health::default(), Counts::default());
        let result = self.tail.poll_with(buffer, &mut read, &mut |line| each(line, &mut counts));
        health.bytes_read += read.bytes_read;
        counts.lines += read.lines_read;
        counts.skipped += read.skipped;
        counts.repaired += read.repaired;
        let followed = match result {
            Ok(TailChange::Unchanged) => Followed::Same,
            Ok(TailChange::Grown) => Followed::More,
            Ok(TailChange::Replaced) => {
                self.forget(health);
                Followed::Anew
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let was_there = self.tail.size() > 0;
                self.forget(health);
                self.tail.rewind();
                return Ok(if was_there { Followed::Gone } else { Followed::Absent });
            }
            Err(error) => return Err(error),
        };
        counts.add_to(health);
        self.counts.lines += counts.lines;
        self.counts.skipped += counts.skipped;
        self.counts.repaired += counts.repaired;
        Ok(followed)
    }

    /// Bytes at the end that are no whole line (yet) and were not told.
    pub fn untold(&self) -> u64 {
        self.tail.untold()
    }

    /// Takes back what it was counted for.
    pub fn forget(&mut self, health: &mut Health) {
        std::mem::take(&mut self.counts).take_from(health);
    }
}
