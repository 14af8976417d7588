//! Logs of databases that were written to a moment ago. A commit's frames are in the log (which events tell) before they can
//! be read: the writer waits for the disk in between, and then changes shared memory, which no event tells. So who looks at
//! once can look too early, and nothing would make it look again.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::filter::main_file;
use crate::model::{Millis, Timestamp};

/// After the last write a log is looked at again so often; a disk is rarely slower.
const LOOKS: [Millis; 4] = [Millis(50), Millis(250), Millis(1000), Millis(4000)];

/// Logs that were written to.
#[derive(Debug, Default)]
pub(super) struct Logs {
    paths: BTreeSet<PathBuf>,
    /// The last write.
    at: Timestamp,
    /// Looks since then.
    looks: usize,
}

impl Logs {
    /// Something was written to this file.
    pub(super) fn touch(&mut self, path: &Path, now: Timestamp) {
        if path.as_os_str().as_encoded_bytes().ends_with(b"-wal") && main_file(path) != path {
            self.paths.insert(path.to_path_buf());
            (self.at, self.looks) = (now, 0);
        }
    }

    /// Until the next look; none when nothing waits for one.
    pub(super) fn left(&self, now: Timestamp) -> Option<Millis> {
        let look = LOOKS.get(self.looks).filter(|_| !self.paths.is_empty())?;
        // After the clock went back: now.
        let gone = now.since(self.at).0;
        Some(Millis(if gone < 0 { 0 } else { (look.0 - gone).max(0) }))
    }

    /// What is to be looked at now.
    pub(super) fn due(&mut self, now: Timestamp) -> BTreeSet<PathBuf> {
        if self.left(now).is_none_or(|left| left > Millis(0)) {
            return BTreeSet::new();
        }
        self.looks += 1;
        if self.looks < LOOKS.len() { self.paths.clone() } else { std::mem::take(&mut self.paths) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_looked_at_again_and_then_left_alone() {
        let mut logs = Logs::default();
        let at = |ms: i64| Timestamp(1_000_000 + ms);
        for path in ["/r/a.db", "/r/a.jsonl", "/r/a.db-journal"] {
            logs.touch(Path::new(path), at(0));
        }
        assert_eq!(logs.left(at(0)), None, "only logs");
        logs.touch(Path::new("/r/a.db-wal"), at(0));
        logs.touch(Path::new("/r/b.db-wal"), at(10));
        assert_eq!(logs.left(at(20)), Some(Millis(40)));
        assert!(logs.due(at(59)).is_empty());
        let mut looks = Vec::new();
        for ms in 10..10_000 {
            let due = logs.due(at(ms));
            assert!(due.is_empty() || due.len() == 2);
            looks.extend(due.first().map(|_| ms));
        }
        assert_eq!(looks, [60, 260, 1010, 4010]);
        assert_eq!(logs.left(at(10_000)), None);
        // Written to again: from the beginning.
        logs.touch(Path::new("/r/a.db-wal"), at(20_000));
        assert_eq!(logs.due(at(20_050)).len(), 1);
        assert_eq!(logs.left(at(0)), Some(Millis(0)), "the clock went back");
    }
}
