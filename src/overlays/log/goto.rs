//! Where to go, as people write it.

use crate::{
    model::{Millis, Timestamp, Zone},
    viewer::Goal,
};

/// `120` a line, `50%` a share, `14:32[:07]` a time of today (of yesterday when it is still to come), `2026-11-18`,
/// `2026-11-18 14:32[:07]`, or with a zone.
pub(super) fn goal(text: &str, now: Timestamp, zone: Zone) -> Option<Goal> {
    let text = text.trim();
    if let Some(share) = text.strip_suffix('%') {
        let share: f64 = share.trim().parse().ok()?;
        return (0.0..=100.0).contains(&share).then_some(Goal::Share(share / 100.0));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return text.parse().ok().map(Goal::Line);
    }
    time(text, now, zone).map(Goal::Time)
}

fn time(text: &str, now: Timestamp, zone: Zone) -> Option<Timestamp> {
    let full = |clock: &str| match clock.matches(':').count() {
        1 => format!("{clock}:00"),
        _ => clock.to_owned(),
    };
    if let Some(at) = Timestamp::parse(text) {
        return Some(at);
    }
    let is_date = text.len() >= 10 && text.as_bytes().get(4) == Some(&b'-');
    if is_date {
        let (date, clock) = text.split_at_checked(10)?;
        let clock = clock.trim_start_matches(['T', ' ']);
        let clock = if clock.is_empty() { "00:00:00".to_owned() } else { full(clock) };
        return Timestamp::parse_local(&format!("{date} {clock}"), zone);
    }
    let clock = full(text);
    let clock = if clock.as_bytes().get(1) == Some(&b':') { format!("0{clock}") } else { clock };
    let today = Timestamp::parse_local(&format!("{} {clock}", now.date(zone)), zone)?;
    if today <= now {
        return Some(today);
    }
    let yesterday = now.minus(Millis::days(1)).date(zone);
    Timestamp::parse_local(&format!("{yesterday} {clock}"), zone)
}
