//! Every panel at every size in every state of the store, as text; and what text cannot show: styles, and how much is built.

use std::{collections::BTreeMap, sync::LazyLock};

use orchdash::{
    app::tabs_of,
    input::{Action, Keymap},
    model::{Agent, Batch, Budgets, Delta, Key, Mode, PriceTable, SourceId, Status, Zone},
    panels::{self, Cx, Handled, Lens, Machine, Panel, Pointer, Request, fleet::Fleet},
    query::View,
    store::Store,
    text::Safe,
    theme::{Glyphs, Theme, Tone, load::Catalogue},
};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::fleet;

const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 40), (200, 60)];
/// Rows of the screen that the application keeps for header and footer.
const CHROME: u16 = 2;

const MACHINE: Machine = Machine {
    cpu_percent: 37.0,
    load: 1.42,
    cores: 8,
    memory_used: 9_100_000_000,
    memory_total: 16_000_000_000,
    disk_used: 310_000_000_000,
    disk_total: 500_000_000_000,
    own_memory: 14_000_000,
};

static KEYMAP: LazyLock<Keymap> = LazyLock::new(|| Keymap::new(&tabs_of(&panels::all()), &BTreeMap::new()).0);

static BUDGETS: LazyLock<Budgets> = LazyLock::new(|| orchdash::sources::demo::budgets(fleet::now()));

/// Marks of the Unicode set.
const MARKS: &[char] = &[
    '─', '│', '█', '░', '▒', '▓', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '▲', '▼', '→', '…', '·', '–', '●', '○',
    '◼', '◌', '✓', '✗', '⊘', '▌', '▸', '▾', '├', '└',
];

fn look<'a>(store: &'a Store, view: &'a View, theme: &'a Theme, glyphs: &'a Glyphs) -> Cx<'a> {
    let machine = Some(&MACHINE);
    let budgets = &*BUDGETS;
    let (zone, keymap, lens) = (Zone::UTC, &*KEYMAP, &Lens::USUAL);
    Cx {
        store,
        now: fleet::now(),
        zone,
        view,
        lens,
        budgets,
        theme,
        glyphs,
        keymap,
        machine,
        newest: None,
        reduced_motion: false,
    }
}

fn draw(panel: &dyn Panel, cx: &Cx<'_>, (width, height): (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    panel.render(cx, area, &mut buf);
    buf
}

fn text(buf: &Buffer) -> String {
    fleet::lines(buf).join("\n")
}

fn panel(id: &str) -> Box<dyn Panel> {
    panels::all().into_iter().find(|panel| panel.id() == id).unwrap()
}

#[test]
fn every_panel_in_every_state_at_every_size() {
    let states = [
        ("empty", fleet::empty()),
        ("loading", fleet::loading()),
        ("small", fleet::demo(12)),
        ("large", fleet::demo(600)),
        ("broken", fleet::broken()),
    ];
    let (view, theme) = (View::default(), Theme::default());
    for (state, store) in &states {
        let cx = look(store, &view, &theme, &Glyphs::UNICODE);
        for panel in panels::all() {
            for (width, height) in SIZES {
                let buf = draw(&*panel, &cx, (width, height - CHROME));
                insta::assert_snapshot!(format!("{}-{state}-{width}x{height}", panel.id()), text(&buf));
            }
        }
    }
}

#[test]
fn details_open_beside_the_list_or_over_it() {
    let store = fleet::demo(12);
    let (view, theme) = (View::default(), Theme::default());
    let cx = look(&store, &view, &theme, &Glyphs::ASCII);
    for id in ["fleet", "tasks", "usage", "schedule", "backlog", "projects", "catalog", "sources"] {
        let mut panel = panel(id);
        for (width, height) in [(80, 24), (140, 40)] {
            draw(&*panel, &cx, (width, height - CHROME));
            assert_eq!(panel.act(Action::Open, &cx), Handled::Yes);
            let buf = draw(&*panel, &cx, (width, height - CHROME));
            insta::assert_snapshot!(format!("{id}-detail-{width}x{height}"), text(&buf));
            assert_eq!(text(&buf).find(MARKS), None, "only ASCII marks");
            assert!(panel.offers(&cx).iter().any(|offer| offer.action == Action::DetailDown));
            assert_eq!(panel.act(Action::Back, &cx), Handled::Yes);
            assert_eq!(panel.act(Action::Back, &cx), Handled::No, "esc goes one step back, not two");
        }
    }
}

#[test]
fn frames_fit_any_area_and_drawing_changes_nothing() {
    let store = fleet::demo(12);
    let (view, theme) = (View::default(), Theme::default());
    let cx = look(&store, &view, &theme, &Glyphs::UNICODE);
    for panel in panels::all() {
        for width in [0, 1, 2, 3, 7, 20, 41, 100, 131, 180, 400] {
            for height in [0, 1, 2, 3, 5, 9, 12, 40, 120] {
                let first = draw(&*panel, &cx, (width, height));
                assert_eq!(first, draw(&*panel, &cx, (width, height)), "{} {width}x{height}", panel.id());
            }
        }
    }
}

/// The place of a text on the screen.
fn find(buf: &Buffer, wanted: &str) -> (u16, u16) {
    let at =
        |line: &String| line.find(wanted).map(|byte| orchdash::text::width(line.split_at(byte).0) as u16);
    fleet::lines(buf).iter().enumerate().find_map(|(y, line)| Some((at(line)?, y as u16))).unwrap()
}

#[test]
fn states_and_the_selected_row_have_their_tones() {
    let store = fleet::demo(40);
    let theme = Catalogue::default().load("midnight").unwrap();
    let view = View::default();
    let cx = look(&store, &view, &theme, &Glyphs::UNICODE);
    let buf = draw(&*panel("fleet"), &cx, (120, 40));
    for (word, tone) in
        [("? waiting", Tone::Waiting), ("✗ failed", Tone::Failed), ("● running", Tone::Running)]
    {
        let at = find(&buf, word);
        assert_eq!(buf[at].fg, theme.style(tone).fg.unwrap(), "{word}");
    }
    let (_, y) = find(&buf, "▌");
    let selection = theme.style(Tone::Selection).bg.unwrap();
    assert!((0..119).all(|x| buf[(x, y)].bg == selection), "the whole row is marked");
    assert!((0..120).all(|x| buf[(x, y + 1)].bg != selection));
}

#[test]
fn the_ascii_set_draws_no_other_marks() {
    let store = fleet::demo(12);
    let (view, theme) = (View::default(), Theme::default());
    let cx = look(&store, &view, &theme, &Glyphs::ASCII);
    for panel in panels::all() {
        let screen = text(&draw(&*panel, &cx, (140, 40)));
        let marks: Vec<char> = screen.chars().filter(|ch| MARKS.contains(ch)).collect();
        assert!(marks.is_empty(), "{}: {marks:?}", panel.id());
    }
}

/// `count` agents without anything to them.
fn crowd(count: u32) -> Store {
    let mut store = Store::new(PriceTable::default());
    let deltas = (0..count)
        .map(|at| {
            let name = Safe::line(&format!("agent {at:06}"));
            let agent = Agent { name: name.clone(), status: Status::Running, ..Agent::default() };
            Delta::Agent(Key::new(SourceId(0), name), Box::new(agent))
        })
        .collect();
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

#[test]
fn a_hundred_thousand_agents_build_only_visible_rows() {
    let store = crowd(100_000);
    let (view, theme) = (View::default(), Theme::default());
    let cx = look(&store, &view, &theme, &Glyphs::UNICODE);
    let mut panel = Fleet::default();
    draw(&panel, &cx, (120, 40));
    assert_eq!(panel.rows_built(), 38, "40 lines without the line above the table and its head");
    panel.act(Action::Bottom, &cx);
    let buf = draw(&panel, &cx, (120, 40));
    assert_eq!(panel.rows_built(), 76);
    assert!(text(&buf).contains("▌ ● running"));
}

#[test]
fn the_selected_agent_stays_selected_when_rows_move() {
    let mut store = crowd(5);
    let (view, theme) = (View::default(), Theme::default());
    let mut panel = Fleet::default();
    let cx = look(&store, &view, &theme, &Glyphs::UNICODE);
    panel.act(Action::Down, &cx);
    let before = fleet::lines(&draw(&panel, &cx, (80, 20)));
    let chosen = before.iter().find(|line| line.starts_with('▌')).unwrap().clone();
    let name = Safe::line("agent 000000");
    let waits = Agent { name: Safe::line("a newcomer"), status: Status::Waiting, ..Agent::default() };
    let deltas = vec![Delta::Agent(Key::new(SourceId(0), Safe::line("new")), Box::new(waits))];
    store.apply(Batch { source: SourceId(0), seq: 2, mode: Mode::Append, deltas });
    let cx = look(&store, &view, &theme, &Glyphs::UNICODE);
    let after = fleet::lines(&draw(&panel, &cx, (80, 20)));
    assert!(after[2].contains("a newcomer"), "who waits comes first: {after:?}");
    assert_eq!(after.iter().find(|line| line.starts_with('▌')), Some(&chosen), "{name} moved down a row");
}

#[test]
fn the_filter_and_the_workspaces_reach_every_figure() {
    let store = fleet::demo(40);
    let theme = Theme::default();
    let view = View { workspaces: vec!["checkout".to_owned()], filter: "status:waiting".to_owned() };
    let cx = look(&store, &view, &theme, &Glyphs::UNICODE);
    let screen = text(&draw(&*panel("overview"), &cx, (140, 40)));
    assert!(!screen.contains("ledger-core") && !screen.contains("android"), "{screen}");
    assert!(screen.contains("nothing runs"), "{screen}");
    let everything = text(&draw(
        &*panel("overview"),
        &look(&store, &View::default(), &theme, &Glyphs::UNICODE),
        (140, 40),
    ));
    let today = |screen: &str| screen.lines().find(|line| line.contains("today")).map(ToOwned::to_owned);
    assert_ne!(today(&screen), today(&everything), "costs follow the view");
    let nothing = View { filter: "name:nobody-has-this-name".to_owned(), ..View::default() };
    let screen = text(&draw(&*panel("fleet"), &look(&store, &nothing, &theme, &Glyphs::UNICODE), (80, 22)));
    assert!(screen.contains("name:nobody-has-this-name") && screen.contains("ctrl-l"), "{screen}");
}

#[test]
fn rows_lead_to_what_they_are_about() {
    let store = fleet::demo(40);
    let (view, theme) = (View::default(), Theme::default());
    let cx = look(&store, &view, &theme, &Glyphs::UNICODE);
    let mut overview = panel("overview");
    draw(&*overview, &cx, (140, 40));
    let Handled::Asks(Request::ShowAgent(id)) = overview.act(Action::Open, &cx) else {
        panic!("somebody waits in the demo")
    };
    let mut fleet = panel("fleet");
    fleet.show_agent(id, &cx);
    let buf = draw(&*fleet, &cx, (140, 40));
    assert!(text(&buf).contains("waits for"), "{}", text(&buf));
    let area = Rect::new(0, 0, 140, 40);
    overview.act(Action::Bottom, &cx);
    draw(&*overview, &cx, (140, 40));
    assert_eq!(overview.point(Pointer::Click { x: 10, y: 1 }, area, &cx), Handled::Yes);
    assert!(matches!(overview.point(Pointer::Click { x: 10, y: 1 }, area, &cx), Handled::Asks(_)));
}

#[test]
fn clicking_a_head_sorts_and_clicking_again_turns_round() {
    let store = fleet::demo(40);
    let (view, theme) = (View::default(), Theme::default());
    let cx = look(&store, &view, &theme, &Glyphs::UNICODE);
    let mut fleet = panel("fleet");
    let area = Rect::new(0, 0, 140, 40);
    let (x, y) = find(&draw(&*fleet, &cx, (140, 40)), "cost");
    fleet.point(Pointer::Click { x, y }, area, &cx);
    assert!(text(&draw(&*fleet, &cx, (140, 40))).contains("cost▼"));
    fleet.point(Pointer::Click { x, y }, area, &cx);
    assert!(text(&draw(&*fleet, &cx, (140, 40))).contains("cost▲"));
}

#[test]
fn panels_wake_only_for_what_is_seen() {
    let (view, theme) = (View::default(), Theme::default());
    let quiet = crowd(50);
    let cx = look(&quiet, &view, &theme, &Glyphs::UNICODE);
    let fleet = panel("fleet");
    draw(&*fleet, &cx, (120, 40));
    assert_eq!(fleet.next_wake(&cx), None, "no clock is on the screen");
    let busy = crate::fleet::demo(12);
    let cx = look(&busy, &view, &theme, &Glyphs::UNICODE);
    let timeless = ["logs", "catalog", "sources"];
    for panel in panels::all().iter().filter(|panel| !timeless.contains(&panel.id())) {
        draw(&**panel, &cx, (120, 40));
        let wake = panel.next_wake(&cx).unwrap();
        assert!(wake > crate::fleet::now(), "{}: {wake:?}", panel.id());
    }
}
