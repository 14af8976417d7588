//! What is recognised as this orchestrator's, and where it is looked for.

use std::{fs, path::Path};

use rusqlite::Connection;

use super::super::AgentOrchestrator;
use crate::sources::{SourceKind, Surroundings};

fn sql(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    Connection::open(path).unwrap().execute_batch(text).unwrap();
}

fn touch(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "{}").unwrap();
}

#[test]
fn a_plain_configuration_folder_of_claude_code_is_not_ours() {
    let root = tempfile::tempdir().unwrap();
    for file in
        ["projects/-a/b.jsonl", "agents/reviewer.md", "hooks/config.json", "settings.json", "agents/x.json"]
    {
        touch(&root.path().join(file));
    }
    assert!(!AgentOrchestrator.probe(root.path()));
    assert!(!AgentOrchestrator.probe(&root.path().join("nothing")));
}

#[test]
fn each_mark_alone_is_enough() {
    let marks: [(&str, &str); 8] = [
        ("file", "agents/agent-registry.json"),
        ("file", "agents/mcp-requirements.json"),
        ("file", "agent-workspaces/Agent-backend-expert.md"),
        ("file", "agent-workspaces/orchestration.log"),
        ("file", "agent-progress-backup/x.log"),
        ("file", "agent-tracking-backup/errors.log"),
        ("file", "orchestration/session-orch-20250801-181500/config.json"),
        ("file", "session-orch-20250801-181500/status/orchestration.yaml"),
    ];
    for (_, mark) in marks {
        let root = tempfile::tempdir().unwrap();
        touch(&root.path().join(mark));
        assert!(AgentOrchestrator.probe(root.path()), "{mark}");
    }
    let root = tempfile::tempdir().unwrap();
    touch(&root.path().join("agent-workspaces/Agent-x.md.backup-1754070000000"));
    assert!(!AgentOrchestrator.probe(root.path()), "a backup is no workspace");
}

#[test]
fn databases_are_known_by_their_tables() {
    let cases = [
        (
            "orchestrator.db",
            "CREATE TABLE agent_executions (id TEXT); CREATE TABLE projects (id TEXT, status TEXT)",
            true,
        ),
        ("data/orchestrator.db", "CREATE TABLE IF NOT EXISTS agent_executions (id TEXT)", true),
        (
            "orchestrator.db",
            "CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)",
            true,
        ),
        ("orchestrator.db", "CREATE TABLE agents (id TEXT); CREATE TABLE tasks (id TEXT)", false),
        ("orchestrator.db", "CREATE TABLE migrations (id TEXT); CREATE TABLE agents (id TEXT)", false),
        ("agent-memory/agent-collaboration.db", "CREATE TABLE hook_tool_usage (event_id INTEGER)", true),
        ("agent-memory/agent-collaboration.db", "CREATE TABLE agent_registry (agent_id TEXT)", true),
        ("agent-memory/other.db", "CREATE TABLE agent_coordination_queue (x)", true),
        ("agent-memory/agent-memories.db", "CREATE TABLE agent_memories (id TEXT)", true),
        ("agent-memory/memory.db", "CREATE TABLE memories (id TEXT, key TEXT)", true),
        ("memory.db", "CREATE TABLE memories (id TEXT, key TEXT)", false),
    ];
    for (place, text, expected) in cases {
        let root = tempfile::tempdir().unwrap();
        sql(&root.path().join(place), text);
        assert_eq!(AgentOrchestrator.probe(root.path()), expected, "{place}: {text}");
    }
    let root = tempfile::tempdir().unwrap();
    let db = root.path().join("keeper.db");
    sql(&db, "CREATE TABLE memories (id TEXT, key TEXT)");
    assert!(AgentOrchestrator.probe(&db), "named by a variable, any name will do");
}

#[test]
fn a_place_is_looked_for_once() {
    let root = tempfile::tempdir().unwrap();
    let (home, cwd) = (root.path().join("home"), root.path().join("work"));
    let board = "CREATE TABLE agent_executions (id TEXT);";
    sql(&cwd.join("data/orchestrator.db"), board);
    sql(&home.join(".claude/agent-memory/agent-memories.db"), "CREATE TABLE agent_memories (id TEXT);");
    sql(&root.path().join("far.db"), board);
    let places = |vars: &[(&str, &Path)]| {
        let vars = vars.iter().map(|(name, path)| ((*name).to_owned(), path.display().to_string())).collect();
        AgentOrchestrator.usual_places(&Surroundings {
            home: home.clone(),
            cwd: cwd.clone(),
            vars,
            ..Surroundings::default()
        })
    };
    let usual = places(&[]);
    assert_eq!(usual, [home.join(".claude"), cwd.clone(), cwd.join("dashboard")]);
    let inside = places(&[
        ("DB_PATH", &cwd.join("data/orchestrator.db")),
        ("MEMORY_DB_DIR", &home.join(".claude/agent-memory")),
        ("MEMORY_DB_PATH", &home.join(".claude/agent-memory/agent-memories.db")),
    ]);
    assert_eq!(inside, usual, "folders before hold them already");
    let far = root.path().join("far.db");
    assert_eq!(places(&[("DB_PATH", &far)]).last(), Some(&far));
}
