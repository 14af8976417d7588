//! Calls of tools as the model asked for them, and their results.

use serde_json::Value;

use super::{Spot, Teller, Voice};
use crate::{
    model::{
        Body, Call, CallOutcome, CallResult, ConversationDelta, Entry, EntryKind, FileChange, Millis,
        Timestamp,
    },
    sources::{
        ConversationSink,
        codex::calls::says_failure,
        conversation::{
            diff,
            items::{command, said, steps},
            results::unanswered,
            value::{first_line, list, pretty, shown, text},
        },
    },
    text::Safe,
};

/// Calls without a result that are remembered.
const MOST: usize = 64;
/// Arguments that say most, in the order in which they are looked for.
const TELLING: [&str; 9] =
    ["cmd", "path", "file_path", "query", "pattern", "url", "task_name", "message", "explanation"];

/// A call without a result.
struct Open {
    call: Safe,
    entry: Safe,
    /// What it does is told by items, too.
    is_shadow: bool,
    /// … and one came.
    is_covered: bool,
}

/// Calls without a result.
#[derive(Default)]
pub(super) struct Pending(Vec<Open>);

impl Pending {
    /// An item told what the calls that run do.
    pub(super) fn cover(&mut self) {
        self.0.iter_mut().for_each(|open| open.is_covered = true);
    }

    /// The call has its result.
    pub(super) fn settle(&mut self, call: &Safe) {
        self.0.retain(|open| open.call != *call);
    }
}

impl Teller {
    pub(super) fn call_or_result(
        &mut self,
        spot: &mut Spot,
        kind: &str,
        item: &Value,
        out: &mut ConversationSink<'_>,
    ) {
        match kind {
            "function_call" | "custom_tool_call" | "local_shell_call" | "web_search_call" => {
                self.called(spot, kind, item, out);
            }
            "function_call_output" | "custom_tool_call_output" => self.returned(spot, item, out),
            _ => {}
        }
    }

    fn called(&mut self, spot: &mut Spot, kind: &str, item: &Value, out: &mut ConversationSink<'_>) {
        let is_shadow = self.rollout.has_items();
        let is_search = kind == "web_search_call";
        if is_search && is_shadow {
            return;
        }
        let mut call = call(kind, item, spot);
        let id = call.id.clone();
        if call.spawns {
            self.agents.called(&id);
        }
        if is_search {
            // It has its result in the same line or nowhere.
            call.result = Some(CallResult { outcome: CallOutcome::Ok, ..unanswered(spot.at) });
        }
        let entry = Entry { call: Some(call), ..spot.entry(EntryKind::Call, "") };
        let entry = if is_shadow && !entry.call.as_ref().is_some_and(|call| call.spawns) {
            self.put_shadow(spot, entry, out)
        } else {
            self.put(spot, entry, out)
        };
        if !is_search {
            if self.calls.0.len() >= MOST {
                self.calls.0.remove(0);
            }
            self.calls.0.push(Open { call: id, entry, is_shadow, is_covered: false });
        }
    }

    /// An entry that may go again: no response is counted at it.
    fn put_shadow(&self, spot: &mut Spot, mut entry: Entry, out: &mut ConversationSink<'_>) -> Safe {
        entry.id = spot.next_id();
        entry.raw = Some(self.raw(spot));
        let id = entry.id.clone();
        out.push(ConversationDelta::Put(Box::new(entry)));
        id
    }

    fn returned(&mut self, spot: &Spot, item: &Value, out: &mut ConversationSink<'_>) {
        let call = Safe::line(text(item, "call_id").unwrap_or_default());
        let Some(at) = self.calls.0.iter().position(|open| open.call == call) else { return };
        let open = self.calls.0.remove(at);
        if open.is_shadow && open.is_covered {
            out.push(ConversationDelta::Gone(open.entry));
            return;
        }
        let spawned = self.agents.of(&call);
        let result = CallResult { spawned, raw: Some(self.raw(spot)), ..result(item, spot.at) };
        out.push(ConversationDelta::Result { call, result: Box::new(result) });
    }

    /// Calls that wait for a result will not get one any more.
    pub(super) fn give_up(&mut self, spot: &Spot, out: &mut ConversationSink<'_>) {
        for open in std::mem::take(&mut self.calls.0) {
            out.push(if open.is_shadow && open.is_covered {
                ConversationDelta::Gone(open.entry)
            } else {
                let result = Box::new(unanswered(spot.at));
                ConversationDelta::Result { call: open.call, result }
            });
        }
    }
}

fn call(kind: &str, item: &Value, spot: &Spot) -> Call {
    let tool = text(item, "name").unwrap_or_else(|| kind.trim_end_matches("_call"));
    let id = text(item, "call_id").or_else(|| text(item, "id")).filter(|id| !id.is_empty());
    let id = id.map_or_else(|| format!("{}.{}", spot.offset, spot.made), str::to_owned);
    let Asked { headline, input, changes } = asked(tool, item);
    Call {
        id: Safe::line(&id),
        tool: Safe::line(tool),
        headline: Safe::line(&first_line(&headline)),
        input: Body::of(&input),
        spawns: tool == "spawn_agent",
        changes,
        result: None,
    }
}

/// What a call was called with.
struct Asked {
    headline: String,
    input: String,
    changes: Vec<FileChange>,
}

fn asked(tool: &str, item: &Value) -> Asked {
    let plain = |said: &str| Asked { headline: said.to_owned(), input: said.to_owned(), changes: Vec::new() };
    if let Some(input) = text(item, "input") {
        return patch(tool, input).unwrap_or_else(|| plain(input));
    }
    if let Some(action) = item.get("action") {
        let said = command(action.get("command")).or_else(|| text(action, "query").map(str::to_owned));
        return said.map_or_else(|| plain(&shown(action)), |said| plain(&said));
    }
    let raw = text(item, "arguments").unwrap_or_default();
    let Ok(arguments) = serde_json::from_str::<Value>(raw) else { return plain(raw) };
    if tool == "update_plan" {
        let plan = list(&arguments, "plan");
        let done = plan.iter().filter(|step| text(step, "status") == Some("completed")).count();
        let now = plan.iter().find(|step| text(step, "status") == Some("in_progress"));
        let now = now.and_then(|step| text(step, "step")).map(|step| format!(": {step}")).unwrap_or_default();
        let headline = format!("{done} of {} done{now}", plan.len());
        return Asked { headline, input: steps(plan), changes: Vec::new() };
    }
    let said = command(arguments.get("command"));
    let patched = said.as_deref().or_else(|| text(&arguments, "input")).and_then(|said| patch(tool, said));
    if let Some(patched) = patched {
        return patched;
    }
    if let Some(said) = said {
        return plain(&said);
    }
    let named = TELLING.into_iter().find_map(|field| text(&arguments, field));
    let first = || arguments.as_object()?.values().find_map(Value::as_str);
    let headline = named.or_else(first).unwrap_or_default().to_owned();
    let input =
        if text(&arguments, "cmd").is_some() && arguments.as_object().is_some_and(|all| all.len() == 1) {
            headline.clone()
        } else {
            shown(&arguments)
        };
    Asked { headline, input, changes: Vec::new() }
}

/// A patch: the tool's own, or that of a command that calls it.
fn patch(tool: &str, said: &str) -> Option<Asked> {
    if tool != "apply_patch" && !said.contains("apply_patch") {
        return None;
    }
    let changes = diff::patched(said)?;
    let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    Some(Asked { headline: paths.join(" "), input: said.to_owned(), changes })
}

fn result(item: &Value, at: Option<Timestamp>) -> CallResult {
    let output = item.get("output").unwrap_or(&Value::Null);
    let raw = match output {
        Value::Object(_) => output.to_string(),
        output => said(Some(output)),
    };
    let document: Value = serde_json::from_str(&raw).unwrap_or_default();
    let words = ["output", "content"].into_iter().find_map(|field| text(&document, field));
    let took =
        document.pointer("/metadata/duration_seconds").and_then(Value::as_f64).or_else(|| wall_time(&raw));
    CallResult {
        outcome: outcome(&raw),
        duration: took.map(|seconds| Millis((seconds * 1000.0) as i64)),
        output: Body::of(&words.map_or_else(|| pretty(raw.clone()), str::to_owned)),
        ..unanswered(at)
    }
}

fn outcome(raw: &str) -> CallOutcome {
    let head: String = raw.chars().take(400).collect::<String>().to_lowercase();
    if head.contains("rejected by user") {
        return CallOutcome::Rejected;
    }
    if head.contains("aborted by user") {
        return CallOutcome::Interrupted;
    }
    if head.contains("approval required by policy") || head.contains("blocked by policy") {
        return CallOutcome::Denied;
    }
    if says_failure(raw) {
        return CallOutcome::Failed;
    }
    if head.contains("process running with session id") { CallOutcome::Background } else { CallOutcome::Ok }
}

/// Seconds of a line `Wall time: 2.1 seconds` at the beginning.
fn wall_time(raw: &str) -> Option<f64> {
    let line = raw.lines().take(6).find_map(|line| line.strip_prefix("Wall time: "))?;
    line.split_whitespace().next()?.parse::<f64>().ok().filter(|seconds| (0.0..1e9).contains(seconds))
}
