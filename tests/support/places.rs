//! Small places of orchestrators, made here: every file says something.

use std::{fs, path::Path};

/// Writes files below a place.
pub fn write_all(root: &Path, files: &[(&str, String)]) {
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A home of the task dispatcher. `crontab` in it stands for what the machine's crontab says.
pub fn dispatcher(root: &Path) {
    let task = |id: &str, status: &str, rest: &str| {
        format!(
            "{{\"id\": \"{id}\", \"task\": \"Work {id}\", \"workspace\": \"web\", \"status\": \"{status}\", \
             \"created_at\": \"2026-11-18T15:00:00.000Z\", \"updated_at\": \"2026-11-18T15:10:00.000Z\"{rest}}}"
        )
    };
    let records = [
        task("d1", "running", ", \"started_at\": \"2026-11-18T15:10:00.000Z\""),
        task("d2", "failed", ", \"batch_id\": \"b\", \"completed_at\": \"2026-11-18T15:10:00.000Z\""),
        r#"{"type": "orchestrator", "task": "orchestrator.sh daily-report", "status": "complete", "workspace": "orchestrator",
            "created_at": "2026-11-17T17:01:00.000Z"}"#
            .to_owned(),
        r#"{"id": "b", "type": "batch", "status": "running", "created_at": "2026-11-18T15:00:00.000Z", "dispatches": ["d2"]}"#
            .to_owned(),
    ];
    let job = "0 17 * * * {{ORCHESTRATOR_HOME}}/scripts/orchestrator.sh daily-report >> {{ORCHESTRATOR_HOME}}/logs/cron-report.log\n";
    let files = [
        ("logs/dispatches.json", format!("[{}]", records.join(","))),
        ("logs/usage.json", r#"{"usage": [{"dispatch_id": "d1", "model": "m", "tokens": {"input": 7, "output": 3}}]}"#.to_owned()),
        ("logs/workspace-locks.json", r#"{"web": {"locked_at": "2026-11-18T15:12:52.000Z", "pid": 5592}}"#.to_owned()),
        ("logs/notifications.json", r#"[{"eventType": "task_failed", "workspace": "web", "message": "Work d2"}]"#.to_owned()),
        ("logs/inbox.json", r#"[{"id": "i", "text": "Look", "status": "pending"}]"#.to_owned()),
        (
            "logs/model-learning.json",
            r#"{"by_complexity": [{"complexity": "simple", "model": "m", "successes": 3, "total": 4}], "suggestions": []}"#.to_owned(),
        ),
        (
            "logs/dispatches.log",
            "[2026-11-12T10:30:12+00:00] workspace=web model=m complexity=simple task=\"Bump \"node\"\nto 20\"\n".to_owned(),
        ),
        ("logs/cron-report.log", "╔══╗\n[INFO] Mode: daily-report\n[ERROR] disk full\n".to_owned()),
        ("logs/b/d2.log", "fine\nError: 529 Overloaded\n".to_owned()),
        (
            "config/orchestrator/workspaces.json",
            r#"{"workspaces": {"web": {"path": "/nowhere/web", "remotes": {"origin": "git@github.com:acme/web.git"}}}}"#.to_owned(),
        ),
        (
            "config/orchestrator/schedules.json",
            r#"{"schedules": {"daily": [{"time": "17:30", "task": "generate_daily_report", "workspaces": ["all"]}]}}"#.to_owned(),
        ),
        ("config/orchestrator/models.json", r#"{"task_complexity": {"simple": {"model": "m"}}}"#.to_owned()),
        ("config/orchestrator/pricing.json", r#"{"models": {"m": {"input_per_mtok": 3}}, "updated": "2026-11-01"}"#.to_owned()),
        ("config/cron/orchestrator.cron", job.to_owned()),
        ("backlogs/products/web.md", "## High\n- [ ] [SIMPLE] Fix it\n- [x] Done it (Completed: 2026-11-12)\n".to_owned()),
        (
            "data/backlog-cache/acme__web.json",
            r#"{"fetchedAt": "2026-11-18T15:00:00Z", "repo": "acme/web", "issues": [{"number": 1, "title": "Drift"}]}"#.to_owned(),
        ),
        ("changelogs/web-changelog.md", "## 2026-11-08\n### Added\n- Audit\n".to_owned()),
        ("reports/pr-inbox.json", r#"{"pull_requests": [{"repo": "web", "number": 9, "title": "Split"}]}"#.to_owned()),
        ("reports/pr-reviews/web-9.md", "## Verdict\n**APPROVE**\n".to_owned()),
        ("crontab", job.replace("{{ORCHESTRATOR_HOME}}", &root.display().to_string())),
    ];
    write_all(root, &files);
}

/// A project of orchestr8.
pub fn orchestr8(root: &Path) {
    let log = |second: u32, msg: &str, rest: &str| {
        format!(
            "{{\"level\":30,\"timestamp\":\"2025-08-22T04:10:{second:02}.000Z\",\"name\":\"orchestr8\",\"executionId\":\"x\",\
             \"workflowId\":\"w\"{rest},\"msg\":\"{msg}\"}}\n"
        )
    };
    let files = [
        (
            "orchestr8.config.json",
            r#"{"version": "1.0.0", "workflows": {"directory": "./workflows"}, "agents": {"directory": "./agents"}}"#.to_owned(),
        ),
        ("agents/linter.json", r#"{"id": "linter", "type": "local", "config": {}, "capabilities": ["execute"]}"#.to_owned()),
        (
            "workflows/w.json",
            r#"{"id": "w", "version": "1.0.0", "name": "Work", "steps": [{"id": "a", "agentId": "linter"}]}"#.to_owned(),
        ),
        (
            "results/r.json",
            r#"{"executionId": "y", "status": "completed", "startTime": "2025-08-22T04:10:00.000Z", "steps":
                {"a": {"status": "completed", "output": 1}}}"#
                .to_owned(),
        ),
        (
            "out/journal.json",
            r#"{"executionId": "z", "entries": [{"timestamp": 1755835800000, "type": "step.started", "stepId": "a", "data": {}}],
                "summary": {"totalEvents": 1, "status": "running"}}"#
                .to_owned(),
        ),
        (
            "out/state.json",
            r#"{"executionId": "s", "status": "failed", "completedSteps": [], "failedSteps": ["a"], "stepResults": {}}"#.to_owned(),
        ),
        (
            "out/events.jsonl",
            "{\"type\":\"execution.queued\",\"executionId\":\"x\",\"workflowId\":\"w\",\"timestamp\":1755835800000}\n\
             {\"type\":\"step.started\",\"stepId\":\"a\",\"executionId\":\"x\",\"timestamp\":1755835800000}\n\
             {\"type\":\"step.completed\",\"stepId\":\"a\",\"timestamp\":1755835800000,\"output\":5}\n"
                .to_owned(),
        ),
        (
            "out/engine.log",
            log(0, "workflow.start", ",\"stepCount\":1") + &log(2, "step.success", ",\"stepId\":\"a\",\"duration\":2000"),
        ),
    ];
    write_all(root, &files);
}

/// A place of the agent orchestrator with files only: a session of parallel agents, a timeline and a plan.
pub fn agent_orchestrator(root: &Path) {
    let files = [
        (
            "agent-workspaces/orchestration-timeline.jsonl",
            "{\"timestamp\":\"2025-08-01T18:00:00Z\",\"event\":\"orchestration_start\",\"project\":\"shop\"}\n",
        ),
        (
            "agent-workspaces/orchestration-plan.md",
            "# Orchestration Plan: shop\n## Phase Breakdown\n### One\n- [x] **a**: b\n",
        ),
        (
            "orchestration/session-orch-20250801-180000/config.json",
            "{\"projectName\": \"shop\", \"projectLevel\": 2}\n",
        ),
        (
            "orchestration/session-orch-20250801-180000/phase-1-plan.json",
            "{\"phase\": 1, \"agents\": [{\"name\": \"first\", \"taskId\": \"one\"}, {\"name\": \"second\", \"taskId\": \"two\"}]}\n",
        ),
        (
            "orchestration/session-orch-20250801-180000/results/first.json",
            "{\"agent\": \"first\", \"status\": \"completed\"}\n",
        ),
        (
            "agents/agent-registry.json",
            "{\"agents\": [{\"name\": \"first\", \"category\": \"engineering\"}]}\n",
        ),
    ];
    write_all(root, &files.map(|(name, text)| (name, text.to_owned())));
}

/// A folder of streams of headless runs: one with a sub-agent, one that failed. Every line says when.
pub fn stream_json(root: &Path) {
    let line = |session: &str, second: u32, rest: &str| {
        format!(
            "{{\"session_id\":\"{session}\",\"timestamp\":\"2026-11-18T12:00:{second:02}Z\",\"uuid\":\"{session}-{second}\",{rest}}}\n"
        )
    };
    let init = r#""type":"system","subtype":"init","cwd":"/home/dev/shop","model":"claude-sonnet-4-5""#;
    let answer = |id: &str, call: &str, content: &str| {
        format!(
            "\"type\":\"assistant\",\"parent_tool_use_id\":{call},\"message\":{{\"id\":\"{id}\",\"model\":\"claude-sonnet-4-5\",\
             \"content\":[{content}],\"usage\":{{\"input_tokens\":5,\"output_tokens\":20}}}}"
        )
    };
    let spawn = r#"{"type":"tool_use","id":"t1","name":"Agent","input":{"description":"Look","subagent_type":"Explore"}}"#;
    let text = r#"{"type":"text","text":"Seen."}"#;
    let limit = r#""type":"rate_limit_event","rate_limit_info":{"status":"allowed","rateLimitType":"five_hour","utilization":0.4,"resetsAt":1795028400}"#;
    let task = r#""type":"system","subtype":"task_notification","task_id":"b1","tool_use_id":"t1","status":"completed","summary":"Seen.""#;
    let good = r#""type":"result","subtype":"success","is_error":false,"num_turns":2,"duration_ms":9000,"result":"Done.","total_cost_usd":0.02"#;
    let bad = r#""type":"result","subtype":"error_max_turns","is_error":true,"num_turns":9,"duration_ms":9000,"total_cost_usd":0.5"#;
    let one = [
        line("one", 0, init),
        line("one", 1, &answer("m1", "null", spawn)),
        line("one", 2, &answer("m2", "\"t1\"", text)),
        line("one", 3, task),
        line("one", 4, limit),
        line("one", 9, good),
    ];
    let two = [line("two", 10, init), line("two", 11, &answer("m3", "null", text)), line("two", 19, bad)];
    write_all(root, &[("one.jsonl", one.concat()), ("nightly/two.log", two.concat())]);
}
