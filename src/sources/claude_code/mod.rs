//! Claude Code's files: transcripts of sessions and their sub-agents, live processes, background jobs, work lists, plan
//! windows, agent definitions. All config folders make one source, because one session or answer can lie under several of them.
//!
//! Reads only. Never opens credentials or key files, and takes one key of `.claude.json`.

mod answers;
mod cells;
mod company;
mod conversation;
mod definitions;
mod desk;
mod entities;
mod file;
mod files;
mod input;
mod jobs;
mod limits;
mod line;
mod owners;
mod progress;
mod registry;
mod remember;
mod said;
mod scan;
mod source;
mod state;
mod sums;
mod tell;
mod titles;
mod tool_result;
mod transcript;
mod tree;
mod usage;
mod worklist;

use std::path::{Path, PathBuf};

use crate::model::ConversationRef;

use super::{ConversationReader, Source, SourceError, SourceKind, SourceSettings, Surroundings};

/// The kind `claude-code`.
#[derive(Debug)]
pub struct ClaudeCode;

impl SourceKind for ClaudeCode {
    fn id(&self) -> &'static str {
        "claude-code"
    }

    fn about(&self) -> &'static str {
        "sessions, sub-agents, usage and plan windows from a Claude Code config folder (~/.claude)"
    }

    fn merges(&self) -> bool {
        true
    }

    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf> {
        tree::usual_places(around)
    }

    fn probe(&self, path: &Path) -> bool {
        tree::config_folder(path).join("projects").is_dir()
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(source::Reader::open(settings)?))
    }

    fn conversation(&self, place: &ConversationRef) -> Option<Box<dyn ConversationReader>> {
        conversation::Reader::open(place).map(|reader| Box::new(reader) as Box<dyn ConversationReader>)
    }
}
