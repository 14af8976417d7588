//! One file of lines, finished or growing.

use std::{collections::BTreeSet, fs, io, os::unix::fs::MetadataExt, path::PathBuf};

use super::{
    sniff::{self, Shape},
    stream::Stream,
};
use crate::{
    model::{Health, Millis, Timestamp},
    sources::{
        Moment,
        read::follow::{Followed, Follower},
    },
    text::Safe,
};

/// What a look at a file found.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Sessions of which it says something else than before.
    pub(super) sessions: BTreeSet<Safe>,
    /// It was there and is not any more.
    pub(super) is_gone: bool,
}

/// A file.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    /// As it is shown in records.
    pub(super) shown: Safe,
    /// Below the place.
    pub(super) relative: Safe,
    /// It was named by itself, and is read whatever it holds.
    is_alone: bool,
    pub(super) shape: Shape,
    /// Size and time at the look that decided what it is.
    decided: Option<(u64, i64, i64)>,
    follower: Follower,
    pub(super) stream: Stream,
    is_torn: bool,
    /// Why it cannot be read.
    pub(super) trouble: Option<io::Error>,
}

impl File {
    /// A file that was not looked at yet.
    pub(super) fn new(path: PathBuf, relative: Safe, is_alone: bool) -> Self {
        Self {
            shown: Safe::line(&path.to_string_lossy()),
            follower: Follower::new(path.clone()),
            path,
            stream: Stream::new(&relative),
            relative,
            is_alone,
            shape: Shape::Undecided,
            decided: None,
            is_torn: false,
            trouble: None,
        }
    }

    /// It is read.
    pub(super) fn is_read(&self) -> bool {
        self.is_alone || self.shape == Shape::Stream
    }

    /// Its last line (or document) has no end.
    pub(super) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Takes back what it was counted for.
    pub(super) fn forget(&mut self, health: &mut Health) {
        self.tear(false, health);
        self.follower.forget(health);
    }

    fn tear(&mut self, is_torn: bool, health: &mut Health) {
        if is_torn && !self.is_torn {
            health.skipped += 1;
        } else if !is_torn && self.is_torn {
            health.skipped = health.skipped.saturating_sub(1);
        }
        self.is_torn = is_torn;
    }

    /// Looks at it.
    pub(super) fn look(&mut self, at: &Moment, buffer: &mut Vec<u8>, health: &mut Health) -> Looked {
        let mut looked = Looked::default();
        if let Err(error) = self.try_look(at, buffer, health, &mut looked) {
            if error.kind() == io::ErrorKind::NotFound {
                looked.is_gone = true;
                self.trouble = None;
            } else {
                self.trouble = Some(error);
            }
        }
        looked
    }

    fn try_look(
        &mut self,
        at: &Moment,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        looked: &mut Looked,
    ) -> io::Result<()> {
        let meta = fs::metadata(&self.path)?;
        let stamp = (meta.len(), meta.mtime(), meta.mtime_nsec());
        // What a file holds can only become clear, or become another's when it is written anew.
        if self.decided != Some(stamp)
            && (self.shape != Shape::Stream || self.decided.is_some_and(|old| stamp.0 < old.0))
        {
            self.shape = sniff::shape(&self.path)?;
        }
        self.decided = Some(stamp);
        if !self.is_read() {
            looked.sessions.extend(self.stream.sessions().cloned());
            self.forget(health);
            self.follower = Follower::new(self.path.clone());
            self.stream = Stream::new(&self.relative);
            self.trouble = None;
            return Ok(());
        }
        let written = Timestamp::from_secs(meta.mtime()).plus(Millis(meta.mtime_nsec() / 1_000_000));
        let seen = written.min(at.now);
        let (stream, place) = (&mut self.stream, &self.relative);
        let sessions = &mut looked.sessions;
        let mut was_reset = false;
        let followed = self.follower.poll(buffer, health, &mut |line, counts| {
            if line.number == 1 {
                sessions.extend(stream.sessions().cloned());
                *stream = Stream::new(place);
                was_reset = true;
            }
            stream.take(line, seen, counts, sessions);
        })?;
        self.trouble = None;
        // A file may be emptied: no line tells then that what it said is void.
        if matches!(followed, Followed::Gone | Followed::Absent) || followed == Followed::Anew && !was_reset {
            looked.sessions.extend(self.stream.sessions().cloned());
            self.stream = Stream::new(&self.relative);
        }
        looked.is_gone = followed == Followed::Gone;
        self.tear(self.follower.untold() > 0 || self.stream.is_in_document(), health);
        Ok(())
    }
}
