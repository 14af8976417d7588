//! Accounts of several files about one execution become one: the most trustworthy speaks first, the others fill in what it
//! leaves open. An end that somebody heard of beats the silence of others. Pure.

use super::{
    account::{Account, Evidence, StepSaid},
    word::Word,
};
use crate::{model::Timestamp, text::Safe};

/// An account and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) account: &'a Account,
    /// The file, below the place.
    pub(super) file: &'a Safe,
    /// When that file was written last.
    pub(super) modified: Option<Timestamp>,
    /// The id under which the account was found, when it is not the run's.
    pub(super) own_id: Option<&'a Safe>,
}

/// A run as all files together tell it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Run {
    pub(super) said: Account,
    /// Where it is known from, the most trustworthy first.
    pub(super) evidence: Vec<(Evidence, Safe)>,
    /// Some evidence names every step that the run had.
    pub(super) is_complete: bool,
    /// Ids and stated ends of execution states that describe it.
    pub(super) states: Vec<(Safe, Option<Safe>)>,
    /// States that others state, where they are not the one that is told.
    pub(super) contradictions: Vec<(Evidence, Safe)>,
    /// When the newest of its files was written.
    pub(super) modified: Option<Timestamp>,
    /// The same of files that hear how runs end.
    pub(super) heard: Option<Timestamp>,
}

/// Joins accounts of one run.
pub(super) fn join(parts: &mut [Part<'_>]) -> Run {
    parts.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut run = Run::default();
    let Some(first) = parts.first() else { return run };
    run.said.evidence = first.account.evidence;
    for part in parts.iter() {
        add(&mut run, part);
    }
    contradictions(&mut run, parts);
    // Times by arrival are told as such only when nothing better tells times.
    let has_times = |part: &&Part<'_>| {
        part.account.evidence <= Evidence::EnrichedJournal && part.account.newest.is_some()
    };
    if parts.iter().any(|part| has_times(&part)) {
        run.said.has_arrival_times = false;
    }
    run
}

fn order<'a>(part: &Part<'a>) -> (Evidence, bool, std::cmp::Reverse<Option<Timestamp>>, &'a Safe) {
    let is_open = !part.account.word.as_ref().is_some_and(Word::is_over);
    (part.account.evidence, is_open, std::cmp::Reverse(part.account.newest), part.file)
}

fn fill<T: Clone>(into: &mut Option<T>, from: Option<&T>) {
    if into.is_none() {
        *into = from.cloned();
    }
}

fn add(run: &mut Run, part: &Part<'_>) {
    let (into, from) = (&mut run.said, part.account);
    run.evidence.push((from.evidence, part.file.clone()));
    run.is_complete |= from.evidence.is_complete() && from.total.is_some();
    run.modified = run.modified.max(part.modified);
    if from.evidence.hears_ends() {
        run.heard = run.heard.max(part.modified);
    }
    if let Some(id) = part.own_id.filter(|id| !run.states.iter().any(|(known, _)| known == *id)) {
        run.states.push((id.clone(), from.stated.clone()));
    }
    let weight = |word: &Option<Word>| word.as_ref().map_or(-1, |word| i16::from(word.weight(false)));
    if weight(&from.word) > weight(&into.word) {
        into.word.clone_from(&from.word);
        // What only logs and events know has no written state.
        into.stated.clone_from(&from.stated);
    } else if into.stated.is_none() && !into.word.as_ref().is_some_and(Word::is_over) {
        into.stated.clone_from(&from.stated);
    }
    fill(&mut into.workflow, from.workflow.as_ref());
    fill(&mut into.name, from.name.as_ref());
    fill(&mut into.version, from.version.as_ref());
    fill(&mut into.queued, from.queued.as_ref());
    // A state model has a clock of its own: it begins when it is fed.
    if part.own_id.is_none() {
        fill(&mut into.started, from.started.as_ref());
        fill(&mut into.ended, from.ended.as_ref());
        fill(&mut into.duration, from.duration.as_ref());
        into.newest = into.newest.max(from.newest);
    }
    fill(&mut into.total, from.total.as_ref());
    fill(&mut into.variables, from.variables.as_ref());
    fill(&mut into.definition, from.definition.as_ref());
    fill(&mut into.cost, from.cost.as_ref());
    fill(&mut into.tokens, from.tokens.as_ref());
    // A result names every error that counts; others speak of errors that were covered.
    if into.faults.is_empty() && (from.evidence.is_complete() || !run.is_complete) {
        into.faults.clone_from(&from.faults);
    }
    into.groups.extend(from.groups.iter().cloned());
    into.has_beginning |= from.has_beginning && from.evidence.hears_ends();
    into.ambiguous = into.ambiguous.max(from.ambiguous);
    into.has_arrival_times |= from.has_arrival_times;
    for (label, text) in &from.remarks {
        into.remark(label, text.clone());
    }
    for (id, said) in from.steps.iter() {
        add_step(into.steps.of(id), said);
    }
}

fn add_step(into: &mut StepSaid, from: &StepSaid) {
    let weight =
        |said: &StepSaid| said.word.as_ref().map_or(-1, |word| i16::from(word.weight(said.is_inferred)));
    if weight(from) > weight(into) {
        into.word.clone_from(&from.word);
        into.is_inferred = from.is_inferred;
    }
    fill(&mut into.name, from.name.as_ref());
    fill(&mut into.agent, from.agent.as_ref());
    fill(&mut into.depends_on, from.depends_on.as_ref());
    fill(&mut into.duration, from.duration.as_ref());
    fill(&mut into.started, from.started.as_ref());
    fill(&mut into.ended, from.ended.as_ref());
    match (&mut into.fault, &from.fault) {
        (none @ None, fault) => none.clone_from(fault),
        (Some(known), Some(fault)) => {
            fill(&mut known.message, fault.message.as_ref());
            fill(&mut known.code, fault.code.as_ref());
        }
        (Some(_), None) => {}
    }
    // A journal keeps less than a result: that its copy is cut says nothing about the output.
    let is_whole = into.output.is_some() && into.truncation.is_none();
    fill(&mut into.output, from.output.as_ref());
    match (&mut into.truncation, &from.truncation) {
        (None, _) if is_whole => {}
        (none @ None, found) => *none = *found,
        (Some(known), Some(found)) => {
            fill(&mut known.original, found.original.as_ref());
            fill(&mut known.retained, found.retained.as_ref());
        }
        (Some(_), None) => {}
    }
    fill(&mut into.alias_for, from.alias_for.as_ref());
    fill(&mut into.skip_reason, from.skip_reason.as_ref());
    fill(&mut into.on_error, from.on_error.as_ref());
    into.attempts = into.attempts.max(from.attempts);
    into.retries = into.retries.max(from.retries);
    into.timeouts = into.timeouts.max(from.timeouts);
    fill(&mut into.timeout, from.timeout.as_ref());
    fill(&mut into.breaker, from.breaker.as_ref());
    into.has_void_times |= from.has_void_times;
    into.began_again |= from.began_again;
    for (label, text) in &from.remarks {
        into.remark(label, text.clone());
    }
}

/// What others state about the end, where it is not what is told.
fn contradictions(run: &mut Run, parts: &[Part<'_>]) {
    let told = run.said.word.clone();
    for part in parts {
        let Some(stated) = &part.account.stated else { continue };
        let evidence = part.account.evidence;
        let known = run.contradictions.iter().any(|(known, word)| *known == evidence && word == stated);
        if told.as_ref().is_some_and(|told| *told != Word::of(stated)) && !known {
            run.contradictions.push((evidence, stated.clone()));
        }
    }
}
