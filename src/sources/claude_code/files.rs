//! The transcript files that are followed, on several threads, into transcripts and answers; those that are gone and whose
//! usage is remembered are among them.

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use super::{
    answers::Answers,
    file::File,
    progress::{Progress, Waiting},
    tree::Found,
};
use crate::{
    model::{Health, SourceId, UsageKey},
    sources::{Sink, memory::Record, read::tail::TailChange},
    text::Safe,
};

/// Bytes above which reading is worth a second thread.
const WORTH_A_THREAD: u64 = 1024 * 1024;
/// Bytes that are given to the memory at once.
const PORTION: usize = 1024 * 1024;

/// The followed files and the answers in them.
#[derive(Debug, Default)]
pub(super) struct Files {
    source: SourceId,
    pub answers: Answers,
    list: Vec<Option<File>>,
    /// Files that are there.
    numbers: HashMap<PathBuf, u32>,
    /// Files that are gone and remembered.
    gone: HashMap<PathBuf, u32>,
    /// What another run knew of files that were not met yet; none = nothing is remembered.
    recalled: Option<HashMap<PathBuf, Box<Record>>>,
    /// Files that say something else than what is kept of them.
    pub unkept: BTreeSet<u32>,
    /// Files that are gone and of which nothing is worth remembering.
    forgotten: Vec<Record>,
    /// A file came back whose answers others have too.
    came_back: bool,
    /// Sums that are not counted any more.
    pub void: Vec<UsageKey>,
}

/// What one round of reading found.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Files with something new, also what was recalled of them.
    pub changed: Vec<u32>,
    /// Files that are not any more as they were when they were kept.
    grown: Vec<u32>,
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
        self.come_back(&found.path);
        let number = self.list.len() as u32;
        self.numbers.insert(found.path.clone(), number);
        let recalled = self.recalled.as_mut().and_then(|recalled| recalled.remove(&found.path));
        self.list.push(Some(File::new(self.source, number, found, self.recalled.is_some(), recalled)));
        true
    }

    /// A file is there that was gone: what was remembered of it is void.
    fn come_back(&mut self, path: &Path) {
        let Some(number) = self.gone.remove(path) else { return };
        let Some(file) = self.list.get_mut(number as usize).and_then(Option::take) else { return };
        self.void.extend(file.past.iter().flat_map(|past| past.keys(&file.path)));
        if self.answers.shares(number) {
            self.came_back = true;
        } else {
            self.answers.forget_file(number);
        }
    }

    /// Files of which another run knew something.
    pub(super) fn remembering(source: SourceId, records: Vec<Record>) -> Self {
        let recalled = records.into_iter().map(|record| (record.path.clone(), Box::new(record))).collect();
        Self { source, recalled: Some(recalled), ..Self::default() }
    }

    /// Takes what is remembered of files that lay below these folders and are not there any more; their numbers.
    pub(super) fn raise_gone(&mut self, roots: &[PathBuf]) -> Vec<u32> {
        let Some(recalled) = &mut self.recalled else { return Vec::new() };
        let records: Vec<_> = std::mem::take(recalled).into_values().collect();
        let mut raised = Vec::new();
        for record in records {
            let is_here = roots.iter().any(|root| record.path.starts_with(root));
            let answer = record.path.symlink_metadata();
            if !is_here || !answer.is_err_and(|error| is_gone(&error)) {
                continue;
            }
            let number = self.list.len() as u32;
            let Some(file) = File::past(number, self.source, &record) else {
                self.forgotten.push(Record { path: record.path, ..Record::default() });
                continue;
            };
            if !record.gone {
                self.unkept.insert(number);
            }
            self.gone.insert(record.path.clone(), number);
            self.list.push(Some(file));
            raised.push(number);
        }
        raised
    }

    /// The file of a path.
    pub(super) fn number(&self, path: &Path) -> Option<u32> {
        self.numbers.get(path).copied()
    }

    /// A followed file that is there.
    pub(super) fn get(&self, number: u32) -> Option<&File> {
        self.any(number).filter(|file| file.past.is_none())
    }

    /// A file that is there, or one that is remembered.
    pub(super) fn any(&self, number: u32) -> Option<&File> {
        self.list.get(number as usize)?.as_ref()
    }

    /// A followed file that is there, to change it.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut File> {
        self.any_mut(number).filter(|file| file.past.is_none())
    }

    /// Any file, to change it.
    pub(super) fn any_mut(&mut self, number: u32) -> Option<&mut File> {
        self.list.get_mut(number as usize)?.as_mut()
    }

    /// All followed files that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &File> {
        self.list.iter().flatten().filter(|file| file.past.is_none())
    }

    /// Files that are gone and remembered.
    pub(super) fn gone(&self) -> impl Iterator<Item = &File> {
        self.gone.values().filter_map(|number| self.any(*number))
    }

    /// Numbers of all files, those that are remembered too.
    pub(super) fn all(&self) -> Vec<u32> {
        self.list.iter().flatten().map(|file| file.number).collect()
    }

    /// By number: whether it is known whose a file's answers are.
    pub(super) fn known_owners(&self) -> Vec<bool> {
        self.list.iter().map(|file| file.as_ref().is_some_and(|file| file.told.is_some())).collect()
    }

    /// How much waits to be read in these files.
    pub(super) fn waiting(&self, numbers: &[u32]) -> Vec<Waiting> {
        numbers.iter().filter_map(|number| self.any(*number)).map(File::waiting).collect()
    }

    /// Files that are there.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Something else is to be remembered of a file than what is kept.
    pub(super) fn mark_unkept(&mut self, number: u32) {
        if self.recalled.is_some() {
            self.unkept.insert(number);
        }
    }

    /// What is to be remembered of files that say something else than what is kept of them, about a megabyte of it: of all
    /// of them, or of those that are worth it.
    pub(super) fn records(&mut self, all: bool) -> (Vec<u32>, Vec<Record>) {
        let (mut numbers, mut bytes) = (Vec::new(), 0);
        let mut records = std::mem::take(&mut self.forgotten);
        for number in &self.unkept {
            let file = self.list.get_mut(*number as usize).and_then(Option::as_mut);
            let Some(file) = file.filter(|file| all || file.is_due()) else { continue };
            numbers.push(*number);
            let Some(record) = file.record() else { continue };
            bytes += record.state.len() + record.usage.len();
            records.push(record);
            if bytes > PORTION {
                break;
            }
        }
        (numbers, records)
    }

    /// Forgets everything that was read, so that the next round reads it again.
    pub(super) fn rewind(&mut self, health: &mut Health) {
        self.answers.forget_all();
        for file in self.list.iter_mut().flatten() {
            file.rewind(health);
        }
    }

    /// Reads what is new in these files.
    pub(super) fn read(&mut self, waiting: &[Waiting], progress: &mut Progress, out: &mut Sink<'_>) -> Round {
        let mut wanted = vec![None; self.list.len()];
        for file in waiting {
            if let Some(unread) = wanted.get_mut(file.number as usize) {
                *unread = Some(file.unread);
            }
        }
        let wanted = self.list.iter_mut().zip(wanted);
        let mut queue: Vec<(u64, &mut File)> =
            wanted.filter_map(|(file, unread)| Some((unread?, file.as_mut()?))).collect();
        queue.sort_by_key(|(unread, _)| *unread);
        let bytes: u64 = queue.iter().map(|(unread, _)| unread).sum();
        let desk = Desk {
            queue: Mutex::new(queue),
            answers: Mutex::new(&mut self.answers),
            round: Mutex::new((Round::default(), Vec::new())),
            done: AtomicU64::new(0),
        };
        let threads = if bytes < WORTH_A_THREAD {
            1
        } else {
            thread::available_parallelism().map_or(1, |count| count.get().min(4))
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| desk.work(&mut || ()))).collect();
            let mine = desk.work(&mut || {
                progress.add(desk.done.swap(0, Ordering::Relaxed), out);
                if out.is_closed() {
                    lock(&desk.queue).clear();
                }
            });
            add_counts(out.health, &mine);
            for other in others {
                add_counts(out.health, &other.join().unwrap_or_default());
            }
        });
        progress.add(desk.done.swap(0, Ordering::Relaxed), out);
        let (mut round, lost) = desk.round.into_inner().unwrap_or_else(PoisonError::into_inner);
        round.changed.sort_unstable();
        if self.recalled.is_some() {
            self.unkept.extend(round.grown.drain(..));
        }
        for number in lost {
            self.lose(number, &mut round, out.health);
        }
        round.anew |= std::mem::take(&mut self.came_back);
        round
    }

    fn lose(&mut self, number: u32, round: &mut Round, health: &mut Health) {
        let Some(place) = self.list.get_mut(number as usize) else { return };
        let Some(mut file) = place.take() else { return };
        self.numbers.remove(&file.found.path);
        round.lost.extend(file.session().cloned());
        let is_remembered = file.bury(health);
        if is_remembered {
            self.unkept.insert(number);
        } else if self.recalled.is_some() {
            self.forgotten.push(Record { path: file.found.path.clone(), ..Record::default() });
        }
        if self.answers.shares(number) {
            round.anew = true;
        } else if is_remembered {
            self.answers.bury_file(number);
            self.answers.rank_file(number, file.rank());
        } else {
            self.answers.forget_file(number);
        }
        if is_remembered {
            self.gone.insert(file.found.path.clone(), number);
            *place = Some(file);
        }
    }
}

fn add_counts(health: &mut Health, more: &Health) {
    health.bytes_read += more.bytes_read;
    // A thread that read a file anew took back what another had counted.
    health.lines_read = health.lines_read.wrapping_add(more.lines_read);
    health.skipped = health.skipped.wrapping_add(more.skipped);
    health.repaired = health.repaired.wrapping_add(more.repaired);
}

/// What the threads of one round share.
struct Desk<'a> {
    /// Smallest first: taken from the end.
    queue: Mutex<Vec<(u64, &'a mut File)>>,
    answers: Mutex<&'a mut Answers>,
    round: Mutex<(Round, Vec<u32>)>,
    /// Bytes that were read and not yet spoken of.
    done: AtomicU64,
}

impl Desk<'_> {
    /// Reads until nothing is left; calls after each file.
    fn work(&self, after: &mut dyn FnMut()) -> Health {
        let mut health = Health::default();
        let (mut buffer, mut candidates) = (Vec::new(), Vec::new());
        loop {
            // A statement of its own: in the loop's head the lock would be held while the file is read.
            let next = lock(&self.queue).pop();
            let Some((unread, file)) = next else { return health };
            candidates.clear();
            let known = file.is_known();
            let before = file.transcript.first_at;
            let polled = file.poll(&mut buffer, &mut health, &mut candidates);
            let mut answers = lock(&self.answers);
            let mut round = lock(&self.round);
            match polled.change {
                Ok(TailChange::Unchanged) if !polled.recalled => {}
                // Not readable right now: what it said stays.
                Err(error) if !is_gone(&error) && !polled.recalled => round.0.unreadable += 1,
                Err(error) if is_gone(&error) => round.1.push(file.number),
                change => {
                    round.0.unreadable += usize::from(change.is_err());
                    let change = change.unwrap_or(TailChange::Unchanged);
                    if change != TailChange::Unchanged {
                        round.0.grown.push(file.number);
                    }
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
            }
            drop((answers, round));
            self.done.fetch_add(unread, Ordering::Relaxed);
            after();
        }
    }
}

/// Gone, or no file any more (replaced by a link or a folder): its word is void.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory
    ) || error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
