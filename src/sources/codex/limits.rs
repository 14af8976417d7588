//! Plan windows as the maker's service reports them with its responses. The newest reading wins, over all files.

use std::collections::{BTreeMap, BTreeSet};

use super::line::{Credits, Part, Rates, Window, open};
use crate::{
    model::{PlanLimit, Timestamp},
    text::Safe,
};

/// Limits of one file that are remembered.
const MOST: usize = 16;

/// One reading of a limit: its windows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    at: Option<Timestamp>,
    windows: Vec<PlanLimit>,
}

/// Newest readings by limit.
pub(super) type Readings = BTreeMap<Safe, Reading>;

/// Takes a reading.
pub(super) fn take(readings: &mut Readings, rates: Part<'_>, at: Option<Timestamp>) {
    let Some(rates) = open::<Rates<'_>>(rates) else { return };
    let id = rates.limit_id.text().unwrap_or("codex");
    let title = if id == "codex" { "codex" } else { rates.limit_name.text().unwrap_or(id) };
    let mut windows = Vec::new();
    for (part, usual) in [(rates.primary, "5 h"), (rates.secondary, "week")] {
        windows.extend(window(part, usual, title, at));
    }
    windows.extend(credits(rates.credits, title, at));
    let id = Safe::line(id);
    let is_newer = readings.get(&id).is_none_or(|known| known.at <= at);
    if !windows.is_empty() && is_newer && (readings.len() < MOST || readings.contains_key(&id)) {
        readings.insert(id, Reading { at, windows });
    }
}

fn window(part: Part<'_>, usual: &str, title: &str, at: Option<Timestamp>) -> Option<PlanLimit> {
    let window: Window<'_> = open(part)?;
    let length = window.window_minutes.whole().map_or_else(|| usual.to_owned(), length);
    let after = |seconds: f64| at.map(|at| Timestamp(at.0.saturating_add((seconds * 1000.0) as i64)));
    let resets_at = match window.resets_at.number() {
        Some(seconds) => Some(Timestamp::from_secs(seconds as i64)),
        None => window.resets_in_seconds.number().and_then(after),
    };
    let percent = window.used_percent.number();
    Some(PlanLimit {
        name: Safe::line(&format!("{title} {length}")),
        percent,
        resets_at,
        read_at: at,
        active: percent.is_some_and(|percent| percent >= 100.0),
        money: None,
    })
}

fn length(minutes: u64) -> String {
    match minutes {
        10_080 => "week".to_owned(),
        _ if minutes > 0 && minutes.is_multiple_of(1440) => format!("{} d", minutes / 1440),
        _ if minutes > 0 && minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        _ => format!("{minutes} min"),
    }
}

/// Bought credits, in the maker's units.
fn credits(part: Part<'_>, title: &str, at: Option<Timestamp>) -> Option<PlanLimit> {
    let credits: Credits<'_> = open(part)?;
    let balance = credits
        .balance
        .text()
        .map(str::to_owned)
        .or_else(|| credits.balance.number().map(|balance| balance.to_string()))?;
    Some(PlanLimit {
        name: Safe::line(&format!("{title} credits")),
        read_at: at,
        money: Some(Safe::line(&format!("{balance} credits left"))),
        ..PlanLimit::default()
    })
}

/// The windows of the newest readings; of two windows of one name the newer one.
pub(super) fn newest<'a>(files: impl Iterator<Item = &'a Readings>) -> Vec<PlanLimit> {
    let mut newest: BTreeMap<&Safe, &Reading> = BTreeMap::new();
    for (id, reading) in files.flatten() {
        let known = newest.entry(id).or_insert(reading);
        // Equal times with unequal words: any order of the files must give the same.
        let is_newer = (known.at, format_of(known)) < (reading.at, format_of(reading));
        if is_newer {
            *known = reading;
        }
    }
    let mut names = BTreeSet::new();
    let mut readings: Vec<&Reading> = newest.into_values().collect();
    readings.sort_by_key(|reading| std::cmp::Reverse(reading.at));
    let windows = readings.into_iter().flat_map(|reading| reading.windows.iter().cloned());
    windows.filter(|window| names.insert(window.name.clone())).collect()
}

fn format_of(reading: &Reading) -> Vec<(Option<u64>, Option<Timestamp>)> {
    let percent = |window: &PlanLimit| window.percent.map(|percent| (percent * 1000.0) as u64);
    reading.windows.iter().map(|window| (percent(window), window.resets_at)).collect()
}
