//! Searching in records: what is typed, how often it is there, going from one place to the next.

use std::ops::Range;

use super::{Inspector, Outcome, place::Item};
use crate::{
    overlays::finding::{Finding, MOST},
    text::find::Pattern,
    viewer::went_on,
};

/// A search: the place is a record and bytes.
pub(super) type Search = Finding<(usize, Range<usize>)>;

impl Inspector {
    /// Looks for what is typed everywhere.
    pub(super) fn recount(&mut self) {
        let Some(pattern) = self.search.compile() else { return };
        let mut found = 0;
        for record in 0..self.records.len() {
            let Some(text) = self.text(record).map(|long| long.text().as_bytes()) else { continue };
            let mut from = 0;
            while found < MOST
                && let Some(hit) = pattern.from(text, from)
            {
                found += usize::from(!hit.is_empty());
                from = hit.end.max(hit.start + 1);
            }
        }
        self.search.found = found;
    }

    /// What was typed is looked for, from what is shown on; from the beginning when nothing follows.
    pub(super) fn accept(&mut self) -> Outcome {
        self.search.accept();
        if self.search.found == 0 {
            return Outcome::Stay;
        }
        let hit = self.hit(self.here(), true).or_else(|| self.hit((0, 0), true));
        self.arrive(hit)
    }

    /// Goes to the next or previous place.
    pub(super) fn next_match(&mut self, forward: bool) -> Outcome {
        if self.search.pattern.is_none() {
            return Outcome::Toast("nothing is looked for yet".to_owned());
        }
        let from = match &self.search.at {
            Some((record, hit)) => (*record, if forward { hit.end } else { hit.start }),
            None => self.here(),
        };
        if let Some(hit) = self.hit(from, forward) {
            return self.arrive(Some(hit));
        }
        // After the last place comes the first one.
        let border = if forward { (0, 0) } else { (self.records.len().saturating_sub(1), usize::MAX) };
        let Some(hit) = self.hit(border, forward) else { return self.arrive(None) };
        self.arrive(Some(hit));
        Outcome::Toast(went_on(forward).to_owned())
    }

    fn arrive(&mut self, hit: Option<(usize, Range<usize>)>) -> Outcome {
        let Some((record, range)) = hit else { return Outcome::Toast("not found".to_owned()) };
        self.show(record, range.start);
        self.search.at = Some((record, range));
        Outcome::Stay
    }

    /// The record and byte at the top of the screen.
    fn here(&self) -> (usize, usize) {
        let top = self.first();
        match self.item(top.item) {
            Some(Item::Piece(record, _)) => (record, top.byte),
            Some(Item::Place(record) | Item::Note(record)) => (record, 0),
            _ => (0, 0),
        }
    }

    fn hit(&self, (record, byte): (usize, usize), forward: bool) -> Option<(usize, Range<usize>)> {
        let pattern = self.search.pattern.as_ref()?;
        if forward {
            let mut from = byte;
            for record in record..self.records.len() {
                let text = self.text(record).map(|long| long.text().as_bytes()).unwrap_or_default();
                while let Some(hit) = pattern.from(text, from) {
                    if !hit.is_empty() {
                        return Some((record, hit));
                    }
                    from = hit.start + 1;
                }
                from = 0;
            }
            return None;
        }
        let mut until = Some(byte);
        for record in (0..=record).rev() {
            let text = self.text(record).map(|long| long.text().as_bytes()).unwrap_or_default();
            let until = until.take().map_or(text.len(), |until| until.min(text.len()));
            if let Some(hit) = last_before(pattern, text, until) {
                return Some((record, hit));
            }
        }
        None
    }

    /// What is found in these bytes of a record's text.
    pub(super) fn marks(&self, record: usize, shown: &Range<usize>) -> Vec<Range<usize>> {
        let (Some(pattern), Some(text)) = (&self.search.pattern, self.text(record)) else {
            return Vec::new();
        };
        // What begins a little above may reach into it.
        let around = text.text().floor_char_boundary(shown.start.saturating_sub(AROUND));
        let seen = text.text().as_bytes().get(..shown.end.saturating_add(AROUND).min(text.text().len()));
        let mut marks = Vec::new();
        let mut from = around;
        while let Some(hit) = seen.and_then(|seen| pattern.from(seen, from)) {
            if hit.start >= shown.end {
                break;
            }
            from = hit.end.max(hit.start + 1);
            if hit.end > shown.start && !hit.is_empty() {
                marks.push(hit.start.max(shown.start)..hit.end.min(shown.end));
            }
        }
        marks
    }
}

/// Bytes above and below a row in which what reaches into it is looked for.
const AROUND: usize = 512;

/// The last place that begins before `until`: looked for in ever longer stretches before it.
fn last_before(pattern: &Pattern, text: &[u8], until: usize) -> Option<Range<usize>> {
    let mut stretch = 16 * 1024;
    let mut end = until;
    while end > 0 {
        let start = end.saturating_sub(stretch);
        let mut last = None;
        let mut from = start;
        while let Some(hit) = pattern.from(text, from) {
            if hit.start >= end {
                break;
            }
            from = hit.end.max(hit.start + 1);
            if !hit.is_empty() {
                last = Some(hit);
            }
        }
        if last.is_some() {
            return last;
        }
        end = start;
        stretch *= 2;
    }
    None
}
