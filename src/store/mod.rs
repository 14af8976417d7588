//! What we know: the single owner of the fleet. [`Store::apply`] is the only thing that changes it.
//!
//! Total (malformed data never reaches it), deterministic, idempotent for a repeated `(source, seq)`; no clock, no I/O, no
//! screen. Ids are stable while a thing lives or anything refers to it, and never another's.

pub mod apply;
pub mod changes;
pub mod ledger;
mod link;
mod places;
mod recycle;
pub mod rollup;
pub mod symbol;
pub mod table;
pub mod totals;

use std::collections::VecDeque;

use crate::model::{
    Agent, BacklogItem, CatalogItem, Execution, Health, Id, Key, LogFile, LogLine, PlanLimit, PriceTable,
    Project, Schedule, SourceId, Task, TaskBatch, Workspace,
};

pub use changes::{Changes, Tables};
pub use ledger::{Entry, Ledger, NOBODY};
pub use link::{Evidence, Link};
pub use rollup::{Cell, Rollup};
pub use symbol::{Symbol, Symbols};
pub use table::Table;
pub use totals::Totals;

/// Lines of logs kept per source; older ones are counted in [`Store::logs_dropped`].
pub const LOG_LINES: usize = 2000;

/// Everything that is known, from all sources.
#[derive(Debug, Default)]
pub struct Store {
    /// Agents.
    pub agents: Table<Agent>,
    /// Tasks.
    pub tasks: Table<Task>,
    /// Executions.
    pub executions: Table<Execution>,
    /// Planned runs.
    pub schedules: Table<Schedule>,
    /// Backlog items.
    pub backlog: Table<BacklogItem>,
    /// Plan windows.
    pub limits: Table<PlanLimit>,
    /// Tasks asked together.
    pub task_batches: Table<TaskBatch>,
    /// Projects.
    pub projects: Table<Project>,
    /// What can be put to work.
    pub catalog: Table<CatalogItem>,
    /// Files of logs.
    pub log_files: Table<LogFile>,
    ledger: Ledger,
    rollup: Rollup,
    symbols: Symbols,
    places: places::Places,
    links: link::Links,
    agent_totals: Vec<Totals>,
    task_totals: Vec<Totals>,
    all_totals: Totals,
    undated_totals: Totals,
    sources: Vec<SourceState>,
    prices: Prices,
    logs: VecDeque<StoredLine>,
    logs_dropped: u64,
    revisions: changes::Revisions,
}

/// Prices, with the rates of every model met so far, by model symbol.
#[derive(Debug, Default)]
struct Prices {
    table: PriceTable,
    rates: Vec<Vec<crate::model::price::Rate>>,
}

/// A line of a log with what decides when it goes.
#[derive(Debug)]
struct StoredLine {
    source: SourceId,
    /// Snapshot generation in which it was told.
    seen: u64,
    line: LogLine,
}

/// What the store keeps of each source.
#[derive(Debug, Default)]
struct SourceState {
    health: Option<Health>,
    seq: Option<u64>,
    snapshot: Option<apply::OpenSnapshot>,
    usage_records: u64,
    covered_records: u64,
    remembered_records: u64,
    log_lines: usize,
}

impl Store {
    /// An empty store that computes costs with `prices`.
    pub fn new(prices: PriceTable) -> Self {
        Self { prices: Prices { table: prices, rates: Vec::new() }, ..Self::default() }
    }

    /// Every counted response.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Sums in quarters of an hour.
    pub fn rollup(&self) -> &Rollup {
        &self.rollup
    }

    /// The prices that costs are computed with.
    pub fn prices(&self) -> &PriceTable {
        &self.prices.table
    }

    /// Interned names (models).
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// Workspaces met so far in every spelling; index = the number in ledger entries.
    pub fn workspaces(&self) -> &[Workspace] {
        self.places.told()
    }

    /// The workspace behind a ledger number, as it is shown.
    pub fn workspace(&self, number: u32) -> Option<&Workspace> {
        self.places.shown(number)
    }

    /// The number of a workspace, if it was met; one for all its spellings.
    pub fn workspace_number(&self, workspace: &Workspace) -> Option<u32> {
        self.places.number(workspace)
    }

    /// The number that stands for all spellings of the workspace behind a ledger number.
    pub fn workspace_root(&self, number: u32) -> u32 {
        self.places.root(number)
    }

    /// Usage of one agent: its own responses, without sub-agents. Where several sources speak of it, those of the one that
    /// knows best.
    pub fn agent_usage(&self, id: Id<Agent>) -> Totals {
        let root = self.agents.root(id);
        self.agents
            .key(root)
            .map_or_else(Totals::default, |_| sum(&self.agent_totals, root, self.links.parts_of_agent(root)))
    }

    /// Usage of one task, all its agents included. Where several sources speak of it, that of the one that knows best.
    pub fn task_usage(&self, id: Id<Task>) -> Totals {
        let root = self.tasks.root(id);
        self.tasks
            .key(root)
            .map_or_else(Totals::default, |_| sum(&self.task_totals, root, self.links.parts_of_task(root)))
    }

    /// Usage of everything.
    pub fn usage(&self) -> Totals {
        self.all_totals
    }

    /// Usage of everything that has no time, and so is not in the roll-up.
    pub fn undated_usage(&self) -> Totals {
        self.undated_totals
    }

    /// Sources in the order they were opened, with their newest health.
    pub fn sources(&self) -> impl Iterator<Item = (SourceId, &Health)> {
        self.sources
            .iter()
            .enumerate()
            .filter_map(|(at, state)| Some((SourceId(at as u16), state.health.as_ref()?)))
    }

    /// Health of one source.
    pub fn health(&self, source: SourceId) -> Option<&Health> {
        self.sources.get(usize::from(source.0))?.health.as_ref()
    }

    /// Kind of one source (`claude-code`), `?` before its first word.
    pub fn source_kind(&self, source: SourceId) -> &'static str {
        self.health(source).map_or("?", |health| health.kind)
    }

    /// Usage records a source contributed.
    pub fn source_usage_records(&self, source: SourceId) -> u64 {
        self.sources.get(usize::from(source.0)).map_or(0, |state| state.usage_records)
    }

    /// Usage records of a source that are in no sum, because another source that knows better counts the same.
    pub fn source_covered_records(&self, source: SourceId) -> u64 {
        self.sources.get(usize::from(source.0)).map_or(0, |state| state.covered_records)
    }

    /// Usage records of a source whose files are gone and that orchdash remembers, or sums of such.
    pub fn source_remembered_records(&self, source: SourceId) -> u64 {
        self.sources.get(usize::from(source.0)).map_or(0, |state| state.remembered_records)
    }

    /// Newest log lines, oldest first.
    pub fn logs(&self) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.logs.iter().map(|stored| &stored.line)
    }

    /// Newest log lines with the source that told them, oldest first.
    pub fn sourced_logs(&self) -> impl DoubleEndedIterator<Item = (SourceId, &LogLine)> {
        self.logs.iter().map(|stored| (stored.source, &stored.line))
    }

    /// Log lines that fell out of the ring.
    pub fn logs_dropped(&self) -> u64 {
        self.logs_dropped
    }

    /// Counts up whenever one of `tables` changes: a memo key for views.
    pub fn revision(&self, tables: Tables) -> u64 {
        self.revisions.of(tables)
    }

    /// The id of a key, if the thing is known.
    pub fn agent_id(&self, key: &Key) -> Option<Id<Agent>> {
        self.agents.id(key)
    }

    /// The id of a key, if the thing is known.
    pub fn task_id(&self, key: &Key) -> Option<Id<Task>> {
        self.tasks.id(key)
    }

    /// Changes the price table and prices everything anew.
    pub fn set_prices(&mut self, prices: PriceTable) {
        self.prices = Prices { table: prices, rates: Vec::new() };
        self.reprice();
    }
}

/// The sum of a thing and its parts.
fn sum<T>(column: &[Totals], id: Id<T>, parts: &[Id<T>]) -> Totals {
    let mut sum = column.get(id.index()).copied().unwrap_or_default();
    for part in parts {
        if let Some(totals) = column.get(part.index()) {
            sum.add(totals);
        }
    }
    sum
}

#[cfg(test)]
mod tests;
