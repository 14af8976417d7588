//! Messages, parts, sessions and lists as they are written, and as they should not be.

use super::super::{
    message::{Message, Role},
    part::{CallState, Part},
    place,
    session::{Project, Session, Todo},
};
use crate::{
    model::{LineCounts, Status, Timestamp, Tokens, Usd},
    sources::Surroundings,
    text::Safe,
};

fn message(json: &str) -> Message {
    Message::parse(json.as_bytes(), Some(Safe::line("ses_1")), None).unwrap().unwrap()
}

fn answer(figures: &str) -> Message {
    message(&format!(r#"{{"role": "assistant", "time": {{"created": 1795000000000}}, {figures}}}"#))
}

fn tokens(input: u64, output: u64, cache_read: u64, cache_write: u64) -> Tokens {
    Tokens { input, output, cache_read, cache_write_5m: cache_write, cache_write_1h: 0 }
}

#[test]
fn an_answer_is_read_with_all_it_says() {
    let found = message(
        r#"{"role": "assistant", "time": {"created": 1795000000000, "completed": 1795000009000}, "parentID": "msg_0",
            "modelID": "claude-sonnet-4-5", "providerID": "anthropic", "mode": "Build", "path": {"cwd": "/w", "root": "/"},
            "cost": 0.0123, "tokens": {"input": 900, "output": 120, "reasoning": 5, "cache": {"read": 8000, "write": 500}},
            "finish": "stop", "unheard": {"of": [1]}}"#,
    );
    assert_eq!(found.role, Role::Assistant);
    assert_eq!(found.created, Some(Timestamp(1_795_000_000_000)));
    assert_eq!(found.completed, Some(Timestamp(1_795_000_009_000)));
    assert_eq!(found.figures.tokens, tokens(900, 125, 8000, 500));
    assert_eq!((found.figures.reasoning, found.figures.cost), (5, Some(Usd(12_300_000))));
    let words = [found.model, found.provider, found.agent, found.cwd, found.finish].map(Option::unwrap);
    assert_eq!(words.each_ref().map(Safe::as_str), ["claude-sonnet-4-5", "anthropic", "Build", "/w", "stop"]);
    assert_eq!(found.repaired, 0);
}

#[test]
fn reasoning_is_output_unless_the_total_shows_that_it_is_inside() {
    let output = |rest: &str| {
        let figures = r#""input": 100, "output": 50, "reasoning": 20, "cache": {"read": 7, "write": 3}"#;
        answer(&format!(r#""tokens": {{{figures}{rest}}}"#)).figures.tokens.output
    };
    assert_eq!(output(""), 70);
    assert_eq!(output(r#", "total": 180"#), 70, "the total is the sum with reasoning");
    assert_eq!(output(r#", "total": 160"#), 50, "the total is the sum without it");
    assert_eq!(output(r#", "total": 0"#), 70);
    assert_eq!(output(r#", "total": 999"#), 70, "a total that says nothing");
}

#[test]
fn cost_zero_is_not_known() {
    assert_eq!(answer(r#""cost": 0, "tokens": {"input": 4, "output": 1}"#).figures.cost, None);
    assert!(answer(r#""cost": 0, "tokens": {"input": 4, "output": 1}"#).figures.says_something());
    assert!(answer(r#""cost": 0.5, "tokens": {}"#).figures.says_something());
    assert!(!answer(r#""cost": 0, "tokens": {"input": 0, "output": 0}"#).figures.says_something());
    assert!(!answer(r#""cost": null, "tokens": null"#).figures.says_something());
}

#[test]
fn only_answers_have_figures() {
    let prompt = message(
        r#"{"role": "user", "time": {"created": 1}, "model": {"providerID": "openai", "modelID": "gpt-5.1"},
            "cost": 3, "tokens": {"input": 900}, "summary": {"title": "Adds it", "diffs": [{"before": "x"}]}}"#,
    );
    assert!(!prompt.figures.says_something() && !prompt.is_open());
    assert_eq!(prompt.model.as_deref(), Some("gpt-5.1"));
    assert_eq!(prompt.title.as_deref(), Some("Adds it"));
}

#[test]
fn figures_that_are_none_are_counted() {
    let found =
        answer(r#""cost": "0.25", "tokens": {"input": -5, "output": "40", "cache": [], "reasoning": {}}"#);
    assert_eq!(found.figures.tokens, tokens(0, 40, 0, 0));
    assert_eq!(found.figures.cost, Some(Usd(250_000_000)));
    assert_eq!(found.repaired, 4);
    assert_eq!(
        answer(r#""cost": -1, "tokens": 7, "path": null, "error": null, "summary": true"#).repaired,
        1
    );
}

#[test]
fn an_answer_is_open_until_it_is_complete_or_failed() {
    assert!(answer(r#""cost": 0"#).is_open());
    let complete = message(r#"{"role": "assistant", "time": {"created": 1, "completed": 2}}"#);
    assert!(!complete.is_open());
    let failed = answer(r#""error": {"name": "ProviderAuthError", "data": {"message": "no key"}}"#);
    assert!(!failed.is_open());
    let failure = failed.failure.unwrap();
    assert_eq!((failure.is_abort(), failure.words().as_str()), (false, "no key"));
    let stopped = answer(r#""error": {"name": "MessageAbortedError", "data": {}}"#).failure.unwrap();
    assert!(stopped.is_abort());
    assert_eq!(answer(r#""error": "broken""#).failure.unwrap().words().as_str(), "broken");
}

#[test]
fn what_is_no_message_is_told_from_what_is_cut() {
    let parse = |text: &str| Message::parse(text.as_bytes(), Some(Safe::line("s")), None);
    assert!(parse(r#"{"role": "assis"#).is_err());
    assert!(parse("").is_err());
    assert!(parse("[1, 2]").unwrap().is_none());
    assert!(parse(r#"{"role": "narrator"}"#).unwrap().is_none());
    assert!(Message::parse(br#"{"role": "user"}"#, None, None).unwrap().is_none(), "of no session");
    assert!(Message::parse(br#"{"role": "user", "sessionID": "x"}"#, None, None).unwrap().is_some());
    assert!(parse(&"[".repeat(100_000)).is_err());
}

fn part(json: &str) -> Part {
    Part::parse(json.as_bytes()).unwrap().unwrap()
}

fn call(state: &str) -> super::super::part::Call {
    match part(&format!(r#"{{"type": "tool", "tool": "bash", "callID": "c", "state": {state}}}"#)) {
        Part::Call(call) => *call,
        other => panic!("{other:?}"),
    }
}

#[test]
fn calls_have_four_states_and_a_main_argument() {
    assert_eq!(call(r#"{"status": "pending"}"#).state, CallState::Pending);
    let running = call(r#"{"status": "running", "input": {"command": "cargo\ntest"}, "time": {"start": 5}}"#);
    assert!(running.state.is_open());
    assert_eq!(running.words().as_str(), "bash cargo test");
    let done = call(
        r#"{"status": "completed", "input": {"filePath": "/a.rs", "content": "long"}, "output": "x", "title": "t",
            "time": {"start": 1795000000000, "end": 1795000000009}, "metadata": {"sessionId": "ses_c"}}"#,
    );
    assert_eq!(
        (done.state, done.file.as_deref(), done.child.as_deref()),
        (CallState::Completed, Some("/a.rs"), Some("ses_c"))
    );
    assert_eq!(done.newest, Some(Timestamp(1_795_000_000_009)));
    let failed = |error: &str| call(&format!(r#"{{"status": "error", "error": "{error}"}}"#)).state;
    assert_eq!(failed("exit code 1"), CallState::Failed { by_person: false });
    assert_eq!(
        failed("The user rejected permission to use this tool"),
        CallState::Failed { by_person: true }
    );
    assert_eq!(failed("Tool execution aborted"), CallState::Failed { by_person: true });
    assert_eq!(call(r#"{"status": "dreaming"}"#).state, CallState::Unknown(Safe::line("dreaming")));
    assert_eq!(call("null").state, CallState::Unknown(Safe::default()));
}

#[test]
fn other_parts_are_kept_as_far_as_they_are_shown() {
    let text = part(r#"{"type": "text", "text": "Hi", "synthetic": true, "time": {"start": 1}}"#);
    assert_eq!(text, Part::Text { text: Safe::line("Hi"), synthetic: true, open: true });
    assert!(text.is_open());
    for plain in ["reasoning", "step-start", "step-finish", "snapshot"] {
        assert_eq!(
            part(&format!(r#"{{"type": "{plain}", "cost": 5, "tokens": {{"input": 5}}}}"#)),
            Part::Plain
        );
    }
    assert_eq!(
        part(r#"{"type": "patch", "files": ["/a", 7, "/b"]}"#),
        Part::Patch(vec![Safe::line("/a"), Safe::line("/b")])
    );
    assert_eq!(
        part(r#"{"type": "file", "filename": "x.png", "url": "data:…"}"#),
        Part::Handed(Safe::line("x.png"))
    );
    assert_eq!(part(r#"{"type": "agent", "name": "explore"}"#), Part::Handed(Safe::line("explore")));
    assert_eq!(part(r#"{"type": "compaction"}"#), Part::Compaction);
    assert_eq!(part(r#"{"type": "retry", "attempt": 3}"#), Part::Retry(3));
    assert_eq!(part(r#"{"type": "hologram"}"#), Part::Unknown(Safe::line("hologram")));
    assert!(Part::parse(br#"{"text": "no type"}"#).unwrap().is_none());
    assert!(Part::parse(br#"{"type": "te"#).is_err());
}

#[test]
fn long_texts_are_cut_at_whole_characters() {
    let Part::Text { text, .. } = part(&format!(r#"{{"type": "text", "text": "{}"}}"#, "ä".repeat(9000)))
    else {
        panic!()
    };
    assert!(text.len() <= 4096 && text.chars().all(|ch| ch == 'ä'));
}

#[test]
fn the_title_a_session_is_born_with_is_none() {
    let session =
        |json: &str| Session::parse(json.as_bytes(), &Safe::line("ses_1"), Safe::line("prj")).unwrap();
    let titled = |title: &str| session(&format!(r#"{{"id": "ses_1", "title": "{title}"}}"#)).unwrap().title;
    assert_eq!(titled("New session - 2026-11-18T09:00:00.000Z"), None);
    assert_eq!(titled("Child session - 2026-11-18T09:00:00.000Z"), None);
    assert_eq!(titled("New session - of parliament").as_deref(), Some("New session - of parliament"));
    let full = session(
        r#"{"id": "ses_1", "projectID": "p", "parentID": "ses_1", "directory": "/w", "summary": {"additions": 4},
            "time": {"created": 1795000000000, "archived": 1795000000001}}"#,
    )
    .unwrap();
    assert_eq!((full.parent, full.project.as_deref()), (None, Some("p")), "nobody is his own parent");
    assert_eq!(full.lines, Some(LineCounts { added: 4, removed: 0 }));
    assert!(full.archived.is_some());
    assert_eq!(session(r#"{"id": "ses_1", "summary": null}"#).unwrap().lines, None);
    assert!(session(r#"{"name": "else"}"#).is_none());
}

#[test]
fn entries_of_lists_have_the_states_of_plans() {
    let text = r#"[{"content": "a", "status": "pending", "priority": "high", "id": "1"}, {"content": "b", "status": "in_progress"},
        {"content": "c", "status": "completed"}, {"content": "d", "status": "cancelled"}, {"content": "e", "status": "odd"},
        {"status": "pending"}, 7]"#;
    let (todos, left_out) = Todo::parse(text.as_bytes()).unwrap().unwrap();
    let states: Vec<Status> = todos.iter().map(|todo| todo.item.status).collect();
    let wanted = [Status::Queued, Status::Running, Status::Succeeded, Status::Cancelled, Status::Unknown];
    assert_eq!(states, wanted);
    assert_eq!((left_out, todos[0].priority.as_deref()), (2, Some("high")));
    assert!(Todo::parse(b"{}").unwrap().is_none());
    assert!(Project::parse(br#"{"worktree": "/w"}"#).unwrap().is_none(), "without id");
}

#[test]
fn the_folder_follows_the_variables() {
    let around = |vars: &[(&str, &str)]| Surroundings {
        home: "/home/dev".into(),
        cwd: "/work".into(),
        vars: vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        zone: None,
    };
    let place =
        |vars: &[(&str, &str)]| place::usual_places(&around(vars)).pop().unwrap().display().to_string();
    assert_eq!(place(&[]), "/home/dev/.local/share/opencode");
    assert_eq!(place(&[("XDG_DATA_HOME", "/data")]), "/data/opencode");
    assert_eq!(place(&[("XDG_DATA_HOME", "relative")]), "/home/dev/.local/share/opencode");
    assert_eq!(place(&[("XDG_DATA_HOME", "/data"), ("OPENCODE_DATA_DIR", "/oc")]), "/oc");
    assert_eq!(place(&[("OPENCODE_DATA_DIR", "")]), "/home/dev/.local/share/opencode");
}

#[test]
fn databases_are_known_by_their_names() {
    for (name, is_one) in [
        ("opencode.db", true),
        ("opencode-dev.db", true),
        ("opencode-.db", false),
        ("opencode.db-wal", false),
        ("opencode2.db", false),
        ("auth.json", false),
    ] {
        assert_eq!(place::is_database(name), is_one, "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(!place::exists(folder.path()));
    std::fs::create_dir_all(folder.path().join("storage/session")).unwrap();
    assert!(!place::exists(folder.path()), "any program may have that");
    std::fs::create_dir_all(folder.path().join("storage/message")).unwrap();
    assert!(place::exists(folder.path()));
}
