//! Flow: what comes in, gets done, fails and runs at once, as charts of one axis.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::view::FlowData;
use crate::{
    model::Timestamp,
    panels::Cx,
    query::activity::Flow,
    text::format,
    theme::Tone,
    widgets::{Chart, Series, line_width, put, rule::rule},
};

/// One chart: its title, its series from the bottom up.
struct Part {
    title: &'static str,
    series: Vec<Named>,
}

/// A series: what it counts in words, its tone, and its figure of a step.
type Named = (&'static str, Tone, fn(&Flow) -> usize);

fn parts() -> [Part; 3] {
    let well = |flow: &Flow| flow.done - flow.failed.min(flow.done);
    [
        Part {
            title: "DONE",
            series: vec![("not failed", Tone::Succeeded, well), ("failed", Tone::Failed, |flow| flow.failed)],
        },
        Part { title: "ASKED", series: vec![("tasks asked", Tone::Series1, |flow| flow.asked)] },
        Part {
            title: "AT ONCE, AT MOST",
            series: vec![("agents", Tone::Series5, |flow| flow.agents_at_once)],
        },
    ]
}

/// Rows a chart needs with its title.
const LOWEST: u16 = 6;

/// The charts that fit, from the first, with their areas.
fn places(area: Rect) -> Vec<(Part, Rect)> {
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
        ..area
    };
    let count = (area.height / LOWEST).clamp(1, 3);
    let each = area.height / count;
    let place = |at: u16| Rect { y: area.y + at * each, height: each, ..area };
    parts()
        .into_iter()
        .take(usize::from(count))
        .enumerate()
        .map(|(at, part)| (part, place(at as u16)))
        .collect()
}

fn series(data: &FlowData, part: &Part) -> Vec<Series> {
    let one = |(_, tone, value): &Named| Series {
        tone: *tone,
        values: data.steps.iter().map(|step| value(step) as f64).collect(),
    };
    part.series.iter().map(one).collect()
}

/// Hands the chart of a part over.
fn with_chart<T>(cx: &Cx<'_>, data: &FlowData, part: &Part, ask: impl FnOnce(&Chart<'_>) -> T) -> T {
    let series = series(data, part);
    ask(&Chart {
        series: &series,
        parts: data.axis.len(),
        cursor: cx.lens.cursor(&data.axis),
        newest: data.axis.place(cx.now),
        unit: &|value| {
            if value < 10.0 && value.fract() > 0.0 {
                format!("{value:.1}")
            } else {
                format::count(value.round() as u64)
            }
        },
        label: &|part| (data.axis.rank(part), data.axis.label(part)),
    })
}

/// Draws the charts; the last line reads the step under the cursor, or sums up all.
pub(super) fn render(cx: &Cx<'_>, data: &FlowData, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    for (part, place) in places(area) {
        with_chart(cx, data, &part, |chart| {
            let mut legend = Line::default();
            for (at, (word, tone, _)) in part.series.iter().enumerate().filter(|_| part.series.len() > 1) {
                legend.push_span(ink.span(chart.mark(at, ink), *tone));
                legend.push_span(ink.span(format!(" {word}  "), Tone::Muted));
            }
            let title = format!("{} BY {}", part.title, data.axis.step.word().to_uppercase());
            let note = Some(legend).filter(|legend| line_width(legend) > 0);
            rule(buf, place.x, place.y, place.width, &title, note, ink);
            let body = Rect { y: place.y + 1, height: place.height.saturating_sub(1), ..place };
            chart.stacked(body, buf, ink);
        });
    }
    let line = reading(cx, data);
    put(buf, area.x + 1, area.bottom().saturating_sub(1), area.width.saturating_sub(2), &line, cx.glyphs);
}

fn reading(cx: &Cx<'_>, data: &FlowData) -> Line<'static> {
    let ink = cx.ink();
    let sum = |value: fn(&Flow) -> usize| data.steps.iter().map(value).sum::<usize>();
    let most = |value: fn(&Flow) -> usize| data.steps.iter().map(value).max().unwrap_or(0);
    let (title, flow) = match cx.lens.cursor(&data.axis).and_then(|at| Some((at, *data.steps.get(at)?))) {
        Some((at, flow)) => (data.axis.title(at), flow),
        None => (
            "in all".to_owned(),
            Flow {
                asked: sum(|step| step.asked),
                done: sum(|step| step.done),
                failed: sum(|step| step.failed),
                tasks_at_once: most(|step| step.tasks_at_once),
                agents_at_once: most(|step| step.agents_at_once),
                ..Flow::default()
            },
        ),
    };
    let dot = cx.glyphs.dot;
    let text = format!(
        "  {} asked {dot} {} done {dot} {} failed {dot} at once at most {} and {}",
        flow.asked,
        flow.done,
        flow.failed,
        format::plural(flow.tasks_at_once, "task"),
        format::plural(flow.agents_at_once, "agent"),
    );
    Line::from(vec![
        ink.span(format!("{} ", cx.glyphs.pointer), Tone::Accent),
        Span::styled(title, ink.bold(Tone::Text)),
        ink.span(text, Tone::Text),
    ])
}

/// The begin of the step at a place of the charts drawn into `area`.
pub(super) fn start_at(cx: &Cx<'_>, data: &FlowData, area: Rect, at: (u16, u16)) -> Option<Timestamp> {
    let (part, place) = places(area).into_iter().find(|(_, place)| place.contains(at.into()))?;
    let body = Rect { y: place.y + 1, height: place.height.saturating_sub(1), ..place };
    data.axis.start(with_chart(cx, data, &part, |chart| chart.part_at(body, at))?)
}
