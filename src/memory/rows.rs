//! Rows of the ledger: how a record is written down, and what makes a row one of ours.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::PathBuf,
};

use rusqlite::{Connection, Row, params};

use crate::sources::memory::Record;

/// `PRAGMA application_id` of a ledger: "orcd".
pub(super) const APPLICATION: i32 = 0x6f72_6364;
/// `PRAGMA user_version`: the form of the tables and of the checksum.
pub(super) const VERSION: i32 = 2;

pub(super) const SCHEMA: &str = "CREATE TABLE files (
    kind TEXT NOT NULL,
    path BLOB NOT NULL,
    gone INTEGER NOT NULL,
    parser INTEGER NOT NULL,
    state BLOB NOT NULL,
    usage BLOB NOT NULL,
    sum INTEGER NOT NULL,
    UNIQUE (kind, path)
) STRICT;";

/// Beside the files, because a start needs it before everything else and it is small. Made where it is missing: who does not
/// know it leaves rows that do not fit their files any more, and those are not used.
pub(super) const SUMS: &str = "CREATE TABLE IF NOT EXISTS sums (
    kind TEXT NOT NULL,
    path BLOB NOT NULL,
    sums BLOB NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY (kind, path)
) STRICT, WITHOUT ROWID;";

/// Writes a record down, or takes its row away when nothing is left of it.
pub(super) fn put(connection: &Connection, kind: &str, record: &Record) -> rusqlite::Result<()> {
    let path = record.path.as_os_str().as_bytes();
    put_sums(connection, kind, path, &record.sums)?;
    if record.is_void() {
        let mut delete = connection.prepare_cached("DELETE FROM files WHERE kind = ?1 AND path = ?2")?;
        return delete.execute(params![kind, path]).map(|_| ());
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO files (kind, path, gone, parser, state, usage, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (kind, path) DO UPDATE SET gone = excluded.gone, parser = excluded.parser,
         state = excluded.state, usage = excluded.usage, sum = excluded.sum",
    )?;
    let (parser, sum) = (record.parser as i64, sum_of(kind, record) as i64);
    insert.execute(params![kind, path, record.gone, parser, record.state, record.usage, sum]).map(|_| ())
}

fn put_sums(connection: &Connection, kind: &str, path: &[u8], sums: &[u8]) -> rusqlite::Result<()> {
    if sums.is_empty() {
        let mut delete = connection.prepare_cached("DELETE FROM sums WHERE kind = ?1 AND path = ?2")?;
        return delete.execute(params![kind, path]).map(|_| ());
    }
    let mut insert = connection
        .prepare_cached("INSERT OR REPLACE INTO sums (kind, path, sums, sum) VALUES (?1, ?2, ?3, ?4)")?;
    let sum = checksum(&[kind.as_bytes(), path, sums]) as i64;
    insert.execute(params![kind, path, sums, sum]).map(|_| ())
}

/// The sums of every file of a kind, those left out that are not as they were written.
pub(super) fn sums(connection: &Connection, kind: &str) -> rusqlite::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut select = connection.prepare_cached("SELECT path, sums, sum FROM sums WHERE kind = ?1")?;
    let mut rows = select.query([kind])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (path, sums) = (row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?);
        if checksum(&[kind.as_bytes(), &path, &sums]) as i64 == row.get::<_, i64>(2)? {
            all.push((PathBuf::from(OsString::from_vec(path)), sums));
        }
    }
    Ok(all)
}

/// All rows of a kind; the second part counts those that are not as they were written.
pub(super) fn all(connection: &Connection, kind: &str) -> rusqlite::Result<(Vec<Record>, u64)> {
    let mut select = connection
        .prepare_cached("SELECT path, gone, parser, state, usage, sum FROM files WHERE kind = ?1")?;
    let mut rows = select.query([kind])?;
    let (mut records, mut broken) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok((record, sum)) if sum_of(kind, &record) == sum => records.push(record),
            _ => broken += 1,
        }
    }
    Ok((records, broken))
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Record, u64)> {
    let path = PathBuf::from(OsString::from_vec(row.get(0)?));
    let record = Record {
        path,
        gone: row.get(1)?,
        parser: row.get::<_, i64>(2)? as u64,
        state: row.get(3)?,
        usage: row.get(4)?,
        sums: Vec::new(),
    };
    Ok((record, row.get::<_, i64>(5)? as u64))
}

fn sum_of(kind: &str, record: &Record) -> u64 {
    let (parser, gone) = (record.parser.to_le_bytes(), u64::from(record.gone).to_le_bytes());
    let path = record.path.as_os_str().as_bytes();
    checksum(&[kind.as_bytes(), path, &record.state, &record.usage, &parser, &gone])
}

/// Over everything in a row. Finds damage, not malice: what could be forged lies in a directory of the person's own.
fn checksum(parts: &[&[u8]]) -> u64 {
    let mut sum = u64::from(VERSION.unsigned_abs());
    for part in parts {
        sum = add(sum, part.len() as u64);
        // Four sums side by side: one would wait for itself at every step.
        let mut lanes = [sum; 4];
        let (blocks, rest) = part.as_chunks::<32>();
        for block in blocks {
            let (words, _) = block.as_chunks::<8>();
            for (lane, word) in lanes.iter_mut().zip(words) {
                *lane = add(*lane, u64::from_le_bytes(*word));
            }
        }
        sum = lanes.into_iter().chain(rest.chunks(8).map(word)).fold(sum, add);
    }
    sum
}

/// Takes eight bytes into a sum. Every step can be undone, so that no single change leaves the sum as it was. Not a hash of
/// a library: those may change with a new version of it, and every row would look damaged.
fn add(sum: u64, word: u64) -> u64 {
    (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// Up to eight bytes.
fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_le_bytes(word)
}
