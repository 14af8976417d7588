use super::*;
use crate::{
    input::key::parse_sequence,
    model::{FileChange, FileOp, Hunk},
    overlays::scene_tests::{Scene, assert_harmless, call, evil},
};

fn change(path: &str, op: FileOp, lines: &[&str]) -> FileChange {
    let lines = lines.iter().map(|line| Safe::line(line)).collect();
    FileChange::new(Safe::line(path), op).with_hunks(vec![Hunk {
        old_start: 1,
        old_lines: 1,
        new_start: 1,
        new_lines: 1,
        lines,
    }])
}

/// The page of two agents that touched five files.
fn page(scene: &Scene) -> FilesPage {
    let agents = [scene.agent("s"), scene.agent("h")];
    let mut page = FilesPage::new(7, Subject::Agent(agents[0]), &agents, 0, &scene.store);
    let news = [
        vec![
            call("a", "Read", "src/pay.rs", vec![FileChange::new(Safe::line("src/pay.rs"), FileOp::Read)]),
            call(
                "b",
                "Edit",
                "src/pay.rs",
                vec![change("/w/src/pay.rs", FileOp::Edit, &["-old", "+new", "+x"])],
            ),
            call("c", "Write", "src/key.rs", vec![change("src/key.rs", FileOp::Add, &["+password=hunter2"])]),
            call("d", "Bash", "rm tmp/a.log && git mv docs/a.md docs/b.md", Vec::new()),
        ],
        vec![
            call("e", "Edit", "src/pay.rs", vec![change("src/pay.rs", FileOp::Edit, &["-x"])]),
            call("f", "Read", "README.md", vec![FileChange::new(Safe::line("README.md"), FileOp::Read)]),
        ],
    ];
    for (part, news) in news.into_iter().enumerate() {
        page.hear(TalkId { page: 7, part: part as u32 }, news, Reading::Live, &scene.lookup());
    }
    page
}

#[test]
fn it_looks_as_before_at_every_size() {
    let scene = Scene::new();
    for size in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let screen = scene.screen(&page(&scene), size);
        insta::assert_snapshot!(format!("files_{}x{}", size.0, size.1), screen);
    }
}

#[test]
fn columns_history_and_filter() {
    let scene = Scene::new();
    let mut page = page(&scene);
    let screen = scene.screen(&page, (80, 24));
    assert!(screen.contains("2 read · 4 written") && screen.contains("Written 4  │  Read 2"), "{screen}");
    let renamed = screen.lines().find(|line| line.contains("a.md → docs/b.md")).unwrap();
    assert!(renamed.contains("→ renamed") && renamed.contains("by shell"), "{screen}");
    let narrow = scene.screen(&page, (60, 24));
    let renamed = narrow.lines().find(|line| line.contains("→ renamed")).unwrap();
    assert!(renamed.contains("a.md → ") && renamed.contains("b.md"), "{narrow}");
    scene.act(&mut page, Action::Down);
    let screen = scene.screen(&page, (150, 24));
    assert!(screen.contains("by shell  not sure: read off the command"), "{screen}");
    scene.act(&mut page, Action::OtherColumn);
    let screen = scene.screen(&page, (80, 24));
    assert!(screen.contains("README.md") && !screen.contains("key.rs"), "{screen}");
    scene.act(&mut page, Action::OtherColumn);
    scene.act(&mut page, Action::Search);
    for chord in parse_sequence("p a y").unwrap() {
        page.edit(chord, &scene.lookup());
    }
    let screen = scene.screen(&page, (80, 24));
    assert!(screen.contains("Written 1") && screen.contains("3 calls"), "{screen}");
    assert!(screen.contains("helper") && screen.contains("Edit src/pay.rs"), "{screen}");
    assert_eq!(scene.act(&mut page, Action::Accept), Outcome::Stay);
    assert!(
        matches!(scene.act(&mut page, Action::Accept), Outcome::Diff { changes, at: 0 } if changes.len() == 2)
    );
    assert_eq!(scene.act(&mut page, Action::Close), Outcome::Stay, "first the filter goes");
    assert_eq!(scene.act(&mut page, Action::Close), Outcome::Close);
}

#[test]
fn it_leads_to_changes_calls_and_files() {
    let scene = Scene::new();
    let mut page = page(&scene);
    scene.act(&mut page, Action::Bottom);
    let selected = |page: &FilesPage| page.selected(&page.listing()).map(|row| row.shown.clone()).unwrap();
    while selected(&page) != "src/pay.rs" {
        scene.act(&mut page, Action::Up);
    }
    let Outcome::Diff { changes, at } = scene.act(&mut page, Action::Open) else { panic!() };
    assert_eq!(changes[at].touch.path.as_str(), "/w/src/pay.rs");
    assert_eq!(changes.len(), 5);
    let helper = scene.agent("h");
    assert_eq!(
        scene.act(&mut page, Action::Converse),
        Outcome::Call { agent: helper, call: Safe::line("e") },
        "the call that changed it last"
    );
    let file =
        |path: &str| Handout::File { path: Safe::line(path), within: Safe::line("/w"), revealed: false };
    assert_eq!(scene.act(&mut page, Action::Editor), Outcome::Edit(file("/w/src/pay.rs")));
    assert_eq!(scene.act(&mut page, Action::Pager), Outcome::Page(file("/w/src/pay.rs")));
    assert_eq!(scene.act(&mut page, Action::Copy), Outcome::Copy("/w/src/pay.rs".to_owned()));
    // What is selected stays selected when another file comes first.
    let news = vec![call("zzzz", "Edit", "z", vec![change("z.rs", FileOp::Edit, &["+z"])])];
    page.hear(TalkId { page: 7, part: 0 }, news, Reading::Live, &scene.lookup());
    assert_eq!(selected(&page), "src/pay.rs");
}

#[test]
fn exports_hide_secrets_unless_they_are_shown() {
    let scene = Scene::new();
    let mut page = page(&scene);
    let saved = |page: &mut FilesPage| match scene.act(page, Action::Save) {
        Outcome::Export { text, ending: "md", .. } => text,
        other => format!("{other:?}"),
    };
    let text = saved(&mut page);
    assert!(text.contains("+password=***") && text.contains("added `/w/src/key.rs` +1 −0"), "{text}");
    scene.act(&mut page, Action::Reveal);
    assert!(saved(&mut page).contains("hunter2"));
    assert!(scene.screen(&page, (100, 24)).contains("secrets are shown"));
}

#[test]
fn hostile_names_stay_inside_every_area() {
    let scene = Scene::new();
    let mut page = page(&scene);
    let evil = evil();
    let news = vec![
        call("x", &evil, &evil, vec![change(&evil, FileOp::Edit, &[&evil])]),
        call("y", "Bash", &format!("rm '{}'", evil.replace('\'', "")), Vec::new()),
    ];
    page.hear(TalkId { page: 7, part: 0 }, news, Reading::Failed(Safe::line(&evil)), &scene.lookup());
    for size in [(1, 1), (10, 5), (20, 5), (40, 10), (60, 15), (80, 24), (120, 40), (200, 60)] {
        for action in [Action::Top, Action::Down, Action::Bottom, Action::DetailDown, Action::OtherColumn] {
            page.act(action, &scene.lookup());
            assert_harmless(&scene.buffer(&page, size));
        }
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let scene = Scene::new();
    let agents = [scene.agent("s")];
    let mut page = FilesPage::new(7, Subject::Agent(agents[0]), &agents, 2, &scene.store);
    assert!(scene.screen(&page, (80, 24)).contains("reading 0 of 1"));
    page.hear(TalkId { page: 7, part: 0 }, Vec::new(), Reading::Live, &scene.lookup());
    let screen = scene.screen(&page, (80, 24));
    assert!(
        screen.contains("2 conversations cannot be read") && screen.contains("No file was read or written")
    );
}
