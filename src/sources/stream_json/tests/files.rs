//! Files and folders: what is a stream, copies, files that come, go and are written anew.

use super::*;
use crate::{
    model::HealthState,
    sources::stream_json::sniff::{Shape, of_head},
};

const END: &str = r#","total_cost_usd":0.02,"uuid":"x1""#;

#[test]
fn a_stream_is_told_from_a_transcript_and_from_other_programs() {
    let transcript = r#"{"type":"user","sessionId":"s","session_id":"old","uuid":"u","message":{"role":"user","content":"x"}}"#;
    for (head, shape) in [
        (INIT, Shape::Stream),
        ("npm notice\n{\"type\":\"result\",\"session_id\":\"s\"}", Shape::Stream),
        ("{\"type\":\"thread.started\",\"thread_id\":\"t\"}\n", Shape::Stream),
        ("[{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s\"}]", Shape::Stream),
        ("{\n  \"type\": \"result\",\n  \"session_id\": \"s\"\n}\n", Shape::Stream),
        (transcript, Shape::Transcript),
        ("{\"level\":\"info\",\"msg\":\"hello\"}\n", Shape::Foreign),
        ("{\"type\":\"user\",\"name\":\"me\"}\n", Shape::Foreign),
        ("just words\n", Shape::Undecided),
        ("", Shape::Undecided),
        ("{\"type\":\"system\",\"sub", Shape::Undecided),
    ] {
        assert_eq!(of_head(head.as_bytes()), shape, "{head}");
    }
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("t.jsonl"), transcript).unwrap();
    assert!(!StreamJson.probe(place.path()));
    fs::write(place.path().join("run.jsonl"), INIT).unwrap();
    assert!(StreamJson.probe(place.path()));
    assert!(StreamJson.probe(&place.path().join("run.jsonl")));
    assert!(!StreamJson.probe(&place.path().join("t.jsonl")));
}

#[test]
fn a_folder_is_read_and_what_is_not_ours_is_counted() {
    let mut bench = Bench::new();
    fs::create_dir(bench.path("nightly")).unwrap();
    bench.write("a.jsonl", &[INIT, &result(END)].concat(), Millis::hours(1));
    bench.write(
        "nightly/b.log",
        &[INIT, &result(END)].concat().replace("s-1", "s-2").replace("u-init", "u-2"),
        Millis::hours(1),
    );
    bench.write("t.jsonl", "{\"type\":\"user\",\"sessionId\":\"s\"}\n", Millis::hours(1));
    bench.write("other.json", "{\"name\":\"x\"}", Millis::hours(1));
    bench.write("empty.jsonl", "", Millis::hours(1));
    bench.read();
    assert_eq!((bench.count("streams"), bench.count("transcripts"), bench.count("other files")), (2, 1, 2));
    assert_eq!(bench.store.agents.len(), 2);
    assert_eq!((bench.health.state, bench.health.files), (HealthState::Live, 2));
    assert!(bench.notes().contains("1 transcript of claude-code"), "{}", bench.notes());
    // What was empty becomes a stream.
    bench.write("empty.jsonl", &INIT.replace("s-1", "s-3").replace("u-init", "u-3"), Millis::hours(1));
    bench.touch("empty.jsonl");
    bench.agent("s-3");
    // A new file, told by its event alone.
    bench.write("new.jsonl", &INIT.replace("s-1", "s-4").replace("u-init", "u-4"), Millis::hours(1));
    bench.touch("new.jsonl");
    bench.agent("s-4");
}

#[test]
fn a_copy_counts_once_and_runs_of_one_session_are_one_agent() {
    let run = [INIT, &answer("m1", 5, &text("One."), 10), &result(END)].concat();
    let second = [INIT, &answer("m2", 6, &text("Two."), 20), &result(END)].concat();
    let second = second.replace("u-init", "u-2").replace("\"x1\"", "\"x2\"").replace("12:00", "13:00");
    let mut bench = Bench::new();
    bench.write("a.jsonl", &run, Millis::hours(1));
    bench.write("copy.jsonl", &run, Millis::hours(1));
    bench.write("b.jsonl", &second, Millis::hours(1));
    bench.read();
    assert_eq!(bench.store.agents.len(), 1);
    let cost = crate::model::Usd::from_dollars(0.04);
    assert_eq!(bench.agent("s-1").recorded_cost, cost, "two processes, one of them twice");
    assert_eq!((bench.tasks().len(), bench.responses("s-1"), bench.tokens("s-1").output), (2, 2, 30));
    assert_eq!(bench.agent("s-1").messages, Some(2));
    let before = bench.facts();
    // Without its copy it stays.
    fs::remove_file(bench.path("copy.jsonl")).unwrap();
    bench.touch("copy.jsonl");
    assert_eq!(bench.facts(), before);
    fs::remove_file(bench.path("a.jsonl")).unwrap();
    bench.rescan();
    assert_eq!((bench.tasks().len(), bench.responses("s-1"), bench.tokens("s-1").output), (1, 1, 20));
    fs::remove_file(bench.path("b.jsonl")).unwrap();
    bench.rescan();
    assert_eq!(bench.store.agents.len() + bench.store.tasks.len(), 0);
    assert_eq!(bench.store.usage().responses, 0);
    assert_eq!(bench.health.lines_read, 0, "what is gone is not counted any more");
}

#[test]
fn a_file_that_is_written_anew_takes_back_what_it_said() {
    let mut bench =
        Bench::of_file("run.txt", &[INIT, &answer("m1", 5, &text("One."), 10), &result(END)].concat());
    bench.read();
    assert_eq!(bench.responses("s-1"), 1);
    bench.write("run.txt", &INIT.replace("s-1", "s-2"), Millis::hours(1));
    bench.touch("run.txt");
    bench.agent("s-2");
    assert_eq!((bench.store.agents.len(), bench.store.usage().responses), (1, 0));
    bench.write("run.txt", "", Millis::hours(1));
    bench.touch("run.txt");
    assert_eq!((bench.store.agents.len(), bench.health.state), (0, HealthState::Empty));
}

#[test]
fn a_long_line_and_deep_brackets_do_no_harm() {
    let long = answer("m1", 5, &text(&"x".repeat(1_500_000)), 10);
    let deep = format!(
        "{{\"type\":\"user\",\"session_id\":\"s-1\",\"x\":{}{}}}\n",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let bench = said(&[INIT, &long, &deep, &result(END)].concat());
    assert_eq!((bench.responses("s-1"), bench.health.skipped), (1, 1));
    assert!(bench.agent("s-1").activity.is_none());
}
