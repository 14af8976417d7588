//! The panels Projects and Catalog under the hand of a person: keys, mouse, filter.

use std::collections::BTreeMap;

use orchdash::{
    app::tabs_of,
    input::{Action, Keymap},
    model::{Batch, Delta, Key, Kind, Mode, RawRef, SourceId, Zone},
    panels::{self, Cx, Handled, Lens, Panel, Pointer, Request},
    query::View,
    store::Store,
    text::Safe,
    theme::{Glyphs, Theme},
};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::fleet;

const AREA: Rect = Rect::new(0, 0, 140, 44);

struct Desk {
    store: Store,
    view: View,
    theme: Theme,
    keymap: Keymap,
    panel: Box<dyn Panel>,
}

impl Desk {
    fn new(id: &str) -> Self {
        Self {
            store: fleet::demo(40),
            view: View::default(),
            theme: Theme::default(),
            keymap: Keymap::new(&tabs_of(&panels::all()), &BTreeMap::new()).0,
            panel: panels::all().into_iter().find(|panel| panel.id() == id).unwrap(),
        }
    }

    fn with<T>(&mut self, ask: impl FnOnce(&mut dyn Panel, &Cx<'_>) -> T) -> T {
        let cx = Cx {
            store: &self.store,
            now: fleet::now(),
            zone: Zone::UTC,
            view: &self.view,
            lens: &Lens::USUAL,
            budgets: &orchdash::model::budget::NONE,
            theme: &self.theme,
            glyphs: &Glyphs::UNICODE,
            keymap: &self.keymap,
            machine: None,
            newest: None,
            reduced_motion: false,
        };
        ask(&mut *self.panel, &cx)
    }

    fn act(&mut self, action: Action) -> Handled {
        self.screen();
        self.with(|panel, cx| panel.act(action, cx))
    }

    fn click(&mut self, (x, y): (u16, u16)) -> Handled {
        self.with(|panel, cx| panel.point(Pointer::Click { x, y }, AREA, cx))
    }

    fn screen(&mut self) -> String {
        let mut buf = Buffer::empty(AREA);
        self.with(|panel, cx| panel.render(cx, AREA, &mut buf));
        let row = |y| (0..AREA.width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..AREA.height).map(row).collect::<Vec<_>>().join("\n")
    }

    /// Chooses the first row that holds a text.
    fn choose(&mut self, wanted: &str) {
        self.act(Action::Top);
        for _ in 0..30 {
            if self.screen().lines().any(|line| line.starts_with('▌') && line.contains(wanted)) {
                return;
            }
            self.act(Action::Down);
        }
        panic!("no row holds {wanted}: {}", self.screen());
    }

    fn find(&mut self, wanted: &str) -> (u16, u16) {
        let screen = self.screen();
        let mut lines = screen.lines().enumerate();
        let (y, x) =
            lines.find_map(|(y, line)| Some((y, line[..line.find(wanted)?].chars().count()))).unwrap();
        (x as u16, y as u16)
    }
}

#[test]
fn the_catalog_goes_through_its_kinds_and_back_to_all() {
    let mut desk = Desk::new("catalog");
    let mut seen = Vec::new();
    for _ in 0..6 {
        assert_eq!(desk.act(Action::NextView), Handled::Yes);
        let screen = desk.screen();
        let head = screen.lines().next().unwrap();
        seen.push(head[head.find('[').unwrap() + 1..head.find(']').unwrap()].to_owned());
    }
    assert_eq!(seen, ["agents 9", "workflows 2", "mcp servers 3", "webhooks 1", "models 1", "all 16"]);
    // The line above the list is a switch too.
    let (x, _) = desk.find("[all");
    assert_eq!(desk.click((x, 0)), Handled::Yes);
    assert!(desk.screen().contains("[agents 9]") && desk.screen().contains("median"));
}

#[test]
fn a_kind_that_vanishes_gives_way_to_all() {
    let mut desk = Desk::new("catalog");
    (0..5).for_each(|_| drop(desk.act(Action::NextView)));
    assert!(desk.screen().contains("[models 1]"));
    let key = Key::new(SourceId(0), Safe::line("model claude-opus-5-5"));
    let deltas = vec![Delta::Gone(Kind::Catalog, key)];
    desk.store.apply(Batch { source: SourceId(0), seq: 99, mode: Mode::Append, deltas });
    let screen = desk.screen();
    assert!(screen.contains("[all 15]") && !screen.contains("models"), "{screen}");
}

#[test]
fn what_is_wrong_in_the_catalog_is_said() {
    let mut desk = Desk::new("catalog");
    let screen = desk.screen();
    for words in ["no definition", "1 problem", "✗ failed · connection refused", "unused"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    desk.choose("workflow    release");
    desk.act(Action::Open);
    let screen = desk.screen();
    for words in ["Steps  4  1 problem", "after freeze, changelog", "which is no step"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    desk.choose("workflow    feature");
    let screen = desk.screen();
    assert!(screen.contains("if it fails: repair") && screen.contains("when build fails"), "{screen}");
    let indent = |id: &str| screen.lines().find_map(|line| line.find(&format!("· {id}"))).unwrap();
    assert_eq!(indent("test"), indent("review"), "both wait for `build` alone");
    assert!(indent("analyse") < indent("plan") && indent("build") < indent("test"));
    desk.choose("explore");
    assert!(desk.screen().contains("status        no definition"), "{}", desk.screen());
}

#[test]
fn rows_are_sorted_within_their_kind() {
    let mut desk = Desk::new("catalog");
    let head = desk.find("agents  success");
    let order = |desk: &mut Desk| {
        let screen = desk.screen();
        let kinds: Vec<String> =
            screen.lines().skip(2).map(|line| line.chars().skip(2).take(12).collect()).collect();
        let mut once = kinds.clone();
        once.dedup();
        assert_eq!(once.iter().filter(|kind| kind.contains("agent")).count(), 1, "{screen}");
        screen.lines().nth(2).unwrap().to_owned()
    };
    let by_name = order(&mut desk);
    desk.click(head);
    assert!(desk.screen().contains("agents▼"), "{}", desk.screen());
    assert_ne!(order(&mut desk), by_name);
    let head = desk.find("agents▼");
    desk.click(head);
    assert!(desk.screen().contains("agents▲"));
    assert!(order(&mut desk).contains("security-auditor"));
}

#[test]
fn projects_say_what_holds_them_up() {
    let mut desk = Desk::new("projects");
    let screen = desk.screen();
    assert!(screen.contains("? ") && screen.contains("waiting") && screen.contains("5/10"), "{screen}");
    desk.choose("storefront-relaunch");
    let row = desk.find("storefront-relaunch");
    assert_eq!(desk.click(row), Handled::Yes, "a click on the chosen row opens it");
    let screen = desk.screen();
    for words in [
        "Plan  Relaunch  active  5 of 10",
        "the plan states 1 of 4",
        "Agents at work",
        "blocker",
        "token: ***",
    ] {
        let mut shown = screen.contains(words);
        for _ in 0..8 {
            shown |= desk.act(Action::DetailDown) == Handled::Yes && desk.screen().contains(words);
        }
        assert!(shown, "{words}: {screen}");
        (0..9).for_each(|_| drop(desk.act(Action::DetailUp)));
    }
    assert!(!screen.contains("the plan states 3 of 3"), "what agrees is not said twice");
    assert_eq!(desk.act(Action::Back), Handled::Yes);
    assert_eq!(desk.act(Action::Back), Handled::No);
}

#[test]
fn rows_can_be_inspected_and_copied() {
    for (panel, row, id) in [
        ("projects", "ledger-2", "ledger-2"),
        ("catalog", "postgres", "mcp server postgres"),
        ("catalog", "explore", "explore"),
    ] {
        let mut desk = Desk::new(panel);
        desk.choose(row);
        assert_eq!(desk.act(Action::Copy), Handled::Asks(Request::Copy(id.to_owned())));
        let raw = desk.act(Action::Inspect);
        match row {
            "explore" => assert!(matches!(raw, Handled::Asks(Request::Toast(_))), "{raw:?}"),
            _ => assert!(
                matches!(&raw, Handled::Asks(Request::Inspect(records)) if matches!(records.as_slice(), [RawRef::Text(_)])),
                "{raw:?}"
            ),
        }
    }
}

#[test]
fn a_filter_that_finds_nothing_says_so() {
    for (panel, all) in [("projects", "3 projects"), ("catalog", "16 items")] {
        let mut desk = Desk::new(panel);
        desk.view.filter = "name:nobody-has-this-name".to_owned();
        let screen = desk.screen();
        assert!(screen.contains(all) && screen.contains("nobody-has-this-name"), "{screen}");
        let offers = desk.with(|panel, cx| panel.offers(cx));
        assert!(offers.iter().find(|offer| offer.action == Action::Open).unwrap().disabled.is_some());
        desk.view.filter.clear();
        desk.view.workspaces = vec!["ledger-core".to_owned()];
        let screen = desk.screen();
        assert!(!screen.contains("docs-refresh"), "{screen}");
    }
}

#[test]
fn an_agent_shows_its_project() {
    let mut desk = Desk::new("fleet");
    desk.view.workspaces = vec!["ledger-core".to_owned()];
    desk.act(Action::Open);
    assert!(desk.screen().contains("project       ledger-2"), "{}", desk.screen());
}

#[test]
fn the_wheel_moves_in_the_list() {
    for panel in ["projects", "catalog"] {
        let mut desk = Desk::new(panel);
        let chosen =
            |desk: &mut Desk| desk.screen().lines().find(|line| line.starts_with('▌')).unwrap().to_owned();
        let before = chosen(&mut desk);
        desk.with(|panel, cx| panel.point(Pointer::Wheel { x: 3, y: 5, steps: 1 }, AREA, cx));
        assert_ne!(chosen(&mut desk), before, "{panel}");
    }
}
