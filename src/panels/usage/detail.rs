//! One group from near: its tokens by kind, what stands behind it, and the tools of the range.

use ratatui::text::Line;

use super::view::{Row, View};
use crate::{
    panels::{Cx, cells, page::Page},
    query::{Cost, cache},
    text::{Safe, format},
    theme::Tone,
    widgets::meter,
};

/// The lines of the detail.
pub(super) fn lines(cx: &Cx<'_>, view: &View, row: &Row, width: usize) -> Vec<Line<'static>> {
    let mut page = Page::new(cx, width);
    let ink = cx.ink();
    let (tokens, totals) = (&row.totals.tokens, &row.totals);
    page.block(view.by.word(), &row.key, Tone::Text);
    let cost = Cost::of(totals);
    let mut line = cells::cost(ink, &cost);
    line.push_span(ink.span(format!("  {}", cells::cost_note(&cost)), Tone::Muted));
    page.line("cost", line);
    page.line("responses", ink.line(format::count(totals.responses), Tone::Text));
    page.line("agents", cells::count(ink, Some(row.users.agents).filter(|count| *count > 0)));
    page.line("tasks", cells::count(ink, Some(row.users.tasks).filter(|count| *count > 0)));
    page.heading(&format!("Tokens  {}", format::count(tokens.total())));
    let kinds = [
        ("input", tokens.input, Tone::Series1),
        ("output", tokens.output, Tone::Series2),
        ("write 5 min", tokens.cache_write_5m, Tone::Series3),
        ("write 1 h", tokens.cache_write_1h, Tone::Series3),
        ("cache read", tokens.cache_read, Tone::Series4),
    ];
    for (name, count, tone) in kinds {
        let percent = count as f64 / tokens.total().max(1) as f64 * 100.0;
        let mut line =
            ink.line(format!("{:>6}  {:>5}  ", format::count(count), format::percent(percent)), Tone::Text);
        line.spans.extend(meter::meter(ink, 20, Some(percent), tone).spans);
        page.line(name, line);
    }
    let hit = cache::hit_percent(tokens)
        .map(|percent| format!("{} of prompts read from the cache", format::percent(percent)));
    page.fact("cached", hit.as_deref());
    let each = |count: u64| (count > 0).then(|| format::count(tokens.total() / count));
    page.fact("a response", each(totals.responses).as_deref());
    page.fact("a task", each(row.users.tasks).as_deref());
    page.heading(&format!("Tool calls of the range  {}", format::count(view.tools.calls())));
    for tool in &view.tools.tools {
        let failed = if tool.failed == 0 { String::new() } else { format!("  {} failed", tool.failed) };
        let mut line = ink.line(format!("{:>6}", format::count(tool.calls)), Tone::Text);
        line.push_span(ink.span(format!("  {}", format::plural(tool.agents as usize, "agent")), Tone::Muted));
        line.push_span(ink.span(failed, Tone::Failed));
        page.line(&Safe::line(&tool.name), line);
    }
    page.lines
}
