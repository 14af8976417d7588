//! A table of things by key: ids that belong to a key for as long as anything refers to it, so a selection survives every
//! update, and usage may speak of an agent before the agent itself is known.
//!
//! What is gone keeps key and id while something is *held* by it (an entry of the ledger, a link), and for a while after
//! that: it waits in *limbo*, so that a thing that comes back is the one that was selected. Then its slot is given to
//! another thing, under another id ([`Id::life`]), so that what remains of things that came and went does not grow.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use crate::model::{Id, Key, SourceId};

#[derive(Debug)]
struct Slot<T> {
    /// None where the slot waits for a new life.
    key: Option<Key>,
    /// Snapshot generation in which the thing was named last.
    seen: u64,
    row: Option<Box<T>>,
    /// What is shown in its place, where that differs from what was told: joined with what others say of it.
    shown: Option<Box<T>>,
    /// The thing it is shown as part of.
    part_of: Option<Id<T>>,
    /// How many entries of the ledger name it.
    entries: u32,
    /// How many links refer to it.
    holds: u32,
    /// How often it stands in limbo: it may come back and go again meanwhile, and the last time counts.
    waits: u32,
    life: u8,
}

impl<T> Slot<T> {
    fn new(key: Key, life: u8) -> Self {
        Self {
            key: Some(key),
            seen: 0,
            row: None,
            shown: None,
            part_of: None,
            entries: 0,
            holds: 0,
            waits: 0,
            life,
        }
    }

    /// Nothing is there, and nothing refers to it.
    fn is_idle(&self) -> bool {
        self.row.is_none() && self.holds == 0 && self.entries == 0
    }
}

/// Things by key and by id. A key keeps its id while the thing is gone for as long as anything refers to it, and longer:
/// until so many others went after it. An id never becomes another key's: once it is given up, it answers nothing.
///
/// At most [`Id::SLOTS`] things are kept at once; what comes beyond is not.
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
    /// Things to which nothing referred when they were put here, oldest first.
    limbo: VecDeque<Id<T>>,
    /// Slots that wait for a new life.
    free: Vec<u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            index: HashMap::default(),
            live: 0,
            touched: Vec::new(),
            limbo: VecDeque::new(),
            free: Vec::new(),
        }
    }
}

impl<T: PartialEq> Table<T> {
    /// Puts a thing under its key; whether anything changed.
    pub(super) fn put(&mut self, key: &Key, row: Box<T>, seen: u64) -> bool {
        let id = self.id_of(key);
        let Some(slot) = self.slot_mut(id) else { return false };
        slot.seen = seen;
        if slot.row.as_ref() == Some(&row) {
            return false;
        }
        let comes = slot.row.is_none() && slot.part_of.is_none();
        slot.row = Some(row);
        self.live += usize::from(comes);
        self.touched.push(id);
        true
    }
}

impl<T> Table<T> {
    fn slot(&self, id: Id<T>) -> Option<&Slot<T>> {
        self.slots.get(id.index()).filter(|slot| slot.life == id.life())
    }

    fn slot_mut(&mut self, id: Id<T>) -> Option<&mut Slot<T>> {
        self.slots.get_mut(id.index()).filter(|slot| slot.life == id.life())
    }

    /// The id of a key, given one if it is new. Who asks puts something there or holds it, or it stays for ever.
    fn id_of(&mut self, key: &Key) -> Id<T> {
        if let Some(id) = self.index.get(key) {
            return *id;
        }
        let free = self.free.pop().map(|at| at as usize);
        let life = free.and_then(|at| self.slots.get(at)).map_or(0, |slot| slot.life);
        let id = Id::new(free.unwrap_or(self.slots.len()), life);
        let slot = Slot::new(key.clone(), life);
        match self.slots.get_mut(id.index()) {
            Some(old) => *old = slot,
            None if id.index() < Id::<T>::SLOTS => self.slots.push(slot),
            None => return Id::from_raw(u32::MAX),
        }
        self.index.insert(key.clone(), id);
        id
    }

    /// The id of a key, given one if it is new; the thing itself may come later. It is the key's until others had time to
    /// come and go, or longer if it is held.
    pub(super) fn reserve(&mut self, key: &Key) -> Id<T> {
        let id = self.id_of(key);
        if self.slot(id).is_some_and(|slot| slot.waits == 0) {
            self.wait(id);
        }
        id
    }

    /// An entry of the ledger names a thing, whose id stays for so long; whether it is the first.
    pub(super) fn cite(&mut self, id: Id<T>) -> bool {
        let Some(slot) = self.slot_mut(id) else { return false };
        slot.entries = slot.entries.saturating_add(1);
        slot.entries == 1
    }

    /// An entry of the ledger that named a thing is gone; whether it was the last.
    pub(super) fn uncite(&mut self, id: Id<T>) -> bool {
        let Some(slot) = self.slot_mut(id) else { return false };
        slot.entries = slot.entries.saturating_sub(1);
        let was_last = slot.entries == 0;
        self.wait(id);
        was_last
    }

    /// Entries of the ledger name it, counted or covered.
    pub(super) fn is_cited(&self, id: Id<T>) -> bool {
        self.slot(id).is_some_and(|slot| slot.entries > 0)
    }

    /// Something refers to a thing: its id stays, also while it is gone.
    pub(super) fn hold(&mut self, id: Id<T>) {
        if let Some(slot) = self.slot_mut(id) {
            slot.holds = slot.holds.saturating_add(1);
        }
    }

    /// Something that referred to a thing does no more.
    pub(super) fn release(&mut self, id: Id<T>) {
        if let Some(slot) = self.slot_mut(id) {
            slot.holds = slot.holds.saturating_sub(1);
            self.wait(id);
        }
    }

    /// Puts a thing into limbo if nothing is there and nothing refers to it.
    fn wait(&mut self, id: Id<T>) {
        let Some(slot) = self.slot_mut(id).filter(|slot| slot.is_idle()) else { return };
        slot.waits += 1;
        self.limbo.push_back(id);
    }

    /// Gives up the ids of things that are gone, to which nothing refers, and after which more than `limbo` others went; tells
    /// them.
    pub(super) fn tidy(&mut self, limbo: usize, mut given_up: impl FnMut(Id<T>)) {
        while self.limbo.len() > limbo
            && let Some(id) = self.limbo.pop_front()
        {
            let Some(slot) = self.slot_mut(id) else { continue };
            slot.waits -= 1;
            if slot.waits > 0 || !slot.is_idle() {
                continue;
            }
            let key = slot.key.take();
            // The slot of a last life rests: its first ids would seem to be of what came then.
            let next = slot.life.checked_add(1);
            if let Some(life) = next {
                slot.life = life;
                self.free.push(id.index() as u32);
            }
            if let Some(key) = key {
                self.index.remove(&key);
            }
            given_up(id);
        }
    }

    /// Removes a thing; whether it was there.
    pub(super) fn remove(&mut self, key: &Key) -> bool {
        let Some(id) = self.index.get(key).copied() else { return false };
        self.clear(id)
    }

    fn clear(&mut self, id: Id<T>) -> bool {
        let Some(slot) = self.slot_mut(id) else { return false };
        if slot.row.take().is_none() {
            return false;
        }
        slot.shown = None;
        let was_shown = slot.part_of.is_none();
        self.live -= usize::from(was_shown);
        self.touched.push(id);
        self.wait(id);
        true
    }

    /// Removes the things of `source` that were not named since `generation`; whether there were any.
    pub(super) fn sweep(&mut self, source: SourceId, generation: u64) -> bool {
        let is_old = |slot: &Slot<T>| {
            slot.row.is_some()
                && slot.seen < generation
                && slot.key.as_ref().is_some_and(|key| key.source == source)
        };
        let mut any = false;
        for at in 0..self.slots.len() {
            let old = self.slots.get(at).filter(|slot| is_old(slot)).map(|slot| Id::new(at, slot.life));
            any |= old.is_some_and(|id| self.clear(id));
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
        let Some(slot) = self.slot_mut(id) else { return false };
        let shown = shown.filter(|shown| slot.row.as_ref() != Some(shown));
        let news = slot.shown != shown;
        slot.shown = shown;
        news
    }

    /// Says as part of what a thing is shown; whether that is news.
    pub(super) fn join(&mut self, id: Id<T>, part_of: Option<Id<T>>) -> bool {
        let Some(slot) = self.slot_mut(id) else { return false };
        let before = std::mem::replace(&mut slot.part_of, part_of);
        if before == part_of {
            return false;
        }
        if slot.row.is_some() {
            self.live += usize::from(before.is_some());
            self.live -= usize::from(part_of.is_some());
        }
        if let Some(whole) = part_of {
            self.hold(whole);
        }
        if let Some(whole) = before {
            self.release(whole);
        }
        true
    }

    /// The thing as part of which this one is shown: itself, as a rule.
    pub fn root(&self, id: Id<T>) -> Id<T> {
        let mut root = id;
        // A part of a part: an output of a session that an orchestrator started. Longer chains are not made.
        for _ in 0..4 {
            let Some(next) = self.slot(root).and_then(|slot| slot.part_of) else { break };
            root = next;
        }
        root
    }

    /// The thing with this id, as it is shown.
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        let slot = self.slot(self.root(id))?;
        slot.row.as_ref()?;
        slot.shown.as_deref().or(slot.row.as_deref())
    }

    /// What was told under this id itself.
    pub fn told(&self, id: Id<T>) -> Option<&T> {
        self.slot(id)?.row.as_deref()
    }

    /// The key of this id, also while nothing is there.
    pub fn key(&self, id: Id<T>) -> Option<&Key> {
        self.slot(id)?.key.as_ref()
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

    /// All things that are shown with their ids, by slot.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &T)> {
        self.entries().map(|(id, _, row)| (id, row))
    }

    /// All things that are shown with keys and ids.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (Id<T>, &Key, &T)> {
        self.slots.iter().enumerate().filter(|(_, slot)| slot.part_of.is_none()).filter_map(|(at, slot)| {
            let row = slot.row.as_deref()?;
            Some((Id::new(at, slot.life), slot.key.as_ref()?, slot.shown.as_deref().unwrap_or(row)))
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
            .filter_map(|(at, slot)| Some((Id::new(at, slot.life), slot.key.as_ref()?, slot.row.as_deref()?)))
    }

    /// How many things are shown.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Nothing there.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// How many slots there are, for columns beside the table: [`Id::index`] is below it.
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }

    /// The id that is of a slot now, whether anything is there or not.
    pub fn at(&self, slot: usize) -> Option<Id<T>> {
        self.slots.get(slot).map(|known| Id::new(slot, known.life))
    }

    /// The id that every slot has now, in their order.
    pub fn ids(&self) -> impl Iterator<Item = Id<T>> {
        self.slots.iter().enumerate().map(|(at, slot)| Id::new(at, slot.life))
    }
}
