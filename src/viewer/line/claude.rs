//! Lines of Claude Code: transcripts and `--output-format stream-json`.

use serde_json::{Map, Value};

use super::{Dialect, Facts, Outcome, field};
use crate::{model::Level, text::Safe};

/// Words of a result that a person or a rule refused.
const REFUSED: [&str; 4] = ["permission", "doesn't want to proceed", "denied", "rejected"];

/// What an object says when it is such a line.
pub(super) fn facts(object: &Map<String, Value>) -> Option<Facts> {
    let kind = field::text(object, "type")?;
    let mut facts = Facts { dialect: Dialect::Claude, ..Facts::default() };
    match kind {
        "assistant" | "user" => {
            let message = object.get("message")?.as_object()?;
            said(message.get("content")?, kind, &mut facts);
            if kind == "assistant" {
                facts.agent = field::text(message, "model").map(Safe::line);
            }
        }
        "result" if object.contains_key("subtype") => {
            let failed = object.get("is_error") == Some(&Value::Bool(true));
            facts.outcome = Some(if failed { Outcome::Failed } else { Outcome::Ok });
            let text = field::text(object, "result").unwrap_or_default();
            facts.message = Safe::line(&format!("result {}: {text}", field::text(object, "subtype")?));
            for key in ["num_turns", "duration_ms", "total_cost_usd"] {
                if let Some(value) = object.get(key) {
                    facts.push(key, &field::brief(value));
                }
            }
        }
        "system" if object.contains_key("subtype") => {
            let subtype = field::text(object, "subtype")?;
            let text =
                field::text(object, "content").or_else(|| field::text(object, "model")).unwrap_or_default();
            facts.message = Safe::line(&format!("{subtype} {text}"));
            facts.level = match field::text(object, "level") {
                Some(word) => super::level_of_word(word),
                None if subtype.contains("error") => Some(Level::Error),
                None => None,
            };
        }
        "summary" => facts.message = Safe::line(field::text(object, "summary")?),
        "queue-operation" | "file-history-snapshot" | "attachment" | "progress"
            if object.contains_key("sessionId") =>
        {
            facts.level = Some(Level::Debug);
            let text = field::text(object, "operation").or_else(|| field::text(object, "content"));
            facts.message = Safe::line(&format!("{kind} {}", text.unwrap_or_default()));
        }
        "stream_event" => {
            facts.level = Some(Level::Debug);
            facts.message = Safe::line(field::text(object.get("event")?.as_object()?, "type")?);
        }
        _ => return None,
    }
    if facts.agent.is_none() {
        facts.agent = field::text(object, "agentId").map(Safe::line);
    }
    Some(facts)
}

/// The blocks of a message: text as it is, a call of a tool with what it is about, a result with how it ended.
fn said(content: &Value, who: &str, facts: &mut Facts) {
    let mut parts: Vec<String> = Vec::new();
    match content {
        Value::String(text) => parts.push(text.clone()),
        Value::Array(blocks) => {
            for block in blocks.iter().filter_map(Value::as_object) {
                parts.extend(part(block, facts));
            }
        }
        _ => {}
    }
    let text = parts.join(" ");
    facts.message =
        Safe::line(&if who == "user" && facts.outcome.is_none() { format!("> {text}") } else { text });
}

fn part(block: &Map<String, Value>, facts: &mut Facts) -> Option<String> {
    match field::text(block, "type")? {
        "text" => Some(field::text(block, "text")?.to_owned()),
        "thinking" => {
            facts.level = Some(Level::Debug);
            Some(format!("thinking: {}", field::text(block, "thinking").unwrap_or_default()))
        }
        "tool_use" | "server_tool_use" => {
            facts.tool = field::text(block, "name").map(Safe::line);
            Some(about(block.get("input")))
        }
        "tool_result" => {
            let text = match block.get("content") {
                Some(Value::Array(parts)) => {
                    let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
                    texts.collect::<Vec<_>>().join(" ")
                }
                Some(value) => field::brief(value),
                None => String::new(),
            };
            let failed = block.get("is_error") == Some(&Value::Bool(true));
            let lower = text.get(..text.floor_char_boundary(400)).unwrap_or(&text).to_lowercase();
            facts.outcome = Some(match failed {
                true if REFUSED.iter().any(|word| lower.contains(word)) => Outcome::Denied,
                true => Outcome::Failed,
                false => Outcome::Ok,
            });
            Some(text)
        }
        "image" => Some("[image]".to_owned()),
        _ => None,
    }
}

/// What a call is about: the one argument that says it.
pub(super) fn about(input: Option<&Value>) -> String {
    let Some(object) = input.and_then(Value::as_object) else {
        return input.map(field::brief).unwrap_or_default();
    };
    let keys = ["command", "file_path", "path", "pattern", "query", "url", "description", "prompt", "skill"];
    match field::first(object, &keys) {
        Some((_, value)) => field::brief(value),
        None => field::brief(&Value::Object(object.clone())),
    }
}
