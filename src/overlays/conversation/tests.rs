use std::collections::BTreeMap;

use ratatui::style::Modifier;

use super::*;
use crate::{
    input::{Keymap, key::parse_sequence},
    model::{
        Batch, Body, Budgets, Call, CallOutcome, CallResult, Delta, EntryKind, FileChange, FileOp, Hunk, Key,
        Mode, Notice, PriceTable, ResponseUsage, SourceId, Timestamp, Tokens, Usd, Zone,
    },
    panels::{Cx, Lens},
    query::View,
    store::Store,
    text::Safe,
    theme::{Catalogue, Glyphs, Theme},
};

const NOON: Timestamp = Timestamp(1_762_430_400_000);

/// A page and all it may look at.
struct Rig {
    store: Store,
    view: View,
    lens: Lens,
    budgets: Budgets,
    theme: Theme,
    keymap: Keymap,
    themes: Catalogue,
    page: ConversationPage,
}

fn place(session: &str) -> ConversationRef {
    ConversationRef {
        source: "test",
        places: Vec::new(),
        session: Safe::line(session),
        agent: None,
        ahead: None,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(NOON.0 + seconds * 1000)
}

impl Rig {
    fn new() -> Self {
        let agent = |local: &str, agent: Agent| {
            Delta::Agent(Key::new(SourceId(0), Safe::line(local)), Box::new(agent))
        };
        let main = Agent {
            name: Safe::line("Pay"),
            conversation: Some(place("s")),
            session: Some(Safe::line("s")),
            ..Agent::default()
        };
        let helper = Agent {
            kind: crate::model::AgentKind::SubAgent,
            name: Safe::line("helper"),
            conversation: Some(place("helper")),
            session: Some(Safe::line("s")),
            call: Some(Safe::line("spawn")),
            ..Agent::default()
        };
        let mut store = Store::new(PriceTable::built_in());
        let deltas = vec![agent("s", main), agent("s/h", helper)];
        store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
        let id = store.agents.id(&Key::new(SourceId(0), Safe::line("s"))).unwrap();
        let page = ConversationPage::new(TalkId { page: 1, part: 0 }, id, place("s"));
        Self {
            store,
            view: View::default(),
            lens: Lens::default(),
            budgets: Budgets::default(),
            theme: Theme::default(),
            keymap: Keymap::new(&[], &BTreeMap::new()).0,
            themes: Catalogue::default(),
            page,
        }
    }

    fn with<T>(&mut self, ask: impl FnOnce(&mut ConversationPage, &Lookup<'_>) -> T) -> T {
        let Self { store, view, lens, budgets, theme, keymap, themes, page } = self;
        let cx = Cx {
            store,
            now: NOON,
            zone: Zone::UTC,
            view,
            lens,
            budgets,
            theme,
            glyphs: &Glyphs::UNICODE,
            keymap,
            machine: None,
            newest: None,
            reduced_motion: true,
        };
        ask(page, &Lookup { cx, keymap, themes, scopes: &[] })
    }

    fn hear(&mut self, part: u32, entries: Vec<Entry>) {
        let news = entries.into_iter().map(|entry| ConversationDelta::Put(Box::new(entry))).collect();
        self.tell(part, news);
    }

    fn tell(&mut self, part: u32, news: Vec<ConversationDelta>) {
        let talk = TalkId { page: 1, part };
        self.with(|page, lookup| page.hear(talk, news, Reading::Live, lookup));
    }

    fn act(&mut self, action: Action) -> Outcome {
        self.screen();
        self.with(|page, lookup| page.act(action, lookup))
    }

    fn search(&mut self, text: &str) {
        self.act(Action::Search);
        self.typing(text);
        self.act(Action::Accept);
    }

    fn typing(&mut self, text: &str) {
        for ch in text.chars() {
            let chord = parse_sequence(&ch.to_string()).unwrap().remove(0);
            self.with(|page, lookup| page.edit(chord, lookup));
        }
    }

    fn buffer(&mut self, columns: u16, rows: u16) -> Buffer {
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        self.with(|page, lookup| page.render(lookup, area, &mut buffer));
        buffer
    }

    fn screen(&mut self) -> String {
        let buffer = self.buffer(80, 24);
        (0..24).map(|y| row(&buffer, y)).collect::<Vec<_>>().join("\n")
    }
}

fn row(buffer: &Buffer, y: u16) -> String {
    let cells = (0..buffer.area.width).filter_map(|x| buffer.cell((x, y)));
    cells.map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
}

fn said(number: i64, kind: EntryKind, text: &str) -> Entry {
    Entry::said(Safe::line(&number.to_string()), Some(at(number)), kind, text)
}

fn called(id: &str, tool: &str, outcome: CallOutcome, output: &str) -> Entry {
    let result = CallResult { output: Body::of(output), ..CallResult::new(outcome, Some(at(100))) };
    let call = Call {
        id: Safe::line(id),
        tool: Safe::line(tool),
        headline: Safe::line("src/pay.rs"),
        input: Body::of("{\n  \"file_path\": \"src/pay.rs\"\n}"),
        spawns: tool == "Agent",
        changes: Vec::new(),
        result: Some(result),
    };
    Entry { call: Some(call), ..Entry::said(Safe::line(id), Some(at(58)), EntryKind::Call, "") }
}

fn edit() -> Entry {
    let mut entry = called("edit", "Edit", CallOutcome::Ok, "updated");
    let lines = ["-let old = 1;", "+let password=hunter2;"].map(Safe::line).to_vec();
    let hunk = Hunk { old_start: 1, old_lines: 1, new_start: 1, new_lines: 1, lines };
    let change = FileChange::new(Safe::line("src/pay.rs"), FileOp::Edit).with_hunks(vec![hunk]);
    entry.call.as_mut().unwrap().result.as_mut().unwrap().changes.push(change);
    entry
}

fn some() -> Vec<Entry> {
    vec![
        said(0, EntryKind::Prompt, "Fix **the** payment"),
        said(1, EntryKind::Thinking, "a long thought\nin two lines"),
        said(2, EntryKind::Answer, "I will"),
        edit(),
        called("bash", "Bash", CallOutcome::Failed, "{\n  \"error\": 1\n}"),
        said(300, EntryKind::Notice(Notice::Compaction), "the context was cut down"),
        called("spawn", "Agent", CallOutcome::Background, "launched"),
        said(301, EntryKind::Prompt, "And more"),
    ]
}

#[test]
fn ten_thousand_messages_are_laid_out_only_near_the_screen() {
    let mut rig = Rig::new();
    rig.hear(0, (0..10_000).map(|n| said(n, EntryKind::Answer, "One **word**\n\n- a\n- b")).collect());
    rig.screen();
    assert!(rig.page.laid_out() < 40, "{}", rig.page.laid_out());
    rig.act(Action::Top);
    rig.act(Action::PageDown);
    rig.screen();
    assert!(rig.page.laid_out() < 120, "{}", rig.page.laid_out());
    assert!(rig.screen().contains("12:00:0"));
}

#[test]
fn it_follows_until_the_end_is_left_and_says_what_came_meanwhile() {
    let mut rig = Rig::new();
    rig.hear(0, (0..50).map(|n| said(n, EntryKind::Answer, &format!("word {n}"))).collect());
    assert!(rig.screen().contains("word 49") && rig.screen().contains("following"));
    rig.act(Action::Up);
    rig.act(Action::PageUp);
    let held = rig.screen();
    rig.hear(0, (50..53).map(|n| said(n, EntryKind::Answer, &format!("word {n}"))).collect());
    let screen = rig.screen();
    assert!(screen.contains("3 new below") && !screen.contains("word 52"), "{screen}");
    let list = |screen: &str| {
        screen
            .lines()
            .skip(3)
            .map(|line| line.trim_end_matches(['│', '█', ' ']).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(&held), list(&screen));
    rig.act(Action::Bottom);
    assert!(rig.screen().contains("word 52") && !rig.screen().contains("new below"));
    rig.hear(0, vec![said(53, EntryKind::Answer, "word 53")]);
    assert!(rig.screen().contains("word 53"));
}

#[test]
fn calls_and_thoughts_unfold_and_fold() {
    let mut rig = Rig::new();
    rig.hear(0, some());
    let screen = rig.screen();
    assert!(screen.contains("▸ a long thought") && !screen.contains("in two lines"), "{screen}");
    assert!(screen.contains("▸ Edit src/pay.rs  +1 -1") && screen.contains("✗ failed"), "{screen}");
    assert!(screen.contains("+4m02s"), "{screen}");
    rig.act(Action::Top);
    rig.act(Action::NextEdit);
    rig.act(Action::Fold);
    let screen = rig.screen();
    assert!(screen.contains("@@ -1,1 +1,1 @@") && screen.contains("-let old = 1;"), "{screen}");
    assert!(!screen.contains("hunter2"), "{screen}");
    rig.act(Action::NextError);
    rig.act(Action::Fold);
    assert!(rig.screen().contains("\"error\": 1"));
    rig.act(Action::Fold);
    assert!(!rig.screen().contains("\"error\": 1"));
    rig.act(Action::FoldAll);
    rig.act(Action::Top);
    assert!(rig.screen().contains("in two lines"));
    assert_eq!(rig.act(Action::PreviousError), Outcome::Toast("the last error".to_owned()));
}

#[test]
fn a_command_has_one_prompt_however_often_it_is_wrapped() {
    let mut rig = Rig::new();
    let mut entry = called("bash", "Bash", CallOutcome::Ok, "");
    entry.call.as_mut().unwrap().input =
        Body::of(&format!("cargo test --workspace {} && git status", "--package payments ".repeat(6)));
    rig.hear(0, vec![entry]);
    rig.act(Action::FoldAll);
    let screen = rig.screen();
    assert_eq!(screen.matches("$ ").count(), 1, "{screen}");
    let parts: Vec<&str> = screen.lines().filter(|line| line.contains("--package")).collect();
    assert!(parts.len() > 1 && parts[1..].iter().all(|line| line.contains("              --p")), "{screen}");
}

#[test]
fn what_a_call_was_called_with_is_read_field_by_field() {
    let mut rig = Rig::new();
    let with = |id: &str, tool: &str, input: &str| {
        let mut entry = called(id, tool, CallOutcome::Ok, "");
        entry.call.as_mut().unwrap().input = Body::of(input);
        entry
    };
    let todos = r#"{"todos":[{"content":"Read it","status":"completed","activeForm":"Reading it"},
        {"content":"Mend it","status":"in_progress"},{"content":"Test it","status":"pending"}]}"#;
    let long = "/home/dev/code/checkout-service/packages/payments/source/capture/retry/idempotency/keys.rs";
    rig.hear(
        0,
        vec![
            with("a", "Grep", &format!(r#"{{"pattern":"fn pay","path":"{long}","-n":true}}"#)),
            with("b", "TodoWrite", todos),
            with("c", "TaskCreate", r#"{"subject":"Write","description":"one\ntwo"}"#),
            with("d", "Edit", r#"{"file_path":"a.rs","old_string":"let a;","new_string":"let b;"}"#),
        ],
    );
    rig.act(Action::FoldAll);
    rig.act(Action::Top);
    let buffer = rig.buffer(80, 50);
    let screen: String = (0..50).map(|y| row(&buffer, y) + "\n").collect();
    for wanted in [
        "pattern  fn pay",
        "-n       true",
        "payments/source/\n",
        "✓ completed  Read it\n",
        "● in_progress  Mend it",
        "○ pending  Test it",
        "subject      Write",
        "description\n             one\n             two",
        "- let a;",
        "+ let b;",
    ] {
        assert!(screen.contains(wanted), "{wanted}: {screen}");
    }
    assert!(!screen.contains(['{', '"']), "{screen}");
}

#[test]
fn code_breaks_between_words_and_hangs() {
    let mut rig = Rig::new();
    let code = format!("```rust\n    let total = {}last;\n```", "some_number + ".repeat(8));
    rig.hear(0, vec![said(0, EntryKind::Answer, &code), said(1, EntryKind::Answer, "end")]);
    let screen = rig.screen();
    assert!(screen.contains("│     let total = some_number") && screen.contains("+\n"), "{screen}");
    assert!(screen.contains("│       some_number"), "{screen}");
}

#[test]
fn secrets_are_shown_only_when_asked_for() {
    let mut rig = Rig::new();
    rig.hear(0, vec![said(0, EntryKind::Prompt, "use ghp_0123456789abcdefXY"), edit()]);
    rig.act(Action::FoldAll);
    let copied = |rig: &mut Rig| match rig.act(Action::Copy) {
        Outcome::Copy(text) => text,
        other => format!("{other:?}"),
    };
    let saved = |rig: &mut Rig| match rig.act(Action::Save) {
        Outcome::Export { text, .. } => text,
        other => format!("{other:?}"),
    };
    for text in [rig.screen(), copied(&mut rig), saved(&mut rig)] {
        assert!(text.contains("***") && !text.contains("hunter2") && !text.contains("ghp_"), "{text}");
    }
    rig.act(Action::Reveal);
    for text in [rig.screen(), copied(&mut rig), saved(&mut rig)] {
        assert!(text.contains("hunter2"), "{text}");
    }
    assert!(rig.screen().contains("secrets are shown"));
}

#[test]
fn what_is_looked_for_is_found_also_where_it_is_folded() {
    let mut rig = Rig::new();
    rig.hear(0, some());
    rig.act(Action::Top);
    rig.search("error");
    let screen = rig.screen();
    assert!(screen.contains("1 place") && screen.contains("\"error\": 1"), "{screen}");
    let buffer = rig.buffer(80, 24);
    let marked = buffer.content.iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert_eq!(marked, "error".len());
    assert_eq!(rig.act(Action::NextMatch), Outcome::Toast("went on at the beginning".to_owned()));
    assert_eq!(rig.act(Action::Close), Outcome::Stay);
    rig.search("pay");
    assert!(rig.screen().contains("places in"), "{}", rig.screen());
    rig.act(Action::NextMatch);
    rig.act(Action::PreviousMatch);
    rig.act(Action::Close);
    assert_eq!(rig.act(Action::Close), Outcome::Close);
}

#[test]
fn what_is_typed_is_a_text_an_expression_or_loose_words() {
    let mut rig = Rig::new();
    rig.hear(
        0,
        vec![said(0, EntryKind::Prompt, "pay 1 and pay 22"), said(1, EntryKind::Answer, "paid 1.5 and 2")],
    );
    rig.act(Action::Search);
    rig.typing("1.");
    let foot = |rig: &mut Rig| rig.screen().lines().last().unwrap().to_owned();
    assert!(
        foot(&mut rig).starts_with(" / text 1.") && foot(&mut rig).ends_with("1 place"),
        "{}",
        foot(&mut rig)
    );
    rig.act(Action::Manner);
    assert!(foot(&mut rig).starts_with(" / regex 1."), "{}", foot(&mut rig));
    assert!(foot(&mut rig).ends_with("2 places in 2 entries"), "{}", foot(&mut rig));
    rig.typing("(");
    assert!(foot(&mut rig).ends_with("unclosed group"), "{}", foot(&mut rig));
    assert_eq!(rig.act(Action::Accept), Outcome::Stay);
    assert!(rig.with(|page, _| page.takes_text()), "it stays until it can be used");
    rig.typing("[z-a]");
    let buffer = rig.buffer(64, 15);
    let (above, foot_line) = (row(&buffer, 13), row(&buffer, 14));
    assert_eq!(above, " invalid character class range, the start must be <= the end");
    assert!(foot_line.starts_with(" / regex 1.([z-a]"), "{foot_line}");
    (0..5).for_each(|_| {
        let back = parse_sequence("backspace").unwrap().remove(0);
        rig.with(|page, lookup| page.edit(back, lookup));
    });
    rig.act(Action::Manner);
    assert!(
        foot(&mut rig).starts_with(" / fuzzy 1.(") && foot(&mut rig).ends_with("not found"),
        "{}",
        foot(&mut rig)
    );
    // Back to what was looked for before: nothing, as a text.
    rig.act(Action::Close);
    assert!(!foot(&mut rig).contains("fuzzy"), "{}", foot(&mut rig));
    rig.search("pd");
    assert!(foot(&mut rig).starts_with(" / text pd"), "{}", foot(&mut rig));
    rig.act(Action::Search);
    rig.act(Action::Manner);
    rig.act(Action::Manner);
    assert!(foot(&mut rig).ends_with("1 place"), "{}", foot(&mut rig));
    rig.act(Action::Close);
    assert!(foot(&mut rig).starts_with(" / text pd") && foot(&mut rig).ends_with("not found"));
}

#[test]
fn a_sub_agent_is_read_when_its_call_is_unfolded() {
    let mut rig = Rig::new();
    rig.hear(0, some());
    rig.act(Action::Up);
    let talk = TalkId { page: 1, part: 1 };
    assert_eq!(rig.act(Action::Fold), Outcome::Converse { talk, place: place("helper") });
    rig.hear(1, vec![said(60, EntryKind::Prompt, "Look"), said(61, EntryKind::Answer, "Found")]);
    let screen = rig.screen();
    assert!(screen.contains("2 entries") && screen.contains("│ 12:01:01 ● answer"), "{screen}");
    rig.act(Action::Fold);
    assert!(!rig.screen().contains("Found"));
    assert_eq!(rig.act(Action::Fold), Outcome::Stay);
    assert!(rig.screen().contains("Found"));
}

#[test]
fn what_is_told_anew_replaces_what_was_told() {
    let mut rig = Rig::new();
    rig.hear(0, some());
    rig.tell(0, vec![ConversationDelta::Gone(Safe::line("301"))]);
    assert!(!rig.screen().contains("And more"));
    rig.tell(
        0,
        vec![
            ConversationDelta::Restart,
            ConversationDelta::Put(Box::new(said(7, EntryKind::Answer, "Anew"))),
        ],
    );
    let screen = rig.screen();
    assert!(screen.contains("Anew") && !screen.contains("payment"), "{screen}");
}

#[test]
fn cost_and_context_stand_beside_or_above() {
    let mut rig = Rig::new();
    let entry = |n: i64| Entry {
        usage: Some(ResponseUsage {
            response: Safe::line(&n.to_string()),
            tokens: Tokens { input: 250_000, ..Tokens::default() },
            context: Some(n as u64 * 1000),
            model: Safe::line("claude-opus-5-5"),
            fast: false,
            copied: false,
        }),
        ..said(n, EntryKind::Answer, "word")
    };
    rig.hear(0, (1..=4).map(entry).collect());
    assert!(rig.screen().contains("~$4.00"));
    rig.act(Action::Top);
    let buffer = rig.buffer(140, 30);
    let side: String = (0..30).map(|y| row(&buffer, y) + "\n").collect();
    assert!(side.contains("here     ~$1.00") && side.contains("in all   ~$4.00"), "{side}");
    assert!(rig.screen().contains("~$1.00 of ~$4.00"), "{}", rig.screen());
}

#[test]
fn it_costs_what_every_other_place_says() {
    let mut rig = Rig::new();
    let key = Key::new(SourceId(0), Safe::line("s"));
    let used = |local: u64, recorded_cost| {
        Delta::Usage(Box::new(crate::model::UsageRecord {
            key: crate::model::UsageKey(local),
            at: Some(NOON),
            agent: Some(key.clone()),
            task: None,
            workspace: None,
            model: Safe::line("claude-opus-5-5"),
            tokens: Tokens { input: 250_000, ..Tokens::default() },
            responses: 1,
            recorded_cost,
            fast: false,
        }))
    };
    let deltas = vec![used(1, None), used(2, Usd::from_dollars(0.5))];
    rig.store.apply(Batch { source: SourceId(0), seq: 2, mode: Mode::Append, deltas });
    let usage = ResponseUsage {
        response: Safe::line("1"),
        tokens: Tokens { input: 250_000, ..Tokens::default() },
        context: None,
        model: Safe::line("claude-opus-5-5"),
        fast: false,
        copied: false,
    };
    rig.hear(0, vec![Entry { usage: Some(usage), ..said(1, EntryKind::Answer, "word") }]);
    let fleet = crate::query::cost::agent_cost(&rig.store, rig.page.agent).text().unwrap();
    assert_eq!(fleet, "~$1.50");
    assert!(rig.screen().contains("~$1.50 mixed"), "{}", rig.screen());
    let buffer = rig.buffer(140, 30);
    let side: String = (0..30).map(|y| row(&buffer, y) + "\n").collect();
    assert!(side.contains("here     ~$1.00") && side.contains("in all   ~$1.50 mixed"), "{side}");
}

#[test]
fn hostile_text_stays_inside_every_area() {
    let mut rig = Rig::new();
    let evil = format!(
        "\u{1b}[31mred\u{1b}]0;title\u{7} \u{202e}turned \u{200b}hidden e{} 日本{} &#x1b;[2J &#x202e;x\n```rust\n{}\n```",
        "\u{301}".repeat(500),
        "語".repeat(300),
        "let x = \"".repeat(500),
    );
    rig.hear(0, vec![said(0, EntryKind::Prompt, &evil), said(1, EntryKind::Notice(Notice::Error), &evil)]);
    rig.hear(0, vec![called("x", &evil, CallOutcome::Failed, &evil)]);
    rig.act(Action::FoldAll);
    rig.search("e");
    for (columns, rows) in [(1, 1), (10, 5), (20, 5), (40, 10), (80, 24), (120, 40), (200, 60)] {
        let buffer = rig.buffer(columns, rows);
        for cell in &buffer.content {
            let hostile =
                cell.symbol().chars().any(|ch| ch.is_control() || matches!(ch, '\u{202e}' | '\u{200b}'));
            assert!(!hostile && cell.symbol().len() <= 32, "{:?}", cell.symbol());
        }
    }
}

#[test]
fn what_is_selected_is_marked_also_without_times() {
    let mut rig = Rig::new();
    let untimed = |id: i64| Entry { at: None, ..said(id, EntryKind::Notice(Notice::Other), "a note") };
    rig.hear(0, vec![untimed(1), untimed(2)]);
    let marked = |rig: &mut Rig| -> Vec<bool> {
        rig.screen()
            .lines()
            .filter(|line| line.contains("a note"))
            .map(|line| line.starts_with('▌'))
            .collect()
    };
    assert_eq!(marked(&mut rig), [false, true]);
    rig.act(Action::Up);
    assert_eq!(marked(&mut rig), [true, false]);
}
