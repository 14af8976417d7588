//! Which lines of a thread's file are copies of another thread's: a sub-agent or a fork begins with its parent's.

use crate::model::{Millis, Timestamp};

/// A copy is written in one burst at the start.
const BURST: Millis = Millis::seconds(1);

/// What a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The thread's own.
    #[default]
    Own,
    /// Its own, most likely; but what it counts is not counted.
    Unsure,
    /// Another thread's.
    Copied,
}

/// Where the copy in a file ends.
#[derive(Clone, Copy, Debug, Default)]
enum Border {
    /// There is no copy.
    #[default]
    None,
    /// Lines below this number are copied.
    Ordinal(u64),
    /// Lines until this time are copied.
    Time(Timestamp),
}

/// The judge of one file.
#[expect(clippy::struct_excessive_bools, reason = "what was seen so far, each on its own")]
#[derive(Debug, Default)]
pub(super) struct Copying {
    border: Border,
    /// Believe the number alone: the file goes beyond it.
    by_number: bool,
    /// A message to the thread itself ended the copy, because no line had come to the number yet.
    by_message: bool,
    /// A second head, of another thread, was seen: there is a copy.
    pub has_foreign_head: bool,
    /// The verdict on the newest line.
    pub last: Verdict,
    /// Lines were taken as own that are copies after all: read the file anew, by number.
    pub must_rewind: bool,
}

impl Copying {
    /// A file that was read before and has lines beyond the number.
    pub(super) fn by_number() -> Self {
        Self { by_number: true, ..Self::default() }
    }

    /// The file's own head was read.
    pub(super) fn begin(&mut self, start: Option<u64>, is_child: bool, at: Option<Timestamp>) {
        self.border = match (start, at) {
            (Some(start), _) => Border::Ordinal(start),
            (None, Some(at)) if is_child => Border::Time(at.plus(BURST)),
            _ => Border::None,
        };
        self.last = if matches!(self.border, Border::None) { Verdict::Own } else { Verdict::Copied };
    }

    /// Judges the next line. `is_call` = it is a message to the thread itself.
    pub(super) fn judge(&mut self, ordinal: Option<u64>, at: Option<Timestamp>, is_call: bool) -> Verdict {
        self.last = match (self.border, ordinal, at) {
            (Border::None, ..) => Verdict::Own,
            (Border::Ordinal(start), Some(ordinal), _) if ordinal >= start => {
                self.must_rewind |= self.by_message;
                self.by_number = true;
                Verdict::Own
            }
            (Border::Ordinal(_), ordinal, _) if self.by_number => {
                if ordinal.is_some() {
                    Verdict::Copied
                } else {
                    self.last
                }
            }
            (Border::Ordinal(_), ..) => {
                self.by_message |= is_call;
                if self.by_message { Verdict::Own } else { Verdict::Copied }
            }
            (Border::Time(until), _, Some(at)) if at > until => {
                self.border = Border::None;
                Verdict::Own
            }
            (Border::Time(_), ..) if self.has_foreign_head => Verdict::Copied,
            (Border::Time(_), ..) => Verdict::Unsure,
        };
        self.last
    }
}
