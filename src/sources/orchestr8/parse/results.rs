//! Results, outputs of the command line, and execution states: documents that hold results of steps. Pure.

use serde_json::Value;

use super::{
    super::{
        account::{Account, Evidence, Fault, StepSaid, Truncation},
        format::Format,
        value::{count, line, names, ordered, shown, small, span, text, time},
        word::Word,
    },
    classify,
    events::fault_of,
    workflow::definition,
};
use crate::{model::Millis, text::Safe};

/// A run's id and what is said of it.
pub(in super::super) type Named = (Safe, Account);

/// The engine's result. `bytes` is the document, for the order of the steps.
pub(in super::super) fn result(bytes: &[u8], value: &Value) -> Option<Named> {
    let mut account = Account::of(Evidence::Result);
    account.started = time(value, "startTime");
    account.ended = time(value, "endTime");
    of_document(bytes, value, &mut account);
    Some((line(value, "executionId")?, account))
}

/// What `o8 run -o` wrote: the workflow is a text that holds JSON, the only time is that of writing.
pub(in super::super) fn cli_output(bytes: &[u8], value: &Value) -> Option<Named> {
    let mut account = Account::of(Evidence::CliOutput);
    account.ended = time(value, "timestamp");
    of_document(bytes, value, &mut account);
    let duration = account.duration.unwrap_or_default();
    account.started = account.ended.map(|end| end.minus(duration));
    let written = value.get("workflow");
    let embedded = match written {
        Some(Value::String(text)) => serde_json::from_str::<Value>(text).ok(),
        other => other.cloned(),
    };
    if let Some(workflow) = embedded.filter(Value::is_object) {
        let metadata = workflow.get("metadata").cloned().unwrap_or_default();
        account.workflow = line(&workflow, "id").or_else(|| line(&metadata, "id"));
        account.name = line(&workflow, "name").or_else(|| line(&metadata, "name"));
        account.version = line(&workflow, "version");
        let dialect = classify::document(&workflow).filter(|format| format.is_workflow());
        account.definition = dialect.map(|dialect| definition(&workflow, dialect));
    } else {
        account.name = written.and_then(Value::as_str).map(Safe::line).filter(|text| text.len() < 200);
        account.remark("workflow", Safe::line("the embedded workflow is no JSON object"));
    }
    if value.get("steps").is_none() {
        account.remark("older layout", Safe::line("this revision of o8 wrote no step results"));
    }
    Some((line(value, "runId")?, account))
}

fn of_document(bytes: &[u8], value: &Value, account: &mut Account) {
    account.stated = line(value, "status");
    account.word = account.stated.as_deref().map(Word::of);
    account.duration = span(value, "duration");
    account.variables = variables(value);
    account.faults = faults(value);
    let steps = ordered(bytes, value, "steps");
    let has_steps = value.get("steps").is_some();
    account.total = has_steps.then(|| u32::try_from(steps.len()).unwrap_or(u32::MAX));
    for (id, said) in steps {
        *account.steps.of(&Safe::line(&id)) = step(&said);
    }
    void_times_of_replaced(account);
    account.newest = account.ended.max(account.started);
}

/// Variables, when there are any.
pub(in super::super) fn variables(value: &Value) -> Option<Safe> {
    value.get("variables").filter(|found| found.as_object().is_some_and(|map| !map.is_empty())).map(shown)
}

fn faults(value: &Value) -> Vec<Fault> {
    value.get("errors").and_then(Value::as_array).into_iter().flatten().map(fault_of).collect()
}

/// One step's result; also the two forms in which the state model declares a step, and bare outputs.
fn step(value: &Value) -> StepSaid {
    let Some(status) = text(value, "status").filter(|_| value.is_object()) else {
        // A state that was derived from a journal holds bare outputs of completed steps.
        return StepSaid { output: Some(shown(value)), ..StepSaid::default() };
    };
    let fault =
        value.get("error").or_else(|| value.get("lastError")).filter(|error| !error.is_null()).map(fault_of);
    let is_truncated = value.get("truncated") == Some(&Value::Bool(true));
    let truncation =
        Truncation { original: count(value, "originalSize"), retained: count(value, "retainedBytes") };
    let (started, ended) = (time(value, "startTime"), time(value, "endTime"));
    let word = Word::of(status);
    let retried = small(value, "retryCount");
    StepSaid {
        // The wait before a skipped step is nothing it did.
        started: started.filter(|_| word != Word::Skipped),
        ended: ended.filter(|_| word.is_over()),
        duration: started.zip(ended).map(|(start, end)| Millis(end.0 - start.0)),
        name: line(value, "name"),
        output: value.get("output").map(shown),
        truncation: is_truncated.then_some(truncation),
        alias_for: line(value, "aliasFor"),
        skip_reason: line(value, "skipReason"),
        attempts: fault
            .as_ref()
            .and_then(|fault| fault.attempts)
            .or_else(|| small(value, "attempts"))
            .or_else(|| small(value, "attempt"))
            .or_else(|| retried.map(|count| count.saturating_add(1))),
        retries: retried.unwrap_or(0),
        fault,
        word: Some(word),
        ..StepSaid::default()
    }
}

/// When a fallback begins, the times of the step it stands in for are overwritten: only the time of its error is true.
fn void_times_of_replaced(account: &mut Account) {
    let replaced: Vec<Safe> = account.steps.iter().filter_map(|(_, said)| said.alias_for.clone()).collect();
    for id in replaced {
        if account.steps.get(&id).is_none() {
            continue;
        }
        let said = account.steps.of(&id);
        let error_at = said.fault.as_ref().and_then(|fault| fault.at);
        let is_late = error_at.zip(said.started).is_some_and(|(error, start)| start >= error);
        if is_late || said.started == said.ended {
            said.has_void_times = true;
            (said.started, said.duration) = (None, None);
            said.ended = error_at;
        }
    }
}

/// The state model: the same step results, lists of ids, and an end rule of its own.
pub(in super::super) fn state(bytes: &[u8], value: &Value) -> Option<Named> {
    let mut account = Account::of(Evidence::State);
    account.workflow = line(value, "workflowId");
    account.started = time(value, "startTime");
    account.ended = time(value, "endTime");
    account.duration = span(value, "duration");
    account.stated = line(value, "status");
    // A state stays pending until it is finalised, whatever the run does.
    account.word = account.stated.as_deref().map(Word::of).filter(|word| *word != Word::Queued);
    account.variables = variables(value);
    account.faults = faults(value);
    for (id, said) in ordered(bytes, value, "stepResults") {
        *account.steps.of(&Safe::line(&id)) = step(&said);
    }
    let lists = [
        ("completedSteps", Word::Completed),
        ("failedSteps", Word::Failed),
        ("skippedSteps", Word::Skipped),
        ("cancelledSteps", Word::Cancelled),
    ];
    for (key, word) in lists {
        for id in names(value, key).unwrap_or_default() {
            account.steps.of(&id).word.get_or_insert(word.clone());
        }
    }
    for (_, said) in account.steps.iter_mut() {
        // Only completed steps leave a bare output.
        if said.word.is_none() && said.output.is_some() {
            said.word = Some(Word::Completed);
        }
    }
    if let Some(metadata) =
        value.get("metadata").filter(|found| found.as_object().is_some_and(|map| !map.is_empty()))
    {
        account.remark("state metadata", shown(metadata));
    }
    void_times_of_replaced(&mut account);
    let ends = account.steps.iter().filter_map(|(_, said)| said.ended).max();
    account.newest = account.ended.max(account.started).max(ends);
    Some((line(value, "executionId")?, account))
}

/// The part of [`Format`] that [`result`] and its siblings take apart.
pub(in super::super) fn named(format: Format, bytes: &[u8], value: &Value) -> Option<Named> {
    match format {
        Format::WorkflowResult => result(bytes, value),
        Format::CliRunOutput => cli_output(bytes, value),
        Format::ExecutionState => state(bytes, value),
        _ => None,
    }
}
