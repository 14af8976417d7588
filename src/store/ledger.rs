//! The usage ledger: one entry a counted response, in rows of 48 bytes.
//!
//! Besides its row an entry takes 8 bytes of key and about 6 of hash table (measured by the `limits` bench). An answer can be
//! **replaced** when a larger copy of it arrives; callers get the old entry back and keep their sums exact with it.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use hashbrown::{HashTable, hash_table::Entry as Place};

use super::{Symbol, Totals};
use crate::model::{SourceId, Timestamp, Tokens, Usd};

/// Entries a chunk; the ledger grows by chunks so that growing never copies or doubles.
const CHUNK: usize = 1 << 13;
/// A time that is not known.
const NO_TIME: u32 = u32::MAX;
/// A cost that is not known.
const NO_COST: i64 = i64::MIN;
const RECORDED: u8 = 1;
const FAST: u8 = 1 << 1;
const BIG: u8 = 1 << 2;
const GONE: u8 = 1 << 3;
const COVERED: u8 = 1 << 4;
const REMEMBERED: u8 = 1 << 5;

/// No agent, task or workspace.
pub const NOBODY: u32 = u32::MAX;
const NOWHERE: u16 = u16::MAX;

/// One counted response, unpacked.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a response")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Time in Unix seconds, or none.
    pub at: Option<u32>,
    /// Tokens by kind.
    pub tokens: Tokens,
    /// Cost; none = no price.
    pub cost: Option<Usd>,
    /// The source wrote the cost.
    pub recorded: bool,
    /// Answered at the dearer speed.
    pub fast: bool,
    /// Responses it stands for.
    pub responses: u32,
    /// Agent ([`Id::raw`](crate::model::Id::raw)) or [`NOBODY`].
    pub agent: u32,
    /// Task ([`Id::raw`](crate::model::Id::raw)) or [`NOBODY`].
    pub task: u32,
    /// Model.
    pub model: Symbol,
    /// Workspace number or [`NOBODY`].
    pub workspace: u32,
    /// Source.
    pub source: SourceId,
    /// Another source that knows better counts the same: in no sum.
    pub covered: bool,
    /// Its file is gone; orchdash remembers it.
    pub remembered: bool,
}

impl Entry {
    /// The entry as a sum of one.
    #[inline]
    pub fn totals(&self) -> Totals {
        Totals {
            responses: u64::from(self.responses),
            tokens: self.tokens,
            cost: self.cost.unwrap_or_default(),
            recorded: u64::from(self.cost.is_some() && self.recorded),
            computed: u64::from(self.cost.is_some() && !self.recorded),
            unpriced: if self.cost.is_none() { u64::from(self.responses.max(1)) } else { 0 },
            remembered: if self.remembered { u64::from(self.responses) } else { 0 },
        }
    }

    /// The time.
    pub fn time(&self) -> Option<Timestamp> {
        self.at.map(|secs| Timestamp::from_secs(i64::from(secs)))
    }
}

/// Unix seconds of a time as the ledger keeps them; `None` outside 1970 to 2106.
pub fn ledger_time(at: Option<Timestamp>) -> Option<u32> {
    at.and_then(|at| u32::try_from(at.secs()).ok()).filter(|secs| *secs != NO_TIME)
}

/// An entry as it is kept. Rows, not columns: what is asked for needs most of a row, and one place in memory is met instead
/// of nine.
#[derive(Clone, Copy, Debug)]
struct Row {
    cost: i64,
    at: u32,
    tokens: [u32; 5],
    agent: u32,
    task: u32,
    model: u16,
    workspace: u16,
    source: u16,
    flags: u8,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            cost: NO_COST,
            at: NO_TIME,
            tokens: [0; 5],
            agent: NOBODY,
            task: NOBODY,
            model: 0,
            workspace: NOWHERE,
            source: 0,
            flags: GONE,
        }
    }
}

/// A growing list in chunks.
#[derive(Debug)]
struct Chunks<T>(Vec<Box<[T]>>);

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Default> Chunks<T> {
    fn get(&self, at: usize) -> T {
        self.0.get(at / CHUNK).and_then(|chunk| chunk.get(at % CHUNK)).copied().unwrap_or_default()
    }

    fn set(&mut self, at: usize, value: T) {
        while self.0.len() <= at / CHUNK {
            self.0.push(vec![T::default(); CHUNK].into_boxed_slice());
        }
        if let Some(slot) = self.get_mut(at) {
            *slot = value;
        }
    }

    fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.0.get_mut(at / CHUNK)?.get_mut(at % CHUNK)
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }
}

/// All counted responses.
#[derive(Debug, Default)]
pub struct Ledger {
    slots: usize,
    count: usize,
    rows: Chunks<Row>,
    keys: Chunks<u64>,
    index: HashTable<u32>,
    /// Figures that do not fit a row: sums over many responses.
    big: HashMap<u32, (Tokens, u32), RandomState>,
    free: Vec<u32>,
}

/// Spreads a source's key over the whole table: two sources may use the same key.
fn mix(source: SourceId, key: u64) -> u64 {
    (key ^ (u64::from(source.0) << 48)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26)
}

impl Ledger {
    /// Entries counted now.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Nothing counted.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Puts an entry under its key; the entry it replaces, if there was one.
    pub(super) fn put(&mut self, source: SourceId, key: u64, entry: &Entry) -> Option<Entry> {
        let hash = mix(source, key);
        let key_of = |slot: &u32| self.keys.get(*slot as usize);
        let slot = match self.index.entry(hash, |slot| key_of(slot) == hash, key_of) {
            Place::Occupied(place) => {
                let slot = *place.get();
                let old = self.entry(slot as usize);
                self.write(slot, hash, entry);
                return old;
            }
            Place::Vacant(place) => {
                let slot = self.free.pop().unwrap_or_else(|| {
                    self.slots += 1;
                    (self.slots - 1) as u32
                });
                place.insert(slot);
                slot
            }
        };
        self.write(slot, hash, entry);
        self.count += 1;
        None
    }

    /// Takes an entry away.
    pub(super) fn remove(&mut self, source: SourceId, key: u64) -> Option<Entry> {
        self.remove_hash(mix(source, key))
    }

    fn remove_hash(&mut self, hash: u64) -> Option<Entry> {
        let slot = self.find(hash)?;
        let old = self.entry(slot as usize);
        if let Ok(found) = self.index.find_entry(hash, |candidate| *candidate == slot) {
            found.remove();
        }
        self.rows.set(slot as usize, Row::default());
        self.big.remove(&slot);
        self.free.push(slot);
        self.count -= 1;
        old
    }

    /// Takes away the entries of a source for which `keep` says no; returns them.
    pub(super) fn retain(&mut self, source: SourceId, keep: impl Fn(u64) -> bool) -> Vec<Entry> {
        let doomed: Vec<u64> = self
            .rows
            .iter()
            .zip(self.keys.iter())
            .filter(|(row, hash)| row.flags & GONE == 0 && row.source == source.0 && !keep(**hash))
            .map(|(_, hash)| *hash)
            .collect();
        doomed.into_iter().filter_map(|hash| self.remove_hash(hash)).collect()
    }

    /// The key as [`Ledger::retain`] shows it.
    pub(super) fn hash(source: SourceId, key: u64) -> u64 {
        mix(source, key)
    }

    fn find(&self, hash: u64) -> Option<u32> {
        self.index.find(hash, |slot| self.keys.get(*slot as usize) == hash).copied()
    }

    /// Sets the computed cost of every entry anew; `None` = no price.
    pub(super) fn reprice(&mut self, price: impl Fn(&Entry) -> Option<Usd>) {
        for at in 0..self.slots {
            if let Some(entry) = self.entry(at).filter(|entry| !entry.recorded)
                && let Some(row) = self.rows.get_mut(at)
            {
                row.cost = price(&entry).map_or(NO_COST, |cost| cost.0);
            }
        }
    }

    fn write(&mut self, slot: u32, hash: u64, entry: &Entry) {
        let at = slot as usize;
        let parts = [
            entry.tokens.input,
            entry.tokens.output,
            entry.tokens.cache_read,
            entry.tokens.cache_write_5m,
            entry.tokens.cache_write_1h,
        ];
        let big = entry.responses != 1 || parts.iter().any(|count| *count > u64::from(u32::MAX));
        if big {
            self.big.insert(slot, (entry.tokens, entry.responses));
        } else {
            self.big.remove(&slot);
        }
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let row = Row {
            cost: entry.cost.map_or(NO_COST, |cost| cost.0),
            at: entry.at.unwrap_or(NO_TIME),
            tokens: parts.map(|count| count.min(u64::from(u32::MAX)) as u32),
            agent: entry.agent,
            task: entry.task,
            model: entry.model.0,
            workspace: u16::try_from(entry.workspace).unwrap_or(NOWHERE),
            source: entry.source.0,
            flags: flag(entry.recorded, RECORDED)
                | flag(entry.fast, FAST)
                | flag(big, BIG)
                | flag(entry.covered, COVERED)
                | flag(entry.remembered, REMEMBERED),
        };
        self.rows.set(at, row);
        self.keys.set(at, hash);
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        let row = self.rows.get(at);
        (row.flags & GONE == 0).then(|| self.unpacked(at, &row))
    }

    #[inline]
    fn unpacked(&self, at: usize, row: &Row) -> Entry {
        let [input, output, cache_read, cache_write_5m, cache_write_1h] = row.tokens.map(u64::from);
        let small = (Tokens { input, output, cache_read, cache_write_5m, cache_write_1h }, 1);
        let (tokens, responses) =
            if row.flags & BIG == 0 { small } else { self.big.get(&(at as u32)).copied().unwrap_or(small) };
        Entry {
            at: (row.at != NO_TIME).then_some(row.at),
            tokens,
            cost: (row.cost != NO_COST).then_some(Usd(row.cost)),
            recorded: row.flags & RECORDED != 0,
            fast: row.flags & FAST != 0,
            responses,
            agent: row.agent,
            task: row.task,
            model: Symbol(row.model),
            workspace: if row.workspace == NOWHERE { NOBODY } else { u32::from(row.workspace) },
            source: SourceId(row.source),
            covered: row.flags & COVERED != 0,
            remembered: row.flags & REMEMBERED != 0,
        }
    }

    /// Everything that was told, counted or covered, by slot.
    pub(super) fn slots(&self) -> impl Iterator<Item = (usize, Entry)> {
        (0..self.slots).filter_map(|at| Some((at, self.entry(at)?)))
    }

    /// Says whether another source counts the same.
    pub(super) fn set_covered(&mut self, slot: usize, covered: bool) {
        if let Some(row) = self.rows.get_mut(slot) {
            row.flags = if covered { row.flags | COVERED } else { row.flags & !COVERED };
        }
    }

    /// All entries that count, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = Entry> {
        self.range(None, None)
    }

    /// Entries that count in `[since, until)` (Unix seconds); entries without a time only when both ends are open.
    pub fn range(&self, since: Option<u32>, until: Option<u32>) -> impl Iterator<Item = Entry> {
        let open = since.is_none() && until.is_none();
        let counts = move |row: &Row| {
            if row.flags & (COVERED | GONE) != 0 {
                return false;
            }
            if row.at == NO_TIME {
                return open;
            }
            since.is_none_or(|since| row.at >= since) && until.is_none_or(|until| row.at < until)
        };
        let rows = self.rows.iter().enumerate().filter(move |(_, row)| counts(row));
        rows.map(|(at, row)| self.unpacked(at, row))
    }
}
