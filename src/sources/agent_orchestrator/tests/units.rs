//! Words, times, secrets, dependencies.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::{
    depend,
    when::{self, Cell, Span},
    words,
};
use crate::{
    model::{Level, Status, Timestamp, Zone},
    text::{Safe, mask},
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn words_mean_one_state_in_any_spelling() {
    let cases = [
        ("running", Status::Running),
        (" In Progress ", Status::Running),
        ("in-progress", Status::Running),
        ("ACTIVE", Status::Running),
        ("processing", Status::Running),
        ("inactive", Status::Queued),
        ("assigned", Status::Queued),
        ("planning", Status::Queued),
        ("waiting", Status::Blocked),
        ("paused", Status::Blocked),
        ("Complete", Status::Succeeded),
        ("success", Status::Succeeded),
        ("error", Status::Failed),
        ("canceled", Status::Cancelled),
        ("killed", Status::Cancelled),
        ("skipped", Status::Cancelled),
        ("initializing", Status::Unknown),
        ("", Status::Unknown),
    ];
    for (word, status) in cases {
        assert_eq!(words::status(word), status, "{word:?}");
    }
    let levels = [
        (None, Level::Info),
        (Some("WARNING"), Level::Warn),
        (Some("fatal"), Level::Error),
        (Some("critical"), Level::Error),
        (Some("debug"), Level::Debug),
        (Some("loud"), Level::Info),
    ];
    for (word, level) in levels {
        assert_eq!(words::level(word), level, "{word:?}");
    }
}

#[test]
fn names_of_agents_match_in_all_spellings() {
    for spelled in ["frontend-expert", "Frontend", "frontendexpert", "FRONTEND_EXPERT", "frontend agent"] {
        assert_eq!(words::agent(spelled), "frontend", "{spelled}");
    }
    assert_eq!(words::agent("Agent"), "agent", "a suffix is no name");
    assert_eq!(words::agent("DevOps"), words::agent("devops-agent"));
    assert_ne!(words::agent("qa-test-engineer"), words::agent("qa"));
}

#[test]
fn times_come_in_many_forms_and_never_panic() {
    let noon = at("2025-08-01T12:00:00Z");
    let cases = [
        ("2025-08-01 12:00:00", Some(noon)),
        ("2025-08-01T12:00:00.000Z", Some(noon)),
        ("2025-08-01T14:00:00+02:00", Some(noon)),
        ("1754049600", Some(noon)),
        ("1754049600000", Some(noon)),
        ("1754049600.0", Some(noon)),
        ("2025-08-01", Some(at("2025-08-01T00:00:00Z"))),
        ("Fri Aug  1 12:00:00 UTC 2025", Some(noon)),
        ("soon", None),
        ("", None),
        ("NaN", None),
        ("1e300", None),
        ("-", None),
        ("2025-13-45 99:99:99", None),
    ];
    for (text, expected) in cases {
        assert_eq!(when::parse(text, Zone::UTC), expected, "{text:?}");
    }
    let summer = when::parse("Fri Aug  1 14:00:00 CEST 2025", Zone::Europe__Berlin);
    assert_eq!(summer, Some(noon), "a zone's name says nothing certain: the reader's");
}

#[test]
fn impossible_spans_have_no_duration() {
    let now = at("2025-08-01T12:00:00Z");
    let cell = |text: &str| Cell { at: when::parse(text, Zone::UTC), odd: None };
    let backwards = Span::of(&cell("2025-08-01 11:00:00"), &cell("2025-08-01 10:00:00"), now);
    assert_eq!((backwards.started, backwards.ended), (Some(at("2025-08-01T11:00:00Z")), None));
    assert!(backwards.notes[0].contains("before its start"));
    let ahead = Span::of(&cell("2025-08-02 10:00:00"), &Cell::default(), now);
    assert_eq!((ahead.started, ahead.wake), (None, Some(at("2025-08-02T10:00:00Z"))));
    let mut long = Span::of(&cell("2025-07-31 11:59:59"), &Cell::default(), now);
    long.judge_running(now);
    assert!(long.notes[0].starts_with("stale"));
    let mut short = Span::of(&cell("2025-08-01 11:00:00"), &Cell::default(), now);
    short.judge_running(now);
    assert_eq!((short.notes.len(), short.wake), (0, Some(at("2025-08-02T11:00:00Z"))));
}

#[test]
fn stated_durations_are_read_or_left() {
    for (text, seconds) in [
        ("PT42M", Some(2520)),
        (" PT1H2M3.5S", Some(3723)),
        ("PT0S", Some(0)),
        ("PT", None),
        ("42M", None),
        ("P1D", None),
        ("PT-5M", None),
        ("PTnanM", None),
        ("PT5X", None),
    ] {
        assert_eq!(when::duration(text).map(|span| span.0 / 1000), seconds, "{text}");
    }
}

#[test]
fn secrets_do_not_pass() {
    let value = json!({
        "api_key": "k1", "Password": 12345, "nested": {"env": {"K": "k2"}, "tokens": {"input": 5, "github": "k3"}},
        "headers": {"X": "k4"}, "list": [{"access-token": "k5"}], "max_tokens": 4096, "webhook_url": "https://k6",
        "note": "use sk-ant-abcdefghijk7 here", "secret": null, "requires_secret": true, "deep": [[{"cookie": "k7"}]],
    });
    let text = mask::pretty(&value).to_string() + mask::compact(&value).as_str();
    for secret in ["k1", "12345", "k2", "k3", "k4", "k5", "k6", "k7", "abcdefghijk7"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    for kept in ["4096", "\"input\"", "5", "requires_secret"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
}

#[test]
fn dependencies_in_rings_on_nothing_and_on_themselves() {
    let names = |list: &[&str]| list.iter().map(|name| Safe::line(name)).collect::<Vec<_>>();
    let written: BTreeMap<Safe, Vec<Safe>> = [
        ("a", names(&["b"])),
        ("b", names(&["c", "c"])),
        ("c", names(&["a"])),
        ("d", names(&["a", "d", "nobody", "nobody"])),
        ("e", names(&["d"])),
    ]
    .into_iter()
    .map(|(key, needs)| (Safe::line(key), needs))
    .collect();
    let known = written.clone();
    let all = depend::resolve(&written, |_, name| known.keys().filter(|key| *key == name).cloned().collect());
    let of = |name: &str| &all[name];
    assert!(of("a").in_ring && of("b").in_ring && of("c").in_ring);
    assert!(!of("d").in_ring && !of("e").in_ring, "they only lead to the ring");
    assert_eq!(of("b").on, names(&["c"]));
    assert_eq!((of("d").on.clone(), of("d").unknown.clone()), (names(&["a"]), names(&["nobody"])));
    assert!(of("d").on_itself);
    assert_eq!(of("d").facts().len(), 2);
}
