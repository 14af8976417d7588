//! Rows of the Overview's lists: who needs a person, what runs, what happened.

use ratatui::text::{Line, Span};

use super::view::{Need, worker};
use crate::{
    model::{Agent, Id, Status, Task, Timestamp},
    panels::{Cx, cells},
    query::{
        cost,
        feed::{Event, Happening, Whom},
        filter,
    },
    text::{Safe, format},
    theme::Tone,
    widgets::{Column, meter},
};

pub(super) const NEEDS: [Column; 7] = [
    Column::text("", 1, 1, 0, 0),
    Column::text("", 10, 16, 2, 1),
    Column::text("", 20, 44, 0, 6),
    Column::text("", 14, 15, 1, 0),
    Column::text("", 8, 11, 5, 0),
    Column::text("", 10, 13, 6, 0),
    Column::number("", 9, 3),
];

pub(super) const RUNNING: [Column; 7] = [
    Column::text("", 1, 1, 0, 0),
    Column::text("", 10, 16, 3, 1),
    Column::text("", 18, 36, 0, 5),
    Column::text("", 21, 21, 4, 0),
    Column::text("", 14, 30, 5, 4),
    Column::number("", 6, 1),
    Column::number("", 9, 2),
];

pub(super) const EVENTS: [Column; 6] = [
    Column::text("", 8, 8, 0, 0),
    Column::text("", 1, 1, 0, 0),
    Column::text("", 22, 52, 0, 6),
    Column::text("", 10, 16, 3, 1),
    Column::number("", 6, 4),
    Column::number("", 9, 2),
];

/// A row of NEEDS YOU.
pub(super) fn need(cx: &Cx<'_>, need: &Need) -> Vec<Line<'static>> {
    let since = since(cx, need.status, need.since);
    match need.whom {
        Whom::Agent(id) => {
            cx.store.agents.get(id).map(|agent| need_agent(cx, id, agent, since)).unwrap_or_default()
        }
        Whom::Task(id) => {
            cx.store.tasks.get(id).map(|task| need_task(cx, id, task, since)).unwrap_or_default()
        }
    }
}

/// `waiting 4m12s`, `failed 2h ago`.
fn since(cx: &Cx<'_>, status: Status, at: Option<Timestamp>) -> Line<'static> {
    let text = match at {
        Some(at) if status.is_over() => format!("{} {}", status.word(), format::ago(cx.now, at)),
        Some(at) => format!("{} {}", status.word(), format::clock(cx.now.since(at))),
        None => status.word().to_owned(),
    };
    cx.ink().line(text, Tone::from(status))
}

fn need_agent(cx: &Cx<'_>, id: Id<Agent>, agent: &Agent, since: Line<'static>) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let why = agent.waiting_for.as_ref().or(agent.status_note.as_ref());
    let mut said = Line::default();
    match why {
        Some(why) => {
            said.push_span(ink.span(why.to_string(), Tone::Text));
            said.push_span(ink.span(format!("  {}", agent.label()), Tone::Muted));
        }
        None => said.push_span(ink.span(agent.label().to_string(), Tone::Text)),
    }
    vec![
        Line::from(cells::mark(ink, agent.status)),
        cells::text(ink, cells::workspace_of(cx, agent).map(|workspace| &*workspace.name), Tone::Muted),
        said,
        since,
        cells::text(ink, agent.role.as_deref(), Tone::Muted),
        cells::model_cell(ink, agent.model.as_ref()),
        cells::cost(ink, &cost::agent_cost(cx.store, id)),
    ]
}

fn need_task(cx: &Cx<'_>, id: Id<Task>, task: &Task, since: Line<'static>) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let why = task.error.as_ref().map(Safe::first_line).or(task.status_note.as_deref());
    let mut said = ink.line(cells::title(task).to_owned(), Tone::Text);
    if let Some(why) = why.filter(|why| !why.is_empty()) {
        said = ink.line(why.to_owned(), Tone::Text);
        said.push_span(ink.span(format!("  {}", cells::title(task)), Tone::Muted));
    }
    vec![
        Line::from(cells::mark(ink, task.status)),
        cells::text(ink, task.workspace.as_ref().map(|workspace| &*workspace.name), Tone::Muted),
        said,
        since,
        ink.line("task", Tone::Muted),
        cells::model_cell(ink, task.model.as_ref()),
        cells::cost(ink, &cost::task_cost(cx.store, id)),
    ]
}

/// A row of RUNNING.
pub(super) fn running(cx: &Cx<'_>, whom: Whom) -> Vec<Line<'static>> {
    match whom {
        Whom::Agent(id) => {
            cx.store.agents.get(id).map(|agent| running_agent(cx, id, agent)).unwrap_or_default()
        }
        Whom::Task(id) => cx.store.tasks.get(id).map(|task| running_task(cx, id, task)).unwrap_or_default(),
    }
}

fn elapsed(cx: &Cx<'_>, start: Option<Timestamp>) -> Line<'static> {
    match start {
        Some(start) => cx.ink().line(format::clock(cx.now.since(start)), Tone::Text),
        None => cells::none(cx.ink()),
    }
}

fn running_task(cx: &Cx<'_>, id: Id<Task>, task: &Task) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let worker = worker(cx, task).map(|(_, agent)| agent);
    let activity = task.activity.as_ref().or_else(|| worker.and_then(|agent| agent.activity.as_ref()));
    let mut does = Line::default();
    if let Some(role) = worker.and_then(|agent| agent.role.as_ref()) {
        does.push_span(ink.span(role.to_string(), Tone::Text));
        if activity.is_some() {
            does.push_span(ink.span(format!(" {} ", cx.glyphs.arrow), Tone::Faint));
        }
    }
    does.spans.extend(activity.map(|activity| ink.span(activity.to_string(), Tone::Muted)));
    vec![
        Line::from(cells::mark(ink, task.status)),
        cells::text(ink, task.workspace.as_ref().map(|workspace| &*workspace.name), Tone::Muted),
        ink.line(cells::title(task).to_owned(), Tone::Text),
        steps(cx, task),
        does,
        elapsed(cx, task.started_at.or(task.created_at)),
        cells::cost(ink, &cost::task_cost(cx.store, id)),
    ]
}

fn steps(cx: &Cx<'_>, task: &Task) -> Line<'static> {
    let ink = cx.ink();
    let Some(steps) = task.steps.filter(|steps| steps.total > 0) else { return Line::default() };
    let percent = f64::from(steps.done) / f64::from(steps.total) * 100.0;
    let mut line = ink.line(format!("step {}/{} ", steps.done, steps.total), Tone::Muted);
    line.spans.extend(meter::meter(ink, 12, Some(percent), Tone::Running).spans);
    line
}

fn running_agent(cx: &Cx<'_>, id: Id<Agent>, agent: &Agent) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let plan = (!agent.plan.is_empty()).then(|| {
        let done = agent.plan.iter().filter(|item| item.status == Status::Succeeded).count();
        let percent = done as f64 / agent.plan.len() as f64 * 100.0;
        let mut line = ink.line(format!("plan {done}/{} ", agent.plan.len()), Tone::Muted);
        line.spans.extend(meter::meter(ink, 12, Some(percent), Tone::Running).spans);
        line
    });
    vec![
        Line::from(cells::mark(ink, agent.status)),
        cells::text(ink, cells::workspace_of(cx, agent).map(|workspace| &*workspace.name), Tone::Muted),
        ink.line(agent.label().to_string(), Tone::Text),
        plan.unwrap_or_default(),
        agent
            .activity
            .as_ref()
            .map_or_else(Line::default, |activity| ink.line(activity.to_string(), Tone::Muted)),
        elapsed(cx, agent.started_at),
        cells::cost(ink, &cost::agent_cost(cx.store, id)),
    ]
}

/// A row of ACTIVITY.
pub(super) fn event(cx: &Cx<'_>, event: &Event) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let when = if event.at.date(cx.zone) == cx.now.date(cx.zone) {
        event.at.clock(cx.zone)
    } else {
        event.at.utc().with_timezone(&cx.zone).format("%b %d").to_string()
    };
    let (mark, verb, tone) = match event.what {
        Happening::Started => (cx.glyphs.status(Status::Running), "started", Tone::Running),
        Happening::Became(status) => (cx.glyphs.status(status), verb(status), Tone::from(status)),
    };
    let over = matches!(event.what, Happening::Became(status) if status.is_over());
    let (said, workspace, spent, money) = match event.whom {
        Whom::Agent(id) => {
            let Some(agent) = cx.store.agents.get(id) else { return Vec::new() };
            let role = agent.role.as_ref().map_or("agent", |role| role.as_str());
            let why = agent.waiting_for.as_ref().filter(|_| event.what == Happening::Became(Status::Waiting));
            let subject = why.unwrap_or_else(|| agent.label());
            (
                sentence(cx, role, verb, tone, subject),
                cells::workspace_of(cx, agent).map(|workspace| workspace.name.clone()),
                filter::run_time(agent, cx.now),
                cost::agent_cost(cx.store, id),
            )
        }
        Whom::Task(id) => {
            let Some(task) = cx.store.tasks.get(id) else { return Vec::new() };
            let mut said = sentence(cx, "task", verb, tone, cells::title(task));
            if let Some(error) =
                task.error.as_ref().filter(|_| event.what == Happening::Became(Status::Failed))
            {
                said.push_span(ink.span(format!(": {}", error.first_line()), Tone::Failed));
            }
            let workspace = task.workspace.as_ref().map(|workspace| workspace.name.clone());
            (said, workspace, task.run_time(cx.now), cost::task_cost(cx.store, id))
        }
    };
    vec![
        ink.line(when, Tone::Muted),
        ink.line(mark, tone),
        said,
        ink.line(workspace.map_or_else(String::new, |name| name.to_string()), Tone::Muted),
        ink.line(spent.filter(|_| over).map_or_else(String::new, format::duration), Tone::Muted),
        if over { cells::cost(ink, &money) } else { Line::default() },
    ]
}

fn sentence(cx: &Cx<'_>, who: &str, verb: &str, tone: Tone, what: &str) -> Line<'static> {
    let ink = cx.ink();
    Line::from(vec![
        ink.span(format!("{who} "), Tone::Text),
        ink.span(format!("{verb} "), tone),
        Span::styled(what.to_owned(), ink.fg(Tone::Muted)),
    ])
}

fn verb(status: Status) -> &'static str {
    match status {
        Status::Succeeded => "finished",
        Status::Waiting => "waits for",
        Status::Cancelled => "was cancelled",
        Status::Blocked => "is blocked",
        other => other.word(),
    }
}
