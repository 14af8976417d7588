//! Workspace files, logs and settings in all their forms.

use super::super::files::{
    agent_file, config,
    hook_log::{self, Noted},
    output::Output,
    plan_file,
    run_log::{self, Run, Runs},
    server_log,
    timeline::Timeline,
};
use crate::{
    model::{Level, Status, Timestamp, Zone},
    text::Safe,
};

fn runs(log: &str) -> Vec<Run> {
    let mut runs = Runs::default();
    for line in log.lines() {
        let spoken = run_log::line(line, Zone::UTC).unwrap_or_else(|| panic!("{line}"));
        runs.add(&spoken);
    }
    runs.all
}

fn names(run: &Run) -> Vec<(&str, bool)> {
    run.parts().map(|part| (part.agent.as_str(), part.ended.is_some())).collect()
}

#[test]
fn colours_are_stripped_in_both_spellings() {
    for raw in
        ["\\033[0;36m🤖 Running a...\\033[0m", "\u{1b}[0;36m🤖 Running a...\u{1b}[0m", "🤖 Running a..."]
    {
        assert_eq!(run_log::without_colours(raw), "🤖 Running a...");
    }
    assert_eq!(run_log::without_colours("\\033[0"), "");
    assert_eq!(run_log::without_colours("\\033[2Jx"), "Jx", "only colours are known");
}

#[test]
fn times_of_the_run_log_are_local() {
    let spoken = run_log::line("[2025-08-01 14:00:00] x", Zone::Europe__Berlin).unwrap();
    assert_eq!(spoken.at, Timestamp::parse("2025-08-01T12:00:00Z"));
    assert!(run_log::line("no time", Zone::UTC).is_none());
}

/// Two runs at the same time: the second dies in the middle.
const TWO: &str = "\
[2025-08-01 10:00:00] \\033[0;36m🔌 Checking MCP Servers\\033[0m
[2025-08-01 10:00:00] ❌ Critical MCP servers are missing!
[2025-08-01 10:00:00] 📊 Generating Orchestration Plan
[2025-08-01 10:00:00] Project: one (Level 2)
[2025-08-01 10:00:00] 📋 Phase: Quick Analysis
[2025-08-01 10:00:00] Agents: analyst
[2025-08-01 10:00:00] 🤖 Running analyst...
[2025-08-01 10:00:00] \u{1b}[0;36m🔌 Checking MCP Servers\u{1b}[0m
[2025-08-01 10:00:01] Project: two (beta) (Level 5)
[2025-08-01 10:00:01] 📋 Phase: Research
[2025-08-01 10:00:01] Agents: analyst builder
[2025-08-01 10:00:01] 🤖 Running analyst...
[2025-08-01 10:00:02] ✅ analyst completed
[2025-08-01 10:00:02] 📋 Phase: Basic Implementation
[2025-08-01 10:00:02] Agents: builder tester shipper
[2025-08-01 10:00:02] 🤖 Running builder...
[2025-08-01 10:00:03] ✅ analyst completed
[2025-08-01 10:00:03] 🤖 Running builder...
[2025-08-01 10:00:04] ✅ builder completed
[2025-08-01 10:00:04] 🤖 Running tester...
[2025-08-01 10:00:06] ✅ tester completed
[2025-08-01 10:00:06] 🤖 Running shipper...
[2025-08-01 10:00:08] ✅ shipper completed
[2025-08-01 10:00:08] 📊 Orchestration Summary";

#[test]
fn lines_of_runs_that_interleave_find_their_run() {
    let all = runs(TWO);
    assert_eq!(all.len(), 2);
    let (one, two) = (&all[0], &all[1]);
    assert_eq!(one.project.as_deref(), Some("one"));
    assert_eq!(names(one), [("analyst", true), ("builder", true), ("tester", true), ("shipper", true)]);
    assert!(one.summary.is_some() && !one.is_open() && one.interleaved);
    assert_eq!((two.project.as_deref(), two.level), (Some("two (beta)"), Some(5)));
    assert_eq!(names(two), [("analyst", true), ("builder", false)]);
    assert!(two.is_open());
    assert_eq!((one.progress(), two.progress()), ((4, 4), (1, 15)));
    assert_ne!(one.name, two.name, "they began in the same second");
}

/// A run that died between two phases waits for ever for the next one.
#[test]
fn a_run_that_died_takes_no_lines_of_later_ones() {
    let run = |day: u32, project: &str, phases: &[(&str, &str)], is_whole: bool| {
        let stamp = format!("[2025-08-0{day} 10:00:00]");
        let mut lines = vec!["🔌 Checking MCP Servers".to_owned(), format!("Project: {project} (Level 2)")];
        for (phase, agent) in phases {
            lines.extend([format!("📋 Phase: {phase}"), format!("Agents: {agent}")]);
            lines.extend([format!("🤖 Running {agent}..."), format!("✅ {agent} completed")]);
        }
        lines.extend(is_whole.then(|| "📊 Orchestration Summary".to_owned()));
        let lines: Vec<String> = lines.iter().map(|line| format!("{stamp} {line}")).collect();
        lines.join("\n") + "\n"
    };
    let all = [("Quick Analysis", "a"), ("Basic Implementation", "b"), ("Basic Testing", "c")];
    // Begun anew the next day, for another project; and at once, for the same one.
    for (day, project) in [(2, "other"), (1, "shop")] {
        let log = run(1, "shop", &all[..1], false) + &run(day, project, &all, true);
        let found = runs(&log);
        let phases: Vec<usize> = found.iter().map(|run| run.phases.len()).collect();
        assert_eq!(phases, [1, 3], "{project} on day {day}");
        assert_eq!((found[0].is_open(), found[1].is_open()), (true, false), "{project} on day {day}");
        assert_eq!(found[0].superseded, project == "shop");
        assert!(!found[0].interleaved && !found[1].interleaved, "nobody spoke between its lines");
    }
    // Stopped before it said whose it is: the next one is no part of it.
    let silent = "[2025-08-01 08:00:00] 🔌 Checking MCP Servers\n".to_owned() + &run(1, "shop", &all, true);
    let found = runs(&silent);
    assert_eq!((found[0].project.as_deref(), found[1].project.as_deref()), (None, Some("shop")));
}

#[test]
fn phases_are_skipped_and_plans_rejected() {
    let log = "[2025-08-01 10:00:00] 🔌 Checking MCP Servers
[2025-08-01 10:00:00] ✅ MCP servers configured
[2025-08-01 10:00:00] ✅ Orchestration initialized
[2025-08-01 10:00:00] Project: shop (Level 3)
[2025-08-01 10:00:01] 📋 Phase: Research & Analysis
[2025-08-01 10:00:01] Phase skipped by user
[2025-08-01 10:00:01] ⚠️  Phase 'Research & Analysis' was skipped
[2025-08-01 10:00:01] ⏱️  Timeout reached. Auto-proceeding with: yes
[2025-08-01 10:00:02] 📋 Phase: Architecture Design
[2025-08-01 10:00:02] Agents: architect
[2025-08-01 10:00:03] Plan rejected by user";
    let all = runs(log);
    let run = &all[0];
    assert_eq!(run.phases.len(), 2);
    assert!(run.phases[0].skipped && !run.phases[1].skipped);
    assert!(run.rejected && !run.is_open());
    assert_eq!(names(run), [("architect", false)], "`Orchestration initialized` is no agent");
    assert!(run.remarks.iter().any(|text| text.contains("Auto-proceeding")));
    assert_eq!(run.progress(), (0, 1), "of a skipped phase the agents are not known");
}

const PLAN: &str = "\
# Orchestration Plan: shop
Generated: 2025-08-01 17:32:00
Status: IN_PROGRESS
Level: 3 (Alpha Production)
Mode: Autonomous

## Project Overview
A shop.

## Execution Plan

### Phase 1: Research & Analysis (0/3 completed) ⏱️ Est: 1.5 hours
- [x] **analyst**: Market
  - Status: COMPLETED
  - Dependencies: None
- [x] **scout**: Rivals
  - Status: FAILED
- [ ] **ai-expert**: Feasibility
  - Status: COMPLETED
### Build it
- [ ] **backend-expert**: API
  - Status: WAITING
  - Dependencies: frontend, Phase 1 completion, nobody
- [ ] **frontend-expert**: UI
  - Dependencies: backend-expert, frontend-expert
* [X] **analyst**: Again

## Progress Metrics
- Total Agents: 19
- Completed: 8 ✅
- Total Estimated Time: 10 hours
## Key Decisions Made
1. [14:45] PostgreSQL
2. [15:00] JWT
## Blockers & Issues
- None yet
## Current Activity
🔄 backend-expert: Cart
   Progress: tests
";

#[test]
fn plans_count_boxes_and_keep_what_is_stated() {
    let plan = plan_file::parse(PLAN, Zone::UTC);
    assert_eq!(plan.project.as_deref(), Some("shop"));
    assert_eq!(plan.status.as_deref(), Some("IN_PROGRESS"));
    let phases = &plan.plan.phases;
    assert_eq!(phases[0].name.as_str(), "Research & Analysis");
    assert_eq!((phases[0].stated, phases[1].stated), (Some((0, 3)), None));
    let states: Vec<Status> = phases.iter().flat_map(|phase| &phase.items).map(|item| item.status).collect();
    let words: Vec<&str> = states.into_iter().map(Status::word).collect();
    let expected = ["succeeded", "succeeded", "unknown", "blocked", "queued", "succeeded"];
    assert_eq!(words, expected, "the box says done");
    assert!(phases[0].items[1].text.contains("ticked, yet FAILED"));
    assert_eq!(plan.plan.progress(), (3, 6));
    let facts: Vec<String> = plan.facts.iter().map(|(label, text)| format!("{label}: {text}")).collect();
    let has = |text: &str| facts.iter().any(|fact| fact.contains(text));
    assert!(has("estimate: Research & Analysis: 1.5 hours") && has("mode: Autonomous"), "{facts:?}");
    assert!(has("Total Estimated Time") && has("🔄 backend-expert: Cart, Progress: tests"), "{facts:?}");
    assert!(has("backend-expert: nobody"), "{facts:?}");
    assert!(has("backend-expert: they run in a ring") && has("frontend-expert: itself"), "{facts:?}");
    let notes: Vec<&str> = plan.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["[15:00] JWT", "[14:45] PostgreSQL"]);
}

#[test]
fn a_plan_without_phases_is_kept_as_text() {
    for text in ["", "no plan at all", "# Orchestration Plan:\n## Phase Breakdown\n- [ ] lonely"] {
        let plan = plan_file::parse(text, Zone::UTC);
        assert_eq!(plan.plan.text.as_deref(), Some(text));
        assert_eq!((plan.project, plan.plan.phases.len()), (None, 0));
    }
}

#[test]
fn the_last_closed_block_of_a_workspace_file_decides() {
    let text = "# Agent: x\nStatus: blocked\nTask ID: OLD-1\n```json\n{\"status\": \"planning\", \"taskId\": \"A-1\"}\n```\n\
                ```json\n{\"status\": \"in-progress\", \"taskId\": \"BUSA-20250801-0001\", \"summary\": \"s\",\n\
                \"blockers\": [\"plain\"], \"outputs\": {\"deliverables\": [\"a.md\", {\"type\": \"file\", \"path\": \"b\", \
                \"description\": \"c\"}]}, \"suggestedAgents\": [\"qa\", {\"agent\": \"ops\", \"reason\": \"r\"}]}\n```\n\
                ```json\n{\"status\": \"completed\"";
    let file = agent_file::parse(text);
    assert_eq!(file.word().map(Safe::as_str), Some("in-progress"));
    assert_eq!(file.task_id().map(Safe::as_str), Some("BUSA-20250801-0001"));
    let output = file.output.unwrap();
    let said = output.result().unwrap();
    for part in ["- a.md", "- b: c", "- plain", "- qa", "- ops: r"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!file.is_broken);
}

#[test]
fn a_broken_block_falls_back_to_the_lines() {
    let text = "```json\n{\"status\": oops}\n```\nStatus:   paused, really\nTask ID: FE-1\n";
    let file = agent_file::parse(text);
    assert!(file.is_broken);
    assert_eq!(
        (file.word().map(Safe::as_str), file.task_id().map(Safe::as_str)),
        (Some("paused"), Some("FE-1")),
        "the first word, as the dashboard reads it"
    );
    for (line, wanted) in [
        ("Status: in-progress (half)", "in-progress"),
        ("- **Status**: BLOCKED", "BLOCKED"),
        ("**Status:** done.", "done"),
        ("* status:waiting", "waiting"),
    ] {
        assert_eq!(agent_file::parse(line).word().map(Safe::as_str), Some(wanted), "{line}");
    }
    let memory = agent_file::parse("## Memory: m\n- Importance: 8\n- Status: old\n\n- Status: new\n");
    assert_eq!(memory.word().map(Safe::as_str), Some("new"), "a memory ends with an empty line");
    let plain = agent_file::parse(
        "## Task: One\nStarted: Fri Aug  1 17:32:00 UTC 2025\n\n## Task: Two\nStarted: odd\n",
    );
    assert_eq!((plain.blocks, plain.says_state()), (2, false));
    assert_eq!(plain.block, Some((Safe::line("Two"), None)));
    let list = "## Current Tasks\n- [x] a\n- [ ] b\n## Completed Tasks\n- [x] old\n## Blocked Tasks\n- waits\n\
                ### Memory: m\n- Importance: 8\n\nProgress: 50%\n";
    let file = agent_file::parse(list);
    assert_eq!(
        file.items.iter().map(|item| item.status).collect::<Vec<_>>(),
        [Status::Succeeded, Status::Queued]
    );
    assert_eq!((file.blocked.len(), file.memories.len()), (1, 1));
    assert_eq!(file.progress.as_deref(), Some("50%"));
}

#[test]
fn outputs_of_any_shape_are_read() {
    for (text, empty) in [("{}", true), ("{\"files\": []}", true), ("{\"files\": [1]}", false), ("[1]", true)]
    {
        let output = Output::of(&serde_json::from_str(text).unwrap()).unwrap_or_default();
        assert_eq!(output.is_empty(), empty, "{text}");
    }
}

#[test]
fn the_timeline_keeps_unknown_events_and_asks_until_answered() {
    let mut timeline = Timeline::default();
    let mut say = |line: &str| (timeline.add(line), timeline.question.clone());
    let (told, _) = say(
        "{\"timestamp\":\"2025-08-01T17:00:00Z\",\"event\":\"orchestration_start\",\"project\":\"p\",\"level\":2}",
    );
    assert!(told.unwrap().text.contains("orchestration_start p level=2"));
    let (told, _) =
        say("{\"timestamp\":17,\"event\":\"phase_start\",\"phase\":\"Build\",\"agents\":[\"a\"]}");
    assert!(told.unwrap().text.contains("Build agents=[\"a\"]"));
    let (told, _) = say("{\"event\":\"martian\",\"agent\":\"a\",\"x\":null}");
    let told = told.unwrap();
    assert_eq!((told.text.as_str(), told.at, told.agent.as_deref()), ("martian", None, Some("a")));
    let (told, _) = say("{\"event\":\"decision\",\"agent\":\"a\",\"decision\":\"JWT\",\"cost\":3}");
    assert_eq!(told.unwrap().text.as_str(), "decision: JWT cost=3");
    assert!(say("{\"event\":").0.is_none());
    let ask =
        "{\"timestamp\":\"2025-08-01T17:01:00Z\",\"event\":\"user_input_requested\",\"prompt\":\"DB?\"}";
    assert_eq!(say(ask).1.unwrap().prompt.as_str(), "DB?");
    assert_eq!(say("{\"event\":\"user_response\",\"response\":\"A\"}").1, None);
    say(ask);
    let (told, question) = say("{\"event\":\"timeout_auto_proceed\",\"decision\":\"B\"}");
    assert_eq!((told.unwrap().level, question), (Level::Warn, None));
    assert_eq!(
        say("{\"event\":\"agent_complete\",\"agent\":\"a\",\"status\":\"failed\"}").0.unwrap().level,
        Level::Error
    );
    assert_eq!(timeline.stories[0].notes.len(), 2);
    assert!(timeline.stories[0].facts.contains(&("level", Safe::line("2 (Beta)"))));
}

fn hooks(log: &str, owner: Option<&str>) -> Vec<Noted> {
    let mut reader = hook_log::Reader::default();
    let mut all: Vec<Noted> = log.lines().filter_map(|line| reader.add(line, owner)).flatten().collect();
    all.extend(reader.finish());
    all
}

#[test]
fn logs_of_hooks_are_read_line_by_line() {
    let progress = "[2025-08-01 17:47:00] TASK_START Task:BE-1 - Design
[2025-08-01 17:48:00] MILESTONE - half
[2025-08-01 17:49:00] TASK_BLOCKED
not a line";
    let told = hooks(progress, hook_log::owner("Agent-backend-expert-progress.log"));
    let texts: Vec<&str> = told.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["task_start: Design", "milestone: half", "task_blocked"]);
    assert_eq!(told[0].task.as_deref(), Some("BE-1"));
    assert!(told.iter().all(|one| one.agent.as_deref() == Some("backend-expert")));
    assert_eq!(told[2].level, Level::Warn);

    let errors = "[2025-08-01 18:01:00] ERROR: Agent=a Type=bash_error Impact=high
  Message: it's gone
  Recovery: install_tool - Install
[2025-08-01 18:02:00] ERROR: Agent=b Type=odd Impact=low
[2025-08-01 18:03:00] PATTERN_DETECTED: Recurring error for c
[2025-08-01 18:04:00] MISSING_CAPABILITY: pnpm
[2025-08-01 18:05:00] RECOVERED: Agent=a";
    let told = hooks(errors, None);
    let texts: Vec<&str> = told.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "bash_error (high): it's gone",
            "recovery: install_tool - Install",
            "odd (low): ",
            "Recurring error for c",
            "missing capability: pnpm",
            "recovered",
        ]
    );
    assert_eq!(told[3].agent.as_deref(), Some("c"));
    let tools = hooks(
        "[2025-08-01 18:01:00] TOOL_START: Agent=a Tool=Grep\n[2025-08-01 18:01:00] Agent:a Tool:Grep Success:0 Duration:6ms\n\
         [2025-08-01 18:01:00] TOOL_ERROR: Agent=a Tool=Grep Error=rg: not found ",
        None,
    );
    assert!(tools.iter().all(|one| one.tool.as_deref() == Some("Grep") && one.agent.as_deref() == Some("a")));
    assert_eq!(
        tools.iter().map(|one| one.level).collect::<Vec<_>>(),
        [Level::Debug, Level::Warn, Level::Error]
    );
}

#[test]
fn the_servers_log_gives_output_its_execution_and_every_line() {
    let line = "{\"level\":\"warning\",\"message\":\"[Orchestrator e-1] \\u001b[0;36mone\\u001b[0m\\ntwo\\n\",\"timestamp\":\"2025-08-01T17:00:00Z\"}";
    let (entries, exit) = server_log::parse(line).unwrap();
    let texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(texts, ["one", "two"]);
    assert!(
        entries.iter().all(|entry| entry.execution.as_deref() == Some("e-1") && entry.level == Level::Warn)
    );
    assert!(exit.is_none());
    let (_, exit) = server_log::parse("{\"message\":\"Orchestrator e-1 exited with code null\"}").unwrap();
    assert!(exit.unwrap().is_stop());
    let (_, exit) = server_log::parse("{\"message\":\"Orchestrator e-1 exited with code 1\"}").unwrap();
    assert!(!exit.unwrap().is_stop());
    let (entries, _) = server_log::parse(
        "{\"level\":\"error\",\"message\":\"boom\",\"code\":\"E1\",\"stack\":\"Error\\n  at x\"}",
    )
    .unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(),
        ["boom (code E1)", "at x"]
    );
    assert!(server_log::parse("{\"level\":").is_none() && server_log::parse("[1]").is_none());
}

#[test]
fn settings_are_known_by_their_shape() {
    let read = |text: &str| config::settings(text.as_bytes()).unwrap();
    let object = r#"{"agents": {"a": {"expertise": ["x"]}, "b": {"category": "c"}}}"#;
    let array =
        r#"{"agents": [{"name": "a", "expertise": ["x"]}, {"name": "b", "category": "c"}, {"nameless": 1}]}"#;
    for text in [object, array] {
        let config::Settings::Registry(registry) = read(text) else { panic!("{text}") };
        assert_eq!(registry.agents.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(registry.agents[0].expertise.len(), 1);
    }
    let servers =
        r#"{"mcpServers": {"s": {"command": "npx", "args": ["--key=k"], "env": {"T": "v"}}, "bare": null}}"#;
    let config::Settings::Servers(servers) = read(servers) else { panic!() };
    assert_eq!((servers.len(), format!("{servers:?}").contains("--key")), (2, false));
    assert_eq!(read("{\"x\": 1}"), config::Settings::Other(1));
    assert!(config::settings(b"{\"x\":").is_err() && config::settings(b"").is_err());
}

#[test]
fn definitions_need_front_matter_with_a_name() {
    let text = "---\nname: backend-expert\ndescription: \"Use it.\\nFor APIs: yes\"\ncolor: blue\ntools: Read, Write\nmodel: opus\n---\nprose";
    let found = config::definition(text.as_bytes());
    assert_eq!(found.name.as_deref(), Some("backend-expert"));
    assert_eq!(found.description.as_deref(), Some("Use it.\nFor APIs: yes"));
    assert_eq!((found.tools.len(), found.model.as_deref()), (2, Some("opus")));
    let list = config::definition(b"---\nname: x\ntools:\n  - Read\n  - Bash\n---\n");
    assert_eq!(list.tools.len(), 2);
    for none in ["# An adapter\nname: x", "---\nname: x\nnever closed", ""] {
        assert_eq!(config::definition(none.as_bytes()).name, None, "{none:?}");
    }
}
