//! Where a goal is: a place, a line by its number or time, the next hit, the next error.

use std::io;

use super::{judge::Reader, session::Session};
use crate::{
    model::Timestamp,
    sources::read::lines::{Found, Judge, Stack, merge::SEEN},
    text::find::Pattern,
    viewer::{Goal, went_on},
};

impl Session {
    /// Where the goal is, and why it was not found.
    pub(super) fn find(
        &self,
        goal: &Goal,
        stack: &mut Stack,
        judge: &Reader<'_>,
    ) -> io::Result<(Vec<u64>, Option<&'static str>)> {
        Ok(match goal {
            Goal::Start => (stack.start(), None),
            Goal::End => (stack.end(), None),
            Goal::Place(place) => (place.clone(), None),
            Goal::Share(share) => (stack.at_share(*share, judge)?, None),
            Goal::Time(time) => (stack.at_time(*time, judge)?, None),
            Goal::Line(number) => self.at_number(*number, stack)?,
            Goal::Hit { from, forward } => self.hit(from, *forward, stack, judge)?,
            Goal::Error { from, forward } => error(from, *forward, stack, judge)?,
        })
    }

    fn at_number(&self, number: u64, stack: &mut Stack) -> io::Result<(Vec<u64>, Option<&'static str>)> {
        if stack.len() != 1 {
            return Ok((stack.end(), Some("lines of several logs have no numbers")));
        }
        let index = self.counter.board().texts.first().map(|known| known.index.clone()).unwrap_or_default();
        let Some(spans) = stack.text(0) else { return Ok((Vec::new(), None)) };
        let at = index.line(number.saturating_sub(1), spans)?;
        let is_there = number <= index.ends() + 1;
        let why = if index.counted() < spans.size() {
            "lines are still being counted"
        } else {
            "there are fewer lines"
        };
        Ok((vec![at], (!is_there).then_some(why)))
    }

    /// The next hit in the order of the merged lines; after the last one comes the first one.
    fn hit(
        &self,
        from: &[u64],
        forward: bool,
        stack: &mut Stack,
        judge: &Reader<'_>,
    ) -> io::Result<(Vec<u64>, Option<&'static str>)> {
        let Ok(pattern) = Pattern::new(&self.search.text, self.search.manner) else {
            return Ok((from.to_vec(), Some("nothing is looked for")));
        };
        // The line one stands on is not the next one; before it may stand others that are not wanted.
        let next = if forward { stack.after(&from.to_vec(), 1, judge)?.1 } else { from.to_vec() };
        if let Some(place) = self.nearest(&pattern, &next, forward, stack, judge)? {
            return Ok((place, None));
        }
        let border = if forward { stack.start() } else { stack.end() };
        Ok(match self.nearest(&pattern, &border, forward, stack, judge)? {
            Some(place) => (place, Some(went_on(forward))),
            None => (from.to_vec(), Some("not found")),
        })
    }

    /// The nearest of all texts' next hits after (or before) a place.
    fn nearest(
        &self,
        pattern: &Pattern,
        from: &[u64],
        forward: bool,
        stack: &mut Stack,
        judge: &Reader<'_>,
    ) -> io::Result<Option<Vec<u64>>> {
        let mut best: Option<(Option<Timestamp>, Vec<u64>)> = None;
        for text in 0..stack.len() {
            let hunt = self.counter.board().hunt(text, pattern, self.asked);
            let mut at = from.get(text).copied().unwrap_or(0);
            let found = loop {
                let Some(spans) = stack.text(text) else { break None };
                let next = if forward {
                    hunt.after(spans, at, &|| judge.stop())?
                } else {
                    hunt.before(spans, at, &|| judge.stop())?
                };
                let Some(start) = next else { break None };
                let Some(span) = spans.at(start)? else { break None };
                let bytes = spans.content(span, SEEN)?;
                let time = stack.time_of(text, start, &bytes, judge)?;
                if judge.wants(text, &bytes, time) {
                    break Some((start, time));
                }
                at = if forward { span.next } else { start };
            };
            let Some((start, time)) = found else { continue };
            let nearer =
                best.as_ref().is_none_or(|(its, _)| if forward { time < *its } else { time >= *its });
            if nearer {
                best = Some((time, stack.at_line(text, start, judge)?));
            }
        }
        Ok(best.map(|(_, place)| place))
    }
}

/// The next or previous line that is an error, in the merged order: a look at a page of lines at a time.
fn error(
    from: &[u64],
    forward: bool,
    stack: &mut Stack,
    judge: &Reader<'_>,
) -> io::Result<(Vec<u64>, Option<&'static str>)> {
    const PAGE: usize = 512;
    let missed = Some(if forward { "no error below" } else { "no error above" });
    let mut place = from.to_vec();
    if forward {
        // The line one stands on is not the next one.
        place = stack.after(&place, 1, judge)?.1;
    }
    while !judge.stop() {
        let (lines, next) =
            if forward { stack.after(&place, PAGE, judge)? } else { stack.before(&place, PAGE, judge)? };
        let is_error = |line: &&Found| judge.is_error(&line.bytes);
        let hit = if forward { lines.iter().find(is_error) } else { lines.iter().rev().find(is_error) };
        if let Some(line) = hit {
            return Ok((stack.at_line(line.text, line.span.start, judge)?, None));
        }
        if lines.is_empty() || next == place {
            break;
        }
        place = next;
    }
    Ok((from.to_vec(), missed))
}
