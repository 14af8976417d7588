use std::{fs, path::Path};

use super::*;

#[test]
fn complete_values_are_told_from_cut_ones() {
    for whole in ["{}", " {\"a\":\"}\"}\r", "[1,[2]]", "{\"a\":\"\\\\\"}", "{\"a\":\"\\\"{\"}"] {
        assert!(is_complete(whole.as_bytes()), "{whole}");
    }
    for cut in ["", "1", "null", "{", "{\"a\":\"}", "{\"a\":\"\\\"}", "{}{", "{} {}", "}{"] {
        assert!(!is_complete(cut.as_bytes()), "{cut}");
    }
}

#[test]
fn deep_nesting_is_no_recursion() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert!(is_complete(deep.as_bytes()));
}

#[test]
fn a_document_keeps_its_last_good_value_until_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let mut document = Document::<Vec<u8>>::default();
    assert_eq!(document.refresh(&path), None);
    fs::write(&path, "[1,2]").unwrap();
    assert_eq!(document.refresh(&path), Some(&vec![1, 2]));
    assert!(!document.is_stale());
    fs::write(&path, "").unwrap();
    assert_eq!(document.refresh(&path), Some(&vec![1, 2]));
    assert!(document.is_stale());
    fs::remove_file(&path).unwrap();
    assert_eq!(document.refresh(&path), None);
}

#[test]
fn links_and_folders_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.json");
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    assert!(matches!(read::<u8>(&path), Err(DocumentError::Io(_))));
    assert!(matches!(read::<u8>(Path::new("/")), Err(DocumentError::Io(_))));
}
