//! How the parts of a place are doing, in words. Pure.

use super::db::Db;
use crate::{
    model::{Health, HealthState},
    sources::SourceError,
    text::Safe,
};

/// Files of one agent.
const FILES: usize = 4;

/// What is to be reported.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) db: Option<&'a Db>,
    pub(super) dirs: usize,
    pub(super) event_files: usize,
    /// What could not be read among the logs.
    pub(super) errors: &'a [String],
    /// Nothing was told.
    pub(super) is_empty: bool,
}

/// Writes state, error, remedy and notes.
pub(super) fn write(parts: &Parts<'_>, health: &mut Health) {
    let has_rows = parts.db.is_some_and(|db| db.content().is_some());
    health.files = (parts.dirs * FILES + parts.event_files + usize::from(has_rows)) as u64;
    let (error, remedy) = error(parts).map_or((None, None), |(error, remedy)| (Some(error), Some(remedy)));
    health.state = match (&error, parts.is_empty) {
        (Some(_), _) => HealthState::Stale,
        (None, true) => HealthState::Empty,
        (None, false) => HealthState::Live,
    };
    health.error = error.map(|text| Safe::line(&text));
    health.remedy = remedy.map(Safe::line);
    health.notes = notes(parts);
}

fn error(parts: &Parts<'_>) -> Option<(String, &'static str)> {
    let database = parts.db.and_then(Db::error).filter(|error| !matches!(error, SourceError::Missing(_)));
    if let Some(error) = database {
        let rest = if parts.dirs > 0 { "; its logs are shown" } else { "" };
        return Some((format!("{error}{rest}"), error.remedy()));
    }
    let first = parts.errors.first()?;
    let more = match parts.errors.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    Some((format!("cannot read {first}{more}"), "give your user read permission on it"))
}

fn notes(parts: &Parts<'_>) -> Vec<Safe> {
    let mut notes = Vec::new();
    if let Some(db) = parts.db {
        if matches!(db.error(), Some(SourceError::Missing(_))) {
            notes.push(format!("no database {}: logs only (runs of the command line)", db.path().display()));
        }
        notes.extend(db.note().map(ToString::to_string));
        if let Some(content) = db.content().filter(|content| !content.missing.is_empty()) {
            notes.push(format!(
                "older {} database: no {}",
                content.layout.word(),
                content.missing.join(", ")
            ));
        }
    }
    notes.iter().map(|note| Safe::line(note)).collect()
}
