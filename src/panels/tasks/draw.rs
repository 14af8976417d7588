//! Rows of the Tasks panel → cells.

use ratatui::text::Line;

use crate::{
    model::{Id, Task},
    panels::{Cx, cells},
    query::{cost, sort::TaskOrder},
    text::format,
    theme::Tone,
    widgets::{Column, Ink, meter},
};

/// The columns, and by what each sorts: the order, and whether downwards comes first.
pub(super) const COLUMNS: [(Column, TaskOrder, bool); 11] = [
    (Column::text("status", 11, 11, 0, 0), TaskOrder::Status, false),
    (Column::text("task", 26, 44, 0, 4), TaskOrder::Title, false),
    (Column::text("type", 10, 11, 7, 0), TaskOrder::Kind, false),
    (Column::text("workspace", 13, 20, 4, 1), TaskOrder::Workspace, false),
    (Column::text("model", 11, 13, 8, 0), TaskOrder::Model, false),
    (Column::number("agents", 6, 9), TaskOrder::Agents, true),
    (Column::text("steps", 9, 11, 5, 0), TaskOrder::Steps, true),
    (Column::number("cost", 9, 1), TaskOrder::Cost, true),
    (Column::number("tokens", 6, 6), TaskOrder::Tokens, true),
    (Column::number("time", 7, 2), TaskOrder::Duration, true),
    (Column::number("created", 8, 3), TaskOrder::Created, true),
];

/// The cells of one task.
pub(super) fn cells(cx: &Cx<'_>, id: Id<Task>, task: &Task) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let agents = (!task.agents.is_empty()).then_some(task.agents.len() as u64);
    let tone = if task.status.is_over() { Tone::Muted } else { Tone::Text };
    vec![
        cells::status(ink, task.status),
        cells::text(ink, Some(cells::title(task)), tone),
        cells::text(ink, task.kind.as_deref(), Tone::Muted),
        cells::text(ink, task.workspace.as_ref().map(|workspace| &*workspace.name), Tone::Muted),
        cells::model_cell(ink, model(cx, task)),
        cells::count(ink, agents),
        steps(ink, task, 5),
        cells::cost(ink, &cost::task_cost(cx.store, id)),
        cells::count(ink, cost::task_tokens(cx.store, id)),
        match task.run_time(cx.now) {
            Some(span) if task.status.is_active() => ink.line(format::clock(span), Tone::Text),
            Some(span) => ink.line(format::duration(span), Tone::Muted),
            None => cells::none(ink),
        },
        cells::ago(cx, task.created_at.or(task.started_at)),
    ]
}

/// The task's model, else the one all its agents share.
pub(super) fn model<'a>(cx: &Cx<'a>, task: &'a Task) -> Option<&'a crate::text::Safe> {
    if task.model.is_some() {
        return task.model.as_ref();
    }
    let mut models = task.agents.iter().filter_map(|key| cx.store.agents.find(key)?.model.as_ref());
    let first = models.next()?;
    models.all(|model| model == first).then_some(first)
}

/// `3/5 ███░░`.
pub(super) fn steps(ink: Ink<'_>, task: &Task, columns: usize) -> Line<'static> {
    let Some(steps) = task.steps.filter(|steps| steps.total > 0) else { return cells::none(ink) };
    let mut line = ink.line(format!("{}/{} ", steps.done, steps.total), Tone::Text);
    let percent = f64::from(steps.done) / f64::from(steps.total) * 100.0;
    line.spans.extend(meter::meter(ink, columns, Some(percent), Tone::from(task.status)).spans);
    line
}
