//! Levels of log lines, as numbers or as words. Pure.

use serde_json::Value;

use crate::model::Level;

/// The level of a line; words nobody knows are normal.
pub(in super::super) fn level(value: &Value) -> Level {
    match value.get("level") {
        Some(Value::Number(number)) => match number.as_u64().unwrap_or(30) {
            0..=29 => Level::Debug,
            30..=39 => Level::Info,
            40..=49 => Level::Warn,
            _ => Level::Error,
        },
        Some(Value::String(word)) => match word.to_ascii_lowercase().as_str() {
            "trace" | "debug" => Level::Debug,
            "warn" | "warning" => Level::Warn,
            "error" | "fatal" => Level::Error,
            _ => Level::Info,
        },
        _ => Level::Info,
    }
}
