//! Where the ledger may lie: a directory of the person's own, in which nobody else writes, and a file nobody else can read.

use std::{
    fmt, fs,
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Why nothing is remembered.
#[derive(Debug)]
pub enum Refusal {
    /// The directory belongs to somebody else.
    Foreign(PathBuf),
    /// Others may write in the directory.
    Open(PathBuf),
    /// It is no directory.
    NoDirectory(PathBuf),
    /// The system refuses.
    Io(io::Error),
    /// The database refuses.
    Database(rusqlite::Error),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(path) => write!(f, "{} belongs to another user", path.display()),
            Self::Open(path) => write!(f, "others may write in {}", path.display()),
            Self::NoDirectory(path) => write!(f, "{} is no directory", path.display()),
            Self::Io(error) => error.fmt(f),
            Self::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// The state directory, made if it is not there, with no link in its path. Its mode is never changed: it may be one that
/// others need.
pub(super) fn directory(dir: &Path, me: u32) -> Result<PathBuf, Refusal> {
    if !dir.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    let dir = dir.canonicalize()?;
    let meta = dir.symlink_metadata()?;
    if !meta.is_dir() {
        Err(Refusal::NoDirectory(dir))
    } else if meta.uid() != me {
        Err(Refusal::Foreign(dir))
    } else if meta.mode() & 0o022 != 0 {
        Err(Refusal::Open(dir))
    } else {
        Ok(dir)
    }
}

/// Looks at the file before it is opened: makes it, for its owner only, where it is not there. Answers why what is there
/// cannot be trusted.
pub(super) fn prepare(path: &Path, me: u32) -> io::Result<Option<&'static str>> {
    let meta = match path.symlink_metadata() {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Never opened by this when it exists: closing it would drop the locks of a connection in this process.
            match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
                Ok(_) => return Ok(None),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => path.symlink_metadata()?,
                Err(error) => return Err(error),
            }
        }
        Err(error) => return Err(error),
    };
    Ok(if !meta.is_file() {
        Some("it was no regular file")
    } else if meta.uid() != me {
        Some("it belonged to another user")
    } else if meta.mode() & 0o022 != 0 {
        Some("others could write in it")
    } else {
        if meta.mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
        None
    })
}

/// Moves what cannot be trusted out of the way, with its log. Only the newest such file stays.
pub(super) fn set_aside(path: &Path) -> io::Result<()> {
    for ending in ["-wal", "-shm", ""] {
        let of = |name: &str| {
            let mut whole = path.as_os_str().to_owned();
            whole.push(name);
            PathBuf::from(whole)
        };
        let aside = of(&format!(".aside{ending}"));
        // A file does not replace a folder, nor a folder a file. And the log of an earlier one does not belong to this one.
        let _ = fs::remove_file(&aside).or_else(|_| fs::remove_dir(&aside));
        match fs::rename(of(ending), &aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
