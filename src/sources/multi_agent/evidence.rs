//! What other evidence says about a stored state: logs against a database, time without a sign of life. The stored state is
//! never changed by it; it is told beside it, in words. Pure.

use crate::{
    model::{Millis, Status, Timestamp},
    text::format,
};

/// Silence that is worth a word: a long command or a slow model answer within a turn takes minutes.
pub(super) const QUIET: Millis = Millis::minutes(15);
/// Silence after which an agent known from logs only is neither called working nor dead.
pub(super) const LOST: Millis = Millis::hours(2);

/// What an agent left on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trace {
    /// No directory.
    #[default]
    None,
    /// An empty directory: made, not started.
    Empty,
    /// A prompt only.
    Prompt,
    /// Records.
    Records,
}

/// What is known of one agent's turn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts<'a> {
    /// The stored word, in the one vocabulary; `None` when there is no row.
    pub(super) stored: Option<Status>,
    /// What there is in its directory.
    pub(super) trace: Trace,
    /// The newest turn's end: whether it was an error, and its text.
    pub(super) result: Option<(bool, &'a str)>,
    /// An agent of the same task started after the newest record of this one.
    pub(super) is_overtaken: bool,
    /// The row was deleted.
    pub(super) deleted: bool,
    /// Newest record, or start.
    pub(super) last: Option<Timestamp>,
}

/// A state and what is said beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verdict {
    /// The state: as stored, else from the logs.
    pub(super) status: Status,
    /// In words.
    pub(super) note: Option<String>,
    /// Its turn is over, whatever is stored.
    pub(super) is_finished: bool,
    /// When the words change by themselves.
    pub(super) wake: Option<Timestamp>,
}

/// Judges one agent.
pub(super) fn judge(facts: &Facts<'_>, now: Timestamp) -> Verdict {
    match facts.stored {
        Some(stored) => against_row(stored, facts, now),
        None => from_logs(facts, now),
    }
}

fn against_row(stored: Status, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let over = |note: Option<String>| {
        let note = note.map(|note| note.trim_end_matches(": ").to_owned());
        Verdict { status: stored, note, is_finished: true, wake: None }
    };
    match stored {
        Status::Running if facts.deleted => {
            over(Some("deleted while it was running: the stored state is not its end".to_owned()))
        }
        Status::Running => match facts.result {
            Some((true, text)) => over(Some(format!("ended its turn with an error (log): {text}"))),
            Some((false, _)) => over(Some("finished its turn (log)".to_owned())),
            None if facts.is_overtaken => {
                over(Some("ended without result: a later agent of the task has started".to_owned()))
            }
            None => {
                let (note, wake) = silence(facts.last, now);
                Verdict { status: stored, note, is_finished: false, wake }
            }
        },
        Status::Succeeded => match facts.result {
            Some((true, text)) => over(Some(format!("counted as completed, but ended in an error: {text}"))),
            _ => over(None),
        },
        Status::Failed => match facts.result {
            Some((_, text)) => over(Some(format!("crashed after its result: {text}"))),
            None => over(Some("crashed without result; the reason is stored nowhere".to_owned())),
        },
        Status::Idle if facts.trace == Trace::None => {
            let note = Some("made by hand: nothing runs it".to_owned());
            Verdict { status: stored, note, is_finished: false, wake: None }
        }
        _ => Verdict { status: stored, note: None, is_finished: stored.is_over(), wake: None },
    }
}

fn from_logs(facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let verdict = |status, note: Option<&str>, is_finished| Verdict {
        status,
        note: note.map(str::to_owned),
        is_finished,
        wake: None,
    };
    if let Some((is_error, _)) = facts.result {
        let status = if is_error { Status::Failed } else { Status::Succeeded };
        return verdict(status, None, true);
    }
    if facts.trace == Trace::Empty {
        return verdict(Status::Queued, Some("created, never started (log)"), false);
    }
    if facts.is_overtaken {
        let note = "ended without result: a later agent of the task has started (log)";
        return verdict(Status::Failed, Some(note), true);
    }
    let what = if facts.trace == Trace::Records { "works or is dead" } else { "started" };
    let (quiet, mut wake) = silence(facts.last, now);
    let is_lost = facts.last.is_some_and(|last| now.since(last) >= LOST);
    if !is_lost && let Some(last) = facts.last {
        wake = wake.min(Some(last.plus(LOST)));
    }
    let status = if is_lost { Status::Unknown } else { Status::Running };
    let note = quiet.map(|quiet| format!("{what}, no result (log): {quiet}"));
    Verdict { status, note, is_finished: false, wake }
}

/// Words about a long silence, and when they change.
pub(super) fn silence(last: Option<Timestamp>, now: Timestamp) -> (Option<String>, Option<Timestamp>) {
    let Some(last) = last else { return (None, None) };
    let quiet = now.since(last);
    if quiet < QUIET {
        return (None, Some(last.plus(QUIET)));
    }
    let step = match quiet.0 {
        ..3_600_000 => Millis::minutes(1),
        3_600_000..86_400_000 => Millis::hours(1),
        86_400_000..5_184_000_000 => Millis::days(1),
        _ => Millis::days(7),
    };
    let next = last.plus(Millis((quiet.0 / step.0 + 1).saturating_mul(step.0)));
    (Some(format!("no sign of life for {}", format::coarse(quiet))), Some(next))
}
