//! What can be put to work: agents from definitions, the registry file and the registry table, MCP servers from tables and
//! configurations against what is required, webhooks. One item a name, whoever speaks of it.

use std::collections::BTreeMap;

use super::{
    super::{
        db::Content,
        files::config::{Definition, Registry, Requirements, Server},
        told::Told,
        words,
    },
    Scene,
};
use crate::{
    model::{CatalogItem, CatalogKind, RawRef, Status},
    text::Safe,
};

/// Everything a catalog is made of.
#[derive(Default)]
pub(in super::super) struct Shelf<'a> {
    /// Databases with where they are and the beginning of their keys.
    pub(in super::super) databases: Vec<(&'a Content, Safe, String)>,
    pub(in super::super) definitions: Vec<(&'a Definition, Safe)>,
    pub(in super::super) registries: Vec<(&'a Registry, Safe)>,
    pub(in super::super) requirements: Vec<&'a Requirements>,
    /// Of the desktop program.
    pub(in super::super) desktop: Vec<&'a Server>,
    /// Of the code program; `None` when it has no such file.
    pub(in super::super) code: Option<Vec<&'a Server>>,
}

/// Tells every item.
pub(in super::super) fn tell(shelf: &Shelf<'_>, scene: Scene<'_>, told: &mut Told) {
    for (name, item) in agents(shelf) {
        told.catalog(scene.own.key(&format!("agent/{name}")), item);
    }
    for (name, item) in servers(shelf) {
        told.catalog(scene.own.key(&format!("mcp server/{name}")), item);
    }
    for (content, _, prefix) in &shelf.databases {
        for hook in &content.dash.webhooks {
            let is_on = hook.active.unwrap_or(true);
            let project =
                hook.project.as_ref().filter(|id| content.dash.projects.iter().any(|row| row.id == **id));
            let item = CatalogItem {
                kind: CatalogKind::Webhook,
                name: hook.address.clone().unwrap_or_else(|| hook.id.clone()),
                status: if is_on { Status::Running } else { Status::Cancelled },
                status_raw: hook.active.map(|is_on| Safe::line(if is_on { "active" } else { "inactive" })),
                status_note: Some(Safe::line("stored only: the dashboard never calls it")),
                capabilities: hook.events.clone(),
                project: project.map(|id| scene.own.key(&format!("{prefix}project/{id}"))),
                facts: hook.created.map(|at| ("made", Safe::line(&at.to_string()))).into_iter().collect(),
                // Its row holds headers, which are secret.
                raw: None,
                ..CatalogItem::default()
            };
            told.catalog(scene.own.key(&format!("{prefix}webhook/{}", hook.id)), item);
        }
    }
}

fn agents(shelf: &Shelf<'_>) -> BTreeMap<Safe, CatalogItem> {
    let mut all: BTreeMap<Safe, CatalogItem> = BTreeMap::new();
    for (definition, path) in &shelf.definitions {
        let Some(name) = &definition.name else { continue };
        let item = of_name(&mut all, name, CatalogKind::Agent);
        item.description.clone_from(&definition.description);
        item.model.clone_from(&definition.model);
        item.tools.clone_from(&definition.tools);
        item.facts.extend(definition.color.clone().map(|color| ("color", color)));
        item.facts.push(("definition", path.clone()));
        item.raw = Some(RawRef::File { path: path.clone() });
    }
    for (registry, path) in &shelf.registries {
        for entry in &registry.agents {
            let item = of_name(&mut all, &entry.name, CatalogKind::Agent);
            item.description = item.description.take().or_else(|| entry.description.clone());
            item.category.clone_from(&entry.category);
            item.capabilities.clone_from(&entry.expertise);
            if !entry.collaborates.is_empty() {
                item.facts.push(("collaborates with", joined(&entry.collaborates)));
            }
            let patterns = registry.patterns.iter().filter(|(_, agents)| agents.contains(&entry.name));
            item.facts.extend(patterns.map(|(name, _)| ("collaboration pattern", name.clone())));
            item.raw = item.raw.take().or_else(|| Some(RawRef::File { path: path.clone() }));
        }
    }
    for (content, path, _) in &shelf.databases {
        for row in &content.collab.registry {
            let item = of_name(&mut all, &row.name, CatalogKind::Agent);
            item.description = item.description.take().or_else(|| row.description.clone());
            if item.capabilities.is_empty() {
                item.capabilities.clone_from(&row.expertise);
            }
            if item.tools.is_empty() {
                item.tools.clone_from(&row.tools);
            }
            if row.shifted {
                let text = "its columns are shifted left by one; read where they belong";
                item.facts.push(("registry table", Safe::line(text)));
            }
            item.raw = item.raw.take().or_else(|| {
                let (table, column, key) = ("agent_registry", "name", row.name.clone());
                Some(RawRef::Row { path: path.clone(), table, column, key })
            });
        }
    }
    for requirements in &shelf.requirements {
        for (agent, needed) in &requirements.by_agent {
            let Some(item) = all.get_mut(&lower(agent)) else { continue };
            item.facts.push(("needs MCP servers", joined(needed)));
            if let Some(code) = &shelf.code {
                let missing: Vec<Safe> = needed
                    .iter()
                    .filter(|name| !code.iter().any(|server| server.name == **name))
                    .cloned()
                    .collect();
                if !missing.is_empty() {
                    item.status_note = Some(Safe::line(&format!(
                        "MCP servers it needs are not configured: {}",
                        joined(&missing)
                    )));
                }
            }
        }
    }
    all
}

fn servers(shelf: &Shelf<'_>) -> BTreeMap<Safe, CatalogItem> {
    let mut all: BTreeMap<Safe, CatalogItem> = BTreeMap::new();
    for (content, _, _) in &shelf.databases {
        for row in &content.dash.servers {
            let item = of_name(&mut all, &row.name, CatalogKind::McpServer);
            let is_newer = item.status_raw.is_none() || item.checked_at < row.checked;
            if is_newer && let Some(word) = &row.status {
                item.status = match word.as_str() {
                    "available" => Status::Idle,
                    "not available" => Status::Failed,
                    word => words::status(word),
                };
                item.status_raw = Some(word.clone());
                item.checked_at = row.checked;
            }
            if row.checked.is_none() && item.checked_at.is_none() {
                item.status_note = Some(Safe::line("never checked"));
            }
            item.facts.extend(row.command.clone().map(|command| ("command", command)));
            item.facts.extend(row.error.clone().map(|error| ("error", error)));
        }
    }
    let configured = [("Desktop", Some(&shelf.desktop)), ("Code", shelf.code.as_ref())];
    for (place, list) in configured {
        for server in list.into_iter().flatten() {
            let item = of_name(&mut all, &server.name, CatalogKind::McpServer);
            item.facts.push(("configured in", Safe::line(place)));
            item.facts.extend(server.command.clone().map(|command| ("command", command)));
        }
    }
    for requirements in &shelf.requirements {
        require(requirements, shelf, &mut all);
    }
    all
}

/// Any alternative that is configured for Code meets a requirement. Without that file nothing can be said.
fn require(requirements: &Requirements, shelf: &Shelf<'_>, all: &mut BTreeMap<Safe, CatalogItem>) {
    let is_configured =
        |name: &Safe| shelf.code.as_ref().map(|code| code.iter().any(|server| server.name == *name));
    for required in &requirements.required {
        let how = if required.critical { "required (critical)" } else { "required" };
        let met = required.alternatives.iter().find(|name| is_configured(name) == Some(true));
        if let Some(name) = met {
            let item = of_name(all, name, CatalogKind::McpServer);
            item.description = item.description.take().or_else(|| required.description.clone());
            item.facts.push(("requirement", Safe::line(&format!("{}: {how}, met", required.name))));
            continue;
        }
        let item = of_name(all, &required.name, CatalogKind::McpServer);
        item.description = item.description.take().or_else(|| required.description.clone());
        item.facts.push(("alternatives", joined(&required.alternatives)));
        let state =
            if shelf.code.is_some() { "but not configured" } else { "and nothing says what is configured" };
        item.status_note = Some(Safe::line(&format!("{how} {state}")));
    }
    for name in &requirements.recommended {
        let item = of_name(all, name, CatalogKind::McpServer);
        item.facts.push(("requirement", Safe::line("recommended")));
        if is_configured(name) == Some(false) && item.status_note.is_none() {
            item.status_note = Some(Safe::line("recommended but not configured"));
        }
    }
}

fn of_name<'a>(
    all: &'a mut BTreeMap<Safe, CatalogItem>,
    name: &Safe,
    kind: CatalogKind,
) -> &'a mut CatalogItem {
    all.entry(lower(name)).or_insert_with(|| CatalogItem {
        kind,
        name: name.clone(),
        ..CatalogItem::default()
    })
}

fn lower(name: &Safe) -> Safe {
    Safe::line(&name.to_lowercase())
}

fn joined(names: &[Safe]) -> Safe {
    let words: Vec<&str> = names.iter().map(Safe::as_str).collect();
    Safe::line(&words.join(", "))
}
