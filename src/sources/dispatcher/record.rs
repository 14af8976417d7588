//! One record of `dispatches.json`: a task of the dispatcher, a line of a helper script, or a batch, in all the shapes that
//! were ever written or planned. Pure: from JSON to values; nothing is interpreted here, words stay as stored.

use serde_json::Value;

use super::{
    fields::{Fields, shown},
    words,
};
use crate::{
    model::{Millis, Timestamp},
    text::Safe,
};

/// A change of state, or an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Change {
    pub(super) status: Option<Safe>,
    pub(super) at: Option<Timestamp>,
    pub(super) note: Option<Safe>,
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    /// Its id; helper scripts write none.
    pub(super) id: Option<Safe>,
    pub(super) kind: Option<Safe>,
    pub(super) batch: Option<Safe>,
    pub(super) workspace: Option<Safe>,
    pub(super) workspace_path: Option<Safe>,
    /// What the user asked, without context.
    pub(super) title: Safe,
    /// The full prompt.
    pub(super) prompt: Safe,
    pub(super) complexity: Option<Safe>,
    pub(super) priority: Option<Safe>,
    pub(super) model: Option<Safe>,
    pub(super) status: Option<Safe>,
    pub(super) created: Option<Timestamp>,
    /// The same as it is written.
    pub(super) created_text: Option<Safe>,
    pub(super) started: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) completed: Option<Timestamp>,
    pub(super) history: Vec<Change>,
    pub(super) error: Option<Safe>,
    /// What the checks said.
    pub(super) verification: Option<Safe>,
    /// Criteria in words.
    pub(super) criteria: Vec<Safe>,
    pub(super) outcome: Option<Safe>,
    pub(super) outcome_at: Option<Timestamp>,
    pub(super) outcome_notes: Option<Safe>,
    /// Run time as stated.
    pub(super) stated: Option<Millis>,
    pub(super) tokens: Option<u64>,
    pub(super) retries: Option<u32>,
    /// Further facts of older and planned shapes.
    pub(super) facts: Vec<(&'static str, Safe)>,
    /// Values that were of no use.
    pub(super) odd: u64,
}

/// Tasks that were asked together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct BatchRecord {
    pub(super) id: Option<Safe>,
    pub(super) status: Option<Safe>,
    pub(super) created: Option<Timestamp>,
    pub(super) max_parallel: Option<u32>,
    pub(super) tasks: Option<u32>,
    /// Done, failed, pending as counted by the writer.
    pub(super) counted: [Option<u64>; 3],
    /// Ids of its members.
    pub(super) members: Vec<Safe>,
    pub(super) odd: u64,
}

/// A record of either sort.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    Task(Box<Record>),
    Batch(Box<BatchRecord>),
}

/// Reads one record; `None` when it is no object.
pub(super) fn read(value: &Value) -> Option<Entry> {
    let fields = Fields::of(value)?;
    if fields.raw(&["type"]).is_some_and(|kind| kind.trim().eq_ignore_ascii_case("batch")) {
        return Some(Entry::Batch(Box::new(batch(&fields))));
    }
    Some(Entry::Task(Box::new(task(&fields))))
}

fn batch(fields: &Fields<'_>) -> BatchRecord {
    let mut batch = BatchRecord {
        id: fields.line(&["id", "batch_id"]),
        status: fields.line(&["status"]),
        created: fields.time(&["created_at", "timestamp"]),
        max_parallel: fields.count(&["max_parallel"]).map(|count| count as u32),
        tasks: fields.count(&["task_count"]).map(|count| count as u32),
        counted: ["tasks_completed", "tasks_failed", "tasks_pending"].map(|name| fields.count(&[name])),
        members: fields.list(&["dispatches"]).iter().filter_map(member).collect(),
        odd: 0,
    };
    batch.odd = fields.odd();
    batch
}

fn member(value: &Value) -> Option<Safe> {
    let of_object = || value.get("id").or_else(|| value.get("dispatch_id"))?.as_str();
    value.as_str().or_else(of_object).map(Safe::line)
}

fn task(fields: &Fields<'_>) -> Record {
    let planned = fields.get(&["task", "task_description"]).and_then(Fields::of);
    let prompt = match &planned {
        Some(object) => object.raw(&["description", "task"]),
        None => fields.raw(&["task", "task_description"]),
    }
    .unwrap_or_default();
    let original = fields.raw(&["original_task"]).unwrap_or_else(|| without_context(prompt));
    let within = |name: &str| planned.as_ref().and_then(|object| object.line(&[name]));
    let mut record = Record {
        id: fields.line(&["id", "dispatch_id"]),
        kind: fields.line(&["type"]),
        batch: fields.line(&["batch_id"]),
        workspace: fields.line(&["workspace"]),
        workspace_path: fields.line(&["workspace_path"]),
        title: Safe::line(Safe::text(original).first_line()),
        prompt: Safe::text(prompt),
        complexity: fields.line(&["complexity"]).or_else(|| within("complexity")),
        priority: fields.line(&["priority"]).or_else(|| within("priority")),
        model: words::model(fields.line(&["model"])),
        status: fields.line(&["status"]),
        created: fields.time(&["created_at", "timestamp", "dispatched_at"]),
        created_text: fields.get(&["created_at"]).and_then(Value::as_str).map(Safe::line),
        started: fields.time(&["started_at"]),
        updated: fields.time(&["updated_at"]),
        completed: fields.time(&["completed_at"]),
        history: fields.list(&["status_history"]).iter().filter_map(change).collect(),
        error: fields.text(&["error_message", "error"]),
        verification: fields.text(&["verification_log"]),
        criteria: fields.list(&["acceptance_criteria"]).iter().map(criterion).collect(),
        outcome: fields.line(&["outcome"]),
        outcome_at: fields.time(&["outcome_updated_at"]),
        outcome_notes: fields.text(&["outcome_notes"]),
        stated: stated(fields),
        tokens: fields.count(&["tokens_used"]),
        retries: fields.count(&["retry_count"]).map(|count| count as u32),
        facts: Vec::new(),
        odd: 0,
    };
    if let Some(source) = within("source") {
        record.facts.push(("asked by", source));
    }
    if let Some(keywords) = joined(fields.list(&["task_keywords"])) {
        record.facts.push(("keywords", keywords));
    }
    planned_results(fields, &mut record);
    record.odd = fields.odd() + planned.map_or(0, |object| object.odd());
    record
}

/// First that is a number: seconds as helpers write, as an outcome adds, milliseconds as the oldest wrote.
fn stated(fields: &Fields<'_>) -> Option<Millis> {
    let seconds =
        |name: &str| fields.number(&[name]).map(|seconds| Millis((seconds * 1000.0).round() as i64));
    seconds("duration_seconds")
        .or_else(|| seconds("execution_time_seconds"))
        .or_else(|| fields.number(&["duration_ms"]).map(|ms| Millis(ms.round() as i64)))
}

fn change(value: &Value) -> Option<Change> {
    let fields = Fields::of(value)?;
    Some(Change {
        status: fields.line(&["status"]),
        at: fields.time(&["timestamp", "at"]),
        note: fields.line(&["note"]),
    })
}

/// What only plans and older versions write.
fn planned_results(fields: &Fields<'_>, record: &mut Record) {
    if let Some(result) = fields.object(&["result"]) {
        if record.error.is_none() {
            record.error = result.text(&["error"]);
        }
        let labels = [
            ("success", "success"),
            ("tests_passed", "tests passed"),
            ("changelog_updated", "changelog updated"),
        ];
        for (name, label) in labels {
            record.facts.extend(result.line(&[name]).map(|value| (label, value)));
        }
        let changed = match result.get(&["files_changed"]) {
            Some(Value::Array(files)) => joined(files),
            Some(other) => Some(shown(other)),
            None => None,
        };
        record.facts.extend(changed.map(|files| ("files changed", files)));
    }
    record.facts.extend(fields.line(&["exit_code"]).map(|code| ("exit code", code)));
    record.facts.extend(fields.line(&["log_file"]).map(|path| ("log", path)));
    if let Some(checks) = fields.object(&["verification_results"]) {
        let verdict = checks.flag(&["passed"]).map(|passed| if passed { "passed" } else { "failed" });
        record.facts.extend(verdict.map(|verdict| ("verification", Safe::line(verdict))));
        let lines: Vec<String> = checks.list(&["criteria_results"]).iter().filter_map(checked).collect();
        if record.verification.is_none() && !lines.is_empty() {
            record.verification = Some(Safe::text(&lines.join("\n")));
        }
    }
}

fn checked(value: &Value) -> Option<String> {
    let fields = Fields::of(value)?;
    let mark = match fields.flag(&["passed"]) {
        Some(true) => "[PASS]",
        Some(false) => "[FAIL]",
        None => "[????]",
    };
    let what = fields.get(&["criterion"]).map(criterion).unwrap_or_default();
    let output = fields.raw(&["output"]).map(|output| format!(": {output}")).unwrap_or_default();
    Some(format!("{mark} {what}{output}"))
}

/// A criterion in words: `command_success npm test (universal)`.
fn criterion(value: &Value) -> Safe {
    let Some(fields) = Fields::of(value) else { return shown(value) };
    let mut words: Vec<String> = Vec::new();
    words.extend(fields.line(&["type"]).map(|kind| kind.to_string()));
    words.extend(fields.line(&["pattern"]).map(|pattern| format!("\"{pattern}\" in")));
    words.extend(fields.line(&["path"]).map(|path| path.to_string()));
    words.extend(fields.line(&["command"]).map(|command| command.to_string()));
    words.extend(fields.line(&["description"]).map(|text| format!("– {text}")));
    words.extend(fields.line(&["source"]).map(|source| format!("({source})")));
    Safe::line(&words.join(" "))
}

fn joined(values: &[Value]) -> Option<Safe> {
    let texts: Vec<String> = values.iter().map(|value| shown(value).to_string()).collect();
    (!texts.is_empty()).then(|| Safe::line(&texts.join(", ")))
}

/// The prompt without the blocks of context before it.
fn without_context(prompt: &str) -> &str {
    let mut rest = prompt.trim_start();
    loop {
        let block = ["workspace-context", "product-context"].iter().find_map(|name| {
            let inside = rest.strip_prefix('<')?.strip_prefix(name)?;
            let close = format!("</{name}>");
            let end = inside.find(&close)? + close.len();
            inside.get(end..)
        });
        match block {
            Some(after) => rest = after.trim_start(),
            None => return rest,
        }
    }
}
