//! A small file that its owner rewrites in place, read whole: the last good value stays while the file is torn, and how old
//! it is can be shown. Knows nothing of what stands in it.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{json::MAX_DOCUMENT, open};
use crate::{
    model::{Health, Millis, Timestamp},
    text::{Safe, format},
};

/// Pauses before a torn file is read again, in milliseconds: 0.4 s in all, as a rewriter needs far less.
const PAUSES: [u64; 4] = [20, 50, 100, 250];

/// What a look at the file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It says what it said before (or cannot be read and keeps its last good value).
    Same,
    /// It says something else.
    News,
    /// It was there and is not any more: there is no value now.
    Gone,
}

impl Seen {
    /// The value is another one.
    pub fn is_news(self) -> bool {
        !matches!(self, Self::Same)
    }
}

/// Why the newest look gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// In words, without the path.
    pub text: Safe,
    /// Its content does not parse: most likely it is being written, so look again soon.
    pub torn: bool,
    /// Your user may not read it.
    pub forbidden: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    place: (u64, u64),
    size: u64,
    times: [(i64, i64); 2],
}

impl Stamp {
    fn of(meta: &fs::Metadata) -> Self {
        Self {
            place: (meta.dev(), meta.ino()),
            size: meta.len(),
            times: [(meta.mtime(), meta.mtime_nsec()), (meta.ctime(), meta.ctime_nsec())],
        }
    }
}

/// A file and its last good value.
#[derive(Debug)]
pub struct Kept<T> {
    path: PathBuf,
    stamp: Option<Stamp>,
    hash: Option<u64>,
    good: Option<T>,
    good_at: Option<Timestamp>,
    modified_at: Option<Timestamp>,
    trouble: Option<Trouble>,
}

impl<T> Kept<T> {
    /// A file that was not looked at yet and need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            stamp: None,
            hash: None,
            good: None,
            good_at: None,
            modified_at: None,
            trouble: None,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last good value.
    pub fn value(&self) -> Option<&T> {
        self.good.as_ref()
    }

    /// When the last good value was seen to stand in the file.
    pub fn good_at(&self) -> Option<Timestamp> {
        self.good_at
    }

    /// When the file was written last, as its file system says.
    pub fn modified_at(&self) -> Option<Timestamp> {
        self.modified_at
    }

    /// Why the newest look gave no value; a file that is not there is no trouble.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// It is torn: look again soon, even if nothing tells that it changed.
    pub fn must_retry(&self) -> bool {
        self.trouble.as_ref().is_some_and(|trouble| trouble.torn)
    }

    /// The trouble as a sentence that names the file and the age of what is shown instead.
    pub fn complaint(&self, now: Timestamp) -> Option<String> {
        let trouble = self.trouble.as_ref()?;
        let shown = match self.good_at {
            Some(at) => format!("; what it held {} is shown", format::ago(now, at)),
            None => String::new(),
        };
        Some(format!("cannot read {}: {}{shown}", self.path.display(), trouble.text))
    }

    /// Looks again. `parse` gets the whole content without a byte order mark; it may be called several times, and an error
    /// of it means that the content is torn. `force` reads even when stat says that nothing changed (clock ticks hide a
    /// second write).
    pub fn refresh(
        &mut self,
        now: Timestamp,
        force: bool,
        health: &mut Health,
        parse: &mut dyn FnMut(&[u8]) -> Result<T, String>,
    ) -> Seen {
        let stamp = match fs::symlink_metadata(&self.path).and_then(|_| fs::metadata(&self.path)) {
            Ok(meta) => Stamp::of(&meta),
            Err(error) => return self.fail(&error),
        };
        if self.stamp == Some(stamp) && self.trouble.is_none() && !force {
            self.good_at = Some(now);
            return Seen::Same;
        }
        let mut pauses = PAUSES.iter();
        loop {
            // The stamp is taken before the bytes, so that a write in between is seen at the next look.
            let stamp = fs::metadata(&self.path).map(|meta| Stamp::of(&meta));
            let (stamp, bytes) = match stamp.and_then(|stamp| Ok((stamp, whole(&self.path)?))) {
                Ok(read) => read,
                Err(error) => return self.fail(&error),
            };
            health.bytes_read += bytes.len() as u64;
            let hash = hash(&bytes);
            if self.hash == Some(hash) && self.good.is_some() {
                self.remember(now, stamp, hash);
                return Seen::Same;
            }
            // A rewriter truncates first: an empty file that held something is looked at again before it is believed.
            let suspicious = bytes.is_empty() && self.good.is_some();
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            let parsed = parse(text);
            // Only a value worth keeping is worth waiting for.
            let patience = if self.good.is_some() { pauses.next() } else { None };
            match (parsed, patience) {
                (Err(_), Some(pause)) => thread::sleep(Duration::from_millis(*pause)),
                (Ok(_), Some(pause)) if suspicious => thread::sleep(Duration::from_millis(*pause)),
                (Err(text), None) => {
                    self.stamp = None;
                    self.trouble = Some(Trouble { text: Safe::line(&text), torn: true, forbidden: false });
                    return Seen::Same;
                }
                (Ok(value), _) => {
                    self.good = Some(value);
                    self.remember(now, stamp, hash);
                    return Seen::News;
                }
            }
        }
    }

    fn remember(&mut self, now: Timestamp, stamp: Stamp, hash: u64) {
        let (seconds, nanos) = stamp.times[0];
        self.modified_at = Some(Timestamp::from_secs(seconds).plus(Millis(nanos / 1_000_000)));
        (self.stamp, self.hash, self.good_at, self.trouble) = (Some(stamp), Some(hash), Some(now), None);
    }

    fn fail(&mut self, error: &io::Error) -> Seen {
        if error.kind() == io::ErrorKind::NotFound {
            let was_there = self.good.is_some();
            *self = Self::new(std::mem::take(&mut self.path));
            return if was_there { Seen::Gone } else { Seen::Same };
        }
        let forbidden = error.kind() == io::ErrorKind::PermissionDenied;
        self.stamp = None;
        self.trouble = Some(Trouble { text: Safe::line(&error.to_string()), torn: false, forbidden });
        Seen::Same
    }
}

fn whole(path: &Path) -> io::Result<Vec<u8>> {
    // Some of these files are links that their owner made on purpose: the file behind is read, and it must be a file.
    let real = fs::canonicalize(path)?;
    let file = open::regular(&real)?;
    let size = file.metadata()?.len();
    if size > MAX_DOCUMENT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 64 MB"));
    }
    // It may have grown since: what comes later is seen at the next look.
    let mut bytes = vec![0; size as usize];
    let count = open::read_at(&file, &mut bytes, 0)?;
    bytes.truncate(count);
    Ok(bytes)
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// For [`Kept::refresh`]: text in any encoding, invalid UTF-8 replaced.
pub fn text(bytes: &[u8]) -> Result<String, String> {
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// For [`Kept::refresh`]: one JSON value; empty counts as torn.
pub fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes)
        .or_else(|_| serde_json::from_str(&String::from_utf8_lossy(bytes)))
        .map_err(|error| if bytes.is_empty() { "it is empty".to_owned() } else { error.to_string() })
}

#[cfg(test)]
mod tests;
