//! The dashboard's database: projects, and its executions as agents. A stored state is told as stored; what contradicts it
//! stands beside.

use std::collections::{BTreeMap, HashMap};

use super::{
    super::{
        db::{Dash, ExecRow, LineRow, ProjectRow},
        told::Told,
        when, words,
    },
    Scene, dash_tasks, fact, notes, plans, role,
};
use crate::{
    model::{Agent, AgentKind, Project, ProjectSetting, RawRef, Status, Timestamp, Workspace},
    text::{Safe, mask},
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
    let newest = newest_of_name(board.dash);
    for row in &board.dash.executions {
        let is_newest =
            row.agent.as_ref().is_some_and(|name| newest.get(&words::agent(name)) == Some(&&row.id));
        let (agent, wake) = agent(board, scene, row, &names, is_newest);
        told.wake_at(wake);
        told.agent(scene.own.key(&row.id), agent);
    }
    dash_tasks::tell(board, scene, &names, told);
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
    let mut facts = std::mem::take(&mut span.facts);
    facts.extend(fact("error", row.error.as_ref()));
    facts.extend(project.filter(|_| known.is_none()).map(|id| ("project (not there)", id.clone())));
    facts.extend(metrics(board.dash, row));
    facts.extend(said.map(super::evidence::Said::facts).into_iter().flatten());
    let tasks = board.dash.tasks.iter().rev().filter(|task| task.execution.as_ref() == Some(&row.id));
    let working = tasks
        .clone()
        .find(|task| task.status.as_ref().is_some_and(|word| words::status(word) == Status::Running));
    let task = working.or_else(|| tasks.clone().next()).map(|task| scene.own.key(&task.id));
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

/// What was measured: free members of the row, and the last value of each series.
fn metrics(dash: &Dash, row: &ExecRow) -> Vec<(&'static str, Safe)> {
    let mut facts = Vec::new();
    match &row.metrics {
        Some(serde_json::Value::Object(members)) => {
            for (name, value) in members {
                let masked = mask::json(&serde_json::json!({ name: value }));
                let value = masked.get(name).map(mask::compact).unwrap_or_default();
                facts.push(("metrics", Safe::line(&format!("{name} = {value}"))));
            }
        }
        Some(value) => facts.push(("metrics", mask::compact(value))),
        None => {}
    }
    let own = dash.metrics.iter().filter(|metric| metric.execution.as_ref() == Some(&row.id));
    facts.extend(own.map(|metric| {
        let value = metric.value.map_or_else(|| "no number".to_owned(), |value| value.to_string());
        let name = &metric.name;
        let label = if name.as_str() == "runningAgents" { "running agents" } else { "metric" };
        let often = if metric.count == 1 { "1 value".to_owned() } else { format!("{} values", metric.count) };
        (label, Safe::line(&format!("{name} = {value} (last of {often})")))
    }));
    facts
}

/// A project as its row and the tables around it tell it.
pub(super) fn project(board: Board<'_>, row: &ProjectRow) -> Project {
    let dash = board.dash;
    let status = row.status.as_ref().map_or(Status::Unknown, |word| words::status(word));
    let running = dash
        .executions
        .iter()
        .filter(|execution| execution.project.as_ref() == Some(&row.id))
        .filter(|execution| {
            execution.status.as_ref().is_some_and(|word| words::status(word) == Status::Running)
        })
        .count();
    let note = (running > 0 && status == Status::Queued).then(|| {
        Safe::line(&format!(
            "{running} of its executions run; the dashboard never changes what is stored here"
        ))
    });
    let own = |project: &Option<Safe>| project.as_ref() == Some(&row.id);
    let config = row.config.as_ref().map(|config| ProjectSetting {
        name: Safe::line("config"),
        text: mask::pretty(config),
        updated_at: row.updated,
    });
    let settings =
        dash.settings.iter().filter(|setting| own(&setting.project)).map(|setting| ProjectSetting {
            name: setting.name.clone(),
            text: setting.data.as_ref().map_or_else(|| Safe::line("null"), mask::pretty),
            updated_at: setting.updated,
        });
    let mut plan_rows: Vec<_> = dash.plans.iter().filter(|plan| own(&plan.project)).collect();
    plan_rows.reverse();
    plan_rows.sort_by_key(|plan| std::cmp::Reverse(plan.created));
    let hooks = dash.webhooks.iter().filter(|hook| own(&hook.project)).count();
    let mut facts = Vec::new();
    facts.extend(fact("made by", row.created_by.as_ref()));
    if hooks > 0 {
        facts.push(("webhooks", Safe::line(&hooks.to_string())));
    }
    facts.extend(plans::odd_dependencies(dash, &row.id));
    Project {
        name: row.name.clone().unwrap_or_else(|| row.id.clone()),
        description: row.description.clone(),
        status,
        status_raw: row.status.clone(),
        status_note: note,
        workspace: row.name.clone().map(Workspace::named),
        created_at: row.created,
        updated_at: row.updated.max(row.created),
        plans: plan_rows.into_iter().map(|plan| plans::plan(board, plan)).collect(),
        settings: config.into_iter().chain(settings).collect(),
        notes: Vec::new(),
        facts,
        raw: Some(RawRef::Row {
            path: board.path.clone(),
            table: "projects",
            column: "id",
            key: row.id.clone(),
        }),
    }
}
