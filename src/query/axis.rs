//! A range cut into hours, days, weeks or months of a zone: the time axis of charts.

use chrono::{Datelike, Timelike};

use super::window::Range;
use crate::model::{Millis, Timestamp, Zone, time::day_after};

/// Parts an axis has at most; where more are wanted the next coarser step is taken.
const MOST: i64 = 40_000;

/// How long a part of the axis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Local hours.
    Hour,
    /// Local days.
    Day,
    /// Weeks from Monday.
    Week,
    /// Calendar months.
    Month,
}

impl Step {
    /// All steps with their word, shortest first.
    pub const ALL: &[(Self, &'static str)] =
        &[(Self::Hour, "hour"), (Self::Day, "day"), (Self::Week, "week"), (Self::Month, "month")];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(step, _)| *step == self).map_or("", |(_, word)| word)
    }

    /// The step of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(step, _)| *step)
    }

    /// The step with which a span is best seen as a whole: 10 to 75 parts.
    pub fn fitting(span: Millis) -> Self {
        match span.0 / Millis::days(1).0 {
            0..=3 => Self::Hour,
            4..=75 => Self::Day,
            76..=500 => Self::Week,
            _ => Self::Month,
        }
    }

    /// Its usual length.
    pub fn length(self) -> Millis {
        match self {
            Self::Hour => Millis::hours(1),
            Self::Day => Millis::days(1),
            Self::Week => Millis::days(7),
            Self::Month => Millis::days(30),
        }
    }

    /// Where the part that holds `at` begins.
    pub fn floor(self, at: Timestamp, zone: Zone) -> Timestamp {
        match self {
            Self::Hour => at.hour_start(zone),
            Self::Day => at.day_start(zone),
            Self::Week => at.week_start(zone),
            Self::Month => at.month_start(zone),
        }
    }

    /// Where the part after the one that holds `at` begins; always later than `at`.
    pub fn next(self, at: Timestamp, zone: Zone) -> Timestamp {
        let next = match self {
            Self::Hour => at.plus(Millis::hours(1)).hour_start(zone),
            Self::Day => day_after(zone, at, 1),
            Self::Week => day_after(zone, at.week_start(zone), 7),
            Self::Month => day_after(zone, at.month_start(zone), 32).month_start(zone),
        };
        // Where clocks go back by half an hour the hour that begins next may lie before.
        if next > at { next } else { at.plus(self.length()) }
    }

    fn coarser(self) -> Self {
        match self {
            Self::Hour => Self::Day,
            Self::Day => Self::Week,
            Self::Week | Self::Month => Self::Month,
        }
    }
}

/// A range in parts. The first and the last part may be shorter: together they are the range, no more and no less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// How long a part is.
    pub step: Step,
    /// The zone it is cut in.
    pub zone: Zone,
    /// Begins of the parts and the end of the last one: one more than there are parts.
    edges: Vec<Timestamp>,
}

impl Axis {
    /// Cuts `[since, until)` by `step`, or by the next coarser one where that gives too many parts.
    pub fn new(since: Timestamp, until: Timestamp, step: Step, zone: Zone) -> Self {
        let mut step = step;
        while step != Step::Month && until.since(since).0 / step.length().0 > MOST {
            step = step.coarser();
        }
        let mut edges = vec![since];
        let mut at = since;
        while at < until && edges.len() <= MOST as usize {
            at = step.next(at, zone).min(until);
            edges.push(at);
        }
        Self { step, zone, edges }
    }

    /// Parts.
    pub fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// It has no parts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All borders are borders of the roll-up: they are in every zone of today, but a range may be of any length.
    pub fn is_in_quarters(&self) -> bool {
        let quarter = i64::from(crate::store::rollup::QUARTER) * 1000;
        self.edges.iter().all(|edge| edge.0.rem_euclid(quarter) == 0)
    }

    /// From the begin of the first to the end of the last part.
    pub fn range(&self) -> Range {
        Range { since: self.edges.first().copied(), until: self.edges.last().copied() }
    }

    /// The range of a part.
    pub fn part(&self, at: usize) -> Option<Range> {
        Some(Range::new(*self.edges.get(at)?, *self.edges.get(at + 1)?))
    }

    /// Begins of the parts and the end of the last one.
    pub fn edges(&self) -> &[Timestamp] {
        &self.edges
    }

    /// Where a part begins.
    pub fn start(&self, at: usize) -> Option<Timestamp> {
        self.edges.get(at).filter(|_| at < self.len()).copied()
    }

    /// The part that holds an instant.
    pub fn place(&self, at: Timestamp) -> Option<usize> {
        let after = self.edges.partition_point(|edge| *edge <= at);
        after.checked_sub(1).filter(|place| *place < self.len())
    }

    /// The name of a part below the axis, short: `14:00`, `18`, `Nov 16`, `Nov`, and at the begin of a day, month or year
    /// the name of that.
    pub fn label(&self, at: usize) -> String {
        let Some(start) = self.start(at) else { return String::new() };
        let local = start.utc().with_timezone(&self.zone);
        let form = match (self.step, self.rank(at)) {
            (Step::Hour | Step::Day, 0) | (Step::Week, _) => "%b %-d",
            (Step::Hour, _) => "%H:%M",
            (Step::Day, _) => "%-d",
            (Step::Month, 0) => "%Y",
            (Step::Month, _) => "%b",
        };
        local.format(form).to_string()
    }

    /// The full name of a part: `Wed 2026-11-18 14:00`, `Wed 2026-11-18`, `week of 2026-11-16`, `November 2026`.
    pub fn title(&self, at: usize) -> String {
        let Some(start) = self.start(at) else { return String::new() };
        let form = match self.step {
            Step::Hour => "%a %Y-%m-%d %H:%M",
            Step::Day => "%a %Y-%m-%d",
            Step::Week => "week of %Y-%m-%d",
            Step::Month => "%B %Y",
        };
        self.step.floor(start, self.zone).utc().with_timezone(&self.zone).format(form).to_string()
    }

    /// How much a part deserves its label: 0 = begin of a day, month or year; larger numbers less.
    pub fn rank(&self, at: usize) -> u8 {
        let Some(start) = self.start(at) else { return u8::MAX };
        let local = start.utc().with_timezone(&self.zone);
        match self.step {
            Step::Hour => match local.hour() {
                0 => 0,
                12 => 1,
                6 | 18 => 2,
                hour if hour % 3 == 0 => 3,
                _ => 4,
            },
            Step::Day => match (local.day(), local.weekday()) {
                (1, _) => 0,
                (_, chrono::Weekday::Mon) => 1,
                _ => 2,
            },
            Step::Week => u8::from(local.day() > 7),
            Step::Month => match local.month() {
                1 => 0,
                4 | 7 | 10 => 1,
                _ => 2,
            },
        }
    }
}
