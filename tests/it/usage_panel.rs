//! The Usage panel under keys and mouse: what the control chooses is what is drawn and read.

use crate::fleet;
use orchdash::{
    app::{App, Effect, Message, Mouse},
    input::key::parse_sequence,
    store::Store,
    text::format,
};
use ratatui::{buffer::Buffer, layout::Rect};

struct Screen {
    app: App,
    area: Rect,
}

impl Screen {
    fn new(store: Store, (width, height): (u16, u16)) -> Self {
        Self { app: App::new(fleet::setup("usage"), store).0, area: Rect::new(0, 0, width, height) }
    }

    fn press(&mut self, keys: &str) -> Vec<Effect> {
        let chords = parse_sequence(keys).unwrap();
        chords.into_iter().flat_map(|chord| self.app.update(fleet::now(), Message::Key(chord))).collect()
    }

    fn lines(&self) -> Vec<String> {
        let mut buf = Buffer::empty(self.area);
        self.app.render(self.area, &mut buf);
        (0..self.area.height)
            .map(|y| (0..self.area.width).map(|x| buf[(x, y)].symbol().to_owned()).collect())
            .collect()
    }

    fn line(&self, with: &str) -> String {
        let lines = self.lines();
        lines.iter().find(|line| line.contains(with)).unwrap_or_else(|| panic!("{with}: {lines:#?}")).clone()
    }

    fn click(&mut self, x: u16, y: u16) {
        self.app.update(fleet::now(), Message::Mouse(Mouse { x, y, wheel: None }));
    }
}

#[test]
fn the_control_goes_through_ranges_groups_and_measures() {
    let mut screen = Screen::new(fleet::demo(40), (140, 40));
    assert!(screen.line("[30 d]").contains("by day  grouped by kind  · tokens"));
    let legend = screen.line("cache read");
    assert!(
        legend.contains("input") && legend.contains("output") && legend.contains("cache write"),
        "{legend}"
    );
    screen.press("o");
    assert!(screen.line("[30 d]").contains("grouped by model"));
    assert!(screen.line("█ sonnet").contains("█ opus"), "models have their colours");
    screen.press("m");
    assert!(screen.line("NEW TOKENS").contains("new tokens"));
    screen.press("m u R");
    assert!(screen.line("[7 d]").contains("by hour  grouped by model  · cost"));
    screen.press("r r r");
    assert!(screen.line("[year]").contains("by hour"), "a step asked for stays");
    let effects = screen.press("q");
    let remembered = effects.iter().find_map(|effect| match effect {
        Effect::Save(session) => session.lens.clone(),
        _ => None,
    });
    assert_eq!(remembered.as_deref(), Some("year, hour, model, cost"));
}

#[test]
fn the_cursor_reads_a_day_and_a_click_puts_it_there() {
    let mut screen = Screen::new(fleet::demo(40), (140, 40));
    let whole = screen.line("TOKENS ─");
    screen.press("[");
    assert!(screen.line("TOKENS ─").contains("Wed 2026-11-18"), "it begins at today");
    screen.press("[ [");
    let reading = screen.line("TOKENS ─");
    assert!(reading.contains("Mon 2026-11-16"), "{reading}");
    let marks = screen.lines().iter().position(|line| line.contains("▲▲")).unwrap();
    let bar = screen.lines().get(marks - 2).cloned().unwrap_or_default();
    assert!(bar.contains('█'), "{bar}");
    screen.press("esc");
    assert_eq!(screen.line("TOKENS ─"), whole, "esc leaves the cursor");
    screen.click(20, marks as u16 - 2);
    let reading = screen.line("TOKENS ─");
    assert!(reading.contains(" 2026-10-"), "{reading}");
    screen.press("+");
    assert!(screen.lines()[1].contains("[Oct "), "{}", screen.lines()[1]);
    screen.press("esc esc");
    assert!(screen.lines()[1].contains("[30 d]"));
}

#[test]
fn panning_shows_the_time_before() {
    let mut screen = Screen::new(fleet::demo(40), (140, 40));
    screen.press("R R R");
    assert!(screen.lines()[1].contains("[today]"));
    screen.press("<");
    let yesterday = screen.line("TOKENS ─");
    assert!(screen.lines()[1].contains("[Nov 17]") && !yesterday.contains(" 0 tokens"), "{yesterday}");
    screen.press(">");
    assert!(screen.lines()[1].contains("[Nov 18]"));
}

#[test]
fn figures_follow_filter_and_workspaces() {
    let mut screen = Screen::new(fleet::demo(40), (140, 40));
    let tokens = format::count(screen.app.store().usage().tokens.total());
    screen.press("r r r");
    assert!(screen.line("TOKENS ─").contains(&format!(" {tokens} tokens")), "all of time is everything");
    screen.press("/ r o l e : b u i l d e r enter");
    let filtered = screen.line("TOKENS ─");
    assert!(!filtered.contains(&format!(" {tokens} tokens")), "{filtered}");
}

#[test]
fn a_group_opens_beside_the_table() {
    let mut screen = Screen::new(fleet::demo(40), (140, 40));
    screen.press("o j enter");
    let detail = screen.lines().join("\n");
    assert!(detail.contains("Tool calls of the range") && detail.contains("write 5 min"), "{detail}");
    assert!(matches!(screen.press("y").as_slice(), [Effect::Copy(id)] if id.starts_with("claude-")));
    screen.press("o o o enter i");
}
