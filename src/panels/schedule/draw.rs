//! Rows of the Schedule panel → cells.

use ratatui::text::{Line, Span};

use super::view::{Order, Rows};
use crate::{
    model::{Schedule, Status},
    panels::{Cx, cells, listing::Sortable},
    query::schedules::{self, Standing, next_run},
    text::{Safe, format},
    theme::Tone,
    widgets::{Column, Ink},
};

/// The columns, and by what each sorts.
pub(super) const COLUMNS: [Sortable<Order>; 9] = [
    (Column::text("state", 11, 11, 0, 0), Order::Standing, false),
    (Column::text("schedule", 18, 26, 0, 3), Order::Name, false),
    (Column::number("next", 7, 0), Order::Next, false),
    (Column::text("at", 11, 11, 4, 0), Order::At, false),
    (Column::number("ran", 8, 1), Order::Ran, true),
    (Column::text("result", 24, 34, 2, 3), Order::Result, false),
    (Column::text("targets", 12, 22, 3, 2), Order::Target, false),
    (Column::text("starts", 20, 34, 6, 4), Order::Command, false),
    (Column::text("cron", 14, 16, 5, 0), Order::Cron, false),
];

/// The cells of one planned run.
pub(super) fn cells(cx: &Cx<'_>, schedule: &Schedule) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let tone = if schedule.paused { Tone::Muted } else { Tone::Text };
    let targets: Vec<&str> = schedule.targets.iter().map(|target| target.name.as_str()).collect();
    // How a run ended says nothing of the one that was missed or of why nothing runs.
    let said = match Standing::of(schedule) {
        Standing::Missed | Standing::Paused => schedule.status_note.as_ref(),
        Standing::Failed | Standing::Fine => schedule.last_result.as_ref().or(schedule.status_note.as_ref()),
    };
    vec![
        standing(ink, schedule),
        ink.line(schedule.name.to_string(), tone),
        next(cx, schedule),
        match next_run(schedule) {
            Some(at) => ink.line(at.short(cx.zone), Tone::Muted),
            None => cells::none(ink),
        },
        cells::ago(cx, schedule.last_run),
        cells::text(ink, said.map(Safe::first_line), result_tone(schedule)),
        cells::text(ink, Some(&targets.join(", ")), Tone::Muted),
        cells::text(ink, schedule.command.as_deref(), Tone::Muted),
        cells::text(ink, schedule.cron.as_deref(), Tone::Muted),
    ]
}

/// What became of it, or that nothing can: mark and word.
pub(super) fn standing(ink: Ink<'_>, schedule: &Schedule) -> Line<'static> {
    match Standing::of(schedule) {
        Standing::Missed => Line::from(Span::styled("! missed", ink.bold(Tone::Critical))),
        Standing::Paused => ink.line(format!("{} paused", ink.glyphs.status(Status::Cancelled)), Tone::Muted),
        Standing::Failed | Standing::Fine => match schedule.last_status {
            Some(status) => cells::status(ink, status),
            None => cells::none(ink),
        },
    }
}

fn result_tone(schedule: &Schedule) -> Tone {
    match Standing::of(schedule) {
        Standing::Missed => Tone::Critical,
        Standing::Failed => Tone::Failed,
        Standing::Fine | Standing::Paused => Tone::Muted,
    }
}

/// The countdown; what is about to start stands out, what should have started does so too.
fn next(cx: &Cx<'_>, schedule: &Schedule) -> Line<'static> {
    let ink = cx.ink();
    let Some(at) = next_run(schedule) else { return cells::none(ink) };
    let text = format::ago(cx.now, at);
    if at < cx.now {
        ink.line(text, Tone::Warning)
    } else if schedules::is_soon(schedule, cx.now) {
        Line::from(Span::styled(text, ink.bold(Tone::Accent)))
    } else {
        ink.line(text, Tone::Text)
    }
}

/// `next: nightly tests in 12m · 1 missed · 2 failed · 3 paused`.
pub(super) fn summary(cx: &Cx<'_>, rows: &Rows) -> Line<'static> {
    let ink = cx.ink();
    let summary = &rows.summary;
    let mut line = Line::default();
    let next = summary.next.and_then(|(id, at)| Some((cx.store.schedules.get(id)?, at)));
    if let Some((schedule, at)) = next {
        line.push_span(ink.span("next: ", Tone::Muted));
        let soon = schedules::is_soon(schedule, cx.now);
        let name = schedule.name.to_string();
        let style = if soon { ink.bold(Tone::Accent) } else { ink.fg(Tone::Text) };
        line.push_span(Span::styled(format!("{name} {}", format::ago(cx.now, at)), style));
    } else {
        line.push_span(ink.span("nothing is due", Tone::Muted));
    }
    let counts = [
        (summary.missed, "missed", Tone::Critical),
        (summary.failed, "failed", Tone::Failed),
        (summary.paused, "paused", Tone::Muted),
    ];
    for (count, word, tone) in counts.into_iter().filter(|(count, ..)| *count > 0) {
        line.push_span(ink.span(format!(" {} ", cx.glyphs.dot), Tone::Faint));
        line.push_span(ink.span(format!("{count} {word}"), tone));
    }
    line
}
