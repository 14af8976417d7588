//! `agent_logs/`: one directory an agent, under its task's or flat. The files only grow, so everything here adds up line by
//! line; times stay local until somebody who knows the zone asks.

mod dir;
mod name;
mod object;
mod plan;
mod prompt;
mod summary;
mod text;
mod tools;
mod tree;

pub(super) use dir::AgentDir;
pub(super) use name::DirName;
pub(super) use object::Object;
pub(super) use plan::Plan;
pub(super) use prompt::{of_agents, of_planner};
pub(super) use tree::Tree;

use super::clock::Local;
use crate::{
    model::{EntryKind, Level, Tokens},
    text::Safe,
};

/// What became of a line.
#[derive(Debug)]
enum Taken {
    /// It is no record of its file.
    Foreign,
    /// Noted; nothing for the log.
    Noted,
    /// Noted, and worth a line in the log.
    Said(Said),
}

impl From<Option<Said>> for Taken {
    fn from(said: Option<Said>) -> Self {
        said.map_or(Self::Noted, Self::Said)
    }
}

/// The line of a result that tells most: the first that is neither blank nor a Markdown heading, else the first.
pub(super) fn telling_line(text: &Safe) -> &str {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.find(|line| !line.starts_with('#')).unwrap_or_else(|| text.first_line())
}

/// The time and kind of a block of `text.txt` that begins with this line.
pub(super) fn block(line: &str) -> Option<(Local, EntryKind)> {
    let (at, block) = text::header(line.trim_end_matches('\r'))?;
    let kind = match block {
        text::Block::Assistant => EntryKind::Answer,
        text::Block::Thinking => EntryKind::Thinking,
        text::Block::User => EntryKind::Prompt,
    };
    Some((at, kind))
}

/// The model in the message of a start.
pub(super) fn model_of(message: &str) -> Option<&str> {
    summary::picked(message, "model")
}

/// The tokens of a `usage` object.
pub(super) fn tokens_of(usage: &str) -> Tokens {
    Object::parse(usage).map(|usage| summary::tokens(&usage)).unwrap_or_default()
}

/// What kind of thing was said.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Speech {
    /// A message of the model.
    Text,
    /// A thought of the model.
    Thinking,
    /// A prompt.
    Prompt,
    /// A call of this tool, or its failure.
    Tool(Safe),
    /// The program itself.
    System,
}

/// One thing for the log, with the writer's local time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    /// When.
    pub(super) at: Option<Local>,
    /// What kind.
    pub(super) speech: Speech,
    /// How much it matters.
    pub(super) level: Level,
    /// In words.
    pub(super) text: Safe,
}
