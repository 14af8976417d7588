//! When people and their agents work: hours of the day, weekdays, heavy weeks. Local time, because that is when they do.

use chrono::{Datelike, Timelike, Weekday};

use super::rng::Rng;
use crate::model::{Millis, Timestamp, Zone};

/// Share of full activity by local hour.
const HOURS: [f64; 24] = [
    0.05, 0.03, 0.02, 0.02, 0.02, 0.03, 0.06, 0.25, 0.60, 0.95, 1.0, 1.0, 0.70, 0.80, 1.0, 1.0, 0.95, 0.80,
    0.50, 0.35, 0.30, 0.30, 0.20, 0.10,
];
/// Activity of a day off against a working day.
const DAY_OFF: f64 = 0.55;

/// Streams of [`Rng::of`].
const WEEK: u64 = 11;
const DAY: u64 = 12;

/// How much goes on at this hour of this day, 0 to about 1.5.
pub(super) fn intensity(seed: u64, zone: Zone, at: Timestamp) -> f64 {
    let hour = at.utc().with_timezone(&zone).hour() as usize;
    HOURS.get(hour).copied().unwrap_or(1.0) * day_factor(seed, zone, at)
}

/// How much goes on on the local day that holds `at`, against an average working day.
pub(super) fn day_factor(seed: u64, zone: Zone, at: Timestamp) -> f64 {
    let date = at.date(zone);
    let day = i64::from(date.num_days_from_ce());
    let week = 0.8 + 0.4 * Rng::of(seed, WEEK, day.div_euclid(7) as u64).unit();
    let noise = 0.85 + 0.3 * Rng::of(seed, DAY, day as u64).unit();
    let off = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    week * noise * if off { DAY_OFF } else { 1.0 }
}

/// A time of day, as a span from its start, busy hours more often.
pub(super) fn time_of_day(rng: &mut Rng) -> Millis {
    let all: f64 = HOURS.iter().sum();
    let mut left = rng.unit() * all;
    let mut hour = 0;
    for share in HOURS {
        if left < share {
            break;
        }
        left -= share;
        hour += 1;
    }
    Millis(Millis::hours(hour.min(23)).0 + rng.between(0, 3_599_999))
}
