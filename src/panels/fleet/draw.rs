//! Rows of the Fleet panel → cells.

use ratatui::text::Line;

use super::view::Row;
use crate::{
    model::{Agent, Id, Status},
    panels::{Cx, cells, groups},
    query::{cost, sort::AgentOrder},
    text::format,
    theme::Tone,
    widgets::{self, Column, tree},
};

/// The columns, and by what each sorts: the order, and whether downwards comes first.
pub(super) const COLUMNS: [(Column, Option<(AgentOrder, bool)>); 13] = [
    (Column::text("status", 11, 11, 0, 0), Some((AgentOrder::Status, false))),
    (Column::text("agent", 24, 34, 0, 3), Some((AgentOrder::Name, false))),
    (Column::text("role", 9, 12, 5, 0), Some((AgentOrder::Role, false))),
    (Column::text("model", 11, 13, 6, 0), Some((AgentOrder::Model, false))),
    (Column::text("workspace", 12, 18, 4, 1), Some((AgentOrder::Workspace, false))),
    (Column::text("task", 22, 28, 11, 1), Some((AgentOrder::Task, false))),
    (Column::number("cost", 9, 1), Some((AgentOrder::Cost, true))),
    (Column::number("tokens", 6, 7), Some((AgentOrder::Tokens, true))),
    (Column::number("context", 7, 5), Some((AgentOrder::Context, true))),
    (Column::number("tools", 5, 10), Some((AgentOrder::Tools, true))),
    (Column::number("age", 4, 9), Some((AgentOrder::Age, true))),
    (Column::number("active", 8, 3), Some((AgentOrder::Active, true))),
    (Column::text("now", 22, 36, 2, 3), None),
];

/// One row of the list.
pub(super) fn row(cx: &Cx<'_>, row: &Row) -> widgets::Row {
    match row {
        Row::Group { name, agents, live, cost, folded } => {
            let mut line = groups::head(cx, name, *folded, &format::plural(*agents, "agent"));
            if *live > 0 && live != agents {
                line.push_span(cx.ink().span(format!(" {} {live} live", cx.glyphs.dot), Tone::Muted));
            }
            groups::push_cost(cx, &mut line, cost);
            widgets::Row::Wide(line)
        }
        Row::Agent { id, last, children, folded } => match cx.store.agents.get(*id) {
            Some(agent) => widgets::Row::Cells(agent_cells(cx, *id, agent, last, *children, *folded)),
            None => widgets::Row::Cells(Vec::new()),
        },
    }
}

fn agent_cells(
    cx: &Cx<'_>,
    id: Id<Agent>,
    agent: &Agent,
    last: &[bool],
    children: usize,
    folded: bool,
) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let usage = cx.store.agent_usage(id);
    let task = agent.task.as_ref().and_then(|key| cx.store.tasks.find(key));
    vec![
        cells::status(ink, agent.status),
        name(cx, agent, last, children, folded),
        cells::text(ink, agent.role.as_deref(), Tone::Text),
        cells::model_cell(ink, agent.model.as_ref()),
        cells::text(ink, cells::workspace_of(cx, agent).map(|workspace| &*workspace.name), Tone::Muted),
        cells::text(ink, task.map(cells::title), Tone::Muted),
        cells::cost(ink, &cost::agent_cost(cx.store, id)),
        cells::count(ink, (!usage.is_empty()).then(|| usage.tokens.total())),
        cells::context(ink, agent),
        cells::count(ink, agent.tool_calls()),
        match agent.started_at {
            Some(start) => ink.line(format::coarse(cx.now.since(start)), Tone::Muted),
            None => cells::none(ink),
        },
        cells::ago(cx, agent.updated_at),
        cells::doing(cx, agent),
    ]
}

fn name(cx: &Cx<'_>, agent: &Agent, last: &[bool], children: usize, folded: bool) -> Line<'static> {
    let ink = cx.ink();
    let mut line = ink.line(tree::prefix(cx.glyphs, last), Tone::Faint);
    let tone =
        if agent.status.is_over() || agent.status == Status::Unknown { Tone::Muted } else { Tone::Text };
    line.push_span(ink.span(agent.label().to_string(), tone));
    if children > 0 && folded {
        line.push_span(ink.span(format!(" {}{children}", cx.glyphs.folded), Tone::Muted));
    }
    line
}
