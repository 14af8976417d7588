//! When a clock cell looks different next, so that nothing wakes for nothing.

use crate::model::{Millis, Timestamp};

/// A running clock (`text::format::clock`): each second below an hour, each minute below a day, then each hour.
/// Steps are taken at whole seconds of the wall clock, so that all running cells step in one frame.
pub(super) fn clock(now: Timestamp, since: Timestamp) -> Timestamp {
    let second = Millis::seconds(1).0;
    let spent = now.since(since).0.max(0);
    let unit = match spent {
        0..3_600_000 => return Timestamp((now.0.div_euclid(second) + 1) * second),
        3_600_000..86_400_000 => Millis::minutes(1).0,
        _ => Millis::hours(1).0,
    };
    up(Timestamp(since.0 + (spent / unit + 1) * unit))
}

/// An age (`text::format::ago`): its largest unit only.
pub(super) fn ago(now: Timestamp, then: Timestamp) -> Timestamp {
    let spent = now.since(then).0;
    let unit = match spent {
        ..60_000 => Millis::seconds(1).0,
        60_000..3_600_000 => Millis::minutes(1).0,
        3_600_000..86_400_000 => Millis::hours(1).0,
        _ => Millis::days(1).0,
    };
    up(Timestamp(then.0 + (spent.div_euclid(unit) + 1) * unit)).max(up(now.plus(Millis(1))))
}

fn up(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(1000) * 1000 + if at.0.rem_euclid(1000) == 0 { 0 } else { 1000 })
}
