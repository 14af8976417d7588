//! The task list of the collaboration database, what is handed from agent to agent, stored runs, and what a person is asked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::{
        db::{Approval, Assigned, Collab, Event, Handed, StoredRun},
        depend,
        files::output::Output,
        show,
        told::Told,
        when, words,
    },
    Scene,
    collab::{Desk, Pair, local, progress},
    fact,
};
use crate::{
    model::{Execution, ExecutionKind, Key, RawRef, Status, Task, Workspace},
    text::{Safe, mask},
};

/// Tells every task.
pub(super) fn tell(desk: Desk<'_>, scene: Scene<'_>, sessions: &BTreeMap<String, Pair>, told: &mut Told) {
    let collab = desk.collab;
    let session = |agent: &Safe| sessions.get(&words::agent(agent)).map(|pair| scene.own.key(&local(pair)));
    let events = newest_events(collab);
    let known: BTreeSet<&Safe> = collab.tasks.iter().map(|row| &row.id).collect();
    let written = collab.tasks.iter().map(|row| (row.id.clone(), row.dependencies.clone())).collect();
    let depends =
        depend::resolve(
            &written,
            |_, name| if known.contains(name) { vec![name.clone()] } else { Vec::new() },
        );
    for row in &collab.tasks {
        let (mut task, mut run) = assigned(
            desk,
            scene,
            row,
            events.get(&row.id).copied(),
            row.agent.as_ref().and_then(session),
            told,
        );
        if let Some(depends) = depends.get(&row.id) {
            run.depends_on = depends.on.iter().map(|id| scene.own.key(id)).collect();
            run.facts.extend(depends.facts());
            task.facts.extend(depends.facts());
        }
        told.task(scene.own.key(&row.id), task);
        told.execution(scene.own.key(&row.id), run);
    }
    for (id, task) in from_events(collab, &events, scene, &known, &session) {
        told.task(id, task);
    }
    for row in &collab.handed {
        let agent = row.to.as_ref().and_then(session);
        let task = handed(desk, scene, row, agent, told);
        told.task(scene.own.key(&format!("handed/{}", row.id)), task);
    }
    for row in &collab.runs {
        let task = stored_run(desk, scene, row, told);
        told.task(scene.own.key(&format!("run/{}", row.id)), task);
    }
    for row in &collab.approvals {
        if row.agent.as_ref().and_then(session).is_none() {
            told.task(scene.own.key(&format!("approval/{}", row.id)), approval(desk, row));
        }
    }
}

fn raw(desk: Desk<'_>, table: &'static str, column: &'static str, key: &Safe) -> RawRef {
    RawRef::Row { path: desk.path.clone(), table, column, key: key.clone() }
}

/// The newest event of each task.
fn newest_events(collab: &Collab) -> BTreeMap<&Safe, &Event> {
    let mut newest: BTreeMap<&Safe, &Event> = BTreeMap::new();
    for event in &collab.progress {
        let Some(task) = &event.task else { continue };
        let known = newest.entry(task).or_insert(event);
        if known.order < event.order {
            *known = event;
        }
    }
    newest
}

fn assigned(
    desk: Desk<'_>,
    scene: Scene<'_>,
    row: &Assigned,
    event: Option<&Event>,
    agent: Option<Key>,
    told: &mut Told,
) -> (Task, Execution) {
    let (status, mut span) = when::judged(row.status.as_ref(), &row.started, &row.completed, scene.now);
    told.wake_at(span.wake);
    let of_agent = row.agent.as_ref().and_then(|name| scene.evidence.of(name));
    let said = of_agent.filter(|said| said.file.task_id() == Some(&row.id));
    let output = said.and_then(|said| said.file.output.as_ref());
    let stored = desk.collab.outputs.iter().rfind(|(task, _)| *task == row.id).map(|(_, output)| output);
    if let Some(word) = said.and_then(|said| said.file.word()).filter(|word| words::status(word) != status) {
        span.notes.push(format!("its agent's workspace file says {word}"));
    }
    let stored_word = stored.and_then(|output| output.status.as_ref());
    if let Some(word) = stored_word.filter(|word| words::status(word) != status) {
        span.notes.push(format!("its stored output says {word}"));
    }
    let output = output.or(stored);
    let mut facts = std::mem::take(&mut span.facts);
    facts.extend(fact("agent", row.agent.as_ref()));
    facts.extend(fact("parent task", row.parent.as_ref()));
    facts.extend(event.map(|event| ("progress", progress(event))));
    facts.extend(output.map(Output::facts).into_iter().flatten());
    let delivered = (!row.deliverables.is_empty()).then(|| {
        Safe::text(&row.deliverables.iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n"))
    });
    let key = scene.own.key(&row.id);
    let run = Execution {
        kind: ExecutionKind::Agent,
        name: row.agent.clone().unwrap_or_else(|| Safe::line("unknown agent")),
        task: Some(key),
        agent: agent.clone(),
        parent: row.parent.as_ref().filter(|parent| **parent != row.id).map(|parent| scene.own.key(parent)),
        status,
        status_raw: row.status.clone(),
        started_at: span.started,
        ended_at: span.ended,
        summary: output.and_then(|output| output.summary.clone()),
        raw: Some(raw(desk, "agent_tasks", "task_id", &row.id)),
        ..Execution::default()
    };
    let is_blocked = status == Status::Blocked;
    let reason = event.filter(|_| is_blocked).and_then(|event| event.reason.clone());
    let task = Task {
        title: row.title.clone().unwrap_or_else(|| row.id.clone()),
        prompt: row.description.clone().unwrap_or_default(),
        status,
        status_raw: row.status.clone(),
        status_note: when::note(&span.notes),
        priority: row.priority.clone(),
        agents: agent.into_iter().collect(),
        activity: event.filter(|_| status.is_active()).map(progress),
        created_at: row.created,
        started_at: span.started,
        start_is_recorded: true,
        updated_at: event.and_then(|event| event.at).max(span.ended).max(span.started).max(row.created),
        ended_at: span.ended,
        result: output.and_then(Output::result).or(delivered),
        error: reason.or_else(|| output.and_then(|output| output.error.clone())),
        facts,
        raw: Some(raw(desk, "agent_tasks", "task_id", &row.id)),
        ..Task::default()
    };
    (task, run)
}

/// Tasks that only events speak of: the list is written by one hook and may not be there.
fn from_events(
    collab: &Collab,
    events: &BTreeMap<&Safe, &Event>,
    scene: Scene<'_>,
    known: &BTreeSet<&Safe>,
    session: &dyn Fn(&Safe) -> Option<Key>,
) -> Vec<(Key, Task)> {
    let mut tasks = Vec::new();
    for (id, event) in events.iter().filter(|(id, _)| !known.contains(**id)) {
        let status = match event.kind.as_str() {
            "task_complete" => Status::Succeeded,
            "task_blocked" => Status::Blocked,
            _ => Status::Running,
        };
        let start = collab.starts.get(*id);
        let started = start.and_then(|start| start.at);
        let task = Task {
            title: start.and_then(|start| start.title.clone()).unwrap_or_else(|| (*id).clone()),
            status,
            status_note: Some(Safe::line("inferred from its newest progress event: it is in no list")),
            agents: session(&event.agent).into_iter().collect(),
            activity: status.is_active().then(|| progress(event)),
            created_at: started,
            started_at: started,
            updated_at: event.at,
            ended_at: event.at.filter(|_| status.is_over()),
            error: event.reason.clone(),
            facts: vec![("agent", event.agent.clone())],
            ..Task::default()
        };
        tasks.push((scene.own.key(id), task));
    }
    tasks
}

fn handed(desk: Desk<'_>, scene: Scene<'_>, row: &Handed, agent: Option<Key>, told: &mut Told) -> Task {
    let (status, span) = when::judged(row.status.as_ref(), &row.started, &row.completed, scene.now);
    told.wake_at(span.wake);
    let name = |name: &Option<Safe>| name.as_ref().map_or("somebody", Safe::as_str).to_owned();
    let kind = row.kind.as_ref().map_or("coordination", Safe::as_str);
    Task {
        title: Safe::line(&format!("{kind}: {} → {}", name(&row.from), name(&row.to))),
        prompt: row.data.as_ref().map(mask::pretty).unwrap_or_default(),
        kind: row.kind.clone(),
        status,
        status_raw: row.status.clone(),
        status_note: when::note(&span.notes),
        priority: row.priority.clone(),
        agents: agent.into_iter().collect(),
        created_at: row.created,
        started_at: span.started,
        start_is_recorded: true,
        updated_at: span.ended.max(span.started).max(row.created),
        ended_at: span.ended,
        result: row.result.clone(),
        error: row.error.clone(),
        facts: span.facts,
        raw: Some(raw(desk, "agent_coordination_queue", "coordination_id", &row.id)),
        ..Task::default()
    }
}

fn stored_run(desk: Desk<'_>, scene: Scene<'_>, row: &StoredRun, told: &mut Told) -> Task {
    let (status, span) = when::judged(row.status.as_ref(), &row.started, &row.ended, scene.now);
    told.wake_at(span.wake);
    let project = row.project.as_ref().map_or("orchestration", Safe::as_str);
    Task {
        title: Safe::line(&words::titled(project, row.level)),
        kind: Some(Safe::line("orchestration session")),
        status,
        status_raw: row.status.clone(),
        status_note: when::note(&span.notes),
        workspace: row.project.clone().map(Workspace::named),
        workflow: row.agents.clone(),
        project: row.project.as_ref().map(|name| scene.named_project(name)),
        created_at: span.started,
        started_at: span.started,
        start_is_recorded: true,
        updated_at: span.ended.max(span.started),
        ended_at: span.ended,
        facts: span.facts,
        raw: Some(raw(desk, "orchestration_sessions", "session_id", &row.id)),
        ..Task::default()
    }
}

/// What is to be said of everything that is asked.
pub(super) const ASKED: &str = "a person is asked in the approval queue; no script waits for the answer";

/// What a person is asked, in words.
pub(super) fn asked(row: &Approval) -> Safe {
    let mut words = vec![format!("approval of {}", row.action)];
    words.extend(row.risk.as_ref().map(|risk| format!("risk {risk}")));
    let members = match &row.details {
        Some(Value::Object(members)) => members.iter().collect(),
        _ => Vec::new(),
    };
    let telling =
        members.iter().filter(|(_, value)| value.as_str().is_some_and(|text| !text.trim().is_empty()));
    for (name, value) in telling.take(3) {
        words.push(format!("{name} {}", show::member(name, value)));
    }
    Safe::line(&words.join(", "))
}

/// Nobody is known who asked: the question stands for itself.
fn approval(desk: Desk<'_>, row: &Approval) -> Task {
    Task {
        title: asked(row),
        kind: Some(row.action.clone()),
        status: Status::Waiting,
        status_raw: Some(Safe::line("pending")),
        status_note: Some(Safe::line(ASKED)),
        created_at: row.created,
        updated_at: row.created,
        facts: fact("asked for by", row.agent.as_ref()).into_iter().collect(),
        raw: Some(raw(desk, "approval_queue", "approval_id", &row.id)),
        ..Task::default()
    }
}
