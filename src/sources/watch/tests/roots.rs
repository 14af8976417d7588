//! Roots that vanish, are replaced or are not there yet.

use super::*;

fn write_in(rig: &Rig, name: &str) -> PathBuf {
    let path = rig.path(name);
    fs::write(&path, "x").unwrap();
    path
}

#[test]
fn deleted_and_recreated_root_is_watched_again() {
    let mut rig = Rig::folder();
    for round in 0..5 {
        fs::remove_dir_all(&rig.root).unwrap();
        fs::create_dir(&rig.root).unwrap();
        let file = write_in(&rig, &format!("first{round}"));
        rig.until_seen(&file);
        let told = rig.told_by(|root| fs::write(root.join("second"), "x").unwrap());
        assert!(told.contains(&"second".to_owned()), "round {round}: {told:?}");
    }
}

#[test]
fn renamed_and_recreated_root_is_the_new_one() {
    let mut rig = Rig::folder();
    let old = rig.directory.path().join("old");
    fs::rename(&rig.root, &old).unwrap();
    fs::create_dir(&rig.root).unwrap();
    let file = write_in(&rig, "new");
    rig.until_seen(&file);
    let told = rig.told_by(|_| fs::write(old.join("ghost"), "x").unwrap());
    assert!(told.is_empty(), "told of the old tree under the new name: {told:?}");
    assert!(rig.rescans > 0, "a replaced root must be looked at anew");
}

#[test]
fn missing_root_is_waited_for_level_by_level() {
    let mut rig = Rig::new("a/b/c", |_| {});
    let above = rig.directory.path().join("a");
    rig.until("nothing", |_| true);
    fs::create_dir(&above).unwrap();
    fs::create_dir(above.join("b")).unwrap();
    fs::create_dir(&rig.root).unwrap();
    let file = write_in(&rig, "f");
    rig.until_seen(&file);
    assert!(rig.rescans > 0);
    assert_eq!(rig.watch.mode(), (WatchMode::Events, None));
}

#[test]
fn single_database_is_watched_without_its_neighbours() {
    let mut rig = Rig::new("x.db", |path| fs::write(path, "db").unwrap());
    fs::write(rig.directory.path().join("neighbour"), "x").unwrap();
    fs::write(rig.directory.path().join("x.db-shm"), "x").unwrap();
    fs::write(rig.directory.path().join("x.db-wal"), "x").unwrap();
    let db = rig.root.clone();
    rig.until_seen(&db);
    assert_eq!(rig.seen.iter().collect::<Vec<_>>(), [&db]);
}

#[test]
fn database_that_appears_later_is_told() {
    let mut rig = Rig::new("sub/x.db", |_| {});
    fs::create_dir(rig.root.parent().unwrap()).unwrap();
    fs::write(&rig.root, "db").unwrap();
    let db = rig.root.clone();
    rig.until_seen(&db);
}

#[test]
fn linked_root_is_watched() {
    let mut rig = Rig::new("link", |root| {
        let real = root.with_file_name("real");
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(real, root).unwrap();
    });
    assert_eq!(rig.told_by(|root| fs::write(root.join("f"), "x").unwrap()), ["f"]);
}

#[test]
fn following_other_places_ends_the_old_watches() {
    let mut rig = Rig::folder();
    let other = rig.directory.path().join("other");
    fs::create_dir(&other).unwrap();
    let spec = WatchSpec { path: other.clone(), recursive: false };
    assert!(rig.watch.follow(std::slice::from_ref(&spec), rig.now));
    assert!(!rig.watch.follow(&[spec], rig.now));
    assert!(!rig.watch.tree.is_armed(&rig.root));
    write_in(&rig, "f");
    fs::write(other.join("g"), "x").unwrap();
    rig.until_seen(&other.join("g"));
    assert_eq!(rig.seen.len(), 1, "{:?}", rig.seen);
}
