//! Every answer of a model once, over all files: which copy's figures count, and to whom the answer belongs.
//!
//! The outcome does not depend on the order in which files are read: every choice is made by a total order over the copies.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, Hasher as _},
};

use foldhash::quality::FixedState;
use hashbrown::{HashTable, hash_table::Entry as Place};

use super::company::Companies;
use crate::{
    model::{Timestamp, Tokens, UsageKey, Usd},
    text::Safe,
};

/// A time that is not known.
const NO_TIME: u32 = u32::MAX;
const NOT_SIDE: u8 = 1;
const SPEED: u8 = 1 << 1;
const FAST: u8 = 1 << 2;
/// More than one file has it.
const SHARED: u8 = 1 << 3;
const CHANGED: u8 = 1 << 4;
const BIG: u8 = 1 << 5;
const COSTED: u8 = 1 << 6;
const GONE: u8 = 1 << 7;

/// A 64-bit hash that is the same in every run.
pub(super) fn hash(kind: u8, bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(u64::from(kind)).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// What is kept of an entry's id to find the file it lies in, in six bytes each: there are many.
pub(super) fn entry_hash(id: &[u8]) -> u64 {
    hash(b'u', id) & ((1 << 48) - 1)
}

/// How strongly a line claims its answer; smaller is stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// A line of the file's own conversation.
    Own = 0,
    /// A side chain's line in an agent's own file.
    Agent = 1,
    /// A side chain's line in a session's file.
    Side = 2,
    /// A line that was copied from another session.
    Copied = 3,
    /// A line of a file that is gone: whatever is there has the better claim.
    Past = 4,
}

/// One line's word about an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub key: u64,
    pub at: Option<Timestamp>,
    pub tokens: Tokens,
    pub side: bool,
    pub claim: Claim,
    pub has_speed: bool,
    pub fast: bool,
    pub cost: Option<Usd>,
    /// Number of the model in the file's own list.
    pub model: u16,
    /// Number of the prompt in the file, from 1; 0 = before the first.
    pub turn: u32,
}

impl Candidate {
    fn rank(&self) -> (bool, u64, bool) {
        (!self.side, self.tokens.total(), self.has_speed)
    }

    /// Takes another line's word about the same answer in the same file.
    pub(super) fn join(&mut self, other: &Self) {
        let earliest = [self.at, other.at].into_iter().flatten().min();
        let (claim, turn) =
            if other.claim < self.claim { (other.claim, other.turn) } else { (self.claim, self.turn) };
        if other.rank() > self.rank() {
            *self = *other;
        }
        (self.at, self.claim, self.turn) = (earliest, claim, turn);
    }
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    key: u64,
    tokens: [u32; 5],
    at: u32,
    /// File it belongs to.
    owner: u32,
    /// File whose figures count.
    best: u32,
    turn: u32,
    model: u16,
    claim: u8,
    flags: u8,
}

/// What is known of a file when its answers are compared with others'.
#[derive(Clone, Debug, Default)]
pub(super) struct FileRank {
    /// First time in it.
    pub first_at: Option<Timestamp>,
    /// It is not there any more.
    pub gone: bool,
    /// Its session.
    pub session: Safe,
    /// Its path.
    pub path: Safe,
    /// It has answers that other files have too: without it they must be counted anew.
    pub shares: bool,
}

impl FileRank {
    fn order(&self) -> (bool, i64, &Safe, &Safe) {
        (self.gone, self.first_at.map_or(i64::MAX, |at| at.0), &self.session, &self.path)
    }
}

/// An answer as it counts now.
#[derive(Clone, Debug)]
pub(super) struct Counted<'a> {
    pub key: UsageKey,
    pub at: Option<Timestamp>,
    pub owner: u32,
    pub turn: u32,
    pub model: &'a Safe,
    pub tokens: Tokens,
    pub fast: bool,
    pub cost: Option<Usd>,
}

/// All answers.
#[derive(Debug, Default)]
pub(super) struct Answers {
    index: HashTable<u32>,
    list: Vec<Answer>,
    files: Vec<FileRank>,
    companies: Companies,
    models: Vec<Safe>,
    costs: HashMap<u64, Usd>,
    big: HashMap<u64, Tokens>,
    free: Vec<u32>,
    changed: Vec<u32>,
    gone: Vec<u64>,
}

impl Answers {
    /// Sets what is known of file `number`.
    pub(super) fn rank_file(&mut self, number: u32, rank: FileRank) {
        let at = number as usize;
        if self.files.len() <= at {
            self.files.resize_with(at + 1, FileRank::default);
        }
        if let Some(file) = self.files.get_mut(at) {
            let shares = file.shares;
            *file = rank;
            file.shares |= shares;
        }
    }

    /// Makes room for so many more at once: growing step by step copies everything again and again.
    pub(super) fn reserve(&mut self, more: usize) {
        self.list.reserve(more);
        self.changed.reserve(more);
        let list = &self.list;
        self.index.reserve(more, |slot| list.get(*slot as usize).map_or(0, |a| a.key));
    }

    /// The file has answers that others have too.
    pub(super) fn shares(&self, file: u32) -> bool {
        self.files.get(file as usize).is_some_and(|file| file.shares)
    }

    /// The files that belong together because they share answers.
    pub(super) fn companies(&self) -> &Companies {
        &self.companies
    }

    /// Takes a file's candidates; `models` are the names behind their numbers.
    pub(super) fn take(&mut self, file: u32, candidates: &[Candidate], models: &[Safe]) {
        let models: Vec<u16> = models.iter().map(|model| self.intern(model)).collect();
        for candidate in candidates {
            let model = models.get(usize::from(candidate.model)).copied().unwrap_or_default();
            self.take_one(file, candidate, model);
        }
    }

    fn intern(&mut self, model: &Safe) -> u16 {
        let at = self.models.iter().position(|known| known == model).unwrap_or_else(|| {
            self.models.push(model.clone());
            self.models.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    fn take_one(&mut self, file: u32, new: &Candidate, model: u16) {
        let list = &self.list;
        let key_of = |slot: &u32| list.get(*slot as usize).map(|answer| answer.key);
        let slot = match self.index.entry(
            new.key,
            |slot| key_of(slot) == Some(new.key),
            |slot| key_of(slot).unwrap_or_default(),
        ) {
            Place::Occupied(place) => *place.get(),
            Place::Vacant(place) => {
                let slot = self.free.pop().unwrap_or(list.len() as u32);
                place.insert(slot);
                return self.insert(slot, file, new, model);
            }
        };
        let Some(mut answer) = self.list.get(slot as usize).copied() else { return };
        let before = (answer.at, answer.owner, answer.turn);
        if answer.owner != file || answer.best != file {
            answer.flags |= SHARED;
            for number in [file, answer.owner, answer.best] {
                if let Some(rank) = self.files.get_mut(number as usize) {
                    rank.shares = true;
                }
                self.companies.join(file, number);
            }
        }
        answer.at = answer.at.min(seconds(new.at));
        if self.owns(file, new.claim, &answer) {
            (answer.owner, answer.claim, answer.turn) = (file, new.claim as u8, new.turn);
        }
        let better = self.is_better(file, new, &answer);
        if better {
            self.set_figures(&mut answer, file, new, model);
        }
        if (better || before != (answer.at, answer.owner, answer.turn)) && answer.flags & CHANGED == 0 {
            answer.flags |= CHANGED;
            self.changed.push(slot);
        }
        if let Some(place) = self.list.get_mut(slot as usize) {
            *place = answer;
        }
    }

    /// Puts a new answer into its place, the next behind the last or one that is free.
    fn insert(&mut self, slot: u32, file: u32, new: &Candidate, model: u16) {
        let mut answer = Answer {
            key: new.key,
            tokens: [0; 5],
            at: seconds(new.at),
            owner: file,
            best: file,
            turn: new.turn,
            model,
            claim: new.claim as u8,
            flags: CHANGED,
        };
        self.set_figures(&mut answer, file, new, model);
        match self.list.get_mut(slot as usize) {
            Some(place) => *place = answer,
            None => self.list.push(answer),
        }
        self.changed.push(slot);
    }

    fn set_figures(&mut self, answer: &mut Answer, file: u32, new: &Candidate, model: u16) {
        let tokens = &new.tokens;
        let parts =
            [tokens.input, tokens.output, tokens.cache_read, tokens.cache_write_5m, tokens.cache_write_1h];
        let big = parts.iter().any(|count| *count > u64::from(u32::MAX));
        if big {
            self.big.insert(new.key, new.tokens);
        }
        if let Some(cost) = new.cost {
            self.costs.insert(new.key, cost);
        }
        answer.tokens = parts.map(|count| count.min(u64::from(u32::MAX)) as u32);
        (answer.best, answer.model) = (file, model);
        answer.flags &= SHARED | CHANGED;
        for (on, flag) in [
            (!new.side, NOT_SIDE),
            (new.has_speed, SPEED),
            (new.fast, FAST),
            (big, BIG),
            (new.cost.is_some(), COSTED),
        ] {
            answer.flags |= if on { flag } else { 0 };
        }
    }

    /// Whether the line's file has the better claim to the answer.
    fn owns(&self, file: u32, claim: Claim, answer: &Answer) -> bool {
        if answer.owner == file || claim as u8 != answer.claim {
            return (claim as u8) < answer.claim;
        }
        match (self.files.get(file as usize), self.files.get(answer.owner as usize)) {
            (Some(new), Some(old)) => new.order() < old.order(),
            _ => false,
        }
    }

    /// Whether the line's figures beat those that count.
    fn is_better(&self, file: u32, new: &Candidate, answer: &Answer) -> bool {
        let old = (answer.flags & NOT_SIDE != 0, self.tokens(answer).total(), answer.flags & SPEED != 0);
        if new.rank() != old || answer.best == file {
            return new.rank() > old;
        }
        match (self.files.get(file as usize), self.files.get(answer.best as usize)) {
            (Some(new), Some(old)) => new.order() < old.order(),
            _ => false,
        }
    }

    fn tokens(&self, answer: &Answer) -> Tokens {
        if answer.flags & BIG != 0 {
            return self.big.get(&answer.key).copied().unwrap_or_default();
        }
        let [input, output, cache_read, cache_write_5m, cache_write_1h] = answer.tokens.map(u64::from);
        Tokens { input, output, cache_read, cache_write_5m, cache_write_1h }
    }

    /// Takes away the answers that belong to `file`; only for files that share none.
    pub(super) fn forget_file(&mut self, file: u32) {
        self.forget(|answer| answer.owner == file);
        if let Some(rank) = self.files.get_mut(file as usize) {
            *rank = FileRank::default();
        }
    }

    fn forget(&mut self, doomed: impl Fn(&Answer) -> bool) {
        for slot in 0..self.list.len() as u32 {
            let Some(answer) = self.list.get_mut(slot as usize) else { return };
            if answer.flags & GONE != 0 || !doomed(answer) {
                continue;
            }
            answer.flags = GONE;
            let key = answer.key;
            if let Ok(entry) = self.index.find_entry(key, |candidate| *candidate == slot) {
                entry.remove();
            }
            self.gone.push(key);
            self.free.push(slot);
        }
        self.changed.retain(|slot| self.list.get(*slot as usize).is_some_and(|a| a.flags & GONE == 0));
    }

    /// The file of these answers is gone and they are remembered: whatever is there has the better claim to them.
    pub(super) fn bury_file(&mut self, file: u32) {
        for (slot, answer) in self.list.iter_mut().enumerate() {
            if answer.owner == file && answer.flags & GONE == 0 {
                answer.claim = Claim::Past as u8;
                if answer.flags & CHANGED == 0 {
                    answer.flags |= CHANGED;
                    self.changed.push(slot as u32);
                }
            }
        }
    }

    /// To whom an answer belongs, and what counts of it.
    pub(super) fn find(&self, key: u64) -> Option<Counted<'_>> {
        let slot =
            self.index.find(key, |slot| self.list.get(*slot as usize).is_some_and(|a| a.key == key))?;
        self.counted(self.list.get(*slot as usize)?)
    }

    /// Takes away answers that count in another way from now on.
    pub(super) fn forget_keys(&mut self, keys: &HashSet<u64>) {
        self.forget(|answer| keys.contains(&answer.key));
    }

    /// Forgets everything, and remembers what was told so that it can be taken back.
    pub(super) fn forget_all(&mut self) {
        let told = self.list.iter().filter(|answer| answer.flags & GONE == 0).map(|answer| answer.key);
        let gone: Vec<u64> = self.gone.iter().copied().chain(told).collect();
        *self = Self { gone, ..Self::default() };
    }

    /// Marks the answers of `file` as changed: what they are told with is different now.
    pub(super) fn touch_file(&mut self, file: u32) {
        for (slot, answer) in self.list.iter_mut().enumerate() {
            if answer.owner == file && answer.flags & (GONE | CHANGED) == 0 {
                answer.flags |= CHANGED;
                self.changed.push(slot as u32);
            }
        }
    }

    /// Keys of answers that are gone since the last call.
    pub(super) fn take_gone(&mut self) -> Vec<UsageKey> {
        let mut gone = std::mem::take(&mut self.gone);
        let list = &self.list;
        gone.retain(|key| {
            self.index.find(*key, |slot| list.get(*slot as usize).is_some_and(|a| a.key == *key)).is_none()
        });
        gone.into_iter().map(UsageKey).collect()
    }

    /// Tells the answers that changed and were not told since, of these files; those of one file together, if `by_file`.
    pub(super) fn tell_changed(
        &mut self,
        of: &dyn Fn(u32) -> bool,
        by_file: bool,
        tell: &mut dyn FnMut(&Counted<'_>),
    ) {
        let mut changed = std::mem::take(&mut self.changed);
        if by_file {
            changed.sort_by_key(|slot| self.list.get(*slot as usize).map(|answer| answer.owner));
        }
        for slot in changed {
            if self.list.get(slot as usize).is_some_and(|answer| !of(answer.owner)) {
                self.changed.push(slot);
                continue;
            }
            if let Some(answer) = self.list.get_mut(slot as usize) {
                answer.flags &= !CHANGED;
            }
            if let Some(counted) = self.list.get(slot as usize).and_then(|answer| self.counted(answer)) {
                tell(&counted);
            }
        }
    }

    fn counted(&self, answer: &Answer) -> Option<Counted<'_>> {
        if answer.flags & GONE != 0 {
            return None;
        }
        let cost = (answer.flags & COSTED != 0).then(|| self.costs.get(&answer.key).copied()).flatten();
        Some(Counted {
            key: UsageKey(answer.key),
            at: (answer.at != NO_TIME).then(|| Timestamp::from_secs(i64::from(answer.at))),
            owner: answer.owner,
            turn: answer.turn,
            model: self.models.get(usize::from(answer.model))?,
            tokens: self.tokens(answer),
            fast: answer.flags & FAST != 0,
            cost,
        })
    }
}

fn seconds(at: Option<Timestamp>) -> u32 {
    at.and_then(|at| u32::try_from(at.secs()).ok()).unwrap_or(NO_TIME)
}

#[cfg(test)]
pub(super) mod tests;
