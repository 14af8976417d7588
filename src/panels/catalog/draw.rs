//! Rows of the Catalog panel → cells. Every kind has the columns that say something of it.

use ratatui::text::Line;

use super::view::Field;
use crate::{
    model::{CatalogItem, CatalogKind, Status},
    panels::{Cx, cells, listing::Sortable},
    query::{
        catalog::{self, Listed, UNDEFINED},
        roles::RoleUse,
    },
    text::format,
    theme::Tone,
    widgets::Column,
};

const ALL: [Sortable<Field>; 7] = [
    (Column::text("kind", 10, 10, 0, 0), Field::Kind, false),
    (Column::text("name", 12, 24, 0, 1), Field::Name, false),
    (Column::text("about", 20, 48, 1, 4), Field::StateAndAbout, false),
    (Column::text("model", 9, 12, 7, 0), Field::Model, false),
    (Column::number("agents", 8, 2), Field::Agents, true),
    (Column::number("success", 7, 5), Field::Success, true),
    (Column::number("cost", 9, 4), Field::Cost, true),
];
const AGENTS: [Sortable<Field>; 10] = [
    (Column::text("role", 14, 24, 0, 1), Field::Name, false),
    (Column::text("about", 16, 40, 4, 4), Field::About, false),
    (Column::text("category", 10, 14, 9, 0), Field::Category, false),
    (Column::text("model", 9, 12, 3, 0), Field::Model, false),
    (Column::text("tools", 5, 24, 6, 2), Field::Tools, true),
    (Column::number("agents", 8, 1), Field::Agents, true),
    (Column::number("success", 7, 1), Field::Success, true),
    (Column::number("cost", 9, 2), Field::Cost, true),
    (Column::number("median", 7, 7), Field::Median, true),
    (Column::text("source", 8, 18, 10, 0), Field::Source, false),
];
const WORKFLOWS: [Sortable<Field>; 6] = [
    (Column::text("workflow", 16, 28, 0, 1), Field::Name, false),
    (Column::text("about", 16, 48, 2, 4), Field::About, false),
    (Column::text("version", 7, 12, 4, 0), Field::Category, false),
    (Column::number("steps", 5, 1), Field::Steps, true),
    (Column::number("problems", 8, 1), Field::Problems, true),
    (Column::text("source", 8, 18, 6, 0), Field::Source, false),
];
const SERVERS: [Sortable<Field>; 7] = [
    (Column::text("state", 11, 14, 0, 0), Field::State, false),
    (Column::text("name", 14, 26, 0, 1), Field::Name, false),
    (Column::text("about", 24, 52, 1, 4), Field::About, false),
    (Column::text("tools", 5, 24, 5, 2), Field::Tools, true),
    (Column::number("checked", 8, 2), Field::Checked, true),
    (Column::text("workspace", 11, 18, 4, 0), Field::Workspace, false),
    (Column::text("source", 8, 18, 6, 0), Field::Source, false),
];
const MODELS: [Sortable<Field>; 4] = [
    (Column::text("model", 18, 32, 0, 1), Field::Name, false),
    (Column::text("about", 16, 52, 1, 4), Field::About, false),
    (Column::text("category", 10, 14, 3, 0), Field::Category, false),
    (Column::text("source", 8, 18, 4, 0), Field::Source, false),
];

/// The columns of a kind; of all kinds together without one.
pub(super) fn columns(kind: Option<CatalogKind>) -> &'static [Sortable<Field>] {
    match kind {
        None => &ALL,
        Some(CatalogKind::Agent) => &AGENTS,
        Some(CatalogKind::Workflow) => &WORKFLOWS,
        Some(CatalogKind::McpServer | CatalogKind::Webhook) => &SERVERS,
        Some(CatalogKind::Model) => &MODELS,
    }
}

/// Things of a kind, for the line above the list.
pub(super) fn plural(kind: CatalogKind) -> &'static str {
    match kind {
        CatalogKind::Agent => "agents",
        CatalogKind::Workflow => "workflows",
        CatalogKind::McpServer => "mcp servers",
        CatalogKind::Webhook => "webhooks",
        CatalogKind::Model => "models",
    }
}

/// The cells of one row; the `first` row of a kind stands out.
pub(super) fn cells(cx: &Cx<'_>, row: &Listed, kind: Option<CatalogKind>, first: bool) -> Vec<Line<'static>> {
    let item = row.id.and_then(|id| cx.store.catalog.get(id));
    let tone = if first { Tone::Title } else { Tone::Faint };
    let cell = |field: Field| match field {
        Field::Kind => cx.ink().line(row.kind.word(), tone),
        field => cell(cx, row, item, field),
    };
    columns(kind).iter().map(|(_, field, _)| cell(*field)).collect()
}

fn cell(cx: &Cx<'_>, row: &Listed, item: Option<&CatalogItem>, field: Field) -> Line<'static> {
    let ink = cx.ink();
    let said = |text: Option<&str>| cells::text(ink, text, Tone::Muted);
    let usage = row.usage.as_ref();
    match field {
        Field::Kind => ink.line(row.kind.word(), Tone::Muted),
        Field::StateAndAbout => state_and_about(cx, item),
        Field::Name => ink.line(row.name.to_string(), Tone::Text),
        Field::State => item.and_then(|item| state(cx, item)).unwrap_or_else(|| cells::none(ink)),
        Field::About => about(cx, item),
        Field::Category => said(item.and_then(|item| item.category.as_deref())),
        Field::Model => cells::model_cell(ink, item.and_then(|item| item.model.as_ref())),
        Field::Tools => tools(cx, item),
        Field::Agents => usage.map_or_else(|| cells::none(ink), |usage| agents(cx, usage)),
        Field::Success => success(cx, usage),
        Field::Cost => usage.map_or_else(|| cells::none(ink), |usage| cells::cost(ink, &usage.cost)),
        Field::Median => said(usage.and_then(|usage| usage.median).map(format::duration).as_deref()),
        Field::Steps => cells::count(ink, item.map(|item| item.steps.len() as u64)),
        Field::Problems => problems(cx, item),
        Field::Checked => cells::ago(cx, item.and_then(|item| item.checked_at)),
        Field::Workspace => said(item.and_then(|item| Some(item.workspace.as_ref()?.name.as_str()))),
        Field::Source => {
            let key = row.id.and_then(|id| cx.store.catalog.key(id));
            said(key.map(|key| cx.store.source_kind(key.source)))
        }
    }
}

/// Mark and word of what has a state: servers and webhooks always, other things where the source says one.
pub(super) fn state(cx: &Cx<'_>, item: &CatalogItem) -> Option<Line<'static>> {
    let is_reached = matches!(item.kind, CatalogKind::McpServer | CatalogKind::Webhook);
    let word = match (&item.status_raw, item.status) {
        (Some(raw), _) => raw.as_str(),
        (None, Status::Unknown) if is_reached => "not known",
        (None, Status::Unknown) => return None,
        (None, Status::Cancelled) => "off",
        (None, status) => status.word(),
    };
    Some(cx.ink().line(format!("{} {word}", cx.glyphs.status(item.status)), Tone::from(item.status)))
}

/// What is odd about it, else what it is for.
fn about(cx: &Cx<'_>, item: Option<&CatalogItem>) -> Line<'static> {
    let ink = cx.ink();
    let Some(item) = item else { return ink.line(UNDEFINED, Tone::Warning) };
    let problems = catalog::problems(item);
    let description = item.description.as_ref().map(crate::text::Safe::first_line);
    if problems > 0 {
        let mut line = ink.line(format::plural(problems, "problem"), Tone::Warning);
        let more = description.map(|text| format!(" {} {text}", cx.glyphs.dot)).unwrap_or_default();
        line.push_span(ink.span(more, Tone::Muted));
        return line;
    }
    match &item.status_note {
        Some(note) => ink.line(note.to_string(), note_tone(item)),
        None => cells::text(ink, description, Tone::Muted),
    }
}

/// The state in front of what is odd about it, for the list of all kinds.
fn state_and_about(cx: &Cx<'_>, item: Option<&CatalogItem>) -> Line<'static> {
    let Some(mut line) = item.and_then(|item| state(cx, item)) else { return about(cx, item) };
    line.push_span(cx.ink().span(format!(" {} ", cx.glyphs.dot), Tone::Faint));
    line.spans.extend(about(cx, item).spans);
    line
}

/// How a remark about a state looks: as the state itself, a warning where the state is not known.
pub(super) fn note_tone(item: &CatalogItem) -> Tone {
    match item.status {
        Status::Unknown => Tone::Warning,
        Status::Running | Status::Succeeded => Tone::Muted,
        status => Tone::from(status),
    }
}

/// `3  Read, Edit, Bash`.
fn tools(cx: &Cx<'_>, item: Option<&CatalogItem>) -> Line<'static> {
    let ink = cx.ink();
    let Some(item) = item.filter(|item| !item.tools.is_empty()) else { return cells::none(ink) };
    let names: Vec<&str> = item.tools.iter().map(crate::text::Safe::as_str).collect();
    let mut line = ink.line(format!("{:<3}", names.len()), Tone::Text);
    line.push_span(ink.span(names.join(", "), Tone::Muted));
    line
}

/// `4/475`: live of all.
fn agents(cx: &Cx<'_>, usage: &RoleUse) -> Line<'static> {
    let ink = cx.ink();
    let tone = if usage.live > 0 { Tone::Text } else { Tone::Muted };
    match usage.agents {
        0 => ink.line("unused", Tone::Faint),
        all => ink.line(format!("{}/{}", format::count(usage.live as u64), format::count(all as u64)), tone),
    }
}

/// Below this share of success a role is marked.
const POOR: f64 = 80.0;

fn success(cx: &Cx<'_>, usage: Option<&RoleUse>) -> Line<'static> {
    let ink = cx.ink();
    match usage.and_then(RoleUse::success_percent) {
        Some(percent) if percent < POOR => ink.line(format!("{}!", format::percent(percent)), Tone::Warning),
        Some(percent) => ink.line(format::percent(percent), Tone::Text),
        None => cells::none(ink),
    }
}

fn problems(cx: &Cx<'_>, item: Option<&CatalogItem>) -> Line<'static> {
    let ink = cx.ink();
    match item.map_or(0, catalog::problems) {
        0 => ink.line("0", Tone::Faint),
        count => ink.line(count.to_string(), Tone::Warning),
    }
}
