//! Stored plans: phases with agents where they have that shape, else the JSON as text; and what is odd in dependencies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::{
    db::{Dash, PlanRow},
    depend,
    depend::Depends,
    files::{output::texts, plan_file::whole},
    words,
};
use super::dash::Board;
use crate::{
    model::{Phase, PlanItem, ProjectPlan, RawRef, Status},
    text::{Safe, mask},
};

/// A stored plan as told.
pub(super) fn plan(board: Board<'_>, row: &PlanRow) -> ProjectPlan {
    let value = row.plan.as_ref();
    let phases = value.map(|value| phases(board.dash, row, value)).unwrap_or_default();
    let word = |key: &str| value.and_then(|value| value.get(key)?.as_str().map(Safe::line));
    ProjectPlan {
        name: word("name").unwrap_or_else(|| Safe::line("plan")),
        status_raw: word("status"),
        created_at: row.created,
        text: phases.is_empty().then(|| value.map_or_else(|| Safe::line("null"), mask::pretty)),
        phases,
        raw: Some(RawRef::Row {
            path: board.path.clone(),
            table: "execution_plans",
            column: "id",
            key: row.id.clone(),
        }),
    }
}

/// `{"phases":[…]}` or one phase.
fn phases(dash: &Dash, row: &PlanRow, value: &Value) -> Vec<Phase> {
    if let Some(phases) = value.get("phases").and_then(Value::as_array) {
        return phases.iter().map(|phase| one(dash, row, phase)).collect();
    }
    if value.get("agents").and_then(Value::as_array).is_some() {
        return vec![one(dash, row, value)];
    }
    Vec::new()
}

fn one(dash: &Dash, row: &PlanRow, phase: &Value) -> Phase {
    let agents = phase.get("agents").and_then(Value::as_array).map_or(&[][..], |agents| &agents[..]);
    let name = phase.get("name").or_else(|| phase.get("phase"));
    let status = phase.get("status").and_then(Value::as_str).map(words::status);
    let items: Vec<PlanItem> = agents.iter().map(|agent| item(dash, row, agent)).collect();
    Phase {
        name: name.map(mask::compact).unwrap_or_default(),
        status: status.unwrap_or_else(|| whole(&items)),
        items,
        stated: None,
    }
}

/// An agent of a phase: its state is that of its task, where the plan names one that is there.
fn item(dash: &Dash, row: &PlanRow, agent: &Value) -> PlanItem {
    let member = |key: &str| agent.get(key).and_then(Value::as_str).map(Safe::line);
    let owner = agent.as_str().map(Safe::line).or_else(|| member("name"));
    let task = member("taskId");
    let needs = texts(agent.get("dependencies"));
    let state = task.as_ref().and_then(|id| {
        let found = dash
            .tasks
            .iter()
            .rev()
            .find(|task| task.task.as_ref() == Some(id) && of_project(dash, task, row))?;
        found.status.as_ref().map(|word| words::status(word))
    });
    let mut text = task.or_else(|| owner.clone()).map(|text| text.to_string()).unwrap_or_default();
    if !needs.is_empty() {
        let names: Vec<&str> = needs.iter().map(Safe::as_str).collect();
        text = format!("{text} (after {})", names.join(", "));
    }
    let status = state
        .or_else(|| agent.get("status").and_then(Value::as_str).map(words::status))
        .or_else(|| newest(dash, row, owner.as_ref()))
        .unwrap_or(Status::Queued);
    PlanItem { text: Safe::line(&text), status, owner }
}

fn of_project(dash: &Dash, task: &super::super::db::TaskRow, row: &PlanRow) -> bool {
    let execution = task.execution.as_ref();
    let project = execution.and_then(|id| dash.executions.iter().find(|row| row.id == *id)?.project.as_ref());
    project == row.project.as_ref()
}

/// The state of the agent's newest execution for the project since the plan was made.
fn newest(dash: &Dash, row: &PlanRow, agent: Option<&Safe>) -> Option<Status> {
    let of_agent = dash.executions.iter().filter(|execution| execution.agent.as_ref() == agent);
    let of_plan =
        of_agent.filter(|execution| execution.project == row.project && execution.started.at >= row.created);
    let newest = of_plan.max_by_key(|execution| execution.started.at)?;
    newest.status.as_ref().map(|word| words::status(word))
}

/// Dependencies between a project's tasks as the plans and the table of dependencies write them: task ids by task id.
pub(super) fn written(dash: &Dash) -> BTreeMap<(Option<Safe>, Safe), Vec<Safe>> {
    let mut all: BTreeMap<(Option<Safe>, Safe), Vec<Safe>> = BTreeMap::new();
    let project_of: BTreeMap<&Safe, &PlanRow> = dash.plans.iter().map(|plan| (&plan.id, plan)).collect();
    for row in &dash.dependencies {
        let (Some(from), Some(to)) = (&row.from, &row.to) else { continue };
        let project = row.plan.as_ref().and_then(|plan| project_of.get(plan)?.project.clone());
        all.entry((project, to.clone())).or_default().push(from.clone());
    }
    for plan in &dash.plans {
        let Some(value) = &plan.plan else { continue };
        let phases = value.get("phases").and_then(Value::as_array).into_iter().flatten().chain([value]);
        let agents = phases.filter_map(|phase| phase.get("agents")?.as_array()).flatten();
        for agent in agents {
            let Some(task) = agent.get("taskId").and_then(Value::as_str) else { continue };
            let needs = texts(agent.get("dependencies"));
            all.entry((plan.project.clone(), Safe::line(task))).or_default().extend(needs);
        }
    }
    all
}

/// What is odd in the dependencies of a project that no task of its own shows: of tasks that are planned only.
pub(super) fn odd_dependencies(dash: &Dash, project: &Safe) -> Vec<(&'static str, Safe)> {
    let known: std::collections::BTreeSet<&Safe> =
        dash.tasks.iter().filter_map(|task| task.task.as_ref()).collect();
    let all: BTreeMap<Safe, Vec<Safe>> = written(dash)
        .into_iter()
        .filter(|((of, _), _)| of.as_ref() == Some(project))
        .map(|((_, task), needs)| (task, needs))
        .collect();
    let named = |name: &Safe| known.contains(name) || all.contains_key(name);
    let resolved = depend::resolve(&all, |_, name| if named(name) { vec![name.clone()] } else { Vec::new() });
    let planned_only = resolved.into_iter().filter(|(task, _)| !known.contains(task));
    planned_only.flat_map(|(task, depends)| said(&task, &depends)).collect()
}

fn said(task: &Safe, depends: &Depends) -> Vec<(&'static str, Safe)> {
    depends.facts().into_iter().map(|(label, text)| (label, Safe::line(&format!("{task}: {text}")))).collect()
}
