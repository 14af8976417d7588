//! Where everything stands, and the table's cells.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    chart::TONES,
    plan,
    view::{Order, Row, View, size},
};
use crate::{
    panels::{Cx, cells, listing::Sortable},
    query::{Cost, cache, usage::By},
    text::{Safe, format},
    theme::Tone,
    widgets::{self, Column, meter, put, put_right, rule},
};

/// From this width on plan windows and cache stand side by side.
const SIDE_BY_SIDE: u16 = 110;
/// Columns of the tools beside the table.
const TOOLS: u16 = 44;

/// Where the parts stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) strip: Rect,
    pub(super) plan: Rect,
    pub(super) work: Rect,
    pub(super) chart: Rect,
    pub(super) table: Rect,
    pub(super) tools: Rect,
}

/// Shares the area: the control, the windows as far as they are worth it, then chart and table.
pub(super) fn places(area: Rect, windows: u16, rows: usize) -> Places {
    let mut out = Places { strip: Rect { height: area.height.min(1), ..area }, ..Places::default() };
    let mut y = area.y + out.strip.height;
    let mut take = |height: u16, left: u16| {
        let height = height.min(left);
        let rect = Rect { y, height, ..area };
        y += height;
        rect
    };
    let left = area.height.saturating_sub(1);
    let beside = area.width >= SIDE_BY_SIDE;
    let plan = match left {
        0..15 => 1,
        15..30 if !beside => 1 + windows.clamp(1, 2),
        _ => 1 + windows.max(4),
    };
    let plan = take(plan, left);
    let left = left - plan.height;
    // A short table leaves its room to the chart, up to three quarters.
    let wish = rows.clamp(3, 200) as u16 + 1;
    let chart = if left < 6 {
        left
    } else {
        (left * 11 / 20).max(left.saturating_sub(wish).min(left * 3 / 4)).max(6)
    };
    out.chart = take(chart, left);
    out.table = take(left - out.chart.height, left - out.chart.height);
    out.plan = plan;
    if beside && plan.height > 2 {
        let half = area.width / 2 - 1;
        out.plan.width = half;
        out.work = Rect { x: area.x + half + 2, width: area.width - half - 2, ..plan };
    }
    if area.width >= TOOLS * 3 && out.table.height > 3 {
        out.table.width = area.width - TOOLS - 2;
        out.tools = Rect { x: out.table.right() + 2, width: TOOLS, ..out.table };
    }
    out
}

/// How many stand behind the usage of the range.
pub(super) fn note(cx: &Cx<'_>, view: &View) -> Line<'static> {
    let users = &view.users;
    let text = [(users.tasks, "task"), (users.agents, "agent")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| format::plural(count as usize, noun))
        .collect::<Vec<_>>();
    cx.ink().line(text.join(&format!(" {} ", cx.glyphs.dot)), Tone::Muted)
}

/// Draws the windows and the lines beside them.
pub(super) fn plan(cx: &Cx<'_>, view: &View, places: &Places, buf: &mut Buffer) {
    let area = places.plan;
    let ink = cx.ink();
    let columns = usize::from(area.width.saturating_sub(1));
    if area.height == 1 {
        let line = plan::windows(cx, view, columns, 1).into_iter().next().unwrap_or_default();
        put(buf, area.x + 1, area.y, area.width.saturating_sub(1), &line, cx.glyphs);
    } else if area.height > 1 {
        rule::rule(buf, area.x, area.y, area.width, "PLAN", Some(plan::note(cx)), ink);
        let lines = plan::windows(cx, view, columns, usize::from(area.height - 1));
        for (y, line) in (area.y + 1..area.bottom()).zip(&lines) {
            put(buf, area.x, y, area.width, line, cx.glyphs);
        }
    }
    let work = places.work;
    if work.height > 1 {
        rule::rule(buf, work.x, work.y, work.width, "WORK", None, ink);
        let lines = plan::work(cx, view, usize::from(work.width));
        for (y, line) in (work.y + 1..work.bottom()).zip(&lines) {
            put(buf, work.x, y, work.width, line, cx.glyphs);
        }
    }
}

/// Draws how often tools were called.
pub(super) fn tools(cx: &Cx<'_>, view: &View, area: Rect, buf: &mut Buffer) {
    if area.height < 2 {
        return;
    }
    let ink = cx.ink();
    let tools = &view.tools;
    let note = match (tools.known, tools.unknown) {
        (0, 0) => None,
        (known, 0) => Some(format!("of {}", format::plural(known as usize, "agent"))),
        (known, unknown) => Some(format!("of {known} agents, {unknown} do not tell")),
    };
    rule::rule(
        buf,
        area.x,
        area.y,
        area.width,
        "TOOL CALLS",
        note.map(|note| ink.line(note, Tone::Muted)),
        ink,
    );
    let most = tools.tools.first().map_or(0, |tool| tool.calls);
    for (y, tool) in (area.y + 1..area.bottom()).zip(&tools.tools) {
        let name = Safe::line(&tool.name);
        put(buf, area.x, y, 16, &ink.line(name.as_str().to_owned(), Tone::Text), cx.glyphs);
        put_right(buf, area.x + 17, y, 5, &ink.line(format::count(tool.calls), Tone::Text), cx.glyphs);
        let failed =
            if tool.failed == 0 { String::new() } else { format!("{} failed", format::count(tool.failed)) };
        put_right(buf, area.right() - 11, y, 11, &ink.line(failed, Tone::Failed), cx.glyphs);
        let bar = meter::bar(ink, 9, tool.calls as usize, most as usize, Tone::Series5);
        put(buf, area.x + 23, y, 9, &bar, cx.glyphs);
    }
    if tools.tools.is_empty() {
        put(
            buf,
            area.x,
            area.y + 1,
            area.width,
            &ink.line("no calls are known of this range", Tone::Muted),
            cx.glyphs,
        );
    }
}

/// The columns, and by what each sorts.
pub(super) fn columns(by: By) -> [Sortable<Order>; 12] {
    let name = match by {
        By::Model => "model",
        By::Workspace => "workspace",
        By::Agent => "agent",
        By::Task => "task",
        By::Role => "role",
        By::Type => "type",
        By::Source => "source",
        By::Hour | By::Day | By::Week | By::Month => "time",
    };
    [
        (Column::text(name, 14, 26, 0, 2), Order::Name, false),
        (Column::text("share", 15, 22, 1, 2), Order::Share, true),
        (Column::number("cost", 9, 1), Order::Cost, true),
        (Column::number("tokens", 7, 1), Order::Total, true),
        (Column::number("tasks", 6, 2), Order::Tasks, true),
        (Column::number("agents", 6, 6), Order::Agents, true),
        (Column::number("responses", 9, 4), Order::Responses, true),
        (Column::number("input", 6, 5), Order::Input, true),
        (Column::number("output", 6, 5), Order::Output, true),
        (Column::number("cache w", 7, 7), Order::CacheWrite, true),
        (Column::number("cache r", 7, 7), Order::CacheRead, true),
        (Column::number("cached", 6, 3), Order::Hit, true),
    ]
}

/// Columns of the bars of the shares, in a table of this width.
pub(super) fn bar(by: By, rows: usize, area: Rect) -> usize {
    let plain: Vec<Column> = columns(by).iter().map(|(column, ..)| *column).collect();
    let scrolls = rows > usize::from(area.height.saturating_sub(1));
    let placed = widgets::columns::place(&plain, area.width.saturating_sub(2 + u16::from(scrolls)));
    placed.iter().find(|place| place.index == 1).map_or(0, |place| usize::from(place.width.saturating_sub(6)))
}

/// The cells of one group.
pub(super) fn cells(cx: &Cx<'_>, view: &View, row: &Row, (bar, at_most): (usize, f64)) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let measure = size(view.measure);
    let all = measure(&view.bands.totals) as f64;
    let mine = measure(&row.totals) as f64;
    let percent = if all > 0.0 { Some(mine / all * 100.0) } else { None };
    let tokens = &row.totals.tokens;
    let band = view.bands.bands.iter().position(|band| band.name.as_deref() == Some(row.key.as_str()));
    let tone = band.and_then(|at| TONES.get(at)).copied().unwrap_or(Tone::Muted);
    let mut share =
        ink.line(format!("{:>5} ", percent.map_or_else(String::new, format::percent)), Tone::Text);
    share.spans.extend(meter::bar(ink, bar, mine as usize, at_most as usize, tone).spans);
    // Usage that says nothing of its task is no usage of no task.
    let some = |value: u64| (value > 0).then_some(value);
    vec![
        ink.line(row.label.clone(), Tone::Text),
        share,
        cells::cost(ink, &Cost::of(&row.totals)),
        cells::count(ink, Some(tokens.total())),
        cells::count(ink, some(row.users.tasks)),
        cells::count(ink, some(row.users.agents)),
        cells::count(ink, Some(row.totals.responses)),
        cells::count(ink, Some(tokens.input)),
        cells::count(ink, Some(tokens.output)),
        cells::count(ink, Some(tokens.cache_write())),
        cells::count(ink, Some(tokens.cache_read)),
        cells::text(ink, cache::hit_percent(tokens).map(format::percent).as_deref(), Tone::Muted),
    ]
}
