//! Follows a file of lines that grows: every complete line is told once, at a cost that follows the new bytes.
//!
//! A file is the same file as long as device, inode, its first bytes and the bytes before our place are the same and it
//! did not shrink; otherwise it is told again from its beginning. Knows nothing of what stands in the lines, except whether
//! an unterminated last line is a complete JSON value.

use std::{
    fs::{File, Metadata},
    hash::Hasher,
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{json, open};
use crate::model::Health;

/// Bytes a read.
pub(super) const CHUNK: usize = 256 * 1024;
/// Longest line that is looked at; a longer one is counted as skipped.
pub const MAX_LINE: usize = 16 * 1024 * 1024;
/// Bytes at the file's head that are part of its identity.
const HEAD: usize = 1024;
/// Bytes before our place that must still be there.
const BORDER: usize = 64;

/// One line without its end (`\n`, `\r\n`) and without a byte order mark.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its bytes; any encoding.
    pub bytes: &'a [u8],
    /// Offset of its first byte in the file.
    pub offset: u64,
    /// Its number, from 1. Number 1 again means that the file is told from its beginning: drop what it said before.
    pub number: u64,
}

/// What a look at the file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TailChange {
    /// Nothing new.
    Unchanged,
    /// New bytes at the end (perhaps not a whole line yet).
    Grown,
    /// It is another file, or was rewritten: everything was told again from line 1; what was told before is void.
    Replaced,
}

/// What a file looked like: as long as it is the same, the file was not written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    dev: u64,
    ino: u64,
    size: u64,
    mtime: (i64, i64),
}

impl Stamp {
    /// Of a file as the system describes it.
    pub fn of(meta: &Metadata) -> Self {
        Self { dev: meta.dev(), ino: meta.ino(), size: meta.len(), mtime: (meta.mtime(), meta.mtime_nsec()) }
    }
}

/// Where a reader stood in a file, to read on from there in another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    stamp: Stamp,
    head: (usize, u64),
    border: u64,
    offset: u64,
    number: u64,
    told: u64,
    skipping: bool,
}

impl Place {
    /// Offset after the last complete line that was told.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

/// A place in a growing file.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    stamp: Option<Stamp>,
    head: (usize, u64),
    border: u64,
    offset: u64,
    number: u64,
    /// Bytes of an unterminated last line that was told already.
    told: u64,
    /// In the middle of a line that is longer than [`MAX_LINE`].
    skipping: bool,
    /// The place is that of another run.
    resumed: bool,
    /// Begins so many bytes before the end; none = at the beginning.
    newest: Option<u64>,
    /// In the middle of the line it began in, which is not told.
    joining: bool,
}

impl Tail {
    /// Follows `path` from its beginning. Opens nothing yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            stamp: None,
            head: (0, 0),
            border: 0,
            offset: 0,
            number: 0,
            told: 0,
            skipping: false,
            resumed: false,
            newest: None,
            joining: false,
        }
    }

    /// Follows `path` from the first line that begins in its last `bytes`; so again whenever it is another file. Numbers
    /// count from there.
    pub fn newest(path: impl Into<PathBuf>, bytes: u64) -> Self {
        Self { newest: Some(bytes), ..Self::new(path) }
    }

    /// Begins in the middle of the file when only its newest lines are wanted.
    fn begin(&mut self, size: u64) {
        if let Some(bytes) = self.newest.filter(|bytes| size > *bytes) {
            // One byte more: if a line ends there, the next one is told.
            self.offset = size - bytes - 1;
            self.joining = true;
        }
    }

    /// Follows `path` from where another run stood. If the file is exactly as it was then, not a byte of it is read; if it
    /// grew behind what was read, what is new is; otherwise it is told from its beginning.
    pub fn resume(path: impl Into<PathBuf>, place: Place) -> Self {
        let Place { stamp, head, border, offset, number, told, skipping } = place;
        let stamp = Some(stamp);
        Self { stamp, head, border, offset, number, told, skipping, resumed: true, ..Self::new(path) }
    }

    /// Where it stands, once it looked.
    pub fn place(&self) -> Option<Place> {
        let Self { head, border, offset, number, told, skipping, .. } = *self;
        Some(Place { stamp: self.stamp?, head, border, offset, number, told, skipping })
    }

    /// What the file looked like at the last look.
    pub fn stamp(&self) -> Option<Stamp> {
        self.stamp
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Offset after the last complete line that was told.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Size of the file at the last look.
    pub fn size(&self) -> u64 {
        self.stamp.map_or(0, |stamp| stamp.size)
    }

    /// Bytes at the end that are no whole line (yet) and were not told.
    pub fn untold(&self) -> u64 {
        self.size().saturating_sub(self.offset + self.told)
    }

    /// Tells every line that is new since the last call.
    ///
    /// # Errors
    /// What the operating system says, also when the file is not there or is not a regular file. The place stays as it is.
    pub fn poll(&mut self, health: &mut Health, line: &mut dyn FnMut(Line<'_>)) -> io::Result<TailChange> {
        self.poll_with(&mut Vec::new(), health, line)
    }

    /// As [`Tail::poll`], with a buffer that several files share one after the other.
    pub fn poll_with(
        &mut self,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        line: &mut dyn FnMut(Line<'_>),
    ) -> io::Result<TailChange> {
        if self.stamp.is_some() && self.stamp == Some(Stamp::of(&self.path.symlink_metadata()?)) {
            self.resumed = false;
            return Ok(TailChange::Unchanged);
        }
        let file = open::regular(&self.path)?;
        let stamp = Stamp::of(&file.metadata()?);
        let change =
            match self.stamp {
                None => {
                    self.begin(stamp.size);
                    TailChange::Grown
                }
                // Touched and not grown while nobody looked: what happened to its middle is not known.
                Some(old)
                    if !(self.resumed && old.size == stamp.size) && self.is_same(&file, old, stamp)? =>
                {
                    if old.size == stamp.size { TailChange::Unchanged } else { TailChange::Grown }
                }
                Some(_) => {
                    self.rewind();
                    self.begin(stamp.size);
                    TailChange::Replaced
                }
            };
        self.resumed = false;
        let started_over = self.read(&file, buffer, health, line)?;
        self.remember(&file, stamp)?;
        Ok(if started_over { TailChange::Replaced } else { change })
    }

    /// Forgets the file: it is told from where one begins.
    pub(super) fn rewind(&mut self) {
        let path = std::mem::take(&mut self.path);
        *self = Self { newest: self.newest, ..Self::new(path) };
    }

    fn is_same(&self, file: &File, old: Stamp, new: Stamp) -> io::Result<bool> {
        Ok(old.dev == new.dev
            && old.ino == new.ino
            && new.size >= old.size
            && digest(file, 0, self.head.0)? == self.head.1
            && self.border_digest(file)? == self.border)
    }

    fn border_digest(&self, file: &File) -> io::Result<u64> {
        let end = self.offset + self.told;
        let length = end.min(BORDER as u64);
        digest(file, end - length, length as usize)
    }

    fn remember(&mut self, file: &File, stamp: Stamp) -> io::Result<()> {
        let length = usize::try_from(self.offset + self.told).unwrap_or(HEAD).min(HEAD);
        self.head = (length, digest(file, 0, length)?);
        self.border = self.border_digest(file)?;
        self.stamp = Some(stamp);
        Ok(())
    }

    /// Reads from our place to the end; whether it had to start over because an unterminated line that was told went on.
    fn read(
        &mut self,
        file: &File,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        line: &mut dyn FnMut(Line<'_>),
    ) -> io::Result<bool> {
        // `buffer[..filled]` is the file from `self.offset` on; no line ends in its first `searched` bytes.
        let (mut filled, mut searched) = (0, 0);
        loop {
            if buffer.len() < filled + CHUNK {
                buffer.resize(filled + CHUNK, 0);
            }
            let Some(space) = buffer.get_mut(filled..filled + CHUNK) else { return Ok(false) };
            let count = open::read_at(file, space, self.offset + filled as u64)?;
            health.bytes_read += count as u64;
            filled += count;
            let last_chunk = count < CHUNK;
            let mut start = 0;
            while let Some(end) = buffer
                .get(searched..filled)
                .and_then(|rest| memchr::memchr(b'\n', rest))
                .map(|at| searched + at)
            {
                let bytes = buffer.get(start..end).unwrap_or_default();
                searched = end + 1;
                if !self.tell_line(bytes, health, line) {
                    self.rewind();
                    self.begin(file.metadata()?.len());
                    return self.read(file, buffer, health, line).map(|_| true);
                }
                start = searched;
            }
            if last_chunk {
                if self.tell_rest(buffer.get(start..filled).unwrap_or_default(), health, line) {
                    return Ok(false);
                }
                self.rewind();
                self.begin(file.metadata()?.len());
                return self.read(file, buffer, health, line).map(|_| true);
            }
            buffer.copy_within(start..filled, 0);
            filled -= start;
            searched = filled;
            if filled > MAX_LINE {
                self.skipping = true;
                self.offset += filled as u64;
                (filled, searched) = (0, 0);
            }
        }
    }

    /// Takes one complete line; `false` when it is the one that was told already but went on.
    fn tell_line(&mut self, bytes: &[u8], health: &mut Health, line: &mut dyn FnMut(Line<'_>)) -> bool {
        let told = std::mem::take(&mut self.told);
        let offset = self.offset;
        if told > 0 {
            let rest = bytes.get(told as usize..).unwrap_or_default();
            if !rest.iter().all(u8::is_ascii_whitespace) {
                return false;
            }
        }
        self.offset += bytes.len() as u64 + 1;
        if std::mem::take(&mut self.joining) {
            self.skipping = false;
            return true;
        }
        if std::mem::take(&mut self.skipping) || bytes.len() > MAX_LINE {
            self.number += 1;
            health.lines_read += 1;
            health.skipped += 1;
        } else if told == 0 {
            self.tell(bytes, offset, health, line);
        }
        true
    }

    /// Takes an unterminated last line when it is complete; `false` when it is the one that was told already but went on.
    fn tell_rest(&mut self, bytes: &[u8], health: &mut Health, line: &mut dyn FnMut(Line<'_>)) -> bool {
        if self.told > 0 {
            let rest = bytes.get(self.told as usize..).unwrap_or_default();
            return rest.iter().all(u8::is_ascii_whitespace);
        }
        if !self.skipping && !self.joining && bytes.len() <= MAX_LINE && json::is_complete(strip_bom(bytes)) {
            self.told = bytes.len() as u64;
            self.tell(bytes, self.offset, health, line);
        }
        true
    }

    fn tell(&mut self, bytes: &[u8], offset: u64, health: &mut Health, line: &mut dyn FnMut(Line<'_>)) {
        self.number += 1;
        health.lines_read += 1;
        let bytes = if offset == 0 { strip_bom(bytes) } else { bytes };
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        line(Line { bytes, offset, number: self.number });
    }
}

pub(super) fn strip_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn digest(file: &File, offset: u64, length: usize) -> io::Result<u64> {
    let mut buffer = [0; HEAD];
    let space = buffer.get_mut(..length.min(HEAD)).unwrap_or_default();
    let count = open::read_at(file, space, offset)?;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(space.get(..count).unwrap_or_default());
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests;
