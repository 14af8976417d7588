//! What headless agents print (`claude -p … --output-format stream-json --verbose`): redirected to a file, a folder of such
//! files, or piped in while they run. The same run usually leaves a transcript, too, which knows more of usage and less of
//! how it ended; the agents meet by session id.
//!
//! `value`, `turn`, `doer`, `background`, `usage`, `limit`, `run`, `codex`, `stream`, `state` and `tell` are pure; `place`,
//! `sniff` and `file` read; `reader` ties them together.

mod background;
mod codex;
mod conversation;
mod doer;
mod file;
mod limit;
mod place;
mod reader;
mod report;
mod run;
mod sniff;
mod spoken;
mod state;
mod stream;
mod tell;
mod turn;
mod usage;
mod value;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use self::{reader::Reader, sniff::Shape};
use super::{ConversationReader, Source, SourceError, SourceKind, SourceSettings, Surroundings};
use crate::model::ConversationRef;

/// The place that is the standard input.
pub const INPUT: &str = "-";

/// The kind `stream-json`.
#[derive(Debug)]
pub struct StreamJson;

impl SourceKind for StreamJson {
    fn id(&self) -> &'static str {
        "stream-json"
    }

    fn about(&self) -> &'static str {
        "what headless runs print (claude -p --output-format stream-json, codex exec --json): a file, a folder, or - for a pipe"
    }

    fn usual_places(&self, _around: &Surroundings) -> Vec<PathBuf> {
        Vec::new()
    }

    fn reads_input(&self) -> bool {
        true
    }

    fn probe(&self, path: &Path) -> bool {
        let is_stream = |path: &Path| matches!(sniff::shape(path), Ok(Shape::Stream));
        if path.is_file() {
            return is_stream(path);
        }
        place::walk(path).is_ok_and(|found| found.files.iter().take(PROBED).any(|path| is_stream(path)))
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(Reader::open(settings)?))
    }

    fn conversation(&self, place: &ConversationRef) -> Option<Box<dyn ConversationReader>> {
        conversation::Reader::open(place).map(|reader| Box::new(reader) as Box<dyn ConversationReader>)
    }
}

/// Files that are looked at to recognise a folder.
const PROBED: usize = 64;
