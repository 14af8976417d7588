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
    /// What is shown in its place, where that differs from what was told: joined with what others say of it.
    shown: Option<Box<T>>,
    /// The thing it is shown as part of.
    part_of: Option<Id<T>>,
}

/// Things by key and by id. A key keeps its id even while the thing is gone (a few dozen bytes), never another's.
///
/// Several sources may speak of one thing: then one of them is shown, joined with the others, and whoever asks for another
/// gets the one that is shown. [`Table::told`] answers what was told under an id itself.
#[derive(Debug)]
pub struct Table<T> {
    slots: Vec<Slot<T>>,
    index: HashMap<Key, Id<T>, RandomState>,
    /// Things that are there and shown by themselves.
    live: usize,
    /// Things that changed since somebody asked.
    touched: Vec<Id<T>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), index: HashMap::default(), live: 0, touched: Vec::new() }
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
        self.live += usize::from(slot.row.is_none() && slot.part_of.is_none());
        slot.row = Some(row);
        self.touched.push(id);
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
        self.slots.push(Slot { key: key.clone(), seen: 0, row: None, shown: None, part_of: None });
        id
    }

    /// Removes a thing; whether it was there.
    pub(super) fn remove(&mut self, key: &Key) -> bool {
        let Some(id) = self.index.get(key).copied() else { return false };
        self.clear(id)
    }

    fn clear(&mut self, id: Id<T>) -> bool {
        let Some(slot) = self.slots.get_mut(id.index()) else { return false };
        if slot.row.take().is_none() {
            return false;
        }
        slot.shown = None;
        self.live -= usize::from(slot.part_of.is_none());
        self.touched.push(id);
        true
    }

    /// Removes the things of `source` that were not named since `generation`; whether there were any.
    pub(super) fn sweep(&mut self, source: SourceId, generation: u64) -> bool {
        let mut any = false;
        for at in 0..self.slots.len() {
            let old =
                self.slots.get(at).is_some_and(|slot| slot.key.source == source && slot.seen < generation);
            any |= old && self.clear(Id::new(at as u32));
        }
        any
    }

    /// Things that changed, came or went since the last call.
    pub(super) fn take_touched(&mut self) -> Vec<Id<T>> {
        std::mem::take(&mut self.touched)
    }

    /// Says what is shown in place of what was told; whether that is news.
    pub(super) fn show(&mut self, id: Id<T>, shown: Option<Box<T>>) -> bool
    where
        T: PartialEq,
    {
        let Some(slot) = self.slots.get_mut(id.index()) else { return false };
        let shown = shown.filter(|shown| slot.row.as_ref() != Some(shown));
        let news = slot.shown != shown;
        slot.shown = shown;
        news
    }

    /// Says as part of what a thing is shown; whether that is news.
    pub(super) fn join(&mut self, id: Id<T>, part_of: Option<Id<T>>) -> bool {
        let Some(slot) = self.slots.get_mut(id.index()) else { return false };
        if slot.part_of == part_of {
            return false;
        }
        if slot.row.is_some() {
            self.live += usize::from(slot.part_of.is_some());
            self.live -= usize::from(part_of.is_some());
        }
        slot.part_of = part_of;
        true
    }

    /// The thing as part of which this one is shown: itself, as a rule.
    pub fn root(&self, id: Id<T>) -> Id<T> {
        let mut root = id;
        // A part of a part: an output of a session that an orchestrator started. Longer chains are not made.
        for _ in 0..4 {
            let Some(next) = self.slots.get(root.index()).and_then(|slot| slot.part_of) else { break };
            root = next;
        }
        root
    }

    /// The thing with this id, as it is shown.
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        let slot = self.slots.get(self.root(id).index())?;
        slot.row.as_ref()?;
        slot.shown.as_deref().or(slot.row.as_deref())
    }

    /// What was told under this id itself.
    pub fn told(&self, id: Id<T>) -> Option<&T> {
        self.slots.get(id.index())?.row.as_deref()
    }

    /// The key of this id.
    pub fn key(&self, id: Id<T>) -> Option<&Key> {
        self.slots.get(id.index()).map(|slot| &slot.key)
    }

    /// The id under which the thing of a key is shown, if it is there.
    pub fn id(&self, key: &Key) -> Option<Id<T>> {
        let id = self.told_id(key)?;
        Some(self.root(id))
    }

    /// The id of a key itself, if something was told under it.
    pub fn told_id(&self, key: &Key) -> Option<Id<T>> {
        self.index.get(key).copied().filter(|id| self.told(*id).is_some())
    }

    /// The thing with this key, as it is shown.
    pub fn find(&self, key: &Key) -> Option<&T> {
        self.get(self.id(key)?)
    }

    /// All things that are shown with their ids, in the order in which they were first met.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &T)> {
        self.entries().map(|(id, _, row)| (id, row))
    }

    /// All things that are shown with keys and ids.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &Key, &T)> {
        self.slots.iter().enumerate().filter(|(_, slot)| slot.part_of.is_none()).filter_map(|(at, slot)| {
            let row = slot.row.as_deref()?;
            Some((Id::new(at as u32), &slot.key, slot.shown.as_deref().unwrap_or(row)))
        })
    }

    /// How much one source tells of.
    pub fn told_by(&self, source: SourceId) -> usize {
        self.all_told().filter(|(_, key, _)| key.source == source).count()
    }

    /// Everything that was told, with keys and ids, whether it is shown by itself or not.
    pub fn all_told(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &Key, &T)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(at, slot)| Some((Id::new(at as u32), &slot.key, slot.row.as_deref()?)))
    }

    /// How many things are shown.
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
