//! Keys against the real panels: everything that can be asked for is done by somebody, and every list has it.

use crate::values::key;
use orchdash::{
    app::{App, Effect, Message, Setup},
    input::{Action, Match, Scope, key::parse_sequence, palette},
    model::{
        Agent, Batch, Body, Call, ConversationDelta, ConversationRef, Delta, Entry, EntryKind, FileChange,
        FileOp, Health, HealthState, Hunk, Level, LogLine, Millis, Mode, Notice, PriceTable, RawRef, Reading,
        SourceId, Status, TalkId, Task, Timestamp, Tokens, UsageKey, UsageRecord, Workspace, Zone,
    },
    panels::{self},
    store::Store,
    text::Safe,
    viewer::{Answer, Ask, Line, Window, recognise},
};
use ratatui::{buffer::Buffer, layout::Rect};

const NOW: Timestamp = Timestamp(1_795_015_800_000);
/// So low that a detail must be scrolled.
const AREA: Rect = Rect { x: 0, y: 0, width: 120, height: 30 };

/// A few agents and tasks of every state; every second agent has a sub-agent, every detail is long.
fn store() -> Store {
    let mut deltas = vec![Delta::Health(Box::new(Health { state: HealthState::Live, ..Health::default() }))];
    let raw = || Some(RawRef::Text(Safe::line("the record")));
    let place = |n: usize| Some(Workspace::at(Safe::line(["/srv/shop", "/srv/docs"][n % 2])));
    for (n, status) in Status::ALL.into_iter().enumerate() {
        let before = Some(NOW.minus(Millis::minutes(10 + n as i64)));
        let agent = |name: &str, parent| Agent {
            name: Safe::line(name),
            status,
            role: Some(Safe::line("tester")),
            workspace: place(n),
            parent,
            started_at: before,
            updated_at: before,
            status_since: before,
            ended_at: before.filter(|_| status.is_over()),
            facts: (0..60).map(|_| ("fact", Safe::line("value"))).collect(),
            raw: raw(),
            conversation: Some(ConversationRef {
                source: "demo",
                places: vec![Safe::line("made up")],
                session: Safe::line(name),
                agent: None,
                ahead: None,
            }),
            ..Agent::default()
        };
        let (main, sub) = (format!("a{n}"), format!("a{n}-sub"));
        deltas.push(Delta::Agent(key(&main), Box::new(agent(&main, None))));
        deltas.push(Delta::Agent(key(&sub), Box::new(agent(&sub, Some(key(&main))))));
        let task = Task {
            title: Safe::line(&format!("Task {n}")),
            prompt: Safe::text(&"Look after it, line by line.\n".repeat(80)),
            status,
            workspace: place(n),
            created_at: before,
            started_at: before,
            ended_at: before.filter(|_| status.is_over()),
            raw: raw(),
            ..Task::default()
        };
        deltas.push(Delta::Task(key(&format!("t{n}")), Box::new(task)));
    }
    deltas.extend((0..20).map(|n| {
        Delta::Usage(Box::new(UsageRecord {
            key: UsageKey(n),
            at: Some(NOW.minus(Millis::days(n as i64 * 5))),
            agent: Some(key("a1")),
            task: None,
            workspace: None,
            model: Safe::line("claude-opus-5-5"),
            tokens: Tokens { input: 1000 * (n + 1), ..Tokens::default() },
            responses: 1,
            recorded_cost: None,
            fast: false,
        }))
    }));
    deltas.push(Delta::Log(Box::new(LogLine {
        at: Some(NOW),
        level: Level::Info,
        agent: None,
        task: None,
        tool: None,
        text: Safe::line("a line"),
    })));
    let mut store = Store::new(PriceTable::default());
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

fn app(panel: &str) -> App {
    let setup = Setup { now: NOW, ..crate::fleet::setup(panel) };
    App::new(setup, store()).0
}

/// Presses keys, drawing after each one: what fits is known from the frame.
fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let chords = parse_sequence(keys).unwrap_or_default();
    let mut effects = Vec::new();
    for chord in chords {
        let caused = app.update(NOW, Message::Key(chord));
        for effect in &caused {
            if let Effect::OpenConversation { talk, .. } = effect {
                converse(app, *talk);
            }
        }
        read(app, &caused);
        effects.extend(caused);
        draw(app);
    }
    effects
}

/// Answers viewers of logs: every window holds the same two lines.
fn read(app: &mut App, effects: &[Effect]) {
    for effect in effects {
        let Effect::Viewer(Ask::Window { view, serial, .. }) = effect else { continue };
        let line = |at: u64, text: &str| Line {
            text: 0,
            number: None,
            offset: at,
            next: at + 100,
            raw: Safe::line(text),
            bytes: text.len() as u64,
            facts: recognise(text.as_bytes(), Zone::UTC),
        };
        let lines = vec![line(0, &"long ".repeat(80)), line(100, "{\"msg\":\"short\"}")];
        let window =
            Window { lines, from: vec![0], goal: 1, is_top: true, is_bottom: true, ..Window::default() };
        app.update(NOW, Message::Viewer(Answer::Window(*view, *serial, Box::new(window))));
    }
}

/// A call that read a file, or changed one in two places.
fn touched(what: &str) -> ConversationDelta {
    let op = if what == "read" { FileOp::Read } else { FileOp::Edit };
    let mut change = FileChange::new(Safe::line(&format!("src/{what}.rs")), op);
    if what != "read" {
        let hunk =
            |at| Hunk { old_start: at, new_start: at, lines: vec![Safe::line("+x")], ..Hunk::default() };
        change = change.with_hunks(vec![hunk(1), hunk(90)]);
    }
    let call = Call {
        id: Safe::line(what),
        tool: Safe::line("Edit"),
        headline: Safe::line(what),
        input: Body::default(),
        spawns: false,
        changes: vec![change],
        result: None,
    };
    let entry = Entry::said(Safe::line(what), Some(NOW), EntryKind::Call, "");
    ConversationDelta::Put(Box::new(Entry { call: Some(call), ..entry }))
}

/// Tells a conversation in which there is something to find, to unfold and to go to.
fn converse(app: &mut App, talk: TalkId) {
    let kinds = [EntryKind::Prompt, EntryKind::Thinking, EntryKind::Notice(Notice::Error), EntryKind::Answer];
    let said = (0..40_usize).map(|n| {
        let id = Safe::line(&n.to_string());
        let text = format!("words of number {n}\nand more of them");
        ConversationDelta::Put(Box::new(Entry::said(id, Some(NOW), kinds[n % kinds.len()], &text)))
    });
    let news = said.chain(["read", "edit one", "edit two"].map(touched)).collect();
    let message = Message::Conversation { talk, news, reading: Reading::Live };
    app.update(NOW, message);
}

fn draw(app: &App) -> Buffer {
    let mut buffer = Buffer::empty(AREA);
    app.render(AREA, &mut buffer);
    buffer
}

/// Whether the action's first key, pressed after `before`, changes the screen or something outside.
fn does_something(panel: &str, before: &str, keys: &str) -> bool {
    let mut app = app(panel);
    press(&mut app, before);
    let frame = draw(&app);
    !press(&mut app, keys).is_empty() || draw(&app) != frame
}

#[test]
fn every_action_is_done_by_somebody() {
    // States in which something is there to go back from, to scroll or to complete.
    let panel_states =
        ["", "[ [", "<", "j j j", "G", "enter", "enter J J J", "enter J J J K", "/ a enter", "S"];
    let layer_states =
        ["?", "? pagedown", "ctrl-k", "ctrl-k down", "/ s", "/ s t a", "t", "t down", "i", "enter"];
    for spec in Action::ALL {
        // A conversation is open; the files of an agent and a change are; a log is, for the Logs panel lists a line.
        let reader_states = [
            "c",
            "c g g",
            "c / m o r e enter",
            "c g g / m o r e enter",
            "enter",
            "enter l",
            "a",
            "a enter",
            "a enter d",
            "a enter ]",
        ];
        let states: &[&str] = match spec.scope {
            Scope::Reader => &reader_states,
            Scope::Overlay | Scope::Text => &layer_states,
            _ => &panel_states,
        };
        for keys in spec.keys {
            let done = panels::all()
                .iter()
                .any(|panel| states.iter().any(|before| does_something(panel.id(), before, keys)));
            assert!(done, "nobody does {} ({keys})", spec.name);
        }
    }
}

#[test]
fn every_action_is_in_the_help_and_in_the_palette() {
    let app = app("fleet");
    let keymap = app.keymap();
    let scopes = [Scope::Global, Scope::List, Scope::Fleet, Scope::Chart];
    for binding in keymap.bindings().iter().filter(|binding| scopes.contains(&binding.scope)) {
        let found = palette::rank(keymap, &binding.name, &scopes);
        assert!(
            found.iter().take(3).any(|other| other.action == binding.action),
            "typing `{}` offers {:?}",
            binding.name,
            found.iter().map(|other| &other.name).collect::<Vec<_>>()
        );
    }
    let mut app = self::app("fleet");
    press(&mut app, "?");
    let mut shown = String::new();
    for _ in 0..7 {
        let frame = draw(&app);
        for y in 0..AREA.height {
            shown.extend(
                (0..AREA.width).filter_map(|x| frame.cell((x, y))).map(ratatui::buffer::Cell::symbol),
            );
            shown.push('\n');
        }
        press(&mut app, "pagedown");
    }
    for binding in self::app("fleet").keymap().bindings() {
        let begin: String = binding.help.chars().take(40).collect();
        assert!(shown.contains(&begin), "the help has no `{}`", binding.help);
        for keys in binding.printed() {
            assert!(shown.contains(&keys), "the help has no `{keys}` of {}", binding.name);
        }
    }
}

/// Which key does what where, printed with `--nocapture`. In the lists, the inner scope must never take what an outer one
/// needs; in layers only what is meant to.
#[test]
fn the_matrix_of_keys_has_no_surprises() {
    let app = app("fleet");
    let keymap = app.keymap();
    let places: [(&str, &[Scope]); 7] = [
        ("overview", &[Scope::List, Scope::Global]),
        ("fleet", &[Scope::Fleet, Scope::List, Scope::Global]),
        ("tasks", &[Scope::List, Scope::Global]),
        ("reader", &[Scope::Reader, Scope::Overlay, Scope::List]),
        ("layer", &[Scope::Overlay]),
        ("typing", &[Scope::Text, Scope::Overlay]),
        ("searching", &[Scope::Find, Scope::Text, Scope::Overlay]),
    ];
    let mut keys: Vec<String> =
        keymap.bindings().iter().flat_map(orchdash::input::Binding::printed).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let chords = parse_sequence(&key).unwrap();
        let cells: Vec<String> = places
            .iter()
            .map(|(place, scopes)| match keymap.resolve(scopes, &chords) {
                Match::Action(action) => format!("{place}: {action:?}"),
                Match::Pending | Match::None => format!("{place}: -"),
            })
            .collect();
        println!("{key:>10}  {}", cells.join("  "));
        let wanting: Vec<_> =
            keymap.bindings().iter().filter(|binding| binding.printed().contains(&key)).collect();
        let outside = |scope| !matches!(scope, Scope::Reader | Scope::Overlay | Scope::Text | Scope::Find);
        let in_panels = wanting.iter().filter(|binding| outside(binding.scope)).count();
        assert!(in_panels <= 1, "`{key}` means {in_panels} things in panels");
    }
}
