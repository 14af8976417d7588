//! From the files that speak of a run to what is told of it.

use std::collections::BTreeSet;

use super::Reader;
use crate::{
    model::{Delta, SourceId, Timestamp, Workspace},
    sources::{
        Moment,
        orchestr8::{
            conclude::conclude,
            join::{Part, Run, join},
            link::Brief,
            tell::Telling,
        },
    },
    text::Safe,
};

impl Reader {
    /// Finds out anew what `dirty` ids are, and adds what must be told anew with them.
    pub(super) fn settle(&mut self, dirty: &mut BTreeSet<Safe>) {
        let news = dirty.iter().map(|id| (id.clone(), self.brief(id))).collect();
        self.index.settle(news, dirty);
    }

    fn brief(&self, id: &Safe) -> Option<Brief> {
        let mut parts = self.parts(id, None);
        // Times of a state are its own; they are no times of the run.
        let own = parts.first().map(|part| (part.account.started, part.account.ended))?;
        let run = join(&mut parts);
        Some(Brief::of(&run, own))
    }

    /// What files say under an id.
    fn parts<'a>(&'a self, id: &'a Safe, own_id: Option<&'a Safe>) -> Vec<Part<'a>> {
        let files = self.index.files(id).filter_map(|path| self.files.get(path));
        files
            .flat_map(|file| {
                file.accounts(id).into_iter().map(|account| Part {
                    account,
                    file: &file.relative,
                    modified: file.modified,
                    own_id,
                })
            })
            .collect()
    }

    /// What is to be told of an id, and when that changes by itself.
    pub(super) fn conclude(
        &self,
        id: &Safe,
        at: &Moment,
        source: SourceId,
    ) -> (Vec<Delta>, Option<Timestamp>) {
        if self.index.target(id).is_some() {
            return (Vec::new(), None);
        }
        let mut parts = self.parts(id, None);
        if parts.is_empty() {
            return (Vec::new(), None);
        }
        let states: Vec<Safe> = self.index.states(id).cloned().collect();
        for state in &states {
            parts.extend(self.parts(state, Some(state)));
        }
        let mut run = join(&mut parts);
        let planned = run.said.definition.clone();
        let plan = match &planned {
            Some(plan) => Some(plan),
            None => self.plan_of(&mut run),
        };
        let conclusion = conclude(&run, plan, at.now, !at.fixed);
        let workspace = self.workspace(&run);
        let telling = Telling { source, id, run: &run, conclusion: &conclusion, workspace, root: &self.root };
        (telling.tell(), conclusion.wake)
    }

    /// The definition that a run follows, by its workflow's id; of several that of the run's version.
    fn plan_of(&self, run: &mut Run) -> Option<&crate::sources::orchestr8::parse::workflow::Definition> {
        let workflow = run.said.workflow.clone()?;
        let (relative, plan) = self.plans.find(&self.files, &workflow, run.said.version.as_ref())?;
        let other = match (&plan.version, &run.said.version) {
            (Some(planned), Some(run)) if planned != run => {
                format!(" (version {planned}; the run was {run})")
            }
            _ => String::new(),
        };
        run.said.remark("graph from", Safe::line(&format!("{relative}{other}")));
        if run.said.name.is_none() {
            run.said.name.clone_from(&plan.name);
        }
        Some(plan)
    }

    /// The project whose folder holds what speaks of a run.
    fn workspace(&self, run: &Run) -> Option<Workspace> {
        let files = run.evidence.iter().map(|(_, file)| self.root.join(file.as_str()));
        files.into_iter().find_map(|path| self.plans.project_of(&path))
    }
}
