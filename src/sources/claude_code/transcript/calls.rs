//! Tool calls: which run, what they touched, who was spawned by them.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::packed;
use crate::{
    model::{FileCounts, LineCounts, ToolCount},
    sources::claude_code::{
        answers::hash,
        line::{Block, Line},
        scan,
    },
    text::Safe,
};

/// Calls without result that are remembered.
const PENDING: usize = 64;
/// Files of a session that are remembered.
const FILES: usize = 4096;
/// Bytes of a call's main argument that are kept.
const ARGUMENT: usize = 160;

#[derive(Debug, Serialize, Deserialize)]
struct Call {
    id: u64,
    tool: usize,
    turn: u32,
    asks: bool,
    path: Option<Box<[u8]>>,
    /// Lines by the call's own input, for results that say nothing.
    lines: LineCounts,
}

/// What is known of the call that spawned an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Spawn {
    /// Prompt in which it was called.
    pub turn: u32,
    /// The call was answered with the agent's result: whether it went well.
    pub ended_well: Option<bool>,
}

/// The calls of one file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Calls {
    pub lines: LineCounts,
    pub files: FileCounts,
    tools: Vec<ToolCount>,
    pending: Vec<Call>,
    #[serde(with = "packed::hashes")]
    touched: HashSet<u64, RandomState>,
    spawns: HashMap<u64, Spawn>,
    /// Agents, and workflows whose folders hold agents, with the call that started them.
    agents: HashMap<Safe, u64>,
    /// Name and main argument of the newest call.
    newest_tool: usize,
    #[serde(with = "packed::bytes")]
    newest_argument: Vec<u8>,
    #[serde(with = "packed::bytes")]
    question: Vec<u8>,
}

impl Calls {
    pub(super) fn start(&mut self, block: &Block<'_>, turn: u32) {
        let tool = self.tool(block.name);
        if let Some(count) = self.tools.get_mut(tool) {
            count.calls += 1;
        }
        let input = &block.input;
        self.newest_tool = tool;
        self.newest_argument.clear();
        let argument = input.argument;
        self.newest_argument
            .extend_from_slice(argument.get(..argument.len().min(ARGUMENT)).unwrap_or_default());
        let asks = matches!(block.name, b"AskUserQuestion" | b"ExitPlanMode");
        if asks {
            self.question.clear();
            let question = if input.question.is_empty() { input.argument } else { input.question };
            self.question.extend_from_slice(question.get(..question.len().min(400)).unwrap_or_default());
        }
        let id = hash(b't', block.id);
        if matches!(block.name, b"Agent" | b"Task" | b"Workflow") {
            self.spawns.insert(id, Spawn { turn, ended_well: None });
        }
        if self.pending.len() >= PENDING {
            self.pending.remove(0);
        }
        let is_file_tool = is_file_tool(block.name);
        let path = is_file_tool.then(|| input.path.into());
        let lines = if is_file_tool { input.lines() } else { LineCounts::default() };
        self.pending.push(Call { id, tool, turn, asks, path, lines });
    }

    /// Takes the result of a call; the prompt in which it was called.
    pub(super) fn finish(&mut self, block: &Block<'_>, line: &Line<'_>) -> u32 {
        let id = hash(b't', block.tool_use);
        let place = self.pending.iter().position(|call| call.id == id);
        let call = place.map(|place| self.pending.remove(place));
        let denied = !line.denial.is_empty() || line.result.failure == b"User rejected tool use";
        let result = &line.result;
        if !result.agent.is_empty() {
            self.link(result.agent, id);
        }
        if !result.run.is_empty() {
            self.link(result.run, id);
        }
        if let Some(spawn) = self.spawns.get_mut(&id) {
            // An agent in the background is only launched by this.
            if result.status != b"async_launched" {
                spawn.ended_well = Some(!block.is_error);
            }
        }
        if block.is_error {
            if let Some(count) =
                call.as_ref().filter(|_| !denied).and_then(|call| self.tools.get_mut(call.tool))
            {
                count.failed += 1;
            }
        } else {
            self.count_changes(line, call.as_ref());
        }
        call.map_or(0, |call| call.turn)
    }

    fn count_changes(&mut self, line: &Line<'_>, call: Option<&Call>) {
        let result = &line.result;
        let mut lines = result.lines;
        if let Some(call) = call.filter(|call| call.path.is_some()) {
            let path =
                if result.file.is_empty() { call.path.as_deref().unwrap_or_default() } else { result.file };
            let name = self.tools.get(call.tool).map(|tool| tool.name.clone()).unwrap_or_default();
            self.touch(path, &*name != "Read" && &*name != "NotebookRead");
            if !result.has_patch {
                lines.added = lines.added.max(call.lines.added);
                lines.removed = lines.removed.max(call.lines.removed);
            }
        }
        for file in &result.shell_files {
            self.touch(file, true);
        }
        self.lines.added += lines.added;
        self.lines.removed += lines.removed;
    }

    fn touch(&mut self, path: &[u8], written: bool) {
        if path.is_empty() || !self.touched.insert(hash(u8::from(written), path)) {
            return;
        }
        let list = if written { &mut self.files.written } else { &mut self.files.read };
        if list.len() < FILES {
            list.push(Safe::line(&scan::text(path, 4096)));
        }
    }

    fn tool(&mut self, name: &[u8]) -> usize {
        self.tools.iter().position(|tool| tool.name.as_bytes() == name).unwrap_or_else(|| {
            self.tools.push(ToolCount { name: Safe::line(&scan::text(name, 200)), calls: 0, failed: 0 });
            self.tools.len() - 1
        })
    }

    fn link(&mut self, agent: &[u8], tool_use: u64) {
        self.agents.insert(Safe::line(&scan::text(agent, 200)), tool_use);
    }

    /// Links an agent to the call (by its raw id) that spawned it.
    pub(super) fn link_agent(&mut self, agent: &[u8], tool_use: &[u8]) {
        if !agent.is_empty() && !tool_use.is_empty() {
            self.link(agent, hash(b't', tool_use));
        }
    }

    /// The call that spawned an agent: by the call's id, else by the agent's, else by that of its workflow.
    pub(in super::super) fn spawn(
        &self,
        tool_use: Option<u64>,
        agent: &Safe,
        run: Option<&str>,
    ) -> Option<Spawn> {
        let linked = |name: &str| self.agents.get(name).and_then(|id| self.spawns.get(id));
        let call = tool_use.and_then(|id| self.spawns.get(&id));
        call.or_else(|| linked(agent)).or_else(|| linked(run?)).copied()
    }

    /// No call waits for its result any more: the turn is over.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    pub(super) fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    pub(super) fn asks(&self) -> bool {
        self.pending.iter().any(|call| call.asks)
    }

    /// What the person is asked.
    pub(in super::super) fn question(&self) -> Safe {
        Safe::line(&scan::text(&self.question, 400))
    }

    pub(super) fn activity(&self) -> &[u8] {
        &self.newest_argument
    }

    /// The call that runs, in one line.
    pub(in super::super) fn running(&self) -> Option<Safe> {
        let last = self.pending.last()?;
        let name = &self.tools.get(last.tool)?.name;
        if last.tool != self.newest_tool || self.newest_argument.is_empty() {
            return Some(name.clone());
        }
        let argument = scan::text(&self.newest_argument, ARGUMENT);
        Some(Safe::line(&format!("{name} {}", argument.lines().next().unwrap_or_default())))
    }

    pub(super) fn tools(&self) -> Vec<ToolCount> {
        let mut tools = self.tools.clone();
        tools.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.name.cmp(&b.name)));
        tools
    }
}

fn is_file_tool(name: &[u8]) -> bool {
    matches!(name, b"Read" | b"NotebookRead" | b"Edit" | b"MultiEdit" | b"Write" | b"NotebookEdit")
}
