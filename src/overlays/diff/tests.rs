use super::*;
use crate::{
    model::{CallOutcome, ChangeText, FileChange, FileOp, Hunk, Timestamp},
    overlays::scene_tests::{NOON, Scene, assert_harmless, evil},
    text::Safe,
    theme::Tone,
};

fn hunk(at: u64, lines: &[&str]) -> Hunk {
    let count = |mark: char| lines.iter().filter(|line| !line.starts_with(mark)).count() as u64;
    let (old_lines, new_lines) = (count('+'), count('-'));
    let lines = lines.iter().map(|line| Safe::line(line)).collect();
    Hunk { old_start: at, old_lines, new_start: at, new_lines, lines }
}

fn shown(scene: &Scene, path: &str, call: &str, change: FileChange) -> Shown {
    let touch = Touch {
        path: Safe::line(path),
        lines: crate::query::diff::counts(&change),
        change,
        by_shell: call.starts_with("sh"),
        at: Some(Timestamp(NOON.0 - 90_000)),
        part: 0,
        call: Safe::line(call),
        line: Safe::line("Edit src/pay.rs"),
        outcome: CallOutcome::Ok,
        raw: Vec::new(),
    };
    Shown { touch: Rc::new(touch), agent: scene.agent("s") }
}

fn edit(hunks: Vec<Hunk>) -> FileChange {
    FileChange::new(Safe::line("x"), FileOp::Edit).with_hunks(hunks)
}

fn texts(op: FileOp, texts: Vec<(Option<&str>, &str)>) -> FileChange {
    let texts = texts.into_iter().map(|(old, new)| (old.map(Safe::text), Safe::text(new))).collect();
    FileChange { text: ChangeText::Texts(texts), ..FileChange::new(Safe::line("x"), op) }
}

fn page(scene: &Scene) -> DiffPage {
    let first = hunk(
        12,
        &[
            " pub fn capture(order: &Order) -> Receipt {",
            "-    gateway.capture(order.id, total)",
            "+    let key = key_for(order);",
            "+    gateway.capture(order.id, total, key)",
            " }",
        ],
    );
    let second =
        hunk(40, &["-    let token = \"ghp_0123456789abcdefXY\";", "+    let token = env(\"TOKEN\");"]);
    let changes = vec![
        shown(scene, "/w/src/pay.rs", "1", edit(vec![first, second])),
        shown(scene, "/w/src/pay.rs", "sh2", texts(FileOp::Edit, vec![(Some("a\nb\n"), "a\nc\n")])),
        shown(scene, "/w/src/key.rs", "3", texts(FileOp::Add, vec![(None, "fn key() {}\n// end\n")])),
        shown(scene, "/w/old.rs", "4", FileChange::new(Safe::line("x"), FileOp::Delete)),
    ];
    DiffPage::new(changes, 0)
}

#[test]
fn it_looks_as_before_at_every_size() {
    let scene = Scene::new();
    for size in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        insta::assert_snapshot!(format!("diff_{}x{}", size.0, size.1), scene.screen(&page(&scene), size));
    }
}

#[test]
fn one_goes_from_piece_to_piece_and_from_file_to_file() {
    let scene = Scene::new();
    let mut page = page(&scene);
    let mut seen = Vec::new();
    while scene.act(&mut page, Action::NextEdit) == Outcome::Stay {
        seen.push((page.at, page.piece));
    }
    assert_eq!(seen, [(0, 1), (1, 0), (2, 0), (3, 0)]);
    seen.clear();
    while scene.act(&mut page, Action::PreviousEdit) == Outcome::Stay {
        seen.push((page.at, page.piece));
    }
    assert_eq!(seen, [(2, 0), (1, 0), (0, 1), (0, 0)]);
    seen.clear();
    while scene.act(&mut page, Action::NextFile) == Outcome::Stay {
        seen.push((page.at, page.piece));
    }
    assert_eq!(seen, [(2, 0), (3, 0)]);
    assert_eq!(scene.act(&mut page, Action::NextFile), Outcome::Toast("no file below".to_owned()));
    scene.act(&mut page, Action::PreviousFile);
    scene.act(&mut page, Action::PreviousFile);
    assert_eq!(page.at, 0, "to the first change of the file");
    assert_eq!(
        scene.act(&mut page, Action::Converse),
        Outcome::Call { agent: scene.agent("s"), call: Safe::line("1") }
    );
}

#[test]
fn both_views_show_every_line_with_its_number() {
    let scene = Scene::new();
    let mut page = page(&scene);
    let unified = scene.screen(&page, (100, 24));
    for line in
        ["13    -    gateway.capture(order.id, total)", "   13 +    let key = key_for(order);", "14 15  }"]
    {
        assert!(unified.contains(line), "{line:?}\n{unified}");
    }
    scene.act(&mut page, Action::NextView);
    let beside = scene.screen(&page, (100, 24));
    assert!(
        beside.contains("side by side") && beside.contains("12  pub fn capture(order: &Order) -> Receipt {"),
        "{beside}"
    );
    let row = beside.lines().find(|line| line.contains("13 -    gateway")).unwrap();
    assert!(
        row.contains("│14 +    gateway.capture(order.id, total, key)"),
        "what it became stands beside it: {row}"
    );
    assert!(scene.screen(&page, (140, 24)).contains("side by side"));
    assert!(scene.screen(&page, (50, 24)).contains("unified"), "too narrow for two");
}

#[test]
fn words_that_differ_are_marked() {
    let mut scene = Scene::new();
    scene.theme = crate::theme::Catalogue::default().load("midnight").unwrap();
    let page = DiffPage::new(
        vec![shown(
            &scene,
            "/w/a.rs",
            "1",
            edit(vec![hunk(1, &["-let total = sum(a);", "+let total = sum(a, b);"])]),
        )],
        0,
    );
    let buffer = scene.buffer(&page, (80, 24));
    let marked: String = buffer
        .content
        .iter()
        .filter(|cell| cell.modifier.contains(ratatui::style::Modifier::UNDERLINED))
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert_eq!(marked, ", b");
    let ground = scene.theme.style(Tone::AddedWord).bg.unwrap();
    assert_eq!(buffer.content.iter().filter(|cell| cell.bg == ground).count(), 3);
}

#[test]
fn secrets_are_hidden_in_every_way_out() {
    let scene = Scene::new();
    let mut page = page(&scene);
    let ways = |page: &mut DiffPage| {
        let copied = match scene.act(page, Action::Copy) {
            Outcome::Copy(text) => text,
            other => format!("{other:?}"),
        };
        let saved = match scene.act(page, Action::Save) {
            Outcome::Export { text, .. } => text,
            other => format!("{other:?}"),
        };
        let paged = format!("{:?}", scene.act(page, Action::Pager));
        [scene.screen(page, (100, 24)), copied, saved, paged]
    };
    for text in ways(&mut page) {
        assert!(!text.contains("ghp_") && text.contains("***"), "{text}");
    }
    scene.act(&mut page, Action::Reveal);
    for text in ways(&mut page) {
        assert!(text.contains("ghp_0123"), "{text}");
    }
}

#[test]
fn what_is_not_known_or_no_text_is_said_and_counted() {
    let scene = Scene::new();
    let binary = "\u{fffd}\u{0}\u{1}PNG\u{fffd}\u{fffd}".repeat(40);
    let long: Vec<String> = (0..30_000).map(|line| format!("+line {line}")).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let cut = FileChange { cut: 90_000, ..FileChange::new(Safe::line("x"), FileOp::Edit) };
    let cases = [
        (FileChange::new(Safe::line("x"), FileOp::Edit), "what was changed is not recorded"),
        (texts(FileOp::Add, vec![(None, &binary)]), "no text: "),
        (cut, "cut: 90kB more in the raw record"),
        (texts(FileOp::Edit, vec![(Some("a\n"), "a\n")]), "nothing differs"),
        (texts(FileOp::Edit, vec![(None, "a\n")]), "what was there before is not recorded"),
        (texts(FileOp::Edit, vec![(Some("a\n"), "b\n")]), "lines count from the piece that was replaced"),
    ];
    for (change, wanted) in cases {
        let page = DiffPage::new(vec![shown(&scene, "/w/a.bin", "1", change)], 0);
        let screen = scene.screen(&page, (100, 24));
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
    let mut page = DiffPage::new(vec![shown(&scene, "/w/a.txt", "1", edit(vec![hunk(1, &long)]))], 0);
    scene.act(&mut page, Action::Bottom);
    let screen = scene.screen(&page, (100, 24));
    assert!(screen.contains("20000 more lines not shown") && screen.contains("+30k -0"), "{screen}");
}

#[test]
fn hostile_contents_stay_inside_every_area() {
    let scene = Scene::new();
    let evil = evil();
    let line = |mark: char| format!("{mark}{evil}");
    let (old, new) = (line('-'), line('+'));
    let changes = vec![
        shown(&scene, &evil, &evil, edit(vec![hunk(u64::MAX - 10, &[&old, &new, "\\ No newline", "", " "])])),
        shown(
            &scene,
            &evil,
            "sh",
            texts(FileOp::Rename { from: Safe::line(&evil) }, vec![(Some(&evil), &evil), (None, &evil)]),
        ),
        shown(&scene, "", "", edit(vec![Hunk::default()])),
    ];
    let mut page = DiffPage::new(changes, 0);
    for size in [(1, 1), (10, 5), (20, 5), (40, 10), (60, 15), (80, 24), (130, 40), (200, 60)] {
        for action in [
            Action::Top,
            Action::NextEdit,
            Action::Bottom,
            Action::NextView,
            Action::NextFile,
            Action::Reveal,
        ] {
            page.act(action, &scene.lookup());
            assert_harmless(&scene.buffer(&page, size));
        }
    }
    assert!(scene.screen(&DiffPage::new(Vec::new(), 3), (80, 24)).trim().is_empty());
}

#[test]
fn what_is_looked_for_is_found_in_all_changes() {
    let scene = Scene::new();
    let mut page = page(&scene);
    scene.act(&mut page, Action::Search);
    assert!(page.takes_text());
    scene.typing(&mut page, "key");
    let foot = |page: &DiffPage| scene.screen(page, (80, 24)).lines().last().unwrap().to_owned();
    assert!(foot(&page).ends_with("3 places"), "{}", foot(&page));
    scene.act(&mut page, Action::Accept);
    assert_eq!(page.search.at, Some((0, 2)));
    let seen = scene.buffer(&page, (80, 24));
    let marked =
        seen.content.iter().filter(|cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED));
    assert_eq!(marked.count(), "keykey_forkey".len() - "_for".len(), "all that is found is marked");
    let mut places = Vec::new();
    for _ in 0..2 {
        assert_eq!(scene.act(&mut page, Action::NextMatch), Outcome::Stay);
        places.push(page.search.at.unwrap());
    }
    assert_eq!(places, [(0, 3), (2, 0)]);
    assert_eq!((page.at, page.current().unwrap().touch.path.as_ref()), (2, "/w/src/key.rs"));
    let around = Outcome::Toast("went on at the beginning".to_owned());
    assert_eq!(scene.act(&mut page, Action::NextMatch), around);
    assert_eq!(page.at, 0);
    scene.act(&mut page, Action::Close);
    assert!(!page.search.has_line());
    // What is hidden is not told by a search either.
    scene.act(&mut page, Action::Search);
    scene.typing(&mut page, "ghp_0123");
    assert!(foot(&page).ends_with("not found"), "{}", foot(&page));
    scene.act(&mut page, Action::Accept);
    scene.act(&mut page, Action::Reveal);
    assert!(foot(&page).ends_with("1 place"), "{}", foot(&page));
    assert_eq!(scene.act(&mut page, Action::Close), Outcome::Stay);
    assert_eq!(scene.act(&mut page, Action::Close), Outcome::Close);
}
