//! Where lines begin and end, found from any place in either direction with one small block in memory.

use std::io;

use super::Bytes;

/// Bytes read at once.
const BLOCK: u64 = 128 * 1024;
/// How far away an end of a line is looked for. A longer run without one (a hole in a sparse file) is cut there, so that
/// no look takes for ever.
const FARTHEST: u64 = 1024 * 1024 * 1024;

/// A line's place: `start..end` are its bytes without what ends it, `next` is where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first byte.
    pub start: u64,
    /// Behind its last byte.
    pub end: u64,
    /// The first byte of the next line.
    pub next: u64,
}

/// A reader of one text with `size` bytes.
#[derive(Debug)]
pub struct Spans {
    bytes: Bytes,
    size: u64,
    /// Number of the block in memory.
    number: Option<u64>,
    block: Vec<u8>,
}

impl Spans {
    /// Of the first `size` bytes.
    pub fn new(bytes: Bytes, size: u64) -> Self {
        Self { bytes, size, number: None, block: Vec::new() }
    }

    /// Bytes it reads at most.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes more bytes into account.
    pub fn grow(&mut self, size: u64) {
        if size != self.size {
            self.size = size;
            self.number = None;
        }
    }

    fn load(&mut self, number: u64) -> io::Result<&[u8]> {
        if self.number != Some(number) {
            self.number = None;
            let from = number * BLOCK;
            let length = self.size.saturating_sub(from).min(BLOCK) as usize;
            self.block.resize(length, 0);
            let count = self.bytes.read(&mut self.block, from)?;
            self.block.truncate(count);
            self.number = Some(number);
        }
        Ok(&self.block)
    }

    /// The line that begins at `start`; none at the end of the text.
    pub fn at(&mut self, start: u64) -> io::Result<Option<Span>> {
        if start >= self.size {
            return Ok(None);
        }
        let farthest = self.size.min(start.saturating_add(FARTHEST));
        let mut from = start;
        while from < farthest {
            let (number, skip) = (from / BLOCK, (from % BLOCK) as usize);
            let block = self.load(number)?;
            let rest = block.get(skip..).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', rest) {
                let end = from + at as u64;
                return Ok(Some(Span { start, end, next: end + 1 }));
            }
            if rest.is_empty() {
                break;
            }
            from += rest.len() as u64;
        }
        let end = from.min(farthest);
        Ok((end > start).then_some(Span { start, end, next: end }))
    }

    /// The line that ends right before `end` (which is where a line begins, or the end of the text); none at the beginning.
    pub fn before(&mut self, end: u64) -> io::Result<Option<Span>> {
        let end = end.min(self.size);
        if end == 0 {
            return Ok(None);
        }
        // The newline that ends the line itself is not the one that begins it.
        let start = self.start_of(end - 1)?;
        let last = self.byte(end - 1)?;
        let ends = last == Some(b'\n');
        Ok(Some(Span { start, end: if ends { end - 1 } else { end }, next: end }))
    }

    /// Where the line that holds byte `at` begins.
    pub fn start_of(&mut self, at: u64) -> io::Result<u64> {
        let at = at.min(self.size);
        let nearest = at.saturating_sub(FARTHEST);
        let mut to = at;
        while to > nearest {
            let number = (to - 1) / BLOCK;
            let block = self.load(number)?;
            let length = ((to - number * BLOCK) as usize).min(block.len());
            if let Some(found) = memchr::memrchr(b'\n', block.get(..length).unwrap_or_default()) {
                return Ok((number * BLOCK + found as u64 + 1).max(nearest));
            }
            to = number * BLOCK;
        }
        Ok(nearest)
    }

    fn byte(&mut self, at: u64) -> io::Result<Option<u8>> {
        Ok(self.load(at / BLOCK)?.get((at % BLOCK) as usize).copied())
    }

    /// The first bytes of a line, at most `most`, without `\r` before its end and without a byte order mark.
    pub fn content(&mut self, span: Span, most: usize) -> io::Result<Vec<u8>> {
        let mut out = self.range(span.start, span.end.min(span.start + most as u64))?;
        if out.len() as u64 == span.end - span.start && out.last() == Some(&b'\r') {
            out.pop();
        }
        if span.start == 0 && out.starts_with(b"\xef\xbb\xbf") {
            out.drain(..3);
        }
        Ok(out)
    }

    /// The bytes of a range, as far as there are any.
    pub(super) fn range(&mut self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let length = to.min(self.size).saturating_sub(from) as usize;
        let mut out = Vec::with_capacity(length);
        while out.len() < length {
            let at = from + out.len() as u64;
            let skip = (at % BLOCK) as usize;
            let block = self.load(at / BLOCK)?;
            let rest = block.get(skip..).unwrap_or_default();
            let count = rest.len().min(length - out.len());
            if count == 0 {
                break;
            }
            out.extend_from_slice(rest.get(..count).unwrap_or_default());
        }
        Ok(out)
    }
}
