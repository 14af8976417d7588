//! What state follows from which files of a session.

use super::super::files::session::{Doc, Session, parse};
use crate::{
    model::{Status, Timestamp},
    text::Safe,
};

fn doc(place: &str, text: &str) -> Doc {
    parse(place, text.as_bytes()).unwrap().unwrap()
}

const PLAN: &str = r#"{"phase": 1, "name": "R", "agents": [{"name": "a", "taskId": "t1", "dependencies": []},
    {"name": "b", "taskId": "t2", "dependencies": ["t1"]}, "c"]}"#;

/// A session with this plan and these files.
fn session(files: &[(&str, &str)]) -> Session {
    let mut session = Session { name: Safe::line("session-orch-20250801-181500"), ..Session::default() };
    let Doc::Plan(plan) = doc("phase-1-plan.json", PLAN) else { panic!() };
    session.plans.push(plan);
    for (place, text) in files {
        match doc(place, text) {
            Doc::Progress(agent, percent, at) => drop(session.progress.insert(agent, (percent, at))),
            Doc::Queued(queued) => drop(session.queued.insert(queued.agent.clone(), *queued)),
            Doc::Result(outcome) => drop(session.results.insert(outcome.agent.clone(), *outcome)),
            Doc::Spawned(names) => session.spawned = names,
            Doc::Mark => drop(session.active.insert(Safe::line(&place[7..place.len() - 7]), None)),
            _ => {}
        }
    }
    session
}

fn now() -> Timestamp {
    Timestamp::parse("2025-08-01T18:30:00Z").unwrap()
}

fn state(session: &Session, agent: &str) -> Status {
    let planned = session.planned().find(|(_, planned)| planned.name.as_str() == agent).unwrap().1;
    session.standing(&planned.name, planned.task.as_ref()).status
}

const RESULT: &str =
    r#"{"agent": "a", "taskId": "t1", "status": "completed", "endTime": "2025-08-01T18:16:00Z"}"#;

#[test]
fn an_agents_state_follows_from_the_best_file() {
    let all = session(&[
        ("results/a.json", RESULT),
        ("status/a.active", ""),
        ("queue/a.task", r#"{"taskId": "t1"}"#),
        ("status/b.active", ""),
        ("queue/b.task", r#"{"taskId": "t2"}"#),
        ("queue/c.task", "{}"),
    ]);
    assert_eq!(state(&all, "a"), Status::Succeeded, "a result beats its mark");
    assert_eq!(state(&all, "b"), Status::Running);
    assert_eq!(state(&all, "c"), Status::Queued);
    assert_eq!(all.whole(now()).status, Status::Running);
}

#[test]
fn a_sessions_state_follows_from_all_files() {
    let failed = r#"{"agent": "b", "status": "failed"}"#;
    let done = session(&[("results/a.json", RESULT), ("results/b.json", RESULT), ("results/c.json", "{}")]);
    assert_eq!(done.whole(now()).status, Status::Succeeded);
    let bad = session(&[("results/a.json", RESULT), ("results/b.json", failed), ("results/c.json", "{}")]);
    assert_eq!(bad.whole(now()).status, Status::Failed);
    let old = r#"{"progress": 40, "timestamp": "2025-08-01T18:00:00Z"}"#;
    let fresh = r#"{"progress": "40", "timestamp": "2025-08-01T18:29:30Z"}"#;
    let left = session(&[("queue/b.task", "{}"), ("status/b.progress", old)]);
    let whole = left.whole(now());
    assert_eq!(whole.status, Status::Cancelled);
    assert!(whole.note.unwrap().contains("interrupted"));
    let alive = session(&[("queue/b.task", "{}"), ("status/b.progress", fresh)]).whole(now());
    assert_eq!(alive.status, Status::Running);
    assert_eq!(alive.wake, Timestamp::parse("2025-08-01T18:31:30Z"), "and then it is interrupted");
    assert_eq!(session(&[("results/a.json", RESULT)]).whole(now()).status, Status::Idle);
    assert_eq!(Session::default().whole(now()).status, Status::Queued, "nothing is planned yet");
}

#[test]
fn the_same_agent_in_two_phases_is_told_apart_by_its_task() {
    let mut both = session(&[("results/a.json", RESULT)]);
    let Doc::Plan(second) = doc("phase-2-plan.json", r#"{"agents": [{"name": "a", "taskId": "t9"}]}"#) else {
        panic!()
    };
    assert_eq!(second.number, 2);
    both.plans.push(second);
    let states: Vec<Status> = both
        .planned()
        .filter(|(_, planned)| planned.name.as_str() == "a")
        .map(|(_, planned)| both.standing(&planned.name, planned.task.as_ref()).status)
        .collect();
    assert_eq!(states, [Status::Succeeded, Status::Queued]);
}

#[test]
fn a_quote_in_the_projects_name_does_not_hide_the_rest() {
    let text = "{\n    \"sessionId\": \"orch-1\",\n    \"projectName\": \"Joe \"the\" shop\",\n    \"projectLevel\": 3,\n    \
                \"maxTerminals\": 2,\n    \"interactive\": false,\n    \"startTime\": \"2025-08-01T18:15:00Z\",\n    \
                \"status\": \"initializing\",\n    \"terminals\": []\n}\n";
    let Doc::Config(config) = doc("config.json", text) else { panic!() };
    assert!(config.is_broken);
    assert_eq!(config.project.as_deref(), Some("Joe \"the\" shop"));
    assert_eq!((config.level, config.terminals, config.interactive), (Some(3), Some(2), Some(false)));
    assert_eq!(config.started, Timestamp::parse("2025-08-01T18:15:00Z"));
}

#[test]
fn half_a_file_is_torn_and_nothing_else() {
    for (place, text) in [
        ("config.json", ""),
        ("config.json", "{\n  \"sessionId\": \"orch"),
        ("status/a.progress", "{\"agent\": \"a\", \"prog"),
        ("queue/a.task", ""),
        ("results/a.json", "{\"agent\""),
        ("phase-1-plan.json", "{\"phase\": 1}"),
    ] {
        assert!(parse(place, text.as_bytes()).unwrap().is_err(), "{place} {text:?}");
    }
    for other in ["logs/a-prompt.txt", "outputs/a.md", "notes.md", "status/else.txt"] {
        assert!(parse(other, b"{}").is_none(), "{other}");
    }
}

#[test]
fn an_unfinished_log_line_waits() {
    let Doc::Log(log) =
        doc("logs/orchestration.log", "2025-08-01T18:15:00Z - Spawned a (task: t1)\nodd\n2025-08-01T18:1")
    else {
        panic!()
    };
    assert_eq!(log.len(), 2);
    assert_eq!(
        (log[0].0, log[0].1.as_str()),
        (Timestamp::parse("2025-08-01T18:15:00Z"), "Spawned a (task: t1)")
    );
}
