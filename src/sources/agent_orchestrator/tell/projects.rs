//! Projects, one for each name: rows of databases with what the plan, the timeline, runs of the script and parallel sessions
//! say of the same, and those that only files speak of.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, btree_map::Entry},
};

use super::{
    super::{
        db::Collab,
        files::{plan_file::newest, session::Session, workspace::Workspace},
        told::Told,
        words,
    },
    Scene,
    dash::Board,
    dash_projects::Rows,
    homes::{self, plain},
    runs,
};
use crate::{
    model::{Key, Project, RawRef, Status, Timestamp, Workspace as Place},
    text::Safe,
};

/// What all places say of projects.
#[derive(Default)]
pub(in super::super) struct Gathered {
    /// Rows of databases.
    rows: Vec<(Key, Project)>,
    /// Rows of databases that tell the project of another database's row.
    moved: Vec<(Key, Project)>,
    /// What is known by name alone, by name in lower case.
    named: BTreeMap<String, Project>,
    /// What goes on for a project, by name in lower case.
    works: BTreeMap<String, &'static str>,
}

impl Gathered {
    /// Projects of a database.
    pub(in super::super) fn database(&mut self, board: Board<'_>, scene: Scene<'_>) {
        let rows = Rows::of(board);
        for row in &board.dash.projects {
            let (key, mut project) = (scene.row_project(&row.id), rows.project(row));
            if key.local == homes::row_key(scene.own.prefix(), &row.id) {
                self.rows.push((key, project));
            } else {
                project.facts.push(("known from", board.path.clone()));
                self.moved.push((key, project));
            }
        }
    }

    /// Projects of runs that the collaboration database keeps.
    pub(in super::super) fn stored_runs(&mut self, collab: &Collab) {
        for run in &collab.runs {
            let Some(name) = &run.project else { continue };
            let Some(project) = self.known(name, "orchestration sessions") else { continue };
            seen(project, run.started.at, run.ended.at);
        }
    }

    /// Projects of the plan, the timeline and the script.
    pub(in super::super) fn files(&mut self, files: &Workspace, scene: Scene<'_>, told: &mut Told) {
        self.plan(files);
        for story in &files.timeline.stories {
            let Some(project) = self.known(&story.project, "timeline") else { continue };
            seen(project, story.started, story.last);
            project.facts.extend(story.facts.iter().cloned());
            project.notes.splice(0..0, story.notes.iter().rev().cloned());
        }
        for run in &files.runs.all {
            let Some(name) = &run.project else { continue };
            let Some(project) = self.known(name, "run log") else { continue };
            seen(project, run.started, run.last);
            let (status, _, wake) = runs::judge(run, scene.now);
            told.wake_at(wake);
            self.works(name, status, "inferred: a run of it goes on");
        }
        if let Some(started) = files.script()
            && let Some(name) = &started.project
            && let Some(project) = self.known(name, "Agent-orchestration.md")
        {
            project.facts.extend(started.facts.iter().map(|(label, text)| (*label, text.clone())));
            seen(project, started.at, None);
        }
    }

    /// Projects of parallel sessions.
    pub(in super::super) fn sessions<'a>(
        &mut self,
        sessions: impl Iterator<Item = &'a Session>,
        scene: Scene<'_>,
        told: &mut Told,
    ) {
        for session in sessions {
            let Some(name) = session.project() else { continue };
            let Some(project) = self.known(&name, "parallel sessions") else { continue };
            let started = session.config.as_ref().and_then(|config| config.started);
            seen(project, started, session.last_sign(scene.now).max(started));
            let whole = session.whole(scene.now);
            told.wake_at(whole.wake);
            self.works(&name, whole.status, "inferred: a parallel session of it runs");
        }
    }

    /// Tells one project for each.
    pub(in super::super) fn tell(self, scene: Scene<'_>, told: &mut Told) {
        let mut rows: BTreeMap<Safe, (Key, Project)> = BTreeMap::new();
        for (key, project) in self.rows {
            match rows.entry(key.local.clone()) {
                Entry::Occupied(_) => told.doubles += 1,
                Entry::Vacant(place) => drop(place.insert((key, project))),
            }
        }
        for (key, project) in self.moved {
            if let Some((_, home)) = rows.get_mut(&key.local) {
                join(home, project);
            }
        }
        for (name, mut project) in self.named {
            let key = scene.named_project(&name);
            if let Some((_, home)) = rows.get_mut(&key.local) {
                let stated = project.status_raw.as_ref().filter(|_| home.status_raw.is_some());
                let differs = stated.filter(|word| words::status(word) != home.status);
                project.status_note = differs.map(|word| Safe::line(&format!("its plan file says {word}")));
                join(home, project);
                continue;
            }
            let note = match (&project.status_raw, self.works.get(&name)) {
                (Some(_), _) => "as its plan says, which is kept by hand",
                (None, Some(note)) => {
                    project.status = Status::Running;
                    note
                }
                (None, None) => "known from files, which keep no state of a project",
            };
            project.status_note = Some(Safe::line(note));
            rows.insert(key.local.clone(), (key, project));
        }
        for (_, (key, project)) in rows {
            told.project(key, project);
        }
    }

    fn works(&mut self, name: &Safe, status: Status, note: &'static str) {
        if status == Status::Running {
            self.works.insert(plain(name), note);
        }
    }

    /// The project of a name, known from somewhere.
    fn known(&mut self, name: &Safe, from: &str) -> Option<&mut Project> {
        let plain = plain(name);
        if plain.is_empty() {
            return None;
        }
        let project = self.named.entry(plain).or_insert_with(|| Project {
            name: name.clone(),
            workspace: Some(Place::named(name.clone())),
            ..Project::default()
        });
        project.facts.push(("known from", Safe::line(from)));
        Some(project)
    }

    fn plan(&mut self, files: &Workspace) {
        let Some(file) = &files.plan else { return };
        let name = file.project.clone().unwrap_or_else(|| Safe::line("orchestration plan"));
        let path = files.plan_file();
        let Some(project) = self.known(&name, "orchestration-plan.md") else { return };
        project.status = file.status.as_ref().map_or(Status::Unknown, |word| words::status(word));
        project.status_raw.clone_from(&file.status);
        seen(project, newest(file), newest(file));
        project.facts.extend(file.facts.iter().cloned());
        project.notes.clone_from(&file.notes);
        let mut plan = file.plan.clone();
        plan.name = Safe::line("orchestration-plan.md");
        plan.raw = Some(RawRef::File { path: path.clone() });
        project.plans.push(plan);
        project.raw = Some(RawRef::File { path });
    }
}

fn seen(project: &mut Project, from: Option<Timestamp>, to: Option<Timestamp>) {
    project.created_at = [project.created_at, from].into_iter().flatten().min();
    project.updated_at = project.updated_at.max(to);
}

/// Adds what another place says of the same project. What the first says stays.
fn join(home: &mut Project, other: Project) {
    if home.status_raw.is_none() && other.status_raw.is_some() {
        home.status = other.status;
        home.status_raw = other.status_raw;
    }
    let notes = [home.status_note.take(), other.status_note];
    let notes: Vec<String> = notes.into_iter().flatten().map(|note| note.to_string()).collect();
    home.status_note = super::super::when::note(&notes);
    home.description = home.description.take().or(other.description);
    home.workspace = home.workspace.take().or(other.workspace);
    home.created_at = home.created_at.or(other.created_at);
    home.updated_at = home.updated_at.max(other.updated_at);
    home.plans.extend(other.plans);
    home.plans.sort_by_key(|plan| Reverse(plan.created_at));
    home.settings.extend(other.settings);
    home.notes.extend(other.notes);
    home.facts.extend(other.facts);
    home.raw = home.raw.take().or(other.raw);
}
