//! What a database says about agents and tasks, in one form for both layouts, and the decoding of the dashboard's rows.
//! Pure: from cells to values, no I/O. Nothing is interpreted here; status words stay as stored.

use super::cells::{dollars, json, list, word};
use crate::{
    model::{Millis, Timestamp, Tokens, Usd, Zone},
    sources::read::sqlite::Fields,
    text::Safe,
};

/// Tokens as a table holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// By kind.
    Kinds(Tokens),
    /// One sum over all kinds.
    Total(u64),
}

impl Counted {
    /// All kinds together.
    pub(super) fn total(self) -> u64 {
        match self {
            Self::Kinds(tokens) => tokens.total(),
            Self::Total(total) => total,
        }
    }
}

/// A row of `agents`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AgentRow {
    /// Its id.
    pub(super) id: Safe,
    /// Its task, which may not exist any more.
    pub(super) task: Option<Safe>,
    /// Its name, or the instructions given to one made by hand.
    pub(super) name: Option<Safe>,
    /// Role in lower case.
    pub(super) role: Option<Safe>,
    /// Status as stored.
    pub(super) status: Option<Safe>,
    /// Model, if there is such a column.
    pub(super) model: Option<Safe>,
    /// Start.
    pub(super) created: Option<Timestamp>,
    /// Last rewrite of the row.
    pub(super) updated: Option<Timestamp>,
    /// End, where the writer sets it.
    pub(super) completed: Option<Timestamp>,
    /// Soft deletion.
    pub(super) deleted: Option<Timestamp>,
    /// Tokens; `None` when no column could be read.
    pub(super) tokens: Option<Counted>,
    /// Cost.
    pub(super) cost: Option<Usd>,
    /// Cost as written, where it does not parse.
    pub(super) cost_unread: Option<Safe>,
    /// Messages.
    pub(super) messages: Option<u32>,
}

/// A row of `tasks`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TaskRow {
    /// Its id.
    pub(super) id: Safe,
    /// The prompt.
    pub(super) description: Safe,
    /// Type in lower case.
    pub(super) kind: Option<Safe>,
    /// Status as stored.
    pub(super) status: Option<Safe>,
    /// When it was asked.
    pub(super) created: Option<Timestamp>,
    /// Last rewrite of the row.
    pub(super) updated: Option<Timestamp>,
    /// End, where the writer sets it.
    pub(super) completed: Option<Timestamp>,
    /// Planned roles in lower case.
    pub(super) workflow: Vec<Safe>,
    /// Index into the workflow as stored.
    pub(super) step: Option<i64>,
    /// Complexity as stored.
    pub(super) complexity: Option<Safe>,
    /// Whether an analyst was wished for.
    pub(super) analyst: Option<Safe>,
    /// Where the work is done.
    pub(super) directory: Option<Safe>,
    /// Cost; zero means unknown and is `None`.
    pub(super) cost: Option<Usd>,
    /// Run time; zero means unknown and is `None`.
    pub(super) duration: Option<Millis>,
    /// What came out.
    pub(super) result: Option<Safe>,
    /// What went wrong.
    pub(super) error: Option<Safe>,
    /// What the client sent along, as JSON.
    pub(super) metadata: Option<Safe>,
    /// Ids of its agents, where the task lists them.
    pub(super) agents: Vec<Safe>,
}

/// Times without zone are UTC in both programs' databases.
pub(super) const ZONE: Zone = Zone::UTC;

/// A row of the dashboard's `agents`; `None` without an id.
pub(super) fn agent(cells: &mut Fields<'_>) -> Option<AgentRow> {
    let cost = dollars(cells, "total_cost");
    Some(AgentRow {
        id: cells.line("id")?,
        task: cells.line("task_id"),
        name: cells.line("custom_instructions"),
        role: word(cells, "role"),
        status: cells.line("status"),
        created: cells.time("created_at", ZONE),
        updated: cells.time("updated_at", ZONE),
        completed: cells.time("completed_at", ZONE),
        tokens: kinds(cells),
        cost_unread: cost.clone().err(),
        cost: cost.ok().flatten(),
        ..AgentRow::default()
    })
}

fn kinds(cells: &mut Fields<'_>) -> Option<Counted> {
    let columns = ["total_input_tokens", "total_output_tokens", "cache_creation_tokens", "cache_read_tokens"];
    let [input, output, creation, read] = columns.map(|column| cells.count(column));
    input.or(output).or(creation).or(read)?;
    Some(Counted::Kinds(Tokens {
        input: input.unwrap_or(0),
        output: output.unwrap_or(0),
        cache_read: read.unwrap_or(0),
        cache_write_5m: creation.unwrap_or(0),
        cache_write_1h: 0,
    }))
}

/// A row of the dashboard's `tasks`; `None` without an id.
pub(super) fn task(cells: &mut Fields<'_>) -> Option<TaskRow> {
    let id = cells.line("id")?;
    let mut positive = |column| cells.integer(column).filter(|number| *number > 0);
    // Whole cents.
    let cost = positive("total_cost").map(|cents| Usd(cents.saturating_mul(10_000_000)));
    let duration = positive("duration_seconds").map(Millis::seconds);
    let metadata = json(cells, "task_metadata")
        .filter(|value| value.as_object().is_none_or(|object| !object.is_empty()))
        .map(|value| Safe::line(&value.to_string()));
    Some(TaskRow {
        id,
        description: cells.text("description").unwrap_or_default(),
        kind: word(cells, "task_type"),
        status: cells.line("status"),
        created: cells.time("created_at", ZONE),
        updated: cells.time("updated_at", ZONE),
        completed: cells.time("completed_at", ZONE),
        workflow: list(cells, "workflow").iter().map(|role| Safe::line(&role.to_lowercase())).collect(),
        step: cells.integer("current_step"),
        complexity: cells.line("complexity"),
        analyst: cells.line("include_analyst"),
        directory: cells.line("working_directory"),
        cost,
        duration,
        result: cells.text("result"),
        error: cells.text("error"),
        metadata,
        agents: Vec::new(),
    })
}
