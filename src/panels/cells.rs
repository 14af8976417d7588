//! How the facts of agents and tasks are written in cells: one way for all panels.

use ratatui::text::{Line, Span};

use super::Cx;
use crate::{
    model::{
        Agent, CostKind, Health, HealthState, Key, Status, Task, Timestamp, Workspace, price::ModelName,
    },
    query::{Cost, view},
    store::Evidence,
    text::{Safe, format, width as columns_of},
    theme::Tone,
    widgets::{Ink, key_value, line_width},
};

/// Mark and word of a state.
pub(super) fn status(ink: Ink<'_>, status: Status) -> Line<'static> {
    ink.line(format!("{} {}", ink.glyphs.status(status), status.word()), Tone::from(status))
}

/// The mark of a state alone, for rows whose block says the word.
pub(super) fn mark(ink: Ink<'_>, status: Status) -> Span<'static> {
    ink.span(ink.glyphs.status(status), Tone::from(status))
}

/// How a figure changed, in the marks in use: `▲ 18 %`; nothing where there is nothing to compare with.
pub(super) fn change(ink: Ink<'_>, now: f64, before: f64) -> Option<String> {
    let text = format::trend(now, before)?;
    let times = if ink.glyphs.ascii { "x" } else { "×" };
    Some(text.replace('▲', ink.glyphs.up).replace('▼', ink.glyphs.down).replace('×', times))
}

/// Nothing is known.
pub(super) fn none(ink: Ink<'_>) -> Line<'static> {
    ink.line(ink.glyphs.none, Tone::Faint)
}

/// A text, or the mark for nothing.
pub(super) fn text(ink: Ink<'_>, text: Option<&str>, tone: Tone) -> Line<'static> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => ink.line(text.to_owned(), tone),
        None => none(ink),
    }
}

/// A cost cell; what was used without a price says so.
pub(super) fn cost(ink: Ink<'_>, cost: &Cost) -> Line<'static> {
    match cost.text() {
        Some(text) => ink.line(text, Tone::Money),
        None if cost.unpriced > 0 => ink.line("no price", Tone::Warning),
        None => none(ink),
    }
}

/// The state in a detail, and the word of the source for it: beside it, or below where there is no room.
pub(super) fn status_lines(
    ink: Ink<'_>,
    mut status: Line<'static>,
    raw: Option<&Safe>,
    width: usize,
) -> Vec<Line<'static>> {
    let Some(raw) = raw else { return vec![key_value::line(ink, "status", status)] };
    let note = format!("source: {raw}");
    if key_value::LABEL + 2 + line_width(&status) + 2 + columns_of(&note) <= width {
        status.push_span(ink.span(format!("  {note}"), Tone::Muted));
        return vec![key_value::line(ink, "status", status)];
    }
    let below = key_value::block(ink, "", &note, Tone::Muted, width);
    [key_value::line(ink, "status", status)].into_iter().chain(below).collect()
}

/// Where a cost comes from, in words.
pub(super) fn cost_note(cost: &Cost) -> String {
    let kind = match cost.kind {
        CostKind::Recorded => "recorded by the source",
        CostKind::Computed => "estimated from tokens",
        CostKind::Mixed => "partly recorded, partly estimated",
        CostKind::None => "",
    };
    let responses = |count| format::plural(count as usize, "response");
    match (cost.unpriced, cost.floor) {
        (0, true) => format!("{kind}, at least"),
        (0, false) => kind.to_owned(),
        (unpriced, _) if kind.is_empty() => format!("{} without a price", responses(unpriced)),
        (unpriced, _) => format!("{kind}, {} without a price", responses(unpriced)),
    }
}

/// A count, or the mark for nothing.
pub(super) fn count(ink: Ink<'_>, value: Option<u64>) -> Line<'static> {
    match value {
        Some(value) => ink.line(format::count(value), Tone::Text),
        None => none(ink),
    }
}

/// How long ago, or the mark for nothing.
pub(super) fn ago(cx: &Cx<'_>, then: Option<Timestamp>) -> Line<'static> {
    match then {
        Some(then) => cx.ink().line(format::ago(cx.now, then), Tone::Muted),
        None => none(cx.ink()),
    }
}

/// A model cell.
pub(super) fn model_cell(ink: Ink<'_>, name: Option<&Safe>) -> Line<'static> {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => ink.line(ModelName::short(name), Tone::Muted),
        None => none(ink),
    }
}

/// Where else a thing is told of, and how that is known.
pub(super) fn link(cx: &Cx<'_>, key: &Key, evidence: Evidence) -> String {
    let sure = if evidence.is_sure() { "" } else { "probably: " };
    format!("{} {}  ({sure}{})", cx.store.source_kind(key.source), key.local, evidence.words())
}

/// The name of an agent's workspace.
pub(super) fn workspace_of<'a>(cx: &Cx<'a>, agent: &'a Agent) -> Option<&'a Workspace> {
    view::agent_workspace(cx.store, agent)
}

/// Context fill with its warning tone and, from warning on, a mark.
pub(super) fn context(ink: Ink<'_>, agent: &Agent) -> Line<'static> {
    let Some(context) = agent.context.filter(|context| context.window > 0) else { return none(ink) };
    let percent = context.percent();
    let tone = Tone::of_percent(percent);
    let mark = if tone == Tone::Good { "" } else { "!" };
    let tone = if tone == Tone::Good { Tone::Text } else { tone };
    ink.line(format!("{}{mark}", format::percent(percent)), tone)
}

/// What an agent does now, or for what it waits, or why it failed.
pub(super) fn doing(cx: &Cx<'_>, agent: &Agent) -> Line<'static> {
    let ink = cx.ink();
    let error = || {
        let task = agent.task.as_ref().and_then(|key| cx.store.tasks.find(key));
        task.and_then(|task| task.error.as_ref()).map(Safe::first_line)
    };
    let why = match agent.status {
        Status::Waiting | Status::Blocked => agent.waiting_for.as_deref(),
        Status::Failed => agent.status_note.as_deref().or_else(error),
        _ => None,
    };
    if let Some(why) = why {
        return ink.line(why.to_owned(), Tone::from(agent.status));
    }
    let said = agent.activity.as_ref().filter(|_| !agent.status.is_over()).or(agent.status_note.as_ref());
    text(ink, said.map(Safe::as_str), Tone::Muted)
}

/// Since when an agent has its state, as far as anything tells.
pub(super) fn since(agent: &Agent) -> Option<Timestamp> {
    agent.status_since.or(if agent.status.is_over() { agent.ended_at } else { None }).or(agent.updated_at)
}

/// Title of a task; a task without one shows its prompt.
pub(super) fn title(task: &Task) -> &str {
    if task.title.is_empty() { task.prompt.first_line() } else { &task.title }
}

/// Mark, word and tone of a source's state.
pub(super) fn health(ink: Ink<'_>, health: &Health) -> (String, Tone) {
    let (mark, word, tone) = match health.state {
        HealthState::CatchingUp => (ink.glyphs.status(Status::Queued), "reading", Tone::Info),
        HealthState::Live => (ink.glyphs.status(Status::Running), "live", Tone::Good),
        HealthState::Stale => (ink.glyphs.status(Status::Waiting), "stale", Tone::Warning),
        HealthState::Failed => (ink.glyphs.status(Status::Failed), "failed", Tone::Critical),
        HealthState::Empty => (ink.glyphs.status(Status::Unknown), "empty", Tone::Muted),
    };
    (format!("{mark} {word}"), tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{Glyphs, Theme};

    #[test]
    fn the_word_of_the_source_is_read_whole() {
        let theme = Theme::default();
        let ink = Ink { theme: &theme, glyphs: &Glyphs::UNICODE };
        let raw = Safe::line("in_progress");
        let rows = |width| {
            let lines = status_lines(ink, status(ink, Status::Running), Some(&raw), width);
            lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(rows(60), ["status        ● running  source: in_progress"]);
        assert_eq!(rows(36), ["status        ● running", "              source: in_progress"]);
    }
}
