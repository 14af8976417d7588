//! Log lines of both JSON dialects: the state of runs and steps, and a line for people. Pure.
//!
//! Every engine line has an id and a time, so this is the best live source. At level `info` there are no starts and no
//! skips: a start is then its end less its duration, and what is absent at the end was skipped.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::{
        account::{Account, Evidence, Fault, Truncation},
        value::{count, line, message, names, shown, small, span, text, time},
        word::Word,
    },
    events::breaker_key,
    levels::level,
    resilience,
};
use crate::{
    model::{Level, Timestamp},
    text::Safe,
};

/// Fields that a line for people leaves out: they are shown elsewhere or say nothing.
const SHOWN_ELSEWHERE: [&str; 15] = [
    "timestamp",
    "time",
    "level",
    "msg",
    "name",
    "executionId",
    "correlationId",
    "workflowVersion",
    "startTime",
    "endTime",
    "pid",
    "hostname",
    "event",
    "operation",
    "phase",
];

/// A line for people.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Spoken {
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) level: Level,
    pub(in super::super) execution: Option<Safe>,
    pub(in super::super) step: Option<Safe>,
    pub(in super::super) text: Safe,
}

/// What the lines of one log say.
#[derive(Debug, Default)]
pub(in super::super) struct LogBook {
    runs: BTreeMap<Safe, Account>,
    /// The run that began last: lines about group markers name none.
    newest_run: Option<Safe>,
    /// Events that the bus dropped, as the engine counted them.
    pub(in super::super) dropped: u64,
}

impl LogBook {
    /// The runs by their ids.
    pub(in super::super) fn accounts(&self) -> impl Iterator<Item = (&Safe, &Account)> {
        self.runs.iter()
    }

    /// What is said of a run.
    pub(in super::super) fn account(&self, id: &Safe) -> Option<&Account> {
        self.runs.get(id)
    }

    /// Takes a line; `touched` gets the run it changed.
    pub(in super::super) fn take(&mut self, value: &Value, touched: &mut BTreeSet<Safe>) {
        let said = text(value, "msg").or_else(|| text(value, "message")).unwrap_or_default();
        let is_resilience = value.get("event").is_some();
        let id = run_of(value);
        let step = line(value, "stepId");
        let at = when(value);
        if let Some(id) = &id {
            let is_known = self.runs.contains_key(id);
            // A host's own lines may carry ids of something else: only what engine lines speak of is a run.
            if is_known || value.get("workflowId").is_some() || is_resilience {
                let account = self.runs.entry(id.clone()).or_insert_with(|| Account::of(Evidence::Log));
                account.note_time(at);
                take_run(account, said, at, value);
                if is_resilience && let Some(step) = &step {
                    account.run(Word::Running);
                    resilience::apply(account.steps.of(step), value);
                }
                if said == "workflow.start" {
                    self.newest_run = Some(id.clone());
                }
                touched.insert(id.clone());
            }
        } else {
            self.take_nameless(said, value, touched);
        }
    }

    /// Lines that name no run.
    fn take_nameless(&mut self, said: &str, value: &Value, touched: &mut BTreeSet<Safe>) {
        if said == "Event queue overflow - dropping oldest event" {
            self.dropped = self.dropped.max(count(value, "droppedCount").unwrap_or(1));
        } else if said == "graph.organizational_step" {
            let newest = self.newest_run.clone().and_then(|id| self.runs.get_mut(&id).map(|run| (id, run)));
            if let Some(((id, run), group)) = newest.zip(line(value, "stepId"))
                && run.groups.insert(group)
            {
                run.total = run.total.map(|total| total.saturating_sub(1));
                touched.insert(id);
            }
        } else if let Some((workflow, step)) = breaker_key(value) {
            let (workflow, step) = (Safe::line(workflow), Safe::line(step));
            let runs = self.runs.iter_mut().filter(|(_, run)| {
                run.workflow.as_ref().is_none_or(|known| *known == workflow)
                    && run.steps.get(&step).is_some_and(|said| said.word == Some(Word::Running))
            });
            let mut found: Vec<_> = runs.collect();
            let is_ambiguous = found.len() > 1;
            if let Some((id, run)) = found.first_mut() {
                run.ambiguous += u32::from(is_ambiguous);
                resilience::apply(run.steps.of(&step), value);
                touched.insert(id.clone());
            }
        }
    }
}

fn take_run(account: &mut Account, said: &str, at: Option<Timestamp>, value: &Value) {
    if let Some(workflow) = line(value, "workflowId") {
        account.workflow = Some(workflow);
        account.version = line(value, "workflowVersion").or(account.version.take());
    }
    match said {
        "workflow.start" => {
            account.name = line(value, "workflowName");
            account.started = time(value, "startTime").or(at);
            account.total = small(value, "stepCount");
            account.variables = super::results::variables(value);
            account.has_beginning = true;
            account.run(Word::Running);
        }
        "workflow.end" => {
            account.stated = line(value, "status");
            account.duration = span(value, "duration");
            let results = small(value, "stepCount").filter(|results| *results > 0);
            account.total = results.or(account.total);
            let end = time(value, "endTime").or(at);
            account.note_time(end);
            account.started =
                account.started.or_else(|| end.zip(account.duration).map(|(end, span)| end.minus(span)));
            account.end(account.stated.as_deref().map_or(Word::Completed, Word::of), end);
            if let Some(errors) = count(value, "errorCount").filter(|errors| *errors > 0) {
                account.remark("errors counted", Safe::line(&errors.to_string()));
            }
        }
        "level.start" => {
            account.run(Word::Running);
            for id in names(value, "stepIds").unwrap_or_default() {
                account.steps.of(&id).word.get_or_insert(Word::Queued);
            }
        }
        "level.fail-fast" => {
            let failed = value.get("failedSteps").and_then(super::super::value::members).unwrap_or_default();
            let ids: Vec<&str> = failed.iter().filter_map(|step| text(step, "stepId")).collect();
            let index = count(value, "levelIndex").map_or_else(String::new, |index| format!(" {index}"));
            account.remark("stopped at", Safe::line(&format!("level{index} by {}", ids.join(", "))));
        }
        "step.fallback" | "step.fallback_failed" => take_fallback(account, said, value),
        _ if said.starts_with("step.") => take_step(account, said, at, value),
        _ => {}
    }
}

fn take_step(account: &mut Account, said: &str, at: Option<Timestamp>, value: &Value) {
    let Some(id) = line(value, "stepId") else { return };
    account.run(Word::Running);
    let end = time(value, "endTime").or(at);
    let duration = span(value, "duration");
    let step = account.steps.of(&id);
    step.agent = line(value, "agentId").or(step.agent.take());
    match said {
        "step.start" => {
            step.begin(time(value, "startTime").or(at));
            step.depends_on = names(value, "dependencies").or(step.depends_on.take());
            step.on_error = line(value, "onError");
        }
        // The fallback did its work already.
        "step.skip" if text(value, "reason") == Some("already-executed") => {}
        "step.skip" => {
            step.end(Word::Skipped, None);
            step.started = None;
            step.skip_reason = line(value, "reason");
            if let Some(dependency) = line(value, "dependency") {
                let state = text(value, "dependencyStatus").unwrap_or("not completed");
                step.remark("waited for", Safe::line(&format!("{dependency} ({state})")));
            }
            if let Some(conditions) = value.get("conditions") {
                step.remark("conditions", shown(conditions));
            }
            step.fault =
                message(value, "error").map(|text| Fault { message: Some(text), ..Fault::default() });
        }
        "step.success" => {
            if value.get("truncated") == Some(&Value::Bool(true)) {
                step.truncation = Some(Truncation { original: count(value, "outputSize"), retained: None });
            }
            step.end(Word::Completed, end);
        }
        "step.error" => {
            let is_cancelled = value.get("cancelled") == Some(&Value::Bool(true));
            step.end(if is_cancelled { Word::Cancelled } else { Word::Failed }, end);
            step.fault = Some(Fault {
                code: line(value, "errorCode"),
                message: message(value, "error"),
                at: end,
                ..Fault::default()
            });
        }
        _ => {}
    }
    if said != "step.start" && duration.is_some() {
        step.duration = duration;
        step.started = step.started.or_else(|| end.zip(duration).map(|(end, span)| end.minus(span)));
    }
}

fn take_fallback(account: &mut Account, said: &str, value: &Value) {
    let Some((original, fallback)) = line(value, "originalStepId").zip(line(value, "fallbackStepId")) else {
        return;
    };
    if said == "step.fallback" {
        account.steps.of(&original).remark("fallback", fallback.clone());
        account.steps.of(&fallback).alias_for = Some(original);
    } else {
        let why = message(value, "fallbackError").or_else(|| message(value, "message")).unwrap_or_default();
        account.steps.of(&original).remark("fallback failed", Safe::line(&format!("{fallback}: {why}")));
    }
}

fn run_of(value: &Value) -> Option<Safe> {
    line(value, "executionId").or_else(|| line(value, "correlationId"))
}

fn when(value: &Value) -> Option<Timestamp> {
    time(value, "timestamp").or_else(|| time(value, "time"))
}

/// A line for people.
pub(in super::super) fn spoken(value: &Value) -> Spoken {
    let said = text(value, "msg").or_else(|| text(value, "message")).unwrap_or_default();
    Spoken {
        at: when(value),
        level: level(value),
        execution: run_of(value),
        step: line(value, "stepId"),
        text: for_people(said, value),
    }
}

/// `message key=value …` without secrets.
fn for_people(said: &str, value: &Value) -> Safe {
    let mut out = crate::text::mask::text(said).into_owned();
    // A line of another program keeps its message under another key.
    let skip = |key: &str| SHOWN_ELSEWHERE.contains(&key) || key == "message" && value.get("msg").is_none();
    let masked = crate::text::mask::json(value);
    for (key, field) in masked.as_object().into_iter().flatten().filter(|(key, _)| !skip(key)) {
        let text = match field {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        out.extend([" ", key.as_str(), "=", &super::super::value::clipped(&text)]);
    }
    Safe::line(&out)
}
