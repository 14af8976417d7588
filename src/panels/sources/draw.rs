//! Rows of the Sources panel → cells, and the detail of one source.

use ratatui::text::Line;

use super::view::Row;
use crate::{
    model::{Health, HealthState, Millis},
    panels::{Cx, cells},
    text::format,
    theme::Tone,
    widgets::{Column, key_value, meter},
};

pub(super) const COLUMNS: [Column; 12] = [
    Column::text("state", 9, 9, 0, 0),
    Column::text("kind", 11, 18, 0, 0),
    Column::path("place", 20, 44, 1, 4),
    Column::number("agents", 6, 3),
    Column::number("tasks", 5, 4),
    Column::number("usage", 7, 6),
    Column::number("read", 6, 5),
    Column::number("skipped", 7, 2),
    Column::number("repaired", 8, 10),
    Column::text("watch", 7, 7, 7, 0),
    Column::number("lag", 6, 9),
    Column::number("changed", 8, 2),
];

/// The cells of one source.
pub(super) fn cells(cx: &Cx<'_>, row: &Row, health: &Health) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let (state, tone) = cells::health(ink, health);
    let faults = |count: u64| {
        let tone = if count > 0 { Tone::Warning } else { Tone::Muted };
        ink.line(format::count(count), tone)
    };
    vec![
        ink.line(state, tone),
        ink.line(health.kind, Tone::Text),
        ink.line(health.path.to_string(), Tone::Muted),
        cells::count(ink, Some(row.agents)),
        cells::count(ink, Some(row.tasks)),
        cells::count(ink, Some(cx.store.source_usage_records(row.id))),
        cells::count(ink, Some(health.lines_read + health.rows_read)),
        faults(health.skipped),
        faults(health.repaired),
        ink.line(health.watch.word(), Tone::Muted),
        match health.lag_ms {
            Some(lag) => ink.line(format::duration(Millis(lag as i64)), Tone::Muted),
            None => cells::none(ink),
        },
        cells::ago(cx, health.last_change),
    ]
}

/// The lines of the detail.
pub(super) fn detail(cx: &Cx<'_>, row: &Row, health: &Health, width: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let (state, tone) = cells::health(ink, health);
    let mut out = vec![key_value::line(ink, "state", ink.line(state, tone))];
    if let Some((done, all)) = health.progress.filter(|_| health.state == HealthState::CatchingUp) {
        let percent = if all == 0 { 0.0 } else { done as f64 / all as f64 * 100.0 };
        let mut line = meter::meter(ink, width.saturating_sub(40).clamp(6, 30), Some(percent), Tone::Info);
        line.push_span(
            ink.span(format!("  {} of {} bytes", format::count(done), format::count(all)), Tone::Text),
        );
        out.push(key_value::line(ink, "progress", line));
    }
    for (label, text, tone) in
        [("error", &health.error, Tone::Critical), ("remedy", &health.remedy, Tone::Text)]
    {
        if let Some(text) = text {
            out.extend(key_value::block(ink, label, text, tone, width));
        }
    }
    if health.state != HealthState::Live
        && let Some(good) = health.last_good
    {
        let text = format!("{}: what is shown of it is that old", format::ago(cx.now, good));
        out.push(key_value::line(ink, "last good", ink.line(text, Tone::Warning)));
    }
    out.push(Line::default());
    out.extend(key_value::block(ink, "place", &health.path, Tone::Text, width));
    let figures = [
        ("agents", row.agents),
        ("tasks", row.tasks),
        ("usage", cx.store.source_usage_records(row.id)),
        ("remembered", cx.store.source_remembered_records(row.id)),
        ("in no sum", cx.store.source_covered_records(row.id)),
        ("files", health.files),
        ("bytes read", health.bytes_read),
        ("lines read", health.lines_read),
        ("rows read", health.rows_read),
        ("skipped", health.skipped),
        ("repaired", health.repaired),
        ("refreshes", health.refreshes),
    ];
    for (label, value) in figures
        .into_iter()
        .filter(|(label, value)| !matches!(*label, "in no sum" | "remembered") || *value > 0)
    {
        let fault = matches!(label, "skipped" | "repaired") && value > 0;
        let tone = if fault { Tone::Warning } else { Tone::Text };
        out.push(key_value::line(ink, label, ink.line(format::count(value), tone)));
    }
    let mut watch = ink.line(health.watch.word(), Tone::Text);
    if let Some(lag) = health.lag_ms {
        watch.push_span(
            ink.span(
                format!("  read {} after the change", format::duration(Millis(lag as i64))),
                Tone::Muted,
            ),
        );
    }
    out.push(key_value::line(ink, "noticed by", watch));
    if let Some(note) = &health.watch_note {
        out.extend(key_value::block(ink, "", note, Tone::Muted, width));
    }
    for (at, place) in health.watched.iter().enumerate() {
        out.extend(key_value::block(ink, if at == 0 { "watched" } else { "" }, place, Tone::Text, width));
    }
    for (label, at) in [("last change", health.last_change), ("read well", health.last_good)] {
        if let Some(at) = at {
            let text = format!("{}  {}", at.full(cx.zone), format::ago(cx.now, at));
            out.push(key_value::line(ink, label, ink.line(text, Tone::Text)));
        }
    }
    if !health.contents.is_empty() {
        out.push(Line::default());
        for (at, found) in health.contents.iter().enumerate() {
            let place = if found.place.is_empty() { String::new() } else { format!("  {}", found.place) };
            let text = format!("{:>7} {}{place}", format::count(found.count), found.what);
            out.push(key_value::line(ink, if at == 0 { "found" } else { "" }, ink.line(text, Tone::Text)));
        }
    }
    if !health.notes.is_empty() {
        out.push(Line::default());
        for (at, note) in health.notes.iter().enumerate() {
            out.extend(key_value::block(ink, if at == 0 { "notes" } else { "" }, note, Tone::Text, width));
        }
    }
    out
}
