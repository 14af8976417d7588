use std::fs;

use serde_json::{Value, json as value};

use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-18T15:30:00Z").unwrap()
}

fn look(kept: &mut Kept<Value>, minutes: i64) -> Seen {
    kept.refresh(now().plus(Millis::minutes(minutes)), false, &mut Health::default(), &mut json)
}

#[test]
fn a_torn_file_keeps_its_last_good_value_and_says_how_old_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dispatches.json");
    let mut kept = Kept::new(&path);
    assert_eq!(look(&mut kept, 0), Seen::Same, "a file that never was there is no news");
    assert_eq!(kept.trouble(), None);
    fs::write(&path, "[1, 2]").unwrap();
    assert_eq!(look(&mut kept, 1), Seen::News);
    for torn in ["", "[1, 2", "[1, 2]]"] {
        fs::write(&path, torn).unwrap();
        assert_eq!(look(&mut kept, 4), Seen::Same, "{torn:?}");
        assert_eq!(kept.value(), Some(&value!([1, 2])), "{torn:?}");
        assert!(kept.must_retry());
        let said = kept.complaint(now().plus(Millis::minutes(4))).unwrap();
        assert!(said.contains("dispatches.json") && said.contains("3m ago"), "{said}");
    }
    fs::write(&path, "[1, 2]").unwrap();
    assert_eq!(look(&mut kept, 5), Seen::Same, "it says the same as before");
    assert!(!kept.must_retry() && kept.complaint(now()).is_none());
    fs::write(&path, "\u{feff}[3]").unwrap();
    assert_eq!(look(&mut kept, 6), Seen::News);
    assert_eq!(kept.value(), Some(&value!([3])));
    fs::remove_file(&path).unwrap();
    assert_eq!(look(&mut kept, 7), Seen::Gone);
    assert_eq!((kept.value(), kept.trouble()), (None, None));
}

#[test]
fn a_write_within_the_same_clock_tick_is_seen_by_force() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    fs::write(&path, "[1]").unwrap();
    let mut kept = Kept::new(&path);
    look(&mut kept, 0);
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, "[2]").unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    let mut health = Health::default();
    assert_eq!(kept.refresh(now(), true, &mut health, &mut json), Seen::News);
    assert_eq!(health.bytes_read, 3);
}

#[test]
fn links_are_followed_and_may_dangle() {
    let folder = tempfile::tempdir().unwrap();
    let (link, target) = (folder.path().join("inbox.json"), folder.path().join("data.json"));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let mut kept = Kept::new(&link);
    assert_eq!(look(&mut kept, 0), Seen::Same);
    assert_eq!(kept.trouble(), None, "a link into nowhere is a file that is not there");
    fs::write(&target, "[]").unwrap();
    assert_eq!(look(&mut kept, 1), Seen::News);
}

#[test]
fn what_is_no_file_or_not_ours_to_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::new(folder.path());
    look(&mut kept, 0);
    assert!(kept.complaint(now()).unwrap().contains("not a regular file"));
}

#[test]
fn text_that_was_emptied_for_good_is_believed_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backlog.md");
    fs::write(&path, "- [ ] one").unwrap();
    let mut kept = Kept::new(&path);
    assert_eq!(kept.refresh(now(), false, &mut Health::default(), &mut text), Seen::News);
    fs::write(&path, "").unwrap();
    assert_eq!(kept.refresh(now(), false, &mut Health::default(), &mut text), Seen::News);
    assert_eq!(kept.value().map(String::as_str), Some(""));
}
