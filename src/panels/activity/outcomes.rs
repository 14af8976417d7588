//! Outcomes: a table by groups, kinds of errors, and tools whose calls fail.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{groups, view::Groups};
use crate::{
    panels::{Cx, cells, cursor::Cursor},
    query::activity::{Group, Outcome},
    text::format,
    theme::Tone,
    widgets::{Column, data_table::last_column, line_width, meter, put, put_right, rule::rule},
};

const COLUMNS: [Column; 6] = [
    Column::text("", 16, 34, 0, 1),
    Column::number("runs", 6, 0),
    Column::number("succeeded", 9, 2),
    Column::number("failed", 7, 0),
    Column::number("cancelled", 9, 3),
    Column::text("success", 8, 26, 0, 1),
];
/// Columns of a share in front of its meter, with a blank.
const SHARE: usize = 8;
/// Columns of the meter of all tasks.
const METER: usize = 18;
/// Below this share of success a group is marked.
const POOR: f64 = 80.0;

/// Draws the table, below it errors and, where there is room, tools beside them.
pub(super) fn render(cx: &Cx<'_>, data: &Groups, cursor: &Cursor<String>, area: Rect, buf: &mut Buffer) {
    if groups::nothing(cx, data, area, buf) {
        return;
    }
    let ink = cx.ink();
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let all = &data.together.outcome;
    let mut sum = ink.line(format!("tasks  {} over, ", all.total()), Tone::Muted);
    for (count, word, tone) in [
        (all.succeeded, "succeeded", Tone::Succeeded),
        (all.failed, "failed", Tone::Failed),
        (all.cancelled, "cancelled", Tone::Cancelled),
    ] {
        sum.push_span(ink.span(format!("{count} {word}  "), if count == 0 { Tone::Faint } else { tone }));
    }
    let room = usize::from(inner.width).saturating_sub(line_width(&sum));
    sum.spans.extend(success(cx, all, room.min(SHARE + METER)).spans);
    put(buf, inner.x, area.y, inner.width, &sum, cx.glyphs);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let wanted = (data.errors.len().max(data.tools.failing().len()) as u16 + 2).min(body.height / 2);
    let below = if body.height >= 8 && wanted >= 3 { wanted } else { 0 };
    let table = Rect { height: body.height - below, ..body };
    let room = last_column(&COLUMNS, table.width);
    groups::list(cx, data, &COLUMNS, cursor, table, buf, &|group| row(cx, group, room));
    if below == 0 {
        return;
    }
    let rest = Rect { y: table.bottom(), height: below, ..inner };
    let tools_wide = if inner.width >= 110 && !data.tools.failing().is_empty() { 40 } else { 0 };
    let gap = if tools_wide > 0 { 3 } else { 0 };
    errors(cx, data, Rect { width: rest.width - tools_wide - gap, ..rest }, buf);
    if tools_wide > 0 {
        tools(cx, data, Rect { x: rest.right() - tools_wide, width: tools_wide, ..rest }, buf);
    }
}

/// The share that succeeded, and a meter of it where `room` leaves place for one.
fn success(cx: &Cx<'_>, outcome: &Outcome, room: usize) -> Line<'static> {
    let ink = cx.ink();
    let Some(percent) = outcome.success_percent() else { return cells::none(ink) };
    let tone = if percent < POOR { Tone::Warning } else { Tone::Good };
    let meter = room.saturating_sub(SHARE);
    let mut line = if meter < 4 { Line::default() } else { meter::meter(ink, meter, Some(percent), tone) };
    let mark = if percent < POOR { "!" } else { "" };
    line.spans.insert(0, ink.span(format!("{:>6}{mark:<1} ", format::percent(percent)), tone));
    line
}

fn row(cx: &Cx<'_>, group: &Group, room: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let outcome = &group.outcome;
    let count = |count: usize, tone: Tone| {
        ink.line(format::count(count as u64), if count == 0 { Tone::Faint } else { tone })
    };
    vec![
        groups::name(cx, group),
        count(outcome.total(), Tone::Text),
        count(outcome.succeeded, Tone::Text),
        count(outcome.failed, Tone::Failed),
        count(outcome.cancelled, Tone::Cancelled),
        success(cx, outcome, room),
    ]
}

fn errors(cx: &Cx<'_>, data: &Groups, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let all: usize = data.errors.iter().map(|error| error.count).sum();
    let note = ink.line(format::plural(all, "failure"), Tone::Muted);
    rule(buf, area.x, area.y, area.width, "KINDS OF ERRORS", Some(note), ink);
    if data.errors.is_empty() {
        put(buf, area.x, area.y + 1, area.width, &ink.line("nothing failed", Tone::Muted), cx.glyphs);
    }
    let largest = data.errors.iter().map(|error| error.count).max().unwrap_or(0);
    let rows = usize::from(area.height.saturating_sub(1));
    for (at, error) in data.errors.iter().take(rows).enumerate() {
        let y = area.y + 1 + at as u16;
        put(buf, area.x, y, 19, &ink.line(error.kind, Tone::Text), cx.glyphs);
        put_right(
            buf,
            area.x + 19,
            y,
            5,
            &ink.line(format::count(error.count as u64), Tone::Failed),
            cx.glyphs,
        );
        put(buf, area.x + 25, y, 10, &meter::bar(ink, 10, error.count, largest, Tone::Failed), cx.glyphs);
        let ago = error.newest.map_or_else(String::new, |at| format::ago(cx.now, at));
        put(buf, area.x + 36, y, 9, &ink.line(ago, Tone::Muted), cx.glyphs);
        let text = error.example.as_ref().map_or("", crate::text::Safe::first_line).to_owned();
        put(buf, area.x + 46, y, area.width.saturating_sub(46), &ink.line(text, Tone::Muted), cx.glyphs);
    }
}

fn tools(cx: &Cx<'_>, data: &Groups, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    rule(buf, area.x, area.y, area.width, "FAILED TOOL CALLS", None, ink);
    let rows = usize::from(area.height.saturating_sub(1));
    for (at, tool) in data.tools.failing().into_iter().take(rows).enumerate() {
        let y = area.y + 1 + at as u16;
        put(buf, area.x, y, 20, &ink.line(tool.name.clone(), Tone::Text), cx.glyphs);
        let text = format!("{} of {}", format::count(tool.failed), format::count(tool.calls));
        put_right(buf, area.x + 20, y, 14, &ink.line(text, Tone::Text), cx.glyphs);
        let share = format::percent(tool.failed as f64 / tool.calls.max(1) as f64 * 100.0);
        put_right(buf, area.x + 35, y, 5, &ink.line(share, Tone::Muted), cx.glyphs);
    }
}
