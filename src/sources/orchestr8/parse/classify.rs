//! What a document or a line is, by its content alone: names of files lie. Pure.

use serde_json::{Map, Value};

use super::super::{
    format::Format,
    value::{text, time},
};

/// Events that the engine puts on its bus.
pub(in super::super) const BUS: [&str; 12] = [
    "execution.queued",
    "workflow.started",
    "execution.started",
    "step.started",
    "step.completed",
    "step.failed",
    "retry.attempted",
    "timeout.exceeded",
    "circuitBreaker.opened",
    "execution.cancelled",
    "workflow.completed",
    "workflow.failed",
];
/// Events that other code looks for though the engine never sends them.
const NEVER_SENT: [&str; 5] =
    ["execution.completed", "execution.failed", "step.skipped", "step.cancelled", "workflow.cancelled"];
/// Messages that only a browser would get.
const TO_BROWSER: [&str; 4] = ["connection.established", "metrics.update", "log.entry", "pong"];
/// Messages of the engine's logger.
const ENGINE: [&str; 16] = [
    "workflow.start",
    "workflow.end",
    "graph.organizational_step",
    "level.start",
    "level.fail-fast",
    "step.start",
    "step.skip",
    "step.success",
    "step.error",
    "step.fallback",
    "step.fallback_failed",
    "Event queue overflow - dropping oldest event",
    "Listener error",
    "Async event emission failed",
    "Backpressure activated",
    "Backpressure released",
];

/// A name of a bus event, sent or not.
pub(in super::super) fn is_event(name: &str) -> bool {
    BUS.contains(&name) || NEVER_SENT.contains(&name)
}

/// What a whole document is; nothing when it is not of this orchestrator.
pub(in super::super) fn document(value: &Value) -> Option<Format> {
    match value {
        Value::Object(fields) => workflow(value, fields)
            .or_else(|| run(value, fields))
            .or_else(|| project(value, fields))
            .or_else(|| designed(value, fields)),
        Value::Array(items) => list(items),
        _ => None,
    }
}

fn workflow(value: &Value, fields: &Map<String, Value>) -> Option<Format> {
    let steps = fields.get("steps")?.as_array()?;
    let is_step = |step: &Value| text(step, "id").is_some();
    if !steps.iter().all(is_step) {
        return None;
    }
    let is_canonical = fields.get("metadata").is_some_and(Value::is_object)
        && (fields.contains_key("schemaVersion") || fields.contains_key("schemaHash"));
    let is_other = text(value, "id").is_some()
        && (text(value, "version").is_some() || steps.iter().any(is_work))
        && !fields.contains_key("workflowId");
    if !is_canonical && !is_other {
        return None;
    }
    if fields.get("assertions").is_some_and(Value::is_array) {
        return Some(Format::WorkflowTest);
    }
    Some(if is_canonical {
        Format::WorkflowCanonical
    } else if is_scaffold(value, steps) {
        Format::WorkflowScaffold
    } else {
        Format::WorkflowRuntime
    })
}

fn is_work(step: &Value) -> bool {
    ["agentId", "agent", "dependsOn"].iter().any(|key| step.get(key).is_some())
        || matches!(text(step, "type"), Some("agent" | "action" | "parallel" | "sequential"))
}

fn is_scaffold(value: &Value, steps: &[Value]) -> bool {
    value.get("context").is_some_and(|context| text(context, "timeout").is_some())
        || steps.iter().any(|step| {
            text(step, "type") == Some("action")
                || step.get("steps").and_then(Value::as_array).is_some_and(|nested| !nested.is_empty())
        })
}

fn run(value: &Value, fields: &Map<String, Value>) -> Option<Format> {
    let has = |key: &str| fields.contains_key(key);
    let list = |key: &str| fields.get(key).is_some_and(Value::is_array);
    let map = |key: &str| fields.get(key).is_some_and(Value::is_object);
    if text(value, "runId").is_some() && has("workflow") && has("status") {
        return Some(Format::CliRunOutput);
    }
    if has("droppedCount") && has("highWaterMark") && has("queueSize") {
        return Some(Format::BusMetrics);
    }
    if list("executionIds") && fields.len() == 1 {
        return Some(Format::InspectList);
    }
    if fields.len() == 1
        && text(value, "error").is_some_and(|error| error.starts_with("No entries found for execution"))
    {
        return Some(Format::JournalExportMissing);
    }
    text(value, "executionId")?;
    if list("entries") && has("pagination") {
        return Some(Format::Designed("api-journal"));
    }
    if list("entries") && map("summary") {
        return Some(Format::JournalExport);
    }
    if map("stepResults") && (list("completedSteps") || has("currentLevel")) {
        return Some(Format::ExecutionState);
    }
    (map("steps") && has("status")).then_some(Format::WorkflowResult)
}

fn project(value: &Value, fields: &Map<String, Value>) -> Option<Format> {
    let map = |key: &str| fields.get(key).filter(|found| found.is_object());
    let kind = text(value, "type");
    if text(value, "id").is_some()
        && matches!(kind, Some("local" | "http" | "lambda" | "container"))
        && (map("config").is_some() || fields.get("capabilities").is_some_and(Value::is_array))
    {
        return Some(Format::AgentDefinition);
    }
    let directory = |key: &str| map(key).is_some_and(|found| text(found, "directory").is_some());
    (directory("workflows") && directory("agents")).then_some(Format::ProjectConfig)
}

fn designed(value: &Value, fields: &Map<String, Value>) -> Option<Format> {
    let has = |key: &str| fields.contains_key(key);
    let all = |keys: &[&str]| keys.iter().all(|key| has(key));
    let map = |key: &str| fields.get(key).is_some_and(Value::is_object);
    let status = text(value, "status");
    if matches!(status, Some("running" | "ok" | "error")) && has("correlationId") {
        return Some(Format::Envelope);
    }
    if fields.get("executions").is_some_and(|list| list.as_array().is_some_and(|l| l.iter().all(is_shown))) {
        return Some(Format::ApiExecutions);
    }
    if has("executionId") && status.is_some() {
        return if has("checkUrl") {
            Some(Format::Designed("api-execute-202"))
        } else if map("workflow") || has("startedAt") {
            Some(Format::ApiExecution)
        } else if map("outputs") {
            Some(Format::ApiExecuted)
        } else if has("message") {
            Some(Format::Designed("api-cancel"))
        } else {
            None
        };
    }
    let key = if has("healthy") && text(value, "service") == Some("@orchestr8") {
        "api-health"
    } else if all(&["pid", "port", "host", "startedAt", "nodeVersion"]) {
        "pidfile"
    } else if map("workflow") && (map("context") || map("options")) {
        "api-execute-request"
    } else if map("error") && is_answer(value) {
        "api-error"
    } else if fields.len() <= 2 && all(&["reason", "graceful"]) {
        "api-cancel-request"
    } else if map("system") && map("orchestration") {
        "api-dashboard-metrics"
    } else if all(&["version", "uptime", "platform", "nodeVersion"]) {
        "api-dashboard-system"
    } else {
        return None;
    };
    Some(Format::Designed(key))
}

/// An error answer with something that ties it to an execution: an error object alone may be anybody's.
fn is_answer(value: &Value) -> bool {
    let error = value.get("error");
    error.is_some_and(|error| text(error, "code").is_some())
        && (value.get("correlationId").is_some()
            || error
                .and_then(|error| error.get("details"))
                .is_some_and(|details| details.get("executionId").is_some()))
}

/// An execution as a dashboard would show it.
fn is_shown(item: &Value) -> bool {
    text(item, "id").is_some() && text(item, "workflowId").is_some() && text(item, "status").is_some()
}

fn list(items: &[Value]) -> Option<Format> {
    let all = |wanted: &dyn Fn(&Value) -> bool| !items.is_empty() && items.iter().all(wanted);
    // One odd entry must not hide a journal.
    let most = |wanted: &dyn Fn(&Value) -> bool| {
        let hits = items.iter().filter(|item| wanted(item)).count();
        hits > 0 && hits * 2 > items.len()
    };
    if most(&|item| item.get("executionId").is_some() && item.get("entries").is_some_and(Value::is_array)) {
        Some(Format::JournalExportArray)
    } else if most(&|item| text(item, "event").is_some() && item.get("executionId").is_some()) {
        Some(Format::ModelJournal)
    } else if most(&|item| {
        item.get("timestamp").is_some()
            && item.get("data").is_some_and(Value::is_object)
            && text(item, "type").is_some_and(is_event)
    }) {
        Some(Format::BasicJournal)
    } else if all(&|item| is_shown(item) && item.get("steps").is_some_and(Value::is_array)) {
        Some(Format::ApiExecutions)
    } else {
        None
    }
}

/// What a line that holds an object is; nothing when it is of no known kind.
pub(in super::super) fn line(value: &Value) -> Option<Format> {
    let fields = value.as_object()?;
    let has = |key: &str| fields.contains_key(key);
    if let Some(kind) = text(value, "type") {
        if has("sequence") && has("correlationId") {
            return Some(Format::SequencedJournal);
        }
        if matches!(kind, "ping" | "subscribe" | "unsubscribe") && fields.len() <= 2 {
            return Some(Format::Designed("ws-client-jsonl"));
        }
        if TO_BROWSER.contains(&kind) || is_event(kind) && is_to_browser(value) {
            return Some(Format::WsServer);
        }
        if is_event(kind) {
            return Some(Format::BusEvents);
        }
    }
    let has_message = text(value, "msg").is_some();
    match fields.get("level")? {
        Value::Number(_) if has_message => Some(Format::PinoLog),
        Value::String(_) if has_message => Some(Format::ConsoleLog),
        Value::String(_) if text(value, "message").is_some() => {
            let is_page = fields.get("context").is_some_and(Value::is_object);
            Some(if is_page { Format::Designed("api-journal-ndjson") } else { Format::ConsoleLog })
        }
        _ => None,
    }
}

/// Messages to a browser have names of bus events but an ISO time, an id and a state.
fn is_to_browser(value: &Value) -> bool {
    text(value, "timestamp").is_some()
        && time(value, "timestamp").is_some()
        && value.get("executionId").is_some()
        && (value.get("status").is_some()
            || value.get("agentId").is_some()
            || text(value, "type").is_some_and(|kind| kind.starts_with("workflow.")))
}

/// Whether a line can only be of this orchestrator: enough to read the rest of its file.
pub(in super::super) fn is_certain(format: Format, value: &Value) -> bool {
    match format {
        Format::ConsoleLog | Format::PinoLog => {
            is_engine(text(value, "msg").unwrap_or_default()) && value.get("executionId").is_some()
                || matches!(text(value, "name"), Some("orchestr8" | "resilience"))
                || value.get("event").is_some() && value.get("correlationId").is_some()
        }
        Format::Designed("api-journal-ndjson") => value
            .get("context")
            .is_some_and(|context| context.get("stepId").is_some() || context.get("workflowId").is_some()),
        Format::PrettyLog => false,
        _ => true,
    }
}

/// A message of the engine's logger.
pub(in super::super) fn is_engine(message: &str) -> bool {
    ENGINE.contains(&message)
}
