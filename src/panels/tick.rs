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

/// The next whole minute: figures are kept for one.
pub(super) fn minute(now: Timestamp) -> Timestamp {
    let minute = Millis::minutes(1).0;
    Timestamp((now.0.div_euclid(minute) + 1) * minute)
}

/// An age (`text::format::ago`): its largest unit only; of what is to come the time until then.
pub(super) fn ago(now: Timestamp, then: Timestamp) -> Timestamp {
    let spent = now.since(then).0;
    if spent < 0 {
        return until(now, then);
    }
    let unit = match spent {
        ..60_000 => Millis::seconds(1).0,
        60_000..3_600_000 => Millis::minutes(1).0,
        3_600_000..86_400_000 => Millis::hours(1).0,
        _ => Millis::days(1).0,
    };
    up(Timestamp(then.0 + (spent.div_euclid(unit) + 1) * unit)).max(up(now.plus(Millis(1))))
}

/// A countdown (`in 12m`): its largest unit only, so each second only below a minute.
fn until(now: Timestamp, then: Timestamp) -> Timestamp {
    let left = then.since(now).0;
    let unit = match left {
        ..60_000 => Millis::seconds(1).0,
        60_000..3_600_000 => Millis::minutes(1).0,
        3_600_000..86_400_000 => Millis::hours(1).0,
        _ => Millis::days(1).0,
    };
    // What is left shows whole units, so it looks different as soon as less than the last of them is left.
    up(Timestamp(then.0 - left / unit * unit + 1)).max(up(now.plus(Millis(1))))
}

fn up(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(1000) * 1000 + if at.0.rem_euclid(1000) == 0 { 0 } else { 1000 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::format;

    /// At the tick the text differs, and a second before it did not (clocks on screen step at whole seconds).
    #[test]
    fn ages_and_countdowns_wake_exactly_when_they_look_different() {
        let now = Timestamp::from_secs(1_000_000);
        for span in [1, 2, 59, 60, 61, 90, 3599, 3600, 3601, 7000, 86_399, 86_400, 86_401, 200_000, 900_000] {
            for then in [now.plus(Millis::seconds(span)), now.minus(Millis::seconds(span))] {
                let wake = ago(now, then);
                assert!(wake > now);
                let before = wake.minus(Millis::seconds(1));
                assert_eq!(format::ago(now, then), format::ago(before, then), "{span} s: woken too late");
                assert_ne!(format::ago(now, then), format::ago(wake, then), "{span} s: woken for nothing");
            }
        }
    }
}
