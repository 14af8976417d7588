//! Text logs of the hooks: progress, tool use, errors. Times are UTC. Pure.

use super::super::{db::error_text, when, words};
use crate::{
    model::{Level, Timestamp, Zone},
    text::{Safe, mask},
};

/// A line as a line of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Noted {
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) level: Level,
    pub(in super::super) agent: Option<Safe>,
    pub(in super::super) task: Option<Safe>,
    pub(in super::super) tool: Option<Safe>,
    pub(in super::super) text: Safe,
    /// What went wrong, as hooks also write it into their table.
    pub(in super::super) wrong: Option<Safe>,
}

/// Reads the logs of one folder line by line; an error takes three lines.
#[derive(Debug, Default)]
pub(in super::super) struct Reader {
    /// An error whose message stands in the next line.
    open: Option<Noted>,
}

impl Reader {
    /// The lines that are complete now. `agent` is whose log it is, where the file's name says so. `None`: not a line of
    /// such a log.
    pub(in super::super) fn add(&mut self, raw: &str, agent: Option<&str>) -> Option<Vec<Noted>> {
        let mut done = Vec::new();
        if raw.starts_with([' ', '\t']) {
            let text = raw.trim();
            if let Some(message) = text.strip_prefix("Message:") {
                let message = mask::text(message.trim());
                match &mut self.open {
                    Some(open) => {
                        open.text = Safe::line(&format!("{}{message}", open.text));
                        open.wrong = Some(Safe::line(&message));
                    }
                    // Its first line was told already, before this one was written.
                    None => done.push(Noted {
                        level: Level::Error,
                        text: Safe::line(&message),
                        ..Noted::default()
                    }),
                }
            } else if let Some(how) = text.strip_prefix("Recovery:") {
                let open = self.open.take();
                let (at, agent) = open.as_ref().map_or((None, None), |open| (open.at, open.agent.clone()));
                done.extend(open);
                done.push(Noted {
                    at,
                    agent,
                    text: Safe::line(&format!("recovery: {}", how.trim())),
                    ..Noted::default()
                });
            } else {
                return None;
            }
            return Some(done);
        }
        let (time, text) = raw.trim().strip_prefix('[')?.split_once(']')?;
        done.extend(self.open.take());
        let at = when::parse(time, Zone::UTC);
        let noted = event(text.trim(), agent).map(|noted| Noted { at, ..noted })?;
        if text.trim().starts_with(ERROR) {
            self.open = Some(noted);
        } else {
            done.push(noted);
        }
        Some(done)
    }

    /// An error whose further lines are not there (yet).
    pub(in super::super) fn finish(&mut self) -> Option<Noted> {
        self.open.take()
    }
}

/// How an error begins; its message stands in the next line.
const ERROR: &str = "ERROR:";

fn event(text: &str, agent: Option<&str>) -> Option<Noted> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let field = |name: &str| {
        let at = rest.find(name)?;
        let value = rest.get(at + name.len()..)?;
        value.split_whitespace().next().map(Safe::line)
    };
    let line = |level, text: &str| Noted { level, text: Safe::line(&mask::text(text)), ..Noted::default() };
    Some(match word {
        "TASK_START" | "MILESTONE" | "DELIVERABLE" | "TASK_COMPLETE" | "TASK_BLOCKED" => {
            let title = rest.split_once(" - ").map(|(_, title)| title).or_else(|| rest.strip_prefix("- "));
            let level = if word == "TASK_BLOCKED" { Level::Warn } else { Level::Info };
            let word = word.to_lowercase();
            let text = title.map_or_else(|| word.clone(), |title| format!("{word}: {title}"));
            let wrong = title.filter(|_| level == Level::Warn).map(|title| Safe::line(&mask::text(title)));
            Noted { agent: agent.map(Safe::line), task: field("Task:"), wrong, ..line(level, &text) }
        }
        "TOOL_START:" => Noted {
            agent: field("Agent="),
            tool: field("Tool="),
            ..line(Level::Debug, &format!("{} starts", field("Tool=")?))
        },
        "TOOL_ERROR:" => {
            let error = rest.split_once("Error=").map_or("", |(_, error)| error.trim());
            let tool = field("Tool=");
            let name = tool.clone().unwrap_or_default();
            let wrong = Some(Safe::line(&mask::text(error)));
            Noted {
                agent: field("Agent="),
                tool,
                wrong,
                ..line(Level::Error, &format!("{name} failed: {error}"))
            }
        }
        ERROR => {
            let kind = field("Type=").unwrap_or_else(|| Safe::line("general_error"));
            let text = error_text(&kind, field("Impact=").as_deref(), "");
            Noted { agent: field("Agent="), ..line(Level::Error, &text) }
        }
        "MISSING_CAPABILITY:" => line(Level::Warn, &format!("missing capability: {rest}")),
        "PATTERN_DETECTED:" => {
            let name = rest.rsplit_once(" for ").map(|(_, name)| Safe::line(name.trim()));
            Noted { agent: name, ..line(Level::Warn, rest) }
        }
        "RECOVERED:" => Noted { agent: field("Agent="), ..line(Level::Info, "recovered") },
        _ if word.starts_with("Agent:") => {
            let field =
                |name: &str| text.split_whitespace().find_map(|part| part.strip_prefix(name)).map(Safe::line);
            let (tool, took) = (field("Tool:"), field("Duration:"));
            let is_good = field("Success:").map(|word| {
                words::status(&word) == crate::model::Status::Succeeded
                    || word.as_str() == "1"
                    || word.as_str() == "true"
            });
            let (level, outcome) = match is_good {
                Some(true) => (Level::Debug, "done"),
                Some(false) => (Level::Warn, "failed"),
                None => (Level::Debug, "ended"),
            };
            let name = tool.clone().unwrap_or_default();
            let took = took.map(|took| format!(" (hook took {took})")).unwrap_or_default();
            Noted { agent: field("Agent:"), tool, ..line(level, &format!("{name} {outcome}{took}")) }
        }
        _ => return None,
    })
}

/// The agent whose progress a file notes: `Agent-<name>-progress.log`.
pub(in super::super) fn owner(name: &str) -> Option<&str> {
    name.strip_prefix("Agent-")?.strip_suffix("-progress.log")
}
