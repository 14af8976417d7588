//! Workflows of three dialects, agents, settings, tests.

use super::{Bench, fact};
use crate::model::{CatalogItem, CatalogKind};

fn problem<'a>(item: &'a CatalogItem, step: &str) -> &'a str {
    let found = item.steps.iter().find(|found| &*found.id == step).unwrap();
    found.problem.as_deref().unwrap_or("")
}

fn depends(item: &CatalogItem) -> Vec<String> {
    let one = |step: &crate::model::StepDefinition| {
        let on: Vec<&str> = step.depends_on.iter().map(crate::text::Safe::as_str).collect();
        format!("{}<{}", step.id, on.join(","))
    };
    item.steps.iter().map(one).collect()
}

#[test]
fn odd_graphs_are_shown_with_their_oddities() {
    let bench = Bench::with(&[(
        "w.json",
        r#"{"id": "w", "version": "1.0.0", "name": "Odd", "steps": [
            {"id": "a", "type": "agent", "agentId": "@x/a", "dependsOn": ["c"]},
            {"id": "b", "type": "agent", "agentId": "@x/b", "dependsOn": ["a"]},
            {"id": "c", "type": "agent", "agentId": "@x/c", "dependsOn": ["b"]},
            {"id": "self", "agentId": "@x/s", "dependsOn": ["self"]},
            {"id": "lost", "agentId": "@x/l", "dependsOn": ["nobody"], "onError": "fallback", "fallbackStepId": "none"},
            {"id": "group", "type": "parallel", "steps": []},
            {"id": "marked", "agentId": "@x/m", "dependsOn": ["group"]},
            {"id": "twice", "agentId": "@x/1"}, {"id": "twice", "agentId": "@x/2"},
            {"id": "after", "agentId": "@x/d", "dependsOn": ["c"]},
            {"id": "fine step ü", "agentId": "@x/f", "dependsOn": ["twice"]}]}"#,
    )]);
    let item = bench.item("w.json");
    assert_eq!((item.kind, &*item.name), (CatalogKind::Workflow, "Odd"));
    assert_eq!(item.steps.len(), 11, "markers and doubles are shown too");
    for step in ["a", "b", "c"] {
        assert!(problem(item, step).contains("ring"), "{step}: {}", problem(item, step));
    }
    for (step, wanted) in [
        ("self", "itself"),
        ("lost", "`nobody`, which is no step"),
        ("lost", "fallback `none`"),
        ("marked", "group marker `group`"),
        ("twice", "more than once"),
        ("after", ""),
        ("fine step ü", ""),
    ] {
        assert!(problem(item, step).contains(wanted), "{step}: {}", problem(item, step));
        assert!(!wanted.is_empty() || problem(item, step).is_empty(), "{step}: {}", problem(item, step));
    }
    assert_eq!(bench.figure("w.json", "workflow-runtime steps"), Some(11));
}

#[test]
fn the_canonical_dialect_says_what_a_run_drops() {
    let bench = Bench::with(&[(
        "w.json",
        r#"{"version": "1.2.0", "schemaVersion": "1.0.0", "schemaHash": "00", "metadata": {"id": "550e8400", "name": "Research",
            "tags": ["demo"]}, "context": {"secretRefs": ["secret://github/token"], "variables": {"apiKey": "sesame"}},
            "steps": [{"id": "fetch", "name": "Fetch", "agent": {"id": "@s/fetch"}},
                      {"id": "sum", "name": "Sum", "agent": {"id": "@s/sum"}, "dependencies": ["fetch"],
                       "condition": {"if": "x"}, "onError": "fallback", "fallbackStepId": "fetch"}]}"#,
    )]);
    let item = bench.item("w.json");
    assert_eq!((&*item.name, item.category.as_deref()), ("Research", Some("1.2.0")));
    assert_eq!(depends(item), ["fetch<", "sum<fetch"]);
    assert_eq!(item.steps[1].agent.as_deref(), Some("@s/sum"));
    assert_eq!(item.steps[1].fallback.as_deref(), Some("fetch"));
    assert!(item.status_note.as_deref().unwrap().contains("drops conditions"));
    assert!(!format!("{item:?}").contains("sesame"));
}

#[test]
fn nesting_becomes_dependencies() {
    let bench = Bench::with(&[(
        "w.json",
        r#"{"id": "w", "name": "Nested", "version": "1.0.0", "steps": [
            {"id": "1", "type": "action", "agentId": "x"},
            {"id": "2", "type": "parallel", "steps": [
                {"id": "2a", "type": "action", "agentId": "x"},
                {"id": "2b", "type": "sequential", "steps": [
                    {"id": "2b1", "type": "action", "agentId": "x"}, {"id": "2b2", "type": "action", "agentId": "x"}]}]},
            {"id": "3", "type": "action", "agentId": "x"}], "context": {"timeout": "5m"}}"#,
    )]);
    let item = bench.item("w.json");
    assert_eq!(depends(item), ["1<", "2<1", "2a<1", "2b<1", "2b1<1", "2b2<2b1", "3<2a,2b2"]);
    assert!(item.status_note.as_deref().unwrap().contains("rejects"));
    assert!(item.steps.iter().all(|step| step.problem.is_none()));
}

#[test]
fn agents_are_told_without_the_values_of_their_environment() {
    let bench = Bench::with(&[
        (
            "agents/linter.json",
            r#"{"id": "linter", "name": "Linter", "type": "local", "version": "1.0.0", "capabilities": ["execute", "query"],
                "config": {"command": "node", "args": ["--key", "hunter2"], "env": {"TOKEN": "sesame"}}}"#,
        ),
        (
            "agents/caller.json",
            r#"{"id": "caller", "type": "http", "config": {"endpoint": "https://me:pass@host/x",
                "headers": {"Authorization": "Bearer sesame"}}, "capabilities": []}"#,
        ),
        ("w.json", r#"{"id": "w", "version": "1", "steps": [{"id": "a", "agentId": "@acme/linter"}]}"#),
    ]);
    let item = bench.item("agents/linter.json");
    assert_eq!((item.kind, &*item.name), (CatalogKind::Agent, "linter"));
    assert_eq!(item.capabilities.len(), 2);
    assert_eq!(fact(&item.facts, "command"), "node");
    assert_eq!(fact(&item.facts, "env"), "TOKEN (values are not shown)");
    assert_eq!(fact(&item.facts, "workflows may mean it by"), "@acme/linter");
    let told = format!("{:?} {:?}", item, bench.item("agents/caller.json"));
    for secret in ["sesame", "hunter2", "pass@"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[test]
fn tests_of_workflows_are_none_and_other_programs_files_are_counted() {
    let workflow = r#"{"id": "w", "version": "1", "steps": [{"id": "a", "agentId": "x"}]}"#;
    let mut asserted = workflow.trim_end_matches('}').to_owned();
    asserted.push_str(r#", "assertions": [{"type": "status", "expected": "completed"}]}"#);
    let bench = Bench::with(&[
        ("tests/w.test.json", workflow),
        ("tests/named-otherwise.json", &asserted),
        ("package.json", r#"{"name": "x", "version": "1.0.0", "dependencies": {}}"#),
        ("numbers.json", "[1, 2, 3]"),
        ("ci.json", r#"{"steps": [{"run": "make"}]}"#),
        (".hidden/w.json", workflow),
        ("node_modules/x/w.json", workflow),
        ("README.md", workflow),
    ]);
    assert_eq!(bench.store.catalog.len(), 0);
    assert_eq!(bench.figure("", "workflow-test"), Some(2));
    assert_eq!(bench.figure("", "not orchestr8"), Some(3));
    assert_eq!(bench.health.error, None);
    assert!(bench.says("2 tests of workflows"));
}

#[test]
fn settings_are_a_note_and_make_a_workspace() {
    let mut bench = Bench::with(&[
        (
            "p/orchestr8.config.json",
            r#"{"version": "1.0.0", "workflows": {"directory": "./workflows"}, "agents": {"directory": "./agents"},
                "logging": {"level": "info"}, "server": {"port": 8088, "authToken": "sesame"}}"#,
        ),
        ("p/out/r.json", r#"{"executionId": "x", "status": "completed", "steps": {}}"#),
        ("elsewhere/r.json", r#"{"executionId": "y", "status": "completed", "steps": {}}"#),
    ]);
    assert!(bench.says("agents in ./agents") && bench.says("port 8088") && !bench.says("sesame"));
    assert_eq!(bench.task("x").workspace.as_ref().unwrap().name.as_str(), "p");
    assert_eq!(bench.task("y").workspace, None);
    std::fs::remove_file(bench.path("p/orchestr8.config.json")).unwrap();
    bench.look(&["p/orchestr8.config.json"]);
    assert_eq!(bench.task("x").workspace, None);
    bench.assert_as_from_scratch();
}
