//! The "Claude Code Agent Orchestrator": the database of its dashboard, the collaboration and memory databases its hooks
//! and MCP servers fill, and what its scripts and agents leave in a configuration folder (parallel sessions, run log,
//! timeline, plan, workspaces, hook logs, definitions).
//!
//! Nothing here has a process id or a lock: what is live is stored (and may be stale) or follows from marks and ages of
//! files, and is then said to be inferred. Databases are told apart by tables and columns alone.
//!
//! `files` and `db` have pure parsers and small readers around them, `tell` is pure, `reader` ties them together.

mod db;
mod depend;
mod files;
mod place;
mod reader;
mod report;
mod show;
mod side;
mod slots;
mod tell;
mod told;
mod when;
mod words;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use self::reader::Reader;
use crate::sources::{Source, SourceError, SourceKind, SourceSettings, Surroundings};

/// The kind `agent-orchestrator`.
#[derive(Debug)]
pub struct AgentOrchestrator;

impl SourceKind for AgentOrchestrator {
    fn id(&self) -> &'static str {
        "agent-orchestrator"
    }

    fn about(&self) -> &'static str {
        "Claude Code Agent Orchestrator: its dashboard's and agents' databases, parallel sessions, run logs, plans"
    }

    /// A folder is read with the databases in its `data` (and `agent-memory`), so those are no places of their own; what
    /// variables name is one only when no folder before holds it.
    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf> {
        let mut places = vec![around.home.join(".claude"), around.cwd.clone(), around.cwd.join("dashboard")];
        let named = ["DB_PATH", "MEMORY_DB_DIR", "MEMORY_DB_PATH"].map(|name| around.var(name));
        for path in named.into_iter().flatten().map(|path| around.cwd.join(path)) {
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            let covered =
                places.iter().filter(|place| place::has_marks(place)).any(|place| covers(place, &real));
            if !covered {
                places.push(path);
            }
        }
        places
    }

    fn probe(&self, path: &Path) -> bool {
        place::has_marks(path)
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(Reader::open(settings)?))
    }
}

/// Whether the databases at `path` are read with `place`.
fn covers(place: &Path, path: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let held: Vec<PathBuf> = place::databases(place).iter().map(|found| real(&found.path)).collect();
    let asked = if path.is_dir() { place::databases(path) } else { Vec::new() };
    held.iter().any(|held| held == path)
        || !asked.is_empty() && asked.iter().all(|found| held.contains(&real(&found.path)))
}
