//! The agent orchestrator `@orchestr8`. Nothing of it persists by itself: it is known from what its command line writes
//! (workflows, agents, one result a run), from its logs, and from what programs that embed it choose to write (results,
//! journals, events, states).
//!
//! Every file says something about executions (an `Account`); accounts of one execution are joined by trust, what follows
//! is concluded, and the difference to what was told last is told. A journal that was merely attached to the bus says
//! `running` for ever and is never believed.
//!
//! `value`, `word`, `format`, `account`, `parse`, `join`, `conclude`, `link` and `tell` are pure; `place`, `sniff` and
//! `file` read; `reader` ties them together.

mod account;
mod conclude;
mod file;
mod format;
mod index;
mod join;
mod link;
mod parse;
mod place;
mod probe;
mod reader;
mod report;
mod sniff;
mod tell;
mod value;
mod word;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use self::reader::Reader;
use crate::sources::{Source, SourceError, SourceKind, SourceSettings, Surroundings};

/// The kind `orchestr8`.
#[derive(Debug)]
pub struct Orchestr8;

impl SourceKind for Orchestr8 {
    fn id(&self) -> &'static str {
        "orchestr8"
    }

    fn about(&self) -> &'static str {
        "@orchestr8: a project folder, or any results, journals, event dumps and logs of its engine"
    }

    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf> {
        vec![around.cwd.clone()]
    }

    fn probe(&self, path: &Path) -> bool {
        if path.is_file() { probe::file(path) } else { probe::folder(path) }
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(Reader::open(settings)?))
    }
}
