use std::fmt::Write as _;

use super::*;
use crate::{
    input::Key,
    overlays::scene_tests::{Scene, assert_harmless, evil},
    text::Safe,
};

/// What is drawn before something is done.
const SIZE: (u16, u16) = (100, 24);

fn place(offset: u64) -> RawRef {
    RawRef::Line { path: Safe::line("/logs/engine.jsonl"), offset }
}

fn shown(record: Record) -> Inspector {
    let mut page = Inspector::new(vec![place(0)]);
    page.loaded(&place(0), &Ok(record));
    page
}

fn typed(scene: &Scene, page: &mut Inspector, text: &str) {
    scene.act(page, Action::Search);
    for ch in text.chars() {
        let chord = Chord { key: Key::Char(ch), ctrl: false, alt: false, shift: false };
        page.edit(chord, &scene.lookup());
    }
    scene.act(page, Action::Accept);
}

/// A line of several megabytes without an end of a line, every part of it another one.
fn long_line() -> String {
    let mut text = String::from("begin ");
    (0..500_000).for_each(|number| write!(text, "{number:07} ").unwrap());
    text + "the very end"
}

#[test]
fn a_line_of_megabytes_is_read_to_its_end() {
    let scene = Scene::new();
    let text = long_line();
    let mut page = shown(Record::new(&text, 0));
    let first = scene.screen(&page, SIZE);
    assert!(first.contains("begin 0000000") && first.contains("0 % of 4.0 MB"), "{first}");
    page.numbered(&place(0), 77);
    assert!(scene.screen(&page, SIZE).contains("/logs/engine.jsonl:77"));
    scene.act(&mut page, Action::Bottom);
    let end = scene.screen(&page, SIZE);
    assert!(end.contains("the very end") && end.contains("100 % of 4.0 MB"), "{end}");
    assert!(page.laid_out() <= 4, "{} pieces were laid out for two frames", page.laid_out());
    // Every row is reached going up and down, and nothing moves beyond the ends.
    scene.act(&mut page, Action::PageUp);
    assert_eq!(scene.act(&mut page, Action::PageDown), Outcome::Stay);
    assert_eq!(scene.screen(&page, SIZE), end);
    scene.act(&mut page, Action::Down);
    assert_eq!(scene.screen(&page, SIZE), end);
    scene.act(&mut page, Action::Top);
    scene.act(&mut page, Action::Up);
    assert_eq!(scene.screen(&page, SIZE).lines().nth(1), first.lines().nth(1));
    // The middle is found, there and back.
    typed(&scene, &mut page, "0250000");
    let middle = scene.screen(&page, SIZE);
    assert!(middle.contains("0250000") && middle.contains("1 place"), "{middle}");
    assert!(matches!(scene.act(&mut page, Action::NextMatch), Outcome::Toast(_)));
    scene.act(&mut page, Action::Bottom);
    typed(&scene, &mut page, "0499999");
    scene.act(&mut page, Action::Close);
    typed(&scene, &mut page, "begin 00000");
    assert!(scene.screen(&page, SIZE).contains("begin 0000000"), "what stands above is found too");
    assert_eq!(page.copied(), text, "all of it goes out");
}

#[test]
fn every_row_is_seen_once_on_the_way_down_and_on_the_way_up() {
    let scene = Scene::new();
    let mut text = String::new();
    (0..20_000).for_each(|number| write!(text, "<{number:05}>").unwrap());
    let mut page = shown(Record::new(&format!("{text}\nsecond ä漢 line\n\nlast"), 0));
    let top = |page: &Inspector| {
        let screen = scene.screen(page, (80, 4));
        screen.lines().nth(1).unwrap_or_default().trim_matches(['│', ' ']).to_owned()
    };
    let mut down = vec![top(&page)];
    while page.top < page.last_top() {
        page.scroll(1);
        down.push(top(&page));
    }
    assert!(down.concat().starts_with(&text), "a row is missing or there twice");
    let mut up = vec![top(&page)];
    while page.top > Spot::default() {
        page.scroll(-1);
        up.push(top(&page));
    }
    up.reverse();
    assert!(up == down);
}

#[test]
fn what_is_left_out_is_said() {
    let scene = Scene::new();
    let page = shown(Record::new("a\nb\n", 5_000_000));
    let screen = scene.screen(&page, SIZE);
    assert!(screen.contains("5.0 MB more are not shown") && screen.contains("5.0 MB left out"), "{screen}");
    assert!(page.copied().contains("5.0 MB more are not shown"));
}

#[test]
fn several_records_stand_below_each_other_and_are_searched() {
    let scene = Scene::new();
    let mut page = Inspector::new(vec![place(0), place(9), place(20)]);
    page.loaded(&place(0), &Ok(Record::new("{\n  \"one\": 1\n}", 0)));
    page.loaded(&place(9), &Ok(Record::new(&"two needle\n".repeat(60), 0)));
    page.loaded(&place(20), &Err("it is gone".to_owned()));
    page.numbered(&place(9), 2);
    let screen = scene.screen(&page, (100, 120));
    for part in ["3 records", "engine.jsonl @ byte 0", "\"one\": 1", "engine.jsonl:2", "it is gone"] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    typed(&scene, &mut page, "NEEDLE");
    assert!(scene.screen(&page, SIZE).contains("not found"), "a capital letter counts");
    scene.act(&mut page, Action::Close);
    typed(&scene, &mut page, "needle");
    assert!(scene.screen(&page, SIZE).contains("60 places"));
    for _ in 0..59 {
        assert_eq!(scene.act(&mut page, Action::NextMatch), Outcome::Stay);
    }
    let last = page.search.at.clone();
    let toast = |text: &str| Outcome::Toast(text.to_owned());
    assert_eq!(scene.act(&mut page, Action::NextMatch), toast("went on at the beginning"));
    assert_ne!(page.search.at, last);
    assert_eq!(scene.act(&mut page, Action::PreviousMatch), toast("went on at the end"));
    assert_eq!(page.search.at, last);
    for _ in 0..59 {
        assert_eq!(scene.act(&mut page, Action::PreviousMatch), Outcome::Stay);
    }
    scene.act(&mut page, Action::Bottom);
    assert!(scene.screen(&page, SIZE).contains("it is gone"));
}

#[test]
fn secrets_are_hidden_until_asked_for_over_several_lines_too() {
    let scene = Scene::new();
    let text =
        "key\n-----BEGIN PRIVATE KEY-----\nMIIEinner\nMIIElast\n-----END PRIVATE KEY-----\nPASSWORD=hunter2";
    let mut page = shown(Record::new(text, 0));
    let goes_out = |page: &mut Inspector| {
        let mut all = page.copied();
        for action in [Action::Pager, Action::Editor, Action::Save] {
            match scene.act(page, action) {
                Outcome::Page(Handout::Text { text, .. })
                | Outcome::Edit(Handout::Text { text, .. })
                | Outcome::Export { text, .. } => all += &text,
                other => panic!("{other:?}"),
            }
        }
        all + &scene.screen(page, SIZE)
    };
    let hidden = goes_out(&mut page);
    assert!(!hidden.contains("hunter2") && !hidden.contains("MIIE"), "{hidden}");
    typed(&scene, &mut page, "hunter");
    assert!(scene.screen(&page, SIZE).contains("not found"), "a search does not tell them either");
    scene.act(&mut page, Action::Reveal);
    assert_eq!(goes_out(&mut page).matches("MIIEinner").count(), 5);
    scene.act(&mut page, Action::Reveal);
    assert!(!goes_out(&mut page).contains("hunter2"));
}

#[test]
fn no_record_does_harm() {
    let scene = Scene::new();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let bytes = String::from_utf8_lossy(b"\xff\xfe\x80\0\0\0 no text \xc2\x9b31m").into_owned();
    let marks = format!("a{}", "\u{301}".repeat(1_000_000));
    for text in
        [evil(), deep, bytes, marks, "\u{1b}[2J".repeat(100_000), "\t\r\n".repeat(10_000), String::new()]
    {
        let mut page = shown(Record::new(&text, 0));
        for action in [Action::Top, Action::PageDown, Action::Reveal, Action::Bottom, Action::Up] {
            scene.act(&mut page, action);
            for size in [(1, 1), (4, 2), (5, 3), (20, 5), (60, 15), (80, 24), (200, 60)] {
                let buffer = scene.buffer(&page, size);
                assert_harmless(&buffer);
                assert_eq!(buffer, scene.buffer(&page, size), "drawing changes nothing");
            }
        }
        assert!(!page.copied().chars().any(|ch| ch.is_control() && ch != '\n'));
        typed(&scene, &mut page, "x");
        scene.screen(&page, SIZE);
    }
}
