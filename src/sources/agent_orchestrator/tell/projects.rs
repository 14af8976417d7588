//! Projects that only files speak of: the plan, the timeline, runs of the script and parallel sessions, by name.

use std::collections::BTreeMap;

use super::{
    super::{
        files::{plan_file::newest, session::Session, workspace::Workspace},
        told::Told,
        words,
    },
    Scene,
};
use crate::{
    model::{Project, RawRef, Status, Workspace as Place},
    text::Safe,
};

/// Tells one project for each name.
pub(in super::super) fn tell<'a>(
    files: &Workspace,
    sessions: impl Iterator<Item = &'a Session>,
    scene: Scene<'_>,
    told: &mut Told,
) {
    let mut all: BTreeMap<Safe, Project> = BTreeMap::new();
    plan(files, &mut all);
    for story in files.timeline.stories.iter().filter(|story| !story.project.is_empty()) {
        let project = named(&mut all, &story.project, "timeline");
        project.created_at = [project.created_at, story.started].into_iter().flatten().min();
        project.updated_at = project.updated_at.max(story.last);
        project.facts.extend(story.facts.iter().cloned());
        project.notes.splice(0..0, story.notes.iter().rev().cloned());
    }
    for run in &files.runs.all {
        let Some(name) = &run.project else { continue };
        let project = named(&mut all, name, "run log");
        project.created_at = [project.created_at, run.started].into_iter().flatten().min();
        project.updated_at = project.updated_at.max(run.last);
    }
    if let Some(started) = files.script()
        && let Some(name) = &started.project
    {
        let project = named(&mut all, name, "Agent-orchestration.md");
        project.facts.extend(started.facts.iter().map(|(label, text)| (*label, text.clone())));
        project.created_at = [project.created_at, started.at].into_iter().flatten().min();
    }
    for session in sessions {
        let Some(name) = session.project() else { continue };
        let project = named(&mut all, &name, "parallel sessions");
        let started = session.config.as_ref().and_then(|config| config.started);
        project.created_at = [project.created_at, started].into_iter().flatten().min();
        let newest = session.log.iter().filter_map(|(at, _)| *at).max();
        project.updated_at = project.updated_at.max(newest).max(started);
    }
    for (name, project) in all {
        told.project(scene.file_project(&name), project);
    }
}

fn named<'a>(all: &'a mut BTreeMap<Safe, Project>, name: &Safe, known_from: &str) -> &'a mut Project {
    let project = all.entry(name.clone()).or_insert_with(|| Project {
        name: name.clone(),
        status_note: Some(Safe::line("known from files, which keep no state of a project")),
        workspace: Some(Place::named(name.clone())),
        ..Project::default()
    });
    project.facts.push(("known from", Safe::line(known_from)));
    project
}

fn plan(files: &Workspace, all: &mut BTreeMap<Safe, Project>) {
    let Some(file) = &files.plan else { return };
    let name = file.project.clone().unwrap_or_else(|| Safe::line("orchestration plan"));
    let path = files.plan_file();
    let project = named(all, &name, "orchestration-plan.md");
    project.status = file.status.as_ref().map_or(Status::Unknown, |word| words::status(word));
    project.status_raw.clone_from(&file.status);
    project.status_note = file.status.as_ref().map(|_| Safe::line("as its plan says, which is kept by hand"));
    project.created_at = newest(file);
    project.updated_at = newest(file);
    project.facts.extend(file.facts.iter().cloned());
    project.notes.clone_from(&file.notes);
    let mut plan = file.plan.clone();
    plan.name = Safe::line("orchestration-plan.md");
    plan.raw = Some(RawRef::File { path: path.clone() });
    project.plans.push(plan);
    project.raw = Some(RawRef::File { path });
}
