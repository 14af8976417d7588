//! Times as people write them: a date, a date-time, a time of the day, or a span before now.

use chrono::NaiveDate;

use crate::model::{Millis, Timestamp, Zone, time};

/// Reads `2026-11-18`, `2026-11-18T14:30:00+01:00`, `2026-11-18 14:30[:00]` and `14:30[:00]` (in `zone`; a time of the day is
/// the last one that was), or `7d`, `24h`, `30m`, `45s`, `2w` before `now`.
pub fn parse(text: &str, now: Timestamp, zone: Zone) -> Result<Timestamp, String> {
    let text = text.trim();
    if text == "now" {
        return Ok(now);
    }
    if let Some(span) = span(text) {
        return Ok(now.minus(span));
    }
    moment(text, now, zone).ok_or_else(|| {
        format!(
            "\"{text}\" is no time: use a date (2026-11-18), a time (14:32), a date-time with zone (2026-11-18T14:30:00Z), or 7d, 24h, 30m"
        )
    })
}

/// The same without spans and `now`.
pub fn moment(text: &str, now: Timestamp, zone: Zone) -> Option<Timestamp> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(time::start_of(zone, date));
    }
    let local = |text: &str| Timestamp::parse_local(text, zone);
    if let Some(at) = Timestamp::parse(text).or_else(|| local(text)) {
        return Some(at);
    }
    if let Some((date, clock)) = text.split_once(['T', ' ']).filter(|(date, _)| date.len() == 10) {
        return local(&format!("{date} {}", full(clock)?));
    }
    let clock = full(text)?;
    let today = local(&format!("{} {clock}", now.date(zone)))?;
    if today <= now {
        return Some(today);
    }
    local(&format!("{} {clock}", now.minus(Millis::days(1)).date(zone)))
}

/// `9:05` as `09:05:00`.
fn full(clock: &str) -> Option<String> {
    let seconds = if clock.matches(':').count() == 1 { ":00" } else { "" };
    let zero = if clock.find(':')? == 1 { "0" } else { "" };
    Some(format!("{zero}{clock}{seconds}"))
}

fn span(text: &str) -> Option<Millis> {
    let unit = text.chars().last()?;
    let number: i64 =
        text.strip_suffix(unit)?.parse().ok().filter(|number| (0..1_000_000).contains(number))?;
    match unit {
        's' => Some(Millis::seconds(number)),
        'm' => Some(Millis::minutes(number)),
        'h' => Some(Millis::hours(number)),
        'd' => Some(Millis::days(number)),
        'w' => Some(Millis::days(number * 7)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form() {
        let now = Timestamp::parse("2026-11-18T15:30:00Z").unwrap();
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let read = |text: &str| parse(text, now, zone).map(|at| at.to_string());
        let cases = [
            ("7d", "2026-11-11T15:30:00.000Z"),
            ("24h", "2026-11-17T15:30:00.000Z"),
            ("30m", "2026-11-18T15:00:00.000Z"),
            ("2026-11-18", "2026-11-17T23:00:00.000Z"),
            ("2026-11-18T14:30:00Z", "2026-11-18T14:30:00.000Z"),
            ("2026-11-18T14:30:00+01:00", "2026-11-18T13:30:00.000Z"),
            ("2026-11-18 14:30:00", "2026-11-18T13:30:00.000Z"),
            ("2026-11-18 14:30", "2026-11-18T13:30:00.000Z"),
            ("2026-11-18T09:05", "2026-11-18T08:05:00.000Z"),
            ("14:30", "2026-11-18T13:30:00.000Z"),
            ("9:05:07", "2026-11-18T08:05:07.000Z"),
            // It is still to come today.
            ("23:00", "2026-11-17T22:00:00.000Z"),
            ("now", "2026-11-18T15:30:00.000Z"),
        ];
        for (text, want) in cases {
            assert_eq!(read(text).as_deref(), Ok(want), "{text}");
        }
        for text in ["", "yesterday", "7x", "-3d", "2026-13-01", "25:00", ":", "14:", "1:2:3:4", "é:ü"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
