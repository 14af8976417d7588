//! opencode: its databases (`opencode.db` and those of channels), and the JSON files in which older versions kept the same
//! things. Both are there after an upgrade and are joined by id.
//!
//! `message`, `part`, `session`, `book`, `digest`, `state` and `tell` are pure; `db` and `files` read; `reader` ties them
//! together. Credentials lie in the same folder: only databases and the old store are opened, and of databases only the
//! tables that are shown.

mod book;
mod conversation;
mod db;
mod digest;
mod files;
mod message;
mod part;
mod place;
mod reader;
mod report;
mod session;
mod state;
mod tell;
mod value;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::{
    model::ConversationRef,
    sources::{ConversationReader, Source, SourceError, SourceKind, SourceSettings, Surroundings},
};

/// The kind `opencode`.
#[derive(Debug)]
pub struct OpenCode;

impl SourceKind for OpenCode {
    fn id(&self) -> &'static str {
        "opencode"
    }

    fn about(&self) -> &'static str {
        "sessions, sub-agents, todos and usage from opencode's data folder (opencode.db, storage/)"
    }

    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf> {
        place::usual_places(around)
    }

    fn probe(&self, path: &Path) -> bool {
        place::exists(path)
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(reader::Reader::open(settings)?))
    }

    fn conversation(&self, place: &ConversationRef) -> Option<Box<dyn ConversationReader>> {
        conversation::Reader::open(place).map(|reader| Box::new(reader) as Box<dyn ConversationReader>)
    }
}
