//! The viewer of logs: what it shows at every size and in every state, what it asks for, and that no line can do harm.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono_tz::Tz;
use orchdash::{
    app::tabs_of,
    input::{Action, Chord, Key, Keymap, Scope},
    model::{Budgets, Level, RawRef},
    overlays::{Handout, LogViewer, Lookup, Outcome, Overlay},
    panels::{self, Cx, Lens},
    query::View,
    store::Store,
    text::{Safe, find::Manner},
    theme::{Glyphs, Theme, load::Catalogue},
    viewer::{
        Answer, Ask, Copied, Goal, Hidden, Hits, Line, LogPlace, Progress, Search, Sheet, ViewId, Way,
        Window, line::raw, recognise,
    },
};
use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect};

use crate::fleet;

const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 40), (200, 60)];
const VIEW: ViewId = ViewId(1);

static KEYMAP: LazyLock<Keymap> = LazyLock::new(|| Keymap::new(&tabs_of(&panels::all()), &BTreeMap::new()).0);
static STORE: LazyLock<Store> = LazyLock::new(fleet::empty);
static THEMES: LazyLock<Catalogue> = LazyLock::new(Catalogue::default);
static THEME: LazyLock<Theme> = LazyLock::new(Theme::default);
static BUDGETS: LazyLock<Budgets> = LazyLock::new(Budgets::default);
static SEEN: LazyLock<View> = LazyLock::new(View::default);

fn with<T>(ask: impl FnOnce(&Lookup<'_>) -> T) -> T {
    let cx = Cx {
        store: &STORE,
        now: fleet::now(),
        zone: Tz::UTC,
        view: &SEEN,
        lens: &Lens::USUAL,
        budgets: &BUDGETS,
        theme: &THEME,
        glyphs: &Glyphs::UNICODE,
        keymap: &KEYMAP,
        machine: None,
        newest: None,
        reduced_motion: false,
    };
    ask(&Lookup { cx, keymap: &KEYMAP, themes: &THEMES, scopes: &[Scope::List] })
}

/// Lines of a text as a reader would deliver them.
fn lines(text: &[u8], number: usize) -> Vec<Line> {
    let mut at = 0;
    text.split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            let body = line.strip_suffix(b"\n").unwrap_or(line);
            let body = &body[..body.len().min(64 * 1024)];
            let offset = at;
            at += line.len() as u64;
            Line {
                text: number,
                number: None,
                offset,
                next: at,
                raw: raw(body),
                bytes: line.len() as u64 - 1,
                facts: recognise(body, Tz::UTC),
            }
        })
        .collect()
}

fn window(lines: Vec<Line>, texts: usize) -> Window {
    let from = vec![0; texts];
    let mut lines = lines;
    for (number, line) in (1..).zip(&mut lines) {
        line.number = (texts == 1).then_some(number);
    }
    let goal = lines.len();
    Window { lines, from, goal, is_top: true, is_bottom: true, missed: None }
}

struct Stand {
    viewer: LogViewer,
    serial: u64,
}

impl Stand {
    /// A viewer of files with these names.
    fn open(names: &[&str]) -> Self {
        let place = |name: &&str| {
            LogPlace::new(Safe::line(name), RawRef::File { path: Safe::line(&format!("/logs/{name}")) })
        };
        let (viewer, asks) = LogViewer::new(VIEW, names.iter().map(place).collect());
        let mut stand = Self { viewer, serial: 0 };
        stand.note(&asks);
        stand
    }

    fn note(&mut self, asks: &[Ask]) {
        for ask in asks {
            if let Ask::Window { serial, .. } = ask {
                self.serial = *serial;
            }
        }
    }

    fn tell(&mut self, answer: &Answer) -> Vec<Ask> {
        let outcome = with(|lookup| self.viewer.read(answer, lookup));
        let asks = if let Outcome::Read(asks) = outcome { asks } else { Vec::new() };
        self.note(&asks);
        asks
    }

    fn arrive(&mut self, window: Window) -> Vec<Ask> {
        self.tell(&Answer::Window(VIEW, self.serial, Box::new(window)))
    }

    fn act(&mut self, action: Action) -> Outcome {
        let outcome = with(|lookup| self.viewer.act(action, lookup));
        if let Outcome::Read(asks) = &outcome {
            self.note(&asks.clone());
        }
        outcome
    }

    fn write(&mut self, text: &str) -> Vec<Ask> {
        let mut all = Vec::new();
        for ch in text.chars() {
            let chord = Chord { key: Key::Char(ch), ctrl: false, alt: false, shift: false };
            if let Outcome::Read(asks) = with(|lookup| self.viewer.edit(chord, lookup)) {
                all.extend(asks);
            }
        }
        all
    }

    fn draw(&self, (width, height): (u16, u16)) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        with(|lookup| self.viewer.render(lookup, area, &mut buf));
        buf
    }

    fn text(&self, size: (u16, u16)) -> String {
        crate::fleet::lines(&self.draw(size)).join("\n")
    }
}

/// Lines of every dialect.
const MIXED: &str = r#"{"timestamp":"2026-11-18T14:30:00.063Z","level":"info","msg":"workflow.start","executionId":"33f2","stepCount":4}
{"level":30,"timestamp":"2026-11-18T14:30:01.063Z","stepId":"lint","agentId":"@acme/linter","duration":39,"msg":"step.success"}
2026-11-18T14:30:02Z WARN  [resilience] Operation timed out stepId=lint duration=30000
{"level":50,"timestamp":"2026-11-18T14:30:03.000Z","stepId":"test","agentId":"@acme/tester","error":"2 of 148 tests failed","cancelled":false,"msg":"step.error","detail":{"suites":["refund","cart"],"first":"rounds VAT per line"}}
[2026-11-18T14:30:04+00:00] workspace=api model=claude-haiku-4-5 complexity=simple task="Bump node to 20 in CI"
[2026-11-18 14:30:05] Agent:qa Tool:Bash Success:0 Duration:12ms
{"type":"assistant","timestamp":"2026-11-18T14:30:06.765Z","message":{"model":"claude-sonnet-5","content":[{"type":"tool_use","name":"Bash","input":{"command":"npm test -- --run"}}]}}
{"type":"user","timestamp":"2026-11-18T14:30:07.765Z","message":{"content":[{"type":"tool_result","is_error":true,"content":"exit code 1"}]}}
npm ERR! code ELIFECYCLE
a plain line without anything, but 東京 and größer
"#;

fn mixed() -> Stand {
    let mut stand = Stand::open(&["engine.jsonl"]);
    stand.tell(&Answer::Opened(
        VIEW,
        vec![Sheet { name: Safe::line("engine.jsonl"), size: 1000, ..Sheet::default() }],
    ));
    stand.arrive(window(lines(MIXED.as_bytes(), 0), 1));
    stand.tell(&Answer::Progress(
        VIEW,
        Progress { sizes: vec![MIXED.len() as u64], lines: Some(10), ..Progress::default() },
    ));
    let window = window(lines(MIXED.as_bytes(), 0), 1);
    stand.arrive(window);
    stand
}

#[test]
fn states_at_every_size() {
    for size @ (width, height) in SIZES {
        let shot = |name: &str, stand: &Stand| {
            insta::assert_snapshot!(format!("log-{name}-{width}x{height}"), stand.text((width, height - 2)));
        };
        let _ = size;
        shot("opening", &Stand::open(&["engine.jsonl"]));
        let mut stand = mixed();
        shot("pretty", &stand);
        stand.act(Action::RawOrPretty);
        shot("raw", &stand);
        stand.act(Action::Wrap);
        stand.act(Action::Top);
        let mut all = window(lines(MIXED.as_bytes(), 0), 1);
        all.goal = 3;
        stand.arrive(all);
        stand.act(Action::Fold);
        shot("unfolded-wrapped", &stand);

        let mut stand = mixed();
        stand.act(Action::Search);
        stand.write("step");
        let search = Search { text: "step".to_owned(), manner: Manner::Literal };
        let mut rows = vec![0; 512];
        rows[40] = 1;
        rows[180] = 3;
        stand.tell(&Answer::Hits(
            VIEW,
            search,
            Hits { lines: 4, share: 0.4, done: false, rows, problem: None },
        ));
        shot("searching", &stand);
        stand.act(Action::Accept);
        stand.act(Action::LevelNext);
        stand.tell(&Answer::Progress(
            VIEW,
            Progress {
                sizes: vec![MIXED.len() as u64 + 900],
                lines: Some(22),
                appended: 12,
                ..Progress::default()
            },
        ));
        shot("found-and-new-below", &stand);

        let mut stand = Stand::open(&["web.log", "api.log"]);
        let mut both = lines(b"2026-11-18T14:30:00Z INFO started\n2026-11-18T14:30:02Z ERROR lost\n", 0);
        both.extend(lines(b"2026-11-18T14:30:03Z INFO answered\n", 1));
        stand.arrive(window(both, 2));
        shot("merged", &stand);

        let mut stand = Stand::open(&["gone.log"]);
        let error = Some(Safe::line("No such file or directory (os error 2)"));
        let sheet = Sheet {
            name: Safe::line("gone.log"),
            path: Safe::line("/logs/gone.log"),
            error,
            ..Sheet::default()
        };
        stand.tell(&Answer::Opened(VIEW, vec![sheet]));
        stand.arrive(window(Vec::new(), 1));
        shot("failed", &stand);
    }
}

#[test]
fn it_follows_until_somebody_scrolls_and_again_at_the_end() {
    let mut stand = mixed();
    let grown = |bytes: u64, appended: u64| {
        Answer::Progress(
            VIEW,
            Progress { sizes: vec![bytes], lines: Some(10 + appended), appended, ..Progress::default() },
        )
    };
    assert!(
        matches!(stand.tell(&grown(5000, 1)).as_slice(), [Ask::Window { goal: Goal::End, .. }]),
        "it follows"
    );
    stand.arrive(window(lines(MIXED.as_bytes(), 0), 1));
    stand.act(Action::Up);
    let asks = stand.tell(&grown(9000, 4));
    assert!(
        !asks.iter().any(|ask| matches!(ask, Ask::Window { goal: Goal::End, .. })),
        "nobody is dragged along"
    );
    assert!(stand.text((80, 22)).contains("3 new below"), "{}", stand.text((80, 22)));
    stand.arrive(window(lines(MIXED.as_bytes(), 0), 1));
    stand.act(Action::Down);
    assert!(
        matches!(stand.tell(&grown(9500, 5)).as_slice(), [Ask::Window { goal: Goal::End, .. }]),
        "at the end again"
    );
}

#[test]
fn only_the_newest_answer_counts() {
    let mut stand = mixed();
    let before = stand.text((80, 22));
    stand.act(Action::NextError);
    let old = stand.serial;
    stand.act(Action::PreviousError);
    stand.tell(&Answer::Window(VIEW, old, Box::new(window(lines(b"old\n", 0), 1))));
    assert_eq!(stand.text((80, 22)).lines().nth(3), before.lines().nth(3));
    stand.tell(&Answer::Window(ViewId(99), stand.serial, Box::new(window(lines(b"not mine\n", 0), 1))));
    assert!(!stand.text((80, 22)).contains("not mine"));
}

#[test]
fn it_says_what_is_wanted() {
    let mut stand = mixed();
    let wanted = |outcome: Outcome| match outcome {
        Outcome::Read(asks) => asks,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        wanted(stand.act(Action::LevelNext)).as_slice(),
        [Ask::Window { wanted, .. }] if wanted.level == Some(Level::Info)
    ));
    stand.act(Action::FilterLines);
    stand.write("tool:Bash outcome:failed");
    assert!(matches!(
        wanted(stand.act(Action::Accept)).as_slice(),
        [Ask::Window { wanted, .. }] if wanted.filter == "tool:Bash outcome:failed"
    ));
    for (text, goal) in [
        ("120", Goal::Line(120)),
        ("50%", Goal::Share(0.5)),
        ("2026-11-18 14:30", Goal::Time(orchdash::model::Timestamp::parse("2026-11-18T14:30:00Z").unwrap())),
    ] {
        stand.act(Action::GoTo);
        stand.write(text);
        let asks = wanted(stand.act(Action::Accept));
        assert!(
            matches!(asks.as_slice(), [Ask::Window { goal: its, .. }] if *its == goal),
            "{text}: {asks:?}"
        );
    }
    // Nonsense stays in the line, with what would be right.
    stand.act(Action::GoTo);
    stand.write("soon");
    assert_eq!(stand.act(Action::Accept), Outcome::Stay);
    assert!(stand.text((120, 30)).contains("a share 50%"));
    stand.act(Action::Close);
    // One step back at a time: the filter, then the viewer.
    assert!(matches!(stand.act(Action::Close), Outcome::Read(_)));
    assert_eq!(stand.act(Action::Close), Outcome::Close);
    assert_eq!(stand.viewer.farewell(), Some(Ask::Close(VIEW)));
}

#[test]
fn a_line_is_copied_and_inspected_where_it_stands() {
    let mut stand = mixed();
    stand.act(Action::Up);
    let Outcome::Inspect(records) = stand.act(Action::Inspect) else { panic!() };
    let [RawRef::Line { path, offset }] = records.as_slice() else { panic!() };
    assert_eq!(&**path, "/logs/engine.jsonl");
    assert_eq!(*offset as usize, MIXED.find("npm ERR").unwrap());
    assert_eq!(stand.act(Action::Copy), Outcome::Copy("npm ERR! code ELIFECYCLE".to_owned()));
}

#[test]
fn what_is_wanted_goes_out() {
    let mut stand = mixed();
    stand.act(Action::LevelNext);
    for (action, way) in [(Action::Pager, Way::Page), (Action::Editor, Way::Edit), (Action::Save, Way::Save)]
    {
        let Outcome::Read(asks) = stand.act(action) else { panic!("{action:?}") };
        let [Ask::Out { way: its, wanted, revealed: false, at: Some(_), .. }] = asks.as_slice() else {
            panic!("{asks:?}")
        };
        assert_eq!((*its, wanted.level), (way, Some(Level::Info)));
        let copied = Copied { text: "a\nb\n".to_owned(), lines: 2, at: Some(2), trouble: None };
        let outcome = with(|lookup| stand.viewer.read(&Answer::Out(VIEW, way, copied), lookup));
        match (way, outcome) {
            (Way::Page, Outcome::Page(Handout::Text { text, line, .. }))
            | (Way::Edit, Outcome::Edit(Handout::Text { text, line, .. })) => {
                assert_eq!((text.as_str(), line), ("a\nb\n", Some(2)));
            }
            (Way::Save, Outcome::Export { text, .. }) => assert_eq!(text, "a\nb\n"),
            (_, other) => panic!("{other:?}"),
        }
    }
    // Nothing is handed out when nothing is wanted.
    let outcome = with(|lookup| stand.viewer.read(&Answer::Out(VIEW, Way::Page, Copied::default()), lookup));
    assert!(matches!(outcome, Outcome::Toast(_)), "{outcome:?}");
    // Secrets are shown when somebody asks for them, and this is said.
    let asks = match stand.act(Action::Reveal) {
        Outcome::Read(asks) => asks,
        other => panic!("{other:?}"),
    };
    assert!(matches!(asks.as_slice(), [Ask::Window { revealed: true, .. }]), "{asks:?}");
    assert!(stand.text((120, 24)).contains("secrets are shown"));
}

#[test]
fn what_is_filtered_is_said_where_there_is_little_room() {
    let mut stand = mixed();
    stand.act(Action::FilterLines);
    stand.write("since:14:02 until:2026-11-18 14:30 level:error tool:Bash");
    assert!(matches!(stand.act(Action::Accept), Outcome::Read(_)));
    let hidden = Some(Hidden { lines: 1_234, done: false });
    stand.tell(&Answer::Progress(
        VIEW,
        Progress { sizes: vec![99_000], lines: Some(9), hidden, ..Progress::default() },
    ));
    for (width, parts) in [
        (40, &["hidden so far"][..]),
        (80, &["only since:14:02", "hidden so far"]),
        (200, &["only since:14:02", "hidden so far", "9 lines", "99.0 kB", "pretty", "engine.jsonl"]),
    ] {
        let title = stand.text((width, 10)).lines().next().unwrap().to_owned();
        for part in parts {
            assert!(title.contains(part), "{part}: {title}");
        }
    }
}

/// What a log may hold: sequences of terminals, text that turns round or hides, marks without end, bytes of no encoding.
fn evil() -> Vec<Vec<u8>> {
    let marks = format!("a{}", "\u{301}".repeat(5_000_000));
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    let mut long = br#"{"level":"error","msg":"start"#.to_vec();
    long.resize(50 * 1024 * 1024, b'x');
    let short: [&[u8]; 12] = [
        b"\x1b]52;c;aGVsbG8=\x07copied",
        b"\x1b]0;title\x07\x1b[2J\x1b[6n\x1bP1q\x1b\\",
        b"\xc2\x9b31mred\xc2\x9d8;;http://x\x07",
        "\u{202e}gnp.exe \u{2066}a\u{2069}".as_bytes(),
        "tags \u{e0041}\u{e0042} zero\u{200b}width \u{2028}line \u{fff9}x".as_bytes(),
        b"overwritten\rnew",
        b"\0\0\0\0NUL",
        b"\xff\xfe\x80 not utf-8",
        "👩‍👩‍👧‍👦 family, 🇩🇪 flag, ｆｕｌｌ width".as_bytes(),
        b"{\"msg\":\"\\u001b]52;c;aGk=\\u0007\\u202e\",\"level\":\"\\u001b[31m\"}",
        b"[2026-11-18 14:30:05] \\033[31mred\\033[0m \\033]0;t\\007",
        b"{\"password\":\"hunter2hunter2\",\"msg\":\"sk-ant-REDACTED0123456789abcdef\"}",
    ];
    let mut all: Vec<Vec<u8>> = short.iter().map(|line| line.to_vec()).collect();
    all.extend([marks.into_bytes(), deep.into_bytes(), long]);
    all
}

#[test]
fn no_line_does_harm() {
    let text = evil().join(&b'\n');
    let mut stand = Stand::open(&["evil.log"]);
    stand.arrive(window(lines(&text, 0), 1));
    for turn in 0..8 {
        if turn & 1 == 1 {
            stand.act(Action::RawOrPretty);
        }
        if turn & 2 == 2 {
            stand.act(Action::Wrap);
        }
        if turn & 4 == 4 {
            stand.act(Action::FoldAll);
        }
        for size in SIZES {
            let buf = stand.draw(size);
            assert_eq!(buf, stand.draw(size), "drawing changes nothing");
            for cell in &buf.content {
                let symbol = cell.symbol();
                assert!(symbol.len() <= 64 && symbol.chars().count() <= 8, "{symbol:?}");
                let is_harmless = |ch: char| {
                    !ch.is_control()
                        && !('\u{202a}'..='\u{202e}').contains(&ch)
                        && !('\u{2066}'..='\u{2069}').contains(&ch)
                        && !('\u{e0000}'..='\u{e0fff}').contains(&ch)
                        && ch != '\u{200b}'
                        && ch != '\u{2028}'
                };
                assert!(symbol.chars().all(is_harmless), "{symbol:?}");
            }
            let shown = stand.text(size);
            assert!(!shown.contains("hunter2") && !shown.contains("sk-ant-REDACTED"), "{shown}");
        }
    }
}

#[test]
fn it_fits_any_area() {
    let mut stand = mixed();
    stand.act(Action::FoldAll);
    for width in [0, 1, 5, 11, 12, 20, 41, 100, 400] {
        for height in [0, 1, 2, 3, 4, 9, 40] {
            stand.draw((width, height));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_in_any_order_keep_it_sound(steps in proptest::collection::vec(0_usize..16, 1..60), size in 0_usize..4) {
        let actions = [
            Action::Up, Action::Down, Action::PageUp, Action::PageDown, Action::Top, Action::Bottom, Action::NextMatch,
            Action::NextError, Action::LevelNext, Action::RawOrPretty, Action::Wrap, Action::Fold, Action::FoldAll,
            Action::ScrollRight, Action::ScrollLeft, Action::Follow,
        ];
        let mut stand = mixed();
        for step in steps {
            let outcome = stand.act(actions[step]);
            stand.draw(SIZES[size]);
            if let Outcome::Read(_) = outcome {
                let mut window = window(lines(MIXED.as_bytes(), 0), 1);
                window.goal = step % (window.lines.len() + 1);
                stand.arrive(window);
            }
            let first = stand.draw(SIZES[size]);
            prop_assert_eq!(&first, &stand.draw(SIZES[size]));
        }
    }
}

#[test]
fn what_was_said_of_a_search_goes_with_it() {
    let mut stand = mixed();
    stand.act(Action::Search);
    stand.write("nowhere");
    stand.act(Action::Accept);
    let nothing = |stand: &mut Stand| {
        let missed = Some("not found");
        stand.arrive(Window { missed, ..window(lines(MIXED.as_bytes(), 0), 1) });
        let screen = stand.text((80, 22));
        assert!(screen.lines().last().unwrap().contains("not found"), "{screen}");
    };
    nothing(&mut stand);
    stand.act(Action::Search);
    stand.write("2");
    assert!(!stand.text((80, 22)).contains("not found"));
    stand.act(Action::Accept);
    nothing(&mut stand);
    stand.act(Action::Close);
    assert!(!stand.text((80, 22)).contains("not found"));
}

#[test]
fn lines_of_another_day_name_it_and_failures_are_called_so() {
    let text = b"{\"time\":\"2026-11-16T23:59:58Z\",\"level\":\"info\",\"msg\":\"step\",\"success\":false}\n\
        {\"time\":\"2026-11-18T00:00:01Z\",\"level\":\"info\",\"msg\":\"next\"}\n";
    let mut stand = mixed();
    assert!(stand.text((80, 22)).contains(" 14:30:00 INFO"), "today needs no day");
    stand.arrive(window(lines(text, 0), 1));
    let screen = stand.text((80, 22));
    for said in ["11-16 23:59:58 ERROR", "11-18 00:00:01 INFO"] {
        assert!(screen.contains(said), "{said}: {screen}");
    }
    assert!(stand.text((50, 15)).contains(" 23:59:58 "), "no room for it");
}

#[test]
fn what_is_wrong_with_a_filter_is_read_to_its_end() {
    let mut stand = mixed();
    stand.act(Action::FilterLines);
    stand.write("since:10m until:20m");
    let screen = stand.text((80, 22));
    let foot = screen.lines().last().unwrap();
    assert!(foot.ends_with("since is not before until"), "{foot}");
    assert!(foot.contains("until:20m"), "the end of what is typed: {foot}");
}
