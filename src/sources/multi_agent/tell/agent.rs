//! One agent and its run.

use super::{Group, Worker, usage};
use crate::{
    model::{Agent, AgentKind, Context, Execution, ExecutionKind, RawRef, Timestamp, Tokens},
    sources::multi_agent::{
        clock::Local,
        conversation,
        logs::{AgentDir, Plan},
        rows::{AgentRow, Counted},
        schema::Layout,
    },
    text::{Safe, format},
};

/// Context window of the models this orchestrator runs.
const WINDOW: u64 = 200_000;
/// Characters of a prompt that make a title.
const TITLE: usize = 120;

/// The agent as told.
pub(super) fn agent(group: &Group<'_>, worker: &Worker<'_>) -> Agent {
    let row = worker.pair.row;
    let dir = worker.pair.dir.map(|(_, dir)| dir);
    let status_since = worker.ended.or(worker.last.filter(|_| worker.verdict.is_finished));
    Agent {
        kind: AgentKind::Worker,
        name: name(worker),
        title: dir.and_then(title),
        role: role(worker),
        status: worker.verdict.status,
        status_raw: row.and_then(|row| row.status.clone()),
        status_note: worker.verdict.note.as_deref().map(Safe::line),
        model: usage::model(worker),
        workspace: usage::workspace(group, worker),
        task: group.task_key(),
        session: dir.and_then(|dir| dir.summary.session.clone()),
        started_at: worker.started,
        updated_at: worker.last,
        ended_at: worker.ended,
        status_since,
        activity: dir.filter(|_| !worker.verdict.is_finished).and_then(AgentDir::activity),
        context: tokens(worker).map(|tokens| Context { used: tokens.total().min(WINDOW), window: WINDOW }),
        tools: dir.map(|dir| dir.tools.counts().to_vec()),
        files: dir.map(|dir| dir.tools.files().clone()),
        messages: messages(row, dir),
        facts: facts(group, worker),
        conversation: conversation::place(
            dir,
            worker.pair.event,
            group.clock(dir.map_or(Local::default(), |dir| dir.name.made)),
        ),
        raw: raw(group, worker),
        ..Agent::default()
    }
}

/// Its run as a span.
pub(super) fn execution(group: &Group<'_>, worker: &Worker<'_>, all: &[Worker<'_>]) -> Execution {
    // The newest one that was over when this one began: the dashboard starts them strictly one after the other; in the
    // library's parallel mode the siblings are not over.
    let in_order = matches!(group.database, Some((_, Layout::Dashboard))) && group.row.is_some();
    let before = all
        .iter()
        .filter(|other| group.id.is_some() && other.key != worker.key)
        .filter(|other| {
            other.started < worker.started || other.pair.is_planner() && !worker.pair.is_planner()
        })
        .filter(|other| in_order || other.pair.is_planner() || other.last <= worker.started.map(soon))
        .max_by_key(|other| (other.started, !other.pair.is_planner()));
    let result = worker.pair.dir.and_then(|(_, dir)| dir.finished_turn()).map(|(_, text)| text.to_owned());
    Execution {
        kind: ExecutionKind::Agent,
        name: name(worker),
        task: group.task_key(),
        agent: Some(group.key(&worker.key)),
        parent: None,
        depends_on: before.map(|other| group.key(&other.key)).into_iter().collect(),
        status: worker.verdict.status,
        status_raw: worker.pair.row.and_then(|row| row.status.clone()),
        started_at: worker.started,
        ended_at: worker.ended,
        summary: result
            .or_else(|| worker.verdict.note.clone())
            .filter(|text| !text.is_empty())
            .map(|text| Safe::line(&text)),
        facts: Vec::new(),
        raw: raw(group, worker),
    }
}

/// Starts are written in whole seconds and a moment before the end of what came before.
fn soon(start: Timestamp) -> Timestamp {
    start.plus(crate::model::Millis::seconds(2))
}

fn name(worker: &Worker<'_>) -> Safe {
    if let Some((_, dir)) = worker.pair.dir {
        let stored = worker.pair.row.and_then(|row| row.name.clone());
        return stored.unwrap_or_else(|| dir.name.spoken());
    }
    let Some(row) = worker.pair.row else { return Safe::default() };
    // The dashboard keeps the name where an agent made by hand has its instructions.
    let is_name = |text: &Safe| row.model.is_some() || text.ends_with(" Agent");
    row.name.clone().filter(is_name).unwrap_or_else(|| {
        let role = row.role.as_deref().unwrap_or("agent");
        Safe::line(&format!("{role} {}", row.id.chars().take(8).collect::<String>()))
    })
}

fn role(worker: &Worker<'_>) -> Option<Safe> {
    let stored = worker.pair.row.and_then(|row| row.role.clone());
    let named = worker.pair.dir.and_then(|(_, dir)| dir.name.role());
    stored.or(named).or_else(|| worker.pair.event.and_then(|event| event.role.clone()))
}

fn title(dir: &AgentDir) -> Option<Safe> {
    if dir.name.is_planner() {
        return None;
    }
    let first: String = dir.prompt.as_ref()?.first_line().chars().take(TITLE).collect();
    (!first.is_empty()).then(|| Safe::line(&first))
}

/// Tokens of the agent's whole life, as far as kinds are known.
fn tokens(worker: &Worker<'_>) -> Option<Tokens> {
    let log = worker.pair.dir.and_then(|(_, dir)| dir.summary.tokens());
    let row = worker.pair.row.and_then(|row| row.tokens).filter(|tokens| tokens.total() > 0);
    log.or(row.map(|counted| match counted {
        Counted::Kinds(tokens) => tokens,
        Counted::Total(total) => Tokens { input: total, ..Tokens::default() },
    }))
}

fn messages(row: Option<&AgentRow>, dir: Option<&AgentDir>) -> Option<u32> {
    let log = dir.and_then(|dir| dir.summary.responses().or(Some(dir.text.assistant)));
    log.or(row.and_then(|row| row.messages))
}

fn raw(group: &Group<'_>, worker: &Worker<'_>) -> Option<RawRef> {
    if let (Some(row), Some((path, layout))) = (worker.pair.row, group.database) {
        let (table, column) = ("agents", layout.agent_key());
        return Some(RawRef::Row { path: path.clone(), table, column, key: row.id.clone() });
    }
    let (_, dir) = worker.pair.dir?;
    let path = |file: &str| Safe::line(&dir.path.join(file).to_string_lossy());
    Some(match dir.summary.turns.last() {
        Some(turn) => RawRef::Line { path: path("summary.jsonl"), offset: turn.offset },
        None => RawRef::File { path: path("prompt.txt") },
    })
}

fn facts(group: &Group<'_>, worker: &Worker<'_>) -> Vec<(&'static str, Safe)> {
    let mut facts = Vec::new();
    let (tokens_from, cost_from) = usage::words(group, worker);
    facts.push(("tokens from", tokens_from));
    facts.push(("cost from", cost_from));
    if let Some(row) = worker.pair.row {
        row_facts(group, row, &mut facts);
    }
    if let Some(sum) = tokens(worker).map(|tokens| tokens.total()).filter(|sum| *sum > WINDOW) {
        let percent = format::percent(sum as f64 / WINDOW as f64 * 100.0);
        let text =
            format!("{} tokens over its life are {percent} of the window: shown as full", format::count(sum));
        facts.push(("context", Safe::line(&text)));
    }
    if let Some((_, dir)) = worker.pair.dir {
        dir_facts(worker, dir, &mut facts);
    }
    if let Some(event) = worker.pair.event {
        facts.extend(event.error.clone().map(|error| ("error (event log)", error)));
        let context = event.context.map(|used| Safe::line(&format::percent(used)));
        facts.extend(context.map(|used| ("context (event log)", used)));
        let deleted = event.deleted.filter(|_| worker.pair.row.is_none());
        facts.extend(deleted.map(|at| ("deleted (event log)", Safe::line(&at.full(group.zone)))));
    }
    facts
}

fn row_facts(group: &Group<'_>, row: &AgentRow, facts: &mut Vec<(&'static str, Safe)>) {
    if let Some(counted) = row.tokens {
        let text = match counted {
            Counted::Kinds(tokens) => format!(
                "{} in, {} out, {} cache written, {} cache read",
                tokens.input,
                tokens.output,
                tokens.cache_write(),
                tokens.cache_read
            ),
            Counted::Total(total) => total.to_string(),
        };
        facts.push(("tokens stored", Safe::line(&text)));
    }
    facts.extend(row.cost.map(|cost| ("cost stored", Safe::line(&format!("${}", cost.dollars())))));
    facts.extend(row.cost_unread.clone().map(|text| ("cost stored", text)));
    facts.extend(row.deleted.map(|at| ("deleted", Safe::line(&at.full(group.zone)))));
    if group.task_key().is_none() {
        facts.extend(row.task.clone().map(|task| ("task (not there any more)", task)));
    }
    let text = row.name.clone().filter(|name| row.model.is_none() && !name.ends_with(" Agent"));
    facts.extend(text.map(|text| ("instructions", text)));
}

fn dir_facts(worker: &Worker<'_>, dir: &AgentDir, facts: &mut Vec<(&'static str, Safe)>) {
    facts.extend(dir.summary.duration().map(|span| ("run time", Safe::line(&format::duration(span)))));
    if dir.summary.turns.len() > 1 {
        facts.push(("turns with a result", Safe::line(&dir.summary.turns.len().to_string())));
    }
    if !dir.tools.counts().is_empty() {
        facts.push(("time in tools", Safe::line(&format::duration(dir.tools.time()))));
    }
    if dir.tools.unanswered() > 0 {
        facts.push(("calls without result", Safe::line(&dir.tools.unanswered().to_string())));
    }
    if dir.summary.compactions > 0 {
        facts.push(("compactions", Safe::line(&dir.summary.compactions.to_string())));
    }
    if let Some(plan) = &dir.plan {
        plan_facts(plan, facts);
    } else if dir.name.is_planner() && dir.finished_turn().is_some() {
        facts.push(("plan", Safe::line("no JSON in the answer: the orchestrator used a template")));
    }
    facts.extend(dir.prompt.clone().map(|prompt| ("prompt", prompt)));
    let result = dir.summary.turns.last().and_then(|turn| turn.result.clone());
    facts.extend(result.map(|result| ("result", result)));
    facts.push(("logs", Safe::line(&dir.path.to_string_lossy())));
    facts.push(("zone of the logs", Safe::line(&worker.clock.words())));
}

fn plan_facts(plan: &Plan, facts: &mut Vec<(&'static str, Safe)>) {
    facts.extend(plan.complexity.clone().map(|word| ("complexity (planner)", word)));
    facts.extend(plan.rationale.clone().map(|text| ("rationale", text)));
    if !plan.roles.is_empty() {
        let roles: Vec<&str> = plan.roles.iter().map(Safe::as_str).collect();
        facts.push(("planned workflow", Safe::line(&roles.join(" → "))));
    }
    let cost = plan.estimated_cost.map(|cost| Safe::line(&format!("${cost} (a guess before the work)")));
    facts.extend(cost.map(|cost| ("estimated cost", cost)));
    facts.extend(plan.skipped.clone().map(|text| ("left out", text)));
}
