//! Lines for the log, from all places, before it is known whose they are.

use std::collections::BTreeMap;

use super::super::{
    db::LineRow,
    files::{hook_log::Noted, server_log::Entry, timeline},
    words,
};
use crate::{
    model::{Key, Level, LogLine, Timestamp},
    text::Safe,
};

/// Who speaks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) enum Who {
    /// Nobody in particular.
    #[default]
    Nobody,
    /// An agent by its key's local name.
    Known(Key),
    /// An execution of a dashboard's database, and the agent's name.
    Execution(Safe, Option<Safe>),
    /// An agent by name.
    Named(Safe),
    /// An agent by name, as hooks in its session see it.
    Hooked(Safe),
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Line {
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) level: Level,
    pub(in super::super) who: Who,
    pub(in super::super) task: Option<Safe>,
    pub(in super::super) tool: Option<Safe>,
    pub(in super::super) text: Safe,
    /// What went wrong, which a table and a file may both tell.
    pub(in super::super) wrong: Option<Safe>,
}

/// Keys that were told, by what they are called elsewhere.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Names {
    /// Executions of databases.
    pub(in super::super) executions: BTreeMap<Safe, Key>,
    /// The newest execution of an agent, by its name in plain spelling.
    pub(in super::super) agents: BTreeMap<String, Key>,
    /// The newest session of an agent, likewise.
    pub(in super::super) sessions: BTreeMap<String, Key>,
    /// Tasks by id.
    pub(in super::super) tasks: BTreeMap<Safe, Key>,
}

impl Line {
    /// A row of a table.
    pub(in super::super) fn of_row(row: &LineRow) -> Self {
        let who = match (&row.execution, &row.agent) {
            (Some(execution), agent) => Who::Execution(execution.clone(), agent.clone()),
            (None, Some(agent)) if row.hooked => Who::Hooked(agent.clone()),
            (None, Some(agent)) => Who::Named(agent.clone()),
            (None, None) => Who::Nobody,
        };
        Self {
            at: row.at,
            level: row.level,
            who,
            task: row.task.clone(),
            tool: row.tool.clone(),
            text: row.text.clone(),
            wrong: row.wrong.clone(),
        }
    }

    /// A line of a hook's log.
    pub(in super::super) fn of_hook(noted: Noted) -> Self {
        let who = noted.agent.map_or(Who::Nobody, Who::Hooked);
        Self {
            at: noted.at,
            level: noted.level,
            who,
            task: noted.task,
            tool: noted.tool,
            text: noted.text,
            wrong: noted.wrong,
        }
    }

    /// An event of the timeline.
    pub(in super::super) fn of_event(told: timeline::Told) -> Self {
        let who = told.agent.map_or(Who::Nobody, Who::Named);
        Self { at: told.at, level: told.level, who, text: told.text, ..Self::default() }
    }

    /// A line of the server's log.
    pub(in super::super) fn of_server(entry: Entry) -> Self {
        let who = entry.execution.map_or(Who::Nobody, |execution| Who::Execution(execution, None));
        Self { at: entry.at, level: entry.level, who, text: entry.text, ..Self::default() }
    }

    /// What makes it the same error in a table and in a file; nothing for what is no error.
    pub(in super::super) fn identity(&self) -> Option<(Option<Timestamp>, String, Safe)> {
        let who = match &self.who {
            Who::Hooked(name) => name.to_string(),
            _ => String::new(),
        };
        Some((self.at, who, self.wrong.clone()?))
    }

    /// The line as told. Who is not known by any key is named in the text.
    pub(in super::super) fn resolve(self, names: &Names) -> LogLine {
        let by_name = |first: &BTreeMap<String, Key>, then: &BTreeMap<String, Key>, name: &Safe| {
            let place = words::agent(name);
            first.get(&place).or_else(|| then.get(&place)).cloned()
        };
        let (agent, said_by) = match &self.who {
            Who::Nobody => (None, None),
            Who::Known(key) => (Some(key.clone()), None),
            Who::Execution(id, agent) => match names.executions.get(id) {
                Some(key) => (Some(key.clone()), None),
                None => (None, agent.clone().or_else(|| Some(Safe::line(&format!("execution {id}"))))),
            },
            Who::Named(name) | Who::Hooked(name) => {
                let is_hooked = matches!(&self.who, Who::Hooked(_));
                let (sessions, executions) = (&names.sessions, &names.agents);
                let key = if is_hooked {
                    by_name(sessions, executions, name)
                } else {
                    by_name(executions, sessions, name)
                };
                let said_by = key.is_none().then(|| name.clone());
                (key, said_by)
            }
        };
        let task = self.task.as_ref().and_then(|task| names.tasks.get(task)).cloned();
        let about = self.task.as_ref().filter(|_| task.is_none()).map(|task| format!(" [{task}]"));
        let before = said_by.map(|name| format!("{name}: ")).unwrap_or_default();
        let text = format!("{before}{}{}", self.text, about.unwrap_or_default());
        LogLine { at: self.at, level: self.level, agent, task, tool: self.tool, text: Safe::line(&text) }
    }
}
