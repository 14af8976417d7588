//! Sums of usage that can be added to and taken from.

use crate::model::{CostKind, Tokens, Usd};

/// A sum over counted responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Responses.
    pub responses: u64,
    /// Tokens by kind.
    pub tokens: Tokens,
    /// Cost of the priced ones.
    pub cost: Usd,
    /// Entries whose cost the source recorded.
    pub recorded: u64,
    /// Entries whose cost was computed.
    pub computed: u64,
    /// Responses for which there is no price.
    pub unpriced: u64,
    /// Responses of files that are gone and that orchdash remembers.
    pub remembered: u64,
}

impl Totals {
    /// Nothing was counted.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.recorded + self.computed + self.unpriced == 0
    }

    /// Where the cost comes from.
    pub fn cost_kind(&self) -> CostKind {
        CostKind::of(self.recorded > 0, self.computed > 0)
    }

    /// The cost, or nothing when no part of it has a price.
    pub fn known_cost(&self) -> Option<Usd> {
        (self.recorded + self.computed > 0).then_some(self.cost)
    }

    /// Adds another sum.
    #[inline]
    pub fn add(&mut self, other: &Self) {
        self.responses += other.responses;
        self.tokens += other.tokens;
        self.cost += other.cost;
        self.recorded += other.recorded;
        self.computed += other.computed;
        self.unpriced += other.unpriced;
        self.remembered += other.remembered;
    }

    /// Takes another sum away; exact as long as it was added before.
    pub fn remove(&mut self, other: &Self) {
        self.responses = self.responses.saturating_sub(other.responses);
        self.tokens -= other.tokens;
        self.cost -= other.cost;
        self.recorded = self.recorded.saturating_sub(other.recorded);
        self.computed = self.computed.saturating_sub(other.computed);
        self.unpriced = self.unpriced.saturating_sub(other.unpriced);
        self.remembered = self.remembered.saturating_sub(other.remembered);
    }
}
