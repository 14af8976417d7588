//! How a source is doing.

use super::Timestamp;
use crate::text::Safe;

/// State of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HealthState {
    /// First read is not finished.
    #[default]
    CatchingUp,
    /// Read and watched.
    Live,
    /// Its last good data is old: it cannot be read right now.
    Stale,
    /// It cannot be read at all.
    Failed,
    /// It is there and holds nothing.
    Empty,
}

impl HealthState {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::CatchingUp => "catching_up",
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Failed => "failed",
            Self::Empty => "empty",
        }
    }
}

/// How changes are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WatchMode {
    /// Not watched (a headless run, a demo).
    #[default]
    None,
    /// By file system events, with a slow sweep behind them.
    Events,
    /// By looking again and again: the system cannot notify here.
    Polling,
}

impl WatchMode {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Events => "events",
            Self::Polling => "polling",
        }
    }
}

/// How many of something a source found in one of its places, used or not: `orchestrator.db`, `agent_logs`, 72.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Where, below the source's place; empty = the place itself.
    pub place: Safe,
    /// What: a table, a format, a kind of record.
    pub what: Safe,
    /// How many.
    pub count: u64,
}

/// How a source is doing: what was read, what was not, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// Kind of source (`claude-code`).
    pub kind: &'static str,
    /// Its place.
    pub path: Safe,
    /// State.
    pub state: HealthState,
    /// What is wrong, as a sentence that names the thing.
    pub error: Option<Safe>,
    /// What to do about it.
    pub remedy: Option<Safe>,
    /// How changes are noticed.
    pub watch: WatchMode,
    /// Why it is watched that way, when not by events (`inotify limit reached: sysctl …`).
    pub watch_note: Option<Safe>,
    /// What is watched and how, one line a place; nothing when the source was read once.
    pub watched: Vec<Safe>,
    /// Files followed.
    pub files: u64,
    /// Bytes read since the source was opened, those of a second look included.
    pub bytes_read: u64,
    /// Lines that were read of the files as they are now.
    pub lines_read: u64,
    /// Database rows read since the source was opened, those of a second look included.
    pub rows_read: u64,
    /// Lines or rows, of what is there now, that could not be used.
    pub skipped: u64,
    /// Lines or values that were read after a repair (invalid UTF-8, bad numbers).
    pub repaired: u64,
    /// Refreshes done.
    pub refreshes: u64,
    /// Newest change seen.
    pub last_change: Option<Timestamp>,
    /// Newest time everything was read well.
    pub last_good: Option<Timestamp>,
    /// Of the newest refresh that brought news: milliseconds from the first event (or the moment it was due) to having read
    /// it. The burst that is waited for is in it; how long a change went unnoticed (polling, sweep) is not.
    pub lag_ms: Option<u64>,
    /// Progress of the first read: bytes done, bytes in all.
    pub progress: Option<(u64, u64)>,
    /// What was found, place by place.
    pub contents: Vec<Content>,
    /// Remarks that are no error (a newer schema, orphan files), newest first, few.
    pub notes: Vec<Safe>,
}
