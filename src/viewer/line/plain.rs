//! Text lines: a time, a level, a name in brackets, `key=value` or `Key:value` parts, colours of terminals removed.

use std::borrow::Cow;

use super::{Dialect, Facts, Outcome, level, stamp};
use crate::{
    model::{Level, Zone},
    text::Safe,
};

/// What a text says.
pub(super) fn facts(text: &str, zone: Zone) -> Facts {
    let mut facts = Facts::default();
    let mut rest = text;
    if let Some((at, after)) = stamp::leading(rest, zone) {
        facts.at = Some(at);
        rest = after;
    }
    if let Some((found, after)) = level::leading(rest) {
        facts.level = Some(found);
        rest = after;
    }
    // `[PASS] …`, `[FAIL] …`, `[logger] …`: what is in brackets says how it ended, or who speaks.
    if let Some((word, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        match level::outcome_of_word(word).filter(|_| word.len() > 1) {
            Some(outcome) => {
                facts.outcome = Some(outcome);
                rest = after.trim_start();
            }
            None if is_name(word) && !after.is_empty() => {
                facts.agent = Some(Safe::line(word));
                rest = after.trim_start();
            }
            None => {}
        }
    }
    let message = parts(rest, &mut facts);
    if facts.level.is_none() {
        facts.level = level::of_text(rest).or_else(|| hook(rest));
    }
    if facts.outcome.is_none() && rest.starts_with('✅') {
        facts.outcome = Some(Outcome::Ok);
    }
    if facts.agent.is_none() {
        facts.agent = spoken_of(rest).map(Safe::line);
    }
    // Of a line of nothing but parts everything is told already.
    let is_told = facts.dialect == Dialect::Pairs || !message.is_empty();
    facts.message = Safe::line(if is_told { &message } else { rest });
    facts
}

fn is_name(word: &str) -> bool {
    (1..40).contains(&word.len())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/@".contains(&byte))
}

/// Lines of hooks that name what happened in capitals.
fn hook(text: &str) -> Option<Level> {
    let starts = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    if starts(&["TOOL_ERROR", "TASK_BLOCKED", "ERROR"]) {
        Some(Level::Error)
    } else if starts(&["MISSING_CAPABILITY", "PATTERN_DETECTED"]) {
        Some(Level::Warn)
    } else {
        None
    }
}

/// `🤖 Running NAME...`, `✅ NAME completed`, `Spawned NAME (task: …)`, `Completed NAME (…)`.
fn spoken_of(text: &str) -> Option<&str> {
    let name = ["🤖 Running ", "Spawned ", "Completed "]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .or_else(|| text.strip_prefix("✅ ").and_then(|rest| rest.strip_suffix(" completed")))?;
    let name = name.split([' ', '(']).next()?.trim_end_matches('.');
    is_name(name).then_some(name)
}

/// Takes `key=value` and `Key:value` parts out of a text; what is left of it.
fn parts(text: &str, facts: &mut Facts) -> String {
    let mut left: Vec<&str> = Vec::new();
    let mut message: Option<String> = None;
    let mut pairs = 0;
    for word in words(text) {
        let pair = word
            .split_once('=')
            .filter(|(key, _)| is_key(key))
            .or_else(|| word.split_once(':').filter(|(key, value)| KNOWN.contains(key) && !value.is_empty()));
        let Some((key, value)) = pair else {
            left.push(word);
            continue;
        };
        pairs += 1;
        let value = value.strip_prefix('"').map_or(value, |inner| inner.strip_suffix('"').unwrap_or(inner));
        match key.to_ascii_lowercase().as_str() {
            "agent" | "agentid" | "agent_id" if facts.agent.is_none() => {
                facts.agent = Some(Safe::line(value));
            }
            "tool" if facts.tool.is_none() => facts.tool = Some(Safe::line(value)),
            "success" | "outcome" => facts.outcome = level::outcome_of_word(value),
            "level" | "lvl" | "severity" if facts.level.is_none() => {
                facts.level = level::level_of_word(value);
            }
            "msg" | "message" if message.is_none() => message = Some(value.to_owned()),
            "task" if value.contains(' ') && message.is_none() => message = Some(value.to_owned()),
            "error" if !value.is_empty() => {
                facts.level = facts.level.or(Some(Level::Error));
                facts.push(key, value);
            }
            _ => facts.push(key, value),
        }
    }
    if pairs == 0 {
        return String::new();
    }
    facts.dialect = Dialect::Pairs;
    let left = left.join(" ");
    match message {
        Some(message) if left.is_empty() => message,
        Some(message) => format!("{left} {message}"),
        None => left.trim_end_matches(':').to_owned(),
    }
}

/// Keys that are written with a colon.
const KNOWN: [&str; 5] = ["Agent", "Tool", "Success", "Duration", "Task"];

fn is_key(word: &str) -> bool {
    (1..40).contains(&word.len())
        && word.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// Words; what is in quotes is part of one. The value of `Error=` and `Message=` goes on to the end of the line.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut quoted) = (None, false);
    for (at, ch) in text.char_indices() {
        if ch == '"' {
            quoted = !quoted;
        }
        if ch == ' ' && !quoted {
            if let Some(from) = start.take() {
                out.extend(text.get(from..at));
            }
        } else if start.is_none() {
            start = Some(at);
            let rest = text.get(at..).unwrap_or_default();
            if rest.starts_with("Error=") || rest.starts_with("Message=") {
                out.push(rest);
                return out;
            }
        }
    }
    if let Some(from) = start {
        out.extend(text.get(from..));
    }
    out
}

/// A text without the colours and movements of terminals, also where the escape character was written out.
pub(super) fn without_colours(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for written in ["\\033[", "\\e[", "\\x1b[", "\\u001b["] {
        // In JSON an escape is written like this too; there it belongs to a value and is removed with it.
        if !text.trim_start().starts_with('{') && text.contains(written) {
            text = Cow::Owned(text.replace(written, "\u{1b}["));
        }
    }
    if text.contains('\u{1b}') { Cow::Owned(strip(&text)) } else { text }
}

/// Only colour sequences, `ESC [ … m`: everything else is removed where text becomes `Safe`.
fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|ch: char| !(ch.is_ascii_digit() || ";:".contains(ch))).unwrap_or(after.len());
        if let Some(tail) = after.get(end..).and_then(|tail| tail.strip_prefix(['m', 'K'])) {
            rest = tail;
        } else {
            out.push_str("\u{1b}[");
            rest = after;
        }
    }
    out.push_str(rest);
    out
}
