//! `orchdash tasks`: what is in progress, what happened?

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    Inputs,
    agents::{facts, link},
    cost_text, dollars, or_dash, table, tokens,
};
use crate::{
    model::{Execution, Id, Key, Task},
    query::{Range, cost},
    text::{clip, format},
};

fn rows<'a>(inputs: &'a Inputs<'_>, range: Range) -> Vec<(Id<Task>, &'a Key, &'a Task)> {
    let mut rows: Vec<_> = inputs
        .store
        .tasks
        .entries()
        .filter(|(id, _, task)| inputs.selection.wants_task(inputs.store, *id, task, inputs.now))
        .filter(|(_, _, task)| range.holds(task.created_at.or(task.started_at)))
        .collect();
    rows.sort_by(|(_, key_a, a), (_, key_b, b)| {
        (std::cmp::Reverse(a.created_at), *key_a).cmp(&(std::cmp::Reverse(b.created_at), *key_b))
    });
    rows
}

/// The JSON document, newest first.
pub fn json(inputs: &Inputs<'_>, range: Range) -> Value {
    let mut runs: HashMap<Id<Task>, Vec<Value>> = HashMap::new();
    for (_, key, execution) in inputs.store.executions.entries() {
        if let Some(task) = execution.task.as_ref().and_then(|task| inputs.store.tasks.id(task)) {
            runs.entry(task).or_default().push(run(key, execution));
        }
    }
    let tasks: Vec<Value> = rows(inputs, range)
        .into_iter()
        .map(|(id, key, task)| one(inputs, id, key, task, runs.get(&id).map_or(&[], |runs| &**runs)))
        .collect();
    json!({ "tasks": tasks })
}

/// One run of an agent, shell or step; ids are of the same source.
fn run(key: &Key, execution: &Execution) -> Value {
    let local = |key: &Option<Key>| key.as_ref().map(|key| key.local.clone());
    let depends_on: Vec<_> = execution.depends_on.iter().map(|key| &key.local).collect();
    json!({
        "id": key.local,
        "kind": execution.kind.word(),
        "name": execution.name,
        "agent": local(&execution.agent),
        "parent": local(&execution.parent),
        "depends_on": depends_on,
        "status": execution.status.word(),
        "status_raw": execution.status_raw,
        "started_at": execution.started_at,
        "ended_at": execution.ended_at,
        "summary": execution.summary,
        "facts": facts(&execution.facts),
    })
}

fn one(inputs: &Inputs<'_>, id: Id<Task>, key: &Key, task: &Task, executions: &[Value]) -> Value {
    let usage = inputs.store.task_usage(id);
    let cost = cost::task_cost(inputs.store, id);
    let store = inputs.store;
    let listed = |agent| store.agents.id(agent).and_then(|id| store.agents.key(id)).unwrap_or(agent);
    let agents: Vec<_> = task.agents.iter().map(|agent| &listed(agent).local).collect();
    let links: Vec<Value> = store
        .task_links(id)
        .filter_map(|one| Some(link(store, store.tasks.key(one.part)?, one.evidence)))
        .collect();
    let candidates: Vec<Value> = store
        .task_candidates(id)
        .filter_map(|agent| store.agents.key(agent))
        .map(|key| json!({"source": store.source_kind(key.source), "id": key.local}))
        .collect();
    json!({
        "id": key.local,
        "source": inputs.store.source_kind(key.source),
        "title": task.title,
        "prompt": task.prompt,
        "type": task.kind,
        "status": task.status.word(),
        "status_raw": task.status_raw,
        "status_note": task.status_note,
        "workspace": task.workspace.as_ref().map(|workspace| &workspace.name),
        "workspace_path": task.workspace.as_ref().and_then(|workspace| workspace.path.as_ref()),
        "model": task.model,
        "priority": task.priority,
        "complexity": task.complexity,
        "mode": task.mode,
        "created_at": task.created_at,
        "started_at": task.started_at,
        "ended_at": task.ended_at,
        "duration_s": task.run_time(inputs.now).map(|span| span.0 as f64 / 1000.0),
        "steps": task.steps,
        "workflow": task.workflow,
        "agents": agents,
        "batch": task.batch,
        "project": task.project.as_ref().map(|project| &project.local),
        "executions": executions,
        "responses": usage.responses,
        "tokens": tokens(&usage.tokens),
        "recorded_tokens": task.recorded_tokens,
        "cost_usd": dollars(cost.amount),
        "cost_kind": cost.kind.word(),
        "unpriced_responses": cost.unpriced,
        "activity": task.activity,
        "result": task.result,
        "error": task.error,
        "retries": task.retries,
        "links": links,
        "candidates": candidates,
        "facts": facts(&task.facts),
    })
}

/// The table for people.
pub fn text(inputs: &Inputs<'_>, range: Range) -> String {
    let columns = [
        table::left("STATUS"),
        table::left("TASK"),
        table::left("TYPE"),
        table::left("WORKSPACE"),
        table::right("STEPS"),
        table::right("TOKENS"),
        table::right("COST"),
        table::right("TIME"),
        table::right("CREATED"),
        table::left("ID"),
    ];
    let rows: Vec<Vec<String>> = rows(inputs, range)
        .into_iter()
        .map(|(id, key, task)| {
            vec![
                task.status.word().to_owned(),
                clip(&task.title, 50),
                or_dash(task.kind.as_ref()),
                or_dash(task.workspace.as_ref().map(|workspace| &workspace.name)),
                task.steps.map_or_else(|| "-".to_owned(), |steps| format!("{}/{}", steps.done, steps.total)),
                cost::task_tokens(inputs.store, id).map_or_else(|| "-".to_owned(), format::count),
                cost_text(&cost::task_cost(inputs.store, id)),
                task.run_time(inputs.now).map_or_else(|| "-".to_owned(), format::duration),
                task.created_at.map_or_else(|| "-".to_owned(), |at| at.short(inputs.zone)),
                key.local.to_string(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}
