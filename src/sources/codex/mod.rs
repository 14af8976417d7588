//! Codex CLI's files: the rollouts of its threads and sub-agents, active and archived, plain and compressed, with the names
//! of the threads and the plan windows that stand in them.
//!
//! Reads only. Never opens `auth.json` or `config.toml`; `history.jsonl` (the prompts stand in the threads, too) and the
//! `state_<n>.sqlite` view, which can be rebuilt from the rollouts, are counted and not read.

mod calls;
mod conversation;
mod copied;
mod file;
mod limits;
mod line;
mod names;
mod owners;
mod patch;
mod place;
mod prompts;
mod reader;
mod report;
mod responses;
mod rollout;
mod state;
mod tell;
mod threads;
mod told;
mod usage;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use super::{ConversationReader, Source, SourceError, SourceKind, SourceSettings, Surroundings};
use crate::model::ConversationRef;

/// The kind `codex`.
#[derive(Debug)]
pub struct Codex;

impl SourceKind for Codex {
    fn id(&self) -> &'static str {
        "codex"
    }

    fn about(&self) -> &'static str {
        "threads, sub-agents, usage and plan windows from a Codex home (~/.codex), compressed ones included"
    }

    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf> {
        vec![around.var("CODEX_HOME").map_or_else(|| around.home.join(".codex"), PathBuf::from)]
    }

    fn probe(&self, path: &Path) -> bool {
        place::FOLDERS.iter().any(|folder| place::home(path).join(folder).is_dir())
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(reader::Reader::open(settings)?))
    }

    fn conversation(&self, place: &ConversationRef) -> Option<Box<dyn ConversationReader>> {
        conversation::Reader::open(place).map(|reader| Box::new(reader) as Box<dyn ConversationReader>)
    }
}
