//! Usage over time: stacked bars, what the cursor reads, the legend.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::view::{self, View};
use crate::{
    model::{Tokens, Usd},
    panels::{
        Cx,
        range::{Group, Measure},
    },
    query::{Cost, bands::Band},
    store::Totals,
    text::{format, width},
    theme::Tone,
    widgets::{Chart, Ink, Series, line_width, put, rule},
};

/// One colour a series, the same everywhere.
pub(super) const TONES: [Tone; 8] = [
    Tone::Series1,
    Tone::Series2,
    Tone::Series3,
    Tone::Series4,
    Tone::Series5,
    Tone::Series6,
    Tone::Series7,
    Tone::Series8,
];

/// A series with its name and its sum over the range.
struct Named {
    name: String,
    series: Series,
    total: f64,
}

type Count = fn(&Tokens) -> u64;

const KINDS: [(&str, Count); 4] = [
    ("input", |tokens| tokens.input),
    ("output", |tokens| tokens.output),
    ("cache write", Tokens::cache_write),
    ("cache read", |tokens| tokens.cache_read),
];

fn amount(measure: Measure, totals: &Totals) -> f64 {
    match measure {
        Measure::Cost => totals.cost.dollars(),
        measure => view::size(measure)(totals) as f64,
    }
}

/// A figure of the chart with its unit.
pub(super) fn unit(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Cost => format::money(Usd((value * 1e9).round() as i64)),
        _ => format::count(value.round().max(0.0) as u64),
    }
}

fn named(cx: &Cx<'_>, group: Group, view: &View) -> Vec<Named> {
    let kinds = match view.measure {
        Measure::Tokens => KINDS.len(),
        Measure::NewTokens => KINDS.len() - 1,
        _ => 0,
    };
    let bands = &view.bands.bands;
    if group == Group::Kind && kinds > 0 {
        let parts: Vec<Tokens> = (0..view.axis.len()).map(|part| view.bands.part(part).tokens).collect();
        let all = view.bands.totals.tokens;
        return KINDS
            .iter()
            .zip(TONES)
            .take(kinds)
            .map(|((name, count), tone)| Named {
                name: (*name).to_owned(),
                series: Series { tone, values: parts.iter().map(|part| count(part) as f64).collect() },
                total: count(&all) as f64,
            })
            .collect();
    }
    bands
        .iter()
        .enumerate()
        .map(|(at, band)| Named {
            name: name(cx, group, view, band),
            series: Series {
                tone: TONES.get(at).copied().unwrap_or(Tone::Muted),
                values: band.parts.iter().map(|part| amount(view.measure, part)).collect(),
            },
            total: amount(view.measure, &band.totals),
        })
        .collect()
}

fn name(cx: &Cx<'_>, group: Group, view: &View, band: &Band) -> String {
    match (&band.name, group) {
        (Some(name), Group::By(by)) => {
            let row = view.rows.iter().find(|row| row.key == *name);
            let label = row.map_or_else(|| view::label(by, name), |row| row.label.clone());
            cx.ink().pad(&label, width(&label).min(24))
        }
        (None, Group::By(_)) => format!("{} others", view.bands.groups - (view.bands.bands.len() - 1)),
        _ => view.measure.word().to_owned(),
    }
}

/// Where chart and legend stand in the area of the block.
pub(super) fn plot(area: Rect) -> Rect {
    Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area }
}

/// Draws title, chart and legend.
pub(super) fn draw(cx: &Cx<'_>, group: Group, view: &View, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let named = named(cx, group, view);
    let cursor = cx.lens.cursor(&view.axis);
    with_chart(cx, &named, view, |chart| {
        let title = view.measure.word().to_uppercase();
        rule::rule(buf, area.x, area.y, area.width, &title, Some(reading(cx, view, cursor)), ink);
        chart.stacked(plot(area), buf, ink);
        let row = area.bottom().saturating_sub(1);
        let marks: Vec<&str> = (0..named.len()).map(|at| chart.mark(at, ink)).collect();
        let legend = legend(ink, view, &named, &marks, cursor, usize::from(area.width));
        put(buf, area.x, row, area.width, &legend, cx.glyphs);
    });
}

/// The part of the axis at a cell of the chart.
pub(super) fn part_at(cx: &Cx<'_>, group: Group, view: &View, area: Rect, at: (u16, u16)) -> Option<usize> {
    let named = named(cx, group, view);
    with_chart(cx, &named, view, |chart| chart.part_at(plot(area), at))
}

fn with_chart<T>(cx: &Cx<'_>, named: &[Named], view: &View, ask: impl FnOnce(&Chart<'_>) -> T) -> T {
    let series: Vec<Series> = named.iter().map(|one| one.series.clone()).collect();
    ask(&Chart {
        series: &series,
        parts: view.axis.len(),
        cursor: cx.lens.cursor(&view.axis),
        newest: view.axis.place(cx.now),
        unit: &|value| unit(view.measure, value),
        label: &|part| (view.axis.rank(part), view.axis.label(part)),
    })
}

/// What the cursor stands on and how much that is; without a cursor the sum of the range.
fn reading(cx: &Cx<'_>, view: &View, cursor: Option<usize>) -> Line<'static> {
    let ink = cx.ink();
    let mut line = Line::default();
    let totals = match cursor {
        None => view.bands.totals,
        Some(part) => {
            line.push_span(ink.span(format!("{}  ", view.axis.title(part)), Tone::Accent));
            view.bands.part(part)
        }
    };
    let measure = if view.measure == Measure::NewTokens { Measure::NewTokens } else { Measure::Tokens };
    let count = unit(measure, amount(measure, &totals));
    line.push_span(ink.span(format!("{count} {}", measure.word()), Tone::Text));
    if let Some(cost) = Cost::of(&totals).text() {
        line.push_span(ink.span(format!("  {cost}"), Tone::Money));
    }
    line.push_span(ink.span(format!("  {} responses", format::count(totals.responses)), Tone::Muted));
    if let Some(percent) = crate::query::cache::hit_percent(&totals.tokens) {
        line.push_span(ink.span(format!("  {} cached", format::percent(percent)), Tone::Muted));
    }
    if cursor.is_none() && !view.bands.undated.is_empty() {
        let undated = format!("  {} without a time", format::count(view.bands.undated.tokens.total()));
        line.push_span(ink.span(undated, Tone::Warning));
    }
    line
}

fn legend(
    ink: Ink<'_>,
    view: &View,
    named: &[Named],
    marks: &[&str],
    cursor: Option<usize>,
    columns: usize,
) -> Line<'static> {
    let figure = |one: &Named| match cursor {
        Some(part) => one.series.values.get(part).copied().unwrap_or(0.0),
        None => one.total,
    };
    let mut line = Line::default();
    for (at, (one, mark)) in named.iter().zip(marks).enumerate() {
        let parts = [
            ink.span(format!("{mark} "), one.series.tone),
            ink.span(format!("{} ", one.name), Tone::Muted),
            ink.span(unit(view.measure, figure(one)), Tone::Text),
            Span::raw("  "),
        ];
        let long: usize = parts.iter().map(|span| width(&span.content)).sum();
        if line_width(&line) + long > columns {
            line.push_span(ink.span(format!("{} {} more", ink.glyphs.more, named.len() - at), Tone::Muted));
            break;
        }
        line.spans.extend(parts);
    }
    line
}
