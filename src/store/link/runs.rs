//! Where, with which words and when work began: finds the records and the transcripts that can speak of one run.

use std::{
    collections::{BTreeSet, HashMap},
    hash::BuildHasher as _,
    ops::RangeInclusive,
};

use foldhash::fast::RandomState;

use crate::model::{Id, Millis, Task, Timestamp};

/// So much of a prompt is compared (dispatcher format §12: its first kilobyte).
const WORDS: usize = 1024;
/// A transcript begins so long after its record at most (dispatcher format §12: two minutes).
const LATE: Millis = Millis(120_000);
/// And so long before it: two clocks, or a record written after the start.
const EARLY: Millis = Millis(5_000);
/// Where one is looked for and several are found, it does not matter how many.
const MOST: usize = 8;
/// Other askers of the same words that are looked at.
const ASKERS: usize = 64;

/// Families of models that a short name (`opus`) and a full one share.
const FAMILIES: [&str; 3] = ["opus", "sonnet", "haiku"];

/// What is compared of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Number of its folder.
    pub place: u32,
    /// Hash of its words.
    pub words: u64,
    /// Hash of the last line of its words: who asks puts context before the task, and not always the same.
    pub ending: u64,
    /// When it began.
    pub at: Timestamp,
    /// When it ended.
    pub until: Option<Timestamp>,
    /// Family of its model, where that is known.
    pub family: Option<&'static str>,
    /// Nothing of its session is older.
    pub first: bool,
}

impl Run {
    /// The run of a task in a folder; none without words or time.
    pub(super) fn of(task: &Task, place: u32, first: bool) -> Option<Self> {
        let at = task.started_at?;
        let model = task.model.as_deref().unwrap_or_default().to_ascii_lowercase();
        let words = hash_of(&task.prompt)?;
        let last = task.prompt.lines().rfind(|line| !line.trim().is_empty())?;
        let ending = if last.len() == task.prompt.len() { words } else { hash_of(last)? };
        Some(Self {
            place,
            words,
            ending,
            at,
            until: task.ended_at,
            family: FAMILIES.into_iter().find(|family| model.contains(family)),
            first,
        })
    }

    fn may_be(&self, other: &Self) -> bool {
        self.family.is_none() || other.family.is_none() || self.family == other.family
    }

    /// When transcripts of this record can have begun.
    fn starts(&self) -> RangeInclusive<Timestamp> {
        self.at.minus(EARLY)..=self.at.plus(LATE)
    }

    /// When records of this transcript can have been written.
    fn records(&self) -> RangeInclusive<Timestamp> {
        self.at.minus(LATE)..=self.at.plus(EARLY)
    }
}

/// A hash of the beginning of a prompt, white space aside; none for nothing.
fn hash_of(prompt: &str) -> Option<u64> {
    // Hashed at once: a prompt of a thousand words would be a thousand calls.
    let mut text = Vec::with_capacity(prompt.len().min(WORDS) + 1);
    if prompt.is_ascii() {
        add_words(prompt.split_ascii_whitespace(), &mut text);
    } else {
        add_words(prompt.split_whitespace(), &mut text);
    }
    (!text.is_empty()).then(|| foldhash::quality::FixedState::with_seed(1).hash_one(text))
}

fn add_words<'a>(words: impl Iterator<Item = &'a str>, text: &mut Vec<u8>) {
    for word in words {
        let room = WORDS.saturating_sub(text.len());
        if room == 0 {
            break;
        }
        let (word, _) = word.split_at(word.floor_char_boundary(word.len().min(room)));
        text.extend_from_slice(word.as_bytes());
        text.push(b' ');
    }
}

/// How well a record and a transcript fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Same words, same time.
    Both,
    /// Same last line, same time.
    Ending,
    /// Same words.
    Words,
    /// Same time, other words: perhaps, and never enough to show two things as one.
    Time,
}

/// Runs by folder and words, and by folder and time.
#[derive(Debug, Default)]
pub(super) struct Runs {
    known: HashMap<Id<Task>, Run, RandomState>,
    by_words: BTreeSet<(u32, u64, Timestamp, Id<Task>)>,
    by_time: BTreeSet<(u32, Timestamp, Id<Task>)>,
}

impl Runs {
    /// Puts or takes the run of a task; what was there before when that differs.
    pub(super) fn put(&mut self, id: Id<Task>, run: Option<Run>) -> Option<(Option<Run>, Option<Run>)> {
        let old = self.known.get(&id).cloned();
        if old == run {
            return None;
        }
        if let Some(old) = &old {
            self.by_words.remove(&(old.place, old.words, old.at, id));
            self.by_time.remove(&(old.place, old.at, id));
            self.known.remove(&id);
        }
        if let Some(run) = &run {
            self.by_words.insert((run.place, run.words, run.at, id));
            self.by_time.insert((run.place, run.at, id));
            self.known.insert(id, run.clone());
        }
        Some((old, run))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn get(&self, id: Id<Task>) -> Option<&Run> {
        self.known.get(&id)
    }

    /// Everything with these words in this folder.
    pub(super) fn same_words(&self, place: u32, words: u64) -> impl Iterator<Item = Id<Task>> {
        let ends = (place, words, Timestamp(i64::MIN), Id::from_raw(0))
            ..=(place, words, Timestamp(i64::MAX), Id::from_raw(u32::MAX));
        self.by_words.range(ends).map(|(.., id)| *id)
    }

    /// Everything in this folder whose start is so near that one could change what the other is taken for.
    pub(super) fn neighbours(&self, run: &Run) -> impl Iterator<Item = Id<Task>> {
        let (from, to) = (run.at.minus(Millis(LATE.0 + EARLY.0)), run.at.plus(Millis(LATE.0 + EARLY.0)));
        self.by_time
            .range((run.place, from, Id::from_raw(0))..=(run.place, to, Id::from_raw(u32::MAX)))
            .map(|(.., id)| *id)
    }

    fn worded(
        &self,
        run: &Run,
        times: RangeInclusive<Timestamp>,
    ) -> impl DoubleEndedIterator<Item = Id<Task>> {
        let (from, to) = times.into_inner();
        let to = to.max(from);
        self.by_words
            .range(
                (run.place, run.words, from, Id::from_raw(0))
                    ..=(run.place, run.words, to, Id::from_raw(u32::MAX)),
            )
            .map(|(.., id)| *id)
    }

    fn timed(&self, run: &Run, times: RangeInclusive<Timestamp>) -> impl Iterator<Item = Id<Task>> {
        let (from, to) = times.into_inner();
        self.by_time
            .range((run.place, from, Id::from_raw(0))..=(run.place, to.max(from), Id::from_raw(u32::MAX)))
            .map(|(.., id)| *id)
    }

    /// Of those that began at the right time, the ones whose last line is the same, if there are any.
    fn by_time(&self, run: &Run, found: impl Iterator<Item = Id<Task>>) -> Option<(Fit, Vec<Id<Task>>)> {
        let all: Vec<_> = found.take(MOST).collect();
        let alike = |id: &Id<Task>| self.get(*id).is_some_and(|other| other.ending == run.ending);
        let same: Vec<_> = all.iter().copied().filter(alike).collect();
        match (same.is_empty(), all.is_empty()) {
            (false, _) => Some((Fit::Ending, same)),
            (true, false) => Some((Fit::Time, all)),
            (true, true) => None,
        }
    }

    /// Of these transcripts, those that a record can mean: the best fit that there is.
    pub(super) fn meant_by(&self, record: &Run) -> Option<(Fit, Vec<Id<Task>>)> {
        let fits = |id: &Id<Task>| self.get(*id).is_some_and(|run| run.first && run.may_be(record));
        let both: Vec<_> = self.worded(record, record.starts()).filter(fits).take(MOST).collect();
        if !both.is_empty() {
            return Some((Fit::Both, both));
        }
        let until = record.until.map_or(Timestamp(i64::MAX), |until| until.plus(EARLY));
        let words: Vec<_> =
            self.worded(record, record.at.minus(EARLY)..=until).filter(fits).take(MOST).collect();
        if !words.is_empty() {
            return Some((Fit::Words, words));
        }
        self.by_time(record, self.timed(record, record.starts()).filter(fits))
    }

    /// Of these records, those that can mean a transcript: the best fit that there is.
    pub(super) fn meaning(&self, transcript: &Run) -> Option<(Fit, Vec<Id<Task>>)> {
        let fits = |id: &Id<Task>| self.get(*id).is_some_and(|run| run.may_be(transcript));
        let both: Vec<_> = self.worded(transcript, transcript.records()).filter(fits).take(MOST).collect();
        if !both.is_empty() {
            return Some((Fit::Both, both));
        }
        let goes_on = |id: &Id<Task>| {
            let until = self.get(*id).and_then(|run| run.until);
            until.is_none_or(|until| until.plus(EARLY) >= transcript.at)
        };
        let before = Timestamp(i64::MIN)..=transcript.at.plus(EARLY);
        let words = self.worded(transcript, before).rev().take(ASKERS).filter(fits).filter(goes_on);
        let words: Vec<_> = words.take(MOST).collect();
        if !words.is_empty() {
            return Some((Fit::Words, words));
        }
        self.by_time(transcript, self.timed(transcript, transcript.records()).filter(fits))
    }
}
