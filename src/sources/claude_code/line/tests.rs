use super::*;
use crate::model::LineCounts;

fn parse(text: &str) -> Line<'_> {
    Line::parse(text.as_bytes()).unwrap()
}

#[test]
fn fields_are_found_in_any_order_and_only_at_their_place() {
    let line = parse(
        r#"{"timestamp":"T","data":{"timestamp":"no","type":"no"},"message":{"usage":{"input_tokens":3},"content":
        [{"type":"tool_use","id":"t1","name":"X","input":{"id":null,"usage":{"input_tokens":9}}}],"id":"m"},"type":"assistant"}"#,
    );
    assert_eq!((line.kind, line.timestamp, line.message.id), (&b"assistant"[..], &b"T"[..], &b"m"[..]));
    assert_eq!(line.message.usage.unwrap().tokens.input, 3);
    assert_eq!(line.message.blocks.first().unwrap().name, b"X");
}

#[test]
fn content_is_a_string_an_array_or_missing() {
    assert_eq!(parse(r#"{"message":{"content":"hi"}}"#).message.text, Some(&b"hi"[..]));
    let blocks = parse(r#"{"message":{"content":[{"type":"text","text":"a"},{"type":"image","source":{}}]}}"#);
    assert_eq!(blocks.message.blocks.len(), 2);
    assert!(parse(r#"{"message":{}}"#).message.blocks.is_empty());
    assert!(parse(r#"{"message":7}"#).message.blocks.is_empty());
}

#[test]
fn copied_lines_are_known_by_either_mark() {
    assert!(parse(r#"{"sessionId":"b","forkedFrom":{"sessionId":"a","messageUuid":"u"}}"#).is_copied());
    assert!(parse(r#"{"sessionId":"b","session_id":"a"}"#).is_copied());
    assert!(!parse(r#"{"sessionId":"b","session_id":"b"}"#).is_copied());
    assert!(!parse(r#"{"sessionId":"b","forkedFrom":null}"#).is_copied());
}

#[test]
fn results_say_which_lines_changed() {
    let lines = |text: &str| parse(&format!(r#"{{"toolUseResult":{text}}}"#)).result.lines;
    let patch = r#"{"filePath":"/a","structuredPatch":[{"lines":[" a","-b","+c","+d","\\ No newline"]}]}"#;
    assert_eq!(lines(patch), LineCounts { added: 2, removed: 1 });
    let create = r#"{"type":"create","content":"a\nb\nc\n","structuredPatch":[]}"#;
    assert_eq!(lines(create), LineCounts { added: 3, removed: 0 });
    let shell = r#"{"bashEditDiff":{"files":[{"filePath":"/a","hunks":[{"lines":["-a","+b"]}]},
        {"filePath":"/b","shared":true,"hunks":[{"lines":["+x"]}]},{"filePath":"/c","deleted":true,"hunks":[{"lines":["-y"]}]}],
        "changedFiles":["/a","/d"]}}"#;
    assert_eq!(lines(shell), LineCounts { added: 1, removed: 2 });
    assert_eq!(lines(r#"{"bashEditDiff":{"unavailable":true}}"#), LineCounts::default());
    let shared = r#"{"bashEditDiff":{"files":[{"filePath":"/a","hunks":[{"lines":["+b"]}]}],"shared":true}}"#;
    assert_eq!(lines(shared), LineCounts::default());
}

#[test]
fn results_can_be_a_text_or_an_array() {
    assert_eq!(parse(r#"{"toolUseResult":"User rejected tool use"}"#).result.failure, b"User rejected tool use");
    assert!(!parse(r#"{"toolUseResult":[{"type":"text"}]}"#).result.present);
}
