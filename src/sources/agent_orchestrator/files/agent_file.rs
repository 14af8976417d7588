//! `Agent-<name>.md`: blocks that the script appends, and whatever an agent adds. The last fenced object decides; without
//! one the lines `Status:` and `Task ID:` do. Pure.

use serde_json::Value;

use super::{
    super::{when, words},
    output::Output,
};
use crate::{
    model::{PlanItem, Status, Timestamp, Zone},
    text::Safe,
};

/// What a workspace file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct AgentFile {
    /// The agent's name as the file says, else as it is called.
    pub(in super::super) name: Option<Safe>,
    /// The newest object.
    pub(in super::super) output: Option<Output>,
    /// The newest object is no JSON.
    pub(in super::super) is_broken: bool,
    /// The line `Status:`.
    pub(in super::super) status: Option<Safe>,
    /// The line `Task ID:`.
    pub(in super::super) task: Option<Safe>,
    /// Blocks of the script: one a phase.
    pub(in super::super) blocks: usize,
    /// Name and start of the newest block.
    pub(in super::super) block: Option<(Safe, Option<Timestamp>)>,
    /// Check list of the present tasks.
    pub(in super::super) items: Vec<PlanItem>,
    /// What holds it up.
    pub(in super::super) blocked: Vec<Safe>,
    /// Progress as stated.
    pub(in super::super) progress: Option<Safe>,
    /// Memory blocks, by title.
    pub(in super::super) memories: Vec<Safe>,
}

impl AgentFile {
    /// It says in what state the agent is.
    pub(in super::super) fn says_state(&self) -> bool {
        self.word().is_some()
    }

    /// The word for the state.
    pub(in super::super) fn word(&self) -> Option<&Safe> {
        self.output.as_ref().and_then(|output| output.status.as_ref()).or(self.status.as_ref())
    }

    /// The task it speaks of.
    pub(in super::super) fn task_id(&self) -> Option<&Safe> {
        self.output.as_ref().and_then(|output| output.task.as_ref()).or(self.task.as_ref())
    }
}

/// How the section of a memory begins; it ends with the first empty line, and its members are any.
const MEMORY: &str = "memory:";

/// Reads a file; nothing in it can make it fail.
pub(in super::super) fn parse(text: &str) -> AgentFile {
    let mut file = AgentFile::default();
    fenced(text, &mut file);
    let mut section = String::new();
    let mut in_fence = false;
    let mut starts = false;
    for line in text.lines() {
        let bare = line.trim();
        if bare.starts_with("```") {
            in_fence = !in_fence;
        } else if bare.is_empty() && section.starts_with(MEMORY) {
            section.clear();
        } else if in_fence {
        } else if let Some(title) = heading(bare) {
            section = title.to_lowercase();
            starts = false;
            if let Some(name) = title.strip_prefix("Agent:").map(str::trim).filter(|name| !name.is_empty()) {
                file.name = Some(Safe::line(name));
            } else if let Some(task) = title.strip_prefix("Task:") {
                file.blocks += 1;
                file.block = Some((Safe::line(task.trim()), None));
                starts = true;
            } else if let Some(memory) = title.strip_prefix("Memory:") {
                file.memories.push(Safe::line(memory.trim()));
            }
        } else {
            plain(bare, &section, starts, &mut file);
        }
    }
    file
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    (title.len() < line.len() && title.starts_with(' ')).then(|| title.trim())
}

fn plain(line: &str, section: &str, starts: bool, file: &mut AgentFile) {
    if section.starts_with(MEMORY) {
        return;
    }
    // `Status: x` is also written as a bullet, and in bold.
    let unmarked = line.replace("**", "");
    let unmarked = unmarked.trim_start_matches(['-', '*', ' ']);
    let after = |name: &str| {
        let start = unmarked.get(..name.len())?;
        start.eq_ignore_ascii_case(name).then(|| unmarked.get(name.len()..).unwrap_or_default().trim())
    };
    if let Some(text) = after("status:") {
        file.status = file.status.take().or_else(|| word(text));
    } else if let Some(text) = after("task id:") {
        file.task = file.task.take().or_else(|| word(text));
    } else if let Some(text) = after("progress:") {
        file.progress = Some(Safe::line(text));
    } else if let Some(text) = after("started:").filter(|_| starts) {
        if let Some((_, at)) = &mut file.block {
            *at = when::parse(text, Zone::UTC);
        }
    } else if let Some((is_done, text)) = boxed(line) {
        // Tasks of the past stand in a list of their own.
        if !section.contains("completed") {
            let status = if is_done { Status::Succeeded } else { Status::Queued };
            file.items.push(PlanItem { text: Safe::line(text), status, owner: None });
        }
    } else if section.contains("blocked") {
        file.blocked.extend(line.strip_prefix("- ").map(Safe::line));
    }
}

/// A line of a check list: whether its box is ticked, and its text.
pub(in super::super) fn boxed(line: &str) -> Option<(bool, &str)> {
    let rest = line.trim_start().strip_prefix(['-', '*'])?.trim_start().strip_prefix('[')?;
    let (mark, text) = rest.split_once(']')?;
    match mark.trim() {
        "x" | "X" | "✓" | "✅" => Some((true, text.trim())),
        "" => Some((false, text.trim())),
        _ => None,
    }
}

/// The last fenced block of JSON that is closed.
fn fenced(text: &str, file: &mut AgentFile) {
    let (mut open, mut last): (Option<Vec<&str>>, Option<String>) = (None, None);
    for line in text.lines() {
        let bare = line.trim();
        match &mut open {
            Some(_) if bare == "```" => last = open.take().map(|lines| lines.join("\n")),
            Some(lines) => lines.push(line),
            None if bare.eq_ignore_ascii_case("```json") => open = Some(Vec::new()),
            None => {}
        }
    }
    let Some(block) = last else { return };
    let value: Result<Value, _> = serde_json::from_str(&block);
    file.output = value.ok().as_ref().and_then(Output::of);
    if file.output.is_none() {
        file.is_broken = true;
        // As the dashboard does: the first words that look like it.
        file.status = word_after(text, "status:");
        file.task = word_after(text, "task id:");
    }
}

fn word_after(text: &str, name: &str) -> Option<Safe> {
    let lower = text.to_ascii_lowercase();
    let at = lower.find(name)?;
    word(text.get(at + name.len()..)?)
}

/// The first word, without what follows it in the same breath: `paused, really` is `paused`.
fn word(text: &str) -> Option<Safe> {
    let text = text.trim_start_matches(|ch: char| ch.is_whitespace() || ch == '*');
    let end = text.find(|ch: char| !(ch.is_alphanumeric() || matches!(ch, '-' | '_'))).unwrap_or(text.len());
    text.get(..end).filter(|word| !word.is_empty()).map(Safe::line)
}

/// `Agent-orchestration.md`: what the script was started with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Started {
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) facts: Vec<(&'static str, Safe)>,
    pub(in super::super) at: Option<Timestamp>,
}

/// Reads the details of the newest run.
pub(in super::super) fn started(text: &str) -> Started {
    let mut found = Started::default();
    for line in text.lines() {
        let Some(rest) = line.trim().strip_prefix("- **") else { continue };
        let Some((name, value)) = rest.split_once("**:") else { continue };
        let value = value.trim();
        match name {
            "Name" => found.project = Some(Safe::line(value)),
            "Started" => found.at = when::parse(value, Zone::UTC),
            "Level" => found.facts.push(("level", words::leveled(value))),
            "Mode" => found.facts.push(("mode", Safe::line(value))),
            "Timeout" => found.facts.push(("timeout", Safe::line(value))),
            _ => {}
        }
    }
    found
}
