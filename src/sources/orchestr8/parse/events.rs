//! What one event means for the run it is known to belong to; the same for bus events, journals and messages to a browser.
//! Pure.

use serde_json::Value;

use super::super::{
    account::{Account, Fault, StepSaid, Truncation},
    value::{count, line, message, shown, small, span, text, time},
    word::Word,
};
use crate::{model::Timestamp, text::Safe};

/// An event of a known run.
#[derive(Clone, Debug)]
pub(in super::super) struct Event<'a> {
    pub(in super::super) kind: &'a str,
    pub(in super::super) step: Option<Safe>,
    /// When, as far as anything tells.
    pub(in super::super) at: Option<Timestamp>,
    /// Its fields.
    pub(in super::super) body: &'a Value,
}

impl<'a> Event<'a> {
    /// An event whose fields lie beside its name.
    pub(in super::super) fn of(body: &'a Value) -> Option<Self> {
        let kind = text(body, "type")?;
        Some(Self { kind, step: step_of(kind, body), at: time(body, "timestamp"), body })
    }
}

/// The step an event speaks of; a breaker names it in its key, behind the workflow.
pub(super) fn step_of(kind: &str, body: &Value) -> Option<Safe> {
    if kind == "circuitBreaker.opened" {
        return breaker_key(body).map(|(_, step)| Safe::line(step));
    }
    line(body, "stepId")
}

/// Workflow and step of a breaker's key.
pub(in super::super) fn breaker_key(body: &Value) -> Option<(&str, &str)> {
    text(body, "key").or_else(|| text(body, "circuitKey"))?.rsplit_once(':')
}

/// Lets an event change what is said of its run; whether its name is known.
pub(in super::super) fn apply(account: &mut Account, event: &Event<'_>) -> bool {
    let Event { kind, at, body, .. } = *event;
    account.note_time(at);
    if let Some(workflow) = line(body, "workflowId") {
        account.workflow.get_or_insert(workflow);
    }
    account.has_beginning |= matches!(kind, "execution.queued" | "execution.started" | "workflow.started");
    match kind {
        "execution.queued" => {
            account.queued = account.queued.or(at);
            if account.word.is_none() {
                account.word = Some(Word::Queued);
            }
        }
        "workflow.started" => {
            account.started = time(body, "timestamp").or(at).or(account.started);
            account.note_time(account.started);
        }
        "execution.started" => {
            account.run(Word::Running);
            account.started = account.started.or(at);
        }
        "workflow.completed" | "execution.completed" => end(account, Word::Completed, event),
        "workflow.failed" | "execution.failed" => end(account, Word::Failed, event),
        "workflow.cancelled" | "execution.cancelled" => end(account, Word::Cancelled, event),
        _ => match &event.step {
            Some(step) => return apply_to_step(account.steps.of(step), event),
            None => return false,
        },
    }
    true
}

fn end(account: &mut Account, word: Word, event: &Event<'_>) {
    let body = event.body;
    if account.word.as_ref().is_some_and(Word::is_over) {
        return;
    }
    account.duration = account.duration.or_else(|| span(body, "duration"));
    // Events carry no time of their own, but a run that says how long it took and when it began has an end.
    let computed = account.started.zip(account.duration).map(|(start, span)| start.plus(span));
    let at = event.at.or(computed);
    account.note_time(at);
    account.end(word, at);
    if let Some(fault) = body.get("error").map(fault_of) {
        account.faults.push(fault);
    }
    if let Some(reason) = line(body, "reason") {
        account.remark("cancelled because", reason);
    }
}

fn apply_to_step(step: &mut StepSaid, event: &Event<'_>) -> bool {
    let Event { kind, at, body, .. } = *event;
    step.agent = step.agent.take().or_else(|| line(body, "agentId"));
    match kind {
        "step.started" => step.begin(at),
        "step.completed" => {
            step.end(Word::Completed, at);
            if let Some(output) = body.get("output") {
                step.truncation = step.truncation.or_else(|| truncation_of(output));
                step.output = (step.truncation.is_none() || output.is_string()).then(|| shown(output));
            }
        }
        "step.failed" => {
            step.end(Word::Failed, at);
            step.fault = step.fault.take().or_else(|| body.get("error").map(fault_of));
        }
        "step.skipped" => step.end(Word::Skipped, at),
        "step.cancelled" => step.end(Word::Cancelled, at),
        "retry.attempted" => {
            step.retries += 1;
            let used = small(body, "attempt").map(|attempt| attempt.saturating_add(1));
            step.attempts = step.attempts.max(used);
        }
        "timeout.exceeded" => {
            step.timeouts += 1;
            step.timeout = span(body, "duration");
        }
        "circuitBreaker.opened" => {
            let failures =
                count(body, "failures").map_or_else(String::new, |count| format!(" after {count} failures"));
            step.breaker = Some(Safe::line(&format!("opened{failures}")));
        }
        _ => return false,
    }
    step.duration = step.duration.or_else(|| span(body, "duration").filter(|_| kind.starts_with("step.")));
    true
}

/// An error as an event holds it: of an exception only its name survives, and the name is the code.
pub(in super::super) fn fault_of(error: &Value) -> Fault {
    if let Value::String(_) = error {
        return Fault { message: Some(shown(error)), ..Fault::default() };
    }
    let code = line(error, "code").or_else(|| line(error, "name"));
    let cut = error.get("truncated").is_some();
    Fault {
        message: message(error, "message").or_else(|| cut.then(|| Safe::line("too large to be kept"))),
        code,
        step: line(error, "stepId"),
        at: time(error, "timestamp"),
        attempts: error.get("context").and_then(|context| small(context, "attempts")),
    }
}

/// The marks that a journal leaves in the place of a value that is too large.
fn truncation_of(output: &Value) -> Option<Truncation> {
    match output {
        Value::String(text) if text.ends_with("[truncated]") => Some(Truncation::default()),
        Value::Object(fields) if fields.get("truncated") == Some(&Value::Bool(true)) => {
            Some(Truncation { original: count(output, "originalSize"), retained: Some(0) })
        }
        _ => None,
    }
}
