//! Names of things: what the orchestrator calls them ([`Key`]) and what we call them ([`Id`]).

use std::{fmt, hash::Hash, marker::PhantomData};

use crate::text::Safe;

/// One opened source; dense, given by the program in the order in which sources are opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u16);

/// What an orchestrator calls a thing: unique within its source and kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The source that speaks of it.
    pub source: SourceId,
    /// Its id there, sanitised.
    pub local: Safe,
}

impl Key {
    /// A key from an id that is already sanitised.
    pub fn new(source: SourceId, local: Safe) -> Self {
        Self { source, local }
    }
}

/// What we call a thing: stable while it lives, so selections and references survive every update, and never another thing's.
///
/// A slot of a table and how many times that slot was given to something else before: once nothing refers to a thing that is
/// gone, its slot is used again, and the ids that it had before answer nothing.
pub struct Id<T>(u32, PhantomData<fn() -> T>);

/// Bits of an id that name the slot; the others count its lives.
const SLOT_BITS: u32 = 24;

impl<T> Id<T> {
    /// So many slots there can be: one less than fit, so that no id is all ones, which stands for nobody.
    pub const SLOTS: usize = (1 << SLOT_BITS) - 1;

    /// The id of a slot, in the `life` of it that is meant.
    pub fn new(slot: usize, life: u8) -> Self {
        Self::from_raw((slot.min(Self::SLOTS) as u32) | u32::from(life) << SLOT_BITS)
    }

    /// The id that [`Id::raw`] was asked of.
    pub fn from_raw(raw: u32) -> Self {
        Self(raw, PhantomData)
    }

    /// The slot, for columns beside a table.
    pub fn index(self) -> usize {
        self.0 as usize & Self::SLOTS
    }

    /// Which life of the slot it is of.
    pub fn life(self) -> u8 {
        (self.0 >> SLOT_BITS) as u8
    }

    /// Slot and life as stored in the ledger.
    pub fn raw(self) -> u32 {
        self.0
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
