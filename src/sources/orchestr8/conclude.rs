//! What follows from a joined run: how far it is, what became of steps nobody speaks of, how sure that is. Pure.

use super::{
    account::{Evidence, StepSaid},
    join::Run,
    parse::workflow::{Definition, Planned},
    word::Word,
};
use crate::{
    model::{Millis, Status, Timestamp},
    text::Safe,
};

/// A run that was last heard of so long ago is not believed to go on.
pub(super) const LOST: Millis = Millis::hours(2);
/// A journal that hears of starts only means a live run for so long after it changed.
pub(super) const LIVE: Millis = Millis::seconds(60);

/// A step of a run as it is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    pub(super) id: Safe,
    pub(super) said: StepSaid,
    pub(super) status: Status,
    /// Steps of this run that must end before it.
    pub(super) depends_on: Vec<Safe>,
    /// Dependencies that are no steps of it.
    pub(super) dangling: Vec<Safe>,
    pub(super) fallback: Option<Safe>,
    /// What else is to be said about its state.
    pub(super) doubt: Option<Safe>,
}

impl Step {
    /// It did something, or tried to.
    pub(super) fn has_worked(&self) -> bool {
        match &self.said.word {
            None | Some(Word::Queued | Word::Skipped) => false,
            // Stopped before it began.
            Some(Word::Cancelled) => {
                self.said.started.is_some() || self.said.fault.is_some() || !self.said.is_inferred
            }
            Some(_) => true,
        }
    }
}

/// A run as it is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Conclusion {
    pub(super) status: Status,
    pub(super) notes: Vec<String>,
    pub(super) steps: Vec<Step>,
    /// Steps of the run, group markers left out; `None` = not known.
    pub(super) total: Option<u32>,
    /// When the conclusion changes by itself.
    pub(super) wake: Option<Timestamp>,
}

/// Concludes. `plan` is the definition that the run is known to follow; `now` is `None` when the times of files mean nothing.
pub(super) fn conclude(
    run: &Run,
    plan: Option<&Definition>,
    now: Timestamp,
    are_files_fresh: bool,
) -> Conclusion {
    let mut told = Conclusion::default();
    let modified = |at: Option<Timestamp>| at.filter(|_| are_files_fresh);
    judge(run, now, &modified, &mut told);
    let nodes = plan.map(Definition::nodes).unwrap_or_default();
    told.steps = steps(run, &nodes, told.status);
    told.total = total(run, &nodes, &told.steps);
    let failed = told.steps.iter().filter(|step| step.said.word == Some(Word::Failed));
    if run.said.word == Some(Word::Completed) {
        let names: Vec<&str> = failed.map(|step| step.id.as_str()).collect();
        if !names.is_empty() {
            told.notes.push(format!(
                "completed although {} failed: {} (covered by a fallback or allowed to fail)",
                if names.len() == 1 { "a step" } else { "steps" },
                names.join(", ")
            ));
        }
    }
    let best = run.said.evidence;
    if best == Evidence::Designed {
        told.notes.push("known from a form of the design documents only, which no release writes".to_owned());
    } else if best.has_own_id() {
        told.notes.push(
            "known from an execution state only: its id is its own, and it calls a run cancelled or failed as soon as one step is"
                .to_owned(),
        );
    }
    told
}

fn judge(
    run: &Run,
    now: Timestamp,
    modified: &dyn Fn(Option<Timestamp>) -> Option<Timestamp>,
    told: &mut Conclusion,
) {
    match &run.said.word {
        Some(Word::Begun) => judge_begun(run, now, modified, told),
        Some(Word::Other(word)) => {
            told.notes.push(format!("`{word}` is no state that is known"));
        }
        Some(word) if word.is_over() => told.status = word.status(),
        Some(word) => {
            let heard = run.said.newest.max(modified(run.heard));
            let is_lost = heard.is_some_and(|heard| now.since(heard) >= LOST);
            if is_lost {
                let at = heard.unwrap_or_default();
                told.notes
                    .push(format!("{} when last heard of at {at}; nothing tells its end", word.written()));
            } else {
                told.status = word.status();
                told.wake = heard.map(|heard| heard.plus(LOST));
            }
        }
        None => told.notes.push("outcome unknown: nothing tells how it goes".to_owned()),
    }
}

fn judge_begun(
    run: &Run,
    now: Timestamp,
    modified: &dyn Fn(Option<Timestamp>) -> Option<Timestamp>,
    told: &mut Conclusion,
) {
    let changed = modified(run.modified).filter(|at| now.since(*at) < LIVE);
    if let Some(changed) = changed {
        told.status = Status::Running;
        told.wake = Some(changed.plus(LIVE));
        told.notes
            .push(format!("live as far as its journal changes (last at {changed}): it never hears of ends"));
    } else {
        told.notes.push(
            "outcome unknown: the only evidence is a journal that hears of starts and never of ends; it says running for ever"
                .to_owned(),
        );
    }
}

/// All steps: those that are spoken of in order, then those that are only planned.
fn steps(run: &Run, nodes: &[&Planned], status: Status) -> Vec<Step> {
    let hears = run.evidence.iter().any(|(evidence, _)| evidence.hears_ends() && !evidence.has_own_id());
    let spoken = run.said.steps.iter().filter(|(id, _)| !run.said.groups.contains(*id));
    let mut steps: Vec<Step> = spoken
        .map(|(id, said)| {
            let plan = nodes.iter().find(|node| node.id == *id);
            let mut step = planned(id, said.clone(), plan.copied());
            settle(run, &mut step, hears && !run.is_complete, true);
            step
        })
        .collect();
    // When nothing tells of steps at all, a graph of unknown states says nothing either.
    let is_blind = run.said.word.as_ref().is_some_and(Word::is_over)
        && steps.is_empty()
        && !(hears && run.said.has_beginning);
    if !run.is_complete && !is_blind {
        for node in nodes.iter().filter(|node| run.said.steps.get(&node.id).is_none()) {
            let mut step = planned(&node.id, StepSaid::default(), Some(node));
            settle(run, &mut step, hears && run.said.has_beginning, false);
            steps.push(step);
        }
    }
    let ids: Vec<Safe> = steps.iter().map(|step| step.id.clone()).collect();
    for step in &mut steps {
        let own = step.id.clone();
        let (known, dangling) =
            std::mem::take(&mut step.depends_on).into_iter().partition(|id| ids.contains(id) && *id != own);
        (step.depends_on, step.dangling) = (known, dangling);
        step.status = step.said.word.as_ref().map_or(Status::Unknown, Word::status);
        let is_lost =
            matches!(status, Status::Unknown) && matches!(step.status, Status::Running | Status::Queued);
        if is_lost {
            step.status = Status::Unknown;
            step.doubt.get_or_insert_with(|| Safe::line("nothing tells what became of it"));
        }
    }
    steps
}

fn planned(id: &Safe, mut said: StepSaid, plan: Option<&Planned>) -> Step {
    let mut step = Step { id: id.clone(), ..Step::default() };
    if let Some(plan) = plan {
        said.name = said.name.or_else(|| plan.name.clone());
        said.agent = said.agent.or_else(|| plan.agent.clone());
        said.on_error = said.on_error.or_else(|| plan.on_error.clone());
        step.fallback.clone_from(&plan.fallback);
    }
    let dependencies = said.depends_on.take().or_else(|| plan.map(|plan| plan.depends_on.clone()));
    step.depends_on = dependencies.unwrap_or_default();
    step.said = said;
    step
}

/// What became of a step that nobody saw end, now that the run is over; a planned step of a run that goes on waits.
fn settle(run: &Run, step: &mut Step, can_infer: bool, is_spoken_of: bool) {
    let Some(end) = &run.said.word else { return };
    let has_begun = matches!(step.said.word, Some(Word::Running | Word::Begun));
    if step.said.word.as_ref().is_some_and(Word::is_over) {
        return;
    }
    if !end.is_over() {
        let waits = step.said.word.is_none() && !is_spoken_of && *end != Word::Begun;
        if waits {
            step.said.word = Some(Word::Queued);
        } else if step.said.word == Some(Word::Begun) {
            step.doubt = Some(Safe::line("it began; this journal does not hear of ends"));
        }
        return;
    }
    if !can_infer {
        let text =
            if has_begun { "it began; nothing tells what became of it" } else { "nothing tells of it" };
        step.doubt = Some(Safe::line(text));
        if step.said.word != Some(Word::Begun) {
            step.said.word = None;
        }
        return;
    }
    let (word, why) = match (end, has_begun) {
        (Word::Completed, true) => {
            (Word::Skipped, "inferred: it began and had no end when the run completed")
        }
        (Word::Completed, false) => (Word::Skipped, "inferred: nothing tells of it and the run completed"),
        (Word::Failed | Word::Cancelled, true) => {
            (Word::Cancelled, "inferred: it had no end when the run was stopped (it may have been skipped)")
        }
        (Word::Failed | Word::Cancelled, false) => (Word::Skipped, "inferred: the run was stopped before it"),
        _ => return,
    };
    step.said.word = Some(word);
    step.said.is_inferred = true;
    step.doubt = Some(Safe::line(why));
}

fn total(run: &Run, nodes: &[&Planned], steps: &[Step]) -> Option<u32> {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let results = run.said.total.filter(|total| run.is_complete && *total > 0);
    let planned = (!nodes.is_empty()).then(|| count(nodes.len()));
    // A run that was stopped may have had more steps than anybody spoke of.
    let is_whole = run.said.word == Some(Word::Completed);
    let spoken = (is_whole && !steps.is_empty()).then(|| count(steps.len()));
    results
        .or(planned)
        .or(run.said.total.filter(|total| *total > 0))
        .or(spoken)
        .map(|total| if steps.is_empty() { total } else { total.max(count(steps.len())) })
}
