//! Rows of the Projects panel → cells.

use ratatui::text::Line;

use super::view::{Order, Row};
use crate::{
    model::{Project, Status},
    panels::{Cx, cells, listing::Sortable},
    text::{format, pad_left},
    theme::Tone,
    widgets::{Column, Ink, meter},
};

/// The columns, and by what each sorts.
pub(super) const COLUMNS: [Sortable<Order>; 11] = [
    (Column::text("status", 11, 11, 0, 0), Order::Status, false),
    (Column::text("project", 14, 30, 0, 3), Order::Name, false),
    (Column::text("needs", 12, 12, 1, 0), Order::Attention, false),
    (Column::text("workspace", 11, 20, 6, 1), Order::Workspace, false),
    (Column::number("agents", 7, 3), Order::Agents, true),
    (Column::number("running", 7, 5), Order::Running, true),
    (Column::number("failed", 6, 4), Order::Failed, true),
    (Column::number("tasks", 6, 7), Order::Tasks, true),
    (Column::text("plan", 14, 14, 2, 0), Order::Plan, true),
    (Column::number("cost", 9, 1), Order::Cost, true),
    (Column::number("active", 8, 3), Order::Active, true),
];

/// The cells of one project.
pub(super) fn cells(cx: &Cx<'_>, row: &Row, project: &Project) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let tally = &row.tally;
    let tone = if project.status.is_over() { Tone::Muted } else { Tone::Text };
    let some = |count: usize, tone: Tone| {
        let tone = if count == 0 { Tone::Faint } else { tone };
        ink.line(format::count(count as u64), tone)
    };
    let failed = if tally.failed_lately > 0 { Tone::Failed } else { Tone::Muted };
    vec![
        cells::status(ink, project.status),
        cells::text(ink, Some(&project.name), tone),
        super::detail::needs(cx, row, project).unwrap_or_else(|| cells::none(ink)),
        cells::text(ink, project.workspace.as_ref().map(|workspace| &*workspace.name), Tone::Muted),
        share(ink, tally.agents.live(), tally.agents.total()),
        some(tally.tasks.of(Status::Running), Tone::Running),
        some(tally.tasks.of(Status::Failed), failed),
        some(tally.tasks.total(), Tone::Muted),
        progress(ink, tally.progress, (5, 8), Tone::from(project.status)),
        cells::cost(ink, &tally.cost),
        cells::ago(cx, tally.updated_at),
    ]
}

/// `3/12`: how many of all.
fn share(ink: Ink<'_>, part: usize, all: usize) -> Line<'static> {
    if all == 0 {
        return cells::none(ink);
    }
    let tone = if part == 0 { Tone::Muted } else { Tone::Text };
    ink.line(format!("{}/{}", format::count(part as u64), format::count(all as u64)), tone)
}

/// `3/12 ━━━─────` with at least `digits` columns for the figures and `columns` for the bar; the mark for nothing without items.
pub(super) fn progress(
    ink: Ink<'_>,
    (done, all): (usize, usize),
    (digits, columns): (usize, usize),
    tone: Tone,
) -> Line<'static> {
    if all == 0 {
        return cells::none(ink);
    }
    let figures = format!("{done}/{all}");
    let mut line = ink.line(format!("{} ", pad_left(&figures, digits.max(figures.len()))), Tone::Text);
    let percent = done as f64 / all as f64 * 100.0;
    line.spans.extend(meter::meter(ink, columns, Some(percent), tone).spans);
    line
}
