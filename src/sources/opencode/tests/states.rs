//! What follows from how a session ends and how long ago that was.

use super::super::{
    part::CallState,
    state::{Ending, State, of_agent, of_session},
};
use crate::{
    model::{Millis, Status, Timestamp},
    text::Safe,
};

const NOW: Timestamp = Timestamp(1_795_015_800_000);

fn state(ending: &Ending, minutes: i64, archived: bool) -> State {
    of_session(ending, Some(NOW.minus(Millis::minutes(minutes))), archived, NOW)
}

#[test]
fn a_session_grows_quiet_and_ends() {
    let asking = Ending::Asking(Safe::line("Which?"));
    // State now, after 20 minutes, after two hours, and when it is put away.
    let table = [
        (Ending::Thinking, [Status::Running, Status::Unknown, Status::Failed, Status::Cancelled]),
        (Ending::Calling, [Status::Running, Status::Unknown, Status::Failed, Status::Cancelled]),
        (Ending::Answering, [Status::Running, Status::Unknown, Status::Failed, Status::Cancelled]),
        (Ending::Retrying(2), [Status::Blocked, Status::Unknown, Status::Failed, Status::Cancelled]),
        (asking, [Status::Waiting, Status::Waiting, Status::Cancelled, Status::Cancelled]),
        (Ending::Over, [Status::Idle, Status::Idle, Status::Succeeded, Status::Succeeded]),
        (Ending::Cut, [Status::Idle, Status::Idle, Status::Succeeded, Status::Succeeded]),
        (Ending::Interrupted, [Status::Idle, Status::Idle, Status::Cancelled, Status::Cancelled]),
        (Ending::Failed, [Status::Idle, Status::Idle, Status::Failed, Status::Failed]),
        (Ending::Nothing, [Status::Idle, Status::Idle, Status::Succeeded, Status::Succeeded]),
    ];
    for (ending, wanted) in table {
        let found = [(1, false), (20, false), (120, false), (1, true)]
            .map(|(minutes, archived)| state(&ending, minutes, archived).status);
        assert_eq!(found, wanted, "{ending:?}");
    }
}

#[test]
fn it_says_when_time_alone_changes_it() {
    let until = |ending: &Ending, minutes| state(ending, minutes, false).until.map(|until| until.since(NOW));
    assert_eq!(until(&Ending::Calling, 1), Some(Millis::minutes(9)));
    assert_eq!(until(&Ending::Calling, 20), Some(Millis::minutes(40)));
    assert_eq!(until(&Ending::Over, 1), Some(Millis::minutes(59)));
    assert_eq!(until(&Ending::Calling, 61), None);
    assert_eq!(of_session(&Ending::Over, None, false, NOW).until, None);
}

#[test]
fn a_sub_agent_ends_with_its_turn_its_call_or_its_session() {
    let failed = CallState::Failed { by_person: false };
    let by_person = CallState::Failed { by_person: true };
    let running = CallState::Running;
    let table = [
        (Ending::Over, Some(&running), true, Status::Succeeded),
        (Ending::Failed, None, true, Status::Failed),
        (Ending::Interrupted, None, true, Status::Cancelled),
        (Ending::Calling, Some(&running), true, Status::Running),
        (Ending::Calling, Some(&CallState::Completed), true, Status::Succeeded),
        (Ending::Calling, Some(&failed), true, Status::Failed),
        (Ending::Calling, Some(&by_person), true, Status::Cancelled),
        (Ending::Calling, None, true, Status::Running),
        (Ending::Calling, None, false, Status::Cancelled),
    ];
    for (ending, call, runs, wanted) in table {
        let found = of_agent(&ending, state(&ending, 1, false), call, runs);
        assert_eq!(found.status, wanted, "{ending:?} {call:?} {runs}");
    }
}
