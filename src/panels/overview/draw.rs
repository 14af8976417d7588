//! Where everything stands: the layout of the Overview by size, in integer arithmetic.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{blocks, rows, view::Overview};
use crate::{
    model::{HealthState, Status},
    panels::Cx,
    text::format,
    theme::Tone,
    widgets::{Column, columns, data_table::scroll_to, put, put_right, rule},
};

/// Heights of the parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heights {
    pub(super) needs: u16,
    pub(super) blocks: u16,
    pub(super) running: u16,
    pub(super) activity: u16,
    pub(super) system: u16,
    pub(super) gap: u16,
}

/// Where the lists with selectable rows stand, their rules included.
pub(super) struct Placed {
    pub(super) needs: Rect,
    pub(super) running: Rect,
}

/// From this width on what runs and what happened stand side by side; below it their lines would be cut short.
const SIDE_BY_SIDE: u16 = 250;

/// How many of the four blocks stand side by side.
fn across(width: u16) -> u16 {
    match width {
        0..100 => 1,
        100..132 => 2,
        _ => 4,
    }
}

/// Shares the height: what needs a person first, then the figures, then what runs, then what happened.
pub(super) fn heights(width: u16, height: u16, needs: usize, running: usize) -> Heights {
    let gap = u16::from(height >= 40);
    let system = u16::from(height >= 12);
    let blocks = match across(width) {
        1 => 4,
        2 => 8,
        _ => 4 + u16::from(height >= 30) + u16::from(height >= 45),
    };
    let mut out = Heights { blocks, system, gap, ..Heights::default() };
    let left = height.saturating_sub(blocks + system + 4 * gap);
    let side_by_side = width >= SIDE_BY_SIDE;
    out.needs = 1 + needs.clamp(1, 100).min(usize::from(left) * 2 / 5).max(1) as u16;
    let left = left.saturating_sub(out.needs);
    if side_by_side {
        out.running = left;
        out.activity = left;
    } else {
        let wish = 1 + running.clamp(1, 1000) as u16;
        out.running = wish.min((left * 3).div_ceil(5)).max(left.min(2));
        out.activity = left - out.running;
        if out.activity < 3 {
            out.running = left;
            out.activity = 0;
        }
    }
    out
}

/// Draws everything; `selected` is the row under the cursor.
pub(super) fn render(cx: &Cx<'_>, view: &Overview, selected: Option<usize>, area: Rect, buf: &mut Buffer) {
    let heights = heights(area.width, area.height, view.needs.len(), view.running.len());
    let placed = place(view, area);
    needs(cx, view, selected, placed.needs, buf);
    let at = Rect { y: placed.needs.bottom() + heights.gap, height: heights.blocks, ..area };
    figures(cx, view, at.intersection(area), buf);
    running(cx, view, selected, placed.running, buf);
    let activity = if area.width >= SIDE_BY_SIDE {
        Rect {
            x: placed.running.right() + 3,
            width: area.right().saturating_sub(placed.running.right() + 3),
            ..placed.running
        }
    } else {
        Rect { y: placed.running.bottom() + heights.gap, height: heights.activity, ..area }
    };
    events(cx, view, activity.intersection(area), buf);
    if heights.system > 0 {
        system(cx, view, Rect { y: area.bottom() - 1, height: 1, ..area }, buf);
    }
}

/// Where the lists with selectable rows stand.
pub(super) fn place(view: &Overview, area: Rect) -> Placed {
    let heights = heights(area.width, area.height, view.needs.len(), view.running.len());
    let needs = Rect { height: heights.needs, ..area };
    let y = needs.bottom() + heights.gap + heights.blocks + heights.gap;
    let width = if area.width >= SIDE_BY_SIDE { area.width / 2 - 1 } else { area.width };
    let running = Rect { y, height: heights.running, width, ..area };
    Placed { needs: needs.intersection(area), running: running.intersection(area) }
}

/// A list under a rule: rows are built for what is seen only.
fn list(
    cx: &Cx<'_>,
    area: Rect,
    buf: &mut Buffer,
    columns: &[Column],
    count: usize,
    selected: Option<usize>,
    row: &dyn Fn(usize) -> Vec<Line<'static>>,
) {
    let height = usize::from(area.height.saturating_sub(1));
    let from = scroll_to(0, selected, count, height);
    let placed = columns::place(columns, area.width.saturating_sub(3));
    for (line, index) in (from..count).take(height).enumerate() {
        let y = area.y + 1 + line as u16;
        if selected == Some(index) {
            buf.set_style(Rect { y, height: 1, ..area }, cx.theme.style(Tone::Selection));
            put(buf, area.x, y, 1, &cx.ink().line(cx.glyphs.pointer, Tone::Accent), cx.glyphs);
        }
        let cells = row(index);
        for place in &placed {
            let (Some(cell), Some(column)) = (cells.get(place.index), columns.get(place.index)) else {
                continue;
            };
            if column.right {
                put_right(buf, area.x + 2 + place.x, y, place.width, cell, cx.glyphs);
            } else {
                put(buf, area.x + 2 + place.x, y, place.width, cell, cx.glyphs);
            }
        }
    }
}

/// `3 more` on the rule of a list that does not show everything.
fn more(cx: &Cx<'_>, count: usize, area: Rect) -> Option<Line<'static>> {
    let shown = usize::from(area.height.saturating_sub(1));
    (count > shown).then(|| cx.ink().line(format!("{shown} of {count}"), Tone::Muted))
}

fn needs(cx: &Cx<'_>, view: &Overview, selected: Option<usize>, area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    rule::rule(
        buf,
        area.x + 1,
        area.y,
        area.width.saturating_sub(2),
        "NEEDS YOU",
        more(cx, view.needs.len(), area),
        cx.ink(),
    );
    if view.needs.is_empty() {
        let ink = cx.ink();
        let mut line = ink.line(format!("{} ", cx.glyphs.status(Status::Succeeded)), Tone::Good);
        line.push_span(ink.span("nobody waits, nothing failed in the last 24 hours", Tone::Muted));
        put(buf, area.x + 2, area.y + 1, area.width.saturating_sub(2), &line, cx.glyphs);
        return;
    }
    let selected = selected.filter(|row| *row < view.needs.len());
    list(cx, area, buf, &rows::NEEDS, view.needs.len(), selected, &|row| {
        view.needs.get(row).map(|need| rows::need(cx, need)).unwrap_or_default()
    });
}

fn running(cx: &Cx<'_>, view: &Overview, selected: Option<usize>, area: Rect, buf: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let count = view.running.len();
    rule::rule(
        buf,
        area.x + 1,
        area.y,
        area.width.saturating_sub(2),
        "RUNNING",
        more(cx, count, area),
        cx.ink(),
    );
    if count == 0 {
        put(
            buf,
            area.x + 2,
            area.y + 1,
            area.width.saturating_sub(2),
            &cx.ink().line("nothing runs", Tone::Muted),
            cx.glyphs,
        );
    }
    let selected = selected.and_then(|row| row.checked_sub(view.needs.len()));
    list(cx, area, buf, &rows::RUNNING, count, selected, &|row| {
        view.running.get(row).map(|whom| rows::running(cx, *whom)).unwrap_or_default()
    });
}

fn events(cx: &Cx<'_>, view: &Overview, area: Rect, buf: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    rule::rule(buf, area.x + 1, area.y, area.width.saturating_sub(2), "ACTIVITY", None, cx.ink());
    if view.events.is_empty() {
        put(
            buf,
            area.x + 2,
            area.y + 1,
            area.width.saturating_sub(2),
            &cx.ink().line("nothing yet", Tone::Muted),
            cx.glyphs,
        );
    }
    list(cx, area, buf, &rows::EVENTS, view.events.len(), None, &|row| {
        view.events.get(row).map(|event| rows::event(cx, event)).unwrap_or_default()
    });
}

fn figures(cx: &Cx<'_>, view: &Overview, area: Rect, buf: &mut Buffer) {
    let titles = ["FLEET", "COST", "PLAN", "TASKS"];
    let count = across(area.width);
    if count == 1 {
        return compact(cx, view, area, buf);
    }
    let gap = 2;
    let width = (area.width.saturating_sub(2) - gap * (count - 1)) / count;
    let height = area.height / (4 / count);
    let body = usize::from(height.saturating_sub(1));
    let inner = usize::from(width).saturating_sub(1);
    let all = [
        blocks::fleet(cx, view, inner, body),
        blocks::cost(cx, view, inner),
        blocks::plan(cx, view, inner),
        blocks::tasks(cx, view, inner, body),
    ];
    for (at, (title, lines)) in (0..).zip(titles.into_iter().zip(all)) {
        let x = area.x + 1 + (at % count) * (width + gap);
        let y = area.y + (at / count) * height;
        rule::rule(buf, x, y, width, title, None, cx.ink());
        for (line, y) in lines.iter().take(body).zip(y + 1..area.bottom()) {
            put(buf, x + 1, y, width - 1, line, cx.glyphs);
        }
    }
}

/// Narrow: one line a block, its title as a label.
fn compact(cx: &Cx<'_>, view: &Overview, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let inner = usize::from(area.width).saturating_sub(10);
    let fleet = blocks::fleet(cx, view, inner, 1);
    let firsts = [
        ("FLEET", fleet.into_iter().next()),
        ("COST", Some(blocks::cost_line(cx, view))),
        ("PLAN", Some(blocks::plan_line(cx, view))),
        ("TASKS", Some(blocks::tasks_line(cx, view))),
    ];
    for ((label, line), y) in firsts.into_iter().zip(area.y..area.bottom()) {
        let label = ratatui::text::Span::styled(crate::text::pad_right(label, 7), ink.bold(Tone::Title));
        put(buf, area.x + 1, y, 7, &Line::from(label), cx.glyphs);
        if let Some(line) = line {
            put(buf, area.x + 8, y, area.width.saturating_sub(9), &line, cx.glyphs);
        }
    }
}

/// This machine, orchdash itself, and which sources are not live.
fn system(cx: &Cx<'_>, view: &Overview, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let mut line = Line::default();
    let mut say = |label: &str, value: String, tone: Tone| {
        let mark = if label.is_ascii() && label.len() > 1 { Tone::Muted } else { tone };
        line.push_span(ink.span(format!("{label} "), mark));
        line.push_span(ink.span(format!("{value}   "), tone));
    };
    let bytes = |bytes: u64| format!("{}B", format::count(bytes));
    let share = |part: u64, all: u64| if all == 0 { 0.0 } else { part as f64 / all as f64 * 100.0 };
    let tone = |percent: f64| if percent >= 90.0 { Tone::Warning } else { Tone::Text };
    if view.troubled.is_empty() {
        let count = cx.store.sources().count();
        say(
            cx.glyphs.status(Status::Running),
            format!("{} live", format::plural(count, "source")),
            Tone::Good,
        );
    } else {
        let reading = view.troubled.iter().filter(|(_, state)| *state == HealthState::CatchingUp).count();
        let wrong = view.troubled.len() - reading;
        if wrong > 0 {
            say(
                cx.glyphs.status(Status::Failed),
                format!("{} not live", format::plural(wrong, "source")),
                Tone::Critical,
            );
        }
        if reading > 0 {
            say(
                cx.glyphs.status(Status::Queued),
                format!("reading {}{}", format::plural(reading, "source"), progress(cx)),
                Tone::Info,
            );
        }
    }
    if let Some(machine) = cx.machine {
        say("cpu", format::percent(machine.cpu_percent), tone(machine.cpu_percent));
        let narrow = area.width < 100;
        let of = |percent: f64, all: u64| {
            let size = if narrow { String::new() } else { format!(" of {}", bytes(all)) };
            format!("{}{size}", format::percent(percent))
        };
        let memory = share(machine.memory_used, machine.memory_total);
        say("memory", of(memory, machine.memory_total), tone(memory));
        let disk = share(machine.disk_used, machine.disk_total);
        say("disk", of(disk, machine.disk_total), tone(disk));
        let busy = machine.load / f64::from(machine.cores.max(1)) * 100.0;
        let cores = format::plural(machine.cores as usize, "core");
        let cores = if narrow { String::new() } else { format!(" on {cores}") };
        say("load", format!("{:.1}{cores}", machine.load), tone(busy));
        say("orchdash", bytes(machine.own_memory), Tone::Text);
    }
    put(buf, area.x + 1, area.y, area.width.saturating_sub(2), &line, cx.glyphs);
}

fn progress(cx: &Cx<'_>) -> String {
    let known = cx.store.sources().filter(|(_, health)| health.state == HealthState::CatchingUp);
    let (done, all) = known
        .filter_map(|(_, health)| health.progress)
        .fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    if all == 0 { String::new() } else { format!(" {}", format::percent(done as f64 / all as f64 * 100.0)) }
}
