//! Reading foreign databases in every state without a trace: the measured situations, each with a picture of the directory
//! before and after.

mod decode;
mod writer;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use self::writer::Writer;
use super::*;

const TABLE: &str =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t (name) VALUES ('a'), ('b');";

/// Everything a reader could change: names, inodes, owners, modes, sizes and contents (access times excepted).
type Picture = BTreeMap<PathBuf, (u64, u32, u32, u64, Vec<u8>)>;

fn picture(directory: &Path) -> Picture {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let meta = fs::metadata(&path).unwrap();
            // Only of databases that no connection of this process has open.
            let hash = Sha256::digest(fs::read(&path).unwrap()).to_vec();
            (path, (meta.ino(), meta.uid(), meta.mode(), meta.len(), hash))
        })
        .collect()
}

struct Fixture {
    directory: tempfile::TempDir,
    db: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let db = directory.path().join("fleet.db");
        Self { directory, db }
    }

    fn with(sql: &str) -> Self {
        let fixture = Self::new();
        let mut writer = Writer::open(&fixture.db);
        assert_eq!(writer.run(sql), "ok");
        writer.close();
        fixture
    }

    /// Reads the row count twice and proves that nothing in the directory changed.
    fn count(&self) -> (Result<i64, SourceError>, Option<Safe>) {
        let before = picture(self.directory.path());
        let mut database = Database::new(&self.db);
        let mut count =
            || database.read(|conn| conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)));
        let first = count();
        let second = count();
        assert_eq!(first.as_ref().ok(), second.as_ref().ok());
        assert_eq!(picture(self.directory.path()), before);
        (first, database.note().cloned())
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        self.directory.path().join(format!("fleet.db{suffix}"))
    }
}

fn plain((result, note): (Result<i64, SourceError>, Option<Safe>)) -> i64 {
    assert_eq!(note, None);
    result.unwrap()
}

fn copied((result, note): (Result<i64, SourceError>, Option<Safe>)) -> i64 {
    assert!(note.expect("a note about the copy").contains("private copy"));
    result.unwrap()
}

fn refused((result, _): (Result<i64, SourceError>, Option<Safe>)) -> SourceError {
    result.unwrap_err()
}

#[test]
fn wal_with_a_living_writer_is_joined() {
    let fixture = Fixture::new();
    let mut writer = Writer::open(&fixture.db);
    writer.run(&format!("PRAGMA journal_mode=wal; {TABLE}"));
    assert_eq!(plain(fixture.count()), 2);
    writer.run("INSERT INTO t (name) VALUES ('c')");
    assert_eq!(plain(fixture.count()), 3);
    writer.close();
    assert!(!fixture.beside("-wal").exists(), "the writer's last checkpoint was prevented");
    assert_eq!(plain(fixture.count()), 3);
}

#[test]
fn cleanly_closed_wal_creates_no_side_files() {
    let fixture = Fixture::with(&format!("PRAGMA journal_mode=wal; {TABLE}"));
    assert_eq!(plain(fixture.count()), 2);
    fs::set_permissions(fixture.directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o555))
        .unwrap();
    assert_eq!(plain(fixture.count()), 2);
}

#[test]
fn wal_of_a_killed_writer_is_read_with_its_last_commits() {
    let fixture = Fixture::new();
    let mut writer = Writer::open(&fixture.db);
    writer.run(&format!("PRAGMA journal_mode=wal; {TABLE}"));
    writer.kill();
    assert_eq!(fixture.count().0.unwrap(), 2);
    fs::remove_file(fixture.beside("-shm")).unwrap();
    assert_eq!(copied(fixture.count()), 2);
}

#[test]
fn stray_empty_wal_is_no_reason_for_shared_memory() {
    let fixture = Fixture::with(&format!("PRAGMA journal_mode=wal; {TABLE}"));
    fs::write(fixture.beside("-wal"), "").unwrap();
    assert_eq!(plain(fixture.count()), 2);
}

#[test]
fn hot_journal_is_rolled_back_in_a_copy_only() {
    let fixture = Fixture::with(TABLE);
    let mut writer = Writer::open(&fixture.db);
    writer.run(
        "PRAGMA cache_size=1; BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000) \
         INSERT INTO t (name) SELECT 'half a transaction ' || i FROM n;",
    );
    writer.kill();
    assert!(fs::metadata(fixture.beside("-journal")).unwrap().len() > 0);
    assert_eq!(copied(fixture.count()), 2);
}

#[test]
fn rollback_journal_is_read_in_place() {
    for mode in ["delete", "persist", "truncate"] {
        let fixture = Fixture::new();
        let mut writer = Writer::open(&fixture.db);
        writer.run(&format!("PRAGMA journal_mode={mode}; {TABLE}"));
        assert_eq!(plain(fixture.count()), 2, "{mode}");
        // A transaction that is open and not committed is not visible and not in the way.
        writer.run("BEGIN IMMEDIATE; INSERT INTO t (name) VALUES ('later')");
        assert_eq!(plain(fixture.count()), 2, "{mode}");
        assert_eq!(writer.run("COMMIT"), "ok");
        assert_eq!(plain(fixture.count()), 3, "{mode}");
    }
}

#[test]
fn exclusive_writer_is_waited_for_and_then_named() {
    let fixture = Fixture::with(TABLE);
    let mut writer = Writer::open(&fixture.db);
    writer.run("PRAGMA locking_mode=exclusive; BEGIN EXCLUSIVE;");
    let error = Database::new(&fixture.db)
        .read(|conn| conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)))
        .unwrap_err();
    assert!(matches!(error, SourceError::Database { passing: true, .. }), "{error}");
    assert!(error.to_string().contains("locked"), "{error}");
    assert_eq!(writer.run("COMMIT"), "ok");
}

#[test]
fn what_is_no_database_is_said_in_words() {
    let fixture = Fixture::new();
    assert!(matches!(refused_missing(&fixture), SourceError::Missing(_)));
    fs::write(&fixture.db, "").unwrap();
    fs::write(fixture.beside("-wal"), "SQLite would delete this").unwrap();
    assert!(refused(fixture.count()).to_string().contains("empty (0 bytes)"));
    fs::write(&fixture.db, "short").unwrap();
    assert!(refused(fixture.count()).to_string().contains("not an SQLite database"));
    fs::write(&fixture.db, "x".repeat(8192)).unwrap();
    assert!(refused(fixture.count()).to_string().contains("not an SQLite database"));
    let fixture = Fixture::with("CREATE TABLE other (x)");
    assert!(refused(fixture.count()).to_string().contains("it has no table t"));
}

fn refused_missing(fixture: &Fixture) -> SourceError {
    refused(fixture.count())
}

#[test]
fn missing_column_is_named() {
    let fixture = Fixture::with(TABLE);
    let error = Database::new(&fixture.db)
        .read(|conn| conn.query_row("SELECT cost FROM t", [], |row| row.get::<_, i64>(0)))
        .unwrap_err();
    assert!(error.to_string().contains("it has no column cost"), "{error}");
    assert!(matches!(error, SourceError::Unsupported { .. }));
}

#[test]
fn replaced_database_is_noticed_and_read() {
    let fixture = Fixture::with(TABLE);
    let other = Fixture::with("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);");
    let mut database = Database::new(&fixture.db);
    let count = |database: &mut Database| {
        database
            .read(|conn| conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)))
            .unwrap()
    };
    assert!(database.changed(false));
    assert_eq!(count(&mut database), 2);
    assert!(!database.changed(false));
    assert!(database.changed(true));
    fs::rename(&other.db, &fixture.db).unwrap();
    assert!(database.changed(false));
    assert_eq!(count(&mut database), 0);
}

#[test]
fn commit_in_the_wal_is_a_change() {
    let fixture = Fixture::new();
    let mut writer = Writer::open(&fixture.db);
    writer.run(&format!("PRAGMA journal_mode=wal; {TABLE}"));
    let mut database = Database::new(&fixture.db);
    database.read(|_| Ok(())).unwrap();
    assert!(!database.changed(false));
    writer.run("INSERT INTO t (name) VALUES ('c')");
    assert!(database.changed(false));
}

/// What was written in the same tick of the file system's clock as the look before, over bytes that were there: neither
/// sizes nor times differ.
#[test]
fn commit_that_no_stat_shows_is_a_change() {
    for mode in ["wal", "delete"] {
        let fixture = Fixture::new();
        let mut writer = Writer::open(&fixture.db);
        writer.run(&format!("PRAGMA journal_mode={mode}; {TABLE}"));
        writer.run("PRAGMA wal_checkpoint(FULL)");
        // The log begins anew; what follows fits into it.
        writer.run("UPDATE t SET name = 'c' WHERE id = 1");
        writer.run("PRAGMA wal_checkpoint(FULL)");
        let times = |path: &Path| fs::metadata(path).map(|meta| (meta.len(), meta.modified().unwrap())).ok();
        let files = [fixture.db.clone(), fixture.beside("-wal")];
        let mut database = Database::new(&fixture.db);
        database.read(|_| Ok(())).unwrap();
        let before = files.each_ref().map(|path| times(path));
        writer.run("UPDATE t SET name = 'd' WHERE id = 1");
        for (path, before) in files.iter().zip(&before) {
            if let Some((_, time)) = before {
                // Closing a descriptor of it takes no lock of this process: it has none.
                fs::File::options().write(true).open(path).unwrap().set_modified(*time).unwrap();
            }
        }
        assert_eq!(files.each_ref().map(|path| times(path)), before, "{mode}: no stat shows it");
        assert!(database.changed(false), "{mode}");
        database.read(|_| Ok(())).unwrap();
        assert!(!database.changed(false), "{mode}: a look is no change");
    }
}

#[test]
fn names_that_mean_something_in_a_uri_are_taken_literally() {
    let directory = tempfile::tempdir().unwrap();
    let odd = directory.path().join("a b?mode=rwc#%41'ä");
    fs::create_dir(&odd).unwrap();
    let db = odd.join("x%20y?immutable=1&z.db");
    let mut writer = Writer::open(&db);
    writer.run(TABLE);
    let count: i64 =
        Database::new(&db).read(|conn| conn.query_row("SELECT count(*) FROM t", [], |r| r.get(0))).unwrap();
    assert_eq!(count, 2);
}

#[test]
fn writer_is_never_refused() {
    for mode in ["wal", "delete"] {
        let fixture = Fixture::new();
        let mut writer = Writer::open(&fixture.db);
        writer.run(&format!("PRAGMA journal_mode={mode}; PRAGMA synchronous=off; {TABLE}"));
        let commits = 2000;
        writer.start(&format!("loop {commits}"));
        let mut database = Database::new(&fixture.db);
        let mut newest = 0;
        while newest < commits + 2 {
            let rows = database.read(|conn| page(conn, "t", "name", newest, |row| row.get::<_, String>(1)));
            match rows {
                Ok(rows) => newest = rows.last,
                Err(error) => assert!(error.is_passing(), "{mode}: {error}"),
            }
        }
        assert_eq!(writer.answer(), "failed 0", "{mode}");
    }
}

#[test]
fn writer_that_comes_and_goes_is_left_no_side_files() {
    let fixture = Fixture::with(&format!("PRAGMA journal_mode=wal; {TABLE}"));
    let other = Fixture::with(TABLE);
    // A connection of its own to another database, so that every close in the loop is the last one.
    let mut writer = Writer::open(&other.db);
    writer.start(&format!("reopen 3000 {}", fixture.db.display()));
    let done = std::thread::scope(|scope| {
        let answer = scope.spawn(|| writer.answer());
        let mut database = Database::new(&fixture.db);
        while !answer.is_finished() {
            let rows = database
                .read(|conn| conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)));
            assert!(
                rows.as_ref().is_ok_and(|rows| *rows >= 2) || rows.is_err_and(|error| error.is_passing())
            );
        }
        answer.join().unwrap()
    });
    assert_eq!(done, "strays 0");
}

#[test]
fn runaway_statement_is_ended() {
    let fixture = Fixture::with(TABLE);
    let error = Database::new(&fixture.db)
        .read(|conn| {
            let endless =
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT sum(i) FROM n";
            conn.query_row(endless, [], |row| row.get::<_, i64>(0))
        })
        .unwrap_err();
    assert!(error.to_string().contains("longer than its writer may be kept waiting"), "{error}");
}

#[test]
fn budget_is_per_statement() {
    // Each statement needs a hundredth of the budget, all of them several times as much.
    let mut conn = Connection::open_in_memory().unwrap();
    Budget::WAL.times(4).bound(&mut conn).unwrap();
    let some_work =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 10000) SELECT sum(i) FROM n";
    for _ in 0..500 {
        conn.query_row(some_work, [], |row| row.get::<_, i64>(0)).unwrap();
    }
}

#[test]
fn pages_cover_every_row_once() {
    let fixture = Fixture::with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<4500) INSERT INTO t SELECT i*2, i FROM n;",
    );
    let mut seen = Vec::new();
    let mut pages = 0;
    let last = Database::new(&fixture.db)
        .read_pages(
            "t",
            "name",
            0,
            |row| row.get::<_, String>(1),
            |rows| {
                pages += 1;
                seen.extend(rows);
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(last, 9000);
    assert!(pages >= 3);
    assert_eq!(seen, (1..=4500).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn columns_are_probed() {
    let fixture = Fixture::with(TABLE);
    let found =
        Database::new(&fixture.db).read(|conn| Ok((columns(conn, "t")?, columns(conn, "none")?))).unwrap();
    assert_eq!(found, (vec!["id".to_owned(), "name".to_owned()], Vec::new()));
}
