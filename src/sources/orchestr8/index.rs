//! Who speaks of which run, which run belongs to which workflow, and which state describes which run. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::link::{self, Brief};
use crate::text::Safe;

/// The relations between files, runs, workflows and states.
#[derive(Debug, Default)]
pub(super) struct Index {
    speakers: BTreeMap<Safe, BTreeSet<PathBuf>>,
    briefs: BTreeMap<Safe, Brief>,
    by_workflow: BTreeMap<Option<Safe>, BTreeSet<Safe>>,
    /// Ids of states.
    all_states: BTreeSet<Safe>,
    /// The run each state describes.
    links: BTreeMap<Safe, Safe>,
    /// The states of each run.
    states: BTreeMap<Safe, BTreeSet<Safe>>,
}

impl Index {
    /// Which of the runs it was asked for a file speaks of.
    pub(super) fn hear(&mut self, path: &Path, asked: &BTreeSet<Safe>, speaks_of: &dyn Fn(&Safe) -> bool) {
        for id in asked {
            if speaks_of(id) {
                self.speakers.entry(id.clone()).or_default().insert(path.to_owned());
            } else if let Some(files) = self.speakers.get_mut(id) {
                files.remove(path);
                if files.is_empty() {
                    self.speakers.remove(id);
                }
            }
        }
    }

    /// Files that speak of a run.
    pub(super) fn files(&self, id: &Safe) -> impl Iterator<Item = &PathBuf> {
        self.speakers.get(id).into_iter().flatten()
    }

    /// Everything that is spoken of.
    pub(super) fn ids(&self) -> impl Iterator<Item = &Safe> {
        self.speakers.keys()
    }

    /// Runs and states of a workflow.
    pub(super) fn of_workflow(&self, workflow: &Safe) -> impl Iterator<Item = &Safe> {
        self.by_workflow.get(&Some(workflow.clone())).into_iter().flatten()
    }

    /// The run that a state describes.
    pub(super) fn target(&self, id: &Safe) -> Option<&Safe> {
        self.links.get(id)
    }

    /// The states that describe a run.
    pub(super) fn states(&self, id: &Safe) -> impl Iterator<Item = &Safe> {
        self.states.get(id).into_iter().flatten()
    }

    /// Takes what is known of these ids now, finds out anew which state describes which run where that can have changed, and
    /// adds to `dirty` what else must be told anew.
    pub(super) fn settle(&mut self, news: Vec<(Safe, Option<Brief>)>, dirty: &mut BTreeSet<Safe>) {
        // What runs were and what they are: a state may have fitted, or may fit now.
        let mut runs: Vec<Brief> = Vec::new();
        for (id, brief) in news {
            let known = [self.briefs.get(&id), brief.as_ref()].into_iter().flatten();
            runs.extend(known.filter(|brief| !brief.is_state).cloned());
            self.put(id, brief);
        }
        let mut states: BTreeSet<Safe> =
            dirty.iter().filter(|id| self.is_state(id) || self.links.contains_key(*id)).cloned().collect();
        states.extend(dirty.iter().flat_map(|id| self.states(id)).cloned());
        for id in self.all_states.iter().filter(|id| !dirty.contains(*id)) {
            let brief = self.briefs.get(id);
            if brief.is_some_and(|state| runs.iter().any(|run| link::may_fit(state, run))) {
                states.insert(id.clone());
            }
        }
        for state in states {
            let found = self.find(&state);
            let before = self.links.get(&state).cloned();
            if before == found {
                if dirty.contains(&state) {
                    dirty.extend(found);
                }
                continue;
            }
            if let Some(before) = &before
                && let Some(states) = self.states.get_mut(before)
            {
                states.remove(&state);
            }
            match &found {
                Some(run) => {
                    self.links.insert(state.clone(), run.clone());
                    self.states.entry(run.clone()).or_default().insert(state.clone());
                }
                None => drop(self.links.remove(&state)),
            }
            dirty.extend(before);
            dirty.extend(found);
            dirty.insert(state);
        }
    }

    fn is_state(&self, id: &Safe) -> bool {
        self.briefs.get(id).is_some_and(|brief| brief.is_state)
    }

    fn put(&mut self, id: Safe, brief: Option<Brief>) {
        if let Some(old) = self.briefs.get(&id)
            && let Some(ids) = self.by_workflow.get_mut(&old.workflow)
        {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_workflow.remove(&old.workflow.clone());
            }
        }
        if brief.as_ref().is_some_and(|brief| brief.is_state) {
            self.all_states.insert(id.clone());
        } else {
            self.all_states.remove(&id);
        }
        match brief {
            Some(brief) => {
                self.by_workflow.entry(brief.workflow.clone()).or_default().insert(id.clone());
                self.briefs.insert(id, brief);
            }
            None => drop(self.briefs.remove(&id)),
        }
    }

    fn find(&self, state: &Safe) -> Option<Safe> {
        let brief = self.briefs.get(state).filter(|brief| brief.is_state)?;
        let named = match &brief.workflow {
            // Without a workflow only the times of steps can tell.
            None => self.briefs.iter().collect::<Vec<_>>(),
            Some(workflow) => {
                let nameless = self.by_workflow.get(&None).into_iter().flatten();
                let ids = self.of_workflow(workflow).chain(nameless);
                ids.filter_map(|id| self.briefs.get_key_value(id)).collect()
            }
        };
        link::find(brief, named.into_iter()).cloned()
    }
}
