//! Everything known of one item of the catalog, line by line.

use ratatui::text::{Line, Span};

use super::draw;
use crate::{
    model::{CatalogItem, StepDefinition},
    panels::{
        Cx, cells,
        page::{MOST, Page},
    },
    query::{
        catalog::{self, Listed, UNDEFINED},
        roles::RoleUse,
    },
    text::{Safe, format},
    theme::Tone,
};

/// Levels a step is indented at most.
const DEEPEST: usize = 8;
/// Rounds in which levels of steps settle; only rings need more.
const ROUNDS: usize = 64;

/// The lines of the detail.
pub(super) fn lines(cx: &Cx<'_>, row: &Listed, width: usize) -> Vec<Line<'static>> {
    let mut page = Page::new(cx, width);
    let item = row.id.and_then(|id| cx.store.catalog.get(id));
    match item {
        Some(item) => state(&mut page, item),
        None => page.block("status", UNDEFINED, Tone::Warning),
    }
    if let Some(usage) = &row.usage {
        self::usage(&mut page, usage);
    }
    if let Some(item) = item {
        steps(&mut page, item);
        list(&mut page, "Capabilities", &item.capabilities);
        list(&mut page, "Tools", &item.tools);
        about(&mut page, row, item);
    }
    page.lines
}

fn state(page: &mut Page<'_>, item: &CatalogItem) {
    page.line("kind", page.ink.line(item.kind.word(), Tone::Text));
    if let Some(state) = draw::state(page.cx, item) {
        page.line("state", state);
    }
    if let Some(note) = &item.status_note {
        page.block("note", note, draw::note_tone(item));
    }
    page.date("checked", item.checked_at);
    page.fact("about", item.description.as_deref());
}

fn usage(page: &mut Page<'_>, usage: &RoleUse) {
    let ink = page.ink;
    page.heading("Use");
    if usage.agents == 0 {
        page.line("agents", ink.line("none had this role", Tone::Muted));
        return;
    }
    let counts = format!(
        "{} live of {}  {} succeeded  {} failed  {} cancelled",
        usage.live, usage.agents, usage.succeeded, usage.failed, usage.cancelled
    );
    page.fact("agents", Some(&counts));
    page.fact("success", usage.success_percent().map(format::percent).as_deref());
    page.fact("median time", usage.median.map(format::duration).as_deref());
    let mut money = cells::cost(ink, &usage.cost);
    money.push_span(ink.span(format!("  {}", cells::cost_note(&usage.cost)), Tone::Muted));
    page.line("cost", money);
    page.fact("tokens", Some(&format::count(usage.totals.tokens.total())));
    page.date("active", usage.updated_at);
}

/// Steps in the order in which they can run, indented by what they wait for.
fn steps(page: &mut Page<'_>, item: &CatalogItem) {
    if item.steps.is_empty() {
        return;
    }
    let problems = match catalog::problems(item) {
        0 => String::new(),
        count => format!("  {}", format::plural(count, "problem")),
    };
    page.heading(&format!("Steps  {}{problems}", item.steps.len()));
    let levels = levels(&item.steps);
    let mut order: Vec<(usize, &StepDefinition)> = levels.into_iter().zip(&item.steps).collect();
    order.sort_by_key(|(level, _)| *level);
    for (level, step) in order.into_iter().take(MOST) {
        self::step(page, &item.steps, level.min(DEEPEST), step);
    }
    page.rest(item.steps.len());
}

fn step(page: &mut Page<'_>, all: &[StepDefinition], level: usize, step: &StepDefinition) {
    let ink = page.ink;
    let indent = " ".repeat(level * 2);
    let name = step.name.as_ref().filter(|name| **name != step.id);
    let mut line = Line::from(vec![
        Span::raw(indent.clone()),
        ink.span(format!("{} ", page.cx.glyphs.dot), Tone::Faint),
        Span::styled(step.id.to_string(), ink.bold(Tone::Text)),
    ]);
    if let Some(name) = name {
        line.push_span(ink.span(format!("  {name}"), Tone::Text));
    }
    let does = step.agent.as_ref().or(step.kind.as_ref());
    if let Some(does) = does {
        line.push_span(ink.span(format!("  {does}"), Tone::Info));
    }
    page.lines.push(line);
    let names = |names: &[Safe]| names.iter().map(Safe::as_str).collect::<Vec<_>>().join(", ");
    let mut told = Vec::new();
    if !step.depends_on.is_empty() {
        told.push(format!("after {}", names(&step.depends_on)));
    }
    told.extend(step.fallback.as_ref().map(|other| format!("if it fails: {other}")));
    told.extend(
        all.iter()
            .filter(|other| other.fallback.as_ref() == Some(&step.id))
            .map(|other| format!("when {} fails", other.id)),
    );
    if !told.is_empty() {
        let text = told.join(&format!(" {} ", page.cx.glyphs.dot));
        page.prose(&text, level * 2 + 2, Tone::Muted);
    }
    if let Some(problem) = &step.problem {
        page.prose(problem, level * 2 + 2, Tone::Warning);
    }
}

/// How many steps must end one after the other before each can begin. Unknown steps count for nothing; a ring stops at
/// [`DEEPEST`].
fn levels(steps: &[StepDefinition]) -> Vec<usize> {
    let numbers: std::collections::HashMap<&Safe, usize> =
        steps.iter().enumerate().map(|(at, step)| (&step.id, at)).collect();
    let mut levels = vec![0_usize; steps.len()];
    for _ in 0..ROUNDS {
        let next: Vec<usize> = steps
            .iter()
            .map(|step| {
                let known = step.depends_on.iter().filter_map(|id| levels.get(*numbers.get(id)?));
                known.map(|level| level + 1).max().unwrap_or(0)
            })
            .collect();
        if next == levels {
            break;
        }
        levels = next;
    }
    levels
}

fn list(page: &mut Page<'_>, title: &str, entries: &[Safe]) {
    if entries.is_empty() {
        return;
    }
    page.heading(&format!("{title}  {}", entries.len()));
    let words: Vec<&str> = entries.iter().map(Safe::as_str).collect();
    page.prose(&words.join(", "), 0, Tone::Text);
}

fn about(page: &mut Page<'_>, row: &Listed, item: &CatalogItem) {
    let store = page.cx.store;
    page.heading("Definition");
    let key = row.id.and_then(|id| store.catalog.key(id));
    let project =
        item.project.as_ref().map(|key| store.projects.find(key).map_or(&key.local, |one| &one.name));
    let place = item.raw.as_ref().map(crate::model::RawRef::place);
    let version = if item.steps.is_empty() { "category" } else { "version" };
    page.fact(version, item.category.as_deref());
    page.fact("model", item.model.as_deref());
    page.fact("valid in", item.workspace.as_ref().map(|workspace| workspace.identity().as_str()));
    page.fact("project", project.map(Safe::as_str));
    for (label, text) in &item.facts {
        page.fact(label, Some(text));
    }
    page.fact("id", key.map(|key| key.local.as_str()));
    page.fact("source", key.map(|key| store.source_kind(key.source)));
    page.fact("from", place.as_deref());
}

#[cfg(test)]
mod tests;
