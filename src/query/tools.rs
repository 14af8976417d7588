//! How often tools were called.

use std::collections::HashMap;

use super::{view::Selection, window::Range};
use crate::{
    model::{Agent, Timestamp},
    store::Store,
};

/// Calls of one tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolUse {
    /// The tool.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Agents that called it.
    pub agents: u64,
}

/// Calls by tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// Most calls first.
    pub tools: Vec<ToolUse>,
    /// Agents whose calls are known.
    pub known: u64,
    /// Agents that were at work in the range and whose calls are not known.
    pub unknown: u64,
}

impl Tools {
    /// Tools whose calls failed, most failures first.
    pub fn failing(&self) -> Vec<&ToolUse> {
        let mut failing: Vec<&ToolUse> = self.tools.iter().filter(|tool| tool.failed > 0).collect();
        failing.sort_by_key(|tool| std::cmp::Reverse(tool.failed));
        failing
    }

    /// All calls.
    pub fn calls(&self) -> u64 {
        self.tools.iter().map(|tool| tool.calls).sum()
    }
}

/// Tool calls of the wanted agents that were at work in a range. Calls are known by agent, not by time: what an agent called
/// before or after the range counts too.
pub fn by_tool(store: &Store, selection: &Selection, range: Range, now: Timestamp) -> Tools {
    let mut out = Tools::default();
    let mut sums: HashMap<String, ToolUse> = HashMap::new();
    for (id, agent) in store.agents.iter() {
        if !was_at_work(agent, range) || !selection.wants_agent(store, id, agent, now) {
            continue;
        }
        let Some(tools) = &agent.tools else {
            out.unknown += 1;
            continue;
        };
        out.known += 1;
        for tool in tools {
            let sum = sums.entry(tool.name.to_string()).or_default();
            sum.calls += u64::from(tool.calls);
            sum.failed += u64::from(tool.failed);
            sum.agents += 1;
        }
    }
    out.tools = sums.into_iter().map(|(name, sum)| ToolUse { name, ..sum }).collect();
    out.tools.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.name.cmp(&b.name)));
    out
}

fn was_at_work(agent: &Agent, range: Range) -> bool {
    if range == Range::ALL {
        return true;
    }
    let first = agent.started_at.or(agent.updated_at).or(agent.ended_at);
    let last = agent.ended_at.or(agent.updated_at).or(agent.started_at);
    let (Some(first), Some(last)) = (first, last) else { return false };
    range.since.is_none_or(|since| last >= since) && range.until.is_none_or(|until| first < until)
}
