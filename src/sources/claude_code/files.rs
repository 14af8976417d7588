//! The transcript files that are followed, on several threads, into transcripts and answers; those that are gone and whose
//! usage is remembered are among them.

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::{Path, PathBuf},
};

use foldhash::fast::RandomState;

use super::{
    answers::Answers,
    desk::{Desk, Read},
    file::File,
    progress::{Progress, Waiting},
    said, sums,
    sums::Promises,
    tree::Found,
};
use crate::{
    model::{Health, SourceId, UsageKey},
    sources::{Sink, memory::Record, read::tail::TailChange},
    text::Safe,
};

/// Bytes that are given to the memory at once.
const PORTION: usize = 1024 * 1024;

/// The followed files and the answers in them.
#[derive(Debug, Default)]
pub(super) struct Files {
    source: SourceId,
    pub answers: Answers,
    /// By number; none for files that are being read, and for numbers that are nobody's.
    list: Vec<Option<Box<File>>>,
    /// Numbers of files that are gone and of which nothing is left: the next files' ones.
    vacant: Vec<u32>,
    /// Files that are there.
    numbers: HashMap<PathBuf, u32, RandomState>,
    /// Files that are gone and remembered.
    gone: HashMap<PathBuf, u32, RandomState>,
    /// What another run knew of files that were not met yet; none = nothing is remembered.
    recalled: Option<HashMap<PathBuf, Box<Record>, RandomState>>,
    /// Files that say something else than what is kept of them.
    pub unkept: BTreeSet<u32>,
    /// Files that are gone and of which nothing is worth remembering.
    forgotten: Vec<Record>,
    /// A file came back whose answers others have too.
    came_back: bool,
    /// Sums that are not counted any more.
    pub void: Vec<UsageKey>,
    /// Sums that were told before the answers.
    pub promises: Promises,
    /// Whether sums are kept of a file is known.
    asked_for_sums: bool,
}

/// What one round of reading found.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Files with something new, also what was recalled of them.
    pub changed: Vec<u32>,
    /// Sessions of files that are gone.
    pub lost: Vec<Safe>,
    /// Files that are there and cannot be read right now.
    pub unreadable: usize,
    /// A file was told again from its beginning, or is gone.
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
        let number = self.next_number();
        self.numbers.insert(found.path.clone(), number);
        let recalled = self.recalled.as_mut().and_then(|recalled| recalled.remove(&found.path));
        if recalled.is_some() && self.asked_for_sums && !self.promises.knows(&found.path) {
            self.unkept.insert(number);
        }
        let file = File::new(self.source, number, found, self.recalled.is_some(), recalled);
        self.bring(Box::new(file));
        true
    }

    /// A number that is nobody's, with a place in the list.
    fn next_number(&mut self) -> u32 {
        self.vacant.pop().unwrap_or_else(|| {
            self.list.push(None);
            (self.list.len() - 1) as u32
        })
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
            self.unkept.remove(&number);
            self.vacant.push(number);
        }
    }

    /// Files of which another run knew something.
    pub(super) fn remembering(source: SourceId, records: Vec<Record>) -> Self {
        let mut answers = Answers::default();
        answers.reserve(records.iter().map(|record| record.usage.len()).sum::<usize>() / said::USUAL);
        let recalled = records.into_iter().map(|record| (record.path.clone(), Box::new(record))).collect();
        Self { source, answers, recalled: Some(recalled), ..Self::default() }
    }

    /// Takes sums that were told, before files are followed.
    pub(super) fn promised(mut self, promises: Option<Promises>) -> Self {
        self.asked_for_sums = promises.is_some();
        self.promises = promises.unwrap_or_default();
        self
    }

    /// The answers of these files are known.
    pub(super) fn know(&mut self, numbers: &[u32]) {
        if self.promises.is_empty() {
            return;
        }
        for number in numbers {
            if let Some(Some(file)) = self.list.get(*number as usize) {
                self.promises.know(&file.found.path);
            }
        }
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
            let number = self.next_number();
            let Some(file) = File::past(number, self.source, &record) else {
                self.vacant.push(number);
                self.forgotten.push(Record { path: record.path, ..Record::default() });
                continue;
            };
            if !record.gone || (self.asked_for_sums && !self.promises.knows(&record.path)) {
                self.unkept.insert(number);
            }
            self.gone.insert(record.path.clone(), number);
            self.bring(Box::new(file));
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
        self.list.get(number as usize)?.as_deref()
    }

    /// A followed file that is there, to change it.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut File> {
        self.any_mut(number).filter(|file| file.past.is_none())
    }

    /// Any file, to change it.
    pub(super) fn any_mut(&mut self, number: u32) -> Option<&mut File> {
        self.list.get_mut(number as usize)?.as_deref_mut()
    }

    /// All followed files that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &File> {
        self.list.iter().flatten().map(Box::as_ref).filter(|file| file.past.is_none())
    }

    /// Files that are gone and remembered.
    pub(super) fn gone(&self) -> impl Iterator<Item = &File> {
        self.gone.values().filter_map(|number| self.any(*number))
    }

    /// Numbers of all files, those that are remembered too.
    pub(super) fn all(&self) -> Vec<u32> {
        self.list.iter().flatten().map(|file| file.number).collect()
    }

    /// By number: whether a file's answers can be told: what counts of them is decided, and, if `known`, it is known whose
    /// they are.
    pub(super) fn ready(&self, known: bool, promises: &Promises) -> Vec<bool> {
        let is_ready = |file: &Option<Box<File>>| {
            file.as_ref().map_or(!known, |file| {
                (!known || file.told.is_some()) && promises.is_decided(&file.found.path)
            })
        };
        self.list.iter().map(is_ready).collect()
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

    /// Files of which something else is to be remembered than what is kept: all of them, or those that are worth it; and
    /// those that share answers with them, whose sums depend on them.
    pub(super) fn due(&self, all: bool) -> BTreeSet<u32> {
        let is_due = |number: &&u32| all || self.any(**number).is_some_and(File::is_due);
        let mut due: BTreeSet<u32> = self.unkept.iter().filter(is_due).copied().collect();
        if due.iter().any(|number| self.answers.shares(*number)) {
            for members in self.answers.companies().members().into_values() {
                if members.iter().any(|member| due.contains(member)) {
                    due.extend(members);
                }
            }
        }
        due
    }

    /// What is to be remembered of the first of these files, about a megabyte of it; the others are left. `companies` is what
    /// [`sums::companies`] answers.
    pub(super) fn records(
        &mut self,
        due: &mut BTreeSet<u32>,
        companies: &HashMap<u32, Option<u64>>,
    ) -> (Vec<u32>, Vec<Record>) {
        let (mut numbers, mut bytes) = (Vec::new(), 0);
        let mut records = std::mem::take(&mut self.forgotten);
        while let Some(number) = due.pop_first() {
            numbers.push(number);
            let packed = self.any(number).map(|file| sums::pack(self, file, companies));
            let file = self.list.get_mut(number as usize).and_then(Option::as_mut);
            let Some(mut record) = file.and_then(|file| file.record()) else { continue };
            record.sums = packed.unwrap_or_default();
            bytes += record.state.len() + record.usage.len() + record.sums.len();
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

    /// Gives files away to be read; [`Files::take`] brings them back.
    pub(super) fn lend(&mut self, portions: &[Vec<Waiting>]) -> Desk {
        let mut lent = |file: &Waiting| {
            let place = self.list.get_mut(file.number as usize);
            place.and_then(Option::take).map(|known| (file.unread, known))
        };
        Desk::new(portions.iter().map(|portion| portion.iter().filter_map(&mut lent).collect()).collect())
    }

    /// Reads what is new in these files.
    pub(super) fn read(
        &mut self,
        waiting: Vec<Waiting>,
        progress: &mut Progress,
        out: &mut Sink<'_>,
    ) -> Round {
        let desk = self.lend(&[waiting]);
        desk.with_help(|| self.take(&desk, 0, progress, out))
    }

    /// Takes in what was read of a portion.
    pub(super) fn take(
        &mut self,
        desk: &Desk,
        portion: usize,
        progress: &mut Progress,
        out: &mut Sink<'_>,
    ) -> Round {
        let (mut round, mut lost, mut buffer) = (Round::default(), Vec::new(), Vec::new());
        while let Some(read) = desk.take(portion, &mut buffer) {
            let unread = read.unread;
            add_counts(out.health, &read.health);
            self.take_one(read, &mut round, &mut lost);
            progress.add(unread, out);
            if out.is_closed() {
                self.take_back(desk);
            }
        }
        round.changed.sort_unstable();
        for number in lost {
            self.lose(number, &mut round, out.health);
        }
        round.anew |= std::mem::take(&mut self.came_back);
        if round.anew {
            // Everything will be read again: all files must be here.
            self.take_back(desk);
            for portion in portion + 1..desk.portions() {
                while let Some(read) = desk.take(portion, &mut buffer) {
                    add_counts(out.health, &read.health);
                    self.bring(read.file);
                }
            }
        }
        round
    }

    fn take_back(&mut self, desk: &Desk) {
        for file in desk.take_back() {
            self.bring(file);
        }
    }

    fn bring(&mut self, file: Box<File>) {
        if let Some(place) = self.list.get_mut(file.number as usize) {
            *place = Some(file);
        }
    }

    fn take_one(&mut self, read: Read, round: &mut Round, lost: &mut Vec<u32>) {
        let Read { file, known, before, polled, candidates, .. } = read;
        let number = file.number;
        match polled.change {
            Ok(TailChange::Unchanged) if !polled.recalled => {}
            // Not readable right now: what it said stays.
            Err(error) if !is_gone(&error) && !polled.recalled => round.unreadable += 1,
            Err(error) if is_gone(&error) => lost.push(number),
            change => {
                round.unreadable += usize::from(change.is_err());
                let change = change.unwrap_or(TailChange::Unchanged);
                if change != TailChange::Unchanged {
                    self.mark_unkept(number);
                }
                let replaced = change == TailChange::Replaced;
                let shares = self.answers.shares(number);
                round.replaced |= known && replaced;
                round.anew |= known && shares && (replaced || before != file.transcript.first_at);
                if replaced && !shares {
                    self.answers.forget_file(number);
                }
                self.answers.rank_file(number, file.rank());
                self.answers.take(number, &candidates, &file.transcript.models);
                round.changed.push(number);
            }
        }
        self.bring(file);
    }

    fn lose(&mut self, number: u32, round: &mut Round, health: &mut Health) {
        let Some(mut file) = self.list.get_mut(number as usize).and_then(Option::take) else { return };
        self.numbers.remove(&file.found.path);
        round.replaced = true;
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
            self.bring(file);
        } else {
            // Where it shared answers everything is read anew before the number is another's.
            self.unkept.remove(&number);
            self.vacant.push(number);
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

/// Gone, or no file any more (replaced by a link or a folder): its word is void.
pub(super) fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory
    ) || error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
