//! The database file: opened only as far as it can be trusted, begun anew where it cannot.

use std::{
    fs,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{
    FILE, Status,
    place::{self, Refusal},
    rows::{self, APPLICATION, SCHEMA, VERSION},
};
use crate::sources::memory::Record;

/// How long another program's transaction is waited for; they are short.
const BUSY: Duration = Duration::from_secs(2);

/// Bytes of a page of the database. Rows take some kilobytes: of larger pages a fifth stays empty (measured on a tree of 1 GB:
/// 10.0 MB against 10.6 with 16 KiB), smaller ones save nothing more.
const PAGE: u32 = 4 * 1024;

/// The open ledger.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    connection: Connection,
    /// Device and inode: somebody may have put another file in its place.
    inode: (u64, u64),
    remarks: Vec<String>,
}

/// Why a database is not used.
enum Doubt {
    /// It cannot be trusted: begun anew.
    Rebuild(String),
    /// It may be fine and cannot be had now.
    Refuse(Refusal),
}

impl From<rusqlite::Error> for Doubt {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) {
            Self::Rebuild(format!("it was damaged ({error})"))
        } else {
            Self::Refuse(error.into())
        }
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
        }
        // The tables are not what they should be.
        rusqlite::Error::SqlInputError { .. }
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..) => true,
        _ => false,
    }
}

impl File {
    /// Opens the ledger in a state directory.
    pub(super) fn open(dir: &Path) -> Result<Self, Refusal> {
        let me = rustix::process::geteuid().as_raw();
        let dir = place::directory(dir, me)?;
        // Two programs that start at once must not both begin it anew.
        let lock = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(dir.join(format!("{FILE}.lock")))?;
        lock.lock()?;
        let path = dir.join(FILE);
        let mut remarks = Vec::new();
        if let Some(reason) = place::prepare(&path, me)? {
            renew(&path, reason, &mut remarks, me)?;
        }
        let connection = match connect(&path) {
            Ok(connection) => connection,
            Err(Doubt::Refuse(refusal)) => return Err(refusal),
            Err(Doubt::Rebuild(reason)) => {
                renew(&path, &reason, &mut remarks, me)?;
                connect(&path).map_err(|doubt| match doubt {
                    Doubt::Refuse(refusal) => refusal,
                    Doubt::Rebuild(reason) => Refusal::Io(std::io::Error::other(reason)),
                })?
            }
        };
        let inode = inode(&path).unwrap_or_default();
        Ok(Self { path, connection, inode, remarks })
    }

    /// Opens it again, after what was there turned out to be bad or went away.
    fn reopen(&mut self, damage: Option<&str>) -> Result<(), Refusal> {
        if let Some(damage) = damage {
            // While others may be about to do the same, only who still sees the bad file moves it.
            if inode(&self.path) == Some(self.inode) {
                place::set_aside(&self.path)?;
            }
            self.remarks.push(anew(&format!("it was damaged ({damage})")));
        }
        let dir = self.path.parent().unwrap_or(Path::new(".")).to_owned();
        let mut fresh = Self::open(&dir)?;
        fresh.remarks.splice(0..0, std::mem::take(&mut self.remarks));
        *self = fresh;
        Ok(())
    }

    /// Everything kept of a kind; nothing when it cannot be had.
    pub(super) fn recall(&mut self, kind: &str) -> Vec<Record> {
        match rows::all(&self.connection, kind) {
            Ok((records, 0)) => records,
            Ok((records, broken)) => {
                let rows = if broken == 1 { "1 row was".to_owned() } else { format!("{broken} rows were") };
                self.remarks.push(format!("{rows} damaged and not used: those files are read again"));
                records
            }
            Err(error) if is_damage(&error) => {
                if let Err(refusal) = self.reopen(Some(&error.to_string())) {
                    self.remarks.push(refusal.to_string());
                }
                Vec::new()
            }
            Err(error) => {
                self.remarks.push(format!("it could not be read: {error}"));
                Vec::new()
            }
        }
    }

    /// The sums kept of a kind; nothing when they cannot be had: whoever asks for the records after it hears why.
    pub(super) fn recall_sums(&self, kind: &str) -> Vec<(PathBuf, Vec<u8>)> {
        rows::sums(&self.connection, kind).unwrap_or_default()
    }

    /// Writes records down, all or none.
    pub(super) fn put(&mut self, kind: &str, records: &[Record]) {
        if inode(&self.path) != Some(self.inode) && self.reopen(None).is_err() {
            return;
        }
        let mut answer = self.try_put(kind, records);
        if let Err(error) = &answer
            && is_damage(error)
            && self.reopen(Some(&error.to_string())).is_ok()
        {
            answer = self.try_put(kind, records);
        }
        if let Err(error) = answer {
            let remark = format!("it could not be written: {error}");
            if self.remarks.last() != Some(&remark) {
                self.remarks.push(remark);
            }
        }
    }

    fn try_put(&mut self, kind: &str, records: &[Record]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for record in records {
            rows::put(&transaction, kind, record)?;
        }
        transaction.commit()
    }

    /// Moves the log into the file, unless another program needs the log.
    pub(super) fn finish(&self) {
        // Nothing depends on it: who opens the file next reads the log.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// What was not as it should be.
    pub(super) fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// How it is.
    pub(super) fn status(&self) -> Status {
        let count = |gone: bool| {
            let count = "SELECT count(*) FROM files WHERE gone = ?1";
            self.connection.query_row(count, [gone], |row| row.get::<_, i64>(0)).unwrap_or(0) as u64
        };
        let size = |ending: &str| {
            let mut path = self.path.clone().into_os_string();
            path.push(ending);
            fs::metadata(path).map_or(0, |meta| meta.len())
        };
        Status {
            path: self.path.clone(),
            bytes: size("") + size("-wal"),
            files: count(false),
            gone: count(true),
            remarks: self.remarks.clone(),
        }
    }
}

fn renew(path: &Path, reason: &str, remarks: &mut Vec<String>, me: u32) -> Result<(), Refusal> {
    place::set_aside(path)?;
    place::prepare(path, me)?;
    remarks.push(anew(reason));
    Ok(())
}

fn anew(reason: &str) -> String {
    format!(
        "the old one was not used, because {reason}; it lies beside it as {FILE}.aside, and a new one was begun"
    )
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    path.symlink_metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

fn connect(path: &Path) -> Result<Connection, Doubt> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION, VERSION) => {}
        (APPLICATION, newer) if newer > VERSION => {
            return Err(Doubt::Rebuild(format!(
                "a newer orchdash wrote it (form {newer}, known is {VERSION})"
            )));
        }
        (APPLICATION, other) => return Err(Doubt::Rebuild(format!("it had the old form {other}"))),
        (0, 0) if number("schema_version")? == 0 => {
            connection.pragma_update(None, "page_size", PAGE)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "application_id", APPLICATION)?;
            connection.execute_batch(SCHEMA)?;
            // Last: what stops before this is no ledger yet.
            connection.pragma_update(None, "user_version", VERSION)?;
        }
        _ => return Err(Doubt::Rebuild("another program wrote it".to_owned())),
    }
    // A crash of the machine may lose the newest rows; it does not damage the file.
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.execute_batch(rows::SUMS)?;
    connection.prepare("SELECT kind, path, gone, parser, state, usage, sum FROM files LIMIT 0")?;
    connection.prepare("SELECT kind, path, sums, sum FROM sums LIMIT 0")?;
    Ok(connection)
}
