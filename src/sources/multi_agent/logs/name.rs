//! Names of agent directories: `<first 8 of the id>_<name>_<YYYYMMDD>_<HHMMSS>`. The name may hold anything, further
//! underscores and text that looks like a time included, so it is parsed from both ends.

use super::super::clock::Local;
use crate::text::Safe;

/// The meta-agent that plans a task: runs first and is no step of the workflow.
pub(in super::super) const PLANNER: &str = "Workflow_Planner";

/// A parsed directory name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct DirName {
    /// First characters of the agent's id.
    pub(in super::super) prefix: Safe,
    /// The agent's name with underscores.
    pub(in super::super) name: Safe,
    /// When the directory was made.
    pub(in super::super) made: Local,
}

impl DirName {
    /// Parses a name; `None` when it is no agent's directory (then it is a task's).
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        let split = text.len().checked_sub(15)?;
        let (head, time) = text.split_at_checked(split)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (date, clock) = time.split_once('_')?;
        if date.len() != 8 || !digits(date) || clock.len() != 6 || !digits(clock) {
            return None;
        }
        let head = head.strip_suffix('_')?;
        let (prefix, name) = head.split_once('_').unwrap_or((head, ""));
        Some(Self {
            prefix: Safe::line(prefix),
            name: Safe::line(name),
            // Digits that are no date (month 13) still make it an agent's directory.
            made: Local::parse_name(time).unwrap_or_default(),
        })
    }

    /// It is the planner of a task.
    pub(in super::super) fn is_planner(&self) -> bool {
        &*self.name == PLANNER
    }

    /// The name with blanks, as a person would write it.
    pub(in super::super) fn spoken(&self) -> Safe {
        Safe::line(&self.name.replace('_', " "))
    }

    /// The role that regular names carry: the first word of `…_Agent`, planner for the planner of a task.
    pub(in super::super) fn role(&self) -> Option<Safe> {
        if self.is_planner() {
            return Some(Safe::line("planner"));
        }
        let first = self.name.strip_suffix("_Agent")?;
        (!first.contains('_')).then(|| Safe::line(&first.to_lowercase()))
    }
}
