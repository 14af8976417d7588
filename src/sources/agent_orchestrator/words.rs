//! What stored words mean in the one vocabulary. The stored word itself always stays beside it. Pure.

use crate::{
    model::{Level, Status},
    text::Safe,
};

/// The state of a stored word: in any letter case, trimmed, with `-` and blanks for `_`.
pub(super) fn status(word: &str) -> Status {
    let word = word.trim().to_lowercase().replace(['-', ' '], "_");
    match word.as_str() {
        "running" | "in_progress" | "active" | "working" | "processing" | "claimed" => Status::Running,
        "pending" | "queued" | "assigned" | "planning" | "inactive" => Status::Queued,
        "waiting" | "blocked" | "paused" => Status::Blocked,
        "completed" | "complete" | "done" | "success" | "finished" => Status::Succeeded,
        "failed" | "error" => Status::Failed,
        "cancelled" | "canceled" | "stopped" | "killed" | "skipped" => Status::Cancelled,
        _ => Status::Unknown,
    }
}

/// The level of a stored word; none stored means information.
pub(super) fn level(word: Option<&str>) -> Level {
    match word.map(|word| word.trim().to_lowercase()).as_deref() {
        Some("error" | "fatal" | "critical") => Level::Error,
        Some("warn" | "warning") => Level::Warn,
        Some("debug" | "trace" | "verbose") => Level::Debug,
        _ => Level::Info,
    }
}

/// What is the same in all spellings of an agent's name: `Agent-Frontend`, `frontend-expert`, `frontendexpert`.
pub(super) fn agent(name: &str) -> String {
    let mut plain: String =
        name.trim().to_lowercase().chars().filter(|ch| !matches!(ch, '-' | '_' | ' ')).collect();
    for suffix in ["expert", "agent"] {
        if let Some(stem) = plain.strip_suffix(suffix).filter(|stem| !stem.is_empty()) {
            plain = stem.to_owned();
            break;
        }
    }
    plain
}

/// What a level of a project is called.
pub(super) fn level_name(level: i64) -> Option<&'static str> {
    match level {
        1 => Some("MVP"),
        2 => Some("Beta"),
        3 => Some("Alpha"),
        4 => Some("Production"),
        5 => Some("Enterprise"),
        _ => None,
    }
}

/// A level as it is written, with what it is called when that is not written with it.
pub(super) fn leveled(text: &str) -> Safe {
    let name = text.trim().parse().ok().and_then(level_name);
    Safe::line(&name.map_or_else(|| text.to_owned(), |name| format!("{} ({name})", text.trim())))
}

/// A project and its level as a title.
pub(super) fn titled(project: &str, level: Option<i64>) -> String {
    match level {
        Some(level) => match level_name(level) {
            Some(name) => format!("{project} (level {level}, {name})"),
            None => format!("{project} (level {level})"),
        },
        None => project.to_owned(),
    }
}
