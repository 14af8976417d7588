//! JSON records: what pino, the console adapter, winston, the multi-agent event log, transcripts and streams write.

use serde_json::{Map, Value};

use super::{Dialect, Facts, Outcome, claude, codex, field, level, stamp};
use crate::{
    model::{Level, Timestamp, Zone},
    text::Safe,
};

/// Keys that hold what a record says, best first.
const MESSAGE: [&str; 8] = ["msg", "message", "event", "text", "content", "description", "action", "summary"];
/// Keys that name who a record is about, best first.
const AGENT: [&str; 7] = ["agentId", "agent_id", "agent", "agent_name", "agentName", "stepId", "logger"];
/// Keys that name a tool.
const TOOL: [&str; 5] = ["tool", "tool_name", "toolName", "tool_used", "command_name"];
/// Keys that say how something ended.
const OUTCOME: [&str; 5] = ["success", "outcome", "is_error", "isError", "status"];
/// Keys that say what went wrong: shown beside the message.
const ERROR: [&str; 4] = ["error", "err", "finalError", "fallbackError"];

/// What an object says.
pub(super) fn facts(object: &Map<String, Value>, zone: Zone) -> Facts {
    let at = time(object, zone);
    if let Some(facts) = claude::facts(object).or_else(|| codex::facts(object)) {
        return Facts { at, ..facts };
    }
    let mut facts = Facts { dialect: Dialect::Json, at, ..Facts::default() };
    let mut used: Vec<&str> =
        stamp::KEYS.into_iter().filter(|key| object.contains_key(*key)).take(1).collect();
    if let Some((key, value)) = field::first(object, &level::KEYS) {
        facts.level = level::of_value(value);
        if facts.level.is_some() {
            used.push(key);
        }
    }
    if let Some((key, value)) = field::first(object, &TOOL) {
        facts.tool = Some(Safe::line(&field::brief(value)));
        used.push(key);
    }
    if let Some((key, value)) = field::first(object, &AGENT).filter(|(_, value)| value.is_string()) {
        facts.agent = Some(Safe::line(&field::brief(value)));
        used.push(key);
    }
    facts.outcome = outcome(object);
    let mut message = String::new();
    if let Some((key, value)) = field::first(object, &MESSAGE) {
        message = field::brief(value);
        if let Value::String(text) = value {
            message.clone_from(text);
        }
        used.push(key);
    }
    if let Some((key, value)) = field::first(object, &ERROR) {
        let text = value.get("message").map_or_else(|| field::brief(value), field::brief);
        if !message.contains(&text) {
            message = if message.is_empty() { text } else { format!("{message}: {text}") };
        }
        used.push(key);
        facts.level = facts.level.or(Some(Level::Error));
    }
    facts.message = Safe::line(&message);
    for (key, value) in object.iter().filter(|(key, _)| !used.contains(&key.as_str())) {
        facts.push(key, &field::brief(value));
    }
    facts
}

fn time(object: &Map<String, Value>, zone: Zone) -> Option<Timestamp> {
    stamp::KEYS.iter().find_map(|key| match object.get(*key)? {
        Value::String(text) => Timestamp::parse(text)
            .or_else(|| Timestamp::parse_local(text, zone))
            .or_else(|| stamp::leading(text, zone).map(|(at, _)| at)),
        Value::Number(number) => stamp::from_number(number.as_f64()?),
        _ => None,
    })
}

fn outcome(object: &Map<String, Value>) -> Option<Outcome> {
    // `step.error` of a step that was cancelled did not fail.
    if object.get("cancelled") == Some(&Value::Bool(true)) {
        return Some(Outcome::Denied);
    }
    OUTCOME.iter().find_map(|key| match (*key, object.get(*key)?) {
        ("is_error" | "isError", Value::Bool(bad)) => Some(if *bad { Outcome::Failed } else { Outcome::Ok }),
        (_, Value::Bool(well)) => Some(if *well { Outcome::Ok } else { Outcome::Failed }),
        (_, Value::String(word)) => level::outcome_of_word(word),
        _ => None,
    })
}
