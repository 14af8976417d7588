//! The state of a thread, from the end of its rollout and its age: there is no list of processes, and no file says that
//! somebody is waited for, so that is never claimed.

use super::rollout::{Ending, Rollout};
use crate::{
    model::{Millis, Status, Timestamp},
    text::Safe,
};

/// Without change for this long, a thread in the middle of a turn is quiet.
const QUIET: Millis = Millis::minutes(10);
/// Without change for this long, a thread whose turn is over has ended.
const LONG_AGO: Millis = Millis::hours(1);

/// A state and where it comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub status: Status,
    pub raw: &'static str,
    pub note: Option<Safe>,
    pub since: Option<Timestamp>,
    /// When time alone may change it.
    pub until: Option<Timestamp>,
}

/// What is known besides the rollout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    pub newest: Option<Timestamp>,
    pub now: Timestamp,
    pub is_archived: bool,
    /// What its caller says of a sub-agent, and when.
    pub word: Option<(&'a str, Option<Timestamp>)>,
}

/// The state of a thread.
pub(super) fn of(rollout: &Rollout, evidence: &Evidence<'_>) -> State {
    let newest = evidence.newest;
    let mut state = State { since: newest, ..State::default() };
    let called_off = evidence.word.filter(|(_, at)| rollout.ending != Ending::Working || *at >= newest);
    match (rollout.ending, called_off) {
        (Ending::Working | Ending::Nothing, Some(("completed", _))) => {
            return is(state, Status::Succeeded, "completed", None);
        }
        (Ending::Working | Ending::Nothing, Some(("interrupted", _))) => {
            return is(state, Status::Cancelled, "aborted", Some("interrupted by its caller"));
        }
        (Ending::Nothing, _) => return is(state, Status::Unknown, "", None),
        (Ending::Working, _) => return working(state, evidence),
        _ => {}
    }
    let reason = rollout.reason.as_deref();
    // A headless run and a sub-agent do one thing; what was put away is not gone on with.
    let is_once = rollout.head.is_child
        || rollout.is_stream
        || rollout.head.source.as_deref() == Some("exec")
        || evidence.is_archived;
    let border = newest.map(|newest| newest.plus(LONG_AGO));
    let is_idle = !is_once && border.is_some_and(|border| evidence.now < border);
    if is_idle {
        state.until = border;
    }
    match (rollout.ending, is_idle) {
        (Ending::Aborted, true) => is(state, Status::Idle, "aborted", reason.or(Some("stopped"))),
        (Ending::Aborted, false) => is(state, Status::Cancelled, "aborted", reason),
        (Ending::Failed, true) => is(state, Status::Idle, "failed", reason),
        (Ending::Failed, false) => is(state, Status::Failed, "failed", reason),
        (_, true) => is(state, Status::Idle, "idle", None),
        (_, false) => {
            is(state, Status::Succeeded, if rollout.head.is_child { "completed" } else { "ended" }, None)
        }
    }
}

fn is(mut state: State, status: Status, raw: &'static str, note: Option<&str>) -> State {
    (state.status, state.raw, state.note) = (status, raw, note.map(Safe::line));
    state
}

fn working(mut state: State, evidence: &Evidence<'_>) -> State {
    if evidence.is_archived {
        return is(state, Status::Unknown, "quiet", Some("put away in the middle of a turn"));
    }
    let border = evidence.newest.map(|newest| newest.plus(QUIET));
    if border.is_some_and(|border| evidence.now < border) {
        state.until = border;
        return is(state, Status::Running, "working", None);
    }
    is(
        state,
        Status::Unknown,
        "quiet",
        Some("no change for more than 10 minutes: its turn has no end in the file"),
    )
}
