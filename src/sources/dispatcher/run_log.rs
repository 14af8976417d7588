//! Lines of the logs that cron jobs append to: which run they belong to, how it went. Pure.

use chrono::NaiveDate;

use crate::{model::Level, text::Safe};

/// One run as its lines tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    /// `Date:` that it prints at its beginning.
    pub(super) date: Option<NaiveDate>,
    /// What it was asked to do.
    pub(super) mode: Option<Safe>,
    /// It said that it completed.
    pub(super) completed: bool,
    /// Its newest error.
    pub(super) error: Option<Safe>,
}

/// Runs of one log: the newest of every mode, and the newest of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs {
    open: Run,
    by_mode: Vec<Run>,
}

impl Runs {
    /// Takes the next line; a level and text when it is a warning or an error.
    pub(super) fn take(&mut self, line: &[u8]) -> Option<(Level, Safe)> {
        let text = Safe::bytes(line);
        let text = text.trim();
        if text.starts_with('╔') {
            self.open = Run::default();
            return None;
        }
        let (level, words) = split(text);
        if let Some(date) = words.strip_prefix("Date: ").and_then(|date| date.get(..10)) {
            self.open.date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok();
        } else if let Some(mode) = words.strip_prefix("Mode: ") {
            self.open.mode = Some(Safe::line(mode.trim()));
        } else if let Some(mode) = completed(words) {
            self.open.mode = Some(Safe::line(mode));
            self.open.completed = true;
        }
        if level == Some(Level::Error) {
            self.open.error = Some(Safe::line(words));
        }
        self.remember();
        level.filter(|level| *level >= Level::Warn).map(|level| (level, Safe::line(words)))
    }

    fn remember(&mut self) {
        if self.open.mode.is_some() {
            self.by_mode.retain(|run| run.mode != self.open.mode);
            self.by_mode.push(self.open.clone());
        }
    }

    /// The newest run of a mode.
    pub(super) fn of(&self, mode: &str) -> Option<&Run> {
        self.by_mode.iter().find(|run| run.mode.as_deref() == Some(mode))
    }

    /// The run whose lines are the newest.
    pub(super) fn newest(&self) -> &Run {
        &self.open
    }
}

fn split(text: &str) -> (Option<Level>, &str) {
    let levels = [("[INFO]", Level::Info), ("[WARN]", Level::Warn), ("[ERROR]", Level::Error)];
    let found =
        levels.iter().find_map(|(mark, level)| Some((Some(*level), text.strip_prefix(mark)?.trim_start())));
    found.unwrap_or((None, text))
}

/// `Orchestrator '<mode>' completed.`
fn completed(text: &str) -> Option<&str> {
    text.strip_prefix("Orchestrator '")?.strip_suffix("' completed.")
}

/// A line of a task's own output that says that something went wrong.
pub(super) fn task_error(text: &str) -> bool {
    const MARKS: [&str; 7] = ["error", "fatal", "panic", "traceback", "[error]", "npm err!", "exception"];
    let lower = text.trim_start().to_lowercase();
    MARKS.iter().any(|mark| {
        lower.strip_prefix(mark).is_some_and(|rest| !rest.starts_with(|ch: char| ch.is_alphanumeric()))
    })
}
