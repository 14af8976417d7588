//! What a session or a sub-agent does, as its lines show it: calls of tools, files, words, context.

use serde_json::Value;

use super::value::{content, id, line, name, text, word};
use crate::{
    model::{FileCounts, Timestamp, ToolCount},
    text::Safe,
};

/// Open calls that are kept.
const OPEN: usize = 256;
/// Files that are named.
const FILES: usize = 2000;

/// Times of lines: those written in them or before them, and those at which they were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Span {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
}

impl Span {
    /// One more line.
    pub(super) fn hear(&mut self, when: &When) {
        if let Some(at) = when.stamp.or(when.after) {
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
            self.last = self.last.max(Some(at));
        }
        self.first_seen = self.first_seen.or(Some(when.seen));
        self.last_seen = Some(when.seen);
    }

    /// When it began: as written; else when it was seen.
    pub(super) fn start(&self) -> Option<Timestamp> {
        self.first.or(self.first_seen)
    }

    /// When its newest line was written; else when it was seen.
    pub(super) fn end(&self) -> Option<Timestamp> {
        self.last.or(self.last_seen)
    }

    /// When its newest line came.
    pub(super) fn seen(&self) -> Option<Timestamp> {
        self.last_seen
    }
}

/// When a line was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    /// As it says itself.
    pub(super) stamp: Option<Timestamp>,
    /// The newest time written in a line before.
    pub(super) after: Option<Timestamp>,
    /// When it came, or when its file was written last.
    pub(super) seen: Timestamp,
}

impl When {
    /// The best that is known.
    pub(super) fn at(&self) -> Timestamp {
        self.stamp.or(self.after).unwrap_or(self.seen)
    }
}

/// A call whose result did not come.
#[derive(Clone, Debug, PartialEq)]
struct Open {
    call: Safe,
    tool: Safe,
    words: Safe,
}

/// A sub-agent that a call starts.
#[derive(Clone, Debug)]
pub(super) struct Spawn {
    pub(super) call: Safe,
    pub(super) role: Option<Safe>,
    pub(super) description: Option<Safe>,
    pub(super) model: Option<Safe>,
}

/// Who does something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Doer {
    pub(super) span: Span,
    pub(super) model: Option<Safe>,
    pub(super) tools: Vec<ToolCount>,
    pub(super) files: FileCounts,
    pub(super) words: Option<Safe>,
    /// Tokens before the model at its newest answer.
    pub(super) context: Option<u64>,
    pub(super) messages: u32,
    last_message: Option<Safe>,
    open: Vec<Open>,
}

impl Doer {
    /// An `assistant` message; the sub-agents that its calls start.
    pub(super) fn say(&mut self, message: &Value) -> Vec<Spawn> {
        let name_of = id(&message["id"]);
        if name_of.is_none() || name_of != self.last_message {
            self.messages += 1;
            self.last_message = name_of;
        }
        let model = id(&message["model"]).filter(|model| &**model != "<synthetic>");
        self.model = model.or(self.model.take());
        self.context = context(&message["usage"]).or(self.context);
        self.words = content(&message["content"]).or(self.words.take());
        let mut spawns = Vec::new();
        for block in message["content"].as_array().into_iter().flatten() {
            if matches!(word(block, "type"), "tool_use" | "server_tool_use" | "mcp_tool_use") {
                spawns.extend(self.call(block));
            }
        }
        spawns
    }

    fn call(&mut self, block: &Value) -> Option<Spawn> {
        let tool = line(&block["name"]).unwrap_or_default();
        let input = &block["input"];
        let call = id(&block["id"]).unwrap_or_default();
        self.count(&tool);
        let place = ["file_path", "notebook_path"].iter().find_map(|key| line(&input[*key]));
        if let Some(place) = &place {
            let list = match &*tool {
                "Write" | "Edit" | "MultiEdit" | "NotebookEdit" => Some(&mut self.files.written),
                "Read" => Some(&mut self.files.read),
                _ => None,
            };
            if let Some(list) = list.filter(|list| list.len() < FILES && !list.contains(place)) {
                list.push(place.clone());
            }
        }
        let telling = ["command", "pattern", "url", "query", "description", "prompt"];
        let argument = place.or_else(|| telling.iter().find_map(|key| text(&input[*key])));
        let words =
            argument.map_or_else(|| tool.clone(), |words| Safe::line(&format!("{tool} {}", name(&words))));
        if self.open.len() < OPEN && !self.open.iter().any(|open| open.call == call) {
            self.open.push(Open { call: call.clone(), tool: tool.clone(), words });
        }
        matches!(&*tool, "Agent" | "Task").then(|| Spawn {
            call,
            role: line(&input["subagent_type"]),
            description: line(&input["description"]),
            model: line(&input["model"]),
        })
    }

    /// Counts a call of a tool.
    pub(super) fn count(&mut self, tool: &Safe) {
        match self.tools.iter_mut().find(|known| known.name == *tool) {
            Some(known) => known.calls += 1,
            None => self.tools.push(ToolCount { name: tool.clone(), calls: 1, failed: 0 }),
        }
    }

    /// A call of a tool failed.
    pub(super) fn fail(&mut self, tool: &Safe) {
        if let Some(known) = self.tools.iter_mut().find(|known| known.name == *tool) {
            known.failed += 1;
        }
    }

    /// The result of a call came.
    pub(super) fn answered(&mut self, call: &str, failed: bool) {
        let Some(at) = self.open.iter().position(|open| &*open.call == call) else { return };
        let open = self.open.remove(at);
        if failed {
            self.fail(&open.tool);
        }
    }

    /// Something is being done, in words.
    pub(super) fn doing(&mut self, call: &str, tool: &Safe, words: Safe) {
        self.open.retain(|open| &*open.call != call);
        self.open.push(Open { call: Safe::line(call), tool: tool.clone(), words });
    }

    /// What it does right now.
    pub(super) fn activity(&self) -> Option<Safe> {
        self.open.last().map(|open| open.words.clone())
    }

    /// Nothing is open any more.
    pub(super) fn settle(&mut self) {
        self.open.clear();
    }
}

fn context(usage: &Value) -> Option<u64> {
    let tokens = super::value::tokens(usage, &mut 0);
    Some(tokens.context()).filter(|context| *context > 0)
}

/// The results of calls in a `user` message: the call, and whether it failed.
pub(super) fn results(message: &Value) -> impl Iterator<Item = (&str, bool)> {
    let blocks = message["content"].as_array().into_iter().flatten();
    blocks
        .filter(|block| word(block, "type").ends_with("tool_result"))
        .map(|block| (word(block, "tool_use_id"), block["is_error"].as_bool() == Some(true)))
}
