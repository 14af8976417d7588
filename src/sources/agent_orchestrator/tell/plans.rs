//! Stored plans: phases with agents where they have that shape, else the JSON as text; and what is odd in dependencies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::{
    db::{Dash, PlanRow},
    depend,
    depend::Depends,
    files::{output::texts, plan_file::whole},
    words,
};
use super::{dash::Board, index::Index};
use crate::{
    model::{Phase, PlanItem, ProjectPlan, RawRef, Status},
    text::{Safe, mask},
};

/// A stored plan as told.
pub(super) fn plan<'a>(board: Board<'_>, index: &Index<'a>, row: &'a PlanRow) -> ProjectPlan {
    let value = row.plan.as_ref();
    let phases = value.map(|value| phases(index, row, value)).unwrap_or_default();
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
fn phases<'a>(index: &Index<'a>, row: &'a PlanRow, value: &Value) -> Vec<Phase> {
    if let Some(phases) = value.get("phases").and_then(Value::as_array) {
        return phases.iter().map(|phase| one(index, row, phase)).collect();
    }
    if value.get("agents").and_then(Value::as_array).is_some() {
        return vec![one(index, row, value)];
    }
    Vec::new()
}

fn one<'a>(index: &Index<'a>, row: &'a PlanRow, phase: &Value) -> Phase {
    let agents = phase.get("agents").and_then(Value::as_array).map_or(&[][..], |agents| &agents[..]);
    let name = phase.get("name").or_else(|| phase.get("phase"));
    let status = phase.get("status").and_then(Value::as_str).map(words::status);
    let items: Vec<PlanItem> = agents.iter().map(|agent| item(index, row, agent)).collect();
    Phase {
        name: name.map(mask::compact).unwrap_or_default(),
        status: status.unwrap_or_else(|| whole(&items)),
        items,
        stated: None,
    }
}

/// An agent of a phase: its state is that of its task, where the plan names one that is there.
fn item<'a>(index: &Index<'a>, row: &'a PlanRow, agent: &Value) -> PlanItem {
    let member = |key: &str| agent.get(key).and_then(Value::as_str).map(Safe::line);
    let owner = agent.as_str().map(Safe::line).or_else(|| member("name"));
    let task = member("taskId");
    let needs = texts(agent.get("dependencies"));
    let word = |word: &Option<Safe>| word.as_ref().map(|word| words::status(word));
    let state = task.as_ref().and_then(|id| word(&index.task(row, id)?.status));
    let newest = owner.as_ref().and_then(|owner| word(&index.newest(row, owner)?.status));
    let mut text = task.or_else(|| owner.clone()).map(|text| text.to_string()).unwrap_or_default();
    if !needs.is_empty() {
        let names: Vec<&str> = needs.iter().map(Safe::as_str).collect();
        text = format!("{text} (after {})", names.join(", "));
    }
    let status = state
        .or_else(|| agent.get("status").and_then(Value::as_str).map(words::status))
        .or(newest)
        .unwrap_or(Status::Queued);
    PlanItem { text: Safe::line(&text), status, owner }
}

/// Tasks of a project by id, and the ids that each names.
type Written = BTreeMap<(Option<Safe>, Safe), Vec<Safe>>;

/// Rows of the table of dependencies whose kind `wants`.
fn stored(dash: &Dash, wants: impl Fn(Option<&str>) -> bool) -> Written {
    let mut all = Written::new();
    let plans: BTreeMap<&Safe, &PlanRow> = dash.plans.iter().map(|plan| (&plan.id, plan)).collect();
    for row in dash.dependencies.iter().filter(|row| wants(row.kind.as_deref())) {
        let (Some(from), Some(to)) = (&row.from, &row.to) else { continue };
        let project = row.plan.as_ref().and_then(|plan| plans.get(plan)?.project.clone());
        all.entry((project, to.clone())).or_default().push(from.clone());
    }
    all
}

/// Those that a task need not wait for.
pub(super) fn optional(dash: &Dash) -> Written {
    stored(dash, |kind| kind.is_some_and(|kind| kind.eq_ignore_ascii_case("optional")))
}

/// Dependencies between a project's tasks as the plans and the table of dependencies write them: task ids by task id.
pub(super) fn written(dash: &Dash) -> Written {
    let mut all = stored(dash, |_| true);
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

/// What is odd in the dependencies of each project that no task of its own shows: of tasks that are planned only.
pub(super) fn odd_dependencies(dash: &Dash) -> BTreeMap<Safe, Vec<(&'static str, Safe)>> {
    let known: BTreeSet<&Safe> = dash.tasks.iter().filter_map(|task| task.task.as_ref()).collect();
    let mut by_project: BTreeMap<Safe, BTreeMap<Safe, Vec<Safe>>> = BTreeMap::new();
    for ((project, task), needs) in written(dash) {
        if let Some(project) = project {
            by_project.entry(project).or_default().insert(task, needs);
        }
    }
    let odd = |all: BTreeMap<Safe, Vec<Safe>>| {
        let named = |name: &Safe| known.contains(name) || all.contains_key(name);
        let resolved =
            depend::resolve(&all, |_, name| if named(name) { vec![name.clone()] } else { Vec::new() });
        let planned_only = resolved.into_iter().filter(|(task, _)| !known.contains(task));
        planned_only.flat_map(|(task, depends)| said(&task, &depends)).collect()
    };
    by_project.into_iter().map(|(project, all)| (project, odd(all))).collect()
}

fn said(task: &Safe, depends: &Depends) -> Vec<(&'static str, Safe)> {
    depends.facts().into_iter().map(|(label, text)| (label, Safe::line(&format!("{task}: {text}")))).collect()
}
