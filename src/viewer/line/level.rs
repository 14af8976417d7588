//! Levels as logs write them.

use serde_json::Value;

use super::Outcome;
use crate::model::Level;

/// Keys that hold the level of a record.
pub(super) const KEYS: [&str; 5] = ["level", "severity", "lvl", "levelname", "log_level"];

/// The level a word means, in any letter case.
pub fn level_of_word(word: &str) -> Option<Level> {
    let lower = word.to_ascii_lowercase();
    Some(match lower.as_str() {
        "trace" | "debug" | "dbg" | "verbose" | "silly" | "fine" => Level::Debug,
        "info" | "inf" | "information" | "notice" | "log" | "success" => Level::Info,
        "warn" | "warning" | "wrn" => Level::Warn,
        "error" | "err" | "fatal" | "critical" | "crit" | "emerg" | "alert" | "panic" | "severe" => {
            Level::Error
        }
        _ => return None,
    })
}

/// The level a JSON value means: a word, or a number as pino writes it.
pub(super) fn of_value(value: &Value) -> Option<Level> {
    match value {
        Value::String(word) => level_of_word(word),
        Value::Number(number) => match number.as_i64()? {
            10..=20 => Some(Level::Debug),
            21..=30 => Some(Level::Info),
            31..=40 => Some(Level::Warn),
            41..=60 => Some(Level::Error),
            _ => None,
        },
        _ => None,
    }
}

/// A level at the beginning of a text: `WARN`, `[warn]`, `warn:`, `npm ERR!`; and what follows it. A word without brackets or
/// colon counts only in capitals, because sentences begin with words.
pub(super) fn leading(text: &str) -> Option<(Level, &str)> {
    let text = text.trim_start();
    if let Some((word, rest)) = text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        return Some((level_of_word(word.trim())?, rest.trim_start_matches([' ', ':', '-']).trim_start()));
    }
    let end = text.find(|ch: char| !ch.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    let level = level_of_word(word)?;
    let is_marked = rest.starts_with(':') || rest.starts_with(" |");
    let is_capital = word.bytes().all(|byte| byte.is_ascii_uppercase())
        && (rest.is_empty() || rest.starts_with([' ', '\t']));
    (is_marked || is_capital)
        .then(|| (level, rest.trim_start_matches([':', ' ', '|', '\t', '-']).trim_start()))
}

/// Beginnings of lines that speak of failure without naming a level.
const TROUBLE: [(&str, Level); 14] = [
    ("error", Level::Error),
    ("fatal", Level::Error),
    ("traceback (most recent", Level::Error),
    ("panic", Level::Error),
    ("thread '", Level::Error),
    ("exception", Level::Error),
    ("npm err!", Level::Error),
    ("failed", Level::Error),
    ("❌", Level::Error),
    ("✗", Level::Error),
    ("✖", Level::Error),
    ("⚠", Level::Warn),
    ("warning", Level::Warn),
    ("npm warn", Level::Warn),
];

/// What the beginning of a text without a level says of one.
pub(super) fn of_text(text: &str) -> Option<Level> {
    let head: String = text.trim_start().chars().take(24).flat_map(char::to_lowercase).collect();
    TROUBLE.iter().find(|(start, _)| head.starts_with(start)).map(|(_, level)| *level)
}

/// How something ended, by a word for it.
pub(super) fn outcome_of_word(word: &str) -> Option<Outcome> {
    let lower = word.to_ascii_lowercase();
    Some(match lower.as_str() {
        "ok" | "success" | "succeeded" | "successful" | "completed" | "complete" | "passed" | "pass"
        | "done" | "true" | "1" => Outcome::Ok,
        "failed" | "failure" | "fail" | "error" | "errored" | "false" | "0" | "timeout" | "timed_out"
        | "crashed" => Outcome::Failed,
        "denied" | "rejected" | "declined" | "blocked" | "forbidden" | "cancelled" | "canceled" => {
            Outcome::Denied
        }
        _ => return None,
    })
}
