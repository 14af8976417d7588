//! Lines of Codex: rollouts and `codex exec --json`.

use serde_json::{Map, Value};

use super::{Dialect, Facts, Outcome, field};
use crate::{model::Level, text::Safe};

/// What an object says when it is such a line.
pub(super) fn facts(object: &Map<String, Value>) -> Option<Facts> {
    let kind = field::text(object, "type")?;
    let mut facts = Facts { dialect: Dialect::Codex, ..Facts::default() };
    if let Some(payload) = object.get("payload").and_then(Value::as_object) {
        record(kind, payload, &mut facts);
        return Some(facts);
    }
    match kind {
        "thread.started" | "turn.started" | "turn.completed" => facts.message = Safe::line(kind),
        "turn.failed" | "error" if object.contains_key("error") || object.contains_key("message") => {
            facts.level = Some(Level::Error);
            let text =
                object.get("error").and_then(|error| error.get("message")).or_else(|| object.get("message"));
            facts.message = Safe::line(&format!("{kind}: {}", text.map(field::brief).unwrap_or_default()));
        }
        "item.started" | "item.updated" | "item.completed" => {
            item(object.get("item")?.as_object()?, kind, &mut facts);
        }
        _ => return None,
    }
    Some(facts)
}

/// A record of a rollout.
fn record(kind: &str, payload: &Map<String, Value>, facts: &mut Facts) {
    let what = field::text(payload, "type").unwrap_or(kind);
    match what {
        "message" => {
            let role = field::text(payload, "role").unwrap_or_default();
            let text = texts(payload.get("content"));
            facts.message = Safe::line(&if role == "user" { format!("> {text}") } else { text });
        }
        "agent_message" | "user_message" => {
            let text = field::text(payload, "message").unwrap_or_default();
            facts.message =
                Safe::line(&if what == "user_message" { format!("> {text}") } else { text.to_owned() });
        }
        "reasoning" | "agent_reasoning" => {
            facts.level = Some(Level::Debug);
            let text = field::text(payload, "text").map(str::to_owned);
            facts.message =
                Safe::line(&format!("thinking: {}", text.unwrap_or_else(|| texts(payload.get("summary")))));
        }
        "function_call" | "custom_tool_call" | "local_shell_call" => {
            facts.tool = field::text(payload, "name").map(Safe::line);
            let raw = field::text(payload, "arguments").or_else(|| field::text(payload, "input"));
            facts.message = Safe::line(&raw.map(arguments).unwrap_or_default());
        }
        "function_call_output" | "custom_tool_call_output" => {
            let output = payload.get("output").map(field::brief).unwrap_or_default();
            let code =
                output.split_once("\"exit_code\":").map(|(_, rest)| rest.trim_start().starts_with('0'));
            facts.outcome = code.map(|well| if well { Outcome::Ok } else { Outcome::Failed });
            facts.message = Safe::line(&output);
        }
        "error" | "stream_error" => {
            facts.level = Some(Level::Error);
            facts.message = Safe::line(field::text(payload, "message").unwrap_or(what));
        }
        "token_count" | "turn_context" => {
            facts.level = Some(Level::Debug);
            facts.message = Safe::line(what);
        }
        _ => {
            facts.message = Safe::line(field::text(payload, "message").unwrap_or(what));
            for (key, value) in payload.iter().filter(|(key, _)| *key != "type" && *key != "message") {
                facts.push(key, &field::brief(value));
            }
        }
    }
}

/// An item of `exec --json`.
fn item(item: &Map<String, Value>, kind: &str, facts: &mut Facts) {
    let what = field::text(item, "type").unwrap_or(kind);
    let text = ["text", "command", "query", "message"].into_iter().find_map(|key| field::text(item, key));
    if matches!(what, "command_execution" | "mcp_tool_call" | "web_search" | "file_change") {
        facts.tool = Some(Safe::line(field::text(item, "tool").unwrap_or(what)));
    }
    if what == "error" {
        facts.level = Some(Level::Error);
    }
    facts.outcome = match (item.get("exit_code").and_then(Value::as_i64), field::text(item, "status")) {
        (Some(0), _) => Some(Outcome::Ok),
        (Some(_), _) => Some(Outcome::Failed),
        (None, Some(word)) if kind == "item.completed" => super::level::outcome_of_word(word),
        _ => None,
    };
    facts.message = Safe::line(text.unwrap_or(what));
}

/// Arguments of a call, which are JSON in a text: the command, else all of them.
fn arguments(raw: &str) -> String {
    let Ok(Value::Object(object)) = serde_json::from_str(raw) else { return raw.to_owned() };
    match object.get("command").or_else(|| object.get("cmd")) {
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        Some(value) => field::brief(value),
        None => super::claude::about(Some(&Value::Object(object))),
    }
}

fn texts(content: Option<&Value>) -> String {
    let parts = content.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
    texts.collect::<Vec<_>>().join(" ")
}
