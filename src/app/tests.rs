//! Keys as strings, frames as text: `press("2 j enter")`, then look.

use std::{cell::RefCell, rc::Rc};

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};

use super::{App, Effect, Looks, Message, Mouse, Setup};
use crate::{
    input::{Action, Scope, key::parse_sequence},
    model::{
        Agent, Batch, Delta, Health, HealthState, Id, Key, Millis, Mode, RawRef, Record, SourceId, Status,
        Timestamp, Zone,
    },
    panels::{Cx, Handled, Lens, Offer, Panel, Pointer, Request},
    query::View,
    store::{Store, Tables},
    text::Safe,
    theme::{Catalogue, Depth, Tone},
};

const NOON: Timestamp = Timestamp(1_762_430_400_000);

type Log = Rc<RefCell<Vec<String>>>;

/// A panel that writes down what it is told.
struct Probe {
    id: &'static str,
    reads: Tables,
    log: Log,
}

impl Panel for Probe {
    fn id(&self) -> &'static str {
        self.id
    }
    fn title(&self) -> &'static str {
        match self.id {
            "overview" => "Overview",
            "fleet" => "Fleet",
            _ => "Tasks",
        }
    }
    fn about(&self) -> &'static str {
        "what is it?"
    }
    fn reads(&self) -> Tables {
        self.reads
    }
    fn scope(&self) -> Option<Scope> {
        (self.id == "fleet").then_some(Scope::Fleet)
    }
    fn offers(&self, _cx: &Cx<'_>) -> Vec<Offer> {
        vec![Offer::of(Action::Open), Offer { action: Action::Inspect, disabled: Some("no row") }]
    }
    fn act(&mut self, action: Action, _cx: &Cx<'_>) -> Handled {
        self.log.borrow_mut().push(format!("{} {action:?}", self.id));
        match action {
            Action::Inspect => Handled::Asks(Request::Inspect(vec![RawRef::Text(Safe::line("raw"))])),
            Action::Copy => Handled::Asks(Request::Copy("the id".to_owned())),
            Action::Down => Handled::Yes,
            _ => Handled::No,
        }
    }
    fn click(&mut self, _at: (u16, u16), _list: Rect, _cx: &Cx<'_>) -> Handled {
        Handled::No
    }
    fn point(&mut self, pointer: Pointer, area: Rect, _cx: &Cx<'_>) -> Handled {
        self.log.borrow_mut().push(format!("{} {pointer:?} in {area:?}", self.id));
        Handled::Yes
    }
    fn show_agent(&mut self, id: Id<Agent>, _cx: &Cx<'_>) {
        self.log.borrow_mut().push(format!("{} shows {id:?}", self.id));
    }
    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let text = format!("{} has {} agents at {}", self.id, cx.store.agents.len(), cx.now.clock(cx.zone));
        buf.set_stringn(area.x, area.y, text, usize::from(area.width), cx.theme.style(Tone::Text));
    }
}

struct Harness {
    app: App,
    log: Log,
    now: Timestamp,
}

impl Harness {
    fn new() -> Self {
        let log = Log::default();
        let probe = |id, reads| Box::new(Probe { id, reads, log: Rc::clone(&log) }) as Box<dyn Panel>;
        let panels = vec![
            probe("overview", Tables::ALL),
            probe("fleet", Tables::AGENTS),
            probe("tasks", Tables::TASKS),
        ];
        Self { log, ..Self::with(panels) }
    }

    fn with(panels: Vec<Box<dyn Panel>>) -> Self {
        let setup = Setup {
            panels,
            view: View::default(),
            zone: Zone::UTC,
            themes: Catalogue::default(),
            theme: "midnight".to_owned(),
            chosen_theme: None,
            looks: Looks { dark: Some(true), depth: Depth::True, ascii: false },
            keys: std::collections::BTreeMap::new(),
            reduced_motion: false,
            panel: None,
            lens: Lens::default(),
            budgets: crate::model::Budgets::default(),
            now: NOON,
        };
        let (app, problems, error) = App::new(setup, Store::default());
        assert!(problems.is_empty() && error.is_none());
        Self { app, log: Log::default(), now: NOON }
    }

    fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for chord in parse_sequence(keys).expect("keys") {
            effects.extend(self.app.update(self.now, Message::Key(chord)));
        }
        effects
    }

    fn typing(&mut self, text: &str) {
        for ch in text.chars() {
            let key = if ch == ' ' { "space".to_owned() } else { ch.to_string() };
            self.press(&key);
        }
    }

    fn click(&mut self, x: u16, y: u16) -> Vec<Effect> {
        self.app.update(self.now, Message::Mouse(Mouse { x, y, wheel: None }))
    }

    fn batch(&mut self, seq: u64, deltas: Vec<Delta>) {
        let batch = Batch { source: SourceId(0), seq, mode: Mode::Append, deltas };
        self.app.update(self.now, Message::Batch(batch));
    }

    fn after(&mut self, ms: i64) -> Vec<Effect> {
        self.now = Timestamp(self.now.0 + ms);
        self.app.update(self.now, Message::Tick)
    }

    fn buffer(&self, width: u16, height: u16) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        self.app.render(area, &mut buffer);
        buffer
    }

    fn frame(&self, width: u16, height: u16) -> String {
        let buffer = self.buffer(width, height);
        let rows = (0..height).map(|y| {
            let row: String =
                (0..width).filter_map(|x| buffer.cell((x, y)).map(|cell| cell.symbol().to_owned())).collect();
            row.trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    fn screen(&self) -> String {
        self.frame(120, 30)
    }

    fn logged(&self) -> Vec<String> {
        self.log.borrow_mut().drain(..).collect()
    }
}

fn agent(name: &str, status: Status) -> Delta {
    let agent = Agent { name: Safe::line(name), status, ..Agent::default() };
    Delta::Agent(Key::new(SourceId(0), Safe::line(name)), Box::new(agent))
}

fn health(state: HealthState, progress: Option<(u64, u64)>) -> Delta {
    Delta::Health(Box::new(Health { kind: "demo", state, progress, ..Health::default() }))
}

#[test]
fn numbers_and_tab_change_the_panel_and_keys_reach_it() {
    let mut run = Harness::new();
    run.press("2 j");
    assert_eq!(run.logged(), ["fleet Down"]);
    run.press("tab j shift-tab shift-tab shift-tab j");
    assert_eq!(run.logged(), ["tasks Down", "tasks Down"]);
    run.press("9");
    assert!(run.screen().contains("tasks has 0 agents"));
}

#[test]
fn every_action_is_done_by_somebody() {
    // Whatever is in the table must end in the panel, in a layer or as a change or effect of the application.
    for spec in Action::ALL {
        let mut run = Harness::new();
        run.press("2");
        run.app.take_dirty();
        match spec.scope {
            Scope::Overlay => drop(run.press("t")),
            Scope::Text => drop(run.press("/")),
            Scope::Find => drop(run.press("2 i /")),
            _ => {}
        }
        let before = run.buffer(120, 30);
        let effects = run.app.act(spec.action);
        let seen = !run.logged().is_empty() || !effects.is_empty() || run.buffer(120, 30) != before;
        let nothing_to_do = matches!(
            spec.action,
            // Nothing is filtered; nothing above or to complete.
            Action::ClearFilter | Action::Complete
        );
        assert!(seen || nothing_to_do, "{} does nothing", spec.name);
    }
}

#[test]
fn quitting_remembers_the_panel() {
    let mut run = Harness::new();
    let effects = run.press("2 q");
    assert!(
        matches!(effects.as_slice(), [Effect::Save(session), Effect::Quit] if session.panel.as_deref() == Some("fleet"))
    );
}

#[test]
fn under_a_layer_q_closes_and_ctrl_c_quits() {
    let mut run = Harness::new();
    assert_eq!(run.press("? q"), []);
    assert!(!run.screen().contains("Keys"));
    assert!(run.press("? ctrl-c").contains(&Effect::Quit));
}

#[test]
fn the_key_that_opens_help_closes_it() {
    let mut run = Harness::new();
    run.press("?");
    assert!(run.screen().contains("Leave orchdash"));
    run.press("G");
    assert!(run.screen().contains("Filter fields"));
    run.press("?");
    assert!(!run.screen().contains("Filter fields"));
}

#[test]
fn letters_go_into_the_palette_and_enter_runs_the_best() {
    let mut run = Harness::new();
    run.press("ctrl-k");
    run.typing("sort-rev");
    assert!(run.screen().contains("Turn the sort order round"));
    run.press("enter");
    assert_eq!(run.logged(), ["overview SortReverse"]);
    assert!(!run.screen().contains("Actions"));
}

#[test]
fn the_filter_follows_typing_and_esc_brings_the_old_one_back() {
    let mut run = Harness::new();
    run.press("/");
    run.typing("failed x");
    run.press("enter");
    assert_eq!(run.app.view.filter, "failed x");
    assert!(run.screen().contains("/failed x"));
    run.press("/");
    run.typing("y");
    assert_eq!(run.app.view.filter, "failed xy");
    run.press("esc");
    assert_eq!(run.app.view.filter, "failed x");
    run.press("ctrl-l");
    assert_eq!(run.app.view.filter, "");
}

#[test]
fn the_filter_completes_what_occurs_and_names_mistakes() {
    let mut run = Harness::new();
    run.batch(1, vec![agent("a", Status::Failed)]);
    run.press("/");
    run.typing("sta");
    run.press("tab");
    // What makes no sense yet is typed, not applied.
    assert!(run.screen().contains("/ status:"), "{}", run.screen());
    assert_eq!(run.app.view.filter, "sta");
    run.typing("fai");
    run.press("tab");
    assert_eq!(run.app.view.filter, "status:failed");
    run.typing(" cost:abc");
    assert!(run.screen().contains("abc"), "{}", run.screen());
    assert_eq!(run.app.view.filter, "status:failed cost");
    run.press("enter");
    assert!(run.screen().contains("expected an amount"), "{}", run.screen());
    run.press("ctrl-u");
    assert_eq!(run.app.view.filter, "");
}

#[test]
fn pasted_text_is_one_safe_line() {
    let mut run = Harness::new();
    run.press("/");
    run.app.update(run.now, Message::Paste("a\u{1b}[31mb\nc".to_owned()));
    assert_eq!(run.app.view.filter, "ab c");
}

#[test]
fn a_theme_is_shown_at_once_and_esc_restores() {
    let mut run = Harness::new();
    run.press("t g g");
    assert_eq!(run.app.theme().name, "ansi");
    run.press("esc");
    assert_eq!(run.app.theme().name, "midnight");
    let effects = run.press("t g g down enter");
    assert!(
        matches!(effects.as_slice(), [Effect::Save(session)] if session.theme.as_deref() == Some("daylight"))
    );
    assert_eq!(run.app.theme().name, "daylight");
}

#[test]
fn the_inspector_asks_for_the_record_and_shows_it() {
    let mut run = Harness::new();
    let place = RawRef::Text(Safe::line("raw"));
    assert_eq!(run.press("i"), [Effect::LoadRaw(place.clone())]);
    assert!(run.screen().contains("reading"));
    run.app.update(run.now, Message::Raw(place, Ok(Record::new("{\n  \"cost\": 7\n}", 0))));
    assert!(run.screen().contains("\"cost\": 7"));
    assert_eq!(run.press("y"), [Effect::Copy("{\n  \"cost\": 7\n}".to_owned())]);
    run.press("esc");
    assert!(!run.screen().contains("\"cost\": 7"));
}

#[test]
fn a_record_that_cannot_be_read_says_why() {
    let mut run = Harness::new();
    run.press("i");
    let place = RawRef::Text(Safe::line("raw"));
    run.app.update(run.now, Message::Raw(place, Err("the row is gone".to_owned())));
    assert!(run.screen().contains("the row is gone"));
}

#[test]
fn what_came_last_of_very_much_is_drawn_when_views_may_be_built() {
    let mut run = Harness::new();
    run.press("2");
    run.batch(1, (0..20_000).map(|n| agent(&format!("agent-{n}"), Status::Running)).collect());
    assert!(run.app.take_dirty());
    let wake = run.app.next_wake().unwrap();
    assert!(wake > NOON && wake < NOON.plus(Millis::seconds(1)), "not only with the clock: {wake:?}");
    // Then it is in every view: nothing more is owed for it.
    run.after(wake.since(NOON).0);
    assert!(run.app.take_dirty());
    assert_eq!(run.app.next_wake(), Some(NOON.plus(Millis::seconds(1))));
}

#[test]
fn toasts_go_away_by_themselves() {
    let mut run = Harness::new();
    assert_eq!(run.press("y"), [Effect::Copy("the id".to_owned())]);
    assert!(run.screen().contains("copied the id"));
    run.app.take_dirty();
    run.after(4001);
    assert!(run.app.take_dirty());
    assert!(!run.screen().contains("copied the id"));
}

#[test]
fn toasts_lie_on_the_hints_and_leave_with_what_they_speak_of() {
    let mut run = Harness::new();
    run.press("y");
    let last = |run: &Harness| run.screen().lines().last().unwrap().to_owned();
    assert!(last(&run).trim_end().ends_with("copied the id"), "{}", run.screen());
    run.press("?");
    assert!(run.screen().contains("copied the id"), "what lies above for a while leaves nothing");
    run.press("esc");
    run.press("3");
    assert!(!run.screen().contains("copied the id"), "{}", run.screen());
    run.app.toast("kept in a file");
    run.press("2");
    assert!(last(&run).trim_end().ends_with("kept in a file"), "{}", run.screen());
}

#[test]
fn only_what_is_shown_makes_the_screen_dirty() {
    let mut run = Harness::new();
    run.press("3");
    assert!(run.app.take_dirty());
    run.batch(1, vec![agent("a", Status::Running)]);
    assert!(!run.app.take_dirty(), "the tasks panel shows no agents");
    run.press("2");
    run.app.take_dirty();
    run.batch(2, vec![agent("b", Status::Running)]);
    assert!(run.app.take_dirty());
    run.batch(3, vec![agent("b", Status::Running)]);
    assert!(!run.app.take_dirty(), "nothing changed");
}

#[test]
fn only_the_clock_wakes_an_idle_screen() {
    let mut run = Harness::new();
    run.app.take_dirty();
    assert_eq!(run.app.next_wake(), Some(Timestamp(NOON.0 + 1000)));
    run.after(999);
    assert!(!run.app.take_dirty());
    run.after(1);
    assert!(run.app.take_dirty());
    assert!(run.screen().contains("12:00:01"));
}

#[test]
fn a_pause_freezes_everything_but_the_clock() {
    let mut run = Harness::new();
    run.batch(1, vec![agent("a", Status::Running)]);
    run.press("p");
    run.batch(2, vec![agent("b", Status::Running), health(HealthState::Live, None)]);
    run.after(5000);
    let screen = run.screen();
    assert!(screen.contains("overview has 1 agents at 12:00:00"), "{screen}");
    assert!(screen.contains("PAUSED, 1 wait") && screen.contains("12:00:05"), "{screen}");
    run.press("p");
    assert!(run.screen().contains("overview has 2 agents at 12:00:05"));
}

#[test]
fn a_pause_that_is_too_long_goes_on_and_says_so() {
    let mut run = Harness::new();
    run.press("p");
    for seq in 1..=30 {
        let deltas = (0..5000).map(|at| agent(&format!("{seq} {at}"), Status::Running)).collect();
        run.batch(seq, deltas);
    }
    let screen = run.screen();
    assert!(screen.contains("older ones shown") && screen.contains("100k wait"), "{screen}");
    run.press("p");
    assert_eq!(run.app.store().agents.len(), 150_000);
}

#[test]
fn the_header_says_how_the_sources_are() {
    let cases = [
        (health(HealthState::Live, None), "● live"),
        (health(HealthState::CatchingUp, Some((43, 100))), "catching up 43 %"),
        (health(HealthState::CatchingUp, None), "catching up"),
        (health(HealthState::Stale, None), "1 stale"),
        (health(HealthState::Failed, None), "✗ 1 failed"),
        (health(HealthState::Empty, None), "● live"),
    ];
    let mut run = Harness::new();
    assert!(run.screen().contains("no data yet"));
    for (seq, (delta, text)) in cases.into_iter().enumerate() {
        run.batch(seq as u64 + 1, vec![delta]);
        let screen = run.screen();
        assert!(screen.contains(text), "{text}: {screen}");
    }
}

#[test]
fn the_jump_goes_round_through_those_who_wait() {
    let mut run = Harness::new();
    run.press("w");
    assert!(run.screen().contains("nobody waits for you"));
    run.batch(1, vec![agent("a", Status::Waiting), agent("b", Status::Running), agent("c", Status::Waiting)]);
    run.logged();
    run.press("w w w");
    let shown: Vec<String> = run.logged().into_iter().filter(|line| line.contains("shows")).collect();
    assert_eq!(shown, ["fleet shows #0", "fleet shows #2", "fleet shows #0"]);
}

#[test]
fn the_mouse_opens_tabs_and_reaches_the_panel() {
    let mut run = Harness::new();
    let screen = run.screen();
    let column = screen.lines().next().and_then(|line| line.find("2 Fleet")).expect("a tab") as u16;
    run.click(column + 2, 0);
    assert!(run.screen().contains("fleet has 0 agents"));
    run.click(5, 4);
    assert_eq!(run.logged(), ["fleet Click { x: 5, y: 4 } in Rect { x: 0, y: 1, width: 120, height: 28 }"]);
    run.app.update(run.now, Message::Mouse(Mouse { x: 5, y: 4, wheel: Some(-1) }));
    assert!(run.logged().iter().all(|line| line.contains("Wheel")));
}

#[test]
fn a_click_beside_a_layer_closes_it() {
    let mut run = Harness::new();
    run.press("t down");
    run.screen();
    run.click(0, 20);
    assert!(!run.screen().contains("Themes"));
    assert_eq!(run.app.theme().name, "midnight");
    assert_eq!(run.logged(), Vec::<String>::new());
}

#[test]
fn drawing_twice_changes_nothing() {
    let mut run = Harness::new();
    run.press("?");
    assert_eq!(run.buffer(80, 24), run.buffer(80, 24));
}

#[test]
fn a_glyph_cut_by_a_layer_is_blanked() {
    let mut run = Harness::new();
    run.press("t");
    let area = Rect::new(0, 0, 80, 24);
    let mut buffer = Buffer::empty(area);
    run.app.render(area, &mut buffer);
    let left =
        (0..80).find(|x| buffer.cell((*x, 12)).is_some_and(|cell| cell.symbol() == "│")).expect("a frame");
    let mut wide = Buffer::empty(area);
    wide.set_string(left - 1, 12, "日", ratatui::style::Style::default());
    let theme = run.app.theme().clone();
    let cx = Cx { theme: &theme, ..run.app.cx() };
    let lookup =
        crate::overlays::Lookup { cx, keymap: run.app.keymap(), themes: &run.app.themes, scopes: &[] };
    crate::overlays::popup("x", &lookup, Rect::new(left, 10, 20, 6), &mut wide);
    assert_eq!(wide.cell((left - 1, 12)).map(ratatui::buffer::Cell::symbol), Some(" "));
}

#[test]
fn small_screens_keep_what_matters_and_tiny_ones_say_why() {
    let mut run = Harness::new();
    run.batch(1, vec![health(HealthState::Live, None)]);
    for (width, height) in [(80, 24), (60, 15), (40, 10)] {
        let frame = run.frame(width, height);
        assert!(frame.contains("Overview") && frame.contains("live") && frame.contains("? help"), "{frame}");
    }
    assert!(run.frame(39, 10).contains("orchdash needs 40"));
    run.frame(1, 1);
    run.frame(0, 0);
}

#[test]
fn the_open_tab_the_state_and_the_clock_stay_however_many_tabs_there_are() {
    let mut run = Harness::with(crate::panels::all());
    run.batch(1, vec![health(HealthState::Live, None)]);
    let first = |run: &Harness, width| run.frame(width, 15).lines().next().unwrap_or_default().to_owned();
    let titles: Vec<&str> = crate::panels::all().iter().map(|panel| panel.title()).collect();
    for title in &titles {
        for width in 48..=220 {
            let line = first(&run, width);
            let whole = line.contains(title) && line.contains("● live") && line.ends_with("12:00:00");
            assert!(whole, "{width}, {title}: {line}");
        }
        let line = first(&run, 40);
        assert!(line.contains(title) && line.contains("● live"), "{title}: {line}");
        run.press("tab");
    }
    run.press("2 /");
    run.typing("status:failed");
    run.press("enter");
    assert!(first(&run, 60).ends_with("/status…  ● live  12:00:00"), "{}", first(&run, 60));
    let wide = first(&run, 240);
    assert!(titles.iter().all(|title| wide.contains(title)), "{wide}");
    run.press("p");
    let line = first(&run, 60);
    assert!(
        line.contains("2 Fleet") && line.contains("PAUSED, 0 wait") && line.ends_with("12:00:00"),
        "{line}"
    );
}

#[test]
fn every_layer_fits_every_size() {
    for keys in ["?", "ctrl-k", "/", "t", "i"] {
        let mut run = Harness::new();
        run.press(keys);
        for width in [40, 41, 60, 80, 200] {
            for height in [10, 11, 15, 24, 60] {
                run.frame(width, height);
            }
        }
    }
}

#[test]
fn what_cannot_be_done_now_is_faint() {
    let run = Harness::new();
    let buffer = run.buffer(120, 30);
    let row: String =
        (0..120).filter_map(|x| buffer.cell((x, 29)).map(|cell| cell.symbol().to_owned())).collect();
    let at = row.find("i inspect").expect("offered") as u16;
    let faint = run.app.theme().style(Tone::Faint);
    assert_eq!(buffer.cell((at, 29)).map(|cell| Some(cell.fg)), Some(faint.fg));
    assert!(buffer.cell((at, 29)).is_some_and(|cell| !cell.modifier.contains(Modifier::BOLD)));
}

#[test]
fn an_unfinished_sequence_is_shown_and_a_strange_key_starts_anew() {
    let mut run = Harness::new();
    run.press("g");
    assert!(run.screen().contains("g …"));
    run.press("j");
    assert_eq!(run.logged(), ["overview Down"]);
}

/// What a first visitor tries, in order; the screen is drawn after every key.
const TOUR: &str = "? pagedown esc 2 enter J J K esc s S s o o space z e e i esc 3 v v enter esc y w f \
    4 enter esc 1 down i esc p p t down down esc ctrl-k esc : esc / esc tab shift-tab g g G ctrl-l ctrl-r";

#[test]
fn a_tour_of_all_keys_ends_where_it_began() {
    let mut run = Harness::new();
    run.batch(1, vec![agent("a", Status::Failed), agent("b", Status::Waiting), agent("c", Status::Running)]);
    for key in TOUR.split_whitespace() {
        run.press(key);
        assert!(run.screen().contains("Overview"), "after {key}: {}", run.screen());
    }
    assert_eq!(run.app.theme().name, "midnight");
    assert!(run.app.overlays.is_empty() && run.app.paused.is_none() && run.app.view.filter.is_empty());
}
