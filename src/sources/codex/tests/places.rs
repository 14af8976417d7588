use std::path::{Path, PathBuf};

use super::super::{
    Codex,
    place::{self, Place},
};
use crate::sources::{SourceKind, Surroundings};

const ID: &str = "019f7687-9cfb-75f9-8446-2fa7237751aa";

fn place(below: &str) -> Place {
    Place::of(&Path::new("/h").join(below), Path::new("/h")).unwrap_or_else(|| panic!("{below} is a place"))
}

#[test]
fn names_say_thread_and_kind() {
    let plain = place(&format!("sessions/2026/11/18/rollout-2026-11-18T10-02-11-{ID}.jsonl"));
    assert_eq!((plain.thread.as_deref(), plain.is_packed, plain.is_archived), (Some(ID), false, false));
    let packed = place(&format!("archived_sessions/rollout-2026-11-18T10-02-11-{ID}.jsonl.zst"));
    assert_eq!((packed.thread.as_deref(), packed.is_packed, packed.is_archived), (Some(ID), true, true));
    assert_eq!(
        place(&format!("sessions/rollout-2026-11-18T10-02-11-{ID}_{ID}.jsonl")).thread.as_deref(),
        Some(ID)
    );
    for odd in [
        "sessions/rollout-x.jsonl",
        "sessions/run.jsonl",
        "sessions/rollout-日本語日本語日本語日本語日本語日本.jsonl",
    ] {
        assert_eq!(place(odd).thread, None, "{odd}");
    }
    for none in ["sessions/x.json", "sessions/x.zst", "history.jsonl", "other/x.jsonl", "sessions"] {
        assert_eq!(Place::of(&Path::new("/h").join(none), Path::new("/h")), None, "{none}");
    }
}

#[test]
fn the_file_at_work_speaks_then_the_newest_then_the_plain_one() {
    let name = format!("rollout-2026-11-18T10-02-11-{ID}");
    let best_first = [
        format!("sessions/2026/11/18/rollout-2026-11-19T09-00-00-{ID}_b.jsonl"),
        format!("sessions/2026/11/18/rollout-2026-11-19T09-00-00-{ID}_a.jsonl"),
        format!("sessions/2026/11/18/{name}_a.jsonl.zst"),
        format!("sessions/2026/11/18/{name}.jsonl"),
        format!("sessions/2026/11/18/{name}.jsonl.zst"),
        format!("archived_sessions/2026/11/18/rollout-2026-11-20T09-00-00-{ID}_c.jsonl"),
        format!("archived_sessions/{name}.jsonl"),
        format!("archived_sessions/{name}.jsonl.zst"),
    ];
    let places: Vec<Place> = best_first.iter().map(|below| place(below)).collect();
    for pair in places.windows(2) {
        assert!(pair[0].rank() > pair[1].rank(), "{} before {}", pair[0].below, pair[1].below);
    }
}

#[test]
fn the_home_is_where_the_variable_says() {
    let around = |vars: &[(&str, &str)]| Surroundings {
        home: PathBuf::from("/home/p"),
        vars: vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Surroundings::default()
    };
    assert_eq!(Codex.usual_places(&around(&[])), [PathBuf::from("/home/p/.codex")]);
    assert_eq!(Codex.usual_places(&around(&[("CODEX_HOME", "")])), [PathBuf::from("/home/p/.codex")]);
    assert_eq!(Codex.usual_places(&around(&[("CODEX_HOME", "/x/y")])), [PathBuf::from("/x/y")]);
}

#[test]
fn a_folder_of_threads_means_its_home() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("archived_sessions")).unwrap();
    assert!(Codex.probe(dir.path()) && Codex.probe(&dir.path().join("archived_sessions")));
    assert!(!Codex.probe(&dir.path().join("elsewhere")));
    assert_eq!(place::home(&dir.path().join("sessions")), dir.path());
}
