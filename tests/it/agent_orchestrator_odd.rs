//! More odd cases of the agent orchestrator: what has no owner, what is left over, and what two stores say of one thing.

use std::fs;

use orchdash::model::{Status, Timestamp, Usd};

use crate::agent_orchestrator_bench::{Bench, COLLABORATION, LOOSE, fact, local, note};

const DB: &str = "orchestrator.db";
const HOOKS: &str = "agent-memory/agent-collaboration.db";

/// The shipped sender of events leaves out which execution it speaks of.
#[test]
fn rows_without_an_execution_are_told() {
    let mut bench = Bench::new();
    bench.sql(DB, LOOSE);
    bench.sql(
        DB,
        "INSERT INTO agent_tasks (id, execution_id, task_id, agent_name, status, input) VALUES ('t', NULL, 'task-1', 'analyst', 'running', '{}');
         INSERT INTO execution_metrics (execution_id, metric_name, metric_value) VALUES
           (NULL, 'runningAgents', 3), (NULL, 'runningAgents', 4), ('nowhere', 'latency', 0.5);",
    );
    bench.read();
    assert_eq!(bench.task("t").agents, []);
    let notes = bench.notes();
    assert!(
        notes.contains("runningAgents = 4 (last of 2 values)") && notes.contains("latency = 0.5"),
        "{notes}"
    );
}

#[test]
fn what_an_execution_says_it_cost_is_recorded() {
    let mut bench = Bench::new();
    bench.sql(DB, LOOSE);
    bench.sql(
        DB,
        "INSERT INTO agent_executions (id, agent_name, status, metrics) VALUES
           ('done', 'a', 'completed', '{\"cost_usd\": 0.25, \"tokens\": {\"input\": 100, \"output\": 20}}'),
           ('runs', 'b', 'running', '{\"tokens\": \"many\", \"cost_usd\": -1}'), ('none', 'c', 'completed', '7'),
           ('many', 'd', 'completed', '{\"cost_usd\": 1}');
         INSERT INTO execution_metrics (execution_id, metric_name, metric_value) VALUES
           ('runs', 'cost_usd', 0.5), ('runs', 'cost_usd', 0.75), ('runs', 'tokens_total', 3.5e3), ('runs', 'tokens_total', 4000.6);
         INSERT INTO agent_tasks (id, execution_id, task_id, agent_name, status) VALUES ('t1', 'done', '1', 'a', 'completed'),
           ('t2', 'runs', '2', 'b', 'running'), ('t3', 'many', '3', 'd', 'completed'), ('t4', 'many', '4', 'd', 'completed');",
    );
    bench.read();
    let agent = |key: &str| (bench.agent(key).recorded_cost, bench.agent(key).recorded_cost_is_floor);
    assert_eq!(agent("done"), (Some(Usd(250_000_000)), false));
    assert_eq!(agent("runs"), (None, true), "a negative cost is none");
    assert_eq!(agent("none"), (None, false));
    let task = |key: &str| (bench.task(key).recorded_cost, bench.task(key).recorded_tokens);
    assert_eq!(task("t1"), (Some(Usd(250_000_000)), Some(120)));
    assert_eq!(task("t2"), (None, Some(4001)));
    assert_eq!((task("t3"), task("t4")), ((None, None), (None, None)), "nobody says whose part is how large");
}

#[test]
fn marks_that_were_left_over_prove_nothing() {
    let mut bench = Bench::new();
    let name = "session-orch-20250801-181500";
    let part = |file: &str| format!("orchestration/{name}/{file}");
    bench.file(&part("config.json"), "{\"projectName\": \"shop\"}");
    bench.file(
        &part("phase-1-plan.json"),
        "{\"phase\": 1, \"agents\": [{\"name\": \"a\", \"taskId\": \"t\"}]}",
    );
    bench.file(&part("status/a.active"), "");
    bench.file(&part("status/guest.active"), "");
    bench.file(
        &part("logs/orchestration.log"),
        "2025-08-01T18:15:01Z - Spawned a (task: t)\n2025-08-01T18:15:02Z - Spawned guest (task: u)\n",
    );
    bench.read();
    assert_eq!(bench.task(name).status, Status::Running);
    assert_eq!(bench.agent(&format!("{name}/a")).status, Status::Running);
    assert_eq!(bench.project("files/project/shop").status, Status::Running, "a session of it runs");
    let rig = bench.rig.as_mut().unwrap();
    assert!(rig.next_wake().is_some_and(|wake| Some(wake) <= Timestamp::parse("2025-08-02T18:15:02Z")));
    rig.now = Timestamp::parse("2025-08-02T18:15:02Z").unwrap();
    bench.touch("nothing");
    let task = bench.task(name);
    assert_eq!((task.status, &task.activity), (Status::Unknown, &None));
    assert!(note(task.status_note.as_ref()).contains("more than a day"));
    for agent in ["a", "guest"] {
        let agent = bench.agent(&format!("{name}/{agent}"));
        assert_eq!(agent.status, Status::Unknown);
        assert!(note(agent.status_note.as_ref()).contains("no sign of life"));
    }
    assert_eq!(bench.run(&format!("{name}/phase 1/a")).status, Status::Unknown);
    assert_eq!(bench.project("files/project/shop").status, Status::Unknown);
}

/// The hooks write an error into a table and into a file, each in its own words.
#[test]
fn an_error_of_a_tool_and_a_block_are_told_once() {
    let mut bench = Bench::new();
    bench.sql(HOOKS, COLLABORATION);
    bench.sql(
        HOOKS,
        "INSERT INTO hook_error_events (agent_id, error_type, error_message, impact_level, timestamp, session_id) VALUES
           ('a', 'tool_failure', 'rg: not found ', 'medium', '2025-08-01 18:01:00', 's'), ('a', 'task_blocked', 'no api', 'high', '2025-08-01 18:02:00', 's')",
    );
    bench.file(
        "agent-tracking-backup/tool-usage.log",
        "[2025-08-01 18:01:00] TOOL_ERROR: Agent=a Tool=Grep Error=rg: not found\n[2025-08-01 18:03:00] TOOL_ERROR: Agent=a Tool=Grep Error=it's gone\n",
    );
    bench.file("agent-progress-backup/Agent-a-progress.log", "[2025-08-01 18:02:00] TASK_BLOCKED - no api\n");
    bench.read();
    let lines = bench.lines();
    assert_eq!(
        lines,
        ["tool_failure (medium): rg: not found", "task_blocked (high): no api", "Grep failed: it's gone"],
        "an apostrophe keeps an error out of the table"
    );
}

#[test]
fn outputs_in_columns_are_outputs() {
    let mut bench = Bench::new();
    bench.sql(HOOKS, COLLABORATION);
    bench.sql(
        HOOKS,
        "CREATE TABLE agent_outputs (output_id INTEGER PRIMARY KEY, task_id TEXT, agent_id TEXT, status TEXT, deliverables TEXT, insights TEXT,
           metrics TEXT, suggested_agents TEXT, next_steps TEXT, error_details TEXT, created_at TIMESTAMP);
         INSERT INTO agent_tasks (task_id, agent_id, status) VALUES ('T-1', 'a', 'in_progress');
         INSERT INTO agent_outputs (task_id, status, deliverables, next_steps, error_details) VALUES
           ('T-1', 'planning', '[\"old\"]', NULL, NULL), ('T-1', 'failed', '[{\"path\": \"a.md\", \"description\": \"notes\"}]', 'broken [', 'key sk-abc123def456ghi789 refused'),
           ('T-2', 'completed', NULL, NULL, NULL);
         CREATE TABLE orchestration_sessions (session_id TEXT PRIMARY KEY, project_name TEXT, project_level INTEGER, start_time TIMESTAMP,
           end_time TIMESTAMP, status TEXT DEFAULT 'active', participating_agents JSON, project_metadata JSON);
         INSERT INTO orchestration_sessions VALUES ('o', 'shop', 4, '2025-07-01 10:00:00', NULL, 'active', '[\"a\", \"b\"]', NULL);
         INSERT INTO agent_coordination_queue (coordination_id, from_agent, to_agent, status, claimed_at) VALUES ('c', 'a', 'b', 'claimed', '2025-07-01 10:00:00');",
    );
    bench.read();
    let task = bench.task("T-1");
    assert_eq!(task.result.as_deref(), Some("deliverables:\n- a.md: notes\nnext steps:\n- broken ["));
    assert_eq!(task.error.as_deref(), Some("key *** refused"));
    assert_eq!(
        (task.status, note(task.status_note.as_ref())),
        (Status::Running, "its stored output says failed")
    );
    for key in ["run/o", "handed/c"] {
        let task = bench.task(key);
        assert_eq!(task.status, Status::Running, "as stored");
        assert!(note(task.status_note.as_ref()).contains("stale"), "{key}");
    }
    assert_eq!(bench.task("run/o").title.as_str(), "shop (level 4, Production)");
}

/// Free text can hold a key that somebody pasted.
#[test]
fn secrets_in_free_text_are_masked() {
    let mut bench = Bench::new();
    let key = "sk-abc123def456ghi789";
    bench.sql(DB, LOOSE);
    bench.sql(
        DB,
        &format!(
            "INSERT INTO projects (id, name, description) VALUES ('p', 'shop', 'with {key}');
             INSERT INTO agent_executions (id, project_id, agent_name, status, error) VALUES ('e', 'p', 'a', 'failed', 'refused: {key}');
             INSERT INTO agent_tasks (id, execution_id, task_id, agent_name, status, input, output) VALUES
               ('t', 'e', '1', 'a', 'failed', '{{\"prompt\": \"use {key}\", \"env\": {{\"A\": \"{key}\"}}}}', '{{\"error\": \"{key}\"}}');
             INSERT INTO agent_logs (execution_id, message) VALUES ('e', 'got {key}');"
        ),
    );
    bench.sql(HOOKS, COLLABORATION);
    bench.sql(
        HOOKS,
        &format!(
            "INSERT INTO agent_tasks (task_id, agent_id, status, title, description) VALUES ('T', 'a', 'pending', 't {key}', 'd {key}');
             INSERT INTO hook_progress_events (agent_id, event_type, task_id, milestone_name, milestone_details, session_id) VALUES
               ('a', 'task_blocked', 'T', 'm {key}', '{{\"reason\": \"r {key}\"}}', 's'), ('a', 'task_start', 'U', 'x', '{{\"task_title\": \"u {key}\"}}', 's');
             INSERT INTO hook_error_events (agent_id, error_type, error_message) VALUES ('a', 'odd', 'e {key}');"
        ),
    );
    bench.file(
        "agent-workspaces/Agent-a.md",
        &format!("```json\n{{\"status\": \"completed\", \"summary\": \"{key}\"}}\n```\n"),
    );
    bench.read();
    let told = format!("{:?} {:?} {}", bench.rig().facts(), bench.lines(), bench.notes());
    assert!(told.contains("refused: ***"), "{told}");
    assert!(!told.contains("abc123"), "{told}");
}

#[test]
fn what_the_servers_log_proved_goes_with_the_log() {
    let mut bench = Bench::new();
    bench.sql(DB, LOOSE);
    bench.sql(DB, "INSERT INTO agent_executions (id, agent_name, status, started_at) VALUES ('e', 'a', 'running', '2025-08-01 18:00:00')");
    bench.file("combined.log", "{\"message\":\"Orchestrator e exited with code 1\"}\n");
    bench.read();
    assert!(note(bench.agent("e").status_note.as_ref()).contains("exited with code 1"));
    bench.file("combined.log", "{\"message\":\"x\"}\n");
    bench.touch("combined.log");
    assert_eq!(bench.agent("e").status_note, None);
    fs::remove_file(bench.path("combined.log")).unwrap();
    bench.touch("combined.log");
}

/// Of a long log only the newest rows are looked at, by a reader that has seen the others, too.
#[test]
fn activity_is_of_the_newest_rows() {
    let mut bench = Bench::new();
    bench.sql(DB, LOOSE);
    bench.sql(
        DB,
        "INSERT INTO agent_executions (id, agent_name, status) VALUES ('e', 'a', 'running'), ('f', 'b', 'running');
         INSERT INTO agent_logs (execution_id, message, created_at) VALUES ('e', 'long ago', '2025-08-01 18:00:00')",
    );
    bench.read();
    assert_eq!(bench.agent("e").activity.as_deref(), Some("long ago"));
    bench.sql(
        DB,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         INSERT INTO agent_logs (execution_id, message, created_at) SELECT 'f', 'row ' || i, '2025-08-01 18:10:00' FROM n",
    );
    bench.touch(DB);
    assert_eq!(bench.agent("f").activity.as_deref(), Some("row 2500"));
    assert_eq!(bench.agent("e").activity, None);
    assert!(bench.notes().contains("older log rows are not shown"), "{}", bench.notes());
}

/// Nobody answered, and the work went on all the same.
#[test]
fn a_question_that_was_passed_over_says_so() {
    let mut bench = Bench::new();
    let file = "agent-workspaces/orchestration-timeline.jsonl";
    bench.file(file, "{\"timestamp\":\"2025-08-01T18:00:00Z\",\"event\":\"orchestration_start\",\"project\":\"shop\"}\n{\"timestamp\":\"2025-08-01T18:01:00Z\",\"event\":\"user_input_requested\",\"prompt\":\"DB?\"}\n");
    bench.read();
    let says =
        |bench: &Bench| note(bench.agent("timeline/orchestration-agent").status_note.as_ref()).to_owned();
    assert!(!says(&bench).contains("went on"));
    bench.append(
        file,
        "{\"timestamp\":\"2025-08-01T18:05:00Z\",\"event\":\"phase_start\",\"phase\":2,\"agents\":3}\n",
    );
    bench.touch(file);
    assert!(says(&bench).contains("went on"));
    assert_eq!(
        bench.lines(),
        ["orchestration_start shop", "user_input_requested: DB?", "phase_start 2 agents=3"]
    );
}

#[test]
fn optional_dependencies_are_called_so() {
    let mut bench = Bench::new();
    bench.sql(DB, LOOSE);
    bench.sql(
        DB,
        "INSERT INTO projects (id, name) VALUES ('p', 'shop');
         INSERT INTO agent_executions (id, project_id, agent_name, status) VALUES ('e', 'p', 'a', 'running');
         INSERT INTO execution_plans VALUES ('plan', 'p', '{}', NULL);
         INSERT INTO agent_tasks (id, execution_id, task_id, agent_name, status) VALUES ('a', 'e', '1', 'a', 'pending'), ('b', 'e', '2', 'a', 'pending');
         INSERT INTO agent_dependencies VALUES ('1', 'plan', '1', '2', 'Optional');",
    );
    bench.read();
    assert_eq!(fact(&bench.run("b").facts, "need not wait for"), "1");
    assert_eq!(bench.run("b").depends_on, [local("a")]);
}

/// A statement that runs for long would keep the hooks waiting, so long tables are read in pages and then only what came.
#[test]
fn long_tables_are_read_whole_and_then_what_came() {
    let mut bench = Bench::new();
    bench.sql(HOOKS, COLLABORATION);
    let calls = |from: u32, to: u32| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             INSERT INTO hook_tool_usage (event_id, agent_id, tool_name, tool_parameters, success, session_id, hook_timestamp)
             SELECT i, 'a' || (i % 3), 'Edit', '{{\"file_path\": \"f' || i || '\"}}', i % 10 <> 0, 's', '2025-08-01 18:29:00' FROM n;"
        )
    };
    bench.sql(HOOKS, &calls(1, 3000));
    bench.sql(HOOKS, "INSERT INTO hook_tool_usage (event_id, agent_id, tool_name) VALUES (3001, '', 'Edit')");
    bench.read();
    let agent = |bench: &Bench| {
        let agent = bench.agent("s/a1");
        (
            agent.tool_calls(),
            agent.tools.as_ref().unwrap()[0].failed,
            agent.activity.clone().unwrap().to_string(),
        )
    };
    assert_eq!(agent(&bench), (Some(1000), 100, "Edit f2998".to_owned()));
    let read = bench.rig().health.rows_read;
    assert_eq!(bench.rig().health.skipped, 1, "a row without an agent");
    bench.sql(HOOKS, &calls(3010, 3012));
    bench.touch(HOOKS);
    assert_eq!(agent(&bench), (Some(1001), 101, "Edit f3010".to_owned()));
    assert_eq!(bench.rig().health.rows_read - read, 3, "nothing is read twice");
    assert_eq!(bench.rig().health.skipped, 1, "and nothing forgotten");
    // Rows that went make everything be read anew, whatever came meanwhile.
    bench.sql(HOOKS, &("DELETE FROM hook_tool_usage WHERE event_id <= 3; ".to_owned() + &calls(4000, 4002)));
    bench.touch(HOOKS);
    assert_eq!(bench.agent("s/a1").tool_calls(), Some(1001));
    bench.sql(HOOKS, "DELETE FROM hook_tool_usage WHERE event_id > 1000");
    bench.touch(HOOKS);
    assert_eq!(bench.agent("s/a1").tool_calls(), Some(333));
    assert_eq!(bench.rig().health.skipped, 0);
}
