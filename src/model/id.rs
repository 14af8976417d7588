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

/// What we call a thing: dense, stable while it lives, so selections and references survive every update.
pub struct Id<T>(u32, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// The id of slot `index`.
    pub fn new(index: u32) -> Self {
        Self(index, PhantomData)
    }

    /// The slot.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The slot as stored in columns.
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
