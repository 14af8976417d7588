//! Tokens and cost: exactly one evidence an agent. The log states them by turn and truly; the dashboard's columns hold the
//! same tokens after the task's end with a cost that ignores the cache; the library's hold one sum.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Group, Worker};
use crate::{
    model::{Status, Timestamp, Tokens, UsageKey, UsageRecord, Usd, Workspace},
    sources::multi_agent::{
        logs::AgentDir,
        rows::{AgentRow, Counted},
        schema::Layout,
    },
    text::Safe,
};

/// Where an agent's figures come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Evidence<'a> {
    /// Results in the log.
    Log(&'a str, &'a AgentDir),
    /// Columns of its row.
    Columns(&'a AgentRow),
    /// Nowhere.
    Nothing,
}

/// The best evidence for an agent's figures.
pub(super) fn evidence<'a>(worker: &Worker<'a>) -> Evidence<'a> {
    if let Some((relative, dir)) = worker.pair.dir
        && dir.summary.turns.iter().any(|turn| turn.tokens.is_some() || turn.cost.is_some())
    {
        return Evidence::Log(relative, dir);
    }
    let says = |row: &AgentRow| {
        row.tokens.is_some_and(|tokens| tokens.total() > 0) || row.cost.is_some_and(|cost| cost != Usd::ZERO)
    };
    worker.pair.row.filter(|row| says(row)).map_or(Evidence::Nothing, Evidence::Columns)
}

/// In words: where the tokens come from, where the cost.
pub(super) fn words(group: &Group<'_>, worker: &Worker<'_>) -> (Safe, Safe) {
    let is_core = matches!(group.database, Some((_, Layout::Core)));
    let (tokens, cost) = match evidence(worker) {
        Evidence::Log(_, dir) => {
            let cost = if dir.summary.cost().is_some() {
                "log (true cost)"
            } else {
                "computed: the log states none"
            };
            ("log", cost)
        }
        Evidence::Columns(_) if is_core => {
            ("database total (kinds are not stored; counted as input)", "database (true cost)")
        }
        Evidence::Columns(row) if row.cost.is_some() => {
            ("database columns", "database estimate (input × 3 + output × 15)")
        }
        Evidence::Columns(_) => ("database columns", "nothing: the stored cost cannot be read"),
        Evidence::Nothing if worker.pair.dir.is_none() && worker.verdict.status == Status::Idle => {
            ("nothing: it never ran", "nothing: it never ran")
        }
        Evidence::Nothing if worker.verdict.is_finished => {
            ("nothing: stated nowhere", "nothing: stated nowhere")
        }
        Evidence::Nothing => {
            ("nothing yet: written when the turn ends", "nothing yet: written when the turn ends")
        }
    };
    (Safe::line(tokens), Safe::line(cost))
}

/// The agent's records.
pub(super) fn records(group: &Group<'_>, worker: &Worker<'_>) -> Vec<UsageRecord> {
    match evidence(worker) {
        Evidence::Log(relative, dir) => dir
            .summary
            .turns
            .iter()
            .filter(|turn| turn.tokens.is_some() || turn.cost.is_some())
            .map(|turn| UsageRecord {
                at: turn.at.map(|at| worker.clock.at(at)).or(worker.last),
                tokens: turn.tokens.unwrap_or_default(),
                responses: turn.turns.unwrap_or(1),
                recorded_cost: turn.cost,
                ..blank(group, worker, ("turn", relative, turn.offset))
            })
            .collect(),
        Evidence::Columns(row) => vec![UsageRecord {
            at: end(worker),
            tokens: match row.tokens {
                Some(Counted::Kinds(tokens)) => tokens,
                Some(Counted::Total(total)) => Tokens { input: total, ..Tokens::default() },
                None => Tokens::default(),
            },
            responses: 0,
            recorded_cost: row.cost,
            ..blank(group, worker, ("row", row.id.as_str(), 0))
        }],
        Evidence::Nothing => Vec::new(),
    }
}

fn end(worker: &Worker<'_>) -> Option<Timestamp> {
    worker.ended.or(worker.last)
}

fn blank(group: &Group<'_>, worker: &Worker<'_>, identity: (&str, &str, u64)) -> UsageRecord {
    let mut hasher = DefaultHasher::new();
    identity.hash(&mut hasher);
    UsageRecord {
        key: UsageKey(hasher.finish()),
        at: None,
        agent: Some(group.key(&worker.key)),
        task: group.task_key(),
        workspace: workspace(group, worker),
        model: model(worker).unwrap_or_default(),
        tokens: Tokens::default(),
        responses: 0,
        recorded_cost: None,
        fast: false,
    }
}

/// The model: as the session started with, as stored, as the event log says.
pub(super) fn model(worker: &Worker<'_>) -> Option<Safe> {
    let log = worker.pair.dir.and_then(|(_, dir)| dir.summary.model.clone());
    let row = worker.pair.row.and_then(|row| row.model.clone());
    log.or(row).or_else(|| worker.pair.event.and_then(|event| event.model.clone()))
}

/// Where it works: as the session says, else as the task was sent.
pub(super) fn workspace(group: &Group<'_>, worker: &Worker<'_>) -> Option<Workspace> {
    let log = worker.pair.dir.and_then(|(_, dir)| dir.summary.cwd.clone());
    log.or_else(|| group.row.and_then(|row| row.directory.clone())).map(Workspace::at)
}
