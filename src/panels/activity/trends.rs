//! Trends: the last 30, 60 and 90 days against as many before them, and day by day.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    panels::{Cx, cells},
    query::{
        Cost,
        activity::{
            Trend,
            trend::{Day, Period},
        },
    },
    text::format,
    theme::Tone,
    widgets::{self, Chart, Column, DataTable, Series, data_table, rule::rule, spark::spark},
};

/// A figure of a period.
struct Figure {
    name: &'static str,
    tone: Tone,
    /// As a number, to compare and to draw.
    value: fn(&Period) -> Option<f64>,
    /// For people.
    text: fn(&Period) -> Option<String>,
    /// The number for people, for the axis of a chart.
    unit: fn(f64) -> String,
}

const FIGURES: [Figure; 7] = [
    Figure {
        name: "cost",
        tone: Tone::Money,
        value: |period| period.usage.known_cost().map(crate::model::Usd::dollars),
        text: |period| Cost::of(&period.usage).text(),
        unit: |value| format!("${value:.0}"),
    },
    Figure {
        name: "tokens",
        tone: Tone::Series1,
        value: |period| Some(period.usage.tokens.total() as f64),
        text: |period| Some(format::count(period.usage.tokens.total())),
        unit: |value| format::count(value as u64),
    },
    Figure {
        name: "tasks asked",
        tone: Tone::Series2,
        value: |period| Some(period.tasks as f64),
        text: |period| Some(period.tasks.to_string()),
        unit: |value| format::count(value as u64),
    },
    Figure {
        name: "agents created",
        tone: Tone::Series5,
        value: |period| Some(period.agents as f64),
        text: |period| Some(period.agents.to_string()),
        unit: |value| format::count(value as u64),
    },
    Figure {
        name: "median run",
        tone: Tone::Series3,
        value: |period| period.median.map(|span| span.0 as f64 / 1000.0),
        text: |period| period.median.map(format::duration),
        unit: |value| format::coarse(crate::model::Millis::seconds(value as i64)),
    },
    Figure {
        name: "success",
        tone: Tone::Good,
        value: |period| period.outcome.success_percent(),
        text: |period| period.outcome.success_percent().map(format::percent),
        unit: |value| format!("{value:.0} %"),
    },
    Figure {
        name: "failed",
        tone: Tone::Failed,
        value: |period| Some(period.outcome.failed as f64),
        text: |period| Some(period.outcome.failed.to_string()),
        unit: |value| format::count(value as u64),
    },
];

const COLUMNS: [Column; 8] = [
    Column::text("", 14, 14, 0, 0),
    Column::number("30 days", 10, 0),
    Column::number("change", 8, 0),
    Column::number("60 days", 10, 2),
    Column::number("change", 8, 2),
    Column::number("90 days", 10, 1),
    Column::number("change", 8, 1),
    Column::text("day by day", 14, 90, 3, 1),
];

/// Draws the table, and below it as many charts as fit.
pub(super) fn render(cx: &Cx<'_>, trends: &[Trend], area: Rect, buf: &mut Buffer) {
    let tall = FIGURES.len() as u16 + 1;
    let table = Rect { height: area.height.min(tall), ..area };
    let rows = FIGURES.len();
    let list = DataTable { columns: &COLUMNS, rows, offset: 0, selected: None, sort: None };
    let room = data_table::last_column(&COLUMNS, area.width);
    list.render(table, buf, cx.ink(), &mut |at| {
        widgets::Row::Cells(FIGURES.get(at).map(|figure| row(cx, figure, trends, room)).unwrap_or_default())
    });
    let Some(longest) = trends.last() else { return };
    let rest = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        y: table.bottom(),
        height: area.height - table.height,
    };
    charts(cx, &longest.daily, rest, buf);
}

fn row(cx: &Cx<'_>, figure: &Figure, trends: &[Trend], room: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let mut line = vec![ink.line(figure.name, Tone::Muted)];
    for trend in trends {
        line.push(cells::text(ink, (figure.text)(&trend.now).as_deref(), Tone::Text));
        let change = (figure.value)(&trend.now).zip((figure.value)(&trend.before));
        let change = change.and_then(|(now, before)| cells::change(ink, now, before));
        line.push(cells::text(ink, change.as_deref(), Tone::Muted));
    }
    let days = trends.last().map(|trend| trend.daily.as_slice()).unwrap_or_default();
    let values: Vec<f64> = days.iter().map(|day| (figure.value)(&day.period).unwrap_or(0.0)).collect();
    line.push(spark(ink, room.min(values.len()), &values, figure.tone));
    line
}

/// Rows a chart needs with its title.
const LOWEST: u16 = 7;

fn charts(cx: &Cx<'_>, days: &[Day], area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let across: u16 = if area.width >= 110 { 2 } else { 1 };
    let down = (area.height / LOWEST).min((FIGURES.len() as u16).div_ceil(across));
    if down == 0 {
        return;
    }
    let (wide, tall) = ((area.width - (across - 1) * 3) / across, area.height / down);
    for (at, figure) in FIGURES.iter().take(usize::from(across * down)).enumerate() {
        let (row, column) = (at as u16 / across, at as u16 % across);
        let place =
            Rect { x: area.x + column * (wide + 3), y: area.y + row * tall, width: wide, height: tall };
        let title = format!("{} BY DAY", figure.name.to_uppercase());
        rule(buf, place.x, place.y, place.width, &title, None, ink);
        let values = days.iter().map(|day| (figure.value)(&day.period).unwrap_or(0.0)).collect();
        let series = [Series { tone: figure.tone, values }];
        let label = |part: usize| label(days, part);
        let chart = Chart {
            series: &series,
            parts: days.len(),
            cursor: None,
            newest: None,
            unit: &figure.unit,
            label: &label,
        };
        chart.stacked(Rect { y: place.y + 1, height: place.height - 1, ..place }, buf, ink);
    }
}

/// Months first, then Mondays.
fn label(days: &[Day], part: usize) -> (u8, String) {
    use chrono::{Datelike, Weekday};
    let Some(day) = days.get(part) else { return (u8::MAX, String::new()) };
    let rank = match (day.date.day(), day.date.weekday()) {
        (1, _) => 0,
        (_, Weekday::Mon) => 1,
        _ => 2,
    };
    (rank, day.date.format("%b %-d").to_string())
}
