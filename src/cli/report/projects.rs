//! `orchdash projects`: how far is each body of work, and what holds it up?

use serde_json::{Value, json};

use super::{Inputs, agents::facts, by_status, cost_text, dollars, or_dash, table};
use crate::{
    model::{Id, Phase, Project, ProjectNote, ProjectPlan, ProjectSetting, Status},
    query::projects::{self, Tally},
    text::{clip, format},
};

/// The JSON document, what needs attention first.
pub fn json(inputs: &Inputs<'_>) -> Value {
    let projects: Vec<Value> = projects::list(inputs.store, inputs.selection, inputs.now)
        .iter()
        .filter_map(|(id, tally)| Some(one(inputs, *id, inputs.store.projects.get(*id)?, tally)))
        .collect();
    json!({ "projects": projects })
}

fn one(inputs: &Inputs<'_>, id: Id<Project>, project: &Project, tally: &Tally) -> Value {
    let key = inputs.store.projects.key(id);
    json!({
        "id": key.map(|key| &key.local),
        "source": key.map(|key| inputs.store.source_kind(key.source)),
        "name": project.name,
        "description": project.description,
        "status": project.status.word(),
        "status_raw": project.status_raw,
        "status_note": project.status_note,
        "workspace": project.workspace.as_ref().map(|workspace| &workspace.name),
        "workspace_path": project.workspace.as_ref().and_then(|workspace| workspace.path.as_ref()),
        "created_at": project.created_at,
        "updated_at": project.updated_at,
        "active_at": tally.updated_at,
        "agents": by_status(&tally.agents),
        "tasks": by_status(&tally.tasks),
        "agents_total": tally.agents.total(),
        "tasks_total": tally.tasks.total(),
        "tokens_total": tally.totals.tokens.total(),
        "cost_usd": dollars(tally.cost.amount),
        "cost_kind": tally.cost.kind.word(),
        "cost_is_floor": tally.cost.floor,
        "plans": project.plans.iter().map(plan).collect::<Vec<_>>(),
        "settings": project.settings.iter().map(setting).collect::<Vec<_>>(),
        "notes": project.notes.iter().map(note).collect::<Vec<_>>(),
        "facts": facts(&project.facts),
    })
}

fn plan(plan: &ProjectPlan) -> Value {
    let (done, total) = plan.progress();
    json!({
        "name": plan.name,
        "status_raw": plan.status_raw,
        "created_at": plan.created_at,
        "done": done,
        "total": total,
        "phases": plan.phases.iter().map(phase).collect::<Vec<_>>(),
        "text": plan.text,
    })
}

fn phase(phase: &Phase) -> Value {
    let items: Vec<Value> = phase
        .items
        .iter()
        .map(|item| json!({"text": item.text, "status": item.status.word(), "owner": item.owner}))
        .collect();
    let (done, total) = phase.progress();
    json!({
        "name": phase.name,
        "status": phase.status.word(),
        "done": done,
        "total": total,
        "stated": phase.stated.map(|(done, total)| json!({"done": done, "total": total})),
        "items": items,
    })
}

fn setting(setting: &ProjectSetting) -> Value {
    json!({"name": setting.name, "text": setting.text, "updated_at": setting.updated_at})
}

fn note(note: &ProjectNote) -> Value {
    json!({"at": note.at, "kind": note.kind, "text": note.text})
}

/// The table for people.
pub fn text(inputs: &Inputs<'_>) -> String {
    let columns = [
        table::left("STATUS"),
        table::left("PROJECT"),
        table::left("WORKSPACE"),
        table::right("LIVE"),
        table::right("AGENTS"),
        table::right("RUNNING"),
        table::right("FAILED"),
        table::right("TASKS"),
        table::right("PLAN"),
        table::right("TOKENS"),
        table::right("COST"),
        table::right("ACTIVE"),
        table::left("ID"),
    ];
    let rows: Vec<Vec<String>> = projects::list(inputs.store, inputs.selection, inputs.now)
        .iter()
        .filter_map(|(id, tally)| {
            let (project, key) = (inputs.store.projects.get(*id)?, inputs.store.projects.key(*id)?);
            let (done, all) = tally.progress;
            Some(vec![
                project.status.word().to_owned(),
                clip(&project.name, 40),
                or_dash(project.workspace.as_ref().map(|workspace| &workspace.name)),
                tally.agents.live().to_string(),
                tally.agents.total().to_string(),
                tally.tasks.of(Status::Running).to_string(),
                tally.tasks.of(Status::Failed).to_string(),
                tally.tasks.total().to_string(),
                if all == 0 { "-".to_owned() } else { format!("{done}/{all}") },
                format::count(tally.totals.tokens.total()),
                cost_text(&tally.cost),
                tally.updated_at.map_or_else(|| "-".to_owned(), |at| format::ago(inputs.now, at)),
                key.local.to_string(),
            ])
        })
        .collect();
    table::layout(&columns, &rows)
}
