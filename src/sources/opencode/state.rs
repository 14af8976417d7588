//! The state of a session. Nothing stores it: it follows from its last message and from how long ago that was written. What
//! waits for a permission is not stored at all and looks like a call that runs.

use super::{
    digest::At,
    message::Role,
    part::{CallState, Part},
};
use crate::{
    model::{Millis, Status, Timestamp},
    text::Safe,
};

/// Without change for this long, an answer that has not ended is quiet.
const QUIET: Millis = Millis::minutes(10);
/// … and for this long its program was killed, and a session whose turn is over has ended.
const LONG_AGO: Millis = Millis::hours(1);

/// How a session's messages end.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ending {
    /// There are none.
    Nothing,
    /// With a prompt, or between two answers of one turn.
    Thinking,
    /// In an answer that is being written.
    Answering,
    /// In a call.
    Calling,
    /// In a question to the person.
    Asking(Safe),
    /// In an attempt to ask the service again.
    Retrying(u64),
    /// The turn is over.
    Over,
    /// The model's output was cut.
    Cut,
    /// Stopped by the person.
    Interrupted,
    /// By an error.
    Failed,
}

impl Ending {
    /// How messages end whose last one this is.
    pub(super) fn of(last: Option<At<'_>>) -> Self {
        let Some(at) = last else { return Self::Nothing };
        let message = at.message;
        if message.role == Role::User {
            return Self::Thinking;
        }
        if let Some(failure) = &message.failure {
            return if failure.is_abort() { Self::Interrupted } else { Self::Failed };
        }
        if message.completed.is_some() {
            return match message.finish.as_deref() {
                // The program asks the model again.
                Some("tool-calls" | "unknown") => Self::Thinking,
                Some("length") => Self::Cut,
                Some("error") => Self::Failed,
                _ => Self::Over,
            };
        }
        let asked = at.entry.parts().rev().find_map(|part| match part {
            Part::Call(call) if call.state == CallState::Running => call.question.clone(),
            _ => None,
        });
        match (asked, at.entry.parts().next_back()) {
            (Some(question), _) => Self::Asking(question),
            _ if at.running().is_some() => Self::Calling,
            (_, Some(Part::Retry(attempt))) => Self::Retrying(*attempt),
            (_, Some(Part::Text { open: true, .. })) => Self::Answering,
            _ => Self::Thinking,
        }
    }

    /// The turn goes on.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Thinking | Self::Answering | Self::Calling | Self::Asking(_) | Self::Retrying(_))
    }
}

/// A state and what else there is to say about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) status: Status,
    pub(super) note: Option<Safe>,
    pub(super) waiting_for: Option<Safe>,
    /// When time alone changes it.
    pub(super) until: Option<Timestamp>,
}

impl State {
    fn new(status: Status, note: Option<&str>) -> Self {
        Self { status, note: note.map(Safe::line), ..Self::default() }
    }
}

/// State of a session. `newest` is the newest sign of life of it and of the agents it started.
pub(super) fn of_session(
    ending: &Ending,
    newest: Option<Timestamp>,
    archived: bool,
    now: Timestamp,
) -> State {
    let age = newest.map_or(Millis(i64::MAX), |newest| now.since(newest));
    if archived || age >= LONG_AGO {
        return ended(ending, archived);
    }
    let mut state = match ending {
        Ending::Nothing | Ending::Over | Ending::Failed => State::new(Status::Idle, None),
        Ending::Cut => State::new(Status::Idle, Some("the answer was cut at its longest")),
        Ending::Interrupted => State::new(Status::Idle, Some("interrupted")),
        Ending::Asking(question) => {
            State { waiting_for: Some(question.clone()), ..State::new(Status::Waiting, None) }
        }
        _ if age >= QUIET => State::new(Status::Unknown, Some("no change for more than 10 minutes")),
        Ending::Retrying(attempt) => {
            State::new(Status::Blocked, Some(&format!("retrying, attempt {attempt}")))
        }
        Ending::Thinking | Ending::Answering | Ending::Calling => State::new(Status::Running, None),
    };
    let is_timed = ending.is_open() && !matches!(ending, Ending::Asking(_));
    let borders = [QUIET, LONG_AGO].into_iter().filter(|border| is_timed || *border == LONG_AGO);
    state.until = borders.filter_map(|border| Some(newest?.plus(border))).find(|border| *border > now);
    state
}

fn ended(ending: &Ending, archived: bool) -> State {
    match ending {
        Ending::Nothing | Ending::Over => State::new(Status::Succeeded, None),
        Ending::Cut => State::new(Status::Succeeded, Some("the answer was cut at its longest")),
        Ending::Interrupted => State::new(Status::Cancelled, Some("interrupted")),
        Ending::Failed => State::new(Status::Failed, None),
        _ if archived => State::new(Status::Cancelled, Some("archived in the middle of a turn")),
        Ending::Asking(_) => State::new(Status::Cancelled, Some("left with an open question")),
        _ => State::new(
            Status::Failed,
            Some(
                "no end was written and nothing changed for more than an hour: it was killed, as far as can be seen",
            ),
        ),
    }
}

/// State of a sub-agent: over when its own turn is; else by the call that started it and by its session.
pub(super) fn of_agent(ending: &Ending, own: State, call: Option<&CallState>, parent_runs: bool) -> State {
    match (ending, call) {
        (Ending::Interrupted, _) => State::new(Status::Cancelled, Some("interrupted")),
        (Ending::Failed, _) => State::new(Status::Failed, None),
        (Ending::Over | Ending::Cut, _) | (_, Some(CallState::Completed)) => {
            State::new(Status::Succeeded, None)
        }
        (_, Some(CallState::Failed { by_person: true })) => State::new(Status::Cancelled, Some("stopped")),
        (_, Some(CallState::Failed { by_person: false })) => {
            State::new(Status::Failed, Some("its call failed"))
        }
        _ if !parent_runs && !own.status.is_over() => {
            State::new(Status::Cancelled, Some("its session ended before it"))
        }
        _ => own,
    }
}
