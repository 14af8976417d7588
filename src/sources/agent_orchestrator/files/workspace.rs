//! Reads the workspace folder: agents' files, the run log, the plan, the timeline. Holds what they say so far.

use std::path::{Path, PathBuf};

use super::{
    Touch,
    agent_file::{self, AgentFile, Started},
    docs::{Docs, Sort},
    lines::{Line, Lines},
    plan_file::{self, PlanFile},
    run_log::{self, Runs},
    timeline::{Timeline, Told},
};
use crate::{
    model::{Health, Timestamp, Zone},
    sources::agent_orchestrator::place::is_agent_file,
    text::Safe,
};

/// The run log.
const RUNS: &str = "orchestration.log";
/// The timeline.
const TIMELINE: &str = "orchestration-timeline.jsonl";
/// The plan.
const PLAN: &str = "orchestration-plan.md";
/// The script's own workspace file.
const SCRIPT: &str = "Agent-orchestration.md";

/// What stands in the workspace folder.
pub(in super::super) struct Workspace {
    zone: Zone,
    /// Agents' files by name.
    pub(in super::super) agents: Docs<AgentFile>,
    script: Docs<Started>,
    plans: Docs<String>,
    logs: Lines,
    /// Runs of the script.
    pub(in super::super) runs: Runs,
    /// The story told by the orchestration agent.
    pub(in super::super) timeline: Timeline,
    /// The plan as read.
    pub(in super::super) plan: Option<PlanFile>,
    /// Lines for the log that were not told yet.
    pub(in super::super) pending: Vec<Told>,
}

/// Every kind of file but the growing ones.
fn text(bytes: &[u8]) -> Result<String, String> {
    crate::sources::read::document::text(bytes)
}

fn is_plain_agent(name: &str) -> bool {
    is_agent_file(name) && !name.eq_ignore_ascii_case(SCRIPT)
}

impl Workspace {
    /// The folder, which need not exist.
    pub(in super::super) fn new(folder: PathBuf, zone: Zone) -> Self {
        let agent = |bytes: &[u8]| text(bytes).map(|text| agent_file::parse(&text));
        let started = |bytes: &[u8]| text(bytes).map(|text| agent_file::started(&text));
        Self {
            zone,
            agents: Docs::new(folder.clone(), false, Sort { accepts: is_plain_agent, parse: agent }),
            script: Docs::new(folder.clone(), false, Sort { accepts: |name| name == SCRIPT, parse: started }),
            plans: Docs::new(folder.clone(), false, Sort { accepts: |name| name == PLAN, parse: text }),
            logs: Lines::new(folder, |name| name == RUNS || name == TIMELINE),
            runs: Runs::default(),
            timeline: Timeline::default(),
            plan: None,
            pending: Vec::new(),
        }
    }

    /// Looks where something was touched; whether anything is new.
    pub(in super::super) fn look(&mut self, touch: Touch<'_>, now: Timestamp, health: &mut Health) -> bool {
        let mut is_new = self.agents.look(touch, now, health);
        is_new |= self.script.look(touch, now, health);
        if self.plans.look(touch, now, health) {
            is_new = true;
            self.plan = self.plans.value(PLAN).map(|text| plan_file::parse(text, self.zone));
        }
        let Self { runs, timeline, pending, zone, logs, .. } = self;
        is_new |= logs.look(touch, health, &mut |line| match line {
            Line::Anew(RUNS) => {
                *runs = Runs::default();
                true
            }
            Line::Anew(_) => {
                *timeline = Timeline::default();
                true
            }
            Line::Text(RUNS, text, _) => run_log::line(text, *zone).map(|line| runs.add(&line)).is_some(),
            Line::Text(_, text, is_old) => match timeline.add(text) {
                Some(told) => {
                    pending.extend((!is_old).then_some(told));
                    true
                }
                None => false,
            },
        });
        is_new
    }

    /// What the script was started with last.
    pub(in super::super) fn script(&self) -> Option<&Started> {
        self.script.value(SCRIPT)
    }

    /// Where a file of the folder is.
    pub(in super::super) fn path(&self, name: &str) -> Safe {
        Safe::line(&self.logs.folder().join(name).to_string_lossy())
    }

    /// Where its logs are.
    pub(in super::super) fn log_paths(&self) -> impl Iterator<Item = PathBuf> {
        self.logs.counts().map(|(name, _)| self.logs.folder().join(name))
    }

    /// Where the run log is.
    pub(in super::super) fn run_log(&self) -> Safe {
        self.path(RUNS)
    }

    /// Where the plan is.
    pub(in super::super) fn plan_file(&self) -> Safe {
        self.path(PLAN)
    }

    /// Where the timeline is.
    pub(in super::super) fn timeline_file(&self) -> Safe {
        self.path(TIMELINE)
    }

    /// Growing files with their numbers of lines.
    pub(in super::super) fn line_counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.logs.counts()
    }

    /// Files that cannot be read.
    pub(in super::super) fn errors(&self) -> impl Iterator<Item = String> {
        let docs = self.agents.troubles().chain(self.script.troubles()).chain(self.plans.troubles());
        let docs = docs.map(|(path, text, _)| format!("{}: {text}", path.display()));
        docs.chain(self.logs.errors.iter().cloned())
    }

    /// The folder is there.
    pub(in super::super) fn exists(&self) -> bool {
        self.logs.folder().is_dir()
    }

    /// The folder.
    pub(in super::super) fn folder(&self) -> &Path {
        self.logs.folder()
    }

    /// Files that say something.
    pub(in super::super) fn len(&self) -> usize {
        self.agents.len() + self.script.len() + self.plans.len() + self.logs.counts().count()
    }
}
