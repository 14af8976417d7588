//! A pretend orchestrator: writes transcripts and databases the way the real ones do, while orchdash looks on.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use serde_json::json;

/// `n` seconds from now, as transcripts write times.
pub fn time(n: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    orchdash::model::Timestamp::from_secs((now + n) as i64).to_string()
}

/// A Claude Code configuration folder that grows.
pub struct Transcripts {
    root: PathBuf,
    count: u64,
}

impl Transcripts {
    /// An empty one below `dir`.
    pub fn new(dir: &Path) -> Self {
        let root = dir.join("dot-claude");
        fs::create_dir_all(root.join("projects")).unwrap();
        Self { root, count: 0 }
    }

    /// The configuration folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Appends a prompt and an answer with `output` tokens to a session, making file and folder when they are new.
    pub fn turn(&mut self, project: &str, session: u64, prompt: &str, at: &str, output: u64) {
        let folder = self.root.join("projects").join(format!("-home-dev-{project}"));
        fs::create_dir_all(&folder).unwrap();
        let session = session_id(session);
        let mut file = open(&folder.join(format!("{session}.jsonl")));
        self.count += 1;
        let n = self.count;
        let common = json!({"sessionId": session, "cwd": format!("/home/dev/{project}"), "version": "2.1.287",
            "gitBranch": "main", "isSidechain": false, "userType": "external", "entrypoint": "cli", "timestamp": at});
        let mut user = common.clone();
        user["type"] = json!("user");
        user["uuid"] = json!(format!("00000000-0000-4000-a000-{:012x}", n * 2));
        user["promptSource"] = json!("typed");
        user["message"] = json!({"role": "user", "content": prompt});
        let mut answer = common;
        answer["type"] = json!("assistant");
        answer["uuid"] = json!(format!("00000000-0000-4000-a000-{:012x}", n * 2 + 1));
        answer["requestId"] = json!(format!("req_{n}"));
        answer["message"] = json!({"id": format!("msg_{n}"), "model": "claude-sonnet-5-5", "role": "assistant",
            "type": "message", "content": [{"type": "text", "text": "Done."}], "stop_reason": "end_turn",
            "usage": {"input_tokens": 3, "output_tokens": output, "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 0}});
        file.write_all(format!("{user}\n{answer}\n").as_bytes()).unwrap();
    }
}

/// The id of the n-th session.
pub fn session_id(n: u64) -> String {
    format!("{n:08x}-0000-4000-8000-000000000000")
}

fn open(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).unwrap()
}

/// A multi-agent dashboard database that somebody writes.
pub struct Dashboard {
    /// The writer's connection.
    pub connection: Connection,
    path: PathBuf,
}

impl Dashboard {
    /// A new database in `dir` with this journal mode (`wal` or `delete`).
    pub fn new(dir: &Path, journal: &str) -> Self {
        fs::create_dir_all(dir).unwrap();
        let path = dir.join("orchestrator.db");
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", journal).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE agents (id VARCHAR(36) NOT NULL PRIMARY KEY, role VARCHAR(10) NOT NULL,
                   status VARCHAR(9) NOT NULL, task_id VARCHAR(36), created_at DATETIME NOT NULL,
                   updated_at DATETIME NOT NULL, completed_at DATETIME, custom_instructions VARCHAR,
                   system_prompt VARCHAR, total_input_tokens INTEGER, total_output_tokens INTEGER,
                   cache_creation_tokens INTEGER, cache_read_tokens INTEGER, total_cost VARCHAR,
                   conversation_history JSON, agent_metadata JSON);
                 CREATE TABLE tasks (id VARCHAR(36) NOT NULL PRIMARY KEY, description TEXT NOT NULL,
                   task_type VARCHAR(22) NOT NULL, status VARCHAR(11) NOT NULL, created_at DATETIME NOT NULL,
                   updated_at DATETIME NOT NULL, completed_at DATETIME, workflow JSON, current_step INTEGER,
                   complexity VARCHAR, include_analyst VARCHAR, working_directory VARCHAR, total_cost INTEGER,
                   duration_seconds INTEGER, result TEXT, error TEXT, task_metadata JSON);",
            )
            .unwrap();
        Self { connection, path }
    }

    /// Opens one that is there.
    pub fn again(dir: &Path) -> Self {
        let path = dir.join("orchestrator.db");
        Self { connection: Connection::open(&path).unwrap(), path }
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Inserts a running task, in one commit.
    pub fn task(&self, n: u64, description: &str, at: &str) {
        self.connection
            .execute(
                "INSERT INTO tasks (id, description, task_type, status, created_at, updated_at, workflow, current_step)
                 VALUES (?1, ?2, 'BUG_FIX', 'IN_PROGRESS', ?3, ?3, '[\"BUILDER\", \"TESTER\"]', 0)",
                (format!("{n:08x}-0000-4000-9000-000000000000"), description, at),
            )
            .unwrap();
    }
}
