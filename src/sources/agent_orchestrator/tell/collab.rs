//! What hooks noted: one agent for each session and agent name that any event speaks of. The end of a session is never
//! stored, so whether it lives is inferred from its newest event, and said to be.

use std::collections::BTreeMap;

use super::{
    super::{
        db::{Collab, Event, HookSession, ToolUse},
        told::Told,
        words,
    },
    Scene, collab_tasks, role,
};
use crate::{
    model::{Agent, AgentKind, Millis, RawRef, Status, Timestamp, ToolCount},
    text::Safe,
};

/// A session whose newest event is younger works.
const ACTIVE: Millis = Millis::minutes(5);
/// A session whose newest event is older has most likely ended.
const LOST: Millis = Millis::days(1);

/// A collaboration database and where it is.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Desk<'a> {
    pub(in super::super) collab: &'a Collab,
    pub(in super::super) path: &'a Safe,
}

/// Session and agent: one session id can be several agents' (`default`).
pub(super) type Pair = (Safe, Safe);

/// Tells agents and tasks.
pub(in super::super) fn tell(desk: Desk<'_>, scene: Scene<'_>, told: &mut Told) {
    let all = seen(desk.collab);
    let newest = newest_of(&all);
    for (pair, seen) in &all {
        let is_newest = newest.get(&words::agent(&pair.1)) == Some(pair);
        let (agent, wake) = agent(desk, scene, pair, seen, is_newest);
        told.wake_at(wake);
        told.agent(scene.own.key(&local(pair)), agent);
    }
    collab_tasks::tell(desk, scene, &newest, told);
}

/// What an agent of a session is called.
pub(super) fn local(pair: &Pair) -> String {
    format!("{}/{}", pair.0, pair.1)
}

/// Everything that is noted of one agent in one session.
#[derive(Debug, Default)]
struct Seen<'a> {
    row: Option<&'a HookSession>,
    tools: Vec<&'a ToolUse>,
    /// The newest one.
    event: Option<&'a Event>,
    errors: u64,
    successes: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Seen<'_> {
    fn at(&mut self, time: Option<Timestamp>) {
        self.first = [self.first, time].into_iter().flatten().min();
        self.last = self.last.max(time);
    }
}

/// All sessions and agents that anything speaks of.
fn seen(collab: &Collab) -> BTreeMap<Pair, Seen<'_>> {
    let mut all: BTreeMap<Pair, Seen<'_>> = BTreeMap::new();
    let pair = |session: &Safe, agent: &Safe| (session.clone(), agent.clone());
    for row in &collab.sessions {
        let seen = all.entry(pair(&row.session, &row.agent)).or_default();
        seen.row = seen.row.or(Some(row));
        seen.at(row.started.max(row.ended));
    }
    for row in &collab.tools {
        let seen = all.entry(pair(&row.session, &row.agent)).or_default();
        seen.tools.push(row);
        seen.at(row.newest);
    }
    for event in &collab.progress {
        let seen = all.entry(pair(&event.session, &event.agent)).or_default();
        seen.event = seen.event.filter(|known| known.order > event.order).or(Some(event));
        seen.at(event.at);
    }
    for row in &collab.errors {
        let seen = all.entry(pair(&row.session, &row.agent)).or_default();
        seen.errors += row.count;
        seen.at(row.newest);
    }
    for row in &collab.successes {
        let seen = all.entry(pair(&row.session, &row.agent)).or_default();
        seen.successes += row.count;
        seen.at(row.newest);
    }
    all
}

/// The session in which each agent was seen last.
pub(in super::super) fn newest_sessions(collab: &Collab) -> BTreeMap<String, Pair> {
    newest_of(&seen(collab))
}

fn newest_of(seen: &BTreeMap<Pair, Seen<'_>>) -> BTreeMap<String, Pair> {
    let mut newest: BTreeMap<String, (Option<Timestamp>, Pair)> = BTreeMap::new();
    for (pair, seen) in seen {
        let place = words::agent(&pair.1);
        if newest.get(&place).is_none_or(|(known, _)| *known <= seen.last) {
            newest.insert(place, (seen.last, pair.clone()));
        }
    }
    newest.into_iter().map(|(name, (_, pair))| (name, pair)).collect()
}

fn agent(
    desk: Desk<'_>,
    scene: Scene<'_>,
    pair: &Pair,
    seen: &Seen<'_>,
    is_newest: bool,
) -> (Agent, Option<Timestamp>) {
    let collab = desk.collab;
    let (session, name) = pair;
    let (row, last, event) = (seen.row, seen.last, seen.event);
    let ended = row.and_then(|row| row.ended);
    let (mut status, inferred, wake) = liveness(last, ended, event, scene.now);
    let approval = collab.approvals.iter().rfind(|row| {
        row.agent.as_ref().is_some_and(|agent| is_newest && words::agent(agent) == words::agent(name))
    });
    let note = if approval.is_some() { collab_tasks::ASKED.to_owned() } else { inferred };
    let mut waiting_for = None;
    if let Some(approval) = approval {
        status = Status::Waiting;
        waiting_for = Some(collab_tasks::asked(approval));
    }
    let newest_tool = seen.tools.iter().max_by_key(|row| (row.newest, row.order));
    let said = scene.evidence.of(name).filter(|_| is_newest);
    let mut facts = vec![
        ("errors", Safe::line(&seen.errors.to_string())),
        ("successes", Safe::line(&seen.successes.to_string())),
    ];
    if row.is_none() {
        facts.push(("session row", Safe::line("none: another agent of the same session has it")));
    }
    facts.extend(event.map(|event| ("progress", progress(event))));
    facts.extend(said.map(super::evidence::Said::facts).into_iter().flatten());
    let task =
        event.and_then(|event| event.task.clone()).or_else(|| newest_tool.and_then(|row| row.task.clone()));
    let agent = Agent {
        kind: AgentKind::Session,
        name: name.clone(),
        role: Some(role(name)),
        status,
        status_note: Some(Safe::line(&note)),
        task: task.map(|task| scene.own.key(&task)),
        session: Some(session.clone()),
        started_at: row.and_then(|row| row.started).or(seen.first),
        updated_at: last,
        ended_at: ended,
        status_since: approval
            .and_then(|row| row.created)
            .or_else(|| event.filter(|_| status == Status::Blocked).and_then(|event| event.at)),
        waiting_for,
        activity: activity(event, newest_tool.copied(), status),
        tools: Some(counts(&seen.tools)),
        facts,
        raw: row.map(|row| RawRef::Row {
            path: desk.path.clone(),
            table: "hook_agent_sessions",
            column: "session_id",
            key: row.session.clone(),
        }),
        ..Agent::default()
    };
    (agent, wake)
}

/// Whether a session lives, by the age of its newest event: state, evidence, and when time alone changes it.
fn liveness(
    last: Option<Timestamp>,
    ended: Option<Timestamp>,
    event: Option<&Event>,
    now: Timestamp,
) -> (Status, String, Option<Timestamp>) {
    if ended.is_some() {
        return (Status::Succeeded, "its session has an end".to_owned(), None);
    }
    let Some(last) = last else {
        return (Status::Unknown, "no event of it has a time".to_owned(), None);
    };
    let age = now.since(last);
    let blocked = event.is_some_and(|event| event.kind.as_str() == "task_blocked");
    let at = last.plus(ACTIVE);
    if age >= LOST {
        (
            Status::Unknown,
            "inferred: its newest event is more than a day old, and ends are never stored".to_owned(),
            None,
        )
    } else if blocked {
        let why =
            event.and_then(|event| event.reason.clone()).map(|why| format!(": {why}")).unwrap_or_default();
        (Status::Blocked, format!("inferred from its newest progress event{why}"), Some(last.plus(LOST)))
    } else if age < ACTIVE {
        (Status::Running, "inferred: it did something in the last 5 minutes".to_owned(), Some(at))
    } else {
        let note = "inferred: it did nothing for 5 minutes, and ends are never stored".to_owned();
        (Status::Idle, note, Some(last.plus(LOST)))
    }
}

fn counts(tools: &[&ToolUse]) -> Vec<ToolCount> {
    tools
        .iter()
        .map(|row| ToolCount { name: row.tool.clone(), calls: row.calls, failed: row.failed })
        .collect()
}

/// Percent and name of an event.
pub(super) fn progress(event: &Event) -> Safe {
    let percent = event.percent.map(|percent| format!("{percent} % ")).unwrap_or_default();
    let what = event.reason.as_ref().or(event.name.as_ref()).unwrap_or(&event.kind);
    Safe::line(&format!("{percent}{what}"))
}

/// What it does: the newest of its progress and its tools, as long as it may still do it.
fn activity(event: Option<&Event>, tool: Option<&ToolUse>, status: Status) -> Option<Safe> {
    if !status.is_live() {
        return None;
    }
    let tool = tool.map(|row| {
        let about = row.about.as_ref().map(|about| format!(" {about}")).unwrap_or_default();
        (row.newest, Safe::line(&format!("{}{about}", row.tool)))
    });
    let event = event.map(|event| (event.at, progress(event)));
    [tool, event].into_iter().flatten().max_by_key(|(at, _)| *at).map(|(_, text)| text)
}
