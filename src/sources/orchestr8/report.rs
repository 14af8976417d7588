//! How a place is doing, in figures and words. Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{file::File, format::Format};
use crate::{
    model::{Content, Health, HealthState, Timestamp},
    text::{Safe, format::plural},
};

/// Figures of single files that are told; the sums by format are always told.
const FIGURES: usize = 2000;
/// Names in one remark.
const NAMES: usize = 5;

/// What is to be reported.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) files: &'a BTreeMap<PathBuf, File>,
    /// Folders that cannot be listed.
    pub(super) unreadable: &'a [PathBuf],
    /// There are more files than are looked at.
    pub(super) is_cut: bool,
    /// Nothing was told.
    pub(super) is_empty: bool,
    pub(super) now: Timestamp,
}

/// Writes state, error, remedy, figures and notes.
pub(super) fn write(parts: &Parts<'_>, health: &mut Health) {
    health.files = parts.files.values().filter(|file| file.is_ours()).count() as u64;
    health.contents = contents(parts);
    health.notes = notes(parts).iter().map(|note| Safe::line(note)).collect();
    state(parts, health);
}

/// State and error alone: they change also when no file says anything new.
pub(super) fn state(parts: &Parts<'_>, health: &mut Health) {
    let mut complaints: Vec<String> =
        parts.files.values().filter_map(|file| file.complaint(parts.now)).collect();
    complaints.extend(parts.unreadable.iter().map(|path| format!("{}: permission denied", path.display())));
    let more = match complaints.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let is_forbidden =
        complaints.first().is_some_and(|text| text.to_lowercase().contains("permission denied"));
    health.error = complaints.first().map(|text| Safe::line(&format!("cannot read {text}{more}")));
    health.remedy = health.error.as_ref().map(|_| {
        Safe::line(if is_forbidden {
            "give your user read permission on it"
        } else {
            "it is tried again; if it stays, check that the file holds JSON"
        })
    });
    health.state = match (&health.error, parts.is_empty) {
        (Some(_), _) => HealthState::Stale,
        (None, true) => HealthState::Empty,
        (None, false) => HealthState::Live,
    };
}

fn contents(parts: &Parts<'_>) -> Vec<Content> {
    let mut files: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut figures = Vec::new();
    let (mut foreign, mut broken, mut left) = (0, 0, 0_u64);
    let mut tell = |place: &Safe, what: String, count: u64| {
        if figures.len() < FIGURES {
            figures.push(Content { place: place.clone(), what: Safe::line(&what), count });
        } else {
            left += 1;
        }
    };
    for file in parts.files.values() {
        foreign += u64::from(file.is_foreign());
        broken += u64::from(file.is_no_json());
        if let Some(said) = file.document()
            && let Some(format) = said.format
        {
            *files.entry(format.key()).or_default() += 1;
            tell(&file.relative, format.key().to_owned(), 1);
            for (what, count) in &said.figures {
                tell(&file.relative, what.clone(), *count);
            }
        }
        for (format, count) in file.lines().iter().flat_map(|lines| &lines.counts) {
            *files.entry(format.key()).or_default() += 1;
            tell(&file.relative, format.key().to_owned(), 1);
            tell(&file.relative, format!("{} lines", format.key()), *count);
        }
    }
    let sum = |what: &str, count: u64| Content { place: Safe::default(), what: Safe::line(what), count };
    let mut contents: Vec<Content> = files.iter().map(|(key, count)| sum(key, *count)).collect();
    for (what, count) in [("not orchestr8", foreign), ("no JSON", broken)] {
        if count > 0 {
            contents.push(sum(what, count));
        }
    }
    if left > 0 {
        contents.push(sum("figures of files left out", left));
    }
    contents.extend(figures);
    contents
}

fn named(names: &[&Safe]) -> String {
    let mut text: Vec<&str> = names.iter().take(NAMES).map(|name| name.as_str()).collect();
    if names.len() > NAMES {
        text.push("…");
    }
    text.join(", ")
}

fn notes(parts: &Parts<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let files = || parts.files.values();
    let (mut dropped, mut homeless, mut lost, mut gaps, mut odd) = (0, 0, 0, 0, 0);
    let mut unknown: BTreeMap<&Safe, u64> = BTreeMap::new();
    for file in files() {
        if let Some(said) = file.document() {
            dropped += said.dropped;
            homeless += said.homeless;
            odd += said.odd;
            said.unknown.iter().for_each(|(name, count)| *unknown.entry(name).or_default() += count);
        }
        if let Some(lines) = file.lines() {
            dropped = dropped.max(lines.log.dropped);
            homeless += lines.bus.homeless;
            lost += lines.lost;
            gaps += lines.gaps;
            lines.bus.unknown.iter().for_each(|(name, count)| *unknown.entry(name).or_default() += count);
        }
    }
    if dropped > 0 {
        notes.push(format!("the event bus dropped {dropped} events: what is told from events has holes"));
    }
    if homeless > 0 {
        notes.push(format!("{homeless} events name no execution and fit none that is known"));
    }
    if !unknown.is_empty() {
        let names: Vec<&Safe> = unknown.keys().copied().collect();
        let count: u64 = unknown.values().sum();
        notes.push(format!("{count} events of unknown types: {}", named(&names)));
    }
    let counts = [
        (lost, "records of console output were never finished"),
        (gaps, "numbers are missing in sequenced journals"),
        (odd, "entries of journals could not be used"),
    ];
    notes
        .extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, text)| format!("{count} {text}")));
    let broken: Vec<&Safe> = files().filter(|file| file.is_no_json()).map(|file| &file.relative).collect();
    if !broken.is_empty() {
        notes.push(format!("no JSON (or not yet): {}", named(&broken)));
    }
    let fed = files().filter_map(File::document).flat_map(|said| &said.figures);
    let fed: u64 = fed.filter(|(what, _)| what.ends_with(" bus-fed")).map(|(_, count)| *count).sum();
    if fed > 0 {
        notes.push(format!(
            "{} of starts only: of {} alone no outcome is believed",
            if fed == 1 { "1 journal hears".to_owned() } else { format!("{fed} journals hear") },
            if fed == 1 { "it" } else { "them" }
        ));
    }
    let settings: BTreeSet<String> = files()
        .filter_map(|file| Some((file, file.document()?.project.as_ref()?)))
        .map(|(file, words)| format!("settings {}: {words} (nothing reads them at run time)", file.relative))
        .collect();
    notes.extend(settings.into_iter().take(NAMES));
    let tests = files().filter(|file| file.format() == Some(Format::WorkflowTest)).count();
    if tests > 0 {
        notes.push(format!("{} of workflows left out of the catalog", plural(tests, "test")));
    }
    if parts.is_cut {
        notes.push("there are more files or deeper folders than are looked at".to_owned());
    }
    notes
}
