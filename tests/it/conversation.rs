//! Conversations through the whole application: opened from a row, drawn at every size, written by every command.

use std::{fs, path::Path};

use orchdash::{
    app::{App, Effect, Looks, Message, Setup},
    input::key::parse_sequence,
    model::{Agent, Conversation, ConversationRef, Id, Reading, TalkId, Timestamp},
    sources::{self, conversation::read_all},
    store::Store,
    theme::Depth,
};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    foreign::{copy, snapshot},
    recorded::recorded,
    rig::Rig,
    talk::{every_kind, joined},
};

pub(crate) const NOW: &str = "2026-11-18T15:30:00Z";

pub(crate) fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

/// A config folder with one session.
pub(crate) fn folder(lines: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let slug = place.path().join("projects/-w");
    fs::create_dir_all(&slug).unwrap();
    fs::write(slug.join("0a5a9e7c-aaaa-4bbb-8ccc-0123456789ab.jsonl"), lines).unwrap();
    place
}

fn rig(place: &Path) -> Rig {
    Rig::open("claude-code", place, NOW).unwrap()
}

fn app(store: Store, ascii: bool) -> App {
    let looks = Looks { dark: Some(true), depth: Depth::True, ascii };
    let setup = Setup { looks, now: now(), ..crate::fleet::setup("fleet") };
    App::new(setup, store).0
}

/// Presses keys, drawing after each one, and reads what the application wants read.
fn press(app: &mut App, keys: &str, size: (u16, u16)) {
    for chord in parse_sequence(keys).unwrap() {
        for effect in app.update(now(), Message::Key(chord)) {
            if let Effect::OpenConversation { talk, place } = effect {
                let message = Message::Conversation { talk, news: told(&place), reading: Reading::Live };
                app.update(now(), message);
            }
        }
        draw(app, size);
    }
}

fn told(place: &ConversationRef) -> Vec<orchdash::model::ConversationDelta> {
    let mut reader = sources::kind(place.source).unwrap().conversation(place).unwrap();
    read_all(&mut *reader).unwrap()
}

fn draw(app: &App, (width, height): (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    app.render(area, &mut buffer);
    buffer
}

pub(crate) fn text(app: &App, size: (u16, u16)) -> String {
    crate::fleet::lines(&draw(app, size)).join("\n") + "\n"
}

/// The page in steps of its height, from the top to the end.
fn whole(app: &mut App, size: (u16, u16)) -> String {
    press(app, "g g", size);
    let mut all = text(app, size);
    for _ in 0..40 {
        press(app, "pagedown", size);
        let next = text(app, size);
        if all.ends_with(&next) {
            break;
        }
        all.push_str(&next);
    }
    all
}

#[test]
fn every_kind_of_message_at_every_size() {
    let place = folder(&joined(&every_kind()));
    for (columns, rows) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut app = app(rig(place.path()).store, columns == 60);
        press(&mut app, "e c", (columns, rows));
        let name = format!("conversation_{columns}x{rows}");
        insta::assert_snapshot!(name, text(&app, (columns, rows)));
    }
    let mut app = app(rig(place.path()).store, false);
    press(&mut app, "e c z", (120, 50));
    insta::assert_snapshot!("conversation_unfolded", whole(&mut app, (120, 50)));
}

#[test]
fn the_page_is_closed_with_what_it_reads() {
    let place = folder(&joined(&every_kind()));
    let mut app = app(rig(place.path()).store, false);
    press(&mut app, "e c", (120, 40));
    assert!(text(&app, (120, 40)).contains("cargo test"));
    let effects =
        parse_sequence("esc").unwrap().into_iter().flat_map(|chord| app.update(now(), Message::Key(chord)));
    assert!(effects.collect::<Vec<_>>().contains(&Effect::CloseConversations { page: 1 }));
    // What still comes from a reader that was closed is for nobody.
    let talk = TalkId { page: 1, part: 0 };
    app.update(now(), Message::Conversation { talk, news: Vec::new(), reading: Reading::Live });
    assert!(!text(&app, (120, 40)).contains("following"));
}

#[test]
fn hostile_lines_are_drawn_harmlessly() {
    let evil = "\u{1b}[31mred\u{1b}]52;c;eA==\u{7}\u{9b}2J \u{202e}turned\u{2066} \u{200b}\u{feff} e"
        .to_owned()
        + &"\u{301}".repeat(1000)
        + &"日本語\t".repeat(200);
    let mut lines = every_kind();
    for line in &mut lines {
        poison(line, &evil);
    }
    // One line of 20 MB is not looked at and counted, one of 5 MB is cut.
    let long =
        |size: usize| format!("{{\"type\":\"user\",\"message\":{{\"content\":\"{}\"}}}}\n", "x".repeat(size));
    let place = folder(&(joined(&lines) + &long(20_000_000) + &long(5_000_000)));
    for size in [(40, 10), (80, 24), (120, 40)] {
        let mut app = app(rig(place.path()).store, false);
        press(&mut app, "e c z", size);
        for keys in ["G", "g g", "pagedown", "/ r e d enter", "n", "pagedown", "U", "pagedown"] {
            press(&mut app, keys, size);
            for cell in draw(&app, size).content() {
                let hostile = |ch: char| {
                    ch.is_control()
                        || matches!(ch, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
                };
                assert!(!cell.symbol().chars().any(hostile), "{:?} after {keys}", cell.symbol());
                assert!(cell.symbol().len() <= 32);
            }
        }
        assert!(text(&app, size).contains("1 records"), "{}", text(&app, size));
    }
}

/// Puts hostile text into every text of a line that is no name of the format.
fn poison(value: &mut serde_json::Value, evil: &str) {
    match value {
        serde_json::Value::String(text) if text.contains(' ') => text.push_str(evil),
        serde_json::Value::Array(list) => list.iter_mut().for_each(|one| poison(one, evil)),
        serde_json::Value::Object(object) => object.values_mut().for_each(|one| poison(one, evil)),
        _ => {}
    }
}

fn conversations(store: &Store) -> Vec<(Id<Agent>, ConversationRef)> {
    store.agents.iter().filter_map(|(id, agent)| Some((id, agent.conversation.clone()?))).collect()
}

#[test]
fn recorded_conversations_are_whole_and_their_files_are_left_alone() {
    for set in ["claude-code/dot-claude", "claude-code/late-2026/dot-claude"] {
        let Some(dir) = recorded(set) else { continue };
        let place = tempfile::tempdir().unwrap();
        copy(&dir, place.path());
        let before = snapshot(place.path());
        let rig = rig(place.path());
        let all = conversations(&rig.store);
        assert!(all.len() > 5, "{set}");
        let mut kinds = std::collections::BTreeSet::new();
        for (id, place) in &all {
            let mut conversation = Conversation::default();
            for delta in told(place) {
                conversation.apply(delta);
            }
            let agent = rig.store.agents.get(*id).unwrap();
            assert!(!conversation.is_empty(), "{}", agent.name);
            // Every call that the fleet counts is there, and the same number of them failed.
            let calls: Vec<_> = conversation.iter().filter_map(|(_, entry)| entry.call.as_ref()).collect();
            let own = calls.len() as u64;
            assert!(
                agent.tool_calls().unwrap_or(0) <= own,
                "{}: {:?}, {own}",
                agent.name,
                agent.tool_calls()
            );
            let failed: u32 = agent.tools.iter().flatten().map(|tool| tool.failed).sum();
            let found =
                calls.iter().filter(|call| call.outcome() == orchdash::model::CallOutcome::Failed).count();
            assert!(failed as usize <= found, "{}: {failed}, {found}", agent.name);
            kinds.extend(conversation.iter().map(|(_, entry)| entry.kind.word()));
        }
        for kind in ["prompt", "answer", "call", "thinking"] {
            assert!(kinds.contains(kind), "{set}: {kinds:?}");
        }
        assert!(before == snapshot(place.path()), "{set} was changed");
    }
}
