//! Lines for the log.

use crate::{
    model::{Key, LogLine},
    sources::multi_agent::{
        clock::Clock,
        events::Entry,
        logs::{Said, Speech},
    },
    text::Safe,
};

/// What an agent's files said.
pub(in super::super) fn from_dir(said: Said, clock: Clock, agent: Key, task: Option<Key>) -> LogLine {
    let at = said.at.map(|at| clock.at(at));
    let (tool, text) = match said.speech {
        Speech::Tool(name) => (Some(name), said.text),
        Speech::Thinking => (None, Safe::line(&format!("thinking: {}", said.text))),
        Speech::Prompt => (None, Safe::line(&format!("prompt: {}", said.text))),
        Speech::Text | Speech::System => (None, said.text),
    };
    LogLine { at, level: said.level, agent: Some(agent), task, tool, text }
}

/// An entry of the event log.
pub(in super::super) fn from_event(entry: Entry, agent: Option<Key>, task: Option<Key>) -> LogLine {
    LogLine { at: entry.at, level: entry.level, agent, task, tool: None, text: entry.text }
}
