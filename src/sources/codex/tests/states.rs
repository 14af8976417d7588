use serde_json::json;

use super::*;
use crate::{
    model::{Level, Millis, Status},
    sources::codex::{
        prompts::Outcome,
        rollout::Rollout,
        state::{self, Evidence},
    },
};

/// The state of a thread some minutes after its newest line.
fn after(rollout: &Rollout, minutes: i64) -> (Status, &'static str) {
    let state = look(rollout, minutes, false, None);
    (state.status, state.raw)
}

fn look(rollout: &Rollout, minutes: i64, is_archived: bool, word: Option<&str>) -> state::State {
    let newest = rollout.last_at;
    let now = newest.unwrap().plus(Millis::minutes(minutes));
    let word = word.map(|word| (word, Some(now)));
    state::of(rollout, &Evidence { newest, now, is_archived, word })
}

fn started(rest: &[String]) -> Rollout {
    let mut lines = vec![
        meta("t", json!({})),
        event(1, "task_started", json!({"turn_id": "a"})),
        event(2, "user_message", json!({"message": "go"})),
    ];
    lines.extend_from_slice(rest);
    read(&lines)
}

#[test]
fn a_turn_without_end_works_and_then_is_quiet_and_never_waits() {
    let rollout = started(&[]);
    assert_eq!(after(&rollout, 0), (Status::Running, "working"));
    assert_eq!(after(&rollout, 9), (Status::Running, "working"));
    assert_eq!(after(&rollout, 10), (Status::Unknown, "quiet"));
    assert_eq!(after(&rollout, 100_000), (Status::Unknown, "quiet"));
    let state = look(&rollout, 0, false, None);
    assert_eq!(state.until, Some(at("2026-11-18T10:10:02Z")));
}

#[test]
fn a_turn_that_is_over_leaves_an_idle_thread_that_ends_in_time() {
    let rollout = started(&[event(3, "task_complete", json!({"turn_id": "a", "last_agent_message": "ok"}))]);
    assert_eq!(after(&rollout, 0), (Status::Idle, "idle"));
    assert_eq!(look(&rollout, 0, false, None).until, Some(at("2026-11-18T11:00:03Z")));
    assert_eq!(after(&rollout, 60), (Status::Succeeded, "ended"));
    assert_eq!(look(&rollout, 0, true, None).status, Status::Succeeded, "put away is over");
    let mut lines = vec![meta("t", json!({"source": "exec"})), event(1, "task_started", json!({}))];
    lines.push(event(3, "task_complete", json!({})));
    assert_eq!(after(&read(&lines), 0), (Status::Succeeded, "ended"), "a headless run does one thing");
}

#[test]
fn a_stopped_turn_says_why() {
    let rollout = started(&[event(3, "turn_aborted", json!({"reason": "interrupted"}))]);
    assert_eq!(after(&rollout, 0), (Status::Idle, "aborted"));
    assert_eq!(after(&rollout, 60), (Status::Cancelled, "aborted"));
    assert_eq!(look(&rollout, 0, false, None).note.unwrap().as_str(), "interrupted");
    assert_eq!(rollout.prompts.list()[0].outcome, Outcome::Aborted);
}

#[test]
fn an_error_with_nothing_behind_it_fails_the_prompt() {
    let error = event(3, "error", json!({"message": "usage limit reached"}));
    let over = event(4, "task_complete", json!({"last_agent_message": null}));
    for lines in [vec![error.clone()], vec![error.clone(), over]] {
        let rollout = started(&lines);
        assert_eq!(after(&rollout, 60), (Status::Failed, "failed"));
        let prompt = &rollout.prompts.list()[0];
        assert_eq!(
            (prompt.outcome, prompt.error.as_ref().unwrap().as_str()),
            (Outcome::Failed, "usage limit reached")
        );
        assert_eq!((rollout.spoken.len(), rollout.spoken[0].level), (1, Level::Error));
    }
    // It was tried again and went on.
    let rollout = started(&[
        error,
        event(5, "agent_message", json!({"message": "here"})),
        event(6, "task_complete", json!({"last_agent_message": "here"})),
    ]);
    assert_eq!(after(&rollout, 60), (Status::Succeeded, "ended"));
    assert_eq!(rollout.prompts.list()[0].error, None);
}

#[test]
fn a_turn_that_never_ended_is_not_called_done_by_the_next() {
    let rollout = started(&[
        event(60, "task_started", json!({"turn_id": "b"})),
        event(61, "user_message", json!({"message": "again"})),
        event(62, "user_message", json!({"message": "and faster"})),
    ]);
    let outcomes: Vec<Outcome> = rollout.prompts.list().iter().map(|prompt| prompt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Lost, Outcome::Done, Outcome::Open]);
}

#[test]
fn a_sub_agent_is_what_its_file_says_and_else_what_its_caller_says() {
    let child = |rest: &[String]| {
        let mut lines = vec![meta("c", json!({"parent_thread_id": "p", "thread_source": "subagent"}))];
        lines.extend_from_slice(rest);
        read(&lines)
    };
    let working = child(&[event(5, "task_started", json!({}))]);
    assert_eq!(look(&working, 1, false, Some("started")).status, Status::Running);
    assert_eq!(look(&working, 1, false, Some("interrupted")).status, Status::Cancelled);
    assert_eq!(look(&working, 1, false, Some("completed")).status, Status::Succeeded);
    let over = child(&[event(5, "task_started", json!({})), event(6, "task_complete", json!({}))]);
    assert_eq!(after(&over, 0), (Status::Succeeded, "completed"));
    assert_eq!(after(&child(&[]), 0), (Status::Unknown, ""));
}

#[test]
fn only_what_was_spawned_is_a_sub_agent() {
    let is_child = |rest| read(&[meta("c", rest)]).head.is_child;
    assert!(
        is_child(json!({"parent_thread_id": "p"})) && is_child(json!({"source": {"subagent": "review"}}))
    );
    assert!(
        !is_child(json!({"parent_thread_id": "p", "thread_source": "user"}))
            && !is_child(json!({"source": "vscode"}))
    );
    let review = read(&[meta("c", json!({"source": {"subagent": "review"}, "session_id": "root"}))]);
    assert_eq!((review.head.role.as_deref(), review.head.parent.as_deref()), (Some("review"), Some("root")));
}

#[test]
fn old_threads_without_marks_end_with_words() {
    let asked = [meta("t", json!({})), event(2, "user_message", json!({"message": "go"}))];
    assert_eq!(after(&read(&asked), 0), (Status::Running, "working"));
    let answered = [asked[0].clone(), asked[1].clone(), event(3, "agent_message", json!({"message": "ok"}))];
    assert_eq!(after(&read(&answered), 0), (Status::Idle, "idle"));
}

#[test]
fn sub_agents_are_known_by_the_prompt_that_started_them() {
    let activity = |second, kind: &str| {
        item(
            second,
            json!({"type": "SubAgentActivity", "kind": kind, "agent_thread_id": "c", "agent_path": "/root/look"}),
        )
    };
    let rollout = started(&[
        activity(3, "started"),
        event(4, "user_message", json!({"message": "more"})),
        activity(5, "completed"),
    ]);
    let spawned = rollout.spawned.values().next().unwrap();
    assert_eq!((spawned.turn, spawned.word.as_str()), (1, "completed"));
    assert_eq!(
        (spawned.started_at, spawned.ended_at),
        (Some(at("2026-11-18T10:00:03Z")), Some(at("2026-11-18T10:00:05Z")))
    );
}
