//! The dashboard's database: its executions as agents. A stored state is told as stored; what contradicts it
//! stands beside.

use std::collections::{BTreeMap, HashMap};

use super::{
    super::{
        db::{Dash, ExecRow, LineRow, ProjectRow, TaskRow},
        told::Told,
        when, words,
    },
    Scene, dash_tasks, fact,
    index::Index,
    measured::Measured,
    notes, role,
};
use crate::{
    model::{Agent, AgentKind, RawRef, Status, Timestamp, Workspace},
    text::Safe,
};

/// Everything a dashboard's tables tell.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Board<'a> {
    pub(in super::super) dash: &'a Dash,
    /// Where the database is.
    pub(in super::super) path: &'a Safe,
    /// The newest line of each execution.
    pub(in super::super) latest: &'a HashMap<Safe, LineRow>,
}

/// Tells agents and tasks.
pub(in super::super) fn tell(board: Board<'_>, scene: Scene<'_>, told: &mut Told) {
    let names: BTreeMap<&Safe, &ProjectRow> = board.dash.projects.iter().map(|row| (&row.id, row)).collect();
    let index = Index::of(board.dash);
    let newest = newest_of_name(board.dash);
    for row in &board.dash.executions {
        let is_newest =
            row.agent.as_ref().is_some_and(|name| newest.get(&words::agent(name)) == Some(&&row.id));
        let (agent, wake) = agent(board, &index, scene, row, &names, is_newest);
        told.wake_at(wake);
        told.agent(scene.own.key(&row.id), agent);
    }
    dash_tasks::tell(board, &index, scene, &names, told);
}

/// The execution of each agent that started last: what its workspace file says belongs to it.
pub(in super::super) fn newest_of_name(dash: &Dash) -> BTreeMap<String, &Safe> {
    let mut newest: BTreeMap<String, (&ExecRow, &Safe)> = BTreeMap::new();
    for row in &dash.executions {
        let Some(name) = &row.agent else { continue };
        let place = words::agent(name);
        if newest.get(&place).is_none_or(|(known, _)| known.started.at <= row.started.at) {
            newest.insert(place, (row, &row.id));
        }
    }
    newest.into_iter().map(|(name, (_, id))| (name, id)).collect()
}

fn agent(
    board: Board<'_>,
    index: &Index<'_>,
    scene: Scene<'_>,
    row: &ExecRow,
    projects: &BTreeMap<&Safe, &ProjectRow>,
    is_newest: bool,
) -> (Agent, Option<Timestamp>) {
    let (status, mut span) = when::judged(row.status.as_ref(), &row.started, &row.completed, scene.now);
    span.notes.extend(notes::execution(board.dash, row, status, scene.evidence));
    let name = row.agent.clone().unwrap_or_else(|| Safe::line("unknown agent"));
    let project = row.project.as_ref();
    let known = project.and_then(|id| projects.get(id));
    let latest = board.latest.get(&row.id);
    let said = scene.evidence.of(&name).filter(|_| is_newest);
    let measured = Measured { row, series: index.metrics(&row.id) };
    let mut facts = std::mem::take(&mut span.facts);
    facts.extend(fact("error", row.error.as_ref()));
    facts.extend(project.filter(|_| known.is_none()).map(|id| ("project (not there)", id.clone())));
    facts.extend(measured.facts());
    facts.extend(said.map(super::evidence::Said::facts).into_iter().flatten());
    let tasks = index.tasks(&row.id);
    let works =
        |task: &&&TaskRow| task.status.as_ref().is_some_and(|word| words::status(word) == Status::Running);
    let task = tasks.iter().rfind(works).or(tasks.last()).map(|task| scene.own.key(&task.id));
    let agent = Agent {
        kind: AgentKind::Worker,
        role: Some(role(&name)),
        name,
        title: None,
        status,
        status_raw: row.status.clone(),
        status_note: when::note(&span.notes),
        workspace: known.and_then(|project| project.name.clone()).map(Workspace::named),
        task,
        project: known.map(|project| scene.row_project(&project.id)),
        started_at: span.started,
        updated_at: latest.and_then(|line| line.at).max(span.ended).max(span.started),
        ended_at: span.ended,
        status_since: span.ended.filter(|_| status.is_over()),
        activity: latest.filter(|_| status.is_active()).map(|line| line.text.clone()),
        recorded_cost: measured.cost(),
        recorded_cost_is_floor: !status.is_over(),
        facts,
        raw: Some(RawRef::Row {
            path: board.path.clone(),
            table: "agent_executions",
            column: "id",
            key: row.id.clone(),
        }),
        ..Agent::default()
    };
    (agent, span.wake)
}
