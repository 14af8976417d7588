//! A compressed file of lines (zstd): read whole, streamed, once for every state of the file. Knows nothing of what stands
//! in the lines, except whether an unterminated last line is a complete JSON value.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use zstd::stream::read::Decoder;

use super::{
    follow::{Counts, Followed},
    json, open,
    tail::{CHUNK, Line, MAX_LINE, Stamp, strip_bom},
};
use crate::{model::Health, text::Safe};

/// A compressed file that is looked at again and again.
#[derive(Debug)]
pub struct Packed {
    path: PathBuf,
    stamp: Option<Stamp>,
    counts: Counts,
    trouble: Option<Safe>,
}

impl Packed {
    /// A file that was not looked at yet and need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), stamp: None, counts: Counts::default(), trouble: None }
    }

    /// Why it could not be decompressed to its end; the lines before that were told.
    pub fn trouble(&self) -> Option<&Safe> {
        self.trouble.as_ref()
    }

    /// Tells all lines when the file is another one than at the last look ([`Followed::Anew`]: drop what it said before).
    /// Offsets count decompressed bytes.
    pub fn poll(
        &mut self,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        each: &mut dyn FnMut(Line<'_>, &mut Counts),
    ) -> io::Result<Followed> {
        let stamp = match fs::symlink_metadata(&self.path) {
            Ok(meta) => Stamp::of(&meta),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let was_there = self.stamp.take().is_some();
                self.forget(health);
                return Ok(if was_there { Followed::Gone } else { Followed::Absent });
            }
            Err(error) => return Err(error),
        };
        if self.stamp == Some(stamp) {
            return Ok(Followed::Same);
        }
        let file = open::regular(&self.path)?;
        let meta = file.metadata()?;
        self.forget(health);
        self.stamp = Some(Stamp::of(&meta));
        health.bytes_read += meta.len();
        let mut counts = Counts::default();
        let read = Decoder::new(file).and_then(|mut from| lines(&mut from, buffer, &mut counts, each));
        if let Err(error) = read {
            self.trouble = Some(Safe::line(&error.to_string()));
            counts.skipped += 1;
        }
        counts.add_to(health);
        self.counts = counts;
        Ok(Followed::Anew)
    }

    /// Takes back what it was counted for.
    pub fn forget(&mut self, health: &mut Health) {
        self.trouble = None;
        std::mem::take(&mut self.counts).take_from(health);
    }
}

/// The line at an offset of the decompressed bytes, of which `most` bytes at most are taken, and how many more it has.
pub fn line_at(path: &Path, offset: u64, most: u64) -> io::Result<(Vec<u8>, u64)> {
    let mut from = BufReader::new(Decoder::new(open::regular(path)?)?);
    io::copy(&mut from.by_ref().take(offset), &mut io::sink())?;
    let mut bytes = Vec::new();
    from.by_ref().take(most).read_until(b'\n', &mut bytes)?;
    let left_out = if bytes.len() as u64 == most { rest_of_line(&mut from)? } else { 0 };
    Ok((bytes, left_out))
}

/// Bytes up to the end of a line, which are passed over.
fn rest_of_line(from: &mut impl BufRead) -> io::Result<u64> {
    let mut passed = 0;
    loop {
        let block = from.fill_buf()?;
        let end = memchr::memchr(b'\n', block);
        let count = end.unwrap_or(block.len());
        passed += count as u64;
        if end.is_some() || count == 0 {
            return Ok(passed);
        }
        from.consume(count);
    }
}

/// The number of the line that begins at an offset of the decompressed bytes, counted from 1.
pub fn line_number(path: &Path, offset: u64) -> io::Result<u64> {
    let mut from = BufReader::with_capacity(CHUNK, Decoder::new(open::regular(path)?)?.take(offset));
    let mut number = 1;
    loop {
        let block = from.fill_buf()?;
        if block.is_empty() {
            return Ok(number);
        }
        number += memchr::memchr_iter(b'\n', block).count() as u64;
        let count = block.len();
        from.consume(count);
    }
}

fn lines(
    from: &mut dyn Read,
    buffer: &mut Vec<u8>,
    counts: &mut Counts,
    each: &mut dyn FnMut(Line<'_>, &mut Counts),
) -> io::Result<()> {
    // `buffer[..filled]` begins at `offset`; no line ends in its first `searched` bytes.
    let (mut filled, mut searched, mut offset) = (0, 0, 0);
    let mut is_skipping = false;
    loop {
        if buffer.len() < filled + CHUNK {
            buffer.resize(filled + CHUNK, 0);
        }
        let count = match from.read(buffer.get_mut(filled..).unwrap_or_default()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        filled += count;
        let mut start = 0;
        while let Some(end) =
            buffer.get(searched..filled).and_then(|rest| memchr::memchr(b'\n', rest)).map(|at| searched + at)
        {
            let bytes = buffer.get(start..end).unwrap_or_default();
            tell(bytes, offset, std::mem::take(&mut is_skipping), counts, each);
            offset += bytes.len() as u64 + 1;
            start = end + 1;
            searched = start;
        }
        if count == 0 {
            let rest = buffer.get(start..filled).unwrap_or_default();
            if is_skipping || json::is_complete(strip_bom(rest)) {
                tell(rest, offset, is_skipping, counts, each);
            }
            return Ok(());
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        searched = filled;
        if filled > MAX_LINE {
            is_skipping = true;
            offset += filled as u64;
            (filled, searched) = (0, 0);
        }
    }
}

fn tell(
    bytes: &[u8],
    offset: u64,
    is_cut: bool,
    counts: &mut Counts,
    each: &mut dyn FnMut(Line<'_>, &mut Counts),
) {
    counts.lines += 1;
    if is_cut || bytes.len() > MAX_LINE {
        counts.skipped += 1;
        return;
    }
    let bytes = if offset == 0 { strip_bom(bytes) } else { bytes };
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    each(Line { bytes, offset, number: counts.lines }, counts);
}

#[cfg(test)]
mod tests;
