//! How the place is doing and what was found in it. Pure.

use super::{
    book::{Book, FILES},
    db::Db,
    files::Files,
};
use crate::{
    model::{Content, Health, HealthState, Timestamp},
    sources::SourceError,
    text::{Safe, format::plural},
};

/// Remarks that are shown.
const NOTES: usize = 12;

/// What is to be reported.
pub(super) struct Parts<'a> {
    pub(super) databases: &'a [Db],
    pub(super) files: &'a Files,
    pub(super) book: &'a Book,
    /// Nothing was told.
    pub(super) is_empty: bool,
    pub(super) now: Timestamp,
}

/// Writes state, error, remedy, contents and notes.
pub(super) fn write(parts: &Parts<'_>, health: &mut Health) {
    let read = parts.databases.iter().filter(|database| database.is_read()).count();
    health.files = (read + parts.files.len()) as u64;
    let complaints = parts.files.complaints(parts.now);
    let error = error(parts, &complaints);
    health.state = match (&error, parts.is_empty) {
        (Some(_), _) => HealthState::Stale,
        (None, true) => HealthState::Empty,
        (None, false) => HealthState::Live,
    };
    health.error = error.as_ref().map(|(text, _)| Safe::line(text));
    health.remedy = error.map(|(_, remedy)| Safe::line(remedy));
    health.contents = contents(parts);
    health.notes = notes(parts, &complaints);
}

fn error(parts: &Parts<'_>, complaints: &[(String, bool)]) -> Option<(String, &'static str)> {
    let databases = parts.databases.iter().filter_map(Db::error);
    let mut all: Vec<(String, &'static str)> = databases
        .filter(|error| !matches!(error, SourceError::Missing(_)))
        .map(|error| (error.to_string(), error.remedy()))
        .collect();
    let broken = complaints.iter().filter(|(_, torn)| !torn);
    all.extend(broken.map(|(text, _)| (text.clone(), "give your user read permission on it")));
    let more = all.len().saturating_sub(1);
    let (text, remedy) = all.into_iter().next()?;
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    Some((format!("{text}{more}; the rest is shown"), remedy))
}

fn contents(parts: &Parts<'_>) -> Vec<Content> {
    let mut list = Vec::new();
    let mut add =
        |place: &Safe, what: Safe, count: u64| list.push(Content { place: place.clone(), what, count });
    let storage = Safe::line(FILES);
    let used = |place: &Safe| parts.book.used.get(place).copied().unwrap_or(0);
    for database in parts.databases.iter().filter(|database| database.is_read()) {
        for (table, rows) in database.tables() {
            add(database.place(), table, rows);
        }
        add(database.place(), Safe::line("message with usage"), used(database.place()));
    }
    let files = parts.files.contents();
    let has_messages = !files.is_empty();
    for (kind, count) in files {
        add(&storage, kind, count);
    }
    if has_messages {
        add(&storage, Safe::line("message with usage"), used(&storage));
    }
    add(&Safe::default(), Safe::line("message in several stores"), parts.book.several);
    list
}

fn notes(parts: &Parts<'_>, complaints: &[(String, bool)]) -> Vec<Safe> {
    let mut notes = Vec::new();
    for database in parts.databases {
        notes.extend(database.note().map(ToString::to_string));
        let missing = database.missing();
        if !missing.is_empty() {
            notes.push(format!("{}: of another version, without {}", database.place(), missing.join(", ")));
        }
    }
    let odd: Vec<String> = parts.book.odd.iter().map(|(kind, count)| format!("{kind} ({count})")).collect();
    if !odd.is_empty() {
        notes.push(format!("kinds of parts that are not known: {}", odd.join(", ")));
    }
    let torn: Vec<&str> =
        complaints.iter().filter(|(_, torn)| *torn).map(|(text, _)| text.as_str()).collect();
    if let Some(first) = torn.first() {
        let rest = if torn.len() > 1 { format!(" ({})", plural(torn.len(), "file")) } else { String::new() };
        notes.push(format!("{first}{rest}"));
    }
    notes.iter().take(NOTES).map(|note| Safe::line(note)).collect()
}
