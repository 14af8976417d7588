//! The upper part of the Cost panel: periods, burn rate, budgets, and the chart.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    ABLE,
    view::{Now, Period, Rows, SERIES},
};
use crate::{
    model::Usd,
    panels::{Cx, cells, strip},
    query::{Cost, axis::Axis, budgets::Standing},
    store::Totals,
    text::{format, pad_left, pad_right},
    theme::Tone,
    widgets::{
        chart::{Chart, Series},
        line_width, meter, put, rule,
    },
};

/// Colours of the series, in the order of the largest.
const TONES: [Tone; SERIES + 1] =
    [Tone::Series1, Tone::Series2, Tone::Series3, Tone::Series5, Tone::Series6, Tone::Series4, Tone::Series8];

/// The colour of a series; the last one is for all others.
pub(super) fn tone(series: usize) -> Tone {
    TONES.get(series).copied().unwrap_or(Tone::Series8)
}

/// From this width on periods and budgets stand side by side, one a row.
const WIDE: u16 = 100;

/// Rows the figures take.
pub(super) fn height(area: Rect) -> u16 {
    if area.width >= WIDE && area.height >= 24 {
        7
    } else if area.height >= 16 {
        3
    } else {
        2
    }
}

/// Rows the chart takes; none where the list would suffer.
pub(super) fn chart_height(area: Rect) -> u16 {
    match area.height {
        0..19 => 0,
        19..28 => 7,
        height => (height / 3).min(18),
    }
}

/// How a period went against the one before; dearer is no good news.
fn trend(cx: &Cx<'_>, totals: &Totals, before: Option<Usd>) -> Line<'static> {
    let ink = cx.ink();
    let change = before.and_then(|before| cells::change(ink, totals.cost.dollars(), before.dollars()));
    let Some(change) = change else { return Line::default() };
    let tone = if totals.cost > before.unwrap_or_default() { Tone::Warning } else { Tone::Good };
    ink.line(change, tone)
}

/// Draws the figures.
pub(super) fn figures(cx: &Cx<'_>, now: &Now, area: Rect, buf: &mut Buffer) {
    if area.height >= 7 {
        let left = Rect { width: area.width * 2 / 5, ..area };
        let right = Rect { x: left.right() + 2, width: area.width - left.width - 2, ..area };
        periods(cx, now, left, buf);
        budgets(cx, &now.standings, right, buf);
    } else {
        flow(cx, now, area, buf);
    }
}

fn periods(cx: &Cx<'_>, now: &Now, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let burn = now.burn.map(|burn| format!("burn {} a day", format::money(burn)));
    let note = burn.unwrap_or_else(|| format!("last hour {}", format::money(now.hour)));
    let note = ink.line(note, Tone::Muted);
    rule::rule(buf, area.x, area.y, area.width, "SPENT", Some(note), ink);
    for (y, period) in (area.y + 1..area.bottom()).zip(&now.periods) {
        let mut line = period_line(cx, period, 9);
        if period.word == "month"
            && let Some(month) = now.month
        {
            line.push_span(
                ink.span(format!(" {} {} at end", cx.glyphs.arrow, format::money(month)), Tone::Muted),
            );
        }
        if period.word == "5 hours" {
            line.push_span(ink.span(format!(" last hour {}", format::money(now.hour)), Tone::Muted));
        }
        put(buf, area.x + 1, y, area.width.saturating_sub(1), &line, cx.glyphs);
    }
}

fn period_line(cx: &Cx<'_>, period: &Period, columns: usize) -> Line<'static> {
    let ink = cx.ink();
    let mut line = ink.line(pad_right(period.word, columns), Tone::Muted);
    let cost = cells::cost(ink, &Cost::of(&period.totals));
    line.push_span(ink.span(" ".repeat(10_usize.saturating_sub(line_width(&cost))), Tone::Text));
    line.spans.extend(cost.spans);
    line.push_span(ink.span("  ", Tone::Text));
    let change = trend(cx, &period.totals, period.before);
    let fill = 8_usize.saturating_sub(line_width(&change));
    line.spans.extend(change.spans);
    line.push_span(ink.span(" ".repeat(fill), Tone::Text));
    line
}

fn budgets(cx: &Cx<'_>, standings: &[Standing], area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    rule::rule(buf, area.x, area.y, area.width, "BUDGETS", None, ink);
    let room = usize::from(area.height.saturating_sub(1));
    if standings.is_empty() {
        let key = cx.keymap.key_of(crate::input::Action::EditBudget).unwrap_or_default();
        let line = ink.line(format!("none is set: {key} sets one"), Tone::Muted);
        put(buf, area.x, area.y + 1, area.width, &line, cx.glyphs);
        return;
    }
    // What is nearest to its end comes first.
    let mut order: Vec<&Standing> = standings.iter().collect();
    order.sort_by(|a, b| b.percent().total_cmp(&a.percent()));
    for (y, standing) in (area.y + 1..area.bottom()).zip(order.iter().take(room)) {
        put(buf, area.x, y, area.width, &budget_line(cx, standing, usize::from(area.width)), cx.glyphs);
    }
}

fn budget_line(cx: &Cx<'_>, standing: &Standing, width: usize) -> Line<'static> {
    let ink = cx.ink();
    let scope = &standing.budget.scope;
    let name = format!("{} {}", scope.period.word(), scope.words());
    let mut line = ink.line(ink.pad(&name, 24), Tone::Text);
    line.push_span(ink.span(" ", Tone::Text));
    let bar = width.saturating_sub(24 + 37).clamp(4, 24);
    line.spans.extend(meter::gauge(ink, bar, Some(standing.percent())).spans);
    let share = pad_left(&format::percent(standing.percent()), 6);
    line.push_span(ink.span(share, Tone::of_percent(standing.percent())));
    line.push_span(
        ink.span(format!(" of {}", pad_right(&format::money(standing.budget.limit), 8)), Tone::Muted),
    );
    line.spans.extend(outlook(cx, standing).spans);
    line
}

/// Where a budget leads.
pub(super) fn outlook(cx: &Cx<'_>, standing: &Standing) -> Line<'static> {
    let ink = cx.ink();
    match (standing.is_full(), standing.full_at, standing.projected_percent()) {
        (true, Some(at), _) => ink.line(format!("! full since {}", at.short(cx.zone)), Tone::Critical),
        (true, None, _) => ink.line("! full", Tone::Critical),
        (false, Some(at), _) => ink.line(format!("! full {}", at.short(cx.zone)), Tone::Warning),
        (false, None, Some(percent)) => {
            ink.line(format!("lasts, {} {}", cx.glyphs.arrow, format::percent(percent)), Tone::Good)
        }
        (false, None, None) => Line::default(),
    }
}

/// Periods and the fullest budget one after the other, as many as fit.
fn flow(cx: &Cx<'_>, now: &Now, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let mut parts: Vec<Line<'static>> = now
        .periods
        .iter()
        .map(|period| {
            let mut line = ink.line(format!("{} ", period.word), Tone::Muted);
            line.spans.extend(cells::cost(ink, &Cost::of(&period.totals)).spans);
            let change = trend(cx, &period.totals, period.before);
            if !change.spans.is_empty() {
                line.push_span(ink.span(" ", Tone::Text));
                line.spans.extend(change.spans);
            }
            line
        })
        .collect();
    if let Some(burn) = now.burn {
        let month =
            now.month.map(|month| format!(" {} {} this month", cx.glyphs.arrow, format::money(month)));
        let text = format!("burn {} a day{}", format::money(burn), month.unwrap_or_default());
        parts.push(ink.line(text, Tone::Text));
    }
    let mut fullest: Vec<&Standing> = now.standings.iter().collect();
    fullest.sort_by(|a, b| b.percent().total_cmp(&a.percent()));
    for standing in fullest {
        let scope = &standing.budget.scope;
        let tone = Tone::of_percent(standing.percent());
        let name = if scope.workspace.is_none() && scope.model.is_none() {
            "budget".to_owned()
        } else {
            scope.words()
        };
        let text = format!("{name} {} {}", scope.period.word(), format::percent(standing.percent()));
        parts.push(ink.line(text, tone));
    }
    let (mut x, mut y) = (area.x + 1, area.y);
    for part in parts {
        let wide = line_width(&part) as u16;
        if x + wide > area.right() && x > area.x + 1 {
            (x, y) = (area.x + 1, y + 1);
        }
        if y >= area.bottom() {
            break;
        }
        put(buf, x, y, area.right().saturating_sub(x), &part, cx.glyphs);
        x = x.saturating_add(wide).saturating_add(3);
    }
}

/// The series of the chart that have anything in them, with their colour.
fn series(rows: &Rows) -> Vec<Series> {
    let last = rows.series.len().saturating_sub(1);
    let coloured = |at: usize| if at == last && at > 0 { TONES.len() - 1 } else { at };
    let used = |values: &&Vec<f64>| values.iter().any(|value| *value > 0.0);
    rows.series
        .iter()
        .enumerate()
        .filter(|(_, values)| used(values))
        .map(|(at, values)| Series { tone: tone(coloured(at)), values: values.clone() })
        .collect()
}

/// Draws the chart over the axis.
pub(super) fn chart(cx: &Cx<'_>, rows: &Rows, axis: &Axis, area: Rect, buf: &mut Buffer) {
    with_chart(cx, rows, axis, |chart| {
        let ink = cx.ink();
        let note = chart.cursor.map(|at| {
            let sum: f64 = rows.series.iter().filter_map(|values| values.get(at)).sum();
            let money = Usd::from_dollars(sum).map(format::money).unwrap_or_default();
            ink.line(format!("{}: {money}", axis.title(at)), Tone::Accent)
        });
        strip::draw(cx, ABLE, axis, note, area, buf);
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        chart.stacked(body, buf, ink);
    });
}

/// The begin of the part of the axis at a place of the chart.
pub(super) fn part_at(cx: &Cx<'_>, rows: &Rows, axis: &Axis, area: Rect, at: (u16, u16)) -> Option<usize> {
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let mut found = None;
    with_chart(cx, rows, axis, |chart| found = chart.part_at(body, at));
    found
}

fn with_chart(cx: &Cx<'_>, rows: &Rows, axis: &Axis, take: impl FnOnce(&Chart<'_>)) {
    let series = series(rows);
    take(&Chart {
        series: &series,
        parts: axis.len(),
        cursor: cx.lens.cursor(axis),
        newest: axis.place(cx.now),
        unit: &|value| Usd::from_dollars(value).map(format::money).unwrap_or_default(),
        label: &|part| (axis.rank(part), axis.label(part)),
    });
}
