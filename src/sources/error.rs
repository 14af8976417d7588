//! What can go wrong when reading, as sentences that name the thing and the remedy.

use std::{fmt, io, path::PathBuf};

/// Why a source cannot be read (now or at all).
#[derive(Debug)]
pub enum SourceError {
    /// The path is not there.
    Missing(PathBuf),
    /// The operating system said no.
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// The database could not be read.
    Database {
        /// Which.
        path: PathBuf,
        /// What is wrong, in words.
        reason: String,
        /// Passes by itself (locked, being written): retry.
        passing: bool,
    },
    /// It is there but not what this kind reads.
    Unsupported {
        /// Which file.
        path: PathBuf,
        /// What is missing or foreign.
        reason: String,
    },
    /// The reader of this source broke (a bug here); the source is stopped and started anew.
    Panicked(String),
    /// Nobody listens any more: stop quietly.
    Closed,
}

impl SourceError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Missing(_) => "check the path, or start the orchestrator once; it is looked for again",
            Self::Io { error, .. } if error.kind() == io::ErrorKind::PermissionDenied => {
                "give your user read permission on it"
            }
            Self::Io { .. } => "it is tried again",
            Self::Database { passing: true, .. } => "the writer holds it; it is tried again",
            Self::Database { .. } => "check the file with `sqlite3 FILE 'pragma integrity_check'` on a copy",
            Self::Unsupported { .. } => "choose another kind or path with --source KIND=PATH",
            Self::Panicked(_) => "please report it; the source is started again",
            Self::Closed => "nothing to do",
        }
    }

    /// The same error once more, to report it also as somebody else's.
    #[must_use]
    pub fn again(&self) -> Self {
        match self {
            Self::Io { path, error } => {
                Self::Io { path: path.clone(), error: io::Error::new(error.kind(), error.to_string()) }
            }
            Self::Database { path, reason, passing } => {
                Self::Database { path: path.clone(), reason: reason.clone(), passing: *passing }
            }
            Self::Unsupported { path, reason } => {
                Self::Unsupported { path: path.clone(), reason: reason.clone() }
            }
            Self::Missing(path) => Self::Missing(path.clone()),
            Self::Panicked(text) => Self::Panicked(text.clone()),
            Self::Closed => Self::Closed,
        }
    }

    /// Trying again soon may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Database { passing: true, .. } | Self::Io { .. } | Self::Missing(_))
    }

    /// An I/O error of a path.
    pub fn io(path: impl Into<PathBuf>, error: io::Error) -> Self {
        let path = path.into();
        if error.kind() == io::ErrorKind::NotFound { Self::Missing(path) } else { Self::Io { path, error } }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{} is not there", path.display()),
            Self::Io { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Database { path, reason, .. } => write!(f, "cannot read {}: {reason}", path.display()),
            Self::Unsupported { path, reason } => write!(f, "cannot use {}: {reason}", path.display()),
            Self::Panicked(text) => write!(f, "the reader stopped unexpectedly: {text}"),
            Self::Closed => write!(f, "closed"),
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}
