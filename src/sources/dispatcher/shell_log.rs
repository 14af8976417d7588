//! `dispatches.log`: work that the shell dispatcher started. A task in it can hold quotes and line breaks, so an entry goes on
//! until the next line that begins one. Pure.

use super::{messages::Message, words};
use crate::{
    model::{Level, Timestamp},
    text::Safe,
};

/// One start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) at: Timestamp,
    pub(super) workspace: Option<Safe>,
    pub(super) model: Option<Safe>,
    pub(super) complexity: Option<Safe>,
    pub(super) task: Safe,
}

/// The whole log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Starts {
    pub(super) starts: Vec<Start>,
    /// Lines that belong to no entry, and entries that cannot be read.
    pub(super) skipped: u64,
}

/// Reads the log. An entry at its end whose quote is open is being written.
pub(super) fn read(text: &str) -> Starts {
    let mut found = Starts::default();
    let mut entry: Option<(Timestamp, String)> = None;
    for line in text.lines() {
        match head(line) {
            Some((at, rest)) => {
                found.take(entry.replace((at, rest.to_owned())), false);
            }
            None => match &mut entry {
                Some((_, open)) => {
                    open.push('\n');
                    open.push_str(line);
                }
                None => found.skipped += u64::from(!line.trim().is_empty()),
            },
        }
    }
    found.take(entry, true);
    found
}

impl Start {
    /// The line of the log that tells it.
    pub(super) fn line(&self) -> Message {
        let workspace = self.workspace.as_deref().unwrap_or("?");
        let model = words::model(self.model.clone());
        let extras: Vec<&str> = [&self.complexity, &model].into_iter().flatten().map(Safe::as_str).collect();
        let extras = if extras.is_empty() { String::new() } else { format!(" ({})", extras.join(", ")) };
        Message::new(
            Some(self.at),
            Level::Info,
            &format!("shell dispatch · {workspace} · {}{extras}", self.task),
        )
    }
}

impl Starts {
    fn take(&mut self, entry: Option<(Timestamp, String)>, last: bool) {
        let Some((at, text)) = entry else { return };
        match start(at, &text) {
            Some(start) => self.starts.push(start),
            None => self.skipped += u64::from(!last),
        }
    }
}

/// `[time] workspace=…`: the time and what follows.
fn head(line: &str) -> Option<(Timestamp, &str)> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    rest.starts_with("workspace=").then_some(())?;
    Some((Timestamp::parse(time)?, rest))
}

fn start(at: Timestamp, text: &str) -> Option<Start> {
    let (before, task) = text.split_once("task=\"")?;
    let (task, _) = task.rsplit_once('"')?;
    let value = |name: &str| {
        let word = before.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))?;
        (!word.is_empty()).then(|| Safe::line(word))
    };
    Some(Start {
        at,
        workspace: value("workspace"),
        model: value("model"),
        complexity: value("complexity"),
        task: Safe::text(task),
    })
}
