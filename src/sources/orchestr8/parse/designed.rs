//! Forms that only design documents have: nothing that was ever released writes them, but a host may. Those that speak of
//! executions are told as such, with that remark; the rest is only counted. Pure.

use serde_json::Value;

use super::{
    super::{
        account::{Account, Evidence, StepSaid},
        format::Format,
        value::{count, line, message, object, shown, span, text, time},
        word::Word,
    },
    events::{self, Event, fault_of},
    results::Named,
};
use crate::{
    model::{Timestamp, Usd},
    text::Safe,
};

/// The executions a document speaks of.
pub(in super::super) fn executions(format: Format, value: &Value) -> Vec<Named> {
    match format {
        Format::ApiExecution | Format::ApiExecuted => of_api(value).into_iter().collect(),
        Format::ApiExecutions => value
            .get("executions")
            .unwrap_or(value)
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(of_dashboard)
            .collect(),
        Format::Envelope => of_envelope(value).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn begun(value: &Value, status: &str) -> Account {
    let mut account = Account::of(Evidence::Designed);
    account.stated = line(value, status);
    account.word = account.stated.as_deref().map(Word::of);
    account
}

fn times(account: &mut Account, value: &Value) {
    account.started = time(value, "startedAt");
    account.ended = time(value, "completedAt").or_else(|| time(value, "timestamp"));
    account.duration = span(value, "duration");
    account.newest = account.ended.max(account.started);
}

fn of_api(value: &Value) -> Option<Named> {
    let mut account = begun(value, "status");
    times(&mut account, value);
    if let Some(workflow) = value.get("workflow") {
        account.workflow = line(workflow, "id");
        account.name = line(workflow, "name");
    }
    account.faults =
        value.get("errors").and_then(Value::as_array).into_iter().flatten().map(fault_of).collect();
    for (step, output) in value.get("outputs").and_then(object).into_iter().flatten() {
        let said = account.steps.of(&Safe::line(step));
        said.word = Some(Word::Completed);
        said.output = Some(shown(output));
    }
    Some((line(value, "executionId")?, account))
}

fn of_dashboard(value: &Value) -> Option<Named> {
    let mut account = begun(value, "status");
    times(&mut account, value);
    account.workflow = line(value, "workflowId");
    account.name = value.get("metadata").and_then(|metadata| line(metadata, "name"));
    for step in value.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let Some(id) = line(step, "id") else { continue };
        *account.steps.of(&id) = StepSaid {
            word: text(step, "status").map(Word::of),
            name: line(step, "name"),
            agent: line(step, "agentId"),
            started: time(step, "startedAt"),
            ended: time(step, "completedAt"),
            duration: span(step, "duration"),
            output: step.get("output").map(shown),
            fault: step.get("error").filter(|error| !error.is_null()).map(fault_of),
            ..StepSaid::default()
        };
    }
    Some((line(value, "id")?, account))
}

fn of_envelope(value: &Value) -> Option<Named> {
    let mut account = begun(value, "status");
    account.workflow = line(value, "workflowId");
    if let Some(meta) = value.get("meta") {
        times(&mut account, meta);
    }
    if let Some(error) = value.get("error").filter(|error| error.is_object()) {
        if text(error, "code") == Some("CANCELLED") {
            account.word = Some(Word::Cancelled);
        }
        account.faults.push(fault_of(error));
    }
    if let Some(cost) = value.get("cost") {
        account.cost = cost.get("totalCost").and_then(Value::as_f64).and_then(Usd::from_dollars);
        let kinds = ["inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens"];
        let counted: Vec<u64> = kinds.iter().filter_map(|kind| count(cost, kind)).collect();
        account.tokens = (!counted.is_empty()).then(|| counted.iter().sum());
        account.remark("tokens in the envelope", shown(cost));
    }
    if let Some(data) = value.get("data").filter(|data| !data.is_null()) {
        account.remark("data", shown(data));
    }
    let id = line(value, "executionId").or_else(|| line(value, "correlationId"))?;
    Some((id, account))
}

/// A message to a browser: an event whose every line has an id and a time.
pub(in super::super) fn browser_message(account: &mut Account, value: &Value) {
    let Some(event) = Event::of(value) else { return };
    if event.kind == "log.entry" {
        account.note_time(event.at);
        return;
    }
    if matches!(event.kind, "workflow.started" | "step.started") {
        account.run(Word::Running);
    }
    events::apply(account, &event);
}

/// One entry of the sequenced journal; its times count from the start of the execution, which it does not say.
pub(in super::super) fn sequenced_entry(account: &mut Account, value: &Value) {
    let kind = text(value, "type").unwrap_or_default();
    let nothing = Value::Null;
    let data = value.get("data").unwrap_or(&nothing);
    if let Some(step) = line(value, "stepId") {
        sequenced_step(account.steps.of(&step), kind, data);
        return;
    }
    match kind {
        "execution-start" => account.run(Word::Running),
        "execution-complete" | "execution-failed" | "cancellation-complete" | "cancellation-forced" => {
            let word = match kind {
                "execution-complete" => Word::Completed,
                "execution-failed" => Word::Failed,
                _ => Word::Cancelled,
            };
            account.duration = span(data, "duration");
            account.stated = line(data, "status").or(account.stated.take());
            account.faults.extend(data.get("error").map(fault_of));
            account.end(word, None);
        }
        _ => {}
    }
}

fn sequenced_step(said: &mut StepSaid, kind: &str, data: &Value) {
    let never: Option<Timestamp> = None;
    match kind {
        "step-start" => said.begin(never),
        "step-complete" => {
            said.end(Word::Completed, never);
            said.duration = span(data, "duration");
            said.output = message(data, "output");
        }
        "step-failed" => {
            said.end(Word::Failed, never);
            said.fault = data.get("error").map(fault_of);
        }
        "step-retry" => {
            said.retries += 1;
            said.attempts = said.attempts.max(super::super::value::small(data, "attempt"));
        }
        "timeout" => said.timeouts += 1,
        "circuit-open" => said.breaker = Some(Safe::line("opened")),
        _ => {}
    }
}
