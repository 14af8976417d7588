//! A conversation in a file of lines: plain and growing, or compressed. What a line says is the affair of the kind.

use std::path::{Path, PathBuf};

use super::{ConversationReader, ConversationSink};
use crate::{
    model::{ConversationDelta, Health},
    sources::{
        SourceError,
        read::{
            follow::{Counts, Followed},
            packed::Packed,
            tail::{Line, MAX_LINE, Tail, TailChange},
        },
    },
};

/// Ending of a file that is compressed.
const PACKED: &str = ".zst";
/// A line at the end that is longer is not looked for where only the newest is wanted: it is not read anyway.
const LARGEST: u64 = MAX_LINE as u64;

/// Makes entries of lines.
pub trait LineTeller: Send {
    /// The file is told from its beginning: nothing was said yet.
    fn forget(&mut self);
    /// Takes a line; `false` when it is no record.
    fn take(&mut self, line: Line<'_>, out: &mut ConversationSink<'_>) -> bool;
    /// Lines were understood wrongly, as later ones show: forgets everything and knows better now. Whether to read anew.
    fn knows_better(&mut self) -> bool {
        false
    }
}

enum Input {
    Plain(Tail),
    Packed(Box<Packed>),
}

impl Input {
    /// From the beginning, or only the newest bytes of a file that is not compressed.
    fn new(path: &Path, newest: Option<u64>) -> Self {
        match newest {
            _ if path.to_string_lossy().ends_with(PACKED) => Self::Packed(Box::new(Packed::new(path))),
            Some(bytes) => Self::Plain(Tail::newest(path, bytes)),
            None => Self::Plain(Tail::new(path)),
        }
    }
}

/// Follows the conversation of one file.
pub struct LineReader<T> {
    path: PathBuf,
    input: Input,
    /// Only so many bytes at the end are wanted.
    newest: Option<u64>,
    buffer: Vec<u8>,
    teller: T,
    /// Number of the newest line that was told.
    last_line: u64,
    /// Lines that are no record: found and told.
    skipped: (u64, u64),
}

impl<T: LineTeller> LineReader<T> {
    /// A reader of a file that need not exist yet. One that was compressed or unpacked meanwhile is found, too.
    pub fn new(path: &Path, teller: T) -> Self {
        Self {
            path: path.to_path_buf(),
            input: Input::new(path, None),
            newest: None,
            buffer: Vec::new(),
            teller,
            last_line: 0,
            skipped: (0, 0),
        }
    }

    /// Changes to the twin of a file that is gone: its compressed or its plain form.
    fn follow_twin(&mut self, out: &mut ConversationSink<'_>) {
        if self.path.symlink_metadata().is_ok() {
            return;
        }
        let name = self.path.to_string_lossy();
        let twin = match name.strip_suffix(PACKED) {
            Some(plain) => PathBuf::from(plain),
            None => PathBuf::from(format!("{name}{PACKED}")),
        };
        if twin.symlink_metadata().is_ok() {
            self.input = Input::new(&twin, self.newest);
            self.path = twin;
            self.restart(out);
        }
    }

    fn restart(&mut self, out: &mut ConversationSink<'_>) {
        if self.last_line > 0 {
            out.push(ConversationDelta::Restart);
        }
        self.teller.forget();
        self.last_line = 0;
        self.skipped = (0, 0);
    }

    fn pass(&mut self, out: &mut ConversationSink<'_>) -> Result<(), SourceError> {
        let Self { input, buffer, teller, last_line, skipped, .. } = self;
        let mut has_restarted = false;
        let before = *last_line;
        let mut each = |line: Line<'_>, out: &mut ConversationSink<'_>| {
            if line.number <= *last_line {
                teller.forget();
                *skipped = (0, 0);
                out.push(ConversationDelta::Restart);
                has_restarted = true;
            }
            *last_line = line.number;
            skipped.0 += u64::from(!teller.take(line, out));
        };
        let mut round = Health::default();
        let is_anew = match input {
            Input::Plain(tail) => tail
                .poll_with(buffer, &mut round, &mut |line| each(line, out))
                .map(|change| change == TailChange::Replaced),
            Input::Packed(packed) => {
                let read = packed.poll(buffer, &mut round, &mut |line, _: &mut Counts| each(line, out));
                match read {
                    Ok(Followed::Gone | Followed::Absent) => {
                        return Err(SourceError::Missing(self.path.clone()));
                    }
                    read => read.map(|followed| followed == Followed::Anew),
                }
            }
        };
        let is_anew = is_anew.map_err(|error| SourceError::io(self.path.clone(), error))?;
        // Not one line was told this time.
        if is_anew && !has_restarted && before > 0 {
            self.restart(out);
        }
        self.skipped.0 += round.skipped;
        Ok(())
    }
}

impl<T: LineTeller> ConversationReader for LineReader<T> {
    fn read(&mut self, out: &mut ConversationSink<'_>) -> Result<(), SourceError> {
        self.follow_twin(out);
        self.pass(out)?;
        while let Some(bytes) = self.newest.filter(|bytes| self.last_line == 0 && *bytes < LARGEST) {
            // The newest line is longer than all that was wanted, or there is none.
            self.newest = Some(bytes.saturating_mul(8));
            self.input = Input::new(&self.path, self.newest);
            self.pass(out)?;
        }
        if self.teller.knows_better() {
            out.push(ConversationDelta::Restart);
            self.input = Input::new(&self.path, self.newest);
            (self.last_line, self.skipped) = (0, (0, 0));
            self.pass(out)?;
        }
        if self.skipped.0 != self.skipped.1 {
            self.skipped.1 = self.skipped.0;
            out.push(ConversationDelta::Skipped(self.skipped.0));
        }
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn newest(&mut self, bytes: u64) {
        self.newest = Some(bytes);
        self.input = Input::new(&self.path, self.newest);
    }

    fn watches(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }
}
