//! What is known of lines here: their times, and whether they are wanted.

use super::{CLOSED, Newest};
use crate::{
    model::{Level, Timestamp, Zone},
    query::filter::{FactsSubject, Filter},
    sources::read::lines::Judge,
    text::Safe,
    viewer::{Wanted, line, recognise, time_of},
};

/// Judges lines for one question.
pub(super) struct Reader<'a> {
    pub(super) zone: Zone,
    pub(super) names: &'a [Safe],
    pub(super) newest: &'a Newest,
    pub(super) serial: u64,
    pub(super) now: Timestamp,
    wanted: Wanted,
    filter: Filter,
    everything: bool,
    /// Newer questions do not end it, only that the viewer is closed.
    is_patient: bool,
}

impl<'a> Reader<'a> {
    /// Judges all lines there are, whatever is asked meanwhile.
    pub(super) fn patient(
        zone: Zone,
        names: &'a [Safe],
        newest: &'a Newest,
        now: Timestamp,
        wanted: &Wanted,
    ) -> Self {
        Self { is_patient: true, ..Self::new(zone, names, newest, 0, now, wanted) }
    }

    pub(super) fn new(
        zone: Zone,
        names: &'a [Safe],
        newest: &'a Newest,
        serial: u64,
        now: Timestamp,
        wanted: &Wanted,
    ) -> Self {
        // A filter that cannot be read lets everything through; the screen says so.
        let filter = Filter::parse(&wanted.filter).unwrap_or_default();
        Self {
            zone,
            names,
            newest,
            serial,
            now,
            everything: wanted.is_everything(),
            wanted: wanted.clone(),
            filter,
            is_patient: false,
        }
    }

    pub(super) fn is_error(&self, line: &[u8]) -> bool {
        line::revealed(line, self.zone).weight() >= Level::Error
    }
}

impl Judge for Reader<'_> {
    fn time(&self, _: usize, line: &[u8]) -> Option<Timestamp> {
        time_of(line, self.zone)
    }

    fn needs_time(&self) -> bool {
        self.wanted.is_timed()
    }

    fn wants(&self, text: usize, line: &[u8], time: Option<Timestamp>) -> bool {
        if self.everything {
            return true;
        }
        if !self.wanted.holds(time) {
            return false;
        }
        if self.wanted.level.is_none() && self.filter.is_empty() {
            return true;
        }
        // What is found by words must not be a secret; nothing else of a line can be one, and looking for them costs most.
        let has_words = self.filter.asks_for_words();
        let facts = if has_words { recognise(line, self.zone) } else { line::revealed(line, self.zone) };
        if self.wanted.level.is_some_and(|level| facts.weight() < level) {
            return false;
        }
        if self.filter.is_empty() {
            return true;
        }
        let raw = if has_words { line::raw(line) } else { Safe::default() };
        let name = self.names.get(text).map_or("", |name| name);
        self.filter.matches(&FactsSubject { facts: &facts, raw: &raw, log: name }, self.now)
    }

    fn stop(&self) -> bool {
        if self.is_patient { self.newest.is(CLOSED) } else { !self.newest.is(self.serial) }
    }
}
