//! Definitions of agents in config folders: what is told, and that a live read equals a read from scratch.

use std::{
    fs,
    path::{Path, PathBuf},
};

use orchdash::model::{CatalogKind, HealthState, RawRef};

use crate::{claude_rig::open, foreign, rig::Rig};

const NOW: &str = "2026-11-18T15:30:00Z";

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn root() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join(".claude");
    fs::create_dir_all(root.join("projects")).unwrap();
    (home, root)
}

/// `name|model|category|tools` of every definition.
fn told(rig: &Rig) -> Vec<String> {
    let word = |text: &Option<orchdash::text::Safe>| text.as_deref().unwrap_or("-").to_owned();
    let mut told: Vec<String> = rig
        .store
        .catalog
        .iter()
        .map(|(_, item)| {
            assert_eq!(item.kind, CatalogKind::Agent);
            let tools: Vec<&str> = item.tools.iter().map(orchdash::text::Safe::as_str).collect();
            format!("{}|{}|{}|{}", item.name, word(&item.model), word(&item.category), tools.join("+"))
        })
        .collect();
    told.sort();
    told
}

fn contents(rig: &Rig) -> Vec<(String, u64)> {
    rig.health.contents.iter().map(|found| (found.what.to_string(), found.count)).collect()
}

const BUILDER: &str = "---\nname: builder\ndescription: Use when: code changes\\nExample: \"go\"\ntools: Read, Edit\nmodel: sonnet\ncolor: blue\n---\n\nYou build.\n";

#[test]
fn definitions_are_told_wherever_they_lie() {
    let (home, root) = root();
    let other = home.path().join("second");
    fs::create_dir_all(other.join("projects")).unwrap();
    write(&root.join("agents/builder.md"), BUILDER);
    write(
        &root.join("agents/quality/deep/reviewer.md"),
        "---\ndescription: reads\ntools:\n  - Read\n  - Bash(git log, git diff)\n---\n",
    );
    write(&root.join("agents/README.md"), "# How to add an agent\n");
    write(&root.join("agents/adapter.md"), "---\nversion: 2\n---\n");
    write(&root.join("agents/notes.txt"), BUILDER);
    write(&other.join("agents/tester.md"), "---\nname: tester\nmodel: inherit # as its session\n---\n");
    let before = foreign::snapshot(home.path());
    let rig = open(&[root.clone(), other], NOW);
    assert_eq!(
        told(&rig),
        [
            "builder|sonnet|-|Read+Edit",
            "reviewer|-|quality/deep|Read+Bash(git log, git diff)",
            "tester|inherit|-|"
        ]
    );
    let builder = rig.store.catalog.iter().find(|(_, item)| &*item.name == "builder").unwrap().1;
    assert_eq!(builder.description.as_deref(), Some("Use when: code changes\nExample: \"go\""));
    assert_eq!(builder.facts, [("color", orchdash::text::Safe::line("blue"))]);
    let path = root.join("agents/builder.md");
    assert!(matches!(&builder.raw, Some(RawRef::File { path: told }) if Path::new(&**told) == path));
    let wanted = [("agent definitions", 3), ("Markdown files without a definition", 2)];
    assert_eq!(contents(&rig), wanted.map(|(what, count)| (what.to_owned(), count)));
    assert_eq!((rig.health.state, rig.health.skipped), (HealthState::Live, 0));
    assert!(before == foreign::snapshot(home.path()), "something was written");
}

#[test]
fn a_live_read_equals_a_read_from_scratch() {
    let (_home, root) = root();
    let at = |name: &str| root.join("agents").join(name);
    let mut rig = open(std::slice::from_ref(&root), NOW);
    assert_eq!(rig.health.state, HealthState::Empty);
    let head = |name: &str| format!("---\nname: {name}\n---\n");
    let steps: [(&str, Option<String>, &[&str]); 7] = [
        ("a.md", Some(head("one")), &["one|-|-|"]),
        ("group/b.md", Some(head("two")), &["one|-|-|", "two|-|group|"]),
        ("a.md", Some(head("uno")), &["two|-|group|", "uno|-|-|"]),
        // As long as it is half written its last good definition stays.
        ("a.md", Some("---\nname: h".to_owned()), &["two|-|group|", "uno|-|-|"]),
        ("a.md", Some("no head any more".to_owned()), &["two|-|group|"]),
        ("a.md", None, &["two|-|group|"]),
        ("group/b.md", None, &[]),
    ];
    for (name, text, wanted) in steps {
        match &text {
            Some(text) => write(&at(name), text),
            None => fs::remove_file(at(name)).unwrap(),
        }
        rig.touch(&[at(name)]).unwrap();
        assert_eq!(told(&rig), wanted, "{name} {text:?}");
        let torn = text.as_ref().is_some_and(|text| text.ends_with(": h"));
        assert_eq!(rig.health.skipped, u64::from(torn), "{:?}", rig.health.notes);
        assert_eq!(rig.health.notes.iter().any(|note| note.contains("a.md")), torn);
        if !torn {
            assert_eq!(rig.facts(), open(std::slice::from_ref(&root), NOW).facts(), "{name}");
        }
        // A hint that points elsewhere, and a look at everything, change nothing.
        rig.touch(&[root.join("projects/x")]).unwrap();
        rig.rescan().unwrap();
        assert_eq!(told(&rig), wanted);
    }
    assert_eq!(contents(&rig), []);
}

#[test]
fn a_folder_that_vanishes_takes_its_definitions_along() {
    let (_home, root) = root();
    write(&root.join("agents/a.md"), BUILDER);
    write(&root.join("agents/group/b.md"), "---\nname: b\n---\n");
    let mut rig = open(std::slice::from_ref(&root), NOW);
    assert_eq!(told(&rig).len(), 2);
    fs::remove_dir_all(root.join("agents/group")).unwrap();
    rig.touch(&[root.join("agents/group")]).unwrap();
    assert_eq!(told(&rig), ["builder|sonnet|-|Read+Edit"]);
    fs::remove_dir_all(root.join("agents")).unwrap();
    rig.rescan().unwrap();
    assert_eq!(told(&rig), [""; 0]);
    assert_eq!(rig.health.state, HealthState::Empty);
}

#[test]
fn one_folder_under_two_names_is_read_once() {
    let (home, root) = root();
    let other = home.path().join("second");
    fs::create_dir_all(other.join("projects")).unwrap();
    write(&root.join("agents/a.md"), BUILDER);
    std::os::unix::fs::symlink(root.join("agents"), other.join("agents")).unwrap();
    assert_eq!(told(&open(&[root, other], NOW)).len(), 1);
}
