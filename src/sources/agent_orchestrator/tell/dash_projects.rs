//! The dashboard's projects with their plans and settings.

use std::collections::BTreeMap;

use super::{
    super::{db::ProjectRow, words},
    dash::Board,
    fact,
    index::Index,
    plans,
};
use crate::{
    model::{Project, ProjectSetting, RawRef, Status, Workspace},
    text::{Safe, mask},
};

/// The tables around projects, by project.
pub(super) struct Rows<'a> {
    board: Board<'a>,
    index: Index<'a>,
    /// What is odd in dependencies, by project.
    odd: BTreeMap<Safe, Vec<(&'static str, Safe)>>,
}

impl<'a> Rows<'a> {
    /// Of a database.
    pub(super) fn of(board: Board<'a>) -> Self {
        Self { board, index: Index::of(board.dash), odd: plans::odd_dependencies(board.dash) }
    }

    /// A project as its row and the tables around it tell it.
    pub(super) fn project(&self, row: &ProjectRow) -> Project {
        let status = row.status.as_ref().map_or(Status::Unknown, |word| words::status(word));
        let running = self.index.running(&row.id);
        let note = (running > 0 && status == Status::Queued).then(|| {
            Safe::line(&format!(
                "{running} of its executions run; the dashboard never changes what is stored here"
            ))
        });
        let config = row.config.as_ref().map(|config| ProjectSetting {
            name: Safe::line("config"),
            text: mask::pretty(config),
            updated_at: row.updated,
        });
        let id = Some(&row.id);
        let hooks = self.board.dash.webhooks.iter().filter(|hook| hook.project.as_ref() == id).count();
        let mut facts = Vec::new();
        facts.extend(fact("made by", row.created_by.as_ref()));
        if hooks > 0 {
            facts.push(("webhooks", Safe::line(&hooks.to_string())));
        }
        facts.extend(self.odd.get(&row.id).cloned().unwrap_or_default());
        let mut project = Project {
            name: row.name.clone().unwrap_or_else(|| row.id.clone()),
            description: row.description.clone(),
            status,
            status_raw: row.status.clone(),
            status_note: note,
            workspace: row.name.clone().map(Workspace::named),
            created_at: row.created,
            updated_at: row.updated.max(row.created),
            settings: config.into_iter().collect(),
            facts,
            raw: Some(RawRef::Row {
                path: self.board.path.clone(),
                table: "projects",
                column: "id",
                key: row.id.clone(),
            }),
            ..Project::default()
        };
        self.equip(&mut project, id);
        project
    }

    fn equip(&self, project: &mut Project, id: Option<&Safe>) {
        let dash = self.board.dash;
        let settings = dash.settings.iter().filter(|setting| setting.project.as_ref() == id);
        project.settings.extend(settings.map(|setting| ProjectSetting {
            name: setting.name.clone(),
            text: setting.data.as_ref().map_or_else(|| Safe::line("null"), mask::pretty),
            updated_at: setting.updated,
        }));
        let mut plans: Vec<_> = dash.plans.iter().filter(|plan| plan.project.as_ref() == id).rev().collect();
        plans.sort_by_key(|plan| std::cmp::Reverse(plan.created));
        project.plans.extend(plans.into_iter().map(|plan| plans::plan(self.board, &self.index, plan)));
    }
}
