//! Header, footer and layers at every size, as text. What panels show is their own tests' business.

use orchdash::{
    app::{App, Looks, Message, Setup},
    input::key::parse_sequence,
    model::{Batch, Delta, Health, HealthState, Mode, RawRef, SourceId, Timestamp},
    store::Store,
    text::Safe,
    theme::Depth,
};
use ratatui::{buffer::Buffer, layout::Rect};

const NOON: Timestamp = Timestamp(1_762_430_400_000);
const SIZES: [(u16, u16); 5] = [(40, 10), (60, 15), (80, 24), (120, 40), (200, 60)];

fn app(ascii: bool) -> App {
    let looks = Looks { dark: Some(true), depth: Depth::True, ascii };
    let setup = Setup { looks, panel: None, now: NOON, ..crate::fleet::setup("overview") };
    let (mut app, _, _) = App::new(setup, Store::default());
    let health = Health { kind: "demo", state: HealthState::Live, ..Health::default() };
    let deltas = vec![Delta::Health(Box::new(health))];
    app.update(NOON, Message::Batch(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas }));
    app
}

fn press(app: &mut App, keys: &str) {
    for chord in parse_sequence(keys).unwrap() {
        app.update(NOON, Message::Key(chord));
    }
}

fn rows(app: &App, (width, height): (u16, u16)) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    app.render(area, &mut buffer);
    let row = |y| {
        (0..width).filter_map(|x| buffer.cell((x, y)).map(ratatui::buffer::Cell::symbol)).collect::<String>()
    };
    (0..height).map(|y| row(y).trim_end().to_owned()).collect()
}

/// Header and footer at every size.
fn edges(app: &App) -> String {
    let lines = SIZES.into_iter().flat_map(|size| {
        let rows = rows(app, size);
        [format!("{}x{}", size.0, size.1), rows[0].clone(), rows[rows.len() - 1].clone()]
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn header_and_footer() {
    let mut app = app(false);
    insta::assert_snapshot!("edges_live", edges(&app));
    press(&mut app, "2 / a enter");
    insta::assert_snapshot!("edges_filtered", edges(&app));
    press(&mut app, "p");
    insta::assert_snapshot!("edges_paused", edges(&app));
}

#[test]
fn layers() {
    for (name, keys) in [("help", "?"), ("palette", "ctrl-k"), ("filter", "/"), ("themes", "t")] {
        let mut app = app(false);
        press(&mut app, keys);
        insta::assert_snapshot!(format!("layer_{name}_80x24"), rows(&app, (80, 24)).join("\n"));
        insta::assert_snapshot!(format!("layer_{name}_60x15"), rows(&app, (60, 15)).join("\n"));
    }
}

#[test]
fn ascii_stays_ascii() {
    let mut app = app(true);
    for keys in ["2", "?", "esc", "ctrl-k", "esc", "/", "esc", "t"] {
        press(&mut app, keys);
        for size in SIZES {
            for row in rows(&app, size) {
                assert!(row.is_ascii(), "after {keys}: {row}");
            }
        }
    }
}

#[test]
fn a_record_that_never_comes_is_not_drawn_as_empty() {
    let mut app = app(false);
    let place = RawRef::Text(Safe::line("x"));
    app.update(NOON, Message::Raw(place, Ok(orchdash::model::Record::new("late", 0))));
    assert!(!rows(&app, (80, 24)).join("\n").contains("late"));
}
