//! How many lines stand before a place: a count at every so many bytes, built beside, of bounded size.

use std::io;

use super::{Bytes, Spans};

/// Bytes between two marks at first; doubled when there are too many of them.
const STRIDE: u64 = 1024 * 1024;
/// Marks at most: half a megabyte for a file of any size.
const MARKS: usize = 32 * 1024;

/// Counts of line ends.
#[derive(Clone, Debug)]
pub struct Index {
    stride: u64,
    /// Line ends before byte `(at + 1) * stride`.
    marks: Vec<u64>,
    /// Bytes that were counted.
    counted: u64,
    /// Line ends in them.
    ends: u64,
}

impl Default for Index {
    fn default() -> Self {
        Self { stride: STRIDE, marks: Vec::new(), counted: 0, ends: 0 }
    }
}

impl Index {
    /// Bytes that were counted.
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// Line ends in them.
    pub fn ends(&self) -> u64 {
        self.ends
    }

    /// Counts at most one stride more of a text with `size` bytes; whether something is left.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn step(&mut self, bytes: &Bytes, size: u64, buffer: &mut Vec<u8>) -> io::Result<bool> {
        // Small reads stay in the processor's cache between copying and counting.
        const READ: u64 = 256 * 1024;
        let border = (self.counted / self.stride + 1) * self.stride;
        let upto = border.min(size);
        while self.counted < upto {
            let length = (upto - self.counted).min(READ) as usize;
            if buffer.len() < length {
                buffer.resize(length, 0);
            }
            let space = buffer.get_mut(..length).unwrap_or_default();
            let count = bytes.read(space, self.counted)?;
            if count == 0 {
                return Ok(false);
            }
            self.ends += memchr::memchr_iter(b'\n', space.get(..count).unwrap_or_default()).count() as u64;
            self.counted += count as u64;
        }
        if self.counted == border {
            self.marks.push(self.ends);
            if self.marks.len() > MARKS {
                self.thin();
            }
        }
        Ok(self.counted < size)
    }

    /// Keeps every second mark. The newest one stays countable: it lies on a border of the doubled stride or is dropped,
    /// and then the bytes after the last border are counted again.
    fn thin(&mut self) {
        self.stride *= 2;
        self.marks = self.marks.iter().skip(1).step_by(2).copied().collect();
        self.counted = self.marks.len() as u64 * self.stride;
        self.ends = self.marks.last().copied().unwrap_or(0);
    }

    /// Line ends before `offset`; none while it is not counted so far.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn before(&self, offset: u64, spans: &mut Spans) -> io::Result<Option<u64>> {
        if offset > self.counted {
            return Ok(None);
        }
        let (mut at, mut ends) = self.floor((offset / self.stride) as usize);
        while at < offset {
            let Some(span) = spans.at(at)? else { break };
            if span.next > offset || span.next == span.end {
                break;
            }
            ends += 1;
            at = span.next;
        }
        Ok(Some(ends))
    }

    /// The byte before which the first `number` strides lie, and the line ends in them.
    fn floor(&self, number: usize) -> (u64, u64) {
        match number.min(self.marks.len()) {
            0 => (0, 0),
            some => (some as u64 * self.stride, self.marks.get(some - 1).copied().unwrap_or(0)),
        }
    }

    /// Where line `number` (from 0) begins; the end of what is counted when there are fewer.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn line(&self, number: u64, spans: &mut Spans) -> io::Result<u64> {
        if number == 0 {
            return Ok(0);
        }
        let strides = self.marks.partition_point(|ends| *ends < number);
        let (mut at, mut ends) = self.floor(strides);
        while ends < number {
            let Some(span) = spans.at(at)? else { break };
            if span.next == span.end {
                break;
            }
            ends += 1;
            at = span.next;
        }
        Ok(at)
    }
}
