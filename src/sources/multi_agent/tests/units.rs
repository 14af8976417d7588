//! The pure parts by themselves.

use chrono_tz::Tz;

use super::super::{
    clock::{self, Clock, Local, Proofs},
    evidence::silence,
    logs::{DirName, Object, Plan, of_agents, of_planner},
    place::Place,
    schema::Layout,
};
use crate::{
    model::Timestamp,
    sources::{SourceKind, multi_agent::MultiAgent},
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn directory_names_are_parsed_from_both_ends() {
    let parse = |text| DirName::parse(text).map(|name| (name.prefix.to_string(), name.name.to_string()));
    assert_eq!(
        parse("71c28276_Planner_Agent_20251105_150150"),
        Some(("71c28276".into(), "Planner_Agent".into()))
    );
    assert_eq!(
        parse("ab_Näht_20250101_000000_20251105_150150"),
        Some(("ab".into(), "Näht_20250101_000000".into()))
    );
    assert_eq!(parse("7b926547-f724-4e3f-9445-68eb6348b80a"), None);
    assert_eq!(parse("x_20251105-150150"), None);
    assert_eq!(parse("ü"), None);
    let role = |text| DirName::parse(text).unwrap().role().map(|role| role.to_string());
    assert_eq!(role("a_Documenter_Agent_20251105_150150").as_deref(), Some("documenter"));
    assert_eq!(role("a_Workflow_Planner_20251105_150150").as_deref(), Some("planner"));
    assert_eq!(role("a_Night_Watch_Agent_20251105_150150"), None);
}

#[test]
fn offsets_are_whole_quarters_of_an_hour() {
    let local = Local::parse("2025-11-20T15:45:03").unwrap();
    assert_eq!(clock::offset(local, at("2025-11-20T10:00:02Z")), Some(345 * 60_000));
    assert_eq!(clock::offset(local, at("2025-11-18T10:00:02Z")), None, "no zone is two days off");
    let mut proofs = Proofs::default();
    proofs.add(Local(1_000), 1);
    proofs.add(Local(9_000), 2);
    assert_eq!(
        [0, 4_000, 6_000, 10_000].map(|time| proofs.nearest(Local(time))),
        [Some(1), Some(1), Some(2), Some(2)]
    );
    let summer = Local::parse("2025-07-01T12:00:00").unwrap();
    assert_eq!(Clock::Assumed(Tz::Europe__Berlin).at(summer), at("2025-07-01T10:00:00Z"));
    assert_eq!(Clock::Proven(-7 * 3_600_000).words(), "UTC−7 (from the database)");
}

#[test]
fn unpaired_surrogates_are_replaced_and_pairs_kept() {
    let object =
        Object::parse(r#"{"a": "x\ud83d y\ud83d\ude00\\ud83d\n\udc00\u00e9", "deep": [[[[1]]]]}"#).unwrap();
    assert_eq!(object.text("a").unwrap(), "x\u{fffd} y\u{1f600}\\ud83d\n\u{fffd}é");
    assert!(Object::parse("[1]").is_none() && Object::parse(r#"{"a": 1}{"b": 2}"#).is_none());
    let nested = format!("{{\"a\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(
        Object::parse(&nested).is_some_and(|object| object.text("a").is_none()),
        "deep nesting is skipped, not fatal"
    );
}

#[test]
fn plans_and_prompts_are_read_in_their_forms() {
    let plan = Plan::parse(
        "```json\n{\"complexity\": \"medium\", \"workflow\": [{\"agent_role\": \"BUILDER\"}, 3]}\n```",
    )
    .unwrap();
    assert_eq!((plan.complexity.as_deref(), plan.roles.len()), (Some("medium"), 1));
    assert_eq!(Plan::parse("I cannot plan this {today}"), None);
    let (text, kind) = of_planner("x\nTASK DESCRIPTION:\nTwo\nlines\n\nTASK TYPE: Bug_Fix\n").unwrap();
    assert_eq!((text.as_str(), kind.as_deref()), ("Two\nlines", Some("bug_fix")));
    let prompts = ["Step one: part: Fix it: now\n\n## Files Created\n- a: b", "Test: Fix it: now"];
    assert_eq!(of_agents(prompts.into_iter()).as_deref(), Some("Fix it: now"));
    assert_eq!(of_agents(["[CONTINUE] more"].into_iter()), None);
}

#[test]
fn silence_counts_from_a_quarter_of_an_hour_on() {
    let last = Some(at("2025-11-20T10:00:00Z"));
    assert_eq!(silence(last, at("2025-11-20T10:14:59Z")), (None, Some(at("2025-11-20T10:15:00Z"))));
    let (note, wake) = silence(last, at("2025-11-20T12:30:00Z"));
    assert_eq!(note.as_deref(), Some("no sign of life for 2h"));
    assert_eq!(wake, Some(at("2025-11-20T13:00:00Z")));
    assert_eq!(silence(None, at("2025-11-20T12:30:00Z")), (None, None));
}

#[test]
fn columns_decide_whose_database_it_is() {
    let columns = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(Layout::of(&columns(&["id", "role"]), &[]), Some(Layout::Dashboard));
    assert_eq!(Layout::of(&columns(&["agent_id"]), &columns(&["id"])), Some(Layout::Core));
    assert_eq!(Layout::of(&[], &columns(&["task_id"])), Some(Layout::Core));
    assert_eq!(Layout::of(&columns(&["name"]), &columns(&["id"])), None);
}

#[test]
fn places_are_recognised_by_names_only() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    assert!(!MultiAgent.probe(root));
    std::fs::write(root.join("other.log"), "").unwrap();
    assert!(!MultiAgent.probe(root), "any program writes logs");
    std::fs::create_dir_all(root.join("agent_logs/71c28276_Planner_Agent_20251105_150150")).unwrap();
    assert!(MultiAgent.probe(root));
    assert!(MultiAgent.probe(&root.join("agent_logs")));
    assert_eq!(Place::at(&root.join("agent_logs")).logs, Some(root.join("agent_logs")));
    std::fs::write(root.join("orchestrator.db"), "").unwrap();
    assert_eq!(Place::at(&root.join("orchestrator.db")).logs, None);
    assert!(MultiAgent.probe(&root.join("orchestrator.db")));
}

#[test]
fn a_database_of_the_same_name_by_another_program_is_declined() {
    let root = tempfile::tempdir().unwrap();
    let db = root.path().join("orchestrator.db");
    let make = |sql: &str| {
        let _ = std::fs::remove_file(&db);
        rusqlite::Connection::open(&db).unwrap().execute_batch(sql).unwrap();
        (MultiAgent.probe(&db), MultiAgent.probe(root.path()))
    };
    let theirs = "CREATE TABLE agent_executions (id TEXT); CREATE TABLE agent_tasks (id TEXT);";
    assert_eq!(make(theirs), (false, false));
    assert_eq!(
        make("CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT);"),
        (false, false),
        "a failed start"
    );
    assert_eq!(make("CREATE TABLE agents (id TEXT); CREATE TABLE agent_executions (id TEXT);"), (true, true));
    assert_eq!(make("CREATE TABLE tasks (id TEXT); CREATE TABLE migrations (id TEXT);"), (true, true));
    assert_eq!(make("CREATE TABLE else_ (id TEXT);"), (true, true), "nothing can be told: as before");
    std::fs::write(&db, "").unwrap();
    assert!(MultiAgent.probe(&db), "nothing can be told: as before");
    make(theirs);
    std::fs::create_dir(root.path().join("agent_logs")).unwrap();
    assert!(MultiAgent.probe(root.path()), "its logs are there all the same");
}
