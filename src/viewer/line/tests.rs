//! Lines of every dialect, as their writers write them.

use chrono_tz::Tz;

use super::*;

/// time, level, agent, tool, outcome, message.
fn told(line: &str) -> String {
    let facts = recognise(line.as_bytes(), Tz::Europe__Berlin);
    let or = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let at = facts.at.map(|at| at.full(Tz::UTC));
    let fields: Vec<String> = facts.fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!(
        "{} {} {} {} {} | {} | {}",
        or(at.as_deref()),
        or(facts.level.map(Level::word)),
        or(facts.agent.as_deref()),
        or(facts.tool.as_deref()),
        or(facts.outcome.map(Outcome::word)),
        facts.message,
        fields.join(" "),
    )
}

#[test]
fn dialects_are_read() {
    let cases: &[(&str, &str)] = &[
        // orchestr8: console adapter, pino, pretty.
        (
            r#"{"timestamp":"2025-08-22T04:10:00.063Z","level":"info","msg":"step.success","name":"orchestr8","stepId":"lint","agentId":"@acme/linter","duration":39}"#,
            "2025-08-22 04:10:00 info @acme/linter - - | step.success | duration=39 name=orchestr8 stepId=lint",
        ),
        (
            r#"{"level":50,"timestamp":"2025-08-22T04:10:00.063Z","stepId":"lint","error":"boom","cancelled":false,"msg":"step.error"}"#,
            "2025-08-22 04:10:00 error lint - - | step.error: boom | cancelled=false",
        ),
        (
            r#"{"level":50,"stepId":"lint","error":"stopped","cancelled":true,"msg":"step.error"}"#,
            "- error lint - denied | step.error: stopped | cancelled=true",
        ),
        (
            "\u{1b}[90m2025-08-22T04:10:00.063Z\u{1b}[0m \u{1b}[33mWARN \u{1b}[0m [resilience] Operation timed out stepId=lint duration=30",
            "2025-08-22 04:10:00 warn resilience - - | Operation timed out | stepId=lint duration=30",
        ),
        // Nothing but parts: each of them once.
        (
            "level=info path=/api/pay status=200 took=12ms",
            "- info - - - |  | path=/api/pay status=200 took=12ms",
        ),
        // multi-agent events.
        (
            r#"{"timestamp": "2025-11-13T12:00:20.117173+00:00", "event": "agent_created", "agent_id": "6558", "name": "Builder Agent", "role": "builder"}"#,
            "2025-11-13 12:00:20 - 6558 - - | agent_created | name=Builder Agent role=builder",
        ),
        (
            r#"{"timestamp": "2025-11-13T12:00:00+00:00", "event": "task_failed", "task_id": "5a", "error": "no plan"}"#,
            "2025-11-13 12:00:00 error - - - | task_failed: no plan | task_id=5a",
        ),
        // dispatcher.
        (
            r#"[2026-11-12T10:30:12+00:00] workspace=api-backend model=claude-haiku-4-5 complexity=simple task="Bump node to 20 in CI""#,
            "2026-11-12 10:30:12 - - - - | Bump node to 20 in CI | workspace=api-backend model=claude-haiku-4-5 complexity=simple",
        ),
        (
            "[PASS] command_success: Command succeeded: npm test",
            "- - - - ok | command_success: Command succeeded: npm test | ",
        ),
        // agent-orchestrator: local time, colours written out, hooks, session logs.
        (
            r"[2026-01-10 12:00:05] \033[0;36m🤖 Running backend-dev...\033[0m",
            "2026-01-10 11:00:05 - backend-dev - - | 🤖 Running backend-dev... | ",
        ),
        (
            "[2026-01-10 12:00:09] ✅ backend-dev completed",
            "2026-01-10 11:00:09 - backend-dev - ok | ✅ backend-dev completed | ",
        ),
        (
            "[2026-01-10 12:00:09] ❌ Critical MCP servers are missing!",
            "2026-01-10 11:00:09 error - - - | ❌ Critical MCP servers are missing! | ",
        ),
        (
            "[2026-01-10 12:00:05] Agent:qa Tool:Bash Success:0 Duration:12ms",
            "2026-01-10 11:00:05 - qa Bash failed |  | Duration=12ms",
        ),
        (
            "[2026-01-10 12:00:05] TOOL_ERROR: Agent=qa Tool=Bash Error=exit code 1, see log",
            "2026-01-10 11:00:05 error qa Bash - | TOOL_ERROR | Error=exit code 1, see log",
        ),
        (
            "2025-08-01T18:15:00Z - Spawned architect (task: task-001)",
            "2025-08-01 18:15:00 - architect - - | Spawned architect (task: task-001) | ",
        ),
        // winston.
        (
            r#"{"level":"error","message":"Socket closed","service":"dashboard","timestamp":"2026-01-10 12:00:05"}"#,
            "2026-01-10 11:00:05 error - - - | Socket closed | service=dashboard",
        ),
        // claude code.
        (
            r#"{"type":"assistant","timestamp":"2026-11-18T14:36:12.765Z","message":{"model":"claude-sonnet-5","content":[{"type":"text","text":"I will look."},{"type":"tool_use","name":"Bash","input":{"command":"npm test"}}]}}"#,
            "2026-11-18 14:36:12 - claude-sonnet-5 Bash - | I will look. npm test | ",
        ),
        (
            r#"{"type":"user","message":{"content":[{"type":"tool_result","is_error":true,"content":"The user doesn't want to proceed with this tool use."}]}}"#,
            "- - - - denied | The user doesn't want to proceed with this tool use. | ",
        ),
        (
            r#"{"type":"result","subtype":"success","is_error":false,"result":"Done.","num_turns":3,"total_cost_usd":0.5}"#,
            "- - - - ok | result success: Done. | num_turns=3 total_cost_usd=0.5",
        ),
        // codex.
        (
            r#"{"timestamp":"2026-11-18T14:36:12.765Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":[\"ls\",\"-la\"]}"}}"#,
            "2026-11-18 14:36:12 - - shell - | ls -la | ",
        ),
        (
            r#"{"type":"item.completed","item":{"type":"command_execution","command":"make","exit_code":2,"status":"failed"}}"#,
            "- - - command_execution failed | make | ",
        ),
        // plain text.
        ("2026/11/18 14:36:12,5 INFO: started", "2026-11-18 13:36:12 info - - - | started | "),
        ("[1763476572] done", "2025-11-18 14:36:12 - - - - | done | "),
        ("npm ERR! code ELIFECYCLE", "- error - - - | npm ERR! code ELIFECYCLE | "),
        ("Error: cannot find module 'x'", "- error - - - | cannot find module 'x' | "),
        ("Information is what we have", "- - - - - | Information is what we have | "),
        ("", "- - - - - |  | "),
        ("}{ not json", "- - - - - | }{ not json | "),
    ];
    for (line, wanted) in cases {
        assert_eq!(told(line), *wanted, "{line}");
    }
}

#[test]
fn a_line_that_is_cut_says_what_is_left_of_it() {
    let whole = r#"{"timestamp":"2025-08-22T04:10:00.063Z","level":"warn","agentId":"a","msg":"a long \u00e4 \"text\" that goes on","more":[1,{"deep":2}]}"#;
    for end in 0..whole.len() {
        let facts = recognise(&whole.as_bytes()[..end], Tz::UTC);
        if end >= 65 {
            assert_eq!(facts.level, Some(Level::Warn), "{}", &whole[..end]);
            assert_eq!(facts.at.map(|at| at.0), Some(1_755_835_800_063), "{}", &whole[..end]);
        }
    }
    let cut = recognise(whole.get(..95).unwrap().as_bytes(), Tz::UTC);
    assert_eq!(&*cut.message, "a long ä \"tex…");
}

#[test]
fn the_fast_way_to_the_time_agrees_with_the_slow_one() {
    let lines = [
        r#"{"timestamp":"2025-08-22T04:10:00.063Z","msg":"a"}"#,
        r#"{"payload":{"timestamp":"2020-08-22T04:10:00.063Z"},"timestamp":"2025-08-22T04:10:00.063Z"}"#,
        r#"{"msg":"\"timestamp\":\"2020-08-22T04:10:00.063Z\"","time":1755835800063}"#,
        r#"{"message":"x"}"#,
        "[2026-01-10 12:00:05] a",
        "no time",
    ];
    for line in lines {
        let (fast, slow) = (time_of(line.as_bytes(), Tz::UTC), recognise(line.as_bytes(), Tz::UTC).at);
        assert_eq!(fast, slow, "{line}");
    }
}

#[test]
fn secrets_do_not_leave() {
    let lines = [
        r#"{"msg":"login","password":"hunter2hunter2","headers":{"authorization":"Bearer abcdef0123456789"}}"#,
        r#"{"msg":"cut","apiKey": "hunter2hunter2"#,
        "calling with sk-ant-REDACTED0123456789abcdef and token=ghp_0123456789abcdefXY",
        r"[2026-01-10 12:00:05] password=hunter2hunter2 user=me",
    ];
    for line in lines {
        let facts = recognise(line.as_bytes(), Tz::UTC);
        let shown = format!("{} {:?} {}", facts.message, facts.fields, raw(line.as_bytes()));
        for secret in ["hunter2", "0123456789", "abcdef012"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn hostile_lines_are_only_text() {
    let deep = "[".repeat(200_000);
    let marks = format!("a{}", "\u{301}".repeat(20_000));
    let lines = [
        "\u{1b}]52;c;aGVsbG8=\u{7}copied".to_owned(),
        "\u{202e}gnp.exe".to_owned(),
        format!("{{\"a\":{deep}"),
        marks,
        "\0\0\0\0".to_owned(),
        "{\"timestamp\":1e999,\"level\":-99999999999999999999,\"msg\":null}".to_owned(),
    ];
    for line in &lines {
        let facts = recognise(line.as_bytes(), Tz::UTC);
        let text = raw(line.as_bytes());
        for shown in [&facts.message, &text] {
            assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\0']), "{shown}");
            assert!(shown.len() <= crate::text::MAX_LINE_BYTES + 8);
        }
    }
    assert_eq!(recognise(b"\xff\xfe broken \x80", Tz::UTC).level, None);
}
