//! Everything known of one planned run, line by line.

use ratatui::text::Line;

use super::{cron, draw};
use crate::{
    model::{Id, Schedule},
    panels::{Cx, cells, page::Page},
    query::schedules::next_run,
    theme::Tone,
};

/// The lines of the detail.
pub(super) fn lines(cx: &Cx<'_>, id: Id<Schedule>, schedule: &Schedule, width: usize) -> Vec<Line<'static>> {
    let mut page = Page::new(cx, width);
    last(&mut page, schedule);
    page.heading("Plan");
    plan(&mut page, schedule);
    page.heading("Schedule");
    facts(&mut page, id, schedule);
    page.lines
}

/// What became of its last run, and how one knows.
fn last(page: &mut Page<'_>, schedule: &Schedule) {
    let ink = page.ink;
    let mut state = draw::standing(ink, schedule);
    if schedule.paused && schedule.missed {
        state.push_span(ink.span("  was missed before", Tone::Muted));
    }
    page.line("state", state);
    if schedule.missed {
        page.block("", "it was due, and nothing shows that it ran", Tone::Text);
    }
    page.fact("because", schedule.status_note.as_deref());
    if let Some(status) = schedule.last_status {
        page.line("last run", cells::status(ink, status));
    } else if schedule.last_run.is_none() {
        page.block("last run", "nothing tells of one", Tone::Muted);
    }
    page.fact("evidence", schedule.last_result.as_deref());
    page.date("was due", schedule.last_due);
    page.date("ran", schedule.last_run);
}

fn plan(page: &mut Page<'_>, schedule: &Schedule) {
    let next = next_run(schedule);
    page.date("next run", next);
    match next {
        Some(at) if at < page.cx.now => page.block("", "due, and not heard of yet", Tone::Warning),
        Some(_) => {}
        None if schedule.paused => page.block("next run", "none while it is paused", Tone::Muted),
        None => page.block("next run", "none is known", Tone::Muted),
    }
    if let Some(cron) = &schedule.cron {
        let words = cron::words(cron).map_or_else(String::new, |words| format!("  {words}"));
        page.block("when", &format!("{cron}{words}"), Tone::Text);
    }
    page.block("zone", schedule.zone.as_deref().unwrap_or("of the machine"), Tone::Text);
    page.fact("starts", schedule.command.as_deref());
    if schedule.targets.is_empty() {
        page.block("targets", "everywhere, or not known", Tone::Muted);
    }
    for (at, target) in schedule.targets.iter().enumerate() {
        page.block(if at == 0 { "targets" } else { "" }, target.identity(), Tone::Text);
    }
}

fn facts(page: &mut Page<'_>, id: Id<Schedule>, schedule: &Schedule) {
    page.fact("for", schedule.description.as_deref());
    page.fact("planned in", Some(&schedule.planned_in));
    let key = page.cx.store.schedules.key(id);
    page.fact("id", key.map(|key| &*key.local));
    page.fact("source", key.map(|key| page.cx.store.source_kind(key.source)));
    for (label, text) in &schedule.facts {
        page.fact(label, Some(text));
    }
}
