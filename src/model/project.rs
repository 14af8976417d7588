//! Projects: bodies of work that an orchestrator knows by name.

use super::{PlanItem, RawRef, Status, Timestamp, Workspace};
use crate::text::Safe;

/// A part of a project's plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phase {
    /// What it is called.
    pub name: Safe,
    /// State, where the plan says so or its items tell.
    pub status: Status,
    /// What is to be done, and by whom.
    pub items: Vec<PlanItem>,
    /// Items done and items in all, as the plan states them; often stale, so the items are counted instead.
    pub stated: Option<(u32, u32)>,
}

impl Phase {
    /// Items done and items in all, counted.
    pub fn progress(&self) -> (usize, usize) {
        (self.items.iter().filter(|item| item.status == Status::Succeeded).count(), self.items.len())
    }
}

/// What an orchestrator means to do for a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectPlan {
    /// What it is called, or where it stands.
    pub name: Safe,
    /// State as the plan says.
    pub status_raw: Option<Safe>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Its phases in order; empty when the plan has no such parts.
    pub phases: Vec<Phase>,
    /// The plan as written, with line breaks, when it is not made of phases.
    pub text: Option<Safe>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}

impl ProjectPlan {
    /// Items done and items in all, counted.
    pub fn progress(&self) -> (usize, usize) {
        self.phases.iter().map(Phase::progress).fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }
}

/// A setting of a project. Secrets are masked at the border.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectSetting {
    /// What it sets (`rules`, `mcp_servers`).
    pub name: Safe,
    /// The setting as written, with line breaks.
    pub text: Safe,
    /// When it was set.
    pub updated_at: Option<Timestamp>,
}

/// Something that was noted about a project: a change, a decision, an insight, a blocker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectNote {
    /// When.
    pub at: Option<Timestamp>,
    /// What sort of note (`Added`, `Fixed`, `decision`, `blocker`).
    pub kind: Safe,
    /// What.
    pub text: Safe,
}

/// A body of work that an orchestrator knows by name. How many agents and tasks work for it is counted from theirs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// Its name.
    pub name: Safe,
    /// What it is about.
    pub description: Option<Safe>,
    /// State; `Unknown` where the source keeps none.
    pub status: Status,
    /// State as the source wrote it.
    pub status_raw: Option<Safe>,
    /// What other evidence says about the state, in words.
    pub status_note: Option<Safe>,
    /// Where it is worked on.
    pub workspace: Option<Workspace>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Newest sign of life.
    pub updated_at: Option<Timestamp>,
    /// Its plans, newest first.
    pub plans: Vec<ProjectPlan>,
    /// Its configuration.
    pub settings: Vec<ProjectSetting>,
    /// What was noted, newest first.
    pub notes: Vec<ProjectNote>,
    /// Further facts of the source, label and value.
    pub facts: Vec<(&'static str, Safe)>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}
