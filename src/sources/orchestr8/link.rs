//! Which run an execution state describes. Its id is made by itself, so only what it says can tell: the times of its steps,
//! else its workflow and its own times. Pure.

use std::collections::BTreeMap;

use super::{account::StepSaid, join::Run};
use crate::{
    model::{Millis, Timestamp},
    text::Safe,
};

/// A state is made and fed so shortly after its run's start or end.
const NEAR: Millis = Millis::seconds(1);

/// What is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Brief {
    pub(super) workflow: Option<Safe>,
    /// It speaks under an id of its own: a state, not a run.
    pub(super) is_state: bool,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    steps: BTreeMap<Safe, (Timestamp, Timestamp)>,
}

impl Brief {
    /// The gist of a run, or of a state under its own id (`own` are its own times).
    pub(super) fn of(run: &Run, own: (Option<Timestamp>, Option<Timestamp>)) -> Self {
        let is_state = run.said.evidence.has_own_id();
        let times = |said: &StepSaid| said.started.zip(said.ended);
        let steps = run.said.steps.iter();
        Self {
            workflow: run.said.workflow.clone(),
            is_state,
            started: if is_state { own.0 } else { run.said.started },
            ended: if is_state { own.1 } else { run.said.ended },
            steps: steps.filter_map(|(id, said)| Some((id.clone(), times(said)?))).collect(),
        }
    }

    fn has_workflow_of(&self, other: &Self) -> bool {
        self.workflow.is_some() && self.workflow == other.workflow
    }

    fn has_steps_of(&self, other: &Self) -> bool {
        let pairs = self.steps.iter().filter_map(|(id, times)| Some((times, other.steps.get(id)?)));
        let (mut same, mut different) = (0, 0);
        for (own, theirs) in pairs {
            if own == theirs { same += 1 } else { different += 1 }
        }
        same > 0 && different == 0
    }

    fn is_near(&self, run: &Self) -> bool {
        let near = |a: Option<Timestamp>, b: Option<Timestamp>| {
            a.zip(b).is_some_and(|(a, b)| (a.0 - b.0).abs() <= NEAR.0)
        };
        near(self.started, run.started) || near(self.ended, run.ended) || near(self.started, run.ended)
    }
}

/// Whether a run could be the one that a state describes.
pub(super) fn may_fit(state: &Brief, run: &Brief) -> bool {
    !run.is_state && (state.has_steps_of(run) || run.has_workflow_of(state) && state.is_near(run))
}

/// The only run that fits a state, if one does.
pub(super) fn find<'a>(state: &Brief, runs: impl Iterator<Item = (&'a Safe, &'a Brief)>) -> Option<&'a Safe> {
    let runs: Vec<(&Safe, &Brief)> = runs.filter(|(_, run)| !run.is_state).collect();
    let only = |wanted: &dyn Fn(&Brief) -> bool| {
        let mut fits = runs.iter().filter(|(_, run)| wanted(run)).map(|(id, _)| *id);
        let first = fits.next();
        (first, fits.next().is_some())
    };
    let fits_workflow =
        |run: &Brief| run.workflow.is_none() || state.workflow.is_none() || run.has_workflow_of(state);
    match only(&|run| fits_workflow(run) && state.has_steps_of(run)) {
        (Some(_), true) => None,
        (Some(id), false) => Some(id),
        (None, _) => match only(&|run| run.has_workflow_of(state) && state.is_near(run)) {
            (id, false) => id,
            (_, true) => None,
        },
    }
}
