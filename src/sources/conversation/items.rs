//! Items of Codex (`item_completed` of its files, `item.*` of its headless stream) as calls of tools. Pure.

use serde_json::Value;

use super::{
    diff,
    results::unanswered,
    value::{first_line, list, number, shown, text},
};
use crate::{
    model::{Body, Call, CallOutcome, CallResult, FileChange, FileOp, Millis, Timestamp},
    text::Safe,
};

/// Fields that say what an item is, and not what it was asked.
const ABOUT: [&str; 6] = ["type", "id", "status", "result", "error", "duration"];

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was asked.
    Prompt,
    /// What the model said, or planned.
    Answer,
    /// What it thought.
    Thinking,
    /// A call of a tool.
    Call,
    /// The context was cut down.
    Compaction,
    /// What became of a sub-agent.
    SubAgent,
    /// Its list of steps.
    Steps,
    /// Something failed.
    Error,
    /// A kind that is not known.
    Unknown,
}

/// What an item of this type is; `CamelCase` in files, `snake_case` in streams.
pub fn kind(word: &str) -> Kind {
    match word {
        "UserMessage" | "user_message" => Kind::Prompt,
        "AgentMessage" | "agent_message" | "Plan" | "plan" => Kind::Answer,
        "Reasoning" | "reasoning" => Kind::Thinking,
        "ContextCompaction" | "context_compaction" => Kind::Compaction,
        "SubAgentActivity" | "sub_agent_activity" => Kind::SubAgent,
        "TodoList" | "todo_list" => Kind::Steps,
        "Error" | "error" => Kind::Error,
        "CommandExecution"
        | "command_execution"
        | "FileChange"
        | "file_change"
        | "McpToolCall"
        | "mcp_tool_call"
        | "WebSearch"
        | "web_search"
        | "Extension"
        | "extension"
        | "ImageView"
        | "image_view"
        | "CollabAgentToolCall"
        | "collab_tool_call"
        | "DynamicToolCall"
        | "dynamic_tool_call" => Kind::Call,
        _ => Kind::Unknown,
    }
}

/// The words of an item: its text, or those of its pieces.
pub fn words(item: &Value) -> String {
    let whole = ["text", "message"].into_iter().find_map(|field| text(item, field));
    let pieces = ["content", "summary_text", "summary", "raw_content"].into_iter();
    whole.map_or_else(
        || pieces.map(|field| said(item.get(field))).find(|said| !said.is_empty()).unwrap_or_default(),
        str::to_owned,
    )
}

/// A text, or a list of texts or of pieces with texts.
pub fn said(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(said)) => said.clone(),
        Some(Value::Array(pieces)) => {
            let piece =
                |piece: &Value| match (piece.as_str().or_else(|| text(piece, "text")), text(piece, "type")) {
                    (Some(said), _) => said.to_owned(),
                    (None, kind) => {
                        format!("[{}]", kind.map_or("?", |kind| kind.trim_start_matches("input_")))
                    }
                };
            pieces.iter().map(piece).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The steps of a plan, one a line.
pub fn steps(steps: &[Value]) -> String {
    let step = |step: &Value| {
        let done = match step.get("completed").and_then(Value::as_bool) {
            Some(done) => done,
            None => text(step, "status") == Some("completed"),
        };
        let mark = match (done, text(step, "status")) {
            (true, _) => "x",
            (_, Some("in_progress")) => "~",
            _ => " ",
        };
        format!("- [{mark}] {}", text(step, "step").or_else(|| text(step, "text")).unwrap_or_default())
    };
    steps.iter().map(step).collect::<Vec<_>>().join("\n")
}

/// A command as a person would type it: without the shell around it.
pub fn command(command: Option<&Value>) -> Option<String> {
    match command? {
        Value::String(said) => Some(said.clone()),
        Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            match words.as_slice() {
                [] => None,
                [shell, flag, script] if shell.ends_with("sh") && flag.starts_with('-') => {
                    Some((*script).to_owned())
                }
                words => Some(words.join(" ")),
            }
        }
        _ => None,
    }
}

/// The call that an item is. `ended` = when it was over; `None` = it has begun.
pub fn call(item: &Value, tool: &str, id: Safe, ended: Option<Option<Timestamp>>) -> Call {
    let asked = command(item.get("command"));
    let changes = changes(item);
    let paths = || changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>().join(" ");
    let named = ["query", "path", "prompt", "name"].into_iter().find_map(|field| text(item, field));
    let first =
        |arguments: &Value| arguments.as_object()?.values().find_map(Value::as_str).map(str::to_owned);
    let headline = asked
        .clone()
        .or_else(|| Some(paths()).filter(|paths| !paths.is_empty()))
        .or_else(|| named.map(str::to_owned))
        .or_else(|| first(item.get("arguments")?))
        .unwrap_or_default();
    let input = asked.or_else(|| item.get("arguments").map(shown)).unwrap_or_else(|| rest(item));
    let spawned = list(item, "receiver_thread_ids").first().and_then(Value::as_str).map(Safe::line);
    let spawns = text(item, "tool").is_some_and(|tool| tool.to_lowercase().contains("spawn"));
    let outcome = outcome(item);
    let result = ended.zip(outcome).map(|(at, outcome)| CallResult {
        duration: duration(item),
        output: Body::of(&output(item)),
        spawned: spawned.filter(|_| spawns),
        ..CallResult { outcome, ..unanswered(at) }
    });
    Call {
        id,
        tool: Safe::line(tool),
        headline: Safe::line(&first_line(&headline)),
        input: Body::of(&input),
        spawns,
        changes,
        result,
    }
}

/// How it ended; `None` = it runs.
fn outcome(item: &Value) -> Option<CallOutcome> {
    let failed = item.get("exit_code").and_then(Value::as_f64).is_some_and(|code| code != 0.0)
        || item.get("success").and_then(Value::as_bool) == Some(false);
    match text(item, "status") {
        Some("in_progress" | "inProgress") => None,
        Some("failed") => Some(CallOutcome::Failed),
        Some("declined") => Some(CallOutcome::Rejected),
        Some("interrupted") => Some(CallOutcome::Interrupted),
        Some("completed") => Some(CallOutcome::Ok),
        _ => Some(if failed { CallOutcome::Failed } else { CallOutcome::Ok }),
    }
}

fn output(item: &Value) -> String {
    if let Some(all) = text(item, "aggregated_output").filter(|all| !all.is_empty()) {
        return all.to_owned();
    }
    let parts = ["stdout", "stderr"].map(|field| text(item, field).unwrap_or_default());
    let printed: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if !printed.is_empty() {
        return printed.join("\n");
    }
    let error = item.get("error").filter(|error| !error.is_null());
    if let Some(error) = error {
        return text(error, "message").map_or_else(|| shown(error), str::to_owned);
    }
    let result =
        ["result", "output", "content_items", "contentItems"].into_iter().find_map(|field| item.get(field));
    let Some(result) = result else { return String::new() };
    let result = result.get("Ok").unwrap_or(result);
    let words = said(result.get("content").or(Some(result)));
    if words.is_empty() { shown(result) } else { words }
}

/// How long it took, where it says so: `{"secs", "nanos"}` or milliseconds.
fn duration(item: &Value) -> Option<Millis> {
    let millis = || number(item, "duration_ms").or_else(|| number(item, "durationMs"));
    let parts = item.get("duration").and_then(|took| Some((number(took, "secs")?, number(took, "nanos")?)));
    let millis = parts.map(|(secs, nanos)| secs.saturating_mul(1000) + nanos / 1_000_000).or_else(millis)?;
    Some(Millis(i64::try_from(millis).ok()?))
}

fn rest(item: &Value) -> String {
    let Some(fields) = item.as_object() else { return String::new() };
    let is_asked = |name: &str| !ABOUT.contains(&name) && !matches!(name, "changes" | "stdout" | "stderr");
    let asked: serde_json::Map<String, Value> = fields
        .iter()
        .filter(|(name, _)| is_asked(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if asked.is_empty() { String::new() } else { shown(&Value::Object(asked)) }
}

/// What it does to files: `changes` by path, or (in the headless stream) a list with paths; what a command reads.
fn changes(item: &Value) -> Vec<FileChange> {
    match item.get("changes") {
        Some(Value::Object(changes)) => {
            return changes.iter().map(|(path, change)| self::change(path, change, "type")).collect();
        }
        Some(Value::Array(changes)) => {
            let of = |one| Some(change(text(one, "path")?, one, "kind"));
            return changes.iter().filter_map(of).collect();
        }
        _ => {}
    }
    let reads = list(item, "parsed_cmd").iter().filter(|parsed| text(parsed, "type") == Some("read"));
    let paths = reads.filter_map(|parsed| text(parsed, "path").or_else(|| text(parsed, "name")));
    paths.map(|path| FileChange::new(Safe::line(path), FileOp::Read)).collect()
}

fn change(path: &str, change: &Value, kind: &str) -> FileChange {
    let of_map = || change.get(kind).and_then(|kind| text(kind, "type"));
    match text(change, kind).or_else(of_map) {
        Some("add") => match text(change, "content") {
            Some(content) => diff::made(path, content),
            None => FileChange::new(Safe::line(path), FileOp::Add),
        },
        Some("delete") => diff::removed(path, text(change, "content")),
        _ => {
            let moved = text(change, "move_path").filter(|to| *to != path);
            let named = match moved {
                Some(to) => FileChange::new(Safe::line(to), FileOp::Rename { from: Safe::line(path) }),
                None => FileChange::new(Safe::line(path), FileOp::Edit),
            };
            match text(change, "unified_diff").or_else(|| text(change, "diff")) {
                Some(diff) => diff::with_diff(named, diff),
                None => named,
            }
        }
    }
}
