//! How the home is doing, in figures and words. Pure.

use std::{collections::BTreeMap, path::PathBuf};

use super::{file::File, place::FOLDERS};
use crate::{
    model::{Content, Health, HealthState, Timestamp},
    text::{Safe, format::plural},
};

/// Names in one remark.
const NAMES: usize = 5;

/// Sums of what files count for.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<Safe, u64>);

impl Tally {
    /// A file counts for this now, and for that no more.
    pub(super) fn settle(&mut self, before: Vec<(Safe, u64)>, now: Vec<(Safe, u64)>) {
        for (what, count) in before {
            if let Some(sum) = self.0.get_mut(&what) {
                *sum = sum.saturating_sub(count);
            }
        }
        for (what, count) in now {
            *self.0.entry(what).or_default() += count;
        }
        self.0.retain(|_, sum| *sum > 0);
    }
}

/// What is to be reported.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub files: &'a BTreeMap<PathBuf, File>,
    pub tally: &'a Tally,
    /// Threads told, sub-agents among them, and threads that hold nothing but what another program did.
    pub threads: (u64, u64, u64),
    /// Files of threads for which another file speaks.
    pub twins: u64,
    /// Lines of the index of names.
    pub names: u64,
    /// Folders that cannot be listed.
    pub closed: &'a [PathBuf],
    /// Files beside them that are not read: the history of prompts, views.
    pub beside: &'a [(Safe, &'static str)],
    pub newest: Option<Timestamp>,
    pub now: Timestamp,
}

/// Writes state, figures and remarks.
pub(super) fn write(parts: &Parts<'_>, health: &mut Health) {
    health.files = parts.files.len() as u64;
    health.last_change = health.last_change.max(parts.newest);
    health.last_good = Some(parts.now);
    health.contents = contents(parts);
    health.notes = notes(parts).iter().map(|note| Safe::line(note)).collect();
    health.state = if parts.files.is_empty() { HealthState::Empty } else { HealthState::Live };
}

fn contents(parts: &Parts<'_>) -> Vec<Content> {
    let sum = |what: &str, count: u64| Content { place: Safe::default(), what: Safe::line(what), count };
    let (threads, children, imported) = parts.threads;
    let counts = [
        ("threads", threads - children),
        ("sub-agents", children),
        ("threads with nothing of their own", imported),
        ("twins (another file of the thread speaks)", parts.twins),
    ];
    let mut contents: Vec<Content> =
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(what, count)| sum(what, count)).collect();
    contents.extend(parts.tally.0.iter().map(|(what, count)| sum(what, *count)));
    if parts.names > 0 {
        contents.push(Content {
            place: Safe::line("session_index.jsonl"),
            what: Safe::line("lines"),
            count: parts.names,
        });
    }
    let beside = parts.beside.iter();
    contents.extend(beside.map(|(place, what)| Content {
        place: place.clone(),
        what: Safe::line(what),
        count: 1,
    }));
    contents
}

fn notes(parts: &Parts<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let troubled: Vec<(&File, &Safe)> =
        parts.files.values().filter_map(|file| Some((file, file.trouble.as_ref()?))).collect();
    for (file, trouble) in troubled.iter().take(NAMES) {
        let what =
            if file.place.is_packed { "cannot be decompressed (to its end)" } else { "cannot be read" };
        notes.push(format!("{} {what}: {trouble}", file.place.below));
    }
    if troubled.len() > NAMES {
        notes.push(format!("{} more cannot be read", plural(troubled.len() - NAMES, "file")));
    }
    for folder in parts.closed.iter().take(NAMES) {
        notes.push(format!("{} cannot be listed: give your user read permission on it", folder.display()));
    }
    let unsplit: u64 = parts.files.values().map(|file| file.rollout.responses.unsplit).sum();
    if unsplit > 0 {
        notes.push(format!("{unsplit} token totals say nothing of input and output: they are not counted"));
    }
    if parts.files.is_empty() {
        notes.push(format!("no threads in {}", FOLDERS.join(" and ")));
    }
    notes
}
