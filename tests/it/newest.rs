//! The newest lines in the detail of an agent and of a task: drawn at every size, followed while shown, honest about nothing.

use std::path::Path;

use orchdash::{
    app::{App, Effect, Looks, Message, Setup},
    input::key::parse_sequence,
    model::{
        Agent, Batch, ConversationDelta, Delta, Key, Level, LogLine, Mode, Reading, SourceId, Status, TalkId,
        Task, Timestamp,
    },
    sources::{self, conversation::read_all},
    store::Store,
    text::Safe,
    theme::Depth,
};

use crate::{
    conversation::{NOW, folder, now, text},
    rig::Rig,
    talk::{every_kind, joined},
};

fn app(store: Store, panel: &str, ascii: bool) -> App {
    let looks = Looks { dark: Some(true), depth: Depth::True, ascii };
    App::new(Setup { looks, now: now(), ..crate::fleet::setup(panel) }, store).0
}

fn store(place: &Path) -> Store {
    Rig::open("claude-code", place, NOW).unwrap().store
}

/// Presses keys, drawing and following after each one as the program does; the effects of following, and answers them with
/// the newest 4 KiB.
fn press(app: &mut App, keys: &str, size: (u16, u16)) -> Vec<Effect> {
    let mut all = Vec::new();
    for chord in parse_sequence(keys).unwrap() {
        app.update(now(), Message::Key(chord));
        text(app, size);
        let effects = app.follow();
        for effect in &effects {
            if let Effect::FollowNewest { talk, place } = effect {
                let mut reader = sources::kind(place.source).unwrap().conversation(place).unwrap();
                reader.newest(4096);
                let news = read_all(&mut *reader).unwrap();
                app.update(now(), Message::Conversation { talk: *talk, news, reading: Reading::Live });
            }
        }
        all.extend(effects);
    }
    all
}

#[test]
fn the_newest_messages_stand_in_the_detail_at_every_size() {
    let place = folder(&joined(&every_kind()));
    for size in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut app = app(store(place.path()), "fleet", size.0 == 60);
        press(&mut app, "e enter", size);
        insta::assert_snapshot!(format!("newest_{}x{}", size.0, size.1), text(&app, size));
    }
}

#[test]
fn it_is_followed_while_it_is_shown_and_not_a_moment_longer() {
    const SIZE: (u16, u16) = (120, 40);
    let place = folder(&joined(&every_kind()));
    let mut app = app(store(place.path()), "fleet", false);
    assert_eq!(press(&mut app, "e j", SIZE), [], "nothing is read while no detail is open");
    let begun = press(&mut app, "enter", SIZE);
    assert!(matches!(begun.as_slice(), [Effect::FollowNewest { talk: TalkId { page: 1, part: 0 }, .. }]));
    assert_eq!(press(&mut app, "J K", SIZE), [], "scrolling changes nothing");
    let word = |text: &str| {
        let entry = orchdash::model::Entry::said(
            Safe::line(text),
            Some(now()),
            orchdash::model::EntryKind::Answer,
            text,
        );
        vec![ConversationDelta::Put(Box::new(entry))]
    };
    let talk = TalkId { page: 1, part: 0 };
    app.take_dirty();
    app.update(now(), Message::Conversation { talk, news: word("a new word"), reading: Reading::Live });
    assert!(app.take_dirty());
    assert!(text(&app, SIZE).contains("● answer  a new word"), "{}", text(&app, SIZE));
    // A pause freezes it; what was shown stays until there is more.
    assert_eq!(press(&mut app, "p", SIZE), [Effect::CloseConversations { page: 1 }]);
    app.update(now(), Message::Conversation { talk, news: word("too late"), reading: Reading::Live });
    assert!(text(&app, SIZE).contains("a new word") && !text(&app, SIZE).contains("too late"));
    let on = press(&mut app, "p", SIZE);
    assert!(matches!(on.as_slice(), [Effect::FollowNewest { talk: TalkId { page: 2, part: 0 }, .. }]));
    assert!(!text(&app, SIZE).contains("a new word"), "read again");
    // A layer above, the detail closed, another panel: nobody sees it.
    assert_eq!(press(&mut app, "?", SIZE), [Effect::CloseConversations { page: 2 }]);
    assert!(matches!(press(&mut app, "esc", SIZE).as_slice(), [Effect::FollowNewest { .. }]));
    assert_eq!(press(&mut app, "esc", SIZE), [Effect::CloseConversations { page: 3 }]);
    press(&mut app, "enter", SIZE);
    assert_eq!(press(&mut app, "1", SIZE), [Effect::CloseConversations { page: 4 }]);
}

#[test]
fn words_stand_without_signs_and_what_is_cut_is_marked() {
    const SIZE: (u16, u16) = (120, 40);
    let place = folder(&joined(&every_kind()));
    let mut app = app(store(place.path()), "fleet", false);
    press(&mut app, "e j enter", SIZE);
    let said = |number: usize, words: &str| {
        let kind = orchdash::model::EntryKind::Answer;
        let entry = orchdash::model::Entry::said(Safe::line(&format!("n{number}")), Some(now()), kind, words);
        ConversationDelta::Put(Box::new(entry))
    };
    let mut news: Vec<_> = (0..6).map(|number| said(number, &"word ".repeat(20))).collect();
    news.push(said(6, "## Plan\n\n- **first**\n- `second`"));
    let talk = TalkId { page: 1, part: 0 };
    app.update(now(), Message::Conversation { talk, news, reading: Reading::Live });
    let screen = text(&app, SIZE);
    assert!(screen.contains("● answer  Plan · first · second"), "{screen}");
    let rows: Vec<&str> = screen.lines().skip_while(|line| !line.contains("Newest")).skip(1).collect();
    let whole = rows.iter().skip(1).position(|row| row.contains("● answer")).unwrap();
    assert!(whole < 2 && rows[whole].contains('…'), "{screen}");
}

fn line(at: i64, agent: Option<&str>, task: Option<&str>, level: Level, text: &str) -> Delta {
    let key = |local: &str| Key::new(SourceId(0), Safe::line(local));
    Delta::Log(Box::new(LogLine {
        at: Some(Timestamp(now().0 + at * 1000)),
        level,
        agent: agent.map(key),
        task: task.map(key),
        tool: None,
        text: Safe::line(text),
    }))
}

/// Two agents, one below the other, and a task, with lines in logs; a third agent that nobody says anything of.
fn logged() -> Store {
    let key = |local: &str| Key::new(SourceId(0), Safe::line(local));
    let agent = |name: &str, parent: Option<&str>| {
        let agent = Agent {
            name: Safe::line(name),
            status: Status::Running,
            parent: parent.map(key),
            ..Agent::default()
        };
        Delta::Agent(key(name), Box::new(agent))
    };
    let task = Task {
        title: Safe::line("the task"),
        status: Status::Running,
        agents: vec![key("above")],
        ..Task::default()
    };
    let deltas = vec![
        agent("above", None),
        agent("below", Some("above")),
        agent("silent", None),
        Delta::Task(key("task"), Box::new(task)),
        line(1, Some("below"), None, Level::Info, "first from below"),
        line(3, Some("above"), None, Level::Error, "third password=hunter2hunter2"),
        line(2, Some("above"), None, Level::Info, "second from above"),
        line(4, None, Some("task"), Level::Info, "fourth of the task"),
    ];
    let mut store = Store::default();
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

/// The lines below the title until the next empty one.
fn section(screen: &str) -> Vec<String> {
    let lines = screen.lines().skip_while(|line| !line.starts_with("Newest"));
    lines.take_while(|line| !line.trim().is_empty()).map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn without_a_conversation_logs_say_what_goes_on() {
    const SIZE: (u16, u16) = (100, 40);
    let mut app = app(logged(), "fleet", false);
    press(&mut app, "enter", SIZE);
    assert_eq!(
        section(&text(&app, SIZE)),
        [
            "Newest  log",
            "15:30:01 below  first from below",
            "15:30:02 above  second from above",
            "15:30:03 above  error  third password=***",
        ]
    );
    press(&mut app, "j", SIZE);
    assert_eq!(section(&text(&app, SIZE)), ["Newest  log", "15:30:01 first from below"]);
    press(&mut app, "j", SIZE);
    assert_eq!(section(&text(&app, SIZE)), ["Newest", "no log of this agent"]);
    press(&mut app, "3 enter", SIZE);
    let shown = section(&text(&app, SIZE));
    assert_eq!(shown.first().map(String::as_str), Some("Newest  log"));
    assert_eq!(shown.last().map(String::as_str), Some("15:30:04 fourth of the task"), "{shown:?}");
}
