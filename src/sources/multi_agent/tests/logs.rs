//! Log files in all the shapes they come in.

use std::fs;

use super::{Bench, fact, result};
use crate::model::{Status, Timestamp};

const DIR: &str = "22222222_Builder_Agent_20251120_110010";

fn call(id: &str, name: &str, input: &str) -> String {
    format!(
        "{{\"timestamp\": \"2025-11-20T11:01:00\", \"type\": \"tool_use\", \"tool_name\": \"{name}\", \"tool_use_id\": \"{id}\", \
         \"input\": {input}}}\n"
    )
}

fn answer(id: &str, is_error: &str) -> String {
    format!(
        "{{\"timestamp\": \"2025-11-20T11:01:02.500000\", \"type\": \"tool_result\", \"tool_use_id\": \"{id}\", \"content\": \
         \"no such file\", \"is_error\": {is_error}}}\n"
    )
}

#[test]
fn torn_glued_foreign_and_broken_lines_cost_only_themselves() {
    let mut bench = Bench::new();
    let tools = format!("{DIR}/tools.jsonl");
    bench.log(&tools, &call("a", "Read", "{\"file_path\": \"/x/a\"}"));
    bench.log(&tools, "{\"timestamp\": \"2025\", \"type\": \"tool_use\", \"inp");
    bench.log(&tools, &call("b", "Read", "{}"));
    bench.log(&tools, "\n[1, 2]\nnot json\r\n");
    bench.log(&tools, &call("c", "Write", "{\"file_path\": \"/x/\\ud83d.txt\"}"));
    bench.log(&tools, &answer("c", "null"));
    bench.log(&tools, &answer("a", "true"));
    let (whole, torn) = (call("d", "Edit", "{\"file_path\": \"/x/a\"}"), 40);
    bench.log(&tools, &whole[..torn]);
    bench.read().unwrap();
    let calls = |bench: &Bench| -> Vec<(String, u32, u32)> {
        let tools = bench.agent(DIR).tools.clone().unwrap();
        tools.iter().map(|tool| (tool.name.to_string(), tool.calls, tool.failed)).collect()
    };
    assert_eq!(calls(&bench), [("Read".to_owned(), 1, 1), ("Write".to_owned(), 1, 0)]);
    assert_eq!(bench.health.skipped, 3, "glued, array, foreign");
    let files = bench.agent(DIR).files.clone().unwrap();
    assert_eq!((files.read.len(), files.written[0].as_str()), (1, "/x/\u{fffd}.txt"));

    bench.log(&tools, &whole[torn..]);
    bench.touch(&[&format!("agent_logs/{tools}")]).unwrap();
    assert_eq!(calls(&bench).last(), Some(&("Edit".to_owned(), 1, 0)));
    assert_eq!((bench.health.lines_read, bench.health.skipped), (9, 3));
    assert_eq!(fact(&bench.agent(DIR).facts, "calls without result"), "1");

    // A complete last line that lacks only its end is told; when another line is glued to it, the file is told anew.
    bench.log(&tools, call("e", "Bash", "{}").trim_end());
    bench.touch(&[&format!("agent_logs/{tools}")]).unwrap();
    assert_eq!((bench.health.lines_read, bench.health.skipped), (10, 3));
    bench.log(&tools, &call("f", "Bash", "{}"));
    bench.touch(&[&format!("agent_logs/{tools}")]).unwrap();
    assert_eq!((bench.health.lines_read, bench.health.skipped), (10, 4), "counted once, as it is now");
    assert_eq!(calls(&bench).iter().map(|(_, count, _)| count).sum::<u32>(), 3, "the glued line is none");

    fs::remove_dir_all(bench.path(&format!("agent_logs/{DIR}"))).unwrap();
    bench.rescan().unwrap();
    assert_eq!((bench.health.lines_read, bench.health.skipped), (0, 0));
}

#[test]
fn turns_add_up_and_a_follow_up_message_goes_on() {
    let mut bench = Bench::new();
    bench.log(&format!("{DIR}/summary.jsonl"), &result("11:02:00", true, "limit"));
    bench.log(&format!("{DIR}/summary.jsonl"), &result("11:04:00", false, "## Summary\\nall fine"));
    bench.read().unwrap();
    assert_eq!(bench.usage.len(), 2);
    assert_eq!(bench.usage.values().map(|record| record.responses).sum::<u32>(), 6);
    assert_eq!((bench.agent(DIR).status, bench.agent(DIR).messages), (Status::Succeeded, Some(6)));
    assert!(bench.logs.iter().any(|line| line.text.as_str() == "finished: all fine"));

    bench.log(&format!("{DIR}/text.txt"), "[2025-11-20T11:05:00] AssistantMessage:\nOne more thing\n\n");
    bench.touch(&[&format!("agent_logs/{DIR}/text.txt")]).unwrap();
    assert_eq!(bench.agent(DIR).status, Status::Running);
    assert_eq!(bench.agent(DIR).activity.as_deref(), Some("One more thing"));
}

#[test]
fn agents_of_logs_alone_are_created_started_working_lost_or_done() {
    let mut bench = Bench::new();
    fs::create_dir_all(bench.path("agent_logs/a_Custom_Agent_20251120_110000")).unwrap();
    bench.log("a_Custom_Agent_20251120_110000/.DS_Store", "x");
    bench.log("b_Night_Watch_2025_20251120_110000/prompt.txt", "Look\r\naround");
    bench.log("../agent_logs_backup_20251101_000000/c_Old_Agent_20251001_110000/prompt.txt", "copy");
    bench.log(".DS_Store", "x");
    bench.read().unwrap();
    assert_eq!(bench.agents.len(), 2, "the copy is ignored");
    let empty = bench.agent("a_Custom_Agent_20251120_110000");
    assert_eq!((empty.status, empty.status_raw.clone()), (Status::Queued, None));
    let started = "b_Night_Watch_2025_20251120_110000";
    assert_eq!(
        (bench.agent(started).status, bench.agent(started).name.as_str()),
        (Status::Running, "Night Watch 2025")
    );
    bench.now = Timestamp::parse("2025-11-20T13:00:00Z").unwrap();
    bench.touch(&[]).unwrap();
    assert_eq!(bench.agent(started).status, Status::Unknown);
    assert_eq!(bench.note(started), "started, no result (log): no sign of life for 3h");
}

#[test]
fn a_run_of_the_command_line_is_a_task_from_its_planner() {
    let mut bench = Bench::new();
    let plan = "{\\\"complexity\\\": \\\"simple\\\", \\\"workflow\\\": [{\\\"agent_role\\\": \\\"BUILDER\\\"}, \
                {\\\"agent_role\\\": \\\"TESTER\\\"}], \\\"total_estimated_cost\\\": 0.08}";
    let planner = "run-1/99999999_Workflow_Planner_20251120_110000";
    bench.log(
        &format!("{planner}/prompt.txt"),
        "Plan\n\nTASK DESCRIPTION:\nFix it: now\n\nTASK TYPE: bug_fix\n\nMore",
    );
    bench.log(
        &format!("{planner}/summary.jsonl"),
        &result("11:00:09", false, &format!("```json\\n{plan}\\n```")),
    );
    bench.log("run-1/22222222_Builder_Agent_20251120_110010/summary.jsonl", &result("11:02:00", false, "ok"));
    bench.read().unwrap();
    let task = bench.tasks.get("run-1").unwrap();
    assert_eq!((task.title.as_str(), task.kind.as_deref()), ("Fix it: now", Some("bug_fix")));
    assert_eq!((task.status, task.complexity.as_deref()), (Status::Running, Some("simple")));
    assert_eq!(task.steps.map(|steps| (steps.done, steps.total)), Some((1, 2)));
    assert_eq!(task.agents.len(), 2);
    bench.log("run-1/33333333_Tester_Agent_20251120_110201/summary.jsonl", &result("11:03:00", false, "ok"));
    bench.touch(&["agent_logs/run-1"]).unwrap();
    assert_eq!(bench.tasks.get("run-1").unwrap().status, Status::Succeeded);
}

#[test]
fn events_enrich_and_copies_of_a_line_count_once() {
    let mut bench = Bench::new();
    bench.log("run-1/22222222_Builder_Agent_20251120_110010/prompt.txt", "Do it: Fix it");
    let line = "{\"timestamp\": \"2025-11-20T10:05:00+00:00\", \"event\": \"task_failed\", \"task_id\": \"run-1\", \"error\": \"boom\"}\n";
    fs::create_dir_all(bench.path("logs")).unwrap();
    fs::write(bench.path("logs/orchestrator.log"), format!("{line}{line}Error output: boom\n\n")).unwrap();
    bench.read().unwrap();
    let task = bench.tasks.get("run-1").unwrap();
    assert_eq!((task.status, task.error.as_deref()), (Status::Failed, Some("boom")));
    let said: Vec<&str> = bench.logs.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(said, ["task failed: boom", "Error output: boom"]);
    assert!(bench.logs[0].task.is_some());
}

#[test]
fn a_task_that_only_the_event_log_knows_is_told() {
    let mut bench = Bench::new();
    let event = |time: &str, rest: &str| {
        format!("{{\"timestamp\": \"2025-11-20T{time}+00:00\", \"task_id\": \"run-9\", \"event\": {rest}}}\n")
    };
    let begin =
        event("10:05:00", "\"task_started\", \"prompt\": \"Fix the date\", \"task_type\": \"bug_fix\"");
    let file = bench.path("stderr.log");
    fs::write(&file, &begin).unwrap();
    bench.open(&file).unwrap();
    let task = bench.tasks.get("run-9").unwrap();
    assert_eq!((task.title.as_str(), task.status, task.agents.len()), ("Fix the date", Status::Running, 0));
    let end = event("10:07:00", "\"task_completed\", \"success\": false, \"total_cost\": 0.5");
    fs::write(&file, format!("{begin}{end}")).unwrap();
    bench.touch(&["stderr.log"]).unwrap();
    let task = bench.tasks.get("run-9").unwrap();
    assert_eq!((task.status, task.recorded_cost), (Status::Failed, Some(crate::model::Usd(500_000_000))));
}

#[test]
fn what_a_removed_or_rewritten_event_log_said_is_taken_back() {
    let mut bench = Bench::new();
    fs::create_dir_all(bench.path("logs")).unwrap();
    fs::create_dir_all(bench.path("agent_logs")).unwrap();
    let started = |task: &str| {
        format!(
            "{{\"timestamp\": \"2025-11-20T10:05:00+00:00\", \"event\": \"task_started\", \"task_id\": \"{task}\", \"prompt\": \"p\"}}\n"
        )
    };
    let known = |bench: &Bench| bench.tasks.keys().cloned().collect::<Vec<_>>();
    fs::write(bench.path("logs/a.log"), format!("{}{}", started("a1"), started("both"))).unwrap();
    fs::write(bench.path("logs/b.log"), format!("{}{}", started("b1"), started("both"))).unwrap();
    bench.read().unwrap();
    assert_eq!(known(&bench), ["a1", "b1", "both"]);
    let said = bench.logs.len();

    fs::remove_file(bench.path("logs/a.log")).unwrap();
    bench.touch(&["logs/a.log"]).unwrap();
    assert_eq!(known(&bench), ["b1", "both"], "what another file says too stays");
    assert_eq!(bench.logs.len(), said, "old lines are not told again");
    assert_eq!(bench.health.lines_read, 2);

    fs::write(bench.path("logs/b.log"), started("b2")).unwrap();
    bench.touch(&["logs/b.log"]).unwrap();
    assert_eq!(known(&bench), ["b2"]);
    assert_eq!(bench.logs.len(), said + 1);
    assert_eq!(bench.health.lines_read, 1);
}

#[test]
fn a_rewritten_file_is_told_anew() {
    let mut bench = Bench::new();
    let summary = format!("agent_logs/{DIR}/summary.jsonl");
    bench.log(&format!("{DIR}/summary.jsonl"), &result("11:02:00", false, "first"));
    bench.log(&format!("{DIR}/summary.jsonl"), &result("11:03:00", false, "second"));
    bench.read().unwrap();
    fs::write(bench.path(&summary), result("11:04:00", false, "x")).unwrap();
    bench.touch(&[&summary]).unwrap();
    assert_eq!(bench.usage.len(), 1);
    fs::remove_file(bench.path(&summary)).unwrap();
    bench.touch(&[&summary]).unwrap();
    assert_eq!(bench.usage.len(), 0);
    bench.log(&format!("{DIR}/summary.jsonl"), &result("11:05:00", false, "third"));
    bench.touch(&[&summary]).unwrap();
    assert_eq!(bench.usage.len(), 1);
    fs::write(bench.path(&summary), "").unwrap();
    bench.touch(&[&summary]).unwrap();
    assert_eq!(bench.usage.len(), 0, "emptied in place");
}
