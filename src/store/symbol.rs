//! Interned names: a model id is a 16-bit number in the ledger.

use std::collections::HashMap;

use crate::text::Safe;

/// A name by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(pub u16);

/// The names. Grows only: there are few models. Beyond 65,535 names everything new is [`Symbols::OTHER`].
#[derive(Debug, Default)]
pub struct Symbols {
    names: Vec<Safe>,
    index: HashMap<Safe, Symbol, foldhash::fast::RandomState>,
}

impl Symbols {
    /// The number of names that did not fit.
    pub const OTHER: Symbol = Symbol(u16::MAX);

    /// The number of a name, given one if it is new.
    pub fn intern(&mut self, name: &Safe) -> Symbol {
        if let Some(symbol) = self.index.get(name) {
            return *symbol;
        }
        if self.names.len() >= usize::from(u16::MAX) {
            return Self::OTHER;
        }
        let symbol = Symbol(self.names.len() as u16);
        self.names.push(name.clone());
        self.index.insert(name.clone(), symbol);
        symbol
    }

    /// The name of a number.
    pub fn name(&self, symbol: Symbol) -> &str {
        self.names.get(usize::from(symbol.0)).map_or("other", |name| name)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// No names yet.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
