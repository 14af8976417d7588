//! Definitions for the catalog: workflows of all dialects, and agents.

use std::{collections::BTreeSet, path::Path};

use crate::{
    model::{CatalogItem, CatalogKind, Delta, Key, RawRef, SourceId, Workspace},
    sources::orchestr8::{
        format::Format,
        parse::{
            agents::AgentDefinition,
            workflow::{Definition, Planned},
        },
    },
    text::Safe,
};

/// Where a definition stands.
#[derive(Clone, Debug)]
pub(in super::super) struct Place<'a> {
    pub(in super::super) source: SourceId,
    pub(in super::super) path: &'a Path,
    pub(in super::super) relative: &'a Safe,
    pub(in super::super) workspace: Option<Workspace>,
}

impl Place<'_> {
    /// A file holds one definition, and the same id may stand in several files.
    fn key(&self) -> Key {
        let name = if self.relative.is_empty() {
            Safe::line(&self.path.file_name().unwrap_or_default().to_string_lossy())
        } else {
            self.relative.clone()
        };
        Key::new(self.source, name)
    }

    fn raw(&self) -> RawRef {
        RawRef::File { path: Safe::line(&self.path.to_string_lossy()) }
    }
}

/// A workflow.
pub(in super::super) fn workflow(place: &Place<'_>, plan: &Definition) -> Delta {
    let mut facts = vec![("dialect", Safe::line(plan.dialect.key()))];
    facts.extend(plan.id.clone().map(|id| ("id", id)));
    facts.extend(plan.version.clone().map(|version| ("version", version)));
    if !plan.tags.is_empty() {
        let tags: Vec<&str> = plan.tags.iter().map(Safe::as_str).collect();
        facts.push(("tags", Safe::line(&tags.join(", "))));
    }
    let (steps, groups): (Vec<&Planned>, Vec<&Planned>) = plan.steps.iter().partition(|step| !step.is_group);
    facts.push(("steps", Safe::line(&format!("{} and {} group markers", steps.len(), groups.len()))));
    let agents: BTreeSet<&str> = plan.steps.iter().filter_map(|step| step.agent.as_deref()).collect();
    if !agents.is_empty() {
        let agents: Vec<&str> = agents.into_iter().collect();
        facts.push(("agents", Safe::line(&agents.join(", "))));
    }
    let dropped = plan.steps.iter().any(|step| {
        step.has_condition
            || step.fallback.is_some()
            || step.on_error.as_deref().is_some_and(|word| word != "fail")
    });
    let note = match plan.dialect {
        Format::WorkflowScaffold => Some("`o8 run` rejects this dialect: it can be drawn, not run"),
        Format::WorkflowCanonical if dropped => {
            Some("`o8 run` drops conditions, onError, fallbacks and policies: a run obeys less than is drawn")
        }
        _ => None,
    };
    let item = CatalogItem {
        kind: CatalogKind::Workflow,
        name: plan.name.clone().or_else(|| plan.id.clone()).unwrap_or_else(|| place.key().local),
        description: plan.description.clone(),
        category: plan.version.clone(),
        status_note: note.map(Safe::line),
        steps: plan.for_catalog(),
        workspace: place.workspace.clone(),
        facts,
        raw: Some(place.raw()),
        ..CatalogItem::default()
    };
    Delta::Catalog(place.key(), Box::new(item))
}

/// An agent. `named` are the ids by which workflows name agents.
pub(in super::super) fn agent(place: &Place<'_>, agent: &AgentDefinition, named: &BTreeSet<Safe>) -> Delta {
    let mut facts = Vec::new();
    facts.extend(agent.name.clone().map(|name| ("display name", name)));
    facts.extend(agent.kind.clone().map(|kind| ("type", kind)));
    facts.extend(agent.version.clone().map(|version| ("version", version)));
    facts.extend(agent.settings.iter().cloned());
    let as_named: Vec<&str> = named
        .iter()
        .map(Safe::as_str)
        .filter(|name| *name != agent.id.as_str() && name.rsplit('/').next() == Some(agent.id.as_str()))
        .collect();
    if !as_named.is_empty() {
        facts.push(("workflows may mean it by", Safe::line(&as_named.join(", "))));
    }
    let item = CatalogItem {
        kind: CatalogKind::Agent,
        name: agent.id.clone(),
        description: agent.description.clone().or_else(|| agent.name.clone()),
        category: agent.version.clone(),
        capabilities: agent.capabilities.clone(),
        workspace: place.workspace.clone(),
        facts,
        raw: Some(place.raw()),
        ..CatalogItem::default()
    };
    Delta::Catalog(place.key(), Box::new(item))
}
