//! Definitions and settings that lie below the place, by what they are asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    model::{Delta, SourceId, Workspace},
    sources::orchestr8::{
        file::File,
        format::Format,
        parse::workflow::Definition,
        tell::catalog::{self, Place},
    },
    text::Safe,
};

/// Where definitions and settings lie.
#[derive(Debug, Default)]
pub(super) struct Plans {
    /// Files by the workflow they define; of the dialect that is never run only the catalog knows.
    workflows: BTreeMap<Safe, BTreeSet<PathBuf>>,
    /// Folders with a project's settings.
    projects: BTreeSet<PathBuf>,
    /// Files with something for the catalog.
    listed: BTreeSet<PathBuf>,
}

/// What a change concerns.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) workflows: BTreeSet<Safe>,
    /// A project came or went: what belongs to it is to be found out anew.
    pub(super) has_settings: bool,
}

impl Plans {
    /// Takes notice of changed files.
    pub(super) fn update(&mut self, files: &BTreeMap<PathBuf, File>, paths: &BTreeSet<PathBuf>) -> Changed {
        let mut changed = Changed::default();
        self.workflows.retain(|id, known| {
            let before = known.len();
            known.retain(|path| !paths.contains(path));
            if known.len() != before {
                changed.workflows.insert(id.clone());
            }
            !known.is_empty()
        });
        for path in paths {
            self.listed.remove(path);
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let said = files.get(path).and_then(File::document);
            let is_project = said.is_some_and(|said| said.project.is_some());
            if is_project {
                changed.has_settings |= self.projects.insert(folder);
            } else if self.projects.contains(&folder) && !holds_settings(files, &folder) {
                self.projects.remove(&folder);
                changed.has_settings = true;
            }
            let Some(said) = said else { continue };
            if said.definition.is_some() || said.agent.is_some() {
                self.listed.insert(path.clone());
            }
            let plan = said.definition.as_ref().filter(|plan| plan.dialect != Format::WorkflowScaffold);
            if let Some(id) = plan.and_then(|plan| plan.id.as_ref()) {
                self.workflows.entry(id.clone()).or_default().insert(path.clone());
                changed.workflows.insert(id.clone());
            }
        }
        changed
    }

    /// The definition of a workflow, best of that version.
    pub(super) fn find<'a>(
        &self,
        files: &'a BTreeMap<PathBuf, File>,
        workflow: &Safe,
        version: Option<&Safe>,
    ) -> Option<(&'a Safe, &'a Definition)> {
        let paths = self.workflows.get(workflow)?;
        let plans = || {
            paths.iter().filter_map(|path| {
                let file = files.get(path)?;
                Some((&file.relative, file.document()?.definition.as_ref()?))
            })
        };
        plans()
            .find(|(_, plan)| version.is_some() && plan.version.as_ref() == version)
            .or_else(|| plans().next())
    }

    /// The project around a file.
    pub(super) fn project_of(&self, path: &Path) -> Option<Workspace> {
        let folder = path.ancestors().skip(1).find(|folder| self.projects.contains(*folder))?;
        Some(Workspace::at(Safe::line(&folder.to_string_lossy())))
    }

    /// Everything for the catalog.
    pub(super) fn catalog(&self, files: &BTreeMap<PathBuf, File>, source: SourceId) -> Vec<Delta> {
        let said = || self.listed.iter().filter_map(|path| files.get_key_value(path));
        let plans = said().filter_map(|(_, file)| file.document()?.definition.as_ref());
        let named: BTreeSet<Safe> =
            plans.flat_map(|plan| plan.steps.iter().filter_map(|step| step.agent.clone())).collect();
        said()
            .filter_map(|(path, file)| {
                let place =
                    Place { source, path, relative: &file.relative, workspace: self.project_of(path) };
                let said = file.document()?;
                let plan = said.definition.as_ref().map(|plan| catalog::workflow(&place, plan));
                plan.or_else(|| said.agent.as_ref().map(|agent| catalog::agent(&place, agent, &named)))
            })
            .collect()
    }
}

fn holds_settings(files: &BTreeMap<PathBuf, File>, folder: &Path) -> bool {
    files.range(folder.to_owned()..).take_while(|(path, _)| path.starts_with(folder)).any(|(path, file)| {
        path.parent() == Some(folder) && file.document().is_some_and(|said| said.project.is_some())
    })
}
