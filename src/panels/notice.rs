//! What a panel shows when it has nothing to show: what was looked for, where, and what to do next.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{Cx, cells};
use crate::{
    input::Action,
    model::{Health, HealthState},
    text::{format, pad_right},
    theme::Tone,
    widgets::{meter, put, put_right, wrap},
};

/// Why there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// No source is open at all.
    NoSource,
    /// Sources are being read for the first time.
    Loading,
    /// Every source failed.
    Broken,
    /// Sources are fine and hold nothing of the kind.
    Empty,
}

/// Why a store without things has none.
pub(super) fn absence(cx: &Cx<'_>) -> Absence {
    let mut states = cx.store.sources().map(|(_, health)| health.state).peekable();
    if states.peek().is_none() {
        return Absence::NoSource;
    }
    let states: Vec<HealthState> = states.collect();
    if states.contains(&HealthState::CatchingUp) {
        Absence::Loading
    } else if states.iter().all(|state| matches!(state, HealthState::Failed | HealthState::Stale)) {
        Absence::Broken
    } else {
        Absence::Empty
    }
}

/// Draws the notice of a panel without `noun` (`agents`).
pub(super) fn absent(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, noun: &str) {
    let ink = cx.ink();
    let (title, said, tone) = match absence(cx) {
        Absence::NoSource => {
            ("Nothing to watch", "No source of agents was found on this machine.".to_owned(), Tone::Warning)
        }
        Absence::Loading => {
            ("Reading", "The first read is under way; rows appear as they come.".to_owned(), Tone::Info)
        }
        Absence::Broken => {
            ("No source can be read", "Every source that was found failed.".to_owned(), Tone::Critical)
        }
        Absence::Empty => ("Nothing yet", format!("The sources below hold no {noun}."), Tone::Muted),
    };
    let mut lines = vec![Line::from(ratatui::text::Span::styled(title, ink.bold(tone))), Line::default()];
    let width = usize::from(area.width).saturating_sub(4).clamp(20, 100);
    lines.extend(wrap::wrap(&said, width).into_iter().map(|part| ink.line(part, Tone::Text)));
    lines.push(Line::default());
    for (_, health) in cx.store.sources() {
        lines.extend(source(cx, health, width));
    }
    if cx.store.sources().next().is_some() {
        lines.push(Line::default());
    }
    lines.extend(next_steps(cx));
    draw(cx, area, buf, &lines);
}

fn source(cx: &Cx<'_>, health: &Health, width: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let (state, tone) = cells::health(ink, health);
    let mut first = Line::from(vec![
        ink.span(pad_right(&state, 9), tone),
        ink.span(format!("  {}  ", pad_right(health.kind, 18)), Tone::Text),
        ink.span(health.path.to_string(), Tone::Muted),
    ]);
    if let Some((done, all)) = health.progress.filter(|_| health.state == HealthState::CatchingUp) {
        let percent = if all == 0 { 0.0 } else { done as f64 / all as f64 * 100.0 };
        first.push_span(ink.span("  ", Tone::Text));
        first.spans.extend(meter::meter(ink, 20, Some(percent), Tone::Info).spans);
        first.push_span(ink.span(format!(" {}", format::percent(percent)), Tone::Text));
    }
    let mut lines = vec![first];
    for (text, tone) in [(&health.error, Tone::Critical), (&health.remedy, Tone::Text)] {
        for part in text.iter().flat_map(|text| wrap::wrap(text, width.saturating_sub(11))) {
            lines.push(Line::from(vec![ink.span(" ".repeat(11), Tone::Text), ink.span(part, tone)]));
        }
    }
    lines
}

fn next_steps(cx: &Cx<'_>) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let step = |command: &str, what: &str| {
        Line::from(vec![ink.span(pad_right(command, 32), Tone::Key), ink.span(what.to_owned(), Tone::Muted)])
    };
    match absence(cx) {
        Absence::Loading => Vec::new(),
        Absence::Empty => vec![
            step("orchdash demo", "shows a pretend fleet"),
            step("orchdash doctor", "says where it looked"),
        ],
        Absence::NoSource | Absence::Broken => vec![
            step("orchdash doctor", "says where it looked and what is wrong"),
            step("orchdash --source KIND=PATH", "watches a place of your choice"),
            step("orchdash demo", "shows a pretend fleet"),
        ],
    }
}

/// Draws the notice that the wanted part of the fleet is empty, though there are `all` of `noun`.
pub(super) fn unmatched(
    cx: &Cx<'_>,
    area: Rect,
    buf: &mut Buffer,
    all: usize,
    noun: &str,
    hint: Option<(Action, &str)>,
) {
    let ink = cx.ink();
    let narrowed = !cx.view.filter.trim().is_empty() || !cx.view.workspaces.is_empty();
    // Without a filter only what is over can be out of sight.
    let said = if narrowed {
        format!("None of {} matches", format::plural(all, noun))
    } else {
        format!("Nothing goes on: {} ended", format::plural(all, noun))
    };
    let mut lines = vec![Line::from(ratatui::text::Span::styled(said, ink.bold(Tone::Title)))];
    lines.push(Line::default());
    let said = |label: &str, value: String| {
        Line::from(vec![ink.span(pad_right(label, 12), Tone::Muted), ink.span(value, Tone::Text)])
    };
    if !cx.view.filter.trim().is_empty() {
        lines.push(said("filter", cx.view.filter.clone()));
    }
    if !cx.view.workspaces.is_empty() {
        lines.push(said("workspaces", cx.view.workspaces.join(", ")));
    }
    let key = |action: Action, what: &str| {
        Line::from(vec![
            ink.span(pad_right(&cx.keymap.key_of(action).unwrap_or_default(), 12), Tone::Key),
            ink.span(what.to_owned(), Tone::Muted),
        ])
    };
    if !cx.view.filter.trim().is_empty() {
        lines.push(key(Action::ClearFilter, "show everything again"));
    }
    lines.extend(hint.map(|(action, what)| key(action, what)));
    draw(cx, area, buf, &lines);
}

/// Says, at the right end of a line, which terms of the filter have no effect on these rows.
pub(super) fn idle(cx: &Cx<'_>, terms: &[&str], area: Rect, buf: &mut Buffer) {
    if terms.is_empty() || area.width < 4 {
        return;
    }
    let words: Vec<String> = terms.iter().map(|term| format!("{term}:")).collect();
    let line = cx.ink().line(format!("{} has no effect here", words.join(" ")), Tone::Muted);
    put_right(buf, area.x + 2, area.y, area.width - 3, &line, cx.glyphs);
}

fn draw(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, lines: &[Line<'_>]) {
    let widest =
        lines.iter().map(crate::widgets::line_width).max().unwrap_or(0).min(usize::from(area.width)) as u16;
    let left = (area.width - widest) / 3;
    let x = area.x + left.min(area.width.saturating_sub(1));
    let top = area.y + (area.height.saturating_sub(lines.len() as u16)) / 3;
    for (y, line) in (top..area.bottom()).zip(lines) {
        put(buf, x, y, area.right() - x, line, cx.glyphs);
    }
}
