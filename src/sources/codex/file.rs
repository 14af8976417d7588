//! One followed file of a thread, plain or compressed.

use std::io;

use super::{names::is_no_file, place::Place, rollout::Rollout};
use crate::{
    model::{Health, Millis, Timestamp},
    sources::read::{
        follow::{Counts, Followed, Follower},
        packed::Packed,
        tail::Line,
    },
    text::Safe,
};

#[derive(Debug)]
enum Input {
    Plain(Follower),
    Packed(Packed),
}

impl Input {
    fn new(place: &Place) -> Self {
        if place.is_packed {
            Self::Packed(Packed::new(&place.path))
        } else {
            Self::Plain(Follower::new(&place.path))
        }
    }

    fn poll(
        &mut self,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        each: &mut dyn FnMut(Line<'_>, &mut Counts),
    ) -> io::Result<Followed> {
        match self {
            Self::Plain(follower) => follower.poll(buffer, health, each),
            Self::Packed(packed) => packed.poll(buffer, health, each),
        }
    }

    fn forget(&mut self, health: &mut Health) {
        match self {
            Self::Plain(follower) => follower.forget(health),
            Self::Packed(packed) => packed.forget(health),
        }
    }
}

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    Same,
    News,
    Gone,
}

/// One file.
#[derive(Debug)]
pub(super) struct File {
    pub place: Place,
    pub path: Safe,
    pub rollout: Rollout,
    /// Counts up when the file is told from its beginning: what it said before is void.
    pub generation: u64,
    /// Why it cannot be read (to its end).
    pub trouble: Option<Safe>,
    /// When it was written last, as its file system says.
    pub modified_at: Option<Timestamp>,
    /// It was read and counts in the figures of the place.
    pub is_known: bool,
    input: Input,
    last_line: u64,
}

impl File {
    /// A file that was not read yet.
    pub(super) fn new(place: Place) -> Self {
        Self {
            path: Safe::line(&place.path.to_string_lossy()),
            input: Input::new(&place),
            place,
            rollout: Rollout::default(),
            generation: 0,
            trouble: None,
            modified_at: None,
            is_known: false,
            last_line: 0,
        }
    }

    /// The thread it tells of: by its own head, else by its name.
    pub(super) fn thread(&self) -> Safe {
        let head = self.rollout.head.id.as_ref();
        head.or(self.place.thread.as_ref()).unwrap_or(&self.place.below).clone()
    }

    /// Which of several files of a thread speaks for it, the greatest.
    pub(super) fn rank(&self) -> impl Ord {
        let says_something = self.rollout.head.id.is_some() || self.rollout.is_listed();
        (says_something, self.trouble.is_none(), !self.rollout.is_stream, self.place.rank())
    }

    /// Bytes there are to read, and when it was written.
    pub(super) fn size(&self) -> (Option<std::time::SystemTime>, u64) {
        let meta = self.place.path.symlink_metadata().ok();
        (meta.as_ref().and_then(|meta| meta.modified().ok()), meta.map_or(0, |meta| meta.len()))
    }

    /// Reads what is new.
    pub(super) fn look(&mut self, buffer: &mut Vec<u8>, health: &mut Health) -> Looked {
        let mut looked = self.read(buffer, health);
        if self.rollout.copying.must_rewind {
            self.input.forget(health);
            self.input = Input::new(&self.place);
            self.start(Rollout::by_number());
            looked = self.read(buffer, health);
        }
        looked
    }

    fn start(&mut self, rollout: Rollout) {
        self.rollout = rollout;
        self.generation += 1;
        self.last_line = 0;
    }

    fn read(&mut self, buffer: &mut Vec<u8>, health: &mut Health) -> Looked {
        let lines_before = self.last_line;
        let Self { rollout, input, last_line, generation, .. } = self;
        let mut has_restarted = false;
        let result = input.poll(buffer, health, &mut |line, counts| {
            if line.number == 1 && *last_line > 0 {
                *rollout = Rollout::default();
                *generation += 1;
                has_restarted = true;
            }
            *last_line = line.number;
            take(rollout, line, counts);
        });
        match result {
            Ok(Followed::Same) => return Looked::Same,
            Ok(Followed::Gone | Followed::Absent) => return Looked::Gone,
            // Not one line was told this time.
            Ok(Followed::Anew) if !has_restarted && lines_before > 0 => self.start(Rollout::default()),
            Ok(_) => {}
            Err(error) if is_no_file(&error) => {
                self.forget(health);
                return Looked::Gone;
            }
            Err(error) => {
                let trouble = Some(Safe::line(&error.to_string()));
                let is_news = self.trouble != trouble;
                self.trouble = trouble;
                return if is_news { Looked::News } else { Looked::Same };
            }
        }
        self.trouble = match &self.input {
            Input::Packed(packed) => packed.trouble().cloned(),
            Input::Plain(_) => None,
        };
        let modified = self.size().0.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        self.modified_at = modified.map(|since| Timestamp(0).plus(Millis(since.as_millis() as i64)));
        Looked::News
    }

    /// What it counts for in the figures of the place.
    pub(super) fn figures(&self) -> Vec<(Safe, u64)> {
        let rollout = &self.rollout;
        let counts = [
            ("files", 1),
            ("compressed files", u64::from(self.place.is_packed)),
            ("archived files", u64::from(self.place.is_archived)),
            ("headless streams", u64::from(rollout.is_stream)),
            ("copied lines", rollout.copied.0),
            ("imported turns", rollout.imported_turns),
            ("token totals without kinds", rollout.responses.unsplit),
        ];
        let counts =
            counts.into_iter().filter(|(_, count)| *count > 0).map(|(what, count)| (Safe::line(what), count));
        let lines = rollout.types.iter().map(|(what, count)| (Safe::line(&format!("{what} lines")), *count));
        counts.chain(lines).collect()
    }

    /// Takes back what it was counted for.
    pub(super) fn forget(&mut self, health: &mut Health) {
        self.input.forget(health);
    }
}

fn take(rollout: &mut Rollout, line: Line<'_>, counts: &mut Counts) {
    let text = String::from_utf8_lossy(line.bytes);
    let before = rollout.repaired;
    if rollout.take(&text, line.offset).is_err() {
        counts.skipped += 1;
    }
    let is_repaired = matches!(text, std::borrow::Cow::Owned(_)) || rollout.repaired > before;
    counts.repaired += u64::from(is_repaired);
}
