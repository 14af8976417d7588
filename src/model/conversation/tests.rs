use super::*;
use crate::model::{Tokens, conversation::told::MAX_KEPT};

fn line(text: &str) -> Safe {
    Safe::line(text)
}

fn said(id: &str, text: &str) -> ConversationDelta {
    ConversationDelta::Put(Box::new(Entry::said(line(id), None, EntryKind::Answer, text)))
}

fn call(id: &str) -> ConversationDelta {
    let call = Call {
        id: line(id),
        tool: line("Bash"),
        headline: line("ls"),
        input: Body::of("{}"),
        spawns: false,
        changes: Vec::new(),
        result: None,
    };
    let entry = Entry { call: Some(call), ..Entry::said(line(id), None, EntryKind::Call, "") };
    ConversationDelta::Put(Box::new(entry))
}

fn result(output: &str) -> CallResult {
    CallResult { output: Body::of(output), ..CallResult::new(CallOutcome::Ok, None) }
}

fn texts(conversation: &Conversation) -> Vec<String> {
    conversation.iter().map(|(_, entry)| entry.text.text.to_string()).collect()
}

#[test]
fn a_body_says_how_much_was_left_out() {
    let long = "x".repeat(MAX_BODY + 10);
    let body = Body::of(&long);
    assert_eq!(body.cut, 10 + (MAX_BODY - crate::text::MAX_LINE_BYTES) as u64);
    let lines = "0123456789\n".repeat(10_000);
    assert_eq!(Body::of(&lines).cut, (lines.len() - MAX_BODY) as u64);
    assert_eq!(Body::of("äöü").cut, 0);
    assert_eq!(&*Body::bounded("äöü", 3).text, "ä");
}

#[test]
fn entries_are_replaced_by_id_and_answered_by_call() {
    let mut all = Conversation::default();
    for delta in [said("a", "one"), call("t1"), said("b", "two"), said("a", "one, longer")] {
        all.apply(delta);
    }
    let answered = all.apply(ConversationDelta::Result { call: line("t1"), result: Box::new(result("out")) });
    assert_eq!(answered, Some(1));
    assert_eq!(
        all.apply(ConversationDelta::Result { call: line("no"), result: Box::new(result("out")) }),
        None
    );
    assert_eq!(texts(&all), ["one, longer", "", "two"]);
    let row = all.get(1).unwrap();
    assert_eq!((row.version, row.entry.call.as_ref().unwrap().outcome()), (1, CallOutcome::Ok));
}

#[test]
fn what_is_gone_keeps_its_number_and_comes_back_at_the_end() {
    let mut all = Conversation::default();
    for delta in [said("a", "one"), said("b", "two"), said("c", "three")] {
        all.apply(delta);
    }
    all.apply(ConversationDelta::Gone(line("b")));
    assert_eq!((texts(&all), all.len(), all.end()), (vec!["one".to_owned(), "three".to_owned()], 2, 3));
    assert!(all.get(1).is_none() && all.get(2).is_some());
    assert_eq!(all.apply(said("b", "again")), Some(3));
    all.apply(ConversationDelta::Restart);
    assert!(all.is_empty());
}

#[test]
fn a_response_counts_once_at_its_largest() {
    let mut all = Conversation::default();
    for (id, response, output) in [("a", "m1", 5), ("b", "m1", 90), ("c", "m1", 8), ("d", "m2", 7)] {
        let usage = ResponseUsage {
            response: line(response),
            tokens: Tokens { output, ..Tokens::default() },
            ..ResponseUsage::default()
        };
        let entry = Entry { usage: Some(usage), ..Entry::said(line(id), None, EntryKind::Answer, "") };
        all.apply(ConversationDelta::Put(Box::new(entry)));
    }
    assert_eq!(all.tokens().output, 97);
    assert_eq!(all.responses().iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 3]);
}

#[test]
fn memory_is_bounded_and_what_was_shortened_is_counted() {
    let mut all = Conversation::default();
    let text = "0123456789\n".repeat(5_000);
    let count = MAX_KEPT / text.len() + 10;
    for number in 0..count {
        all.apply(said(&number.to_string(), &text));
    }
    assert!((10..13).contains(&all.shortened()), "{}", all.shortened());
    let (first, last) = (all.get(0).unwrap(), all.get(count - 1).unwrap());
    assert!(first.entry.text.text.len() <= 512 && first.entry.text.cut > 50_000);
    assert_eq!((last.entry.text.cut, last.version), (0, 0));
}

#[test]
fn of_the_newest_only_so_many_are_kept() {
    let mut all = Conversation::newest(3);
    for at in 0..5 {
        all.apply(said(&at.to_string(), &format!("word {at}")));
    }
    assert_eq!(texts(&all), ["word 2", "word 3", "word 4"]);
    all.apply(ConversationDelta::Restart);
    assert!(all.is_empty());
    for at in 0..5 {
        all.apply(said(&at.to_string(), &format!("again {at}")));
    }
    assert_eq!(texts(&all), ["again 2", "again 3", "again 4"]);
}
