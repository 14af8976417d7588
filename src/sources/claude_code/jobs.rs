//! Jobs of the background runner: `jobs/<8 hex>/state.json`. What they say of themselves is not to be trusted alone.

use std::{collections::HashMap, path::PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::{registry::Registry, tree};
use crate::{
    model::{Execution, ExecutionKind, Key, Millis, RawRef, SourceId, Status, Timestamp},
    sources::{Moment, read::json},
    text::Safe,
};

/// A job that says `working` but has no process and was not heard of for so long says nothing.
const SILENT: Millis = Millis::hours(1);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct State {
    #[serde(rename = "state")]
    word: Value,
    name: Value,
    detail: Value,
    intent: Value,
    session_id: Value,
    created_at: Value,
    updated_at: Value,
    output: Value,
}

/// One job.
#[derive(Debug)]
pub(super) struct Job {
    pub id: Safe,
    pub session: Option<Safe>,
    state: State,
    path: Safe,
}

/// All jobs.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    documents: HashMap<PathBuf, json::Document<State>>,
    list: Vec<Job>,
}

impl Jobs {
    /// Reads all jobs again; ids of those that are gone.
    pub(super) fn read(&mut self, roots: &[PathBuf]) -> Vec<Safe> {
        let mut old = std::mem::take(&mut self.documents);
        let before = std::mem::take(&mut self.list);
        for folder in roots.iter().flat_map(|root| tree::folders(&root.join("jobs"))) {
            let path = folder.join("state.json");
            let mut document = old.remove(&path).unwrap_or_default();
            if let Some(state) = document.refresh(&path).cloned() {
                self.list.push(Job {
                    id: Safe::line(&folder.file_name().unwrap_or_default().to_string_lossy()),
                    session: text(&state.session_id),
                    state,
                    path: Safe::line(&path.to_string_lossy()),
                });
            }
            self.documents.insert(path, document);
        }
        before.into_iter().map(|job| job.id).filter(|id| !self.list.iter().any(|job| job.id == *id)).collect()
    }

    /// All of them.
    pub(super) fn list(&self) -> &[Job] {
        &self.list
    }
}

impl Job {
    /// Its key among the executions.
    pub(super) fn key(source: SourceId, id: &Safe) -> Key {
        Key::new(source, Safe::line(&format!("job/{id}")))
    }

    /// The job as an execution; `agent` is its session, if that is known.
    pub(super) fn execution(&self, registry: &Registry, at: &Moment, agent: Option<Key>) -> Execution {
        let state = &self.state;
        let word = text(&state.word).unwrap_or_default();
        let updated = time(&state.updated_at);
        let status = self.status(&word, registry, at, updated);
        let result = state.output.get("result").and_then(Value::as_str).or_else(|| state.output.as_str());
        let summary = result.map(Safe::line).or_else(|| text(&state.detail));
        Execution {
            kind: ExecutionKind::Agent,
            name: text(&state.name).or_else(|| text(&state.intent)).unwrap_or_else(|| self.id.clone()),
            agent,
            status,
            status_raw: Some(word),
            started_at: time(&state.created_at),
            ended_at: updated.filter(|_| status.is_over()),
            summary,
            raw: Some(RawRef::File { path: self.path.clone() }),
            ..Execution::default()
        }
    }

    fn status(&self, word: &str, registry: &Registry, at: &Moment, updated: Option<Timestamp>) -> Status {
        match word {
            "done" => return Status::Succeeded,
            "stopped" => return Status::Cancelled,
            "failed" => return Status::Failed,
            _ => {}
        }
        let by_session = self.session.as_ref().and_then(|session| registry.of_session(session));
        if let Some(process) = by_session.or_else(|| registry.of_job(&self.id)) {
            match process.status.as_deref() {
                Some("busy") => return Status::Running,
                Some("waiting") => return Status::Waiting,
                Some("idle" | "shell") => return Status::Idle,
                _ => {}
            }
        }
        let silent = updated.is_none_or(|updated| at.now.since(updated) > SILENT);
        match word {
            "working" if silent || (!at.fixed && registry.is_kept()) => Status::Unknown,
            "working" => Status::Running,
            "blocked" if self.only_idle() => Status::Idle,
            "blocked" => Status::Blocked,
            _ => Status::Unknown,
        }
    }

    /// The detail of a job that waits for nothing is the beginning of what it was asked.
    fn only_idle(&self) -> bool {
        let detail = self.state.detail.as_str().unwrap_or_default();
        self.state.intent.as_str().unwrap_or_default().starts_with(detail)
    }
}

fn text(value: &Value) -> Option<Safe> {
    value.as_str().filter(|text| !text.is_empty()).map(Safe::line)
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(Timestamp::parse).or_else(|| value.as_i64().map(Timestamp))
}
