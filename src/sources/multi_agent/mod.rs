//! The multi-agent orchestrator `claude-orchestrator`: its web dashboard's database, the database of its library, the log
//! directories that every one of its agents writes, and its structured event log.
//!
//! Rows say what was meant, logs say what happened; runs of its command line are in logs only. Stored states are told as
//! stored, and what the logs prove against them stands beside (`status_note`, facts), never instead. Every agent's tokens
//! and cost come from exactly one evidence, named in its facts.
//!
//! `rows`, `core_rows`, `logs`, `events`, `pair`, `evidence` and `tell` are pure; `db`, `logs::dir`, `logs::tree` and
//! `event_files` read; `reader` ties them together.

mod cells;
mod clock;
mod conversation;
mod core_rows;
mod db;
mod event_files;
mod events;
mod evidence;
mod index;
mod logs;
mod pair;
mod place;
mod reader;
mod report;
mod rows;
mod schema;
mod tell;
mod words;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use self::{place::Place, reader::Reader};
use crate::{
    model::ConversationRef,
    sources::{ConversationReader, Source, SourceError, SourceKind, SourceSettings, Surroundings},
};

/// The kind `multi-agent`.
#[derive(Debug)]
pub struct MultiAgent;

impl SourceKind for MultiAgent {
    fn id(&self) -> &'static str {
        "multi-agent"
    }

    fn about(&self) -> &'static str {
        "claude-orchestrator: orchestrator.db of its dashboard or library, agent_logs/, event logs"
    }

    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf> {
        let below = ["", "dashboard/backend", "dashboard/backend/data", "data", "backend"];
        below
            .iter()
            .map(|part| if part.is_empty() { around.cwd.clone() } else { around.cwd.join(part) })
            .collect()
    }

    fn probe(&self, path: &Path) -> bool {
        if path.is_file() {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            return name == place::DATABASE && !place::is_foreign(path) || name == "orchestrator.log";
        }
        path.is_dir() && Place::at(path).exists()
    }

    fn conversation(&self, place: &ConversationRef) -> Option<Box<dyn ConversationReader>> {
        conversation::Reader::open(place).map(|reader| Box::new(reader) as Box<dyn ConversationReader>)
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(Reader::open(settings)?))
    }
}
