//! A table of things by key: dense ids that belong to a key for ever, so a selection survives every update, and usage may
//! speak of an agent before the agent itself is known.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::model::{Id, Key, SourceId};

#[derive(Debug)]
struct Slot<T> {
    key: Key,
    /// Snapshot generation in which the thing was named last.
    seen: u64,
    row: Option<Box<T>>,
}

/// Things by key and by id. A key keeps its id even while the thing is gone (a few dozen bytes), never another's.
#[derive(Debug)]
pub struct Table<T> {
    slots: Vec<Slot<T>>,
    index: HashMap<Key, Id<T>, RandomState>,
    live: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), index: HashMap::default(), live: 0 }
    }
}

impl<T: PartialEq> Table<T> {
    /// Puts a thing under its key; whether anything changed.
    pub(super) fn put(&mut self, key: &Key, row: Box<T>, seen: u64) -> bool {
        let id = self.reserve(key);
        let Some(slot) = self.slots.get_mut(id.index()) else { return false };
        slot.seen = seen;
        if slot.row.as_ref() == Some(&row) {
            return false;
        }
        self.live += usize::from(slot.row.is_none());
        slot.row = Some(row);
        true
    }
}

impl<T> Table<T> {
    /// The id of a key, given one if it is new; the thing itself may come later.
    pub(super) fn reserve(&mut self, key: &Key) -> Id<T> {
        if let Some(id) = self.index.get(key) {
            return *id;
        }
        let id = Id::new(self.slots.len() as u32);
        self.index.insert(key.clone(), id);
        self.slots.push(Slot { key: key.clone(), seen: 0, row: None });
        id
    }

    /// Removes a thing; whether it was there.
    pub(super) fn remove(&mut self, key: &Key) -> bool {
        let Some(id) = self.index.get(key) else { return false };
        let removed = self.slots.get_mut(id.index()).and_then(|slot| slot.row.take()).is_some();
        self.live -= usize::from(removed);
        removed
    }

    /// Removes the things of `source` that were not named since `generation`; whether there were any.
    pub(super) fn sweep(&mut self, source: SourceId, generation: u64) -> bool {
        let before = self.live;
        for slot in &mut self.slots {
            if slot.key.source == source && slot.seen < generation && slot.row.take().is_some() {
                self.live -= 1;
            }
        }
        self.live != before
    }

    /// The thing with this id.
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.slots.get(id.index())?.row.as_deref()
    }

    /// The key of this id.
    pub fn key(&self, id: Id<T>) -> Option<&Key> {
        self.slots.get(id.index()).map(|slot| &slot.key)
    }

    /// The id of a key of a thing that is there.
    pub fn id(&self, key: &Key) -> Option<Id<T>> {
        self.index.get(key).copied().filter(|id| self.get(*id).is_some())
    }

    /// The thing with this key.
    pub fn find(&self, key: &Key) -> Option<&T> {
        self.get(*self.index.get(key)?)
    }

    /// All things with their ids, in the order in which they were first met.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &T)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(at, slot)| Some((Id::new(at as u32), slot.row.as_deref()?)))
    }

    /// All things with keys and ids.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &Key, &T)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(at, slot)| Some((Id::new(at as u32), &slot.key, slot.row.as_deref()?)))
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Nothing there.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Upper bound of ids, for columns beside the table.
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }
}
