//! The stream of another program.

use super::*;

const STREAM: &str = r#"{"type":"thread.started","thread_id":"th-1"}
{"type":"turn.started"}
{"type":"item.started","item":{"id":"i1","type":"command_execution","command":"bash -lc 'npm test'","status":"in_progress"}}
"#;

#[test]
fn a_thread_is_a_session() {
    let running = said_ago(STREAM, Millis::minutes(1));
    let agent = running.agent("th-1");
    assert_eq!(
        (agent.status, agent.activity.as_deref()),
        (Status::Running, Some("shell bash -lc 'npm test'"))
    );
    let lines = [
        STREAM,
        r#"{"type":"item.completed","item":{"id":"i1","type":"command_execution","command":"bash -lc 'npm test'","exit_code":1,"status":"failed"}}"#,
        "\n",
        r#"{"type":"item.completed","item":{"id":"i2","type":"file_change","changes":[{"path":"/w/a.js","kind":"update"}],"status":"completed"}}"#,
        "\n",
        r#"{"type":"item.completed","item":{"id":"i3","type":"agent_message","text":"All done."}}"#,
        "\n",
        r#"{"type":"turn.completed","usage":{"input_tokens":1000,"cached_input_tokens":800,"output_tokens":50}}"#,
        "\n",
    ]
    .concat();
    let bench = said(&lines);
    let agent = bench.agent("th-1");
    assert_eq!((agent.status, agent.status_raw.as_deref()), (Status::Succeeded, Some("turn.completed")));
    let tokens = bench.tokens("th-1");
    assert_eq!((tokens.input, tokens.cache_read, tokens.output), (200, 800, 50));
    assert_eq!(bench.task().result.as_deref(), Some("All done."));
    let tools: Vec<(&str, u32, u32)> = agent
        .tools
        .as_ref()
        .unwrap()
        .iter()
        .map(|tool| (tool.name.as_str(), tool.calls, tool.failed))
        .collect();
    assert_eq!(tools, [("shell", 1, 1), ("edit", 1, 0)]);
    assert_eq!(agent.files.as_ref().unwrap().written.len(), 1);
    assert!(!bench.notes().contains("unknown"), "{}", bench.notes());
}

#[test]
fn a_failed_turn_says_why() {
    let failed = said(
        &[
            STREAM,
            r#"{"type":"error","message":"stream broke"}"#,
            "\n",
            r#"{"type":"turn.failed","error":{"message":"no quota"}}"#,
            "\n",
        ]
        .concat(),
    );
    assert_eq!(failed.agent("th-1").status, Status::Failed);
    assert_eq!(failed.task().error.as_deref(), Some("no quota"));
    assert_eq!(failed.log.len(), 2);
}
