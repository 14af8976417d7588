use super::*;
use crate::{
    model::{
        Body, Call, CallOutcome, CallResult, ConversationDelta, FileChange, FileOp, Hunk, Notice, PriceTable,
        ResponseUsage, Timestamp, Tokens, Usd, Zone,
    },
    query::Cost,
    text::{Safe, find::Manner},
    viewer::Search,
};

fn looked_for(text: &str, manner: Manner) -> Needle {
    Needle::new(&Search { text: text.to_owned(), manner }).unwrap()
}

fn entry(id: &str, kind: EntryKind, text: &str) -> Entry {
    Entry::said(Safe::line(id), Timestamp::parse("2026-11-18T14:00:00Z"), kind, text)
}

fn told(entries: Vec<Entry>) -> Conversation {
    let mut all = Conversation::default();
    for entry in entries {
        all.apply(ConversationDelta::Put(Box::new(entry)));
    }
    all
}

fn edited() -> Entry {
    let hunk = Hunk {
        old_start: 1,
        old_lines: 1,
        new_start: 1,
        new_lines: 1,
        lines: vec![Safe::line("-old"), Safe::line("+password=hunter2")],
    };
    let change = FileChange::new(Safe::line("src/pay.rs"), FileOp::Edit).with_hunks(vec![hunk]);
    let result = CallResult {
        output: Body::of("```\nsk-ant-0123456789abcdef"),
        changes: vec![change],
        ..CallResult::new(CallOutcome::Failed, Timestamp::parse("2026-11-18T14:00:04.5Z"))
    };
    let call = Call {
        id: Safe::line("t"),
        tool: Safe::line("Edit"),
        headline: Safe::line("src/pay.rs"),
        input: Body::of("{}"),
        spawns: false,
        changes: Vec::new(),
        result: Some(result),
    };
    Entry { call: Some(call), ..entry("e", EntryKind::Call, "") }
}

#[test]
fn markdown_says_everything_and_hides_secrets() {
    let all = told(vec![
        entry("p", EntryKind::Prompt, "Fix **it** with token ghp_0123456789abcdefXY"),
        edited(),
        entry("n", EntryKind::Notice(Notice::Interruption), "stopped"),
        entry("t", EntryKind::Thinking, ""),
    ]);
    let head = Head { title: "Pay".to_owned(), facts: vec![("model", "opus".to_owned())] };
    let text = markdown(&all, &head, Zone::UTC, false);
    let wanted = "# Pay\n\n- model: opus\n\n## prompt · 2026-11-18 14:00:00 +00:00\n\nFix **it** with token ***\n\n\
        ### `Edit src/pay.rs` · failed · 4.5s · 2026-11-18 14:00:00 +00:00\n\nedit `src/pay.rs` +1 −1\n\n\
        ```diff\n@@ -1,1 +1,1 @@\n-old\n+password=***\n```\n\n````\n```\n***\n````\n\n\n\
        > **interruption** · 2026-11-18 14:00:00 +00:00\n>\n> stopped\n\n### thinking · 2026-11-18 14:00:00 +00:00\n\n(not recorded)\n";
    assert_eq!(text, wanted);
    assert!(markdown(&all, &head, Zone::UTC, true).contains("hunter2"));
}

#[test]
fn counts_and_durations() {
    let all = told(vec![entry("p", EntryKind::Prompt, "x"), edited(), entry("a", EntryKind::Answer, "y")]);
    let wanted = Counts { prompts: 1, answers: 1, calls: 1, errors: 1, edits: 1, running: 0 };
    assert_eq!(counts(&all), wanted);
    assert_eq!(took(&edited()), Some(Millis(4500)));
}

#[test]
fn costs_grow_with_responses() {
    let response = |id: &str, response: &str, model: &str, copied| Entry {
        usage: Some(ResponseUsage {
            response: Safe::line(response),
            tokens: Tokens { input: 1_000_000, ..Tokens::default() },
            context: Some(if id == "a" { 1000 } else { 5000 }),
            model: Safe::line(model),
            fast: false,
            copied,
        }),
        ..entry(id, EntryKind::Answer, "")
    };
    let all = told(vec![
        response("a", "m1", "claude-opus-5-5", false),
        response("b", "m1", "claude-opus-5-5", false),
        response("c", "m2", "nobody-1", false),
        response("d", "m3", "claude-opus-5-5", true),
    ]);
    let costs = Costs::of(&all, &PriceTable::built_in());
    assert_eq!((costs.at(0).totals.cost.dollars(), costs.at(1).context), (4.0, Some(1000)));
    let total = costs.total();
    assert_eq!((total.totals.cost.dollars(), total.totals.unpriced, total.responses), (4.0, 1, 3));
    assert_eq!(total.totals.tokens.input, 2_000_000);
    assert_eq!(costs.contexts(usize::MAX, 2), [1000.0, 5000.0]);
    assert_eq!(Costs::default().contexts(usize::MAX, 5), [0.0; 0]);
    assert_eq!(Cost::of(&total.totals).text().as_deref(), Some("~$4.00+"));
}

#[test]
fn what_was_recorded_of_a_response_beats_its_tokens() {
    let usage = |response: &str| ResponseUsage {
        response: Safe::line(response),
        tokens: Tokens { input: 1_000_000, ..Tokens::default() },
        context: None,
        model: Safe::line("claude-opus-5-5"),
        fast: false,
        copied: false,
    };
    let paid = |id: &str, recorded_cost| Entry {
        usage: Some(usage(id)),
        recorded_cost,
        ..entry(id, EntryKind::Answer, "")
    };
    let costs = |all| Costs::of(&told(all), &PriceTable::built_in());
    let recorded = costs(vec![paid("a", Usd::from_dollars(0.5))]).total();
    let mixed = costs(vec![paid("a", Usd::from_dollars(0.5)), paid("b", None)]).total();
    assert_eq!(Cost::of(&recorded.totals).text().as_deref(), Some("$0.50"));
    assert_eq!(Cost::of(&mixed.totals).text().as_deref(), Some("~$4.50"));
}

#[test]
fn small_letters_find_large_ones() {
    let find = |needle: &str, text: &str| {
        let found = looked_for(needle, Manner::Literal).ranges(text);
        found.into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(find("ab", "Ab aB xAB"), ["Ab", "aB", "AB"]);
    assert_eq!(find("Ab", "Ab aB"), ["Ab"]);
    assert_eq!(find("größe", "GRÖSSE Größe GRÖẞE"), ["Größe", "GRÖẞE"]);
    assert_eq!(find("x", "İx"), ["x"]);
    assert_eq!(find("日本", "日本語"), ["日本"]);
    assert!(Needle::new(&Search::default()).is_err());
    assert_eq!(looked_for("hunter2", Manner::Literal).count(&edited(), true), 1);
    assert_eq!(looked_for("hunter2", Manner::Literal).count(&edited(), false), 0);
    assert_eq!(looked_for("edit", Manner::Literal).count(&edited(), false), 1);
}

#[test]
fn a_regular_expression_and_loose_words_are_counted_line_by_line() {
    let said = entry("a", EntryKind::Answer, "one 1 two 22\ntwo one\nonly three 333");
    let count = |text: &str, manner| looked_for(text, manner).count(&said, false);
    assert_eq!(count("[0-9]+", Manner::Regex), 3);
    assert_eq!(count("^two", Manner::Regex), 1);
    assert_eq!(count("one\\s+only", Manner::Regex), 0, "in one line");
    assert_eq!(count("two one", Manner::Fuzzy), 2, "a line that has both words, once");
    assert_eq!(count("two one", Manner::Literal), 1);
    assert_eq!(count("thr", Manner::Fuzzy), 1);
    let wrong = Search { text: "(".to_owned(), manner: Manner::Regex };
    assert!(Needle::new(&wrong).is_err());
}
