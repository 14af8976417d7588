//! How a place is doing, in figures and words. Pure.

use std::collections::BTreeMap;

use super::{sniff::Shape, stream::Stream};
use crate::{
    model::{Content, Health, HealthState},
    sources::read::pipe::End,
    text::{Safe, format::plural},
};

/// Figures of single files that are told.
const FIGURES: usize = 2000;
/// Names in one remark.
const NAMES: usize = 5;

/// One stream, for the report.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) place: &'a Safe,
    pub(super) shape: Shape,
    pub(super) is_read: bool,
    pub(super) is_torn: bool,
    pub(super) stream: &'a Stream,
    pub(super) trouble: Option<&'a std::io::Error>,
}

/// What is to be reported.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) streams: Vec<Part<'a>>,
    /// Folders that cannot be listed.
    pub(super) unreadable: Vec<String>,
    /// There are more files than are looked at.
    pub(super) is_cut: bool,
    /// How a pipe ended.
    pub(super) end: Option<&'a End>,
    /// It is a pipe.
    pub(super) is_pipe: bool,
}

/// Writes state, error, remedy, figures and notes.
pub(super) fn write(parts: &Parts<'_>, health: &mut Health) {
    let read = || parts.streams.iter().filter(|part| part.is_read);
    health.files = if parts.is_pipe { 0 } else { read().count() as u64 };
    health.contents = contents(parts);
    health.notes = notes(parts).iter().map(|note| Safe::line(note)).collect();
    let mut complaints: Vec<String> = parts
        .streams
        .iter()
        .filter_map(|part| Some(format!("{}: {}", part.place, part.trouble?)))
        .chain(parts.unreadable.iter().map(|path| format!("{path}: permission denied")))
        .collect();
    if let Some(End::Broken(why)) = parts.end {
        complaints.push(format!("the pipe: {why}"));
    }
    let more = match complaints.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    health.error = complaints.first().map(|text| Safe::line(&format!("cannot read {text}{more}")));
    let is_forbidden =
        complaints.first().is_some_and(|text| text.to_lowercase().contains("permission denied"));
    health.remedy = health.error.as_ref().map(|_| {
        Safe::line(if is_forbidden { "give your user read permission on it" } else { "it is tried again" })
    });
    let is_empty = read().all(|part| part.stream.runs.is_empty() && part.stream.counts.is_empty());
    health.state = match (&health.error, is_empty) {
        (Some(_), _) => HealthState::Stale,
        (None, true) => HealthState::Empty,
        (None, false) => HealthState::Live,
    };
}

fn contents(parts: &Parts<'_>) -> Vec<Content> {
    let mut sums: BTreeMap<&Safe, u64> = BTreeMap::new();
    let mut figures = Vec::new();
    let figure = |place: &Safe, what: &str, count: u64| Content {
        place: place.clone(),
        what: Safe::line(what),
        count,
    };
    for part in parts.streams.iter().filter(|part| part.is_read) {
        for (kind, count) in &part.stream.counts {
            *sums.entry(kind).or_default() += count;
            if !part.place.is_empty() {
                figures.push(figure(part.place, kind, *count));
            }
        }
    }
    let count =
        |wanted: fn(&Part<'_>) -> bool| parts.streams.iter().filter(|part| wanted(part)).count() as u64;
    let whole = [
        ("streams", count(|part| part.is_read && !part.stream.runs.is_empty())),
        ("sessions", parts.streams.iter().map(|part| part.stream.runs.len() as u64).sum()),
        ("transcripts", count(|part| part.shape == Shape::Transcript)),
        ("other files", count(|part| !part.is_read && part.shape != Shape::Transcript)),
        ("torn last lines", count(|part| part.is_torn)),
    ];
    let nowhere = Safe::default();
    let mut contents: Vec<Content> = whole
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| figure(&nowhere, what, count))
        .collect();
    contents.extend(sums.into_iter().map(|(kind, count)| figure(&nowhere, kind, count)));
    let left = figures.len().saturating_sub(FIGURES) as u64;
    figures.truncate(FIGURES);
    contents.extend(figures);
    if left > 0 {
        contents.push(figure(&nowhere, "figures of files left out", left));
    }
    contents
}

fn notes(parts: &Parts<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let streams = || parts.streams.iter();
    let is_torn = streams().any(|part| part.is_torn);
    match parts.end {
        Some(End::Closed) if is_torn => {
            notes.push("the pipe ended in the middle of a line: its writer was killed".to_owned());
        }
        Some(End::Closed) => notes.push("the pipe ended".to_owned()),
        Some(End::Broken(_)) => {}
        None if parts.is_pipe && streams().all(|part| part.stream.counts.is_empty()) => {
            notes.push("nothing came through the pipe yet".to_owned());
        }
        None if parts.is_pipe => {}
        None => {
            let torn: Vec<&str> =
                streams().filter(|part| part.is_torn).map(|part| part.place.as_str()).collect();
            if !torn.is_empty() {
                notes.push(format!("the last line has no end (yet): {}", named(&torn)));
            }
        }
    }
    let open: Vec<&str> = streams()
        .flat_map(|part| &part.stream.runs)
        .filter(|run| run.turn().is_some_and(|turn| turn.outcome.is_none()))
        .map(|run| run.session.as_str())
        .collect();
    if !open.is_empty() {
        let (verb, why) = match parts.end {
            Some(_) => ("had", "killed, or cut off"),
            None if parts.is_pipe => ("has", "still running"),
            None => ("has", "still running or killed"),
        };
        notes.push(format!("{} {verb} no result ({why}): {}", plural(open.len(), "session"), named(&open)));
    }
    let transcripts = streams().filter(|part| part.shape == Shape::Transcript).count();
    if transcripts > 0 {
        notes.push(format!(
            "{} of claude-code: no stream, see the kind claude-code",
            plural(transcripts, "transcript")
        ));
    }
    let mut unknown: BTreeMap<&Safe, u64> = BTreeMap::new();
    for (kind, count) in streams().flat_map(|part| &part.stream.unknown) {
        *unknown.entry(kind).or_default() += count;
    }
    if !unknown.is_empty() {
        let kinds: Vec<&str> = unknown.keys().map(|kind| kind.as_str()).collect();
        let count: u64 = unknown.values().sum();
        notes.push(format!("{} of unknown kinds: {}", plural(count as usize, "line"), named(&kinds)));
    }
    let homeless: u64 = streams().map(|part| part.stream.homeless).sum();
    if homeless > 0 {
        notes.push(format!("{} before any session was named", plural(homeless as usize, "line")));
    }
    if parts.is_cut {
        notes.push("there are more files or deeper folders than are looked at".to_owned());
    }
    notes
}

fn named(names: &[&str]) -> String {
    let mut text: Vec<&str> = names.iter().take(NAMES).copied().collect();
    if names.len() > NAMES {
        text.push("…");
    }
    text.join(", ")
}
