//! What a filter looks at beside agents and tasks: projects, the catalog, lines of logs.

use super::{
    AgentSubject, Field, Subject, TaskSubject,
    subject::{seconds, workspace_texts},
};
use crate::{
    model::{CatalogItem, CatalogKind, Id, Level, LogLine, Project, SourceId, Status, Timestamp, Usd},
    query::{projects::Tally, roles::RoleUse},
    store::Store,
    viewer::{Facts, Outcome},
};

/// A project.
pub struct ProjectSubject<'a> {
    /// Where it is known.
    pub store: &'a Store,
    /// Its id.
    pub id: Id<Project>,
    /// Itself.
    pub project: &'a Project,
    /// What was counted for it.
    pub tally: &'a Tally,
}

impl Subject for ProjectSubject<'_> {
    fn status(&self) -> Status {
        self.project.status
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        let key = self.store.projects.key(self.id);
        match field {
            Field::Name => look(&self.project.name),
            Field::Workspace => workspace_texts(self.project.workspace.as_ref(), look),
            Field::Source => key.iter().for_each(|key| look(self.store.source_kind(key.source))),
            Field::Id => key.iter().for_each(|key| look(&key.local)),
            Field::Kind => look("project"),
            _ => {}
        }
    }

    fn number(&self, field: Field, now: Timestamp) -> Option<f64> {
        match field {
            Field::Cost => self.tally.cost.amount.map(Usd::dollars),
            Field::Tokens => Some(self.tally.totals.tokens.total() as f64),
            Field::Age => self.project.created_at.map(|start| seconds(now.since(start))),
            _ => None,
        }
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        for field in [Field::Name, Field::Workspace, Field::Id] {
            self.texts(field, look);
        }
        let project = self.project;
        for text in [&project.description, &project.status_note].into_iter().flatten() {
            look(text);
        }
        look(project.status.word());
    }
}

/// An item of the catalog.
pub struct ItemSubject<'a> {
    /// Where it is known.
    pub store: &'a Store,
    /// Its id.
    pub id: Id<CatalogItem>,
    /// Itself.
    pub item: &'a CatalogItem,
}

impl Subject for ItemSubject<'_> {
    fn status(&self) -> Status {
        self.item.status
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        let item = self.item;
        let key = self.store.catalog.key(self.id);
        match field {
            Field::Name => look(&item.name),
            Field::Role if item.kind == CatalogKind::Agent => look(&item.name),
            Field::Model => item.model.iter().for_each(|text| look(text)),
            Field::Workspace => workspace_texts(item.workspace.as_ref(), look),
            Field::Source => key.iter().for_each(|key| look(self.store.source_kind(key.source))),
            Field::Id => key.iter().for_each(|key| look(&key.local)),
            Field::Kind => {
                look(item.kind.word());
                item.category.iter().for_each(|text| look(text));
            }
            _ => {}
        }
    }

    fn number(&self, _: Field, _: Timestamp) -> Option<f64> {
        None
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        for field in [Field::Name, Field::Kind, Field::Model, Field::Workspace] {
            self.texts(field, look);
        }
        let item = self.item;
        let said = [&item.description, &item.status_note];
        for text in said.into_iter().flatten().chain(&item.capabilities).chain(&item.tools) {
            look(text);
        }
        look(item.status.word());
    }
}

/// A role that agents have and no source defines.
pub struct RoleSubject<'a> {
    /// What its agents did.
    pub role: &'a RoleUse,
}

impl Subject for RoleSubject<'_> {
    fn status(&self) -> Status {
        Status::Unknown
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        match field {
            Field::Name | Field::Role => look(&self.role.name),
            Field::Kind => look(CatalogKind::Agent.word()),
            _ => {}
        }
    }

    fn number(&self, _: Field, _: Timestamp) -> Option<f64> {
        None
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        look(&self.role.name);
        look(CatalogKind::Agent.word());
        look(super::super::catalog::UNDEFINED);
    }
}

/// A line of a log: its own words, and the facts of the agent that wrote it, else of the task it is about.
pub struct LineSubject<'a> {
    /// Where it is known.
    pub store: &'a Store,
    /// Who told it.
    pub source: SourceId,
    /// Itself.
    pub line: &'a LogLine,
}

impl LineSubject<'_> {
    fn owner(&self) -> Option<Box<dyn Subject + '_>> {
        let store = self.store;
        let author = self.line.agent.as_ref().and_then(|key| store.agents.id(key));
        if let Some((id, agent)) = author.and_then(|id| Some((id, store.agents.get(id)?))) {
            return Some(Box::new(AgentSubject { store, id, agent }));
        }
        let id = store.tasks.id(self.line.task.as_ref()?)?;
        Some(Box::new(TaskSubject { store, id, task: store.tasks.get(id)? }))
    }
}

impl Subject for LineSubject<'_> {
    fn has(&self, _: Field) -> bool {
        true
    }

    fn level(&self) -> Option<Level> {
        Some(self.line.level)
    }

    fn status(&self) -> Status {
        self.owner().map_or(Status::Unknown, |owner| owner.status())
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        match self.owner() {
            _ if field == Field::Source => look(self.store.source_kind(self.source)),
            _ if field == Field::Tool => self.line.tool.iter().for_each(|text| look(text)),
            // No source tells how a call ended in a field of its own; an error says it.
            _ if field == Field::Outcome && self.line.level == Level::Error => look(Outcome::Failed.word()),
            Some(owner) if field == Field::Agent => owner.texts(Field::Name, look),
            _ if field == Field::Agent => self.line.agent.iter().for_each(|key| look(&key.local)),
            Some(owner) => owner.texts(field, look),
            None => {}
        }
    }

    fn number(&self, field: Field, now: Timestamp) -> Option<f64> {
        self.owner().and_then(|owner| owner.number(field, now))
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        look(&self.line.text);
        self.line.tool.iter().for_each(|text| look(text));
        self.texts(Field::Name, look);
    }
}

/// A line of a file, as far as it was recognised.
pub struct FactsSubject<'a> {
    /// What it says.
    pub facts: &'a Facts,
    /// All of it.
    pub raw: &'a str,
    /// What its log is called.
    pub log: &'a str,
}

impl Subject for FactsSubject<'_> {
    fn has(&self, field: Field) -> bool {
        field.is_of_lines() || matches!(field, Field::Name | Field::Age)
    }

    fn level(&self) -> Option<Level> {
        Some(self.facts.weight())
    }

    fn status(&self) -> Status {
        Status::Unknown
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        match field {
            Field::Tool => self.facts.tool.iter().for_each(|text| look(text)),
            Field::Agent => self.facts.agent.iter().for_each(|text| look(text)),
            Field::Outcome => self.facts.outcome.iter().for_each(|outcome| look(outcome.word())),
            Field::Name => look(self.log),
            _ => {}
        }
    }

    fn number(&self, field: Field, now: Timestamp) -> Option<f64> {
        match field {
            Field::Age => self.facts.at.map(|at| seconds(now.since(at))),
            _ => None,
        }
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        look(self.raw);
        look(&self.facts.message);
    }
}
