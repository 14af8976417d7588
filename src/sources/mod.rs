//! Where deltas come from: the only place that names notify and foreign files.
//!
//! A source speaks only [`Delta`](crate::model::Delta); it knows nothing of the store or the screen. Everything here is
//! read-only: no file is created, changed or locked in a foreign directory.

pub mod actor;
pub mod agent_orchestrator;
#[cfg(test)]
mod bench;
pub mod claude_code;
pub mod codex;
pub mod conversation;
pub mod demo;
pub mod detect;
pub mod dispatcher;
pub mod error;
pub mod filesystem;
pub mod log_files;
pub mod memory;
pub mod multi_agent;
pub mod once;
pub mod opencode;
pub mod orchestr8;
pub mod process;
pub mod read;
mod real_paths;
pub mod sink;
pub mod stream_json;
pub mod told;
pub mod watch;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use conversation::{ConversationReader, ConversationSink};
pub use error::SourceError;
pub use sink::Sink;

use crate::model::{ConversationRef, SourceId, Timestamp, Zone};

/// When a read happens. Sources do not look at the clock themselves.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// `now` was given (`--now`): this machine's process table says nothing about that moment, so what a registry of live
    /// processes states is believed as it stands.
    pub fixed: bool,
}

/// What the machine offers for detection; read once by the caller.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Home directory.
    pub home: PathBuf,
    /// Current directory.
    pub cwd: PathBuf,
    /// Environment variables that sources look at (`CLAUDE_CONFIG_DIR`, `CODEX_HOME`, …).
    pub vars: Vec<(String, String)>,
    /// Zone of the machine, in which cron counts; `None` = not known.
    pub zone: Option<Zone>,
}

impl Surroundings {
    /// The value of a variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// How to open a source.
#[derive(Clone, Debug)]
pub struct SourceSettings {
    /// The number the program gave it.
    pub id: SourceId,
    /// Its places: one, or all of a kind that merges them ([`SourceKind::merges`]).
    pub paths: Vec<PathBuf>,
    /// Zone of times that are written without one.
    pub zone: Zone,
    /// Options: the machine's (`home` = the person's home directory, `machine-zone`) and those of the kind itself (`agents`,
    /// `speed`, `seed` of the demo; `crontab` of the dispatcher, a file that stands in for `crontab -l`).
    pub options: Vec<(String, String)>,
    /// What is remembered between two runs; none = nothing.
    pub memory: Option<Arc<dyn memory::Memory>>,
}

impl SourceSettings {
    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A place to watch. The framework adds the parent of every root by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchSpec {
    /// Directory (or file: then its directory is watched and the rest ignored).
    pub path: PathBuf,
    /// The whole tree below it.
    pub recursive: bool,
}

/// What may have changed; a hint, never the truth: the reader compares with what is on disk.
#[derive(Clone, Debug, Default)]
pub struct Hint {
    /// Paths that were touched.
    pub paths: Vec<PathBuf>,
    /// Anything may have changed (events lost, a sweep, a resume): look at everything, cheaply.
    pub rescan: bool,
}

/// A kind of source: how it is found and opened. One unit struct a kind, listed in [`KINDS`].
pub trait SourceKind: Sync {
    /// Its name on the command line, in JSON and on screen.
    fn id(&self) -> &'static str;
    /// What it reads, in one line, for help and README.
    fn about(&self) -> &'static str;
    /// Whether all paths of this kind make one source (because the same thing can lie under several of them).
    fn merges(&self) -> bool {
        false
    }
    /// The usual places on a machine, existing or not, in order.
    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf>;
    /// Whether it can read what is piped in (the path `-`).
    fn reads_input(&self) -> bool {
        false
    }
    /// Whether the path looks like this kind. Must not open databases.
    fn probe(&self, path: &Path) -> bool;
    /// Opens it. Must be quick: reading is done by [`Source::snapshot`].
    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError>;
    /// A reader of a conversation that an agent of this kind named; `None` = it cannot be read. Must be quick: reading is
    /// done by the reader.
    fn conversation(&self, _place: &ConversationRef) -> Option<Box<dyn ConversationReader>> {
        None
    }
}

/// One opened source, on its own thread.
pub trait Source: Send {
    /// It will be followed, and `wake` asks for a look when something other than its watched places has news. Not called
    /// where everything is read once.
    fn listen(&mut self, _wake: read::pipe::Wake) {}
    /// What to watch. Asked again after every refresh; cheap.
    fn watches(&self) -> Vec<WatchSpec>;
    /// Tells what can be told within milliseconds: called once, before its places are watched, on the way to the first
    /// [`Source::snapshot`], whose batches go on where these end. Not called where everything is read once.
    fn preview(&mut self, _out: &mut Sink<'_>) {}
    /// Tells everything, newest first where it matters. The framework marks the batches as a snapshot.
    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError>;
    /// Tells what is new since the last call, looking only where the hint points (everywhere on `rescan`).
    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError>;
    /// When to be called again even if nothing changes on disk (a state that follows from time passing, the demo's next
    /// step).
    fn next_wake(&self, _now: Timestamp) -> Option<Timestamp> {
        None
    }
}

/// All kinds, in the order in which they are detected and listed. The one place to add a source.
pub const KINDS: &[&dyn SourceKind] = &[
    &claude_code::ClaudeCode,
    &codex::Codex,
    &opencode::OpenCode,
    &multi_agent::MultiAgent,
    &dispatcher::Dispatcher,
    &agent_orchestrator::AgentOrchestrator,
    &orchestr8::Orchestr8,
    &stream_json::StreamJson,
    &demo::Demo,
];

/// The kind with this name.
pub fn kind(id: &str) -> Option<&'static dyn SourceKind> {
    KINDS.iter().copied().find(|kind| kind.id() == id)
}
