//! What a fleet is: plain values, no I/O, no clock, no screen.
//!
//! One noun each:
//! *Source* one orchestrator's data as seen by us · *Delta/Batch* what a source reports · *Agent* a worker (a session or a
//! sub-agent) · *Task* what was asked · *Execution* one run of one agent, shell or step on a task, nested like the spans
//! of the tracing world · *`UsageRecord`* tokens and cost of one model response · *Workspace* a directory agents work in ·
//! *Schedule* a planned run · *Backlog item* what waits to be asked · *Task batch* tasks asked together · *Project* a body of
//! work an orchestrator knows by name · *Catalog item* what can be put to work (agent definitions, workflows, MCP servers,
//! webhooks, models) · *`LogLine`* one entry of a log · *`LogFile`* a file of them · *Conversation* what was said and done in one session, read when somebody opens it · *Plan limit* how much of a subscription window is used · *Health* how
//! a source is doing.

pub mod agent;
pub mod backlog;
pub mod budget;
pub mod catalog;
pub mod conversation;
pub mod delta;
pub mod execution;
pub mod health;
pub mod id;
pub mod limit;
pub mod log;
pub mod log_file;
pub mod money;
pub mod price;
pub mod project;
pub mod raw;
pub mod record;
pub mod schedule;
pub mod status;
pub mod task;
pub mod task_batch;
pub mod time;
pub mod tokens;
pub mod usage;
pub mod witness;
pub mod workspace;

pub use agent::{Agent, AgentKind, Context, FileCounts, LineCounts, PlanItem, ToolCount};
pub use backlog::{BacklogItem, Priority};
pub use budget::{Budget, BudgetChange, BudgetPeriod, BudgetScope, Budgets};
pub use catalog::{CatalogItem, CatalogKind, StepDefinition};
pub use conversation::{
    Body, Call, CallOutcome, CallResult, ChangeText, Conversation, ConversationDelta, ConversationRef, Entry,
    EntryKind, FileChange, FileOp, Hunk, Notice, Reading, ResponseUsage, TalkId,
};
pub use delta::{Batch, Delta, Kind, Mode};
pub use execution::{Execution, ExecutionKind};
pub use health::{Content, Health, HealthState, WatchMode};
pub use id::{Id, Key, SourceId};
pub use limit::PlanLimit;
pub use log::{Level, LogLine};
pub use log_file::{LogFile, LogKind};
pub use money::{CostKind, Usd};
pub use price::{PriceError, PriceTable};
pub use project::{Phase, Project, ProjectNote, ProjectPlan, ProjectSetting};
pub use raw::RawRef;
pub use record::Record;
pub use schedule::Schedule;
pub use status::Status;
pub use task::{Steps, Task};
pub use task_batch::TaskBatch;
pub use time::{Millis, Timestamp, Zone};
pub use tokens::Tokens;
pub use usage::{Response, UsageBlock, UsageKey, UsageRecord};
pub use witness::Witness;
pub use workspace::Workspace;

#[cfg(test)]
mod tests;
