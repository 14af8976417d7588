//! How far a first read is, and in which portions it is read: the newest files first, so that what matters now is right at
//! once while history fills in.

use std::time::SystemTime;

use crate::sources::Sink;

/// Bytes of the newest files that are told before the rest is read. Each portion after it is four times as large: every
/// portion links what is known anew.
const FIRST: u64 = 16 * 1024 * 1024;
/// The largest portion: how much history can be missing on the screen while it was read already.
const LARGEST: u64 = 512 * 1024 * 1024;

/// How far it is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    all: u64,
    done: u64,
    told: u64,
    /// Files that are there and could not be read.
    pub unreadable: usize,
}

impl Progress {
    /// Of a read of so many bytes. What is told in one portion is not spoken of.
    pub(super) fn of(all: u64) -> Self {
        Self { all: if all > FIRST { all } else { 0 }, ..Self::default() }
    }

    /// So many bytes more were read; it is told after every hundredth of all.
    pub(super) fn add(&mut self, bytes: u64, out: &mut Sink<'_>) {
        self.done += bytes;
        if self.all == 0 || self.done.saturating_sub(self.told) < self.all / 100 {
            return;
        }
        self.told = self.done;
        // A file can grow while it waits, and a second reading counts again.
        out.health.progress = Some((self.done.min(self.all), self.all));
        out.flush();
    }
}

/// A file that waits to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiting {
    /// When it changed; none = not known.
    pub changed: Option<SystemTime>,
    /// Bytes.
    pub unread: u64,
    /// Number of the file.
    pub number: u32,
}

/// Divides files into portions, the newest first.
pub(super) fn portions(mut waiting: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    waiting.sort_unstable_by(|a, b| b.cmp(a));
    let mut left: u64 = waiting.iter().map(|file| file.unread).sum();
    let (mut size, mut sum) = (FIRST, 0);
    let mut portions = vec![Vec::new()];
    for file in waiting {
        // Less than that is not worth a portion of its own.
        if sum > 0 && sum + file.unread > size && left > size {
            portions.push(Vec::new());
            (size, sum) = ((4 * size).min(LARGEST), 0);
        }
        sum += file.unread;
        left -= file.unread;
        if let Some(portion) = portions.last_mut() {
            portion.push(file);
        }
    }
    portions
}

#[cfg(test)]
mod tests;
