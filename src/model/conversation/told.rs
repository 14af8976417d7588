//! A conversation as far as it was told: the entries in order, bounded in memory.
//!
//! A function of the deltas in their order: told step by step or at once, it is the same.

use std::collections::{HashMap, VecDeque};

use super::{CallResult, ConversationDelta, Entry, ResponseUsage};
use crate::{model::Tokens, text::Safe};

/// Entries that are kept; older ones are dropped and counted.
pub const MAX_ENTRIES: usize = 200_000;
/// Bytes of texts that are kept in all; beyond that the oldest are shortened and counted.
pub const MAX_KEPT: usize = 96 * 1024 * 1024;
/// Bytes that stay of a text that is shortened.
const SHORT: usize = 512;

/// An entry and how often it changed since it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The entry.
    pub entry: Entry,
    /// Grows with every change of the entry.
    pub version: u32,
    /// It is not there any more.
    gone: bool,
}

/// Everything that was told of a conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    rows: VecDeque<Row>,
    /// Entries that are kept; none = [`MAX_ENTRIES`].
    most: Option<usize>,
    /// Number of the first row that is kept; numbers are for ever.
    first: usize,
    by_id: HashMap<Safe, usize>,
    by_call: HashMap<Safe, usize>,
    /// Bytes of the texts that are kept.
    kept: usize,
    /// Entries before this number were shortened.
    shortened_to: usize,
    shortened: u64,
    skipped: u64,
    gone: usize,
    /// The responses in order of their first entry, and the number of that entry.
    responses: Vec<(usize, ResponseUsage)>,
    by_response: HashMap<Safe, usize>,
}

impl Conversation {
    /// One of which only the newest entries are kept.
    pub fn newest(most: usize) -> Self {
        Self { most: Some(most), ..Self::default() }
    }

    /// Takes a piece of news. Answers the number of the entry it is about, if one.
    pub fn apply(&mut self, delta: ConversationDelta) -> Option<usize> {
        match delta {
            ConversationDelta::Restart => {
                *self = Self { most: self.most, ..Self::default() };
                None
            }
            ConversationDelta::Put(entry) => Some(self.put(*entry)),
            ConversationDelta::Result { call, result } => self.answer(&call, *result),
            ConversationDelta::Usage { entry, usage } => self.counted(&entry, *usage),
            ConversationDelta::Gone(id) => self.lose(&id),
            ConversationDelta::Skipped(count) => {
                self.skipped = count;
                None
            }
        }
    }

    fn put(&mut self, entry: Entry) -> usize {
        self.count(&entry);
        if let Some(number) = self.by_id.get(&entry.id).copied() {
            if let Some(call) = &entry.call {
                self.by_call.insert(call.id.clone(), number);
            }
            self.change(number, |old| *old = entry);
            return number;
        }
        let number = self.end();
        self.by_id.insert(entry.id.clone(), number);
        if let Some(call) = &entry.call {
            self.by_call.insert(call.id.clone(), number);
        }
        self.kept += entry.bytes();
        self.rows.push_back(Row { entry, version: 0, gone: false });
        self.bound();
        number
    }

    /// Counts a response once, at its largest.
    fn count(&mut self, entry: &Entry) {
        let Some(usage) = &entry.usage else { return };
        let at = *self.by_response.entry(usage.response.clone()).or_insert_with(|| {
            self.responses.push((self.first + self.rows.len(), usage.clone()));
            self.responses.len() - 1
        });
        if let Some((_, known)) = self.responses.get_mut(at)
            && usage.tokens.total() > known.tokens.total()
        {
            *known = usage.clone();
        }
    }

    /// A response that was counted after its entries were told.
    fn counted(&mut self, entry: &Safe, usage: ResponseUsage) -> Option<usize> {
        let number = self.by_id.get(entry).copied()?;
        let known = self.by_response.get(&usage.response).and_then(|at| self.responses.get_mut(*at));
        if let Some((_, known)) = known {
            known.clone_from(&usage);
        } else {
            self.by_response.insert(usage.response.clone(), self.responses.len());
            self.responses.push((number, usage.clone()));
        }
        self.change(number, |entry| entry.usage = Some(usage));
        Some(number)
    }

    fn answer(&mut self, call: &Safe, result: CallResult) -> Option<usize> {
        let number = self.by_call.get(call).copied()?;
        self.change(number, |entry| {
            if let Some(call) = &mut entry.call {
                call.result = Some(result);
            }
        });
        Some(number)
    }

    fn change(&mut self, number: usize, change: impl FnOnce(&mut Entry)) {
        let is_short = number < self.shortened_to;
        let Some(row) = number.checked_sub(self.first).and_then(|at| self.rows.get_mut(at)) else { return };
        let before = row.entry.bytes();
        change(&mut row.entry);
        row.version += 1;
        if is_short && row.entry.shorten(SHORT) > 0 {
            self.shortened += 1;
        }
        self.kept = self.kept + row.entry.bytes() - before;
        self.bound();
    }

    /// An entry that is gone leaves its number behind: no other moves.
    fn lose(&mut self, id: &Safe) -> Option<usize> {
        let number = self.by_id.remove(id)?;
        self.change(number, |entry| *entry = Entry::said(entry.id.clone(), None, entry.kind, ""));
        if let Some(row) = number.checked_sub(self.first).and_then(|at| self.rows.get_mut(at)) {
            row.gone = true;
            self.gone += 1;
        }
        Some(number)
    }

    fn bound(&mut self) {
        while self.rows.len() > self.most.unwrap_or(MAX_ENTRIES) {
            let Some(row) = self.rows.pop_front() else { break };
            self.kept -= row.entry.bytes();
            if row.gone {
                self.gone -= 1;
            } else {
                self.by_id.remove(&row.entry.id);
            }
            if let Some(call) = &row.entry.call {
                self.by_call.remove(&call.id);
            }
            self.first += 1;
        }
        self.shortened_to = self.shortened_to.max(self.first);
        // The newest entry stays whole, whatever it is.
        while self.kept > MAX_KEPT && self.shortened_to + 1 < self.end() {
            if let Some(row) = self.rows.get_mut(self.shortened_to - self.first) {
                let saved = row.entry.shorten(SHORT);
                if saved > 0 {
                    self.kept -= saved;
                    self.shortened += 1;
                    row.version += 1;
                }
            }
            self.shortened_to += 1;
        }
    }
}

impl Conversation {
    /// The number of the first entry that is kept: so many older ones were dropped.
    pub fn first(&self) -> usize {
        self.first
    }

    /// The number after the last entry.
    pub fn end(&self) -> usize {
        self.first + self.rows.len()
    }

    /// Entries that are there.
    pub fn len(&self) -> usize {
        self.rows.len() - self.gone
    }

    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry with this number, if it is there.
    pub fn get(&self, number: usize) -> Option<&Row> {
        self.rows.get(number.checked_sub(self.first)?).filter(|row| !row.gone)
    }

    /// All entries that are there, with their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &Entry)> {
        let numbered = self.rows.iter().enumerate().filter(|(_, row)| !row.gone);
        numbered.map(|(at, row)| (self.first + at, &row.entry))
    }

    /// The responses of the model, each once at its largest, in order, with the number of their first entry.
    pub fn responses(&self) -> &[(usize, ResponseUsage)] {
        &self.responses
    }

    /// Tokens of all responses that were not counted elsewhere.
    pub fn tokens(&self) -> Tokens {
        let own = self.responses.iter().filter(|(_, usage)| !usage.copied);
        own.fold(Tokens::default(), |sum, (_, usage)| sum + usage.tokens)
    }

    /// Entries whose texts were shortened because there are too many.
    pub fn shortened(&self) -> u64 {
        self.shortened
    }

    /// Records that could not be read.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}
