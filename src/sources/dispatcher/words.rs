//! The words of this orchestrator in the one vocabulary. The stored word itself always stays beside it. Pure.

use crate::{
    model::{Millis, Status, Timestamp},
    text::Safe,
};

/// A state, and what the word says beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) status: Status,
    pub(super) note: Option<&'static str>,
    /// Its checks are running.
    pub(super) checking: bool,
    /// The word is one of those that are known.
    pub(super) known: bool,
}

/// The meaning of a stored status, in any letter case.
pub(super) fn status(stored: Option<&Safe>) -> Meaning {
    let word = stored.map(|word| word.trim().to_ascii_lowercase());
    let plain = |status| Meaning { status, note: None, checking: false, known: true };
    match word.as_deref() {
        Some("pending") => plain(Status::Queued),
        Some("running") => plain(Status::Running),
        Some("verifying") => Meaning { checking: true, ..plain(Status::Running) },
        Some("complete" | "completed") => plain(Status::Succeeded),
        Some("partial" | "completed_with_failures") => {
            Meaning { note: Some("done with problems"), ..plain(Status::Succeeded) }
        }
        Some("failed" | "error" | "timeout") => plain(Status::Failed),
        Some("cancelled" | "canceled") => plain(Status::Cancelled),
        _ => Meaning { known: false, ..plain(Status::Unknown) },
    }
}

/// How long, in whole hours below two days, else in whole days, and when that changes.
pub(super) fn silence(since: Timestamp, now: Timestamp) -> (String, Timestamp) {
    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;
    let span = now.since(since).0.max(0);
    let (unit, letter) = if span < 2 * DAY { (HOUR, 'h') } else { (DAY, 'd') };
    let count = span / unit;
    (format!("{count}{letter}"), since.plus(Millis((count + 1) * unit)))
}

/// The model a text names, if it names one: helpers without a model write `none`.
pub(super) fn model(written: Option<Safe>) -> Option<Safe> {
    written.filter(|model| !model.trim().eq_ignore_ascii_case("none"))
}
