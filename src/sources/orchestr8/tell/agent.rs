//! The agent of a step, so that what each definition of an agent was used for can be counted.

use super::{Telling, step};
use crate::{
    model::{Agent, AgentKind, Status},
    sources::orchestr8::{conclude::Step, word::Word},
    text::Safe,
};

/// The step's agent is known and went to work: of a step that waits or was skipped, it never did.
pub(super) fn works(step: &Step) -> bool {
    step.said.agent.is_some() && step.has_worked()
}

/// The agent of a step.
pub(super) fn of(telling: &Telling<'_>, step: &Step) -> Option<Agent> {
    if !works(step) {
        return None;
    }
    let said = &step.said;
    let summary = step::summary(step);
    let is_over = said.word.as_ref().is_some_and(Word::is_over);
    let ended = said.ended.filter(|_| is_over);
    Some(Agent {
        kind: AgentKind::Worker,
        name: step.id.clone(),
        title: said.name.clone(),
        role: said.agent.clone(),
        status: step.status,
        status_raw: said.word.as_ref().map(Word::written),
        status_note: match step.status {
            Status::Failed => said.fault.as_ref().map(super::super::account::Fault::words),
            _ => step.doubt.clone(),
        },
        workspace: telling.workspace.clone(),
        task: Some(telling.task_key()),
        started_at: said.started,
        updated_at: ended.or(said.started),
        ended_at: ended,
        activity: (step.status == Status::Running).then(|| activity(step)),
        facts: step::facts(step)
            .into_iter()
            .filter(|(label, _)| !matches!(*label, "agent" | "step"))
            .chain(summary.map(|text| ("outcome", text)))
            .collect(),
        raw: telling.raw(),
        ..Agent::default()
    })
}

fn activity(step: &Step) -> Safe {
    let name = step.said.name.as_ref().unwrap_or(&step.id);
    let attempt = step.said.attempts.map(|attempt| format!(", attempt {attempt}")).unwrap_or_default();
    Safe::line(&format!("{name}{attempt}"))
}
