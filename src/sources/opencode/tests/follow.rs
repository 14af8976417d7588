//! One database read step by step: what a look costs, and what it finds.

use std::path::PathBuf;

use rusqlite::Connection;

use super::super::{book::Book, db::Db};
use crate::{model::Health, text::Safe};

struct Desk {
    _place: tempfile::TempDir,
    path: PathBuf,
    db: Db,
    book: Book,
    health: Health,
}

impl Desk {
    fn new(columns: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().canonicalize().unwrap().join("opencode.db");
        let desk = Self {
            _place: place,
            db: Db::new(path.clone()),
            path,
            book: Book::default(),
            health: Health::default(),
        };
        desk.sql(&format!(
            "CREATE TABLE session (id text primary key, title text);
             CREATE TABLE message (id text primary key, session_id text, {columns} data text);"
        ));
        desk
    }

    fn sql(&self, text: &str) {
        Connection::open(&self.path).unwrap().execute_batch(text).unwrap();
    }

    fn insert(&self, from: u32, to: u32) {
        self.sql(&format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             INSERT INTO message (id, session_id, time_updated, data) SELECT printf('msg_%06d', i), 'ses_' || (i % 7),
               i, '{{\"role\": \"user\", \"time\": {{\"created\": 1}}}}' FROM n"
        ));
    }

    /// Rows that a look passed over, and messages it found to be different.
    fn look(&mut self, all: bool) -> (u64, usize) {
        let before = self.health.rows_read;
        self.book.dirty = super::super::book::Dirty::default();
        self.db.look(all, &mut self.book, &mut self.health);
        assert!(self.db.error().is_none(), "{:?}", self.db.error());
        (self.health.rows_read - before, self.book.dirty.messages.len())
    }

    fn text(&self, id: &str) -> Option<Safe> {
        self.book.messages.get(&Safe::line(id))?.get()?.finish.clone()
    }
}

const FINISHED: &str = r#"'{"role": "assistant", "finish": "stop", "time": {"completed": 5}}'"#;

#[test]
fn a_look_costs_what_changed_and_not_what_exists() {
    let mut desk = Desk::new("time_updated integer,");
    desk.insert(1, 10_000);
    assert_eq!(desk.look(true).1, 10_000);
    desk.insert(10_001, 10_003);
    let (rows, news) = desk.look(false);
    assert_eq!(news, 3);
    assert!(rows < 600, "{rows} of 10,003 rows");
    assert_eq!(desk.look(false), (0, 0), "nothing is read while nothing changed");
    // Late in an old row: what is open is known by name …
    desk.sql(
        "UPDATE message SET data = '{\"role\": \"assistant\"}', time_updated = 20001 WHERE id = 'msg_000002'",
    );
    let (rows, news) = desk.look(false);
    assert!(rows < 600 && news == 0, "an old row that nobody waits for is left to the sweep");
    assert_eq!(desk.look(true).1, 1);
    desk.sql(&format!("UPDATE message SET data = {FINISHED}, time_updated = 20002 WHERE id = 'msg_000002'"));
    let (rows, news) = desk.look(false);
    assert!(rows < 600 && news == 1, "{rows} {news}");
    assert_eq!(desk.text("msg_000002").as_deref(), Some("stop"));
    // … and the newest are looked at anyway.
    desk.sql(&format!("UPDATE message SET data = {FINISHED}, time_updated = 20003 WHERE id = 'msg_009900'"));
    assert_eq!(desk.look(false).1, 1);
}

#[test]
fn rows_that_go_are_noticed() {
    let mut desk = Desk::new("time_updated integer,");
    desk.insert(1, 3000);
    desk.look(true);
    desk.sql("DELETE FROM message WHERE id IN ('msg_000005', 'msg_003000')");
    assert_eq!(desk.look(false).1, 2);
    assert_eq!(desk.book.messages.len(), 2998);
    // The place of a deleted row is taken by another one.
    desk.sql("DELETE FROM message WHERE id = 'msg_002999'; INSERT INTO message VALUES ('msg_new', 'ses_1', 7, '{\"role\": \"user\"}')");
    desk.look(false);
    assert_eq!(desk.book.messages.len(), 2998);
    assert!(desk.book.messages.contains_key(&Safe::line("msg_new")));
    // Rows are numbered anew.
    desk.sql("DELETE FROM message WHERE id < 'msg_002000'; VACUUM");
    desk.insert(5000, 5000);
    desk.look(false);
    assert_eq!(desk.book.messages.len(), 1001);
    assert_eq!(desk.db.tables().find(|(name, _)| &**name == "message").unwrap().1, 1001);
}

#[test]
fn without_the_time_of_writing_all_rows_are_compared() {
    let mut desk = Desk::new("time_updated_long_ago integer,");
    desk.sql("INSERT INTO message VALUES ('a', 's', 1, '{\"role\": \"user\"}'), ('b', 's', 1, '{\"role\": \"user\"}')");
    assert_eq!(desk.look(true).1, 2);
    desk.sql(&format!("UPDATE message SET data = {FINISHED} WHERE id = 'a'"));
    assert_eq!(desk.look(false).1, 1);
    assert_eq!(desk.text("a").as_deref(), Some("stop"));
    assert!(desk.db.missing().contains(&"message.time_updated".to_owned()));
}

#[test]
fn rows_that_cannot_be_used_are_counted_as_long_as_they_are_there() {
    let mut desk = Desk::new("time_updated integer,");
    desk.sql(
        "INSERT INTO message VALUES ('a', 's', 1, '{\"role\": \"us'), ('b', 's', 1, NULL), ('', 's', 1, '{\"role\": \"user\"}'),
         ('d', NULL, 1, '{\"role\": \"user\"}'), ('e', 's', 'soon', '{\"role\": \"assistant\", \"cost\": \"1\"}'),
         ('f', 's', 1, x'ff');",
    );
    desk.look(true);
    assert_eq!(desk.health.skipped, 5);
    assert_eq!(desk.book.messages.len(), 1);
    desk.sql("UPDATE message SET data = '{\"role\": \"user\"}', time_updated = 2 WHERE id IN ('a', 'b')");
    desk.look(false);
    assert_eq!((desk.health.skipped, desk.book.messages.len()), (3, 3));
    desk.sql("DELETE FROM message WHERE id IN ('', 'd', 'f')");
    desk.look(true);
    assert_eq!(desk.health.skipped, 0);
    assert!(desk.health.repaired > 0, "a cost in words");
    desk.sql("DELETE FROM message");
    desk.look(true);
    assert_eq!((desk.health.repaired, desk.book.messages.len()), (0, 0));
}

#[test]
fn ids_that_are_not_unique_cost_one_pass() {
    let mut desk = Desk::new("time_updated integer,");
    desk.sql("DROP TABLE message; CREATE TABLE message (id text, session_id text, time_updated integer, data text)");
    desk.insert(1, 1000);
    desk.insert(1, 10);
    let (rows, _) = desk.look(true);
    assert_eq!(desk.book.messages.len(), 1000);
    assert!(rows < 5000, "{rows}");
}

#[test]
fn another_programs_database_says_so() {
    let mut desk = Desk::new("time_updated integer,");
    desk.insert(1, 5);
    desk.look(true);
    desk.sql("DROP TABLE session; DROP TABLE message; CREATE TABLE todo (session_id text); CREATE TABLE recipes (x);");
    desk.db.look(true, &mut desk.book, &mut desk.health);
    let error = desk.db.error().unwrap().to_string();
    assert!(error.contains("another program"), "{error}");
    assert!(desk.book.messages.is_empty() && desk.book.sessions.is_empty());
}
