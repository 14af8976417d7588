//! What workspace files and server logs say about agents and executions that databases speak of.

use std::collections::BTreeMap;

use super::super::{
    files::{agent_file::AgentFile, server_log::Exit},
    words,
};
use crate::text::Safe;

/// A workspace file and where it is.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Said {
    pub(in super::super) file: AgentFile,
    pub(in super::super) path: Safe,
    /// The name its file goes by.
    pub(in super::super) spelled: Safe,
}

/// Evidence from beside the databases.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Evidence {
    files: BTreeMap<String, Said>,
    /// How processes ended, by execution.
    pub(in super::super) exits: BTreeMap<Safe, Exit>,
    /// Where projects are at home.
    pub(in super::super) homes: super::homes::Homes,
    /// Agents that databases know, in plain spelling.
    pub(in super::super) known_agents: std::collections::BTreeSet<String>,
    /// Tasks that databases know.
    pub(in super::super) known_tasks: std::collections::BTreeSet<Safe>,
    /// Local names of the dashboard's projects by what they are called; of several the one that was changed last.
    pub(in super::super) projects: BTreeMap<String, Safe>,
}

impl Evidence {
    /// Adds a workspace file. Where two spellings of a name have one each, the one that says a state stays.
    pub(in super::super) fn add(&mut self, said: Said) {
        let name = said.file.name.clone().unwrap_or_else(|| said.spelled.clone());
        let place = words::agent(&name);
        let is_better =
            self.files.get(&place).is_none_or(|known| !known.file.says_state() && said.file.says_state());
        if is_better {
            self.files.insert(place, said);
        }
    }

    /// The workspace file of an agent, by any spelling of its name.
    pub(in super::super) fn of(&self, agent: &str) -> Option<&Said> {
        self.files.get(&words::agent(agent))
    }

    /// All workspace files.
    pub(in super::super) fn files(&self) -> impl Iterator<Item = (&String, &Said)> {
        self.files.iter()
    }
}

impl Said {
    /// What it says of the agent's state, as facts of whom it is attached to.
    pub(in super::super) fn facts(&self) -> Vec<(&'static str, Safe)> {
        let file = &self.file;
        let mut facts = Vec::new();
        if let Some(word) = file.word() {
            let task = file.task_id().map(|task| format!(" ({task})")).unwrap_or_default();
            let at = file
                .output
                .as_ref()
                .and_then(|output| output.at)
                .map(|at| format!(" at {at}"))
                .unwrap_or_default();
            facts.push(("workspace file says", Safe::line(&format!("{word}{task}{at}"))));
        }
        if let Some(output) = &file.output {
            facts.extend(output.result().map(|result| ("newest output", result)));
            facts.extend(output.facts());
        }
        if file.is_broken {
            facts.push((
                "newest output",
                Safe::line("it is no JSON; the lines `Status:` and `Task ID:` are used"),
            ));
        }
        facts.extend(file.progress.clone().map(|text| ("progress as stated", text)));
        if !file.blocked.is_empty() {
            let words: Vec<&str> = file.blocked.iter().map(Safe::as_str).collect();
            facts.push(("blocked by", Safe::line(&words.join(", "))));
        }
        if !file.memories.is_empty() {
            let words: Vec<&str> = file.memories.iter().map(Safe::as_str).collect();
            facts.push(("memories", Safe::line(&words.join(", "))));
        }
        facts.push(("workspace file", self.path.clone()));
        facts
    }
}
