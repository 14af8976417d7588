//! Tool calls: which run, how many of each there were, what they touched.

use std::collections::HashSet;

use super::{
    line::{Arguments, Done, Exit, Item, Output, Parsed, Part, Scalar, list, message, open, words},
    patch::Patch,
    prompts::cut,
    responses::hash,
};
use crate::{
    model::{FileCounts, LineCounts, ToolCount},
    text::Safe,
};

/// Calls without result that are remembered.
const PENDING: usize = 64;
/// Files of a thread that are remembered.
const FILES: usize = 4096;
/// Letters of a call's main argument that are kept.
const ARGUMENT: usize = 160;

#[derive(Debug)]
struct Call {
    id: String,
    name: Safe,
    argument: Safe,
    /// It counts as a call (the other layer tells it otherwise).
    counts: bool,
    patch: Option<Patch>,
}

/// The calls of one file.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub lines: LineCounts,
    pub files: FileCounts,
    tools: Vec<ToolCount>,
    pending: Vec<Call>,
    touched: HashSet<u64>,
}

impl Calls {
    /// Calls by tool, most first.
    pub(super) fn tools(&self) -> Vec<ToolCount> {
        let mut tools = self.tools.clone();
        tools.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.name.cmp(&b.name)));
        tools
    }

    /// The call that runs, in one line.
    pub(super) fn running(&self) -> Option<Safe> {
        let call = self.pending.last()?;
        let text = if call.argument.is_empty() {
            call.name.to_string()
        } else {
            format!("{} {}", call.name, call.argument)
        };
        Some(Safe::line(&text))
    }

    /// No call waits for its result any more.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    fn count(&mut self, name: &Safe, has_failed: bool) {
        let failed = u32::from(has_failed);
        if let Some(tool) = self.tools.iter_mut().find(|tool| tool.name == *name) {
            tool.calls += 1;
            tool.failed += failed;
        } else {
            self.tools.push(ToolCount { name: name.clone(), calls: 1, failed });
        }
    }

    fn fail(&mut self, name: &Safe) {
        if let Some(tool) = self.tools.iter_mut().find(|tool| tool.name == *name) {
            tool.failed += 1;
        }
    }

    /// A call begins. `counts` = it is told by this line and by no other.
    pub(super) fn start(&mut self, item: &Item<'_>, counts: bool) {
        let kind = item.kind.word();
        let name = Safe::line(&cut(item.name.text().unwrap_or(kind.trim_end_matches("_call")), 200));
        let (argument, patch) = input(item);
        if counts {
            self.count(&name, false);
        }
        // Searches have their result in the same line or nowhere.
        if kind == "web_search_call" {
            return;
        }
        if self.pending.len() >= PENDING {
            self.pending.remove(0);
        }
        let argument = Safe::line(&first_line(&argument));
        self.pending.push(Call { id: item.call_id.word().to_owned(), name, argument, counts, patch });
    }

    /// The result of a call.
    pub(super) fn finish(&mut self, item: &Item<'_>) {
        let id = item.call_id.word();
        let Some(place) = self.pending.iter().position(|call| call.id == id) else { return };
        let call = self.pending.remove(place);
        if !call.counts {
            return;
        }
        if has_failed(item.output) {
            self.fail(&call.name);
        } else if let Some(patch) = call.patch {
            self.change(&patch);
        }
    }

    fn change(&mut self, patch: &Patch) {
        self.lines.added += patch.lines.added;
        self.lines.removed += patch.lines.removed;
        for file in &patch.files {
            self.touch(file, true);
        }
    }

    fn touch(&mut self, path: &str, is_written: bool) {
        if path.is_empty() || !self.touched.insert(hash(u8::from(is_written), path)) {
            return;
        }
        let files = if is_written { &mut self.files.written } else { &mut self.files.read };
        if files.len() < FILES {
            files.push(Safe::line(path));
        }
    }

    /// A finished item of the conversation that is a call.
    pub(super) fn done(&mut self, item: &Done<'_>) {
        let status = item.status.word();
        let has_failed = status == "failed"
            || status.is_empty() && item.exit_code.number().is_some_and(|code| code != 0.0);
        let name = match (item.kind.word(), item.server.text(), item.tool.text().or(item.name.text())) {
            ("McpToolCall" | "mcp_tool_call", Some(server), Some(tool)) => format!("mcp__{server}__{tool}"),
            ("DynamicToolCall" | "CollabAgentToolCall", _, Some(tool)) => tool.to_owned(),
            (kind, ..) => kind.to_owned(),
        };
        self.count(&Safe::line(&cut(&name, 200)), has_failed);
        if has_failed || status == "declined" {
            return;
        }
        if item.changes.is_some() {
            self.change(&Patch::of_changes(item.changes));
        }
        for parsed in list::<Parsed<'_>>(item.parsed_cmd) {
            if parsed.kind.word() == "read" {
                self.touch(parsed.path.text().or(parsed.name.text()).unwrap_or_default(), false);
            }
        }
    }

    /// An item of the headless stream that has begun: what runs now.
    pub(super) fn streams(&mut self, item: &Done<'_>) {
        let argument =
            words(item.command).pop().or_else(|| item.query.text().map(str::to_owned)).unwrap_or_default();
        self.pending.push(Call {
            id: item.id.word().to_owned(),
            name: Safe::line(&cut(item.kind.word(), 200)),
            argument: Safe::line(&first_line(&argument)),
            counts: false,
            patch: None,
        });
    }

    /// … and one that is over.
    pub(super) fn streamed(&mut self, item: &Done<'_>) {
        let id = item.id.word();
        self.pending.retain(|call| call.id != id);
    }
}

fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    cut(line, ARGUMENT)
}

/// The main argument of a call, and the patch in it.
fn input(item: &Item<'_>) -> (String, Option<Patch>) {
    let text = message(item.input);
    if !text.is_empty() {
        let patch = Patch::of_text(&text).filter(|_| item.name.word() == "apply_patch");
        let argument = patch.as_ref().map(|patch| patch.files.join(" "));
        return (argument.unwrap_or(text), patch);
    }
    if item.action.is_some() {
        let action: Arguments<'_> = open(item.action).unwrap_or_default();
        return (
            command(&words(action.command))
                .or_else(|| action.query.text().map(str::to_owned))
                .unwrap_or_default(),
            None,
        );
    }
    let raw = item.arguments.word();
    let arguments: Arguments<'_> = serde_json::from_str(raw).unwrap_or_default();
    let words = words(arguments.command);
    if let Some(patch) = words.last().map(String::as_str).or(arguments.input.text()).and_then(Patch::of_text)
    {
        return (patch.files.join(" "), Some(patch));
    }
    let scalars = [
        &arguments.cmd,
        &arguments.path,
        &arguments.file_path,
        &arguments.query,
        &arguments.pattern,
        &arguments.url,
        &arguments.task_name,
        &arguments.message,
    ];
    let scalar = scalars.into_iter().find_map(|scalar| scalar.text().map(str::to_owned));
    (command(&words).or(scalar).unwrap_or_default(), None)
}

/// A command as a person would type it: without the shell around it.
fn command(words: &[String]) -> Option<String> {
    match words {
        [] => None,
        [shell, flag, script] if shell.ends_with("sh") && flag.starts_with('-') => Some(script.clone()),
        words => Some(words.join(" ")),
    }
}

/// Whether a result says that the call failed. What a person declined has no exit code.
fn has_failed(output: Part<'_>) -> bool {
    if let Some(result) = output.filter(|raw| raw.get().starts_with('{')) {
        return is_failure(result.get());
    }
    says_failure(&message(output))
}

/// Whether the text of a result says that the call failed.
pub(super) fn says_failure(text: &str) -> bool {
    if text.starts_with('{') {
        return is_failure(text);
    }
    ["Exit code: ", "Process exited with code "]
        .iter()
        .find_map(|mark| text.lines().take(4).find_map(|line| line.strip_prefix(mark)))
        .is_some_and(|code| code.trim() != "0")
}

fn is_failure(result: &str) -> bool {
    let result: Output<'_> = serde_json::from_str(result).unwrap_or_default();
    let exit: Exit<'_> = open(result.metadata).unwrap_or_default();
    result.success == Scalar::Flag(false) || exit.exit_code.number().is_some_and(|code| code != 0.0)
}
