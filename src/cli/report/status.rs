//! `orchdash status`: the short answer for status lines. Does anybody wait for me, is anything wrong, what does it cost?

use serde_json::{Value, json};

use super::{Inputs, by_status, dollars, usage::figures};
use crate::{
    model::{Agent, HealthState, Status, Timestamp},
    query::{
        Cost,
        counts::{self, ByStatus},
        limits,
        view::agent_workspace,
        window::Window,
    },
    text::format,
};

fn waiting<'a>(inputs: &'a Inputs<'_>) -> Vec<(&'a crate::model::Key, &'a Agent)> {
    let mut waiting: Vec<_> = inputs
        .store
        .agents
        .entries()
        .filter(|(id, _, agent)| {
            agent.status == Status::Waiting
                && inputs.selection.wants_agent(inputs.store, *id, agent, inputs.now)
        })
        .map(|(_, key, agent)| (key, agent))
        .collect();
    waiting.sort_by_key(|(_, agent)| since(agent));
    waiting
}

fn since(agent: &Agent) -> Option<Timestamp> {
    agent.status_since.or(agent.updated_at)
}

fn not_live(inputs: &Inputs<'_>) -> Vec<Value> {
    inputs
        .store
        .sources()
        .filter(|(_, health)| !matches!(health.state, HealthState::Live | HealthState::Empty))
        .map(|(_, health)| json!({"kind": health.kind, "path": health.path, "state": health.state.word(), "error": health.error}))
        .collect()
}

/// The JSON document.
pub fn json(inputs: &Inputs<'_>) -> Value {
    let today = today(inputs);
    let windows: Vec<Value> = limits::current(inputs.store, inputs.now)
        .iter()
        .map(|gauge| {
            json!({"name": gauge.limit.name, "percent": gauge.limit.percent, "resets_at": gauge.limit.resets_at,
                "read_at": gauge.limit.read_at, "active": gauge.limit.active, "money": gauge.limit.money})
        })
        .collect();
    let waiting: Vec<Value> = waiting(inputs)
        .into_iter()
        .map(|(key, agent)| {
            json!({"id": key.local, "source": inputs.store.source_kind(key.source), "name": agent.label(),
                "workspace": agent_workspace(inputs.store, agent).map(|workspace| &workspace.name),
                "waiting_for": agent.waiting_for, "since": since(agent)})
        })
        .collect();
    json!({
        "now": inputs.now,
        "agents": by_status(&counts::agents(inputs.store, inputs.selection, inputs.now)),
        "tasks": by_status(&counts::tasks(inputs.store, inputs.selection, inputs.now)),
        "waiting": waiting,
        "today": figures(&today),
        "cost_today_usd": dollars(today.known_cost()),
        "plan": windows,
        // Nothing is judged by rules yet: how many fire is not known.
        "alerts_firing": Value::Null,
        "sources_not_live": not_live(inputs),
    })
}

fn today(inputs: &Inputs<'_>) -> crate::store::Totals {
    let range = Window::Today.range(inputs.now, inputs.zone);
    crate::query::cost::sum(inputs.store, inputs.selection, range, inputs.now)
}

/// A few lines for people.
pub fn text(inputs: &Inputs<'_>) -> String {
    let words = |counts: &ByStatus| {
        let parts: Vec<String> =
            counts.present().map(|(status, count)| format!("{count} {}", status.word())).collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    };
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    for (_, agent) in waiting(inputs) {
        let age = since(agent)
            .map(|at| format!(" for {}", format::clock(inputs.now.since(at))))
            .unwrap_or_default();
        let reason = agent.waiting_for.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        line(format!("waits{age}  {}{reason}", agent.label()));
    }
    line(format!("agents  {}", words(&counts::agents(inputs.store, inputs.selection, inputs.now))));
    line(format!("tasks   {}", words(&counts::tasks(inputs.store, inputs.selection, inputs.now))));
    line(format!("today   {}", super::cost_text(&Cost::of(&today(inputs)))));
    for gauge in limits::current(inputs.store, inputs.now) {
        let percent = gauge.limit.percent.map_or_else(|| "-".to_owned(), format::percent);
        let reset = gauge
            .limit
            .resets_at
            .map(|at| format!(", resets {}", format::ago(inputs.now, at)))
            .unwrap_or_default();
        let age = gauge.age.map(|age| format!(", read {} ago", format::coarse(age))).unwrap_or_default();
        line(format!("plan    {}: {percent}{reset}{age}", gauge.limit.name));
    }
    for (_, health) in inputs.store.sources() {
        if !matches!(health.state, HealthState::Live | HealthState::Empty) {
            let error = health.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            line(format!("source  {} {}{error}", health.kind, health.state.word()));
        }
    }
    out
}
