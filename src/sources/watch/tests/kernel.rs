//! Each measured operation: what is told.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::PermissionsExt,
};

use rusqlite::Connection;

use super::*;

fn with_file() -> Rig {
    Rig::new("root", |root| {
        fs::create_dir(root).unwrap();
        fs::write(root.join("f"), "one\n").unwrap();
    })
}

fn append(path: &Path) -> File {
    OpenOptions::new().append(true).open(path).unwrap()
}

#[test]
fn opening_reading_and_listing_tell_nothing() {
    let mut rig = with_file();
    assert!(rig.told_by(|root| drop(append(&root.join("f")))).is_empty());
    let told = rig.told_by(|root| {
        for _ in 0..50 {
            fs::read(root.join("f")).unwrap();
            assert!(fs::read_dir(root).unwrap().count() > 0);
        }
    });
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn appending_tells_the_file() {
    let mut rig = with_file();
    let mut held = append(&rig.path("f"));
    assert_eq!(rig.told_by(|_| held.write_all(b"two\n").unwrap()), ["f"]);
    assert_eq!(rig.told_by(|root| append(&root.join("f")).write_all(b"three\n").unwrap()), ["f"]);
}

#[test]
fn rewriting_tells_the_file_once_and_no_temporary_name() {
    let mut rig = with_file();
    assert_eq!(rig.told_by(|root| fs::write(root.join("f"), "new").unwrap()), ["f"]);
    let told = rig.told_by(|root| {
        fs::write(root.join("f.tmp"), "newer").unwrap();
        fs::rename(root.join("f.tmp"), root.join("f")).unwrap();
    });
    assert_eq!(told, ["f"]);
}

#[test]
fn rotation_tells_old_and_new_name() {
    let mut rig = with_file();
    let told = rig.told_by(|root| {
        fs::rename(root.join("f"), root.join("f.1")).unwrap();
        fs::write(root.join("f"), "").unwrap();
    });
    assert_eq!(told, ["f", "f.1"]);
    let told = rig.told_by(|root| {
        fs::copy(root.join("f"), root.join("f.2")).unwrap();
        File::options().write(true).open(root.join("f.1")).unwrap().set_len(0).unwrap();
    });
    assert_eq!(told, ["f.1", "f.2"]);
}

#[test]
fn removal_is_told() {
    let mut rig = with_file();
    assert_eq!(rig.told_by(|root| fs::remove_file(root.join("f")).unwrap()), ["f"]);
}

#[test]
fn metadata_is_told_only_when_it_differs() {
    let mut rig = with_file();
    let set = |root: &Path, mode| {
        fs::set_permissions(root.join("f"), PermissionsExt::from_mode(mode)).unwrap();
    };
    set(&rig.root, 0o640);
    rig.told_by(|_| {});
    assert!(rig.told_by(|root| set(root, 0o640)).is_empty());
    assert_eq!(rig.told_by(|root| set(root, 0o600)), ["f"]);
}

#[test]
fn linked_file_is_told_under_the_name_written_to() {
    let mut rig = with_file();
    fs::hard_link(rig.path("f"), rig.path("g")).unwrap();
    rig.told_by(|_| {});
    assert_eq!(rig.told_by(|root| append(&root.join("g")).write_all(b"x").unwrap()), ["g"]);
}

#[test]
fn editors_leave_only_the_file() {
    let mut rig = with_file();
    let told = rig.told_by(|root| {
        for noise in [".f.swp", ".f.swx", "f~"] {
            fs::write(root.join(noise), "x").unwrap();
        }
        fs::write(root.join("f"), "edited").unwrap();
        fs::remove_file(root.join(".f.swp")).unwrap();
    });
    assert_eq!(told, ["f"]);
}

#[test]
fn commits_are_told_as_their_database_and_our_reads_not_at_all() {
    for mode in ["wal", "delete"] {
        let mut rig = Rig::new("root", |root| {
            fs::create_dir(root).unwrap();
            let conn = Connection::open(root.join("x.db")).unwrap();
            conn.execute_batch(&format!("PRAGMA journal_mode={mode}; CREATE TABLE t (n)")).unwrap();
        });
        // The writer runs in this process, so the reader below joins it only after it closed (POSIX locks).
        let writer = Connection::open(rig.path("x.db")).unwrap();
        let told = rig.told_by(|_| writer.execute_batch("INSERT INTO t VALUES (1)").unwrap());
        assert_eq!(told, ["x.db"], "{mode}");
        drop(writer);
        rig.told_by(|_| {});
        let mut database = crate::sources::read::sqlite::Database::new(rig.path("x.db"));
        let told = rig.told_by(|_| {
            for _ in 0..20 {
                let rows: i64 = database
                    .read(|conn| conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)))
                    .unwrap();
                assert_eq!(rows, 1);
            }
        });
        assert!(told.is_empty(), "{mode}: {told:?}");
    }
}

#[test]
fn nothing_is_lost_in_new_directories() {
    let mut rig = Rig::folder();
    let count = 2000;
    let expected: BTreeSet<PathBuf> = (0..count).map(|n| rig.root.join(format!("p{n}/q/s.jsonl"))).collect();
    for path in &expected {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    rig.until("all new files", |rig| expected.is_subset(&rig.seen));
    // And every one of them is watched now.
    rig.seen.clear();
    for path in &expected {
        append(path).write_all(b"y").unwrap();
    }
    rig.until("all appends", |rig| expected.is_subset(&rig.seen) || rig.rescans > 0);
    assert_eq!(rig.rescans, 0, "found by a sweep, not by events");
}

#[test]
fn renamed_in_tree_is_found_and_followed() {
    let mut rig = Rig::folder();
    let outside = rig.directory.path().join("outside");
    fs::create_dir_all(outside.join("deep")).unwrap();
    fs::write(outside.join("deep/f"), "x").unwrap();
    assert_eq!(rig.told_by(|root| fs::rename(&outside, root.join("in")).unwrap()), ["in/deep/f"]);
    assert_eq!(rig.told_by(|root| append(&root.join("in/deep/f")).write_all(b"y").unwrap()), ["in/deep/f"]);
    let told = rig.told_by(|root| fs::rename(root.join("in"), &outside).unwrap());
    assert!(told.contains(&"in/deep/f".to_owned()), "{told:?}");
    let told = rig.told_by(|_| append(&outside.join("deep/f")).write_all(b"z").unwrap());
    assert!(told.is_empty(), "told of a tree that left: {told:?}");
}

#[test]
fn links_are_not_followed_out_of_the_root() {
    let mut rig = Rig::folder();
    let outside = rig.directory.path().join("outside");
    fs::create_dir(&outside).unwrap();
    rig.told_by(|root| std::os::unix::fs::symlink(&outside, root.join("link")).unwrap());
    let told = rig.told_by(|_| fs::write(outside.join("secret"), "x").unwrap());
    assert!(told.is_empty(), "{told:?}");
}
