//! Several texts as one, in the order of time: lines forwards and backwards from any place, without anything in memory but
//! one block of each.
//!
//! A line without a time has the time of the nearest one above it in its own text, so what belongs together stays
//! together. Of equal times the earlier text comes first. One text alone stays in its own order, whatever its times are.

use std::io;

use super::{Bytes, Span, Spans};
use crate::model::Timestamp;

/// A place between two lines: for each text where its next line begins.
pub type Anchor = Vec<u64>;

/// Bytes of a line that a judge gets to see.
pub const SEEN: usize = 64 * 1024;
/// Lines above one without a time that are asked for theirs.
const LINES_ABOVE: usize = 200;

/// What is not known here about lines.
pub trait Judge {
    /// When it was written, as its text says.
    fn time(&self, text: usize, line: &[u8]) -> Option<Timestamp>;
    /// Whether it is wanted; `time` is its own, else that of the nearest line above it, where times are needed.
    fn wants(&self, text: usize, line: &[u8], time: Option<Timestamp>) -> bool;
    /// Times are needed to say so, also of the lines of one text alone.
    fn needs_time(&self) -> bool {
        false
    }
    /// Nobody waits for the answer any more.
    fn stop(&self) -> bool;
}

/// A line that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Number of its text.
    pub text: usize,
    /// Its place.
    pub span: Span,
    /// Its first bytes, [`SEEN`] at most.
    pub bytes: Vec<u8>,
}

/// Texts that are read together.
#[derive(Debug, Default)]
pub struct Stack {
    texts: Vec<Spans>,
}

/// The next line of a text in the direction of reading.
struct Head {
    span: Span,
    bytes: Vec<u8>,
    time: Option<Timestamp>,
}

impl Stack {
    /// Of texts with so many bytes.
    pub fn new(texts: impl IntoIterator<Item = (Bytes, u64)>) -> Self {
        Self { texts: texts.into_iter().map(|(bytes, size)| Spans::new(bytes, size)).collect() }
    }

    /// How many texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// One of them.
    pub fn text(&mut self, number: usize) -> Option<&mut Spans> {
        self.texts.get_mut(number)
    }

    /// The place after all lines.
    pub fn end(&self) -> Anchor {
        self.texts.iter().map(Spans::size).collect()
    }

    /// The place before all lines.
    pub fn start(&self) -> Anchor {
        vec![0; self.texts.len()]
    }

    /// Up to `most` wanted lines after `from`, in order, and the place behind the last one (the end when there are no more).
    ///
    /// # Errors
    /// What the operating system says.
    pub fn after(
        &mut self,
        from: &Anchor,
        most: usize,
        judge: &dyn Judge,
    ) -> io::Result<(Vec<Found>, Anchor)> {
        self.gather(from, most, true, judge)
    }

    /// Up to `most` wanted lines before `from`, in order, and the place before the first one (the beginning when there are
    /// no more).
    ///
    /// # Errors
    /// What the operating system says.
    pub fn before(
        &mut self,
        from: &Anchor,
        most: usize,
        judge: &dyn Judge,
    ) -> io::Result<(Vec<Found>, Anchor)> {
        let (mut found, place) = self.gather(from, most, false, judge)?;
        found.reverse();
        Ok((found, place))
    }

    /// Wanted lines after (`forward`) or before a place, the next one first, and the place behind the last of them.
    fn gather(
        &mut self,
        from: &Anchor,
        most: usize,
        forward: bool,
        judge: &dyn Judge,
    ) -> io::Result<(Vec<Found>, Anchor)> {
        let mut place = self.fitted(from);
        let mut heads: Vec<Option<Head>> = Vec::new();
        for text in 0..self.texts.len() {
            let at = place.get(text).copied().unwrap_or(0);
            heads.push(if forward {
                let above = self.time_above(text, at, judge)?;
                self.next(text, at, above, judge)?
            } else {
                self.last(text, at, judge)?
            });
        }
        let mut found = Vec::new();
        while found.len() < most && !judge.stop() {
            let times = (0..heads.len()).filter_map(|text| Some((heads.get(text)?.as_ref()?.time, text)));
            let text = if forward { times.min() } else { times.max() }.map(|(_, text)| text);
            let Some(text) = text else { break };
            let Some(head) = heads.get_mut(text).and_then(Option::take) else { break };
            let (at, next) = if forward {
                (head.span.next, self.next(text, head.span.next, head.time, judge)?)
            } else {
                (head.span.start, self.last(text, head.span.start, judge)?)
            };
            if let (Some(slot), Some(behind)) = (place.get_mut(text), heads.get_mut(text)) {
                (*slot, *behind) = (at, next);
            }
            if judge.wants(text, &head.bytes, head.time) {
                found.push(Found { text, span: head.span, bytes: head.bytes });
            }
        }
        Ok((found, place))
    }

    /// The place before the first line at or after `time`, as far as the lines are in order.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn at_time(&mut self, time: Timestamp, judge: &dyn Judge) -> io::Result<Anchor> {
        (0..self.texts.len()).map(|text| self.time_in(text, time, judge)).collect()
    }

    /// The place right before a line of one text, with the others where they are at its time.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn at_line(&mut self, text: usize, start: u64, judge: &dyn Judge) -> io::Result<Anchor> {
        if self.texts.len() == 1 {
            return Ok(vec![start]);
        }
        let head = self.next(text, start, None, judge)?;
        let own = head.and_then(|head| head.time);
        let time = if own.is_some() { own } else { self.time_above(text, start, judge)? };
        let mut place = match time {
            Some(time) => self.at_time(time, judge)?,
            None => self.start(),
        };
        if let Some(slot) = place.get_mut(text) {
            *slot = start;
        }
        // Lines of the same time in earlier texts stand above it.
        for other in 0..text {
            let Some(time) = time else { break };
            let mut at = place.get(other).copied().unwrap_or(0);
            while let Some(head) = self.next(other, at, None, judge)? {
                if head.time.is_some_and(|its| its > time) {
                    break;
                }
                at = head.span.next;
            }
            if let Some(slot) = place.get_mut(other) {
                *slot = at;
            }
        }
        Ok(place)
    }

    /// The place after a share of all bytes, at a line's beginning.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn at_share(&mut self, share: f64, judge: &dyn Judge) -> io::Result<Anchor> {
        let (mut longest, mut text) = (0, 0);
        for (number, spans) in self.texts.iter().enumerate() {
            if spans.size() > longest {
                (longest, text) = (spans.size(), number);
            }
        }
        let Some(spans) = self.texts.get_mut(text) else { return Ok(Vec::new()) };
        let at = spans.start_of((spans.size() as f64 * share.clamp(0.0, 1.0)) as u64)?;
        self.at_line(text, at, judge)
    }

    /// There is nothing to merge and nobody needs times.
    fn is_alone(&self, judge: &dyn Judge) -> bool {
        self.texts.len() == 1 && !judge.needs_time()
    }

    /// The time of a line: its own, or that of the nearest one above it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn time_of(
        &mut self,
        text: usize,
        start: u64,
        line: &[u8],
        judge: &dyn Judge,
    ) -> io::Result<Option<Timestamp>> {
        match judge.time(text, line) {
            Some(time) => Ok(Some(time)),
            None => self.time_above(text, start, judge),
        }
    }

    /// Offsets that lie in the texts as they are now.
    fn fitted(&self, from: &Anchor) -> Anchor {
        self.texts
            .iter()
            .enumerate()
            .map(|(at, text)| from.get(at).copied().unwrap_or_else(|| text.size()).min(text.size()))
            .collect()
    }

    /// The line that begins at `at`; without a time of its own it has that of the one above it.
    fn next(
        &mut self,
        text: usize,
        at: u64,
        above: Option<Timestamp>,
        judge: &dyn Judge,
    ) -> io::Result<Option<Head>> {
        let alone = self.is_alone(judge);
        let Some(spans) = self.texts.get_mut(text) else { return Ok(None) };
        let Some(span) = spans.at(at)? else { return Ok(None) };
        let bytes = spans.content(span, SEEN)?;
        let time = if alone { None } else { judge.time(text, &bytes).or(above) };
        Ok(Some(Head { span, bytes, time }))
    }

    /// The line that ends before `end`.
    fn last(&mut self, text: usize, end: u64, judge: &dyn Judge) -> io::Result<Option<Head>> {
        let alone = self.is_alone(judge);
        let Some(spans) = self.texts.get_mut(text) else { return Ok(None) };
        let Some(span) = spans.before(end)? else { return Ok(None) };
        let bytes = spans.content(span, SEEN)?;
        let own = if alone { None } else { judge.time(text, &bytes) };
        let time = if own.is_some() { own } else { self.time_above(text, span.start, judge)? };
        Ok(Some(Head { span, bytes, time }))
    }

    /// The time of the nearest line above `at` that has one.
    fn time_above(&mut self, text: usize, at: u64, judge: &dyn Judge) -> io::Result<Option<Timestamp>> {
        if self.is_alone(judge) {
            return Ok(None);
        }
        let Some(spans) = self.texts.get_mut(text) else { return Ok(None) };
        let mut end = at;
        for _ in 0..LINES_ABOVE {
            let Some(span) = spans.before(end)? else { break };
            let bytes = spans.content(span, SEEN)?;
            if let Some(time) = judge.time(text, &bytes) {
                return Ok(Some(time));
            }
            end = span.start;
        }
        Ok(None)
    }

    /// Where the first line of a text at or after `time` begins: by halves, over bytes.
    fn time_in(&mut self, text: usize, time: Timestamp, judge: &dyn Judge) -> io::Result<u64> {
        let Some(spans) = self.texts.get_mut(text) else { return Ok(0) };
        let (mut low, mut high) = (0, spans.size());
        while low < high {
            let middle = spans.start_of(low + (high - low) / 2)?.max(low);
            // The first line from the middle on that has a time decides.
            let mut at = middle;
            let mut seen = None;
            for _ in 0..LINES_ABOVE {
                let Some(span) = spans.at(at)?.filter(|span| span.start < high) else { break };
                let bytes = spans.content(span, SEEN)?;
                seen = judge.time(text, &bytes).map(|its| (its, span));
                if seen.is_some() {
                    break;
                }
                at = span.next;
            }
            match seen {
                Some((its, span)) if its < time => low = span.next,
                _ => {
                    if middle <= low {
                        // The lines between are as early as it gets.
                        high = low;
                    } else {
                        high = middle;
                    }
                }
            }
        }
        // Lines without a time belong to the one above them.
        let mut at = low;
        for _ in 0..LINES_ABOVE {
            if at == 0 {
                break;
            }
            let Some(span) = spans.at(at)? else { return Ok(at) };
            let bytes = spans.content(span, SEEN)?;
            if judge.time(text, &bytes).is_some() {
                return Ok(at);
            }
            at = span.next;
        }
        Ok(low)
    }
}
