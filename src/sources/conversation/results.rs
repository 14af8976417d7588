//! Answers of Claude's tools: how a call ended, what it said. Pure.

use serde_json::Value;

use super::value::{number, shown, text};
use crate::model::{Body, CallOutcome, CallResult, Millis, Timestamp};

/// How an output begins that lies elsewhere.
const SPILLED: &str = "<persisted-output>";
/// What a long output says in place of itself.
const SAVED: &str = "Output has been saved to ";

/// The block says that the call failed.
pub fn is_error(block: &Value) -> bool {
    block.get("is_error").and_then(Value::as_bool) == Some(true)
}

/// How a call ended; `denial` = the word why it was not let run.
pub fn outcome(denial: &str, block: &Value, structured: &Value, said: &str) -> CallOutcome {
    match denial {
        "" => {}
        "user-rejected" => return CallOutcome::Rejected,
        "interrupted" => return CallOutcome::Interrupted,
        _ => return CallOutcome::Denied,
    }
    if structured.as_str() == Some("User rejected tool use") {
        return CallOutcome::Rejected;
    }
    if is_error(block) {
        return CallOutcome::Failed;
    }
    let in_background = text(structured, "backgroundTaskId").is_some()
        || text(structured, "status") == Some("async_launched")
        || number(structured, "timedOutAfterMs").is_some();
    if in_background {
        return CallOutcome::Background;
    }
    let spilled = text(structured, "persistedOutputPath").is_some()
        || said.starts_with(SPILLED)
        || (said.starts_with("Error: result (") && said.contains(SAVED));
    if spilled { CallOutcome::Spilled } else { CallOutcome::Ok }
}

/// What the model was told, else what was recorded beside it.
pub fn output(block: &Value, structured: &Value) -> String {
    let said = match block.get("content") {
        Some(Value::String(said)) => said.clone(),
        Some(Value::Array(blocks)) => blocks.iter().map(block_text).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    };
    if !said.trim().is_empty() {
        return said;
    }
    match structured {
        Value::String(said) => said.clone(),
        Value::Array(blocks) => blocks.iter().map(block_text).collect::<Vec<_>>().join("\n"),
        Value::Object(_) if structured.get("stdout").is_some() => {
            let parts = ["stdout", "stderr"].map(|field| text(structured, field).unwrap_or_default());
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
        }
        _ => said,
    }
}

fn block_text(block: &Value) -> String {
    match (text(block, "type"), text(block, "text")) {
        (_, Some(said)) => said.to_owned(),
        (Some("tool_reference"), _) => format!("[tool {}]", text(block, "tool_name").unwrap_or("?")),
        (kind, _) => format!("[{}]", kind.unwrap_or("?")),
    }
}

/// How long a call took, where its structured result says so.
pub fn duration(structured: &Value) -> Option<Millis> {
    let whole = ["durationMs", "totalDurationMs"].into_iter().find_map(|field| number(structured, field));
    let seconds = || structured.get("durationSeconds")?.as_f64().map(|seconds| (seconds * 1000.0) as u64);
    let millis = whole.or_else(seconds)?;
    Some(Millis(i64::try_from(millis).ok()?))
}

/// Where a long output lies.
pub fn elsewhere<'a>(structured: &'a Value, said: &'a str) -> Option<&'a str> {
    let named = ["persistedOutputPath", "outputFile"].into_iter().find_map(|field| text(structured, field));
    let spoken =
        || said.split_once(SAVED)?.1.split(['\n', ' ']).next().map(|path| path.trim_end_matches('.'));
    named.or_else(spoken)
}

/// A call that will not be answered any more.
pub fn unanswered(at: Option<Timestamp>) -> CallResult {
    CallResult::new(CallOutcome::Interrupted, at)
}

/// The answer of a tool that the model's maker runs; it stands in the model's own answer.
pub fn of_server(at: Option<Timestamp>, block: &Value) -> CallResult {
    let content = block.get("content").unwrap_or(&Value::Null);
    let failed = text(content, "type").is_some_and(|kind| kind.ends_with("_error")) || is_error(block);
    let outcome = if failed { CallOutcome::Failed } else { CallOutcome::Ok };
    CallResult { outcome, output: Body::of(&shown(content)), ..unanswered(at) }
}
