//! `orchdash catalog`: what can be put to work, and what became of it?

use serde_json::{Value, json};

use super::{Inputs, agents::facts, cost_text, dollars, or_dash, table};
use crate::{
    model::{CatalogItem, CatalogKind, StepDefinition},
    query::{
        catalog::{self, Listed, UNDEFINED},
        roles::RoleUse,
    },
    text::{Safe, clip, format},
};

fn rows(inputs: &Inputs<'_>, kind: Option<CatalogKind>) -> Vec<Listed> {
    let mut rows = catalog::list(inputs.store, inputs.selection, inputs.now);
    rows.retain(|row| kind.is_none_or(|kind| row.kind == kind));
    rows
}

fn item<'a>(inputs: &Inputs<'a>, row: &Listed) -> Option<&'a CatalogItem> {
    inputs.store.catalog.get(row.id?)
}

/// The JSON document: one kind or all.
pub fn json(inputs: &Inputs<'_>, kind: Option<CatalogKind>) -> Value {
    let items: Vec<Value> = rows(inputs, kind)
        .iter()
        .map(|row| match item(inputs, row) {
            Some(item) => one(inputs, row, item),
            // A role without a definition has the fields of one that says nothing.
            None => one(inputs, row, &nameless(row)),
        })
        .collect();
    json!({ "items": items })
}

fn nameless(row: &Listed) -> CatalogItem {
    CatalogItem {
        kind: row.kind,
        name: row.name.clone(),
        status_note: Some(Safe::line(UNDEFINED)),
        ..CatalogItem::default()
    }
}

fn one(inputs: &Inputs<'_>, row: &Listed, item: &CatalogItem) -> Value {
    let key = row.id.and_then(|id| inputs.store.catalog.key(id));
    json!({
        "id": key.map(|key| &key.local),
        "source": key.map(|key| inputs.store.source_kind(key.source)),
        "defined": row.id.is_some(),
        "kind": item.kind.id(),
        "name": item.name,
        "description": item.description,
        "category": item.category,
        "status": item.status.word(),
        "status_raw": item.status_raw,
        "status_note": item.status_note,
        "checked_at": item.checked_at,
        "model": item.model,
        "capabilities": item.capabilities,
        "tools": item.tools,
        "steps": item.steps.iter().map(step).collect::<Vec<_>>(),
        "workspace": item.workspace.as_ref().map(|workspace| &workspace.name),
        "workspace_path": item.workspace.as_ref().and_then(|workspace| workspace.path.as_ref()),
        "project": item.project.as_ref().map(|project| &project.local),
        "use": row.usage.as_ref().map(usage),
        "facts": facts(&item.facts),
    })
}

fn step(step: &StepDefinition) -> Value {
    json!({
        "id": step.id,
        "name": step.name,
        "kind": step.kind,
        "agent": step.agent,
        "depends_on": step.depends_on,
        "fallback": step.fallback,
        "problem": step.problem,
    })
}

fn usage(role: &RoleUse) -> Value {
    json!({
        "agents": role.agents,
        "live": role.live,
        "succeeded": role.succeeded,
        "failed": role.failed,
        "cancelled": role.cancelled,
        "success_rate": role.success_percent().map(|percent| (percent * 10.0).round() / 1000.0),
        "cost_usd": dollars(role.cost.amount),
        "cost_kind": role.cost.kind.word(),
        "cost_is_floor": role.cost.floor,
        "tokens": role.totals.tokens.total(),
        "median_s": role.median.map(|span| span.0 as f64 / 1000.0),
    })
}

/// The table for people.
pub fn text(inputs: &Inputs<'_>, kind: Option<CatalogKind>) -> String {
    let columns = [
        table::left("KIND"),
        table::left("NAME"),
        table::left("STATE"),
        table::left("MODEL"),
        table::right("TOOLS"),
        table::right("STEPS"),
        table::right("LIVE"),
        table::right("AGENTS"),
        table::right("SUCCESS"),
        table::right("COST"),
        table::left("SOURCE"),
        table::left("NOTE"),
    ];
    let rows: Vec<Vec<String>> = rows(inputs, kind)
        .iter()
        .map(|row| match item(inputs, row) {
            Some(item) => line(inputs, row, item),
            None => line(inputs, row, &nameless(row)),
        })
        .collect();
    table::layout(&columns, &rows)
}

fn line(inputs: &Inputs<'_>, row: &Listed, item: &CatalogItem) -> Vec<String> {
    let dash = || "-".to_owned();
    let count = |count: usize| if count == 0 { dash() } else { count.to_string() };
    let role = row.usage.as_ref();
    let key = row.id.and_then(|id| inputs.store.catalog.key(id));
    let has_state = item.status_raw.is_some() || item.status != crate::model::Status::Unknown;
    let note = item.status_note.as_ref().or(item.description.as_ref());
    vec![
        item.kind.id().to_owned(),
        clip(&item.name, 40),
        if has_state { item.status.word().to_owned() } else { dash() },
        or_dash(item.model.as_ref()),
        count(item.tools.len()),
        count(item.steps.len()),
        role.map_or_else(dash, |role| role.live.to_string()),
        role.map_or_else(dash, |role| role.agents.to_string()),
        role.and_then(RoleUse::success_percent).map_or_else(dash, format::percent),
        role.map_or_else(dash, |role| cost_text(&role.cost)),
        key.map_or_else(dash, |key| inputs.store.source_kind(key.source).to_owned()),
        note.map(|note| clip(note.first_line(), 60)).unwrap_or_default(),
    ]
}
