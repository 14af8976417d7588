//! What sources may say: the only way data enters the program.

use super::{
    Agent, BacklogItem, CatalogItem, Execution, Health, Key, LogFile, LogLine, PlanLimit, Project, Schedule,
    SourceId, Task, TaskBatch, UsageBlock, UsageKey, UsageRecord, Workspace,
};
use crate::text::Safe;

/// Kinds of keyed things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`Agent`]
    Agent,
    /// [`Task`]
    Task,
    /// [`Execution`]
    Execution,
    /// [`Schedule`]
    Schedule,
    /// [`BacklogItem`]
    Backlog,
    /// [`PlanLimit`]
    Limit,
    /// [`TaskBatch`]
    TaskBatch,
    /// [`Project`]
    Project,
    /// [`CatalogItem`]
    Catalog,
    /// [`LogFile`]
    LogFile,
}

/// One piece of news. Entities replace what was known under their key as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// An agent, new or changed.
    Agent(Key, Box<Agent>),
    /// A task, new or changed.
    Task(Key, Box<Task>),
    /// An execution, new or changed.
    Execution(Key, Box<Execution>),
    /// A workspace that may have no agent yet.
    Workspace(Workspace),
    /// A path of a workspace that is a link, and the path of the folder it leads to.
    SamePlace {
        /// The path as it was told.
        path: Safe,
        /// The folder itself.
        real: Safe,
    },
    /// A planned run.
    Schedule(Key, Box<Schedule>),
    /// A backlog item.
    Backlog(Key, Box<BacklogItem>),
    /// A plan window; replaces the one of the same key.
    Limit(Key, Box<PlanLimit>),
    /// Tasks asked together.
    TaskBatch(Key, Box<TaskBatch>),
    /// A project.
    Project(Key, Box<Project>),
    /// Something that can be put to work.
    Catalog(Key, Box<CatalogItem>),
    /// A response's usage; replaces the one of the same key.
    Usage(Box<UsageRecord>),
    /// Usage of several responses of one agent, or of sums of them, each as in [`Delta::Usage`]; also of what is remembered.
    UsageBlock(Box<UsageBlock>),
    /// A response that is not there any more (its file was replaced).
    UsageGone(UsageKey),
    /// A file of logs; replaces the one of the same key.
    LogFile(Key, Box<LogFile>),
    /// A line of a log.
    Log(Box<LogLine>),
    /// A thing that is not there any more.
    Gone(Kind, Key),
    /// How the source is doing.
    Health(Box<Health>),
}

impl Delta {
    /// Pieces of news in it.
    pub fn count(&self) -> usize {
        match self {
            Self::UsageBlock(block) => block.list.len() + block.instead_of.len(),
            _ => 1,
        }
    }

    /// The workspaces it names.
    pub fn workspaces(&self) -> &[Workspace] {
        match self {
            Self::Agent(_, agent) => agent.workspace.as_slice(),
            Self::Task(_, task) => task.workspace.as_slice(),
            Self::Workspace(workspace) => std::slice::from_ref(workspace),
            Self::Schedule(_, schedule) => &schedule.targets,
            Self::Backlog(_, item) => item.workspace.as_slice(),
            Self::Project(_, project) => project.workspace.as_slice(),
            Self::Catalog(_, item) => item.workspace.as_slice(),
            Self::UsageBlock(block) => block.workspace.as_slice(),
            Self::Usage(record) => record.workspace.as_slice(),
            _ => &[],
        }
    }
}

/// What a batch means for what is not in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Adds and changes; the rest stays.
    #[default]
    Append,
    /// The first part of a snapshot; one that was broken off is forgotten.
    SnapshotBegin,
    /// Part of a snapshot: begins one if none is open. What the source said before stays until the snapshot ends.
    Snapshot,
    /// The last part of a snapshot: what this snapshot did not name is gone.
    SnapshotEnd,
}

/// News of one source, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Who speaks.
    pub source: SourceId,
    /// Counts up by one; a batch that was applied already is ignored.
    pub seq: u64,
    /// What it means for what is not in it.
    pub mode: Mode,
    /// The news.
    pub deltas: Vec<Delta>,
}
