//! What a filter sees of work ahead: planned runs and what waits to be asked. They have names and places, but no model, cost
//! or state of an agent: terms about those do not restrict them.

use super::{
    Field, Subject,
    subject::{seconds, workspace_texts},
};
use crate::{
    model::{BacklogItem, Key, Schedule, Status, Timestamp},
    store::Store,
};

/// Fields of a filter that say something about planned runs.
pub const SCHEDULE_FIELDS: [Field; 4] = [Field::Name, Field::Workspace, Field::Source, Field::Id];
/// Fields of a filter that say something about backlog items.
pub const BACKLOG_FIELDS: [Field; 5] = [Field::Name, Field::Workspace, Field::Source, Field::Id, Field::Age];

/// A planned run.
pub struct ScheduleSubject<'a> {
    /// Where it is known.
    pub store: &'a Store,
    /// Its key.
    pub key: &'a Key,
    /// Itself.
    pub schedule: &'a Schedule,
}

impl Subject for ScheduleSubject<'_> {
    fn has(&self, field: Field) -> bool {
        SCHEDULE_FIELDS.contains(&field)
    }

    fn status(&self) -> Status {
        self.schedule.last_status.unwrap_or_default()
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        match field {
            Field::Name => look(&self.schedule.name),
            Field::Workspace => {
                self.schedule.targets.iter().for_each(|target| workspace_texts(Some(target), look));
            }
            Field::Source => look(self.store.source_kind(self.key.source)),
            Field::Id => look(&self.key.local),
            _ => {}
        }
    }

    fn number(&self, _: Field, _: Timestamp) -> Option<f64> {
        None
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        for field in [Field::Name, Field::Workspace, Field::Id] {
            self.texts(field, look);
        }
        let schedule = self.schedule;
        let said = [&schedule.description, &schedule.cron, &schedule.command, &schedule.last_result];
        for text in said.into_iter().chain([&schedule.status_note]).flatten() {
            look(text);
        }
        for (word, holds) in [("missed", schedule.missed), ("paused", schedule.paused)] {
            if holds {
                look(word);
            }
        }
        schedule.last_status.iter().for_each(|status| look(status.word()));
    }
}

/// A backlog item.
pub struct BacklogSubject<'a> {
    /// Where it is known.
    pub store: &'a Store,
    /// Its key.
    pub key: &'a Key,
    /// Itself.
    pub item: &'a BacklogItem,
}

impl Subject for BacklogSubject<'_> {
    fn has(&self, field: Field) -> bool {
        BACKLOG_FIELDS.contains(&field)
    }

    fn status(&self) -> Status {
        if self.item.done { Status::Succeeded } else { Status::Queued }
    }

    fn texts(&self, field: Field, look: &mut dyn FnMut(&str)) {
        match field {
            Field::Name => look(&self.item.title),
            Field::Workspace => workspace_texts(self.item.workspace.as_ref(), look),
            Field::Source => look(self.store.source_kind(self.key.source)),
            Field::Id => {
                look(&self.key.local);
                self.item.id.iter().for_each(|id| look(id));
            }
            _ => {}
        }
    }

    fn number(&self, field: Field, now: Timestamp) -> Option<f64> {
        match field {
            Field::Age => self.item.created_at.map(|at| seconds(now.since(at))),
            _ => None,
        }
    }

    fn words(&self, look: &mut dyn FnMut(&str)) {
        for field in [Field::Name, Field::Workspace, Field::Id] {
            self.texts(field, look);
        }
        look(&self.item.list);
        look(self.item.priority.word());
    }
}
