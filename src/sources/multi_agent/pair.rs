//! Brings rows and directories of one task together. Pure.
//!
//! A directory carries only the first eight characters of an agent's id, so task, role and time decide between several
//! candidates; what has no counterpart is an agent of its own.

use super::{
    clock::{self, Proofs},
    events::{EventAgent, Events},
    logs::AgentDir,
    rows::{AgentRow, TaskRow},
};
use crate::{model::Timestamp, text::Safe};

/// How far the planner's directory may be from its task's creation for the two to prove an offset.
const PLANNER_STARTS: i64 = 5 * 60 * 1000;

/// One agent: its row, its directory, or both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) row: Option<&'a AgentRow>,
    pub(super) dir: Option<(&'a str, &'a AgentDir)>,
    pub(super) event: Option<&'a EventAgent>,
}

impl Pair<'_> {
    /// Its key: the id of the row, else the path of the directory below the log root.
    pub(super) fn key(&self) -> Safe {
        match (self.row, self.dir) {
            (Some(row), _) => row.id.clone(),
            (None, Some((relative, _))) => Safe::line(relative),
            (None, None) => Safe::default(),
        }
    }

    /// It plans the task and is no step of the workflow.
    pub(super) fn is_planner(&self) -> bool {
        self.dir.is_some_and(|(_, dir)| dir.name.is_planner())
    }
}

/// Pairs the rows and the directories of one task (or of no task).
pub(super) fn pair<'a>(
    rows: &[&'a AgentRow],
    dirs: &[(&'a str, &'a AgentDir)],
    events: &'a Events,
) -> Vec<Pair<'a>> {
    let mut free: Vec<(&str, &AgentDir)> = dirs.to_vec();
    let mut pairs = Vec::with_capacity(rows.len() + dirs.len());
    for row in rows {
        let best = free
            .iter()
            .enumerate()
            .filter(|(_, (_, dir))| !dir.name.is_planner() && fits(row, dir))
            .min_by_key(|(_, (_, dir))| distance(row, dir))
            .map(|(at, _)| at);
        let dir = best.map(|at| free.remove(at));
        pairs.push(Pair { row: Some(row), dir, event: None });
    }
    pairs.extend(free.into_iter().map(|dir| Pair { row: None, dir: Some(dir), event: None }));
    for pair in &mut pairs {
        let (prefix, name) =
            pair.dir.map_or(("", ""), |(_, dir)| (dir.name.prefix.as_str(), dir.name.name.as_str()));
        let is_known = pair.row.is_some() || !prefix.is_empty();
        pair.event = is_known.then(|| events.agent(pair.row.map(|row| &row.id), prefix, name)).flatten();
    }
    pairs
}

fn fits(row: &AgentRow, dir: &AgentDir) -> bool {
    let prefix = &dir.name.prefix;
    !prefix.is_empty() && row.id.starts_with(prefix.as_str())
}

/// Smaller is better: another role counts more than any distance from a whole quarter of an hour.
fn distance(row: &AgentRow, dir: &AgentDir) -> (bool, i64) {
    let other_role = dir.name.role().is_some_and(|role| row.role.as_ref().is_some_and(|own| *own != role));
    let residue = row.created.map_or(i64::MAX, |created| {
        let offset = clock::offset(dir.name.made, created).unwrap_or(0);
        (dir.name.made.0 - created.0 - offset).abs()
    });
    (other_role, residue)
}

/// Offsets that these pairs prove, and the planner's directory against its task.
pub(super) fn proofs(pairs: &[Pair<'_>], task: Option<&TaskRow>) -> Proofs {
    let mut proofs = Proofs::default();
    for pair in pairs {
        let Some((_, dir)) = pair.dir else { continue };
        let utc = match pair.row {
            Some(row) => row.created,
            None if pair.is_planner() => task.and_then(|task| task.created),
            None => None,
        };
        let proof = utc.and_then(|utc| clock::offset(dir.name.made, utc).map(|offset| (utc, offset)));
        if let Some((utc, offset)) = proof
            && is_near(dir.name.made.0 - offset, utc)
        {
            proofs.add(dir.name.made, offset);
        }
    }
    proofs
}

/// Names have whole seconds; a row and its directory are made within moments.
fn is_near(made: i64, utc: Timestamp) -> bool {
    (made - utc.0).abs() <= PLANNER_STARTS
}
