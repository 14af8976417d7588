//! One opened text: its bytes, how many there are now, and whether it is still the same file.

use std::{
    fs::{self, File},
    hash::Hasher,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use zstd::stream::read::Decoder;

use super::super::open;

/// Decompressed bytes that are kept of a compressed file; what comes after them is not shown.
const MOST_UNPACKED: u64 = 256 * 1024 * 1024;
/// Bytes that must still be the same for a file to be the same.
const SAMPLE: usize = 256;

/// Bytes that can be read at any place, by several threads.
#[derive(Clone, Debug)]
pub enum Bytes {
    /// An open file.
    File(Arc<File>),
    /// Text that lies in memory.
    Memory(Arc<[u8]>),
}

impl Bytes {
    /// Fills `buffer` from `offset` on as far as there is text; the number of bytes read.
    pub fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::File(file) => open::read_at(file, buffer, offset),
            Self::Memory(bytes) => {
                let rest = bytes.get(usize::try_from(offset).unwrap_or(usize::MAX)..).unwrap_or_default();
                let count = rest.len().min(buffer.len());
                let (from, _) = rest.split_at(count);
                buffer.get_mut(..count).unwrap_or_default().copy_from_slice(from);
                Ok(count)
            }
        }
    }
}

/// What a look at the file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing new.
    Same,
    /// New bytes at its end.
    Grown,
    /// Another file, cut, or rewritten: what was known of it is void.
    Replaced,
}

/// What tells files apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    dev: u64,
    ino: u64,
    size: u64,
    mtime: (i64, i64),
}

impl Stamp {
    fn of(meta: &fs::Metadata) -> Self {
        Self { dev: meta.dev(), ino: meta.ino(), size: meta.len(), mtime: (meta.mtime(), meta.mtime_nsec()) }
    }
}

/// An opened text.
#[derive(Debug)]
pub struct Paper {
    path: PathBuf,
    bytes: Bytes,
    size: u64,
    stamp: Option<Stamp>,
    /// Of its first and its last bytes, when looked at last.
    samples: (u64, u64),
    note: Option<String>,
}

impl Paper {
    /// Opens a file: a regular one, not through a link at the end of the path, without waiting. A compressed one (`.zst`)
    /// is unpacked into memory.
    ///
    /// # Errors
    /// What the operating system says, and for compressed forms that are not read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = open::regular(path)?;
        let stamp = Stamp::of(&file.metadata()?);
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("zst") => return Self::unpacked(path, &file, stamp),
            Some("gz" | "xz" | "bz2") => {
                let text = "compressed in a form that is not read here; unpack it first";
                return Err(io::Error::new(io::ErrorKind::Unsupported, text));
            }
            _ => {}
        }
        let bytes = Bytes::File(Arc::new(file));
        let samples = samples(&bytes, stamp.size)?;
        Ok(Self { path: path.to_owned(), bytes, size: stamp.size, stamp: Some(stamp), samples, note: None })
    }

    fn unpacked(path: &Path, file: &File, stamp: Stamp) -> io::Result<Self> {
        let mut text = Vec::new();
        let mut from = Decoder::new(file)?.take(MOST_UNPACKED);
        // What could be unpacked before an error is worth showing.
        let torn = from.read_to_end(&mut text).err();
        let note = match torn {
            Some(error) => Some(format!("unpacked up to an error: {error}")),
            None if text.len() as u64 == MOST_UNPACKED => Some("only its first 256 MiB are shown".to_owned()),
            None => None,
        };
        let size = text.len() as u64;
        let bytes = Bytes::Memory(text.into());
        Ok(Self { path: path.to_owned(), bytes, size, stamp: Some(stamp), samples: (0, 0), note })
    }

    /// A text that lies in memory.
    pub fn memory(text: &[u8]) -> Self {
        let bytes = Bytes::Memory(text.into());
        let size = text.len() as u64;
        Self { path: PathBuf::new(), bytes, size, stamp: None, samples: (0, 0), note: None }
    }

    /// Line ends that another text has beyond this one, when it is the same up to its end. Both lie in memory.
    pub fn goes_on_in(&self, other: &Self) -> Option<u64> {
        let (Bytes::Memory(old), Bytes::Memory(new)) = (&self.bytes, &other.bytes) else { return None };
        let rest = new.strip_prefix(&**old)?;
        Some(memchr::memchr_iter(b'\n', rest).count() as u64)
    }

    /// Its bytes, for another thread.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Bytes at the last look.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What is not shown of it, and why.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Looks whether the file grew or is another one; opens the one that has its place.
    ///
    /// # Errors
    /// What the operating system says, also when the file is not there any more: what was read of it stays readable.
    pub fn look(&mut self) -> io::Result<Look> {
        let Some(old) = self.stamp else { return Ok(Look::Same) };
        let now = Stamp::of(&fs::symlink_metadata(&self.path)?);
        if now == old {
            return Ok(Look::Same);
        }
        if self.is_same(old, now)? {
            self.stamp = Some(now);
            if now.size == self.size {
                return Ok(Look::Same);
            }
            self.size = now.size;
            self.samples = samples(&self.bytes, self.size)?;
            return Ok(Look::Grown);
        }
        *self = Self::open(&self.path)?;
        Ok(Look::Replaced)
    }

    fn is_same(&self, old: Stamp, now: Stamp) -> io::Result<bool> {
        Ok(matches!(self.bytes, Bytes::File(_))
            && (old.dev, old.ino) == (now.dev, now.ino)
            && now.size >= self.size
            && samples(&self.bytes, self.size)? == self.samples)
    }
}

/// Digests of the first and the last bytes of the first `size` ones.
fn samples(bytes: &Bytes, size: u64) -> io::Result<(u64, u64)> {
    let digest = |from: u64, length: usize| -> io::Result<u64> {
        let mut buffer = [0; SAMPLE];
        let count = bytes.read(buffer.get_mut(..length).unwrap_or_default(), from)?;
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(buffer.get(..count).unwrap_or_default());
        Ok(hasher.finish())
    };
    let length = size.min(SAMPLE as u64);
    Ok((digest(0, length as usize)?, digest(size - length, length as usize)?))
}
