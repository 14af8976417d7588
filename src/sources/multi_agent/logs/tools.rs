//! `tools.jsonl`: calls and their results. Adds up line by line, so that a growing file is read once.

use std::collections::HashMap;

use serde_json::Value;

use super::{super::clock::Local, Said, Speech, Taken, object::Object};
use crate::{
    model::{FileCounts, Level, Millis, ToolCount},
    text::Safe,
};

/// Calls that wait for their result, at most; older ones are forgotten (their results then count no duration).
const OPEN: usize = 4096;
/// Distinct files remembered of one agent and direction.
const FILES: usize = 5000;
/// Characters of an argument that are shown.
const ARGUMENT: usize = 160;

/// A call without its result.
#[derive(Clone, Debug, PartialEq)]
struct Open {
    tool: usize,
    at: Option<Local>,
    order: u64,
}

/// What an agent did with tools so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Tools {
    counts: Vec<ToolCount>,
    files: FileCounts,
    open: HashMap<String, Open>,
    order: u64,
    time: i64,
    last: Option<Last>,
}

/// The newest call.
#[derive(Clone, Debug, PartialEq)]
struct Last {
    id: String,
    at: Option<Local>,
    label: Safe,
}

impl Tools {
    /// Adds a line.
    pub(super) fn add(&mut self, object: &Object<'_>) -> Taken {
        let at = object.text("timestamp").as_deref().and_then(Local::parse);
        match object.text("type").as_deref() {
            Some("tool_use") => Taken::Said(self.call(object, at)),
            Some("tool_result") => self.result(object, at).into(),
            _ => Taken::Foreign,
        }
    }

    fn call(&mut self, object: &Object<'_>, at: Option<Local>) -> Said {
        let name = Safe::line(&object.text("tool_name").unwrap_or_else(|| "?".to_owned()));
        let input = object.object("input");
        let tool = self.tool(&name);
        if let Some(count) = self.counts.get_mut(tool) {
            count.calls += 1;
        }
        if let Some(path) = input.as_ref().and_then(|input| input.text("file_path")) {
            let list = match &*name {
                "Read" => Some(&mut self.files.read),
                "Write" | "Edit" => Some(&mut self.files.written),
                _ => None,
            };
            if let Some(list) = list {
                let path = Safe::line(&path);
                if list.len() < FILES && !list.contains(&path) {
                    list.push(path);
                }
            }
        }
        let argument = input.as_ref().and_then(argument).unwrap_or_default();
        let label = Safe::line(format!("{name} {argument}").trim_end());
        let id = object.text("tool_use_id").unwrap_or_default();
        self.order += 1;
        if self.open.len() >= OPEN {
            let oldest = self.open.iter().min_by_key(|(_, open)| open.order).map(|(id, _)| id.clone());
            oldest.map(|id| self.open.remove(&id));
        }
        self.open.insert(id.clone(), Open { tool, at, order: self.order });
        self.last = Some(Last { id, at, label: label.clone() });
        Said { at, speech: Speech::Tool(name), level: Level::Info, text: label }
    }

    fn result(&mut self, object: &Object<'_>, at: Option<Local>) -> Option<Said> {
        let open = object.text("tool_use_id").and_then(|id| self.open.remove(&id));
        if let (Some(start), Some(end)) = (open.as_ref().and_then(|open| open.at), at) {
            self.time += (end.0 - start.0).max(0);
        }
        if object.flag("is_error") != Some(true) {
            return None;
        }
        // A failure without its call (it was torn) still counts, under a name of its own.
        let tool = open.map_or_else(|| self.tool(&Safe::line("?")), |open| open.tool);
        let count = self.counts.get_mut(tool)?;
        count.failed += 1;
        let text = object.text("content").unwrap_or_default();
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("failed").to_owned();
        let text = Safe::line(&format!("{} failed: {first}", count.name));
        Some(Said { at, speech: Speech::Tool(count.name.clone()), level: Level::Warn, text })
    }

    fn tool(&mut self, name: &Safe) -> usize {
        let known = self.counts.iter().position(|count| count.name == *name);
        known.unwrap_or_else(|| {
            self.counts.push(ToolCount { name: name.clone(), calls: 0, failed: 0 });
            self.counts.len() - 1
        })
    }

    /// Calls by tool, in order of first use.
    pub(in super::super) fn counts(&self) -> &[ToolCount] {
        &self.counts
    }

    /// Files read and written, in order of first use.
    pub(in super::super) fn files(&self) -> &FileCounts {
        &self.files
    }

    /// Time between calls and their results, added up.
    pub(in super::super) fn time(&self) -> Millis {
        Millis(self.time)
    }

    /// Calls whose result is not there.
    pub(in super::super) fn unanswered(&self) -> usize {
        self.open.len()
    }

    /// The newest call and its time, and whether its result is missing.
    pub(in super::super) fn last(&self) -> Option<(Option<Local>, &Safe, bool)> {
        self.last.as_ref().map(|last| (last.at, &last.label, self.open.contains_key(&last.id)))
    }
}

/// The argument that tells most about a call.
fn argument(input: &Object<'_>) -> Option<String> {
    const TELLING: [&str; 10] = [
        "file_path",
        "notebook_path",
        "command",
        "pattern",
        "path",
        "url",
        "query",
        "description",
        "skill",
        "prompt",
    ];
    let found = TELLING.iter().find_map(|key| input.text(key).filter(|text| !text.trim().is_empty()));
    let text = found.or_else(|| match input.value("todos") {
        Some(Value::Array(todos)) => Some(format!("{} items", todos.len())),
        _ => None,
    })?;
    Some(text.chars().take(ARGUMENT).collect())
}
