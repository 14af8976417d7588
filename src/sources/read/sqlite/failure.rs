//! What an error of SQLite means for the next step.

use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use crate::sources::SourceError;

/// Why an attempt did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Trying again does not help.
    Final(SourceError),
    /// The writer is in the way: wait a little.
    Busy(SourceError),
    /// The statement needs a longer lock than allowed.
    Slow(SourceError),
    /// Joining the writer failed: look anew, then give up joining.
    Join(SourceError),
    /// A commit was interrupted and its journal is still there: the database itself may be half written.
    HotJournal(SourceError),
}

impl Failure {
    pub(super) fn busy(path: &Path, reason: &str) -> Self {
        Self::Busy(SourceError::Database { path: path.into(), reason: reason.into(), passing: true })
    }

    pub(super) fn into_error(self) -> SourceError {
        match self {
            Self::Final(error)
            | Self::Busy(error)
            | Self::Slow(error)
            | Self::Join(error)
            | Self::HotJournal(error) => error,
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::Final(error)
    }
}

pub(super) fn is_hot_journal(failure: &Failure) -> bool {
    matches!(failure, Failure::HotJournal(_))
}

/// Sorts an error of SQLite.
pub(super) fn classify(path: &Path, error: &Error) -> Failure {
    let database = |reason: String, passing| SourceError::Database { path: path.into(), reason, passing };
    let unsupported = |reason: String| SourceError::Unsupported { path: path.into(), reason };
    let (code, text) = match error {
        Error::SqliteFailure(code, text) => (*code, text.clone()),
        Error::SqlInputError { error: code, msg, .. } => (*code, Some(msg.clone())),
        _ => return Failure::Final(database(error.to_string(), false)),
    };
    let text = text.unwrap_or_else(|| code.to_string());
    match code.code {
        _ if code.extended_code == ffi::SQLITE_READONLY_ROLLBACK => {
            Failure::HotJournal(database("its writer died in the middle of a commit".into(), false))
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Failure::Busy(database("the database is locked by its writer".into(), true))
        }
        ErrorCode::FileLockingProtocolFailed | ErrorCode::SystemIoFailure => {
            Failure::Busy(database(text, true))
        }
        ErrorCode::OperationInterrupted => Failure::Slow(database(
            "reading it takes longer than its writer may be kept waiting".into(),
            true,
        )),
        ErrorCode::ReadOnly | ErrorCode::CannotOpen => Failure::Join(database(text, true)),
        ErrorCode::NotADatabase => {
            Failure::Final(unsupported("it is not an SQLite database (or it is encrypted)".into()))
        }
        ErrorCode::Unknown => Failure::Final(match missing(&text) {
            Some(reason) => unsupported(reason),
            None => database(text, false),
        }),
        _ => Failure::Final(database(text, false)),
    }
}

/// `no such table: x` as a sentence about the database.
fn missing(text: &str) -> Option<String> {
    let rest = text.strip_prefix("no such ")?;
    let (kind, name) = rest.split_once(": ")?;
    let name = name.split(" in ").next().unwrap_or(name);
    Some(format!("it has no {kind} {name}"))
}
