//! A run as a task.

use std::collections::BTreeMap;

use super::{Telling, agent};
use crate::{
    model::{Millis, Status, Steps, Task},
    sources::orchestr8::{
        account::{Evidence, Fault},
        conclude::Step,
        word::Word,
    },
    text::Safe,
};

/// Errors that are told in full.
const FAULTS: usize = 5;
/// Outputs that are told in full.
const OUTPUTS: usize = 50;

/// The task of a run.
pub(super) fn of(telling: &Telling<'_>) -> Task {
    let (run, told) = (telling.run, telling.conclusion);
    let said = &run.said;
    let title = said.name.clone().or_else(|| said.workflow.clone()).unwrap_or_else(|| telling.id.clone());
    let is_over = said.word.as_ref().is_some_and(Word::is_over);
    let ended = said.ended.filter(|_| is_over);
    let started = said.started.or(said.queued);
    let running: Vec<&str> = told
        .steps
        .iter()
        .filter(|step| step.status == Status::Running)
        .map(|step| step.id.as_str())
        .collect();
    let notes: Vec<&str> = told.notes.iter().map(String::as_str).collect();
    Task {
        prompt: Safe::text(&prompt(telling)),
        title,
        kind: Some(Safe::line("workflow")),
        status: told.status,
        status_raw: said.stated.clone(),
        status_note: (!notes.is_empty()).then(|| Safe::line(&notes.join("; "))),
        workspace: telling.workspace.clone(),
        agents: told
            .steps
            .iter()
            .filter(|step| agent::works(step))
            .map(|step| telling.step_key(&step.id))
            .collect(),
        workflow: told.steps.iter().map(|step| step.id.clone()).collect(),
        steps: told.total.map(|total| Steps { done: done(&told.steps), total }),
        activity: (!running.is_empty() && told.status.is_live())
            .then(|| Safe::line(&format!("running {}", running.join(", ")))),
        created_at: said.queued.or(started),
        started_at: started,
        updated_at: said.newest.or(ended).or(started),
        ended_at: ended,
        duration: said.duration.or_else(|| started.zip(ended).map(|(start, end)| Millis(end.0 - start.0))),
        result: result(&told.steps),
        error: error(telling),
        retries: told.steps.iter().map(retries).sum(),
        recorded_cost: said.cost,
        recorded_tokens: said.tokens,
        facts: facts(telling),
        raw: telling.raw(),
        ..Task::default()
    }
}

/// There is no prompt: what was asked is a workflow with its variables.
fn prompt(telling: &Telling<'_>) -> String {
    let said = &telling.run.said;
    let mut lines = Vec::new();
    if let Some(workflow) = &said.workflow {
        let version = said.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        lines.push(format!("workflow {workflow}{version}"));
    }
    lines.extend(said.variables.as_ref().map(|variables| format!("variables {variables}")));
    lines.join("\n")
}

fn done(steps: &[Step]) -> u32 {
    steps.iter().filter(|step| step.said.word == Some(Word::Completed)).count() as u32
}

/// Of some evidence only the number of attempts is known.
fn retries(step: &Step) -> u32 {
    step.said.retries.max(step.said.attempts.unwrap_or(1).saturating_sub(1))
}

/// What the steps gave, one a line.
fn result(steps: &[Step]) -> Option<Safe> {
    let outputs = steps.iter().filter(|step| step.said.word == Some(Word::Completed));
    let lines: Vec<String> = outputs
        .filter_map(|step| Some(format!("{}: {}", step.id, step.said.output.as_ref()?)))
        .take(OUTPUTS)
        .collect();
    (!lines.is_empty()).then(|| Safe::text(&lines.join("\n")))
}

fn error(telling: &Telling<'_>) -> Option<Safe> {
    let words = |fault: &Fault| match &fault.step {
        Some(step) => format!("{step}: {}", fault.words()),
        None => fault.words().to_string(),
    };
    // A completed run may hold errors that were covered; only its result says that one was not.
    if telling.conclusion.status == Status::Succeeded && !telling.run.is_complete {
        return None;
    }
    let faults = &telling.run.said.faults;
    let mut lines: Vec<String> = faults.iter().take(FAULTS).map(words).collect();
    if faults.len() > FAULTS {
        lines.push(format!("and {} more", faults.len() - FAULTS));
    }
    if lines.is_empty() && telling.conclusion.status == Status::Failed {
        let failed = telling.conclusion.steps.iter().filter(|step| step.said.word == Some(Word::Failed));
        lines.extend(failed.take(FAULTS).map(|step| {
            let words = step.said.fault.as_ref().map(|fault| fault.words().to_string());
            format!("{}: {}", step.id, words.unwrap_or_else(|| "failed".to_owned()))
        }));
    }
    (!lines.is_empty()).then(|| Safe::text(&lines.join("\n")))
}

fn facts(telling: &Telling<'_>) -> Vec<(&'static str, Safe)> {
    let (run, told) = (telling.run, telling.conclusion);
    let said = &run.said;
    let mut facts = Vec::new();
    let mut fact = |label, text: Option<String>| facts.extend(text.map(|text| (label, Safe::line(&text))));
    fact("known from", Some(known_from(&run.evidence)));
    fact("workflow", said.workflow.as_ref().map(ToString::to_string));
    fact("version", said.version.as_ref().map(ToString::to_string));
    fact("steps", breakdown(&told.steps));
    fact("variables", said.variables.as_ref().map(ToString::to_string));
    if !said.groups.is_empty() {
        let groups: Vec<&str> = said.groups.iter().map(Safe::as_str).collect();
        fact("group markers", Some(groups.join(", ")));
    }
    if said.ambiguous > 0 {
        fact(
            "attribution",
            Some(format!(
                "{} events without execution id could be another run's; they are given to the one that began first",
                said.ambiguous
            )),
        );
    }
    if said.has_arrival_times {
        fact("times", Some("events carry none: these are when their lines came in".to_owned()));
    }
    for (id, stated) in &run.states {
        if id != telling.id {
            let word = stated.as_ref().map_or("no end", Safe::as_str);
            fact("execution state", Some(format!("{id} says {word} (by a cruder rule)")));
        }
    }
    for (evidence, word) in run.contradictions.iter().filter(|(evidence, _)| !evidence.has_own_id()) {
        let why = if *evidence == Evidence::BusFedJournal { " (it never hears of ends)" } else { "" };
        fact("disagrees", Some(format!("{} says {word}{why}", evidence.words())));
    }
    for (label, text) in &said.remarks {
        fact(label, Some(text.to_string()));
    }
    facts
}

fn known_from(evidence: &[(Evidence, Safe)]) -> String {
    let mut parts: Vec<String> = evidence
        .iter()
        .map(|(evidence, file)| {
            if file.is_empty() { evidence.words().to_owned() } else { format!("{} {file}", evidence.words()) }
        })
        .collect();
    parts.dedup();
    parts.join(", ")
}

/// `5 completed, 1 skipped`.
fn breakdown(steps: &[Step]) -> Option<String> {
    let mut counts: BTreeMap<Safe, usize> = BTreeMap::new();
    for step in steps {
        let word = step.said.word.as_ref().map_or_else(|| Safe::line("not known"), Word::written);
        *counts.entry(word).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
