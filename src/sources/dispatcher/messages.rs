//! Lines for the log from documents that carry times: notifications, the inbox, the list of pull requests. Pure.

use serde_json::Value;

use super::fields::Fields;
use crate::{
    model::{Level, Millis, Timestamp},
    text::{Safe, format},
};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Message {
    pub(super) at: Option<Timestamp>,
    /// As [`Level`], which cannot be hashed.
    pub(super) level: u8,
    pub(super) text: Safe,
}

impl Message {
    pub(super) fn new(at: Option<Timestamp>, level: Level, text: &str) -> Self {
        Self { at, level: level as u8, text: Safe::line(text) }
    }

    pub(super) fn level(&self) -> Level {
        match self.level {
            0 => Level::Debug,
            1 => Level::Info,
            2 => Level::Warn,
            _ => Level::Error,
        }
    }
}

/// Messages of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Messages {
    pub(super) lines: Vec<Message>,
    /// Elements that are none.
    pub(super) skipped: u64,
    pub(super) odd: u64,
}

fn each(list: &[Value], read: fn(&Fields<'_>) -> Option<Message>) -> Messages {
    let mut messages = Messages::default();
    for value in list {
        let fields = Fields::of(value);
        match fields.as_ref().and_then(read) {
            Some(message) => messages.lines.push(message),
            None => messages.skipped += 1,
        }
        messages.odd += fields.map_or(0, |fields| fields.odd());
    }
    messages
}

/// Reads `notifications.json`.
pub(super) fn notifications(value: &Value) -> Result<Messages, String> {
    Ok(each(value.as_array().ok_or("it is no list")?, notification))
}

fn notification(fields: &Fields<'_>) -> Option<Message> {
    let event = fields.line(&["eventType"])?;
    let failures: Vec<String> = fields
        .list(&["errors"])
        .iter()
        .filter_map(Fields::of)
        .map(|error| {
            let part = |name: &str| error.line(&[name]).unwrap_or_default();
            format!("{}: {}", part("backend"), part("error"))
        })
        .collect();
    let level = match event.as_str() {
        "task_failed" | "task_timeout" => Level::Error,
        _ if !failures.is_empty() => Level::Warn,
        _ => Level::Info,
    };
    let mut text = event.replace('_', " ");
    for part in [fields.line(&["workspace"]), fields.line(&["message"])].into_iter().flatten() {
        text = format!("{text} · {part}");
    }
    if let Some(seconds) = fields.number(&["durationSeconds"]) {
        text = format!("{text} ({})", format::duration(Millis((seconds * 1000.0) as i64)));
    }
    if !failures.is_empty() {
        text = format!("{text} · not delivered: {}", failures.join(", "));
    }
    Some(Message::new(fields.time(&["timestamp"]), level, &text))
}

/// Reads `inbox.json`.
pub(super) fn inbox(value: &Value) -> Result<Messages, String> {
    Ok(each(value.as_array().ok_or("it is no list")?, |fields| {
        let text = fields.line(&["text"])?;
        let sort = fields.line(&["original_type"]).filter(|sort| sort.as_str() != "text");
        let sort = sort.map(|sort| format!(" ({sort})")).unwrap_or_default();
        let state = fields.line(&["status"]).map(|state| format!(" [{state}]")).unwrap_or_default();
        Some(Message::new(fields.time(&["timestamp"]), Level::Info, &format!("inbox{sort}{state}: {text}")))
    }))
}

/// Reads `pr-inbox.json`.
pub(super) fn pull_requests(value: &Value) -> Result<Messages, String> {
    let list = value.get("pull_requests").and_then(Value::as_array).or_else(|| value.as_array());
    Ok(each(list.ok_or("it holds no list of pull requests")?, |fields| {
        let decision = fields.line(&["review_decision"]);
        let level = match decision.as_deref() {
            Some("CHANGES_REQUESTED") => Level::Warn,
            _ => Level::Info,
        };
        let mut text = format!(
            "pull request {}#{} · {}",
            fields.line(&["repo"])?,
            fields.count(&["number"])?,
            fields.line(&["title"]).unwrap_or_default()
        );
        if let Some(author) = fields.line(&["author"]) {
            text = format!("{text} · by {author}");
        }
        if fields.flag(&["is_draft"]) == Some(true) {
            text = format!("{text} · draft");
        }
        let decision = decision.map(|word| word.to_lowercase().replace('_', " "));
        let text = format!("{text} · {}", decision.as_deref().unwrap_or("no decision"));
        Some(Message::new(fields.time(&["updated_at", "created_at"]), level, &text))
    }))
}

/// The verdict of a review: the first bold words of its section `Verdict`.
pub(super) fn verdict(text: &str) -> Option<Safe> {
    let mut lines = text.lines().skip_while(|line| line.trim_end() != "## Verdict").skip(1);
    lines.find_map(|line| Some(Safe::line(line.split_once("**")?.1.split_once("**")?.0.trim())))
}

/// The line that tells a review, named as its file is: `web-9`.
pub(super) fn review(name: &str, verdict: Option<&Safe>) -> Message {
    let verdict = verdict.map_or_else(|| "no verdict".to_owned(), |words| words.to_lowercase());
    let level = if verdict.starts_with("changes") { Level::Warn } else { Level::Info };
    Message::new(None, level, &format!("review of {name} · {verdict}"))
}
