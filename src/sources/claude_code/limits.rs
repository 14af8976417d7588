//! Plan windows: the cache in `.claude.json` (one key of it, nothing else is kept) and the words of sessions that hit a
//! limit. The newest reading of a window wins.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use chrono::{Datelike, NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_json::Value;

use super::transcript::LimitWord;
use crate::{
    model::{PlanLimit, Timestamp, Zone},
    sources::read::json,
    text::Safe,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    cached_usage_utilization: Option<Cache>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Cache {
    fetched_at_ms: Value,
    utilization: Value,
}

/// Readers of the caches of all roots.
#[derive(Debug, Default)]
pub(super) struct Limits {
    documents: Vec<(PathBuf, json::Document<Config>)>,
}

/// Files that may hold the cache of a config folder: inside it, beside it under its name, and in the home directory when
/// the folder is `~/.config/claude`.
pub(super) fn places(root: &Path) -> Vec<PathBuf> {
    let mut places = vec![root.join(".claude.json")];
    if let (Some(parent), Some(name)) = (root.parent(), root.file_name()) {
        let mut beside = OsString::from(name);
        beside.push(".json");
        places.push(parent.join(beside));
        if name == "claude" && parent.file_name().is_some_and(|name| name == ".config") {
            places.extend(parent.parent().map(|home| home.join(".claude.json")));
        }
    }
    places
}

impl Limits {
    /// Reads the caches again.
    pub(super) fn read(&mut self, roots: &[PathBuf]) {
        for path in roots.iter().flat_map(|root| places(root)) {
            if !self.documents.iter().any(|(known, _)| *known == path) {
                self.documents.push((path, json::Document::default()));
            }
        }
        for (path, document) in &mut self.documents {
            document.refresh(path);
        }
    }

    /// All windows: of the newest cache, and of `words` where those are newer.
    pub(super) fn windows<'a>(
        &self,
        words: impl Iterator<Item = &'a LimitWord>,
        zone: Zone,
    ) -> Vec<PlanLimit> {
        let caches = self.documents.iter().filter_map(|(_, document)| document.value());
        let caches = caches.filter_map(|config| config.cached_usage_utilization.as_ref());
        let newest = caches.max_by_key(|cache| cache.fetched_at_ms.as_i64());
        let mut windows = newest.map(of_cache).unwrap_or_default();
        let mut spoken: Vec<PlanLimit> = words.map(|word| of_word(word, zone)).collect();
        spoken.sort_by(|a, b| b.read_at.cmp(&a.read_at).then_with(|| a.name.cmp(&b.name)));
        for limit in spoken {
            match windows.iter_mut().find(|window| window.name == limit.name) {
                Some(window) if window.read_at < limit.read_at => *window = limit,
                Some(_) => {}
                None => windows.push(limit),
            }
        }
        windows
    }
}

fn of_cache(cache: &Cache) -> Vec<PlanLimit> {
    let read_at = cache.fetched_at_ms.as_i64().map(Timestamp);
    let all = &cache.utilization;
    let mut windows: Vec<PlanLimit> = match all.get("limits").and_then(Value::as_array) {
        Some(list) => list.iter().filter_map(|limit| window(limit, scope_name(limit), "percent")).collect(),
        None => [
            ("five_hour", "5 h"),
            ("seven_day", "week"),
            ("seven_day_opus", "week Opus"),
            ("seven_day_sonnet", "week Sonnet"),
        ]
        .into_iter()
        .filter_map(|(key, name)| window(all.get(key)?, Safe::line(name), "utilization"))
        .collect(),
    };
    windows.extend(spend(all));
    for limit in &mut windows {
        limit.read_at = read_at;
    }
    windows
}

fn scope_name(limit: &Value) -> Safe {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let scope = limit.get("scope");
    let model = scope.and_then(|scope| scope.get("model"));
    let name = text(model.and_then(|model| model.get("display_name")))
        .or_else(|| text(model.and_then(|model| model.get("id"))))
        .or_else(|| text(scope.and_then(|scope| scope.get("surface"))));
    let kind = limit.get("kind").and_then(Value::as_str).unwrap_or_default();
    let base = match limit.get("group").and_then(Value::as_str) {
        Some("session") => "5 h",
        Some("weekly") => "week",
        _ => kind,
    };
    Safe::line(&name.map_or_else(|| base.to_owned(), |name| format!("{base} {name}")))
}

fn window(limit: &Value, name: Safe, percent: &str) -> Option<PlanLimit> {
    limit.as_object()?;
    Some(PlanLimit {
        name,
        percent: limit.get(percent).and_then(Value::as_f64),
        resets_at: limit.get("resets_at").and_then(Value::as_str).and_then(Timestamp::parse),
        active: limit.get("is_active").and_then(Value::as_bool).unwrap_or(false),
        ..PlanLimit::default()
    })
}

/// Money beyond the plan: only `spend` is in units that can be trusted.
fn spend(all: &Value) -> Option<PlanLimit> {
    let spend =
        all.get("spend").filter(|spend| spend.get("enabled").and_then(Value::as_bool) == Some(true))?;
    let amount = |key: &str| {
        let part = spend.get(key)?;
        let exponent = part.get("exponent").and_then(Value::as_u64).unwrap_or(2).min(6) as usize;
        let minor = part.get("amount_minor")?.as_f64()?;
        Some(format!("{:.exponent$}", minor / 10_f64.powi(exponent as i32)))
    };
    let currency = spend.get("used").and_then(|used| used.get("currency")).and_then(Value::as_str);
    let money = match (amount("used"), amount("limit")) {
        (Some(used), Some(limit)) => Some(format!("{used} / {limit} {}", currency.unwrap_or_default())),
        (Some(used), None) => Some(format!("{used} {}", currency.unwrap_or_default())),
        _ => None,
    };
    Some(PlanLimit {
        name: Safe::line("extra"),
        percent: spend.get("percent").and_then(Value::as_f64),
        money: money.map(|money| Safe::line(money.trim())),
        ..PlanLimit::default()
    })
}

/// A limit from the words of a session that hit it.
fn of_word(word: &LimitWord, zone: Zone) -> PlanLimit {
    let text = word.text.to_ascii_lowercase();
    let name =
        if text.contains("week") { if text.contains("opus") { "week Opus" } else { "week" } } else { "5 h" };
    let resets_at = match word.text.rsplit_once('|').and_then(|(_, secs)| secs.trim().parse().ok()) {
        Some(secs) => Some(Timestamp::from_secs(secs)),
        None => word.at.and_then(|at| reset(&text, &word.text, at, zone)),
    };
    PlanLimit {
        name: Safe::line(name),
        percent: Some(100.0),
        resets_at,
        read_at: word.at,
        active: true,
        ..PlanLimit::default()
    }
}

/// `resets 8pm (Area/City)`, `resets Nov 19 at 4pm (UTC)`, `resets 3:30am`: the first such time after `at`.
fn reset(lower: &str, text: &str, at: Timestamp, zone: Zone) -> Option<Timestamp> {
    let (_, after) = lower.split_once("resets ")?;
    let named = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(name, _)| name.trim());
    let zone = named.and_then(|name| name.parse().ok()).unwrap_or(zone);
    let words: Vec<&str> =
        after.split(['(', ' ', ',']).filter(|word| !word.is_empty() && *word != "at").take(4).collect();
    let time = words.iter().find_map(|word| clock(word))?;
    let today = at.date(zone);
    let date = words.windows(2).find_map(|pair| month_day(pair.first()?, pair.get(1)?, today));
    let candidates = match date {
        Some(date) => vec![date],
        None => vec![today, today.succ_opt()?],
    };
    candidates
        .into_iter()
        .filter_map(|date| {
            let local = date.and_time(time).format("%Y-%m-%dT%H:%M:%S").to_string();
            Timestamp::parse_local(&local, zone)
        })
        .find(|reset| *reset > at || date.is_some())
}

/// `8pm`, `3:30am`, `16:00`.
fn clock(word: &str) -> Option<NaiveTime> {
    let (digits, shift) = match (word.strip_suffix("pm"), word.strip_suffix("am")) {
        (Some(digits), _) => (digits, Some(12)),
        (_, Some(digits)) => (digits, Some(0)),
        _ => (word, None),
    };
    let (hour, minute) = match digits.split_once(':') {
        Some((hour, minute)) => (hour, minute.parse().ok()?),
        None if shift.is_some() => (digits, 0),
        None => return None,
    };
    let hour: u32 = hour.parse().ok()?;
    NaiveTime::from_hms_opt(shift.map_or(hour, |shift| hour % 12 + shift), minute, 0)
}

fn month_day(month: &str, day: &str, today: NaiveDate) -> Option<NaiveDate> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = MONTHS.iter().position(|name| month.starts_with(name))? as u32 + 1;
    let date = NaiveDate::from_ymd_opt(today.year(), month, day.parse().ok()?)?;
    // A month long gone is one of the next year.
    if date < today && today.signed_duration_since(date).num_days() > 180 {
        date.with_year(today.year() + 1)
    } else {
        Some(date)
    }
}

#[cfg(test)]
mod tests;
