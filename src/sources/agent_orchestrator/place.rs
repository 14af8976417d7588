//! What lies at a given path: databases, sessions, workspace files. Looks at names and directory listings only; opens
//! nothing, but looks at the first bytes of a database for the names of its tables.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::sources::read::sqlite::tables_named;

/// Name of the dashboard's database; another orchestrator uses it too.
pub(super) const DATABASE: &str = "orchestrator.db";
/// Folder of the memory databases.
pub(super) const MEMORY: &str = "agent-memory";
/// Folder of agents' workspace files.
pub(super) const WORKSPACES: &str = "agent-workspaces";
/// Folder of parallel sessions.
pub(super) const SESSIONS: &str = "orchestration";

/// A database of the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Below the place; empty when it is the place.
    pub(super) place: String,
    /// What makes its rows' names unique among several databases of one place.
    pub(super) prefix: String,
}

/// Databases in the memory folder that have names of their own.
const MEMORIES: [&str; 4] = ["agent-collaboration.db", "agent-memories.db", "memory.db", "test-memory.db"];

/// The databases at `root`, those that are there now.
pub(super) fn databases(root: &Path) -> Vec<Found> {
    if root.is_file() {
        return vec![Found { path: root.to_owned(), place: String::new(), prefix: String::new() }];
    }
    let mut names: Vec<(String, String)> = vec![
        (DATABASE.to_owned(), String::new()),
        (format!("data/{DATABASE}"), "data/".to_owned()),
        (format!("backend/data/{DATABASE}"), "backend/data/".to_owned()),
    ];
    let memory = if root.join(MEMORY).is_dir() { Some(MEMORY) } else { None };
    let listed = memory.map(|folder| listing(&root.join(folder))).unwrap_or_default();
    let known = MEMORIES.iter().map(|name| (*name).to_owned());
    let others =
        listed.into_iter().filter(|name| has_ending(name, "db") && !MEMORIES.contains(&name.as_str()));
    for name in known.chain(others) {
        let stem = name.trim_end_matches(".db");
        // The rows of the one every script writes go by their own names.
        let prefix = if name == "agent-collaboration.db" { String::new() } else { format!("{stem}/") };
        let place = memory.map_or_else(|| name.clone(), |folder| format!("{folder}/{name}"));
        names.push((place, prefix));
    }
    names
        .into_iter()
        .map(|(place, prefix)| Found { path: root.join(&place), place, prefix })
        .filter(|found| found.path.is_file())
        .collect()
}

/// Whether a file's name ends in this way. Letter case counts: the family's own programs ask so, too.
pub(super) fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == ending)
}

/// Names in a folder, sorted; none when it cannot be listed.
pub(super) fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The folder that holds the sessions of a place: the usual one below it, or the place itself when it is one of sessions.
pub(super) fn sessions_folder(root: &Path) -> PathBuf {
    let below = root.join(SESSIONS);
    if !below.is_dir() && holds_sessions(root) { root.to_owned() } else { below }
}

/// The folder of workspace files of a place: the usual one below it, or the place itself when it holds some.
pub(super) fn workspaces_folder(root: &Path) -> PathBuf {
    let below = root.join(WORKSPACES);
    let has_files = || listing(root).iter().any(|name| is_workspace_file(name));
    if !below.is_dir() && has_files() { root.to_owned() } else { below }
}

/// Whether a folder is one parallel session.
pub(super) fn is_session(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let has = |part: &str| path.join(part).exists();
    has("status/orchestration.yaml")
        || has("phase-1-plan.json")
        || name.starts_with("session-")
            && (has("config.json") || has("status") || has("queue") || has("results"))
}

fn holds_sessions(folder: &Path) -> bool {
    listing(folder).iter().any(|name| name.starts_with("session-") && is_session(&folder.join(name)))
}

/// Whether anything at `path` is of this orchestrator. A plain configuration folder of Claude Code is not.
pub(super) fn has_marks(path: &Path) -> bool {
    if path.is_file() {
        return is_ours(path);
    }
    if is_session(path) || holds_sessions(path) || holds_sessions(&path.join(SESSIONS)) {
        return true;
    }
    let is_memory_of_others = |found: &Found| found.place == "memory.db" || found.place == "test-memory.db";
    databases(path).iter().any(|found| !is_memory_of_others(found) && is_ours(&found.path))
        || workspaces_of(path).iter().any(|name| is_workspace_file(name))
        || ["agent-progress-backup", "agent-tracking-backup"].iter().any(|part| path.join(part).is_dir())
        || ["agent-registry.json", "mcp-requirements.json"]
            .iter()
            .any(|name| path.join("agents").join(name).is_file())
}

/// Names in the folder of workspaces, by its name alone: a plan in any other folder may be anybody's.
fn workspaces_of(path: &Path) -> Vec<String> {
    let is_it = path.file_name().is_some_and(|name| name == WORKSPACES);
    listing(&if is_it { path.to_owned() } else { path.join(WORKSPACES) })
}

fn is_workspace_file(name: &str) -> bool {
    is_agent_file(name)
        || matches!(name, "orchestration.log" | "orchestration-plan.md" | "orchestration-timeline.jsonl")
}

/// `Agent-<name>.md`; backups of one are none.
pub(super) fn is_agent_file(name: &str) -> bool {
    name.len() > "Agent-.md".len()
        && name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("agent-"))
        && has_ending(name, "md")
}

/// Whether the bytes of a database name tables of this orchestrator.
fn is_ours(path: &Path) -> bool {
    let names = tables_named(path);
    let has = |name: &str| names.contains(name);
    let is_named = path.file_name().is_some_and(|name| name == DATABASE);
    has("agent_executions")
        || has("hook_tool_usage")
        || has("agent_registry")
        || has("agent_coordination_queue")
        || has("agent_memories")
        || has("memories") && !has("agents")
        || is_named && is_failed_start(&names)
}

/// A server that failed to start leaves a table of migrations and nothing else.
fn is_failed_start(names: &BTreeSet<String>) -> bool {
    names.contains("migrations")
        && names.iter().all(|name| name == "migrations" || name.starts_with("sqlite_"))
}
