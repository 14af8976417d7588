//! Rows of the Backlog panel → cells, and the lines above its parts.

use ratatui::text::{Line, Span};

use super::view::{Counts, Held, Rows};
use crate::{
    model::{Priority, Status},
    panels::{Cx, cells},
    query::{
        backlog::{Balance, List, oldest},
        queue::{Late, SILENT},
    },
    text::format,
    theme::Tone,
    widgets::{Column, Ink, meter},
};

/// Columns of the lists.
pub(super) const LISTS: [Column; 11] = [
    Column::path("workspace", 12, 20, 0, 2),
    Column::path("list", 10, 24, 2, 3),
    Column::number("high", 4, 0),
    Column::number("medium", 6, 1),
    Column::number("low", 3, 1),
    Column::number("none", 4, 1),
    Column::number("oldest", 6, 0),
    Column::text("7 days", 9, 9, 0, 0),
    Column::text("", BAR as u16, BAR as u16, 4, 0),
    Column::number("done", 5, 3),
    Column::text("", BAR as u16, BAR as u16, 5, 0),
];

/// Columns of the queue.
pub(super) const QUEUE: [Column; 7] = [
    Column::text("wait", 9, 9, 0, 0),
    Column::text("task", 18, 44, 0, 4),
    Column::path("workspace", 10, 20, 2, 1),
    Column::number("for", 7, 0),
    Column::number("usual", 6, 1),
    Column::text("priority", 8, 8, 4, 0),
    Column::text("source", 11, 18, 5, 0),
];

/// The columns of a bar that stands beside a figure.
const BAR: usize = 8;

/// The cells of one list; `most` is the largest change of all lists, against which the bar is
/// drawn; `named` = the list's name has a column of its own.
pub(super) fn list(cx: &Cx<'_>, list: &List, most: u64, named: bool) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let mut place = cells::text(ink, list.workspace.as_ref().map(|workspace| &*workspace.name), Tone::Text);
    if !named {
        place.push_span(ink.span(format!(" {}", list.name), Tone::Muted));
    }
    let age = list.oldest.map(|(at, _)| format::coarse(cx.now.since(at)));
    let all = list.items.len();
    let undated = list.oldest.is_none() && list.undated > 0;
    let pending = |priority: Priority| {
        let count = list.pending.of(priority);
        let tone = match (count, priority) {
            (0, _) => Tone::Faint,
            (_, Priority::High) => Tone::Warning,
            _ => Tone::Text,
        };
        ink.line(count.to_string(), tone)
    };
    vec![
        place,
        cells::text(ink, Some(&list.name), Tone::Muted),
        pending(Priority::High),
        pending(Priority::Medium),
        pending(Priority::Low),
        pending(Priority::None),
        if undated { ink.line("?", Tone::Muted) } else { cells::text(ink, age.as_deref(), Tone::Text) },
        balance(ink, list),
        change(ink, list, most),
        ink.line(format!("{}/{all}", list.done), Tone::Muted),
        meter::meter(ink, BAR, Some(list.done as f64 / all.max(1) as f64 * 100.0), Tone::Good),
    ]
}

/// The mark and tone of which way a list went.
fn way(ink: Ink<'_>, list: &List) -> (&'static str, Tone) {
    match list.balance() {
        Balance::Growing => (ink.glyphs.up, Tone::Warning),
        Balance::Shrinking => (ink.glyphs.down, Tone::Good),
        Balance::Even => ("=", Tone::Muted),
        Balance::Unknown => (ink.glyphs.none, Tone::Faint),
    }
}

/// `▲ +4 -1`: which way the list went in seven days, what was added and what was done.
pub(super) fn balance(ink: Ink<'_>, list: &List) -> Line<'static> {
    let (mark, tone) = way(ink, list);
    let figure = |count: Option<usize>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
    let text = format!("+{} -{}", figure(list.added), figure(list.completed));
    Line::from(vec![ink.span(format!("{mark} "), tone), ink.span(text, Tone::Muted)])
}

/// How much longer or shorter it got, as a bar.
pub(super) fn change(ink: Ink<'_>, list: &List, most: u64) -> Line<'static> {
    let change = list.change().unwrap_or(0).unsigned_abs();
    meter::bar(ink, BAR, change as usize, most as usize, way(ink, list).1)
}

/// The cells of a task that waits or is silent.
pub(super) fn held(cx: &Cx<'_>, held: &Held) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let Some(task) = cx.store.tasks.get(held.task()) else { return Vec::new() };
    let source = cx.store.tasks.key(held.task()).map(|key| cx.store.source_kind(key.source));
    let (span, usual, tone) = match held {
        Held::Waits(row) => (row.since.map(|at| cx.now.since(at)), row.usual, late_tone(row.late)),
        Held::Silent(row) => (Some(cx.now.since(row.since)), None, Tone::Warning),
    };
    let clock = |span: Option<_>, tone| match span {
        Some(span) => ink.line(format::clock(span), tone),
        None => cells::none(ink),
    };
    vec![
        mark(ink, held),
        cells::text(ink, Some(cells::title(task)), Tone::Text),
        cells::text(ink, task.workspace.as_ref().map(|workspace| &*workspace.name), Tone::Muted),
        clock(span, tone),
        clock(usual, Tone::Muted),
        cells::text(ink, task.priority.as_deref(), Tone::Muted),
        cells::text(ink, source, Tone::Muted),
    ]
}

fn late_tone(late: Late) -> Tone {
    match late {
        Late::Stuck => Tone::Critical,
        Late::Longer => Tone::Warning,
        Late::Usual | Late::Unknown => Tone::Text,
    }
}

/// How late a task is, as mark and word.
pub(super) fn mark(ink: Ink<'_>, held: &Held) -> Line<'static> {
    match held {
        Held::Silent(_) => ink.line("! silent", Tone::Warning),
        Held::Waits(row) => match row.late {
            Late::Stuck => Line::from(Span::styled("! stuck", ink.bold(Tone::Critical))),
            Late::Longer => ink.line(format!("{} longer", ink.glyphs.up), Tone::Warning),
            Late::Usual => ink.line(format!("{} usual", ink.glyphs.status(Status::Queued)), Tone::Muted),
            Late::Unknown => ink.line(format!("{} queued", ink.glyphs.status(Status::Queued)), Tone::Muted),
        },
    }
}

/// `31 wait to be asked · oldest 19w web · 6 lists grow`.
pub(super) fn summary(cx: &Cx<'_>, rows: &Rows) -> Line<'static> {
    let ink = cx.ink();
    let pending: usize = rows.lists.iter().map(|list| list.pending.total()).sum();
    let high: usize = rows.lists.iter().map(|list| list.pending.of(Priority::High)).sum();
    let mut line = ink.line(format!("{pending} pending"), Tone::Text);
    let dot = || ink.span(format!(" {} ", cx.glyphs.dot), Tone::Faint);
    if high > 0 {
        line.push_span(dot());
        line.push_span(ink.span(format!("{high} high"), Tone::Warning));
    }
    if let Some((at, _, workspace)) = oldest(&rows.lists) {
        let place = workspace.map(|workspace| format!(" {}", workspace.name)).unwrap_or_default();
        line.push_span(dot());
        line.push_span(ink.span(format!("oldest {}{place}", format::coarse(cx.now.since(at))), Tone::Muted));
    }
    let of = |balance: Balance| rows.lists.iter().filter(|list| list.balance() == balance).count();
    for (balance, mark, word, tone) in [
        (Balance::Growing, cx.glyphs.up, "growing", Tone::Warning),
        (Balance::Shrinking, cx.glyphs.down, "shrinking", Tone::Good),
    ] {
        if of(balance) > 0 {
            line.push_span(dot());
            line.push_span(ink.span(format!("{mark} {} {word}", of(balance)), tone));
        }
    }
    line
}

/// `7 wait · 2 longer than usual · 1 stuck · 1 silent for over 1h`.
pub(super) fn queue_note(cx: &Cx<'_>, counts: Counts) -> Line<'static> {
    let ink = cx.ink();
    let mut line = ink.line(format!("{} waiting", counts.waiting), Tone::Muted);
    let silent = format!("silent for over {}", format::coarse(SILENT));
    for (count, word, tone) in [
        (counts.stuck, "stuck", Tone::Critical),
        (counts.longer, "longer than usual", Tone::Warning),
        (counts.silent, &*silent, Tone::Warning),
    ] {
        if count > 0 {
            line.push_span(ink.span(format!(" {} ", cx.glyphs.dot), Tone::Faint));
            line.push_span(ink.span(format!("{count} {word}"), tone));
        }
    }
    line
}
