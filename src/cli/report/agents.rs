//! `orchdash agents`: who is doing what?

use serde_json::{Value, json};

use super::{Inputs, cost_text, dollars, or_dash, table, tokens};
use crate::{
    model::{Agent, Id, Key, price::ModelName},
    query::{cost, view::agent_workspace},
    store::{Evidence, Store},
    text::{clip, format},
};

fn rows<'a>(inputs: &'a Inputs<'_>) -> Vec<(Id<Agent>, &'a Key, &'a Agent)> {
    let mut rows: Vec<_> = inputs
        .store
        .agents
        .entries()
        .filter(|(id, _, agent)| inputs.selection.wants_agent(inputs.store, *id, agent, inputs.now))
        .collect();
    rows.sort_by(|(_, key_a, a), (_, key_b, b)| {
        (a.status.rank(), std::cmp::Reverse(a.updated_at), *key_a).cmp(&(
            b.status.rank(),
            std::cmp::Reverse(b.updated_at),
            *key_b,
        ))
    });
    rows
}

/// The JSON document.
pub fn json(inputs: &Inputs<'_>) -> Value {
    let agents: Vec<Value> =
        rows(inputs).into_iter().map(|(id, key, agent)| one(inputs, id, key, agent)).collect();
    json!({ "agents": agents })
}

fn one(inputs: &Inputs<'_>, id: Id<Agent>, key: &Key, agent: &Agent) -> Value {
    let usage = inputs.store.agent_usage(id);
    let cost = cost::agent_cost(inputs.store, id);
    let workspace = agent_workspace(inputs.store, agent);
    let context = agent.context.map(|context| {
        let percent = (context.window > 0).then(|| (context.percent() * 10.0).round() / 10.0);
        json!({"used": context.used, "window": context.window, "percent": percent})
    });
    let tools: Option<Vec<Value>> = agent.tools.as_ref().map(|tools| {
        tools
            .iter()
            .map(|tool| json!({"name": tool.name, "calls": tool.calls, "failed": tool.failed}))
            .collect()
    });
    let links = inputs.store.agent_links(id);
    let links: Vec<Value> = links
        .filter_map(|one| Some(link(inputs.store, inputs.store.agents.key(one.part)?, one.evidence)))
        .collect();
    json!({
        "id": key.local,
        "source": inputs.store.source_kind(key.source),
        "name": agent.name,
        "role": agent.role,
        "status": agent.status.word(),
        "status_raw": agent.status_raw,
        "status_note": agent.status_note,
        "status_since": agent.status_since,
        "model": agent.model,
        "workspace": workspace.map(|workspace| &workspace.name),
        "workspace_path": workspace.and_then(|workspace| workspace.path.as_ref()),
        "branch": agent.branch,
        "task": agent.task.as_ref().map(|task| &listed_task(inputs.store, task).local),
        "project": agent.project.as_ref().map(|project| &project.local),
        "session": agent.session,
        "parent": agent.parent.as_ref().map(|parent| &parent.local),
        "started_at": agent.started_at,
        "updated_at": agent.updated_at,
        "ended_at": agent.ended_at,
        "responses": usage.responses,
        "tokens": tokens(&usage.tokens),
        "cost_usd": dollars(cost.amount),
        "cost_kind": cost.kind.word(),
        "cost_is_floor": cost.floor,
        "unpriced_responses": cost.unpriced,
        "context": context,
        "tool_calls": agent.tool_calls(),
        "tools": tools,
        "files_read": agent.files.as_ref().map(|files| files.read.len()),
        "files_written": agent.files.as_ref().map(|files| files.written.len()),
        "lines_added": agent.lines.map(|lines| lines.added),
        "lines_removed": agent.lines.map(|lines| lines.removed),
        "messages": agent.messages,
        "waiting_for": agent.waiting_for,
        "activity": agent.activity,
        "title": agent.title,
        "links": links,
        "facts": facts(&agent.facts),
    })
}

/// The key under which the task of an agent is listed.
fn listed_task<'a>(store: &'a Store, task: &'a Key) -> &'a Key {
    store.tasks.id(task).and_then(|id| store.tasks.key(id)).unwrap_or(task)
}

/// Another source's word about the same thing.
pub(super) fn link(store: &Store, key: &Key, evidence: Evidence) -> Value {
    json!({
        "source": store.source_kind(key.source),
        "id": key.local,
        "evidence": evidence.words(),
        "sure": evidence.is_sure(),
    })
}

/// Further facts of the source as an object.
pub(super) fn facts(facts: &[(&'static str, crate::text::Safe)]) -> Value {
    facts
        .iter()
        .map(|(label, value)| ((*label).to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The table for people.
pub fn text(inputs: &Inputs<'_>) -> String {
    let columns = [
        table::left("STATUS"),
        table::left("AGENT"),
        table::left("ROLE"),
        table::left("MODEL"),
        table::left("WORKSPACE"),
        table::right("TOKENS"),
        table::right("COST"),
        table::right("CONTEXT"),
        table::right("TOOLS"),
        table::right("CHANGED"),
        table::left("WAITS FOR"),
        table::left("ID"),
    ];
    let rows: Vec<Vec<String>> = rows(inputs)
        .into_iter()
        .map(|(id, key, agent)| {
            let workspace = agent_workspace(inputs.store, agent);
            vec![
                agent.status.word().to_owned(),
                clip(agent.label(), 40),
                or_dash(agent.role.as_ref()),
                agent.model.as_ref().map_or_else(|| "-".to_owned(), |model| ModelName::short(model)),
                or_dash(workspace.map(|workspace| &workspace.name)),
                format::count(inputs.store.agent_usage(id).tokens.total()),
                cost_text(&cost::agent_cost(inputs.store, id)),
                agent
                    .context
                    .filter(|context| context.window > 0)
                    .map_or_else(|| "-".to_owned(), |context| format::percent(context.percent())),
                agent.tool_calls().map_or_else(|| "-".to_owned(), |calls| calls.to_string()),
                agent.updated_at.map_or_else(|| "-".to_owned(), |at| format::ago(inputs.now, at)),
                agent.waiting_for.as_ref().map(|reason| clip(reason, 40)).unwrap_or_default(),
                key.local.to_string(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}
