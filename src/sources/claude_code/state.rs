//! The state of a session or sub-agent, from its live process and the end of its transcript.

use super::{
    registry::Process,
    transcript::{Ending, Transcript},
};
use crate::{
    model::{Millis, Status, Timestamp},
    text::Safe,
};

/// Without change for this long, a tool that "runs" may wait for permission.
const MAYBE_WAITING: Millis = Millis::minutes(3);
/// Without change for this long, a session whose process cannot be looked up is quiet.
const QUIET: Millis = Millis::minutes(10);
/// … and for this long it has ended.
const LONG_AGO: Millis = Millis::hours(1);
/// A process needs a moment between its first line and its entry in the registry.
const GRACE: Millis = Millis::minutes(1);
/// A limit blocks no longer than its window.
const LIMIT_WINDOW: Millis = Millis::days(7);

/// A state and where it comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub status: Status,
    pub raw: &'static str,
    /// A word of the program that we do not know.
    pub foreign: Option<Safe>,
    pub note: Option<Safe>,
    pub waiting_for: Option<Safe>,
    pub since: Option<Timestamp>,
    /// Its process lives, as far as can be known.
    pub alive: bool,
    /// When time alone may change it.
    pub until: Option<Timestamp>,
}

/// What is known besides the transcript.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    pub process: Option<&'a Process>,
    /// The program keeps a registry here, so a process without entry is none.
    pub registry: bool,
    /// Newest change over the session's files.
    pub newest: Option<Timestamp>,
    pub now: Timestamp,
    pub fixed: bool,
    pub agents_run: bool,
}

/// State of a session.
pub(super) fn of_session(transcript: &Transcript, evidence: &Evidence<'_>) -> State {
    if let Some(process) = evidence.process {
        if let Some(status) = &process.status {
            return by_registry(transcript, process, status, evidence);
        }
        let mut state = by_ending(transcript, evidence);
        state.alive = true;
        return state;
    }
    let age = evidence.newest.map(|newest| evidence.now.since(newest));
    let younger = |span| age.is_some_and(|age| age < span);
    if transcript.ending == Ending::Limited && younger(LIMIT_WINDOW) {
        return by_ending(transcript, evidence);
    }
    let unknown = evidence.fixed || !evidence.registry;
    if younger(if unknown { LONG_AGO } else { GRACE }) {
        let mut state = by_ending(transcript, evidence);
        state.alive = true;
        let end = evidence.newest.map(|newest| newest.plus(if unknown { LONG_AGO } else { GRACE }));
        state.until = [state.until, end].into_iter().flatten().min();
        return state;
    }
    ended(transcript, evidence)
}

fn by_registry(transcript: &Transcript, process: &Process, status: &Safe, evidence: &Evidence<'_>) -> State {
    let (status, raw) = match &**status {
        "busy" => (Status::Running, "busy"),
        "waiting" => (Status::Waiting, "waiting"),
        "idle" => (Status::Idle, "idle"),
        "shell" => (Status::Idle, "shell"),
        _ => (Status::Unknown, ""),
    };
    let foreign = raw.is_empty().then(|| process.status.clone()).flatten();
    let background = transcript.pending_background > 0
        || evidence.agents_run
        || transcript.background.iter().any(super::transcript::notices::Background::is_running);
    let mut state =
        State { status, raw, foreign, since: process.status_since, alive: true, ..State::default() };
    if status == Status::Waiting {
        let asked = (transcript.ending == Ending::Asking).then(|| transcript.calls.question());
        state.waiting_for = asked.filter(|asked| !asked.is_empty()).or_else(|| process.waiting_for.clone());
    } else if raw == "idle" && background {
        state.note = Some(Safe::line("idle, background work"));
    } else if status == Status::Running && transcript.ending == Ending::Retrying {
        state.note = Some(retrying(transcript));
    }
    state
}

fn retrying(transcript: &Transcript) -> Safe {
    Safe::line(&format!("retrying, attempt {}", transcript.retry_attempt))
}

fn by_ending(transcript: &Transcript, evidence: &Evidence<'_>) -> State {
    let age = evidence.newest.map_or(Millis(i64::MAX), |newest| evidence.now.since(newest));
    let (status, raw) = match transcript.ending {
        Ending::Nothing | Ending::Over | Ending::Interrupted | Ending::Failed => (Status::Idle, "idle"),
        Ending::Asking => (Status::Waiting, "waiting"),
        Ending::Calling => (Status::Running, "tool"),
        Ending::Prompted | Ending::Thinking => (Status::Running, "thinking"),
        Ending::Streaming => (Status::Running, "streaming"),
        Ending::Retrying => (Status::Blocked, "retrying"),
        Ending::Limited => (Status::Blocked, "limited"),
    };
    let mut state = State { status, raw, since: transcript.last_at, ..State::default() };
    match transcript.ending {
        Ending::Asking => state.waiting_for = Some(transcript.calls.question()),
        Ending::Interrupted => state.note = Some(Safe::line("interrupted")),
        Ending::Retrying => state.note = Some(retrying(transcript)),
        Ending::Limited => state.note = transcript.limit.as_ref().map(|limit| limit.text.clone()),
        _ => {}
    }
    let works = status == Status::Running && !evidence.agents_run;
    if works && evidence.process.is_none() && age >= QUIET {
        (state.status, state.raw) = (Status::Unknown, "quiet");
        state.note = Some(Safe::line("no change for more than 10 minutes"));
    } else if works && raw == "tool" && age >= MAYBE_WAITING {
        state.raw = "waiting?";
        state.note = Some(Safe::line("no change for some minutes: it may wait for permission"));
    }
    if works {
        let borders = [MAYBE_WAITING, QUIET].map(|span| evidence.newest.map(|newest| newest.plus(span)));
        state.until = borders.into_iter().flatten().find(|border| *border > evidence.now);
    }
    state
}

fn ended(transcript: &Transcript, evidence: &Evidence<'_>) -> State {
    let (status, note) = match transcript.ending {
        Ending::Nothing | Ending::Over => (Status::Succeeded, None),
        Ending::Interrupted => (Status::Cancelled, Some("interrupted")),
        Ending::Failed => (Status::Failed, Some("the service failed")),
        Ending::Limited => (Status::Failed, Some("a plan limit stopped it")),
        _ if transcript.clean_end => (Status::Cancelled, Some("left in the middle of a turn")),
        Ending::Asking => (Status::Cancelled, Some("left with an open question")),
        _ => (Status::Failed, Some("its process is gone in the middle of a turn")),
    };
    let note = note.map(Safe::line);
    State { status, raw: "ended", note, since: evidence.newest, ..State::default() }
}

/// State of a sub-agent: by what its caller was told (`word`, `ended_well`), else by its own end.
pub(super) fn of_agent(
    transcript: &Transcript,
    word: Option<&Safe>,
    ended_well: Option<bool>,
    parent_alive: bool,
    stopped: bool,
) -> State {
    let (status, raw) = match (word.map(|word| &**word), ended_well) {
        _ if stopped => (Status::Cancelled, "stopped"),
        (Some("completed"), _) | (None, Some(true)) => (Status::Succeeded, "completed"),
        (Some("failed"), _) | (None, Some(false)) => (Status::Failed, "failed"),
        (Some("killed" | "stopped"), _) => (Status::Cancelled, "stopped"),
        _ if transcript.ending == Ending::Over => (Status::Succeeded, "completed"),
        _ if transcript.ending == Ending::Interrupted => (Status::Cancelled, "interrupted"),
        _ if !parent_alive => (Status::Cancelled, "ended"),
        _ if transcript.ending == Ending::Calling => (Status::Running, "tool"),
        _ => (Status::Running, "thinking"),
    };
    let note = (raw == "ended").then(|| Safe::line("its session ended before it"));
    State { status, raw, note, since: transcript.last_at, ..State::default() }
}
