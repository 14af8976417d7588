//! The agent orchestrator's odd cases on databases and folders made here: every variant of its schema, rows that contradict
//! each other, and changes seen step by step.

use std::fs;

use orchdash::{
    model::{Level, Millis, SourceId, Status, Timestamp},
    text::Safe,
};

use crate::{
    agent_orchestrator_bench::{Bench, COLLABORATION, KIND, LOOSE, NOW, build, fact, keys, local, note},
    rig::Rig,
};

#[test]
fn executions_are_agents_with_their_contradictions() {
    let mut bench = Bench::new();
    bench.sql("orchestrator.db", LOOSE);
    bench.sql(
        "orchestrator.db",
        "INSERT INTO projects (id, name, config, created_at) VALUES ('p', 'shop', '{\"api_key\": \"sk-hidden\", \"level\": 2}', 1754006400);
         INSERT INTO agent_executions VALUES
           ('run', 'p', 'orchestration-agent', 'RUNNING', '2025-08-01 18:00:00', NULL, NULL, '42'),
           ('old', 'p', 'builder', 'running', '2025-07-31 18:29:59', NULL, NULL, NULL),
           ('stopped', 'p', 'orchestration-agent', 'failed', '2025-08-01 17:00:00', '2025-08-01 17:10:00', NULL, NULL),
           ('marked', NULL, 'orchestration-agent', 'cancelled', '2025-08-01 17:00:00', NULL, NULL, NULL),
           ('broke', 'gone', 'tester', 'failed', '2025-08-01 17:00:00', '2025-08-01 16:00:00', 'no disk\nline 2', '{\"tokens\":{\"input\":1}}'),
           ('ahead', 'p', 'tester', 'martian', '2025-08-02 17:00:00', 'later', NULL, 'not json'),
           ('secs', 'p', 'x', 'completed', 1754067600, '1754071200000', NULL, 3.5);
         INSERT INTO execution_metrics (execution_id, metric_name, metric_value, recorded_at) VALUES
           ('run', 'runningAgents', 2, '2025-08-01 18:00:00'), ('run', 'runningAgents', 3, '2025-08-01 18:01:00'),
           (NULL, 'tokens', 12, '2025-08-01 18:01:00');
         INSERT INTO agent_logs (execution_id, agent_name, level, message, metadata, created_at) VALUES
           ('run', 'orchestration-agent', 'warning', 'slow', '{\"token\": \"t0ps3cret\", \"ms\": 8}', '2025-08-01 18:05:00'),
           (NULL, 'builder', NULL, 'hi', '{}', '2025-08-01 18:04:00'), ('nowhere', NULL, 'fatal', x'ff41', NULL, 'never');
         INSERT INTO users VALUES ('u', 'root', 'r@example.com', '$2b$hash', 'admin');",
    );
    bench.read();
    let run = bench.agent("run");
    assert_eq!((run.status, note(run.status_raw.as_ref())), (Status::Running, "RUNNING"));
    assert_eq!(fact(&run.facts, "running agents"), "3 (last of 2 values)");
    assert_eq!(fact(&run.facts, "metrics"), "42");
    assert!(run.activity.as_deref().unwrap().starts_with("slow"));
    assert_eq!(run.updated_at, Timestamp::parse("2025-08-01T18:05:00Z"));
    let old = bench.agent("old");
    assert_eq!(old.status, Status::Running, "as stored");
    assert!(note(old.status_note.as_ref()).contains("stale"));
    assert!(note(bench.agent("stopped").status_note.as_ref()).contains("overwrites `cancelled`"));
    assert!(note(bench.agent("marked").status_note.as_ref()).contains("does not end the process"));
    let broke = bench.agent("broke");
    assert_eq!((broke.ended_at, broke.workspace.clone()), (None, None));
    assert!(note(broke.status_note.as_ref()).contains("before its start"));
    assert_eq!(fact(&broke.facts, "project (not there)"), "gone");
    let ahead = bench.agent("ahead");
    assert_eq!((ahead.status, ahead.started_at), (Status::Unknown, None));
    assert_eq!((note(ahead.status_raw.as_ref()), fact(&ahead.facts, "end as stored")), ("martian", "later"));
    let secs = bench.agent("secs");
    assert_eq!(secs.started_at, Timestamp::parse("2025-08-01T17:00:00Z"));
    assert_eq!(secs.ended_at, Timestamp::parse("2025-08-01T18:00:00Z"));
    let project = bench.project("project/p");
    assert_eq!(project.status, Status::Queued);
    assert!(note(project.status_note.as_ref()).contains("2 of its executions run"));
    assert!(project.settings[0].text.contains("***") && project.settings[0].text.contains("level"));
    let told = format!("{:?} {:?}", bench.rig().facts(), bench.lines());
    for secret in ["sk-hidden", "t0ps3cret", "$2b$hash", "r@example.com"] {
        assert!(!told.contains(secret), "{secret}");
    }
    let levels: Vec<Level> = bench.rig().store.logs().map(|line| line.level).collect();
    assert_eq!(levels.iter().filter(|level| **level == Level::Error).count(), 1);
    assert!(bench.lines().iter().any(|line| line.starts_with("execution nowhere: ")), "{:?}", bench.lines());
    assert!(bench.rig().health.repaired > 0);
}

#[test]
fn tasks_depend_on_what_is_there_and_say_what_is_not() {
    let mut bench = Bench::new();
    bench.sql("data/orchestrator.db", LOOSE);
    bench.sql(
        "data/orchestrator.db",
        "INSERT INTO projects (id, name) VALUES ('p', 'shop'), ('q', 'other');
         INSERT INTO agent_executions (id, project_id, agent_name, status, error) VALUES ('e', 'p', 'b', 'failed', 'broke'), ('f', 'q', 'b', 'running', NULL);
         INSERT INTO agent_tasks (id, execution_id, task_id, agent_name, status, input, output) VALUES
           ('a', 'e', 'task-1', 'x', 'in_progress', '{\"title\": \"Do it\"}', NULL),
           ('b', 'e', 'task-2', 'y', 'failed', '{\"password\": \"pw1\"}', '{\"error\": \"ENOSPC\"}'),
           ('c', 'e', 'task-3', 'y', 'completed', '{\"spec\": \"api.yaml\"}', '{\"summary\": \"made\", \"outputs\": {\"insights\": [\"i\"]}}'),
           ('d', 'f', 'task-1', 'y', 'pending', '[1]', '7'),
           ('n', NULL, 'task-1', 'z', 'waiting', 'plain', NULL), ('g', 'gone', 'task-9', 'z', 'failed', NULL, NULL);
         INSERT INTO execution_plans VALUES ('plan', 'p', '{\"phase\":1,\"name\":\"R\",\"agents\":[{\"name\":\"x\",\"taskId\":\"task-1\",\"dependencies\":[\"task-3\",\"task-3\",\"task-77\"]}, {\"name\":\"y\",\"taskId\":\"task-5\",\"dependencies\":[\"task-5\"]}]}', '2025-08-01 10:00:00'),
           ('odd', 'p', '[1, 2]', '2025-08-01 09:00:00'), ('num', NULL, '5', NULL);
         INSERT INTO agent_dependencies VALUES ('1', 'plan', 'task-1', 'task-2', 'blocks'), ('2', 'plan', 'task-2', 'task-3', 'requires'),
           ('3', 'plan', 'task-2', 'task-2', 'optional'), ('4', 'nowhere', 'task-1', 'task-3', NULL), ('5', 'plan', NULL, 'task-3', NULL);",
    );
    bench.read();
    let run = |key: &str| bench.run(&format!("data/{key}"));
    assert_eq!(keys(run("a")), ["data/c"]);
    assert_eq!(keys(run("b")), ["data/a"]);
    assert_eq!(keys(run("c")), ["data/b"]);
    assert_eq!(keys(run("d")), Vec::<&str>::new(), "the other project has no plan");
    assert_eq!(fact(&run("a").facts, "depends on (unknown)"), "task-77");
    assert_eq!(fact(&run("b").facts, "depends on"), "itself");
    assert!(["a", "b", "c"].iter().all(|key| fact(&run(key).facts, "dependencies").contains("ring")));
    let task = |key: &str| bench.task(&format!("data/{key}"));
    assert_eq!(task("a").title.as_str(), "Do it");
    assert_eq!((task("b").error.as_deref(), &task("b").result), (Some("ENOSPC"), &None));
    assert!(!task("b").prompt.contains("pw1"));
    assert_eq!(task("c").title.as_str(), "task-3 y (spec: api.yaml)");
    assert_eq!(task("c").result.as_deref(), Some("made\ninsights:\n- i"));
    assert_eq!((task("n").status, task("n").project.is_none()), (Status::Blocked, true));
    assert_eq!(fact(&task("g").facts, "execution (not there)"), "gone");
    let project = bench.project("data/project/p");
    assert_eq!(project.plans.len(), 2);
    assert_eq!(project.plans[0].phases[0].items[0].status, Status::Running, "by its task");
    assert!(project.plans[1].text.is_some());
    assert!(fact(&project.facts, "depends on").contains("task-5"), "planned only: {:?}", project.facts);
}

#[test]
fn every_subset_of_tables_is_accepted() {
    let tables = [
        "projects (id TEXT, name TEXT, status TEXT)",
        "agent_executions (id TEXT)",
        "agent_logs (message TEXT)",
        "webhooks (url TEXT)",
        "memories (agent_id TEXT)",
        "agent_tasks (id TEXT)",
        "migrations (id INTEGER)",
        "hook_tool_usage (agent_id TEXT)",
    ];
    for table in tables {
        let mut bench = Bench::new();
        let name = table.split(' ').next().unwrap();
        bench.sql("orchestrator.db", &format!("CREATE TABLE {table}; INSERT INTO {name} DEFAULT VALUES;"));
        bench.read();
        let rig = bench.rig();
        assert_eq!((rig.health.error.as_ref(), rig.health.contents[0].count), (None, 1), "{table}");
    }
}

/// The strict schema has checks and no migrations; the hybrid both its tables and migrations.
#[test]
fn variants_differ_only_in_what_is_said_of_cancelled() {
    let strict = LOOSE
        .lines()
        .filter(|line| !line.contains("migrations"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("status TEXT NOT NULL,\n", "status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled', 'in_progress')),\n");
    let row = "INSERT INTO agent_executions (id, agent_name, status, started_at) VALUES ('e', 'orchestration-agent', 'failed', '2025-08-01 18:00:00');";
    let note_of = |schema: &str| {
        let mut bench = Bench::new();
        bench.sql("orchestrator.db", schema);
        bench.sql("orchestrator.db", row);
        bench.read();
        assert_eq!(bench.rig().health.error, None);
        bench.agent("e").status_note.clone()
    };
    assert_eq!(note_of(&strict), None);
    let hybrid = format!("{strict} CREATE TABLE migrations (id INTEGER PRIMARY KEY, name TEXT);");
    assert!(note_of(&hybrid).is_some() && note_of(LOOSE).is_some());
}

#[test]
fn a_failed_start_is_empty_and_no_failure() {
    let mut bench = Bench::new();
    bench.sql(
        "orchestrator.db",
        "CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)",
    );
    bench.read();
    assert_eq!(bench.rig().health.error, None);
    assert!(bench.notes().contains("failed to start"), "{}", bench.notes());
    assert_eq!(bench.rig().health.state.word(), "empty");
    bench.sql("orchestrator.db", "INSERT INTO migrations (name) VALUES ('001_initial_schema.sql')");
    bench.touch("orchestrator.db");
    assert!(!bench.notes().contains("failed to start"));
}

#[test]
fn rows_of_a_living_wal_are_read() {
    let mut bench = Bench::new();
    let db = bench.path("orchestrator.db");
    let writer = rusqlite::Connection::open(&db).unwrap();
    writer.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;").unwrap();
    writer.execute_batch(LOOSE).unwrap();
    writer
        .execute_batch("INSERT INTO agent_executions (id, agent_name, status) VALUES ('e', 'a', 'running')")
        .unwrap();
    bench.rig = Some(Rig::open(KIND, bench.place.path(), NOW).unwrap());
    assert_eq!(bench.agent("e").status, Status::Running);
    writer.execute_batch("UPDATE agent_executions SET status = 'completed'").unwrap();
    bench.rig.as_mut().unwrap().touch(&[db]).unwrap();
    assert_eq!(bench.agent("e").status, Status::Succeeded);
}

#[test]
fn the_servers_log_proves_that_a_run_was_stopped() {
    let mut bench = Bench::new();
    bench.sql("data/orchestrator.db", LOOSE);
    bench.sql(
        "data/orchestrator.db",
        "INSERT INTO agent_executions (id, agent_name, status) VALUES ('e', 'orchestration-agent', 'failed'), ('f', 'orchestration-agent', 'running')",
    );
    bench.file(
        "backend/combined.log",
        "{\"message\":\"Orchestrator e exited with code null\",\"level\":\"info\"}\n",
    );
    bench.file("backend/error.log", "");
    bench.read();
    assert!(note(bench.agent("data/e").status_note.as_ref()).contains("it was stopped"));
    bench.append(
        "backend/combined.log",
        "{\"message\":\"[Orchestrator f] one\\ntwo\"}\n{\"message\":\"Orchestrator f exited with code 0\"}\n",
    );
    bench.touch("backend/combined.log");
    assert!(note(bench.agent("data/f").status_note.as_ref()).contains("exited with code 0"));
    let of_f = bench.rig().store.logs().filter(|line| line.agent == Some(local("data/f"))).count();
    assert_eq!(of_f, 3);
    bench.append("backend/error.log", "{\"message\":\"boom\",\"level\":\"error\"}\nnot json\n");
    bench.touch("backend/error.log");
    assert!(bench.lines().iter().all(|line| line != "boom"), "the other file has it too");
    assert_eq!(bench.rig().health.skipped, 1);
}

fn hooks() -> Bench {
    let bench = Bench::new();
    bench.sql("agent-memory/agent-collaboration.db", COLLABORATION);
    bench.sql(
        "agent-memory/agent-collaboration.db",
        "INSERT INTO hook_agent_sessions VALUES ('s1', 'builder', '2025-08-01 18:00:00', NULL), ('default', 'tester', '2025-07-30 18:00:00', NULL),
           ('s3', 'done', '2025-08-01 17:00:00', '2025-08-01 17:30:00');
         INSERT INTO hook_tool_usage (agent_id, tool_name, tool_parameters, success, session_id, hook_timestamp) VALUES
           ('builder', 'Edit', '{\"file_path\": \"src/a.rs\"}', 1, 's1', '2025-08-01 18:27:00'), ('builder', 'Bash', 'broken {json', 0, 's1', '2025-08-01 18:20:00'),
           ('builder', 'Bash', NULL, NULL, 's1', '2025-08-01 18:10:00'), ('guest', 'Read', NULL, 1, 's1', '2025-08-01 18:10:00');
         INSERT INTO hook_progress_events (agent_id, event_type, task_id, progress_percentage, milestone_name, milestone_details, timestamp, session_id) VALUES
           ('builder', 'task_start', 'BE-1', 0, 'Task Started', '{\"task_title\": \"API\"}', '2025-08-01 18:00:00', 's1'),
           ('builder', 'milestone', 'BE-1', 40, 'Routes', '{}', '2025-08-01 18:25:00', 's1'),
           ('guest', 'task_blocked', '', 30, 'Task Blocked', '{\"reason\": \"no api\"}', '2025-08-01 18:10:00', 's1');
         INSERT INTO hook_error_events (agent_id, error_type, error_message, error_context, impact_level, timestamp, session_id) VALUES
           ('builder', 'bash_error', 'no pnpm', '{\"task\": \"BE-1\"}', 'high', '2025-08-01 18:01:00', 's1');
         INSERT INTO agent_tasks (task_id, agent_id, status, title, dependencies, parent_task_id) VALUES
           ('QA-1', 'tester', 'pending', 'Smoke', '[\"FE-1\", \"BE-9\"]', NULL), ('FE-1', 'builder', 'in_progress', 'UI', '[\"QA-1\"]', 'QA-1'),
           ('DB-1', 'nobody', 'blocked', NULL, 'not json [', 'DB-1');
         INSERT INTO missing_capabilities VALUES (1, 'tool', 'pnpm', 'builder', 3, 'pending'), (2, 'tool', 'rg', 'builder', 1, 'resolved');
         INSERT INTO agent_coordination_queue (coordination_id, from_agent, to_agent, task_type, task_data, status) VALUES
           ('c1', 'builder', 'tester', 'handoff', '{\"secret\": \"s3\"}', 'claimed');
         INSERT INTO mcp_availability VALUES ('github', 0, NULL, '2025-08-01 10:00:00', 'Executable not found: docker');",
    );
    bench
}

#[test]
fn hooks_make_an_agent_of_every_session_and_name() {
    let mut bench = hooks();
    bench.read();
    let builder = bench.agent("s1/builder");
    assert_eq!((builder.status, builder.tool_calls()), (Status::Running, Some(3)));
    assert_eq!(builder.tools.as_ref().unwrap().iter().map(|tool| tool.failed).sum::<u32>(), 1);
    assert_eq!(builder.activity.as_deref(), Some("Edit src/a.rs"));
    assert!(note(builder.status_note.as_ref()).contains("inferred"));
    assert_eq!(bench.agent("s1/guest").status, Status::Blocked);
    assert!(fact(&bench.agent("s1/guest").facts, "session row").contains("none"));
    assert_eq!(bench.agent("default/tester").status, Status::Unknown, "seen two days ago");
    assert_eq!(bench.agent("s3/done").status, Status::Succeeded);
    assert!(
        bench.notes().contains("missing tool pnpm")
            && bench.notes().contains("3 times")
            && !bench.notes().contains("rg")
    );
    assert!(bench.lines().iter().any(|line| line == "bash_error (high): no pnpm"));
    let rig = bench.rig.as_mut().unwrap();
    assert_eq!(rig.next_wake(), Timestamp::parse("2025-08-01T18:32:00Z"));
    rig.now = Timestamp::parse("2025-08-01T18:32:00Z").unwrap();
    bench.touch("nothing");
    assert_eq!(bench.agent("s1/builder").status, Status::Idle, "time alone changes it");
}

#[test]
fn the_task_list_of_the_hooks_has_rings_and_tasks_of_events_alone() {
    let mut bench = hooks();
    bench.read();
    assert_eq!(keys(bench.run("QA-1")), ["FE-1"]);
    assert_eq!(keys(bench.run("FE-1")), ["QA-1"]);
    assert_eq!(fact(&bench.run("QA-1").facts, "depends on (unknown)"), "BE-9");
    assert!(fact(&bench.run("FE-1").facts, "dependencies").contains("ring"));
    assert_eq!(bench.run("FE-1").parent, Some(local("QA-1")));
    assert_eq!(bench.run("DB-1").parent, None, "it is no parent of its own");
    let task = bench.task("BE-1");
    assert_eq!((task.title.as_str(), task.status, &task.status_raw), ("API", Status::Running, &None));
    assert_eq!(task.activity.as_deref(), Some("40 % Routes"));
    assert_eq!(task.started_at, Timestamp::parse("2025-08-01T18:00:00Z"), "as its start says");
    assert_eq!(bench.task("QA-1").agents, [local("default/tester")]);
    let handed = bench.task("handed/c1");
    assert_eq!((handed.title.as_str(), handed.status), ("handoff: builder → tester", Status::Running));
    assert!(handed.prompt.contains("***"));
}

#[test]
fn a_person_is_asked_by_an_agent_or_by_nobody() {
    let mut bench = hooks();
    let db = "agent-memory/agent-collaboration.db";
    bench.sql(
        db,
        "INSERT INTO approval_queue VALUES (1, 'permission_change', '{\"resource\": \"/etc\", \"error_id\": 0}', 'Builder', '{\"risk\": \"low\"}', 'PENDING', '2025-08-01 18:20:00'),
           (2, 'tool_installation', 'junk', 'stranger', NULL, 'pending', NULL), (3, 'tool_installation', NULL, 'builder', NULL, 'approved', NULL)",
    );
    bench.read();
    let builder = bench.agent("s1/builder");
    assert_eq!(builder.status, Status::Waiting);
    assert_eq!(
        builder.waiting_for.as_deref(),
        Some("approval of permission_change, risk low, resource /etc")
    );
    assert_eq!(builder.status_since, Timestamp::parse("2025-08-01T18:20:00Z"));
    assert_eq!(bench.task("approval/2").status, Status::Waiting);
    bench.sql(db, "UPDATE approval_queue SET status = 'approved'");
    bench.touch(db);
    assert_eq!(bench.agent("s1/builder").status, Status::Running);
    assert!(bench.rig().store.tasks.find(&local("approval/2")).is_none());
}

#[test]
fn a_shifted_registry_is_put_right_and_merged_with_files() {
    let mut bench = hooks();
    bench.sql(
        "agent-memory/agent-collaboration.db",
        "INSERT INTO agent_registry VALUES ('0', 'builder', '[\"apis\", \"databases\"]', '{}', '[\"Edit\"]', '[]', ''),
           ('qa', 'qa', 'Tests things', '[\"tests\"]', '{}', '[\"Bash\"]', '[]')",
    );
    bench.file("agents/builder.md", "---\nname: builder\ndescription: Builds.\\nWell.\nmodel: opus\n---\n");
    bench.file("agents/adapter.md", "# no agent\n");
    bench.file(
        "agents/mcp-requirements.json",
        "{\"required_mcp_servers\": {\"memory\": {\"critical\": true, \"alternatives\": [\"keeper\", \"sqlite\"]}, \"web\": {\"alternatives\": [\"none\"]}}, \
         \"recommended_mcp_servers\": [\"github\"], \"agent_specific_requirements\": {\"builder\": [\"keeper\", \"git\"]}}",
    );
    bench.file("claude_desktop_config.json", "{\"mcpServers\": {\"far\": {\"command\": \"x\", \"args\": [\"--key=abc\"], \"env\": {\"K\": \"hidden\"}}}}");
    bench.file("claude_code_config.json", "{\"mcpServers\": {\"keeper\": {\"command\": \"node\"}}}");
    bench.read();
    let item = |key: &str| bench.rig().store.catalog.find(&local(key)).unwrap_or_else(|| panic!("{key}"));
    let builder = item("agent/builder");
    assert_eq!(builder.description.as_deref(), Some("Builds.\nWell."));
    assert_eq!(builder.capabilities.iter().map(Safe::as_str).collect::<Vec<_>>(), ["apis", "databases"]);
    assert_eq!(
        (builder.model.as_deref(), note(builder.status_note.as_ref())),
        (Some("opus"), "MCP servers it needs are not configured: git")
    );
    assert_eq!(item("agent/qa").description.as_deref(), Some("Tests things"));
    assert_eq!(
        bench.rig().store.catalog.entries().filter(|(_, key, _)| key.local.starts_with("agent/")).count(),
        2
    );
    assert!(
        fact(&item("mcp server/keeper").facts, "requirement").contains("memory: required (critical), met")
    );
    assert_eq!(note(item("mcp server/web").status_note.as_ref()), "required but not configured");
    let github = item("mcp server/github");
    assert_eq!(
        (github.status, fact(&github.facts, "error")),
        (Status::Failed, "Executable not found: docker")
    );
    let told = format!("{:?}", bench.rig().facts());
    assert!(!told.contains("hidden") && !told.contains("abc"));
}

#[test]
fn workspace_files_speak_for_agents_and_tasks_that_are_known() {
    let mut bench = hooks();
    bench.sql("orchestrator.db", LOOSE);
    bench.sql(
        "orchestrator.db",
        "INSERT INTO agent_executions (id, agent_name, status, started_at) VALUES ('old', 'frontend-expert', 'completed', '2025-08-01 10:00:00'),
           ('new', 'frontend-expert', 'running', '2025-08-01 18:00:00')",
    );
    let block = |status: &str| {
        format!("```json\n{{\"taskId\": \"QA-1\", \"status\": \"{status}\", \"summary\": \"tested\"}}\n```\n")
    };
    bench.file("agent-workspaces/Agent-Frontend.md", "Status: blocked\nTask ID: FE-7\n");
    bench.file("agent-workspaces/Agent-tester.md", &block("completed"));
    bench.file(
        "agent-workspaces/Agent-loner-expert.md",
        "Status: in-progress\n## Current Tasks\n- [x] a\n- [ ] b\n",
    );
    bench.file("agent-workspaces/Agent-silent.md", "## Task: One\nStarted: Fri Aug  1 17:32:00 UTC 2025\n");
    bench.read();
    assert_eq!(fact(&bench.agent("new").facts, "workspace file says"), "blocked (FE-7)");
    assert_eq!(bench.agent("new").status, Status::Running, "as stored");
    assert_eq!(fact(&bench.agent("old").facts, "workspace file says"), "");
    let task = bench.task("QA-1");
    assert_eq!(
        (task.status, note(task.status_note.as_ref())),
        (Status::Queued, "its agent's workspace file says completed")
    );
    assert_eq!(task.result.as_deref(), Some("tested"));
    let loner = bench.agent("workspace/loner");
    assert_eq!((loner.status, loner.plan.len()), (Status::Running, 2));
    assert_eq!(
        bench.rig().facts().keys().filter(|key| key.contains("silent")).count(),
        0,
        "it says no state"
    );
    bench.file("agent-workspaces/Agent-tester.md", &block("failed"));
    bench.touch("agent-workspaces/Agent-tester.md");
    assert!(note(bench.task("QA-1").status_note.as_ref()).contains("failed"));
    bench.sql(
        "orchestrator.db",
        "INSERT INTO agent_executions (id, agent_name, status) VALUES ('l', 'loner-expert', 'running')",
    );
    bench.touch("orchestrator.db");
    assert_eq!(fact(&bench.agent("l").facts, "workspace file says"), "in-progress");
    assert!(bench.rig().store.agents.find(&local("workspace/loner")).is_none(), "told once");
}

#[test]
fn a_question_of_the_timeline_waits_for_a_person() {
    let mut bench = Bench::new();
    let file = "agent-workspaces/orchestration-timeline.jsonl";
    bench.file(file, "{\"timestamp\":\"2025-08-01T18:00:00Z\",\"event\":\"orchestration_start\",\"project\":\"shop\",\"level\":2}\n");
    bench.read();
    bench.append(file, "{\"timestamp\":\"2025-08-01T18:10:00Z\",\"event\":\"user_input_requested\",\"prompt\":\"DB?\",\"recommendation\":\"A\"}\n{\"event\":\"odd\"}\n");
    bench.touch(file);
    let agent = bench.agent("timeline/orchestration-agent");
    assert_eq!((agent.status, agent.waiting_for.as_deref()), (Status::Waiting, Some("DB?")));
    assert_eq!(agent.project, Some(local("files/project/shop")));
    bench.append(file, "{\"event\":\"user_response\",\"response\":\"A\"}\nhalf a li");
    bench.touch(file);
    assert!(bench.rig().store.agents.find(&local("timeline/orchestration-agent")).is_none());
    assert_eq!(bench.lines().len(), 4);
    // Rewritten as a whole, with one line more: told is only what is new.
    let text = fs::read_to_string(bench.path(file)).unwrap().replace("half a li", "");
    fs::remove_file(bench.path(file)).unwrap();
    bench.file(file, &(text + "{\"event\":\"blocker\",\"description\":\"disk\"}\n"));
    bench.touch(file);
    assert_eq!(bench.lines().len(), 5);
    assert_eq!(bench.project("files/project/shop").notes[0].text.as_str(), "disk");
}

#[test]
fn runs_die_or_go_on_and_nobody_writes_which() {
    let mut bench = Bench::new();
    let log = "agent-workspaces/orchestration.log";
    bench.file(
        log,
        "[2025-08-01 18:00:00] 🔌 Checking MCP Servers\n[2025-08-01 18:00:00] Project: shop (Level 2)\n",
    );
    bench.read();
    let task = bench.task("run/2025-08-01T18:00:00");
    assert_eq!((task.title.as_str(), task.status), ("shop (level 2, Beta)", Status::Running));
    assert!(note(task.status_note.as_ref()).contains("inferred"));
    bench.append(log, "[2025-08-01 18:01:00] 📋 Phase: Quick Analysis\n[2025-08-01 18:01:00] Agents: a b\n[2025-08-01 18:01:00] 🤖 Running a...\n");
    bench.touch(log);
    assert_eq!(bench.task("run/2025-08-01T18:00:00").activity.as_deref(), Some("a works"));
    assert_eq!(bench.run("run/2025-08-01T18:00:00/phase 1/a").status, Status::Running);
    assert_eq!(bench.run("run/2025-08-01T18:00:00/phase 1/b").status, Status::Queued);
    let rig = bench.rig.as_mut().unwrap();
    rig.now = rig.next_wake().unwrap();
    bench.touch("nothing");
    assert_eq!(bench.task("run/2025-08-01T18:00:00").status, Status::Unknown);
    bench.append(
        log,
        "[2025-08-01 19:30:00] ✅ a completed\n[2025-08-01 19:30:00] 📊 Orchestration Summary\n",
    );
    bench.touch(log);
    let task = bench.task("run/2025-08-01T18:00:00");
    assert_eq!(
        (task.status, task.steps.map(|steps| (steps.done, steps.total))),
        (Status::Succeeded, Some((1, 2)))
    );
    assert_eq!(task.project, Some(local("files/project/shop")));
}

const SESSION: &str = "orchestration/session-orch-20250801-181500";

#[test]
fn a_session_is_followed_from_its_plan_to_its_end() {
    let mut bench = Bench::new();
    let part = |file: &str| format!("{SESSION}/{file}");
    bench.file("agents/agent-registry.json", "{\"agents\": [{\"name\": \"a\", \"category\": \"c\"}]}");
    bench.file(&part("config.json"), "{\n  \"projectName\": \"The \"best\" shop\",\n  \"projectLevel\": 3,\n  \"startTime\": \"2025-08-01T18:15:00Z\",\n  \"status\": \"initializing\"\n}\n");
    bench.file(
        &part("phase-1-plan.json"),
        "{\"phase\": 1, \"name\": \"R\", \"agents\": [{\"name\": \"a\", \"taskId\": \"t1\", \"dependencies\": [\"t1\", \"t2\"]}, \
         {\"name\": \"b\", \"taskId\": \"t2\", \"dependencies\": [\"t1\", \"t7\"]}]}",
    );
    bench.read();
    let name = "session-orch-20250801-181500";
    let task = bench.task(name);
    assert_eq!(task.title.as_str(), "The \"best\" shop (level 3, Alpha)");
    assert_eq!(task.status, Status::Idle);
    assert!(note(task.status_note.as_ref()).contains("no valid JSON"));
    assert_eq!(task.agents, []);
    let run = bench.run(&format!("{name}/phase 1/b"));
    assert_eq!(keys(run), [format!("{name}/phase 1/a")]);
    assert_eq!(fact(&run.facts, "depends on (unknown)"), "t7");

    bench.file(&part("status/active_agents.txt"), "a\n");
    bench.file(&part("status/a.active"), "");
    bench.file(&part("queue/a.task"), "{\"taskId\": \"t1\", \"assignedAt\": \"2025-08-01T18:15:00Z\"}");
    bench.file(&part("logs/orchestration.log"), "2025-08-01T18:15:01Z - Spawned a (task: t1)\n");
    bench.touch(SESSION);
    let agent = bench.agent(&format!("{name}/a"));
    assert_eq!((agent.status, agent.started_at), (Status::Running, Timestamp::parse("2025-08-01T18:15:01Z")));
    assert_eq!(bench.task(name).status, Status::Running);
    assert_eq!(bench.lines(), ["Spawned a (task: t1)"]);

    bench.file(&part("status/a.progress"), "{\"agent\": \"a\", \"prog");
    bench.touch(&part("status/a.progress"));
    assert_eq!(bench.rig().health.error, None, "half a file is no error");
    assert!(bench.notes().contains("a.progress") && bench.rig().next_wake().is_some());
    bench.file(
        &part("status/a.progress"),
        "{\"agent\": \"a\", \"progress\": 60, \"timestamp\": \"2025-08-01T18:16:00Z\"}",
    );
    bench.touch("nothing");
    assert_eq!(bench.agent(&format!("{name}/a")).activity.as_deref(), Some("60 %"));

    fs::remove_file(bench.path(&part("status/a.active"))).unwrap();
    bench.touch(&part("status/a.active"));
    assert_eq!(bench.agent(&format!("{name}/a")).status, Status::Queued);
    let task = bench.task(name);
    assert_eq!(task.status, Status::Cancelled);
    assert!(note(task.status_note.as_ref()).contains("interrupted"));

    fs::remove_file(bench.path(&part("queue/a.task"))).unwrap();
    for agent in ["a", "b", "guest"] {
        let result = format!(
            "{{\"agent\": \"{agent}\", \"status\": \"completed\", \"endTime\": \"2025-08-01T18:20:00Z\", \"insights\": [\"i\"]}}"
        );
        bench.file(&part(&format!("results/{agent}.json")), &result);
    }
    bench.touch(SESSION);
    let task = bench.task(name);
    assert_eq!(
        (task.status, task.steps.map(|steps| (steps.done, steps.total))),
        (Status::Succeeded, Some((2, 2)))
    );
    assert_eq!(task.ended_at, Timestamp::parse("2025-08-01T18:20:00Z"));
    assert_eq!(bench.run(&format!("{name}/unplanned/guest")).status, Status::Succeeded);
    fs::remove_dir_all(bench.path(SESSION)).unwrap();
    bench.file("orchestration/other", "");
    bench.touch("orchestration");
    assert_eq!(bench.rig().store.tasks.entries().count(), 0);
}

#[test]
fn several_databases_are_read_by_themselves() {
    let mut bench = hooks();
    bench.sql("orchestrator.db", LOOSE);
    bench.sql(
        "orchestrator.db",
        "INSERT INTO agent_executions (id, agent_name, status) VALUES ('e', 'a', 'running')",
    );
    bench.file("agent-memory/agent-memories.db", "garbage, and no database");
    bench.sql("agent-memory/memory.db", "CREATE TABLE memories (id TEXT, agent_id TEXT, key TEXT, value TEXT, timestamp INTEGER); INSERT INTO memories VALUES ('1', 'a', 'style', '{\"private\": 1}', 1754070000);");
    bench.read();
    assert!(bench.rig().health.error.as_ref().unwrap().contains("agent-memories.db"));
    assert!(bench.rig().health.remedy.is_some());
    assert_eq!(bench.agent("e").status, Status::Running);
    assert_eq!(bench.agent("s1/builder").status, Status::Running);
    assert!(bench.notes().contains("1 memories of 1 agent, the newest of a (style)"), "{}", bench.notes());
    assert!(!format!("{:?}", bench.rig().facts()).contains("private"));
    fs::remove_file(bench.path("agent-memory/agent-memories.db")).unwrap();
    bench.touch("agent-memory/agent-memories.db");
    assert_eq!(bench.rig().health.error, None);
    fs::remove_file(bench.path("orchestrator.db")).unwrap();
    bench.touch("orchestrator.db");
    assert!(bench.rig().store.agents.find(&local("e")).is_none());
}

/// A plan file, a timeline, a run, a session and the hooks' database, each of which spells the project in its own way.
fn spoken_of(bench: &Bench) {
    bench.file(
        "agent-workspaces/orchestration-plan.md",
        "# Orchestration Plan: Shop\nGenerated: 2025-08-01 17:32:00\nStatus: IN_PROGRESS\n## Phase Breakdown\n### One\n- [x] **a**: b\n",
    );
    bench.file(
        "agent-workspaces/orchestration-timeline.jsonl",
        "{\"timestamp\":\"2025-08-01T18:00:00Z\",\"event\":\"orchestration_start\",\"project\":\"SHOP\",\"mode\":\"interactive\"}\n\
         {\"timestamp\":\"2025-08-01T18:00:01Z\",\"event\":\"blocker\",\"description\":\"disk\"}\n",
    );
    bench.file(
        "agent-workspaces/orchestration.log",
        "[2025-08-01 18:00:00] 🔌 Checking MCP Servers\n[2025-08-01 18:00:01] Project: shop (Level 2)\n",
    );
    bench.file(&format!("{SESSION}/config.json"), "{\"projectName\": \" shop\", \"projectLevel\": 2}\n");
    bench.file(&format!("{SESSION}/status/active_agents.txt"), "a\n");
    bench.sql(
        "agent-memory/agent-collaboration.db",
        "CREATE TABLE orchestration_sessions (session_id TEXT PRIMARY KEY, project_name TEXT, project_level INTEGER, status TEXT);
         INSERT INTO orchestration_sessions VALUES ('o', 'shop', 2, 'active');
         CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT, description TEXT, created_by TEXT, created_at TIMESTAMP);
         INSERT INTO projects VALUES (1, 'Shop', 'Sells things', 'builder', NULL), (2, 'elsewhere', NULL, NULL, NULL);",
    );
}

fn projects(bench: &Bench) -> Vec<&str> {
    let mut keys: Vec<&str> =
        bench.rig().store.projects.entries().map(|(_, key, _)| key.local.as_str()).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn a_project_is_one_whoever_speaks_of_it() {
    let mut bench = Bench::new();
    spoken_of(&bench);
    bench.read();
    // The example script's table keeps no state, so the plan file says it.
    assert_eq!(projects(&bench), ["project/1", "project/2"]);
    let shop = bench.project("project/1");
    assert_eq!((shop.status, shop.status_raw.as_deref()), (Status::Running, Some("IN_PROGRESS")));
    bench.sql("orchestrator.db", LOOSE);
    bench.sql(
        "orchestrator.db",
        "INSERT INTO projects (id, name, created_at, updated_at) VALUES ('old', 'shop', '2025-07-01 08:00:00', NULL),
           ('p', 'sHop', '2025-08-01 08:00:00', '2025-08-01 08:00:00'), ('n', 'alone', NULL, NULL);
         INSERT INTO execution_plans VALUES ('x', 'p', '{\"phases\":[{\"name\":\"Build\",\"agents\":[\"b\"]}]}', '2025-08-01 18:00:00');
         INSERT INTO agent_executions (id, project_id, agent_name, status) VALUES ('e', 'p', 'b', 'completed');",
    );
    bench.touch("orchestrator.db");
    assert_eq!(
        projects(&bench),
        ["project/2", "project/n", "project/old", "project/p"],
        "two rows of one database stay two; what others say belongs to the newer"
    );
    let shop = bench.project("project/p");
    assert_eq!((shop.name.as_str(), shop.status_raw.as_deref()), ("sHop", Some("inactive")));
    assert_eq!(note(shop.status_note.as_ref()), "its plan file says IN_PROGRESS");
    assert_eq!(shop.description.as_deref(), Some("Sells things"));
    let plans: Vec<&str> = shop.plans.iter().map(|plan| plan.name.as_str()).collect();
    assert_eq!(plans, ["plan", "orchestration-plan.md"]);
    assert_eq!(shop.notes[0].text.as_str(), "disk");
    let home = Some(local("project/p"));
    let session = "session-orch-20250801-181500";
    assert_eq!((&bench.agent("e").project, &bench.agent(&format!("{session}/a")).project), (&home, &home));
    for task in [session, "run/2025-08-01T18:00:00", "run/o"] {
        assert_eq!(bench.task(task).project, home, "{task}");
    }
    bench.sql("orchestrator.db", "UPDATE projects SET name = 'other' WHERE name LIKE 'shop'");
    bench.touch("orchestrator.db");
    assert_eq!(bench.task(session).project, Some(local("project/1")), "the row went away");
    fs::remove_file(bench.path("agent-memory/agent-collaboration.db")).unwrap();
    bench.touch("agent-memory/agent-collaboration.db");
    assert_eq!(bench.task(session).project, Some(local("files/project/shop")));
    assert_eq!(bench.project("files/project/shop").plans.len(), 1);
}

#[test]
fn plans_and_settings_without_a_project_are_not_silent() {
    let mut bench = Bench::new();
    bench.sql("orchestrator.db", LOOSE);
    bench.sql(
        "orchestrator.db",
        "INSERT INTO execution_plans VALUES ('x', NULL, '5', NULL);
         INSERT INTO project_configurations VALUES ('g', 'global', 'rules', 'null', '2025-08-01 18:00:00');",
    );
    bench.read();
    let said = "orchestrator.db: 1 plan and 1 setting (rules of global) of no project that is there";
    assert!(bench.notes().contains(said), "{}", bench.notes());
    bench.sql("orchestrator.db", "INSERT INTO projects (id, name) VALUES ('global', 'global')");
    bench.touch("orchestrator.db");
    assert_eq!(bench.project("project/global").settings[0].text.as_str(), "null");
    assert!(bench.notes().contains("orchestrator.db: 1 plan of no project that is there"));
}

#[test]
fn rows_of_logs_are_told_once_each() {
    let mut bench = Bench::new();
    bench.sql("orchestrator.db", LOOSE);
    let insert = |bench: &Bench, text: &str| {
        bench.sql("orchestrator.db", &format!("INSERT INTO agent_logs (agent_name, message, created_at) VALUES ('a', '{text}', '2025-08-01 18:00:00')"));
    };
    insert(&bench, "one");
    bench.read();
    insert(&bench, "two");
    bench.touch("orchestrator.db-wal");
    bench.rig.as_mut().unwrap().rescan().unwrap();
    assert_eq!(bench.lines(), ["a: one", "a: two"]);
    fs::remove_file(bench.path("orchestrator.db")).unwrap();
    bench.sql("orchestrator.db", LOOSE);
    insert(&bench, "of another database");
    bench.touch("orchestrator.db");
    assert_eq!(bench.lines().last().map(String::as_str), Some("a: of another database"));
}

#[test]
fn an_error_in_a_table_and_a_file_is_told_once() {
    let mut bench = hooks();
    bench.file(
        "agent-tracking-backup/errors.log",
        "[2025-08-01 18:01:00] ERROR: Agent=builder Type=bash_error Impact=high\n  Message: no pnpm\n  Recovery: install_tool - Install\n",
    );
    bench.file("agent-progress-backup/Agent-builder-progress.log", "[2025-08-01 18:00:00] TASK_START Task:BE-1 - API\n[2025-08-01 18:02:00] MILESTONE Task:BE-1 - Half (50%)\n");
    bench.read();
    let count = |bench: &Bench, text: &str| bench.lines().iter().filter(|line| line.contains(text)).count();
    assert_eq!(
        (count(&bench, "bash_error (high): no pnpm"), count(&bench, "recovery: install_tool")),
        (1, 1)
    );
    // Cut to its last line, as the hook does: what was told stays told.
    let log = "agent-progress-backup/Agent-builder-progress.log";
    let cut =
        "[2025-08-01 18:02:00] MILESTONE Task:BE-1 - Half (50%)\n[2025-08-01 18:03:00] TASK_BLOCKED - why\n";
    fs::remove_file(bench.path(log)).unwrap();
    bench.file(log, cut);
    bench.touch(log);
    assert_eq!((count(&bench, "Half"), count(&bench, "why")), (1, 1));
}

#[test]
fn archives_are_tasks_unless_a_database_knows_them() {
    let mut bench = hooks();
    bench.file("agent-archives/2025-07/BE-2.json", "{\"agent\": \"builder\", \"taskId\": \"BE-2\", \"status\": \"completed\", \"summary\": \"Upgraded\", \"actualDuration\": \"PT42M\"}");
    bench.file("agent-archives/2025-07/QA-1.json", "{\"taskId\": \"QA-1\", \"status\": \"completed\"}");
    bench.file("agent-archives/2025-07/half.json", "{\"taskId\":");
    bench.read();
    let task = bench.task("archive/2025-07/BE-2.json");
    assert_eq!((task.title.as_str(), &task.workflow[..]), ("Upgraded", &[Safe::line("builder")][..]));
    assert_eq!(task.duration, Some(Millis::minutes(42)));
    assert!(bench.rig().store.tasks.find(&local("archive/2025-07/QA-1.json")).is_none());
    assert_eq!(bench.rig().health.error, None);
    assert!(bench.notes().contains("half.json"));
}

#[test]
fn what_a_place_watches_leaves_transcripts_alone() {
    let place = tempfile::tempdir().unwrap();
    build(place.path());
    fs::create_dir_all(place.path().join("projects/-work-app")).unwrap();
    let settings = orchdash::sources::SourceSettings {
        id: SourceId(0),
        paths: vec![place.path().to_owned()],
        zone: chrono_tz::Tz::UTC,
        options: Vec::new(),
        memory: None,
    };
    let source = orchdash::sources::kind(KIND).unwrap().open(&settings).unwrap();
    let root = place.path().canonicalize().unwrap();
    let specs = source.watches();
    assert!(specs.iter().any(|spec| spec.path == root && !spec.recursive));
    assert!(specs.iter().any(|spec| spec.path == root.join("orchestration") && spec.recursive));
    assert!(specs.iter().all(|spec| spec.path.is_dir() && !spec.path.starts_with(root.join("projects"))));
}
