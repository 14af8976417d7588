//! The databases of the family. They are recognised by tables and columns alone, and every subset of tables is accepted:
//! what is not there is simply not said.

mod collab;
mod collab_read;
mod dash;
mod grown;
mod long;
mod look;
mod memory;
mod select;

pub(super) use collab::{Approval, Assigned, Collab, Event, Handed, HookSession, StoredRun, ToolUse};
pub(super) use dash::{Dash, ExecRow, MetricRow, PlanRow, ProjectRow, TaskRow};
pub(super) use long::Long;
pub(super) use look::{TAIL, error_text, look};
pub(super) use memory::Memory;

use std::sync::Arc;

use crate::{
    model::{Level, Timestamp},
    sources::read::sqlite::Kept,
    text::Safe,
};

/// Everything one look at a database says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Content {
    /// Every table with its number of rows.
    pub(super) tables: Vec<(Safe, u64)>,
    /// What the dashboard's tables say.
    pub(super) dash: Dash,
    /// What hooks and scripts noted.
    pub(super) collab: Collab,
    /// What agents remember, in numbers.
    pub(super) memories: Vec<Memory>,
    /// What long tables add up to, for the next look to go on from.
    pub(super) long: Arc<Long>,
    /// Log lines that came since the last look.
    pub(super) lines: Lines,
}

/// New rows of append-only tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lines {
    /// In order of writing.
    pub(super) rows: Vec<LineRow>,
    /// Where each table was read up to.
    pub(super) cursors: Cursors,
    /// Rows that were passed over because newer ones fill the log.
    pub(super) passed: u64,
}

/// Rowids of the newest rows that were told, by table.
pub(super) type Cursors = std::collections::BTreeMap<&'static str, i64>;

/// A row that is a line of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LineRow {
    /// Its rowid.
    pub(super) order: i64,
    /// When.
    pub(super) at: Option<Timestamp>,
    /// How much it matters.
    pub(super) level: Level,
    /// The execution that speaks, where there is one.
    pub(super) execution: Option<Safe>,
    /// The agent that speaks, by name.
    pub(super) agent: Option<Safe>,
    /// The task it is about.
    pub(super) task: Option<Safe>,
    /// The tool it is about.
    pub(super) tool: Option<Safe>,
    /// The text.
    pub(super) text: Safe,
    /// A hook noted it.
    pub(super) hooked: bool,
    /// What went wrong, as it may stand in a hook's file as well.
    pub(super) wrong: Option<Safe>,
}

/// A database and what it said last.
pub(super) type Db = Kept<Content>;
