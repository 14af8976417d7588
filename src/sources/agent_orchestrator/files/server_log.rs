//! `combined.log` and `error.log` of the dashboard's server: JSON a line. The output of a started run stands in messages that
//! begin with `[Orchestrator <execution>]`, with real escape sequences and line breaks. Pure.

use serde_json::Value;

use super::super::{when, words};
use crate::{
    model::{Level, Timestamp, Zone},
    text::{Safe, mask},
};

/// A line of the log; a message of several lines gives several.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Entry {
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) level: Level,
    /// The execution it belongs to.
    pub(in super::super) execution: Option<Safe>,
    pub(in super::super) text: Safe,
}

/// How the process of an execution ended, as the server saw it.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Exit {
    pub(in super::super) execution: Safe,
    /// The code, or what stands in its place when a signal ended it.
    pub(in super::super) code: Safe,
}

impl Exit {
    /// A signal ended it: somebody stopped it.
    pub(in super::super) fn is_stop(&self) -> bool {
        matches!(self.code.as_str(), "null" | "undefined" | "130" | "143" | "SIGTERM" | "SIGINT")
    }
}

/// Reads a line; nothing when it is no JSON object.
pub(in super::super) fn parse(raw: &str) -> Option<(Vec<Entry>, Option<Exit>)> {
    let value: Value = serde_json::from_str(raw).ok()?;
    let object = value.as_object()?;
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let message = text("message").map_or_else(
        || object.get("message").map_or_else(String::new, |value| mask::compact(value).to_string()),
        |text| mask::text(text).into_owned(),
    );
    let at = text("timestamp").and_then(|text| when::parse(text, Zone::UTC));
    let level = words::level(text("level"));
    let run = message.strip_prefix("[Orchestrator ").and_then(|rest| rest.split_once("] "));
    let (named, said) = match run {
        Some((id, said)) => (Some(Safe::line(id)), said),
        None => (None, message.as_str()),
    };
    let exit = said.strip_prefix("Orchestrator ").and_then(|rest| {
        let (id, code) = rest.split_once(" exited with code ")?;
        Some(Exit { execution: Safe::line(id.trim()), code: Safe::line(code.trim()) })
    });
    let execution = named
        .or_else(|| text("executionId").map(Safe::line))
        .or_else(|| exit.as_ref().map(|exit| exit.execution.clone()));
    let code = object.get("code").map(|code| format!(" (code {})", mask::compact(code))).unwrap_or_default();
    let mut entries: Vec<Entry> = said
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(|line| Entry { at, level, execution: execution.clone(), text: Safe::line(line) })
        .collect();
    if let Some(first) = entries.first_mut().filter(|_| !code.is_empty()) {
        first.text = Safe::line(&format!("{}{code}", first.text));
    }
    if let Some(place) = text("stack").and_then(|stack| stack.lines().nth(1)) {
        entries.push(Entry { at, level, execution, text: Safe::line(place.trim()) });
    }
    Some((entries, exit))
}
