//! A place of the agent orchestrator that tests make, change and look at.

use std::{
    fs,
    path::{Path, PathBuf},
};

use orchdash::{
    model::{Agent, Execution, Key, Project, SourceId, Task},
    text::Safe,
};

use crate::{foreign::snapshot, rig::Rig, suite};

pub(crate) const KIND: &str = "agent-orchestrator";
pub(crate) const NOW: &str = "2025-08-01T18:30:00Z";

/// What the dashboard's server makes.
pub(crate) const LOOSE: &str = "
    CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, status TEXT DEFAULT 'inactive',
      created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, config JSON);
    CREATE TABLE agent_executions (id TEXT PRIMARY KEY, project_id TEXT, agent_name TEXT NOT NULL, status TEXT NOT NULL,
      started_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, completed_at TIMESTAMP, error TEXT, metrics JSON);
    CREATE TABLE execution_plans (id TEXT PRIMARY KEY, project_id TEXT, plan JSON NOT NULL, created_at TIMESTAMP);
    CREATE TABLE agent_tasks (id TEXT PRIMARY KEY, execution_id TEXT, task_id TEXT NOT NULL, agent_name TEXT NOT NULL,
      status TEXT NOT NULL, input JSON, output JSON, started_at TIMESTAMP, completed_at TIMESTAMP);
    CREATE TABLE agent_logs (id INTEGER PRIMARY KEY AUTOINCREMENT, execution_id TEXT, agent_name TEXT, level TEXT,
      message TEXT, metadata JSON, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE project_configurations (id TEXT PRIMARY KEY, project_id TEXT, config_type TEXT, config_data JSON, created_at TIMESTAMP);
    CREATE TABLE agent_configurations (id TEXT PRIMARY KEY, project_id TEXT, agent_name TEXT, config JSON, created_at TIMESTAMP);
    CREATE TABLE execution_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, execution_id TEXT, metric_name TEXT,
      metric_value REAL, recorded_at TIMESTAMP);
    CREATE TABLE mcp_servers (id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT, config JSON, last_check TIMESTAMP);
    CREATE TABLE webhooks (id TEXT PRIMARY KEY, project_id TEXT, url TEXT NOT NULL, events JSON, headers JSON, active BOOLEAN DEFAULT 1,
      created_at TIMESTAMP);
    CREATE TABLE agent_dependencies (id TEXT PRIMARY KEY, execution_plan_id TEXT, from_task TEXT, to_task TEXT, dependency_type TEXT);
    CREATE TABLE users (id TEXT PRIMARY KEY, username TEXT, email TEXT, password_hash TEXT, role TEXT);
    CREATE TABLE sessions (id TEXT PRIMARY KEY, user_id TEXT, token TEXT, expires_at TEXT);
    INSERT INTO migrations (name) VALUES ('001_initial_schema.sql'), ('002_add_indexes.sql');";

/// What hooks and scripts make.
pub(crate) const COLLABORATION: &str = "
    CREATE TABLE hook_tool_usage (event_id INTEGER PRIMARY KEY, agent_id TEXT NOT NULL, tool_name TEXT NOT NULL, tool_parameters JSON,
      execution_duration_ms INTEGER, success BOOLEAN, error_message TEXT, task_context TEXT, session_id TEXT, hook_timestamp TIMESTAMP);
    CREATE TABLE hook_progress_events (event_id INTEGER PRIMARY KEY, agent_id TEXT NOT NULL, event_type TEXT, task_id TEXT,
      progress_percentage INTEGER, milestone_name TEXT, milestone_details JSON, timestamp TIMESTAMP, session_id TEXT);
    CREATE TABLE hook_error_events (event_id INTEGER PRIMARY KEY, agent_id TEXT NOT NULL, error_type TEXT, error_message TEXT,
      error_context JSON, impact_level TEXT, timestamp TIMESTAMP, session_id TEXT);
    CREATE TABLE hook_agent_sessions (session_id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, start_time TIMESTAMP, end_time TIMESTAMP);
    CREATE TABLE agent_registry (agent_id TEXT PRIMARY KEY, name TEXT, description TEXT, expertise_areas JSON,
      collaboration_patterns JSON, tool_requirements JSON, mcp_requirements JSON);
    CREATE TABLE agent_tasks (task_id TEXT PRIMARY KEY, agent_id TEXT, task_date DATE, sequence_number INTEGER, status TEXT,
      priority TEXT, title TEXT, description TEXT, deliverables JSON, dependencies JSON, parent_task_id TEXT,
      created_at TIMESTAMP, started_at TIMESTAMP, completed_at TIMESTAMP);
    CREATE TABLE approval_queue (approval_id INTEGER PRIMARY KEY, action_type TEXT, action_details JSON, requested_by TEXT,
      risk_assessment JSON, status TEXT, created_at TIMESTAMP);
    CREATE TABLE missing_capabilities (capability_id INTEGER PRIMARY KEY, capability_type TEXT, capability_name TEXT,
      requested_by_agent TEXT, frequency INTEGER, resolution_status TEXT);
    CREATE TABLE agent_coordination_queue (coordination_id TEXT PRIMARY KEY, from_agent TEXT, to_agent TEXT, task_type TEXT,
      task_data JSON, priority TEXT, status TEXT, created_at TIMESTAMP, claimed_at TIMESTAMP, completed_at TIMESTAMP, result TEXT, error_details TEXT);
    CREATE TABLE mcp_availability (server_name TEXT PRIMARY KEY, is_available BOOLEAN, executable_path TEXT, last_checked TIMESTAMP, error_message TEXT);";

/// A folder and what is read in it.
pub(crate) struct Bench {
    pub(crate) place: tempfile::TempDir,
    pub(crate) rig: Option<Rig>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { place: tempfile::tempdir().unwrap(), rig: None }
    }

    pub(crate) fn path(&self, part: &str) -> PathBuf {
        self.place.path().canonicalize().unwrap().join(part)
    }

    pub(crate) fn sql(&self, db: &str, script: &str) {
        suite::sql(&self.path(db), script);
    }

    pub(crate) fn file(&self, part: &str, text: &str) {
        let path = self.path(part);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn append(&self, part: &str, text: &str) {
        let old = fs::read_to_string(self.path(part)).unwrap_or_default();
        self.file(part, &(old + text));
    }

    pub(crate) fn read(&mut self) {
        let before = snapshot(self.place.path());
        self.rig = Some(Rig::open(KIND, self.place.path(), NOW).unwrap());
        assert_eq!(snapshot(self.place.path()), before, "reading leaves no trace");
    }

    /// As after an event of this path; then what is known equals what a reader from scratch knows.
    pub(crate) fn touch(&mut self, part: &str) {
        let path = self.path(part);
        let rig = self.rig.as_mut().unwrap();
        rig.touch(&[path]).unwrap();
        let (live, now) = (rig.facts(), rig.now.to_string());
        let fresh = Rig::open(KIND, self.place.path(), &now).unwrap().facts();
        assert_eq!(live, fresh, "{part}: step by step equals from scratch");
    }

    pub(crate) fn rig(&self) -> &Rig {
        self.rig.as_ref().unwrap()
    }

    pub(crate) fn agent(&self, key: &str) -> &Agent {
        self.rig()
            .store
            .agents
            .find(&local(key))
            .unwrap_or_else(|| panic!("agent {key}: {:?}", self.rig().facts().keys()))
    }

    pub(crate) fn task(&self, key: &str) -> &Task {
        self.rig()
            .store
            .tasks
            .find(&local(key))
            .unwrap_or_else(|| panic!("task {key}: {:?}", self.rig().facts().keys()))
    }

    pub(crate) fn run(&self, key: &str) -> &Execution {
        self.rig().store.executions.find(&local(key)).unwrap_or_else(|| panic!("execution {key}"))
    }

    pub(crate) fn project(&self, key: &str) -> &Project {
        self.rig().store.projects.find(&local(key)).unwrap_or_else(|| panic!("project {key}"))
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.rig().store.logs().map(|line| line.text.to_string()).collect()
    }

    pub(crate) fn notes(&self) -> String {
        format!("{:?}", self.rig().health.notes)
    }
}

pub(crate) fn local(key: &str) -> Key {
    Key::new(SourceId(0), Safe::line(key))
}

pub(crate) fn keys(run: &Execution) -> Vec<&str> {
    run.depends_on.iter().map(|key| key.local.as_str()).collect()
}

pub(crate) fn note(text: Option<&Safe>) -> &str {
    text.map_or("", Safe::as_str)
}

pub(crate) fn fact<'a>(facts: &'a [(&'static str, Safe)], label: &str) -> &'a str {
    facts.iter().find(|(known, _)| *known == label).map_or("", |(_, text)| text.as_str())
}

/// A place of everything for the suite of ill treatment.
pub(crate) fn build(root: &Path) {
    let sql = suite::sql;
    sql(&root.join("orchestrator.db"), LOOSE);
    sql(
        &root.join("orchestrator.db"),
        "INSERT INTO projects (id, name, created_at, updated_at) VALUES ('p1', 'shop', '2025-08-01 08:00:00', '2025-08-01 08:00:00');
         INSERT INTO agent_executions (id, project_id, agent_name, status, started_at) VALUES ('e1', 'p1', 'builder', 'running', '2025-08-01 18:00:00');
         INSERT INTO agent_tasks VALUES ('t1', 'e1', 'task-001', 'builder', 'running', '{}', NULL, '2025-08-01 18:00:00', NULL);
         INSERT INTO execution_plans VALUES ('x1', 'p1', '{\"phases\":[{\"name\":\"Build\",\"agents\":[\"builder\"]}]}', '2025-08-01 18:00:00');
         INSERT INTO mcp_servers VALUES ('m1', 'files', 'running', NULL, '2025-08-01 18:00:00');",
    );
    sql(&root.join("agent-memory/agent-collaboration.db"), COLLABORATION);
    sql(
        &root.join("agent-memory/agent-collaboration.db"),
        "INSERT INTO hook_agent_sessions VALUES ('s1', 'tester', '2025-08-01 18:00:00', NULL);
         INSERT INTO hook_tool_usage (agent_id, tool_name, success, session_id, hook_timestamp) VALUES ('tester', 'Bash', 1, 's1', '2025-08-01 18:29:00');
         INSERT INTO agent_tasks (task_id, agent_id, status, title) VALUES ('QA-1', 'tester', 'in_progress', 'Smoke');",
    );
    let write = |part: &str, text: &str| {
        let path = root.join(part);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "agent-workspaces/orchestration.log",
        "[2025-08-01 18:00:00] 🔌 Checking MCP Servers\n[2025-08-01 18:00:01] Project: shop (Level 2)\n",
    );
    write(
        "agent-workspaces/orchestration-timeline.jsonl",
        "{\"timestamp\":\"2025-08-01T18:00:00Z\",\"event\":\"orchestration_start\",\"project\":\"shop\"}\n",
    );
    write(
        "agent-workspaces/orchestration-plan.md",
        "# Orchestration Plan: shop\n## Phase Breakdown\n### One\n- [x] **a**: b\n",
    );
    write("agent-workspaces/Agent-loner.md", "Status: working\n");
    let session = "orchestration/session-orch-20250801-180000";
    write(&format!("{session}/config.json"), "{\"projectName\": \"shop\", \"projectLevel\": 2}\n");
    write(
        &format!("{session}/phase-1-plan.json"),
        "{\"phase\": 1, \"agents\": [{\"name\": \"a\", \"taskId\": \"t\"}]}\n",
    );
    write(&format!("{session}/results/a.json"), "{\"agent\": \"a\", \"status\": \"completed\"}\n");
    write(
        "agents/agent-registry.json",
        "{\"agents\": [{\"name\": \"builder\", \"category\": \"engineering\", \"expertise\": [\"x\"]}]}\n",
    );
    write(
        &format!("{session}/phase-2-plan.json"),
        "{\"phase\": 2, \"agents\": [{\"name\": \"b\", \"taskId\": \"u\", \"dependencies\": [\"t\"]}]}\n",
    );
    write(
        &format!("{session}/queue/b.task"),
        "{\"taskId\": \"u\", \"assignedAt\": \"2025-08-01T18:29:30Z\"}\n",
    );
    write(&format!("{session}/status/b.active"), "");
    write(
        &format!("{session}/status/b.progress"),
        "{\"agent\": \"b\", \"progress\": 40, \"timestamp\": \"2025-08-01T18:29:40Z\"}\n",
    );
    write(&format!("{session}/status/active_agents.txt"), "a\nb\n");
    write(&format!("{session}/status/orchestration.yaml"), "project: \"shop\"\nlevel: 2\n");
    write(&format!("{session}/logs/orchestration.log"), "2025-08-01T18:29:31Z - Spawned b (task: u)\n");
    write("agent-workspaces/Agent-orchestration.md", "- **Name**: shop\n- **Level**: 2\n");
    write(
        "agent-progress-backup/Agent-tester-progress.log",
        "[2025-08-01 18:00:00] TASK_START Task:QA-1 - Smoke\n",
    );
    write(
        "agent-tracking-backup/errors.log",
        "[2025-08-01 18:01:00] ERROR: Agent=tester Type=odd Impact=low\n  Message: flaky\n  Recovery: unknown - none\n",
    );
    write(
        "backend/combined.log",
        "{\"message\":\"Orchestrator e1 exited with code 1\",\"level\":\"info\",\"timestamp\":\"2025-08-01T18:10:00Z\"}\n",
    );
    write(
        "agent-archives/2025-07/X-1.json",
        "{\"taskId\": \"X-1\", \"status\": \"completed\", \"summary\": \"Done\"}\n",
    );
    write("agents/builder.md", "---\nname: builder\ndescription: Builds.\n---\n");
    write("agents/mcp-requirements.json", "{\"required_mcp_servers\": {\"memory\": {\"critical\": true}}}\n");
    write("hooks/config.json", "{\"hooks\": [{\"name\": \"one\", \"enabled\": false}]}\n");
    write("claude_code_config.json", "{\"mcpServers\": {\"files\": {\"command\": \"npx\"}}}\n");
}
