//! Everything known of one planned run, line by line.

use ratatui::text::{Line, Span};

use super::{cron, draw};
use crate::{
    model::{Id, Schedule, Timestamp},
    panels::{Cx, cells},
    query::schedules::next_run,
    text::{Safe, format},
    theme::Tone,
    widgets::key_value,
};

/// The lines of the detail.
pub(super) fn lines(cx: &Cx<'_>, id: Id<Schedule>, schedule: &Schedule, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    last(cx, schedule, width, &mut out);
    heading(cx, "Plan", &mut out);
    plan(cx, schedule, width, &mut out);
    heading(cx, "Schedule", &mut out);
    facts(cx, id, schedule, width, &mut out);
    out
}

fn heading(cx: &Cx<'_>, title: &str, out: &mut Vec<Line<'static>>) {
    out.push(Line::default());
    out.push(Line::from(Span::styled(title.to_owned(), cx.ink().bold(Tone::Title))));
}

fn time(cx: &Cx<'_>, label: &str, at: Timestamp, tone: Tone) -> Line<'static> {
    let text = format!("{}  {}", at.full(cx.zone), format::ago(cx.now, at));
    key_value::line(cx.ink(), label, cx.ink().line(text, tone))
}

/// What became of its last run, and how one knows.
fn last(cx: &Cx<'_>, schedule: &Schedule, width: usize, out: &mut Vec<Line<'static>>) {
    let ink = cx.ink();
    let mut state = draw::standing(ink, schedule);
    if schedule.paused && schedule.missed {
        state.push_span(ink.span("  was missed before", Tone::Muted));
    }
    out.push(key_value::line(ink, "state", state));
    if schedule.missed {
        let said = "it was due, and nothing shows that it ran";
        out.extend(key_value::block(ink, "", said, Tone::Text, width));
    }
    if let Some(note) = &schedule.status_note {
        out.extend(key_value::block(ink, "because", note, Tone::Text, width));
    }
    if let Some(status) = schedule.last_status {
        out.push(key_value::line(ink, "last run", cells::status(ink, status)));
    } else if schedule.last_run.is_none() {
        out.push(key_value::line(ink, "last run", ink.line("nothing tells of one", Tone::Muted)));
    }
    if let Some(result) = &schedule.last_result {
        out.extend(key_value::block(ink, "evidence", result, Tone::Text, width));
    }
    for (label, at) in [("was due", schedule.last_due), ("ran", schedule.last_run)] {
        out.extend(at.map(|at| time(cx, label, at, Tone::Text)));
    }
}

fn plan(cx: &Cx<'_>, schedule: &Schedule, width: usize, out: &mut Vec<Line<'static>>) {
    let ink = cx.ink();
    match next_run(schedule) {
        Some(at) if at < cx.now => {
            out.push(time(cx, "next run", at, Tone::Warning));
            out.extend(key_value::block(ink, "", "due, and not heard of yet", Tone::Warning, width));
        }
        Some(at) => out.push(time(cx, "next run", at, Tone::Text)),
        None => {
            let why = if schedule.paused { "none while it is paused" } else { "none is known" };
            out.push(key_value::line(ink, "next run", ink.line(why, Tone::Muted)));
        }
    }
    if let Some(cron) = &schedule.cron {
        let words = cron::words(cron).map_or_else(String::new, |words| format!("  {words}"));
        out.extend(key_value::block(ink, "when", &format!("{cron}{words}"), Tone::Text, width));
    }
    let zone = schedule.zone.as_ref().map_or("of the machine", |zone| zone.as_str());
    out.push(key_value::line(ink, "zone", ink.line(zone.to_owned(), Tone::Text)));
    if let Some(command) = &schedule.command {
        out.extend(key_value::block(ink, "starts", command, Tone::Text, width));
    }
    if schedule.targets.is_empty() {
        out.push(key_value::line(ink, "targets", ink.line("everywhere, or not known", Tone::Muted)));
    }
    for (at, target) in schedule.targets.iter().enumerate() {
        let label = if at == 0 { "targets" } else { "" };
        out.extend(key_value::block(ink, label, target.identity(), Tone::Text, width));
    }
}

fn facts(cx: &Cx<'_>, id: Id<Schedule>, schedule: &Schedule, width: usize, out: &mut Vec<Line<'static>>) {
    let ink = cx.ink();
    let key = cx.store.schedules.key(id);
    let texts = [
        ("for", schedule.description.as_ref().map(Safe::to_string)),
        ("planned in", Some(schedule.planned_in.to_string()).filter(|place| !place.is_empty())),
        ("id", key.map(|key| key.local.to_string())),
        ("source", key.map(|key| cx.store.source_kind(key.source).to_owned())),
    ];
    for (label, text) in texts.into_iter().filter_map(|(label, text)| Some((label, text?))) {
        out.extend(key_value::block(ink, label, &text, Tone::Text, width));
    }
    for (label, text) in &schedule.facts {
        out.extend(key_value::block(ink, label, text, Tone::Text, width));
    }
}
