//! The dashboard's projects with their plans and settings.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{db::ProjectRow, show, words},
    Scene,
    dash::{Board, project_key},
    fact,
    index::Index,
    plans,
};
use crate::{
    model::{Key, Project, ProjectSetting, RawRef, Status, Workspace},
    text::Safe,
};

/// Every project that has a row, and those that only plans and settings speak of.
pub(in super::super) fn all(board: Board<'_>, scene: Scene<'_>) -> Vec<(Key, Project)> {
    let view = View { board, index: Index::of(board.dash), odd: plans::odd_dependencies(board.dash) };
    let rows = board.dash.projects.iter().map(|row| (project_key(scene, &row.id), view.project(row)));
    let known: BTreeSet<&Safe> = board.dash.projects.iter().map(|row| &row.id).collect();
    let plans = board.dash.plans.iter().map(|plan| plan.project.as_ref());
    let named = plans.chain(board.dash.settings.iter().map(|setting| setting.project.as_ref()));
    let rowless: BTreeSet<Option<&Safe>> =
        named.filter(|id| id.is_none_or(|id| !known.contains(id))).collect();
    let rowless = rowless.into_iter().map(|id| {
        let key = id.cloned().unwrap_or_else(|| Safe::line("(none)"));
        (project_key(scene, &key), view.rowless(id))
    });
    rows.chain(rowless).collect()
}

struct View<'a> {
    board: Board<'a>,
    index: Index<'a>,
    /// What is odd in dependencies, by project.
    odd: BTreeMap<Safe, Vec<(&'static str, Safe)>>,
}

impl View<'_> {
    fn project(&self, row: &ProjectRow) -> Project {
        let status = row.status.as_ref().map_or(Status::Unknown, |word| words::status(word));
        let running = self.index.running(&row.id);
        let note = (running > 0 && status == Status::Queued).then(|| {
            Safe::line(&format!(
                "{running} of its executions run; the dashboard never changes what is stored here"
            ))
        });
        let config = row.config.as_ref().map(|config| ProjectSetting {
            name: Safe::line("config"),
            text: show::pretty(config),
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

    /// Settings for all projects go by the name `global`, and the sender of events leaves out whose plan it sends.
    fn rowless(&self, id: Option<&Safe>) -> Project {
        let mut project = Project {
            name: id.cloned().unwrap_or_else(|| Safe::line("no project")),
            status_note: Some(Safe::line("it has no row: only plans and settings speak of it")),
            ..Project::default()
        };
        self.equip(&mut project, id);
        project.updated_at = project.plans.first().and_then(|plan| plan.created_at);
        project
    }

    fn equip(&self, project: &mut Project, id: Option<&Safe>) {
        let dash = self.board.dash;
        let settings = dash.settings.iter().filter(|setting| setting.project.as_ref() == id);
        project.settings.extend(settings.map(|setting| ProjectSetting {
            name: setting.name.clone(),
            text: setting.data.as_ref().map_or_else(|| Safe::line("null"), show::pretty),
            updated_at: setting.updated,
        }));
        let mut plans: Vec<_> = dash.plans.iter().filter(|plan| plan.project.as_ref() == id).rev().collect();
        plans.sort_by_key(|plan| std::cmp::Reverse(plan.created));
        project.plans.extend(plans.into_iter().map(|plan| plans::plan(self.board, &self.index, plan)));
    }
}
