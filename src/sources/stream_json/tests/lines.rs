//! What stands in a stream besides records, and records in other forms.

use super::*;
use crate::model::Level;

const END: &str = r#","total_cost_usd":0.02,"uuid":"x1""#;

#[test]
fn one_answer_in_several_lines_counts_once_and_partial_events_have_the_last_word() {
    let event = |event: &str| {
        format!(
            r#"{{"type":"stream_event","event":{event},"parent_tool_use_id":null,"session_id":"s-1","uuid":"e"}}
"#
        )
    };
    let start = event(
        r#"{"type":"message_start","message":{"model":"claude-sonnet-5-5","id":"m1","usage":{"input_tokens":2,"cache_creation_input_tokens":100,"cache_read_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":100},"output_tokens":1}}}"#,
    );
    let delta =
        event(r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}"#);
    let close =
        event(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#);
    let with = said(
        &[
            INIT,
            &start,
            &delta,
            &answer("m1", 5, &text("Hello"), 1),
            &close,
            &event(r#"{"type":"message_stop"}"#),
        ]
        .concat(),
    );
    let tokens = with.tokens("s-1");
    assert_eq!((tokens.input, tokens.output, tokens.cache_read, tokens.cache_write_1h), (2, 9, 1000, 100));
    assert_eq!(with.responses("s-1"), 1);
    assert_eq!(with.task().result.as_deref(), Some("Hello"));
    // A late line with a placeholder changes nothing.
    let late = said(&[INIT, &start, &close, &answer("m1", 5, &text("Hello"), 50)].concat());
    assert_eq!(late.tokens("s-1").output, 9);
    // Lines of one answer that grow: the largest.
    let grown = said(
        &[
            INIT,
            &answer("m1", 5, &text("a"), 1),
            &answer("m1", 6, &text("b"), 212),
            &answer("m1", 7, &text("c"), 8),
        ]
        .concat(),
    );
    assert_eq!((grown.tokens("s-1").output, grown.responses("s-1")), (212, 1));
    assert_eq!(grown.agent("s-1").messages, Some(1));
}

#[test]
fn odd_usage_counts_nothing_and_is_counted() {
    let odd = answer("m1", 5, &text("x"), 7).replace("\"input_tokens\":2", "\"input_tokens\":\"many\"");
    let synthetic = answer("m2", 6, &text("y"), 0).replace("claude-sonnet-5-5", "<synthetic>");
    let nothing = answer("m3", 7, &text("z"), 5).replace("\"usage\":{", "\"usage\":null,\"was\":{");
    let bench = said(&[INIT, &odd, &synthetic, &nothing].concat());
    assert_eq!((bench.tokens("s-1").input, bench.tokens("s-1").output), (0, 7));
    assert_eq!(bench.responses("s-1"), 1);
    assert_eq!(bench.health.repaired, 1);
    assert_eq!(bench.agent("s-1").model.as_deref(), Some("claude-sonnet-5-5"));
}

#[test]
fn text_between_the_lines_is_a_log() {
    let bench = said(
        &[
            "npm notice New version\n",
            "[WARN] slow disk\n",
            "[1/4] Resolving {many} packages\n",
            INIT,
            "Error: token sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789 refused\n",
            "\n",
            &result(END),
        ]
        .concat(),
    );
    assert_eq!(bench.log.len(), 4, "{:?}", bench.log);
    let line = |words: &str| bench.log.iter().find(|line| line.text.contains(words)).unwrap();
    assert_eq!((line("npm notice").level, &line("npm notice").agent), (Level::Info, &None));
    let error = line("refused");
    assert_eq!((error.level, error.text.as_str()), (Level::Error, "Error: token *** refused"));
    assert_eq!(error.agent, Some(Key::new(SourceId(0), Safe::line("s-1"))));
    assert_eq!((bench.count("text"), bench.health.skipped), (4, 0));
}

#[test]
fn broken_lines_are_counted_and_the_rest_is_read() {
    let mut bytes = INIT.replace('\n', "\r\n").into_bytes();
    bytes.extend_from_slice(
        b"{\"type\":\"assistant\",\"mess{\"type\":\"user\"}\n[{\"a\":1\n{\"no\":\"type\"}\n",
    );
    bytes.extend_from_slice(answer("m1", 5, &text("caf?"), 3).replace('?', "\u{fffd}").as_bytes());
    let at = bytes.windows(3).position(|three| three == "\u{fffd}".as_bytes()).unwrap();
    bytes.splice(at..at + 3, [0xe9]);
    bytes.splice(0..0, [0xef, 0xbb, 0xbf]);
    let mut bench = Bench::new();
    fs::write(bench.path("run.log"), &bytes).unwrap();
    bench.read();
    assert_eq!((bench.health.skipped, bench.health.repaired), (3, 1));
    assert_eq!(bench.tokens("s-1").output, 3);
}

#[test]
fn a_torn_last_line_is_counted_until_it_is_whole() {
    let mut bench = Bench::new();
    let end = result(END);
    let lines = [INIT, &end[..40]].concat();
    bench.write("run.jsonl", &lines, Millis::minutes(1));
    bench.read();
    assert_eq!((bench.health.skipped, bench.count("torn last lines")), (1, 1));
    assert!(bench.notes().contains("the last line has no end (yet): run.jsonl"), "{}", bench.notes());
    bench.write("run.jsonl", &[INIT, &end].concat(), Millis::minutes(1));
    bench.rescan();
    assert_eq!((bench.health.skipped, bench.count("torn last lines")), (0, 0));
    assert_status(&bench, Status::Succeeded, "success");
    // A last line that is whole but for its end counts.
    bench.write("run.jsonl", [INIT, &end].concat().trim_end(), Millis::minutes(1));
    bench.rescan();
    assert_eq!(bench.health.skipped, 0);
    assert_status(&bench, Status::Succeeded, "success");
}

#[test]
fn arrays_and_indented_documents_are_read() {
    let end = result(END);
    let (init, answer) = (INIT.trim_end(), answer("m1", 5, &text("Done."), 30));
    let forms = [
        format!("[{init},{},{}]\n", answer.trim_end(), end.trim_end()),
        format!("[\n{init},\n{},\n{}\n]\n", answer.trim_end(), end.trim_end()),
        [INIT, &answer, &end]
            .map(|line| {
                serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(line).unwrap())
                    .unwrap()
            })
            .join("\n"),
        serde_json::to_string_pretty(
            &serde_json::from_str::<serde_json::Value>(&format!(
                "[{init},{},{}]",
                answer.trim_end(),
                end.trim_end()
            ))
            .unwrap(),
        )
        .unwrap(),
    ];
    for form in forms {
        let mut bench = Bench::new();
        bench.write("run.json", &format!("{}\n", form.trim_end()), Millis::hours(1));
        bench.read();
        assert_eq!(bench.tokens("s-1").output, 30, "{form}\n{}", bench.notes());
        assert_status(&bench, Status::Succeeded, "success");
        assert_eq!((bench.health.skipped, bench.count("result success")), (0, 1), "{form}");
    }
    // An indented document that never ends takes nothing else with it.
    let bench = said(&["{\n  \"half\": 1,\n", INIT, &end].concat());
    assert_status(&bench, Status::Succeeded, "success");
    assert_eq!(bench.health.skipped, 1);
}

#[test]
fn sessions_in_one_file_stay_apart() {
    let other = |line: &str| line.replace("s-1", "s-2").replace("\"id\":\"m1\"", "\"id\":\"m9\"");
    let one = answer("m1", 5, &text("One"), 10);
    let two = other(&answer("m1", 6, &text("Two"), 20));
    let bench = said(
        &[
            INIT,
            &other(INIT).replace("u-init", "u-2"),
            &one,
            &two,
            &result(END),
            &other(&result(END)).replace("x1", "x2").replace("0.02", "0.5"),
        ]
        .concat(),
    );
    assert_eq!((bench.tokens("s-1").output, bench.tokens("s-2").output), (10, 20));
    assert_eq!(bench.agent("s-2").recorded_cost, crate::model::Usd::from_dollars(0.5));
    assert_eq!(bench.tasks().len(), 2);
    assert_eq!(bench.count("sessions"), 2);
}

#[test]
fn unknown_lines_are_named() {
    let bench = said(
        &[
            "{\"type\":\"auth_status\",\"ok\":true}\n",
            INIT,
            "{\"type\":\"weather\",\"session_id\":\"s-1\"}\n",
        ]
        .concat(),
    );
    assert!(bench.notes().contains("2 lines of unknown kinds: auth_status, weather"), "{}", bench.notes());
    assert!(bench.notes().contains("1 line before any session was named"), "{}", bench.notes());
}

#[test]
fn replayed_prompts_are_what_was_asked() {
    let prompt = |words: &str, n: u32| {
        format!(
            r#"{{"type":"user","message":{{"role":"user","content":"{words}"}},"parent_tool_use_id":null,"isReplay":true,"session_id":"s-1","uuid":"p{n}","timestamp":"2026-11-18T12:00:0{n}Z"}}
"#
        )
    };
    let bench = said(
        &[
            INIT,
            &prompt("Count the files.\\nAll of them.", 1),
            &answer("m1", 5, &text("Three."), 10),
            &result(END),
            &prompt("And the folders?", 6),
            &answer("m2", 7, &text("Two."), 10),
        ]
        .concat(),
    );
    let titles: Vec<&str> = bench.tasks().iter().map(|task| task.title.as_str()).collect();
    assert_eq!(titles, ["Count the files.", "And the folders?"]);
    assert_eq!(bench.tasks()[0].prompt.as_str(), "Count the files.\nAll of them.");
    assert_eq!(bench.agent("s-1").name.as_str(), "Count the files.");
    // What the program puts in is no prompt.
    let put_in = prompt("<task-notification>x", 1).replace("\"isReplay\":true,", "");
    assert_eq!(said(&[INIT, &put_in].concat()).task().prompt.as_str(), "");
}
