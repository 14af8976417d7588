//! From conclusions to what the fleet is told: tasks, executions, agents, the catalog. Pure.

pub(super) mod agent;
pub(super) mod catalog;
pub(super) mod step;
pub(super) mod task;

use std::path::{Path, PathBuf};

use super::{conclude::Conclusion, join::Run};
use crate::{
    model::{Delta, Key, RawRef, SourceId, Workspace},
    text::Safe,
};

/// What is to be told of one run.
#[derive(Debug)]
pub(super) struct Telling<'a> {
    pub(super) source: SourceId,
    pub(super) id: &'a Safe,
    pub(super) run: &'a Run,
    pub(super) conclusion: &'a Conclusion,
    pub(super) workspace: Option<Workspace>,
    pub(super) root: &'a Path,
}

impl Telling<'_> {
    fn key(&self, local: &Safe) -> Key {
        Key::new(self.source, local.clone())
    }

    fn task_key(&self) -> Key {
        self.key(self.id)
    }

    /// Key of a step, also of the agent that does it.
    fn step_key(&self, step: &Safe) -> Key {
        self.key(&step_local(self.id, step))
    }

    /// The file that is believed most.
    fn raw(&self) -> Option<RawRef> {
        let (_, file) = self.run.evidence.first()?;
        let path: PathBuf =
            if file.is_empty() { self.root.to_owned() } else { self.root.join(file.as_str()) };
        Some(RawRef::File { path: Safe::line(&path.to_string_lossy()) })
    }

    /// Everything there is to tell.
    pub(super) fn tell(&self) -> Vec<Delta> {
        let mut deltas = vec![Delta::Task(self.task_key(), Box::new(task::of(self)))];
        for step in &self.conclusion.steps {
            let execution = step::of(self, step);
            deltas.push(Delta::Execution(self.step_key(&step.id), Box::new(execution)));
            if let Some(agent) = agent::of(self, step) {
                deltas.push(Delta::Agent(self.step_key(&step.id), Box::new(agent)));
            }
        }
        deltas
    }
}

/// Local part of the key of a step and its agent.
pub(super) fn step_local(run: &Safe, step: &Safe) -> Safe {
    Safe::line(&format!("{run}/{step}"))
}
