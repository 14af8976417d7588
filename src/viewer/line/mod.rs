//! What a line of a log says, in any dialect that orchestrators write: time, level, who, which tool, how it ended, the
//! message, the rest. What is not recognised is plain text; nothing is made up.

mod claude;
mod codex;
mod field;
mod json;
mod level;
mod plain;
mod repair;
mod stamp;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use level::level_of_word;

use crate::{
    model::{Level, Timestamp, Zone},
    text::{Safe, mask},
};

/// Fields kept of a line.
const FIELDS: usize = 24;

/// How a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Text.
    #[default]
    Plain,
    /// Text with `key=value` parts.
    Pairs,
    /// A JSON object.
    Json,
    /// A line of a Claude Code transcript or stream.
    Claude,
    /// A line of a Codex rollout or `exec --json` stream.
    Codex,
}

/// How what a line speaks of ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Well.
    Ok,
    /// Not well.
    Failed,
    /// Refused, by a rule or a person.
    Denied,
}

impl Outcome {
    /// The word on screen and in filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Denied => "denied",
        }
    }
}

/// What a line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// How it is written.
    pub dialect: Dialect,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// How much it matters; none = it does not say.
    pub level: Option<Level>,
    /// The tool it is about.
    pub tool: Option<Safe>,
    /// How that ended.
    pub outcome: Option<Outcome>,
    /// Who wrote it or whom it is about.
    pub agent: Option<Safe>,
    /// What it says.
    pub message: Safe,
    /// The rest: key and value.
    pub fields: Vec<(Safe, Safe)>,
}

impl Facts {
    /// How much it matters: what it says, else an error when what it speaks of failed.
    pub fn weight(&self) -> Level {
        match (self.level, self.outcome) {
            (Some(level), Some(Outcome::Failed)) => level.max(Level::Error),
            (Some(level), _) => level,
            (None, Some(Outcome::Failed)) => Level::Error,
            (None, Some(Outcome::Denied)) => Level::Warn,
            (None, _) => Level::Info,
        }
    }

    fn push(&mut self, key: &str, value: &str) {
        if self.fields.len() < FIELDS {
            self.fields.push((Safe::line(key), Safe::line(value)));
        }
    }

    /// The same without secrets.
    fn hidden(mut self) -> Self {
        for (key, value) in &mut self.fields {
            if mask::is_secret(key) && !value.is_empty() {
                *value = Safe::line(mask::MASK);
            }
        }
        let texts = self.fields.iter_mut().map(|(_, value)| value);
        for text in texts.chain([&mut self.message]).chain(&mut self.tool).chain(&mut self.agent) {
            if let Cow::Owned(hidden) = mask::text(text) {
                *text = Safe::line(&hidden);
            }
        }
        self
    }
}

/// Reads a line (or the beginning of a very long one), without its secrets. Times without a zone are times of `zone`.
pub fn recognise(bytes: &[u8], zone: Zone) -> Facts {
    revealed(bytes, zone).hidden()
}

/// Reads a line with its secrets, for who asked to see them.
pub fn revealed(bytes: &[u8], zone: Zone) -> Facts {
    let text = text_of(bytes);
    let plain = plain::without_colours(&text);
    let trimmed = plain.trim();
    if trimmed.starts_with('{')
        && let Some(object) = repair::object(trimmed)
    {
        return json::facts(&object, zone);
    }
    plain::facts(trimmed, zone)
}

/// Only the time of a line, found fast: the first bytes nearly always hold it.
pub fn time_of(bytes: &[u8], zone: Zone) -> Option<Timestamp> {
    let text = text_of(bytes);
    match text.trim_start() {
        object if object.starts_with('{') => stamp::in_object(object).or_else(|| recognise(bytes, zone).at),
        other => {
            let plain = plain::without_colours(other);
            stamp::leading(&plain, zone).map(|(at, _)| at)
        }
    }
}

/// The text of a line as it may be shown: secrets masked, sanitised, cut.
pub fn raw(bytes: &[u8]) -> Safe {
    raw_unless(false, bytes)
}

/// The same, with its secrets when they are revealed.
pub fn raw_unless(revealed: bool, bytes: &[u8]) -> Safe {
    let text = text_of(bytes);
    let text = plain::without_colours(&text);
    Safe::line(&mask::unless(revealed, &text))
}

/// All of a line, however long, for what goes out.
pub fn whole(revealed: bool, bytes: &[u8]) -> Safe {
    let text = text_of(bytes);
    let text = plain::without_colours(&text);
    Safe::whole(&mask::unless(revealed, &text))
}

/// The lines of an unfolded object; none when the text is no object.
pub fn unfolded(raw: &str) -> Option<Vec<String>> {
    let object = repair::object(raw.trim().trim_end_matches('…'))?;
    let pretty = serde_json::to_string_pretty(&object).ok()?;
    Some(pretty.lines().map(str::to_owned).collect())
}

fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
