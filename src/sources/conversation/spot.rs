//! A line of a file on its way to entries, and how they are told: with the line as their record, and ids of its place.

use super::ConversationSink;
use crate::{
    model::{ConversationDelta, Entry, EntryKind, Notice, RawRef, Timestamp},
    text::Safe,
};

/// One line.
#[derive(Debug)]
pub struct Spot {
    /// Its time.
    pub at: Option<Timestamp>,
    /// Where it begins in the file.
    pub offset: u64,
    /// Entries made of it so far.
    pub made: u32,
}

impl Spot {
    /// A line of which nothing was made yet.
    pub fn new(at: Option<Timestamp>, offset: u64) -> Self {
        Self { at, offset, made: 0 }
    }

    /// The file only grows, so the place of a line tells its entries apart.
    pub fn next_id(&mut self) -> Safe {
        let id = format!("{}.{}", self.offset, self.made);
        self.made += 1;
        Safe::line(&id)
    }

    /// An entry of this line that says something.
    pub fn entry(&self, kind: EntryKind, said: &str) -> Entry {
        Entry::said(Safe::default(), self.at, kind, said)
    }
}

/// Tells entries made of the lines of one file.
pub trait Voice {
    /// The file.
    fn path(&self) -> &Safe;

    /// Tells an entry that is finished.
    fn tell(&mut self, entry: Entry, out: &mut ConversationSink<'_>) {
        out.push(ConversationDelta::Put(Box::new(entry)));
    }

    /// Tells an entry made of a line; answers its id.
    fn put(&mut self, spot: &mut Spot, entry: Entry, out: &mut ConversationSink<'_>) -> Safe {
        let id = spot.next_id();
        self.put_as(id.clone(), spot, entry, out);
        id
    }

    /// Tells it under an id.
    fn put_as(&mut self, id: Safe, spot: &Spot, mut entry: Entry, out: &mut ConversationSink<'_>) {
        entry.id = id;
        entry.raw = Some(self.raw(spot));
        self.tell(entry, out);
    }

    /// The line as a record.
    fn raw(&self, spot: &Spot) -> RawRef {
        RawRef::Line { path: self.path().clone(), offset: spot.offset }
    }

    /// Tells a notice that says something.
    fn notice(&mut self, spot: &mut Spot, notice: Notice, said: &str, out: &mut ConversationSink<'_>) {
        if !said.trim().is_empty() {
            let entry = spot.entry(EntryKind::Notice(notice), said);
            self.put(spot, entry, out);
        }
    }
}
