//! Where to go, as people write it.

use crate::{
    model::{Timestamp, Zone},
    query::when,
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
    when::moment(text, now, zone).map(Goal::Time)
}
