//! Logs in all dialects.

use super::{Bench, console, fact};
use crate::model::{Level, Status, Timestamp};

fn debug_run() -> String {
    let line = |second, msg: &str, rest: &str| console(second, "debug", msg, "x", rest);
    [
        console(0, "info", "workflow.start", "x", r#","workflowName":"Work","stepCount":4,"variables":{"token":"[REDACTED]"},"startTime":"2025-08-22T04:10:00.000Z""#),
        r#"{"timestamp":"2025-08-22T04:10:00.000Z","level":"debug","msg":"graph.organizational_step","name":"Group","stepId":"group","type":"parallel"}"#.to_owned() + "\n",
        line(0, "level.start", r#","levelIndex":0,"stepCount":2,"stepIds":{"0":"a","1":"b","10":"k"}"#),
        line(1, "step.start", r#","stepId":"a","agentId":"@x/a","startTime":"2025-08-22T04:10:01.000Z","dependencies":{},"onError":"fail""#),
        line(1, "step.start", r#","stepId":"b","agentId":"@x/b","startTime":"2025-08-22T04:10:01.000Z","dependencies":{"0":"a","1":"z"},"onError":"continue""#),
    ]
    .concat()
}

#[test]
fn a_debug_log_tells_the_graph_and_what_runs() {
    let mut bench = Bench::with(&[("l.log", &debug_run())]);
    let task = bench.task("x");
    assert_eq!((task.status, &*task.title), (Status::Running, "Work"));
    assert_eq!(task.steps.map(|steps| (steps.done, steps.total)), Some((0, 3)), "the marker is no step");
    assert_eq!(task.activity.as_deref(), Some("running a, b"));
    assert_eq!(bench.step("x/b").depends_on, [super::key("x/a")]);
    assert_eq!(fact(&bench.step("x/b").facts, "depends on what is no step"), "z");
    assert_eq!(bench.steps("x"), "a:running b:running k:pending");
    assert!(bench.agent("x/k").is_none(), "it waits");
    bench.append("l.log", console(3, "info", "step.success", "x", r#","stepId":"a","agentId":"@x/a","duration":2000,"endTime":"2025-08-22T04:10:03.000Z","truncated":false"#));
    bench.append("l.log", console(3, "error", "step.error", "x", r#","stepId":"b","agentId":"@x/b","error":"stopped","errorCode":"CANCELLED","duration":2000,"cancelled":true"#));
    bench.look(&["l.log"]);
    assert_eq!(bench.steps("x"), "a:completed b:cancelled k:pending");
    bench.assert_as_from_scratch();
    bench.append(
        "l.log",
        console(
            4,
            "warn",
            "level.fail-fast",
            "x",
            r#","levelIndex":0,"failedSteps":{"0":{"stepId":"b","error":"no"}}"#,
        ),
    );
    bench.append("l.log", console(5, "info", "workflow.end", "x", r#","status":"failed","stepCount":3,"duration":5000,"endTime":"2025-08-22T04:10:05.000Z","errorCount":1"#));
    bench.look(&["l.log"]);
    let task = bench.task("x");
    assert_eq!((task.status, task.status_raw.as_deref()), (Status::Failed, Some("failed")));
    assert_eq!(fact(&task.facts, "stopped at"), "level 0 by b");
    assert_eq!(bench.steps("x"), "a:completed b:cancelled k:skipped");
    assert_eq!(bench.figure("l.log", "console-log-jsonl lines"), Some(9));
    bench.assert_as_from_scratch();
}

const PLAN: &str = r#"{"id": "wf", "version": "1.0.0", "name": "Plan", "steps": [{"id": "a", "agentId": "@x/a"},
    {"id": "b", "agentId": "@x/b", "dependsOn": ["a"]}, {"id": "c", "agentId": "@x/c"}]}"#;

fn info_run() -> String {
    console(0, "info", "workflow.start", "x", r#","workflowName":"Work","stepCount":3"#)
        + &console(
            3,
            "info",
            "step.success",
            "x",
            r#","stepId":"a","agentId":"@x/a","duration":2000,"endTime":"2025-08-22T04:10:03.000Z","truncated":true,"outputSize":900"#,
        )
}

#[test]
fn an_info_log_tells_starts_by_ends_and_skips_by_silence() {
    let mut bench = Bench::with(&[("l.jsonl", &info_run()), ("w.json", PLAN)]);
    assert_eq!(bench.step("x/a").started_at, Timestamp::parse("2025-08-22T04:10:01Z"));
    assert!(bench.step("x/a").summary.as_deref().unwrap().contains("900 bytes"));
    assert_eq!(bench.steps("x"), "a:completed b:pending c:pending");
    bench.append(
        "l.jsonl",
        console(5, "info", "workflow.end", "x", r#","status":"completed","stepCount":3,"duration":5000"#),
    );
    bench.look(&["l.jsonl"]);
    assert_eq!(bench.steps("x"), "a:completed b:skipped c:skipped");
    assert!(fact(&bench.step("x/b").facts, "state").contains("inferred"));
    assert_eq!(bench.task("x").steps.map(|steps| (steps.done, steps.total)), Some((1, 3)));
    assert_eq!(fact(&bench.task("x").facts, "graph from"), "w.json");
    bench.assert_as_from_scratch();
}

#[test]
fn skips_fallbacks_and_resilience() {
    let line = |msg: &str, rest: &str| console(2, "debug", msg, "x", rest);
    let resilience = |event: &str, rest: &str| {
        format!(
            "{{\"timestamp\":\"2025-08-22T04:10:02.000Z\",\"level\":\"debug\",\"msg\":\"m\",\"name\":\"resilience\",\"event\":\"{event}\"{rest}}}\n"
        )
    };
    let of = r#","stepId":"slow","correlationId":"x""#;
    let text = [
        console(0, "info", "workflow.start", "x", ""),
        line("step.start", r#","stepId":"slow","agentId":"@x/s","dependencies":{}"#),
        resilience("composition_start", of),
        resilience("retry_attempt", &format!("{of},\"attempt\":1,\"maxAttempts\":3,\"error\":\"x\"")),
        resilience("retry_exhausted", &format!("{of},\"attempts\":3,\"maxAttempts\":3")),
        resilience("timeout_triggered", &format!("{of},\"duration\":50")),
        resilience("circuit_state_change", r#","circuitKey":"wf:slow","newState":"open""#),
        resilience("timer", r#","operation":"x","phase":"start""#).replace("\"event\":\"timer\",", ""),
        line("step.error", r#","stepId":"slow","error":"late","errorCode":"TIMEOUT","duration":50,"cancelled":false"#),
        line("step.fallback", r#","originalStepId":"slow","fallbackStepId":"cache","originalError":"late""#),
        line("step.start", r#","stepId":"cache","agentId":"@x/c""#),
        line("step.success", r#","stepId":"cache","duration":5"#),
        line("step.start", r#","stepId":"cache","agentId":"@x/c""#),
        line("step.skip", r#","stepId":"cache","reason":"already-executed""#),
        line("step.start", r#","stepId":"after","dependencies":{"0":"slow"}"#),
        line("step.skip", r#","stepId":"after","reason":"dependency-not-completed","dependency":"slow","dependencyStatus":"failed""#),
        line("step.skip", r#","stepId":"maybe","reason":"condition-not-met","conditions":{"if":"x"}"#),
        line("step.fallback_failed", r#","originalStepId":"other","fallbackStepId":"f","fallbackError":"[object Object]","message":"second text""#),
        "{\"timestamp\":\"2025-08-22T04:10:02.000Z\",\"level\":\"warn\",\"msg\":\"Event queue overflow - dropping oldest event\",\"droppedCount\":12,\"queueSize\":1000}\n".to_owned(),
    ]
    .concat();
    let bench = Bench::with(&[("l.jsonl", &text)]);
    assert_eq!(bench.steps("x"), "slow:failed cache:completed after:skipped maybe:skipped other:?");
    let slow = bench.step("x/slow");
    let facts: Vec<&str> = ["attempts", "attempts allowed", "timeouts", "breaker", "fallback"]
        .map(|label| fact(&slow.facts, label))
        .to_vec();
    assert_eq!(facts, ["3", "3", "1 (limit 50 ms)", "open", "cache"]);
    assert_eq!(fact(&bench.step("x/cache").facts, "stands in for"), "slow");
    assert_eq!(fact(&bench.step("x/after").facts, "waited for"), "slow (failed)");
    assert_eq!(fact(&bench.step("x/maybe").facts, "conditions"), r#"{"if":"x"}"#);
    assert_eq!(fact(&bench.step("x/other").facts, "fallback failed"), "f: [object Object]");
    assert!(bench.says("dropped 12 events"));
}

#[test]
fn both_dialects_in_one_file_double_keys_and_bytes_that_are_no_text() {
    let pino = |msg: &str, rest: &str| {
        format!(
            "{{\"level\":30,\"timestamp\":\"2025-08-22T04:10:02.000Z\",\"name\":\"orchestr8\",\"executionId\":\"x\",\"workflowId\":\"wf\"{rest},\"msg\":\"{msg}\"}}\n"
        )
    };
    let mut bytes = console(0, "info", "workflow.start", "x", "").into_bytes();
    bytes.extend(pino("level.start", r#","stepIds":["a","b"]"#).into_bytes());
    bytes.extend(
        pino("graph.organizational_step", r#","name":"Group","stepId":"g","type":"parallel""#)
            .replace("\"executionId\":\"x\",", "")
            .into_bytes(),
    );
    bytes.extend(br#"{"level":30,"timestamp":"2025-08-22T04:10:02.000Z","name":"resilience","event":"circuit_state_change","circuitKey":"wf:a","newState":"open","timestamp":"2025-08-22T04:10:02.500Z","msg":"Circuit breaker"}"#);
    bytes.extend(b"\n{\"level\":50,\"timestamp\":\"2025-08-22T04:10:03.000Z\",\"executionId\":\"x\",\"workflowId\":\"wf\",\"stepId\":\"a\",\"error\":\"bad \xff byte\",\"errorCode\":\"UNKNOWN\",\"cancelled\":false,\"msg\":\"step.error\"}\n");
    bytes.extend(b"Server listening on 3000\n");
    let mut bench = Bench::new();
    bench.write("l.log", bytes);
    bench.read();
    assert_eq!((bench.health.repaired, bench.health.skipped), (1, 1));
    assert_eq!(bench.steps("x"), "a:failed b:pending");
    assert!(bench.step("x/a").summary.as_deref().unwrap().contains("bad \u{fffd} byte"));
    assert_eq!(bench.figure("l.log", "console-log-jsonl lines"), Some(1));
    assert_eq!(bench.figure("l.log", "pino-log-jsonl lines"), Some(4));
    let levels: Vec<Level> = bench.store.logs().map(|line| line.level).collect();
    assert_eq!(levels, [Level::Info, Level::Info, Level::Info, Level::Info, Level::Error]);
}

#[test]
fn console_output_for_people_is_read_as_well_as_it_goes() {
    let text = "\u{1b}[90m2025-08-22T04:10:00.000Z\u{1b}[0m \u{1b}[32mINFO \u{1b}[0m \u{1b}[35m[orchestr8]\u{1b}[0m \u{1b}[1mworkflow.start\u{1b}[0m \u{1b}[34mexecutionId\u{1b}[0m=x \u{1b}[34mworkflowId\u{1b}[0m=wf \u{1b}[34mworkflowName\u{1b}[0m=\"Two words\" variables={\n  \"lang\": \"fr\",\n  \"a\": [1]\n} stepCount=2\n\
        2025-08-22T04:10:01.000Z DEBUG [orchestr8] step.start executionId=x workflowId=wf stepId=a agentId=@x/a dependencies={} onError=fail\n\
        2025-08-22T04:10:02.000Z INFO  [orchestr8] step.success executionId=x workflowId=wf stepId=a duration=900 truncated=false outputSize=undefined\n\
        2025-08-22T04:10:02.500Z ERROR [orchestr8] step.error executionId=x workflowId=wf stepId=b error=\"it said no\" errorCode=UNKNOWN cancelled=false\n\
        some other line\n\
        2025-08-22T04:10:03.000Z INFO  [orchestr8] broken value={ never closed\n\
        2025-08-22T04:10:04.000Z INFO  [orchestr8] workflow.end executionId=x workflowId=wf status=failed stepCount=2 duration=4000\n";
    let bench = Bench::with(&[("l.log", text)]);
    let task = bench.task("x");
    assert_eq!((&*task.title, task.status), ("Two words", Status::Failed));
    assert_eq!(fact(&task.facts, "variables"), r#"{"a":[1],"lang":"fr"}"#);
    assert_eq!(bench.steps("x"), "a:completed b:failed");
    assert_eq!(bench.step("x/b").summary.as_deref(), Some("UNKNOWN: it said no"));
    assert_eq!(bench.figure("l.log", "console-log-pretty lines"), Some(9));
    assert_eq!(bench.health.skipped, 1);
    assert!(bench.says("1 records of console output were never finished"));
}

#[test]
fn control_characters_and_secrets_never_get_through() {
    let text = console(
        0,
        "info",
        "workflow.start",
        "x",
        r#","workflowName":"a\u001b]0;own\u0007b\u202ec","variables":{"password":"sesame"}"#,
    ) + &console(
        1,
        "info",
        "step.success",
        "x",
        r#","stepId":"s\u001b[31m","duration":1,"apiKey":"sesame""#,
    ) + &console(
        2,
        "info",
        "custom",
        "x",
        r#","nested":{"clientSecret":"sesame"},"note":"Bearer sesame"#.trim_end_matches(','),
    )
    .replace("sesame}", "sesame\"}");
    let bench = Bench::with(&[("l.log", &text)]);
    let mut told = super::all(&bench.store).join("\n");
    bench.store.logs().for_each(|line| told.push_str(&line.text));
    assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}') && !told.contains('\u{7}'));
    assert!(!told.contains("sesame"), "{told}");
    assert_eq!(bench.store.logs().count(), 3);
    assert_eq!(bench.store.logs().filter(|line| line.task.is_some()).count(), 3);
}

#[test]
fn a_log_that_was_rotated_in_the_middle_of_a_run() {
    let end = console(5, "info", "step.success", "x", r#","stepId":"b","agentId":"@x/b","duration":1000"#);
    let mut bench = Bench::with(&[("l.log", &info_run()), ("w.json", PLAN)]);
    std::fs::rename(bench.path("l.log"), bench.path("l.log.1")).unwrap();
    bench.write("l.log", &end);
    bench.look(&["l.log", "l.log.1"]);
    assert_eq!(bench.steps("x"), "a:completed b:completed c:pending");
    assert_eq!(&*bench.task("x").title, "Work");
    bench.assert_as_from_scratch();
    std::fs::remove_file(bench.path("l.log.1")).unwrap();
    bench
        .append("l.log", console(6, "info", "workflow.end", "x", r#","status":"completed","duration":6000"#));
    bench.look(&["l.log", "l.log.1"]);
    assert_eq!(bench.task("x").status, Status::Succeeded);
    assert_eq!(bench.step("x/b").status, Status::Succeeded);
    assert_eq!(bench.step("x/a").status, Status::Unknown, "silence means nothing when the beginning is lost");
    bench.assert_as_from_scratch();
}

#[test]
fn other_programs_logs_are_left_alone() {
    let bench = Bench::with(&[
        ("app.log", "starting\n{\"level\":30,\"time\":1,\"msg\":\"hello\"}\n"),
        ("data.jsonl", "{\"a\":1}\n{\"b\":2}\n"),
    ]);
    assert_eq!((bench.health.lines_read, bench.health.skipped, bench.health.files), (0, 0, 0));
    assert_eq!(bench.store.logs().count(), 0);
}
