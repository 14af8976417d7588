//! The file-based task dispatcher: everything under one home directory that several programs and people rewrite.
//!
//! Stored states are told as stored; what histories, logs and silence say stands beside (`status_note`, facts). Schedules
//! come from the machine's crontab, or from the home's copy of it where the crontab names the home nowhere; how a run went
//! follows from records and logs. This orchestrator knows no agents: no process, no session.
//!
//! `home`, `files`, `run_logs`, `task_logs`, `cron::live` and `backlog::history` read; `reader` notices and tells; all else
//! is pure.

mod backlog;
mod batch;
mod catalog;
mod changelog;
mod conclude;
mod cron;
mod dispatches;
mod fields;
mod files;
mod home;
mod learning;
mod messages;
mod place;
mod project;
mod reader;
mod record;
mod registry;
mod report;
mod run_log;
mod run_logs;
mod schedule;
mod shell_log;
mod task;
mod task_logs;
mod told;
mod usage;
mod words;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use self::reader::Reader;
use crate::sources::{Source, SourceError, SourceKind, SourceSettings, Surroundings};

/// The kind `dispatcher`.
#[derive(Debug)]
pub struct Dispatcher;

impl SourceKind for Dispatcher {
    fn id(&self) -> &'static str {
        "dispatcher"
    }

    fn about(&self) -> &'static str {
        "task dispatcher home: dispatches, batches, workspaces, backlogs, schedules of the crontab"
    }

    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf> {
        let named = around.var("ORCHESTRATOR_HOME").map(PathBuf::from);
        let usual = ["JARVIS", "claude-orchestrator"].map(|name| around.home.join(name));
        named.into_iter().chain(usual).chain(std::iter::once(around.cwd.clone())).collect()
    }

    fn probe(&self, path: &Path) -> bool {
        place::is_home(path)
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(Reader::open(settings)?))
    }
}
