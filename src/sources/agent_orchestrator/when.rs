//! Times as this family writes them, and spans that are honest about impossible ones. Pure: `now` is an argument.

use chrono::{NaiveDate, NaiveDateTime};

use super::words;
use crate::{
    model::{Millis, Status, Timestamp, Zone, time::start_of},
    sources::read::sqlite::{Fields, instant_of_number},
    text::Safe,
};

/// After this long without an end something that is stored as running is called stale.
pub(super) const STALE: Millis = Millis::days(1);

/// An instant: RFC 3339, a time of `zone` without zone mark, a date alone, what `date` prints, or a number of seconds or
/// milliseconds since 1970.
pub(super) fn parse(text: &str, zone: Zone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return instant_of_number(number);
    }
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse_local(text, zone))
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| start_of(zone, date)))
        .or_else(|| printed(text, zone))
}

/// `Fri Aug  1 17:32:00 UTC 2025`: the name of a zone says nothing certain unless it is UTC.
fn printed(text: &str, zone: Zone) -> Option<Timestamp> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, clock, name, year] = words[..] else { return None };
    let plain = format!("{year} {month} {day} {clock}");
    let naive = NaiveDateTime::parse_from_str(&plain, "%Y %b %d %H:%M:%S").ok()?;
    let zone = if matches!(name, "UTC" | "GMT" | "Z") { Zone::UTC } else { zone };
    Timestamp::parse_local(&naive.format("%Y-%m-%dT%H:%M:%S").to_string(), zone)
}

/// `PT1H42M`: hours, minutes and seconds of ISO 8601.
pub(super) fn duration(text: &str) -> Option<Millis> {
    let mut rest = text.trim().strip_prefix("PT").filter(|rest| !rest.is_empty())?;
    let mut seconds = 0.0;
    for (unit, weight) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let number = number.parse::<f64>().ok().filter(|number| (0.0..1e6).contains(number))?;
            seconds += number * weight;
            rest = after;
        }
    }
    rest.is_empty().then(|| Millis((seconds * 1000.0).round() as i64))
}

/// A time of a row: what it means, and what is stored when it means nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    /// The instant.
    pub(super) at: Option<Timestamp>,
    /// The text, when it is no time.
    pub(super) odd: Option<Safe>,
}

impl Cell {
    /// The value of a column; times without zone mark are UTC in all databases of the family.
    pub(super) fn of(fields: &mut Fields<'_>, column: &str) -> Self {
        let Some(text) = fields.raw(column).filter(|text| !text.trim().is_empty()) else {
            return Self::default();
        };
        let at = parse(&text, Zone::UTC);
        Self { at, odd: at.is_none().then(|| Safe::line(&text)) }
    }
}

/// Start and end of something as far as they can be true.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Span {
    /// Start.
    pub(super) started: Option<Timestamp>,
    /// End.
    pub(super) ended: Option<Timestamp>,
    /// What is wrong with the stored times.
    pub(super) notes: Vec<String>,
    /// Stored times that are not told because they cannot be true or read.
    pub(super) facts: Vec<(&'static str, Safe)>,
    /// When this should be looked at again because time alone changes it.
    pub(super) wake: Option<Timestamp>,
}

impl Span {
    /// Judges stored times: no duration follows from a start that lies ahead or an end before its start.
    pub(super) fn of(started: &Cell, ended: &Cell, now: Timestamp) -> Self {
        let mut span = Self { started: started.at, ended: ended.at, ..Self::default() };
        span.facts.extend(started.odd.clone().map(|text| ("start as stored", text)));
        span.facts.extend(ended.odd.clone().map(|text| ("end as stored", text)));
        if let (Some(start), Some(end)) = (span.started, span.ended)
            && end < start
        {
            span.notes.push("its stored end lies before its start: no duration".to_owned());
            span.facts.push(("end as stored", Safe::line(&end.to_string())));
            span.ended = None;
        }
        if let Some(start) = span.started.filter(|start| *start > now) {
            span.notes.push("its stored start lies in the future: no duration".to_owned());
            span.facts.push(("start as stored", Safe::line(&start.to_string())));
            span.started = None;
            span.wake = Some(start);
        }
        span
    }

    /// Says so when it runs for more than a day, and wants to be looked at when it will.
    pub(super) fn judge_running(&mut self, now: Timestamp) {
        let (Some(start), None) = (self.started, self.ended) else { return };
        let due = start.plus(STALE);
        if due <= now {
            self.notes.push("stale: running for more than a day, and no end is stored".to_owned());
        } else {
            self.wake = Some(self.wake.map_or(due, |wake| wake.min(due)));
        }
    }
}

/// A stored state with its stored times, judged: what runs for more than a day is called stale.
pub(super) fn judged(word: Option<&Safe>, started: &Cell, ended: &Cell, now: Timestamp) -> (Status, Span) {
    let status = word.map_or(Status::Unknown, |word| words::status(word));
    let mut span = Span::of(started, ended, now);
    if status == Status::Running {
        span.judge_running(now);
    }
    (status, span)
}

/// Notes as one, or nothing.
pub(super) fn note(notes: &[String]) -> Option<Safe> {
    (!notes.is_empty()).then(|| Safe::line(&notes.join("; ")))
}
