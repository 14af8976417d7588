//! How a session, a sub-agent or a task of a run stands. Pure.

use super::{
    background::{Background, Helper},
    run::{Now, Run},
    turn::Outcome,
};
use crate::{
    model::{Millis, Status, Timestamp},
    text::{Safe, format::plural},
};

/// Without a line for so long, a file may belong to a run that was killed.
const QUIET: Millis = Millis::minutes(10);
/// Without a line for so long, a pipe stalls.
const STALL: Millis = Millis::minutes(3);

/// Where a stream comes from, and whether more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A file, which may grow.
    File,
    /// A pipe whose writer lives.
    Open,
    /// A pipe that ended.
    Ended,
}

/// A state and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) status: Status,
    pub(super) raw: Safe,
    pub(super) note: Option<Safe>,
    pub(super) waiting_for: Option<Safe>,
    /// Its process lives, as far as can be known.
    pub(super) is_alive: bool,
    /// When time alone may change it.
    pub(super) until: Option<Timestamp>,
}

/// The state of a session by its newest run.
pub(super) fn of_run(run: &Run, source: Source, now: Timestamp) -> State {
    let seen = run.span.seen().unwrap_or(now);
    let age = now.since(seen);
    let is_alive = match source {
        Source::File => age < QUIET,
        Source::Open => true,
        Source::Ended => false,
    };
    let running = run.tasks.iter().filter(|task| task.is_running()).count();
    let outcome = run.turn().and_then(|turn| turn.outcome.as_ref());
    let mut state = State { is_alive, ..State::default() };
    let border = if source == Source::Open { STALL } else { QUIET };
    if source != Source::Ended && age < border && (outcome.is_none() || running > 0) {
        state.until = Some(seen.plus(border));
    }
    let state = match outcome {
        Some(_) if is_alive && run.now == Now::Asks => present(run, &state),
        Some(_) if is_alive && running > 0 => State {
            status: Status::Idle,
            raw: Safe::line("idle"),
            note: Some(Safe::line("idle, background work")),
            ..state
        },
        Some(outcome) => {
            let lost = (running > 0)
                .then(|| Safe::line(&format!("{} of the background had not ended", plural(running, "task"))));
            let (status, note) = of_outcome(outcome);
            State { status, raw: outcome.word.clone(), note: note.or(lost), is_alive: false, ..state }
        }
        None if source == Source::Ended => State {
            status: Status::Failed,
            raw: Safe::line("no result"),
            note: Some(Safe::line("the pipe ended without a result: killed, or cut off")),
            ..state
        },
        None if !is_alive => State {
            status: Status::Unknown,
            raw: Safe::line("no result"),
            note: Some(Safe::line("no result, no change for more than 10 minutes: still running or killed")),
            ..state
        },
        None => present(run, &state),
    };
    let note = match source {
        Source::Open if age >= STALL && state.status.is_active() => {
            Some("the pipe stalls: no line for some minutes")
        }
        Source::File if state.status == Status::Running => Some("no result yet: still running or killed"),
        _ => None,
    };
    State { note: state.note.or_else(|| note.map(Safe::line)), ..state }
}

fn present(run: &Run, state: &State) -> State {
    let (status, raw) = match &run.now {
        Now::Works => (Status::Running, "running"),
        Now::Compacts => (Status::Running, "compacting"),
        Now::Asks => (Status::Waiting, "requires_action"),
        Now::Idle => (Status::Idle, "idle"),
        Now::Retries(_) => (Status::Blocked, "api_retry"),
        Now::Limited => (Status::Blocked, "limited"),
    };
    let (note, waiting_for) = match &run.now {
        Now::Retries(words) => (Some(words.clone()), None),
        Now::Limited => (Some(Safe::line("a plan window is used up")), None),
        Now::Asks => (None, Some(run.main.activity().unwrap_or_else(|| Safe::line("a person")))),
        _ => (None, None),
    };
    State { status, raw: Safe::line(raw), note, waiting_for, ..state.clone() }
}

/// What a result means.
pub(super) fn of_outcome(outcome: &Outcome) -> (Status, Option<Safe>) {
    if outcome.is_error {
        let why = outcome.errors.as_ref().map(|errors| Safe::line(errors.first_line()));
        (Status::Failed, why.or_else(|| outcome.reason.clone()))
    } else {
        (Status::Succeeded, outcome.reason.clone())
    }
}

/// The state of a sub-agent or a task, by the word that was said of it.
fn of_word(word: Option<&Safe>, session: &State) -> (Status, Safe, Option<Safe>) {
    let status = match word.map(|word| &**word) {
        Some("completed") => Status::Succeeded,
        Some("failed") => Status::Failed,
        Some("stopped" | "killed") => Status::Cancelled,
        Some("pending") if session.is_alive => Status::Queued,
        Some("running" | "pending" | "paused") | None => {
            return match (session.is_alive, session.status) {
                (true, _) => (Status::Running, Safe::line("running"), None),
                (false, Status::Unknown) => (Status::Unknown, session.raw.clone(), session.note.clone()),
                (false, _) => {
                    let note = Safe::line("its session ended before it");
                    (Status::Cancelled, word.cloned().unwrap_or_else(|| Safe::line("ended")), Some(note))
                }
            };
        }
        Some(_) => Status::Unknown,
    };
    (status, word.cloned().unwrap_or_default(), None)
}

/// The state of a sub-agent.
pub(super) fn of_helper(helper: &Helper, session: &State) -> (Status, Safe, Option<Safe>) {
    of_word(helper.word.as_ref(), session)
}

/// The state of a task of the background.
pub(super) fn of_task(task: &Background, session: &State) -> (Status, Safe, Option<Safe>) {
    of_word(Some(&task.word), session)
}
