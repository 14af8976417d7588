//! Projects: the dashboard's, and those that files speak of (the plan, the timeline, runs of the script, parallel sessions).
//! The dashboard starts the script with a project's name, so a name is what joins them.

use std::collections::BTreeMap;

use super::{
    super::{
        files::{plan_file::newest, session::Session, workspace::Workspace},
        told::Told,
        words,
    },
    Scene, fact, runs,
};
use crate::{
    model::{Key, Project, RawRef, Status, Workspace as Place},
    text::Safe,
};

/// Tells the dashboard's projects, each with what files say of one of its name, and those that only files speak of.
pub(in super::super) fn tell<'a>(
    stored: Vec<(Key, Project)>,
    files: &Workspace,
    sessions: impl Iterator<Item = &'a Session>,
    scene: Scene<'_>,
    told: &mut Told,
) {
    let mut all = of_files(files, sessions, scene, told);
    for (key, mut project) in stored {
        if scene.evidence.projects.get(project.name.as_str()) == Some(&key.local)
            && let Some(found) = all.remove(&project.name)
        {
            join(&mut project, found);
        }
        told.project(key, project);
    }
    for (name, project) in all {
        told.project(scene.file_project(&name), project);
    }
}

/// The row says in what state a project is; files add plans, notes and facts.
fn join(project: &mut Project, found: Project) {
    project.facts.extend(fact("its plan says", found.status_raw.as_ref()));
    project.facts.extend(found.facts);
    project.notes = found.notes;
    project.plans.extend(found.plans);
    project.plans.sort_by_key(|plan| std::cmp::Reverse(plan.created_at));
    project.created_at = [project.created_at, found.created_at].into_iter().flatten().min();
    project.updated_at = project.updated_at.max(found.updated_at);
}

fn of_files<'a>(
    files: &Workspace,
    sessions: impl Iterator<Item = &'a Session>,
    scene: Scene<'_>,
    told: &mut Told,
) -> BTreeMap<Safe, Project> {
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
        let (status, _, wake) = runs::judge(run, scene.now);
        told.wake_at(wake);
        works(project, status, "inferred: a run of it goes on");
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
        let newest = session.last_sign(scene.now);
        project.updated_at = project.updated_at.max(newest).max(started);
        let whole = session.whole(scene.now);
        told.wake_at(whole.wake);
        works(project, whole.status, "inferred: a parallel session of it runs");
    }
    all
}

/// What runs for a project says that it runs, unless a plan says something of it.
fn works(project: &mut Project, status: Status, note: &'static str) {
    if status == Status::Running && project.status_raw.is_none() {
        (project.status, project.status_note) = (status, Some(Safe::line(note)));
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
