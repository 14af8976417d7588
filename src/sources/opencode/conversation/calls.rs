//! Calls of tools. Pure.

use serde_json::Value;

use crate::{
    model::{Body, Call, CallOutcome, CallResult, FileChange, FileOp, RawRef},
    sources::{
        conversation::{
            diff,
            results::unanswered,
            value::{first_line, list, pretty, short, shown, text},
        },
        opencode::{
            message::Message,
            value::{member, time},
        },
    },
    text::Safe,
};

/// Arguments that say most, in the order in which they are looked for.
const TELLING: [&str; 10] =
    ["filePath", "command", "pattern", "url", "query", "description", "path", "name", "skill", "prompt"];

/// The call that a part is.
pub(super) fn of(id: &Safe, part: &Value, message: &Message, raw: &RawRef) -> Call {
    let state = member(part, "state");
    let input = member(state, "input");
    let tool = text(part, "tool").unwrap_or("?");
    let child =
        text(member(state, "metadata"), "sessionId").or_else(|| text(member(state, "metadata"), "sessionID"));
    Call {
        id: text(part, "callID").map_or_else(|| id.clone(), Safe::line),
        tool: Safe::line(tool),
        headline: Safe::line(&headline(tool, input, state, message.cwd.as_deref())),
        input: Body::of(&spoken(tool, input)),
        spawns: tool == "task" || child.is_some(),
        changes: meant(tool, input),
        result: result(tool, state, message, child, raw),
    }
}

fn headline(tool: &str, input: &Value, state: &Value, folder: Option<&str>) -> String {
    if tool == "todowrite" {
        let todos = list(input, "todos");
        let done = todos.iter().filter(|todo| text(todo, "status") == Some("completed")).count();
        let now = todos.iter().find(|todo| text(todo, "status") == Some("in_progress"));
        let now =
            now.and_then(|todo| text(todo, "content")).map(|now| format!(": {now}")).unwrap_or_default();
        return format!("{done} of {} done{now}", todos.len());
    }
    if tool == "task" {
        let role = text(input, "subagent_type").map(|role| format!("{role}: ")).unwrap_or_default();
        return format!("{role}{}", text(input, "description").unwrap_or_default());
    }
    let asked = input.pointer("/questions/0/question").and_then(Value::as_str);
    let named = TELLING.into_iter().find_map(|field| text(input, field));
    let patched = text(input, "patchText").and_then(diff::patched);
    let patched = patched.map(|all| all.iter().map(|one| one.path.to_string()).collect::<Vec<_>>().join(" "));
    let said =
        asked.or(named).map(str::to_owned).or(patched).or_else(|| text(state, "title").map(str::to_owned));
    first_line(short(&said.unwrap_or_default(), folder))
}

/// The input in the form in which it is read best.
fn spoken(tool: &str, input: &Value) -> String {
    let whole = match tool {
        "bash" => text(input, "command"),
        "task" => text(input, "prompt"),
        "patch" | "apply_patch" => text(input, "patchText"),
        _ => None,
    };
    whole.map_or_else(|| shown(input), str::to_owned)
}

fn result(
    tool: &str,
    state: &Value,
    message: &Message,
    child: Option<&str>,
    raw: &RawRef,
) -> Option<CallResult> {
    let error = text(state, "error").unwrap_or_default();
    let outcome = match text(state, "status") {
        Some("completed") => CallOutcome::Ok,
        Some("error") => of_error(error),
        // Its answer is over, so it does not run any more.
        _ if !message.is_open() => CallOutcome::Interrupted,
        // Which agent runs is known before it has ended.
        _ if child.is_some() => CallOutcome::Running,
        _ => return None,
    };
    let metadata = member(state, "metadata");
    let times = member(state, "time");
    let (begun, over) = (time(member(times, "start")), time(member(times, "end")));
    let elsewhere = text(metadata, "outputPath");
    let is_spilled = outcome == CallOutcome::Ok && elsewhere.is_some();
    let output = text(state, "output").map_or_else(|| error.to_owned(), str::to_owned);
    Some(CallResult {
        duration: over.zip(begun).map(|(over, begun)| over.since(begun)).filter(|took| took.0 >= 0),
        output: Body::of(&pretty(output)),
        changes: if outcome == CallOutcome::Ok { done(tool, state) } else { Vec::new() },
        spawned: child.map(Safe::line),
        elsewhere: elsewhere.map(Safe::line),
        raw: Some(raw.clone()),
        ..CallResult { outcome: if is_spilled { CallOutcome::Spilled } else { outcome }, ..unanswered(over) }
    })
}

fn of_error(error: &str) -> CallOutcome {
    let is = |words: &str| error.contains(words);
    if is("rejected permission") || is("dismissed this question") {
        CallOutcome::Rejected
    } else if is("Tool execution aborted") {
        CallOutcome::Interrupted
    } else if is("specified a rule which prevents") {
        CallOutcome::Denied
    } else {
        CallOutcome::Failed
    }
}

/// What a call means to do by its own input.
fn meant(tool: &str, input: &Value) -> Vec<FileChange> {
    if let Some(changes) = text(input, "patchText").and_then(diff::patched) {
        return changes;
    }
    let Some(path) = text(input, "filePath") else { return Vec::new() };
    let (old, new) = (text(input, "oldString"), text(input, "newString"));
    match tool {
        "read" => vec![FileChange::new(Safe::line(path), FileOp::Read)],
        "write" => vec![diff::replaced(path, None, text(input, "content").unwrap_or_default())],
        "edit" => vec![diff::replaced(path, Some(old.unwrap_or_default()), new.unwrap_or_default())],
        "multiedit" => list(input, "edits")
            .iter()
            .map(|edit| {
                let old = text(edit, "oldString").unwrap_or_default();
                diff::replaced(path, Some(old), text(edit, "newString").unwrap_or_default())
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What the result says was done; nothing when only the input knows.
fn done(tool: &str, state: &Value) -> Vec<FileChange> {
    let (input, metadata) = (member(state, "input"), member(state, "metadata"));
    let files = list(metadata, "files");
    if !files.is_empty() && matches!(tool, "patch" | "apply_patch") {
        return files.iter().filter_map(patched).collect();
    }
    let Some(path) = text(input, "filePath") else { return Vec::new() };
    if tool == "write" && metadata.get("exists").and_then(Value::as_bool) == Some(false) {
        return vec![diff::made(path, text(input, "content").unwrap_or_default())];
    }
    let change = FileChange::new(Safe::line(path), FileOp::Edit);
    match text(metadata, "diff").filter(|diff| !diff.is_empty()) {
        Some(diff) if tool != "read" => vec![diff::with_diff(change, without_index(diff))],
        _ => Vec::new(),
    }
}

fn patched(file: &Value) -> Option<FileChange> {
    let path = text(file, "filePath").or_else(|| text(file, "relativePath"))?;
    let op = match text(file, "type") {
        Some("add") => FileOp::Add,
        Some("delete") => FileOp::Delete,
        Some("move") => FileOp::Rename { from: Safe::line(path) },
        _ => FileOp::Edit,
    };
    let path = text(file, "movePath").unwrap_or(path);
    let change = FileChange::new(Safe::line(path), op);
    Some(match text(file, "diff") {
        Some(diff) => diff::with_diff(change, without_index(diff)),
        None => change,
    })
}

/// Diffs are written with a line `Index: <path>` and one of signs before their head.
fn without_index(diff: &str) -> &str {
    let at = diff.find("\n--- ").map_or(0, |at| at + 1);
    if diff.starts_with("Index: ") { diff.get(at..).unwrap_or(diff) } else { diff }
}
