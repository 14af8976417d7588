//! orchestr8 as its users meet it: projects made here, asked about by running the program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::Value;

use crate::machine::{Machine, counted};

fn machine() -> Machine {
    Machine::new("2025-08-22T04:12:00Z")
}

/// Runs the program in the place.
fn run(machine: &Machine, args: &[&str]) -> (Option<i32>, Value, String) {
    let output = machine.run("place", &[], args);
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), serde_json::from_str(&text).unwrap_or(Value::Null), text)
}

fn write(machine: &Machine, name: &str, text: &str) {
    machine.write(&format!("place/{name}"), text);
}

const CONFIG: &str = r#"{"version": "1.0.0", "workflows": {"directory": "./workflows"}, "agents": {"directory": "./agents"},
    "logging": {"level": "info"}, "server": {"port": 8088}}"#;
const AGENT: &str = r#"{"id": "linter", "name": "Linter", "type": "http", "version": "1.0.0", "capabilities": ["execute"],
    "config": {"endpoint": "http://localhost:3000", "headers": {"Authorization": "Bearer sesame-1"}}}"#;
const RESULT: &str = r#"{"runId": "r-1", "workflow": "{\"id\": \"w\", \"name\": \"Review\", \"steps\": [{\"id\": \"a\", \"agentId\": \"linter\"}], \"version\": \"1\"}",
    "status": "failed", "steps": {"a": {"status": "failed", "output": {"token": "sesame-2"},
    "error": {"code": "UNKNOWN", "message": "refused: Bearer sesame-3"}}},
    "variables": {"dbPassword": "sesame-4"}, "errors": [{"code": "UNKNOWN", "message": "refused: Bearer sesame-3", "stepId": "a"}],
    "duration": 40, "timestamp": "2025-08-22T04:10:00.000Z"}"#;

fn project(machine: &Machine) {
    write(machine, "orchestr8.config.json", CONFIG);
    write(machine, "agents/linter.json", AGENT);
    write(machine, "results/r.json", RESULT);
    write(
        machine,
        "logs/engine.log",
        "{\"level\":30,\"timestamp\":\"2025-08-22T04:11:00.000Z\",\"name\":\"orchestr8\",\"executionId\":\"r-2\",\"workflowId\":\"w\",\
         \"workflowName\":\"Review\",\"stepCount\":1,\"variables\":{\"deep\":{\"apiKey\":\"sesame-5\"}},\"msg\":\"workflow.start\"}\n",
    );
}

#[test]
fn a_project_is_found_where_one_stands() {
    let machine = machine();
    project(&machine);
    let (code, tasks, _) = run(&machine, &["tasks"]);
    assert_eq!(code, Some(0));
    let told: Vec<(&Value, &Value, &Value)> = tasks["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| (&task["id"], &task["status"], &task["source"]))
        .collect();
    let kind = Value::from("orchestr8");
    assert_eq!(
        told,
        [
            (&Value::from("r-2"), &Value::from("running"), &kind),
            (&Value::from("r-1"), &Value::from("failed"), &kind)
        ]
    );
    let (_, agents, _) = run(&machine, &["agents"]);
    assert_eq!(agents["agents"][0]["role"], "linter");
    let (_, sources, _) = run(&machine, &["sources"]);
    assert_eq!(sources["sources"][0]["state"], "live");
    for command in ["tasks", "agents", "sources", "status", "usage"] {
        let (_, _, text) = run(&machine, &[command]);
        assert!(!text.contains("sesame"), "{command} tells a secret: {text}");
    }
}

/// Runs name agents with the scope of their package, files define them without.
#[test]
fn an_agent_that_runs_under_its_package_is_the_one_that_is_defined() {
    let machine = machine();
    project(&machine);
    write(
        &machine,
        "results/r.json",
        &RESULT.replace("\\\"agentId\\\": \\\"linter", "\\\"agentId\\\": \\\"@acme/linter"),
    );
    let (_, agents, _) = run(&machine, &["agents"]);
    assert_eq!(agents["agents"][0]["role"], "@acme/linter");
    let (_, catalog, _) = run(&machine, &["catalog", "--kind", "agent"]);
    let items = catalog["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "no role without a definition: {items:?}");
    let used = &items[0]["use"];
    assert_eq!(
        (&items[0]["name"], &used["agents"], &used["failed"]),
        (&"linter".into(), &1.into(), &1.into())
    );
}

#[test]
fn a_folder_of_other_programs_is_not_taken() {
    let machine = machine();
    write(&machine, "package.json", r#"{"name": "x", "version": "1.0.0"}"#);
    write(&machine, "agents/a.json", AGENT);
    write(&machine, "workflows/ci.json", r#"{"name": "ci", "steps": [{"run": "make"}]}"#);
    write(&machine, "results/r.json", RESULT);
    let (code, sources, _) = run(&machine, &["sources"]);
    assert_eq!((code, &sources["sources"]), (Some(3), &serde_json::json!([])));
}

#[test]
fn what_cannot_be_read_is_said() {
    let machine = machine();
    let (code, sources, _) = run(&machine, &["sources", "--source", "orchestr8=nowhere"]);
    assert_eq!((code, &sources["sources"][0]["state"]), (Some(1), &"failed".into()));
    assert!(sources["sources"][0]["error"].as_str().unwrap().contains("nowhere"));
    write(&machine, "torn.json", "{\"runId\": \"x");
    let (_, sources, _) = run(&machine, &["sources", "--source", "orchestr8=torn.json"]);
    assert_eq!(sources["sources"][0]["state"], "stale");
    assert!(sources["sources"][0]["error"].as_str().unwrap().contains("torn.json"));
    write(&machine, "empty/readme.md", "nothing");
    let (code, sources, _) = run(&machine, &["sources", "--source", "orchestr8=empty"]);
    assert_eq!((code, &sources["sources"][0]["state"]), (Some(0), &"empty".into()));
}

#[test]
fn depth_and_size_do_no_harm() {
    let machine = machine();
    let deep = "[".repeat(60_000) + &"]".repeat(60_000);
    write(
        &machine,
        "deep.json",
        &format!("{{\"executionId\": \"x\", \"status\": \"completed\", \"steps\": {deep}}}"),
    );
    let nested = (0..100).fold("{\"id\": \"z\", \"type\": \"action\"}".to_owned(), |inner, level| {
        if level % 4 == 0 {
            format!("{{\"id\": \"g{level}\", \"type\": \"parallel\", \"steps\": [{inner}]}}")
        } else {
            inner
        }
    });
    write(&machine, "nested.json", &format!("{{\"id\": \"n\", \"version\": \"1\", \"steps\": [{nested}]}}"));
    let ring: Vec<String> = (0..3000)
        .map(|step| {
            format!(
                "{{\"id\": \"s{step}\", \"agentId\": \"x\", \"dependsOn\": [\"s{}\"]}}",
                (step + 1) % 3000
            )
        })
        .collect();
    write(
        &machine,
        "ring.json",
        &format!("{{\"id\": \"r\", \"version\": \"1\", \"steps\": [{}]}}", ring.join(",")),
    );
    let (code, sources, _) = run(&machine, &["sources", "--source", "orchestr8=."]);
    assert_eq!(code, Some(0));
    let figure = |what: &str| counted(&sources, "", what);
    assert_eq!(figure("no JSON"), Some(1), "too deep to be read is counted");
    assert_eq!(figure("workflow-runtime"), Some(1));
    assert_eq!(figure("workflow-scaffold"), Some(1));
}
