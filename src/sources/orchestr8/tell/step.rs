//! A step of a run as an execution.

use super::{Telling, agent};
use crate::{
    model::{Execution, ExecutionKind, Millis},
    sources::orchestr8::{
        account::{StepSaid, Truncation},
        conclude::Step,
        word::Word,
    },
    text::{Safe, format},
};

/// The execution of a step.
pub(super) fn of(telling: &Telling<'_>, step: &Step) -> Execution {
    let said = &step.said;
    Execution {
        kind: ExecutionKind::Step,
        name: said.name.clone().unwrap_or_else(|| step.id.clone()),
        task: Some(telling.task_key()),
        agent: agent::works(step).then(|| telling.step_key(&step.id)),
        parent: None,
        depends_on: step.depends_on.iter().map(|id| telling.step_key(id)).collect(),
        status: step.status,
        status_raw: said.word.as_ref().map(Word::written),
        started_at: said.started.filter(|_| said.word != Some(Word::Skipped)),
        ended_at: said.ended.filter(|_| said.word.as_ref().is_some_and(Word::is_over)),
        summary: summary(step),
        facts: facts(step),
        raw: telling.raw(),
    }
}

/// One line about how it ended or what it does.
pub(super) fn summary(step: &Step) -> Option<Safe> {
    let said = &step.said;
    let fault = || said.fault.as_ref().map(super::super::account::Fault::words);
    match &said.word {
        Some(Word::Completed) => said.output.clone().or_else(|| said.truncation.map(truncation)),
        Some(Word::Skipped) => said.skip_reason.clone().or_else(fault).or_else(|| step.doubt.clone()),
        _ => fault().or_else(|| step.doubt.clone()),
    }
}

/// What became of an output that was not kept.
fn truncation(found: Truncation) -> Safe {
    Safe::line(&match (found.original, found.retained) {
        (Some(original), Some(retained)) if retained > 0 => {
            format!("its output of {original} bytes was not kept ({retained} bytes were, and are discarded)")
        }
        (Some(original), _) => format!("its output of {original} bytes was not kept"),
        (None, Some(0)) => "it returned nothing".to_owned(),
        (None, _) => "its output was not kept".to_owned(),
    })
}

/// Further facts of a step; also those of its agent.
pub(super) fn facts(step: &Step) -> Vec<(&'static str, Safe)> {
    let said = &step.said;
    let mut facts = vec![("step", step.id.clone())];
    let mut fact = |label, text: Option<Safe>| facts.extend(text.map(|text| (label, text)));
    fact("agent", said.agent.clone());
    fact("attempts", said.attempts.map(number));
    fact("retries", (said.retries > 0).then(|| number(said.retries)));
    fact("timeouts", timeouts(said));
    fact("breaker", said.breaker.clone());
    fact("skipped because", said.skip_reason.clone());
    fact("stands in for", said.alias_for.clone());
    fact("fallback if it fails", step.fallback.clone());
    fact("on error", said.on_error.clone());
    if let Some(fault) = &said.fault {
        fact("error code", fault.code.clone());
        fact("error", fault.message.clone());
    }
    if said.word == Some(Word::Failed) {
        fact("output of its fallback", said.output.clone());
    }
    fact("output", said.truncation.map(truncation));
    fact(
        "took",
        said.duration.filter(|span| *span > Millis(0)).map(|span| Safe::line(&format::duration(span))),
    );
    fact("times", said.has_void_times.then(|| Safe::line(VOID)));
    fact("state", said.is_inferred.then(|| step.doubt.clone()).flatten());
    if !step.dangling.is_empty() {
        let ids: Vec<&str> = step.dangling.iter().map(Safe::as_str).collect();
        fact("depends on what is no step", Some(Safe::line(&ids.join(", "))));
    }
    facts.extend(said.remarks.iter().cloned());
    facts
}

const VOID: &str = "the result overwrote them when the fallback began; they are from a log, or left out";

fn number(count: u32) -> Safe {
    Safe::line(&count.to_string())
}

fn timeouts(said: &StepSaid) -> Option<Safe> {
    let limit = said.timeout.map(|span| format!(" (limit {} ms)", span.0)).unwrap_or_default();
    (said.timeouts > 0).then(|| Safe::line(&format!("{}{limit}", said.timeouts)))
}
