//! The transcript files that are followed: reading what is new in them, on several threads, into transcripts and answers.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
};

use serde::Deserialize;

use super::{
    answers::{Answers, Candidate, FileRank, hash},
    transcript::Transcript,
    tree::Found,
};
use crate::{
    model::{Health, Key, Timestamp, Workspace},
    sources::read::{
        json,
        tail::{Tail, TailChange},
    },
    text::Safe,
};

/// Bytes above which reading is worth a second thread.
const WORTH_A_THREAD: u64 = 1024 * 1024;

/// What stands beside a sub-agent's transcript.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Meta {
    pub agent_type: serde_json::Value,
    pub description: serde_json::Value,
    pub tool_use_id: serde_json::Value,
    pub parent_agent_id: serde_json::Value,
    pub model: serde_json::Value,
    pub stopped_by_user: serde_json::Value,
    pub worktree_branch: serde_json::Value,
}

/// What a file's answers are told with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Belonging {
    pub agent: Option<Key>,
    pub workspace: Option<Workspace>,
    /// Session whose prompts are the tasks.
    pub session: Safe,
    /// The prompt that a sub-agent's answers serve; none = the line's own.
    pub turn: Option<u32>,
}

/// One followed file.
#[derive(Debug)]
pub(super) struct File {
    pub number: u32,
    pub agent: Option<Safe>,
    pub transcript: Transcript,
    pub meta: json::Document<Meta>,
    pub told: Option<Belonging>,
    pub path: Safe,
    found: Found,
    tail: Tail,
    last_line: u64,
}

impl File {
    fn new(number: u32, found: Found) -> Self {
        let path = Safe::line(&found.path.to_string_lossy());
        let mut file = Self {
            number,
            agent: found.agent.clone(),
            transcript: Transcript::default(),
            meta: json::Document::default(),
            told: None,
            path,
            tail: Tail::new(&found.path),
            last_line: 0,
            found,
        };
        file.reset();
        file
    }

    fn reset(&mut self) {
        self.transcript = fresh(&self.found);
    }

    /// The session it belongs to, once known.
    pub(super) fn session(&self) -> Option<&Safe> {
        let named = self.found.session.as_ref();
        named.or(self.transcript.line_session.as_ref())
    }

    /// The workflow in whose folder it lies (`wf_…`).
    pub(super) fn run(&self) -> Option<&str> {
        self.found.path.parent()?.file_name()?.to_str().filter(|name| name.starts_with("wf_"))
    }

    /// What decides which of several files owns what they all have; the least one does.
    pub(super) fn order(&self) -> (i64, Option<&Safe>, &Safe) {
        (self.transcript.first_at.map_or(i64::MAX, |at| at.0), self.session(), &self.path)
    }

    /// Reads what is new; the candidates it brings and what changed.
    fn poll(
        &mut self,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        out: &mut Vec<Candidate>,
    ) -> io::Result<TailChange> {
        let Self { transcript, tail, found, last_line, .. } = self;
        let mut restarted = false;
        let mut broken = Health::default();
        let change = tail.poll_with(buffer, health, &mut |line| {
            if line.number <= *last_line {
                *transcript = fresh(found);
                out.clear();
                restarted = true;
            }
            *last_line = line.number;
            transcript.take(line.bytes, line.offset, line.number, &mut broken, out);
        })?;
        health.skipped += broken.skipped;
        health.repaired += broken.repaired;
        if change == TailChange::Replaced && !restarted {
            self.reset();
            self.last_line = 0;
        }
        if self.agent.is_some() && change != TailChange::Unchanged {
            self.read_meta();
        }
        Ok(change)
    }

    /// Reads the note beside a sub-agent's transcript again.
    pub(super) fn read_meta(&mut self) {
        self.meta.refresh(&self.found.path.with_extension("meta.json"));
    }

    fn rank(&self) -> FileRank {
        FileRank {
            first_at: self.transcript.first_at,
            session: self.session().cloned().unwrap_or_default(),
            path: self.path.clone(),
            shares: false,
        }
    }
}

fn fresh(found: &Found) -> Transcript {
    Transcript {
        is_agent: found.agent.is_some(),
        session: found.session.clone().unwrap_or_default(),
        path_hash: hash(b'p', found.path.to_string_lossy().as_bytes()),
        ..Transcript::default()
    }
}

/// The followed files and the answers in them.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub answers: Answers,
    list: Vec<Option<File>>,
    numbers: HashMap<PathBuf, u32>,
}

/// What one round of reading found.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Files with something new.
    pub changed: Vec<u32>,
    /// Sessions of files that are gone.
    pub lost: Vec<Safe>,
    /// Files that are there and cannot be read right now.
    pub unreadable: usize,
    /// A file was told again from its beginning.
    pub replaced: bool,
    /// Counted answers cannot be corrected in place: everything must be read again.
    pub anew: bool,
}

impl Files {
    /// Follows a file; `false` when it is followed already.
    pub(super) fn follow(&mut self, found: Found) -> bool {
        if self.numbers.contains_key(&found.path) {
            return false;
        }
        let number = self.list.len() as u32;
        self.numbers.insert(found.path.clone(), number);
        self.list.push(Some(File::new(number, found)));
        true
    }

    /// The file of a path.
    pub(super) fn number(&self, path: &Path) -> Option<u32> {
        self.numbers.get(path).copied()
    }

    /// A followed file.
    pub(super) fn get(&self, number: u32) -> Option<&File> {
        self.list.get(number as usize)?.as_ref()
    }

    /// A followed file, to change it.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut File> {
        self.list.get_mut(number as usize)?.as_mut()
    }

    /// All followed files.
    pub(super) fn iter(&self) -> impl Iterator<Item = &File> {
        self.list.iter().flatten()
    }

    /// Numbers of all followed files.
    pub(super) fn all(&self) -> Vec<u32> {
        self.iter().map(|file| file.number).collect()
    }

    /// Files followed now.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Forgets everything that was read, so that the next round reads it again.
    pub(super) fn rewind(&mut self) {
        self.answers.forget_all();
        for file in self.list.iter_mut().flatten() {
            *file = File::new(file.number, file.found.clone());
        }
    }

    /// Reads what is new in the files of these numbers.
    pub(super) fn read(&mut self, numbers: &[u32], health: &mut Health) -> Round {
        let mut wanted = vec![false; self.list.len()];
        for number in numbers {
            if let Some(flag) = wanted.get_mut(*number as usize) {
                *flag = true;
            }
        }
        let mut queue: Vec<(u64, &mut File)> = self
            .list
            .iter_mut()
            .zip(&wanted)
            .filter(|(_, wanted)| **wanted)
            .filter_map(|(file, _)| file.as_mut())
            .map(|file| (unread(file), file))
            .collect();
        queue.sort_by_key(|(unread, _)| *unread);
        let bytes: u64 = queue.iter().map(|(unread, _)| unread).sum();
        let desk = Desk {
            queue: Mutex::new(queue),
            answers: Mutex::new(&mut self.answers),
            round: Mutex::new((Round::default(), Vec::new())),
        };
        let threads = if bytes < WORTH_A_THREAD {
            1
        } else {
            thread::available_parallelism().map_or(1, |count| count.get().min(4))
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| desk.work())).collect();
            add_counts(health, &desk.work());
            for other in others {
                add_counts(health, &other.join().unwrap_or_default());
            }
        });
        let (mut round, lost) = desk.round.into_inner().unwrap_or_else(PoisonError::into_inner);
        round.changed.sort_unstable();
        for number in lost {
            self.lose(number, &mut round);
        }
        round
    }

    fn lose(&mut self, number: u32, round: &mut Round) {
        let Some(file) = self.list.get_mut(number as usize).and_then(Option::take) else { return };
        self.numbers.remove(&file.found.path);
        round.lost.extend(file.session().cloned());
        if self.answers.shares(number) {
            round.anew = true;
        } else {
            self.answers.forget_file(number);
        }
    }
}

fn unread(file: &File) -> u64 {
    let size = file.found.path.symlink_metadata().map_or(0, |meta| meta.len());
    if size < file.tail.offset() { size } else { size - file.tail.offset() }
}

fn add_counts(health: &mut Health, more: &Health) {
    health.bytes_read += more.bytes_read;
    health.lines_read += more.lines_read;
    health.skipped += more.skipped;
    health.repaired += more.repaired;
}

/// What the threads of one round share.
struct Desk<'a> {
    /// Smallest first: taken from the end.
    queue: Mutex<Vec<(u64, &'a mut File)>>,
    answers: Mutex<&'a mut Answers>,
    round: Mutex<(Round, Vec<u32>)>,
}

impl Desk<'_> {
    fn work(&self) -> Health {
        let mut health = Health::default();
        let (mut buffer, mut candidates) = (Vec::new(), Vec::new());
        loop {
            // A statement of its own: in the loop's head the lock would be held while the file is read.
            let next = lock(&self.queue).pop();
            let Some((_, file)) = next else { return health };
            candidates.clear();
            let known = file.tail.size() > 0;
            let before = file.transcript.first_at;
            let change = file.poll(&mut buffer, &mut health, &mut candidates);
            let mut answers = lock(&self.answers);
            let mut round = lock(&self.round);
            match change {
                Ok(TailChange::Unchanged) => {}
                Ok(change) => {
                    round.0.replaced |= known && change == TailChange::Replaced;
                    round.0.anew |= known
                        && answers.shares(file.number)
                        && (change == TailChange::Replaced || before != file.transcript.first_at);
                    if change == TailChange::Replaced && !answers.shares(file.number) {
                        answers.forget_file(file.number);
                    }
                    answers.rank_file(file.number, file.rank());
                    answers.take(file.number, &candidates, &file.transcript.models);
                    round.0.changed.push(file.number);
                }
                // Gone, or no file any more (replaced by a link or a folder): its word is void.
                Err(error) if is_gone(&error) => round.1.push(file.number),
                // Not readable right now: what it said stays.
                Err(_) => round.0.unreadable += 1,
            }
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory
    ) || error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The newest change over several files.
pub(super) fn newest<'a>(files: impl Iterator<Item = &'a File>) -> Option<Timestamp> {
    files.filter_map(|file| file.transcript.last_at).max()
}
