//! Live processes: `sessions/<pid>.json`, one for each running process. Key files beside them are never opened.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::tree;
use crate::{
    model::Timestamp,
    sources::{Moment, process, read::json},
    text::Safe,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry {
    pid: serde_json::Value,
    pid_domain: serde_json::Value,
    session_id: serde_json::Value,
    job_id: serde_json::Value,
    proc_start: serde_json::Value,
    kind: serde_json::Value,
    entrypoint: serde_json::Value,
    version: serde_json::Value,
    status: serde_json::Value,
    waiting_for: serde_json::Value,
    status_updated_at: serde_json::Value,
    updated_at: serde_json::Value,
    started_at: serde_json::Value,
    name: serde_json::Value,
    name_source: serde_json::Value,
}

/// A process as its file states it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Process {
    pub pid: u64,
    pub session: Safe,
    pub job: Option<Safe>,
    pub kind: Option<Safe>,
    pub status: Option<Safe>,
    pub waiting_for: Option<Safe>,
    pub status_since: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    /// The name, when the person gave it.
    pub title: Option<Safe>,
    pub name: Option<Safe>,
    /// It is surely running (or believed, when the moment is fixed).
    pub alive: bool,
    updated_at: Option<Timestamp>,
    proc_start: Option<Safe>,
    pid_domain: Option<Safe>,
}

fn text(value: &serde_json::Value) -> Option<Safe> {
    match value {
        serde_json::Value::String(text) if !text.is_empty() => Some(Safe::line(text)),
        serde_json::Value::Number(number) => Some(Safe::line(&number.to_string())),
        _ => None,
    }
}

fn time(value: &serde_json::Value) -> Option<Timestamp> {
    value.as_i64().map(Timestamp)
}

impl Process {
    fn of(entry: &Entry) -> Option<Self> {
        let name = text(&entry.name);
        Some(Self {
            pid: entry.pid.as_u64()?,
            session: text(&entry.session_id)?,
            job: text(&entry.job_id),
            kind: text(&entry.kind),
            status: text(&entry.status),
            waiting_for: text(&entry.waiting_for),
            status_since: time(&entry.status_updated_at),
            started_at: time(&entry.started_at),
            title: name.clone().filter(|_| entry.name_source == "user"),
            name,
            alive: false,
            updated_at: time(&entry.updated_at),
            proc_start: text(&entry.proc_start),
            pid_domain: text(&entry.pid_domain),
        })
    }

    /// Whether it lives: by the process table, or by its own word when the moment is fixed.
    fn lives(&self, at: &Moment) -> bool {
        if at.fixed {
            return self.status.is_some();
        }
        if self.pid_domain.as_ref().is_some_and(|domain| !is_here(domain)) {
            return false;
        }
        let Some(start) = process::start_of(self.pid) else { return false };
        self.proc_start.as_ref().is_none_or(|told| **told == *start)
    }
}

/// Whether a process domain (`linux:…:pid:[4026531836]`) is this process's own.
fn is_here(domain: &str) -> bool {
    let Some((_, namespace)) = domain.rsplit_once(":pid:") else { return true };
    let Ok(own) = fs::read_link("/proc/self/ns/pid") else { return true };
    own.to_string_lossy().ends_with(namespace)
}

/// All processes that have a file.
#[derive(Debug, Default)]
pub(super) struct Registry {
    documents: Vec<(PathBuf, json::Document<Entry>)>,
    processes: Vec<Process>,
    folders: usize,
}

impl Registry {
    /// Reads the files again (they are few and small).
    pub(super) fn read(&mut self, roots: &[PathBuf]) {
        let mut old = std::mem::take(&mut self.documents);
        self.folders = 0;
        for root in roots {
            let folder = root.join("sessions");
            self.folders += usize::from(folder.is_dir());
            for path in tree::files(&folder, "json").into_iter().filter(|path| is_pid_file(path)) {
                let place = old.iter().position(|(known, _)| *known == path);
                let mut document = place.map(|place| old.swap_remove(place).1).unwrap_or_default();
                document.refresh(&path);
                self.documents.push((path, document));
            }
        }
        self.processes =
            self.documents.iter().filter_map(|(_, document)| Process::of(document.value()?)).collect();
    }

    /// Looks who lives; sessions whose process came or went.
    pub(super) fn check(&mut self, at: &Moment) -> Vec<Safe> {
        let mut changed = Vec::new();
        for process in &mut self.processes {
            let alive = process.lives(at);
            if alive != process.alive {
                process.alive = alive;
                changed.push(process.session.clone());
            }
        }
        changed
    }

    /// The process of a session: the newest that lives.
    pub(super) fn of_session(&self, session: &str) -> Option<&Process> {
        let own = self.processes.iter().filter(|process| process.alive && &*process.session == session);
        own.max_by_key(|process| (process.updated_at, process.pid))
    }

    /// The process of a job.
    pub(super) fn of_job(&self, job: &str) -> Option<&Process> {
        self.processes.iter().find(|process| process.alive && process.job.as_deref() == Some(job))
    }

    /// The program keeps such files here at all.
    pub(super) fn is_kept(&self) -> bool {
        self.folders > 0
    }

    /// Some process lives, so that its end must be looked for.
    pub(super) fn any_alive(&self) -> bool {
        self.processes.iter().any(|process| process.alive)
    }

    /// Sessions that have a file.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &Safe> {
        self.processes.iter().map(|process| &process.session)
    }
}

fn is_pid_file(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit())
}
