//! Periods: today, this week, this month, the last five hours, and the periods before them.

use crate::model::{
    Millis, Timestamp, Zone,
    time::{day_after, day_before, months_before},
};

/// A half-open range of time; an open end is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range {
    /// From here, inclusive.
    pub since: Option<Timestamp>,
    /// To here, exclusive.
    pub until: Option<Timestamp>,
}

impl Range {
    /// All of time, things without a time included.
    pub const ALL: Self = Self { since: None, until: None };

    /// From `since` to `until`.
    pub fn new(since: Timestamp, until: Timestamp) -> Self {
        Self { since: Some(since), until: Some(until) }
    }

    /// Whether an instant lies in it; an unknown instant only lies in all of time.
    pub fn holds(&self, at: Option<Timestamp>) -> bool {
        match at {
            None => *self == Self::ALL,
            Some(at) => {
                self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
            }
        }
    }
}

/// A period people speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// The last five hours.
    FiveHours,
    /// This local day.
    Today,
    /// The local day before.
    Yesterday,
    /// This week, from Monday.
    Week,
    /// This calendar month.
    Month,
    /// All of time.
    All,
}

impl Window {
    /// The word on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::FiveHours => "5 h",
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::Week => "week",
            Self::Month => "month",
            Self::All => "all time",
        }
    }

    /// Its whole range, its future part included.
    pub fn range(self, now: Timestamp, zone: Zone) -> Range {
        match self {
            Self::FiveHours => Range::new(now.minus(Millis::hours(5)), now),
            Self::Today => Range::new(now.day_start(zone), day_after(zone, now, 1)),
            Self::Yesterday => Range::new(day_before(zone, now, 1), now.day_start(zone)),
            Self::Week => {
                let start = now.week_start(zone);
                Range::new(start, day_after(zone, start, 7))
            }
            Self::Month => {
                let start = now.month_start(zone);
                Range::new(start, day_after(zone, start, 32).month_start(zone))
            }
            Self::All => Range::ALL,
        }
    }

    /// The period before, cut to the part that has passed of this one: today until 14:00 compares with yesterday until
    /// 14:00, not with the whole day.
    pub fn before(self, now: Timestamp, zone: Zone) -> Option<Range> {
        let here = self.range(now, zone).since?;
        let start = match self {
            Self::FiveHours => here.minus(Millis::hours(5)),
            Self::Today | Self::Yesterday => day_before(zone, here, 1),
            Self::Week => day_before(zone, here, 7),
            Self::Month => months_before(zone, here, 1),
            Self::All => return None,
        };
        let end = match self {
            Self::Yesterday => here,
            // A short month before a long one ends where the long one begins.
            _ => start.plus(now.since(here)).min(here),
        };
        Some(Range::new(start, end))
    }
}
