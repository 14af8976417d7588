//! Durations: a table by groups, and how the run times of the one under the cursor are spread.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::view::Groups;
use crate::{
    model::Millis,
    panels::{Cx, cells, cursor::Cursor},
    query::activity::{
        Group,
        runs::{self, Histogram},
    },
    text::format,
    theme::Tone,
    widgets::{self, Column, DataTable, meter, put, put_right, rule::rule},
};

const COLUMNS: [Column; 8] = [
    Column::text("", 16, 34, 0, 1),
    Column::number("runs", 6, 0),
    Column::number("median", 8, 0),
    Column::number("p95", 8, 1),
    Column::number("p99", 8, 2),
    Column::number("longest", 8, 3),
    Column::number("no time", 8, 6),
    Column::text("share", 8, 20, 5, 1),
];
/// Columns from which the histogram stands beside the table.
const WIDE: u16 = 116;
/// Columns of the histogram beside the table.
const ASIDE: u16 = 44;
/// Rows of the histogram with its title.
const TALL: u16 = runs::STEPS.len() as u16 + 2;

/// Draws table and histogram.
pub(super) fn render(cx: &Cx<'_>, groups: &Groups, cursor: &Cursor<String>, area: Rect, buf: &mut Buffer) {
    if nothing(cx, groups, area, buf) {
        return;
    }
    let (table, chart) = if area.width >= WIDE {
        let left = area.width - ASIDE - 3;
        let chart = Rect { x: area.x + left + 2, width: ASIDE, ..area };
        (Rect { width: left, ..area }, Some(chart))
    } else if area.height >= TALL + 6 {
        let top = area.height - TALL;
        let chart =
            Rect { x: area.x + 1, y: area.y + top, width: area.width.saturating_sub(2), height: TALL };
        (Rect { height: top, ..area }, Some(chart))
    } else {
        (area, None)
    };
    let row = list(cx, groups, &COLUMNS, cursor, table, buf, &|group| row(cx, groups, group));
    if let (Some(chart), Some(group)) = (chart, row.and_then(|row| groups.list.get(row))) {
        histogram(cx, &group.key, &group.histogram, chart, buf);
    }
}

/// Says so when nothing ended in the range.
pub(super) fn nothing(cx: &Cx<'_>, groups: &Groups, area: Rect, buf: &mut Buffer) -> bool {
    if groups.list.is_empty() {
        let range = cx.lens.title(cx.scene());
        let text = format!("Nothing that is shown ended in this range ({range}).");
        put(
            buf,
            area.x + 2,
            area.y + 1,
            area.width.saturating_sub(4),
            &cx.ink().line(text, Tone::Muted),
            cx.glyphs,
        );
    }
    groups.list.is_empty()
}

/// Draws the table of groups; the row under the cursor.
pub(super) fn list(
    cx: &Cx<'_>,
    groups: &Groups,
    columns: &[Column],
    cursor: &Cursor<String>,
    area: Rect,
    buf: &mut Buffer,
    row: &dyn Fn(&Group) -> Vec<Line<'static>>,
) -> Option<usize> {
    let rows = groups.list.len();
    let selected = cursor.row(rows, &|row| groups.list.get(row).map(|group| group.key.clone()));
    let mut columns = columns.to_vec();
    if let Some(first) = columns.first_mut() {
        first.title = groups.by.word();
        first.keeps_end = groups.by == crate::query::usage::By::Workspace;
    }
    let offset = cursor.offset(rows, usize::from(area.height.saturating_sub(1)), selected);
    let table = DataTable { columns: &columns, rows, offset, selected, sort: None };
    table.render(area, buf, cx.ink(), &mut |at| {
        widgets::Row::Cells(groups.list.get(at).map(row).unwrap_or_default())
    });
    selected
}

/// The name of a group.
pub(super) fn name(cx: &Cx<'_>, group: &Group) -> Line<'static> {
    let is_known = group.key != crate::query::usage::UNKNOWN;
    cx.ink().line(group.key.clone(), if is_known { Tone::Text } else { Tone::Muted })
}

fn row(cx: &Cx<'_>, groups: &Groups, group: &Group) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let time = |span: Option<Millis>| cells::text(ink, span.map(format::duration).as_deref(), Tone::Text);
    let spread = &group.spread;
    let largest = groups.list.iter().map(|group| group.outcome.total()).max().unwrap_or(0);
    let unknown = if spread.unknown == 0 {
        ink.line("0", Tone::Faint)
    } else {
        ink.line(spread.unknown.to_string(), Tone::Muted)
    };
    vec![
        name(cx, group),
        ink.line(format::count(group.outcome.total() as u64), Tone::Text),
        time(spread.p50),
        time(spread.p95),
        time(spread.p99),
        time(spread.longest),
        unknown,
        meter::bar(ink, 20, group.outcome.total(), largest, Tone::Series1),
    ]
}

/// `≤ 5s`, the last one `> 8h`.
fn step_name(cx: &Cx<'_>, at: usize) -> String {
    let (up_to, above) = if cx.glyphs.ascii { ("<=", ">") } else { ("≤", ">") };
    match runs::STEPS.get(at) {
        Some(end) => format!("{up_to} {}", format::coarse(Millis::seconds(*end))),
        None => {
            format!("{above} {}", format::coarse(Millis::seconds(runs::STEPS.last().copied().unwrap_or(0))))
        }
    }
}

fn histogram(cx: &Cx<'_>, name: &str, counts: &Histogram, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let note =
        ink.line(ink.pad(name, crate::text::width(name).min(usize::from(area.width) / 2)), Tone::Muted);
    rule(buf, area.x, area.y, area.width, "RUN TIMES", Some(note), ink);
    let largest = counts.iter().copied().max().unwrap_or(0);
    let all: usize = counts.iter().sum();
    for (at, count) in counts.iter().enumerate() {
        let y = area.y + 1 + at as u16;
        if y >= area.bottom() {
            break;
        }
        let tone = if *count == 0 { Tone::Faint } else { Tone::Text };
        put_right(buf, area.x, y, 7, &ink.line(step_name(cx, at), Tone::Muted), cx.glyphs);
        put_right(buf, area.x + 8, y, 6, &ink.line(format::count(*count as u64), tone), cx.glyphs);
        let share = if all == 0 { 0.0 } else { *count as f64 / all as f64 * 100.0 };
        put_right(buf, area.x + 15, y, 5, &ink.line(format::percent(share), tone), cx.glyphs);
        let room = area.width.saturating_sub(22);
        put(
            buf,
            area.x + 22,
            y,
            room,
            &meter::bar(ink, usize::from(room), *count, largest, Tone::Series1),
            cx.glyphs,
        );
    }
}
