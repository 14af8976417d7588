//! A search through a whole text: streamed, never loaded, its result of bounded size whatever is found.

use std::{io, ops::Range};

use super::{Bytes, Spans};
use crate::text::find::Pattern;

/// Bytes looked at in one step.
const CHUNK: usize = 1024 * 1024;
/// A line longer than this is looked at in pieces; it still counts once.
const LONGEST: usize = 16 * 1024 * 1024;
/// Parts of the text that hits are counted for.
const PARTS: usize = 4096;
/// Bytes of such a part at first; doubled as the text grows.
const PART: u64 = 16 * 1024;

/// Whether a line that was found counts: where it begins and what stands in it, with its newline.
pub type Wants<'a> = &'a mut dyn FnMut(u64, &[u8]) -> bool;

/// Lines found, by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Lines that were found.
    pub lines: u64,
    /// Bytes that were searched.
    pub searched: u64,
    /// Bytes there are.
    pub size: u64,
    /// Bytes of a part.
    part: u64,
    /// Lines found that begin in each part.
    parts: Vec<u32>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { lines: 0, searched: 0, size: 0, part: PART, parts: Vec::new() }
    }
}

impl Tally {
    fn hit(&mut self, offset: u64) {
        self.lines += 1;
        while offset / self.part >= PARTS as u64 {
            self.part *= 2;
            let sums =
                self.parts.chunks(2).map(|pair| pair.iter().fold(0, |sum: u32, n| sum.saturating_add(*n)));
            self.parts = sums.collect();
        }
        let at = (offset / self.part) as usize;
        if self.parts.len() <= at {
            self.parts.resize(at + 1, 0);
        }
        if let Some(count) = self.parts.get_mut(at) {
            *count = count.saturating_add(1);
        }
    }

    /// Hits of the whole text in `rows` rows of equal bytes.
    pub fn rows(&self, rows: usize) -> Vec<u64> {
        let mut out = vec![0_u64; rows];
        if rows == 0 {
            return out;
        }
        let size = self.size.max(1);
        for (at, count) in self.parts.iter().enumerate() {
            let middle = at as u64 * self.part + self.part / 2;
            let row = (u128::from(middle.min(size - 1)) * rows as u128 / u128::from(size)) as usize;
            if let Some(slot) = out.get_mut(row.min(rows - 1)) {
                *slot += u64::from(*count);
            }
        }
        out
    }

    fn part_of(&self, offset: u64) -> Range<u64> {
        let at = offset / self.part;
        at * self.part..(at + 1) * self.part
    }

    /// The part that holds `offset`, when it was searched and no line that was found begins in it.
    fn is_barren(&self, offset: u64) -> Option<Range<u64>> {
        let (at, range) = (offset / self.part, self.part_of(offset));
        let searched = range.end <= self.searched || (self.size > 0 && self.searched >= self.size);
        let count = usize::try_from(at).ok().and_then(|at| self.parts.get(at)).copied().unwrap_or(0);
        (searched && count == 0).then_some(range)
    }
}

/// A search that goes on as the text does.
#[derive(Debug)]
pub struct Hunt {
    pattern: Pattern,
    tally: Tally,
    buffer: Vec<u8>,
    /// The line that begins at `tally.searched` is a piece of one that was counted.
    is_counted: bool,
    /// It begins inside of a line.
    is_inside: bool,
}

impl Hunt {
    /// Looks for `pattern` from the beginning on.
    pub fn new(pattern: Pattern) -> Self {
        Self { pattern, tally: Tally::default(), buffer: Vec::new(), is_counted: false, is_inside: false }
    }

    /// A search that found so much so far, to go on from any place.
    pub fn resumed(pattern: Pattern, tally: Tally) -> Self {
        Self { tally, ..Self::new(pattern) }
    }

    /// What was found so far, and in the last line, which may go on.
    pub fn tally_with_rest(&self, bytes: &Bytes, size: u64, wants: Wants<'_>) -> Tally {
        let mut tally = self.tally.clone();
        let rest = size.saturating_sub(tally.searched);
        if rest == 0 || rest > CHUNK as u64 {
            return tally;
        }
        let mut text = vec![0; rest as usize];
        let count = bytes.read(&mut text, tally.searched).unwrap_or(0);
        let line = text.get(..count).unwrap_or_default();
        if memchr::memchr(b'\n', line).is_none() {
            if self.pattern.hits(line) && wants(self.tally.searched, line) {
                tally.hit(self.tally.searched);
            }
            tally.searched = size;
        }
        tally
    }

    /// What was found so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Searches a little more of a text with `size` bytes; whether something is left. The last line is searched when it is
    /// ended, or when `to_end` says that nothing follows. Only lines that `wants` says yes to are counted.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn step(&mut self, bytes: &Bytes, size: u64, to_end: bool, wants: Wants<'_>) -> io::Result<bool> {
        self.tally.size = size;
        let at = self.tally.searched;
        let mut length = CHUNK;
        let (whole, found_end) = loop {
            if self.buffer.len() < length {
                self.buffer.resize(length, 0);
            }
            let room = (size.saturating_sub(at)).min(length as u64) as usize;
            let count = bytes.read(self.buffer.get_mut(..room).unwrap_or_default(), at)?;
            let text = self.buffer.get(..count).unwrap_or_default();
            match memchr::memrchr(b'\n', text) {
                Some(end) => break (end + 1, true),
                None if at + count as u64 >= size => break (if to_end { count } else { 0 }, false),
                None if length >= LONGEST => break (count, false),
                None => length *= 2,
            }
        };
        if whole == 0 {
            return Ok(false);
        }
        let text = std::mem::take(&mut self.buffer);
        self.search(text.get(..whole).unwrap_or_default(), at, wants);
        self.buffer = text;
        if self.buffer.len() > CHUNK * 2 {
            self.buffer = Vec::new();
        }
        self.is_inside = !found_end;
        self.is_counted &= self.is_inside;
        self.tally.searched = at + whole as u64;
        Ok(self.tally.searched < size)
    }

    /// Counts the lines of a text that begins at `offset` and ends with a line.
    fn search(&mut self, text: &[u8], offset: u64, wants: Wants<'_>) {
        let mut from = 0;
        while let Some(line) = next_line(&self.pattern, text, from) {
            let begins_before = line.start == 0 && self.is_inside;
            let start = offset + line.start as u64;
            if !(begins_before && self.is_counted) && wants(start, text.get(line.clone()).unwrap_or_default())
            {
                self.tally.hit(start);
            }
            self.is_counted = true;
            from = line.end;
            if from >= text.len() {
                return;
            }
        }
        let reaches = memchr::memchr(b'\n', text.get(..text.len().saturating_sub(1)).unwrap_or_default());
        self.is_counted &= reaches.is_none() && self.is_inside;
    }

    /// Where the first line that is found begins, of those that begin at `from` or later. Parts without hits are not read
    /// again.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn after(&self, spans: &mut Spans, from: u64, stop: &dyn Fn() -> bool) -> io::Result<Option<u64>> {
        let mut at = first_start(spans, from)?;
        let mut text = Vec::new();
        while at < spans.size() && !stop() {
            if let Some(barren) = self.tally.is_barren(at) {
                at = first_start(spans, barren.end.min(spans.size()))?.max(at + 1);
                continue;
            }
            let Some(end) = lines_from(spans, at, &mut text)? else { break };
            if let Some(line) = next_line(&self.pattern, &text, 0) {
                return Ok(Some(at + line.start as u64));
            }
            at = end;
        }
        Ok(None)
    }

    /// Where the last line that is found begins, of those that begin before `from`.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn before(&self, spans: &mut Spans, from: u64, stop: &dyn Fn() -> bool) -> io::Result<Option<u64>> {
        // Lines that begin before this are left to look at.
        let mut end = from.min(spans.size());
        let mut text = Vec::new();
        while end > 0 && !stop() {
            let part = self.tally.part_of(end - 1);
            if self.tally.is_barren(end - 1).is_some() {
                end = part.start;
                continue;
            }
            let low = part.start.max(end.saturating_sub(CHUNK as u64));
            let mut at = first_start(spans, low)?;
            let mut last = None;
            while at < end {
                let Some(next) = lines_from(spans, at, &mut text)? else { break };
                let mut seen = 0;
                while let Some(line) = next_line(&self.pattern, &text, seen) {
                    let start = at + line.start as u64;
                    if start >= end {
                        break;
                    }
                    last = Some(start);
                    seen = line.end;
                }
                at = next;
            }
            if last.is_some() {
                return Ok(last);
            }
            end = low;
        }
        Ok(None)
    }
}

/// The first place at or after `at` where a line begins.
fn first_start(spans: &mut Spans, at: u64) -> io::Result<u64> {
    let start = spans.start_of(at)?;
    if start == at { Ok(at) } else { Ok(spans.at(start)?.map_or(at, |span| span.next)) }
}

/// Reads whole lines from `at` on, about a chunk of them; where they end.
fn lines_from(spans: &mut Spans, at: u64, text: &mut Vec<u8>) -> io::Result<Option<u64>> {
    let far = (at + CHUNK as u64 / 4).min(spans.size());
    let start = spans.start_of(far.saturating_sub(1))?.max(at);
    let Some(span) = spans.at(start)? else { return Ok(None) };
    *text = spans.range(at, span.next.min(at + LONGEST as u64))?;
    Ok(Some(span.next))
}

/// The first line from `from` (where a line begins) on that holds the pattern; with the newline behind it.
fn next_line(pattern: &Pattern, text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut from = from;
    loop {
        let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
        let found = pattern.first(rest)?;
        let start =
            memchr::memrchr(b'\n', rest.get(..found.start).unwrap_or_default()).map_or(0, |at| at + 1);
        let ended = memchr::memchr(b'\n', rest.get(found.start..).unwrap_or_default());
        let end = ended.map_or(rest.len(), |at| found.start + at);
        let line = rest.get(start..end).unwrap_or_default();
        let range = from + start..from + end + usize::from(ended.is_some());
        let is_certain = pattern.is_whole() && found.end <= end && start < end;
        // An empty line at the very end of the text is none.
        if start < rest.len() && (is_certain || pattern.hits(line)) {
            return Some(range);
        }
        from = range.end.max(from + 1);
    }
}
