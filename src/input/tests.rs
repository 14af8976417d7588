use std::collections::BTreeMap;

use super::{
    Action, Chord, Key, KeyProblem, Keymap, Match, Scope, Tab,
    key::{parse_sequence, print_sequence},
    palette,
};

const TABS: [Tab; 2] = [
    Tab { id: "overview", title: "Overview", about: "is all well?" },
    Tab { id: "fleet", title: "Fleet", about: "who is doing what?" },
];

fn keys(text: &str) -> Vec<Chord> {
    parse_sequence(text).expect("a key")
}

fn overrides(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    pairs
        .iter()
        .map(|(name, keys)| ((*name).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect()))
        .collect()
}

#[test]
fn default_keys_parse_and_print_back() {
    for spec in Action::ALL {
        for written in spec.keys {
            assert_eq!(print_sequence(&keys(written)), *written, "{}", spec.name);
        }
    }
}

#[test]
fn every_chord_prints_to_a_text_that_parses_to_it() {
    let mut all: Vec<Key> = ('!'..='~').map(Key::Char).collect();
    all.extend([' ', 'é', '日'].map(Key::Char));
    all.extend((1..=24).map(Key::F));
    all.extend([
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::Backspace,
        Key::Delete,
        Key::Insert,
        Key::Up,
        Key::Down,
        Key::Left,
        Key::Right,
        Key::Home,
        Key::End,
        Key::PageUp,
        Key::PageDown,
    ]);
    for key in all {
        for bits in 0..8 {
            let chord = Chord::new(key, bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
            assert_eq!(chord.to_string().parse(), Ok(chord), "{chord:?}");
        }
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for text in ["", "ctrl-", "qq", "f0", "f25", "shift", "Enter", "escape"] {
        assert!(text.parse::<Chord>().is_err(), "{text:?}");
    }
    assert!(parse_sequence("  ").is_err());
}

#[test]
fn default_keys_are_each_used_once_in_a_scope() {
    let (_, problems) = Keymap::new(&TABS, &BTreeMap::new());
    assert_eq!(problems, []);
}

#[test]
fn no_inner_key_hides_an_outer_one() {
    let (keymap, _) = Keymap::new(&TABS, &BTreeMap::new());
    let of = |scope| keymap.bindings().iter().filter(move |binding| binding.scope == scope);
    let pairs = [(Scope::Global, Scope::List), (Scope::Global, Scope::Fleet), (Scope::List, Scope::Fleet)];
    for (outer, inner) in pairs {
        for outer in of(outer) {
            for inner in of(inner) {
                for keys in &inner.keys {
                    assert!(
                        !outer.keys.iter().any(|other| other.starts_with(keys) || keys.starts_with(other)),
                        "{} of {} hides {}",
                        print_sequence(keys),
                        inner.name,
                        outer.name
                    );
                }
            }
        }
    }
}

#[test]
fn names_are_unique_and_kebab_case() {
    let mut names: Vec<&str> = Action::ALL.iter().map(|spec| spec.name).collect();
    assert!(names.iter().all(|name| name.chars().all(|ch| ch.is_ascii_lowercase() || ch == '-')));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn sequences_wait_for_their_second_key() {
    let (keymap, _) = Keymap::new(&TABS, &BTreeMap::new());
    let scopes = [Scope::List, Scope::Global];
    assert_eq!(keymap.resolve(&scopes, &keys("g")), Match::Pending);
    assert_eq!(keymap.resolve(&scopes, &keys("g g")), Match::Action(Action::Top));
    assert_eq!(keymap.resolve(&scopes, &keys("g x")), Match::None);
    assert_eq!(keymap.resolve(&[Scope::Global], &keys("g")), Match::None);
}

#[test]
fn the_inner_scope_wins() {
    let (keymap, _) = Keymap::new(&TABS, &BTreeMap::new());
    assert_eq!(keymap.resolve(&[Scope::Overlay, Scope::Global], &keys("esc")), Match::Action(Action::Close));
    assert_eq!(keymap.resolve(&[Scope::Global], &keys("esc")), Match::Action(Action::Back));
}

#[test]
fn numbers_open_tabs() {
    let (keymap, _) = Keymap::new(&TABS, &BTreeMap::new());
    assert_eq!(keymap.resolve(&[Scope::Global], &keys("2")), Match::Action(Action::Panel(1)));
    assert_eq!(keymap.resolve(&[Scope::Global], &keys("3")), Match::None);
}

#[test]
fn the_persons_keys_replace_the_defaults() {
    let (keymap, problems) = Keymap::new(&TABS, &overrides(&[("quit", &["ctrl-q", "Z Z"])]));
    assert_eq!(problems, []);
    assert_eq!(keymap.resolve(&[Scope::Global], &keys("Z Z")), Match::Action(Action::Quit));
    assert_eq!(keymap.resolve(&[Scope::Global], &keys("q")), Match::None);
}

#[test]
fn problems_of_the_persons_keys_are_named() {
    let given = overrides(&[("quit", &["p", "hyper-q"]), ("quti", &["q"])]);
    let (keymap, problems) = Keymap::new(&TABS, &given);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems.contains(&KeyProblem::UnknownAction("quti".to_owned())));
    let conflict =
        KeyProblem::Conflict { keys: "p".to_owned(), first: "quit".to_owned(), second: "pause".to_owned() };
    assert!(problems.contains(&conflict), "{problems:?}");
    assert_eq!(keymap.resolve(&[Scope::Global], &keys("p")), Match::Action(Action::Quit));
}

#[test]
fn a_key_that_cannot_reach_its_action_is_named() {
    let hidden = |keys: &str, by: &str, hidden: &str| KeyProblem::Hidden {
        keys: keys.to_owned(),
        by: by.to_owned(),
        hidden: hidden.to_owned(),
    };
    let (_, problems) = Keymap::new(&TABS, &overrides(&[("pause", &["j"])]));
    assert_eq!(problems, [hidden("j", "down", "pause")]);
    let (_, problems) = Keymap::new(&TABS, &overrides(&[("show-ended", &["q", "enter"])]));
    assert_eq!(problems, [hidden("q", "show-ended", "quit"), hidden("enter", "show-ended", "open")]);
    let (_, problems) = Keymap::new(&TABS, &overrides(&[("accept", &["q"])]));
    assert_eq!(problems, [], "layers stand alone");
}

#[test]
fn there_is_always_a_way_out() {
    for keys in [&[][..], &["hyper-q"]] {
        let (keymap, problems) = Keymap::new(&TABS, &overrides(&[("quit", keys)]));
        assert!(problems.contains(&KeyProblem::NoWayOut), "{problems:?}");
        assert_eq!(
            keymap.resolve(&[Scope::Global], &parse_sequence("ctrl-c").expect("a key")),
            Match::Action(Action::Quit)
        );
    }
}

#[test]
fn the_palette_finds_by_name_and_by_help() {
    let (keymap, _) = Keymap::new(&TABS, &BTreeMap::new());
    let found = |typed| palette::rank(&keymap, typed, &[Scope::Global]).first().map(|binding| binding.action);
    assert_eq!(found("flt"), Some(Action::Panel(1)));
    assert_eq!(found("pause"), Some(Action::Pause));
    assert_eq!(found("background of the shell"), Some(Action::Suspend));
    assert_eq!(palette::rank(&keymap, "zzzzqqq", &[Scope::Global]).len(), 0);
    assert_eq!(
        palette::rank(&keymap, "", &[Scope::List]).len(),
        Action::ALL.iter().filter(|s| s.scope == Scope::List).count()
    );
}
